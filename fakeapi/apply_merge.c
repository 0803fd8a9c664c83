/*
 * What a configuration makes of the live object, and what is left of an object without some
 * of its fields. Both work in place.
 */
#include "controller/base/mem.h"

#include "fakeapi/apply_typed.h"

#define NOWHERE SIZE_MAX

static bool is_filled(const struct json *value, enum json_type type)
{
    return json_is(value, type) && json_first(value) != NULL;
}

static struct json *replace(struct json *parent, struct json *item, struct json *with)
{
    json_replace(parent, item, with);
    return with;
}

/* Whether what the configuration says of such a value replaces all of it. */
static bool is_atomic(struct apply_type type, unsigned shape)
{
    return shape == APPLY_SCALAR || (shape == APPLY_MAP && apply_type_map_is_atomic(type)) ||
           (shape == APPLY_LIST && apply_type_list(type) == SCHEMA_LIST_ATOMIC);
}

static bool has_all(struct apply_type type, const struct json *live, const struct json *config);

static bool has_members(struct apply_type type, const struct json *live,
                        const struct json *config)
{
    JSON_EACH(member, config) {
        struct str name = json_key(member);
        const struct json *present = json_get_str(live, name);
        if (present == NULL || !has_all(apply_type_member(type, name, NULL), present, member))
            return false;
    }
    return true;
}

static bool names_its_keys(struct apply_type list, const struct json *item)
{
    for (size_t i = 0; i < apply_type_key_count(list); i++)
        if (json_get_str(item, apply_type_key(list, i)) == NULL)
            return false;
    return true;
}

/* The same items in the same places. */
static bool has_items(struct apply_type type, const struct json *live, const struct json *config)
{
    const struct json *present = json_first(live);
    bool is_map = apply_type_list(type) == SCHEMA_LIST_MAP;
    if (json_count(live) != json_count(config))
        return false;
    JSON_EACH(item, config) {
        bool found = is_map ? names_its_keys(type, item) &&
                                  has_all(apply_type_items(type), present, item)
                            : json_equal(present, item);
        if (!found)
            return false;
        present = json_next(present);
    }
    return true;
}

/* Whether the configuration changes nothing; false may be said too often. Most appliers repeat
 * themselves, and what is not touched stays shared with the stored object, and so is known to be
 * valid and unchanged: an apply costs half of what it does without. */
static bool has_all(struct apply_type type, const struct json *live, const struct json *config)
{
    unsigned shape = apply_shape(apply_type_shapes(type, config));
    enum json_type container = shape == APPLY_MAP ? JSON_OBJECT : JSON_ARRAY;
    if (json_is_same(live, config))
        return true;
    if (is_atomic(type, shape) || !is_filled(live, container) || !is_filled(config, container))
        return json_equal(live, config);
    return shape == APPLY_MAP ? has_members(type, live, config) : has_items(type, live, config);
}

static struct json *merge_value(struct arena *arena, struct apply_type type, struct json *parent,
                                struct json *live, const struct json *config);

static void merge_maps(struct arena *arena, struct apply_type type, struct json *live,
                       const struct json *config)
{
    size_t count = 0;
    const struct json **members = apply_members(arena, config, NULL, &count);
    for (size_t i = 0; i < count; i++) {
        struct str name = json_key(members[i]);
        struct apply_type below = apply_type_member(type, name, NULL);
        const struct json *present = json_get_str((const struct json *)live, name);
        if (present == NULL)
            json_set_str(live, name, json_clone(members[i]));
        else if (!has_all(below, present, members[i]))
            merge_value(arena, below, live, json_get_str(live, name), members[i]);
    }
}

void apply_merge_into(struct arena *arena, struct apply_type type, struct json *live,
                      const struct json *config)
{
    merge_maps(arena, type, live, config);
}

