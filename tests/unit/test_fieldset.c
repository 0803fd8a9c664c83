#include "tests/testlib/test.h"

#include "controller/base/mem.h"

#include "fakeapi/fieldset.h"

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    struct errmsg msg;
    assert_err(json_parse(str_from(text), NULL, &value, &msg), ERR_NONE);
    return value;
}

/* Reads `text`; the JSON goes into `keep`, which outlives the set. */
static const struct fieldset *read_set(struct arena *arena, struct json *keep, const char *text)
{
    const struct fieldset *set = NULL;
    json_append(keep, parse(text));
    struct json *last = json_item(keep, json_count(keep) - 1);
    assert_err(fieldset_read(arena, last, &set), ERR_NONE);
    return set;
}

static void assert_set(const struct fieldset *set, const char *expected)
{
    struct json *written = fieldset_write(set);
    assert_json(written, expected);
    json_free(written);
}

static void reading_and_writing_keeps_the_set(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *written; /* NULL: the same */
    } rows[] = {
        /* KEP-555: FieldsV1 */
        {"{}", NULL},
        {"{\"f:spec\":{\"f:a\":{},\"f:b\":{\".\":{},\"f:c\":{}}}}", NULL},
        {"{\"f:l\":{\"k:{\\\"name\\\":\\\"x\\\"}\":{\".\":{},\"f:name\":{}}}}", NULL},
        {"{\"f:l\":{\"v:\\\"a\\\"\":{},\"v:1\":{},\"v:true\":{}}}", NULL},
        {"{\"f:l\":{\"i:0\":{},\"i:10\":{}}}", NULL},
        {"{\"f:\":{},\"f:a.b\":{},\"f:f:x\":{}}", NULL},
        /* only "." below is the same as nothing below */
        {"{\"f:a\":{\".\":{}}}", "{\"f:a\":{}}"},
        /* prefixes of a later version are left out */
        {"{\"f:a\":{},\"x:b\":{\"f:c\":{}}}", "{\"f:a\":{}}"},
        /* keys become compact and sorted */
        {"{\"k:{\\\"b\\\": 1, \\\"a\\\": \\\"x\\\"}\":{}}",
         "{\"k:{\\\"a\\\":\\\"x\\\",\\\"b\\\":1}\":{}}"},
        /* one key in two ways is one key */
        {"{\"k:{\\\"b\\\":1}\":{\"f:x\":{}},\"k:{ \\\"b\\\":1}\":{\"f:y\":{}}}",
         "{\"k:{\\\"b\\\":1}\":{\"f:x\":{},\"f:y\":{}}}"},
    };
    struct arena arena;
    arena_init(&arena, 1u << 20);
    struct json *keep = json_array();
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_set(read_set(&arena, keep, rows[i].text),
                   rows[i].written != NULL ? rows[i].written : rows[i].text);
    json_free(keep);
    arena_release(&arena);
}

static void broken_fields_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "\"x\"",               /* 19-edit-managed-fields/fields-no-object */
        "{\"spec\":{}}",       /* 19-edit-managed-fields/bad-fields */
        "{\"\":{}}",           "{\"f\":{}}",        "{\"f:a\":1}",
        "{\"f:a\":{\"b\":{}}}", "{\"k:[1]\":{}}",    "{\"k:{\":{}}",
        "{\"v:\":{}}",         "{\"v:{}\":{}}",     "{\"i:x\":{}}",
        "[]",
    };
    struct arena arena;
    arena_init(&arena, 1u << 20);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct fieldset *set = NULL;
        struct json *fields = parse(rows[i]);
        assert_err(fieldset_read(&arena, fields, &set), ERR_SYNTAX);
        json_free(fields);
    }
    arena_release(&arena);
}

static void sets_combine_path_by_path(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        const char *both, *common, *difference, *outside;
    } rows[] = {
        {"{}", "{\"f:a\":{}}", "{\"f:a\":{}}", "{}", "{}", "{}"},
        {"{\"f:a\":{}}", "{}", "{\"f:a\":{}}", "{}", "{\"f:a\":{}}", "{\"f:a\":{}}"},
        {"{\"f:a\":{},\"f:c\":{}}", "{\"f:b\":{},\"f:c\":{}}",
         "{\"f:a\":{},\"f:b\":{},\"f:c\":{}}", "{\"f:c\":{}}", "{\"f:a\":{}}", "{\"f:a\":{}}"},
        /* a path and what is below it are two things, but for `outside` */
        {"{\"f:a\":{\".\":{},\"f:x\":{}}}", "{\"f:a\":{}}", "{\"f:a\":{\".\":{},\"f:x\":{}}}",
         "{\"f:a\":{}}", "{\"f:a\":{\"f:x\":{}}}", "{}"},
        {"{\"f:a\":{}}", "{\"f:a\":{\"f:x\":{}}}", "{\"f:a\":{\".\":{},\"f:x\":{}}}", "{}",
         "{\"f:a\":{}}", "{\"f:a\":{}}"},
        {"{\"f:a\":{\"f:x\":{},\"f:y\":{}}}", "{\"f:a\":{\"f:y\":{}}}",
         "{\"f:a\":{\"f:x\":{},\"f:y\":{}}}", "{\"f:a\":{\"f:y\":{}}}", "{\"f:a\":{\"f:x\":{}}}",
         "{\"f:a\":{\"f:x\":{}}}"},
        /* elements of different kinds are different */
        {"{\"f:1\":{},\"v:1\":{}}", "{\"i:1\":{},\"v:1\":{}}",
         "{\"f:1\":{},\"i:1\":{},\"v:1\":{}}", "{\"v:1\":{}}", "{\"f:1\":{}}", "{\"f:1\":{}}"},
    };
    struct arena arena;
    arena_init(&arena, 1u << 20);
    struct json *keep = json_array();
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct fieldset *a = read_set(&arena, keep, rows[i].a);
        const struct fieldset *b = read_set(&arena, keep, rows[i].b);
        assert_set(fieldset_union(&arena, a, b), rows[i].both);
        assert_set(fieldset_union(&arena, b, a), rows[i].both);
        assert_set(fieldset_intersection(&arena, a, b), rows[i].common);
        assert_set(fieldset_intersection(&arena, b, a), rows[i].common);
        assert_set(fieldset_difference(&arena, a, b), rows[i].difference);
        assert_set(fieldset_outside(&arena, a, b), rows[i].outside);
        assert_true(fieldset_equal(a, a));
        assert_false(fieldset_equal(a, b));
    }
    json_free(keep);
    arena_release(&arena);
}

