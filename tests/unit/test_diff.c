#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "scenarios/engine/diff.h"

static void equal_texts_differ_in_nothing(void **state)
{
    static const char *const texts[] = {"", "a\n", "a\nb\n", "\n\n"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct buf out;
        buf_init(&out, 1024);
        diff_unified(str_from(texts[i]), str_from(texts[i]), &out);
        assert_int_equal(out.len, 0);
        buf_release(&out);
    }
}

static void a_newline_at_the_end_makes_no_difference(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 1024);
    diff_unified(STR("a\nb"), STR("a\nb\n"), &out);
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

/* Each row as GNU diff -u prints it, but for the names of the files. */
static const struct {
    const char *expected;
    const char *actual;
    const char *hunks;
} rows[] = {
    {"a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n"},
    {"", "b\n", "@@ -0,0 +1 @@\n+b\n"},
    {"a\n", "", "@@ -1 +0,0 @@\n-a\n"},
    {"a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
    {"1\n2\n3\n4\n5\n6\n", "2\n3\n4\n5\n6\n", "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n"},
    {"1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n6\n7\n", "@@ -4,3 +4,4 @@\n 4\n 5\n 6\n+7\n"},
    /* six equal lines between two changes: one hunk */
    {"a\n1\n2\n3\n4\n5\n6\nb\n", "x\n1\n2\n3\n4\n5\n6\ny\n",
     "@@ -1,8 +1,8 @@\n-a\n+x\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+y\n"},
    /* seven: two */
    {"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "x\n1\n2\n3\n4\n5\n6\n7\ny\n",
     "@@ -1,4 +1,4 @@\n-a\n+x\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+y\n"},
    {"a\n\nb\n", "a\nb\n", "@@ -1,3 +1,2 @@\n a\n-\n b\n"},
};

static void differences_look_as_diff_u_prints_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct buf out;
        char *wanted = str_format("--- expected\n+++ actual\n%s", rows[i].hunks);
        buf_init(&out, 4096);
        diff_unified(str_from(rows[i].expected), str_from(rows[i].actual), &out);
        assert_str(buf_str(&out), wanted);
        buf_release(&out);
        mem_free(wanted);
    }
}

static void too_much_to_compare_is_shown_as_a_whole(void **state)
{
    struct buf expected;
    struct buf actual;
    struct buf out;
    (void)state;
    buf_init(&expected, 1u << 20);
    buf_init(&actual, 1u << 20);
    buf_init(&out, 8u << 20);
    for (unsigned i = 0; i < 3000; i++) {
        buf_printf(&expected, "%u\n", i);
        buf_printf(&actual, "%u\n", 5999 - i);
    }
    diff_unified(buf_str(&expected), buf_str(&actual), &out);
    assert_true(str_starts_with(buf_str(&out),
                                STR("--- expected\n+++ actual\n@@ -1,3000 +1,3000 @@\n-0\n-1\n")));
    assert_true(str_ends_with(buf_str(&out), STR("+3001\n+3000\n")));
    buf_release(&expected);
    buf_release(&actual);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_differ_in_nothing),
        cmocka_unit_test(a_newline_at_the_end_makes_no_difference),
        cmocka_unit_test(differences_look_as_diff_u_prints_them),
        cmocka_unit_test(too_much_to_compare_is_shown_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
