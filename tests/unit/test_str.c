#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "controller/base/str.h"

static void an_absent_text_equals_an_empty_one(void **state)
{
    (void)state;
    assert_true(str_equal(STR_NONE, STR("")));
    assert_null(str_from(NULL).data);
    assert_true(str_is_empty(STR_NONE));
    assert_false(str_equal(STR("a"), STR("b")));
    assert_false(str_equal(STR("a"), STR("ab")));
}

static void texts_are_ordered_by_bytes_then_length(void **state)
{
    (void)state;
    assert_int_equal(str_compare(STR("a"), STR("b")), -1);
    assert_int_equal(str_compare(STR("a"), STR("ab")), -1);
    assert_int_equal(str_compare(STR("\xff"), STR("a")), 1);
    assert_int_equal(str_compare(STR("ab"), STR("ab")), 0);
    assert_int_equal(str_compare(STR_NONE, STR("")), 0);
}

static void beginnings_ends_and_pieces_are_found(void **state)
{
    (void)state;
    assert_true(str_starts_with(STR("abc"), STR("ab")));
    assert_false(str_starts_with(STR("a"), STR("ab")));
    assert_true(str_ends_with(STR("abc"), STR("bc")));
    assert_false(str_ends_with(STR("c"), STR("bc")));
    assert_true(str_contains(STR("aab"), STR("ab")));
    assert_false(str_contains(STR("aa"), STR("ab")));
    assert_true(str_contains(STR_NONE, STR("")));
    assert_int_equal(str_find(STR("a.b.c"), '.', 2), 3);
    assert_int_equal(str_find(STR("abc"), '.', 0), 3);
    assert_int_equal(str_find(STR("abc"), 'a', 9), 3);
}

static void slices_are_clipped(void **state)
{
    (void)state;
    assert_str(str_slice(STR("abc"), 1, 99), "bc");
    assert_str(str_slice(STR("abc"), 2, 1), "");
    assert_str(str_slice(STR("abc"), 7, 9), "");
    assert_null(str_slice(STR_NONE, 0, 1).data);
    assert_str(str_trim(STR(" \t\r\na b\n ")), "a b");
    assert_str(str_trim(STR(" \n")), "");
}

static void splitting_ends_with_an_absent_rest(void **state)
{
    (void)state;
    struct str rest = STR("a..b.");
    assert_str(str_split_next(&rest, '.'), "a");
    assert_str(str_split_next(&rest, '.'), "");
    assert_str(str_split_next(&rest, '.'), "b");
    assert_non_null(rest.data);
    assert_str(str_split_next(&rest, '.'), "");
    assert_null(rest.data);
}

static void decimals_are_read_strictly(void **state)
{
    (void)state;
    uint64_t u = 7;
    int64_t i = 7;
    static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1a", "18446744073709551616"};
    for (size_t n = 0; n < ARRAY_COUNT(bad); n++) {
        assert_false(str_to_u64(str_from(bad[n]), &u));
        assert_false(str_to_i64(str_from(bad[n]), &i));
    }
    assert_int_equal(u, 7);
    assert_false(str_to_u64(STR("-1"), &u));
    assert_true(str_to_u64(STR("18446744073709551615"), &u));
    assert_true(u == UINT64_MAX);
    assert_true(str_to_i64(STR("-9223372036854775808"), &i));
    assert_true(i == INT64_MIN);
    assert_false(str_to_i64(STR("9223372036854775808"), &i));
    assert_false(str_to_i64(STR("-9223372036854775809"), &i));
    assert_true(str_to_i64(STR("9223372036854775807"), &i));
    assert_true(i == INT64_MAX);
}

static void copies_are_terminated_and_owned(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    char *copy = str_dup(str_slice(STR("abc"), 0, 2));
    char *formatted = str_format("%d-%s", 7, copy);
    assert_string_equal(copy, "ab");
    assert_string_equal(formatted, "7-ab");
    assert_null(str_dup(STR_NONE));
    assert_int_equal(mem_live_blocks(), blocks + 2);
    mem_free(copy);
    mem_free(formatted);
    assert_int_equal(mem_live_blocks(), blocks);
}

static void the_nearest_word_is_suggested_only_when_it_is_near(void **state)
{
    (void)state;
    static const struct str words[] = {STR_INIT("script"), STR_INIT("faults"), STR_INIT("expect"),
                                       STR_INIT("at"), STR_INIT("as")};
    static const struct {
        const char *word;
        const char *nearest;
    } rows[] = {
        {"scirpt", "script"}, {"fault", "faults"}, {"expects", "expect"}, {"zzzzzz", ""},
        {"a", "at"}, /* of equally near ones the first */
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_str(str_nearest(str_from(rows[i].word), words, ARRAY_COUNT(words)),
                   rows[i].nearest);
}

/* Published vectors of FNV-1a 64. */
static void the_hash_is_fnv_1a(void **state)
{
    (void)state;
    assert_true(str_hash(STR_HASH_INIT, STR("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(str_hash(STR_HASH_INIT, STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(str_hash(STR_HASH_INIT, STR("foobar")) == UINT64_C(0x85944171f73967e8));
}

/* RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
static void utf8_is_checked_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t valid;
    } rows[] = {
        {"abc", 3},          {"a\xc3\xa9", 3},        {"\xe2\x82\xac", 3},
        {"\xf0\x9f\x98\x80", 4}, {"a\x80", 1},        {"\xc0\xaf", 0},
        {"\xc1\xbf", 0},     {"\xe0\x9f\xbf", 0},     {"\xed\xa0\x80", 0},
        {"\xed\x9f\xbf", 3}, {"\xf0\x8f\xbf\xbf", 0}, {"\xf4\x90\x80\x80", 0},
        {"\xf4\x8f\xbf\xbf", 4}, {"\xf5\x80\x80\x80", 0}, {"\xe2\x82", 0},
        {"\xe2\x28\xa1", 0}, {"\xff", 0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_int_equal(str_utf8_valid_prefix(str_from(rows[i].text)), rows[i].valid);
}

static void messages_escape_foreign_bytes_and_are_cut(void **state)
{
    (void)state;
    struct errmsg msg;
    assert_err(err_set(&msg, ERR_TYPE, "a\nb\xff \xc3\xa9 \xc2\x80%s", "\x1b[0m"), ERR_TYPE);
    assert_string_equal(msg.text, "a\\x0ab\\xff \xc3\xa9 \\xc2\\x80\\x1b[0m");
    err_set(&msg, ERR_TYPE, "%0600d", 0);
    assert_int_equal(strlen(msg.text), sizeof(msg.text) - 1);
    err_set(&msg, ERR_TYPE, "short");
    err_set(&msg, ERR_TYPE, "wrapped: %s", msg.text);
    assert_string_equal(msg.text, "wrapped: short");
    assert_err(err_set(NULL, ERR_GONE, "x"), ERR_GONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_absent_text_equals_an_empty_one),
        cmocka_unit_test(texts_are_ordered_by_bytes_then_length),
        cmocka_unit_test(beginnings_ends_and_pieces_are_found),
        cmocka_unit_test(slices_are_clipped),
        cmocka_unit_test(splitting_ends_with_an_absent_rest),
        cmocka_unit_test(decimals_are_read_strictly),
        cmocka_unit_test(copies_are_terminated_and_owned),
        cmocka_unit_test(the_nearest_word_is_suggested_only_when_it_is_near),
        cmocka_unit_test(the_hash_is_fnv_1a),
        cmocka_unit_test(utf8_is_checked_strictly),
        cmocka_unit_test(messages_escape_foreign_bytes_and_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
