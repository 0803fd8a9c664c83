/*
 * The form of an object: how one version of its kind shows it, with that version's apiVersion,
 * defaults and nothing that its schema does not declare. Objects are stored in the form of the
 * storage version of the time; a read brings them into its own and stores nothing.
 * Source: Kubernetes documentation, "Versions in CustomResourceDefinitions" (conversion None)
 * and "Defaulting"; recorded answers in topic schema, 13 and 25.
 */
#ifndef PROMOTER_FAKEAPI_FORM_H
#define PROMOTER_FAKEAPI_FORM_H

#include "fakeapi/resource.h"

/* Defaults, nulls (unless they stay) and pruning of an object, by the resource's schema;
 * the paths of what was pruned are appended to `unknown` (NULL is fine). */
void form_settle(const struct resource *resource, struct json *object, bool keep_nulls,
                 struct json *unknown);
/* Brings an object of another version into the resource's form, in place. */
void form_convert(const struct resource *resource, struct json *object);
/* The record in the resource's form, counted: itself when it is in that form already. */
struct record *form_record(const struct resource *resource, struct record *record);

#endif
