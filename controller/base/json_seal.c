#include "controller/base/json_seal.h"
#include "controller/base/json_tree.h"

#define TEXT_BYTES_MAX 64u
#define TEXT_SETS 1024u /* powers of two */
#define LIST_SETS 512u
#define LIST_CHILDREN_MAX 32u
#define WAYS 4u
#define HASH_FACTOR UINT64_C(0x9e3779b97f4a7c15) /* 2^64 divided by the golden ratio */

/* Two caches; a set holds what fell on it, the latest used first. */
struct json_pool {
    struct json_bytes *texts[TEXT_SETS][WAYS];
    struct json_children *lists[LIST_SETS][WAYS];
};

struct json_pool *json_pool_create(void)
{
    return mem_alloc(sizeof(struct json_pool));
}

void json_pool_free(struct json_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < LIST_SETS * WAYS; i++)
        json_children_unref(pool->lists[i / WAYS][i % WAYS]);
    for (size_t i = 0; i < TEXT_SETS * WAYS; i++)
        json_bytes_unref(pool->texts[i / WAYS][i % WAYS]);
    mem_free(pool);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * HASH_FACTOR;
    return hash ^ hash >> 32;
}

static uint64_t hash_text(struct str text)
{
    uint64_t hash = text.len;
    for (size_t at = 0; at < text.len; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = text.len - at;
        memcpy(&word, text.data + at, left < sizeof(word) ? left : sizeof(word));
        hash = mix(hash, word);
    }
    return hash;
}

static bool texts_equal(const struct json_bytes *a, const struct json_bytes *b)
{
    return a == b || (a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0);
}

/* Gives the reference to one text back for one to its equal. */
static struct json_bytes *exchange_text(struct json_bytes *text, struct json_bytes *equal)
{
    json_bytes_ref(equal);
    json_bytes_unref(text);
    return equal;
}

static struct json_bytes *pool_text(struct json_pool *pool, struct json_bytes *text)
{
    struct json_bytes **set = pool->texts[hash_text(json_bytes_str(text)) % TEXT_SETS];
    size_t at = 0;
    while (at < WAYS - 1 && set[at] != NULL && !texts_equal(set[at], text))
        at++;
    struct json_bytes *found = set[at];
    bool is_hit = found != NULL && texts_equal(found, text);
    if (!is_hit) {
        json_bytes_unref(found);
        found = json_bytes_ref(text);
        text->is_pooled = true;
    }
    for (; at > 0; at--)
        set[at] = set[at - 1];
    set[0] = found;
    return is_hit ? exchange_text(text, found) : text;
}

static struct json_bytes *share_text(struct json_pool *pool, struct json_bytes *text,
                                     struct json_bytes *like)
{
    if (text == like)
        return text;
    if (like != NULL && texts_equal(text, like))
        return exchange_text(text, like);
    bool may_be_pooled = !text->is_pooled && text->len <= TEXT_BYTES_MAX;
    return may_be_pooled ? pool_text(pool, text) : text;
}

/* Equal texts and lists are one by now. */
static bool cells_equal(const struct json *a, const struct json *b)
{
    return a->key_and_kind == b->key_and_kind && a->as.integer == b->as.integer;
}

static bool lists_equal(const struct json_children *a, const struct json_children *b)
{
    if (a->count != b->count)
        return false;
    const struct json *other = b->first;
    for (const struct json *item = a->first; item != NULL; item = item->next) {
        if (!cells_equal(item, other))
            return false;
        other = other->next;
    }
    return true;
}

static uint64_t hash_list(const struct json_children *list)
{
    uint64_t hash = list->count;
    for (const struct json *item = list->first; item != NULL; item = item->next)
        hash = mix(mix(hash, item->key_and_kind), (uint64_t)item->as.integer);
    return hash;
}

/* The list of the pool that is equal, or the list itself, which now is in the pool. */
static struct json_children *pool_list(struct json_pool *pool, struct json_children *list)
{
    struct json_children **set = pool->lists[hash_list(list) % LIST_SETS];
    size_t at = 0;
    while (at < WAYS - 1 && set[at] != NULL && !lists_equal(set[at], list))
        at++;
    struct json_children *found = set[at];
    if (found == NULL || !lists_equal(found, list)) {
        json_children_unref(found);
        list->is_small = true;
        list->refs++;
        found = list;
    }
    for (; at > 0; at--)
        set[at] = set[at - 1];
    set[0] = found;
    return found;
}

/* Whether the value adds little to what a pool keeps alive. */
static bool is_small(const struct json *value)
{
    const struct json_children *children = json_children_of(value);
    if (json_kind_of(value) == JSON_KIND_STRING)
        return value->as.text->len <= TEXT_BYTES_MAX;
    return children == NULL || children->is_small;
}

static bool is_sorted(const struct json *value)
{
    const struct json_children *children = json_children_of(value);
    return children == NULL || children->is_sorted;
}

static void seal_children(struct json_pool *pool, struct json *value, const struct json *like);

