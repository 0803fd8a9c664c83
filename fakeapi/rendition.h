/*
 * Objects as clients ask to see them: whole, only their metadata, or as a Table.
 * Source: Kubernetes documentation, "Alternate representations of resources"; recorded answers
 * in list/16 and watch/16.
 */
#ifndef PROMOTER_FAKEAPI_RENDITION_H
#define PROMOTER_FAKEAPI_RENDITION_H

#include "fakeapi/server.h"

/* Appends the object of a record in the form of `resource`. */
void rendition_print_record(struct fakeapi *api, struct rendition rendition,
                            const struct resource *resource, struct record *record,
                            struct buf *out);
/* The same of an object that is in that form; `now_ms` is what ages count from. */
void rendition_print(struct rendition rendition, const struct resource *resource, int64_t now_ms,
                     const struct json *object, struct buf *out);
void rendition_print_partial(struct rendition rendition, const struct json *object,
                             struct buf *out);
/* "ConfigMap" and "v1", or what stands for them. */
const char *rendition_of_kind(struct rendition rendition, const char *kind);
const char *rendition_of_version(struct rendition rendition, const char *api_version);

/* Answers with an object of the call's kind, stored (in any form) or not. */
void answer_record(struct call *call, int code, struct record *record);
void answer_shown(struct call *call, int code, const struct json *object);

#endif
