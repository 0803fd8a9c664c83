/*
 * Heap memory. Running out aborts the process: nothing above has a branch for it.
 * Live bytes and blocks are counted, so that a test can see that memory at rest
 * returns to its baseline [H1].
 */
#ifndef PROMOTER_BASE_MEM_H
#define PROMOTER_BASE_MEM_H

#include "controller/base/base.h"

/* Zeroed memory of `size` bytes (at least 1). Never NULL. Freed by mem_free. */
void *mem_alloc(size_t size);
/* Zeroed array; aborts when count * size overflows. */
void *mem_alloc_array(size_t count, size_t size);
/* As realloc; bytes beyond the old size are undefined. Never NULL. */
void *mem_resize(void *pointer, size_t size);
/* NULL is fine. */
void mem_free(void *pointer);
/* For CLEANUP: frees the pointer that `pointer_to_pointer` points to. */
void mem_free_pointer(void *pointer_to_pointer);

/* Makes room for one more element behind `count` elements of `size` bytes,
 * doubling *capacity. Aborts when `count` has reached `count_max`, so callers
 * check their limit first and report it as ERR_LIMIT. */
void *mem_grow_array(void *array, size_t count, size_t *capacity, size_t size, size_t count_max);

/* Whether this build looks for faults of memory: it may spend some on checks of its own. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_IS_GUARDED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MEM_IS_GUARDED 1
#endif

/* For trees of very many small blocks: not zeroed, from lists of free cells, without a header.
 * `size` is told again when the cell goes. */
void *mem_cell_alloc(size_t size);
void mem_cell_free(void *cell, size_t size);

size_t mem_live_blocks(void);

#endif
