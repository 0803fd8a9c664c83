#include "tests/testlib/test.h"

#include "controller/base/mem.h"

/* Repeats `text` into an owned, terminated text. */
static char *repeat(const char *text, size_t count)
{
    struct buf buf;
    buf_init(&buf, SIZE_MAX / 2);
    for (size_t i = 0; i < count; i++)
        buf_append_text(&buf, text);
    return buf_steal(&buf);
}

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    struct errmsg msg = {0};
    enum err err = json_parse(str_from(text), NULL, &value, &msg);
    if (err != ERR_NONE)
        print_error("%s: %s\n", text, msg.text);
    assert_err(err, ERR_NONE);
    return value;
}

static void assert_prints(const struct json *value, const char *expected)
{
    char *text = json_print_text(value);
    assert_str(str_from(text), expected);
    mem_free(text);
}

struct refused_row {
    struct str text;
    enum err err;
    const char *msg;
};

static void assert_refused(const struct refused_row *rows, size_t count)
{
    size_t blocks = mem_live_blocks();
    for (size_t i = 0; i < count; i++) {
        struct json *value = NULL;
        struct errmsg msg = {0};
        assert_err(json_parse(rows[i].text, NULL, &value, &msg), rows[i].err);
        assert_str(str_from(msg.text), rows[i].msg);
        assert_null(value);
        assert_err(json_parse(rows[i].text, NULL, &value, NULL), rows[i].err);
    }
    assert_int_equal(mem_live_blocks(), blocks);
}

/* facts/libraries.md, first table, in its order: what cJSON alone would accept. */
static void parse_refuses_what_the_library_lets_pass(void **state)
{
    (void)state;
    static const struct refused_row rows[] = {
        {STR_INIT("{\"a\":1} xyz"), ERR_SYNTAX,
         "line 1 column 9: found 'x', expected nothing after the value"},
        {STR_INIT("{\"a\":1,\n\"a\":2}"), ERR_TYPE,
         "line 2 column 1: found the key \"a\" again, expected each key once"},
        {STR_INIT("\"x\\u0000y\""), ERR_TYPE,
         "line 1 column 3: found \\u0000, expected a text without NUL"},
        {STR_INIT("1e999"), ERR_TYPE,
         "line 1 column 1: found a number beyond double, expected a smaller number"},
        {STR_INIT("01"), ERR_SYNTAX,
         "line 1 column 2: found '1', expected nothing after the value"},
        {STR_INIT("\"\xff\""), ERR_SYNTAX,
         "line 1 column 2: found byte 0xff, expected valid UTF-8"},
        {STR_INIT("\"a\tb\""), ERR_SYNTAX,
         "line 1 column 3: found byte 0x09, expected no control characters in a string"},
        {STR_INIT("\xef\xbb\xbf{}"), ERR_SYNTAX,
         "line 1 column 1: found byte 0xef, expected a JSON value"},
    };
    assert_refused(rows, ARRAY_COUNT(rows));
}

/* facts/libraries.md: nesting, our limit 64, before parsing. */
static void nesting_is_limited_before_the_tree_is_built(void **state)
{
    (void)state;
    static const size_t depths[] = {64, 65, 1000, 100000};
    for (size_t i = 0; i < ARRAY_COUNT(depths); i++) {
        char *open = repeat("[", depths[i]);
        char *close = repeat("]", depths[i]);
        char *text = str_format("%s%s", open, close);
        struct json *value = NULL;
        assert_err(json_parse(str_from(text), NULL, &value, NULL),
                   depths[i] <= 64 ? ERR_NONE : ERR_LIMIT);
        json_free(value);
        mem_free(text);
        mem_free(open);
        mem_free(close);
    }
}

/* facts/libraries.md: cJSON_GetObjectItem finds `Status` for `status`. */
static void members_are_found_with_their_case_only(void **state)
{
    (void)state;
    struct json *value = parse("{\"Status\":1,\"status\":2}");
    assert_prints(json_get(value, "status"), "2");
    assert_null(json_get(value, "STATUS"));
    assert_null(json_get_str(value, STR("stat")));
    json_free(value);
}

