#include "fakeapi/sveltos/gc.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/cluster_configuration.h"

#define USER_AGENT "kube-controller-manager/v1.36.0 (linux/amd64) generic-garbage-collector"
#define FINALIZER_FOREGROUND "foregroundDeletion"
#define FINALIZER_ORPHAN "orphan"

/* What an object's owner references come to. */
struct owners {
    size_t solid;   /* there, or of a kind that we do not watch */
    size_t waiting; /* being deleted in the foreground, and this object holds them up */
    size_t gone;
};

static const struct kind *const kinds[GC_KIND_COUNT] = {
    &kind_cluster_promotion,
    &kind_cluster_profile,
    &kind_cluster_summary,
    &kind_cluster_configuration,
};

static struct gc_watch *watch_of(struct gc *gc, const struct json *owner)
{
    for (size_t i = 0; i < GC_KIND_COUNT; i++) {
        if (str_is(json_text_at(owner, "kind"), kinds[i]->name) &&
            str_is(json_text_at(owner, "apiVersion"), kinds[i]->api_version))
            return &gc->watches[i];
    }
    return NULL;
}

/* The object that a reference means; NULL when it, with this uid, does not exist. */
static const struct json *find_owner(const struct gc_watch *watch, const struct json *dependent,
                                     const struct json *owner)
{
    bool namespaced = watch->informer.config.kind->namespaced;
    const struct json *object =
        informer_get(&watch->informer, namespaced ? object_namespace(dependent) : STR_NONE,
                     json_text_at(owner, "name"));
    if (object == NULL || !str_equal(object_uid(object), json_text_at(owner, "uid")))
        return NULL;
    return object;
}

static bool is_waiting_for_dependents(const struct json *object)
{
    return object_is_deleting(object) && object_has_finalizer(object, FINALIZER_FOREGROUND);
}

static void sync_all(struct gc *gc)
{
    for (size_t i = 0; i < GC_KIND_COUNT; i++)
        informer_sync(&gc->watches[i].informer);
}

static void count_owner(struct gc *gc, const struct json *object, const struct json *owner,
                        struct owners *owners)
{
    const struct gc_watch *watch = watch_of(gc, owner);
    const struct json *found = watch != NULL ? find_owner(watch, object, owner) : NULL;
    if (watch == NULL)
        owners->solid++;
    else if (found == NULL)
        owners->gone++;
    else if (is_waiting_for_dependents(found) &&
             json_bool_of(json_get(owner, "blockOwnerDeletion")))
        owners->waiting++;
    else
        owners->solid++;
}

static struct owners owners_of(struct gc *gc, const struct json *object)
{
    struct owners owners = {0};
    JSON_EACH(owner, json_at(object, "metadata.ownerReferences"))
        count_owner(gc, object, owner, &owners);
    return owners;
}

static char *dependent_key(const struct gc_watch *watch, const struct json *object)
{
    char *key CLEANUP(mem_free_pointer) = object_key(object);
    return str_format("%s %s", watch->informer.config.kind->name, key);
}

/* One of gc.dependents; NULL when it is gone. */
static const struct json *dependent_at(const struct map_entry *entry)
{
    const struct gc_watch *watch = map_entry_value(entry);
    struct str key = map_entry_key(entry);
    str_split_next(&key, ' ');
    return informer_get_key(&watch->informer, key);
}

static const struct map *dependents_of(const struct gc *gc, const struct json *owner)
{
    return groups_of(&gc->dependents, object_uid(owner));
}

static void forget_owners(struct gc_watch *watch, const struct json *dependent)
{
    char *key CLEANUP(mem_free_pointer) = dependent_key(watch, dependent);
    JSON_EACH(owner, json_at(dependent, "metadata.ownerReferences"))
        groups_remove(&watch->gc->dependents, json_text_at(owner, "uid"), str_from(key));
}

