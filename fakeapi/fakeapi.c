#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "controller/base/yaml.h"

#include "fakeapi/catalogue.h"
#include "fakeapi/collector.h"
#include "fakeapi/definition.h"
#include "fakeapi/event_expiry.h"
#include "fakeapi/form.h"
#include "fakeapi/kind_rules.h"
#include "fakeapi/meta.h"
#include "fakeapi/status.h"
#include "fakeapi/watch.h"

struct json *server_time(const struct fakeapi *api)
{
    char text[KTIME_TEXT_BYTES];
    ktime_format_rfc3339(api->timers->now_ms, text);
    return json_text(text);
}

struct json *server_uid(const struct fakeapi *api, const struct resource *resource,
                        struct str name_space, struct str name, unsigned created_count)
{
    struct rng rng;
    char uid[37];
    char *stream = str_format("uid/%s/%.*s/%.*s/%u", resource->qualified, STR_ARGS(name_space),
                              STR_ARGS(name), created_count);
    rng_init_stream(&rng, api->seed, str_from(stream));
    rng_uuid(&rng, uid);
    mem_free(stream);
    return json_text(uid);
}

/* The collection whose oldest event is the oldest of all. */
static struct collection *oldest_history(const struct fakeapi *api)
{
    struct collection *found = NULL;
    for (size_t i = 0; i < api->resources.count; i++) {
        struct collection *collection = &api->resources.families[i]->collection;
        const struct event *oldest = collection_oldest(collection);
        if (oldest != NULL && (found == NULL || oldest->resource_version <
                                                    collection_oldest(found)->resource_version))
            found = collection;
    }
    return found;
}

/* Forgets the oldest events until the rest is small enough; the newest always stays. */
static void history_trim(struct fakeapi *api)
{
    while (api->resources.history_bytes > api->history_bytes_max) {
        struct collection *collection = oldest_history(api);
        if (collection_oldest(collection)->resource_version == api->resource_version)
            return;
        collection_forget_oldest(collection);
    }
}

/* Commits a change under the next version and tells everyone. */
static void server_commit(struct fakeapi *api, struct resource *resource, struct slot *slot,
                          struct record *after)
{
    struct event *event = collection_commit(resource->collection, slot, after,
                                            api->resource_version, api->history_max);
    if (api->collector != NULL)
        collector_note(api->collector, resource, slot, event->before, event->after);
    watches_tell(api, resource, event);
    watches_note_write(api);
    history_trim(api);
}

struct record *server_put(struct fakeapi *api, struct resource *resource, struct slot *slot,
                          struct json *object)
{
    struct json *metadata = json_get(object, "metadata");
    char version[24];
    bool sorted = json_get(metadata, "resourceVersion") != NULL;
    const struct record *before = slot->current;
    api->resource_version++;
    (void)snprintf(version, sizeof(version), "%" PRIu64, api->resource_version);
    json_set(metadata, "resourceVersion", json_text(version));
    if (!sorted)
        json_sort(metadata);
    const struct json *object_before = before != NULL ? before->object : NULL;
    json_seal(api->pool, object, object_before);
    struct record *record = record_create(object, api->resource_version,
                                          json_bytes_beyond(object, object_before));
    record->form = resource->family->storage->form;
    if (before != NULL)
        record_print_after(&api->texts, record, before);
    server_commit(api, resource, slot, record);
    return record;
}

void server_remove(struct fakeapi *api, struct resource *resource, struct slot *slot)
{
    struct record *gone = record_ref(slot->current);
    api->resource_version++;
    server_commit(api, resource, slot, NULL);
    kinds_note_removal(api, resource, slot, gone->object);
    record_unref(gone);
}

struct slot *call_slot(const struct call *call)
{
    return collection_find(call->resource->collection, call->name_space, call->name);
}

struct record *call_record(const struct call *call)
{
    const struct slot *slot = call_slot(call);
    return slot != NULL ? slot->current : NULL;
}

struct record *call_live(struct call *call)
{
    record_unref(call->live);
    call->live = form_record(call->resource, call_record(call));
    return call->live;
}

bool call_is_status(const struct call *call)
{
    return str_is(call->subresource, "status");
}

void call_found(struct call *call, struct record *before)
{
    record_unref(call->before);
    call->before = record_ref(before);
}

void call_left(struct call *call, struct record *after)
{
    record_unref(call->after);
    call->after = record_ref(after);
    call->changed = true;
}

static void call_run(struct call *call)
{
    switch (call->verb) {
    case VERB_NONE:
        break;
    case VERB_GET:
        verb_get(call);
        break;
    case VERB_LIST:
        verb_list(call);
        break;
    case VERB_WATCH:
        verb_watch(call);
        break;
    case VERB_CREATE:
        verb_create(call);
        break;
    case VERB_UPDATE:
        verb_update(call);
        break;
    case VERB_PATCH:
        verb_patch(call);
        break;
    case VERB_DELETE:
        verb_delete(call);
        break;
    case VERB_DELETE_COLLECTION:
        verb_delete_collection(call);
        break;
    }
}

/* What was answered as JSON, for a client that would rather have YAML; an answer that is too
 * deep to be read again stays as it is, for JSON is YAML too. */
static void answer_in_yaml(struct fakeapi_response *response)
{
    struct json *value = NULL;
    if (json_parse(buf_str(&response->body), NULL, &value, NULL) != ERR_NONE)
        return;
    buf_clear(&response->body);
    yaml_print(value, &response->body);
    json_free(value);
}

