#include "fakeapi/watch.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

#include "fakeapi/rendition.h"

enum shown { SHOWN_NOTHING, SHOWN_ADDED, SHOWN_MODIFIED, SHOWN_DELETED };

static bool watch_sees(const struct fakeapi_watch *watch, const struct record *record)
{
    if (record == NULL)
        return false;
    if (!watch->is_selective)
        return true;
    if (watch->name_space[0] != '\0' &&
        !str_is(json_text_at(record->object, "metadata.namespace"), watch->name_space))
        return false;
    return selector_matches(&watch->selector, record->object);
}

/* An object that enters the selection is new, one that leaves it is gone. */
static enum shown watch_shows(const struct fakeapi_watch *watch, const struct event *event)
{
    if (event->resource_version <= watch->after_version)
        return SHOWN_NOTHING;
    bool was_seen = watch_sees(watch, event->before);
    bool is_seen = watch_sees(watch, event->after);
    if (is_seen)
        return was_seen ? SHOWN_MODIFIED : SHOWN_ADDED;
    return was_seen ? SHOWN_DELETED : SHOWN_NOTHING;
}

static void watch_wake(struct fakeapi_watch *watch)
{
    if (!watch->is_waiting)
        return;
    watch->is_waiting = false;
    if (watch->on_ready != NULL)
        watch->on_ready(watch->ctx);
}

void watches_tell(struct fakeapi *api, struct resource *resource, struct event *event)
{
    (void)api;
    struct fakeapi_watch *next;
    for (struct fakeapi_watch *watch = resource->collection->watches; watch != NULL;
         watch = next) {
        next = watch->next;
        if (!watch->is_waiting)
            continue;
        if (watch_shows(watch, event) == SHOWN_NOTHING)
            watch->sequence = resource->collection->end_sequence; /* it had read all before */
        else
            watch_wake(watch);
    }
}

static void unmarked_link(struct fakeapi_watch *watch)
{
    struct fakeapi *api = watch->api;
    watch->is_unmarked = true;
    watch->previous_unmarked = NULL;
    watch->next_unmarked = api->unmarked;
    if (api->unmarked != NULL)
        api->unmarked->previous_unmarked = watch;
    api->unmarked = watch;
}

static void unmarked_unlink(struct fakeapi_watch *watch)
{
    if (!watch->is_unmarked)
        return;
    watch->is_unmarked = false;
    if (watch->previous_unmarked != NULL)
        watch->previous_unmarked->next_unmarked = watch->next_unmarked;
    else
        watch->api->unmarked = watch->next_unmarked;
    if (watch->next_unmarked != NULL)
        watch->next_unmarked->previous_unmarked = watch->previous_unmarked;
}

static void on_bookmark(void *ctx)
{
    struct fakeapi_watch *watch = ctx;
    watch->bookmark_timer = 0;
    unmarked_link(watch);
    if (watch->marked_version >= watch->api->resource_version)
        return;
    watch->bookmark_due = true;
    watch_wake(watch);
}

/* In a minute, or shortly before the end when that is sooner. */
static void bookmark_plan(struct fakeapi_watch *watch)
{
    int64_t now_ms = watch->api->timers->now_ms;
    int64_t at_ms = now_ms + WATCH_BOOKMARK_MS;
    int64_t last_ms = watch->deadline_ms - WATCH_BOOKMARK_BEFORE_END_MS;
    if (last_ms < at_ms)
        at_ms = last_ms > now_ms + 1000 ? last_ms : now_ms + 1000;
    if (at_ms >= watch->deadline_ms)
        return;
    watch->bookmark_timer = timers_add(watch->api->timers, at_ms, on_bookmark, watch);
}

void watches_note_write(struct fakeapi *api)
{
    while (api->unmarked != NULL) {
        struct fakeapi_watch *watch = api->unmarked;
        unmarked_unlink(watch);
        bookmark_plan(watch);
    }
}

/* No further events and no timers; what happened up to now stays readable. */
static void watch_finish(struct fakeapi_watch *watch)
{
    if (watch->over)
        return;
    watch->over = true;
    watch->stop_sequence = watch->resource->collection->end_sequence;
    unmarked_unlink(watch);
    timers_cancel(watch->api->timers, watch->bookmark_timer);
    timers_cancel(watch->api->timers, watch->timeout_timer);
    watch->bookmark_timer = 0;
    watch->timeout_timer = 0;
    watch->bookmark_due = false;
}

