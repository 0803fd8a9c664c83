#include "controller/core/reflector.h"

#include "controller/base/mem.h"
#include "controller/core/limits.h"
#include "controller/k8s/status.h"

void reflector_init(struct reflector *reflector, enum kube_resource resource, struct store *store,
                    const struct store_listener *listener, struct rng *rng, struct log *log)
{
    *reflector = (struct reflector){
        .resource = resource,
        .store = store,
        .listener = listener,
        .rng = rng,
        .log = log,
        .listing = true,
    };
    buf_init(&reflector->body, LIST_BODY_BYTES_MAX);
    watch_decoder_init(&reflector->decoder);
}

void reflector_release(struct reflector *reflector)
{
    mem_free(reflector->resource_version);
    mem_free(reflector->continue_token);
    buf_release(&reflector->body);
    watch_decoder_release(&reflector->decoder);
}

static const char *kind_of(const struct reflector *reflector)
{
    return kube_resource_info(reflector->resource)->kind;
}

static void remember(char **text, struct str value)
{
    char *copy = str_is_empty(value) ? NULL : str_dup(value);
    mem_free(*text);
    *text = copy;
}

/* What a watch resumes from; an event that tells none moves nothing. */
static void remember_version(struct reflector *reflector, struct str version)
{
    if (!str_is_empty(version))
        remember(&reflector->resource_version, version);
}

/* A server begins to answer a watch at once; one that does not would be silent for its whole
 * time, which is up to an hour. */
int64_t reflector_next_mono_ms(const struct reflector *reflector)
{
    if (reflector->request_id == 0)
        return reflector->retry_mono_ms;
    bool is_unanswered = !reflector->lists && reflector->http_status == 0;
    return is_unanswered ? reflector->started_mono_ms + WATCH_HEAD_MS : KTIME_NEVER;
}

static void request_list(struct reflector *reflector, struct buf *target,
                         struct kube_request *ret_request)
{
    buf_printf(target, "?limit=%d", LIST_CHUNK_ITEMS);
    if (reflector->continue_token != NULL) {
        buf_append_text(target, "&continue=");
        kube_append_escaped(target, str_from(reflector->continue_token));
    } else {
        reflector->epoch++;
    }
    ret_request->timeout_ms = LIST_TIMEOUT_MS;
}

static void request_watch(struct reflector *reflector, struct buf *target,
                          struct kube_request *ret_request)
{
    int64_t timeout_s = rng_between(reflector->rng, WATCH_TIMEOUT_S_MIN, WATCH_TIMEOUT_S_MAX);
    buf_printf(target,
               "?watch=true&allowWatchBookmarks=true&resourceVersion=%s&timeoutSeconds=%" PRId64,
               reflector->resource_version, timeout_s);
    ret_request->timeout_ms = timeout_s * 1000 + WATCH_MARGIN_MS;
    ret_request->stream = true;
}

void reflector_request(struct reflector *reflector, uint64_t id, struct ktime now,
                       struct buf *target, struct kube_request *ret_request)
{
    ASSERT(reflector->request_id == 0 && id != 0);
    reflector->request_id = id;
    reflector->lists = reflector->listing;
    reflector->started_mono_ms = now.mono_ms;
    reflector->http_status = 0;
    buf_clear(&reflector->body);
    watch_decoder_release(&reflector->decoder);
    watch_decoder_init(&reflector->decoder);
    *ret_request = (struct kube_request){.method = "GET"};
    kube_resource_path(target, reflector->resource, STR_NONE, STR_NONE, STR_NONE);
    if (reflector->listing)
        request_list(reflector, target, ret_request);
    else
        request_watch(reflector, target, ret_request);
    ret_request->target = buf_str(target);
}

static bool is_refusal(enum err err)
{
    return err == ERR_UNAUTHORIZED || err == ERR_FORBIDDEN;
}

/* Exponential from 800 ms to 30 s, each doubled by chance up to twofold, as client-go; who has
 * no right to ask asks every ten minutes in the end (P12): a token may be renewed within
 * seconds, a role is mended by people. */
