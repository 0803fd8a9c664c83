#include "fakeapi/sveltos/groups.h"

#include "controller/base/mem.h"

static const struct map nobody = {NULL};

void groups_init(struct groups *groups)
{
    map_init(&groups->by_name);
}

static void group_free(struct map *group)
{
    map_release(group);
    mem_free(group);
}

void groups_release(struct groups *groups)
{
    MAP_EACH(entry, &groups->by_name)
        group_free(map_entry_value(entry));
    map_release(&groups->by_name);
}

void groups_add(struct groups *groups, struct str name, struct str key, void *value)
{
    struct map *group = map_get(&groups->by_name, name);
    if (group == NULL) {
        group = mem_alloc(sizeof(*group));
        map_init(group);
        map_put(&groups->by_name, name, group);
    }
    map_put(group, key, value);
}

void groups_remove(struct groups *groups, struct str name, struct str key)
{
    struct map *group = map_get(&groups->by_name, name);
    if (group == NULL)
        return;
    map_remove(group, key);
    if (map_next(group, NULL) == NULL)
        group_free(map_remove(&groups->by_name, name));
}

const struct map *groups_of(const struct groups *groups, struct str name)
{
    const struct map *group = map_get(&groups->by_name, name);
    return group != NULL ? group : &nobody;
}