/* facts/libraries.md: cap members per object. */
static void members_per_object_are_limited(void **state)
{
    (void)state;
    for (unsigned count = 1023; count <= 1025; count++) {
        struct buf text;
        struct json *value = NULL;
        buf_init(&text, 1 << 20);
        for (unsigned i = 0; i < count; i++)
            buf_printf(&text, "%c\"k%u\":{}", i == 0 ? '{' : ',', i);
        buf_append_char(&text, '}');
        assert_err(json_parse(buf_str(&text), NULL, &value, NULL),
                   count <= 1024 ? ERR_NONE : ERR_LIMIT);
        assert_int_equal(json_count(value), count <= 1024 ? count : 0);
        json_free(value);
        buf_release(&text);
    }
}

static void limits_of_the_caller_are_held(void **state)
{
    (void)state;
    static const struct json_limits limits = {.bytes_max = 20, .depth_max = 1, .members_max = 2};
    struct json *value = NULL;
    assert_err(json_parse(STR("{\"a\":{}}"), &limits, &value, NULL), ERR_LIMIT);
    assert_err(json_parse(STR("{\"a\":1,\"b\":2,\"c\":3}"), &limits, &value, NULL), ERR_LIMIT);
    assert_err(json_parse(STR("[                    ]"), &limits, &value, NULL), ERR_LIMIT);
    assert_null(value);
    assert_err(json_parse(STR("{\"a\":1,\"b\":2}"), &limits, &value, NULL), ERR_NONE);
    json_free(value);
}

/* RFC 8259 */
static void syntax_errors_name_place_and_expectation(void **state)
{
    (void)state;
    static const struct refused_row rows[] = {
        {STR_INIT(""), ERR_SYNTAX,
         "line 1 column 1: found the end of the text, expected a JSON value"},
        {STR_INIT("[1,]"), ERR_SYNTAX, "line 1 column 4: found ']', expected a JSON value"},
        {STR_INIT("{\"a\":1,}"), ERR_SYNTAX, "line 1 column 8: found '}', expected a string"},
        {STR_INIT("{\"a\" 1}"), ERR_SYNTAX, "line 1 column 6: found '1', expected ':'"},
        {STR_INIT("{\n \"a\": 1\n \"b\": 2}"), ERR_SYNTAX,
         "line 3 column 2: found '\"', expected ',' or '}'"},
        {STR_INIT("[1}"), ERR_SYNTAX, "line 1 column 3: found '}', expected ',' or ']'"},
        {STR_INIT("{1:2}"), ERR_SYNTAX, "line 1 column 2: found '1', expected a string"},
        {STR_INIT("tru"), ERR_SYNTAX, "line 1 column 1: found 't', expected a JSON value"},
        {STR_INIT("NaN"), ERR_SYNTAX, "line 1 column 1: found 'N', expected a JSON value"},
        {STR_INIT("-"), ERR_SYNTAX,
         "line 1 column 2: found the end of the text, expected a digit"},
        {STR_INIT("1."), ERR_SYNTAX,
         "line 1 column 3: found the end of the text, expected a digit"},
        {STR_INIT("1e+"), ERR_SYNTAX,
         "line 1 column 4: found the end of the text, expected a digit"},
        {STR_INIT("+1"), ERR_SYNTAX, "line 1 column 1: found '+', expected a JSON value"},
        {STR_INIT(".5"), ERR_SYNTAX, "line 1 column 1: found '.', expected a JSON value"},
        {STR_INIT("\"a"), ERR_SYNTAX,
         "line 1 column 3: found the end of the text, expected the string's closing quote"},
        {STR_INIT("\"\\x\""), ERR_SYNTAX,
         "line 1 column 3: found 'x', expected an escape such as \\n"},
        {STR_INIT("\"\\u12g4\""), ERR_SYNTAX,
         "line 1 column 6: found 'g', expected a hexadecimal digit"},
        {STR_INIT("'a'"), ERR_SYNTAX, "line 1 column 1: found ''', expected a JSON value"},
        {STR_INIT("[1] // x"), ERR_SYNTAX,
         "line 1 column 5: found '/', expected nothing after the value"},
        {STR_INIT("\"a\0b\""), ERR_SYNTAX,
         "line 1 column 3: found byte 0x00, expected no control characters in a string"},
        {STR_INIT("{}\0"), ERR_SYNTAX,
         "line 1 column 3: found byte 0x00, expected nothing after the value"},
        {STR_INIT("\f1"), ERR_SYNTAX, "line 1 column 1: found byte 0x0c, expected a JSON value"},
        /* A structural fault goes before a value fault that stands earlier. */
        {STR_INIT("[1e999,]"), ERR_SYNTAX, "line 1 column 8: found ']', expected a JSON value"},
        {STR_INIT("\"\\ud83dx\""), ERR_TYPE,
         "line 1 column 2: found half a surrogate pair, expected a Unicode character"},
        {STR_INIT("\"\\ud83d\\u0041\""), ERR_TYPE,
         "line 1 column 2: found half a surrogate pair, expected a Unicode character"},
        {STR_INIT("1234567890123456789012345678901234567890123456789012345678901234"), ERR_TYPE,
         "line 1 column 1: found an overlong number, expected a number of at most 63 characters"},
        {STR_INIT("0.0000000000000000000000000000000000000000000000000000000000001e5"),
         ERR_TYPE,
         "line 1 column 1: found an overlong number, expected a number of at most 63 characters"},
    };
    assert_refused(rows, ARRAY_COUNT(rows));
}

