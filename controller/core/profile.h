/*
 * A ClusterProfile as the controller sees it.
 */
#ifndef PROMOTER_CORE_PROFILE_H
#define PROMOTER_CORE_PROFILE_H

#include "controller/base/sha256.h"
#include "controller/core/object.h"

struct profile {
    struct object object;
    const struct json *tree;     /* owned; metadata only */
    const struct json *rendered; /* owned; what Go can decode of spec, with defaults */
    const struct json *undecodable; /* owned; array of the names of spec's other members */
    struct sha256 digest;    /* of rendered; zeros when not all could be decoded */
    struct str stage;        /* annotation */
    struct str configuration; /* annotation promoter.dev/configuration */
    const struct json *redeploys; /* owned; the annotation's object; NULL: it has none */
    uint64_t annotations_hash; /* of the annotations that prove a summary's freshness */
    bool applied;            /* has our Apply entry in managedFields */
    int64_t applied_ms;      /* its time; 0: it has none */
};

struct object *profile_create(struct json *json, const struct object *base);
void profile_free(struct profile *profile);

/* True when a field manager's own entry, by update or apply, has a member of spec. */
bool profile_field_is_of(const struct profile *profile, const char *field_manager,
                         struct str member);

/* FNV-1a over the texts of promoter.dev/configuration and promoter.dev/redeploys. */
uint64_t profile_annotations_hash(const struct json *object);

#endif
