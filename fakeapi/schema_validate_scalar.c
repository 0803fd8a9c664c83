/*
 * Types, texts and numbers of single values.
 */
#include "fakeapi/schema_node.h"

#include "controller/base/mem.h"

static const char *type_name(enum schema_type type)
{
    switch (type) {
    case SCHEMA_OBJECT: return "object";
    case SCHEMA_ARRAY: return "array";
    case SCHEMA_STRING: return "string";
    case SCHEMA_INTEGER: return "integer";
    case SCHEMA_NUMBER: return "number";
    case SCHEMA_BOOLEAN: return "boolean";
    case SCHEMA_ANY: break;
    }
    return "";
}

static bool is_integer(const struct json *value)
{
    int64_t integer;
    return json_int_of(value, &integer);
}

static const char *value_type_name(const struct json *value)
{
    switch (json_type(value)) {
    case JSON_NULL: return "null";
    case JSON_BOOL: return "boolean";
    case JSON_NUMBER: return is_integer(value) ? "integer" : "number";
    case JSON_STRING: return "string";
    case JSON_ARRAY: return "array";
    case JSON_OBJECT: break;
    }
    return "object";
}

/* What a server holds the value's format to be. */
static const char *value_format_name(const struct json *value)
{
    if (!json_is(value, JSON_NUMBER))
        return "";
    return is_integer(value) ? "int64" : "float64";
}

static void add_type_error(struct schema_walk *walk, const char *expected, const char *actual)
{
    schema_errors_add(walk->errors, "FieldValueTypeInvalid", schema_walk_field(walk),
                      "Invalid value: \"%s\": %.*s in body must be of type %s: \"%s\"", actual,
                      STR_ARGS(schema_walk_text_path(walk)), expected, actual);
}

static bool type_admits(const struct schema *schema, const struct json *value)
{
    const char *actual = value_type_name(value);
    if (schema->int_or_string)
        return strcmp(actual, "integer") == 0 || strcmp(actual, "string") == 0;
    if (schema->type == SCHEMA_NUMBER && strcmp(actual, "integer") == 0)
        return true;
    return strcmp(actual, type_name(schema->type)) == 0;
}

void schema_check_type(const struct schema *schema, const struct json *value,
                       struct schema_walk *walk)
{
    bool is_text = json_is(value, JSON_STRING) || json_is(value, JSON_ARRAY);
    bool numeric = schema->type == SCHEMA_INTEGER || schema->type == SCHEMA_NUMBER;
    if (schema->type == SCHEMA_ANY && !schema->int_or_string)
        return;
    if (json_is(value, JSON_NULL) && schema->nullable)
        return;
    if (type_admits(schema, value))
        return;
    /* With a format it is the format that is said to be missed, except by texts, lists and
     * null; and a field of formatted text lets lists pass (both stand for bytes). */
    if (schema->format != NULL && !json_is(value, JSON_NULL)) {
        if (!is_text) {
            add_type_error(walk, schema->format, value_format_name(value));
            return;
        }
        if (!numeric)
            return;
    }
    add_type_error(walk, schema->int_or_string ? "integer,string" : type_name(schema->type),
                   value_type_name(value));
}

static int64_t count_points(struct str text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

/* Only the first of the three is reported. */
void schema_check_string(const struct schema *schema, struct str text, struct schema_walk *walk)
{
    bool is_limited = schema->length_min != SCHEMA_NO_LIMIT ||
                      schema->length_max != SCHEMA_NO_LIMIT;
    int64_t count = is_limited ? count_points(text) : 0;
    if (schema->length_max != SCHEMA_NO_LIMIT && count > schema->length_max) {
        schema_errors_add(walk->errors, "FieldValueTooLong", schema_walk_field(walk),
                          "Too long: may not be more than %" PRId64 " byte%s", schema->length_max,
                          schema->length_max == 1 ? "" : "s");
        return;
    }
    bool too_short = schema->length_min != SCHEMA_NO_LIMIT && count < schema->length_min;
    if (!too_short && (schema->pattern == NULL || schema_pattern_matches(schema->pattern, text)))
        return;
    struct buf quoted;
    buf_init(&quoted, SCHEMA_VALUE_BYTES_MAX);
    schema_text_quote(text, &quoted);
    if (too_short)
        schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                          "Invalid value: %.*s: %.*s in body should be at least %" PRId64
                          " chars long",
                          STR_ARGS(buf_str(&quoted)), STR_ARGS(schema_walk_text_path(walk)),
                          schema->length_min);
    else
        schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                          "Invalid value: %.*s: %.*s in body should match '%s'",
                          STR_ARGS(buf_str(&quoted)), STR_ARGS(schema_walk_text_path(walk)),
                          schema->pattern_text);
    buf_release(&quoted);
}

void schema_check_format(const struct schema *schema, struct str text, struct schema_walk *walk)
{
    if (schema->format == NULL || schema_format_holds(str_from(schema->format), text))
        return;
    struct buf quoted;
    buf_init(&quoted, SCHEMA_VALUE_BYTES_MAX);
    schema_text_quote(text, &quoted);
    schema_errors_add(walk->errors, "FieldValueTypeInvalid", schema_walk_field(walk),
                      "Invalid value: %.*s: %.*s in body must be of type %s: %.*s",
                      STR_ARGS(buf_str(&quoted)), STR_ARGS(schema_walk_text_path(walk)),
                      schema->format, STR_ARGS(buf_str(&quoted)));
    buf_release(&quoted);
}

