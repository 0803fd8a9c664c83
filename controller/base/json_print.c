#include "controller/base/json_internal.h"

/* Digits of the shortest decimal that reads back as the same double, without the point. */
struct decimal {
    char digits[20]; /* terminated */
    int digit_count;
    int exponent; /* of the first digit: 1.5 has 0, 0.05 has -2 */
};

static void decimal_trim(struct decimal *decimal)
{
    while (decimal->digit_count > 1 && decimal->digits[decimal->digit_count - 1] == '0')
        decimal->digits[--decimal->digit_count] = '\0';
}

/* Writes `value` (positive) with `digit_count` digits and reads the parts back. */
static void decimal_read(double value, int digit_count, struct decimal *ret_decimal)
{
    char text[48];
    struct decimal decimal = {0};
    snprintf(text, sizeof(text), "%.*e", digit_count - 1, value);
    /* Whatever the locale puts as the point is skipped. */
    const char *at = text;
    for (; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9' && decimal.digit_count < 18)
            decimal.digits[decimal.digit_count++] = *at;
    }
    bool negative = at[1] == '-';
    for (at += 2; *at != '\0'; at++)
        decimal.exponent = decimal.exponent * 10 + (*at - '0');
    if (negative)
        decimal.exponent = -decimal.exponent;
    decimal_trim(&decimal);
    *ret_decimal = decimal;
}

/* The next larger decimal of `digit_count` digits; false when another digit would be needed. */
static bool decimal_next(struct decimal *decimal, int digit_count)
{
    while (decimal->digit_count < digit_count)
        decimal->digits[decimal->digit_count++] = '0';
    int last = digit_count - 1;
    for (; last > 0 && decimal->digits[last] == '9'; last--)
        decimal->digits[last] = '0';
    if (decimal->digits[last] == '9')
        return false;
    decimal->digits[last]++;
    decimal_trim(decimal);
    return true;
}

static bool decimal_is(const struct decimal *decimal, double value)
{
    char text[40];
    int len = snprintf(text, sizeof(text), "%c.%s0e%d", decimal->digits[0], decimal->digits + 1,
                       decimal->exponent);
    double read = json_number_value((struct str){text, (size_t)len});
    return read >= value && read <= value;
}

/* 15 digits are always told apart by a normal double, so that its zeros can be cut; a
 * subnormal one holds fewer. */
static void decimal_shortest(double value, struct decimal *ret_decimal)
{
    bool subnormal = value < 0x1p-1022;
    for (int digit_count = subnormal ? 1 : 15; digit_count < 17; digit_count++) {
        decimal_read(value, digit_count, ret_decimal);
        if (decimal_is(ret_decimal, value))
            return;
    }
    /* Below a power of two doubles lie closer: the nearest decimal may read as the one
     * below when its upper neighbour still reads as this one. */
    if (decimal_next(ret_decimal, 16) && decimal_is(ret_decimal, value))
        return;
    decimal_read(value, 17, ret_decimal);
}

static void print_zeros(struct buf *out, int count)
{
    for (int i = 0; i < count; i++)
        buf_append_char(out, '0');
}

static void print_fixed(const struct decimal *decimal, struct buf *out)
{
    size_t count = (size_t)decimal->digit_count;
    if (decimal->exponent < 0) {
        buf_append_text(out, "0.");
        print_zeros(out, -decimal->exponent - 1);
        buf_append_bytes(out, decimal->digits, count);
        return;
    }
    size_t whole = (size_t)decimal->exponent + 1;
    if (count <= whole) {
        buf_append_bytes(out, decimal->digits, count);
        print_zeros(out, (int)(whole - count));
        return;
    }
    buf_append_bytes(out, decimal->digits, whole);
    buf_append_char(out, '.');
    buf_append_bytes(out, decimal->digits + whole, count - whole);
}

static void print_exponential(const struct decimal *decimal, struct buf *out)
{
    int magnitude = decimal->exponent < 0 ? -decimal->exponent : decimal->exponent;
    buf_append_char(out, decimal->digits[0]);
    if (decimal->digit_count > 1) {
        buf_append_char(out, '.');
        buf_append_bytes(out, decimal->digits + 1, (size_t)decimal->digit_count - 1);
    }
    buf_printf(out, "e%c%d", decimal->exponent < 0 ? '-' : '+', magnitude);
}

