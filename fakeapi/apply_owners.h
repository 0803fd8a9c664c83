/*
 * Who owns what after a write: the part that apply and update have in common.
 */
#ifndef PROMOTER_FAKEAPI_APPLY_OWNERS_H
#define PROMOTER_FAKEAPI_APPLY_OWNERS_H

#include "fakeapi/apply_typed.h"
#include "fakeapi/managed_fields.h"

/* One write under way; the memory of all that is computed for it. */
struct apply_write {
    struct arena *arena;
    struct apply_type type;
    const struct apply_writer *writer;
    const struct fieldset *ignored; /* never owned through this resource */
    const struct json *old_object;
    const struct json *new_object;
    struct managed_fields *managed;
    struct str time; /* of the writer, RFC 3339 */
    struct buf *failure; /* why the write cannot be tracked; empty: it can */
};

/* Fields that a write through this resource ("", "status") neither owns nor takes. */
const struct fieldset *apply_ignored_fields(struct arena *arena,
                                            const struct apply_writer *writer);
/* `set` without the fields that nobody ever owns: apiVersion, kind, metadata.name and so on. */
const struct fieldset *apply_ownable(struct arena *arena, const struct fieldset *set);
/* How old and new object differ, all fields included but managedFields themselves. */
struct apply_delta apply_write_delta(const struct apply_write *write);
/* Whether the object fits the version that an entry names; if not, the write's failure says
 * `what` could not be converted and why. */
bool apply_fits_version(const struct apply_write *write, struct str api_version,
                        const struct json *object, const char *what);
/* Takes what changed and what is gone from all entries but `self` (NULL: from all); entries of
 * unknown versions are dropped. False: the write has failed; or, without force, somebody owns
 * what changed, and `conflicts` gets those entries with the fields in question. */
bool apply_take_over(const struct apply_write *write, const struct apply_delta *delta,
                     const struct managed_entry *self, bool force,
                     struct managed_fields *conflicts);
/* Makes the writer (under that name) the owner of what changed, as operation Update. */
void apply_own_changes(const struct apply_write *write, struct str manager);
/* The message and the causes of a 409. */
void apply_describe_conflicts(struct managed_fields *conflicts, char **ret_message,
                              struct json **ret_causes);

#endif