static void back_off(struct reflector *reflector, enum err err, struct ktime now)
{
    int64_t most_ms = is_refusal(err) ? REFUSED_RETRY_MS / 2 : RELIST_BACKOFF_MS_MAX;
    int64_t wait_ms = RELIST_BACKOFF_MS_MIN;
    for (unsigned i = 0; i < reflector->failures && wait_ms < most_ms; i++)
        wait_ms *= 2;
    if (wait_ms > most_ms)
        wait_ms = most_ms;
    reflector->failures++;
    reflector->retry_mono_ms = now.mono_ms + rng_between(reflector->rng, wait_ms, 2 * wait_ms);
}

void reflector_not_accepted(struct reflector *reflector, struct ktime now)
{
    reflector->request_id = 0;
    back_off(reflector, ERR_UNREACHABLE, now);
}

static void relist(struct reflector *reflector)
{
    reflector->listing = true;
    remember(&reflector->continue_token, STR_NONE);
    remember(&reflector->resource_version, STR_NONE);
}

static void put_object(struct reflector *reflector, struct json *json)
{
    struct object *object = object_create(reflector->resource, json);
    if (object == NULL)
        log_printf(reflector->log, LOG_DEBUG, "a %s without name, uid or version was skipped",
                   kind_of(reflector));
    else
        store_put(reflector->store, object, reflector->epoch, reflector->listener);
}

static void remove_object(struct reflector *reflector, struct json *json)
{
    struct meta meta;
    if (meta_read(json, &meta)) {
        struct buf key;
        buf_init(&key, STORE_KEY_BYTES_MAX);
        store_key(&meta, &key);
        store_remove(reflector->store, reflector->resource, buf_str(&key), reflector->listener);
        buf_release(&key);
    }
    json_free(json);
}

void reflector_on_head(struct reflector *reflector, const struct kube_response_head *head)
{
    reflector->http_status = head->status;
}

static void handle_error_event(struct reflector *reflector, struct json *status)
{
    struct errmsg msg = {""};
    enum err err = kube_status_err_of(status, &msg);
    log_printf(reflector->log, LOG_DEBUG, "watch of %s: %s", kind_of(reflector), msg.text);
    if (err == ERR_GONE)
        relist(reflector);
    json_free(status);
}

static void handle_event(struct reflector *reflector, struct watch_event *event)
{
    switch (event->type) {
    case WATCH_ADDED:
    case WATCH_MODIFIED:
    case WATCH_DELETED:
    case WATCH_BOOKMARK:
        remember_version(reflector, json_text_at(event->object, "metadata.resourceVersion"));
        break;
    case WATCH_ERROR:
        handle_error_event(reflector, event->object);
        return;
    }
    if (event->type == WATCH_DELETED)
        remove_object(reflector, event->object);
    else if (event->type == WATCH_BOOKMARK)
        json_free(event->object);
    else
        put_object(reflector, event->object);
}

/* Feeds at most this much at a time: a burst of events must not count as one long line. */
#define FEED_BYTES ((size_t)64 << 10)

static bool read_slice(struct reflector *reflector, struct str bytes)
{
    struct watch_event event;
    struct errmsg msg;
    enum err fed = watch_decoder_feed(&reflector->decoder, bytes);
    if (NEVER(fed != ERR_NONE, "beside the longest line there is room for a slice"))
        return false;
    for (;;) {
        enum err err = watch_decoder_next(&reflector->decoder, &event, &msg);
        if (err == ERR_NOT_FOUND)
            return true;
        if (err == ERR_NONE)
            handle_event(reflector, &event);
        else
            log_printf(reflector->log, LOG_DEBUG, "watch of %s: %s", kind_of(reflector), msg.text);
        if (err != ERR_NONE && err != ERR_TYPE)
            return false;
    }
}

static bool read_events(struct reflector *reflector, struct str bytes)
{
    for (size_t at = 0; at < bytes.len; at += FEED_BYTES) {
        if (!read_slice(reflector, str_slice(bytes, at, at + FEED_BYTES)))
            return false;
    }
    return true;
}