/* Decoded keys count: "\u0061" is "a". Small objects and large ones look differently. */
static void duplicate_keys_are_found_in_objects_of_any_size(void **state)
{
    (void)state;
    for (unsigned count = 1; count < 60; count += 7) {
        struct buf text;
        struct json *value = NULL;
        struct errmsg msg;
        buf_init(&text, 1 << 20);
        buf_append_text(&text, "[{\"z\":{\"k0\":1}},{");
        for (unsigned i = 0; i < count; i++)
            buf_printf(&text, "\"k%u\":1,", i);
        size_t column = text.len + 1;
        buf_append_text(&text, "\"\\u006b0\":2}]");
        char *expected = str_format(
            "line 1 column %zu: found the key \"k0\" again, expected each key once", column);
        assert_err(json_parse(buf_str(&text), NULL, &value, &msg), ERR_TYPE);
        assert_str(str_from(msg.text), expected);
        mem_free(expected);
        buf_release(&text);
    }
}

/* Every order of three keys of which two are the same, and of four that are not. */
static void duplicate_keys_are_found_in_any_order(void **state)
{
    static const char *const repeated[] = {"aab", "aba", "baa", "bba", "bab", "abb", "cacb", "abcb",
                                           "bcab", "cbac", "abca", "dacbd", "cabda"};
    static const char *const distinct[] = {"abcd", "dcba", "cadb", "bdac", "acbd", "dbca"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(repeated) + ARRAY_COUNT(distinct); i++) {
        bool is_good = i >= ARRAY_COUNT(repeated);
        const char *keys = is_good ? distinct[i - ARRAY_COUNT(repeated)] : repeated[i];
        struct buf text;
        struct json *value = NULL;
        buf_init(&text, 1000);
        for (const char *key = keys; *key != '\0'; key++)
            buf_printf(&text, "%s\"%c\":{\"b\":1,\"a\":2}", key == keys ? "{" : ",", *key);
        buf_append_char(&text, '}');
        assert_err(json_parse(buf_str(&text), NULL, &value, NULL), is_good ? ERR_NONE : ERR_TYPE);
        json_free(value);
        buf_release(&text);
    }
}

