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

size_t mem_live_blocks(void);

#endif
