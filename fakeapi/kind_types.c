/* Whether an object of a built-in kind has the types that Go's structs give it. */
#include "controller/base/mem.h"

#include "fakeapi/base64.h"
#include "fakeapi/decode.h"
#include "fakeapi/kind_rules.h"
#include "fakeapi/schema_node.h"

struct typed_walk {
    const struct resource *resource;
    struct buf *message;
    struct buf path; /* of members, without the keys of maps */
    const char *suffix; /* "" or "Spec": of the struct's name */
};

/* "string", "int32", "map[string]string", ... */
static const char *go_type_of(const struct schema *schema)
{
    switch (schema->type) {
    case SCHEMA_STRING:
        return schema->format != NULL ? "[]uint8" : "string";
    case SCHEMA_INTEGER:
        return "int32";
    case SCHEMA_BOOLEAN:
        return "bool";
    case SCHEMA_OBJECT:
        if (schema->additional == NULL)
            return "struct";
        return schema->additional->format != NULL ? "map[string][]uint8" : "map[string]string";
    case SCHEMA_ARRAY:
        return "[]struct";
    case SCHEMA_NUMBER:
    case SCHEMA_ANY:
        break;
    }
    return "interface {}";
}

static bool has_type(const struct schema *schema, const struct json *value)
{
    int64_t number;
    switch (schema->type) {
    case SCHEMA_STRING:
        return json_is(value, JSON_STRING);
    case SCHEMA_INTEGER:
        return json_int_of(value, &number) && number >= INT32_MIN && number <= INT32_MAX;
    case SCHEMA_BOOLEAN:
        return json_is(value, JSON_BOOL);
    case SCHEMA_OBJECT:
        return json_is(value, JSON_OBJECT);
    case SCHEMA_ARRAY:
        return json_is(value, JSON_ARRAY);
    case SCHEMA_NUMBER:
    case SCHEMA_ANY:
        break;
    }
    return true;
}

static bool report_type(struct typed_walk *walk, const struct schema *schema,
                        const struct json *value)
{
    buf_append_text(walk->message, "json: cannot unmarshal ");
    buf_append_text(walk->message, go_type_name(value));
    if (json_is(value, JSON_NUMBER)) {
        buf_append_char(walk->message, ' ');
        json_print(value, walk->message);
    }
    buf_printf(walk->message, " into Go struct field %s%s.%.*s of type %s",
               walk->resource->kind, walk->suffix, STR_ARGS(buf_str(&walk->path)),
               go_type_of(schema));
    return false;
}

static bool check_text(struct typed_walk *walk, const struct schema *schema,
                       const struct json *value)
{
    size_t bad_at = 0;
    if (schema->format == NULL || base64_is_valid(json_string_of(value), &bad_at))
        return true;
    buf_printf(walk->message, "illegal base64 data at input byte %zu", bad_at);
    return false;
}

static bool check(struct typed_walk *walk, const struct schema *schema, const struct json *value);

static bool check_members(struct typed_walk *walk, const struct schema *schema,
                          const struct json *object)
{
    JSON_EACH(member, object) {
        const struct schema *below = schema_property(schema, json_key(member));
        size_t len = walk->path.len;
        bool ok = true;
        if (below != NULL)
            buf_printf(&walk->path, "%s%.*s", len > 0 ? "." : "", STR_ARGS(json_key(member)));
        if (below != NULL || schema->additional != NULL)
            ok = check(walk, below != NULL ? below : schema->additional, member);
        buf_truncate(&walk->path, len);
        if (!ok)
            return false;
    }
    return true;
}

static bool check(struct typed_walk *walk, const struct schema *schema, const struct json *value)
{
    if (json_is(value, JSON_NULL))
        return true;
    if (!has_type(schema, value))
        return report_type(walk, schema, value);
    if (schema->type == SCHEMA_STRING)
        return check_text(walk, schema, value);
    walk->suffix = str_is(buf_str(&walk->path), "spec") ? "Spec" : walk->suffix;
    if (json_is(value, JSON_OBJECT))
        return check_members(walk, schema, value);
    if (json_is(value, JSON_ARRAY) && schema->items != NULL)
        JSON_EACH(item, value)
            if (!check(walk, schema->items, item))
                return false;
    return true;
}

bool kind_check_types(const struct resource *resource, const struct json *object,
                      struct buf *message)
{
    struct typed_walk walk = {.resource = resource, .message = message, .suffix = ""};
    bool ok;
    if (resource->rules == NULL || resource->rules->type == NULL)
        return true;
    buf_init(&walk.path, 4096);
    ok = check_members(&walk, resource->schema, object);
    buf_release(&walk.path);
    return ok;
}
