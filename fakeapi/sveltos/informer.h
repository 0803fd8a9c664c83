/*
 * A cache of all objects of one kind, kept by list and watch, that tells what changed.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_INFORMER_H
#define PROMOTER_FAKEAPI_SVELTOS_INFORMER_H

#include "controller/base/map.h"
#include "fakeapi/sveltos/client.h"

/* before NULL: new; after NULL: gone. An object made again under its name is told as gone, then
 * as new. Both are borrowed for the call. */
typedef void informer_change_fn(void *ctx, const struct json *before, const struct json *after);

struct informer_config {
    const struct client *client; /* borrowed */
    struct timers *timers;       /* borrowed */
    const struct kind *kind;
    bool metadata_only;          /* keep neither spec nor status; managedFields never are */
    informer_change_fn *on_change;
    void *ctx;
};

struct informer {
    struct informer_config config;
    struct map objects; /* struct json by object_key */
    struct fakeapi_watch *watch;
    char *resource_version;
    uint64_t timer; /* of the next read; 0: none */
};

void informer_init(struct informer *informer, const struct informer_config *config);
void informer_start(struct informer *informer);
/* Forgets all, telling nobody; may be started again. */
void informer_stop(struct informer *informer);
void informer_release(struct informer *informer);
/* Takes in all that the server has told by now; objects borrowed before may be gone after it. */
void informer_sync(struct informer *informer);

/* Borrowed until the next sync; NULL when absent. */
const struct json *informer_get(const struct informer *informer, struct str name_space,
                                struct str name);
const struct json *informer_get_key(const struct informer *informer, struct str key);

#endif