static void on_timeout(void *ctx)
{
    struct fakeapi_watch *watch = ctx;
    watch->timeout_timer = 0;
    watch_finish(watch);
    watch_wake(watch);
}

void watches_end(struct resource *resource)
{
    struct fakeapi_watch *next;
    for (struct fakeapi_watch *watch = resource->collection->watches; watch != NULL;
         watch = next) {
        next = watch->next;
        watch_finish(watch);
        watch_wake(watch);
    }
}

static void watch_unlink(struct fakeapi_watch *watch)
{
    struct collection *collection = watch->resource->collection;
    if (watch->previous != NULL)
        watch->previous->next = watch->next;
    else
        collection->watches = watch->next;
    if (watch->next != NULL)
        watch->next->previous = watch->previous;
}

static void watch_forget_initial(struct fakeapi_watch *watch)
{
    for (size_t i = watch->initial_at; i < watch->initial_count; i++)
        record_unref(watch->initial[i]);
    mem_free(watch->initial);
    watch->initial = NULL;
    watch->initial_count = 0;
    watch->initial_at = 0;
}

void watches_abandon(struct fakeapi *api)
{
    for (size_t i = 0; i < api->resources.count; i++) {
        struct collection *collection = &api->resources.families[i]->collection;
        while (collection->watches != NULL) {
            struct fakeapi_watch *watch = collection->watches;
            watch_finish(watch);
            watch_unlink(watch);
            watch_forget_initial(watch);
            watch->api = NULL;
            watch->resource = NULL;
        }
    }
}

void fakeapi_watch_close(struct fakeapi_watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->api != NULL) {
        watch_finish(watch);
        watch_unlink(watch);
    }
    watch_forget_initial(watch);
    selector_release(&watch->selector);
    mem_free(watch->name_space);
    mem_free(watch->error_text);
    mem_free(watch);
}

void fakeapi_watch_notify(struct fakeapi_watch *watch, void (*on_ready)(void *ctx), void *ctx)
{
    watch->on_ready = on_ready;
    watch->ctx = ctx;
}

static void print_error(struct str status, struct buf *out)
{
    buf_append_text(out, "{\"type\":\"ERROR\",\"object\":");
    buf_append(out, status);
    buf_append_text(out, "}\n");
}

static void print_event(struct fakeapi_watch *watch, const char *type, struct record *record,
                        struct buf *out)
{
    buf_append_text(out, "{\"type\":\"");
    buf_append_text(out, type);
    buf_append_text(out, "\",\"object\":");
    rendition_print_record(watch->api, watch->rendition, watch->resource, record, out);
    buf_append_text(out, "}\n");
    watch->rendition.columns_told = true;
}

static void print_bookmark(struct fakeapi_watch *watch, uint64_t version, bool ends_initial,
                           struct buf *out)
{
    struct json *object = json_object();
    struct json *metadata = json_object();
    struct json *annotations = json_object();
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, version);
    json_set(annotations, "k8s.io/initial-events-end", json_text("true"));
    if (ends_initial)
        json_set(metadata, "annotations", annotations);
    else
        json_free(annotations);
    json_set(metadata, "resourceVersion", json_text(text));
    json_set(object, "apiVersion", json_text(watch->resource->api_version));
    json_set(object, "kind", json_text(watch->resource->kind));
    json_set(object, "metadata", metadata);
    buf_append_text(out, "{\"type\":\"BOOKMARK\",\"object\":");
    rendition_print(watch->rendition, watch->resource, watch->api->timers->now_ms, object, out);
    buf_append_text(out, "}\n");
    json_free(object);
    watch->told_version = version;
    watch->marked_version = version;
}

static bool read_initial(struct fakeapi_watch *watch, struct buf *out)
{
    if (watch->initial_at < watch->initial_count) {
        struct record *record = watch->initial[watch->initial_at++];
        print_event(watch, "ADDED", record, out);
        record_unref(record);
        return true;
    }
    watch_forget_initial(watch);
    if (!watch->initial_mark_due)
        return false;
    watch->initial_mark_due = false;
    print_bookmark(watch, watch->initial_version, true, out);
    return true;
}

static uint64_t watch_end_sequence(const struct fakeapi_watch *watch)
{
    return watch->over ? watch->stop_sequence : watch->resource->collection->end_sequence;
}

