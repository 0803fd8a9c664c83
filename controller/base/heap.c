#include "controller/base/heap.h"
#include "controller/base/mem.h"

void heap_init(struct heap *heap)
{
    *heap = (struct heap){0};
}

void heap_release(struct heap *heap)
{
    mem_free(heap->entries);
    heap_init(heap);
}

static bool goes_first(const struct heap_entry *a, const struct heap_entry *b)
{
    return a->due != b->due ? a->due < b->due : a->sequence < b->sequence;
}

/* Moves `entry`, whose place is the hole at `index`, towards the root. */
static void sift_up(struct heap *heap, size_t index, struct heap_entry entry)
{
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (!goes_first(&entry, &heap->entries[parent]))
            break;
        heap->entries[index] = heap->entries[parent];
        index = parent;
    }
    heap->entries[index] = entry;
}

/* Moves the hole at `index` to a leaf's place where `entry` fits. Returns its index. */
static size_t sift_down(struct heap *heap, size_t index, struct heap_entry entry)
{
    for (size_t child = 2 * index + 1; child < heap->count; child = 2 * index + 1) {
        if (child + 1 < heap->count &&
            goes_first(&heap->entries[child + 1], &heap->entries[child]))
            child++;
        if (!goes_first(&heap->entries[child], &entry))
            break;
        heap->entries[index] = heap->entries[child];
        index = child;
    }
    heap->entries[index] = entry;
    return index;
}

uint64_t heap_push(struct heap *heap, int64_t due, void *item)
{
    struct heap_entry entry = {due, heap->next_sequence++, item};
    heap->entries = mem_grow_array(heap->entries, heap->count, &heap->capacity,
                                   sizeof(*heap->entries), SIZE_MAX / sizeof(*heap->entries));
    sift_up(heap, heap->count++, entry);
    return entry.sequence;
}

const struct heap_entry *heap_peek(const struct heap *heap)
{
    return heap->count > 0 ? &heap->entries[0] : NULL;
}

/* Takes the entry at `index` out and fills its place with the last one. */
static void remove_at(struct heap *heap, size_t index)
{
    struct heap_entry last = heap->entries[--heap->count];
    if (index == heap->count)
        return;
    index = sift_down(heap, index, last);
    sift_up(heap, index, last);
}

bool heap_pop(struct heap *heap, struct heap_entry *ret_entry)
{
    if (heap->count == 0)
        return false;
    *ret_entry = heap->entries[0];
    remove_at(heap, 0);
    return true;
}

void *heap_remove(struct heap *heap, uint64_t sequence)
{
    for (size_t i = 0; i < heap->count; i++) {
        if (heap->entries[i].sequence != sequence)
            continue;
        void *item = heap->entries[i].item;
        remove_at(heap, i);
        return item;
    }
    return NULL;
}
