#include "fakeapi/json_text.h"

#include "controller/base/json.h"
#include "controller/base/mem.h"

static size_t skip_space(struct str text, size_t at)
{
    while (at < text.len && strchr(" \t\r\n", text.data[at]) != NULL)
        at++;
    return at;
}

static size_t skip_string(struct str text, size_t at)
{
    for (at++; at < text.len && text.data[at] != '"'; at++)
        if (text.data[at] == '\\')
            at++;
    return at + 1;
}

/* Behind the value that begins at `at`. */
static size_t skip_value(struct str text, size_t at)
{
    size_t depth = 0;
    while (at < text.len) {
        char c = text.data[at];
        if (c == '"') {
            at = skip_string(text, at);
            if (depth == 0)
                return at;
            continue;
        }
        if (c == '{' || c == '[')
            depth++;
        if (depth == 0 && strchr(",]} \t\r\n", c) != NULL)
            return at;
        at++;
        if ((c == '}' || c == ']') && --depth == 0)
            return at;
    }
    return at;
}

size_t json_text_first_item(struct str array)
{
    return skip_space(array, 0) + 1;
}

struct str json_text_item(struct str array, size_t *at)
{
    size_t begin = skip_space(array, *at);
    if (begin >= array.len || array.data[begin] == ']')
        return STR_NONE;
    size_t end = skip_value(array, begin);
    size_t next = skip_space(array, end);
    *at = next < array.len && array.data[next] == ',' ? next + 1 : next;
    return str_slice(array, begin, end);
}

struct str json_text_member(struct str object, struct str name)
{
    struct str found = STR_NONE;
    size_t at = skip_space(object, 0) + 1;
    for (;;) {
        size_t key_begin = skip_space(object, at);
        if (key_begin >= object.len || object.data[key_begin] != '"')
            return found;
        size_t key_end = skip_string(object, key_begin);
        size_t begin = skip_space(object, skip_space(object, key_end) + 1);
        size_t end = skip_value(object, begin);
        if (str_equal(str_slice(object, key_begin + 1, key_end - 1), name))
            found = str_slice(object, begin, end);
        size_t next = skip_space(object, end);
        if (next >= object.len || object.data[next] != ',')
            return found;
        at = next + 1;
    }
}

static bool number_is_canonical(struct str number)
{
    struct json *value = NULL;
    if (json_parse(number, NULL, &value, NULL) != ERR_NONE)
        return false;
    char *text = json_print_text(value);
    bool same = str_is(number, text);
    mem_free(text);
    json_free(value);
    return same;
}

/* The first number that `is_sought` for; STR_NONE when there is none. */
static struct str find_number(struct str value, bool (*is_sought)(struct str number))
{
    size_t at = 0;
    while (at < value.len) {
        char c = value.data[at];
        if (c == '"') {
            at = skip_string(value, at);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            size_t end = skip_value(value, at);
            if (is_sought(str_slice(value, at, end)))
                return str_slice(value, at, end);
            at = end;
        } else {
            at++;
        }
    }
    return STR_NONE;
}

static bool number_is_odd(struct str number)
{
    return !number_is_canonical(number);
}

bool json_text_numbers_are_canonical(struct str value)
{
    return find_number(value, number_is_odd).data == NULL;
}

static bool number_is_endless(struct str number)
{
    struct json *value = NULL;
    if (json_parse(number, NULL, &value, NULL) != ERR_NONE)
        return true;
    json_free(value);
    return false;
}

struct str json_text_endless_number(struct str value)
{
    return find_number(value, number_is_endless);
}

/* What \uXXXX at `at` stands for; -1: it is none. */
static int escaped_unit(struct str text, size_t at)
{
    int unit = 0;
    if (at + 6 > text.len || text.data[at] != '\\' || text.data[at + 1] != 'u')
        return -1;
    for (size_t i = at + 2; i < at + 6; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = memchr(digits, text.data[i], sizeof(digits) - 1);
        if (digit == NULL)
            return -1;
        unit = unit * 16 + (int)((digit - digits) % 16);
    }
    return unit;
}

static bool is_high(int unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(int unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

void json_text_repair(struct str text, struct buf *out)
{
    size_t at = 0;
    while (at < text.len) {
        int unit = escaped_unit(text, at);
        size_t len = unit >= 0 ? 6 : text.data[at] == '\\' ? 2 : 1;
        if (is_high(unit) && is_low(escaped_unit(text, at + 6)))
            len = 12;
        if (len == 6 && (is_high(unit) || is_low(unit)))
            buf_append_text(out, "\\ufffd");
        else
            buf_append(out, str_slice(text, at, at + len));
        at += len;
    }
}
