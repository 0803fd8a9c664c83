/*
 * metadata.managedFields as entries with field sets: reading, writing, the order, the limit.
 */
#ifndef PROMOTER_FAKEAPI_MANAGED_FIELDS_H
#define PROMOTER_FAKEAPI_MANAGED_FIELDS_H

#include "fakeapi/apply.h"
#include "fakeapi/fieldset.h"

/* Update entries beyond this count are merged, the oldest first. */
#define MANAGED_FIELDS_UPDATES_MAX 10u

/* Texts are borrowed from the object that was read or from the writer.
 * What this server wrote itself is marked when it is stored (managed_fields_mark): it need not be
 * checked again when it is read. */
struct managed_entry {
    struct str manager;
    struct str api_version;
    struct str subresource;
    bool applied;      /* operation Apply, not Update */
    struct str time;   /* RFC 3339; empty: none */
    const struct fieldset *set;
    const struct json *json; /* as it was read, if that is marked; NULL: it is not */
};

struct managed_fields {
    struct arena *arena;
    struct managed_entry *entries;
    size_t count;
    size_t capacity;
};

void managed_fields_init(struct managed_fields *managed, struct arena *arena);
/* Reads an array of entries (NULL: none). ERR_SYNTAX: an entry is broken and nothing is read.
 * Of entries with one identity the last one stays. */
NODISCARD enum err managed_fields_read(struct managed_fields *managed, const struct json *entries);
/* The client's way to say that nothing be tracked any more: one empty entry. */
bool managed_fields_is_reset(const struct json *entries);
/* The entry of that identity: manager, operation, subresource, and, of updates, version.
 * NULL: none. */
struct managed_entry *managed_fields_find(struct managed_fields *managed,
                                          const struct managed_entry *identity);
/* The entry of that identity, made when there is none. Valid until the next one is made. */
struct managed_entry *managed_fields_get(struct managed_fields *managed,
                                         const struct managed_entry *identity);
void managed_fields_remove(struct managed_fields *managed, size_t index);
/* In the order of their identity, for messages. */
void managed_fields_sort_by_identity(struct managed_fields *managed);
void managed_fields_limit_updates(struct managed_fields *managed);
/* Writes the entries that are not empty into object.metadata, in the server's order: Apply
 * before Update, then time to the second, then manager. No entries: no managedFields. */
void managed_fields_write(struct managed_fields *managed, struct json *object);
/* Notes that an object at rest has entries as managed_fields_write makes them. */
void managed_fields_mark(const struct json *object);
bool managed_fields_is_marked(const struct json *entries);

#endif
