/* From a request that is complete to the answer that is queued. */
#include "controller/base/mem.h"
#include "fakeapi/http/http_state.h"

#define GZIP_BYTES_MIN (128u << 10)    /* a real server compresses what is larger */
#define WARNINGS_BYTES_MAX 4096u       /* a real server's limits: of all warnings, */
#define WARNING_CUT_BYTES 256u         /* and of each once that is reached */

/* Go's mime type of plain text, which a real server's error pages have. */
static const char plain_text[] = "text/plain; charset=utf-8";

static void add_header(struct MHD_Response *answer, const char *name, const char *value)
{
    (void)MHD_add_response_header(answer, name, value);
}

/* The headers that every answer has. */
static void add_headers(const struct http_request *request, struct MHD_Response *answer,
                        const char *content_type)
{
    struct http_server *server = request->server;
    char audit_id[37];
    rng_uuid(&server->rng, audit_id);
    add_header(answer, "Audit-Id", audit_id);
    add_header(answer, "Cache-Control", "no-cache, private");
    add_header(answer, "Content-Type", content_type);
    if (strcmp(content_type, plain_text) == 0)
        add_header(answer, "X-Content-Type-Options", "nosniff");
    if (server->stopping || request->refusal == HTTP_REFUSAL_CONNECTIONS)
        add_header(answer, "Connection", "close");
}

/* 299 - "text", quoted as net/http's does; lines become one. */
static void add_warning(struct MHD_Response *answer, struct str text)
{
    CLEANUP(buf_release) struct buf value;
    buf_init(&value, 4 * WARNINGS_BYTES_MAX);
    buf_append_text(&value, "299 - \"");
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '"' || c == '\\')
            buf_append_char(&value, '\\');
        buf_append_char(&value, (unsigned char)c < ' ' ? ' ' : c);
    }
    buf_append_char(&value, '"');
    add_header(answer, "Warning", value.data);
}

static void add_warnings(struct MHD_Response *answer, const struct json *warnings)
{
    size_t total = 0;
    JSON_EACH(warning, warnings)
        total += json_string_of(warning).len;
    size_t cut = total > WARNINGS_BYTES_MAX ? WARNING_CUT_BYTES : WARNINGS_BYTES_MAX;
    size_t told = 0;
    JSON_EACH(warning, warnings) {
        struct str text = str_slice(json_string_of(warning), 0, cut);
        text.len = str_utf8_valid_prefix(text);
        told += text.len;
        if (told <= WARNINGS_BYTES_MAX)
            add_warning(answer, text);
    }
}

static void add_retry(struct MHD_Response *answer, int64_t retry_after_s)
{
    char seconds[24];
    if (retry_after_s < 0)
        return;
    (void)snprintf(seconds, sizeof(seconds), "%" PRId64, retry_after_s);
    add_header(answer, "Retry-After", seconds);
}

/* A real server knows this one spelling. */
static bool takes_gzip(const struct http_request *request)
{
    struct str rest = http_header(request->connection, "Accept-Encoding");
    while (rest.len > 0)
        if (str_is(str_trim(str_split_next(&rest, ',')), "gzip"))
            return true;
    return false;
}

static enum MHD_Result queue(struct http_request *request, int status,
                             struct MHD_Response *answer)
{
    enum MHD_Result result = MHD_queue_response(request->connection, (unsigned)status, answer);
    MHD_destroy_response(answer);
    return result;
}

/* Takes the content out of `body`. */
static struct MHD_Response *answer_of_body(struct buf *body)
{
    size_t len = body->len;
    if (len == 0)
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    return MHD_create_response_from_buffer_with_free_callback(len, buf_steal(body), mem_free);
}

/* Takes the body and the watch out of `response`. */
static enum MHD_Result answer_response(struct http_request *request, bool is_head,
                                       struct fakeapi_response *response)
{
    struct MHD_Response *answer;
    bool compressed = false;
    if (response->watch != NULL && !is_head) { /* the library would end even what HEAD gets */
        answer = http_stream_open(request, response->watch);
        response->watch = NULL;
    } else {
        compressed = response->body.len > GZIP_BYTES_MIN && takes_gzip(request) &&
                     http_gzip(&response->body);
        request->answer_counted = response->body.len;
        request->server->answers_bytes += response->body.len;
        answer = answer_of_body(&response->body);
    }
    add_headers(request, answer, response->content_type);
    if (compressed) {
        add_header(answer, "Content-Encoding", "gzip");
        add_header(answer, "Vary", "Accept-Encoding");
    }
    add_warnings(answer, response->warnings);
    add_retry(answer, response->retry_after_s);
    return queue(request, response->status, answer);
}

static enum MHD_Result answer_text(struct http_request *request, int status, const char *type,
                                   struct str text, int64_t retry_after_s)
{
    CLEANUP(buf_release) struct buf body;
    buf_init(&body, FAKEAPI_ANSWER_BYTES_MAX);
    buf_append(&body, text);
    struct MHD_Response *answer = answer_of_body(&body);
    add_headers(request, answer, type);
    add_retry(answer, retry_after_s);
    return queue(request, status, answer);
}

