/* Bodies of requests: what they may have and files may not, and YAML as answers show it. */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "controller/base/yaml.h"

static void a_body_reads_as_go_reads_it(void **state)
{
    static const struct {
        const char *text, *json, *repeated;
    } rows[] = {
        {"a: &x {b: 1}\nc: *x\n", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}", "[]"},
        {"a: &x one\nb: [*x, *x]\n", "{\"a\":\"one\",\"b\":[\"one\",\"one\"]}", "[]"},
        {"&k key: v\nother: *k\n", "{\"key\":\"v\",\"other\":\"key\"}", "[]"},
        {"a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\n",
         "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"b\":3,\"c\":2}}", "[]"},
        {"a: &x {b: 1}\ne: &y {c: 2}\nd: {<<: [*x, *y]}\n",
         "{\"a\":{\"b\":1},\"d\":{\"b\":1,\"c\":2},\"e\":{\"c\":2}}", "[]"},
        {"a: 1\nb: 2\na: 3\n", "{\"a\":3,\"b\":2}",
         "[\"line 3: key \\\"a\\\" already set in map\"]"},
        {"a: {b: &x 1}\na: *x\n", "{\"a\":1}",
         "[\"line 2: key \\\"a\\\" already set in map\"]"},
        {"a: !!str 1\nb: !!int \"2\"\nc: '3'\n", "{\"a\":\"1\",\"b\":2,\"c\":\"3\"}", "[]"},
        {"a: 1\n---\nb: [\n", "{\"a\":1}", "[]"},
        {"\"<<\": {b: 1}\n", "{\"\\u003c\\u003c\":{\"b\":1}}", "[]"},
        {"", "null", "[]"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *value = NULL;
        struct json *repeated = NULL;
        struct errmsg msg = {""};
        if (yaml_parse_body(str_from(rows[i].text), &value, &repeated, &msg) != ERR_NONE)
            fail_msg("%s: %s", rows[i].text, msg.text);
        assert_json(value, rows[i].json);
        assert_json(repeated, rows[i].repeated);
        json_free(value);
        json_free(repeated);
    }
}

static void what_go_refuses_is_refused(void **state)
{
    static const char *const texts[] = {
        "a: *none\n", "a: &x [*x]\n", "a: &x {b: *x}\n", "? {a: 1}\n: b\n", "a: [\n",
        "a: &x {b: 1}\n*x : 2\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct json *value = NULL;
        struct json *repeated = NULL;
        struct errmsg msg = {""};
        if (yaml_parse_body(str_from(texts[i]), &value, &repeated, &msg) == ERR_NONE)
            fail_msg("%s is accepted", texts[i]);
        assert_true(msg.text[0] != '\0');
    }
}

/* Nine levels of ten aliases each would be a billion nodes. */
static void aliases_cannot_grow_without_bound(void **state)
{
    struct buf text;
    struct json *value = NULL;
    struct json *repeated = NULL;
    struct errmsg msg = {""};
    (void)state;
    buf_init(&text, 65536);
    buf_append_text(&text, "a0: &a0 x\n");
    for (int i = 1; i < 10; i++) {
        buf_printf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            buf_printf(&text, "%s*a%d", k > 0 ? ", " : "", i - 1);
        buf_append_text(&text, "]\n");
    }
    assert_err(yaml_parse_body(buf_str(&text), &value, &repeated, &msg), ERR_LIMIT);
    assert_non_null(strstr(msg.text, "excessive aliasing"));
    buf_release(&text);
}

static void what_is_printed_reads_the_same(void **state)
{
    static const struct {
        const char *json, *yaml;
    } rows[] = {
        {"{\"b\":[1,{\"c\":null}],\"a\":\"x\"}", "a: x\nb:\n- 1\n- c: null\n"},
        {"{\"a\":{},\"b\":[]}", "a: {}\nb: []\n"},
        {"{\"a\":\"yes\",\"b\":\"12\",\"c\":\"2026-01-02T03:04:05Z\",\"d\":\"\"}",
         "a: \"yes\"\nb: \"12\"\nc: \"2026-01-02T03:04:05Z\"\nd: \"\"\n"},
        {"{\"a\":\"one\\ntwo\\n\",\"b\":\"k: v\"}", "a: |\n  one\n  two\nb: 'k: v'\n"},
        {"{\"a\":true,\"b\":1.5}", "a: true\nb: 1.5\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *value = NULL;
        struct json *again = NULL;
        struct json *repeated = NULL;
        struct buf text;
        buf_init(&text, 4096);
        assert_err(json_parse(str_from(rows[i].json), NULL, &value, NULL), ERR_NONE);
        yaml_print(value, &text);
        assert_str(buf_str(&text), rows[i].yaml);
        assert_err(yaml_parse_body(buf_str(&text), &again, &repeated, NULL), ERR_NONE);
        assert_true(json_equal(value, again));
        json_free(value);
        json_free(again);
        json_free(repeated);
        buf_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_reads_as_go_reads_it),
        cmocka_unit_test(what_go_refuses_is_refused),
        cmocka_unit_test(aliases_cannot_grow_without_bound),
        cmocka_unit_test(what_is_printed_reads_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
