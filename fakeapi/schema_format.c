/*
 * The formats of string fields that a server checks; it ignores the others.
 * Source: recorded answers, schema/03-formats; names in schema_format_names.c.
 */
#include "fakeapi/schema_node.h"

#include "controller/base/ktime.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A picture: '0' stands for a digit, other bytes for themselves. */
static bool has_shape(struct str text, const char *picture)
{
    if (text.len != strlen(picture))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (picture[i] == '0' ? !is_digit(text.data[i]) : text.data[i] != picture[i])
            return false;
    }
    return true;
}

static unsigned number_at(struct str text, size_t at, size_t count)
{
    unsigned value = 0;
    for (size_t i = at; i < at + count; i++)
        value = value * 10 + (unsigned)(text.data[i] - '0');
    return value;
}

static bool is_date(struct str text)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!has_shape(text, "0000-00-00"))
        return false;
    unsigned year = number_at(text, 0, 4);
    unsigned month = number_at(text, 5, 2);
    unsigned day = number_at(text, 8, 2);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

static bool is_zone(struct str text)
{
    if (str_is(text, "Z") || str_is(text, "z"))
        return true;
    return has_shape(text, "+00:00") || has_shape(text, "-00:00");
}

/* Lower-case t and z pass here, though not where a controller reads the time. */
static bool is_date_time(struct str text)
{
    if (text.len < 20 || (text.data[10] | 0x20) != 't' || !is_date(str_slice(text, 0, 10)))
        return false;
    struct str time = str_slice(text, 11, 19);
    size_t at = 19;
    if (!has_shape(time, "00:00:00") || number_at(time, 0, 2) > 23 ||
        number_at(time, 3, 2) > 59 || number_at(time, 6, 2) > 59)
        return false;
    if (at + 1 < text.len && !is_digit(text.data[at]) && is_digit(text.data[at + 1]) &&
        text.data[at] != '+' && text.data[at] != '-') {
        at++;
        while (at < text.len && is_digit(text.data[at]))
            at++;
    }
    return is_zone(str_slice(text, at, text.len));
}

static bool word_starts_with(struct str word, const char *prefix)
{
    size_t len = strlen(prefix);
    if (word.len < len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((word.data[i] | 0x20) != prefix[i])
            return false;
    }
    return true;
}

/* "3 days": a count and a word. Short units stand alone, long ones may go on. */
static bool is_unit(struct str word)
{
    static const char *const exact[] = {"ns", "us", "ms", "s", "m", "h", "d", "w", "hr", "wk"};
    static const char *const stems[] = {"nano", "micro", "milli", "sec", "min", "hour",
                                        "day",  "week"};
    for (size_t i = 0; i < ARRAY_COUNT(exact); i++) {
        if (word.len == strlen(exact[i]) && word_starts_with(word, exact[i]))
            return true;
    }
    for (size_t i = 0; i < ARRAY_COUNT(stems); i++) {
        if (word_starts_with(word, stems[i]))
            return true;
    }
    return false;
}

static bool is_duration(struct str text)
{
    struct errmsg unused;
    int64_t ns;
    if (duration_parse(text, &ns, &unused) == ERR_NONE)
        return true;
    for (size_t i = 0; i < text.len;) {
        size_t begin = i;
        while (i < text.len && is_digit(text.data[i]))
            i++;
        bool counted = i > begin;
        while (counted && i < text.len && (text.data[i] == ' ' || text.data[i] == '\t'))
            i++;
        size_t word = i;
        while (i < text.len && is_letter(text.data[i]))
            i++;
        if (counted && is_unit(str_slice(text, word, i)))
            return true;
        i += i == begin;
    }
    return false;
}

/* Standard alphabet, padded, and not empty. */
static bool is_base64(struct str text)
{
    size_t len = text.len;
    if (len == 0 || len % 4 != 0)
        return false;
    while (len > text.len - 2 && text.data[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++) {
        char c = text.data[i];
        if (!is_letter(c) && !is_digit(c) && c != '+' && c != '/')
            return false;
    }
    return true;
}

bool schema_format_holds(struct str format, struct str text)
{
    static const struct {
        const char *name;
        bool (*holds)(struct str text);
    } formats[] = {
        {"date-time", is_date_time}, {"datetime", is_date_time}, {"date", is_date},
        {"duration", is_duration},   {"byte", is_base64},
    };
    bool known = false;
    for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
        if (str_is(format, formats[i].name))
            return formats[i].holds(text);
    }
    bool holds = schema_format_holds_names(format, text, &known);
    return holds || !known;
}