/* A list-map or set while two of its versions are merged. */
struct list_merge {
    struct arena *arena;
    struct apply_type items_type;
    struct json *live_list;
    struct json *out;
    struct apply_item *live;
    struct json **live_values; /* of `live`, to be changed */
    struct apply_item *config;
    size_t live_count;
    size_t config_count;
    size_t *config_of; /* by live position: the item of the configuration, or NOWHERE */
    size_t *live_of;   /* by position in the configuration: the first live item, or NOWHERE */
    bool *repeated;    /* by position in the configuration: live has it more than once */
    bool *merged;      /* by position in the configuration */
    size_t next_shared; /* the next item of the configuration that live has too, or config_count */
};

/* The same items with leave to change them. */
static struct json **values_of(struct arena *arena, struct json *list,
                               const struct apply_item *items, size_t count)
{
    struct json **values = fieldset_alloc(arena, count, sizeof(struct json *));
    size_t found = 0;
    JSON_EACH(value, list) {
        if (found < count && value == items[found].value)
            values[found++] = value;
    }
    ASSERT(found == count);
    return values;
}

/* The named items of a list that is about to be changed. */
static struct apply_item *items_to_change(struct arena *arena, struct apply_type type,
                                          struct json *list, size_t *ret_count,
                                          struct json ***ret_values)
{
    (void)json_first(list); /* from here on its items are its own */
    struct apply_item *items = apply_items(arena, type, list, ret_count);
    *ret_values = values_of(arena, list, items, *ret_count);
    return items;
}

static struct apply_item *sorted_copy(struct arena *arena, const struct apply_item *items,
                                      size_t count)
{
    struct apply_item *copy = fieldset_alloc(arena, count, sizeof(*copy));
    if (count > 0)
        memcpy(copy, items, count * sizeof(*copy));
    apply_items_sort(copy, count);
    return copy;
}

static void match_items(struct list_merge *merge)
{
    struct apply_item *live = sorted_copy(merge->arena, merge->live, merge->live_count);
    struct apply_item *config = sorted_copy(merge->arena, merge->config, merge->config_count);
    merge->config_of = fieldset_alloc(merge->arena, merge->live_count, sizeof(size_t));
    merge->live_of = fieldset_alloc(merge->arena, merge->config_count, sizeof(size_t));
    merge->repeated = fieldset_alloc(merge->arena, merge->config_count, sizeof(bool));
    merge->merged = fieldset_alloc(merge->arena, merge->config_count, sizeof(bool));
    for (size_t j = 0; j < merge->config_count; j++)
        merge->live_of[j] = NOWHERE;
    size_t j = 0;
    for (size_t i = 0; i < merge->live_count; i++) {
        while (j < merge->config_count &&
               fieldset_element_compare(config[j].element, live[i].element) < 0)
            j++;
        merge->config_of[live[i].position] = NOWHERE;
        if (j == merge->config_count ||
            fieldset_element_compare(config[j].element, live[i].element) != 0)
            continue;
        size_t position = config[j].position;
        merge->config_of[live[i].position] = position;
        if (merge->live_of[position] == NOWHERE)
            merge->live_of[position] = live[i].position;
        else
            merge->repeated[position] = true;
    }
}

/* Moves to the next item at or behind `from` that both have. */
static void advance_shared(struct list_merge *merge, size_t from)
{
    while (from < merge->config_count && merge->live_of[from] == NOWHERE)
        from++;
    merge->next_shared = from;
}

static void take_live(struct list_merge *merge, size_t position)
{
    json_append(merge->out, json_detach(merge->live_list, merge->live[position].value));
}

static void take_config(struct list_merge *merge, size_t position)
{
    size_t live = merge->live_of[position];
    const struct json *config = merge->config[position].value;
    merge->merged[position] = true;
    if (live == NOWHERE || merge->repeated[position]) {
        json_append(merge->out, json_clone(config));
    } else {
        struct json *item = merge_value(merge->arena, merge->items_type, merge->live_list,
                                        merge->live_values[live], config);
        json_append(merge->out, json_detach(merge->live_list, item));
    }
    if (position == merge->next_shared)
        advance_shared(merge, position + 1);
}

/* The recorded order: items of the configuration keep its order; live's own keep their place
 * relative to the shared ones as far as that allows. */
