#include "controller/core/name_list.h"

#include "controller/base/buf.h"
#include "controller/base/mem.h"

#define TEXT_BYTES_MAX (NAMED_BYTES_MAX + 1024u) /* the first one is named however long it is */

void name_list_init(struct name_list *list)
{
    *list = (struct name_list){.kept = 0};
}

void name_list_release(struct name_list *list)
{
    for (size_t i = 0; i < list->kept; i++)
        mem_free(list->names[i]);
    list->kept = 0;
}

void name_list_add(struct name_list *list, struct str name)
{
    size_t at = list->kept;
    list->count++;
    while (at > 0 && str_compare(name, str_from(list->names[at - 1])) < 0)
        at--;
    if (at == NAMED_CLUSTERS_MAX)
        return;
    if (list->kept == NAMED_CLUSTERS_MAX)
        mem_free(list->names[--list->kept]);
    memmove(&list->names[at + 1], &list->names[at], (list->kept - at) * sizeof(list->names[0]));
    list->names[at] = str_dup(name);
    list->kept++;
}

struct str name_list_text(const struct name_list *list, struct arena *arena)
{
    CLEANUP(buf_release) struct buf text;
    size_t named = 0;
    buf_init(&text, TEXT_BYTES_MAX);
    for (; named < list->kept; named++) {
        struct str name = str_from(list->names[named]);
        if (named > 0 && text.len + 2 + name.len > NAMED_BYTES_MAX)
            break;
        buf_printf(&text, "%s%.*s", named > 0 ? ", " : "", STR_ARGS(name));
    }
    if (named == list->count)
        return arena_str(arena, buf_str(&text));
    return arena_format(arena, "%.*s and %zu more", STR_ARGS(buf_str(&text)), list->count - named);
}
