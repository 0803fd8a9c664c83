#include "tests/testlib/test.h"

#include "controller/base/arena.h"
#include "controller/base/mem.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define IS_POISONED(pointer) (__asan_address_is_poisoned(pointer) != 0)
#else
#define IS_POISONED(pointer) ((void)(pointer), true)
#endif

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t size = 0; size < 200; size++) {
        unsigned char *memory = arena_alloc(&arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, size);
    }
    assert_ptr_not_equal(arena_alloc(&arena, 0), arena_alloc(&arena, 0));
    arena_release(&arena);
}

static void the_limit_is_held_and_nothing_beyond_is_given(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64);
    assert_non_null(arena_alloc(&arena, 64));
    assert_null(arena_alloc(&arena, 1));
    assert_null(arena_str(&arena, STR("x")).data);
    assert_null(arena_format(&arena, "%d", 1).data);
    arena_clear(&arena);
    assert_null(arena_alloc(&arena, 65));
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc_array(&arena, SIZE_MAX / 2, 3));
    assert_non_null(arena_alloc_array(&arena, 4, 16));
    arena_release(&arena);
}

static void clearing_keeps_one_block_and_zeroes_again(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
            unsigned char *memory = arena_alloc(&arena, 1000);
            assert_int_equal(memory[999], 0);
            memset(memory, 0xaa, 1000);
        }
        arena_clear(&arena);
        assert_int_equal(arena.used_bytes, 0);
        assert_int_equal(mem_live_blocks(), blocks + 1);
    }
    arena_release(&arena);
    assert_int_equal(mem_live_blocks(), blocks);
}

static void texts_are_copied_and_formatted(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    char text[] = "abc";
    struct str copy = arena_str(&arena, str_from(text));
    text[0] = 'x';
    assert_str(copy, "abc");
    assert_str(arena_format(&arena, "%s-%d", "n", 5), "n-5");
    assert_null(arena_str(&arena, STR_NONE).data);
    assert_non_null(arena_str(&arena, STR("")).data);
    arena_release(&arena);
}

static void unused_memory_is_poisoned(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    char *memory = arena_alloc(&arena, 13);
    memory[12] = 'x';
    assert_true(IS_POISONED(memory + 13));
    assert_true(IS_POISONED(memory + 100));
    arena_clear(&arena);
    assert_true(IS_POISONED(memory));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(the_limit_is_held_and_nothing_beyond_is_given),
        cmocka_unit_test(clearing_keeps_one_block_and_zeroes_again),
        cmocka_unit_test(texts_are_copied_and_formatted),
        cmocka_unit_test(unused_memory_is_poisoned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
