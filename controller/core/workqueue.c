#include "controller/core/workqueue.h"

#include "controller/base/mem.h"

struct work_delay {
    uint64_t sequence; /* in its heap */
    bool planned;
};

struct work_item {
    char *key;
    struct work_item *next;
    bool queued;
    bool processing;
    bool dirty; /* added while processing */
    struct work_delay mono;
    struct work_delay wall;
};

void workqueue_init(struct workqueue *queue)
{
    map_init(&queue->items);
    queue->first = NULL;
    queue->last = NULL;
    heap_init(&queue->delayed_mono);
    heap_init(&queue->delayed_wall);
}

static void item_free(struct work_item *item)
{
    mem_free(item->key);
    mem_free(item);
}

void workqueue_release(struct workqueue *queue)
{
    MAP_EACH(entry, &queue->items)
    item_free(map_entry_value(entry));
    map_release(&queue->items);
    heap_release(&queue->delayed_mono);
    heap_release(&queue->delayed_wall);
}

static struct work_item *item_of(struct workqueue *queue, struct str key)
{
    struct work_item *item = map_get(&queue->items, key);
    if (item != NULL)
        return item;
    item = mem_alloc(sizeof(*item));
    item->key = str_dup(key);
    map_put(&queue->items, key, item);
    return item;
}

static void enqueue(struct workqueue *queue, struct work_item *item)
{
    if (item->queued)
        return;
    if (item->processing) {
        item->dirty = true;
        return;
    }
    item->queued = true;
    item->next = NULL;
    if (queue->last != NULL)
        queue->last->next = item;
    else
        queue->first = item;
    queue->last = item;
}

void workqueue_add(struct workqueue *queue, struct str key)
{
    enqueue(queue, item_of(queue, key));
}

static void plan(struct heap *heap, struct work_item *item, struct work_delay *delay, int64_t due)
{
    if (delay->planned)
        heap_remove(heap, delay->sequence);
    delay->planned = due != KTIME_NEVER;
    if (delay->planned)
        delay->sequence = heap_push(heap, due, item);
}

void workqueue_add_at_mono(struct workqueue *queue, struct str key, int64_t mono_ms)
{
    struct work_item *item = item_of(queue, key);
    plan(&queue->delayed_mono, item, &item->mono, mono_ms);
}

void workqueue_add_at_wall(struct workqueue *queue, struct str key, int64_t wall_ms)
{
    struct work_item *item = item_of(queue, key);
    plan(&queue->delayed_wall, item, &item->wall, wall_ms);
}

static bool pop_due(struct heap *heap, int64_t now, struct heap_entry *ret_entry)
{
    const struct heap_entry *first = heap_peek(heap);
    if (first == NULL || first->due > now)
        return false;
    bool popped = heap_pop(heap, ret_entry);
    ASSERT(popped);
    return true;
}

void workqueue_add_due(struct workqueue *queue, struct ktime now)
{
    struct heap_entry entry;
    while (pop_due(&queue->delayed_mono, now.mono_ms, &entry)) {
        struct work_item *item = entry.item;
        item->mono.planned = false;
        enqueue(queue, item);
    }
    while (pop_due(&queue->delayed_wall, now.wall_ms, &entry)) {
        struct work_item *item = entry.item;
        item->wall.planned = false;
        enqueue(queue, item);
    }
}

struct str workqueue_take(struct workqueue *queue)
{
    struct work_item *item = queue->first;
    if (item == NULL)
        return STR_NONE;
    queue->first = item->next;
    if (queue->first == NULL)
        queue->last = NULL;
    item->queued = false;
    item->processing = true;
    return str_from(item->key);
}

void workqueue_done(struct workqueue *queue, struct str key)
{
    struct work_item *item = map_get(&queue->items, key);
    ASSERT(item != NULL && item->processing);
    item->processing = false;
    if (item->dirty) {
        item->dirty = false;
        enqueue(queue, item);
    }
}

static void unlink_item(struct workqueue *queue, const struct work_item *item)
{
    struct work_item *before = NULL;
    for (struct work_item *at = queue->first; at != item; at = at->next)
        before = at;
    if (before != NULL)
        before->next = item->next;
    else
        queue->first = item->next;
    if (queue->last == item)
        queue->last = before;
}

void workqueue_forget(struct workqueue *queue, struct str key)
{
    struct work_item *item = map_get(&queue->items, key);
    if (item == NULL)
        return;
    ASSERT(!item->processing);
    if (item->queued)
        unlink_item(queue, item);
    plan(&queue->delayed_mono, item, &item->mono, KTIME_NEVER);
    plan(&queue->delayed_wall, item, &item->wall, KTIME_NEVER);
    map_remove(&queue->items, key);
    item_free(item);
}

int64_t workqueue_next_mono_ms(const struct workqueue *queue, struct ktime now)
{
    int64_t next = KTIME_NEVER;
    const struct heap_entry *mono = heap_peek(&queue->delayed_mono);
    const struct heap_entry *wall = heap_peek(&queue->delayed_wall);
    if (queue->first != NULL)
        return now.mono_ms;
    if (mono != NULL)
        next = mono->due;
    if (wall != NULL && now.mono_ms + (wall->due - now.wall_ms) < next)
        next = now.mono_ms + (wall->due - now.wall_ms);
    return next > now.mono_ms ? next : now.mono_ms;
}
