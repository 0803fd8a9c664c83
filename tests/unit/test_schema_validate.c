/*
 * Validation errors: their causes, order and words. Rows come from the recorded
 * conversations schema/01 to 11 and objects/13, 23, 29.
 */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "fakeapi/schema.h"

#define NOTE                                                                                    \
    "FieldValueInvalid|<nil>|Invalid value: null: some validation rules were not checked "      \
    "because the object was invalid; correct the existing errors to complete validation\n"

struct row {
    const char *schema;
    const char *value;
    const char *errors; /* "reason|field|message\n" each */
};

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
        print_error("%s: %s\n", text, msg.text);
    json_free(source);
    assert_non_null(schema);
    return schema;
}

static void print_errors(const struct schema_errors *errors, struct buf *out)
{
    for (size_t i = 0; i < errors->count; i++)
        buf_printf(out, "%s|%s|%s\n", errors->items[i].reason, errors->items[i].field,
                   errors->items[i].message);
}

static void expect_at(const struct schema *schema, const char *value_text, const char *path,
                      size_t skip, const char *expected)
{
    struct json *value = parse(value_text);
    struct schema_errors errors = {0};
    struct buf printed;
    buf_init(&printed, 1u << 20);
    schema_validate(schema, value, str_from(path), skip, &errors);
    print_errors(&errors, &printed);
    assert_str(buf_str(&printed), expected);
    buf_release(&printed);
    schema_errors_release(&errors);
    json_free(value);
}

/* Each row's schema is that of a property "v". */
static void expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *schema_text =
            str_format("{\"type\":\"object\",\"properties\":{\"v\":%s}}", rows[i].schema);
        char *value_text = str_format("{\"v\":%s}", rows[i].value);
        struct schema *schema = compile(schema_text);
        expect_at(schema, value_text, "", 0, rows[i].errors);
        schema_free(schema);
        mem_free(schema_text);
        mem_free(value_text);
    }
}

#define TYPE_ERROR(expected, actual)                                                       \
    "FieldValueTypeInvalid|v|Invalid value: \"" actual "\": v in body must be of type "    \
    expected ": \"" actual "\"\n"
#define CHECKED(type)                                                                      \
    "FieldValueInvalid|<nil>|Invalid value: \"\": Checked value must be of type " type     \
    " in v\n"
#define INVALID(value, text) "FieldValueInvalid|v|Invalid value: " value ": v in body " text "\n"
#define COMPOSITE(text) "FieldValueInvalid|<nil>|Invalid value: \"\": \"v\" must " text "\n"

static void values_of_the_wrong_type_are_named_by_their_type(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"type\":\"string\"}", "1", TYPE_ERROR("string", "integer")},
        {"{\"type\":\"string\"}", "{}", TYPE_ERROR("string", "object")},
        {"{\"type\":\"string\"}", "[]", TYPE_ERROR("string", "array")},
        {"{\"type\":\"string\"}", "null", TYPE_ERROR("string", "null")},
        {"{\"type\":\"string\",\"nullable\":true}", "null", ""},
        {"{\"type\":\"integer\"}", "\"a\"", TYPE_ERROR("integer", "string")},
        {"{\"type\":\"integer\"}", "1.5",
         TYPE_ERROR("integer", "number") CHECKED("integer (default format)")},
        {"{\"type\":\"integer\"}", "2.0", ""},
        {"{\"type\":\"number\"}", "true", TYPE_ERROR("number", "boolean")},
        {"{\"type\":\"number\"}", "1", ""},
        {"{\"type\":\"boolean\"}", "1", TYPE_ERROR("boolean", "integer")},
        {"{\"type\":\"object\"}", "[]", TYPE_ERROR("object", "array")},
        {"{\"type\":\"array\"}", "true", TYPE_ERROR("array", "boolean")},
        {"{\"x-kubernetes-int-or-string\":true}", "1.5",
         TYPE_ERROR("integer,string", "number")},
        {"{\"x-kubernetes-int-or-string\":true}", "\"a\"", ""},
        {"{\"x-kubernetes-preserve-unknown-fields\":true}", "[{}]", ""},
        /* objects/23 and schema/03 */
        {"{\"type\":\"integer\",\"format\":\"int32\"}", "2147483648",
         CHECKED("integer with format int32")},
        {"{\"type\":\"integer\",\"format\":\"int32\"}", "1.5",
         TYPE_ERROR("int32", "float64") CHECKED("integer with format int32")},
        {"{\"type\":\"integer\",\"format\":\"int32\"}", "-2147483648", ""},
        {"{\"type\":\"integer\",\"format\":\"int32\"}", "\"1\"", TYPE_ERROR("integer", "string")},
        {"{\"type\":\"number\",\"format\":\"int32\"}", "2147483648", ""},
        {"{\"type\":\"number\",\"format\":\"float\"}", "1e39",
         CHECKED("number with format float")},
    };
    expect_rows(rows, ARRAY_COUNT(rows));
}

