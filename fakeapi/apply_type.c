#include "fakeapi/apply_type.h"

struct meta_field {
    const char *name;
    enum apply_kind kind;
};

/* ObjectMeta as the API's own schema declares it. */
static const struct meta_field object_meta[] = {
    {"annotations", APPLY_TEXT_MAP},
    {"creationTimestamp", APPLY_ANY_SCALAR},
    {"deletionGracePeriodSeconds", APPLY_NUMERIC},
    {"deletionTimestamp", APPLY_ANY_SCALAR},
    {"finalizers", APPLY_TEXT_SET},
    {"generateName", APPLY_STRING},
    {"generation", APPLY_NUMERIC},
    {"labels", APPLY_TEXT_MAP},
    {"managedFields", APPLY_DEDUCED_LIST},
    {"name", APPLY_STRING},
    {"namespace", APPLY_STRING},
    {"ownerReferences", APPLY_OWNERS},
    {"resourceVersion", APPLY_STRING},
    {"selfLink", APPLY_STRING},
    {"uid", APPLY_STRING},
};

static const struct meta_field owner[] = {
    {"apiVersion", APPLY_STRING}, {"blockOwnerDeletion", APPLY_BOOLEAN},
    {"controller", APPLY_BOOLEAN}, {"kind", APPLY_STRING},
    {"name", APPLY_STRING},        {"uid", APPLY_STRING},
};

static const struct meta_field object_head[] = {
    {"apiVersion", APPLY_STRING},
    {"kind", APPLY_STRING},
    {"metadata", APPLY_OBJECT_META},
};

static struct apply_type builtin(enum apply_kind kind)
{
    return (struct apply_type){.kind = kind};
}

static struct apply_type of_schema(const struct schema *schema)
{
    if (schema_is_embedded(schema))
        return (struct apply_type){APPLY_OBJECT, schema};
    if (schema_type(schema) == SCHEMA_ANY)
        return builtin(APPLY_DEDUCED);
    return (struct apply_type){APPLY_OF_SCHEMA, schema};
}

struct apply_type apply_type_of_object(const struct schema *schema)
{
    return (struct apply_type){APPLY_OBJECT, schema};
}

static unsigned schema_shapes(const struct schema *schema)
{
    switch (schema_type(schema)) {
    case SCHEMA_ANY:
        return APPLY_MAP | APPLY_SCALAR | APPLY_LIST;
    case SCHEMA_OBJECT:
        return APPLY_MAP;
    case SCHEMA_ARRAY:
        return APPLY_LIST;
    case SCHEMA_STRING:
    case SCHEMA_INTEGER:
    case SCHEMA_NUMBER:
    case SCHEMA_BOOLEAN:
        return APPLY_SCALAR;
    }
    return 0;
}

static unsigned all_shapes(struct apply_type type)
{
    switch (type.kind) {
    case APPLY_OF_SCHEMA:
        return schema_shapes(type.schema);
    case APPLY_DEDUCED:
        return APPLY_MAP | APPLY_SCALAR | APPLY_LIST;
    case APPLY_OBJECT:
    case APPLY_OBJECT_META:
    case APPLY_TEXT_MAP:
    case APPLY_OWNER:
        return APPLY_MAP;
    case APPLY_DEDUCED_LIST:
    case APPLY_TEXT_SET:
    case APPLY_OWNERS:
        return APPLY_LIST;
    case APPLY_STRING:
    case APPLY_BOOLEAN:
    case APPLY_NUMERIC:
    case APPLY_ANY_SCALAR:
        return APPLY_SCALAR;
    }
    return 0;
}

static unsigned value_shape(const struct json *value)
{
    switch (json_type(value)) {
    case JSON_NULL:
        return 0;
    case JSON_OBJECT:
        return APPLY_MAP;
    case JSON_ARRAY:
        return APPLY_LIST;
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_STRING:
        return APPLY_SCALAR;
    }
    return 0;
}

unsigned apply_type_shapes(struct apply_type type, const struct json *value)
{
    unsigned all = all_shapes(type);
    unsigned own = all & value_shape(value);
    return own != 0 ? own : all;
}

unsigned apply_shape(unsigned shapes)
{
    if ((shapes & APPLY_MAP) != 0)
        return APPLY_MAP;
    return (shapes & APPLY_SCALAR) != 0 ? APPLY_SCALAR : APPLY_LIST;
}

