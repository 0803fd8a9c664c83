/*
 * Private to base: how a JSON tree lies in memory.
 *
 * A value is one cell of three words, linked to its next sibling. Texts (keys and strings) and
 * lists of children are counted and shared between clones:
 *
 *   value --children--> list --first--> value --next--> value
 *   clone --children-----^                |key           |text
 *
 * A shared list is never changed. Whoever looks through a `struct json *` may be about to change
 * what is found, so json_own_children first gives that value a list of its own, with copies of
 * the children's cells that share the next level. So a clone costs one cell, and a change costs
 * the cells beside the path to it.
 *
 * Invariant: every list on the path by which a mutable pointer was looked up has one owner and is
 * not sealed, until the tree is cloned or sealed. Guarded builds remember that path and check it
 * before every change.
 */
#ifndef PROMOTER_BASE_JSON_TREE_H
#define PROMOTER_BASE_JSON_TREE_H

#include "controller/base/json.h"
#include "controller/base/mem.h"

/* At most eight, as they are kept in the low bits of a pointer. */
enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_FALSE,
    JSON_KIND_TRUE,
    JSON_KIND_INT,
    JSON_KIND_DOUBLE,
    JSON_KIND_STRING,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};
#define JSON_KIND_BITS ((uintptr_t)7)

#define JSON_BYTES_MAX (1u << 30)

/* Immutable and counted. */
struct json_bytes {
    uint32_t refs;
    uint32_t len : 30;
    uint32_t is_plain : 1;  /* known to be printed as it is */
    uint32_t is_pooled : 1; /* was found in a pool or put there (json_seal.h) */
    char bytes[]; /* terminated */
};

struct json_children {
    uint32_t refs;
    uint32_t count : 29;
    /* See json_seal.h. */
    uint32_t is_sealed : 1; /* nothing at or below it changes while this stands */
    uint32_t is_sorted : 1; /* known to be, with all that is below it */
    uint32_t is_small : 1;  /* may be kept in a pool */
    uint64_t mark;
    struct json *first;
    struct json *last;
#ifdef MEM_IS_GUARDED
    const struct json *owner; /* when there is one */
#endif
};

struct json {
    struct json *next;      /* sibling */
    uintptr_t key_and_kind; /* a struct json_bytes * or none, and in its low bits the kind */
    union {
        int64_t integer;
        double number;
        struct json_bytes *text;
        struct json_children *children; /* NULL: none */
    } as;
#ifdef MEM_IS_GUARDED
    const struct json_children *list; /* that the value stands in */
#endif
};

static inline enum json_kind json_kind_of(const struct json *value)
{
    return (enum json_kind)(value->key_and_kind & JSON_KIND_BITS);
}

static inline struct json_bytes *json_key_bytes(const struct json *value)
{
    return (struct json_bytes *)(value->key_and_kind & ~JSON_KIND_BITS);
}

static inline bool json_is_container(const struct json *value)
{
    return json_kind_of(value) >= JSON_KIND_ARRAY;
}

static inline struct json_children *json_children_of(const struct json *value)
{
    return json_is_container(value) ? value->as.children : NULL;
}

/* The same of what may be NULL. */
static inline struct json_children *json_children_of_any(const struct json *value)
{
    return value != NULL ? json_children_of(value) : NULL;
}

static inline struct str json_bytes_str(const struct json_bytes *text)
{
    return text != NULL ? (struct str){text->bytes, text->len} : STR_NONE;
}

struct json_bytes *json_bytes_create(struct str text);
struct json_bytes *json_bytes_ref(struct json_bytes *text); /* NULL is fine */
void json_bytes_unref(struct json_bytes *text); /* NULL is fine */

struct json *json_value_create(enum json_kind kind);
/* Takes a reference to the key over and gives the old one back; NULL: none. */
void json_key_assign(struct json *value, struct json_bytes *key);

/* Notes for guarded builds where the value stands; NULL: nowhere. */
static inline void json_note_list(struct json *value, const struct json_children *list)
{
#ifdef MEM_IS_GUARDED
    value->list = list;
#else
    (void)value;
    (void)list;
#endif
}

/* Appends the key of a member and a colon, compact. */
void json_print_key(const struct json *item, struct buf *out);
void json_children_unref(struct json_children *children); /* NULL is fine */
/* Links `child` (with its key) as the last one; the list has one owner or is empty. */
void json_link_last(struct json *parent, struct json *child);
/* Makes sure that nobody else sees a change of the children. */
void json_own_children(struct json *value);

#endif
