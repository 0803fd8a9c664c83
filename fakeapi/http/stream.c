#include "fakeapi/http/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "controller/base/mem.h"

/* Bytes of an answer that the library asks for at a time. */
#define LIBRARY_PIECE_BYTES 16384u

static void make_ready(struct http_stream *stream)
{
    if (!stream->is_suspended || stream->is_ready)
        return;
    stream->is_ready = true;
    stream->next_ready = stream->server->ready;
    stream->server->ready = stream;
}

static void on_ready(void *ctx)
{
    make_ready(ctx);
}

void http_stream_poll(struct http_stream *stream, uint32_t events)
{
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        stream->is_gone = true;
    if (stream->is_gone || stream->rest.len > 0)
        make_ready(stream);
}

/* The library goes on with the connection at its next run. */
static void hand_back(struct http_stream *stream)
{
    stream->is_suspended = false;
    stream->server->must_run = true;
    MHD_resume_connection(stream->connection->library);
}

/* Asked when there is nothing to say. */
static bool is_over(const struct http_stream *stream)
{
    return stream->server->stopping || fakeapi_watch_ended(stream->watch);
}

/* One stream's turn in a round; true: it wants another at once. */
static bool take_turn(struct http_stream *stream)
{
    bool goes_on = stream->is_direct && http_stream_send(stream);
    bool is_blocked = stream->rest.len > 0;
    stream->is_ready = false;
    if (goes_on)
        make_ready(stream);
    else if (!stream->is_direct || stream->is_gone || (!is_blocked && is_over(stream)))
        hand_back(stream);
    return goes_on;
}

static int64_t now_us(const struct http_server *server)
{
    const struct http_config *config = &server->config;
    return config->clock_us != NULL ? config->clock_us(config->ctx) : 0;
}

/* True when one of them wants another turn at once. */
static bool run_round(struct http_server *server)
{
    struct http_stream *next;
    struct http_stream *all = server->ready;
    bool goes_on = false;
    server->ready = NULL;
    for (struct http_stream *stream = all; stream != NULL; stream = next) {
        next = stream->next_ready;
        goes_on = take_turn(stream) || goes_on;
    }
    return goes_on;
}

void http_streams_run(struct http_server *server)
{
    if (http_streams_wait_ms(server) != 0)
        return;
    int64_t begin_us = now_us(server);
    bool goes_on = run_round(server);
    int64_t end_us = now_us(server);
    int64_t rest_us = end_us - begin_us < STREAM_REST_US_MAX ? end_us - begin_us
                                                             : STREAM_REST_US_MAX;
    server->streams_due_us = goes_on || rest_us < STREAM_REST_US_MIN ? end_us : end_us + rest_us;
}

int http_streams_wait_ms(const struct http_server *server)
{
    if (server->ready == NULL)
        return -1;
    int64_t wait_us = server->streams_due_us - now_us(server);
    return wait_us > 0 ? (int)((wait_us + 999) / 1000) : 0;
}

void http_streams_end(struct http_server *server)
{
    for (struct http_stream *stream = server->streams; stream != NULL; stream = stream->next)
        make_ready(stream);
}

void http_streams_drop(struct http_server *server)
{
    for (struct http_stream *stream = server->streams; stream != NULL; stream = stream->next) {
        stream->is_gone = true;
        if (stream->is_suspended)
            hand_back(stream);
    }
}

bool http_stream_fill(struct http_stream *stream, struct buf *piece)
{
    bool any = false;
    while (piece->len < STREAM_PIECE_BYTES && fakeapi_watch_read(stream->watch, piece))
        any = true;
    return any;
}

static ssize_t suspend(struct http_stream *stream)
{
    stream->is_suspended = true;
    MHD_suspend_connection(stream->connection->library);
    return 0;
}

/* A peer that keeps its socket full is cut off as one of the library's would be. */
static ssize_t take_over(struct http_stream *stream)
{
    unsigned patience_ms = stream->server->config.idle_timeout_s * 1000;
    (void)setsockopt(stream->connection->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms,
                     sizeof(patience_ms));
    stream->is_taken_over = true;
    ssize_t nothing = suspend(stream);
    make_ready(stream);
    return nothing;
}

static ssize_t read_for_library(struct http_stream *stream, char *out, size_t space)
{
    if (stream->rest_at == stream->rest.len) {
        buf_release(&stream->rest);
        buf_init(&stream->rest, STREAM_EVENT_BYTES_MAX);
        stream->rest_at = 0;
        if (!http_stream_fill(stream, &stream->rest))
            return is_over(stream) ? MHD_CONTENT_READER_END_OF_STREAM : suspend(stream);
    }
    size_t rest = stream->rest.len - stream->rest_at;
    size_t count = rest < space ? rest : space;
    memcpy(out, stream->rest.data + stream->rest_at, count);
    stream->rest_at += count;
    return (ssize_t)count;
}

/* The library forgets a connection at once when it cannot send the end, but for the length of the
 * idle timeout not when it is told of an error and the peer has reset the connection. */
static ssize_t cut_off(struct http_stream *stream)
{
    (void)shutdown(stream->connection->fd, SHUT_RDWR);
    return MHD_CONTENT_READER_END_OF_STREAM;
}

/* The library wants bytes: of a stream that sends by itself once when the head is out, and once
 * when it is handed back. */
static ssize_t read_stream(void *ctx, uint64_t position, char *out, size_t space)
{
    struct http_stream *stream = ctx;
    (void)position;
    if (stream->is_gone)
        return cut_off(stream);
    if (!stream->is_direct)
        return read_for_library(stream, out, space);
    return stream->is_taken_over ? MHD_CONTENT_READER_END_OF_STREAM : take_over(stream);
}

static void leave_ready_list(struct http_stream *stream)
{
    struct http_stream **at = &stream->server->ready;
    while (stream->is_ready && *at != stream)
        at = &(*at)->next_ready;
    if (stream->is_ready)
        *at = stream->next_ready;
}

static void free_stream(void *ctx)
{
    struct http_stream *stream = ctx;
    struct http_server *server = stream->server;
    leave_ready_list(stream);
    if (stream->previous != NULL)
        stream->previous->next = stream->next;
    else
        server->streams = stream->next;
    if (stream->next != NULL)
        stream->next->previous = stream->previous;
    if (stream->connection != NULL)
        http_connection_give(stream->connection, NULL);
    fakeapi_watch_close(stream->watch);
    buf_release(&stream->rest);
    mem_free(stream);
}

static struct http_stream *stream_create(const struct http_request *request,
                                         struct fakeapi_watch *watch)
{
    struct http_server *server = request->server;
    struct http_stream *stream = mem_alloc(sizeof(*stream));
    stream->server = server;
    stream->connection = http_connection_of(request->connection);
    stream->watch = watch;
    stream->is_direct = request->takes_chunks && server->config.tls_key == NULL;
    buf_init(&stream->rest, STREAM_EVENT_BYTES_MAX);
    stream->next = server->streams;
    if (stream->next != NULL)
        stream->next->previous = stream;
    server->streams = stream;
    return stream;
}

struct MHD_Response *http_stream_open(const struct http_request *request,
                                      struct fakeapi_watch *watch)
{
    struct http_stream *stream = stream_create(request, watch);
    http_connection_give(stream->connection, stream);
    fakeapi_watch_notify(watch, on_ready, stream);
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, LIBRARY_PIECE_BYTES, read_stream,
                                             stream, free_stream);
}