static void elements_are_ordered_by_kind_then_value(void **state)
{
    (void)state;
    static const struct fieldset_element rows[] = {
        {FIELDSET_FIELD, {"", 0}},
        {FIELDSET_FIELD, {"10", 2}},
        {FIELDSET_FIELD, {"9", 1}},
        {FIELDSET_FIELD, {"a", 1}},
        {FIELDSET_FIELD, {"ab", 2}},
        {FIELDSET_KEY, {"{\"n\":-1,\"on\":false}", 19}},
        {FIELDSET_KEY, {"{\"n\":-1,\"on\":true}", 18}},
        {FIELDSET_KEY, {"{\"n\":1.5,\"on\":true}", 19}},
        {FIELDSET_KEY, {"{\"n\":9,\"on\":true}", 17}},
        {FIELDSET_KEY, {"{\"n\":80,\"on\":true}", 18}},
        {FIELDSET_KEY, {"{\"n\":443,\"on\":false}", 20}},
        {FIELDSET_KEY, {"{\"s\":\"10\"}", 10}},
        {FIELDSET_KEY, {"{\"s\":\"9\"}", 9}},
        {FIELDSET_VALUE, {"\"10\"", 4}},
        {FIELDSET_VALUE, {"\"9\"", 3}},
        {FIELDSET_VALUE, {"\"\\\"1\"", 5}},
        {FIELDSET_VALUE, {"2", 1}},
        {FIELDSET_VALUE, {"10", 2}},
        {FIELDSET_INDEX, {"2", 1}},
        {FIELDSET_INDEX, {"10", 2}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        for (size_t j = 0; j < ARRAY_COUNT(rows); j++) {
            int order = fieldset_element_compare(rows[i], rows[j]);
            assert_int_equal(order < 0, i < j);
            assert_int_equal(order > 0, i > j);
        }
    }
}

static void levels_are_sorted_however_they_are_gathered(void **state)
{
    (void)state;
    static const char *const names[] = {"d", "b", "e", "a", "c"};
    struct arena arena;
    struct fieldset_builder level;
    arena_init(&arena, 1u << 20);
    fieldset_builder_init(&level, &arena);
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        fieldset_builder_add(&level,
                             (struct fieldset_element){FIELDSET_FIELD, str_from(names[i])},
                             i != 1, NULL); /* "b" is nothing and is left out */
    const struct fieldset *set = fieldset_builder_finish(&level);
    assert_int_equal(set->count, 4);
    assert_set(set, "{\"f:a\":{},\"f:c\":{},\"f:d\":{},\"f:e\":{}}");
    assert_non_null(
        fieldset_find(set, (struct fieldset_element){FIELDSET_FIELD, STR("e")}));
    assert_null(fieldset_find(set, (struct fieldset_element){FIELDSET_FIELD, STR("b")}));
    assert_null(fieldset_find(NULL, (struct fieldset_element){FIELDSET_FIELD, STR("a")}));
    fieldset_builder_init(&level, &arena);
    assert_null(fieldset_builder_finish(&level));
    arena_release(&arena);
}

static void append_line(void *ctx, struct str path)
{
    struct buf *out = ctx;
    buf_append(out, path);
    buf_append_char(out, '\n');
}

static void paths_come_members_first(void **state)
{
    (void)state;
    static const char text[] =
        "{\"f:spec\":{\"f:data\":{\"f:k1\":{}},\"f:paused\":{},"
        "\"f:flags\":{\"k:{\\\"n\\\":-1,\\\"s\\\":\\\"a\\\\\\\"b\\\"}\":{\".\":{},\"f:v\":{}}},"
        "\"f:tags\":{\"v:\\\"x\\\"\":{},\"v:5\":{}},\"f:at\":{\"i:3\":{}}}}";
    struct arena arena;
    struct buf lines;
    arena_init(&arena, 1u << 20);
    buf_init(&lines, 1u << 16);
    struct json *keep = json_array();
    fieldset_each_path(read_set(&arena, keep, text), append_line, &lines);
    /* 03-conflicts/carol-two-managers, 09-list-map-keys/three-keys-conflict */
    assert_str(buf_str(&lines), ".spec.paused\n"
                                ".spec.at[3]\n"
                                ".spec.data.k1\n"
                                ".spec.flags[n=-1,s=\"a\\\"b\"]\n"
                                ".spec.flags[n=-1,s=\"a\\\"b\"].v\n"
                                ".spec.tags[=\"x\"]\n"
                                ".spec.tags[=5]\n");
    json_free(keep);
    buf_release(&lines);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_and_writing_keeps_the_set),
        cmocka_unit_test(broken_fields_are_refused),
        cmocka_unit_test(sets_combine_path_by_path),
        cmocka_unit_test(elements_are_ordered_by_kind_then_value),
        cmocka_unit_test(levels_are_sorted_however_they_are_gathered),
        cmocka_unit_test(paths_come_members_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
