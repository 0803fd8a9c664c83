/*
 * Structure, defaults, nulls and pruning of schemas. Rows: recorded conversations
 * schema/07-null-and-defaults, schema/08-pruning, schema/10-message-texts, objects/32.
 */
#include "tests/testlib/test.h"

#include "fakeapi/schema.h"

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    struct errmsg msg = {""};
    if (json_parse(str_from(text), NULL, &value, &msg) != ERR_NONE)
        print_error("%s: %s\n", text, msg.text);
    assert_non_null(value);
    return value;
}

static struct schema *compile(const char *text)
{
    struct json *source = parse(text);
    struct schema *schema = NULL;
    struct errmsg msg = {""};
    if (schema_create(source, &schema, &msg) != ERR_NONE)
        print_error("%s\n", msg.text);
    json_free(source);
    assert_non_null(schema);
    return schema;
}

static void structure_is_read_for_apply(void **state)
{
    (void)state;
    struct schema *schema = compile(
        "{\"type\":\"object\",\"properties\":{\"l\":{\"type\":\"array\",\"x-kubernetes-list-type\":"
        "\"map\",\"x-kubernetes-list-map-keys\":[\"b\",\"a\"],\"items\":{\"type\":\"object\","
        "\"x-kubernetes-map-type\":\"atomic\",\"properties\":{\"a\":{\"type\":\"integer\","
        "\"default\":3,\"nullable\":true}}}},\"m\":{\"type\":\"object\",\"additionalProperties\":"
        "{\"type\":\"number\"}},\"any\":{\"type\":\"object\",\"additionalProperties\":true},"
        "\"closed\":{\"type\":\"object\",\"additionalProperties\":false},\"s\":{\"type\":\"array\","
        "\"x-kubernetes-list-type\":\"set\",\"items\":{\"type\":\"string\"}},"
        "\"e\":{\"type\":\"object\",\"x-kubernetes-embedded-resource\":true,"
        "\"x-kubernetes-preserve-unknown-fields\":true},"
        "\"i\":{\"x-kubernetes-int-or-string\":true},\"b\":{\"type\":\"boolean\"}}}");
    const struct schema *list = schema_property(schema, STR("l"));
    const struct schema *item = schema_items(list);
    const struct schema *number = schema_property(item, STR("a"));
    assert_int_equal(schema_type(schema), SCHEMA_OBJECT);
    assert_int_equal(schema_type(list), SCHEMA_ARRAY);
    assert_int_equal(schema_list_type(list), SCHEMA_LIST_MAP);
    assert_int_equal(schema_list_key_count(list), 2);
    assert_str(schema_list_key(list, 0), "b");
    assert_str(schema_list_key(list, 1), "a");
    assert_null(schema_list_key(list, 2).data);
    assert_true(schema_map_is_atomic(item));
    assert_int_equal(schema_type(number), SCHEMA_INTEGER);
    assert_true(schema_nullable(number));
    assert_json(schema_default(number), "3");
    assert_int_equal(schema_type(schema_additional(schema_property(schema, STR("m")))),
                     SCHEMA_NUMBER);
    const struct schema *any = schema_additional(schema_property(schema, STR("any")));
    assert_non_null(any);
    assert_int_equal(schema_type(any), SCHEMA_ANY);
    assert_null(schema_additional(schema_property(schema, STR("closed"))));
    assert_int_equal(schema_list_type(schema_property(schema, STR("s"))), SCHEMA_LIST_SET);
    assert_true(schema_is_embedded(schema_property(schema, STR("e"))));
    assert_true(schema_preserves_unknown(schema_property(schema, STR("e"))));
    assert_true(schema_int_or_string(schema_property(schema, STR("i"))));
    assert_int_equal(schema_type(schema_property(schema, STR("b"))), SCHEMA_BOOLEAN);
    assert_null(schema_property(schema, STR("x")));
    schema_free(schema);
}

static void absent_schemas_have_no_structure(void **state)
{
    (void)state;
    assert_int_equal(schema_type(NULL), SCHEMA_ANY);
    assert_null(schema_property(NULL, STR("a")));
    assert_null(schema_additional(NULL));
    assert_null(schema_items(NULL));
    assert_int_equal(schema_list_type(NULL), SCHEMA_LIST_ATOMIC);
    assert_int_equal(schema_list_key_count(NULL), 0);
    assert_false(schema_nullable(NULL));
    assert_null(schema_default(NULL));
    schema_fill_defaults(NULL, NULL);
    schema_drop_nulls(NULL, NULL);
    schema_free(NULL);
}

