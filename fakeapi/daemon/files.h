/*
 * Files that the daemon reads and writes.
 */
#ifndef PROMOTER_FAKEAPI_DAEMON_FILES_H
#define PROMOTER_FAKEAPI_DAEMON_FILES_H

#include "controller/base/buf.h"
#include "controller/base/err.h"

/* Appends a file's content; ERR_NOT_FOUND, or ERR_LIMIT beyond the buffer's. */
NODISCARD enum err file_load(const char *path, struct buf *out, struct errmsg *msg);
/* Writes all of it or nothing: a file beside it takes its place. Only its owner may read it.
 * ERR_UNREACHABLE. */
NODISCARD enum err file_replace(const char *path, struct str text, struct errmsg *msg);
/* The files that a path means: itself, or all *.yaml, *.yml and *.json right in a folder, bytewise
 * sorted. An owned array of owned paths. ERR_NOT_FOUND: no such path, or none in it. */
NODISCARD enum err files_of(const char *path, char ***ret_paths, size_t *ret_count,
                            struct errmsg *msg);
void files_free(char **paths, size_t count);

#endif
