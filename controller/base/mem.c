#include "controller/base/mem.h"

#define CELL_BYTES_MAX 128u
#define CELL_CHUNK_BYTES (64u << 10)

struct free_cell {
    struct free_cell *next;
};

/* The one variable of the process: what H1 is judged by, and cells that are free. No behaviour
 * depends on it. */
static struct {
    size_t live_blocks;
    struct free_cell *free_cells[CELL_BYTES_MAX / 8 + 1]; /* by size in words */
    char *fresh; /* what is left of the newest chunk */
    size_t fresh_bytes;
} heap;

static NORETURN void out_of_memory(size_t count, size_t size)
{
    fprintf(stderr, "out of memory: %zu x %zu bytes\n", count, size);
    abort();
}

void *mem_alloc(size_t size)
{
    return mem_alloc_array(1, size);
}

void *mem_alloc_array(size_t count, size_t size)
{
    /* calloc itself refuses a product that overflows. */
    void *pointer = count > 0 && size > 0 ? calloc(count, size) : calloc(1, 1);
    if (pointer == NULL)
        out_of_memory(count, size);
    heap.live_blocks++;
    return pointer;
}

void *mem_resize(void *pointer, size_t size)
{
    void *resized = realloc(pointer, size > 0 ? size : 1);
    if (resized == NULL)
        out_of_memory(1, size);
    if (pointer == NULL)
        heap.live_blocks++;
    return resized;
}

void mem_free(void *pointer)
{
    if (pointer == NULL)
        return;
    heap.live_blocks--;
    free(pointer);
}

void mem_free_pointer(void *pointer_to_pointer)
{
    void *pointer;
    memcpy(&pointer, pointer_to_pointer, sizeof(pointer));
    mem_free(pointer);
}

void *mem_grow_array(void *array, size_t count, size_t *capacity, size_t size, size_t count_max)
{
    ASSERT(count < count_max);
    if (count < *capacity)
        return array;
    size_t wanted = *capacity < 4 ? 8 : *capacity * 2;
    if (wanted > count_max)
        wanted = count_max;
    if (wanted > SIZE_MAX / size)
        out_of_memory(wanted, size);
    void *grown = mem_resize(array, wanted * size);
    *capacity = wanted;
    return grown;
}

/* In a guarded build every cell is a block of its own, so that it is guarded, too. */
static bool is_cell(size_t size)
{
#ifdef MEM_IS_GUARDED
    (void)size;
    return false;
#else
    return size <= CELL_BYTES_MAX;
#endif
}

/* Cuts a cell off the newest chunk; what is left of a chunk that is too short is given up. */
static void *fresh_cell(size_t size)
{
    if (heap.fresh_bytes < size) {
        heap.fresh = malloc(CELL_CHUNK_BYTES);
        if (heap.fresh == NULL)
            out_of_memory(1, CELL_CHUNK_BYTES);
        heap.fresh_bytes = CELL_CHUNK_BYTES;
    }
    void *cell = heap.fresh;
    heap.fresh += size;
    heap.fresh_bytes -= size;
    return cell;
}

void *mem_cell_alloc(size_t size)
{
    size_t words = (size + 7) / 8;
    if (!is_cell(size))
        return mem_resize(NULL, size);
    struct free_cell *cell = heap.free_cells[words];
    heap.live_blocks++;
    if (cell == NULL)
        return fresh_cell(words * 8);
    heap.free_cells[words] = cell->next;
    return cell;
}

void mem_cell_free(void *cell, size_t size)
{
    size_t words = (size + 7) / 8;
    if (!is_cell(size)) {
        mem_free(cell);
        return;
    }
    struct free_cell *freed = cell;
    freed->next = heap.free_cells[words];
    heap.free_cells[words] = freed;
    heap.live_blocks--;
}

size_t mem_live_blocks(void)
{
    return heap.live_blocks;
}