static void note_owners(struct gc_watch *watch, const struct json *dependent)
{
    char *key CLEANUP(mem_free_pointer) = dependent_key(watch, dependent);
    JSON_EACH(owner, json_at(dependent, "metadata.ownerReferences"))
        groups_add(&watch->gc->dependents, json_text_at(owner, "uid"), str_from(key), watch);
}

static bool blocks(const struct json *dependent, struct str uid)
{
    JSON_EACH(owner, json_at(dependent, "metadata.ownerReferences")) {
        if (str_equal(json_text_at(owner, "uid"), uid))
            return json_bool_of(json_get(owner, "blockOwnerDeletion"));
    }
    return false;
}

static void enqueue(struct gc_watch *watch, const struct json *object)
{
    char *key CLEANUP(mem_free_pointer) = object_key(object);
    queue_add_after(&watch->queue, str_from(key), 0);
}

static void enqueue_dependents(struct gc *gc, const struct json *owner)
{
    MAP_EACH(entry, dependents_of(gc, owner)) {
        const struct json *dependent = dependent_at(entry);
        if (dependent != NULL)
            enqueue(map_entry_value(entry), dependent);
    }
}

static void enqueue_owners(struct gc *gc, const struct json *dependent)
{
    JSON_EACH(owner, json_at(dependent, "metadata.ownerReferences")) {
        struct gc_watch *watch = watch_of(gc, owner);
        const struct json *found = watch != NULL ? find_owner(watch, dependent, owner) : NULL;
        if (found != NULL && is_waiting_for_dependents(found))
            enqueue(watch, found);
    }
}

/* Most writes change nothing that the collector looks at. */
static bool concerns_us(const struct json *before, const struct json *after)
{
    const struct json *owners = json_at(after, "metadata.ownerReferences");
    const struct json *finalizers = json_at(after, "metadata.finalizers");
    if (before != NULL && object_is_deleting(before) == object_is_deleting(after) &&
        json_equal(json_at(before, "metadata.ownerReferences"), owners) &&
        json_equal(json_at(before, "metadata.finalizers"), finalizers))
        return false;
    return json_first(owners) != NULL || object_is_deleting(after);
}

static void on_change(void *ctx, const struct json *before, const struct json *after)
{
    struct gc_watch *watch = ctx;
    if (before != NULL)
        forget_owners(watch, before);
    if (after != NULL)
        note_owners(watch, after);
    if (after == NULL) {
        enqueue_dependents(watch->gc, before);
        enqueue_owners(watch->gc, before);
        return;
    }
    if (concerns_us(before, after))
        enqueue(watch, after);
    if (before != NULL && !json_equal(json_at(before, "metadata.ownerReferences"),
                                      json_at(after, "metadata.ownerReferences")))
        enqueue_owners(watch->gc, before);
}

/* Sets an object's owner references to those that `keep` wants, and nothing else. */
static void patch_owners(struct gc_watch *watch, const struct json *object, struct json *kept)
{
    struct json *patch = json_object();
    struct json *metadata = json_object();
    json_set(metadata, "uid", json_string(object_uid(object)));
    json_set(metadata, "resourceVersion",
             json_clone(json_at(object, "metadata.resourceVersion")));
    json_set(metadata, "ownerReferences", kept);
    json_set(patch, "metadata", metadata);
    client_patch(&watch->gc->client, watch->informer.config.kind, object, NULL, patch);
    json_free(patch);
}

static void drop_owner(struct gc_watch *watch, const struct json *object, struct str uid)
{
    struct json *kept = json_array();
    JSON_EACH(owner, json_at(object, "metadata.ownerReferences")) {
        if (!str_equal(json_text_at(owner, "uid"), uid))
            json_append(kept, json_clone(owner));
    }
    patch_owners(watch, object, kept);
}

/* A dependent that still has an owner loses the references to those that are gone or going. */
static void drop_other_owners(struct gc_watch *watch, const struct json *object)
{
    struct json *kept = json_array();
    JSON_EACH(owner, json_at(object, "metadata.ownerReferences")) {
        struct owners counted = {0};
        count_owner(watch->gc, object, owner, &counted);
        if (counted.solid > 0)
            json_append(kept, json_clone(owner));
    }
    patch_owners(watch, object, kept);
}

