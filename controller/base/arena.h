/*
 * Memory that lives as long as one step: allocated by bumping, freed all at once.
 * Unused space is poisoned under AddressSanitizer.
 */
#ifndef PROMOTER_BASE_ARENA_H
#define PROMOTER_BASE_ARENA_H

#include "controller/base/str.h"

struct arena_block;

struct arena {
    struct arena_block *newest;
    size_t used_bytes;
    size_t bytes_max;
};

void arena_init(struct arena *arena, size_t bytes_max);
void arena_clear(struct arena *arena); /* forget all, keep one block */
void arena_release(struct arena *arena);
/* Zeroed, aligned for any type. NULL when the arena's limit would be crossed. */
NODISCARD void *arena_alloc(struct arena *arena, size_t size);
NODISCARD void *arena_alloc_array(struct arena *arena, size_t count, size_t size);
/* Copies; STR_NONE when the limit would be crossed. */
struct str arena_str(struct arena *arena, struct str s);
struct str arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
