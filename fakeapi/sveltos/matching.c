#include "fakeapi/sveltos/matching.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/cluster_selector.h"
#include "fakeapi/sveltos/dependents.h"
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

static void take(struct matching *matching, struct json *reference)
{
    char *key CLEANUP(mem_free_pointer) = cluster_reference_key(reference);
    if (map_get(&matching->seen, str_from(key)) != NULL) {
        json_free(reference);
        return;
    }
    map_put(&matching->seen, str_from(key), reference);
    json_append(matching->references, reference);
}

/* Clusters of Cluster API must be brought in by an annotation, whatever it says, when Sveltos'
 * flag --capi-onboard-annotation names one. Source: facts, 5.2. */
static bool is_onboarded(const struct matching *matching, const struct json *cluster)
{
    struct str annotation = weather_capi_onboard_annotation(matching->addon->weather);
    return str_is_empty(annotation) || !str_is(json_text_at(cluster, "kind"), "Cluster") ||
           json_get_str(json_at(cluster, "metadata.annotations"), annotation) != NULL;
}

static void collect_of_kind(struct matching *matching, const struct informer *clusters)
{
    const struct json *selector = json_get(matching->spec, "clusterSelector");
    MAP_EACH(entry, &clusters->objects) {
        const struct json *cluster = map_entry_value(entry);
        /* Labels first: of a big fleet, they leave few. */
        if (!cluster_selector_matches(selector, json_at(cluster, "metadata.labels")) ||
            object_is_deleting(cluster) || !cluster_is_ready(cluster) ||
            !is_onboarded(matching, cluster))
            continue;
        take(matching, cluster_reference(clusters->config.kind, object_namespace(cluster),
                                         object_name(cluster)));
    }
}

bool matching_begin(struct matching *matching)
{
    if (!cluster_selector_is_valid(json_get(matching->spec, "clusterSelector")))
        return false;
    matching->references = json_array();
    map_init(&matching->seen);
    collect_of_kind(matching, &matching->addon->capi_clusters);
    collect_of_kind(matching, &matching->addon->clusters);
    matching_add(matching, json_get(matching->spec, "clusterRefs"));
    return true;
}

void matching_add(struct matching *matching, const struct json *references)
{
    JSON_EACH(reference, references)
        take(matching, json_clone(reference));
}

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *ranked_a = a;
    const struct ranked *ranked_b = b;
    if (ranked_a->rank != ranked_b->rank)
        return ranked_a->rank < ranked_b->rank ? -1 : 1;
    return strcmp(ranked_a->key, ranked_b->key);
}

static struct ranked rank_of(const struct matching *matching, unsigned pass,
                             struct json *reference)
{
    struct site site = {
        .profile = object_name(matching->object),
        .cluster_namespace = json_text_at(reference, "namespace"),
        .cluster = json_text_at(reference, "name"),
        .cluster_type = str_from(cluster_type(json_text_at(reference, "kind"))),
    };
    return (struct ranked){
        .rank = weather_rank(matching->addon->weather, &site, pass),
        .key = cluster_reference_key(reference),
        .reference = reference,
    };
}

static void shuffle(const struct matching *matching)
{
    struct json *references = matching->references;
    size_t count = json_count(references);
    struct ranked *ranked = mem_alloc_array(count, sizeof(*ranked));
    unsigned pass =
        weather_next_pass(matching->addon->weather, object_name(matching->object));
    for (size_t i = 0; i < count; i++)
        ranked[i] = rank_of(matching, pass, json_detach(references, json_first(references)));
    qsort(ranked, count, sizeof(*ranked), compare_ranked);
    for (size_t i = 0; i < count; i++) {
        json_append(references, ranked[i].reference);
        mem_free(ranked[i].key);
    }
    mem_free(ranked);
}

struct json *matching_end(struct matching *matching)
{
    shuffle(matching);
    map_release(&matching->seen);
    return matching->references;
}

/* Sets that do not exist are left out. */
static void add_sets(struct matching *matching)
{
    JSON_EACH(name, json_get(matching->spec, "setRefs")) {
        const struct json *set =
            informer_get(&matching->addon->cluster_sets, STR_NONE, json_string_of(name));
        matching_add(matching, json_at(set, "status.selectedClusterRefs"));
    }
}

bool matching_clusters(const struct profile_pass *pass, struct json **ret_references)
{
    struct matching matching = {
        .addon = pass->addon, .object = pass->profile, .spec = pass->spec};
    if (!matching_begin(&matching))
        return false;
    add_sets(&matching);
    dependents_add_clusters(&pass->addon->dependents, object_name(pass->profile), &matching);
    *ret_references = matching_end(&matching);
    return true;
}

bool matching_names(const struct json *references, const struct json *cluster)
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

bool matching_would_reach(const struct json *spec, const struct json *cluster)
{
    const struct json *selector = json_get(spec, "clusterSelector");
    return matching_names(json_get(spec, "clusterRefs"), cluster) ||
           (cluster_selector_is_valid(selector) &&
            cluster_selector_matches(selector, json_at(cluster, "metadata.labels")));
}

bool matching_concerns(const struct json *profile, const struct json *cluster)
{
    return matching_names(json_at(profile, "status.matchingClusters"), cluster) ||
           matching_would_reach(json_get(profile, "spec"), cluster);
}
