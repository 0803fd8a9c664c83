#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "controller/base/yaml.h"

static struct yaml_file parse(const char *text)
{
    struct yaml_file file = {0};
    struct errmsg msg = {0};
    enum err err = yaml_parse(str_from(text), &file, &msg);
    if (err != ERR_NONE)
        print_error("%s: %s\n", text, msg.text);
    assert_err(err, ERR_NONE);
    return file;
}

struct read_row {
    const char *text;
    const char *json;
};

static void assert_reads(const struct read_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct yaml_file file = parse(rows[i].text);
        assert_int_equal(file.document_count, 1);
        assert_json(file.documents[0].root, rows[i].json);
        yaml_file_release(&file);
    }
}

/* conformance/objects, YAML 1.1 (20): yes and on are booleans, ~ and nothing are null. */
static void plain_words_resolve_as_yaml_1_1(void **state)
{
    (void)state;
    static const struct read_row rows[] = {
        {"[y, Y, yes, Yes, YES, on, On, ON, true, True, TRUE]",
         "[true,true,true,true,true,true,true,true,true,true,true]"},
        {"[n, N, no, No, NO, off, Off, OFF, false, False, FALSE]",
         "[false,false,false,false,false,false,false,false,false,false,false]"},
        {"[~, null, Null, NULL]", "[null,null,null,null]"},
        {"a:\nb: ", "{\"a\":null,\"b\":null}"},
        {"[yEs, tRue, nULL, oN, none, yess]",
         "[\"yEs\",\"tRue\",\"nULL\",\"oN\",\"none\",\"yess\"]"},
    };
    assert_reads(rows, ARRAY_COUNT(rows));
}

/* conformance/objects, YAML 1.1 (20): 017 and 0o17 are 15, dates stay text. */
static void plain_numbers_resolve_as_yaml_1_1(void **state)
{
    (void)state;
    static const struct read_row rows[] = {
        {"[0, 12, -12, +12, 1_000, 017, 0o17, 0O17, -017]", "[0,12,-12,12,1000,15,15,15,-15]"},
        {"[0x1F, 0XfF, -0x10, 0b101, 0b1_0]", "[31,255,-16,5,2]"},
        {"[08, 09.5]", "[8,9.5]"}, /* no octal, so a float */
        {"[1.5, .5, 1., -.5, +1.5, 1e3, 1.5E-3, 1e+2]", "[1.5,0.5,1,-0.5,1.5,1000,0.0015,100]"},
        {"[9007199254740993, -9223372036854775808]", "[9007199254740993,-9223372036854775808]"},
        {"[2001-01-01, '', 1:30, 1.2.3, 0x, 0b2, 0o8, 1e, .5_0, ., +, 12a, _1]",
         "[\"2001-01-01\",\"\",\"1:30\",\"1.2.3\",\"0x\",\"0b2\",\"0o8\",\"1e\",\".5_0\",\".\","
         "\"+\",\"12a\",\"_1\"]"},
        {"2001-12-14T21:59:43Z", "\"2001-12-14T21:59:43Z\""},
    };
    assert_reads(rows, ARRAY_COUNT(rows));
}

static void quoted_and_block_scalars_are_always_texts(void **state)
{
    (void)state;
    static const struct read_row rows[] = {
        {"['yes', \"1\", \"\", '~', \"\\u00e9\\n\"]",
         "[\"yes\",\"1\",\"\",\"~\",\"\xc3\xa9\\n\"]"},
        {"a: |\n  1\nb: >-\n  x\n  y\n", "{\"a\":\"1\\n\",\"b\":\"x y\"}"},
        {"''", "\"\""},
    };
    assert_reads(rows, ARRAY_COUNT(rows));
}

/* conformance/objects, YAML 1.1 (20): keys 1 and true become "1" and "true". */
static void keys_that_are_no_texts_become_their_text(void **state)
{
    (void)state;
    static const struct read_row rows[] = {
        {"1: a\ntrue: b\nno: c\n0x10: d\n1.5: e\n\"y\": f",
         "{\"1\":\"a\",\"1.5\":\"e\",\"16\":\"d\",\"false\":\"c\",\"true\":\"b\",\"y\":\"f\"}"},
    };
    assert_reads(rows, ARRAY_COUNT(rows));
}

static void members_keep_the_order_of_the_text(void **state)
{
    (void)state;
    struct yaml_file file = parse("b: {d: 1, c: [2, {e: 3}]}\na:\n- x\n- - z\n");
    char *text = json_print_text(file.documents[0].root);
    assert_string_equal(text, "{\"b\":{\"d\":1,\"c\":[2,{\"e\":3}]},\"a\":[\"x\",[\"z\"]]}");
    mem_free(text);
    yaml_file_release(&file);
}

