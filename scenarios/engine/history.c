#include "scenarios/engine/history.h"

#include "controller/base/mem.h"

#define RECORDS_MAX (64u << 20) /* more than any run writes */

static const struct history nothing = {NULL, NULL, 0, 0, 0};

void histories_init(struct histories *histories)
{
    map_init(&histories->objects);
}

void histories_release(struct histories *histories)
{
    MAP_EACH(entry, &histories->objects)
    {
        struct history *history = map_entry_value(entry);
        mem_free(history->records);
        mem_free(history->indices);
        mem_free(history);
    }
    map_release(&histories->objects);
}

static char *key_of(struct str kind, struct str name_space, struct str name)
{
    return str_format("%.*s/%.*s/%.*s", STR_ARGS(kind), STR_ARGS(name_space), STR_ARGS(name));
}

void histories_add(struct histories *histories, const struct fakeapi_audit *audit, size_t index)
{
    char *key CLEANUP(mem_free_pointer) = key_of(audit->kind, audit->name_space, audit->name);
    struct history *history = map_get(&histories->objects, str_from(key));
    if (history == NULL) {
        history = mem_alloc(sizeof(*history));
        (void)map_put(&histories->objects, str_from(key), history);
    }
    history->records = mem_grow_array(history->records, history->count, &history->capacity,
                                      sizeof(*history->records), RECORDS_MAX);
    history->indices = mem_grow_array(history->indices, history->count, &history->index_capacity,
                                      sizeof(*history->indices), RECORDS_MAX);
    history->indices[history->count] = index;
    history->records[history->count++] = audit;
}

const struct history *histories_of(const struct histories *histories, struct str kind,
                                   struct str name_space, struct str name)
{
    char *key CLEANUP(mem_free_pointer) = key_of(kind, name_space, name);
    const struct history *history = map_get(&histories->objects, str_from(key));
    return history != NULL ? history : &nothing;
}

size_t history_until(const struct history *history, int64_t until_ms)
{
    size_t index = history->count;
    while (index > 0 && history->records[index - 1]->at_ms > until_ms)
        index--;
    return index;
}

size_t history_from(const struct history *history, int64_t since_ms)
{
    size_t index = history_until(history, since_ms);
    return index > 0 ? index - 1 : 0;
}

size_t history_count_before(const size_t *indices, size_t count, size_t index)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (indices[middle] < index)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

const struct fakeapi_audit *history_before(const struct history *history, size_t index)
{
    size_t count = history_count_before(history->indices, history->count, index);
    return count > 0 ? history->records[count - 1] : NULL;
}
