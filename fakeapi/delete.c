/* DELETE of an object and of a collection. */
#include "controller/base/mem.h"

#include "fakeapi/delete_options.h"
#include "fakeapi/form.h"
#include "fakeapi/kind_rules.h"
#include "fakeapi/list_options.h"
#include "fakeapi/meta.h"
#include "fakeapi/options.h"
#include "fakeapi/pages.h"
#include "fakeapi/rendition.h"
#include "fakeapi/status.h"

static bool check_preconditions(struct call *call, const struct delete_options *options,
                                const struct record *record)
{
    struct str name = json_text_at(record->object, "metadata.name");
    struct str uid = json_text_at(record->object, "metadata.uid");
    struct str version = json_text_at(record->object, "metadata.resourceVersion");
    if (options->uid != NULL && !str_equal(json_string_of(options->uid), uid)) {
        answer_conflict_kind(call, name,
                             "the UID in the precondition (%.*s) does not match the UID in record "
                             "(%.*s). The object might have been deleted and then recreated",
                             STR_ARGS(json_string_of(options->uid)), STR_ARGS(uid));
        return false;
    }
    if (options->resource_version != NULL &&
        !str_equal(json_string_of(options->resource_version), version)) {
        answer_conflict_kind(call, name,
                             "the ResourceVersion in the precondition (%.*s) does not match the "
                             "ResourceVersion in record (%.*s). The object might have been "
                             "modified", STR_ARGS(json_string_of(options->resource_version)),
                             STR_ARGS(version));
        return false;
    }
    return true;
}

/* The finalizers that the deletion leaves: the collector's own follow the policy. */
static struct json *finalizers_for(const struct json *object, enum propagation propagation)
{
    struct json *finalizers = json_array();
    JSON_EACH(finalizer, json_at(object, "metadata.finalizers")) {
        bool own = str_is(json_string_of(finalizer), "orphan") ||
                   str_is(json_string_of(finalizer), "foregroundDeletion");
        if (!own || propagation == PROPAGATION_DEFAULT)
            json_append(finalizers, json_clone(finalizer));
    }
    if (propagation == PROPAGATION_FOREGROUND)
        json_append(finalizers, json_text("foregroundDeletion"));
    if (propagation == PROPAGATION_ORPHAN)
        json_append(finalizers, json_text("orphan"));
    return finalizers;
}

/* The object as it waits for its finalizers; takes them over. */
static struct json *terminating_object(const struct fakeapi *api, const struct resource *resource,
                                       const struct json *live, struct json *finalizers)
{
    struct json *object = json_clone(live);
    struct json *metadata = json_get(object, "metadata");
    json_set(metadata, "finalizers", finalizers);
    if (!meta_is_terminating(live)) {
        json_set(metadata, "deletionTimestamp", server_time(api));
        json_set(metadata, "deletionGracePeriodSeconds", json_int(0));
        if (resource->tracks_generation)
            meta_set_generation(metadata, meta_generation(live) + 1);
    }
    json_sort(object);
    return object;
}

static void answer_deleted(struct call *call, const struct json *object)
{
    struct json *details = status_details(json_text_at(object, "metadata.name"),
                                          str_from(call->resource->group),
                                          str_from(call->resource->plural));
    json_set(details, "uid", json_string(json_text_at(object, "metadata.uid")));
    answer_success(call, details);
}

/* A new finalizer policy or none: stores (or shows) the object that has to wait. */
static void keep_terminating(struct call *call, const struct delete_options *options,
                             struct slot *slot, struct record *live, struct json *finalizers)
{
    struct json *object = terminating_object(call->api, call->resource, live->object,
                                             finalizers);
    if (options->dry_run) {
        answer_shown(call, 200, object);
        json_free(object);
        return;
    }
    if (json_equal(object, live->object)) {
        answer_record(call, 200, live);
        json_free(object);
        return;
    }
    struct record *record = server_put(call->api, call->resource, slot, object);
    call_left(call, record);
    answer_record(call, 200, record);
}