static void texts_are_held_to_length_and_pattern(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"type\":\"string\",\"minLength\":2}", "\"\xc3\xa9\"",
         INVALID("\"\xc3\xa9\"", "should be at least 2 chars long")},
        {"{\"type\":\"string\",\"maxLength\":3}",
         "\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"",
         ""},
        {"{\"type\":\"string\",\"maxLength\":3}", "\"abcd\"",
         "FieldValueTooLong|v|Too long: may not be more than 3 bytes\n"},
        {"{\"type\":\"string\",\"maxLength\":1}", "\"ab\"",
         "FieldValueTooLong|v|Too long: may not be more than 1 byte\n"},
        {"{\"type\":\"string\",\"maxLength\":0}", "\"x\"",
         "FieldValueTooLong|v|Too long: may not be more than 0 bytes\n"},
        {"{\"type\":\"string\",\"pattern\":\"^x$\"}", "\"\xc3\xa9\\u2028\\u0001\\t\"",
         INVALID("\"\xc3\xa9\\u2028\\x01\\t\"", "should match '^x$'")},
        {"{\"type\":\"string\",\"pattern\":\"^[a-z]+$\"}", "\"a\\nb\"",
         INVALID("\"a\\nb\"", "should match '^[a-z]+$'")},
        /* schema/11, one-string: only the first of length and pattern, then the enumeration */
        {"{\"type\":\"string\",\"minLength\":3,\"pattern\":\"^x\",\"enum\":[\"xxx\",\"xyz\"]}",
         "\"y\"",
         INVALID("\"y\"", "should be at least 3 chars long")
         "FieldValueNotSupported|v|Unsupported value: \"y\": supported values: \"xxx\", \"xyz\"\n"},
    };
    expect_rows(rows, ARRAY_COUNT(rows));
}

static void enumerations_quote_what_they_support(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"type\":\"string\",\"enum\":[\"one\",\"th,ree\"]}", "\"a\\\"b\\n\"",
         "FieldValueNotSupported|v|Unsupported value: \"a\\\"b\\n\": supported values: \"one\", "
         "\"th,ree\"\n"},
        {"{\"type\":\"integer\",\"enum\":[1,2,10]}", "3",
         "FieldValueNotSupported|v|Unsupported value: 3: supported values: \"1\", \"2\", "
         "\"10\"\n"},
        {"{\"type\":\"number\",\"enum\":[1.5]}", "2.5",
         "FieldValueNotSupported|v|Unsupported value: 2.5: supported values: \"1.5\"\n"},
        {"{\"type\":\"object\",\"enum\":[{\"x\":\"1\"}],\"properties\":{\"x\":{\"type\":"
         "\"string\"}}}",
         "{\"x\":\"2\"}",
         "FieldValueNotSupported|v|Unsupported value: {\"x\":\"2\"}: supported values: "
         "\"{\\\"x\\\":\\\"1\\\"}\"\n"},
        {"{\"type\":\"integer\",\"enum\":[1]}", "1.0", ""},
    };
    expect_rows(rows, ARRAY_COUNT(rows));
}

