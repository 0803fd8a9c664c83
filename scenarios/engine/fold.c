#include "scenarios/engine/fold.h"

#include "controller/base/mem.h"

static char *key_of(struct str kind, struct str name_space, struct str name)
{
    return str_format("%.*s/%.*s/%.*s", STR_ARGS(kind), STR_ARGS(name_space), STR_ARGS(name));
}

void fold_init(struct fold *fold)
{
    map_init(&fold->objects);
}

void fold_release(struct fold *fold)
{
    MAP_EACH(entry, &fold->objects)
        mem_free(map_entry_value(entry));
    map_release(&fold->objects);
}

void fold_add(struct fold *fold, const struct fakeapi_audit *audit)
{
    if (!audit->changed || str_is_empty(audit->kind))
        return;
    char *key = key_of(audit->kind, audit->name_space, audit->name);
    struct folded *folded = map_get(&fold->objects, str_from(key));
    if (folded == NULL) {
        folded = mem_alloc(sizeof(*folded));
        folded->kind = audit->kind;
        folded->name_space = audit->name_space;
        folded->name = audit->name;
        (void)map_put(&fold->objects, str_from(key), folded);
    }
    mem_free(key);
    folded->object = audit->after;
}

const struct json *fold_get(const struct fold *fold, struct str kind, struct str name_space,
                            struct str name)
{
    char *key = key_of(kind, name_space, name);
    const struct folded *folded = map_get(&fold->objects, str_from(key));
    mem_free(key);
    return folded != NULL ? folded->object : NULL;
}
