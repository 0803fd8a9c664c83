#include "controller/base/map.h"
#include "controller/base/mem.h"

static unsigned hash_of(const char *data, size_t len)
{
    uint64_t hash = str_hash(STR_HASH_INIT, (struct str){data, len});
    return (unsigned)(hash ^ hash >> 32);
}

#define HASH_FUNCTION(data, len, hash) ((hash) = hash_of((data), (len)))
#define uthash_malloc(size) mem_alloc(size)
#define uthash_free(pointer, size) mem_free(pointer)
#include <uthash.h>

struct map_entry {
    UT_hash_handle hh;
    void *value;
    size_t key_len;
    char key[];
};

void map_init(struct map *map)
{
    map->head = NULL;
}

void map_release(struct map *map)
{
    struct map_entry *entry = map->head;
    HASH_CLEAR(hh, map->head);
    while (entry != NULL) {
        struct map_entry *next = entry->hh.next;
        mem_free(entry);
        entry = next;
    }
}

size_t map_count(const struct map *map)
{
    return HASH_COUNT(map->head);
}

static struct map_entry *map_find(const struct map *map, struct str key)
{
    struct map_entry *entry = NULL;
    const char *data = key.data != NULL ? key.data : "";
    HASH_FIND(hh, map->head, data, key.len, entry);
    return entry;
}

void *map_get(const struct map *map, struct str key)
{
    const struct map_entry *entry = map_find(map, key);
    return entry != NULL ? entry->value : NULL;
}

void *map_put(struct map *map, struct str key, void *value)
{
    ASSERT(value != NULL);
    struct map_entry *entry = map_find(map, key);
    if (entry != NULL) {
        void *before = entry->value;
        entry->value = value;
        return before;
    }
    entry = mem_alloc(sizeof(*entry) + key.len + 1);
    entry->value = value;
    entry->key_len = key.len;
    if (key.len > 0)
        memcpy(entry->key, key.data, key.len);
    HASH_ADD_KEYPTR(hh, map->head, entry->key, key.len, entry);
    return NULL;
}

void *map_remove(struct map *map, struct str key)
{
    struct map_entry *entry = map_find(map, key);
    if (entry == NULL)
        return NULL;
    void *value = entry->value;
    HASH_DEL(map->head, entry);
    mem_free(entry);
    return value;
}

struct map_entry *map_next(const struct map *map, const struct map_entry *entry)
{
    return entry != NULL ? entry->hh.next : map->head;
}

struct str map_entry_key(const struct map_entry *entry)
{
    return (struct str){entry->key, entry->key_len};
}

void *map_entry_value(const struct map_entry *entry)
{
    return entry->value;
}
