/*
 * The kinds that the actors of the world read and write, and what they look at
 * in any object. Source: facts, section 0.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_KINDS_H
#define PROMOTER_FAKEAPI_SVELTOS_KINDS_H

#include "controller/base/buf.h"
#include "controller/base/json.h"

struct kind {
    const char *api_version;
    const char *name;
    const char *plural;
    bool namespaced;
};

extern const struct kind kind_cluster_promotion;
extern const struct kind kind_cluster_profile;
extern const struct kind kind_cluster_summary;
extern const struct kind kind_sveltos_cluster;
extern const struct kind kind_capi_cluster;
extern const struct kind kind_cluster_set;

/* 253 bytes of name and 63 of namespace, and the text around them. */
#define KIND_PATH_BYTES_MAX 512u

/* Appends "/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME][/SUBRESOURCE]"; empty parts are
 * left out. */
void kind_path(const struct kind *kind, struct str name_space, struct str name,
               const char *subresource, struct buf *out);

/* "NAMESPACE/NAME", or "/NAME" without a namespace; owned. */
char *object_key_of(struct str name_space, struct str name);
char *object_key(const struct json *object);

struct str object_name(const struct json *object);
struct str object_namespace(const struct json *object);
struct str object_uid(const struct json *object);
/* 0 when there is none. */
int64_t object_generation(const struct json *object);
bool object_is_deleting(const struct json *object);
bool object_has_finalizer(const struct json *object, const char *finalizer);
struct str object_label(const struct json *object, const char *key);
bool object_has_annotation(const struct json *object, const char *key);
/* metadata.finalizers with or without one of them, as a new array. */
struct json *object_finalizers_with(const struct json *object, const char *finalizer);
struct json *object_finalizers_without(const struct json *object, const char *finalizer);

/* What an object owned by `owner` says of it in metadata.ownerReferences; owned. */
struct json *object_owner_reference(const struct kind *kind, const struct json *owner);

/* The merge patch that makes object `after` of `before`; NULL when nothing differs. */
struct json *object_diff(const struct json *before, const struct json *after);

#endif