/* What its kind marks and its controllers take away. */
static void delete_marked(struct call *call, const struct delete_options *options,
                          struct slot *slot, struct record *live)
{
    const struct kind_rules *rules = call->resource->rules;
    struct json *object = rules->mark_deleted(call->api, live->object);
    if (options->dry_run || json_equal(object, live->object)) {
        answer_shown(call, 200, object);
        json_free(object);
        return;
    }
    struct record *record = server_put(call->api, call->resource, slot, object);
    call_left(call, record);
    answer_record(call, 200, record);
    rules->stored(call->api, slot);
}

/* `live` is in the form that is stored now. */
static void delete_stored(struct call *call, const struct delete_options *options,
                          struct slot *slot, struct record *live)
{
    const struct kind_rules *rules = call->resource->rules;
    struct json *finalizers;
    if (rules != NULL && rules->check_delete != NULL && !rules->check_delete(call))
        return;
    if (rules != NULL && rules->mark_deleted != NULL) {
        delete_marked(call, options, slot, live);
        return;
    }
    finalizers = finalizers_for(live->object, options->propagation);
    if (json_first(finalizers) != NULL) {
        keep_terminating(call, options, slot, live, finalizers);
        return;
    }
    json_free(finalizers);
    answer_deleted(call, live->object);
    if (options->dry_run)
        return;
    server_remove(call->api, call->resource, slot);
    call_left(call, NULL);
}

/* Deletes one object and answers as for it alone. */
static void delete_record(struct call *call, const struct delete_options *options,
                          struct slot *slot, struct record *record)
{
    struct record *live = form_record(call->resource->family->storage, record);
    delete_stored(call, options, slot, live);
    record_unref(live);
}

void server_delete(struct fakeapi *api, struct resource *resource, struct slot *slot)
{
    struct record *live = form_record(resource->family->storage, slot->current);
    struct json *finalizers = finalizers_for(live->object, PROPAGATION_BACKGROUND);
    if (json_first(finalizers) != NULL) {
        server_put(api, resource, slot,
                   terminating_object(api, resource, live->object, finalizers));
    } else {
        json_free(finalizers);
        server_remove(api, resource, slot);
    }
    record_unref(live);
}

void verb_delete(struct call *call)
{
    struct delete_options options = {0};
    struct slot *slot = call_slot(call);
    struct record *live = call_record(call);
    call_found(call, live);
    if (accept_media(call) && delete_options_read(call, &options)) {
        if (live == NULL)
            answer_not_found(call);
        else if (check_preconditions(call, &options, live))
            delete_record(call, &options, slot, live);
    }
    delete_options_release(&options);
}

/* Each object that goes is an entry of its own in the audit log. */
static bool delete_item(struct call *call, const struct delete_options *options,
                        struct record *record)
{
    struct str name = json_text_at(record->object, "metadata.name");
    struct str name_space = json_text_at(record->object, "metadata.namespace");
    struct slot *slot = collection_find(call->resource->collection, name_space, name);
    if (slot == NULL || slot->current == NULL)
        return true; /* went with another of the page */
    if (!check_preconditions(call, options, record))
        return false;
    call_found(call, record);
    delete_record(call, options, slot, record);
    if (call->changed)
        audit_append(call);
    return true;
}

static void delete_page(struct call *call, const struct delete_options *options,
                        const struct list_options *list)
{
    struct page_query query = {.selector = &list->selector,
                               .limit = list->limit > 0 ? (size_t)list->limit : 0,
                               .version = call->api->resource_version};
    struct page page;
    bool ok = true;
    page_read(call, &query, &page);
    for (size_t i = 0; i < page.count && ok; i++)
        ok = delete_item(call, options, page.records[i]);
    if (ok)
        answer_page_of(call, &query, &page);
    page_release(&page);
}

static bool check_collection_version(struct call *call, const struct list_options *list)
{
    struct buf message;
    uint64_t version;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = parse_version(list->version_text, &version, &message);
    if (!ok)
        answer_failure(call, 400, "BadRequest", "invalid resource version: %.*s",
                       STR_ARGS(buf_str(&message)));
    buf_release(&message);
    return ok && page_token_is_good(call, list->continue_token);
}

void verb_delete_collection(struct call *call)
{
    struct delete_options options = {0};
    struct list_options list = {0};
    if (accept_media(call) && list_options_read(call, false, &list) &&
        delete_options_read(call, &options) && check_collection_version(call, &list))
        delete_page(call, &options, &list);
    delete_options_release(&options);
    list_options_release(&list);
}
