#include "controller/base/mem.h"
#include "fakeapi/sveltos/cluster_selector.h"
#include "fakeapi/sveltos/profile.h"

struct ranked {
    uint64_t rank;
    char *key;
    struct json *reference;
};

struct json *cluster_reference(struct str name_space, struct str name)
{
    struct json *reference = json_object();
    json_set(reference, "kind", json_text(kind_sveltos_cluster.name));
    json_set(reference, "namespace", json_string(name_space));
    json_set(reference, "name", json_string(name));
    json_set(reference, "apiVersion", json_text(kind_sveltos_cluster.api_version));
    return reference;
}

bool cluster_reference_equal(const struct json *a, const struct json *b)
{
    return str_equal(json_text_at(a, "kind"), json_text_at(b, "kind")) &&
           str_equal(json_text_at(a, "namespace"), json_text_at(b, "namespace")) &&
           str_equal(json_text_at(a, "name"), json_text_at(b, "name"));
}

struct json *cluster_reference_find(const struct json *references, const struct json *reference)
{
    JSON_EACH(item, references) {
        if (cluster_reference_equal(item, reference))
            return item;
    }
    return NULL;
}

static void collect_selected(const struct profile_pass *pass, struct json *references)
{
    const struct json *selector = json_get(pass->spec, "clusterSelector");
    MAP_EACH(entry, &pass->addon->clusters.objects) {
        const struct json *cluster = map_entry_value(entry);
        if (object_is_deleting(cluster) || !cluster_is_ready(cluster) ||
            !cluster_selector_matches(selector, json_at(cluster, "metadata.labels")))
            continue;
        json_append(references, cluster_reference(object_namespace(cluster), object_name(cluster)));
    }
}

/* clusterRefs count as they are written, whether the cluster exists or not. */
static void collect_named(const struct profile_pass *pass, struct json *references)
{
    JSON_EACH(reference, json_get(pass->spec, "clusterRefs")) {
        if (cluster_reference_find(references, reference) == NULL)
            json_append(references, json_clone(reference));
    }
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
    };
    return (struct ranked){
        .rank = weather_rank(pass->addon->weather, &site, object_generation(pass->profile)),
        .key = object_key_of(site.cluster_namespace, site.cluster),
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

bool matching_concerns(const struct json *profile, const struct json *cluster)
{
    const struct json *selector = json_at(profile, "spec.clusterSelector");
    struct json *reference = cluster_reference(object_namespace(cluster), object_name(cluster));
    bool concerned =
        cluster_reference_find(json_at(profile, "status.matchingClusters"), reference) != NULL ||
        cluster_reference_find(json_at(profile, "spec.clusterRefs"), reference) != NULL ||
        (cluster_selector_is_valid(selector) &&
         cluster_selector_matches(selector, json_at(cluster, "metadata.labels")));
    json_free(reference);
    return concerned;
}
