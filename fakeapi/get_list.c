/* GET of an object and of a collection. */
#include "controller/base/mem.h"

#include "fakeapi/base64.h"
#include "fakeapi/decode.h"
#include "fakeapi/list_options.h"
#include "fakeapi/options.h"
#include "fakeapi/pages.h"
#include "fakeapi/rendition.h"
#include "fakeapi/status.h"

/* What a get says about its version: "at least", so only the future is a failure. */
static bool check_get_version(struct call *call)
{
    struct buf message;
    uint64_t version;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = parse_version(query_get(&call->query, "resourceVersion"), &version, &message);
    if (!ok) {
        answer_failure(call, 500, NULL, "%.*s", STR_ARGS(buf_str(&message)));
    } else if (version > call->api->resource_version) {
        answer_too_large(call, version);
        ok = false;
    }
    buf_release(&message);
    return ok;
}

static bool check_export(struct call *call)
{
    if (!query_is_true(&call->query, "export"))
        return true;
    answer_failure(call, 400, "BadRequest",
                   "the export parameter, deprecated since v1.14, is no longer supported");
    return false;
}

static bool check_name_parameter(struct call *call)
{
    if (str_find(call->name, '%', 0) == call->name.len)
        return true;
    answer_failure(call, 400, "BadRequest",
                   "Name parameter invalid: \"%.*s\": may not contain '%%'",
                   STR_ARGS(call->name));
    return false;
}

void verb_get(struct call *call)
{
    struct record *record = call_record(call);
    if (!accept_media(call) || !check_timeout(call) || !check_name_parameter(call) ||
        !check_export(call) || !check_get_version(call))
        return;
    if (record == NULL)
        answer_not_found(call);
    else
        answer_record(call, 200, record);
}

/* {"v": ..., "rv": ..., "start": ...} of a token. False: what is wrong with it. */
static bool read_token(struct str token, struct page_query *page, struct json **ret_json,
                       struct buf *message)
{
    struct buf text;
    struct json *duplicates = NULL;
    size_t bad_at = 0;
    buf_init(&text, token.len + 4);
    bool ok = base64url_decode(token, &text, &bad_at);
    if (!ok)
        buf_printf(message, "illegal base64 data at input byte %zu", bad_at);
    ok = ok && parse_text(buf_str(&text), false, ret_json, &duplicates, message);
    json_free(duplicates);
    buf_release(&text);
    if (!ok)
        return false;
    struct str version = json_text_at(*ret_json, "v");
    int64_t at = 0;
    page->start = json_text_at(*ret_json, "start");
    if (!str_is(version, "meta.k8s.io/v1"))
        buf_printf(message, "server does not recognize this encoded version %.*s",
                   STR_ARGS(version));
    else if (page->start.len == 0)
        buf_append_text(message, "encoded start key empty (version meta.k8s.io/v1)");
    else if (str_starts_with(page->start, STR("../")) || str_contains(page->start, STR("/../")))
        buf_append(message, page->start);
    else if (!json_int_of(json_get(*ret_json, "rv"), &at) || at <= 0)
        buf_append_text(message, "incorrect encoded start resourceVersion (version "
                                 "meta.k8s.io/v1)");
    page->version = (uint64_t)at;
    page->exact = true;
    return message->len == 0;
}

static bool check_token(struct call *call, struct str token, struct page_query *page,
                        struct json **ret_json)
{
    struct buf message;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = read_token(token, page, ret_json, &message);
    if (!ok)
        answer_failure(call, 400, "BadRequest",
                       "invalid continue token: continue key is not valid: %.*s",
                       STR_ARGS(buf_str(&message)));
    buf_release(&message);
    return ok;
}

bool page_token_is_good(struct call *call, struct str token)
{
    struct page_query page = {0};
    struct json *json = NULL;
    bool ok = token.len == 0 || check_token(call, token, &page, &json);
    json_free(json);
    return ok;
}

static bool use_token(struct call *call, const struct list_options *options,
                      struct page_query *page, struct json **ret_json)
{
    if (options->version_text.len == 0 || str_is(options->version_text, "0"))
        return check_token(call, options->continue_token, page, ret_json);
    answer_failure(call, 400, "BadRequest",
                   "specifying resource version is not allowed when using continue");
    return false;
}

/* Which state of the collection the list shows. */
static bool use_version(struct call *call, const struct list_options *options,
                        struct page_query *page)
{
    struct buf message;
    uint64_t version;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = parse_version(options->version_text, &version, &message);
    if (!ok)
        answer_failure(call, 400, "BadRequest", "invalid resource version: %.*s",
                       STR_ARGS(buf_str(&message)));
    buf_release(&message);
    if (!ok)
        return false;
    if (version > call->api->resource_version) {
        answer_too_large(call, version);
        return false;
    }
    if (options->version_text.len > 0 && version == 0)
        page->limit = 0; /* any state, in one piece */
    page->exact = str_is(options->match, "Exact") ||
                  (version > 0 && options->match.len == 0 && page->limit > 0);
    page->version = page->exact ? version : call->api->resource_version;
    return true;
}

static bool check_kept(struct call *call, const struct list_options *options,
                       const struct page_query *page)
{
    const struct collection *collection = call->resource->collection;
    if (!page->exact || page->version >= call->api->resource_version ||
        page->version >= collection->floor_version)
        return true;
    if (options->continue_token.len == 0) {
        answer_failure(call, 410, "Expired",
                       "The resourceVersion for the provided list is too old.");
        return false;
    }
    answer_failure(call, 410, "Expired",
                   "The provided continue parameter is too old to display a consistent list "
                   "result. You must start a new list without the continue parameter.");
    return false;
}

void verb_list(struct call *call)
{
    struct list_options options = {0};
    struct json *token = NULL;
    struct page_query page = {0};
    if (accept_media(call) && check_timeout(call) && list_options_read(call, false, &options)) {
        page.limit = options.limit > 0 ? (size_t)options.limit : 0;
        page.selector = &options.selector;
        bool ok = options.continue_token.len > 0 ? use_token(call, &options, &page, &token)
                                                 : use_version(call, &options, &page);
        if (ok && check_kept(call, &options, &page))
            answer_page(call, &page);
    }
    json_free(token);
    list_options_release(&options);
}