static bool format_is(const struct schema *schema, const char *format)
{
    return schema->format != NULL && strcmp(schema->format, format) == 0;
}

static bool fits_number(const struct schema *schema, const struct json *value)
{
    int64_t integer = 0;
    double number = json_double_of(value);
    if (schema->type == SCHEMA_NUMBER)
        return !format_is(schema, "float") || (number <= 3.4028234663852886e+38 &&
                                               number >= -3.4028234663852886e+38);
    if (schema->type != SCHEMA_INTEGER)
        return true;
    if (!json_int_of(value, &integer))
        return false;
    return !format_is(schema, "int32") || (integer >= INT32_MIN && integer <= INT32_MAX);
}

/* "Checked value must be of type integer with format int32 in spec.tier": without a field. */
static void check_range_of_type(const struct schema *schema, const struct json *value,
                                struct schema_walk *walk)
{
    if (fits_number(schema, value))
        return;
    schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_base_field(walk),
                      "Invalid value: \"\": Checked value must be of type %s %s%s%s in %.*s",
                      type_name(schema->type), schema->format != NULL ? "with format " : "(",
                      schema->format != NULL ? schema->format : "default format",
                      schema->format != NULL ? "" : ")", STR_ARGS(schema_walk_text_path(walk)));
}

static void add_number_error(struct schema_walk *walk, const struct json *value, const char *what,
                             const struct json *limit)
{
    struct buf shown, bound;
    buf_init(&shown, 128);
    buf_init(&bound, 128);
    schema_text_number(value, false, &shown);
    schema_text_number(limit, !is_integer(value), &bound);
    schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                      "Invalid value: %.*s: %.*s in body should be %s %.*s",
                      STR_ARGS(buf_str(&shown)), STR_ARGS(schema_walk_text_path(walk)), what,
                      STR_ARGS(buf_str(&bound)));
    buf_release(&shown);
    buf_release(&bound);
}

/* Binary fractions: 0.3 is a multiple of 0.1 within a relative error of 1e-9. */
static bool is_multiple(const struct json *value, const struct json *of)
{
    int64_t dividend, divisor;
    if (json_int_of(value, &dividend) && json_int_of(of, &divisor))
        return divisor != 0 && dividend % divisor == 0;
    double quotient = json_double_of(value) / json_double_of(of);
    if (!(quotient > -9007199254740992.0 && quotient < 9007199254740992.0))
        return false;
    double whole = (double)(int64_t)(quotient + (quotient < 0 ? -0.5 : 0.5));
    double difference = quotient > whole ? quotient - whole : whole - quotient;
    double size = (quotient < 0 ? -quotient : quotient) + 1e-300;
    return difference / size < 1e-9;
}

/* -1, 0, 1; both whole: exactly. */
static int compare_numbers(const struct json *a, const struct json *b)
{
    int64_t left, right;
    if (json_int_of(a, &left) && json_int_of(b, &right))
        return (left > right) - (left < right);
    double x = json_double_of(a);
    double y = json_double_of(b);
    return (x > y) - (x < y);
}

void schema_check_number(const struct schema *schema, const struct json *value,
                         struct schema_walk *walk)
{
    check_range_of_type(schema, value, walk);
    if (schema->multiple_of != NULL && !is_multiple(value, schema->multiple_of))
        add_number_error(walk, value, "a multiple of", schema->multiple_of);
    if (schema->minimum != NULL &&
        compare_numbers(value, schema->minimum) < (schema->minimum_excluded ? 1 : 0))
        add_number_error(walk, value,
                         schema->minimum_excluded ? "greater than" : "greater than or equal to",
                         schema->minimum);
    if (schema->maximum != NULL &&
        compare_numbers(value, schema->maximum) > (schema->maximum_excluded ? -1 : 0))
        add_number_error(walk, value,
                         schema->maximum_excluded ? "less than" : "less than or equal to",
                         schema->maximum);
}

/* Supported values are quoted whatever they are: "1", "{\"x\":\"1\"}". */
static void print_supported(const struct schema *schema, struct buf *out)
{
    const char *separator = "";
    JSON_EACH(item, schema->enumeration) {
        buf_append_text(out, separator);
        separator = ", ";
        if (json_is(item, JSON_STRING)) {
            schema_text_quote(json_string_of(item), out);
            continue;
        }
        char *text = json_print_text(item);
        schema_text_quote(str_from(text), out);
        mem_free(text);
    }
}

void schema_check_enum(const struct schema *schema, const struct json *value,
                       struct schema_walk *walk)
{
    if (schema->enumeration == NULL)
        return;
    JSON_EACH(item, schema->enumeration) {
        if (json_equal(item, value))
            return;
    }
    struct buf shown, supported;
    buf_init(&shown, SCHEMA_VALUE_BYTES_MAX);
    buf_init(&supported, SCHEMA_VALUE_BYTES_MAX);
    schema_text_value(value, &shown);
    print_supported(schema, &supported);
    schema_errors_add(walk->errors, "FieldValueNotSupported", schema_walk_field(walk),
                      "Unsupported value: %.*s: supported values: %.*s",
                      STR_ARGS(buf_str(&shown)), STR_ARGS(buf_str(&supported)));
    buf_release(&shown);
    buf_release(&supported);
}
