/* The judge of recorded conversations: placeholders, order, differences. */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "tests/conformance/differences.h"
#include "tests/conformance/normalise.h"
#include "tests/conformance/numbers.h"
#include "tests/conformance/fidelity.h"
#include "tests/conformance/path.h"
#include "tests/conformance/relation.h"

static struct json *parse(const char *text)
{
    struct json *value = NULL;

    assert_err(json_parse(str_from(text), NULL, &value, NULL), ERR_NONE);
    return value;
}

/* assert_json with `expected` in any spelling of JSON. */
static void assert_same(const struct json *actual, const char *expected)
{
    struct json *value = parse(expected);
    char *text;

    json_sort(value);
    text = json_print_text(value);
    assert_json(actual, text);
    mem_free(text);
    json_free(value);
}

static void paths_lead_to_members_and_items(void **state)
{
    static const struct {
        const char *path, *found;
    } rows[] = {
        {"a.b", "1"},
        {"list.1.x", "\"two\""},
        {"list.-1.x", "\"two\""},
        {"dotted\\.key", "true"},
        {"a.nothing", "\"<absent>\""},
        {"list.7", "\"<absent>\""},
        {"list.x", "\"<absent>\""},
        {"a.b.c", "\"<absent>\""},
    };
    struct json *value = parse("{\"a\":{\"b\":1},\"list\":[{},{\"x\":\"two\"}],"
                               "\"dotted.key\":true}");

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *found = path_copy(value, str_from(rows[i].path));
        assert_same(found, rows[i].found);
        json_free(found);
    }
    assert_ptr_equal(path_find(value, STR("")), value);
    json_free(value);
}

static void placeholders_are_filled(void **state)
{
    static const struct {
        const char *text, *filled; /* NULL: a name that was never captured */
    } rows[] = {
        {"\"${n}\"", "7"},
        {"\"/x/${n}?v=${s}\"", "\"/x/7?v=text\""},
        {"{\"a\":[\"${s}\",{\"b\":\"-${s}-\"}]}", "{\"a\":[\"text\",{\"b\":\"-text-\"}]}"},
        {"\"${n\"", "\"${n\""},
        {"\"$n ${} {n}\"", "\"$n ${} {n}\""},
        {"\"${nobody}\"", NULL},
        {"[{\"a\":\"x${nobody}\"}]", NULL},
    };
    struct json *captured = parse("{\"n\":7,\"s\":\"text\"}");

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct str missing = STR_NONE;
        struct json *value = parse(rows[i].text);
        struct json *filled = path_fill(value, captured, &missing);
        if (rows[i].filled != NULL)
            assert_json(filled, rows[i].filled);
        else
            assert_str(missing, "nobody");
        assert_int_equal(filled == NULL, rows[i].filled == NULL);
        json_free(filled);
        json_free(value);
    }
    json_free(captured);
}

static void what_varies_is_replaced(void **state)
{
    static const struct {
        const char *value, *normal;
    } rows[] = {
        {"{\"uid\":\"x\",\"resourceVersion\":\"12\"}",
         "{\"resourceVersion\":\"<rv>\",\"uid\":\"<uid>\"}"},
        {"{\"uid\":\"\",\"time\":null}", "{\"time\":null,\"uid\":\"\"}"},
        {"{\"time\":{\"uid\":\"a\"}}", "{\"time\":{\"uid\":\"<uid>\"}}"},
        {"{\"remainingItemCount\":3}", "{\"remainingItemCount\":\"<n>\"}"},
        {"{\"message\":\"too old resource version: 12 (34)\"}",
         "{\"message\":\"too old resource version: <rv>\"}"},
        {"{\"message\":\"UID in precondition: 00000000-0000-4000-8000-000000000009, UID\"}",
         "{\"message\":\"UID in precondition: <uid>, UID\"}"},
        {"{\"message\":\"at 2026-01-02T03:04:05.6Z and 2026-01-02T03:04:05Z\"}",
         "{\"message\":\"at <time> and <time>\"}"},
        {"{\"message\":\"Key: /registry/x/y, ResourceVersion: 0\"}",
         "{\"message\":\"Key: /<prefix>/x/y, ResourceVersion: 0\"}"},
        {"{\"name\":\"job-bcdfg\"}", "{\"name\":\"job-<rand>\"}"},
        {"{\"name\":\"job-bcdfgh\"}", "{\"name\":\"job-bcdfgh\"}"},
        {"{\"other\":\"job-bcdfg\"}", "{\"other\":\"job-bcdfg\"}"},
        {"{\"cells\":[\"5d3h\",\"x5d\",\"2026-01-02T03:04:05Z\"]}",
         "{\"cells\":[\"<age>\",\"x5d\",\"<time>\"]}"},
        {"{\"managedFields\":[1],\"a\":2}", "{\"a\":2}"},
    };
    struct normaliser normaliser;

    (void)state;
    normaliser_init(&normaliser);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *value = parse(rows[i].value);
        struct json *normal = normalise(&normaliser, value, false, STR_NONE);
        assert_same(normal, rows[i].normal);
        json_free(normal);
        json_free(value);
    }
    normaliser_release(&normaliser);
}

