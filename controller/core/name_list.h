/*
 * Names for a sentence: "a, b and 3 more". Of a thousand clusters nobody reads more than
 * NAMED_CLUSTERS_MAX, and a status must not grow with the fleet; nor may a sentence lose its end
 * where names are long: NAMED_BYTES_MAX. The first names in their order are named, for the cache
 * has none of its own: after a restart the sentence would be another one.
 */
#ifndef PROMOTER_CORE_NAME_LIST_H
#define PROMOTER_CORE_NAME_LIST_H

#include "controller/base/arena.h"
#include "controller/core/limits.h"

struct name_list {
    char *names[NAMED_CLUSTERS_MAX]; /* owned, in their order */
    size_t kept;                     /* of the names above */
    size_t count;                    /* also of those that are not kept */
};

void name_list_init(struct name_list *list);
void name_list_release(struct name_list *list);
void name_list_add(struct name_list *list, struct str name);
/* In the arena; STR_NONE when its limit was crossed, and empty when there are no names. */
struct str name_list_text(const struct name_list *list, struct arena *arena);

#endif
