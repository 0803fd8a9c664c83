#include "fakeapi/list_options.h"

#include "fakeapi/status.h"

void list_options_release(struct list_options *options)
{
    selector_release(&options->selector);
}

bool parse_version(struct str text, uint64_t *ret_version, struct buf *message)
{
    bool digits = text.len > 0;
    *ret_version = 0;
    if (text.len == 0 || str_to_u64(text, ret_version))
        return true;
    for (size_t i = 0; i < text.len; i++)
        digits = digits && text.data[i] >= '0' && text.data[i] <= '9';
    buf_printf(message, "resourceVersion: Invalid value: \"%.*s\": strconv.ParseUint: parsing "
                        "\"%.*s\": %s", STR_ARGS(text), STR_ARGS(text),
               digits ? "value out of range" : "invalid syntax");
    return false;
}

static bool read_number(struct call *call, const char *name, int64_t *ret_value)
{
    struct str text = query_get(&call->query, name);
    *ret_value = 0;
    if (!query_has(&call->query, name) || str_to_i64(text, ret_value))
        return true;
    answer_failure(call, 400, "BadRequest", "strconv.ParseInt: parsing \"%.*s\": invalid syntax",
                   STR_ARGS(text));
    return false;
}

static bool read_selectors(struct call *call, struct selector *selector)
{
    struct buf message;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = selector_parse_labels(query_get(&call->query, "labelSelector"), selector,
                                    &message) &&
              selector_parse_fields(query_get(&call->query, "fieldSelector"), call->resource,
                                    selector, &message);
    if (!ok)
        answer_failure(call, 400, "BadRequest", "%.*s", STR_ARGS(buf_str(&message)));
    buf_release(&message);
    return ok;
}

static void forbid(struct schema_errors *errors, const char *field, const char *text)
{
    schema_errors_add(errors, "FieldValueForbidden", str_from(field), "Forbidden: %s", text);
}

static void check_list_match(const struct list_options *options, struct schema_errors *errors)
{
    static const char field[] = "resourceVersionMatch";
    struct str match = options->match;
    bool exact = str_is(match, "Exact");
    if (options->says_initial_events && match.len == 0)
        forbid(errors, "sendInitialEvents", "sendInitialEvents is forbidden for list");
    if (match.len == 0)
        return;
    if (options->version_text.len == 0)
        forbid(errors, field, "resourceVersionMatch is forbidden unless resourceVersion is "
                              "provided");
    if (options->continue_token.len > 0)
        forbid(errors, field, "resourceVersionMatch is forbidden when continue is provided");
    if (!exact && !str_is(match, "NotOlderThan"))
        schema_errors_add(errors, "FieldValueNotSupported", str_from(field),
                          "Unsupported value: \"%.*s\": supported values: \"Exact\", "
                          "\"NotOlderThan\", \"\"", STR_ARGS(match));
    if (exact && str_is(options->version_text, "0"))
        forbid(errors, field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion "
                              "\"0\"");
    if (options->says_initial_events)
        forbid(errors, "sendInitialEvents", "sendInitialEvents is forbidden for list");
}

static void check_watch_match(const struct list_options *options, struct schema_errors *errors)
{
    static const char field[] = "resourceVersionMatch";
    struct str match = options->match;
    bool not_older = str_is(match, "NotOlderThan");
    /* The server itself asks for initial events of a watch that names no version. */
    bool implied = !options->says_initial_events && match.len == 0 &&
                   options->version_text.len == 0;
    if (options->says_initial_events && !not_older)
        forbid(errors, field, "sendInitialEvents requires setting resourceVersionMatch to "
                              "NotOlderThan");
    if (match.len > 0 && !options->says_initial_events)
        forbid(errors, field, "resourceVersionMatch is forbidden for watch unless "
                              "sendInitialEvents is provided");
    if (match.len > 0 && !not_older)
        schema_errors_add(errors, "FieldValueNotSupported", str_from(field),
                          "Unsupported value: \"%.*s\": supported values: \"NotOlderThan\"",
                          STR_ARGS(match));
    if ((match.len > 0 || implied) && options->continue_token.len > 0)
        forbid(errors, field, "resourceVersionMatch is forbidden when continue is provided");
}

static bool check_match(struct call *call, bool watch, const struct list_options *options)
{
    struct schema_errors errors = {0};
    if (watch)
        check_watch_match(options, &errors);
    else
        check_list_match(options, &errors);
    bool ok = errors.count == 0;
    if (!ok)
        answer_invalid(call, STR("ListOptions"), STR("meta.k8s.io"), STR(""), &errors);
    schema_errors_release(&errors);
    return ok;
}

bool list_options_read(struct call *call, bool watch, struct list_options *ret_options)
{
    const struct query *query = &call->query;
    *ret_options = (struct list_options){
        .continue_token = query_get(query, "continue"),
        .version_text = query_get(query, "resourceVersion"),
        .match = query_get(query, "resourceVersionMatch"),
        .bookmarks = query_is_true(query, "allowWatchBookmarks"),
        .says_initial_events = query_has(query, "sendInitialEvents"),
        .initial_events = query_is_true(query, "sendInitialEvents"),
    };
    return read_number(call, "timeoutSeconds", &ret_options->timeout_s) &&
           read_number(call, "limit", &ret_options->limit) &&
           read_selectors(call, &ret_options->selector) && check_match(call, watch, ret_options);
}

static struct json *too_large_details(void)
{
    struct json *details = json_object();
    struct json *causes = json_array();
    struct json *cause = json_object();
    json_set(cause, "reason", json_text("ResourceVersionTooLarge"));
    json_set(cause, "message", json_text("Too large resource version"));
    json_append(causes, cause);
    json_set(details, "causes", causes);
    json_set(details, "retryAfterSeconds", json_int(1));
    return details;
}

struct json *too_large_status(const struct fakeapi *api, uint64_t version)
{
    char text[128];
    (void)snprintf(text, sizeof(text),
                   "Timeout: Too large resource version: %" PRIu64 ", current: %" PRIu64, version,
                   api->resource_version);
    return status_object(504, "Timeout", str_from(text), too_large_details());
}

void answer_too_large(struct call *call, uint64_t version)
{
    struct json *status = too_large_status(call->api, version);
    answer_object(call, 504, status);
    json_free(status);
    call->response->retry_after_s = 1;
}