/* `like` is of the same name or, in an array, in the same place. */
static void seal_item(struct json_pool *pool, struct json *item, const struct json *like)
{
    struct json_bytes *key = json_key_bytes(item);
    if (key != NULL) {
        key = share_text(pool, key, like != NULL ? json_key_bytes(like) : NULL);
        item->key_and_kind = (uintptr_t)key | json_kind_of(item);
    }
    bool is_alike = like != NULL && json_kind_of(like) == json_kind_of(item);
    if (json_kind_of(item) == JSON_KIND_STRING)
        item->as.text = share_text(pool, item->as.text, is_alike ? like->as.text : NULL);
    else
        seal_children(pool, item, is_alike ? like : NULL);
}

/* Where the same key, or the next item, stands in `like`: mostly `beside`. */
static const struct json *namesake(const struct json *item, const struct json *like,
                                   const struct json *beside)
{
    const struct json_bytes *key = json_key_bytes(item);
    if (key == NULL || (beside != NULL && texts_equal(json_key_bytes(beside), key)))
        return beside;
    return json_get_str(like, json_bytes_str(key));
}

static bool list_is_sorted(const struct json_children *list)
{
    struct str key_before = STR_NONE;
    for (const struct json *item = list->first; item != NULL; item = item->next) {
        struct str key = json_key(item);
        if (!is_sorted(item) || str_compare(key_before, key) > 0)
            return false;
        key_before = key;
    }
    return true;
}

/* Seals what is in the list, and finds out whether a pool takes it. */
static void seal_items(struct json_pool *pool, struct json_children *list,
                       const struct json *like, bool *ret_is_small)
{
    const struct json *beside = json_first(like);
    *ret_is_small = list->count <= LIST_CHILDREN_MAX;
    for (struct json *item = list->first; item != NULL; item = item->next) {
        const struct json *same = like != NULL ? namesake(item, like, beside) : NULL;
        seal_item(pool, item, same);
        beside = json_next(same != NULL ? same : beside);
        *ret_is_small =
            *ret_is_small && json_key(item).len <= TEXT_BYTES_MAX && is_small(item);
    }
}

static struct json_children *share_list(struct json_pool *pool, struct json_children *list,
                                        const struct json *like, bool is_small_list)
{
    struct json_children *alike = json_children_of_any(like);
    if (alike != NULL && lists_equal(list, alike))
        return alike;
    return is_small_list ? pool_list(pool, list) : list;
}

/* A list of nothing is none, so that values that are equal look alike. */
static void drop_empty(struct json *value)
{
    json_children_unref(value->as.children);
    value->as.children = NULL;
}

static void seal_children(struct json_pool *pool, struct json *value, const struct json *like)
{
    struct json_children *list = json_children_of(value);
    bool is_small_list;
    if (list == NULL || list->is_sealed)
        return;
    if (list->count == 0) {
        drop_empty(value);
        return;
    }
    json_own_children(value); /* what others look at does not change */
    list = value->as.children;
    seal_items(pool, list, like, &is_small_list);
    list->is_sealed = true;
    struct json_children *shared = share_list(pool, list, like, is_small_list);
    if (shared == list) {
        list->is_sorted = list_is_sorted(list);
        return;
    }
    shared->refs++;
    value->as.children = shared;
    json_children_unref(list);
}

void json_seal(struct json_pool *pool, struct json *value, const struct json *like)
{
    bool is_alike = like != NULL && json_kind_of(like) == json_kind_of(value);
    seal_children(pool, value, is_alike ? like : NULL);
}

static size_t text_bytes(const struct json_bytes *text)
{
    return text != NULL ? sizeof(*text) + text->len + 1 : 0;
}

static size_t list_bytes(const struct json_children *list, const struct json *like)
{
    size_t bytes = sizeof(*list);
    const struct json *beside = json_first(like);
    for (const struct json *item = list->first; item != NULL; item = item->next) {
        const struct json *same = like != NULL ? namesake(item, like, beside) : NULL;
        beside = json_next(same != NULL ? same : beside);
        bytes += sizeof(*item) + json_bytes_beyond(item, same);
        if (same == NULL || json_key_bytes(same) != json_key_bytes(item))
            bytes += text_bytes(json_key_bytes(item));
    }
    return bytes;
}

size_t json_bytes_beyond(const struct json *value, const struct json *like)
{
    const struct json_children *list = json_children_of(value);
    if (json_is_same(value, like))
        return 0;
    if (json_kind_of(value) == JSON_KIND_STRING)
        return text_bytes(value->as.text);
    bool is_alike = like != NULL && json_kind_of(like) == json_kind_of(value);
    return list != NULL ? list_bytes(list, is_alike ? like : NULL) : 0;
}

uint64_t json_mark(const struct json *value)
{
    const struct json_children *children = json_children_of_any(value);
    return children != NULL ? children->mark : 0;
}

void json_set_mark(const struct json *value, uint64_t mark)
{
    struct json_children *children = json_children_of_any(value);
    if (children != NULL && children->is_sealed)
        children->mark = mark;
}
