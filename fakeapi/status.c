#include "fakeapi/status.h"

#include "controller/base/mem.h"

/* Foreign bytes end up in messages: what is no UTF-8 is shown as U+FFFD, as Go does. */
static struct json *shown_string(struct str text)
{
    if (str_utf8_valid_prefix(text) == text.len && str_find(text, '\0', 0) == text.len)
        return json_string(text);
    struct buf shown;
    buf_init(&shown, 3 * text.len + 1);
    utf8_repair(text, &shown);
    struct json *string = json_string(buf_str(&shown));
    buf_release(&shown);
    return string;
}

static void set_text(struct json *object, const char *key, struct str text)
{
    if (text.len > 0)
        json_set(object, key, shown_string(text));
}

struct json *status_details(struct str name, struct str group, struct str kind)
{
    struct json *details = json_object();
    set_text(details, "name", name);
    set_text(details, "group", group);
    set_text(details, "kind", kind);
    return details;
}

struct json *status_object(int code, const char *reason, struct str message, struct json *details)
{
    struct json *status = json_object();
    json_set(status, "kind", json_text("Status"));
    json_set(status, "apiVersion", json_text("v1"));
    json_set(status, "metadata", json_object());
    json_set(status, "status", json_text(code == 0 ? "Success" : "Failure"));
    set_text(status, "message", message);
    if (reason != NULL)
        json_set(status, "reason", json_text(reason));
    if (details != NULL)
        json_set(status, "details", details);
    if (code != 0)
        json_set(status, "code", json_int(code));
    return status;
}

void answer_object(struct call *call, int code, const struct json *object)
{
    struct buf *body = &call->response->body;
    call->response->status = code;
    buf_clear(body);
    json_print(object, body);
    buf_append_char(body, '\n');
}

void answer_success(struct call *call, struct json *details)
{
    struct json *status = status_object(0, NULL, STR_NONE, details);
    answer_object(call, 200, status);
    json_free(status);
}

static void answer_failed(struct call *call, int code, const char *reason, struct json *details,
                          struct str message)
{
    struct json *status = status_object(code, reason, message, details);
    answer_object(call, code, status);
    json_free(status);
}

static void PRINTF_LIKE(5, 0)
answer_formatted(struct call *call, int code, const char *reason, struct json *details,
                 const char *format, va_list arguments)
{
    struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    buf_vprintf(&text, format, arguments);
    answer_failed(call, code, reason, details, buf_str(&text));
    buf_release(&text);
}

void answer_failure(struct call *call, int code, const char *reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer_formatted(call, code, reason, NULL, format, arguments);
    va_end(arguments);
}

void answer_failure_details(struct call *call, int code, const char *reason,
                            struct json *details, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer_formatted(call, code, reason, details, format, arguments);
    va_end(arguments);
}

void answer_no_page(struct call *call)
{
    struct buf *body = &call->response->body;
    call->response->status = 404;
    call->response->content_type = "text/plain; charset=utf-8";
    call->response->forbids_sniffing = true;
    buf_clear(body);
    buf_append_text(body, "404 page not found\n");
}

void answer_not_found_named(struct call *call, const char *qualified, struct str name,
                            struct json *details)
{
    struct buf quoted;
    buf_init(&quoted, FAKEAPI_ANSWER_BYTES_MAX);
    quote_go(name, &quoted);
    answer_failure_details(call, 404, "NotFound", details, "%s %.*s not found", qualified,
                           STR_ARGS(buf_str(&quoted)));
    buf_release(&quoted);
}

static struct json *details_of_call(const struct call *call, struct str name, const char *kind)
{
    return status_details(name, str_from(call->resource->group), str_from(kind));
}

void answer_not_found(struct call *call)
{
    answer_not_found_named(call, call->resource->qualified, call->name,
                           details_of_call(call, call->name, call->resource->plural));
}

void answer_forbidden(struct call *call, struct str name, struct json *causes, const char *format,
                      ...)
{
    struct buf text;
    va_list arguments;
    struct json *details = details_of_call(call, name, call->resource->plural);
    if (causes != NULL)
        json_set(details, "causes", causes);
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    buf_printf(&text, "%s ", call->resource->qualified);
    quote_go(name, &text);
    buf_append_text(&text, " is forbidden: ");
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    answer_failed(call, 403, "Forbidden", details, buf_str(&text));
    buf_release(&text);
}

