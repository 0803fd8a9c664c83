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

bool json_text_numbers_are_canonical(struct str value)
{
    size_t at = 0;
    while (at < value.len) {
        char c = value.data[at];
        if (c == '"') {
            at = skip_string(value, at);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            size_t end = skip_value(value, at);
            if (!number_is_canonical(str_slice(value, at, end)))
                return false;
            at = end;
        } else {
            at++;
        }
    }
    return true;
}
