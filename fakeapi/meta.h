/*
 * metadata: how the server reads it, what it refuses and what it keeps.
 * Source: Kubernetes API reference, ObjectMeta; recorded answers in topic objects.
 */
#ifndef PROMOTER_FAKEAPI_META_H
#define PROMOTER_FAKEAPI_META_H

#include "fakeapi/schema.h"
#include "fakeapi/server.h"

/* Whether every field has its type; else the message as Go's decoder words it. */
bool meta_check_types(const struct json *metadata, struct buf *message);
/* Drops unknown fields (their paths are appended to `unknown`, which may be NULL), nulls and
 * empty values; a label's null becomes "". The types must have been checked. */
void meta_normalise(struct json *metadata, struct json *unknown);
/* Drops owner references that are there twice; true when there were any. */
bool meta_drop_repeated_owners(struct json *metadata);

/* The checks of a create. `full_name`: the name must be a DNS subdomain, else only fit a path. */
void meta_validate(const struct json *metadata, bool full_name, struct schema_errors *errors);
/* The checks of an update against what is stored, behind those of meta_validate. Done twice, as on
 * a real server, each finds the same again. */
void meta_validate_update(const struct json *metadata, const struct json *live,
                          struct schema_errors *errors);
/* Warnings about finalizers without a domain that `live` (NULL: create) does not have. */
void meta_warn_finalizers(struct call *call, const struct json *metadata,
                          const struct json *live);

/* Gives an update the fields that clients cannot change: creationTimestamp, generation, and uid
 * and deletion where the client left them out. */
void meta_inherit(struct json *metadata, const struct json *live);
/* Whether anything but metadata (and status, when it is a subresource) differs. */
bool meta_content_differs(const struct json *object, const struct json *live, bool has_status);
void meta_set_generation(struct json *metadata, int64_t generation);
int64_t meta_generation(const struct json *object); /* 0: none */
bool meta_has_finalizers(const struct json *object);
bool meta_is_terminating(const struct json *object);

/* Grammar of names, shared with selectors. Each appends its complaints as texts (an array). */
void name_check_subdomain(struct str text, struct json *complaints);
void name_check_qualified(struct str text, struct json *complaints);
void name_check_label_value(struct str text, struct json *complaints);

#endif