/* As Go's encoding/json: with exponents below 1e-6 and from 1e21, and 1e-7 instead of the
 * 1e-07 that strconv writes. */
static void print_number(const struct json *value, struct buf *out)
{
    int64_t integer;
    if (json_int_of(value, &integer)) {
        buf_printf(out, "%" PRId64, integer);
        return;
    }
    double number = json_double_of(value);
    struct decimal decimal;
    if (number < 0) {
        buf_append_char(out, '-');
        number = -number;
    }
    decimal_shortest(number, &decimal);
    if (number < 1e-6 || number >= 1e21)
        print_exponential(&decimal, out);
    else
        print_fixed(&decimal, out);
}

/* Bytes that stand for themselves within a literal. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0xe2;
}

static void print_escape(unsigned char c, struct buf *out)
{
    switch (c) {
    case '"': buf_append_text(out, "\\\""); return;
    case '\\': buf_append_text(out, "\\\\"); return;
    case '\n': buf_append_text(out, "\\n"); return;
    case '\r': buf_append_text(out, "\\r"); return;
    case '\t': buf_append_text(out, "\\t"); return;
    case '\b': buf_append_text(out, "\\b"); return;
    case '\f': buf_append_text(out, "\\f"); return;
    default: buf_printf(out, "\\u%04x", c); return;
    }
}

/* U+2028 and U+2029 end a line in JavaScript, so that Go escapes them. Returns the bytes
 * used. */
static size_t print_special(struct str rest, struct buf *out)
{
    unsigned char c = (unsigned char)rest.data[0];
    if (c != 0xe2) {
        print_escape(c, out);
        return 1;
    }
    if (str_starts_with(rest, STR("\xe2\x80\xa8"))) {
        buf_append_text(out, "\\u2028");
        return 3;
    }
    if (str_starts_with(rest, STR("\xe2\x80\xa9"))) {
        buf_append_text(out, "\\u2029");
        return 3;
    }
    buf_append_char(out, rest.data[0]);
    return 1;
}

void json_print_string(struct str text, struct buf *out)
{
    buf_append_char(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t begin = at;
        while (at < text.len && is_plain((unsigned char)text.data[at]))
            at++;
        buf_append_bytes(out, text.data + begin, at - begin);
        if (at < text.len)
            at += print_special(str_slice(text, at, text.len), out);
    }
    buf_append_char(out, '"');
}

/* indent < 0: compact. */
static void print_value(const struct json *value, int indent, struct buf *out);

static void print_newline(int indent, struct buf *out)
{
    if (indent < 0)
        return;
    buf_append_char(out, '\n');
    for (int i = 0; i < indent; i++)
        buf_append_text(out, "  ");
}

static void print_container(const struct json *value, int indent, struct buf *out)
{
    bool is_object = json_is(value, JSON_OBJECT);
    int inner = indent < 0 ? indent : indent + 1;
    const struct json *first = json_first(value);
    buf_append_char(out, is_object ? '{' : '[');
    JSON_EACH (item, value) {
        if (item != first)
            buf_append_char(out, ',');
        print_newline(inner, out);
        if (is_object) {
            json_print_string(json_key(item), out);
            buf_append_text(out, indent < 0 ? ":" : ": ");
        }
        print_value(item, inner, out);
    }
    if (first != NULL)
        print_newline(indent, out);
    buf_append_char(out, is_object ? '}' : ']');
}

static void print_value(const struct json *value, int indent, struct buf *out)
{
    switch (json_type(value)) {
    case JSON_NULL: buf_append_text(out, "null"); return;
    case JSON_BOOL: buf_append_text(out, json_bool_of(value) ? "true" : "false"); return;
    case JSON_NUMBER: print_number(value, out); return;
    case JSON_STRING: json_print_string(json_string_of(value), out); return;
    case JSON_ARRAY:
    case JSON_OBJECT: print_container(value, indent, out); return;
    }
}

void json_print(const struct json *value, struct buf *out)
{
    print_value(value, -1, out);
}

char *json_print_text(const struct json *value)
{
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    json_print(value, &out);
    return buf_steal(&out);
}

void json_print_pretty(const struct json *value, struct buf *out)
{
    print_value(value, 0, out);
    buf_append_char(out, '\n');
}
