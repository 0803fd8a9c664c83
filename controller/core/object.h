/*
 * What the controller keeps of an object of the API server: a projection to what
 * it uses, immutable after it was made. `struct object` is the first member of
 * every projection.
 */
#ifndef PROMOTER_CORE_OBJECT_H
#define PROMOTER_CORE_OBJECT_H

#include "controller/k8s/meta.h"
#include "controller/k8s/resource.h"

struct object {
    enum kube_resource resource;
    struct meta meta;
    struct str group; /* what it is also found by: the promotion of a profile, the
                         profile of a summary; empty for others */
    struct str promotion; /* the promotion it says it belongs to; empty: none */
};

/* Projects `json` (owned by the callee from now on). NULL when it has no usable
 * metadata. A promotion that cannot be decoded is projected with its fault. */
struct object *object_create(enum kube_resource resource, struct json *json);
void object_free(struct object *object); /* NULL is fine */
/* True when nothing that a decision could depend on differs. */
bool object_same(const struct object *a, const struct object *b);

#endif
