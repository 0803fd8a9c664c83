/*
 * A binary min-heap of (due, pointer). Entries with the same due time come out in the
 * order they went in: a sequence number breaks ties, or a simulation would not
 * be deterministic.
 */
#ifndef PROMOTER_BASE_HEAP_H
#define PROMOTER_BASE_HEAP_H

#include "controller/base/base.h"

struct heap_entry {
    int64_t due;
    uint64_t sequence;
    void *item;
};

struct heap {
    struct heap_entry *entries;
    size_t count;
    size_t capacity;
    uint64_t next_sequence;
};

void heap_init(struct heap *heap);
void heap_release(struct heap *heap); /* not the items */
/* Returns the sequence number, by which the entry can be removed. */
uint64_t heap_push(struct heap *heap, int64_t due, void *item);
const struct heap_entry *heap_peek(const struct heap *heap); /* NULL when empty */
bool heap_pop(struct heap *heap, struct heap_entry *ret_entry);
/* Linear. Returns the item, or NULL when it is not there any more. */
void *heap_remove(struct heap *heap, uint64_t sequence);

#endif
