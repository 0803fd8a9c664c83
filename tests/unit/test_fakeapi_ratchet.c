#include "fakeapi/ratchet.h"
#include "controller/base/mem.h"
#include "tests/testlib/test.h"

static const char open_api[] =
    "{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"properties\":{"
    "\"a\":{\"type\":\"string\"},"
    "\"m\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
    "\"plain\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"l\":{\"type\":\"array\",\"x-kubernetes-list-type\":\"map\","
    "\"x-kubernetes-list-map-keys\":[\"k\"],\"items\":{\"type\":\"object\",\"required\":[\"k\"],"
    "\"properties\":{\"k\":{\"type\":\"string\"},\"v\":{\"type\":\"string\"}}}}}}}}";

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    assert_err(json_parse(str_from(text), NULL, &value, NULL), ERR_NONE);
    return value;
}

/* What schema/12 and schema/NOTES.md say of unchanged values. */
static const struct ratchet_row {
    const char *live, *object, *field, *reason;
    bool forgiven;
} rows[] = {
    {"{\"a\":\"X\"}", "{\"a\":\"X\",\"z\":1}", "spec.a", "FieldValueInvalid", true},
    {"{\"a\":\"X\"}", "{\"a\":\"Y\"}", "spec.a", "FieldValueInvalid", false},
    {"{}", "{\"a\":\"X\"}", "spec.a", "FieldValueInvalid", false},
    {"{\"a\":\"X\"}", "{\"a\":\"X\"}", "spec.b", "FieldValueRequired", true},
    {"{\"a\":\"X\"}", "{\"a\":\"Y\"}", "spec.b", "FieldValueRequired", false},
    {"{\"m\":{\"k.x/y\":\"X\"}}", "{\"m\":{\"k.x/y\":\"X\",\"k\":\"n\"}}", "spec.m.k.x/y",
     "FieldValueInvalid", true},
    {"{\"m\":{\"k\":\"X\"}}", "{\"m\":{\"k\":\"X\",\"n\":\"X\"}}", "spec.m.n", "FieldValueInvalid",
     false},
    {"{\"plain\":[\"X\"],\"z\":1}", "{\"plain\":[\"X\"]}", "spec.plain[0]",
     "FieldValueInvalid", true},
    {"{\"plain\":[\"X\"]}", "{\"plain\":[\"X\",\"n\"]}", "spec.plain[0]",
     "FieldValueInvalid", false},
    {"{\"l\":[{\"k\":\"1\",\"v\":\"X\"}]}", "{\"l\":[{\"k\":\"0\"},{\"k\":\"1\",\"v\":\"X\"}]}",
     "spec.l[1].v", "FieldValueInvalid", true},
    {"{\"l\":[{\"k\":\"1\",\"v\":\"X\"}]}", "{\"l\":[{\"k\":\"1\",\"v\":\"Y\"}]}", "spec.l[0].v",
     "FieldValueInvalid", false},
    {"{\"l\":[{\"k\":\"1\"}]}", "{\"l\":[{\"k\":\"1\"},{\"k\":\"1\"}]}", "spec.l[1]",
     "FieldValueDuplicate", false},
    {"{\"l\":[{\"k\":\"1\"},{\"k\":\"1\"}]}", "{\"a\":\"n\",\"l\":[{\"k\":\"1\"},{\"k\":\"1\"}]}",
     "spec.l[1]", "FieldValueDuplicate", true},
    {"{\"l\":[]}", "{\"l\":[]}", "spec.l[7].v", "FieldValueInvalid", true},
    {"{\"a\":1,\"l\":[]}", "{\"l\":[]}", "spec.l]", "FieldValueInvalid", false},
};

static void errors_in_unchanged_parts_are_forgiven(void **state)
{
    (void)state;
    struct schema *schema = NULL;
    struct json *definition = parse(open_api);
    assert_err(schema_create(definition, &schema, NULL), ERR_NONE);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct schema_errors errors = {0};
        struct json *live = json_object();
        struct json *object = json_object();
        json_set(live, "spec", parse(rows[i].live));
        json_set(object, "spec", parse(rows[i].object));
        schema_errors_add(&errors, rows[i].reason, str_from(rows[i].field), "x");
        ratchet_errors(schema, object, live, 0, &errors);
        if ((errors.count == 0) != rows[i].forgiven)
            print_error("%s: %s to %s\n", rows[i].field, rows[i].live, rows[i].object);
        assert_int_equal(errors.count == 0, rows[i].forgiven);
        schema_errors_release(&errors);
        json_free(live);
        json_free(object);
    }
    schema_free(schema);
    json_free(definition);
}

static void note_about_rules_goes_with_the_last_error(void **state)
{
    (void)state;
    static const char note[] = "Invalid value: null: some validation rules were not checked "
                               "because the object was invalid";
    for (int kept = 0; kept < 2; kept++) {
        struct schema_errors errors = {0};
        struct json *live = parse("{\"a\":1,\"b\":1}");
        struct json *object = parse(kept == 1 ? "{\"a\":1,\"b\":2}" : "{\"a\":1,\"b\":1}");
        schema_errors_add(&errors, "FieldValueInvalid", STR("a"), "x");
        schema_errors_add(&errors, "FieldValueInvalid", STR("b"), "x");
        schema_errors_add(&errors, "FieldValueInvalid", STR("<nil>"), "%s", note);
        ratchet_errors(NULL, object, live, 0, &errors);
        assert_int_equal(errors.count, kept == 1 ? 2 : 0);
        schema_errors_release(&errors);
        json_free(live);
        json_free(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_in_unchanged_parts_are_forgiven),
        cmocka_unit_test(note_about_rules_goes_with_the_last_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
