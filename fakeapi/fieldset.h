/*
 * Sets of fields of an object, as managedFields record them: a tree in which each
 * level is sorted, so that every operation is one merge of two sorted lists.
 * Source: KEP-555, "Server-Side Apply", section on FieldsV1; recorded answers in
 * topic `apply`.
 *
 * Sets live in an arena and never change after they are built, so that results
 * share what they have in common with their operands. NULL is the empty set; no
 * other set is empty.
 */
#ifndef PROMOTER_FAKEAPI_FIELDSET_H
#define PROMOTER_FAKEAPI_FIELDSET_H

#include "controller/base/arena.h"
#include "controller/base/err.h"
#include "controller/base/json.h"

/* In the order in which elements of one level are sorted. */
enum fieldset_kind {
    FIELDSET_FIELD, /* f: the member's name */
    FIELDSET_KEY,   /* k: the key members of a list item, as compact JSON sorted by name */
    FIELDSET_VALUE, /* v: an item of a set, as compact JSON */
    FIELDSET_INDEX, /* i: a position, in decimal */
};

/* One step of a path. The text is borrowed: from a JSON tree or from the arena. */
struct fieldset_element {
    enum fieldset_kind kind;
    struct str text;
};

struct fieldset_node {
    struct fieldset_element element;
    bool member;                      /* the path that ends here is in the set */
    const struct fieldset *children;  /* longer paths; NULL: none */
};

/* One level; what is below it are other sets. Read through fieldset_nodes. */
struct fieldset {
    const struct fieldset_node *nodes; /* NULL: only in `source` yet */
    size_t count; /* > 0 */
    const struct json *source; /* the FieldsV1 object that holds this very set; NULL: none */
    struct arena *arena;       /* to read the source into */
};
/* A level that came from FieldsV1 of our own is decoded when it is looked at, and written by
 * sharing it if it stayed as it was: a write concerns few of the fields of an object. Of a small
 * patch, decoding and printing all of them was a quarter. */
const struct fieldset_node *fieldset_nodes(const struct fieldset *set, size_t *ret_count);

/* Numbers within keys and values are ordered as numbers, all else bytewise. */
int fieldset_element_compare(struct fieldset_element a, struct fieldset_element b);

/* One level while it is gathered, in any order; nodes of one element become one. */
struct fieldset_builder {
    struct arena *arena;
    struct fieldset_node *nodes;
    size_t count;
    size_t capacity;
};
void fieldset_builder_init(struct fieldset_builder *builder, struct arena *arena);
/* The same with room for a number of nodes that is known. */
void fieldset_builder_init_room(struct fieldset_builder *builder, struct arena *arena,
                                size_t capacity);
/* Ignores a node that is neither a member nor has children. */
void fieldset_builder_add(struct fieldset_builder *builder, struct fieldset_element element,
                          bool member, const struct fieldset *children);
const struct fieldset *fieldset_builder_finish(struct fieldset_builder *builder);

const struct fieldset *fieldset_union(struct arena *arena, const struct fieldset *a,
                                      const struct fieldset *b);
const struct fieldset *fieldset_intersection(struct arena *arena, const struct fieldset *a,
                                             const struct fieldset *b);
/* The paths of `a` that are not in `b`; what is below a path of `b` stays. */
const struct fieldset *fieldset_difference(struct arena *arena, const struct fieldset *a,
                                           const struct fieldset *b);
/* The paths of `a` that are neither in `b` nor below a path of `b`. */
const struct fieldset *fieldset_outside(struct arena *arena, const struct fieldset *a,
                                        const struct fieldset *b);
bool fieldset_equal(const struct fieldset *a, const struct fieldset *b);
/* Binary search within one level; NULL when absent. */
const struct fieldset_node *fieldset_find(const struct fieldset *set,
                                          struct fieldset_element element);

/* Zeroed memory for `count` things of `size` bytes; the arena's limit is a bug of ours. */
void *fieldset_alloc(struct arena *arena, size_t count, size_t size);

/* The level of a set that has a source, for fieldset_nodes. */
void fieldset_read_level(struct fieldset *set);

/* FieldsV1. Reading: ERR_SYNTAX for anything but nested objects with prefixes;
 * unknown prefixes are left out. The texts of fields are borrowed from `fields`. */
NODISCARD enum err fieldset_read(struct arena *arena, const struct json *fields,
                                 const struct fieldset **ret_set);
struct json *fieldset_write(const struct fieldset *set); /* owned object, sorted */
/* Reads what fieldset_write has written, later; all texts are borrowed, and `fields` must stay. */
const struct fieldset *fieldset_read_own(struct arena *arena, const struct json *fields);

/* Appends the element as conflict messages print it: .name, [name="dev"], [="a"], [0]. */
void fieldset_element_print(struct fieldset_element element, struct buf *out);
/* Calls `visit` with the text of each path: at every level members first, then what is
 * below, both in order. */
void fieldset_each_path(const struct fieldset *set, void (*visit)(void *ctx, struct str path),
                        void *ctx);
/* Appends as Go's %q: quotes, backslashes and control characters escaped. */
void fieldset_print_quoted(struct str text, struct buf *out);

#endif
