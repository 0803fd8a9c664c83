/* Names for a sentence: ten at most, and never so long that the end is lost. */
#include "controller/core/name_list.h"

#include "controller/core/limits.h"
#include "tests/testlib/test.h"

/* Adds `count` names of `bytes` bytes, and looks at the text. */
static void list(unsigned count, size_t bytes, char *ret_text, size_t text_bytes)
{
    char name[512];
    struct name_list names;
    struct arena arena;
    arena_init(&arena, 1u << 20);
    name_list_init(&names);
    for (unsigned i = 0; i < count; i++) {
        memset(name, 'a' + (int)(i % 26), bytes);
        name_list_add(&names, str_from_bytes(name, bytes));
    }
    struct str text = name_list_text(&names, &arena);
    snprintf(ret_text, text_bytes, "%.*s", STR_ARGS(text));
    name_list_release(&names);
    arena_release(&arena);
}

static void ten_are_named(void **state)
{
    char text[2048];
    (void)state;
    list(0, 2, text, sizeof(text));
    assert_string_equal(text, "");
    list(1, 2, text, sizeof(text));
    assert_string_equal(text, "aa");
    list(10, 2, text, sizeof(text));
    assert_string_equal(text, "aa, bb, cc, dd, ee, ff, gg, hh, ii, jj");
    list(13, 2, text, sizeof(text));
    assert_string_equal(text, "aa, bb, cc, dd, ee, ff, gg, hh, ii, jj and 3 more");
}

/* A namespace has up to 63 bytes and a cluster up to 253. */
static void long_names_are_counted_rather_than_cut(void **state)
{
    char text[2048];
    (void)state;
    list(9, 317, text, sizeof(text));
    assert_int_equal(strlen(text), 317 + strlen(" and 8 more"));
    assert_string_equal(text + 317, " and 8 more");
    list(7, 100, text, sizeof(text));
    assert_true(strlen(text) <= NAMED_BYTES_MAX + strlen(" and 3 more"));
    assert_non_null(strstr(text, " and 3 more"));
}

/* In whatever order they come. */
static void the_first_by_name_are_named(void **state)
{
    static const char *const orders[] = {"abcdefghijklm", "mlkjihgfedcba", "gmalbkcjdiehf"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(orders); i++) {
        struct name_list names;
        struct arena arena;
        arena_init(&arena, 1u << 20);
        name_list_init(&names);
        for (const char *name = orders[i]; *name != '\0'; name++)
            name_list_add(&names, str_from_bytes(name, 1));
        assert_str(name_list_text(&names, &arena), "a, b, c, d, e, f, g, h, i, j and 3 more");
        name_list_release(&names);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_are_named),
        cmocka_unit_test(the_first_by_name_are_named),
        cmocka_unit_test(long_names_are_counted_rather_than_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
