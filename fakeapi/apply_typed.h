/*
 * The walks over values and their types that apply is made of: does a value fit its type,
 * which fields does it have, how do two values differ, what do they make together, what is
 * left without some fields.
 * Source: KEP-555, "Server-Side Apply", sections on merging and on lists; recorded answers in
 * topic `apply`.
 */
#ifndef PROMOTER_FAKEAPI_APPLY_TYPED_H
#define PROMOTER_FAKEAPI_APPLY_TYPED_H

#include "fakeapi/apply_type.h"
#include "fakeapi/fieldset.h"

#define APPLY_TEXT_BYTES_MAX (4u << 20)

/* Fields of one value: the value itself, and what is below it. */
struct apply_claim {
    bool member;
    const struct fieldset *children;
};

struct apply_delta {
    struct apply_claim added;
    struct apply_claim modified;
    struct apply_claim removed;
};

/* An item of a list with the element that names it. */
struct apply_item {
    struct fieldset_element element;
    const struct json *value;
    size_t position;
};

/* The members of an object sorted by name, but for those that `other` (NULL: none) is known to have
 * the same; NULL and 0 for anything else. */
const struct json **apply_members(struct arena *arena, const struct json *object,
                                  const struct json *other, size_t *ret_count);
/* Names an item of a set or list-map. False: it has no name, and why is appended to `problem`
 * unless that is NULL. */
bool apply_item_element(struct arena *arena, struct apply_type list, const struct json *item,
                        struct fieldset_element *ret_element, struct buf *problem);
/* The named items of a list in order of the text; nameless ones are left out. */
struct apply_item *apply_items(struct arena *arena, struct apply_type list,
                               const struct json *value, size_t *ret_count);
/* Sorts by element, equal ones by position. */
void apply_items_sort(struct apply_item *items, size_t count);

/* Does the configuration fit? If not, what is wrong is appended, as the API server words it. */
bool apply_validate(struct arena *arena, struct apply_type type, const struct json *value,
                    struct buf *problems);
struct apply_claim apply_fields_of(struct arena *arena, struct apply_type type,
                                   const struct json *value);
/* NULL: the value does not exist; at most one of the two is NULL. */
struct apply_delta apply_compare(struct arena *arena, struct apply_type type,
                                 const struct json *old_value, const struct json *new_value);
/* Merges `config` into the object `live` in place. */
void apply_merge_into(struct arena *arena, struct apply_type type, struct json *live,
                      const struct json *config);
/* Removes the fields of `set` from `object` in place. A map or list that has lost all
 * becomes null. */
void apply_remove(struct arena *arena, struct apply_type type, struct json *object,
                  const struct fieldset *set);
/* The set, and every member declared by name above a field of it. */
const struct fieldset *apply_with_named(struct arena *arena, struct apply_type type,
                                        const struct fieldset *set);

#endif
