/*
 * A table from text to pointer, over uthash. Iteration is in order of insertion,
 * never of buckets, so that nothing depends on hashes.
 */
#ifndef PROMOTER_BASE_MAP_H
#define PROMOTER_BASE_MAP_H

#include "controller/base/str.h"

struct map_entry;

struct map {
    struct map_entry *head;
};

void map_init(struct map *map);
void map_release(struct map *map); /* not the values */
size_t map_count(const struct map *map);
void *map_get(const struct map *map, struct str key); /* NULL when absent */
/* Copies the key; returns the value that was there before, or NULL. value != NULL. */
void *map_put(struct map *map, struct str key, void *value);
void *map_remove(struct map *map, struct str key); /* the value that was there, or NULL */

/* The entry after `entry`, or the first for NULL; NULL at the end. The current
 * entry may be removed only after its successor was taken. */
struct map_entry *map_next(const struct map *map, const struct map_entry *entry);
struct str map_entry_key(const struct map_entry *entry);
void *map_entry_value(const struct map_entry *entry);
#define MAP_EACH(entry, map)                                              \
    for (struct map_entry *entry = map_next(map, NULL); entry != NULL;    \
         entry = map_next(map, entry))

#endif
