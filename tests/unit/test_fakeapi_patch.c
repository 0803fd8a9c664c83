#include "fakeapi/base64.h"
#include "fakeapi/decode.h"
#include "fakeapi/json_patch.h"
#include "fakeapi/json_text.h"
#include "fakeapi/merge_patch.h"
#include "tests/testlib/server.h"

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    assert_err(json_parse(str_from(text), NULL, &value, NULL), ERR_NONE);
    return value;
}

/* The examples of RFC 7386, appendix A, whose target is an object. */
static void merge_patch_follows_its_rfc(void **state)
{
    (void)state;
    static const struct {
        const char *target, *patch, *result;
    } rows[] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"{\"e\":null}", "{\"a\":1}", "{\"a\":1,\"e\":null}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
        {"{\"a\":1}", "{\"a\":{\"b\":null,\"c\":2}}", "{\"a\":{\"c\":2}}"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *target = parse(rows[i].target);
        struct json *patch = parse(rows[i].patch);
        merge_patch_apply(target, patch);
        assert_json(target, rows[i].result);
        json_free(target);
        json_free(patch);
    }
}

/* RFC 6902 and what is recorded in patch/05 and patch/06; NULL: it cannot be applied. */
static const struct patch_row {
    const char *document, *patch, *result;
} patch_rows[] = {
    {"{}", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":1}]", "{\"a\":1}"},
    {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":2}]", "{\"a\":2}"},
    {"{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/-\",\"value\":2}]", "{\"a\":[1,2]}"},
    {"{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/1\",\"value\":2}]", "{\"a\":[1,2]}"},
    {"{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/2\",\"value\":2}]", NULL},
    {"{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/0\",\"value\":2}]", "{\"a\":[2,1]}"},
    {"{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/-1\",\"value\":2}]", "{\"a\":[1,2]}"},
    {"{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/-2\",\"value\":2}]", "{\"a\":[2,1]}"},
    {"{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/-3\",\"value\":2}]", NULL},
    {"{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/x\",\"value\":2}]", NULL},
    {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a/x\",\"value\":2}]", NULL},
    {"{}", "[{\"op\":\"add\",\"path\":\"/a/b\",\"value\":2}]", NULL},
    {"{}", "[{\"op\":\"add\",\"path\":\"a\",\"value\":2}]", NULL},
    {"{}", "[{\"op\":\"add\",\"path\":\"/a\"}]", "{\"a\":null}"},
    {"{}", "[{\"op\":\"add\",\"value\":2}]", NULL},
    {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"\",\"value\":{\"b\":2}}]", "{\"b\":2}"},
    {"{\"a/b\":1,\"c~d\":2}",
     "[{\"op\":\"remove\",\"path\":\"/a~1b\"},{\"op\":\"remove\",\"path\":\"/c~0d\"}]", "{}"},
    {"{\"a\":[1,2,3]}", "[{\"op\":\"remove\",\"path\":\"/a/1\"}]", "{\"a\":[1,3]}"},
    {"{\"a\":[1,2,3]}", "[{\"op\":\"remove\",\"path\":\"/a/-1\"}]", "{\"a\":[1,2]}"},
    {"{\"a\":[1]}", "[{\"op\":\"remove\",\"path\":\"/a/-\"}]", NULL},
    {"{}", "[{\"op\":\"remove\",\"path\":\"/a\"}]", NULL},
    {"{\"a\":1}", "[{\"op\":\"remove\",\"path\":\"\"}]", NULL},
    {"{}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]", "{\"a\":1}"},
    {"{\"a\":[1]}", "[{\"op\":\"replace\",\"path\":\"/a/0\",\"value\":9}]", "{\"a\":[9]}"},
    {"{\"a\":[1]}", "[{\"op\":\"replace\",\"path\":\"/a/1\",\"value\":9}]", NULL},
    {"{\"a\":[1,2,3]}", "[{\"op\":\"move\",\"from\":\"/a/0\",\"path\":\"/a/2\"}]",
     "{\"a\":[2,3,1]}"},
    {"{\"a\":{\"b\":1}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]", NULL},
    {"{}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/b\"}]", NULL},
    {"{\"a\":1}", "[{\"op\":\"move\",\"path\":\"/b\"}]", NULL},
    {"{\"a\":1}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]", "{\"a\":1,\"b\":1}"},
    {"{}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]", "{\"b\":null}"},
    {"{\"a\":{\"b\":1}}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":{\"b\":1}}]",
     "{\"a\":{\"b\":1}}"},
    {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]", NULL},
    {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":1.0}]", NULL},
    {"{\"a\":[1]}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":[1e0]}]", NULL},
    {"{\"a\":\"1.0\"}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":\"1.0\"}]", "{\"a\":\"1.0\"}"},
    {"{}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":null}]", "{}"},
    {"{}", "[{\"op\":\"test\",\"path\":\"/a/b\",\"value\":null}]", NULL},
    {"{}", "[{\"op\":\"frob\",\"path\":\"/a\",\"value\":1}]", NULL},
    {"{}", "[{\"path\":\"/a\",\"value\":1}]", NULL},
    {"{}", "[{\"op\":\"add\",\"path\":7,\"value\":1}]", NULL},
    {"{}", "[]", "{}"},
};