static void last_wins_reports_each_path_once_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *value;
        const char *paths;
    } rows[] = {
        {"{\"a\":1}", "{\"a\":1}", "[]"},
        {"{\"a\":1,\"b\":0,\"a\":2}", "{\"b\":0,\"a\":2}", "[\"a\"]"},
        {"{\"a\":1,\"a\":2,\"a\":3}", "{\"a\":3}", "[\"a\"]"},
        {"{\"spec\":{\"paused\":true,\"paused\":false},\"x\":[{},{\"y\":1,\"y\":2}]}",
         "{\"spec\":{\"paused\":false},\"x\":[{},{\"y\":2}]}", "[\"spec.paused\",\"x[1].y\"]"},
        /* Also within what a later member hides. */
        {"{\"a\":{\"b\":1,\"b\":2},\"a\":{\"b\":3,\"b\":4}}", "{\"a\":{\"b\":4}}",
         "[\"a.b\",\"a\"]"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *value = NULL;
        struct json *paths = NULL;
        assert_err(json_parse_last_wins(str_from(rows[i].text), NULL, &value, &paths, NULL),
                   ERR_NONE);
        assert_prints(value, rows[i].value);
        assert_prints(paths, rows[i].paths);
        json_free(value);
        json_free(paths);
        assert_err(json_parse_last_wins(str_from(rows[i].text), NULL, &value, NULL, NULL),
                   ERR_NONE);
        json_free(value);
    }
    struct json *value = NULL;
    assert_err(json_parse_last_wins(STR("{\"a\":1e999}"), NULL, &value, NULL, NULL), ERR_TYPE);
    assert_null(value);
}

/* Go: encoding/json, strconv 'f' or 'e' with the shortest digits; a negative exponent of one
 * digit loses its leading zero. */
static void numbers_print_as_go_prints_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *printed;
    } rows[] = {
        {"0", "0"}, {"-0", "0"}, {"2.0", "2"}, {"1e3", "1000"}, {"-12", "-12"},
        {"9007199254740992", "9007199254740992"}, {"-9007199254740992", "-9007199254740992"},
        {"0.1", "0.1"}, {"1.5", "1.5"}, {"-2.50", "-2.5"}, {"100.25", "100.25"},
        {"0.30000000000000004", "0.30000000000000004"}, {"1e20", "100000000000000000000"},
        {"123456789012345680000.0", "123456789012345680000"}, {"1e21", "1e+21"},
        {"1.5e300", "1.5e+300"}, {"0.000001", "0.000001"}, {"0.0000012", "0.0000012"},
        {"0.0000001", "1e-7"}, {"-1.25e-7", "-1.25e-7"}, {"5e-324", "5e-324"},
        {"1e-310", "1e-310"}, {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"2.2250738585072014e-308", "2.2250738585072014e-308"}, {"1E30", "1e+30"},
        {"4.35", "4.35"}, {"7.2911220195563975e-304", "7.291122019556398e-304"}, /* 2^-1008 */
        {"9.5367431640625e-7", "9.5367431640625e-7"},
        /* Integers are exact as far as int64 goes; beyond it they are doubles, as in Go. */
        {"9007199254740993", "9007199254740993"}, {"-9007199254740993", "-9007199254740993"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "9223372036854776000"},
        {"9223372036854775809", "9223372036854776000"},
        {"179769313486231570000", "179769313486231570000"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *value = NULL;
        assert_err(json_parse(str_from(rows[i].text), NULL, &value, NULL), ERR_NONE);
        assert_prints(value, rows[i].printed);
        json_free(value);
    }
}

static void integers_are_told_from_other_numbers(void **state)
{
    (void)state;
    struct json *value = parse("[2.0,1.5,\"1\",9007199254740992,1e300,true,-3,"
                               "-9223372036854775808,9223372036854775808]");
    static const bool integer[] = {true, false, false, true, false, false, true, true, false};
    static const int64_t values[] = {2, 0, 0, INT64_C(1) << 53, 0, 0, -3, INT64_MIN, 0};
    size_t index = 0;
    JSON_EACH (item, value) {
        int64_t read = 0;
        assert_int_equal(json_int_of(item, &read), integer[index]);
        assert_true(read == values[index++]);
    }
    assert_int_equal(index, ARRAY_COUNT(integer));
    json_free(value);
}

