#include "fakeapi/store.h"

#include "controller/base/mem.h"

#define EVENTS_MIN 64u
#define DEPARTED_BYTES 1024u /* about what event_departed takes */
#define GENERATED_PREFIXES_MAX 1024u
#define GONE_SLOTS_MIN 64u /* swept together, so that sweeping costs little for each */

struct record *record_create(struct json *object, uint64_t resource_version, size_t bytes)
{
    struct record *record = mem_alloc(sizeof(*record));
    record->refs = 1;
    record->resource_version = resource_version;
    record->object = object;
    record->bytes = sizeof(*record) + bytes;
    return record;
}

struct record *record_ref(struct record *record)
{
    if (record != NULL)
        record->refs++;
    return record;
}

void record_unref(struct record *record)
{
    if (record == NULL || --record->refs > 0)
        return;
    cached_text_free(record->text);
    json_free(record->object);
    mem_free(record);
}

struct str record_text(struct text_cache *cache, struct record *record)
{
    return text_cache_get(cache, record->object, NULL, &record->text);
}

void record_print_after(struct text_cache *cache, struct record *record,
                        const struct record *before)
{
    if (before->text != NULL)
        (void)text_cache_get(cache, record->object, before->text, &record->text);
}

void collection_init(struct collection *collection, uint64_t floor_version,
                     size_t *history_bytes)
{
    *collection = (struct collection){.floor_version = floor_version,
                                      .history_bytes = history_bytes};
    map_init(&collection->slots);
    map_init(&collection->generated);
}

static void event_release(struct event *event)
{
    record_unref(event->before);
    record_unref(event->after);
    record_unref(event->departed);
    *event = (struct event){0};
}

static void slot_free(struct slot *slot)
{
    record_unref(slot->current);
    mem_free(slot->name_space);
    mem_free(slot->name);
    mem_free(slot);
}

void collection_release(struct collection *collection)
{
    for (uint64_t at = collection->first_sequence; at < collection->end_sequence; at++)
        event_release(collection_event(collection, at));
    for (size_t i = 0; i < collection->slot_count; i++)
        slot_free(collection->sorted[i]);
    mem_free(collection->events);
    mem_free(collection->sorted);
    map_release(&collection->slots);
    map_release(&collection->generated);
}

/* The key of a name; false when no object can have it. */
static bool key_of(struct str name_space, struct str name, char space[STORE_KEY_BYTES_MAX],
                   struct str *ret_key)
{
    size_t len = name_space.len + 1 + name.len;
    if (len > STORE_KEY_BYTES_MAX)
        return false;
    if (name_space.len > 0)
        memcpy(space, name_space.data, name_space.len);
    space[name_space.len] = '/';
    if (name.len > 0)
        memcpy(space + name_space.len + 1, name.data, name.len);
    *ret_key = str_from_bytes(space, len);
    return true;
}

static struct str slot_key(const struct slot *slot, char space[STORE_KEY_BYTES_MAX])
{
    struct str key = STR_NONE;
    bool fits = key_of(str_from(slot->name_space), str_from(slot->name), space, &key);
    ASSERT(fits);
    return key;
}

struct slot *collection_find(const struct collection *collection, struct str name_space,
                             struct str name)
{
    char space[STORE_KEY_BYTES_MAX];
    struct str key;
    if (!key_of(name_space, name, space, &key))
        return NULL;
    return map_get(&collection->slots, key);
}

unsigned collection_next_life(const struct collection *collection, const struct slot *slot)
{
    return slot != NULL ? slot->created_count : collection->first_life;
}

size_t collection_count_generated(struct collection *collection, struct str prefix)
{
    size_t count = (size_t)(uintptr_t)map_get(&collection->generated, prefix);
    if (count == 0 && map_count(&collection->generated) == GENERATED_PREFIXES_MAX) {
        MAP_EACH(entry, &collection->generated) {
            size_t used = (size_t)(uintptr_t)map_entry_value(entry);
            if (used > collection->generated_first)
                collection->generated_first = used;
        }
        map_release(&collection->generated);
        map_init(&collection->generated);
    }
    count = (count == 0 ? collection->generated_first : count) + 1;
    map_put(&collection->generated, prefix, (void *)(uintptr_t)count);
    return count;
}