static bool has_dependents(const struct gc *gc, const struct json *object)
{
    MAP_EACH(entry, dependents_of(gc, object)) {
        if (dependent_at(entry) != NULL)
            return true;
    }
    return false;
}

/* A deletion goes on in the manner in which somebody asked for it before. */
static const char *propagation_of(const struct gc *gc, const struct json *object,
                                  const struct owners *owners)
{
    if (object_has_finalizer(object, FINALIZER_ORPHAN))
        return "Orphan";
    if (object_has_finalizer(object, FINALIZER_FOREGROUND) ||
        (owners->waiting > 0 && has_dependents(gc, object)))
        return "Foreground";
    return "Background";
}

static void collect(struct gc_watch *watch, const struct json *object)
{
    struct owners owners = owners_of(watch->gc, object);
    if (owners.gone + owners.waiting == 0)
        return;
    if (owners.solid > 0)
        drop_other_owners(watch, object);
    else
        client_delete(&watch->gc->client, watch->informer.config.kind, object,
                      propagation_of(watch->gc, object, &owners));
}

static void remove_finalizer(struct gc_watch *watch, const struct json *object,
                             const char *finalizer)
{
    client_set_finalizers(&watch->gc->client, watch->informer.config.kind, object,
                          object_finalizers_without(object, finalizer));
}

static void orphan_dependents(struct gc_watch *watch, const struct json *object)
{
    MAP_EACH(entry, dependents_of(watch->gc, object)) {
        const struct json *dependent = dependent_at(entry);
        if (dependent != NULL)
            drop_owner(map_entry_value(entry), dependent, object_uid(object));
    }
    remove_finalizer(watch, object, FINALIZER_ORPHAN);
}

static bool is_blocked(const struct gc *gc, const struct json *object)
{
    MAP_EACH(entry, dependents_of(gc, object)) {
        if (blocks(dependent_at(entry), object_uid(object)))
            return true;
    }
    return false;
}

/* Foreground: first the dependents that hold the owner up, then the owner. */
static void delete_dependents_first(struct gc_watch *watch, const struct json *object)
{
    if (is_blocked(watch->gc, object))
        enqueue_dependents(watch->gc, object);
    else
        remove_finalizer(watch, object, FINALIZER_FOREGROUND);
}

static void reconcile(void *ctx, struct str key)
{
    struct gc_watch *watch = ctx;
    sync_all(watch->gc);
    const struct json *object = informer_get_key(&watch->informer, key);
    if (object == NULL)
        return;
    if (!object_is_deleting(object))
        collect(watch, object);
    else if (object_has_finalizer(object, FINALIZER_ORPHAN))
        orphan_dependents(watch, object);
    else if (object_has_finalizer(object, FINALIZER_FOREGROUND))
        delete_dependents_first(watch, object);
}

void gc_init(struct gc *gc, struct fakeapi *api, struct timers *timers)
{
    *gc = (struct gc){.client = {api, USER_AGENT}};
    groups_init(&gc->dependents);
    for (size_t i = 0; i < GC_KIND_COUNT; i++) {
        struct gc_watch *watch = &gc->watches[i];
        struct informer_config config = {
            .client = &gc->client,
            .timers = timers,
            .kind = kinds[i],
            .metadata_only = true,
            .on_change = on_change,
            .ctx = watch,
        };
        watch->gc = gc;
        informer_init(&watch->informer, &config);
        queue_init(&watch->queue, timers, reconcile, watch);
    }
}

void gc_start(struct gc *gc)
{
    for (size_t i = 0; i < GC_KIND_COUNT; i++)
        informer_start(&gc->watches[i].informer);
}

void gc_release(struct gc *gc)
{
    for (size_t i = 0; i < GC_KIND_COUNT; i++) {
        informer_release(&gc->watches[i].informer);
        queue_release(&gc->watches[i].queue);
    }
    groups_release(&gc->dependents);
}
