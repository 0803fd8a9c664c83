/* Changing trees. Every change first parts from whoever shares the list of children. */
#include "controller/base/json_internal.h"
#include "controller/base/json_tree.h"

/* A child and the one before it. */
struct place {
    struct json *before; /* NULL: it is the first */
    struct json *item;   /* NULL: behind the last */
};

static struct place place_first(struct json *parent)
{
    return (struct place){NULL, json_first(parent)};
}

static void place_step(struct place *place)
{
    place->before = place->item;
    place->item = place->item->next;
}

static struct place place_of_key(struct json *object, struct str key)
{
    struct place place = place_first(object);
    while (place.item != NULL && !str_equal(json_key(place.item), key))
        place_step(&place);
    return place;
}

/* Where the child is that `item` was when the list still was shared. */
static struct place place_of_item(struct json *parent, const struct json *item)
{
    size_t index = 0;
    const struct json *shared = json_first((const struct json *)parent);
    for (; shared != item; shared = shared->next)
        index++;
    struct place place = place_first(parent);
    while (index-- > 0)
        place_step(&place);
    return place;
}

static void set_next(struct json_children *children, struct json *before, struct json *next)
{
    if (before != NULL)
        before->next = next;
    else
        children->first = next;
    if (next == NULL)
        children->last = before;
}

static void place_unlink(struct json *parent, struct place place)
{
    struct json_children *children = parent->as.children;
    ASSERT(place.item != NULL);
    set_next(children, place.before, place.item->next);
    place.item->next = NULL;
    json_note_list(place.item, NULL);
    children->count--;
}

static void place_insert(struct json *parent, struct place place, struct json *child)
{
    struct json_children *children = parent->as.children;
    child->next = place.item;
    json_note_list(child, children);
    set_next(children, place.before, child);
    children->count++;
}

/* Frees what is there; `with` gets its key. */
static void place_replace(struct json *parent, struct place place, struct json *with)
{
    struct json *old = place.item;
    ASSERT(with != NULL && with != old);
    json_key_assign(with, json_bytes_ref(json_key_bytes(old)));
    with->next = old->next;
    json_note_list(with, parent->as.children);
    set_next(parent->as.children, place.before, with);
    if (with->next == NULL)
        parent->as.children->last = with;
    json_free(old);
}

void json_add_member(struct json *object, struct str key, struct json *child)
{
    ASSERT(json_is(object, JSON_OBJECT) && child != NULL);
    ASSERT(key.len == 0 || memchr(key.data, '\0', key.len) == NULL);
    json_own_children(object);
    json_key_assign(child, json_bytes_create(key));
    json_link_last(object, child);
}

void json_set(struct json *object, const char *key, struct json *child)
{
    json_set_str(object, str_from(key), child);
}

void json_set_str(struct json *object, struct str key, struct json *child)
{
    ASSERT(json_is(object, JSON_OBJECT));
    struct place place = place_of_key(object, key);
    if (place.item != NULL)
        place_replace(object, place, child);
    else
        json_add_member(object, key, child);
}

void json_append(struct json *array, struct json *child)
{
    ASSERT(json_is(array, JSON_ARRAY) && child != NULL);
    json_own_children(array);
    json_key_assign(child, NULL); /* items of arrays have no name */
    json_link_last(array, child);
}

void json_insert(struct json *array, size_t index, struct json *child)
{
    ASSERT(json_is(array, JSON_ARRAY) && child != NULL);
    struct place place = place_first(array);
    while (index-- > 0 && place.item != NULL)
        place_step(&place);
    if (place.item == NULL) {
        json_append(array, child);
        return;
    }
    json_key_assign(child, NULL);
    place_insert(array, place, child);
}

void json_remove(struct json *object, const char *key)
{
    json_remove_str(object, str_from(key));
}

void json_remove_str(struct json *object, struct str key)
{
    if (json_get_str((const struct json *)object, key) == NULL)
        return;
    struct place place = place_of_key(object, key);
    place_unlink(object, place);
    json_free(place.item);
}

struct json *json_detach(struct json *parent, const struct json *item)
{
    struct place place = place_of_item(parent, item);
    place_unlink(parent, place);
    return place.item;
}

void json_replace(struct json *parent, const struct json *item, struct json *with)
{
    place_replace(parent, place_of_item(parent, item), with);
}

/* Merges two sorted lists (linked by next); of equal keys, a's come first. */
static struct json *merge_sorted(struct json *a, struct json *b)
{
    struct json *head = NULL;
    struct json **tail = &head;
    while (a != NULL && b != NULL) {
        struct json **smaller = str_compare(json_key(a), json_key(b)) <= 0 ? &a : &b;
        *tail = *smaller;
        tail = &(*smaller)->next;
        *smaller = (*smaller)->next;
    }
    *tail = a != NULL ? a : b;
    return head;
}

/* The first `count` values of the list, sorted; *ret_rest: what is behind them. */
static struct json *sort_list(struct json *list, size_t count, struct json **ret_rest)
{
    struct json *rest;
    if (count == 1) {
        *ret_rest = list->next;
        list->next = NULL;
        return list;
    }
    struct json *head = sort_list(list, count / 2, &rest);
    struct json *tail = sort_list(rest, count - count / 2, ret_rest);
    return merge_sorted(head, tail);
}

static bool members_sorted(const struct json *value)
{
    if (!json_is(value, JSON_OBJECT))
        return true;
    for (const struct json *item = json_first(value); item != NULL && item->next != NULL;
         item = item->next) {
        if (str_compare(json_key(item), json_key(item->next)) > 0)
            return false;
    }
    return true;
}

static bool tree_sorted(const struct json *value)
{
    if (!members_sorted(value))
        return false;
    JSON_EACH (item, value) {
        if (!tree_sorted(item))
            return false;
    }
    return true;
}

static void sort_members(struct json *object)
{
    struct json_children *children = object->as.children;
    struct json *rest;
    children->first = sort_list(children->first, children->count, &rest);
    children->last = children->first;
    while (children->last->next != NULL)
        children->last = children->last->next;
}

/* What is shared and sorted stays shared. */
void json_sort(struct json *value)
{
    const struct json_children *children = json_children_of(value);
    if (children == NULL || children->is_sorted ||
        (children->refs > 1 && tree_sorted(value)))
        return;
    json_own_children(value);
    if (!members_sorted(value))
        sort_members(value);
    JSON_EACH (item, value)
        json_sort(item);
}