/* Go: encoding/json with HTML escaping. */
static void strings_print_escaped_as_go_escapes_them(void **state)
{
    (void)state;
    struct json *value = json_string(STR("<a href=\"x\">&\\/\b\f\n\r\t\x01\x1f\x7f \xc3\xa9"
                                         "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac"));
    const char *printed = "\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\\\/\\b\\f\\n\\r\\t\\u0001"
                          "\\u001f\x7f \xc3\xa9\xe2\x80\xa7\\u2028\\u2029\xe2\x82\xac\"";
    assert_prints(value, printed);
    struct json *again = parse(printed);
    assert_true(json_equal(value, again));
    json_free(again);
    json_free(value);
    struct json *escaped = parse("\"\\u00e9\\ud83d\\ude00\\/\\b\"");
    assert_str(json_string_of(escaped), "\xc3\xa9\xf0\x9f\x98\x80/\b");
    json_free(escaped);
}

static void documents_print_in_their_own_order(void **state)
{
    (void)state;
    const char *text = "{\"b\":[1,{},[],null,true,false,\"x\"],\"a\":{\"d\":1,\"c\":{}}}";
    struct json *value = parse(text);
    struct buf pretty;
    assert_prints(value, text);
    json_remove(value, "b");
    json_set(value, "l", json_array());
    json_append(json_get(value, "l"), json_int(1));
    json_append(json_get(value, "l"), json_array());
    buf_init(&pretty, 1000);
    json_print_pretty(value, &pretty);
    assert_str(buf_str(&pretty), "{\n  \"a\": {\n    \"d\": 1,\n    \"c\": {}\n  },\n"
                                 "  \"l\": [\n    1,\n    []\n  ]\n}\n");
    buf_release(&pretty);
    json_free(value);
}

static void getters_bear_absent_values(void **state)
{
    (void)state;
    int64_t integer = 7;
    assert_int_equal(json_type(NULL), JSON_NULL);
    assert_false(json_is(NULL, JSON_NULL));
    assert_int_equal(json_count(NULL), 0);
    assert_null(json_first(NULL));
    assert_null(json_next(NULL));
    assert_null(json_key(NULL).data);
    assert_null(json_get(NULL, "a"));
    assert_null(json_get_str(NULL, STR("a")));
    assert_null(json_item(NULL, 0));
    assert_null(json_at(NULL, "a.b"));
    assert_null(json_string_of(NULL).data);
    assert_false(json_bool_of(NULL));
    assert_false(json_int_of(NULL, &integer));
    assert_int_equal(integer, 7);
    assert_true(json_double_of(NULL) <= 0 && json_double_of(NULL) >= 0);
    assert_null(json_text_at(NULL, "a").data);
    assert_null(json_clone(NULL));
    assert_true(json_equal(NULL, NULL));
    json_free(NULL);
}

static void paths_lead_through_objects_only(void **state)
{
    (void)state;
    struct json *value = parse("{\"a\":{\"b\":{\"c\":\"x\"},\"n\":null},\"l\":[{\"a\":1}]}");
    assert_str(json_text_at(value, "a.b.c"), "x");
    assert_prints(json_at(value, "a.b"), "{\"c\":\"x\"}");
    assert_true(json_is(json_at(value, "a.n"), JSON_NULL));
    assert_null(json_at(value, "a.b.c.d"));
    assert_null(json_at(value, "a.x"));
    assert_null(json_at(value, "l.a"));
    assert_null(json_at(value, ""));
    assert_null(json_text_at(value, "a.b").data);
    assert_prints(json_item(json_get(value, "l"), 0), "{\"a\":1}");
    assert_null(json_item(json_get(value, "l"), 1));
    json_free(value);
}

