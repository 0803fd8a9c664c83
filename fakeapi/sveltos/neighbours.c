#include "fakeapi/sveltos/neighbours.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/addon.h"

void neighbours_init(struct neighbours *neighbours)
{
    groups_init(&neighbours->clusters);
}

void neighbours_clear(struct neighbours *neighbours)
{
    groups_release(&neighbours->clusters);
    groups_init(&neighbours->clusters);
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

void neighbours_add(struct neighbours *neighbours, const struct json *summary)
{
    struct site site = summary_site(summary);
    char *cluster CLEANUP(mem_free_pointer) = site_cluster_key(&site);
    char *key CLEANUP(mem_free_pointer) = object_key(summary);
    groups_add(&neighbours->clusters, str_from(cluster), str_from(key), neighbours);
}

void neighbours_remove(struct neighbours *neighbours, const struct json *summary)
{
    struct site site = summary_site(summary);
    char *cluster CLEANUP(mem_free_pointer) = site_cluster_key(&site);
    char *key CLEANUP(mem_free_pointer) = object_key(summary);
    groups_remove(&neighbours->clusters, str_from(cluster), str_from(key));
}

const struct map *neighbours_of(const struct addon *addon, const struct site *site)
{
    char *cluster CLEANUP(mem_free_pointer) = site_cluster_key(site);
    return groups_of(&addon->neighbours.clusters, str_from(cluster));
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
