/*
 * The order that Sveltos brings lists into before it hashes a profileSpec: by
 * content, so that writing them in another order is not a change.
 * Its sort is Go's, which equals a stable insertion sort for up to 12 items.
 */
#include "controller/core/spec_render.h"

#include "controller/base/mem.h"
#include "controller/core/limits.h"

#define KEY_MEMBERS_MAX 3u

struct list_order {
    const char *list;
    const char *members[KEY_MEMBERS_MAX]; /* compared in turn; none: the items are texts */
};

static const struct list_order orders[] = {
    {"helmCharts", {"repositoryURL", "releaseNamespace", "releaseName"}},
    {"kustomizationRefs", {"kind", "namespace", "name"}},
    {"policyRefs", {"kind", "namespace", "name"}},
    {"dependsOn", {NULL}},
    {"templateResourceRefs", {"identifier"}},
    {"validateHealths", {"name"}},
    {"patches", {"patch"}},
};

/* The members' texts with a NUL behind each: compares as the members in turn would. */
static void append_key(const struct json *item, const struct list_order *order, struct buf *key)
{
    if (order->members[0] == NULL)
        buf_append(key, json_string_of(item));
    for (size_t i = 0; i < KEY_MEMBERS_MAX && order->members[i] != NULL; i++) {
        buf_append(key, json_text_at(item, order->members[i]));
        buf_append_char(key, '\0');
    }
}

static int compare_text(const void *a, const void *b)
{
    const struct str *left = a;
    const struct str *right = b;
    return str_compare(*left, *right);
}

/* Sorted paths joined by NUL, then the target's five fields. */
static void append_drift_key(const struct json *item, struct buf *key)
{
    static const char *const target[] = {"target.group", "target.version", "target.kind",
                                         "target.namespace", "target.name"};
    const struct json *paths = json_get(item, "paths");
    size_t count = json_count(paths);
    struct str *texts = mem_alloc_array(count + 1, sizeof(*texts));
    size_t index = 0;
    JSON_EACH(path, paths)
    texts[index++] = json_string_of(path);
    qsort(texts, count, sizeof(*texts), compare_text); /* equal texts: any order is the same */
    for (size_t i = 0; i < count; i++) {
        buf_append(key, texts[i]);
        buf_append_char(key, '\0');
    }
    for (size_t i = 0; i < ARRAY_COUNT(target); i++) {
        buf_append_char(key, '\0');
        buf_append(key, json_text_at(item, target[i]));
    }
    mem_free(texts);
}

struct keyed_item {
    struct json *item;
    char *key;
    size_t key_len;
};

static int compare_keyed(const struct keyed_item *a, const struct keyed_item *b)
{
    return str_compare(str_from_bytes(a->key, a->key_len), str_from_bytes(b->key, b->key_len));
}

static void insertion_sort(struct keyed_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct keyed_item moving = items[i];
        size_t at = i;
        for (; at > 0 && compare_keyed(&items[at - 1], &moving) > 0; at--)
            items[at] = items[at - 1];
        items[at] = moving;
    }
}

/* `order` NULL: drift exclusions. */
static void sort_list(struct json *list, const struct list_order *order)
{
    size_t count = json_count(list);
    struct keyed_item *items = mem_alloc_array(count + 1, sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        struct buf key;
        buf_init(&key, ANSWER_BYTES_MAX);
        items[i].item = json_detach(list, json_first(list));
        if (order != NULL)
            append_key(items[i].item, order, &key);
        else
            append_drift_key(items[i].item, &key);
        items[i].key_len = key.len;
        items[i].key = buf_steal(&key);
    }
    insertion_sort(items, count);
    for (size_t i = 0; i < count; i++) {
        json_append(list, items[i].item);
        mem_free(items[i].key);
    }
    mem_free(items);
}

void spec_sort_list(struct json *rendered, const char *member)
{
    struct json *list = json_get(rendered, member);
    if (!json_is(list, JSON_ARRAY))
        return;
    if (str_is(STR("driftExclusions"), member)) {
        sort_list(list, NULL);
        return;
    }
    for (size_t i = 0; i < ARRAY_COUNT(orders); i++) {
        if (str_is(str_from(orders[i].list), member))
            sort_list(list, &orders[i]);
    }
}

struct sha256 spec_profile_hash(struct json *rendered)
{
    for (size_t i = 0; i < ARRAY_COUNT(orders); i++)
        spec_sort_list(rendered, orders[i].list);
    spec_sort_list(rendered, "driftExclusions");
    return spec_digest(rendered);
}
