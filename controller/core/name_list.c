#include "controller/core/name_list.h"

#include "controller/core/limits.h"

#define NAME_BYTES_MAX 1024u /* two names of 253 bytes, and what is said about them */

void name_list_init(struct name_list *list)
{
    list->count = 0;
    buf_init(&list->text, NAMED_CLUSTERS_MAX * NAME_BYTES_MAX);
}

void name_list_release(struct name_list *list)
{
    buf_release(&list->text);
}

void name_list_add(struct name_list *list, struct str name)
{
    if (list->count++ >= NAMED_CLUSTERS_MAX)
        return;
    if (list->count > 1)
        buf_append_text(&list->text, ", ");
    buf_append(&list->text, name);
}

struct str name_list_text(const struct name_list *list, struct arena *arena)
{
    struct str names = buf_str(&list->text);
    if (list->count <= NAMED_CLUSTERS_MAX)
        return arena_str(arena, names);
    return arena_format(arena, "%.*s and %zu more", STR_ARGS(names),
                        list->count - NAMED_CLUSTERS_MAX);
}