static void PRINTF_LIKE(5, 0)
answer_conflict_of(struct call *call, const char *qualified, const char *kind, struct str name,
                   const char *format, va_list arguments)
{
    struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    buf_printf(&text, "Operation cannot be fulfilled on %s \"%.*s\": ", qualified,
               STR_ARGS(name));
    buf_vprintf(&text, format, arguments);
    answer_failed(call, 409, "Conflict", details_of_call(call, name, kind), buf_str(&text));
    buf_release(&text);
}

void answer_conflict(struct call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer_conflict_of(call, call->resource->qualified, call->resource->plural, call->name, format,
                       arguments);
    va_end(arguments);
}

void answer_conflict_kind(struct call *call, struct str name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer_conflict_of(call, call->resource->qualified_kind, call->resource->kind, name, format,
                       arguments);
    va_end(arguments);
}

void answer_stale(struct call *call)
{
    answer_conflict(call, "the object has been modified; please apply your changes to the "
                          "latest version and try again");
}

static struct json *causes_of(const struct schema_errors *errors)
{
    struct json *causes = json_array();
    for (size_t i = 0; i < errors->count; i++) {
        struct json *cause = json_object();
        json_set(cause, "reason", json_text(errors->items[i].reason));
        json_set(cause, "message", shown_string(str_from(errors->items[i].message)));
        json_set(cause, "field", json_text(errors->items[i].field));
        json_append(causes, cause);
    }
    return causes;
}

static bool error_is_repeated(const struct schema_errors *errors, size_t index)
{
    const struct schema_error *error = &errors->items[index];
    for (size_t i = 0; i < index; i++)
        if (strcmp(errors->items[i].field, error->field) == 0 &&
            strcmp(errors->items[i].message, error->message) == 0)
            return true;
    return false;
}

/* "field: message", in brackets and each once when there are several. */
static void print_errors(const struct schema_errors *errors, struct buf *out)
{
    size_t distinct = 0;
    for (size_t i = 0; i < errors->count; i++)
        distinct += error_is_repeated(errors, i) ? 0u : 1u;
    if (distinct > 1)
        buf_append_char(out, '[');
    for (size_t i = 0; i < errors->count; i++) {
        if (error_is_repeated(errors, i))
            continue;
        buf_printf(out, "%s%s: %s", i > 0 ? ", " : "", errors->items[i].field,
                   errors->items[i].message);
    }
    if (distinct > 1)
        buf_append_char(out, ']');
}

void answer_invalid(struct call *call, struct str kind, struct str group, struct str name,
                    const struct schema_errors *errors)
{
    struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    buf_append(&text, kind);
    if (group.len > 0)
        buf_printf(&text, ".%.*s", STR_ARGS(group));
    buf_append_char(&text, ' ');
    quote_go(name, &text);
    buf_append_text(&text, " is invalid: ");
    print_errors(errors, &text);
    struct json *details = status_details(name, group, kind);
    json_set(details, "causes", causes_of(errors));
    answer_failed(call, 422, "Invalid", details, buf_str(&text));
    buf_release(&text);
}

void answer_invalid_object(struct call *call, struct str name, const struct schema_errors *errors)
{
    answer_invalid(call, str_from(call->resource->kind), str_from(call->resource->group), name,
                   errors);
}

void warn(struct call *call, const char *format, ...)
{
    struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    if (call->response->warnings == NULL)
        call->response->warnings = json_array();
    json_append(call->response->warnings, shown_string(buf_str(&text)));
    buf_release(&text);
}

static void quote_byte(unsigned char c, struct buf *out)
{
    static const char escapes[] = "abtnvfr"; /* of 7 to 13 */
    if (c == '"' || c == '\\')
        buf_printf(out, "\\%c", c);
    else if (c >= 7 && c <= 13)
        buf_printf(out, "\\%c", escapes[c - 7]);
    else if (c < 0x20 || c == 0x7f)
        buf_printf(out, "\\x%02x", c);
    else
        buf_append_char(out, (char)c);
}

void quote_go(struct str text, struct buf *out)
{
    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++)
        quote_byte((unsigned char)text.data[i], out);
    buf_append_char(out, '"');
}
