#include "fakeapi/sveltos/informer.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/watch_line.h"

#define RELIST_DELAY_MS 1000 /* after a refused list: as the watch libraries' first back-off */

void informer_init(struct informer *informer, const struct informer_config *config)
{
    *informer = (struct informer){.config = *config};
    map_init(&informer->objects);
}

static void forget_objects(struct informer *informer)
{
    MAP_EACH(entry, &informer->objects)
        json_free(map_entry_value(entry));
    map_release(&informer->objects);
    map_init(&informer->objects);
}

void informer_stop(struct informer *informer)
{
    fakeapi_watch_close(informer->watch);
    informer->watch = NULL;
    timers_cancel(informer->config.timers, informer->timer);
    informer->timer = 0;
    mem_free(informer->resource_version);
    informer->resource_version = NULL;
    forget_objects(informer);
}

void informer_release(struct informer *informer)
{
    informer_stop(informer);
    map_release(&informer->objects);
}

static void tell(struct informer *informer, const struct json *before, const struct json *after)
{
    const struct informer_config *config = &informer->config;
    bool replaced = before != NULL && after != NULL &&
                    !str_equal(object_uid(before), object_uid(after));
    if (replaced) {
        config->on_change(config->ctx, before, NULL);
        before = NULL;
    }
    config->on_change(config->ctx, before, after);
}

static void take_object(struct informer *informer, struct json *object)
{
    char *key CLEANUP(mem_free_pointer) = object_key(object);
    struct json *before = map_put(&informer->objects, str_from(key), object);
    tell(informer, before, object);
    json_free(before);
}

static void drop_object(struct informer *informer, struct str key)
{
    struct json *before = map_remove(&informer->objects, key);
    if (before == NULL)
        return;
    tell(informer, before, NULL);
    json_free(before);
}

static void remember_version(struct informer *informer, const struct json *of)
{
    struct str version = json_text_at(of, "metadata.resourceVersion");
    if (str_is_empty(version))
        return;
    mem_free(informer->resource_version);
    informer->resource_version = str_dup(version);
}

/* Objects that the cache knows and the list does not are gone. */
static void drop_unlisted(struct informer *informer, const struct map *listed)
{
    struct map_entry *entry = map_next(&informer->objects, NULL);
    while (entry != NULL) {
        struct map_entry *next = map_next(&informer->objects, entry);
        char *key CLEANUP(mem_free_pointer) = str_dup(map_entry_key(entry));
        if (map_get(listed, str_from(key)) == NULL)
            drop_object(informer, str_from(key));
        entry = next;
    }
}

/* What watch_line_thin leaves out of events. */
static void thin(const struct informer *informer, struct json *object)
{
    struct json *metadata = json_get(object, "metadata");
    if (metadata != NULL)
        json_remove(metadata, "managedFields");
    if (!informer->config.metadata_only)
        return;
    json_remove(object, "spec");
    json_remove(object, "status");
}

static void take_list(struct informer *informer, struct json *list)
{
    struct map listed;
    map_init(&listed);
    struct json *items = json_get(list, "items");
    while (json_first(items) != NULL) {
        struct json *object = json_detach(items, json_first(items));
        /* Items of a list do not say what they are. */
        json_set(object, "apiVersion", json_text(informer->config.kind->api_version));
        json_set(object, "kind", json_text(informer->config.kind->name));
        thin(informer, object);
        char *key CLEANUP(mem_free_pointer) = object_key(object);
        map_put(&listed, str_from(key), informer);
        take_object(informer, object);
    }
    drop_unlisted(informer, &listed);
    map_release(&listed);
    remember_version(informer, list);
}

static void read_later(struct informer *informer, int64_t delay_ms);

static void on_ready(void *ctx)
{
    read_later(ctx, 0);
}

static void open_watch(struct informer *informer)
{
    informer->watch = client_watch(informer->config.client, informer->config.kind,
                                   str_from(informer->resource_version));
    if (informer->watch != NULL)
        fakeapi_watch_notify(informer->watch, on_ready, informer);
}

static bool relist(struct informer *informer)
{
    struct json *list = NULL;
    int status = client_list(informer->config.client, informer->config.kind, &list);
    bool listed = status == 200 && json_is(list, JSON_OBJECT);
    if (listed)
        take_list(informer, list);
    json_free(list);
    return listed;
}

static void close_watch(struct informer *informer, bool forget_version)
{
    fakeapi_watch_close(informer->watch);
    informer->watch = NULL;
    if (!forget_version)
        return;
    mem_free(informer->resource_version);
    informer->resource_version = NULL;
}

static void take_event(struct informer *informer, struct str line)
{
    struct json *event = NULL;
    struct errmsg msg;
    if (json_parse(line, NULL, &event, &msg) != ERR_NONE) {
        close_watch(informer, true);
        return;
    }
    struct str type = json_text_at(event, "type");
    struct json *object = json_get(event, "object");
    if (str_is(type, "ERROR")) {
        close_watch(informer, true);
    } else {
        remember_version(informer, object);
        char *key CLEANUP(mem_free_pointer) = object_key(object);
        if (str_is(type, "DELETED"))
            drop_object(informer, str_from(key));
        else if (!str_is(type, "BOOKMARK"))
            take_object(informer, json_detach(event, object));
    }
    json_free(event);
}

static void read_events(struct informer *informer)
{
    struct buf line;
    struct buf kept;
    buf_init(&line, FAKEAPI_BODY_BYTES_MAX);
    buf_init(&kept, FAKEAPI_BODY_BYTES_MAX);
    while (informer->watch != NULL && fakeapi_watch_read(informer->watch, &line)) {
        watch_line_thin(buf_str(&line), informer->config.metadata_only, &kept);
        take_event(informer, buf_str(&kept));
        buf_clear(&line);
        buf_clear(&kept);
    }
    buf_release(&line);
    buf_release(&kept);
    if (informer->watch != NULL && fakeapi_watch_ended(informer->watch))
        close_watch(informer, false);
}

/* A stream may end or be refused as often as it is opened: two tries, then time must pass. */
void informer_sync(struct informer *informer)
{
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        if (informer->watch == NULL) {
            if (informer->resource_version == NULL && !relist(informer))
                break;
            open_watch(informer);
        }
        read_events(informer);
        if (informer->watch != NULL)
            return;
    }
    read_later(informer, RELIST_DELAY_MS);
}

static void read_now(void *ctx)
{
    struct informer *informer = ctx;
    informer->timer = 0;
    informer_sync(informer);
}

static void read_later(struct informer *informer, int64_t delay_ms)
{
    if (informer->timer != 0)
        return;
    struct timers *timers = informer->config.timers;
    informer->timer = timers_add(timers, timers->now_ms + delay_ms, read_now, informer);
}

void informer_start(struct informer *informer)
{
    informer_sync(informer);
}

const struct json *informer_get_key(const struct informer *informer, struct str key)
{
    return map_get(&informer->objects, key);
}

const struct json *informer_get(const struct informer *informer, struct str name_space,
                                struct str name)
{
    char *key CLEANUP(mem_free_pointer) = object_key_of(name_space, name);
    return informer_get_key(informer, str_from(key));
}
