/* Numbers as text, both ways. cJSON turns decimal fractions into doubles: it does so whatever the
 * locale is. */
#include "controller/base/json_internal.h"

#include <cjson/cJSON.h>

#pragma GCC poison cJSON_GetObjectItem cJSON_HasObjectItem cJSON_Print

/* May be infinite. */
static double number_value(struct str literal)
{
    cJSON *number = cJSON_ParseWithLengthOpts(literal.data, literal.len, NULL, false);
    ASSERT(number != NULL);
    double value = number->valuedouble;
    cJSON_Delete(number);
    return value;
}

bool json_number_read(struct str literal, struct json **ret_value)
{
    double number = number_value(literal);
    if (!__builtin_isfinite(number))
        return false;
    *ret_value = json_double(number);
    return true;
}

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
    double read = number_value((struct str){text, (size_t)len});
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

static void print_integer(int64_t integer, struct buf *out)
{
    char digits[24];
    size_t begin = sizeof(digits);
    uint64_t magnitude = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    do {
        digits[--begin] = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    if (integer < 0)
        digits[--begin] = '-';
    buf_append_bytes(out, digits + begin, sizeof(digits) - begin);
}

/* As Go's encoding/json: with exponents below 1e-6 and from 1e21, and 1e-7 instead of the
 * 1e-07 that strconv writes. */
void json_number_print(const struct json *value, struct buf *out)
{
    int64_t integer;
    if (json_int_of(value, &integer)) {
        print_integer(integer, out);
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
