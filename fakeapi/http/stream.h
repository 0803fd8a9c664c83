/*
 * Watches as answers without end.
 *
 * The socket library sends the head. Then the connection is suspended, and what there is to say
 * goes from here onto the socket, in chunks of RFC 9112, section 7.1; a stream that ends is handed
 * back, for the last chunk and the connection's next request. With TLS, and for peers that do not
 * know chunks, the library sends everything: it asks for bytes whenever the socket takes some.
 *
 *   opening --head is out--> ready --all said--> resting --event, end, peer gone--> ready
 *                            ready --socket full--> blocked --socket has room, end--> ready
 *                            ready --watch over, peer gone--> handed back
 *
 * Invariants: a stream is in the server's list if and only if it is ready; what is printed and not
 * yet taken is less than STREAM_PIECE_BYTES and one event; nothing else is buffered. A peer whose
 * socket stays full for the idle timeout is cut off by the kernel.
 *
 * All streams that are ready get one piece each in a round. A round that took long (there are many
 * watchers) is followed by as long a time for requests, STREAM_REST_US_MAX at most: so writers and
 * watchers share the time, and events that come in quick succession share a packet.
 */
#ifndef PROMOTER_FAKEAPI_HTTP_STREAM_H
#define PROMOTER_FAKEAPI_HTTP_STREAM_H

#include "fakeapi/http/http_state.h"

#define STREAM_PIECE_BYTES 65536u     /* events are put together up to here */
#define STREAM_EVENT_BYTES_MAX (16u << 20)
#define STREAM_REST_US_MAX 5000 /* how long an event waits for company at most */
#define STREAM_REST_US_MIN 1000 /* less is not worth to wait for: pollers count in milliseconds */

struct http_stream {
    struct http_server *server;
    struct http_connection *connection; /* NULL: closed */
    struct fakeapi_watch *watch; /* owned */
    bool is_direct;    /* sends by itself */
    bool is_taken_over; /* its head is out, the rest is its own business */
    struct buf rest;   /* printed and not yet taken */
    size_t rest_at;    /* before it: taken */
    bool is_suspended; /* by the library */
    bool is_ready;
    bool is_gone;
    struct http_stream *next_ready;
    struct http_stream *next, *previous;
};

/* Events as far as they fit into a piece; false: nothing to say now. */
bool http_stream_fill(struct http_stream *stream, struct buf *piece);
/* Sends one piece at most. True: there may be more to say at once. */
bool http_stream_send(struct http_stream *stream);

#endif
