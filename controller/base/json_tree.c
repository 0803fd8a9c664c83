#include "controller/base/json_tree.h"

#ifndef MEM_IS_GUARDED
_Static_assert(sizeof(struct json) == 3 * sizeof(void *), "a value is three words");
#endif

struct json_bytes *json_bytes_create(struct str text)
{
    ASSERT(text.len < JSON_BYTES_MAX);
    struct json_bytes *bytes = mem_cell_alloc(sizeof(*bytes) + text.len + 1);
    bytes->refs = 1;
    bytes->len = (uint32_t)text.len & (JSON_BYTES_MAX - 1);
    bytes->is_plain = false;
    bytes->is_pooled = false;
    if (text.len > 0)
        memcpy(bytes->bytes, text.data, text.len);
    bytes->bytes[text.len] = '\0';
    return bytes;
}

struct json_bytes *json_bytes_ref(struct json_bytes *text)
{
    if (text != NULL)
        text->refs++;
    return text;
}

void json_bytes_unref(struct json_bytes *text)
{
    if (text != NULL && --text->refs == 0)
        mem_cell_free(text, sizeof(*text) + text->len + 1);
}

struct json *json_value_create(enum json_kind kind)
{
    struct json *value = mem_cell_alloc(sizeof(*value));
    *value = (struct json){.key_and_kind = kind};
    return value;
}

void json_key_assign(struct json *value, struct json_bytes *key)
{
    json_bytes_unref(json_key_bytes(value));
    value->key_and_kind = (uintptr_t)key | (value->key_and_kind & JSON_KIND_BITS);
}

void json_children_unref(struct json_children *children)
{
    if (children == NULL || --children->refs > 0)
        return;
    struct json *next;
    for (struct json *child = children->first; child != NULL; child = next) {
        next = child->next;
        json_free(child);
    }
    mem_cell_free(children, sizeof(*children));
}

/* As deep as the tree, which the limits of reading bound. */
void json_free(const struct json *value)
{
    if (value == NULL)
        return;
    if (json_is_container(value))
        json_children_unref(value->as.children);
    else if (json_kind_of(value) == JSON_KIND_STRING)
        json_bytes_unref(value->as.text);
    json_bytes_unref(json_key_bytes(value));
    mem_cell_free((void *)(uintptr_t)value, sizeof(*value)); /* whoever owned it let go of it */
}

void json_free_pointer(struct json **value)
{
    json_free(*value);
}

/* A pointer from before a clone was made would change the clone as well. */
static void note_owner(struct json *value)
{
#ifdef MEM_IS_GUARDED
    struct json_children *children = json_children_of(value);
    if (children != NULL && children->refs == 1)
        children->owner = value;
    for (const struct json_children *list = value->list; list != NULL; list = list->owner->list)
        ASSERT(list->refs == 1 && !list->is_sealed);
#else
    (void)value;
#endif
}

static struct json_children *children_of_own(struct json *parent)
{
    if (parent->as.children == NULL) {
        struct json_children *children = mem_cell_alloc(sizeof(*children));
        *children = (struct json_children){.refs = 1};
        parent->as.children = children;
    }
    ASSERT(parent->as.children->refs == 1);
    note_owner(parent);
    return parent->as.children;
}

void json_link_last(struct json *parent, struct json *child)
{
    struct json_children *children = children_of_own(parent);
    json_note_list(child, children);
    child->next = NULL;
    if (children->last != NULL)
        children->last->next = child;
    else
        children->first = child;
    children->last = child;
    children->count++;
}

/* A cell without a key that shares what hangs on the value. */
static struct json *value_share(const struct json *value)
{
    struct json *copy = mem_cell_alloc(sizeof(*copy));
    *copy = (struct json){.key_and_kind = json_kind_of(value), .as = value->as};
    if (json_children_of(value) != NULL)
        value->as.children->refs++;
    else if (json_kind_of(value) == JSON_KIND_STRING)
        value->as.text->refs++;
    return copy;
}

struct json *json_clone(const struct json *value)
{
    return value != NULL ? value_share(value) : NULL;
}

/* Whoever looks in order to change takes away what was known. */
static void unseal(struct json_children *children)
{
    if (children == NULL)
        return;
    children->is_sealed = false;
    children->is_sorted = false;
    children->is_small = false;
    children->mark = 0;
}

void json_own_children(struct json *value)
{
    struct json_children *shared = json_children_of(value);
    if (shared == NULL || shared->refs == 1) {
        unseal(shared);
        note_owner(value);
        return;
    }
    value->as.children = NULL;
    for (const struct json *child = shared->first; child != NULL; child = child->next) {
        struct json *copy = value_share(child);
        json_key_assign(copy, json_bytes_ref(json_key_bytes(child)));
        json_link_last(value, copy);
    }
    json_children_unref(shared);
    note_owner(value);
}
