/*
 * The fields of one value, and how two values differ.
 */
#include "fakeapi/apply_typed.h"

static bool is_empty_map(const struct json *value)
{
    return !json_is(value, JSON_OBJECT) || json_first(value) == NULL;
}

static bool is_empty_list(const struct json *value)
{
    return !json_is(value, JSON_ARRAY) || json_first(value) == NULL;
}

static struct fieldset_element field_of(const struct json *member)
{
    return (struct fieldset_element){FIELDSET_FIELD, json_key(member)};
}

static struct apply_claim fields_of_map(struct arena *arena, struct apply_type type,
                                        const struct json *value)
{
    struct fieldset_builder level;
    fieldset_builder_init(&level, arena);
    if (apply_type_map_is_atomic(type))
        return (struct apply_claim){.member = true};
    if (!json_is(value, JSON_OBJECT))
        return (struct apply_claim){0};
    JSON_EACH(member, value) {
        bool named = false;
        struct apply_type below = apply_type_member(type, json_key(member), &named);
        struct apply_claim claim = apply_fields_of(arena, below, member);
        bool nothing_below = json_type(member) == JSON_NULL ||
                             (json_is(member, JSON_OBJECT) && json_first(member) == NULL);
        fieldset_builder_add(&level, field_of(member), claim.member || nothing_below || !named,
                             claim.children);
    }
    return (struct apply_claim){.children = fieldset_builder_finish(&level)};
}

/* Items [begin, end) of a sorted array have the same element. */
static size_t group_end(const struct apply_item *items, size_t count, size_t begin)
{
    size_t end = begin + 1;
    while (end < count &&
           fieldset_element_compare(items[begin].element, items[end].element) == 0)
        end++;
    return end;
}

static struct apply_claim fields_of_list(struct arena *arena, struct apply_type type,
                                         const struct json *value)
{
    struct fieldset_builder level;
    fieldset_builder_init(&level, arena);
    if (apply_type_list(type) == SCHEMA_LIST_ATOMIC)
        return (struct apply_claim){.member = true};
    size_t count = 0;
    struct apply_item *items = apply_items(arena, type, value, &count);
    apply_items_sort(items, count);
    for (size_t i = 0; i < count;) {
        size_t end = group_end(items, count, i);
        struct apply_claim claim = {0};
        if (end == i + 1) /* repeated items are owned whole */
            claim = apply_fields_of(arena, apply_type_items(type), items[i].value);
        fieldset_builder_add(&level, items[i].element, true, claim.children);
        i = end;
    }
    return (struct apply_claim){.children = fieldset_builder_finish(&level)};
}

struct apply_claim apply_fields_of(struct arena *arena, struct apply_type type,
                                   const struct json *value)
{
    switch (apply_shape(apply_type_shapes(type, value))) {
    case APPLY_MAP:
        return fields_of_map(arena, type, value);
    case APPLY_LIST:
        return fields_of_list(arena, type, value);
    default:
        return (struct apply_claim){.member = true};
    }
}

/* A comparison under way at one value. */
struct comparison {
    struct arena *arena;
    struct fieldset_builder added;
    struct fieldset_builder modified;
    struct fieldset_builder removed;
};

static void comparison_init(struct comparison *comparison, struct arena *arena)
{
    comparison->arena = arena;
    fieldset_builder_init(&comparison->added, arena);
    fieldset_builder_init(&comparison->modified, arena);
    fieldset_builder_init(&comparison->removed, arena);
}

static struct apply_delta comparison_finish(struct comparison *comparison)
{
    return (struct apply_delta){
        .added.children = fieldset_builder_finish(&comparison->added),
        .modified.children = fieldset_builder_finish(&comparison->modified),
        .removed.children = fieldset_builder_finish(&comparison->removed),
    };
}

static void comparison_add(struct comparison *comparison, struct fieldset_element element,
                           struct apply_delta delta)
{
    fieldset_builder_add(&comparison->added, element, delta.added.member, delta.added.children);
    fieldset_builder_add(&comparison->modified, element, delta.modified.member,
                         delta.modified.children);
    fieldset_builder_add(&comparison->removed, element, delta.removed.member,
                         delta.removed.children);
}

static struct apply_delta compare_leaf(const struct json *old_value, const struct json *new_value)
{
    struct apply_delta delta = {0};
    if (old_value == NULL)
        delta.added.member = true;
    else if (new_value == NULL)
        delta.removed.member = true;
    else
        delta.modified.member = !json_equal(old_value, new_value);
    return delta;
}

static struct apply_delta compare_maps(struct arena *arena, struct apply_type type,
                                       const struct json *old_value, const struct json *new_value)
{
    struct comparison comparison;
    comparison_init(&comparison, arena);
    size_t old_count = 0;
    size_t new_count = 0;
    const struct json **old_members = apply_members(arena, old_value, new_value, &old_count);
    const struct json **new_members = apply_members(arena, new_value, old_value, &new_count);
    size_t i = 0;
    size_t j = 0;
    while (i < old_count || j < new_count) {
        int order = i == old_count   ? 1
                    : j == new_count ? -1
                                     : str_compare(json_key(old_members[i]),
                                                   json_key(new_members[j]));
        const struct json *old_member = order <= 0 ? old_members[i++] : NULL;
        const struct json *new_member = order >= 0 ? new_members[j++] : NULL;
        struct fieldset_element element = field_of(old_member != NULL ? old_member : new_member);
        struct apply_type below = apply_type_member(type, element.text, NULL);
        comparison_add(&comparison, element,
                       apply_compare(arena, below, old_member, new_member));
    }
    return comparison_finish(&comparison);
}

