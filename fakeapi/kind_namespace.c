/* Namespaces: one that is deleted takes its objects with it and waits for those that have
 * finalizers, then for its own. */
#include "controller/base/mem.h"

#include "fakeapi/conditions.h"
#include "fakeapi/kind_rules.h"
#include "fakeapi/meta.h"
#include "fakeapi/status.h"

#define OWN_FINALIZER "kubernetes"

/* The label that every namespace has, whatever clients send. */
static void set_label(struct json *object)
{
    struct json *metadata = json_get(object, "metadata");
    struct str name = json_text_at(metadata, "name");
    if (name.len == 0)
        return;
    if (!json_is(json_get(metadata, "labels"), JSON_OBJECT))
        json_set(metadata, "labels", json_object());
    json_set(json_get(metadata, "labels"), "kubernetes.io/metadata.name", json_string(name));
}

static void prepare_create(struct json *object)
{
    struct json *status = json_object();
    struct json *spec = json_object();
    struct json *finalizers = json_array();
    json_append(finalizers, json_text(OWN_FINALIZER));
    json_set(spec, "finalizers", finalizers);
    json_set(object, "spec", spec);
    json_set(status, "phase", json_text("Active"));
    json_set(object, "status", status);
    set_label(object);
}

/* Finalizers of spec change through /finalize only. */
static void prepare_update(struct json *object, const struct json *live)
{
    const struct json *spec = json_get(live, "spec");
    if (spec != NULL)
        json_set(object, "spec", json_clone(spec));
    else
        json_remove(object, "spec");
    set_label(object);
}

static bool check_delete(struct call *call)
{
    static const char *const immortal[] = {"default", "kube-system", "kube-public"};
    for (size_t i = 0; i < ARRAY_COUNT(immortal); i++)
        if (str_is(call->name, immortal[i])) {
            answer_forbidden(call, call->name, NULL, "this namespace may not be deleted");
            return false;
        }
    return true;
}

static bool is_held(const struct json *object)
{
    return json_first(json_at(object, "spec.finalizers")) != NULL;
}

static struct json *mark_deleted(const struct fakeapi *api, const struct json *live)
{
    struct json *object = json_clone(live);
    struct json *metadata = json_get(object, "metadata");
    if (meta_is_terminating(live))
        return object;
    json_set(metadata, "deletionTimestamp", server_time(api));
    json_set(json_get(object, "status"), "phase", json_text("Terminating"));
    json_sort(object);
    return object;
}

/* A walk over all objects of a namespace: family after family, each as it was when it began. */
struct walk {
    size_t family; /* the next one */
    struct slot **slots;
    size_t at, end;
};

static void enter_family(struct walk *walk, struct resource_family *family, struct str name)
{
    size_t count;
    walk->at = walk->end = 0;
    if (!family->storage->namespaced)
        return;
    walk->slots = collection_sorted(&family->collection, &count);
    walk->at = walk->end = collection_lower_bound(walk->slots, count, name, STR(""));
    while (walk->end < count && str_is(name, walk->slots[walk->end]->name_space))
        walk->end++;
}

/* The next object's slot, in a walk that began as zeroes; NULL at the end. */
static struct slot *next_object(const struct fakeapi *api, struct str name, struct walk *walk)
{
    for (;;) {
        while (walk->at < walk->end) {
            struct slot *slot = walk->slots[walk->at++];
            if (slot->current != NULL)
                return slot;
        }
        if (walk->family == api->resources.count)
            return NULL;
        enter_family(walk, api->resources.families[walk->family++], name);
    }
}

static bool has_objects(const struct fakeapi *api, struct str name)
{
    struct walk walk = {.family = 0};
    return next_object(api, name, &walk) != NULL;
}

static void delete_objects(struct fakeapi *api, struct str name)
{
    struct walk walk = {.family = 0};
    for (struct slot *slot = next_object(api, name, &walk); slot != NULL;
         slot = next_object(api, name, &walk)) {
        if (!meta_is_terminating(slot->current->object))
            server_delete(api, api->resources.families[walk.family - 1]->storage, slot);
    }
}

static void drop_own_finalizer(struct json *object)
{
    struct json *finalizers = json_at(object, "spec.finalizers");
    JSON_EACH(finalizer, finalizers)
        if (str_is(json_string_of(finalizer), OWN_FINALIZER)) {
            json_free(json_detach(finalizers, finalizer));
            break;
        }
    if (finalizers != NULL && json_first(finalizers) == NULL)
        json_remove(json_get(object, "spec"), "finalizers");
}

/* It is empty: the server's own finalizer goes, and with the last of all it itself. */
static void let_go(struct fakeapi *api, struct slot *slot)
{
    struct json *object = json_clone(slot->current->object);
    drop_own_finalizer(object);
    if (!is_held(object) && !meta_has_finalizers(object)) {
        json_free(object);
        server_remove(api, api->namespaces, slot);
    } else if (json_equal(object, slot->current->object)) {
        json_free(object);
    } else {
        server_put(api, api->namespaces, slot, object);
    }
}

static void count_one(struct json *counts, struct str name)
{
    const struct json *count = json_get_str(counts, name);
    int64_t number = 0;
    (void)json_int_of(count, &number);
    CLEANUP(mem_free_pointer) char *key = str_dup(name);
    json_set(counts, key, json_int(number + 1));
}

static void tell_resource(const struct resource *resource, size_t count, struct buf *out)
{
    if (count > 0)
        buf_printf(out, "%s%s.%s has %zu resource instances", out->len > 0 ? ", " : "",
                   resource->plural, resource->group, count);
}