static void merge_in_order(struct list_merge *merge)
{
    size_t i = 0;
    size_t j = 0;
    advance_shared(merge, 0);
    while (i < merge->live_count || j < merge->config_count) {
        size_t match = i < merge->live_count ? merge->config_of[i] : NOWHERE;
        bool both = i < merge->live_count && j < merge->config_count;
        if (both && match == j) {
            take_config(merge, j++);
            i++;
        } else if (both && match != NOWHERE && merge->next_shared < merge->config_count &&
                   match != merge->next_shared) {
            i++; /* shared, but not its turn: it comes with the configuration */
        } else if (i < merge->live_count && match == NOWHERE) {
            take_live(merge, i++);
        } else {
            if (i < merge->live_count && merge->merged[match])
                i++;
            if (j < merge->config_count)
                take_config(merge, j++);
        }
    }
}

static struct json *merge_lists(struct arena *arena, struct apply_type type, struct json *parent,
                                struct json *live, const struct json *config)
{
    struct list_merge merge = {.arena = arena,
                               .items_type = apply_type_items(type),
                               .live_list = live,
                               .out = json_array()};
    merge.live = items_to_change(arena, type, live, &merge.live_count, &merge.live_values);
    merge.config = apply_items(arena, type, config, &merge.config_count);
    match_items(&merge);
    merge_in_order(&merge);
    return replace(parent, live, merge.out);
}

/* Returns what now stands in the place of `live`. */
static struct json *merge_value(struct arena *arena, struct apply_type type, struct json *parent,
                                struct json *live, const struct json *config)
{
    unsigned shape = apply_shape(apply_type_shapes(type, config));
    enum json_type container = shape == APPLY_MAP ? JSON_OBJECT : JSON_ARRAY;
    if (is_atomic(type, shape) || !is_filled(live, container))
        return replace(parent, live, json_clone(config));
    if (!is_filled(config, container))
        return live;
    if (shape == APPLY_LIST)
        return merge_lists(arena, type, parent, live, config);
    merge_maps(arena, type, live, config);
    return live;
}

static void remove_below(struct arena *arena, struct apply_type type, struct json *parent,
                         struct json *value, const struct fieldset *set);

static void remove_members(struct arena *arena, struct apply_type type, struct json *object,
                           const struct fieldset *set)
{
    struct json *next = NULL;
    for (struct json *member = json_first(object); member != NULL; member = next) {
        next = json_next(member);
        const struct fieldset_node *node = fieldset_find(
            set, (struct fieldset_element){FIELDSET_FIELD, json_key(member)});
        if (node != NULL && node->member)
            json_free(json_detach(object, member));
        else if (node != NULL)
            remove_below(arena, apply_type_member(type, json_key(member), NULL), object, member,
                         node->children);
    }
}

static void remove_items(struct arena *arena, struct apply_type type, struct json *list,
                         const struct fieldset *set)
{
    size_t count = 0;
    struct json **values = NULL;
    struct apply_item *items = items_to_change(arena, type, list, &count, &values);
    for (size_t i = 0; i < count; i++) {
        const struct fieldset_node *node = fieldset_find(set, items[i].element);
        if (node != NULL && node->member)
            json_free(json_detach(list, values[i]));
        else if (node != NULL)
            remove_below(arena, apply_type_items(type), list, values[i], node->children);
    }
}

static void remove_below(struct arena *arena, struct apply_type type, struct json *parent,
                         struct json *value, const struct fieldset *set)
{
    unsigned shape = apply_shape(apply_type_shapes(type, value));
    if (shape == APPLY_SCALAR)
        return;
    if (shape == APPLY_MAP && is_filled(value, JSON_OBJECT) && !apply_type_map_is_atomic(type)) {
        remove_members(arena, type, value, set);
        if (json_first(value) != NULL)
            return;
    }
    if (shape == APPLY_LIST && is_filled(value, JSON_ARRAY) &&
        apply_type_list(type) != SCHEMA_LIST_ATOMIC) {
        remove_items(arena, type, value, set);
        if (json_first(value) != NULL)
            return;
    }
    json_replace(parent, value, json_null());
}

void apply_remove(struct arena *arena, struct apply_type type, struct json *object,
                  const struct fieldset *set)
{
    if (set != NULL)
        remove_members(arena, type, object, set);
}
