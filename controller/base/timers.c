#include "controller/base/timers.h"
#include "controller/base/mem.h"

struct timer {
    timer_fn *fn;
    void *ctx;
};

void timers_init(struct timers *timers, int64_t now_ms)
{
    heap_init(&timers->heap);
    timers->now_ms = now_ms;
}

void timers_release(struct timers *timers)
{
    for (size_t i = 0; i < timers->heap.count; i++)
        mem_free(timers->heap.entries[i].item);
    heap_release(&timers->heap);
}

uint64_t timers_add(struct timers *timers, int64_t at_ms, timer_fn *fn, void *ctx)
{
    struct timer *timer = mem_alloc(sizeof(*timer));
    *timer = (struct timer){fn, ctx};
    return heap_push(&timers->heap, at_ms > timers->now_ms ? at_ms : timers->now_ms, timer) + 1;
}

void timers_cancel(struct timers *timers, uint64_t id)
{
    if (id != 0)
        mem_free(heap_remove(&timers->heap, id - 1));
}

void timers_move(struct timers *timers, int64_t now_ms)
{
    if (now_ms <= timers->now_ms)
        return;
    ASSERT(timers_next_ms(timers) > now_ms);
    timers->now_ms = now_ms;
}

int64_t timers_next_ms(const struct timers *timers)
{
    const struct heap_entry *next = heap_peek(&timers->heap);
    return next != NULL ? next->due : KTIME_NEVER;
}

bool timers_run_next(struct timers *timers)
{
    struct heap_entry entry;
    if (!heap_pop(&timers->heap, &entry))
        return false;
    struct timer timer = *(struct timer *)entry.item;
    /* Freed first: the callback may release the timers. */
    mem_free(entry.item);
    timers->now_ms = entry.due;
    timer.fn(timer.ctx);
    return true;
}
