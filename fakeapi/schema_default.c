#include "fakeapi/schema_node.h"

/* A null that may not stay null: it counts as absent. */
static bool is_refused_null(const struct schema *schema, const struct json *value)
{
    return json_is(value, JSON_NULL) && schema != NULL && !schema->nullable &&
           !schema->is_anything;
}

static const struct schema *member_schema(const struct schema *schema, struct str name)
{
    const struct schema *property = schema_property(schema, name);
    return property != NULL ? property : schema->additional;
}

static void fill_absent(const struct schema *schema, struct json *object)
{
    for (size_t i = 0; i < schema->property_count; i++) {
        const struct schema_property *property = &schema->properties[i];
        struct str name = property->name;
        if (property->schema->default_value == NULL || schema_is_meta(schema, name))
            continue;
        const struct json *present = json_get_str((const struct json *)object, name);
        if (present == NULL || is_refused_null(property->schema, present))
            json_set_str(object, name, json_clone(property->schema->default_value));
    }
}

/* Items of lists and values of maps have no name that could be absent, but may be null. */
static void fill_nulls(const struct schema *schema, struct json *parent)
{
    struct json *next = NULL;
    for (struct json *item = json_first(parent); item != NULL; item = next) {
        next = json_next(item);
        const struct schema *of_item = json_is(parent, JSON_ARRAY)
                                           ? schema->items
                                           : member_schema(schema, json_key(item));
        if (is_refused_null(of_item, item) && of_item->default_value != NULL)
            json_replace(parent, item, json_clone(of_item->default_value));
    }
}

void schema_fill_defaults(const struct schema *schema, struct json *value)
{
    if (schema == NULL || value == NULL || schema_is_marked(schema, value))
        return;
    if (json_is(value, JSON_OBJECT)) {
        fill_absent(schema, value);
        fill_nulls(schema, value);
        JSON_EACH(member, value) {
            if (!schema_is_meta(schema, json_key(member)))
                schema_fill_defaults(member_schema(schema, json_key(member)), member);
        }
    } else if (json_is(value, JSON_ARRAY)) {
        fill_nulls(schema, value);
        JSON_EACH(item, value)
            schema_fill_defaults(schema->items, item);
    }
}

void schema_drop_nulls(const struct schema *schema, struct json *value)
{
    if (schema == NULL || value == NULL || schema_is_marked(schema, value))
        return;
    if (json_is(value, JSON_ARRAY)) {
        JSON_EACH(item, value)
            schema_drop_nulls(schema->items, item);
        return;
    }
    struct json *next = NULL;
    for (struct json *member = json_first(value); member != NULL; member = next) {
        next = json_next(member);
        const struct schema *of_member = member_schema(schema, json_key(member));
        if (schema_is_meta(schema, json_key(member)))
            continue;
        if (is_refused_null(of_member, member) && of_member->default_value == NULL)
            json_free(json_detach(value, member));
        else
            schema_drop_nulls(of_member, member);
    }
}
