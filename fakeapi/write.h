/*
 * The way of an object from its normal form into the store: what PUT, the
 * patches and POST share.
 */
#ifndef PROMOTER_FAKEAPI_WRITE_H
#define PROMOTER_FAKEAPI_WRITE_H

#include "fakeapi/apply.h"
#include "fakeapi/decode.h"

#define OBJECT_BYTES_MAX 1572864u /* what etcd takes */

struct write {
    struct call *call;
    const struct write_options *options;
    struct json *object; /* owned until stored or released; normal form */
    bool applied;        /* by server-side apply, which tracks fields by itself */
    bool fits;           /* what was validated of it, all or status, broke no rule of the schema */
};

void write_release(struct write *write);
/* Whether nothing holds an object any more that is being deleted. */
bool object_is_over(const struct resource *resource, const struct json *object);
/* Who writes, as field tracking wants it. */
struct apply_writer write_writer(const struct write *write);

/* Each false means: it has answered. */

/* The namespace in the body fits the path's; sets it (400). */
bool check_namespace(struct call *call, struct json *object);
/* As check_namespace, but leaves the object as it is. */
bool check_given_namespace(struct call *call, const struct json *object);
/* The name in the body is the path's (400). */
bool check_name(struct call *call, const struct json *object);
/* The resourceVersion in the body is the stored one, or may be left out (409, 422, 500). */
bool check_version(struct call *call, struct json *object, const struct record *live);

/* Validates, tracks, stores and answers 201. The namespace is checked already. */
void write_create(struct write *write);
/* Validates, tracks, compares, stores (or removes, when the last finalizer goes) and answers
 * 200. Identity and version are checked already. */
void write_update(struct write *write, struct record *live);

#endif