static bool groups_equal(const struct apply_item *a, const struct apply_item *b, size_t a_count,
                         size_t b_count)
{
    bool equal = a_count == b_count;
    for (size_t i = 0; equal && i < a_count; i++)
        equal = json_equal(a[i].value, b[i].value);
    return equal;
}

/* The items with one element before and after; one of the counts may be 0. Where an element
 * is there more than once, its items are one leaf. */
static struct apply_delta compare_groups(struct arena *arena, struct apply_type items,
                                         const struct apply_item *before, size_t before_count,
                                         const struct apply_item *after, size_t after_count)
{
    struct apply_delta delta = {0};
    if (before_count <= 1 && after_count <= 1)
        return apply_compare(arena, items, before_count > 0 ? before->value : NULL,
                             after_count > 0 ? after->value : NULL);
    if (before_count > 1 && after_count > 1) {
        delta.modified.member = !groups_equal(before, after, before_count, after_count);
        return delta;
    }
    if (before_count > 1) {
        if (after_count > 0)
            delta = apply_compare(arena, items, NULL, after->value);
        delta.removed.member = true;
        return delta;
    }
    if (before_count > 0)
        delta = apply_compare(arena, items, before->value, NULL);
    delta.added.member = true;
    return delta;
}

static struct apply_delta compare_lists(struct arena *arena, struct apply_type type,
                                        const struct json *old_value,
                                        const struct json *new_value)
{
    struct comparison comparison;
    comparison_init(&comparison, arena);
    size_t old_count = 0;
    size_t new_count = 0;
    struct apply_item *old_items = apply_items(arena, type, old_value, &old_count);
    struct apply_item *new_items = apply_items(arena, type, new_value, &new_count);
    apply_items_sort(old_items, old_count);
    apply_items_sort(new_items, new_count);
    size_t i = 0;
    size_t j = 0;
    while (i < old_count || j < new_count) {
        int order = i == old_count   ? 1
                    : j == new_count ? -1
                                     : fieldset_element_compare(old_items[i].element,
                                                                new_items[j].element);
        size_t i_end = order <= 0 ? group_end(old_items, old_count, i) : i;
        size_t j_end = order >= 0 ? group_end(new_items, new_count, j) : j;
        comparison_add(&comparison, order <= 0 ? old_items[i].element : new_items[j].element,
                       compare_groups(arena, apply_type_items(type), old_items + i, i_end - i,
                                      new_items + j, j_end - j));
        i = i_end;
        j = j_end;
    }
    return comparison_finish(&comparison);
}

/* *ret_leaf: the two were compared as one leaf. */
static struct apply_delta compare_as(unsigned shape, struct arena *arena, struct apply_type type,
                                     const struct json *old_value, const struct json *new_value,
                                     bool *ret_leaf)
{
    *ret_leaf = false;
    /* Two empty ones are a leaf, to tell {} from null. */
    if (shape == APPLY_MAP && !apply_type_map_is_atomic(type) &&
        !(is_empty_map(old_value) && is_empty_map(new_value)))
        return compare_maps(arena, type, old_value, new_value);
    if (shape == APPLY_LIST && apply_type_list(type) != SCHEMA_LIST_ATOMIC &&
        !(is_empty_list(old_value) && is_empty_list(new_value)))
        return compare_lists(arena, type, old_value, new_value);
    *ret_leaf = true;
    return compare_leaf(old_value, new_value);
}

static struct apply_claim claim_union(struct arena *arena, struct apply_claim a,
                                      struct apply_claim b)
{
    return (struct apply_claim){.member = a.member || b.member,
                                .children = fieldset_union(arena, a.children, b.children)};
}

struct apply_delta apply_compare(struct arena *arena, struct apply_type type,
                                 const struct json *old_value, const struct json *new_value)
{
    if (json_is_same(old_value, new_value))
        return (struct apply_delta){0};
    unsigned old_shapes = apply_type_shapes(type, old_value);
    unsigned new_shapes = apply_type_shapes(type, new_value);
    bool leaf = false;
    unsigned shape = apply_shape(new_value != NULL ? new_shapes : old_shapes);
    struct apply_delta delta = compare_as(shape, arena, type, old_value, new_value, &leaf);
    if (old_value != NULL && new_value != NULL && old_shapes != new_shapes) {
        bool other_leaf = false;
        struct apply_delta other = compare_as(apply_shape(old_shapes), arena, type, old_value,
                                              new_value, &other_leaf);
        delta.added = claim_union(arena, delta.added, other.added);
        delta.modified = claim_union(arena, delta.modified, other.modified);
        delta.removed = claim_union(arena, delta.removed, other.removed);
    }
    delta.added.member |= !leaf && old_value == NULL;
    delta.removed.member |= !leaf && new_value == NULL;
    return delta;
}

const struct fieldset *apply_with_named(struct arena *arena, struct apply_type type,
                                        const struct fieldset *set)
{
    struct fieldset_builder level;
    size_t count = 0;
    const struct fieldset_node *nodes = set != NULL ? fieldset_nodes(set, &count) : NULL;
    fieldset_builder_init_room(&level, arena, count);
    for (size_t i = 0; i < count; i++) {
        const struct fieldset_node *node = &nodes[i];
        struct apply_type below = {.kind = APPLY_ANY_SCALAR};
        bool named = false;
        if (node->element.kind == FIELDSET_FIELD)
            below = apply_type_member(type, node->element.text, &named);
        else if (node->element.kind == FIELDSET_KEY)
            below = apply_type_items(type);
        fieldset_builder_add(&level, node->element, node->member || named,
                             apply_with_named(arena, below, node->children));
    }
    return fieldset_builder_finish(&level);
}