static void json_patch_follows_its_rfc_and_its_library(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(patch_rows); i++) {
        const struct patch_row *row = &patch_rows[i];
        struct json *document = parse(row->document);
        struct json *patch = parse(row->patch);
        bool applied = json_patch_apply(&document, patch, str_from(row->patch));
        if (applied != (row->result != NULL))
            print_error("%s with %s\n", row->document, row->patch);
        assert_int_equal(applied, row->result != NULL);
        if (applied)
            assert_json(document, row->result);
        json_free(document);
        json_free(patch);
    }
}

static void copies_that_add_up_too_high_are_refused(void **state)
{
    (void)state;
    struct buf patch;
    buf_init(&patch, 8u << 20);
    buf_append_text(&patch, "[{\"op\":\"add\",\"path\":\"/a\",\"value\":\"");
    for (int i = 0; i < 100000; i++)
        buf_append_text(&patch, "0123456789");
    buf_append_text(&patch, "\"}");
    for (int i = 0; i < 4; i++)
        buf_append_text(&patch, ",{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}");
    buf_append_text(&patch, "]");
    struct json *document = json_object();
    struct json *operations = parse(patch.data);
    assert_false(json_patch_apply(&document, operations, buf_str(&patch)));
    json_free(document);
    json_free(operations);
    buf_release(&patch);
}

/* "copy" of the document into itself doubles its depth. */
static void copies_that_nest_too_deep_are_refused(void **state)
{
    (void)state;
    struct json *document = parse("{\"a\":{}}");
    struct json *copy = parse("[{\"op\":\"copy\",\"from\":\"\",\"path\":\"/a/b\"}]");
    struct json *replace = parse("[{\"op\":\"add\",\"path\":\"/l\",\"value\":[1]},"
                                 "{\"op\":\"replace\",\"path\":\"/l/0\",\"value\":[[1]]}]");
    unsigned copied = 0;
    while (json_patch_apply(&document, copy, STR("[{}]")))
        copied++;
    assert_in_range(copied, 3, 40);
    assert_true(json_patch_apply(&document, replace, STR("[{},{}]")));
    struct buf text;
    struct json *again = NULL;
    buf_init(&text, 1u << 24);
    json_print(document, &text);
    assert_err(json_parse(buf_str(&text), NULL, &again, NULL), ERR_NONE);
    buf_release(&text);
    json_free(again);
    json_free(document);
    json_free(copy);
    json_free(replace);
}