static void empty_documents_are_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {
        {"", 0}, {"# nothing\n", 0}, {"---\n", 0}, {"---\n---\na: 1\n---\n", 1},
        {"a: 1\n---\nb: 2\n...\n---\n- 3\n", 3}, {"\xef\xbb\xbf""a: 1", 1},
        {"--- null\n", 1}, {"--- ''\n", 1},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct yaml_file file = parse(rows[i].text);
        assert_int_equal(file.document_count, rows[i].count);
        yaml_file_release(&file);
    }
}

/* facts/libraries.md: aliases, tags, duplicate keys are accepted at event level; and what
 * JSON cannot hold. */
static void refused_input_is_named_with_its_place(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        enum err err;
        const char *msg;
    } rows[] = {
        {STR_INIT("a: &x 1"), ERR_SYNTAX, "1:4: found an anchor, expected a value without one"},
        {STR_INIT("a: &x {}"), ERR_SYNTAX, "1:4: found an anchor, expected a value without one"},
        {STR_INIT("a: *x"), ERR_SYNTAX, "1:4: found an alias, expected a value"},
        {STR_INIT("a: !!str 1"), ERR_SYNTAX, "1:4: found a tag, expected a value without one"},
        {STR_INIT("a: !x []"), ERR_SYNTAX, "1:4: found a tag, expected a value without one"},
        {STR_INIT("<<: {a: 1}"), ERR_SYNTAX, "1:1: found a merge key, expected a key"},
        {STR_INIT("a: 1\nb:\n  c: 1\n  c: 2"), ERR_TYPE,
         "4:3: found the key \"c\" again, expected each key once"},
        {STR_INIT("1: a\n\"1\": b"), ERR_TYPE,
         "2:1: found the key \"1\" again, expected each key once"},
        {STR_INIT("? [a]\n: 1"), ERR_TYPE, "1:3: found a collection as key, expected a text"},
        {STR_INIT("~: 1"), ERR_TYPE, "1:1: found an empty key, expected a text"},
        {STR_INIT("a: .inf"), ERR_TYPE,
         "1:4: found a number that JSON does not have, expected a number that JSON can hold"},
        {STR_INIT("a: -.Inf"), ERR_TYPE,
         "1:4: found a number that JSON does not have, expected a number that JSON can hold"},
        {STR_INIT("a: .NaN"), ERR_TYPE,
         "1:4: found a number that JSON does not have, expected a number that JSON can hold"},
        {STR_INIT("a: 9223372036854775808"), ERR_TYPE,
         "1:4: found an integer beyond 2^63, expected a number that JSON can hold"},
        {STR_INIT("a: -9223372036854775809"), ERR_TYPE,
         "1:4: found an integer beyond 2^63, expected a number that JSON can hold"},
        {STR_INIT("a: 0xffffffffffffffff"), ERR_TYPE,
         "1:4: found an integer beyond 2^63, expected a number that JSON can hold"},
        {STR_INIT("a: 1e999"), ERR_TYPE,
         "1:4: found a number that is too long or too large, expected a number that JSON can "
         "hold"},
        {STR_INIT("a: \"x\\0y\""), ERR_TYPE,
         "1:4: found a NUL character, expected a text without NUL"},
        {STR_INIT("a: b: c"), ERR_SYNTAX,
         "1:5: found broken YAML (mapping values are not allowed in this context), expected a "
         "valid document"},
        {STR_INIT("a: 1\nb: \xff"), ERR_SYNTAX,
         "2:4: found broken YAML (invalid leading UTF-8 octet), expected a valid document"},
        {STR_INIT("a: \x01"), ERR_SYNTAX,
         "1:4: found broken YAML (control characters are not allowed), expected a valid "
         "document"},
    };
    size_t blocks = mem_live_blocks();
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct yaml_file file = {0};
        struct errmsg msg = {0};
        assert_err(yaml_parse(rows[i].text, &file, &msg), rows[i].err);
        assert_str(str_from(msg.text), rows[i].msg);
        assert_null(file.documents);
    }
    assert_int_equal(mem_live_blocks(), blocks);
}