static void owners_of_fields_are_compared_as_a_set(void **state)
{
    struct json *value = parse("{\"items\":[{\"managedFields\":[{\"b\":1},{\"a\":2}]}],\"causes\":["
                               "{\"reason\":\"FieldManagerConflict\",\"message\":\"z\"},"
                               "{\"reason\":\"FieldManagerConflict\",\"message\":\"y\"}]}");

    (void)state;
    settle(value);
    assert_json(value, "{\"causes\":[{\"message\":\"y\",\"reason\":\"FieldManagerConflict\"},"
                       "{\"message\":\"z\",\"reason\":\"FieldManagerConflict\"}],"
                       "\"items\":[{\"managedFields\":[{\"a\":2},{\"b\":1}]}]}");
    json_free(value);
}

static void causes_are_sorted_in_the_message_too(void **state)
{
    struct json *value = parse("{\"message\":\"bad: [b: 1, a: 2]\",\"details\":{\"causes\":["
                               "{\"field\":\"b\",\"message\":\"1\"},"
                               "{\"field\":\"a\",\"message\":\"2\"},"
                               "{\"field\":\"b\",\"message\":\"1\"}]}}");

    (void)state;
    settle_causes(value);
    assert_str(json_text_at(value, "message"), "bad: [a: 2, b: 1]");
    json_free(value);
    value = parse("{\"message\":\"no causes\"}");
    settle_causes(value);
    assert_str(json_text_at(value, "message"), "no causes");
    json_free(value);
}

static void warnings_are_sorted(void **state)
{
    struct json *sorted = settle_warnings(STR("299 - \"b, c\", 299 - \"a\""));

    (void)state;
    assert_str(json_string_of(sorted), "299 - \"a\", 299 - \"b, c\"");
    json_free(sorted);
}

static void every_difference_is_told(void **state)
{
    static const struct {
        const char *want, *got, *lines;
    } rows[] = {
        {"{\"a\":[1,{\"b\":null}]}", "{\"a\":[1,{\"b\":null}]}", "[]"},
        {"{\"a\":1}", "{\"a\":2}", "[\".a: expected 1, got 2\"]"},
        {"{\"a\":1}", "{\"a\":\"1\"}", "[\".a: expected 1, got \\\"1\\\"\"]"},
        {"{\"a\":1}", "{\"b\":1}", "[\".a: missing, expected 1\",\".b: unexpected 1\"]"},
        {"{\"a\":null}", "{}", "[\".a: missing, expected null\"]"},
        {"{\"a\":[1,2]}", "{\"a\":[1]}", "[\".a: expected 2 entries, got 1\"]"},
        {"[[1],[2]]", "[[1],[3]]", "[\"[1][0]: expected 2, got 3\"]"},
        {"[1,2]", "[2,1]", "[\"[0]: expected 1, got 2\",\"[1]: expected 2, got 1\"]"},
        {"true", "false", "[\".: expected true, got false\"]"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *want = parse(rows[i].want);
        struct json *got = parse(rows[i].got);
        struct json *lines = json_array();
        differences_find(want, got, lines);
        assert_json(lines, rows[i].lines);
        json_free(lines);
        json_free(got);
        json_free(want);
    }
}

static void relations_compare_texts_and_numbers(void **state)
{
    static const struct {
        const char *relation, *holds;
    } rows[] = {
        {"rv == old", "false"},   {"rv != old", "true"},  {"rv > old", "true"},
        {"rv < old", "false"},    {"n > 2", "true"},      {"n == 3", "true"},
        {"none == old", "false"}, {"none > old", "\"<no numbers>\""},
        {"rv == new", "true"},    {"rv == nobody", "false"},
    };
    struct json *value = parse("{\"rv\":\"10\",\"n\":3}");
    struct json *captured = parse("{\"old\":\"9\",\"new\":\"10\"}");

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *holds = relation_judge(str_from(rows[i].relation), value, captured);
        assert_same(holds, rows[i].holds);
        json_free(holds);
    }
    json_free(captured);
    json_free(value);
}

