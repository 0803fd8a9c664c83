#include "controller/core/store.h"

#include "controller/base/mem.h"

struct stored {
    struct object *object;
    uint64_t epoch;
};

void store_init(struct store *store)
{
    for (size_t i = 0; i < KUBE_RESOURCE_COUNT; i++) {
        map_init(&store->objects[i]);
        map_init(&store->groups[i]);
    }
}

void store_release(struct store *store)
{
    for (size_t i = 0; i < KUBE_RESOURCE_COUNT; i++) {
        MAP_EACH(entry, &store->objects[i])
        {
            struct stored *stored = map_entry_value(entry);
            object_free(stored->object);
            mem_free(stored);
        }
        MAP_EACH(entry, &store->groups[i])
        {
            struct map *members = map_entry_value(entry);
            map_release(members);
            mem_free(members);
        }
        map_release(&store->objects[i]);
        map_release(&store->groups[i]);
    }
}

void store_key(const struct meta *meta, struct buf *out)
{
    if (!str_is_empty(meta->name_space)) {
        buf_append(out, meta->name_space);
        buf_append_char(out, '/');
    }
    buf_append(out, meta->name);
}

static void join_group(struct store *store, struct object *object, struct str key)
{
    struct map *groups = &store->groups[object->resource];
    if (str_is_empty(object->group))
        return;
    struct map *members = map_get(groups, object->group);
    if (members == NULL) {
        members = mem_alloc(sizeof(*members));
        map_init(members);
        map_put(groups, object->group, members);
    }
    map_put(members, key, object);
}

static void leave_group(struct store *store, const struct object *object, struct str key)
{
    struct map *groups = &store->groups[object->resource];
    struct map *members = map_get(groups, object->group);
    if (members == NULL)
        return;
    map_remove(members, key);
    if (map_count(members) > 0)
        return;
    map_remove(groups, object->group);
    map_release(members);
    mem_free(members);
}

static bool is_older(const struct object *object, const struct object *than)
{
    return str_equal(object->meta.uid, than->meta.uid) &&
           resource_version_compare(object->meta.resource_version, than->meta.resource_version) < 0;
}

static void replace(struct store *store, struct stored *stored, struct object *object,
                    struct str key, const struct store_listener *listener)
{
    struct object *before = stored->object;
    if (!str_equal(before->group, object->group))
        leave_group(store, before, key);
    stored->object = object;
    join_group(store, object, key);
    listener->changed(listener->ctx, before, object);
    object_free(before);
}

void store_put(struct store *store, struct object *object, uint64_t epoch,
               const struct store_listener *listener)
{
    struct buf key_buf;
    buf_init(&key_buf, STORE_KEY_BYTES_MAX);
    store_key(&object->meta, &key_buf);
    struct str key = buf_str(&key_buf);
    struct stored *stored = map_get(&store->objects[object->resource], key);
    if (stored == NULL) {
        stored = mem_alloc(sizeof(*stored));
        stored->object = object;
        map_put(&store->objects[object->resource], key, stored);
        join_group(store, object, key);
        listener->changed(listener->ctx, NULL, object);
    } else if (is_older(object, stored->object)) {
        object_free(object);
    } else {
        replace(store, stored, object, key, listener);
    }
    stored->epoch = epoch;
    buf_release(&key_buf);
}

void store_remove(struct store *store, enum kube_resource resource, struct str key,
                  const struct store_listener *listener)
{
    struct stored *stored = map_remove(&store->objects[resource], key);
    if (stored == NULL)
        return;
    leave_group(store, stored->object, key);
    listener->changed(listener->ctx, stored->object, NULL);
    object_free(stored->object);
    mem_free(stored);
}

void store_sweep(struct store *store, enum kube_resource resource, uint64_t epoch,
                 const struct store_listener *listener)
{
    const struct map *objects = &store->objects[resource];
    for (struct map_entry *entry = map_next(objects, NULL); entry != NULL;) {
        const struct stored *stored = map_entry_value(entry);
        struct str key = map_entry_key(entry);
        entry = map_next(objects, entry);
        if (stored->epoch == epoch)
            continue;
        char *copy = str_dup(key);
        store_remove(store, resource, str_from(copy), listener);
        mem_free(copy);
    }
}

const struct object *store_get(const struct store *store, enum kube_resource resource,
                               struct str key)
{
    const struct stored *stored = map_get(&store->objects[resource], key);
    return stored != NULL ? stored->object : NULL;
}

struct object *store_find(struct store *store, enum kube_resource resource, struct str key)
{
    struct stored *stored = map_get(&store->objects[resource], key);
    return stored != NULL ? stored->object : NULL;
}

const struct object *store_next(const struct store *store, enum kube_resource resource,
                                const struct map_entry **cursor)
{
    *cursor = map_next(&store->objects[resource], *cursor);
    if (*cursor == NULL)
        return NULL;
    const struct stored *stored = map_entry_value(*cursor);
    return stored->object;
}

const struct map *store_group(const struct store *store, enum kube_resource resource,
                              struct str group)
{
    return map_get(&store->groups[resource], group);
}