static void numbers_are_held_to_their_bounds(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"type\":\"integer\",\"minimum\":5,\"exclusiveMinimum\":true}", "5",
         INVALID("5", "should be greater than 5")},
        {"{\"type\":\"integer\",\"maximum\":5,\"exclusiveMaximum\":true}", "5",
         INVALID("5", "should be less than 5")},
        {"{\"type\":\"integer\",\"maximum\":5}", "5", ""},
        {"{\"type\":\"integer\",\"multipleOf\":3}", "-6", ""},
        {"{\"type\":\"integer\",\"multipleOf\":3}", "4", INVALID("4", "should be a multiple of 3")},
        {"{\"type\":\"number\",\"multipleOf\":0.1}", "0.3", ""},
        {"{\"type\":\"number\",\"multipleOf\":0.1}", "0.25",
         INVALID("0.25", "should be a multiple of 0.1")},
        {"{\"type\":\"number\",\"minimum\":0.5}", "0.25",
         INVALID("0.25", "should be greater than or equal to 0.5")},
        {"{\"type\":\"integer\",\"minimum\":-3,\"maximum\":-1}", "0",
         INVALID("0", "should be less than or equal to -1")},
        {"{\"type\":\"number\",\"maximum\":1.5}", "1e23",
         INVALID("1e+23", "should be less than or equal to 1.5")},
        {"{\"type\":\"number\",\"maximum\":1000000}", "1234567.5",
         INVALID("1.2345675e+06", "should be less than or equal to 1e+06")},
        {"{\"type\":\"number\",\"minimum\":1}", "0.00025",
         INVALID("0.00025", "should be greater than or equal to 1")},
        {"{\"type\":\"number\",\"minimum\":1}", "-0.00000025",
         INVALID("-2.5e-07", "should be greater than or equal to 1")},
        /* schema/10, float-number: three errors in this order */
        {"{\"type\":\"integer\",\"maximum\":3}", "1e21",
         TYPE_ERROR("integer", "number") CHECKED("integer (default format)")
         INVALID("1e+21", "should be less than or equal to 3")},
    };
    expect_rows(rows, ARRAY_COUNT(rows));
}

static void members_and_items_are_counted_and_required(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"type\":\"array\",\"minItems\":2}", "[1]",
         INVALID("1", "should have at least 2 items")},
        {"{\"type\":\"array\",\"maxItems\":3}", "[1,2,3,4]",
         "FieldValueTooMany|v|Too many: 4: must have at most 3 items\n"},
        {"{\"type\":\"array\",\"maxItems\":1}", "[1,2]",
         "FieldValueTooMany|v|Too many: 2: must have at most 1 item\n"},
        {"{\"type\":\"object\",\"minProperties\":1}", "{}",
         INVALID("0", "should have at least 1 properties")},
        {"{\"type\":\"object\",\"maxProperties\":2}", "{\"a\":1,\"b\":1,\"c\":1}",
         "FieldValueTooMany|v|Too many: 3: must have at most 2 items\n"},
        {"{\"type\":\"object\",\"required\":[\"b\",\"a\"]}", "{}",
         "FieldValueRequired|v.b|Required value\nFieldValueRequired|v.a|Required value\n"},
        {"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\","
         "\"required\":[\"n\"]}}",
         "{\"k.with/odd\":{}}", "FieldValueRequired|v.k.with/odd.n|Required value\n"},
        /* schema/11: items in order, an item's members before what it lacks */
        {"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"a\"],\"properties\":"
         "{\"b\":{\"type\":\"integer\"}}}}",
         "[{\"a\":1},{\"b\":\"x\"},{}]",
         "FieldValueTypeInvalid|v[1].b|Invalid value: \"string\": v[1].b in body must be of type "
         "integer: \"string\"\nFieldValueRequired|v[1].a|Required value\n"
         "FieldValueRequired|v[2].a|Required value\n"},
    };
    expect_rows(rows, ARRAY_COUNT(rows));
}

