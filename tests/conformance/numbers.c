#include "tests/conformance/numbers.h"

#include "controller/base/mem.h"

#define TEXT_BYTES_MAX (64u << 20)
#define EXACT_DIGITS 15u
#define MARK "\"\\u0001"

static bool is_number_byte(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static bool is_fraction(struct str number)
{
    return str_find(number, '.', 0) < number.len || str_find(number, 'e', 0) < number.len ||
           str_find(number, 'E', 0) < number.len;
}

/* The fraction in the one spelling that printing gives, with ".0" if nothing else tells it
 * from an integer. */
static void print_fraction(struct str number, struct buf *out)
{
    struct json *value;
    char *text;

    if (json_parse(number, NULL, &value, NULL) != ERR_NONE) {
        buf_append(out, number); /* beyond a double: as it is */
        return;
    }
    text = json_print_text(value);
    buf_append_text(out, text);
    if (!is_fraction(str_from(text)))
        buf_append_text(out, ".0");
    mem_free(text);
    json_free(value);
}

static void mark_number(struct str number, struct buf *out)
{
    if (!is_fraction(number) && number.len <= EXACT_DIGITS) {
        buf_append(out, number);
        return;
    }
    buf_append_text(out, MARK);
    if (is_fraction(number))
        print_fraction(number, out);
    else
        buf_append(out, number);
    buf_append_char(out, '"');
}

/* The end of the string that opens at `at`. */
static size_t string_end(struct str text, size_t at)
{
    for (at++; at < text.len && text.data[at] != '"'; at++)
        at += text.data[at] == '\\' ? 1 : 0;
    return at < text.len ? at + 1 : text.len;
}

static void mark_numbers(struct str text, struct buf *out)
{
    size_t end;

    for (size_t at = 0; at < text.len; at = end) {
        char c = text.data[at];
        end = at + 1;
        if (c == '"')
            end = string_end(text, at);
        else if (c == '-' || (c >= '0' && c <= '9'))
            while (end < text.len && is_number_byte(text.data[end]))
                end++;
        if (c == '-' || (c >= '0' && c <= '9'))
            mark_number(str_slice(text, at, end), out);
        else
            buf_append(out, str_slice(text, at, end));
    }
}

enum err numbers_parse(struct str text, struct json **ret_value, struct errmsg *msg)
{
    CLEANUP(buf_release) struct buf marked = {0};

    buf_init(&marked, TEXT_BYTES_MAX);
    mark_numbers(text, &marked);
    return json_parse_last_wins(buf_str(&marked), NULL, ret_value, NULL, msg);
}

void numbers_print(const struct json *value, struct buf *out)
{
    char *text = json_print_text(value);
    const char *rest = text;
    const char *mark;

    while ((mark = strstr(rest, MARK)) != NULL) {
        const char *number = mark + strlen(MARK);
        size_t len = strcspn(number, "\"");
        buf_append_bytes(out, rest, (size_t)(mark - rest));
        buf_append_bytes(out, number, len);
        rest = number + len + 1;
    }
    buf_append_text(out, rest);
    mem_free(text);
}

double numbers_value(const struct json *value)
{
    CLEANUP(buf_release) struct buf text = {0};
    struct json *number;
    double result;

    buf_init(&text, TEXT_BYTES_MAX);
    numbers_print(value, &text);
    if (json_parse(buf_str(&text), NULL, &number, NULL) != ERR_NONE)
        return 0;
    result = json_double_of(number);
    json_free(number);
    return result;
}