static void numbers_stay_as_they_were_written(void **state)
{
    static const struct {
        const char *text, *printed;
    } rows[] = {
        {"[1,-2,0]", "[1,-2,0]"},
        {"10.0", "10.0"},
        {"{\"a\":1e3}", "{\"a\":1000.0}"},
        {"9007199254740993", "9007199254740993"},
        {"[1e400,-1.5]", "[1e400,-1.5]"},
        {"{\"1.0\":\"2.0 \\\" 3.0\"}", "{\"1.0\":\"2.0 \\\" 3.0\"}"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *value = NULL;
        CLEANUP(buf_release) struct buf out = {0};
        buf_init(&out, 4096);
        assert_err(numbers_parse(str_from(rows[i].text), &value, NULL), ERR_NONE);
        numbers_print(value, &out);
        assert_str(buf_str(&out), rows[i].printed);
        json_free(value);
    }
}

static void a_marked_number_has_its_value(void **state)
{
    struct json *value = NULL;

    (void)state;
    assert_err(numbers_parse(STR("[1.5,2,\"x\"]"), &value, NULL), ERR_NONE);
    assert_int_equal((int)(numbers_value(json_item(value, 0)) * 1000), 1500);
    assert_int_equal((int)numbers_value(json_item(value, 1)), 2);
    assert_int_equal((int)numbers_value(json_item(value, 2)), 0);
    json_free(value);
}

static struct conversation_result result_of(const char *differences)
{
    struct conversation_result result = {.compared = 3};
    enum err err = json_parse(str_from(differences), NULL, &result.differences, NULL);
    assert_err(err, ERR_NONE);
    return result;
}

static void a_row_is_true_while_its_steps_differ(void **state)
{
    static const char rows[] = "# Prose\n| conversation | steps | reason |\n|---|---|---|\n"
                               "| apply/02-x | one, two | because |\n";
    struct fidelity fidelity;
    struct errmsg msg = {""};
    CLEANUP(buf_release) struct buf out = {0};
    struct conversation_result result =
        result_of("[{\"id\":\"one\",\"lines\":[]},{\"id\":\"new\",\"lines\":[\"why\"]}]");

    (void)state;
    buf_init(&out, 4096);
    assert_err(fidelity_read(str_from(rows), &fidelity, &msg), ERR_NONE);
    fidelity_print(&fidelity, STR("apply/02-x"), &result, &out);
    assert_str(buf_str(&out), "| apply/02-x | one | because |\n| apply/02-x | new | ? |\n");
    assert_int_equal(fidelity_judge_rest(&fidelity, &out), 1);
    buf_clear(&out);
    assert_int_equal(fidelity_judge(&fidelity, STR("apply/02-x"), &result, true, &out), 2);
    assert_str(buf_str(&out), "apply/02-x: step new differs, and has no row\n    why\n"
                              "apply/02-x: step two does not differ, but has a row\n");
    assert_int_equal(fidelity_judge_rest(&fidelity, &out), 0);
    conversation_result_release(&result);
    fidelity_release(&fidelity);
}

static void a_row_says_which_steps_and_why(void **state)
{
    static const char *const rows[] = {"| a/b | | why |\n", "| a/b | one | |\n", "| a/b |\n",
                                       "| a/b | one, one | why |\n"};
    struct fidelity fidelity;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_err(fidelity_read(str_from(rows[i]), &fidelity, NULL), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_lead_to_members_and_items),
        cmocka_unit_test(placeholders_are_filled),
        cmocka_unit_test(what_varies_is_replaced),
        cmocka_unit_test(owners_of_fields_are_compared_as_a_set),
        cmocka_unit_test(causes_are_sorted_in_the_message_too),
        cmocka_unit_test(warnings_are_sorted),
        cmocka_unit_test(every_difference_is_told),
        cmocka_unit_test(relations_compare_texts_and_numbers),
        cmocka_unit_test(numbers_stay_as_they_were_written),
        cmocka_unit_test(a_marked_number_has_its_value),
        cmocka_unit_test(a_row_is_true_while_its_steps_differ),
        cmocka_unit_test(a_row_says_which_steps_and_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
