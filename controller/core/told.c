#include "controller/core/told.h"

#include "controller/base/mem.h"
#include "controller/core/limits.h"

/* Due now and not in the last look. */
static void rise(struct told *told, struct ktime now)
{
    told->repeats++;
    if (told->state == TOLD_KNOWN && now.mono_ms - told->written_mono_ms >= EVENT_REPEAT_MS)
        told->state = TOLD_REPEATED;
}

static void note_due(struct map *book, const struct promotion *promotion,
                     const struct promotion_event *event, struct map *due, struct ktime now)
{
    char name[EVENT_NAME_BYTES];
    event_name(promotion, event, name);
    struct told *told = map_get(book, str_from(name));
    if (told == NULL) {
        told = mem_alloc(sizeof(*told));
        told->state = TOLD_NEWS;
        told->text = event_text(promotion, event);
        map_put(book, str_from(name), told);
    } else if (!told->standing) {
        rise(told, now);
    }
    told->standing = true;
    told->urgent = event->urgent;
    map_put(due, str_from(name), told);
}

static bool is_forgotten(const struct told *told, struct ktime now)
{
    return (told->state == TOLD_NEWS && !told->tried) ||
           now.mono_ms - told->written_mono_ms >= EVENT_LIFE_MS;
}

static void told_free(struct told *told)
{
    mem_free(told->text);
    mem_free(told);
}

/* What is not due any more falls; what nobody knows of any more goes. */
static void note_rest(struct map *book, const struct map *due, struct ktime now)
{
    struct map_entry *entry = map_next(book, NULL);
    while (entry != NULL) {
        struct map_entry *next = map_next(book, entry);
        struct told *told = map_entry_value(entry);
        if (map_get(due, map_entry_key(entry)) == NULL) {
            told->standing = false;
            if (is_forgotten(told, now)) {
                map_remove(book, map_entry_key(entry));
                told_free(told);
            }
        }
        entry = next;
    }
}

void told_update(struct map *book, const struct promotion *promotion,
                 const struct promotion_events *events, bool at_rest, struct ktime now)
{
    struct map due;
    map_init(&due);
    for (size_t i = 0; i < events->count; i++)
        note_due(book, promotion, &events->items[i], &due, now);
    if (at_rest)
        note_rest(book, &due, now);
    map_release(&due);
}

struct str told_next(const struct map *book, bool urgent_only, struct told **ret_told)
{
    MAP_EACH(entry, book)
    {
        struct told *told = map_entry_value(entry);
        if (told->state == TOLD_KNOWN || (urgent_only && !told->urgent))
            continue;
        *ret_told = told;
        return map_entry_key(entry);
    }
    return STR_NONE;
}

void told_settle(struct told *told, struct ktime now)
{
    mem_free(told->text);
    told->text = NULL;
    told->state = TOLD_KNOWN;
    told->repeats = 0;
    told->written_mono_ms = now.mono_ms;
}

void told_forget(struct map *book, struct str name)
{
    struct told *told = map_remove(book, name);
    if (ALWAYS(told != NULL, "only the Event that is being told is forgotten"))
        told_free(told);
}

void told_release(struct map *book)
{
    MAP_EACH(entry, book)
    told_free(map_entry_value(entry));
    map_release(book);
}