static bool is_gone(const struct slot *slot)
{
    return slot->current == NULL && slot->event_count == 0;
}

/* Nobody finds the slot any more. Its memory goes with a later sweep, when a name is added: whoever
 * deletes one object of the sorted slots after the other may go on. */
static void slot_note_gone(struct collection *collection, struct slot *slot)
{
    char space[STORE_KEY_BYTES_MAX];
    if (slot->created_count > collection->first_life)
        collection->first_life = slot->created_count;
    map_remove(&collection->slots, slot_key(slot, space));
    collection->gone_count++;
}

static void sweep_slots(struct collection *collection)
{
    size_t kept = 0;
    size_t sorted = 0;
    for (size_t i = 0; i < collection->slot_count; i++) {
        struct slot *slot = collection->sorted[i];
        if (is_gone(slot)) {
            slot_free(slot);
            continue;
        }
        sorted += i < collection->sorted_count;
        collection->sorted[kept++] = slot;
    }
    collection->slot_count = kept;
    collection->sorted_count = sorted;
    collection->gone_count = 0;
}

static struct slot *slot_add(struct collection *collection, struct str key,
                             struct str name_space, struct str name)
{
    struct slot *slot = mem_alloc(sizeof(*slot));
    slot->name_space = str_dup(name_space.data != NULL ? name_space : STR(""));
    slot->name = str_dup(name);
    slot->created_count = collection->first_life;
    map_put(&collection->slots, key, slot);
    collection->sorted = mem_grow_array(collection->sorted, collection->slot_count,
                                        &collection->slot_capacity,
                                        sizeof(struct slot *), SIZE_MAX);
    collection->sorted[collection->slot_count++] = slot;
    return slot;
}

struct slot *collection_slot(struct collection *collection, struct str name_space, struct str name)
{
    char space[STORE_KEY_BYTES_MAX];
    struct str key;
    bool fits = key_of(name_space, name, space, &key);
    ASSERT(fits);
    struct slot *slot = map_get(&collection->slots, key);
    if (slot != NULL)
        return slot;
    if (collection->gone_count > GONE_SLOTS_MIN &&
        collection->gone_count > collection->slot_count / 2)
        sweep_slots(collection);
    return slot_add(collection, key, name_space, name);
}

static int slot_compare_to(const struct slot *slot, struct str name_space, struct str name)
{
    int order = str_compare(str_from(slot->name_space), name_space);
    return order != 0 ? order : str_compare(str_from(slot->name), name);
}

static int slot_order(const void *a, const void *b)
{
    const struct slot *const *left = a;
    const struct slot *const *right = b;
    return slot_compare_to(*left, str_from((*right)->name_space), str_from((*right)->name));
}

/* Merges the sorted head with the sorted tail of newer slots. */
static void merge_tail(struct slot **slots, size_t head_count, size_t count)
{
    struct slot **merged = mem_alloc_array(count, sizeof(struct slot *));
    size_t left = 0;
    size_t right = head_count;
    for (size_t i = 0; i < count; i++) {
        bool take_left = right >= count ||
                         (left < head_count && slot_order(&slots[left], &slots[right]) < 0);
        merged[i] = take_left ? slots[left++] : slots[right++];
    }
    memcpy(slots, merged, count * sizeof(struct slot *));
    mem_free(merged);
}

struct slot **collection_sorted(struct collection *collection, size_t *ret_count)
{
    size_t head_count = collection->sorted_count;
    size_t count = collection->slot_count;
    if (head_count < count) {
        qsort(collection->sorted + head_count, count - head_count, sizeof(struct slot *),
              slot_order);
        if (head_count > 0)
            merge_tail(collection->sorted, head_count, count);
        collection->sorted_count = count;
    }
    *ret_count = count;
    return collection->sorted;
}