static void combined_schemas_say_what_they_want_first(void **state)
{
    (void)state;
    static const char one[] = "{\"type\":\"object\",\"oneOf\":[{\"required\":[\"a\"]},"
                              "{\"required\":[\"b\"]}]}";
    static const char ios[] = "{\"x-kubernetes-int-or-string\":true,\"anyOf\":[{\"type\":"
                              "\"integer\"},{\"type\":\"string\"}],\"pattern\":\"^[0-9]+%$\"}";
    static const char all[] = "{\"type\":\"string\",\"allOf\":[{\"minLength\":2},{\"pattern\":"
                              "\"^x\"}]}";
    static const struct row rows[] = {
        {one, "{\"a\":1,\"b\":1}",
         COMPOSITE("validate one and only one schema (oneOf). Found 2 valid alternatives")},
        {one, "{\"a\":1}", ""},
        {one, "{}",
         COMPOSITE("validate one and only one schema (oneOf). Found none valid")
         "FieldValueRequired|v.a|Required value\n"},
        {ios, "true",
         TYPE_ERROR("integer,string", "boolean") COMPOSITE("validate at least one schema (anyOf)")
         TYPE_ERROR("integer", "boolean")},
        {ios, "7", ""},
        {ios, "\"x\"", INVALID("\"x\"", "should match '^[0-9]+%$'")},
        {all, "\"yy\"", INVALID("\"yy\"", "should match '^x'")
         COMPOSITE("validate all the schemas (allOf)")},
        {all, "\"y\"", INVALID("\"y\"", "should be at least 2 chars long")
         INVALID("\"y\"", "should match '^x'")
         COMPOSITE("validate all the schemas (allOf). None validated")},
        {"{\"type\":\"string\",\"not\":{\"enum\":[\"bad\"]}}", "\"bad\"",
         COMPOSITE("not validate the schema (not)")},
        {"{\"type\":\"integer\",\"anyOf\":[{\"maximum\":3},{\"minimum\":10}]}", "5",
         COMPOSITE("validate at least one schema (anyOf)")
         INVALID("5", "should be less than or equal to 3")},
    };
    expect_rows(rows, ARRAY_COUNT(rows));
}

static void lists_hold_each_value_or_key_once(void **state)
{
    (void)state;
    static const char set[] = "{\"type\":\"array\",\"x-kubernetes-list-type\":\"set\"}";
    static const char map[] = "{\"type\":\"array\",\"x-kubernetes-list-type\":\"map\","
                              "\"x-kubernetes-list-map-keys\":[\"n\",\"b\"],\"items\":{\"type\":"
                              "\"object\",\"properties\":{\"i\":{\"type\":\"array\","
                              "\"x-kubernetes-list-type\":\"set\"}}}}";
    static const struct row rows[] = {
        {set, "[\"a\",\"b\",\"a\",\"a\"]", "FieldValueDuplicate|v[2]|Duplicate value: \"a\"\n"},
        {set, "[1,2,1]", "FieldValueDuplicate|v[2]|Duplicate value: 1\n"},
        {set, "[{\"a\":\"1\"},{\"a\":\"2\"},{\"a\":\"1\"}]",
         "FieldValueDuplicate|v[2]|Duplicate value: {\"a\":\"1\"}\n"},
        {set, "[[1,2],[2,1],[1,2]]", "FieldValueDuplicate|v[2]|Duplicate value: [1,2]\n"},
        {map, "[{\"n\":1,\"b\":\"x\"},{\"n\":1,\"b\":\"y\"},{\"n\":1,\"b\":\"x\",\"v\":2}]",
         "FieldValueDuplicate|v[2]|Duplicate value: {\"b\":\"x\",\"n\":1}\n"},
        {map, "[{\"v\":1},{\"v\":2}]", "FieldValueDuplicate|v[1]|Duplicate value: {}\n"},
        /* nested-duplicates: the outer list first */
        {map, "[{\"n\":\"a\",\"i\":[\"x\",\"x\"]},{\"n\":\"a\",\"i\":[\"y\",\"y\"]}]",
         "FieldValueDuplicate|v[1]|Duplicate value: {\"n\":\"a\"}\n"
         "FieldValueDuplicate|v[0].i[1]|Duplicate value: \"x\"\n"
         "FieldValueDuplicate|v[1].i[1]|Duplicate value: \"y\"\n"},
        /* objects/29, stage-a-string and stage-null */
        {map, "[\"a\"]",
         "FieldValueTypeInvalid|v[0]|Invalid value: \"string\": v[0] in body must be of type "
         "object: \"string\"\n"
         "FieldValueInvalid|v[0]|Invalid value: \"a\": must be an object for an array of "
         "list-type map\n"},
        {map, "[null]",
         "FieldValueTypeInvalid|v[0]|Invalid value: \"null\": v[0] in body must be of type "
         "object: \"null\"\n"},
    };
    expect_rows(rows, ARRAY_COUNT(rows));
}