static const struct refusal {
    int status;
    const char *reason;
    const char *message;
    int64_t retry_after_s;
} refusals[] = {
    [HTTP_REFUSAL_TOKEN] = {401, "Unauthorized", "Unauthorized", -1},
    [HTTP_REFUSAL_TARGET] = {414, "RequestURITooLong",
                             "the request's target is longer than 8192 bytes", -1},
    [HTTP_REFUSAL_HEAD] = {431, "RequestHeaderFieldsTooLarge",
                           "the request's head is larger than 32768 bytes", -1},
    [HTTP_REFUSAL_BODIES] = {429, "TooManyRequests",
                             "too many request bodies are under way, please try again later", 1},
    [HTTP_REFUSAL_ANSWERS] = {429, "TooManyRequests",
                              "too many answers are not read yet, please try again later", 1},
    [HTTP_REFUSAL_CONNECTIONS] = {429, "TooManyRequests",
                                  "too many connections are open, please try again later", 1},
};

enum MHD_Result http_refuse(struct http_request *request)
{
    const struct refusal *refusal = &refusals[request->refusal];
    CLEANUP(mem_free_pointer) char *text = str_format(
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
        "\"message\":\"%s\",\"reason\":\"%s\",\"code\":%d}\n",
        refusal->message, refusal->reason, refusal->status);
    return answer_text(request, refusal->status, "application/json", str_from(text),
                       refusal->retry_after_s);
}

static struct str path_of(const struct http_request *request)
{
    struct str target = str_from_bytes(request->target, request->target_len);
    return str_slice(target, 0, str_find(target, '?', 0));
}

static bool is_health(struct str path)
{
    static const struct str roots[] = {STR_INIT("/healthz"), STR_INIT("/livez"),
                                       STR_INIT("/readyz")};
    for (size_t i = 0; i < ARRAY_COUNT(roots); i++)
        if (str_starts_with(path, roots[i]) &&
            (path.len == roots[i].len || path.data[roots[i].len] == '/'))
            return true;
    return false;
}

static bool is_version(struct str path)
{
    return str_is(path, "/version") || str_is(path, "/version/"); /* as Python's client asks */
}

bool http_is_open_to_all(const struct http_request *request)
{
    struct str path = path_of(request);
    return is_health(path) || is_version(path);
}

static enum MHD_Result answer_version(struct http_request *request)
{
    return answer_text(request, 200, "application/json", STR(
        "{\n  \"major\": \"1\",\n  \"minor\": \"36\",\n  \"gitVersion\": \"v1.36.0+fakeapi\",\n"
        "  \"gitCommit\": \"\",\n  \"gitTreeState\": \"clean\",\n  \"buildDate\": \"\",\n"
        "  \"goVersion\": \"\",\n  \"compiler\": \"cc\",\n"
        "  \"platform\": \"linux/amd64\"\n}\n"), -1);
}

static bool is_from_loopback(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info != NULL && http_peer_is_loopback(info->client_addr);
}

/* Asks the owner for its page; true: the request is answered, or will be. */
static bool answer_page(struct http_request *request, const char *method,
                        enum MHD_Result *ret_result)
{
    const struct http_config *config = &request->server->config;
    struct http_page page = {.status = 200};
    struct http_visit visit = {.method = method,
                               .path = path_of(request),
                               .body = buf_str(&request->body),
                               .from_loopback = is_from_loopback(request->connection),
                               .note = request->note};
    if (config->page == NULL)
        return false;
    buf_init(&page.body, FAKEAPI_ANSWER_BYTES_MAX);
    enum http_page_result result = config->page(config->ctx, &visit, &page);
    request->note = visit.note;
    *ret_result = MHD_YES;
    if (result == HTTP_PAGE_DONE)
        *ret_result = answer_text(request, page.status, "application/json", buf_str(&page.body),
                                  -1);
    if (result == HTTP_PAGE_LATER)
        http_respond_later(request);
    buf_release(&page.body);
    return result != HTTP_PAGE_NONE;
}

static enum MHD_Result answer_api(struct http_request *request, const char *method)
{
    /* The library leaves the body of an answer to HEAD out, and tells its length. */
    bool is_head = strcmp(method, "HEAD") == 0;
    const struct fakeapi_request asked = {
        .method = is_head ? "GET" : method,
        .target = str_from_bytes(request->target, request->target_len),
        .content_type = http_header(request->connection, "Content-Type"),
        .accept = http_header(request->connection, "Accept"),
        .user_agent = http_header(request->connection, "User-Agent"),
        .body = buf_str(&request->body),
    };
    struct fakeapi_response response;
    fakeapi_handle(request->server->config.api, &asked, &response);
    enum MHD_Result result = answer_response(request, is_head, &response);
    fakeapi_response_release(&response);
    return result;
}

enum MHD_Result http_respond(struct http_request *request, const char *method)
{
    struct str path = path_of(request);
    enum MHD_Result result;
    if (is_health(path))
        return answer_text(request, 200, plain_text, STR("ok"), -1);
    if (is_version(path))
        return answer_version(request);
    if (answer_page(request, method, &result))
        return result;
    return answer_api(request, method);
}
