#include "controller/base/arena.h"
#include "controller/base/mem.h"

#include <stdalign.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#endif

#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define POISON(pointer, size) __asan_poison_memory_region((pointer), (size))
#define UNPOISON(pointer, size) __asan_unpoison_memory_region((pointer), (size))
#else
#define POISON(pointer, size) ((void)(pointer), (void)(size))
#define UNPOISON(pointer, size) ((void)(pointer), (void)(size))
#endif

#define BLOCK_BYTES_MIN 4096

struct arena_block {
    struct arena_block *older;
    size_t used;
    size_t size;
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *arena, size_t bytes_max)
{
    *arena = (struct arena){.bytes_max = bytes_max};
}

static void block_free(struct arena_block *block)
{
    UNPOISON(block->data, block->size);
    mem_free(block);
}

void arena_clear(struct arena *arena)
{
    struct arena_block *kept = arena->newest;
    arena->used_bytes = 0;
    if (kept == NULL)
        return;
    while (kept->older != NULL) {
        struct arena_block *older = kept->older;
        kept->older = older->older;
        block_free(older);
    }
    kept->used = 0;
    POISON(kept->data, kept->size);
}

void arena_release(struct arena *arena)
{
    arena_clear(arena);
    if (arena->newest != NULL)
        block_free(arena->newest);
    arena->newest = NULL;
}

static void block_add(struct arena *arena, size_t needed)
{
    size_t size = needed > BLOCK_BYTES_MIN ? needed : BLOCK_BYTES_MIN;
    struct arena_block *block = mem_resize(NULL, sizeof(*block) + size); /* zeroed as it is used */
    block->used = 0;
    block->size = size;
    block->older = arena->newest;
    arena->newest = block;
    POISON(block->data, size);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t left = arena->bytes_max - arena->used_bytes;
    if (size > left || size > SIZE_MAX / 2)
        return NULL;
    /* At least one byte, so that every pointer is another. */
    size_t rounded = ((size > 0 ? size : 1) + alignof(max_align_t) - 1) / alignof(max_align_t) *
                     alignof(max_align_t);
    if (rounded > left)
        return NULL;
    if (arena->newest == NULL || rounded > arena->newest->size - arena->newest->used)
        block_add(arena, rounded);
    struct arena_block *block = arena->newest;
    char *memory = block->data + block->used;
    block->used += rounded;
    arena->used_bytes += rounded;
    UNPOISON(memory, size);
    memset(memory, 0, size);
    return memory;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return arena_alloc(arena, bytes);
}

struct str arena_str(struct arena *arena, struct str s)
{
    if (s.data == NULL || s.len == SIZE_MAX)
        return STR_NONE;
    char *copy = arena_alloc(arena, s.len + 1);
    if (copy == NULL)
        return STR_NONE;
    if (s.len > 0)
        memcpy(copy, s.data, s.len);
    return (struct str){copy, s.len};
}

struct str arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    ASSERT(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    if (text == NULL)
        return STR_NONE;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return (struct str){text, (size_t)length};
}
