#include "controller/base/json_internal.h"
#include "controller/base/map.h"
#include "controller/base/mem.h"

/* Up to this many members, comparing each pair is faster than hashing. */
#define PAIRWISE_MAX 12

/* One object's keys: an open table for large objects, the sibling list for small ones. */
struct key_set {
    const struct json **slots;
    size_t slot_count; /* a power of two; 0 for a small object */
};

static void key_set_init(struct key_set *set, const struct json *object)
{
    size_t count = json_count(object);
    *set = (struct key_set){0};
    if (count <= PAIRWISE_MAX)
        return;
    set->slot_count = 32;
    while (set->slot_count < 2 * count)
        set->slot_count *= 2;
    set->slots = mem_alloc_array(set->slot_count, sizeof(const struct json *));
}

/* Whether a member before `item` has its name; remembers `item`. */
static bool key_set_seen(struct key_set *set, const struct json *object,
                         const struct json *item)
{
    struct str key = json_key(item);
    if (set->slot_count == 0) {
        for (const struct json *other = json_first(object); other != item;
             other = json_next(other)) {
            if (str_equal(json_key(other), key))
                return true;
        }
        return false;
    }
    size_t mask = set->slot_count - 1;
    size_t slot = (size_t)str_hash(STR_HASH_INIT, key) & mask;
    for (; set->slots[slot] != NULL; slot = (slot + 1) & mask) {
        if (str_equal(json_key(set->slots[slot]), key))
            return true;
    }
    set->slots[slot] = item;
    return false;
}

/* API servers print sorted: keys that only ascend need no set to be known as different. */
static bool keys_ascend(const struct json *object)
{
    struct str before = STR_NONE;
    JSON_EACH (item, object) {
        struct str key = json_key(item);
        if (before.data != NULL && str_compare(before, key) >= 0)
            return false;
        before = key;
    }
    return true;
}

static bool find_in(const struct json *value, size_t *keys, struct json_duplicate *ret_duplicate)
{
    bool is_object = json_is(value, JSON_OBJECT);
    bool suspect = is_object && !keys_ascend(value);
    struct key_set seen = {0};
    bool found = false;
    if (suspect)
        key_set_init(&seen, value);
    JSON_EACH (item, value) {
        if (suspect && key_set_seen(&seen, value, item)) {
            *ret_duplicate = (struct json_duplicate){item, *keys};
            found = true;
            break;
        }
        *keys += is_object ? 1 : 0;
        found = find_in(item, keys, ret_duplicate);
        if (found)
            break;
    }
    mem_free(seen.slots);
    return found;
}

bool json_duplicate_find(const struct json *root, struct json_duplicate *ret_duplicate)
{
    size_t keys = 0;
    return find_in(root, &keys, ret_duplicate);
}

/* The walk that drops hidden members. */
struct dropper {
    struct json *paths;
    struct map reported; /* paths already in `paths` */
    struct buf path;
};

static void drop_report(struct dropper *dropper)
{
    struct str path = buf_str(&dropper->path);
    if (map_get(&dropper->reported, path) != NULL)
        return;
    map_put(&dropper->reported, path, dropper);
    json_append(dropper->paths, json_string(path));
}

/* The member of that name before `item`, which `item` hides. */
static struct json *hidden_by(struct json *object, const struct json *item)
{
    struct json *hidden = json_get_str(object, json_key(item));
    return hidden != item ? hidden : NULL;
}

static void drop_in(struct dropper *dropper, struct json *value)
{
    bool is_object = json_is(value, JSON_OBJECT);
    size_t index = 0;
    size_t path_len = dropper->path.len;
    struct json_duplicate unused;
    size_t keys = 0;
    if (!find_in(value, &keys, &unused))
        return;
    JSON_EACH (item, value) {
        if (!is_object)
            buf_printf(&dropper->path, "[%zu]", index++);
        else
            buf_printf(&dropper->path, "%s%.*s", path_len > 0 ? "." : "",
                       STR_ARGS(json_key(item)));
        struct json *hidden = is_object ? hidden_by(value, item) : NULL;
        if (hidden != NULL) {
            drop_report(dropper);
            json_free(json_detach(value, hidden));
        }
        drop_in(dropper, item);
        buf_truncate(&dropper->path, path_len);
    }
}

struct json *json_duplicates_drop(struct json *root)
{
    struct dropper dropper = {.paths = json_array()};
    map_init(&dropper.reported);
    buf_init(&dropper.path, SIZE_MAX / 2);
    drop_in(&dropper, root);
    map_release(&dropper.reported);
    buf_release(&dropper.path);
    return dropper.paths;
}
