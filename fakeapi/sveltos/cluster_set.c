#include "fakeapi/sveltos/cluster_set.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/matching.h"

struct set_pass {
    struct addon *addon;
    const struct json *set;      /* from the cache */
    const struct json *matching; /* references */
    int64_t replicas_max;
    int64_t selected_count;
    struct json *selected;       /* owned */
};

/* What is not there, or does not answer, is no use. */
static bool is_healthy(const struct set_pass *pass, const struct json *reference)
{
    const struct json *cluster = cluster_find(pass->addon, reference);
    return cluster != NULL && !str_is(json_text_at(cluster, "status.connectionStatus"), "Down");
}

static bool is_in(const struct json *references, const struct json *wanted)
{
    JSON_EACH(reference, references) {
        if (json_equal(reference, wanted))
            return true;
    }
    return false;
}

static void select_cluster(struct set_pass *pass, const struct json *reference)
{
    json_append(pass->selected, json_clone(reference));
    pass->selected_count++;
}

static void keep_healthy(struct set_pass *pass)
{
    JSON_EACH(reference, json_at(pass->set, "status.selectedClusterRefs")) {
        if (is_in(pass->matching, reference) && is_healthy(pass, reference))
            select_cluster(pass, reference);
    }
}

static void fill_up(struct set_pass *pass)
{
    JSON_EACH(reference, pass->matching) {
        if (pass->selected_count >= pass->replicas_max)
            return;
        if (!is_in(pass->selected, reference) && is_healthy(pass, reference))
            select_cluster(pass, reference);
    }
}

/* One fewer than there may be: Sveltos is off by one here. */
static void truncate(struct set_pass *pass)
{
    for (; pass->selected_count >= pass->replicas_max; pass->selected_count--) {
        struct json *last = json_first(pass->selected);
        while (json_next(last) != NULL)
            last = json_next(last);
        json_free(json_detach(pass->selected, last));
    }
}

static void choose(struct set_pass *pass)
{
    if (pass->replicas_max <= 0)
        return;
    keep_healthy(pass);
    if (pass->selected_count > pass->replicas_max)
        truncate(pass);
    else
        fill_up(pass);
}

static void set_references(struct json *status, const char *name, const struct json *references)
{
    if (json_first(references) != NULL)
        json_set(status, name, json_clone(references));
    else
        json_remove(status, name);
}

static void write_status(const struct set_pass *pass)
{
    const struct json *present = json_get(pass->set, "status");
    struct json *status = present != NULL ? json_clone(present) : json_object();
    set_references(status, "matchingClusterRefs", pass->matching);
    set_references(status, "selectedClusterRefs", pass->selected);
    client_patch_status(&pass->addon->client, &kind_cluster_set, pass->set, status);
    json_free(status);
}

static void run_pass(struct set_pass *pass)
{
    const struct json *replicas = json_at(pass->set, "spec.maxReplicas");
    if (!json_int_of(replicas, &pass->replicas_max))
        pass->replicas_max = 0;
    pass->selected = json_array();
    choose(pass);
    write_status(pass);
    json_free(pass->selected);
}

void cluster_set_reconcile(void *ctx, struct str key)
{
    struct addon *addon = ctx;
    addon_sync(addon);
    const struct json *set = informer_get_key(&addon->cluster_sets, key);
    if (set == NULL || object_is_deleting(set))
        return;
    struct matching matching = {.addon = addon, .object = set, .spec = json_get(set, "spec")};
    if (!matching_begin(&matching)) {
        queue_add_after(&addon->set_queue, key, ADDON_RETRY_MS);
        return;
    }
    struct json *references = matching_end(&matching);
    struct set_pass pass = {.addon = addon, .set = set, .matching = references};
    run_pass(&pass);
    json_free(references);
}

static bool differs(const struct json *before, const struct json *after, const char *path)
{
    return !json_equal(json_at(before, path), json_at(after, path));
}

static void enqueue(struct queue *queue, const struct json *object)
{
    char *key CLEANUP(mem_free_pointer) = object_key(object);
    queue_add_after(queue, str_from(key), 0);
}

static bool refers_to(const struct json *profile, struct str set)
{
    JSON_EACH(name, json_at(profile, "spec.setRefs")) {
        if (str_equal(json_string_of(name), set))
            return true;
    }
    return false;
}

static void enqueue_profiles_of(struct addon *addon, const struct json *set)
{
    MAP_EACH(entry, &addon->profiles.objects) {
        const struct json *profile = map_entry_value(entry);
        if (refers_to(profile, object_name(set)))
            enqueue(&addon->profile_queue, profile);
    }
}

void cluster_set_on_change(void *ctx, const struct json *before, const struct json *after)
{
    struct addon *addon = ctx;
    const struct json *set = after != NULL ? after : before;
    if (after == NULL || differs(before, after, "status.selectedClusterRefs"))
        enqueue_profiles_of(addon, set);
    if (after != NULL && (before == NULL || differs(before, after, "metadata.generation")))
        enqueue(&addon->set_queue, after);
}

void cluster_set_on_cluster(struct addon *addon, const struct json *before,
                            const struct json *after)
{
    const struct json *cluster = after != NULL ? after : before;
    if (!cluster_change_matters(before, after) &&
        !differs(before, after, "status.connectionStatus"))
        return;
    MAP_EACH(entry, &addon->cluster_sets.objects) {
        const struct json *set = map_entry_value(entry);
        if (matching_names(json_at(set, "status.matchingClusterRefs"), cluster) ||
            matching_would_reach(json_get(set, "spec"), cluster))
            enqueue(&addon->set_queue, set);
    }
}
