#include "controller/base/mem.h"
#include "fakeapi/sveltos/cluster_selector.h"
#include "fakeapi/sveltos/profile.h"

struct ranked {
    uint64_t rank;
    char *key;
    struct json *reference;
};

void reference_set_init(struct reference_set *set, const struct json *references)
{
    map_init(&set->keys);
    JSON_EACH(reference, references)
        reference_set_add(set, reference);
}

void reference_set_release(struct reference_set *set)
{
    map_release(&set->keys);
}

void reference_set_add(struct reference_set *set, const struct json *reference)
{
    char *key CLEANUP(mem_free_pointer) = cluster_reference_key(reference);
    map_put(&set->keys, str_from(key), set);
}

bool reference_set_has(const struct reference_set *set, const struct json *reference)
{
    char *key CLEANUP(mem_free_pointer) = cluster_reference_key(reference);
    return map_get(&set->keys, str_from(key)) != NULL;
}

static void collect_of_kind(const struct json *selector, const struct informer *clusters,
                            struct json *references)
{
    MAP_EACH(entry, &clusters->objects) {
        const struct json *cluster = map_entry_value(entry);
        if (object_is_deleting(cluster) || !cluster_is_ready(cluster) ||
            !cluster_selector_matches(selector, json_at(cluster, "metadata.labels")))
            continue;
        json_append(references, cluster_reference(clusters->config.kind, object_namespace(cluster),
                                                  object_name(cluster)));
    }
}

static void collect_selected(const struct profile_pass *pass, struct json *references)
{
    const struct json *selector = json_get(pass->spec, "clusterSelector");
    collect_of_kind(selector, &pass->addon->capi_clusters, references);
    collect_of_kind(selector, &pass->addon->clusters, references);
}

/* clusterRefs count as they are written, whether the cluster exists or not. */
static void collect_named(const struct profile_pass *pass, struct json *references)
{
    struct reference_set selected;
    reference_set_init(&selected, references);
    JSON_EACH(reference, json_get(pass->spec, "clusterRefs")) {
        if (!reference_set_has(&selected, reference))
            json_append(references, json_clone(reference));
        reference_set_add(&selected, reference);
    }
    reference_set_release(&selected);
}

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *ranked_a = a;
    const struct ranked *ranked_b = b;
    if (ranked_a->rank != ranked_b->rank)
        return ranked_a->rank < ranked_b->rank ? -1 : 1;
    return strcmp(ranked_a->key, ranked_b->key);
}

static struct ranked rank_of(const struct profile_pass *pass, struct json *reference)
{
    struct site site = {
        .profile = object_name(pass->profile),
        .cluster_namespace = json_text_at(reference, "namespace"),
        .cluster = json_text_at(reference, "name"),
        .cluster_type = str_from(cluster_type(json_text_at(reference, "kind"))),
    };
    return (struct ranked){
        .rank = weather_rank(pass->addon->weather, &site, object_generation(pass->profile)),
        .key = cluster_reference_key(reference),
        .reference = reference,
    };
}

static void shuffle(const struct profile_pass *pass, struct json *references)
{
    size_t count = json_count(references);
    struct ranked *ranked = mem_alloc_array(count, sizeof(*ranked));
    for (size_t i = 0; i < count; i++)
        ranked[i] = rank_of(pass, json_detach(references, json_first(references)));
    qsort(ranked, count, sizeof(*ranked), compare_ranked);
    for (size_t i = 0; i < count; i++) {
        json_append(references, ranked[i].reference);
        mem_free(ranked[i].key);
    }
    mem_free(ranked);
}

bool matching_clusters(const struct profile_pass *pass, struct json **ret_references)
{
    if (!cluster_selector_is_valid(json_get(pass->spec, "clusterSelector")))
        return false;
    struct json *references = json_array();
    collect_selected(pass, references);
    collect_named(pass, references);
    shuffle(pass, references);
    *ret_references = references;
    return true;
}

static bool names_cluster(const struct json *references, const struct json *cluster)
{
    JSON_EACH(reference, references) {
        if (str_equal(json_string_of(json_get(reference, "name")), object_name(cluster)) &&
            str_equal(json_string_of(json_get(reference, "namespace")),
                      object_namespace(cluster)) &&
            str_equal(json_string_of(json_get(reference, "kind")), json_text_at(cluster, "kind")))
            return true;
    }
    return false;
}

bool matching_concerns(const struct json *profile, const struct json *cluster)
{
    const struct json *selector = json_at(profile, "spec.clusterSelector");
    return names_cluster(json_at(profile, "status.matchingClusters"), cluster) ||
           names_cluster(json_at(profile, "spec.clusterRefs"), cluster) ||
           (cluster_selector_is_valid(selector) &&
            cluster_selector_matches(selector, json_at(cluster, "metadata.labels")));
}
