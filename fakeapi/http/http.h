/*
 * The API server on a socket: HTTP/1.1 in front of one struct fakeapi, plain or TLS, in one
 * thread that never blocks. The owner polls http_fd and calls http_run; between the two it moves
 * the clock of the server's timers.
 *
 * Limits, each an answer of HTTP: a body above FAKEAPI_BODY_BYTES_MAX is 413, a target above
 * FAKEAPI_TARGET_BYTES_MAX 414, a head above HTTP_HEAD_BYTES_MAX 431. 429, and Retry-After, get
 * bodies under way that take more than HTTP_BODIES_BYTES_MAX together, requests while answers that
 * nobody reads take HTTP_ANSWERS_BYTES_MAX, and requests on connections beyond `connections_max`
 * (on the first HTTP_CONNECTIONS_REFUSED_MAX of them: more wait with the kernel).
 *
 * Memory, at most: those bodies; those answers and one more; HTTP_CONNECTION_BYTES for each
 * connection from its first byte on; and a piece (stream.h) for each watch that its peer does not
 * read. A peer that neither sends nor reads for `idle_timeout_s` is cut off, so nobody holds any of
 * it for long. A watch is a cursor, and one that falls behind the history ends with 410.
 * Source: RFC 9112; a real API server's answers where they are recorded (topics objects, list,
 * discovery).
 */
#ifndef PROMOTER_FAKEAPI_HTTP_HTTP_H
#define PROMOTER_FAKEAPI_HTTP_HTTP_H

#include "fakeapi/fakeapi.h"

#define HTTP_HEAD_BYTES_MAX 32768u
#define HTTP_BODIES_BYTES_MAX (256u << 20)
#define HTTP_ANSWERS_BYTES_MAX (256u << 20)
#define HTTP_CONNECTIONS_MAX 16384u
#define HTTP_CONNECTIONS_REFUSED_MAX 64u
/* A head of HTTP_HEAD_BYTES_MAX, what the library makes of it, and an answer's head. It is cleared
 * between two requests, which takes time: no more than needed. */
#define HTTP_CONNECTION_BYTES (40u << 10)
#define HTTP_IDLE_TIMEOUT_S 90u /* a real server's for idle connections */

struct http_server;

/* A request for a page that the owner serves beside the API. */
struct http_visit {
    const char *method;
    struct str path;      /* without the query */
    struct str body;
    bool from_loopback;
    int64_t note;         /* the owner's, kept between calls; 0 at first */
};

struct http_page {
    int status;
    struct buf body; /* JSON; owned by the caller */
};

enum http_page_result {
    HTTP_PAGE_NONE,  /* no page of the owner's */
    HTTP_PAGE_DONE,
    HTTP_PAGE_LATER, /* ask again at the next http_run */
};

struct http_config {
    struct fakeapi *api;       /* borrowed */
    int listen_fd;             /* a listening socket; closed with the server */
    const char *tls_key;       /* PEM; NULL: plain HTTP */
    const char *tls_cert;      /* PEM, with its chain */
    const struct str *tokens;  /* borrowed; who names none of them is answered 401 */
    size_t token_count;        /* 0: nobody is asked */
    unsigned idle_timeout_s;   /* 0: HTTP_IDLE_TIMEOUT_S */
    unsigned connections_max;  /* 0: HTTP_CONNECTIONS_MAX */
    uint64_t seed;             /* of Audit-Ids */
    void *ctx;
    /* Time that only goes forward; NULL: watchers are never asked to wait for writers. */
    int64_t (*clock_us)(void *ctx);
    /* NULL: the owner serves none. */
    enum http_page_result (*page)(void *ctx, struct http_visit *visit, struct http_page *ret_page);
};

/* ERR_INVALID: the certificate or the key is unusable. The socket is closed then too. */
NODISCARD enum err http_create(const struct http_config *config, struct http_server **ret_server,
                               struct errmsg *msg);
/* Readable when http_run has something to do. */
int http_fd(const struct http_server *server);
/* How long to wait at most before the next http_run; -1: for ever. */
int http_timeout_ms(const struct http_server *server);
void http_run(struct http_server *server);
/* Ends all watches and listens no more; http_run until http_is_quiet. */
void http_shut_down(struct http_server *server);
bool http_is_quiet(const struct http_server *server); /* no request is under way */
void http_free(struct http_server *server);           /* cuts off what is left; NULL is fine */

/* A listening TCP socket at an address that is no name, such as "127.0.0.1" or "::1"; port 0: any
 * free one. *ret_port is what it got. ERR_INVALID, ERR_UNREACHABLE (in use, not ours). */
NODISCARD enum err http_listen(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port,
                               struct errmsg *msg);
/* Whether only this machine can reach the address. */
bool http_address_is_loopback(const char *address);

#endif
