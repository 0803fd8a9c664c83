/* CustomResourceDefinitions: names are accepted at once, and one that is deleted takes the
 * objects of its kind with it and waits for those that have finalizers. */
#include "controller/base/mem.h"

#include "fakeapi/conditions.h"
#include "fakeapi/definition.h"
#include "fakeapi/kind_rules.h"
#include "fakeapi/meta.h"
#include "fakeapi/status.h"
#include "fakeapi/watch.h"

#define CLEANUP_FINALIZER "customresourcecleanup.apiextensions.k8s.io"

static void set_default(struct json *object, const char *name, struct json *value)
{
    if (json_get(object, name) == NULL)
        json_set(object, name, value);
    else
        json_free(value);
}

static void fill_defaults(struct json *definition)
{
    struct json *spec = json_get(definition, "spec");
    struct json *names = json_get(spec, "names");
    struct json *conversion = json_object();
    char *singular = str_format("%.*s", STR_ARGS(json_text_at(names, "kind")));
    char *list_kind = str_format("%sList", singular);
    for (char *c = singular; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    json_set(conversion, "strategy", json_text("None"));
    if (json_is(names, JSON_OBJECT)) {
        set_default(names, "singular", json_text(singular));
        set_default(names, "listKind", json_text(list_kind));
    }
    if (json_is(spec, JSON_OBJECT))
        set_default(spec, "conversion", conversion);
    else
        json_free(conversion);
    mem_free(singular);
    mem_free(list_kind);
}

static struct str storage_name(const struct json *definition)
{
    JSON_EACH(version, json_at(definition, "spec.versions"))
        if (json_bool_of(json_get(version, "storage")))
            return json_text_at(version, "name");
    return STR("");
}

static void note_stored_version(struct json *status, struct str name)
{
    struct json *stored = json_get(status, "storedVersions");
    if (!json_is(stored, JSON_ARRAY)) {
        json_set(status, "storedVersions", json_array());
        stored = json_get(status, "storedVersions");
    }
    JSON_EACH(version, stored)
        if (str_equal(json_string_of(version), name))
            return;
    json_append(stored, json_string(name));
}

static void prepare_create(struct json *definition)
{
    struct json *status = json_object();
    struct json *names = json_object();
    fill_defaults(definition);
    json_set(names, "plural", json_text(""));
    json_set(names, "kind", json_text(""));
    json_set(status, "conditions", json_null());
    json_set(status, "acceptedNames", names);
    note_stored_version(status, storage_name(definition));
    json_set(definition, "status", status);
}

static void prepare_update(struct json *definition, const struct json *live)
{
    struct json *status = json_get(definition, "status");
    fill_defaults(definition);
    if (json_is(status, JSON_OBJECT) &&
        (json_first(json_get(status, "storedVersions")) == NULL ||
         !str_equal(storage_name(definition), storage_name(live))))
        note_stored_version(status, storage_name(definition));
}

static bool has_version(const struct json *definition, struct str name)
{
    JSON_EACH(version, json_at(definition, "spec.versions"))
        if (str_equal(json_text_at(version, "name"), name))
            return true;
    return false;
}

/* What may never change, and which versions must stay because objects were stored as them. */
static void validate(const struct json *definition, const struct json *live,
                     struct schema_errors *errors)
{
    static const char *const fixed[] = {"spec.group", "spec.names.plural", "spec.scope",
                                        "spec.names.kind"};
    size_t index = 0;
    if (live == NULL)
        return;
    for (size_t i = 0; i < ARRAY_COUNT(fixed); i++)
        if (!str_equal(json_text_at(definition, fixed[i]), json_text_at(live, fixed[i])))
            schema_errors_add(errors, "FieldValueInvalid", str_from(fixed[i]),
                              "Invalid value: \"%.*s\": field is immutable",
                              STR_ARGS(json_text_at(definition, fixed[i])));
    JSON_EACH(stored, json_at(definition, "status.storedVersions")) {
        struct str name = json_string_of(stored);
        char *field = str_format("status.storedVersions[%zu]", index++);
        if (!has_version(definition, name) && has_version(live, name))
            schema_errors_add(errors, "FieldValueInvalid", str_from(field),
                              "Invalid value: \"%.*s\": missing from spec.versions; %.*s was "
                              "previously a storage version, and must remain in spec.versions "
                              "until a storage migration ensures no data remains persisted in "
                              "%.*s and removes %.*s from status.storedVersions",
                              STR_ARGS(name), STR_ARGS(name), STR_ARGS(name), STR_ARGS(name));
        mem_free(field);
    }
}

void definition_accept(const struct fakeapi *api, struct json *definition)
{
    struct json *status = json_get(definition, "status");
    if (!json_is(status, JSON_OBJECT)) {
        prepare_create(definition);
        status = json_get(definition, "status");
    }
    json_set(status, "acceptedNames", json_clone(json_at(definition, "spec.names")));
    condition_set(status, api->timers->now_ms, "NamesAccepted", true, "NoConflicts",
                  "no conflicts found");
    condition_set(status, api->timers->now_ms, "Established", true, "InitialNamesAccepted",
                  "the initial names have been accepted");
    json_sort(definition);
}

static struct resource_family *family_of(const struct fakeapi *api, const struct slot *slot)
{
    return slot->current != NULL ? definition_family(&api->resources, slot->current->object)
                                 : NULL;
}

static bool has_objects(struct resource_family *family)
{
    return family->collection.object_count > 0;
}

static void delete_objects(struct fakeapi *api, struct resource_family *family)
{
    size_t count;
    struct slot **slots = collection_sorted(&family->collection, &count);
    for (size_t i = 0; i < count; i++)
        if (slots[i]->current != NULL && !meta_is_terminating(slots[i]->current->object))
            server_delete(api, family->storage, slots[i]);
}

/* Nothing holds it any more: its finalizer goes, and so does it. */
static void let_go(struct fakeapi *api, struct slot *slot)
{
    struct json *object = json_clone(slot->current->object);
    struct json *finalizers = json_at(object, "metadata.finalizers");
    JSON_EACH(finalizer, finalizers)
        if (str_is(json_string_of(finalizer), CLEANUP_FINALIZER)) {
            json_free(json_detach(finalizers, finalizer));
            break;
        }
    if (json_first(finalizers) != NULL) {
        server_put(api, api->definitions, slot, object);
        return;
    }
    json_free(object);
    server_remove(api, api->definitions, slot);
}

static void say_waiting(struct fakeapi *api, struct slot *slot)
{
    struct json *object = json_clone(slot->current->object);
    condition_set(json_get(object, "status"), api->timers->now_ms, "Terminating", true,
                  "InstanceDeletionInProgress",
                  "CustomResource deletion is in progress");
    json_sort(object);
    if (json_equal(object, slot->current->object))
        json_free(object);
    else
        server_put(api, api->definitions, slot, object);
}

static void finish_deletion(struct fakeapi *api, struct slot *slot)
{
    struct resource_family *family = family_of(api, slot);
    if (family != NULL)
        delete_objects(api, family);
    if (slot->current == NULL)
        return; /* the last object has taken it along */
    if (family == NULL || !has_objects(family))
        let_go(api, slot);
    else
        say_waiting(api, slot);
}

static void stored(struct fakeapi *api, struct slot *slot)
{
    struct json *object;
    if (meta_is_terminating(slot->current->object)) {
        finish_deletion(api, slot);
        return;
    }
    object = json_clone(slot->current->object);
    definition_accept(api, object);
    if (json_equal(object, slot->current->object))
        json_free(object);
    else
        server_put(api, api->definitions, slot, object);
}

static struct json *mark_deleted(const struct fakeapi *api, const struct json *live)
{
    struct json *object = json_clone(live);
    struct json *metadata = json_get(object, "metadata");
    bool held = false;
    if (meta_is_terminating(live))
        return object;
    if (json_get(metadata, "finalizers") == NULL)
        json_set(metadata, "finalizers", json_array());
    JSON_EACH(finalizer, json_get(metadata, "finalizers"))
        held = held || str_is(json_string_of(finalizer), CLEANUP_FINALIZER);
    if (!held)
        json_append(json_get(metadata, "finalizers"), json_text(CLEANUP_FINALIZER));
    json_set(metadata, "deletionTimestamp", server_time(api));
    condition_set(json_get(object, "status"), api->timers->now_ms, "Terminating", true,
                  "InstanceDeletionPending",
                  "CustomResourceDefinition marked for deletion; CustomResource deletion will "
                  "be initiated");
    json_sort(object);
    return object;
}

/* The definition of a custom kind; NULL: it is none. */
static struct slot *slot_of_definition(struct fakeapi *api, const struct resource *resource)
{
    if (!resource->custom)
        return NULL;
    return collection_find(api->definitions->collection, STR(""), str_from(resource->qualified));
}

bool definition_takes_objects(struct call *call, struct str name)
{
    const struct slot *slot = slot_of_definition(call->api, call->resource);
    if (slot == NULL || slot->current == NULL || !meta_is_terminating(slot->current->object))
        return true;
    answer_forbidden(call, name, NULL, "create not allowed while custom resource definition is "
                                       "terminating");
    return false;
}

static void note_definition(struct fakeapi *api, struct resource *resource)
{
    struct slot *slot = slot_of_definition(api, resource);
    if (slot != NULL && slot->current != NULL && !has_objects(resource->family) &&
        meta_is_terminating(slot->current->object))
        let_go(api, slot);
}

/* Objects that somebody left behind by force wait for a new definition of their kind. */
static void withdraw(struct fakeapi *api, const struct json *definition)
{
    struct resource_family *family = definition_family(&api->resources, definition);
    if (family == NULL)
        return;
    definition_withdraw(&api->resources, family);
    watches_end(family->storage);
}

void kinds_note_removal(struct fakeapi *api, struct resource *resource, const struct slot *slot,
                        const struct json *gone)
{
    if (resource == api->definitions)
        withdraw(api, gone);
    note_definition(api, resource);
    if (resource->namespaced)
        namespace_note_removal(api, str_from(slot->name_space));
}

const struct kind_rules kind_rules_definition = {
    .prepare_create = prepare_create,
    .prepare_update = prepare_update,
    .validate = validate,
    .mark_deleted = mark_deleted,
    .stored = stored,
};