enum apply_kind apply_type_scalar(struct apply_type type)
{
    if (type.kind != APPLY_OF_SCHEMA)
        return type.kind;
    switch (schema_type(type.schema)) {
    case SCHEMA_STRING:
        return APPLY_STRING;
    case SCHEMA_INTEGER:
    case SCHEMA_NUMBER:
        return APPLY_NUMERIC;
    case SCHEMA_BOOLEAN:
        return APPLY_BOOLEAN;
    case SCHEMA_ANY:
    case SCHEMA_OBJECT:
    case SCHEMA_ARRAY:
        break;
    }
    return APPLY_ANY_SCALAR;
}

static bool meta_field(const struct meta_field *fields, size_t count, struct str name,
                       struct apply_type *ret_type)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(name, fields[i].name)) {
            *ret_type = builtin(fields[i].kind);
            return true;
        }
    }
    return false;
}

bool apply_type_field(struct apply_type type, struct str name, struct apply_type *ret_type)
{
    if (type.kind == APPLY_OBJECT_META)
        return meta_field(object_meta, ARRAY_COUNT(object_meta), name, ret_type);
    if (type.kind == APPLY_OWNER)
        return meta_field(owner, ARRAY_COUNT(owner), name, ret_type);
    if (type.kind != APPLY_OF_SCHEMA && type.kind != APPLY_OBJECT)
        return false;
    if (type.kind == APPLY_OBJECT &&
        meta_field(object_head, ARRAY_COUNT(object_head), name, ret_type))
        return true;
    const struct schema *property = schema_property(type.schema, name);
    if (property == NULL)
        return false;
    *ret_type = of_schema(property);
    return true;
}

bool apply_type_element(struct apply_type type, struct apply_type *ret_type)
{
    *ret_type = builtin(APPLY_DEDUCED);
    if (type.kind == APPLY_DEDUCED)
        return true;
    if (type.kind == APPLY_TEXT_MAP) {
        *ret_type = builtin(APPLY_STRING);
        return true;
    }
    if (type.kind != APPLY_OF_SCHEMA && type.kind != APPLY_OBJECT)
        return false;
    const struct schema *additional = schema_additional(type.schema);
    if (additional != NULL)
        *ret_type = of_schema(additional);
    return additional != NULL || type.schema == NULL || schema_preserves_unknown(type.schema);
}

struct apply_type apply_type_member(struct apply_type type, struct str name, bool *ret_named)
{
    struct apply_type member = builtin(APPLY_DEDUCED);
    bool named = apply_type_field(type, name, &member);
    if (!named && !apply_type_element(type, &member))
        member = builtin(APPLY_DEDUCED);
    if (ret_named != NULL)
        *ret_named = named;
    return member;
}

bool apply_type_map_is_atomic(struct apply_type type)
{
    if (type.kind == APPLY_OF_SCHEMA || type.kind == APPLY_OBJECT)
        return schema_map_is_atomic(type.schema);
    return type.kind == APPLY_OWNER;
}

enum schema_list apply_type_list(struct apply_type type)
{
    switch (type.kind) {
    case APPLY_OF_SCHEMA:
        return schema_list_type(type.schema);
    case APPLY_TEXT_SET:
        return SCHEMA_LIST_SET;
    case APPLY_OWNERS:
        return SCHEMA_LIST_MAP;
    case APPLY_OBJECT:
    case APPLY_DEDUCED:
    case APPLY_DEDUCED_LIST:
    case APPLY_STRING:
    case APPLY_BOOLEAN:
    case APPLY_NUMERIC:
    case APPLY_ANY_SCALAR:
    case APPLY_OBJECT_META:
    case APPLY_TEXT_MAP:
    case APPLY_OWNER:
        break;
    }
    return SCHEMA_LIST_ATOMIC;
}

struct apply_type apply_type_items(struct apply_type type)
{
    if (type.kind == APPLY_OF_SCHEMA)
        return of_schema(schema_items(type.schema));
    if (type.kind == APPLY_TEXT_SET)
        return builtin(APPLY_STRING);
    return builtin(type.kind == APPLY_OWNERS ? APPLY_OWNER : APPLY_DEDUCED);
}

size_t apply_type_key_count(struct apply_type type)
{
    return type.kind == APPLY_OWNERS ? 1 : schema_list_key_count(type.schema);
}

struct str apply_type_key(struct apply_type type, size_t index)
{
    return type.kind == APPLY_OWNERS ? STR("uid") : schema_list_key(type.schema, index);
}

struct json *apply_type_key_default(struct apply_type type, struct str key)
{
    if (type.kind == APPLY_OWNERS)
        return json_text(""); /* the API's schema of OwnerReference says so */
    const struct json *value =
        schema_default(schema_property(schema_items(type.schema), key));
    return value != NULL ? json_clone(value) : NULL;
}
