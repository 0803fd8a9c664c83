/*
 * A request on its way in. The library calls http_request_begin with the request line,
 * http_request_go_on once with the headers, then with each piece of the body, then once more, and
 * http_request_end when the answer is out or the connection broken.
 */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "controller/base/mem.h"
#include "fakeapi/http/http_state.h"

/* A body is read to its end so that its sender reads the answer, but not for ever. */
#define DROPPED_BYTES_MAX (64u << 20)

void *http_request_begin(void *ctx, const char *target, struct MHD_Connection *connection)
{
    struct http_request *request = mem_alloc(sizeof(*request));
    request->server = ctx;
    request->connection = connection;
    request->target_len = strlen(target);
    request->target = str_dup(str_from_bytes(target, request->target_len));
    buf_init(&request->body, FAKEAPI_BODY_BYTES_MAX + 1); /* one more tells that it is too large */
    request->server->request_count++;
    return request;
}

void http_respond_later(struct http_request *request)
{
    request->is_later = true;
    request->next_later = request->server->later;
    request->server->later = request;
    MHD_suspend_connection(request->connection);
}

void http_later_resume(struct http_server *server)
{
    while (server->later != NULL) {
        struct http_request *request = server->later;
        server->later = request->next_later;
        request->is_later = false;
        MHD_resume_connection(request->connection);
    }
}

static void leave_later_list(struct http_request *request)
{
    struct http_request **at = &request->server->later;
    while (request->is_later && *at != request)
        at = &(*at)->next_later;
    if (request->is_later)
        *at = request->next_later;
    request->is_later = false;
}

void http_request_end(void *ctx, struct MHD_Connection *connection, void **request_at,
                      enum MHD_RequestTerminationCode why)
{
    struct http_request *request = *request_at;
    (void)ctx;
    (void)connection;
    (void)why;
    if (request == NULL)
        return;
    leave_later_list(request);
    request->server->request_count--;
    request->server->bodies_bytes -= request->body_counted;
    request->server->answers_bytes -= request->answer_counted;
    buf_release(&request->body);
    mem_free(request->target);
    mem_free(request);
    *request_at = NULL;
}

struct str http_header(struct MHD_Connection *connection, const char *name)
{
    const char *value = NULL;
    size_t len = 0;
    if (MHD_lookup_connection_value_n(connection, MHD_HEADER_KIND, name, strlen(name), &value,
                                      &len) != MHD_YES || value == NULL)
        return STR_NONE;
    return str_from_bytes(value, len);
}

/* Time taken does not tell how much was right. */
static bool token_is(struct str given, struct str token)
{
    unsigned char difference = given.len == token.len ? 0 : 1;
    for (size_t i = 0; i < token.len; i++)
        difference |= (unsigned char)((i < given.len ? given.data[i] : '\0') ^ token.data[i]);
    return difference == 0;
}

static bool is_authorized(const struct http_request *request)
{
    const struct http_config *config = &request->server->config;
    struct str value = http_header(request->connection, "Authorization");
    bool found = config->token_count == 0;
    if (str_starts_with(value, STR("Bearer ")))
        value = str_trim(str_slice(value, 7, value.len));
    else
        value = STR_NONE;
    for (size_t i = 0; i < config->token_count; i++)
        found = (value.len > 0 && token_is(value, config->tokens[i])) || found;
    return found;
}

/* What its head alone tells. */
static enum http_refusal refusal_of_head(const struct http_request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (http_connection_of(request->connection)->is_one_too_many)
        return HTTP_REFUSAL_CONNECTIONS;
    if (request->target_len > FAKEAPI_TARGET_BYTES_MAX)
        return HTTP_REFUSAL_TARGET;
    if (info != NULL && info->header_size > HTTP_HEAD_BYTES_MAX)
        return HTTP_REFUSAL_HEAD;
    if (!is_authorized(request) && !http_is_open_to_all(request))
        return HTTP_REFUSAL_TOKEN;
    return HTTP_REFUSAL_NONE;
}

static void take_body(struct http_request *request, const char *data, size_t len)
{
    struct http_server *server = request->server;
    size_t room = request->body.bytes_max - request->body.len;
    size_t kept = len < room ? len : room;
    if (kept > 0 && server->bodies_bytes + kept > HTTP_BODIES_BYTES_MAX &&
        request->refusal == HTTP_REFUSAL_NONE)
        request->refusal = HTTP_REFUSAL_BODIES;
    if (request->refusal != HTTP_REFUSAL_NONE)
        kept = 0;
    buf_append_bytes(&request->body, data, kept);
    request->body_counted += kept;
    server->bodies_bytes += kept;
    request->body_dropped += len - kept;
}

static enum MHD_Result answer_whole(struct http_request *request, const char *method)
{
    if (request->refusal == HTTP_REFUSAL_NONE &&
        request->server->answers_bytes >= HTTP_ANSWERS_BYTES_MAX)
        request->refusal = HTTP_REFUSAL_ANSWERS;
    return request->refusal == HTTP_REFUSAL_NONE ? http_respond(request, method)
                                                 : http_refuse(request);
}

enum MHD_Result http_request_go_on(void *ctx, struct MHD_Connection *connection, const char *path,
                                   const char *method, const char *version, const char *data,
                                   size_t *data_len, void **request_at)
{
    struct http_request *request = *request_at;
    (void)ctx;
    (void)connection;
    (void)path;
    if (!request->begun) {
        request->begun = true;
        request->takes_chunks = strcmp(version, "HTTP/1.1") == 0;
        request->refusal = refusal_of_head(request);
        return MHD_YES;
    }
    if (*data_len > 0) {
        take_body(request, data, *data_len);
        *data_len = 0;
        return request->body_dropped > DROPPED_BYTES_MAX ? MHD_NO : MHD_YES;
    }
    return answer_whole(request, method);
}
