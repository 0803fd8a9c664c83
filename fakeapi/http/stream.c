/*
 * Watches as answers without end.
 *
 *   reading ──nothing to say──▶ resting ──event, end, peer gone──▶ ready ──next run──▶ reading
 *
 * reading: the library asks for bytes whenever the socket takes some; resting: the connection is
 * suspended, and only our own epoll looks at its socket, for the peer's end; ready: it is in the
 * server's list. What was printed and not yet taken is one piece of at most PIECE_BYTES or one
 * event: nothing else is buffered.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "controller/base/mem.h"
#include "fakeapi/http/http_state.h"

#define PIECE_BYTES 16384u       /* events are put together up to here */
#define PIECE_KEPT_BYTES 65536u  /* a larger buffer is given back */
#define EVENT_BYTES_MAX (16u << 20)

struct http_stream {
    struct http_server *server;
    struct MHD_Connection *connection;
    int fd;
    struct fakeapi_watch *watch; /* owned */
    struct buf piece;
    size_t sent; /* of the piece */
    bool is_resting;
    bool is_ready;
    bool is_gone;
    struct http_stream *next_ready;
    struct http_stream *next, *previous;
};

static void make_ready(struct http_stream *stream)
{
    if (!stream->is_resting || stream->is_ready)
        return;
    stream->is_ready = true;
    stream->next_ready = stream->server->ready;
    stream->server->ready = stream;
}

static void on_ready(void *ctx)
{
    make_ready(ctx);
}

void http_stream_gone(struct http_stream *stream)
{
    stream->is_gone = true;
    make_ready(stream);
}

void http_streams_resume(struct http_server *server)
{
    while (server->ready != NULL) {
        struct http_stream *stream = server->ready;
        server->ready = stream->next_ready;
        stream->is_ready = false;
        stream->is_resting = false;
        MHD_resume_connection(stream->connection);
    }
}

void http_streams_end(struct http_server *server)
{
    for (struct http_stream *stream = server->streams; stream != NULL; stream = stream->next)
        make_ready(stream);
}

/* Prints what there is to say; false: nothing now. */
static bool fill_piece(struct http_stream *stream)
{
    if (stream->piece.capacity > PIECE_KEPT_BYTES)
        buf_release(&stream->piece);
    buf_clear(&stream->piece);
    stream->sent = 0;
    while (stream->piece.len < PIECE_BYTES && fakeapi_watch_read(stream->watch, &stream->piece))
        continue;
    return stream->piece.len > 0;
}

static ssize_t read_stream(void *ctx, uint64_t position, char *out, size_t space)
{
    struct http_stream *stream = ctx;
    (void)position;
    if (stream->is_gone)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (stream->sent == stream->piece.len && !fill_piece(stream)) {
        if (stream->server->stopping || fakeapi_watch_ended(stream->watch))
            return MHD_CONTENT_READER_END_OF_STREAM;
        stream->is_resting = true;
        MHD_suspend_connection(stream->connection);
        return 0;
    }
    size_t rest = stream->piece.len - stream->sent;
    size_t count = rest < space ? rest : space;
    memcpy(out, stream->piece.data + stream->sent, count);
    stream->sent += count;
    return (ssize_t)count;
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
    (void)epoll_ctl(server->poll_fd, EPOLL_CTL_DEL, stream->fd, NULL);
    fakeapi_watch_close(stream->watch);
    buf_release(&stream->piece);
    mem_free(stream);
}

static struct http_stream *stream_create(struct http_server *server,
                                         struct MHD_Connection *connection,
                                         struct fakeapi_watch *watch)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct http_stream *stream = mem_alloc(sizeof(*stream));
    stream->server = server;
    stream->connection = connection;
    stream->watch = watch;
    stream->fd = info->connect_fd;
    buf_init(&stream->piece, EVENT_BYTES_MAX);
    stream->next = server->streams;
    if (stream->next != NULL)
        stream->next->previous = stream;
    server->streams = stream;
    return stream;
}

struct MHD_Response *http_stream_open(struct http_server *server,
                                      struct MHD_Connection *connection,
                                      struct fakeapi_watch *watch)
{
    struct http_stream *stream = stream_create(server, connection, watch);
    struct epoll_event hangs_up = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = stream};
    (void)epoll_ctl(server->poll_fd, EPOLL_CTL_ADD, stream->fd, &hangs_up);
    fakeapi_watch_notify(watch, on_ready, stream);
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, read_stream, stream,
                                             free_stream);
}
