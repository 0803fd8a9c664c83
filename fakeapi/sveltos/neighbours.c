#include "fakeapi/sveltos/neighbours.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/addon.h"

static const struct map nobody = {NULL};

void neighbours_init(struct neighbours *neighbours)
{
    map_init(&neighbours->clusters);
}

static void cluster_free(struct map *summaries)
{
    if (summaries == NULL)
        return;
    map_release(summaries);
    mem_free(summaries);
}

void neighbours_clear(struct neighbours *neighbours)
{
    MAP_EACH(entry, &neighbours->clusters)
        cluster_free(map_entry_value(entry));
    map_release(&neighbours->clusters);
    map_init(&neighbours->clusters);
}

struct site summary_site(const struct json *summary)
{
    return (struct site){
        .profile = object_label(summary, LABEL_PROFILE_NAME),
        .cluster_namespace = json_text_at(summary, "spec.clusterNamespace"),
        .cluster = json_text_at(summary, "spec.clusterName"),
        .cluster_type = json_text_at(summary, "spec.clusterType"),
    };
}

static char *cluster_key(const struct site *site)
{
    return str_format("%.*s/%.*s/%.*s", STR_ARGS(site->cluster_type),
                      STR_ARGS(site->cluster_namespace), STR_ARGS(site->cluster));
}

void neighbours_add(struct neighbours *neighbours, const struct json *summary)
{
    struct site site = summary_site(summary);
    char *cluster CLEANUP(mem_free_pointer) = cluster_key(&site);
    char *key CLEANUP(mem_free_pointer) = object_key(summary);
    struct map *summaries = map_get(&neighbours->clusters, str_from(cluster));
    if (summaries == NULL) {
        summaries = mem_alloc(sizeof(*summaries));
        map_init(summaries);
        map_put(&neighbours->clusters, str_from(cluster), summaries);
    }
    map_put(summaries, str_from(key), neighbours);
}

void neighbours_remove(struct neighbours *neighbours, const struct json *summary)
{
    struct site site = summary_site(summary);
    char *cluster CLEANUP(mem_free_pointer) = cluster_key(&site);
    char *key CLEANUP(mem_free_pointer) = object_key(summary);
    struct map *summaries = map_get(&neighbours->clusters, str_from(cluster));
    if (summaries == NULL)
        return;
    map_remove(summaries, str_from(key));
    if (map_next(summaries, NULL) == NULL)
        cluster_free(map_remove(&neighbours->clusters, str_from(cluster)));
}

const struct map *neighbours_of(const struct addon *addon, const struct site *site)
{
    char *cluster CLEANUP(mem_free_pointer) = cluster_key(site);
    const struct map *summaries = map_get(&addon->neighbours.clusters, str_from(cluster));
    return summaries != NULL ? summaries : &nobody;
}

const struct json *neighbour_at(const struct addon *addon, const struct site *site,
                                const struct map_entry *entry)
{
    const struct json *summary = informer_get_key(&addon->summaries, map_entry_key(entry));
    if (summary == NULL || str_equal(object_label(summary, LABEL_PROFILE_NAME), site->profile))
        return NULL;
    return summary;
}

const struct json *neighbour_of_profile(const struct addon *addon, const struct site *site,
                                        struct str profile)
{
    MAP_EACH(entry, neighbours_of(addon, site)) {
        const struct json *summary = neighbour_at(addon, site, entry);
        if (summary != NULL && str_equal(object_label(summary, LABEL_PROFILE_NAME), profile))
            return summary;
    }
    return NULL;
}
