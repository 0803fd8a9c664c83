/*
 * The scale subresource: a custom object seen as autoscaling/v1 Scale.
 * Source: Kubernetes documentation, "Scale subresource" of CustomResourceDefinitions; recorded
 * answers in apply/29 and schema/27.
 */
#ifndef PROMOTER_FAKEAPI_SCALE_H
#define PROMOTER_FAKEAPI_SCALE_H

#include "fakeapi/schema.h"
#include "fakeapi/server.h"

bool call_is_scale(const struct call *call);
/* The Scale of an object of the call's kind; owned. NULL: it has no number of replicas, and
 * 500 has been answered. */
struct json *scale_of(struct call *call, const struct json *object);
/* Negative numbers of replicas. */
void scale_validate(const struct resource *resource, const struct json *object,
                    struct schema_errors *errors);

/* PUT and PATCH. */
void verb_update_scale(struct call *call);
void verb_patch_scale(struct call *call);

#endif
