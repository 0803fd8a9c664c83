/*
 * Lists that are sets or maps hold each value, or each key, once.
 */
#include "fakeapi/schema_node.h"

#include "controller/base/map.h"
#include "controller/base/mem.h"

#define PAIRWISE_MAX 12u

static struct json *keys_of(const struct schema *schema, const struct json *item)
{
    struct json *keys = json_object();
    for (size_t i = 0; i < schema->list_key_count; i++) {
        const struct json *key = json_get(item, schema->list_keys[i]);
        if (key != NULL)
            json_set(keys, schema->list_keys[i], json_clone(key));
    }
    return keys;
}

/* An error is given once per value, at the second one: the map says whether a value was seen
 * once, or has been reported, by one of two addresses. */
static void check_seen(struct map *seen, struct json *identity, struct schema_walk *walk)
{
    void *const seen_once = seen;
    void *const seen_reported = walk;
    struct buf text;
    buf_init(&text, SCHEMA_VALUE_BYTES_MAX);
    json_sort(identity);
    json_print(identity, &text);
    void *before = map_put(seen, buf_str(&text), seen_once);
    if (before != NULL)
        map_put(seen, buf_str(&text), seen_reported);
    if (before == seen_once) {
        struct buf shown;
        buf_init(&shown, SCHEMA_VALUE_BYTES_MAX);
        schema_text_value(identity, &shown);
        schema_errors_add(walk->errors, "FieldValueDuplicate", schema_walk_field(walk),
                          "Duplicate value: %.*s", STR_ARGS(buf_str(&shown)));
        buf_release(&shown);
    }
    buf_release(&text);
}

static void check_item(const struct schema *schema, const struct json *item, struct map *seen,
                       struct schema_walk *walk)
{
    if (schema->list_type == SCHEMA_LIST_SET || json_is(item, JSON_OBJECT)) {
        struct json *identity = schema->list_type == SCHEMA_LIST_SET ? json_clone(item)
                                                                     : keys_of(schema, item);
        check_seen(seen, identity, walk);
        json_free(identity);
    } else if (!json_is(item, JSON_NULL)) {
        struct buf shown;
        buf_init(&shown, SCHEMA_VALUE_BYTES_MAX);
        schema_text_value(item, &shown);
        schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                          "Invalid value: %.*s: must be an object for an array of list-type map",
                          STR_ARGS(buf_str(&shown)));
        buf_release(&shown);
    }
}

static bool is_twin(const struct schema *schema, const struct json *a, const struct json *b)
{
    if (schema->list_type == SCHEMA_LIST_SET)
        return json_equal(a, b);
    for (size_t i = 0; i < schema->list_key_count; i++) {
        const struct json *key = json_get(a, schema->list_keys[i]);
        const struct json *other = json_get(b, schema->list_keys[i]);
        if ((key == NULL) != (other == NULL) || (key != NULL && !json_equal(key, other)))
            return false;
    }
    return true;
}

/* For short lists a quick look at each pair, which finds nothing wrong with most. */
static bool is_surely_fine(const struct schema *schema, const struct json *list)
{
    if (json_count(list) > PAIRWISE_MAX)
        return false;
    JSON_EACH(item, list) {
        if (schema->list_type != SCHEMA_LIST_SET && !json_is(item, JSON_OBJECT))
            return false;
        for (const struct json *other = json_next(item); other != NULL; other = json_next(other))
            if (is_twin(schema, item, other))
                return false;
    }
    return true;
}

static void check_duplicates(const struct schema *schema, const struct json *list,
                             struct schema_walk *walk)
{
    struct map seen;
    size_t index = 0;
    if (is_surely_fine(schema, list))
        return;
    map_init(&seen);
    JSON_EACH(item, list) {
        schema_walk_enter_item(walk, index++);
        check_item(schema, item, &seen, walk);
        schema_walk_leave(walk);
    }
    map_release(&seen);
}

static void check_list(const struct schema *schema, const struct json *list,
                       struct schema_walk *walk)
{
    size_t index = 0;
    if (schema->list_type != SCHEMA_LIST_ATOMIC)
        check_duplicates(schema, list, walk);
    JSON_EACH(item, list) {
        schema_walk_enter_item(walk, index++);
        schema_check_lists(schema->items, item, walk);
        schema_walk_leave(walk);
    }
}

void schema_check_lists(const struct schema *schema, const struct json *value,
                        struct schema_walk *walk)
{
    if (schema == NULL || schema_is_marked(schema, value))
        return;
    if (json_is(value, JSON_ARRAY))
        check_list(schema, value, walk);
    if (!json_is(value, JSON_OBJECT))
        return;
    JSON_EACH(member, value) {
        const struct schema *property = schema_property(schema, json_key(member));
        schema_walk_enter_member(walk, json_key(member));
        schema_check_lists(property != NULL ? property : schema->additional, member, walk);
        schema_walk_leave(walk);
    }
}