static void schemas_that_make_no_sense_are_refused_with_their_path(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"[]", "openAPIV3Schema: schema must be an object"},
        {"{\"type\":\"text\"}", "openAPIV3Schema: type is none that is known"},
        {"{\"properties\":{\"a\":{\"items\":{\"minLength\":-1}}}}",
         "openAPIV3Schema.properties.a.items: minLength must be a count"},
        {"{\"properties\":[1]}", "openAPIV3Schema: properties must be an object"},
        {"{\"anyOf\":{\"a\":1}}", "openAPIV3Schema: anyOf must be a list"},
        {"{\"required\":[1]}", "openAPIV3Schema: required must be a list of texts"},
        {"{\"x-kubernetes-list-type\":\"bag\"}",
         "openAPIV3Schema: x-kubernetes-list-type must be atomic, set or map"},
        {"{\"maximum\":\"9\"}", "openAPIV3Schema: maximum must be a number"},
        {"{\"additionalProperties\":{\"pattern\":\"(?i)a\"}}",
         "openAPIV3Schema.additionalProperties: pattern '(?i)a' at 0: this group is not supported"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *source = parse(rows[i].text);
        struct schema *schema = NULL;
        struct errmsg msg = {""};
        assert_err(schema_create(source, &schema, &msg), ERR_INVALID);
        assert_null(schema);
        assert_str(str_from(msg.text), rows[i].message);
        json_free(source);
    }
}

/* The schema of schema/07-null-and-defaults. */
static const char defaults_schema[] =
    "{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"properties\":{"
    "\"p\":{\"type\":\"string\"},\"n\":{\"type\":\"string\",\"nullable\":true},"
    "\"d\":{\"type\":\"string\",\"default\":\"D\"},"
    "\"nd\":{\"type\":\"string\",\"nullable\":true,\"default\":\"ND\"},"
    "\"o\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"default\":\"A\"}}},"
    "\"od\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"default\":\"A\"}},"
    "\"default\":{}},"
    "\"l\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
    "\"d\":{\"type\":\"integer\",\"default\":7}}}},"
    "\"m\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\",\"properties\":{"
    "\"d\":{\"type\":\"boolean\",\"default\":true}}}},"
    "\"t\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
    "\"ap\":{\"type\":\"object\",\"additionalProperties\":true},"
    "\"deep\":{\"type\":\"object\",\"properties\":{\"one\":{\"type\":\"object\",\"properties\":{"
    "\"two\":{\"type\":\"string\",\"default\":\"2\"}},\"default\":{\"two\":\"22\"}}}}}}}}";

#define STANDS "\"d\":\"D\""
#define ALWAYS_END "\"nd\":\"ND\",\"od\":{\"a\":\"A\"}"

static void defaults_and_nulls_are_filled_as_recorded(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *expected;
    } rows[] = {
        {"{}", "{}"}, /* no-spec: children of absent objects are not defaulted */
        {"{\"spec\":null}", "{}"},
        {"{\"spec\":{}}", "{\"spec\":{" STANDS "," ALWAYS_END "}}"},
        {"{\"spec\":{\"p\":null}}", "{\"spec\":{" STANDS "," ALWAYS_END "}}"},
        {"{\"spec\":{\"n\":null}}", "{\"spec\":{" STANDS ",\"n\":null," ALWAYS_END "}}"},
        {"{\"spec\":{\"d\":null,\"nd\":null}}",
         "{\"spec\":{" STANDS ",\"nd\":null,\"od\":{\"a\":\"A\"}}}"},
        {"{\"spec\":{\"o\":{},\"deep\":{}}}",
         "{\"spec\":{" STANDS ",\"deep\":{\"one\":{\"two\":\"22\"}},\"nd\":\"ND\","
         "\"o\":{\"a\":\"A\"},\"od\":{\"a\":\"A\"}}}"},
        {"{\"spec\":{\"deep\":{\"one\":{}}}}",
         "{\"spec\":{" STANDS ",\"deep\":{\"one\":{\"two\":\"2\"}}," ALWAYS_END "}}"},
        {"{\"spec\":{\"l\":[{},{\"d\":0},null]}}",
         "{\"spec\":{" STANDS ",\"l\":[{\"d\":7},{\"d\":0},null]," ALWAYS_END "}}"},
        {"{\"spec\":{\"m\":{\"k\":{},\"l\":{\"d\":false}}}}",
         "{\"spec\":{" STANDS ",\"m\":{\"k\":{\"d\":true},\"l\":{\"d\":false}}," ALWAYS_END "}}"},
        /* objects/30: a null value of a map is dropped, and the map stays; additionalProperties
         * true keeps it (schema/08, any-values) */
        {"{\"spec\":{\"t\":{\"a\":null},\"ap\":{\"n\":null}}}",
         "{\"spec\":{\"ap\":{\"n\":null}," STANDS "," ALWAYS_END ",\"t\":{}}}"},
    };
    struct schema *schema = compile(defaults_schema);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *value = parse(rows[i].given);
        schema_fill_defaults(schema, value);
        schema_drop_nulls(schema, value);
        assert_json(value, rows[i].expected);
        json_free(value);
    }
    schema_free(schema);
}