static void members_are_set_replaced_and_removed_in_place(void **state)
{
    (void)state;
    struct json *value = json_object();
    json_set(value, "a", json_int(1));
    json_set(value, "b", json_text("x"));
    json_set_str(value, str_slice(STR("cd"), 0, 1), json_bool(true));
    json_set(value, "a", json_null());
    assert_prints(value, "{\"a\":null,\"b\":\"x\",\"c\":true}");
    json_remove(value, "c");
    json_set(value, "d", json_double(0.5)); /* behind the new last one */
    json_remove(value, "a");
    json_remove_str(value, STR("absent"));
    assert_prints(value, "{\"b\":\"x\",\"d\":0.5}");
    struct json *moved = json_detach(value, json_get(value, "b"));
    assert_prints(value, "{\"d\":0.5}");
    json_set(value, "e", moved);
    json_replace(value, json_get(value, "d"), json_int(9));
    assert_prints(value, "{\"d\":9,\"e\":\"x\"}");
    json_remove(value, "d");
    json_remove(value, "e");
    json_set(value, "f", json_array());
    assert_prints(value, "{\"f\":[]}");
    json_free(value);
}

/* The tail that appending relies on survives every kind of change. */
static void arrays_keep_their_order_through_every_change(void **state)
{
    (void)state;
    struct json *array = json_array();
    json_insert(array, 0, json_int(2));
    json_insert(array, 0, json_int(0));
    json_insert(array, 1, json_int(1));
    json_insert(array, 99, json_int(3));
    json_append(array, json_int(4));
    assert_prints(array, "[0,1,2,3,4]");
    json_free(json_detach(array, json_item(array, 4)));
    json_append(array, json_int(5));
    json_free(json_detach(array, json_first(array)));
    json_append(array, json_int(6));
    json_replace(array, json_item(array, 4), json_int(7));
    json_append(array, json_int(8));
    json_replace(array, json_first(array), json_int(9));
    json_append(array, json_int(10));
    json_free(json_detach(array, json_item(array, 2)));
    assert_prints(array, "[9,2,5,7,8,10]");
    while (json_first(array) != NULL)
        json_free(json_detach(array, json_first(array)));
    json_append(array, json_int(1));
    json_append(array, json_int(2));
    assert_prints(array, "[1,2]");
    json_free(array);
}

static void a_member_that_becomes_an_item_loses_its_name(void **state)
{
    (void)state;
    struct json *object = parse("{\"a\":1}");
    struct json *array = json_array();
    json_append(array, json_detach(object, json_get(object, "a")));
    assert_null(json_key(json_first(array)).data);
    json_set(object, "list", array);
    assert_prints(object, "{\"list\":[1]}");
    json_free(object);
}

static void clones_are_independent_and_can_grow(void **state)
{
    (void)state;
    struct json *value = parse("{\"a\":[1,{\"b\":\"x\"}],\"c\":1.5,\"d\":null,\"e\":false}");
    struct json *clone = json_clone(value);
    assert_true(json_equal(value, clone));
    json_append(json_get(clone, "a"), json_int(2));
    json_set(clone, "f", json_int(1));
    assert_false(json_equal(value, clone));
    assert_prints(value, "{\"a\":[1,{\"b\":\"x\"}],\"c\":1.5,\"d\":null,\"e\":false}");
    assert_prints(clone, "{\"a\":[1,{\"b\":\"x\"},2],\"c\":1.5,\"d\":null,\"e\":false,\"f\":1}");
    json_free(value);
    json_free(clone);
}

