#include "fakeapi/schema_node.h"

static bool has_defaults(const struct schema *schema, const struct json *object)
{
    for (size_t i = 0; i < schema->property_count; i++) {
        const struct schema_property *property = &schema->properties[i];
        struct str name = str_from(property->name);
        if (property->schema->default_value != NULL && !schema_is_meta(schema, name) &&
            json_get_str(object, name) == NULL)
            return false;
    }
    return true;
}

static bool child_is_settled(const struct schema *schema, const struct json *child)
{
    if (json_is(child, JSON_NULL) && !schema->nullable && !schema->is_anything)
        return false;
    return schema_is_settled(schema, child);
}

static bool members_are_settled(const struct schema *schema, const struct json *object)
{
    JSON_EACH(member, object) {
        struct str name = json_key(member);
        const struct schema *property = schema_property(schema, name);
        if (schema_is_meta(schema, name))
            continue;
        if (property == NULL)
            property = schema->additional;
        if (property == NULL ? !schema_preserves_unknown(schema)
                             : !child_is_settled(property, member))
            return false;
    }
    return true;
}

static bool items_are_settled(const struct schema *schema, const struct json *list)
{
    if (schema->items == NULL)
        return schema_preserves_unknown(schema);
    JSON_EACH(item, list) {
        if (!child_is_settled(schema->items, item))
            return false;
    }
    return true;
}

bool schema_is_settled(const struct schema *schema, const struct json *value)
{
    if (json_first(value) == NULL && !json_is(value, JSON_OBJECT))
        return true;
    if (schema == NULL)
        return false;
    if (json_is(value, JSON_ARRAY))
        return items_are_settled(schema, value);
    return has_defaults(schema, value) && members_are_settled(schema, value);
}
