/*
 * What the rooms of the HTTP server share: the server, and one request on its way through it.
 */
#ifndef PROMOTER_FAKEAPI_HTTP_HTTP_STATE_H
#define PROMOTER_FAKEAPI_HTTP_HTTP_STATE_H

#include <microhttpd.h>

#include "controller/base/rng.h"
#include "fakeapi/http/http.h"

struct http_stream;

struct http_server {
    struct http_config config;
    struct MHD_Daemon *daemon;
    int poll_fd;             /* epoll: the daemon's own, and all connections' */
    struct rng rng;          /* Audit-Ids */
    size_t bodies_bytes;     /* of all bodies under way */
    size_t answers_bytes;    /* of all answers under way but streams */
    unsigned connection_count;
    unsigned request_count;  /* under way */
    struct http_stream *streams; /* all of them */
    struct http_stream *ready;   /* those that have something to say */
    int64_t streams_due_us;      /* when they may, by the owner's clock */
    struct buf piece;            /* what one of them says; kept between rounds for its memory */
    bool must_run;               /* the daemon has something to do that no socket tells */
    struct http_request *later; /* requests whose page is not done */
    bool stopping;
};

/* One of the library's connections, as its socket context. */
struct http_connection {
    struct http_server *server;
    struct MHD_Connection *library;
    int fd;
    bool is_one_too_many;
    struct http_stream *stream; /* that it is the answer of; NULL: none */
};

/* Why a request is not for the API. */
enum http_refusal {
    HTTP_REFUSAL_NONE,
    HTTP_REFUSAL_TOKEN,
    HTTP_REFUSAL_TARGET,
    HTTP_REFUSAL_HEAD,
    HTTP_REFUSAL_BODIES,
    HTTP_REFUSAL_ANSWERS,
    HTTP_REFUSAL_CONNECTIONS,
};

struct http_request {
    struct http_server *server;
    char *target;  /* owned; as it came in; NULL: longer than any that is read */
    size_t target_len;
    struct buf body;
    size_t body_counted; /* of server->bodies_bytes */
    size_t answer_counted; /* of server->answers_bytes */
    size_t body_dropped; /* bytes beyond the limit */
    bool begun;          /* its headers were looked at */
    bool takes_chunks;   /* of HTTP/1.1 */
    enum http_refusal refusal;
    struct MHD_Connection *connection;
    struct http_request *next_later;
    bool is_later;
    int64_t note; /* of its page */
};

/* The library's three calls for a request: its line, its head and body, its end. */
void *http_request_begin(void *ctx, const char *target, struct MHD_Connection *connection);
enum MHD_Result http_request_go_on(void *ctx, struct MHD_Connection *connection, const char *path,
                                   const char *method, const char *version, const char *data,
                                   size_t *data_len, void **request_at);
void http_request_end(void *ctx, struct MHD_Connection *connection, void **request_at,
                      enum MHD_RequestTerminationCode why);
/* The library's call for a connection that is accepted or closed. */
void http_connection_note(void *ctx, struct MHD_Connection *library, void **context_at,
                          enum MHD_ConnectionNotificationCode what);
struct http_connection *http_connection_of(struct MHD_Connection *library);
/* epoll has events of its socket. */
void http_connection_poll(struct http_connection *connection, uint32_t events);
/* Its socket's events are the stream's from now on; NULL: nobody's. */
void http_connection_give(struct http_connection *connection, struct http_stream *stream);
/* Headers as the client sent them; STR_NONE: absent. */
struct str http_header(struct MHD_Connection *connection, const char *name);

/* The whole request is there: queues its answer, or leaves that for later. */
enum MHD_Result http_respond(struct http_request *request, const char *method);
/* Queues a Status of HTTP's own: 401, 414, 429 or 431. */
enum MHD_Result http_refuse(struct http_request *request);
/* Health and version are told to everybody. */
bool http_is_open_to_all(const struct http_request *request);
/* Lets the request rest until the next run, which responds again. */
void http_respond_later(struct http_request *request);
/* Wakes the requests that rest. */
void http_later_resume(struct http_server *server);
bool http_peer_is_loopback(const struct sockaddr *peer);

/* Compresses `body` in place as gzip; false: it stays as it is. */
bool http_gzip(struct buf *body);

/* An answer without end that reads the watch (owned). */
struct MHD_Response *http_stream_open(const struct http_request *request,
                                      struct fakeapi_watch *watch);
/* Lets the streams that are ready say what they have to say, unless they must wait. */
void http_streams_run(struct http_server *server);
/* How long to wait at most before the next http_streams_run; -1: for ever. */
int http_streams_wait_ms(const struct http_server *server);
/* epoll has events of its socket. */
void http_stream_poll(struct http_stream *stream, uint32_t events);
/* All of them say what they still have to say, and end. */
void http_streams_end(struct http_server *server);
/* Gives all connections back to the library, to be cut off. */
void http_streams_drop(struct http_server *server);

#endif