void fakeapi_handle(struct fakeapi *api, const struct fakeapi_request *request,
                    struct fakeapi_response *ret_response)
{
    struct call call = {.api = api, .request = request, .response = ret_response};
    *ret_response = (struct fakeapi_response){.status = 500, .content_type = "application/json",
                                              .retry_after_s = -1};
    buf_init(&ret_response->body, FAKEAPI_ANSWER_BYTES_MAX);
    if (route_call(&call))
        call_run(&call);
    if (ret_response->body.overflowed)
        answer_failure(&call, 500, "InternalError",
                       "the answer is larger than %u bytes: ask for pages, with limit",
                       FAKEAPI_ANSWER_BYTES_MAX);
    if (strcmp(ret_response->content_type, "application/yaml") == 0)
        answer_in_yaml(ret_response);
    if (strcmp(request->method, "HEAD") == 0)
        buf_clear(&ret_response->body);
    if (!call.logged)
        audit_append(&call);
    collector_run(api);
    record_unref(call.live);
    record_unref(call.before);
    record_unref(call.after);
    query_release(&call.query);
    mem_free(call.path);
}

void fakeapi_response_release(struct fakeapi_response *response)
{
    buf_release(&response->body);
    json_free(response->warnings);
    fakeapi_watch_close(response->watch);
    *response = (struct fakeapi_response){0};
}

/* Stores an object that is there from the start. */
static void found_object(struct fakeapi *api, struct resource *resource, struct json *object)
{
    struct json *metadata = json_get(object, "metadata");
    struct str name = json_text_at(metadata, "name");
    json_set(metadata, "creationTimestamp", server_time(api));
    json_set(metadata, "uid", server_uid(api, resource, STR(""), name, 0));
    if (resource->tracks_generation)
        meta_set_generation(metadata, 1);
    json_sort(object);
    struct slot *slot = collection_slot(resource->collection, STR(""), name);
    server_put(api, resource, slot, object);
}

static void found_namespace(struct fakeapi *api, const char *name)
{
    struct json *object = json_object();
    struct json *metadata = json_object();
    json_set(metadata, "name", json_text(name));
    json_set(object, "apiVersion", json_text("v1"));
    json_set(object, "kind", json_text("Namespace"));
    json_set(object, "metadata", metadata);
    kind_rules_namespace.prepare_create(object);
    found_object(api, api->namespaces, object);
}

static void found_definitions(struct fakeapi *api, const struct fakeapi_catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct catalogue_entry *entry = &catalogue->entries[i];
        struct json *definition = json_clone(entry->definition);
        struct errmsg msg;
        enum err err = definition_serve(&api->resources, entry->definition, entry->schema,
                                        api->resource_version, &msg);
        ASSERT(err == ERR_NONE); /* built in: a broken one is a broken build */
        definition_accept(api, definition);
        found_object(api, api->definitions, definition);
    }
}

struct fakeapi *fakeapi_create(const struct fakeapi_config *config)
{
    static const char *const namespaces[] = {"default", "kube-node-lease", "kube-public",
                                             "kube-system"};
    struct fakeapi *api = mem_alloc(sizeof(*api));
    api->timers = config->timers;
    api->seed = config->seed;
    api->resource_version = config->first_version;
    api->audit.kept_max = config->audit_max;
    api->history_max = config->history_max > 0 ? config->history_max : HISTORY_MAX_DEFAULT;
    api->history_bytes_max = config->history_bytes_max > 0 ? config->history_bytes_max
                                                           : HISTORY_BYTES_MAX_DEFAULT;
    api->collector = config->collects_garbage ? collector_create() : NULL;
    api->pool = json_pool_create();
    rng_init_stream(&api->watch_rng, config->seed, STR("fakeapi/watch"));
    resource_table_init(&api->resources);
    resource_table_add_builtins(&api->resources, config->first_version);
    api->event_expiry = config->expires_events ? event_expiry_create(api) : NULL;
    api->namespaces = resource_find(&api->resources, STR(""), STR("v1"), STR("namespaces"));
    api->definitions = resource_find(&api->resources, STR("apiextensions.k8s.io"), STR("v1"),
                                     STR("customresourcedefinitions"));
    for (size_t i = 0; i < ARRAY_COUNT(namespaces); i++)
        found_namespace(api, namespaces[i]);
    if (config->catalogue == NULL)
        api->own_catalogue = fakeapi_catalogue_create();
    found_definitions(api, config->catalogue != NULL ? config->catalogue : api->own_catalogue);
    return api;
}

void fakeapi_free(struct fakeapi *api)
{
    if (api == NULL)
        return;
    watches_abandon(api);
    audit_release(&api->audit);
    collector_free(api->collector);
    event_expiry_free(api->event_expiry);
    resource_table_release(&api->resources);
    fakeapi_catalogue_free(api->own_catalogue);
    json_pool_free(api->pool);
    text_cache_clear(&api->texts);
    mem_free(api);
}

uint64_t fakeapi_resource_version(const struct fakeapi *api)
{
    return api->resource_version;
}

void fakeapi_compact(struct fakeapi *api)
{
    for (size_t i = 0; i < api->resources.count; i++)
        collection_compact(&api->resources.families[i]->collection, api->resource_version);
}