/* The rules of the built-in kinds, as recorded in objects/30, 31 and cel/17. */
static void rules_of_the_built_in_kinds_are_carried_by_hand(void **state)
{
    (void)state;
    static const char job[] =
        "{\"type\":\"object\",\"x-kubernetes-validations\":[{\"rule\":\"!has(self.jobCheck) || "
        "(!has(self.script) && !has(self.evaluateCEL))\",\"message\":\"m\"}]}";
    static const char chart[] =
        "{\"type\":\"object\",\"x-kubernetes-validations\":[{\"rule\":"
        "\"self.repositoryURL.startsWith('http') ? size(self.chartName) >= 1 : true\","
        "\"message\":\"m\"}]}";
    static const char aws[] = "{\"type\":\"object\",\"x-kubernetes-validations\":[{\"rule\":"
                              "\"(self.provider == 'AWS') == has(self.aws)\",\"message\":\"m\"}]}";
    static const char broken[] = "FieldValueInvalid|v|Invalid value: m\n";
    static const struct row rows[] = {
        {job, "{}", ""},
        {job, "{\"jobCheck\":1}", ""},
        {job, "{\"script\":1,\"evaluateCEL\":1}", ""},
        {job, "{\"jobCheck\":1,\"script\":1}", broken},
        {job, "{\"jobCheck\":1,\"evaluateCEL\":1}", broken},
        {chart, "{\"repositoryURL\":\"https://x\",\"chartName\":\"c\"}", ""},
        {chart, "{\"repositoryURL\":\"https://x\",\"chartName\":\"\"}", broken},
        {chart, "{\"repositoryURL\":\"oci://x\"}", ""},
        {chart, "{\"repositoryURL\":\"https://x\"}",
         "FieldValueInvalid|v|Invalid value: \"object\": no such key: chartName evaluating rule: "
         "m\n"},
        {aws, "{\"provider\":\"AWS\",\"aws\":{}}", ""},
        {aws, "{\"provider\":\"AWS\"}", broken},
        {aws, "{\"provider\":\"GCP\",\"aws\":{}}", broken},
    };
    expect_rows(rows, ARRAY_COUNT(rows));
}

#define TRIGGER                                                                               \
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"pattern\":\"^x\"},"   \
    "\"manual\":{\"type\":\"object\",\"properties\":{\"approved\":{\"type\":\"boolean\"}}}}," \
    "\"x-kubernetes-validations\":[{\"rule\":\"has(self.manual) != has(self.auto)\","        \
    "\"message\":\"one of two\"},{\"rule\":\"self.a == 'later'\"}]}"

static void rules_run_unless_an_error_blocks_them(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {TRIGGER, "{}", "FieldValueInvalid|v|Invalid value: one of two\n"},
        {TRIGGER, "{\"manual\":{},\"auto\":{}}", "FieldValueInvalid|v|Invalid value: one of two\n"},
        {TRIGGER, "{\"manual\":{}}", ""},
        /* a null member is absent to has() (cel/13) */
        {TRIGGER, "{\"auto\":null}", "FieldValueInvalid|v|Invalid value: one of two\n"},
        /* reason FieldValueInvalid blocks nothing */
        {TRIGGER, "{\"a\":\"y\"}",
         "FieldValueInvalid|v.a|Invalid value: \"y\": v.a in body should match '^x'\n"
         "FieldValueInvalid|v|Invalid value: one of two\n"},
        {TRIGGER, "{\"manual\":{\"approved\":\"yes\"},\"auto\":{}}",
         "FieldValueTypeInvalid|v.manual.approved|Invalid value: \"string\": v.manual.approved in "
         "body must be of type boolean: \"string\"\n" NOTE},
        {"{\"type\":\"array\",\"items\":" TRIGGER "}", "[{\"manual\":{}},{},{}]",
         "FieldValueInvalid|v[1]|Invalid value: one of two\n"
         "FieldValueInvalid|v[2]|Invalid value: one of two\n"},
        {"{\"type\":\"object\",\"additionalProperties\":" TRIGGER "}", "{\"k\":{}}",
         "FieldValueInvalid|v[k]|Invalid value: one of two\n"},
        {"{\"type\":\"object\",\"x-kubernetes-validations\":[{\"rule\":\" has(self.manual) != "
         "has(self.auto) \"}]}",
         "{}",
         "FieldValueInvalid|v|Invalid value: failed rule: has(self.manual) != has(self.auto)\n"},
    };
    expect_rows(rows, ARRAY_COUNT(rows));
}

