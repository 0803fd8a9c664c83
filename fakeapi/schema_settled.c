/*
 * Is there anything to fill in or to drop? And the mark of what is as it should be.
 */
#include "fakeapi/schema_node.h"

/* One look at a value, which may leave marks behind. */
struct settling {
    bool marks;
};

static bool settle(const struct settling *settling, const struct schema *schema,
                   const struct json *value);

static bool settle_child(const struct settling *settling, const struct schema *schema,
                         const struct json *child)
{
    if (json_is(child, JSON_NULL) && !schema->nullable && !schema->is_anything)
        return false;
    return settle(settling, schema, child);
}

/* Every member is declared and settled, and no default is missing. */
static bool settle_members(const struct settling *settling, const struct schema *schema,
                           const struct json *object)
{
    size_t defaults_left = schema->default_count;
    bool settled = true;
    JSON_EACH(member, object) {
        const struct schema_property *property = schema_find_property(schema, json_key(member));
        if (schema_is_meta(schema, json_key(member)))
            continue;
        const struct schema *below = property != NULL ? property->schema : schema->additional;
        defaults_left -= property != NULL && below->default_value != NULL;
        settled = (below != NULL ? settle_child(settling, below, member)
                                 : schema_preserves_unknown(schema)) && settled;
    }
    return settled && defaults_left == 0;
}

static bool settle_items(const struct settling *settling, const struct schema *schema,
                         const struct json *list)
{
    bool settled = true;
    if (schema->items == NULL)
        return schema_preserves_unknown(schema);
    JSON_EACH(item, list)
        settled = settle_child(settling, schema->items, item) && settled;
    return settled;
}

static bool settle(const struct settling *settling, const struct schema *schema,
                   const struct json *value)
{
    if (json_first(value) == NULL && !json_is(value, JSON_OBJECT))
        return true;
    if (schema == NULL)
        return false;
    if (schema_is_marked(schema, value))
        return true;
    bool settled = json_is(value, JSON_ARRAY) ? settle_items(settling, schema, value)
                                              : settle_members(settling, schema, value);
    if (settled && settling->marks)
        json_set_mark(value, schema->mark);
    return settled;
}

bool schema_is_settled(const struct schema *schema, const struct json *value)
{
    const struct settling settling = {.marks = false};
    return settle(&settling, schema, value);
}

bool schema_has_marked(const struct schema *schema, const struct json *value)
{
    return schema != NULL && schema_is_marked(schema, value);
}

void schema_mark_valid(const struct schema *schema, const struct json *value)
{
    const struct settling settling = {.marks = true};
    if (schema != NULL)
        (void)settle(&settling, schema, value);
}
