#include "fakeapi/schema_node.h"

#include "controller/base/mem.h"

static void texts_free(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mem_free(texts[i]);
    mem_free(texts);
}

static void group_release(struct schema_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        schema_free(group->items[i]);
    mem_free(group->items);
}

static void release_structure(struct schema *schema)
{
    for (size_t i = 0; i < schema->property_count; i++) {
        mem_free(schema->properties[i].text);
        schema_free(schema->properties[i].schema);
    }
    mem_free(schema->properties);
    mem_free(schema->property_index);
    schema_free(schema->additional);
    schema_free(schema->items);
    texts_free(schema->list_keys, schema->list_key_count);
    texts_free(schema->required, schema->required_count);
    json_free(schema->default_value);
}

static void release_limits(struct schema *schema)
{
    mem_free(schema->format);
    json_free(schema->enumeration);
    mem_free(schema->pattern_text);
    schema_pattern_free(schema->pattern);
    json_free(schema->minimum);
    json_free(schema->maximum);
    json_free(schema->multiple_of);
}

void schema_free(struct schema *schema)
{
    if (schema == NULL)
        return;
    release_structure(schema);
    release_limits(schema);
    group_release(&schema->any_of);
    group_release(&schema->one_of);
    group_release(&schema->all_of);
    schema_free(schema->not_schema);
    for (size_t i = 0; i < schema->rule_count; i++) {
        mem_free(schema->rules[i].rule);
        mem_free(schema->rules[i].message);
    }
    mem_free(schema->rules);
    mem_free(schema);
}

enum schema_type schema_type(const struct schema *schema)
{
    return schema != NULL ? schema->type : SCHEMA_ANY;
}

static size_t index_place(const struct schema *schema, struct str name)
{
    size_t hash = name.len;
    if (name.len > 0)
        hash += (unsigned char)name.data[0] * 31u + (unsigned char)name.data[name.len - 1] * 7u +
                (unsigned char)name.data[name.len / 2] * 131u;
    return hash & schema->property_mask;
}

void schema_index_properties(struct schema *schema)
{
    size_t size = 4;
    while (size <= 2 * schema->property_count)
        size *= 2;
    ASSERT(schema->property_count < UINT16_MAX);
    schema->property_index = mem_alloc_array(size, sizeof(uint16_t));
    schema->property_mask = size - 1;
    for (size_t i = 0; i < schema->property_count; i++) {
        size_t at = index_place(schema, schema->properties[i].name);
        while (schema->property_index[at] != 0)
            at = (at + 1) & schema->property_mask;
        schema->property_index[at] = (uint16_t)(i + 1);
    }
}

const struct schema_property *schema_find_property(const struct schema *schema, struct str name)
{
    if (schema == NULL || schema->property_index == NULL)
        return NULL;
    for (size_t at = index_place(schema, name); schema->property_index[at] != 0;
         at = (at + 1) & schema->property_mask) {
        const struct schema_property *found =
            &schema->properties[schema->property_index[at] - 1];
        if (str_equal(name, found->name))
            return found;
    }
    return NULL;
}

const struct schema *schema_property(const struct schema *schema, struct str name)
{
    const struct schema_property *found = schema_find_property(schema, name);
    return found != NULL ? found->schema : NULL;
}

const struct schema *schema_additional(const struct schema *schema)
{
    return schema != NULL ? schema->additional : NULL;
}

const struct schema *schema_items(const struct schema *schema)
{
    return schema != NULL ? schema->items : NULL;
}

enum schema_list schema_list_type(const struct schema *schema)
{
    return schema != NULL ? schema->list_type : SCHEMA_LIST_ATOMIC;
}

size_t schema_list_key_count(const struct schema *schema)
{
    return schema != NULL ? schema->list_key_count : 0;
}

struct str schema_list_key(const struct schema *schema, size_t index)
{
    if (schema == NULL || index >= schema->list_key_count)
        return STR_NONE;
    return str_from(schema->list_keys[index]);
}

bool schema_map_is_atomic(const struct schema *schema)
{
    return schema != NULL && schema->map_is_atomic;
}

bool schema_preserves_unknown(const struct schema *schema)
{
    return schema != NULL && schema->preserves_unknown;
}

bool schema_int_or_string(const struct schema *schema)
{
    return schema != NULL && schema->int_or_string;
}

bool schema_nullable(const struct schema *schema)
{
    return schema != NULL && schema->nullable;
}

bool schema_is_embedded(const struct schema *schema)
{
    return schema != NULL && schema->is_embedded;
}

const struct json *schema_default(const struct schema *schema)
{
    return schema != NULL ? schema->default_value : NULL;
}

bool schema_is_meta(const struct schema *schema, struct str name)
{
    if (schema == NULL || !(schema->is_root || schema->is_embedded))
        return false;
    return str_is(name, "apiVersion") || str_is(name, "kind") || str_is(name, "metadata");
}
