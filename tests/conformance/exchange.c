/* One HTTP exchange of a session: from the step's words to the request, and the answer's parts. */
#include "controller/base/mem.h"
#include "tests/conformance/numbers.h"
#include "tests/conformance/path.h"
#include "tests/conformance/session.h"

#define TARGET_BYTES_MAX (1u << 20)
#define BODY_BYTES_MAX (64u << 20)

static void print_quoted(struct str path, struct buf *out)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "/?&=%,:!()+~*$'@;.-_";

    for (size_t i = 0; i < path.len; i++) {
        if (memchr(safe, path.data[i], sizeof(safe) - 1) != NULL)
            buf_append_char(out, path.data[i]);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)path.data[i]);
    }
}

/* A text, or a list of texts and [text, count] repetitions. */
static void print_raw(struct json *raw, struct buf *out)
{
    if (json_is(raw, JSON_STRING))
        buf_append(out, json_string_of(raw));
    JSON_EACH(part, raw) {
        int64_t count = 1;
        if (json_is(part, JSON_ARRAY))
            json_int_of(json_item(part, 1), &count);
        for (int64_t i = 0; i < count; i++)
            buf_append(out, json_string_of(json_is(part, JSON_ARRAY) ? json_first(part) : part));
    }
}

/* As the recorder's language spells JSON, with blanks behind ',' and ':'. Bodies are echoed. */
static void print_spaced(const struct json *body, struct buf *out)
{
    CLEANUP(buf_release) struct buf text = {0};
    bool quoted = false;

    buf_init(&text, BODY_BYTES_MAX);
    numbers_print(body, &text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        buf_append_char(out, c);
        if (quoted && c == '\\')
            buf_append_char(out, text.data[++i]);
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == ',' || c == ':'))
            buf_append_char(out, ' ');
    }
}

static struct str header_or(const struct json *headers, const char *name, struct str otherwise)
{
    const struct json *value = json_get(headers, name);

    return value != NULL ? json_string_of(value) : otherwise;
}

/* By a call or by the wire, whose answer is then shown as if it were a call's. */
static void deliver(struct session *session, const struct fakeapi_request *request,
                    const struct json *headers, struct fakeapi_response *ret_response)
{
    struct wire_answer *answer = &session->answer;

    if (session->wire == NULL) {
        fakeapi_handle(session->api, request, ret_response);
        return;
    }
    wire_answer_release(answer);
    wire_send(session->wire, request, headers, answer);
    *ret_response = (struct fakeapi_response){.status = answer->status,
                                              .content_type = answer->content_type,
                                              .body = answer->body,
                                              .retry_after_s = -1};
    answer->body = (struct buf){0};
}

static void send(struct session *session, struct json *step, struct fakeapi_response *ret_response)
{
    const struct json *headers = json_get(step, "headers");
    const struct json *body = json_get(step, "body");
    struct json *raw = json_get(step, "raw");
    char *method = str_dup(json_get(step, "method") != NULL ? json_text_at(step, "method")
                                                            : STR("GET"));
    CLEANUP(buf_release) struct buf target = {0};
    CLEANUP(buf_release) struct buf payload = {0};

    buf_init(&target, TARGET_BYTES_MAX);
    buf_init(&payload, BODY_BYTES_MAX);
    print_quoted(json_text_at(step, "path"), &target);
    if (raw != NULL)
        print_raw(raw, &payload);
    else if (body != NULL)
        print_spaced(body, &payload);
    deliver(session, &(struct fakeapi_request){
        .method = method,
        .target = buf_str(&target),
        .content_type = header_or(headers, "Content-Type",
                                  raw == NULL && body != NULL ? STR("application/json") : STR_NONE),
        .accept = header_or(headers, "Accept", STR("application/json")),
        .user_agent = header_or(headers, "User-Agent", STR("replay/1.0")),
        .body = buf_str(&payload),
    }, headers, ret_response);
    mem_free(method);
}

bool session_request(struct session *session, struct json *step,
                     struct fakeapi_response *ret_response, struct errmsg *msg)
{
    static const char *const members[] = {"method", "path", "headers", "body", "raw"};
    struct json *filled = json_object();
    struct str missing = STR_NONE;

    for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
        struct json *member = json_get(step, members[i]);
        struct json *value = path_fill(member, session->captured, &missing);
        if (member != NULL && value != NULL)
            json_set(filled, members[i], value);
        else
            json_free(value);
    }
    if (missing.data == NULL)
        send(session, filled, ret_response);
    else
        (void)err_set(msg, ERR_NOT_FOUND, "${%.*s} was never captured", STR_ARGS(missing));
    json_free(filled);
    return missing.data == NULL;
}

struct json *session_body(const struct fakeapi_response *response)
{
    struct str text = buf_str(&response->body);
    struct json *body;

    if (!str_contains(str_from(response->content_type), STR("json")))
        return json_string(str_slice(text, 0, str_utf8_valid_prefix(text)));
    if (numbers_parse(text, &body, NULL) == ERR_NONE)
        return body;
    text = str_slice(text, 0, 200);
    body = json_object();
    json_set(body, "<not json>", json_string(str_slice(text, 0, str_utf8_valid_prefix(text))));
    return body;
}

/* 299 - "text", 299 - "other" */
static struct json *warning_header(const struct json *warnings)
{
    CLEANUP(buf_release) struct buf out = {0};

    if (json_count(warnings) == 0)
        return json_null();
    buf_init(&out, BODY_BYTES_MAX);
    JSON_EACH(warning, warnings) {
        struct str text = json_string_of(warning);
        buf_append_text(&out, out.len > 0 ? ", 299 - \"" : "299 - \"");
        for (size_t i = 0; i < text.len; i++) {
            if (text.data[i] == '"' || text.data[i] == '\\')
                buf_append_char(&out, '\\');
            buf_append_char(&out, text.data[i]);
        }
        buf_append_char(&out, '"');
    }
    return json_string(buf_str(&out));
}

static struct json *header_of_wire(const struct wire_answer *answer, struct str name)
{
    JSON_EACH(header, answer->headers) {
        struct str key = json_key(header);
        bool same = key.len == name.len;
        for (size_t i = 0; same && i < name.len; i++)
            same = (name.data[i] | ' ') == (key.data[i] | ' ');
        if (same)
            return json_clone(header);
    }
    return json_null();
}

struct json *session_header(const struct session *session,
                            const struct fakeapi_response *response, struct str name)
{
    char number[32];

    if (session->wire != NULL)
        return header_of_wire(&session->answer, name);
    if (str_is(name, "Content-Type") && response->content_type != NULL)
        return json_text(response->content_type);
    if (str_is(name, "Warning"))
        return warning_header(response->warnings);
    if (str_is(name, "Cache-Control"))
        return json_text(FAKEAPI_CACHE_CONTROL);
    if (str_is(name, "X-Content-Type-Options") && response->forbids_sniffing)
        return json_text("nosniff");
    if (!str_is(name, "Retry-After") || response->retry_after_s < 0)
        return json_null();
    snprintf(number, sizeof(number), "%" PRId64, response->retry_after_s);
    return json_text(number);
}
