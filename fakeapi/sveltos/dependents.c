#include "fakeapi/sveltos/dependents.h"

#include "controller/base/mem.h"
#include "controller/base/sha256.h"
#include "fakeapi/sveltos/matching.h"

struct prerequisite {
    struct map dependents; /* sorted arrays of references by the dependent's name; owned */
    bool changed;          /* since the loop's last look */
};

static void prerequisite_free(struct prerequisite *prerequisite)
{
    MAP_EACH(entry, &prerequisite->dependents)
        json_free(map_entry_value(entry));
    map_release(&prerequisite->dependents);
    mem_free(prerequisite);
}

void dependents_init(struct dependents *dependents, struct addon *addon)
{
    *dependents = (struct dependents){.addon = addon};
    map_init(&dependents->prerequisites);
}

static struct timers *timers_of(const struct dependents *dependents)
{
    return dependents->addon->timers;
}

void dependents_clear(struct dependents *dependents)
{
    MAP_EACH(entry, &dependents->prerequisites)
        prerequisite_free(map_entry_value(entry));
    map_release(&dependents->prerequisites);
    map_init(&dependents->prerequisites);
    timers_cancel(timers_of(dependents), dependents->timer);
    dependents->timer = 0;
}

static int compare_texts(const void *a, const void *b)
{
    const char *const *text_a = a;
    const char *const *text_b = b;
    return strcmp(*text_a, *text_b);
}

/* Base64 of SHA-256 over all clusters that are needed, whatever their order. */
static void hash_clusters(const struct prerequisite *prerequisite,
                          char ret_base64[SHA256_BASE64_BYTES])
{
    char **keys = NULL;
    size_t count = 0;
    size_t capacity = 0;
    struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    MAP_EACH(entry, &prerequisite->dependents) {
        JSON_EACH(reference, (const struct json *)map_entry_value(entry)) {
            keys = mem_grow_array(keys, count, &capacity, sizeof(*keys), SIZE_MAX / 2);
            keys[count++] = cluster_reference_key(reference);
        }
    }
    if (count > 0)
        qsort(keys, count, sizeof(*keys), compare_texts);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s\n", keys[i]);
        mem_free(keys[i]);
    }
    mem_free(keys);
    sha256_base64(sha256_of(buf_str(&text)), ret_base64);
    buf_release(&text);
}

/* The status that wakes the prerequisite. */
static void tell(struct dependents *dependents, struct str name,
                 const struct prerequisite *prerequisite)
{
    struct addon *addon = dependents->addon;
    const struct json *profile = informer_get(&addon->profiles, STR_NONE, name);
    char hash[SHA256_BASE64_BYTES];
    if (profile == NULL)
        return;
    hash_clusters(prerequisite, hash);
    if (str_is(json_text_at(profile, "status.dependenciesHash"), hash))
        return;
    struct json *patch = json_object();
    struct json *status = json_object();
    json_set(status, "dependenciesHash", json_text(hash));
    json_set(patch, "status", status);
    client_patch(&addon->client, &kind_cluster_profile, profile, "status", patch);
    json_free(patch);
}

static void look(void *ctx)
{
    struct dependents *dependents = ctx;
    dependents->timer = 0;
    addon_sync(dependents->addon);
    MAP_EACH(entry, &dependents->prerequisites) {
        struct prerequisite *prerequisite = map_entry_value(entry);
        if (!prerequisite->changed)
            continue;
        prerequisite->changed = false;
        tell(dependents, map_entry_key(entry), prerequisite);
    }
}

/* The loop looks every 30 s; only the looks that find something take place. */
static void look_next(struct dependents *dependents)
{
    struct timers *timers = timers_of(dependents);
    int64_t since_ms = timers->now_ms - dependents->started_ms;
    int64_t next_ms = dependents->started_ms +
                      (since_ms / DEPENDENTS_LOOP_MS + 1) * DEPENDENTS_LOOP_MS;
    if (dependents->timer == 0)
        dependents->timer = timers_add(timers, next_ms, look, dependents);
}

static void note_change(struct dependents *dependents, struct prerequisite *prerequisite)
{
    prerequisite->changed = true;
    look_next(dependents);
}

static int compare_references(const void *a, const void *b)
{
    struct json *const *reference_a = a;
    struct json *const *reference_b = b;
    char *key_a CLEANUP(mem_free_pointer) = cluster_reference_key(*reference_a);
    char *key_b CLEANUP(mem_free_pointer) = cluster_reference_key(*reference_b);
    return strcmp(key_a, key_b);
}

/* Matching shuffles: in one order, equal lists are equal. */
static struct json *sorted_copy(const struct json *references)
{
    size_t count = json_count(references);
    struct json **items = mem_alloc_array(count + 1, sizeof(*items));
    struct json *sorted = json_array();
    size_t used = 0;
    JSON_EACH(reference, references)
        items[used++] = json_clone(reference);
    qsort(items, count, sizeof(*items), compare_references);
    for (size_t i = 0; i < count; i++)
        json_append(sorted, items[i]);
    mem_free(items);
    return sorted;
}

static void forget(struct dependents *dependents, struct prerequisite *prerequisite,
                   struct str dependent)
{
    struct json *clusters = map_remove(&prerequisite->dependents, dependent);
    if (clusters == NULL)
        return;
    json_free(clusters);
    note_change(dependents, prerequisite);
}

static bool is_listed(const struct json *names, struct str name)
{
    JSON_EACH(item, names) {
        if (str_equal(json_string_of(item), name))
            return true;
    }
    return false;
}

static void put(struct dependents *dependents, struct str name, struct str dependent,
                const struct json *clusters)
{
    struct prerequisite *prerequisite = map_get(&dependents->prerequisites, name);
    if (prerequisite == NULL) {
        prerequisite = mem_alloc(sizeof(*prerequisite));
        map_init(&prerequisite->dependents);
        map_put(&dependents->prerequisites, name, prerequisite);
    }
    struct json *sorted = sorted_copy(clusters);
    struct json *before = map_put(&prerequisite->dependents, dependent, sorted);
    if (before == NULL || !json_equal(before, sorted))
        note_change(dependents, prerequisite);
    json_free(before);
}

void dependents_register(struct dependents *dependents, struct str dependent,
                         const struct json *depends_on, const struct json *clusters)
{
    MAP_EACH(entry, &dependents->prerequisites) {
        if (!is_listed(depends_on, map_entry_key(entry)))
            forget(dependents, map_entry_value(entry), dependent);
    }
    JSON_EACH(name, depends_on)
        put(dependents, json_string_of(name), dependent, clusters);
}

void dependents_start(struct dependents *dependents)
{
    struct addon *addon = dependents->addon;
    dependents->started_ms = addon->timers->now_ms;
    MAP_EACH(entry, &addon->profiles.objects) {
        const struct json *profile = map_entry_value(entry);
        const struct json *matching = json_at(profile, "status.matchingClusters");
        if (!object_is_deleting(profile) && matching != NULL)
            dependents_register(dependents, object_name(profile),
                                json_at(profile, "spec.dependsOn"), matching);
    }
}

void dependents_add_clusters(const struct dependents *dependents, struct str prerequisite,
                             struct matching *matching)
{
    const struct prerequisite *known = map_get(&dependents->prerequisites, prerequisite);
    if (known == NULL)
        return;
    MAP_EACH(entry, &known->dependents)
        matching_add(matching, map_entry_value(entry));
}
