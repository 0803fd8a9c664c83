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

static void assert_prints(const struct json *value, const char *expected)
{
    char *text = json_print_text(value);
    assert_str(str_from(text), expected);
    mem_free(text);
}

static void a_list_is_cut_into_head_and_items(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *head;
        size_t count;
    } rows[] = {
        {"{\"kind\":\"L\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[ {\"a\":1} , 2,"
         "[\"],}\"]]}",
         "{\"kind\":\"L\",\"metadata\":{\"resourceVersion\":\"7\"}}", 3},
        {" { \"items\" : [ ] , \"kind\" : \"L\" } ", "{\"kind\":\"L\"}", 0},
        {"{\"items\":null,\"a\":{\"items\":[1]}}", "{\"a\":{\"items\":[1]}}", 0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json_list list;
        struct errmsg msg = {0};
        assert_err(json_list_split(str_from(rows[i].text), 3, &list, &msg), ERR_NONE);
        assert_prints(list.head, rows[i].head);
        assert_int_equal(list.item_count, rows[i].count);
        if (i == 0) {
            assert_str(list.items[0], "{\"a\":1}");
            assert_str(list.items[1], "2");
            assert_str(list.items[2], "[\"],}\"]");
        }
        json_list_release(&list);
    }
}

/* facts/libraries.md: a value fault condemns only the object that holds it. */
static void a_value_fault_condemns_only_its_item(void **state)
{
    (void)state;
    struct str text = STR("{\"items\":[{\"a\":1},{\"a\":\"\\u0000\"},{\"b\":1,\"b\":2},"
                          "{\"n\":1e999},{\"a\":2}]}");
    static const enum err errs[] = {ERR_NONE, ERR_TYPE, ERR_TYPE, ERR_TYPE, ERR_NONE};
    struct json_list list;
    assert_err(json_list_split(text, 10, &list, NULL), ERR_NONE);
    assert_int_equal(list.item_count, ARRAY_COUNT(errs));
    for (size_t i = 0; i < list.item_count; i++) {
        struct json *item = NULL;
        assert_err(json_parse(list.items[i], NULL, &item, NULL), errs[i]);
        json_free(item);
    }
    json_list_release(&list);
}

/* The same for an item that is too deep or too wide. */
static void an_item_beyond_its_limits_condemns_only_itself(void **state)
{
    (void)state;
    char *open = repeat("[", 100);
    char *close = repeat("]", 100);
    char *text = str_format("{\"items\":[%s%s,1]}", open, close);
    struct json_list list;
    struct json *item = NULL;
    assert_err(json_list_split(str_from(text), 10, &list, NULL), ERR_NONE);
    assert_err(json_parse(list.items[0], NULL, &item, NULL), ERR_LIMIT);
    assert_str(list.items[1], "1");
    json_list_release(&list);
    mem_free(text);
    mem_free(open);
    mem_free(close);
}

static void a_broken_list_is_refused_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err err;
    } rows[] = {
        {"", ERR_SYNTAX},
        {"[]", ERR_SYNTAX},
        {"{}", ERR_SYNTAX},
        {"{\"kind\":\"L\"}", ERR_SYNTAX}, /* no items is no empty list */
        {"{\"items\":{}}", ERR_SYNTAX},
        {"{\"items\":[1}", ERR_SYNTAX},
        {"{\"items\":[1,]}", ERR_SYNTAX},
        {"{\"items\":[1]", ERR_SYNTAX},
        {"{\"items\":[1]} x", ERR_SYNTAX},
        {"{\"items\":[],\"items\":[]}", ERR_SYNTAX},
        {"{\"items\":[1,2,3]}", ERR_LIMIT},
        {"{\"items\":[],\"a\":1,\"a\":1}", ERR_TYPE},
        {"{\"items\":[],\"\\u0069tems\":[1]}", ERR_TYPE},
        {"{\"items\":[],\"a\":\"\\u0000\"}", ERR_TYPE},
    };
    size_t blocks = mem_live_blocks();
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json_list list = {0};
        struct errmsg msg = {0};
        assert_err(json_list_split(str_from(rows[i].text), 2, &list, &msg), rows[i].err);
        assert_true(msg.text[0] != '\0');
        assert_null(list.items);
    }
    assert_int_equal(mem_live_blocks(), blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_cut_into_head_and_items),
        cmocka_unit_test(a_value_fault_condemns_only_its_item),
        cmocka_unit_test(an_item_beyond_its_limits_condemns_only_itself),
        cmocka_unit_test(a_broken_list_is_refused_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
