/*
 * Values and texts inside messages, as Go's fmt prints them: a client compares words.
 */
#include "fakeapi/schema_node.h"

/* Code points above ASCII that Go does not print as they are (unicode.IsPrint). */
static const struct {
    uint32_t first;
    uint32_t last;
} unprintable[] = {
    {0x80, 0xa0},      {0xad, 0xad},      {0x600, 0x605},    {0x61c, 0x61c},
    {0x6dd, 0x6dd},    {0x70f, 0x70f},    {0x1680, 0x1680},  {0x180e, 0x180e},
    {0x2000, 0x200f},  {0x2028, 0x202f},  {0x205f, 0x206f},  {0x3000, 0x3000},
    {0xd800, 0xf8ff},  {0xfeff, 0xfeff},  {0xfff0, 0xfffb},  {0xfffe, 0xffff},
    {0xe0000, 0x10ffff},
};

static bool is_printable(uint32_t point)
{
    for (size_t i = 0; i < ARRAY_COUNT(unprintable); i++) {
        if (point >= unprintable[i].first && point <= unprintable[i].last)
            return false;
    }
    return true;
}

static void quote_ascii(unsigned char c, struct buf *out)
{
    static const char named[] = "\a\b\f\n\r\t\v";
    static const char letters[] = "abfnrtv";
    const char *found = c != 0 ? strchr(named, c) : NULL;
    if (found != NULL)
        buf_printf(out, "\\%c", letters[found - named]);
    else if (c == '"' || c == '\\')
        buf_printf(out, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
        buf_printf(out, "\\x%02x", c);
    else
        buf_append_char(out, (char)c);
}

/* The bytes of one code point; the text is valid UTF-8. */
static size_t point_len(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static void quote_wide(struct str bytes, struct buf *out)
{
    uint32_t point = (unsigned char)bytes.data[0] & (0x7fu >> bytes.len);
    for (size_t i = 1; i < bytes.len; i++)
        point = point << 6 | ((unsigned char)bytes.data[i] & 0x3fu);
    if (is_printable(point))
        buf_append(out, bytes);
    else
        buf_printf(out, point < 0x10000 ? "\\u%04x" : "\\U%08x", point);
}

void schema_text_quote(struct str text, struct buf *out)
{
    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len;) {
        unsigned char first = (unsigned char)text.data[i];
        size_t len = point_len(first);
        if (len == 1)
            quote_ascii(first, out);
        else
            quote_wide(str_slice(text, i, i + len), out);
        i += len;
    }
    buf_append_char(out, '"');
}

/* The digits of a printed double without sign, point and zeros at the ends, and the
 * decimal exponent of the first one. */
struct digits {
    char text[64];
    size_t count;
    int exponent;
};

static int read_exponent(struct str text)
{
    size_t at = str_find(text, 'e', 0);
    int64_t exponent = 0;
    struct str rest = str_slice(text, at + 1, text.len);
    if (str_starts_with(rest, STR("+")))
        rest = str_slice(rest, 1, rest.len);
    return str_to_i64(rest, &exponent) ? (int)exponent : 0;
}

static void read_digits(struct str text, struct digits *digits)
{
    size_t end = str_find(text, 'e', 0);
    size_t point = str_find(str_slice(text, 0, end), '.', 0);
    bool leading = true;
    for (size_t i = 0; i < end && digits->count < sizeof(digits->text); i++) {
        if (text.data[i] == '.' || (leading && text.data[i] == '0'))
            continue;
        if (leading)
            digits->exponent = i < point ? (int)(point - i) - 1 : (int)point - (int)i;
        leading = false;
        digits->text[digits->count++] = text.data[i];
    }
    while (digits->count > 1 && digits->text[digits->count - 1] == '0')
        digits->count--;
    digits->exponent += read_exponent(text);
}

static void print_plain(const struct digits *digits, bool negative, struct buf *out)
{
    buf_append_text(out, negative ? "-" : "");
    if (digits->exponent < 0)
        buf_append_text(out, "0.");
    for (int i = digits->exponent; i < -1; i++)
        buf_append_char(out, '0');
    for (int i = 0; i < (int)digits->count || i <= digits->exponent; i++) {
        if (i > 0 && i == digits->exponent + 1)
            buf_append_char(out, '.');
        buf_append_char(out, i < (int)digits->count ? digits->text[i] : '0');
    }
}

/* %v of a float64 is %g with the shortest digits: an exponent below 1e-04 and
 * from 1e+06 up, where JSON has one below 1e-06 and from 1e+21 up. */
static void print_double(struct str json, struct buf *out)
{
    struct digits digits = {.count = 0};
    bool negative = str_starts_with(json, STR("-"));
    read_digits(negative ? str_slice(json, 1, json.len) : json, &digits);
    if (digits.exponent >= -4 && digits.exponent < 6) {
        print_plain(&digits, negative, out);
        return;
    }
    buf_printf(out, "%s%c", negative ? "-" : "", digits.text[0]);
    if (digits.count > 1)
        buf_printf(out, ".%.*s", (int)digits.count - 1, digits.text + 1);
    buf_printf(out, "e%c%02d", digits.exponent < 0 ? '-' : '+', abs(digits.exponent));
}

void schema_text_number(const struct json *number, bool as_double, struct buf *out)
{
    struct buf json;
    int64_t integer;
    buf_init(&json, 128);
    json_print(number, &json);
    if (json_int_of(number, &integer) && (!as_double || integer == 0))
        buf_append(out, buf_str(&json));
    else
        print_double(buf_str(&json), out);
    buf_release(&json);
}

void schema_text_value(const struct json *value, struct buf *out)
{
    if (json_is(value, JSON_STRING)) {
        schema_text_quote(json_string_of(value), out);
    } else if (json_is(value, JSON_NUMBER)) {
        schema_text_number(value, false, out);
    } else {
        struct json *sorted = json_clone(value);
        json_sort(sorted);
        json_print(sorted, out);
        json_free(sorted);
    }
}