/* facts/libraries.md: "[" times 80,000 takes libyaml 9.6 s; the limit stops it at once. */
static void depth_is_counted_while_events_arrive(void **state)
{
    (void)state;
    static const size_t depths[] = {32, 33, 80000};
    for (size_t i = 0; i < ARRAY_COUNT(depths); i++) {
        char *text = mem_alloc(2 * depths[i] + 1);
        struct yaml_file file = {0};
        struct errmsg msg = {0};
        memset(text, '[', depths[i]);
        memset(text + depths[i], ']', depths[i]);
        enum err err = yaml_parse(str_from(text), &file, &msg);
        assert_err(err, depths[i] <= YAML_DEPTH_MAX ? ERR_NONE : ERR_LIMIT);
        if (err != ERR_NONE)
            assert_string_equal(msg.text, "1:33: found deeper nesting, expected at most 32 levels");
        yaml_file_release(&file);
        mem_free(text);
    }
}

static void members_and_documents_are_limited(void **state)
{
    (void)state;
    struct buf text;
    struct yaml_file file = {0};
    struct errmsg msg = {0};
    buf_init(&text, 1 << 20);
    for (unsigned i = 0; i < 1025; i++)
        buf_printf(&text, "k%u: 1\n", i);
    assert_err(yaml_parse(buf_str(&text), &file, &msg), ERR_LIMIT);
    assert_string_equal(msg.text,
                        "1025:1: found one more key, expected at most 1024 keys in a mapping");
    buf_clear(&text);
    for (unsigned i = 0; i <= YAML_DOCUMENTS_MAX; i++)
        buf_append_text(&text, "--- a\n");
    assert_err(yaml_parse(buf_str(&text), &file, &msg), ERR_LIMIT);
    buf_truncate(&text, text.len - strlen("--- a\n"));
    assert_err(yaml_parse(buf_str(&text), &file, &msg), ERR_NONE);
    assert_int_equal(file.document_count, YAML_DOCUMENTS_MAX);
    yaml_file_release(&file);
    buf_release(&text);
    static const char byte;
    assert_err(yaml_parse((struct str){&byte, YAML_BYTES_MAX + 1}, &file, &msg), ERR_LIMIT);
}

static void assert_mark(const struct yaml_document *document, const struct json *node,
                        unsigned line, unsigned column)
{
    struct yaml_mark mark = yaml_mark_of(document, node);
    assert_int_equal(mark.line, line);
    assert_int_equal(mark.column, column);
}

static void every_node_knows_where_it_began(void **state)
{
    (void)state;
    struct yaml_file file = parse("# comment\na:\n  - b: 1\n    c: {d: 2}\n  -   x\n---\n  e: f\n");
    const struct yaml_document *first = &file.documents[0];
    const struct json *list = json_get(first->root, "a");
    assert_mark(first, first->root, 2, 1);
    assert_mark(first, list, 2, 1); /* a member: its key */
    assert_mark(first, json_item(list, 0), 3, 5);
    assert_mark(first, json_get(json_item(list, 0), "c"), 4, 5);
    assert_mark(first, json_at(json_item(list, 0), "c.d"), 4, 9);
    assert_mark(first, json_item(list, 1), 5, 7);
    assert_mark(&file.documents[1], json_get(file.documents[1].root, "e"), 7, 3);
    assert_mark(first, file.documents[1].root, 0, 0);
    assert_mark(first, NULL, 0, 0);
    yaml_file_release(&file);
}

/* H1, and whatever a cut leaves half built. */
static void no_cut_text_leaks(void **state)
{
    (void)state;
    static const char text[] = "a: {b: [1, {c: 'x'}], \"d\": |\n}\n---\nk:\n- - y: 1\n    z: 2\n";
    size_t blocks = mem_live_blocks();
    for (size_t cut = 0; cut < sizeof(text); cut++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char *changed = str_dup((struct str){text, sizeof(text) - 1});
            struct yaml_file file = {0};
            changed[cut] = (char)byte;
            size_t len = byte == 0 ? cut : sizeof(text) - 1;
            if (yaml_parse((struct str){changed, len}, &file, NULL) == ERR_NONE)
                yaml_file_release(&file);
            mem_free(changed);
        }
    }
    assert_int_equal(mem_live_blocks(), blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_words_resolve_as_yaml_1_1),
        cmocka_unit_test(plain_numbers_resolve_as_yaml_1_1),
        cmocka_unit_test(quoted_and_block_scalars_are_always_texts),
        cmocka_unit_test(keys_that_are_no_texts_become_their_text),
        cmocka_unit_test(members_keep_the_order_of_the_text),
        cmocka_unit_test(empty_documents_are_left_out),
        cmocka_unit_test(refused_input_is_named_with_its_place),
        cmocka_unit_test(depth_is_counted_while_events_arrive),
        cmocka_unit_test(members_and_documents_are_limited),
        cmocka_unit_test(every_node_knows_where_it_began),
        cmocka_unit_test(no_cut_text_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
