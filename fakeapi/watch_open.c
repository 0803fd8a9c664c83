/* The answer to a watch request: where the cursor begins, and what goes before it. */
#include "controller/base/mem.h"

#include "fakeapi/list_options.h"
#include "fakeapi/options.h"
#include "fakeapi/pages.h"
#include "fakeapi/status.h"
#include "fakeapi/watch.h"

static void take_initial(struct call *call, struct fakeapi_watch *watch)
{
    struct page_query query = {.selector = &watch->selector};
    struct page page;
    page_read(call, &query, &page);
    watch->initial = page.records; /* the references too */
    watch->initial_count = page.count;
    page.records = NULL;
    page.count = 0;
    page_release(&page);
}

/* A client that starts from nothing is told what is there, as of now. */
static void begin_with_initial(struct call *call, struct fakeapi_watch *watch,
                               const struct list_options *options, bool with_mark)
{
    const struct fakeapi *api = call->api;
    take_initial(call, watch);
    watch->initial_version = api->resource_version;
    watch->initial_mark_due = with_mark && options->bookmarks;
    watch->told_version = api->resource_version;
    watch->sequence = watch->resource->collection->end_sequence;
}

static void begin_too_large(struct fakeapi_watch *watch, uint64_t version)
{
    struct json *status = too_large_status(watch->api, version);
    watch->error_text = json_print_text(status);
    json_free(status);
}

static void begin_too_old(struct fakeapi_watch *watch, uint64_t version)
{
    watch->error_text = str_format(
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
        "\"message\":\"too old resource version: %" PRIu64 " (%" PRIu64 ")\","
        "\"reason\":\"Expired\",\"code\":410}", version,
        watch->resource->collection->floor_version);
}

static void watch_begin(struct call *call, struct fakeapi_watch *watch,
                        const struct list_options *options, uint64_t version)
{
    const struct collection *collection = watch->resource->collection;
    bool initial = options->says_initial_events ? options->initial_events : version == 0;
    if (initial && version > call->api->resource_version) {
        begin_too_large(watch, version);
    } else if (initial) {
        bool unset = options->version_text.len == 0;
        begin_with_initial(call, watch, options, options->says_initial_events || unset);
    } else if (version == 0) {
        watch->sequence = collection->end_sequence;
        watch->told_version = call->api->resource_version;
    } else if (version < collection->floor_version) {
        begin_too_old(watch, version);
    } else {
        watch->after_version = version;
        watch->told_version = version;
        watch->sequence = collection_sequence_after(collection, version);
    }
}

static bool read_version(struct call *call, const struct list_options *options,
                         uint64_t *ret_version)
{
    struct buf message;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = parse_version(options->version_text, ret_version, &message);
    if (!ok)
        answer_failure(call, 500, NULL, "%.*s", STR_ARGS(buf_str(&message)));
    buf_release(&message);
    return ok;
}

static void open_watch(struct call *call, struct list_options *options, uint64_t version)
{
    struct fakeapi_watch *watch = mem_alloc(sizeof(*watch));
    watch->api = call->api;
    watch->resource = call->resource;
    watch->rendition = call->rendition;
    watch->name_space = str_dup(call->name_space);
    watch->selector = options->selector; /* moves */
    options->selector = (struct selector){0};
    if (call->name.len > 0)
        selector_add_field(&watch->selector, STR("metadata.name"), call->name, true);
    watch->is_selective = watch->name_space[0] != '\0' || !selector_is_empty(&watch->selector);
    watch->bookmarks = options->bookmarks;
    watch_begin(call, watch, options, version);
    watch_start(watch, options->timeout_s);
    call->response->status = 200;
    call->response->watch = watch;
}

/* A stream is JSON only. */
static bool accept_stream(struct call *call)
{
    if (!accept_media(call))
        return false;
    if (strcmp(call->response->content_type, "application/json") == 0)
        return true;
    answer_failure(call, 406, "NotAcceptable",
                   "only the following media types are accepted: application/json;stream=watch, "
                   "application/vnd.kubernetes.protobuf;stream=watch");
    return false;
}

void verb_watch(struct call *call)
{
    struct list_options options = {0};
    uint64_t version;
    if (accept_stream(call) && list_options_read(call, true, &options) &&
        read_version(call, &options, &version))
        open_watch(call, &options, version);
    list_options_release(&options);
}
