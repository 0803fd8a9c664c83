#include "controller/base/mem.h"

/* The one variable of the process: what H1 is judged by. */
static size_t live_blocks;

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
    live_blocks++;
    return pointer;
}

void *mem_resize(void *pointer, size_t size)
{
    void *resized = realloc(pointer, size > 0 ? size : 1);
    if (resized == NULL)
        out_of_memory(1, size);
    if (pointer == NULL)
        live_blocks++;
    return resized;
}

void mem_free(void *pointer)
{
    if (pointer == NULL)
        return;
    live_blocks--;
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

size_t mem_live_blocks(void)
{
    return live_blocks;
}