/* Appends "configmaps. has 2 resource instances" for each resource that has some, and counts how
 * many objects wait for each finalizer. */
static void count_remaining(const struct fakeapi *api, struct str name, struct buf *resources,
                            struct json *finalizers)
{
    struct walk walk = {.family = 0};
    const struct resource *counted = NULL;
    size_t count = 0;
    for (const struct slot *slot = next_object(api, name, &walk); slot != NULL;
         slot = next_object(api, name, &walk)) {
        const struct resource *resource = api->resources.families[walk.family - 1]->storage;
        if (resource != counted)
            tell_resource(counted, count, resources);
        count = resource == counted ? count + 1 : 1;
        counted = resource;
        JSON_EACH(finalizer, json_at(slot->current->object, "metadata.finalizers"))
            count_one(finalizers, json_string_of(finalizer));
    }
    tell_resource(counted, count, resources);
}

static void say_finalizers(struct json *status, int64_t now_ms, struct json *finalizers)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    const char *between = "Some content in the namespace has finalizers remaining: ";
    json_sort(finalizers);
    JSON_EACH(count, finalizers) {
        int64_t number = 0;
        (void)json_int_of(count, &number);
        buf_printf(&text, "%s%.*s in %" PRId64 " resource instances", between,
                   STR_ARGS(json_key(count)), number);
        between = ", ";
    }
    if (json_first(finalizers) == NULL)
        condition_set(status, now_ms, "NamespaceFinalizersRemaining", false,
                      "ContentHasNoFinalizers", "All content-preserving finalizers finished");
    else
        condition_set(status, now_ms, "NamespaceFinalizersRemaining", true,
                      "SomeFinalizersRemain", text.data);
}

/* In the words of a real server's namespace controller. */
static void set_conditions(const struct fakeapi *api, struct str name, struct json *status)
{
    int64_t now_ms = api->timers->now_ms;
    struct json *finalizers = json_object();
    CLEANUP(buf_release) struct buf resources;
    buf_init(&resources, FAKEAPI_ANSWER_BYTES_MAX);
    count_remaining(api, name, &resources, finalizers);
    CLEANUP(mem_free_pointer) char *remaining =
        str_format("Some resources are remaining: %.*s", STR_ARGS(buf_str(&resources)));
    condition_set(status, now_ms, "NamespaceDeletionDiscoveryFailure", false,
                  "ResourcesDiscovered", "All resources successfully discovered");
    condition_set(status, now_ms, "NamespaceDeletionGroupVersionParsingFailure", false,
                  "ParsedGroupVersions", "All legacy kube types successfully parsed");
    condition_set(status, now_ms, "NamespaceDeletionContentFailure", false, "ContentDeleted",
                  "All content successfully deleted, may be waiting on finalization");
    condition_set(status, now_ms, "NamespaceContentRemaining", true, "SomeResourcesRemain",
                  remaining);
    say_finalizers(status, now_ms, finalizers);
    json_free(finalizers);
}

static void say_waiting(struct fakeapi *api, struct slot *slot)
{
    struct json *object = json_clone(slot->current->object);
    set_conditions(api, str_from(slot->name), json_get(object, "status"));
    json_sort(object);
    if (json_equal(object, slot->current->object))
        json_free(object);
    else
        server_put(api, api->namespaces, slot, object);
}

static void stored(struct fakeapi *api, struct slot *slot)
{
    struct str name = str_from(slot->name);
    if (!meta_is_terminating(slot->current->object))
        return;
    delete_objects(api, name);
    if (slot->current == NULL)
        return; /* the last object has taken it along */
    if (has_objects(api, name))
        say_waiting(api, slot);
    else
        let_go(api, slot);
}

void namespace_note_removal(struct fakeapi *api, struct str name)
{
    struct slot *slot = collection_find(api->namespaces->collection, STR(""), name);
    if (slot != NULL && slot->current != NULL && meta_is_terminating(slot->current->object) &&
        !has_objects(api, name))
        let_go(api, slot);
}

static void answer_terminating(struct call *call, struct str name)
{
    struct json *causes = json_array();
    struct json *cause = json_object();
    struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    buf_printf(&text, "namespace %.*s is being terminated", STR_ARGS(call->name_space));
    json_set(cause, "reason", json_text("NamespaceTerminating"));
    json_set(cause, "message", json_string(buf_str(&text)));
    json_set(cause, "field", json_text("metadata.namespace"));
    json_append(causes, cause);
    answer_forbidden(call, name, causes,
                     "unable to create new content in namespace %.*s because it is being "
                     "terminated", STR_ARGS(call->name_space));
    buf_release(&text);
}

bool namespace_takes_objects(struct call *call, struct str name)
{
    struct slot *slot;
    if (!call->resource->namespaced)
        return true;
    slot = collection_find(call->api->namespaces->collection, STR(""), call->name_space);
    if (slot == NULL || slot->current == NULL) {
        answer_not_found_named(call, "namespaces", call->name_space,
                               status_details(call->name_space, STR(""), STR("namespaces")));
        return false;
    }
    if (!meta_is_terminating(slot->current->object))
        return true;
    answer_terminating(call, name);
    return false;
}

const struct kind_rules kind_rules_namespace = {
    .prepare_create = prepare_create,
    .prepare_update = prepare_update,
    .is_held = is_held,
    .check_delete = check_delete,
    .mark_deleted = mark_deleted,
    .stored = stored,
};