static void text_of_a_member_is_found_as_written(void **state)
{
    (void)state;
    static const struct {
        const char *object, *name, *text;
    } rows[] = {
        {" { \"a\" : 1.50 , \"b\":[ 1 , {\"a\":2} ] } ", "a", "1.50"},
        {" { \"a\" : 1.50 , \"b\":[ 1 , {\"a\":2} ] } ", "b", "[ 1 , {\"a\":2} ]"},
        {"{\"x\":\"a\\\"\",\"a\":\"}\\\\\"}", "a", "\"}\\\\\""},
        {"{\"a\":1,\"a\":2}", "a", "2"},
        {"{}", "a", ""},
        {"{\"b\":true}", "a", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_str(json_text_member(str_from(rows[i].object), str_from(rows[i].name)),
                   rows[i].text);
    size_t at = json_text_first_item(STR(" [ 1, \"a,]\" ,[2] ] "));
    assert_str(json_text_item(STR(" [ 1, \"a,]\" ,[2] ] "), &at), "1");
    assert_str(json_text_item(STR(" [ 1, \"a,]\" ,[2] ] "), &at), "\"a,]\"");
    assert_str(json_text_item(STR(" [ 1, \"a,]\" ,[2] ] "), &at), "[2]");
    assert_null(json_text_item(STR(" [ 1, \"a,]\" ,[2] ] "), &at).data);
}

/* Recorded in objects/22 and patch/07. */
static void bad_json_is_described_as_go_does(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "unexpected end of JSON input"},
        {"{\"a\":", "unexpected end of JSON input"},
        {"{\"a\":\"x", "unexpected end of JSON input"},
        {"{'a':1}", "invalid character '\\'' looking for beginning of object key string"},
        {"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
        {"{} x", "invalid character 'x' after top-level value"},
        {"{\"a\":NaN}", "invalid character 'N' looking for beginning of value"},
        {"{\"a\":01}", "invalid character '1' after object key:value pair"},
        {"[1 2]", "invalid character '2' after array element"},
        {"{\"a\" 1}", "invalid character '1' after object key"},
        {"\"\n\"", "invalid character '\\n' in string literal"},
        {"\"\\x\"", "invalid character 'x' in string escape code"},
        {"\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"},
        {"- op", "invalid character ' ' in numeric literal"},
        {"1.x", "invalid character 'x' after decimal point in numeric literal"},
        {"1ex", "invalid character 'x' in exponent of numeric literal"},
        {"trux", "invalid character 'x' in literal true (expecting 'e')"},
        {"[1,2]", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct buf message;
        buf_init(&message, 1000);
        describe_bad_json(str_from(rows[i].text), &message);
        assert_str(buf_str(&message), rows[i].message);
        buf_release(&message);
    }
}

/* RFC 4648, section 10, without padding. */
static void base64url_there_and_back(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *coded;
    } rows[] = {{"", ""},         {"f", "Zg"},         {"fo", "Zm8"},        {"foo", "Zm9v"},
                {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
                {"\xfb\xff", "-_8"}};
    size_t bad_at;
    struct buf out;
    buf_init(&out, 1000);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        buf_clear(&out);
        base64url_encode(str_from(rows[i].plain), &out);
        assert_str(buf_str(&out), rows[i].coded);
        buf_clear(&out);
        assert_true(base64url_decode(str_from(rows[i].coded), &out, &bad_at));
        assert_str(buf_str(&out), rows[i].plain);
    }
    assert_false(base64url_decode(STR("Zm9v!"), &out, &bad_at));
    assert_int_equal(bad_at, 4);
    assert_false(base64url_decode(STR("Z"), &out, &bad_at));
    buf_release(&out);
}

static void failed_patch_leaves_the_object_alone(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body;
        int status;
    } rows[] = {
        {MERGE, "{\"spec\":{\"maxReplicas\":\"x\"}}", 422},
        {MERGE, "{\"metadata\":{\"name\":\"b\"}}", 400},
        {MERGE, "{\"metadata\":{\"resourceVersion\":\"1\"}}", 409},
        {MERGE, "{\"metadata\":{\"labels\":{\"a\":\"b c\"}}}", 422},
        {MERGE, "{\"kind\":null}", 422},
        {MERGE, "{\"apiVersion\":null}", 500},
        {MERGE, "null", 400},
        {MERGE, "[]", 400},
        {MERGE, "{", 400},
        {JSON_PATCH, "{}", 400},
        {JSON_PATCH, "[null]", 422},
        {JSON_PATCH, "[{\"op\":\"replace\",\"path\":\"\",\"value\":5}]", 422},
        {JSON_PATCH, "[{\"op\":\"replace\",\"path\":\"/metadata\",\"value\":[]}]", 422},
        {"application/json", "{}", 415},
        {APPLY, "{}", 422},
        {NULL, "{}", 415},
    };
    struct server server;
    server_start(&server, 1, 0);
    uint64_t version = server_add_set(&server, "a", "{}");
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        int status = server_send(&server, "PATCH", SETS "/a", rows[i].type, rows[i].body);
        if (status != rows[i].status)
            print_error("%s\n", rows[i].body);
        assert_int_equal(status, rows[i].status);
        assert_str(server_text(&server, "kind"), "Status");
    }
    assert_int_equal(fakeapi_resource_version(server.api), version);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merge_patch_follows_its_rfc),
        cmocka_unit_test(json_patch_follows_its_rfc_and_its_library),
        cmocka_unit_test(copies_that_add_up_too_high_are_refused),
        cmocka_unit_test(copies_that_nest_too_deep_are_refused),
        cmocka_unit_test(text_of_a_member_is_found_as_written),
        cmocka_unit_test(bad_json_is_described_as_go_does),
        cmocka_unit_test(base64url_there_and_back),
        cmocka_unit_test(failed_patch_leaves_the_object_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