/* What a clone shares with its origin is parted from by whoever changes it, at any depth. */
static void a_change_is_seen_in_the_changed_tree_alone(void **state)
{
    (void)state;
    static const char text[] = "{\"c\":{\"b\":{\"a\":[1,{\"x\":1}]}},\"l\":[{\"k\":[]}],\"n\":1}";
    size_t blocks = mem_live_blocks();
    struct json *origin = parse(text);
    struct json *first = json_clone(origin);
    struct json *second = json_clone(first);
    json_set(json_item(json_at(first, "c.b.a"), 1), "x", json_int(2));
    json_append(json_get(json_item(json_get(second, "l"), 0), "k"), json_null());
    json_remove(origin, "n");
    json_replace(json_get(origin, "c"), json_at(origin, "c.b"), json_bool(true));
    assert_prints(origin, "{\"c\":{\"b\":true},\"l\":[{\"k\":[]}]}");
    assert_prints(first, "{\"c\":{\"b\":{\"a\":[1,{\"x\":2}]}},\"l\":[{\"k\":[]}],\"n\":1}");
    assert_prints(second, "{\"c\":{\"b\":{\"a\":[1,{\"x\":1}]}},\"l\":[{\"k\":[null]}],\"n\":1}");
    json_free(first);
    struct json *inner = json_clone(json_at(second, "c.b"));
    json_free(second);
    json_free(json_detach(json_get(inner, "a"), json_item(json_get(inner, "a"), 0)));
    json_set(origin, "inner", inner); /* a tree within another */
    assert_prints(origin, "{\"c\":{\"b\":true},\"l\":[{\"k\":[]}],\"inner\":{\"a\":[{\"x\":1}]}}");
    json_set(origin, "self", json_clone(origin));
    json_sort(origin);
    assert_prints(json_at(origin, "self.l"), "[{\"k\":[]}]");
    json_free(origin);
    assert_int_equal(mem_live_blocks(), blocks);
}

/* A clone that shares an empty list, and an item that was found before the list was shared. */
static void items_found_before_cloning_still_name_their_place(void **state)
{
    (void)state;
    struct json *value = parse("{\"l\":[1],\"m\":[1,2,3]}");
    json_free(json_detach(json_get(value, "l"), json_item(json_get(value, "l"), 0)));
    const struct json *two = json_item(json_get((const struct json *)value, "m"), 1);
    struct json *clone = json_clone(value);
    assert_null(json_first(json_get(clone, "l")));
    json_append(json_get(clone, "l"), json_int(9));
    json_replace(json_get(clone, "m"), two, json_int(7));
    json_free(json_detach(json_get(value, "m"), two));
    assert_prints(value, "{\"l\":[],\"m\":[1,3]}");
    assert_prints(clone, "{\"l\":[9],\"m\":[1,7,3]}");
    json_free(value);
    json_free(clone);
}

static void sorting_orders_members_at_every_level_bytewise(void **state)
{
    (void)state;
    struct json *value = parse("{\"b\":{\"z\":1,\"y\":[{\"d\":1,\"c\":2}]},\"B\":1,\"a\":2,"
                               "\"\xc3\xa9\":3,\"aa\":4}");
    json_sort(value);
    assert_prints(value, "{\"B\":1,\"a\":2,\"aa\":4,\"b\":{\"y\":[{\"c\":2,\"d\":1}],\"z\":1},"
                         "\"\xc3\xa9\":3}");
    json_set(value, "end", json_null());
    assert_prints(json_item(json_get(value, "b"), 0), "null");
    assert_int_equal(json_count(value), 6);
    json_free(value);
}

static void sorting_many_members_keeps_all_of_them(void **state)
{
    (void)state;
    struct json *value = json_object();
    for (unsigned i = 0; i < 1000; i++) {
        char *key = str_format("k%03u", i * 617 % 1000);
        json_set(value, key, json_int(i));
        mem_free(key);
    }
    json_sort(value);
    unsigned index = 0;
    JSON_EACH (item, value) {
        char *key = str_format("k%03u", index++);
        assert_str(json_key(item), key);
        mem_free(key);
    }
    assert_int_equal(index, 1000);
    json_free(value);
}

static void equality_ignores_order_of_members_only(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } rows[] = {
        {"{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1.0}", true},
        {"{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3,\"a\":1,\"b\":2}", true},
        {"[1,2]", "[2,1]", false},
        {"[1]", "[1,2]", false},
        {"[1,2]", "[1]", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1}", false},
        {"{\"a\":null}", "{\"b\":null}", false},
        {"\"1\"", "1", false},
        {"null", "false", false},
        {"true", "false", false},
        {"{}", "[]", false},
        {"\"a\"", "\"a\"", true},
        {"0.1", "0.10000000000000001", true},
        {"9007199254740992", "9007199254740993", false},
        {"9007199254740993", "9007199254740993", true},
        {"9223372036854775808", "9.223372036854775808e18", true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *a = parse(rows[i].a);
        struct json *b = parse(rows[i].b);
        assert_int_equal(json_equal(a, b), rows[i].equal);
        assert_int_equal(json_equal(b, a), rows[i].equal);
        assert_false(json_equal(a, NULL));
        json_free(a);
        json_free(b);
    }
}

