/*
 * A server behind a socket in this process, and the client in front of it: what a session's
 * requests go through instead of a call, with the same answers. Both run in turns in one thread,
 * so that time stays virtual.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_WIRE_H
#define PROMOTER_TESTS_CONFORMANCE_WIRE_H

#include "fakeapi/fakeapi.h"

struct wire;
struct wire_stream;

/* The answer to one request. */
struct wire_answer {
    int status;
    char *content_type;         /* owned; NULL: none */
    struct buf body;            /* owned; empty for a stream */
    struct json *headers;       /* owned object: texts by lower-case name, several joined by ", " */
    struct wire_stream *stream; /* owned; NULL: none */
};

/* `tls_folder` holds tls.crt and tls.key, which signed itself for 127.0.0.1; NULL: plain HTTP. */
struct wire *wire_create(struct fakeapi *api, const char *tls_folder);
void wire_free(struct wire *wire); /* NULL is fine; after its streams */

/* Sends the request with more `headers` (an object of texts; NULL: none) and waits for the answer,
 * of a watch for its head. */
void wire_send(struct wire *wire, const struct fakeapi_request *request,
               const struct json *headers, struct wire_answer *ret_answer);
void wire_answer_release(struct wire_answer *answer); /* the stream too, unless taken */
/* Appends what has come since. */
void wire_stream_read(struct wire_stream *stream, struct buf *out);
/* The server has ended it, and all is read. */
bool wire_stream_ended(const struct wire_stream *stream);
void wire_stream_close(struct wire_stream *stream); /* NULL is fine */

#endif
