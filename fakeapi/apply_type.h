/*
 * What apply knows of the type of one value: the schema's node, or one of the types that
 * every object has whatever its schema says (apiVersion, kind, ObjectMeta), or none, when
 * the value itself tells.
 */
#ifndef PROMOTER_FAKEAPI_APPLY_TYPE_H
#define PROMOTER_FAKEAPI_APPLY_TYPE_H

#include "fakeapi/schema.h"

enum apply_kind {
    APPLY_OF_SCHEMA,
    APPLY_OBJECT, /* of the schema, with apiVersion, kind and metadata of its own */
    APPLY_DEDUCED, /* maps granular, lists atomic */
    APPLY_DEDUCED_LIST,
    APPLY_STRING,
    APPLY_BOOLEAN,
    APPLY_NUMERIC,
    APPLY_ANY_SCALAR,
    APPLY_OBJECT_META,
    APPLY_TEXT_MAP,   /* labels, annotations */
    APPLY_TEXT_SET,   /* finalizers */
    APPLY_OWNERS,     /* by uid */
    APPLY_OWNER,      /* atomic */
};

struct apply_type {
    enum apply_kind kind;
    const struct schema *schema;
};

/* Bits: what values of a type may look like. */
#define APPLY_MAP 1u
#define APPLY_SCALAR 2u
#define APPLY_LIST 4u

struct apply_type apply_type_of_object(const struct schema *schema);
/* All shapes of the type, or the value's own if that is among them. A value of another shape
 * and null leave them all. */
unsigned apply_type_shapes(struct apply_type type, const struct json *value);
/* Of several shapes the one to treat a value as. */
unsigned apply_shape(unsigned shapes);
enum apply_kind apply_type_scalar(struct apply_type type);
/* A member that is declared by name. */
bool apply_type_field(struct apply_type type, struct str name, struct apply_type *ret_type);
/* Of members that are not declared by name; false when there may be none. */
bool apply_type_element(struct apply_type type, struct apply_type *ret_type);
bool apply_type_map_is_atomic(struct apply_type type);
/* Declared by name, or else an element, or else deduced. *ret_named may be NULL. */
struct apply_type apply_type_member(struct apply_type type, struct str name, bool *ret_named);
enum schema_list apply_type_list(struct apply_type type);
struct apply_type apply_type_items(struct apply_type type);
size_t apply_type_key_count(struct apply_type type);
struct str apply_type_key(struct apply_type type, size_t index);
/* What stands for a key member that an item leaves out; owned; NULL: nothing. */
struct json *apply_type_key_default(struct apply_type type, struct str key);

#endif
