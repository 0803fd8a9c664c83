#include "tests/testlib/test.h"

#include "scenarios/engine/expect.h"

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    assert_err(json_parse(str_from(text), NULL, &value, NULL), ERR_NONE);
    return value;
}

static const struct {
    const char *expected;
    const char *actual; /* NULL: absent */
    bool matches;
} rows[] = {
    {"{}", "{\"a\":1}", true},
    {"{\"a\":1}", "{\"a\":1,\"b\":2}", true},
    {"{\"a\":1}", "{\"b\":1}", false},
    {"{\"a\":1}", "{\"a\":\"1\"}", false},
    {"{\"a\":{\"b\":true}}", "{\"a\":{\"b\":true,\"c\":1}}", true},
    {"{\"a\":{\"b\":true}}", "{\"a\":[1]}", false},
    /* null means absent */
    {"{\"a\":null}", "{}", true},
    {"{\"a\":null}", "{\"a\":null}", true},
    {"{\"a\":null}", "{\"a\":false}", false},
    {"{\"a\":{\"b\":null}}", "{}", false},
    /* a list matches item by item */
    {"[1,2]", "[1,2]", true},
    {"[1,2]", "[1]", false},
    {"[1]", "[1,2]", false},
    {"[{\"a\":1},{}]", "[{\"a\":1,\"b\":2},{\"c\":3}]", true},
    {"[]", "[]", true},
    {"[]", "{}", false},
    /* '*' stands for any characters */
    {"\"*\"", "\"\"", true},
    {"\"*\"", "5", false},
    {"\"*\"", NULL, false},
    {"\"Paused: * (*)\"", "\"Paused: Awaiting (2026)\"", true},
    {"\"Paused: * (*)\"", "\"Paused: Awaiting\"", false},
    {"\"a*b*c\"", "\"a-b-b-c\"", true},
    {"\"a*b*c\"", "\"a-b-c-d\"", false},
    {"\"abc\"", "\"abcd\"", false},
    {"\"**a\"", "\"a\"", true},
    {"\"\"", "\"a\"", false},
    {"1", "1.0", true},
    {"false", "null", false},
};

static void a_match_names_the_fields_that_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *expected = parse(rows[i].expected);
        struct json *actual = rows[i].actual != NULL ? parse(rows[i].actual) : NULL;
        if (match_object(expected, actual) != rows[i].matches)
            fail_msg("%s and %s", rows[i].expected, rows[i].actual);
        json_free(expected);
        json_free(actual);
    }
}

static void a_projection_equals_what_matches_and_shows_what_does_not(void **state)
{
    static const struct {
        const char *expected;
        const char *actual;
        const char *shown;
    } cases[] = {
        {"{\"a\":\"x*\"}", "{\"a\":\"xyz\",\"b\":1}", "{\"a\":\"x*\"}"},
        {"{\"a\":1,\"c\":{\"d\":\"*\"}}", "{\"c\":{\"d\":\"y\",\"e\":2},\"a\":3}",
         "{\"a\":3,\"c\":{\"d\":\"*\"}}"},
        {"{\"a\":1}", "{\"b\":1}", "{}"},
        {"{\"a\":null,\"b\":1}", "{\"b\":2}", "{\"a\":null,\"b\":2}"},
        {"[{\"a\":1}]", "[{\"a\":2,\"b\":3},{\"c\":4}]", "[{\"a\":2},{\"c\":4}]"},
        {"{\"a\":1}", "[5]", "[5]"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct json *expected = parse(cases[i].expected);
        struct json *actual = parse(cases[i].actual);
        struct json *shown = match_projection(expected, actual);
        assert_json(shown, cases[i].shown);
        json_free(expected);
        json_free(actual);
        json_free(shown);
    }
}

static void only_the_first_failures_are_kept_and_all_are_counted(void **state)
{
    struct failures failures = {0};
    (void)state;
    for (size_t i = 0; i < FAILURES_MAX + 5; i++)
        failures_add(&failures, (struct yaml_mark){0, 0}, str_format("%zu", i), str_format("a"),
                     str_format("b"));
    assert_int_equal(failures.count, FAILURES_MAX);
    assert_int_equal(failures.total, FAILURES_MAX + 5);
    assert_str(str_from(failures.items[0].title), "0");
    failures_release(&failures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_match_names_the_fields_that_matter),
        cmocka_unit_test(a_projection_equals_what_matches_and_shows_what_does_not),
        cmocka_unit_test(only_the_first_failures_are_kept_and_all_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