static void earlier_errors_of_the_caller_block_rules_too(void **state)
{
    (void)state;
    struct schema *schema = compile(TRIGGER);
    struct json *value = parse("{}");
    struct schema_errors errors = {0};
    struct buf printed;
    buf_init(&printed, 1u << 16);
    schema_errors_add(&errors, "FieldValueRequired", STR("metadata.name"), "Required value: %s",
                      "name or generateName is required");
    schema_validate(schema, value, STR(""), 0, &errors);
    print_errors(&errors, &printed);
    assert_str(buf_str(&printed),
               "FieldValueRequired|metadata.name|Required value: name or generateName is "
               "required\n" NOTE);
    buf_release(&printed);
    schema_errors_release(&errors);
    json_free(value);
    schema_free(schema);
}

/* objects/13: status errors name the field in full, the text leaves "status." out; whether
 * the note comes depends on the rules of the whole schema. */
static void status_errors_leave_the_prefix_out_of_the_text(void **state)
{
    (void)state;
    struct schema *schema = compile(
        "{\"type\":\"object\",\"properties\":{\"spec\":" TRIGGER ",\"status\":{\"type\":"
        "\"object\",\"properties\":{\"n\":{\"type\":\"string\"},\"i\":{\"type\":\"integer\","
        "\"minimum\":0}}}}}");
    const struct schema *status = schema_property(schema, STR("status"));
    expect_at(status, "{\"n\":5}", "status", 7,
              "FieldValueTypeInvalid|status.n|Invalid value: \"integer\": n in body must be of "
              "type string: \"integer\"\n" NOTE);
    expect_at(status, "\"text\"", "status", 7,
              "FieldValueTypeInvalid|status|Invalid value: \"string\":  in body must be of type "
              "object: \"string\"\n" NOTE);
    expect_at(status, "{\"i\":-1}", "status", 7,
              "FieldValueInvalid|status.i|Invalid value: -1: i in body should be greater than or "
              "equal to 0\n");
    schema_free(schema);
}

static void errors_end_at_their_limit(void **state)
{
    (void)state;
    struct schema_errors errors = {0};
    for (unsigned i = 0; i < SCHEMA_ERRORS_MAX + 5; i++)
        schema_errors_add(&errors, "FieldValueInvalid", STR("a"), "%u", i);
    assert_int_equal(errors.count, SCHEMA_ERRORS_MAX);
    assert_string_equal(errors.items[SCHEMA_ERRORS_MAX - 1].message, "999");
    schema_errors_release(&errors);
    assert_int_equal(errors.count, 0);
}

/* A name as long as a body, in every path: memory stays bounded. */
static void errors_end_when_they_hold_too_many_bytes(void **state)
{
    (void)state;
    struct schema_errors errors = {0};
    char *name = mem_alloc(3u << 20);
    memset(name, 'n', 3u << 20);
    for (unsigned i = 0; i < 100; i++)
        schema_errors_add(&errors, "FieldValueInvalid", str_from_bytes(name, 3u << 20), "x");
    assert_int_equal(errors.count, 6);
    mem_free(name);
    schema_errors_release(&errors);
}

static void long_names_do_not_spoil_later_paths(void **state)
{
    (void)state;
    struct schema *schema = compile("{\"type\":\"object\",\"additionalProperties\":{\"type\":"
                                    "\"string\"}}");
    struct json *value = json_object();
    struct schema_errors errors = {0};
    char *name = mem_alloc(1u << 20);
    memset(name, 'n', 1u << 20);
    json_set_str(value, str_from_bytes(name, 1u << 20), json_int(1));
    json_set(value, "b", json_int(1));
    schema_validate(schema, value, STR(""), 0, &errors);
    assert_int_equal(errors.count, 2);
    assert_int_equal(strlen(errors.items[0].field), 1u << 20);
    assert_string_equal(errors.items[1].field, "b");
    mem_free(name);
    json_free(value);
    schema_errors_release(&errors);
    schema_free(schema);
}