bool reflector_on_body(struct reflector *reflector, struct str bytes)
{
    if (!reflector->lists && reflector->http_status == 200)
        return read_events(reflector, bytes);
    buf_append(&reflector->body, bytes);
    return !reflector->body.overflowed;
}

/* A value fault in one item condemns that item only. */
static void put_page(struct reflector *reflector, const struct json_list *page)
{
    for (size_t i = 0; i < page->item_count; i++) {
        struct json *item = NULL;
        struct errmsg msg;
        if (json_parse(page->items[i], NULL, &item, &msg) == ERR_NONE)
            put_object(reflector, item);
        else
            log_printf(reflector->log, LOG_DEBUG, "a %s in a list: %s", kind_of(reflector),
                       msg.text);
    }
}

/* Looked for again now and then: it may be installed later. */
static void end_without_resource(struct reflector *reflector, struct ktime now)
{
    store_sweep(reflector->store, reflector->resource, reflector->epoch, reflector->listener);
    reflector->synced = true;
    reflector->retry_mono_ms = now.mono_ms + ABSENT_RESOURCE_RETRY_MS;
}

static enum err end_list(struct reflector *reflector, struct ktime now, struct errmsg *msg)
{
    struct json_list page;
    enum err err = kube_status_err(reflector->http_status, buf_str(&reflector->body), msg);
    if (err == ERR_NOT_FOUND && kube_resource_info(reflector->resource)->optional) {
        end_without_resource(reflector, now);
        return ERR_NONE;
    }
    if (err == ERR_NONE)
        err = json_list_split(buf_str(&reflector->body), LIST_CHUNK_ITEMS * 2, &page, msg);
    if (err != ERR_NONE)
        return err;
    put_page(reflector, &page);
    remember(&reflector->continue_token, json_text_at(page.head, "metadata.continue"));
    if (reflector->continue_token == NULL) /* not before all pages are in: gates look at it */
        remember(&reflector->resource_version,
                 json_text_at(page.head, "metadata.resourceVersion"));
    json_list_release(&page);
    if (reflector->continue_token != NULL)
        return ERR_NONE;
    if (reflector->resource_version == NULL)
        return err_set(msg, ERR_TYPE, "found a list without metadata.resourceVersion");
    store_sweep(reflector->store, reflector->resource, reflector->epoch, reflector->listener);
    reflector->listing = false;
    reflector->synced = true;
    return ERR_NONE;
}

static bool is_short_watch(const struct reflector *reflector, struct ktime now)
{
    return !reflector->lists && now.mono_ms < reflector->started_mono_ms + WATCH_LIFE_MS_MIN;
}

/* A watch that ends as soon as it began counts as a failure, or a server that
 * closes all of them would be asked without a pause. */
static enum err end_watch(struct reflector *reflector, struct ktime now, struct errmsg *msg)
{
    enum err err = kube_status_err(reflector->http_status, buf_str(&reflector->body), msg);
    if (err == ERR_GONE || err == ERR_NOT_FOUND)
        relist(reflector);
    if ((err == ERR_NONE || err == ERR_GONE) && is_short_watch(reflector, now) &&
        reflector->failures > 0)
        return err_set(msg, ERR_SERVER, "ended as soon as it began");
    return err == ERR_GONE ? ERR_NONE : err;
}

void reflector_on_end(struct reflector *reflector, enum err result, struct ktime now)
{
    struct errmsg msg = {""};
    bool was_listing = reflector->lists;
    reflector->request_id = 0;
    reflector->retry_mono_ms = now.mono_ms;
    if (result == ERR_NONE && was_listing)
        result = end_list(reflector, now, &msg);
    else if (result == ERR_NONE)
        result = end_watch(reflector, now, &msg);
    else
        err_set(&msg, result, "%s", err_name(result));
    if (result == ERR_NONE) {
        reflector->failures = is_short_watch(reflector, now) ? 1 : 0;
        return;
    }
    log_printf(reflector->log, is_refusal(result) ? LOG_WARNING : LOG_DEBUG, "%s of %s: %s",
               was_listing ? "list" : "watch", kind_of(reflector), msg.text);
    if (was_listing)
        relist(reflector);
    back_off(reflector, result, now);
}
