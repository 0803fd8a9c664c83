#include "fakeapi/event_expiry.h"

#include "controller/base/mem.h"

#include "fakeapi/kind_rules.h"

#define MINUTE_MS 60000

struct event_expiry {
    struct fakeapi *api; /* borrowed */
    struct resource *events;
    uint64_t timer; /* 0: idle */
    /* The versions of the last minutes, a ring; `count` is how many there were in all. */
    uint64_t marks[EVENT_KEPT_MINUTES + 1];
    size_t count;
};

struct event_expiry *event_expiry_create(struct fakeapi *api)
{
    struct event_expiry *expiry = mem_alloc(sizeof(*expiry));
    expiry->api = api;
    expiry->events = resource_find(&api->resources, STR(""), STR("v1"), STR("events"));
    return expiry;
}

void event_expiry_free(struct event_expiry *expiry)
{
    if (expiry != NULL)
        timers_cancel(expiry->api->timers, expiry->timer);
    mem_free(expiry);
}

static void remove_until(struct event_expiry *expiry, uint64_t version)
{
    size_t count;
    struct slot **slots = collection_sorted(expiry->events->collection, &count);
    for (size_t i = 0; i < count; i++)
        if (slots[i]->current != NULL && slots[i]->current->resource_version <= version)
            server_remove(expiry->api, expiry->events, slots[i]);
}

static void mark(struct event_expiry *expiry);

static void on_minute(void *ctx)
{
    struct event_expiry *expiry = ctx;
    expiry->timer = 0;
    if (expiry->count >= EVENT_KEPT_MINUTES)
        remove_until(expiry, expiry->marks[(expiry->count - EVENT_KEPT_MINUTES) %
                                           ARRAY_COUNT(expiry->marks)]);
    if (expiry->events->collection->object_count > 0)
        mark(expiry);
    else
        expiry->count = 0;
}

static void mark(struct event_expiry *expiry)
{
    struct fakeapi *api = expiry->api;
    expiry->marks[expiry->count++ % ARRAY_COUNT(expiry->marks)] = api->resource_version;
    expiry->timer = timers_add(api->timers, api->timers->now_ms + MINUTE_MS, on_minute, expiry);
}

void event_expiry_note(struct event_expiry *expiry)
{
    if (expiry != NULL && expiry->timer == 0)
        mark(expiry);
}