/* H1 */
static void memory_returns_to_its_baseline_after_parse_and_free(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    struct json *value CLEANUP(json_free_pointer) = parse("{\"a\":[1,\"x\",{\"b\":null}]}");
    assert_true(mem_live_blocks() > blocks);
    char *text = json_print_text(value);
    struct json *again = parse(text);
    mem_free(text);
    json_free(again);
    json_free(value);
    value = NULL;
    assert_int_equal(mem_live_blocks(), blocks);
}

/* Every prefix and every changed byte of a text with all kinds of tokens: whatever is
 * accepted prints and reads back as itself. */
static void no_cut_or_changed_text_is_read_wrongly(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,-2.5e-3,true,false,null,\"\\u00e9\\ud83d\\ude00\\n\xc3"
                               "\xa9\"],\"b\":{\"c\":\"\",\"d\":[]}}";
    size_t blocks = mem_live_blocks();
    for (size_t cut = 0; cut < sizeof(text) - 1; cut++) {
        struct json *value = NULL;
        assert_err(json_parse((struct str){text, cut}, NULL, &value, NULL), ERR_SYNTAX);
    }
    for (size_t at = 0; at < sizeof(text) - 1; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char *changed = str_dup((struct str){text, sizeof(text) - 1});
            struct json *value = NULL;
            changed[at] = (char)byte;
            struct str bytes = {changed, sizeof(text) - 1};
            if (json_parse(bytes, NULL, &value, NULL) == ERR_NONE) {
                char *printed = json_print_text(value);
                struct json *again = parse(printed);
                assert_true(json_equal(value, again));
                json_free(again);
                mem_free(printed);
            }
            json_free(value);
            mem_free(changed);
        }
    }
    assert_int_equal(mem_live_blocks(), blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_refuses_what_the_library_lets_pass),
        cmocka_unit_test(nesting_is_limited_before_the_tree_is_built),
        cmocka_unit_test(members_are_found_with_their_case_only),
        cmocka_unit_test(members_per_object_are_limited),
        cmocka_unit_test(limits_of_the_caller_are_held),
        cmocka_unit_test(syntax_errors_name_place_and_expectation),
        cmocka_unit_test(duplicate_keys_are_found_in_objects_of_any_size),
        cmocka_unit_test(duplicate_keys_are_found_in_any_order),
        cmocka_unit_test(last_wins_reports_each_path_once_in_order),
        cmocka_unit_test(numbers_print_as_go_prints_them),
        cmocka_unit_test(integers_are_told_from_other_numbers),
        cmocka_unit_test(strings_print_escaped_as_go_escapes_them),
        cmocka_unit_test(documents_print_in_their_own_order),
        cmocka_unit_test(getters_bear_absent_values),
        cmocka_unit_test(paths_lead_through_objects_only),
        cmocka_unit_test(members_are_set_replaced_and_removed_in_place),
        cmocka_unit_test(arrays_keep_their_order_through_every_change),
        cmocka_unit_test(a_member_that_becomes_an_item_loses_its_name),
        cmocka_unit_test(clones_are_independent_and_can_grow),
        cmocka_unit_test(a_change_is_seen_in_the_changed_tree_alone),
        cmocka_unit_test(items_found_before_cloning_still_name_their_place),
        cmocka_unit_test(sorting_orders_members_at_every_level_bytewise),
        cmocka_unit_test(sorting_many_members_keeps_all_of_them),
        cmocka_unit_test(equality_ignores_order_of_members_only),
        cmocka_unit_test(memory_returns_to_its_baseline_after_parse_and_free),
        cmocka_unit_test(no_cut_or_changed_text_is_read_wrongly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