size_t collection_lower_bound(struct slot **sorted, size_t count, struct str name_space,
                              struct str name)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slot_compare_to(sorted[middle], name_space, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct event *collection_event(const struct collection *collection, uint64_t sequence)
{
    return &collection->events[sequence & (collection->event_capacity - 1)];
}

const struct event *collection_oldest(const struct collection *collection)
{
    return collection->first_sequence < collection->end_sequence
               ? collection_event(collection, collection->first_sequence) : NULL;
}

/* What goes when the event is forgotten: what it replaced lives for it alone, and what left is
 * shown with another head. */
static size_t event_bytes(const struct event *event)
{
    return sizeof(*event) + (event->before != NULL ? event->before->bytes : 0) +
           (event->after == NULL ? DEPARTED_BYTES : 0);
}

void collection_forget_oldest(struct collection *collection)
{
    struct event *oldest = collection_event(collection, collection->first_sequence);
    struct slot *slot = oldest->slot;
    collection->floor_version = oldest->resource_version;
    *collection->history_bytes -= event_bytes(oldest);
    event_release(oldest);
    collection->first_sequence++;
    slot->event_count--;
    if (is_gone(slot))
        slot_note_gone(collection, slot);
}

static void grow_events(struct collection *collection)
{
    size_t capacity = collection->event_capacity == 0 ? EVENTS_MIN : collection->event_capacity * 2;
    struct event *events = mem_alloc_array(capacity, sizeof(*events));
    for (uint64_t at = collection->first_sequence; at < collection->end_sequence; at++)
        events[at & (capacity - 1)] = *collection_event(collection, at);
    mem_free(collection->events);
    collection->events = events;
    collection->event_capacity = capacity;
}

struct event *collection_commit(struct collection *collection, struct slot *slot,
                                struct record *after, uint64_t resource_version, size_t history_max)
{
    slot->event_count++; /* before the last event that speaks of the name may go */
    while (collection->end_sequence - collection->first_sequence >= history_max)
        collection_forget_oldest(collection);
    if (collection->end_sequence - collection->first_sequence == collection->event_capacity)
        grow_events(collection);
    struct event *event = collection_event(collection, collection->end_sequence++);
    *event = (struct event){.resource_version = resource_version,
                            .slot = slot,
                            .before = slot->current, /* the slot's reference moves */
                            .after = record_ref(after)};
    *collection->history_bytes += event_bytes(event);
    if (slot->current == NULL && after != NULL) {
        slot->created_count++;
        collection->object_count++;
    }
    if (slot->current != NULL && after == NULL)
        collection->object_count--;
    slot->current = after;
    return event;
}

uint64_t collection_sequence_after(const struct collection *collection, uint64_t resource_version)
{
    uint64_t low = collection->first_sequence;
    uint64_t high = collection->end_sequence;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (collection_event(collection, middle)->resource_version <= resource_version)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void collection_compact(struct collection *collection, uint64_t resource_version)
{
    while (collection->first_sequence < collection->end_sequence)
        collection_forget_oldest(collection);
    collection->floor_version = resource_version;
}

void collection_undo(const struct collection *collection, uint64_t resource_version,
                     struct map *undone)
{
    uint64_t at = collection_sequence_after(collection, resource_version);
    for (; at < collection->end_sequence; at++) {
        struct event *event = collection_event(collection, at);
        char space[STORE_KEY_BYTES_MAX];
        struct str key = slot_key(event->slot, space);
        if (map_get(undone, key) == NULL)
            map_put(undone, key, event);
    }
}

struct record *collection_record_at(const struct slot *slot, const struct map *undone)
{
    char space[STORE_KEY_BYTES_MAX];
    if (is_gone(slot))
        return NULL; /* the events of its name are another slot's */
    const struct event *first = map_get(undone, slot_key(slot, space));
    return first == NULL ? slot->current : first->before;
}

struct record *event_departed(struct event *event)
{
    char version[24];
    if (event->departed != NULL)
        return event->departed;
    struct json *object = json_clone(event->before->object);
    (void)snprintf(version, sizeof(version), "%" PRIu64, event->resource_version);
    json_set(json_get(object, "metadata"), "resourceVersion", json_text(version));
    event->departed = record_create(object, event->resource_version, 0);
    event->departed->form = event->before->form;
    return event->departed;
}
