/*
 * Objects that are there from the start: manifests as users keep them, created through the API.
 */
#ifndef PROMOTER_FAKEAPI_DAEMON_LOAD_H
#define PROMOTER_FAKEAPI_DAEMON_LOAD_H

#include "fakeapi/fakeapi.h"

/* Creates all documents of a file or a folder's files, in order, strictly; the items of a List
 * each. One that exists is changed by a merge patch. Errors are told as "path:line:column: ...":
 * ERR_NOT_FOUND, ERR_SYNTAX, ERR_TYPE, ERR_LIMIT, ERR_INVALID (refused by the API). */
NODISCARD enum err load_path(struct fakeapi *api, const char *path, struct errmsg *msg);

#endif