/* Conversation schema/03. */
static const struct {
    const char *format;
    const char *text;
    bool holds;
} format_rows[] = {
    {"date-time", "2020-01-02T03:04:05Z", true},
    {"date-time", "2020-01-02T03:04:05.123456+02:00", true},
    {"date-time", "2020-01-02t03:04:05z", true},
    {"date-time", "2020-01-02", false},
    {"date-time", "2020-13-02T03:04:05Z", false},
    {"date-time", "2020-01-02T24:04:05Z", false},
    {"date-time", "2020-01-02 03:04:05", false},
    {"date-time", "soon", false},
    {"date", "2020-02-29", true},
    {"date", "2021-02-29", false},
    {"duration", "1h30m", true},
    {"duration", "1.5h", true},
    {"duration", "3 days", true},
    {"duration", "1 fortnight", false},
    {"duration", "5x", false},
    {"duration", "", false},
    {"byte", "aGk=", true},
    {"byte", "aGk", false},
    {"byte", "", false},
    {"byte", "a*b=", false},
    {"uri", "::not", false},
    {"uri", "foo", false},
    {"uri", " ", false},
    {"uri", "https://x/y?z", true},
    {"ipv4", "1.2.3.4", true},
    {"ipv4", "0.0.0.0", true},
    {"ipv4", "1.2.3", false},
    {"ipv4", "1.2.3.256", false},
    {"ipv4", "::1", false},
    {"ipv6", "::1", true},
    {"ipv6", "2001:db8::1.2.3.4", true},
    {"ipv6", "1:2:3:4:5:6:7", false},
    {"ipv6", "1.2.3.4", false},
    {"cidr", "10.0.0.0/8", true},
    {"cidr", "10.0.0.0", false},
    {"email", "a@b.c", true},
    {"email", "A <a@b.c>", true},
    {"email", "a@", false},
    {"email", "ab", false},
    {"uuid", "123e4567-e89b-12d3-a456-426614174000", true},
    {"uuid", "123e4567", false},
    {"hostname", "a.b-c", false},
    {"hostname", "a_b", false},
    {"hostname", "example.com", true},
    {"mac", "01:23:45:67:89:ab", true},
    {"mac", "01:23", false},
    {"hexcolor", "#fff", true},
    {"hexcolor", "#ggg", false},
    {"password", "", true},
    {"made-up", "anything", true},
    {"k8s-short-name", "abc", true},
    {"k8s-short-name", "A.b", false},
    {"k8s-long-name", "a.b", true},
    {"k8s-long-name", "A_b", false},
};

static void formats_hold_as_recorded(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(format_rows); i++) {
        char schema_text[128];
        char value_text[128];
        char expected[256] = "";
        snprintf(schema_text, sizeof(schema_text), "{\"type\":\"string\",\"format\":\"%s\"}",
                 format_rows[i].format);
        snprintf(value_text, sizeof(value_text), "\"%s\"", format_rows[i].text);
        if (!format_rows[i].holds)
            snprintf(expected, sizeof(expected),
                     "FieldValueTypeInvalid|v|Invalid value: \"%s\": v in body must be of type "
                     "%s: \"%s\"\n",
                     format_rows[i].text, format_rows[i].format, format_rows[i].text);
        struct row row = {schema_text, value_text, expected};
        expect_rows(&row, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_the_wrong_type_are_named_by_their_type),
        cmocka_unit_test(texts_are_held_to_length_and_pattern),
        cmocka_unit_test(enumerations_quote_what_they_support),
        cmocka_unit_test(numbers_are_held_to_their_bounds),
        cmocka_unit_test(members_and_items_are_counted_and_required),
        cmocka_unit_test(combined_schemas_say_what_they_want_first),
        cmocka_unit_test(lists_hold_each_value_or_key_once),
        cmocka_unit_test(rules_run_unless_an_error_blocks_them),
        cmocka_unit_test(rules_of_the_built_in_kinds_are_carried_by_hand),
        cmocka_unit_test(earlier_errors_of_the_caller_block_rules_too),
        cmocka_unit_test(status_errors_leave_the_prefix_out_of_the_text),
        cmocka_unit_test(errors_end_at_their_limit),
        cmocka_unit_test(errors_end_when_they_hold_too_many_bytes),
        cmocka_unit_test(long_names_do_not_spoil_later_paths),
        cmocka_unit_test(formats_hold_as_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
