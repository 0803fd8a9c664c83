/*
 * Requests of one actor to the fake API, as a client with its own user agent: the server names
 * the field manager after it. All calls answer the HTTP status.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_CLIENT_H
#define PROMOTER_FAKEAPI_SVELTOS_CLIENT_H

#include "fakeapi/fakeapi.h"
#include "fakeapi/sveltos/kinds.h"

struct client {
    struct fakeapi *api;     /* borrowed */
    const char *user_agent;  /* static; the field manager is what stands before the slash */
};

/* The objects' namespaces and names are read from `object`. `body` and `patch` are borrowed.
 * `ret_answer` may be NULL; else it gets the parsed body (owned, NULL when there is none). */
int client_list(const struct client *client, const struct kind *kind, struct json **ret_answer);
int client_create(const struct client *client, const struct kind *kind, const struct json *object,
                  struct json **ret_answer);
int client_update(const struct client *client, const struct kind *kind,
                  const struct json *object);
/* A merge patch; subresource NULL: the object itself. */
int client_patch(const struct client *client, const struct kind *kind, const struct json *object,
                 const char *subresource, const struct json *patch);
/* Makes the status of an object of a cache what it shall be; no request when it is already. */
void client_patch_status(const struct client *client, const struct kind *kind,
                         const struct json *object, const struct json *status);
/* With the object's uid as precondition. */
int client_delete(const struct client *client, const struct kind *kind, const struct json *object,
                  const char *propagation);
/* A patch of metadata.finalizers alone; `finalizers` is taken over. */
int client_set_finalizers(const struct client *client, const struct kind *kind,
                          const struct json *object, struct json *finalizers);

/* Opens a stream from a resourceVersion. NULL when the server refused. */
struct fakeapi_watch *client_watch(const struct client *client, const struct kind *kind,
                                   struct str resource_version);

#endif
