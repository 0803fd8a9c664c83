#include "controller/core/name_list.h"

#include "controller/core/limits.h"

#define NAME_BYTES_MAX 1024u /* two names of 253 bytes, and what is said about them */

void name_list_init(struct name_list *list)
{
    list->named = list->count = 0;
    buf_init(&list->text, NAMED_CLUSTERS_MAX * NAME_BYTES_MAX);
}

void name_list_release(struct name_list *list)
{
    buf_release(&list->text);
}

/* Whoever comes after one that was left out is left out, too. */
static bool has_room(const struct name_list *list, struct str name)
{
    return list->named == list->count && list->named < NAMED_CLUSTERS_MAX &&
           (list->named == 0 || list->text.len + 2 + name.len <= NAMED_BYTES_MAX);
}

void name_list_add(struct name_list *list, struct str name)
{
    bool named = has_room(list, name);
    list->count++;
    if (!named)
        return;
    if (list->named++ > 0)
        buf_append_text(&list->text, ", ");
    buf_append(&list->text, name);
}

struct str name_list_text(const struct name_list *list, struct arena *arena)
{
    struct str names = buf_str(&list->text);
    if (list->named == list->count)
        return arena_str(arena, names);
    return arena_format(arena, "%.*s and %zu more", STR_ARGS(names), list->count - list->named);
}