/* The schema of schema/08-pruning. */
static const char pruning_schema[] =
    "{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"properties\":{"
    "\"a\":{\"type\":\"string\"},\"o\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":"
    "\"string\"}}},\"l\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"x\":"
    "{\"type\":\"string\"}}}},\"m\":{\"type\":\"object\",\"additionalProperties\":{\"type\":"
    "\"object\",\"properties\":{\"x\":{\"type\":\"string\"}}}},\"free\":{"
    "\"x-kubernetes-preserve-unknown-fields\":true},\"half\":{\"type\":\"object\",\"properties\":{"
    "\"known\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"}}}},"
    "\"x-kubernetes-preserve-unknown-fields\":true},\"ap\":{\"type\":\"object\","
    "\"additionalProperties\":true},\"emb\":{\"type\":\"object\",\"properties\":{\"spec\":{"
    "\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"}}}},"
    "\"x-kubernetes-embedded-resource\":true},\"freelist\":{\"type\":\"array\",\"items\":{"
    "\"x-kubernetes-preserve-unknown-fields\":true}}}}}}";

static void unknown_members_are_pruned_and_named_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *expected;
        const char *unknown;
    } rows[] = {
        {"{\"spec\":{\"a\":\"1\",\"zz\":1,\"o\":{\"yy\":2},\"l\":[{},{\"q\":1}]},\"extra\":1}",
         "{\"spec\":{\"a\":\"1\",\"l\":[{},{}],\"o\":{}}}",
         "[\"extra\",\"spec.l[1].q\",\"spec.o.yy\",\"spec.zz\"]"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"K\",\"metadata\":{\"foo\":1}}",
         "{\"apiVersion\":\"v1\",\"kind\":\"K\",\"metadata\":{\"foo\":1}}", "[]"},
        {"{\"spec\":{\"m\":{\"k\":{\"zz\":1}}}}", "{\"spec\":{\"m\":{\"k\":{}}}}",
         "[\"spec.m.k.zz\"]"},
        {"{\"spec\":{\"free\":{\"a\":{\"b\":[1,{\"c\":null}]}}}}",
         "{\"spec\":{\"free\":{\"a\":{\"b\":[1,{\"c\":null}]}}}}", "[]"},
        {"{\"spec\":{\"half\":{\"other\":{\"y\":1},\"known\":{\"x\":\"1\",\"y\":1}}}}",
         "{\"spec\":{\"half\":{\"known\":{\"x\":\"1\"},\"other\":{\"y\":1}}}}",
         "[\"spec.half.known.y\"]"},
        {"{\"spec\":{\"ap\":{\"k\":{\"y\":1},\"l\":2,\"n\":null}}}",
         "{\"spec\":{\"ap\":{\"k\":{},\"l\":2,\"n\":null}}}", "[\"spec.ap.k.y\"]"},
        {"{\"spec\":{\"freelist\":[{\"a\":1},2,\"x\",null]}}",
         "{\"spec\":{\"freelist\":[{\"a\":1},2,\"x\",null]}}", "[]"},
        {"{\"spec\":{\"emb\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"q\":1},"
         "\"status\":{},\"spec\":{\"y\":1}}}}",
         "{\"spec\":{\"emb\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"q\":1},"
         "\"spec\":{}}}}",
         "[\"spec.emb.spec.y\",\"spec.emb.status\"]"},
        /* schema/10: a list where a text should be, objects/29: an object for a list */
        {"{\"spec\":{\"a\":[1,\"a\",{\"b\":null}]}}", "{\"spec\":{\"a\":[1,\"a\",{}]}}",
         "[\"spec.a[2].b\"]"},
        {"{\"spec\":{\"l\":{\"name\":\"a\"}}}", "{\"spec\":{\"l\":{}}}", "[\"spec.l.name\"]"},
    };
    struct schema *schema = compile(pruning_schema);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *value = parse(rows[i].given);
        struct json *unknown = json_array();
        schema_prune(schema, value, unknown);
        assert_json(value, rows[i].expected);
        assert_json(unknown, rows[i].unknown);
        json_free(unknown);
        json_free(value);
    }
    schema_free(schema);
}

static void pruning_adds_to_what_was_found_before(void **state)
{
    (void)state;
    struct schema *schema = compile(pruning_schema);
    struct json *value = parse("{\"b\":1,\"a\":1}");
    struct json *unknown = parse("[\"metadata.foo\"]");
    schema_prune(schema, value, unknown);
    assert_json(unknown, "[\"metadata.foo\",\"a\",\"b\"]");
    json_free(value);
    value = parse("{\"b\":1}");
    schema_prune(schema, value, NULL);
    assert_json(value, "{}");
    json_free(value);
    json_free(unknown);
    schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structure_is_read_for_apply),
        cmocka_unit_test(absent_schemas_have_no_structure),
        cmocka_unit_test(schemas_that_make_no_sense_are_refused_with_their_path),
        cmocka_unit_test(defaults_and_nulls_are_filled_as_recorded),
        cmocka_unit_test(unknown_members_are_pruned_and_named_in_order),
        cmocka_unit_test(pruning_adds_to_what_was_found_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
