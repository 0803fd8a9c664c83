/*
 * Names for a sentence: "a, b and 3 more". Of a thousand clusters nobody reads more than
 * NAMED_CLUSTERS_MAX, and a status must not grow with the fleet; nor may a sentence lose its end
 * where names are long: NAMED_BYTES_MAX.
 */
#ifndef PROMOTER_CORE_NAME_LIST_H
#define PROMOTER_CORE_NAME_LIST_H

#include "controller/base/arena.h"
#include "controller/base/buf.h"

struct name_list {
    struct buf text;
    size_t named;
    size_t count; /* also of those that the text leaves out */
};

void name_list_init(struct name_list *list);
void name_list_release(struct name_list *list);
void name_list_add(struct name_list *list, struct str name);
/* In the arena; STR_NONE when its limit was crossed, and empty when there are no names. */
struct str name_list_text(const struct name_list *list, struct arena *arena);

#endif