static void print_shown(struct fakeapi_watch *watch, enum shown shown, struct event *event,
                        struct buf *out)
{
    if (shown == SHOWN_DELETED)
        print_event(watch, "DELETED", event_departed(event), out);
    else
        print_event(watch, shown == SHOWN_ADDED ? "ADDED" : "MODIFIED", event->after, out);
    watch->told_version = event->resource_version;
}

static bool read_event(struct fakeapi_watch *watch, struct buf *out)
{
    struct collection *collection = watch->resource->collection;
    while (watch->sequence < watch_end_sequence(watch)) {
        struct event *event = collection_event(collection, watch->sequence++);
        enum shown shown = watch_shows(watch, event);
        if (shown == SHOWN_NOTHING)
            continue;
        print_shown(watch, shown, event, out);
        return true;
    }
    return false;
}

/* What the watch had not read yet is forgotten: it ends as one from too old a version. */
static void fall_behind(struct fakeapi_watch *watch)
{
    watch->error_text = str_format(
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
        "\"message\":\"too old resource version: %" PRIu64 " (%" PRIu64 ")\","
        "\"reason\":\"Expired\",\"code\":410}",
        watch->told_version, watch->resource->collection->floor_version);
    watch_finish(watch);
    watch->sequence = watch->stop_sequence;
}

static bool read_error(struct fakeapi_watch *watch, struct buf *out)
{
    if (watch->error_text == NULL)
        return false;
    print_error(str_from(watch->error_text), out);
    mem_free(watch->error_text);
    watch->error_text = NULL;
    return true;
}

static bool read_bookmark(struct fakeapi_watch *watch, struct buf *out)
{
    bool due = watch->bookmark_due && watch->marked_version < watch->api->resource_version;
    watch->bookmark_due = false;
    if (due)
        print_bookmark(watch, watch->api->resource_version, false, out);
    return due;
}

bool fakeapi_watch_read(struct fakeapi_watch *watch, struct buf *out)
{
    if (watch->api == NULL)
        return false;
    if (read_initial(watch, out))
        return true;
    if (watch->error_text == NULL && watch->sequence < watch_end_sequence(watch) &&
        watch->sequence < watch->resource->collection->first_sequence)
        fall_behind(watch);
    if (read_event(watch, out) || read_error(watch, out) || read_bookmark(watch, out))
        return true;
    watch->is_waiting = !watch->over;
    return false;
}

/* Looks past events that the watch does not show. */
static bool has_event(const struct fakeapi_watch *watch)
{
    const struct collection *collection = watch->resource->collection;
    if (watch->sequence < watch_end_sequence(watch) &&
        watch->sequence < collection->first_sequence)
        return true; /* an error is to be read */
    for (uint64_t at = watch->sequence; at < watch_end_sequence(watch); at++)
        if (watch_shows(watch, collection_event(collection, at)) != SHOWN_NOTHING)
            return true;
    return false;
}

bool fakeapi_watch_ended(const struct fakeapi_watch *watch)
{
    if (watch->api == NULL)
        return true;
    return watch->over && watch->initial_at == watch->initial_count &&
           !watch->initial_mark_due && watch->error_text == NULL && !has_event(watch);
}

static void watch_link(struct fakeapi_watch *watch)
{
    struct collection *collection = watch->resource->collection;
    watch->next = collection->watches;
    if (watch->next != NULL)
        watch->next->previous = watch;
    collection->watches = watch;
}

void watch_start(struct fakeapi_watch *watch, int64_t timeout_s)
{
    struct fakeapi *api = watch->api;
    if (timeout_s <= 0)
        timeout_s = rng_between(&api->watch_rng, WATCH_TIMEOUT_MIN_S, WATCH_TIMEOUT_MAX_S);
    watch->marked_version = watch->told_version;
    watch->deadline_ms = api->timers->now_ms + timeout_s * 1000;
    watch_link(watch);
    if (watch->error_text != NULL) {
        watch_finish(watch);
        watch->sequence = watch->stop_sequence;
        return;
    }
    watch->timeout_timer = timers_add(api->timers, watch->deadline_ms, on_timeout, watch);
    if (!watch->bookmarks)
        return;
    if (watch->told_version < api->resource_version)
        bookmark_plan(watch);
    else
        unmarked_link(watch);
}
