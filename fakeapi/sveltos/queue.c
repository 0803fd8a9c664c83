#include "fakeapi/sveltos/queue.h"

#include "controller/base/mem.h"

struct queue_entry {
    struct queue *queue;
    char *key;
    int64_t due_ms;
    uint64_t timer;
};

static void entry_free(struct queue_entry *entry)
{
    mem_free(entry->key);
    mem_free(entry);
}

void queue_init(struct queue *queue, struct timers *timers, queue_reconcile_fn *reconcile,
                void *ctx)
{
    *queue = (struct queue){.timers = timers, .reconcile = reconcile, .ctx = ctx};
    map_init(&queue->entries);
}

void queue_clear(struct queue *queue)
{
    MAP_EACH(entry, &queue->entries) {
        struct queue_entry *waiting = map_entry_value(entry);
        timers_cancel(queue->timers, waiting->timer);
        entry_free(waiting);
    }
    map_release(&queue->entries);
    map_init(&queue->entries);
}

void queue_release(struct queue *queue)
{
    queue_clear(queue);
    map_release(&queue->entries);
}

static void run_entry(void *ctx)
{
    struct queue_entry *entry = ctx;
    map_remove(&entry->queue->entries, str_from(entry->key));
    entry->queue->reconcile(entry->queue->ctx, str_from(entry->key));
    entry_free(entry);
}

void queue_add(struct queue *queue, struct str key, int64_t at_ms)
{
    struct queue_entry *entry = map_get(&queue->entries, key);
    if (entry != NULL && entry->due_ms <= at_ms)
        return;
    if (entry == NULL) {
        entry = mem_alloc(sizeof(*entry));
        entry->queue = queue;
        entry->key = str_dup(key);
        map_put(&queue->entries, key, entry);
    } else {
        timers_cancel(queue->timers, entry->timer);
    }
    entry->due_ms = at_ms;
    entry->timer = timers_add(queue->timers, at_ms, run_entry, entry);
}

void queue_add_after(struct queue *queue, struct str key, int64_t delay_ms)
{
    queue_add(queue, key, queue->timers->now_ms + delay_ms);
}
