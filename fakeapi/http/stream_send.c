/* Chunks onto a socket. */
#include <errno.h>
#include <sys/socket.h>

#include "fakeapi/http/stream.h"

#define CHUNK_HEAD_BYTES 10u /* "ffffffff\r\n" */

/* Bytes that the socket took; a peer that takes none for ever is gone. */
static size_t send_some(struct http_stream *stream, struct str bytes)
{
    ssize_t sent = send(stream->connection->fd, bytes.data, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
        return (size_t)sent;
    if (errno != EAGAIN && errno != EINTR)
        stream->is_gone = true;
    return 0;
}

/* True when all of it is out. */
static bool send_rest(struct http_stream *stream)
{
    stream->rest_at += send_some(stream, str_slice(buf_str(&stream->rest), stream->rest_at,
                                                   stream->rest.len));
    if (stream->rest_at < stream->rest.len)
        return false;
    buf_release(&stream->rest);
    buf_init(&stream->rest, STREAM_EVENT_BYTES_MAX);
    stream->rest_at = 0;
    return true;
}

/* Puts the size before what stands behind CHUNK_HEAD_BYTES, and the end behind it. */
static struct str frame(struct buf *piece)
{
    char head[CHUNK_HEAD_BYTES + 1];
    unsigned size = (unsigned)(piece->len - CHUNK_HEAD_BYTES); /* a piece is far below 4 GiB */
    size_t len = (size_t)snprintf(head, sizeof(head), "%x\r\n", size);
    size_t begin = CHUNK_HEAD_BYTES - len;
    buf_append_text(piece, "\r\n");
    memcpy(piece->data + begin, head, len);
    return str_slice(buf_str(piece), begin, piece->len);
}

bool http_stream_send(struct http_stream *stream)
{
    struct buf *piece = &stream->server->piece;
    if (stream->is_gone || (stream->rest.len > 0 && !send_rest(stream)))
        return false;
    buf_clear(piece);
    buf_append_bytes(piece, "          ", CHUNK_HEAD_BYTES);
    if (!http_stream_fill(stream, piece))
        return false;
    bool is_full = piece->len >= STREAM_PIECE_BYTES;
    struct str chunk = frame(piece);
    size_t sent = send_some(stream, chunk);
    if (sent < chunk.len)
        buf_append(&stream->rest, str_slice(chunk, sent, chunk.len));
    return is_full && sent == chunk.len;
}
