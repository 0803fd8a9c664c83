#include "controller/core/cron.h"

#define FIELDS 5u
#define NAME_BYTES 3u
#define ERROR_BYTES_MAX 512u
#define MINUTES_ALL ((UINT64_C(1) << 60) - 1)
#define HOURS_ALL ((UINT32_C(1) << 24) - 1)
#define DAYS_ALL UINT32_C(0xfffffffe)
#define MONTHS_ALL UINT32_C(0x1ffe)
#define WEEKDAYS_ALL UINT32_C(0x7f)

/* What a field may hold; the names stand for min, min + 1, ... */
struct bounds {
    unsigned min;
    unsigned max;
    const char *names; /* three letters each */
};

static const struct bounds bounds[FIELDS] = {
    {0, 59, ""},
    {0, 23, ""},
    {1, 31, ""},
    {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {0, 6, "sunmontuewedthufrisat"},
};

/* The values of a field, and whether "*" or "?" was among its items. */
struct field {
    uint64_t bits;
    bool star;
};

struct descriptor {
    struct str name;
    uint64_t minutes;
    uint32_t hours, days, months, weekdays;
    bool both_days;
};

static const struct descriptor descriptors[] = {
    {STR_INIT("@yearly"), 1, 1, 2, 2, WEEKDAYS_ALL, true},
    {STR_INIT("@annually"), 1, 1, 2, 2, WEEKDAYS_ALL, true},
    {STR_INIT("@monthly"), 1, 1, 2, MONTHS_ALL, WEEKDAYS_ALL, true},
    {STR_INIT("@weekly"), 1, 1, DAYS_ALL, MONTHS_ALL, 1, true},
    {STR_INIT("@daily"), 1, 1, DAYS_ALL, MONTHS_ALL, WEEKDAYS_ALL, true},
    {STR_INIT("@midnight"), 1, 1, DAYS_ALL, MONTHS_ALL, WEEKDAYS_ALL, true},
    {STR_INIT("@hourly"), 1, HOURS_ALL, DAYS_ALL, MONTHS_ALL, WEEKDAYS_ALL, true},
};

/* Bytes of the white space at the front as Go's unicode.IsSpace has it, or 0. */
static size_t space_bytes(struct str text)
{
    static const struct str wide[] = {
        STR_INIT("\xc2\x85"),     STR_INIT("\xc2\xa0"),     STR_INIT("\xe1\x9a\x80"),
        STR_INIT("\xe2\x80\xa8"), STR_INIT("\xe2\x80\xa9"), STR_INIT("\xe2\x80\xaf"),
        STR_INIT("\xe2\x81\x9f"), STR_INIT("\xe3\x80\x80"),
    };
    if (text.len == 0)
        return 0;
    if (text.data[0] == ' ' || (text.data[0] >= '\t' && text.data[0] <= '\r'))
        return 1;
    if ((unsigned char)text.data[0] < 0x80)
        return 0;
    for (size_t i = 0; i < ARRAY_COUNT(wide); i++) {
        if (str_starts_with(text, wide[i]))
            return wide[i].len;
    }
    /* U+2000 to U+200A */
    if (str_starts_with(text, STR("\xe2\x80")) && text.len > 2 &&
        (unsigned char)text.data[2] >= 0x80 && (unsigned char)text.data[2] <= 0x8a)
        return 3;
    return 0;
}

/* Cuts the next field off; STR_NONE when only white space is left. */
static struct str next_field(struct str *rest)
{
    size_t space;
    size_t len = 0;
    while ((space = space_bytes(*rest)) > 0)
        *rest = str_slice(*rest, space, rest->len);
    while (len < rest->len && space_bytes(str_slice(*rest, len, rest->len)) == 0)
        len++;
    struct str field = len > 0 ? str_slice(*rest, 0, len) : STR_NONE;
    *rest = str_slice(*rest, len, rest->len);
    return field;
}

/* Pieces between separators, empty ones included: at most three are told apart. */
struct pieces {
    struct str items[2];
    size_t count;
};

static struct pieces split(struct str text, char separator)
{
    struct pieces pieces = {.count = 0};
    size_t begin = 0;
    for (;;) {
        size_t end = str_find(text, separator, begin);
        if (pieces.count < ARRAY_COUNT(pieces.items))
            pieces.items[pieces.count] = str_slice(text, begin, end);
        pieces.count++;
        if (end == text.len || pieces.count > ARRAY_COUNT(pieces.items))
            return pieces;
        begin = end + 1;
    }
}

/* `strconv.Atoi: parsing "x": why`, with the text quoted as Go does. */
static enum err number_fail(struct str text, const char *why, struct errmsg *msg)
{
    CLEANUP(buf_release) struct buf quoted;
    buf_init(&quoted, ERROR_BYTES_MAX);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '"' || c == '\\')
            buf_append_char(&quoted, '\\');
        if (c == '\a' || c == '\b')
            buf_append_text(&quoted, c == '\a' ? "\\a" : "\\b");
        else
            buf_append_char(&quoted, c);
    }
    return err_set(msg, ERR_SYNTAX, "Failed to parse int from %.*s: strconv.Atoi: parsing "
                   "\"%.*s\": %s", STR_ARGS(text), STR_ARGS(buf_str(&quoted)), why);
}

/* Digits as Go's ParseUint reads them: what cannot fit ends the reading, whatever follows. */
static enum err read_digits(struct str digits, struct str text, uint64_t *ret_value,
                            struct errmsg *msg)
{
    uint64_t value = 0;
    if (digits.len == 0)
        return number_fail(text, "invalid syntax", msg);
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.data[i];
        if (c < '0' || c > '9')
            return number_fail(text, "invalid syntax", msg);
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(c - '0'), &value))
            return number_fail(text, "value out of range", msg);
    }
    *ret_value = value;
    return ERR_NONE;
}

/* Go's strconv.Atoi, and not negative. */
static enum err read_number(struct str text, uint64_t *ret_value, struct errmsg *msg)
{
    bool negative = str_starts_with(text, STR("-"));
    bool has_sign = negative || str_starts_with(text, STR("+"));
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    uint64_t value = 0;
    enum err err = read_digits(str_slice(text, has_sign ? 1 : 0, text.len), text, &value, msg);
    if (err != ERR_NONE)
        return err;
    if (value > limit)
        return number_fail(text, "value out of range", msg);
    if (negative && value > 0)
        return err_set(msg, ERR_SYNTAX, "Negative number (-%" PRIu64 ") not allowed: %.*s", value,
                       STR_ARGS(text));
    *ret_value = value;
    return ERR_NONE;
}

static bool is_name(struct str text, const char *name)
{
    for (size_t i = 0; i < NAME_BYTES; i++) {
        if (text.data[i] != name[i] && text.data[i] != name[i] - 'a' + 'A')
            return false;
    }
    return true;
}

static enum err read_value(struct str text, const struct bounds *limits, uint64_t *ret_value,
                           struct errmsg *msg)
{
    const char *name = limits->names;
    for (uint64_t value = limits->min; text.len == NAME_BYTES && *name != '\0'; value++) {
        if (is_name(text, name)) {
            *ret_value = value;
            return ERR_NONE;
        }
        name += NAME_BYTES;
    }
    return read_number(text, ret_value, msg);
}

/* An item such as "1-5/2", as far as it was read. */
struct range {
    struct str text;
    uint64_t begin, end, step;
    bool star;
};

static enum err read_ends(struct str text, const struct bounds *limits, struct range *range,
                          struct errmsg *msg)
{
    struct pieces ends = split(text, '-');
    range->star = str_is(ends.items[0], "*") || str_is(ends.items[0], "?");
    range->begin = limits->min;
    range->end = limits->max;
    if (range->star)
        return ERR_NONE;
    enum err err = read_value(ends.items[0], limits, &range->begin, msg);
    if (err != ERR_NONE)
        return err;
    if (ends.count == 2)
        return read_value(ends.items[1], limits, &range->end, msg);
    range->end = range->begin;
    return ends.count == 1 ? ERR_NONE
                           : err_set(msg, ERR_SYNTAX, "Too many hyphens: %.*s",
                                     STR_ARGS(range->text));
}

static enum err check_range(const struct range *range, const struct bounds *limits,
                            struct errmsg *msg)
{
    if (range->begin < limits->min)
        return err_set(msg, ERR_SYNTAX,
                       "Beginning of range (%" PRIu64 ") below minimum (%u): %.*s", range->begin,
                       limits->min, STR_ARGS(range->text));
    if (range->end > limits->max)
        return err_set(msg, ERR_SYNTAX, "End of range (%" PRIu64 ") above maximum (%u): %.*s",
                       range->end, limits->max, STR_ARGS(range->text));
    if (range->begin > range->end)
        return err_set(msg, ERR_SYNTAX,
                       "Beginning of range (%" PRIu64 ") beyond end of range (%" PRIu64 "): %.*s",
                       range->begin, range->end, STR_ARGS(range->text));
    if (range->step == 0)
        return err_set(msg, ERR_SYNTAX, "Step of range should be a positive number: %.*s",
                       STR_ARGS(range->text));
    return ERR_NONE;
}

static enum err read_item(struct str item, const struct bounds *limits, struct field *field,
                          struct errmsg *msg)
{
    struct range range = {.text = item, .step = 1};
    struct pieces parts = split(item, '/');
    enum err err = read_ends(parts.items[0], limits, &range, msg);
    if (err != ERR_NONE)
        return err;
    if (parts.count > 2)
        return err_set(msg, ERR_SYNTAX, "Too many slashes: %.*s", STR_ARGS(item));
    if (parts.count == 2) {
        err = read_number(parts.items[1], &range.step, msg);
        if (str_find(parts.items[0], '-', 0) == parts.items[0].len)
            range.end = limits->max;
    }
    if (err == ERR_NONE)
        err = check_range(&range, limits, msg);
    if (err != ERR_NONE)
        return err;
    if (range.step == 1)
        field->bits |= UINT64_MAX << range.begin & UINT64_MAX >> (63 - range.end);
    for (uint64_t value = range.begin; value <= range.end && range.step > 1; value += range.step)
        field->bits |= UINT64_C(1) << value;
    field->star = field->star || range.star;
    return ERR_NONE;
}

static enum err read_field(struct str text, const struct bounds *limits, struct field *ret_field,
                           struct errmsg *msg)
{
    struct field field = {0, false};
    while (text.data != NULL) {
        struct str item = str_split_next(&text, ',');
        enum err err = ERR_NONE;
        if (item.len > 0)
            err = read_item(item, limits, &field, msg);
        if (err != ERR_NONE)
            return err;
    }
    *ret_field = field;
    return ERR_NONE;
}

static enum err read_fields(struct str text, struct cron *cron, struct errmsg *msg)
{
    struct str texts[FIELDS];
    struct field fields[FIELDS];
    struct str rest = text;
    struct str field;
    size_t count = 0;
    while ((field = next_field(&rest)).len > 0) {
        if (count < FIELDS)
            texts[count] = field;
        count++;
    }
    if (count != FIELDS)
        return err_set(msg, ERR_SYNTAX, "Expected exactly %u fields, found %zu: %.*s", FIELDS,
                       count, STR_ARGS(text));
    for (size_t i = 0; i < FIELDS; i++) {
        enum err err = read_field(texts[i], &bounds[i], &fields[i], msg);
        if (err != ERR_NONE)
            return err;
    }
    cron->minutes = fields[0].bits;
    cron->hours = (uint32_t)fields[1].bits;
    cron->days = (uint32_t)fields[2].bits;
    cron->months = (uint32_t)fields[3].bits;
    cron->weekdays = (uint32_t)fields[4].bits;
    cron->both_days = fields[2].star || fields[4].star;
    return ERR_NONE;
}

/* "@every 90s": whole seconds, at least one. */
static enum err read_every(struct str text, struct cron *cron, struct errmsg *msg)
{
    const int64_t second_ns = 1000000000;
    struct errmsg why = {{0}};
    int64_t every_ns;
    if (duration_parse(str_slice(text, strlen("@every "), text.len), &every_ns, &why) != ERR_NONE)
        return err_set(msg, ERR_SYNTAX, "Failed to parse duration %.*s: %s", STR_ARGS(text),
                       why.text);
    cron->every_ms = (every_ns < second_ns ? 1 : every_ns / second_ns) * 1000;
    return ERR_NONE;
}

static enum err read_descriptor(struct str text, struct cron *cron, struct errmsg *msg)
{
    if (str_starts_with(text, STR("@every ")))
        return read_every(text, cron, msg);
    for (size_t i = 0; i < ARRAY_COUNT(descriptors); i++) {
        const struct descriptor *found = &descriptors[i];
        if (!str_equal(text, found->name))
            continue;
        cron->minutes = found->minutes;
        cron->hours = found->hours;
        cron->days = found->days;
        cron->months = found->months;
        cron->weekdays = found->weekdays;
        cron->both_days = found->both_days;
        return ERR_NONE;
    }
    return err_set(msg, ERR_SYNTAX, "Unrecognized descriptor: %.*s", STR_ARGS(text));
}

static enum err read_expression(struct str text, struct cron *cron, struct errmsg *msg)
{
    if (text.len == 0)
        return err_set(msg, ERR_SYNTAX, "Empty spec string");
    if (text.data[0] == '@')
        return read_descriptor(text, cron, msg);
    return read_fields(text, cron, msg);
}

/* Cuts "TZ=NAME " or "CRON_TZ=NAME " off the front; STR_NONE: the text has no such prefix. */
static struct str cut_zone(struct str *text)
{
    size_t space = str_find(*text, ' ', 0);
    size_t equals = str_find(*text, '=', 0);
    struct str word = str_slice(*text, 0, equals);
    if (space == text->len || equals > space || (!str_is(word, "TZ") && !str_is(word, "CRON_TZ")))
        return STR_NONE;
    struct str name = str_slice(*text, equals + 1, space);
    *text = str_slice(*text, space + 1, text->len);
    return name;
}

/* The words are those of robfig/cron v3, which has such prefixes. */
static enum err read_zone(struct str name, const struct zone_source *source, struct zone *ret_zone,
                          struct errmsg *msg)
{
    struct errmsg why = {{0}};
    enum err err = zone_load(source, name, ret_zone, &why);
    if (err != ERR_NONE)
        return err_set(msg, err, "provided bad location %.*s: %s", STR_ARGS(name), why.text);
    return ERR_NONE;
}

enum err cron_parse(struct str text, const struct zone_source *source, struct cron *ret_cron,
                    struct errmsg *msg)
{
    struct cron cron = {.zone = zone_utc};
    if (text.len > CRON_BYTES_MAX)
        return err_set(msg, ERR_LIMIT, "found %zu bytes, expected at most %u", text.len,
                       CRON_BYTES_MAX);
    struct str zone = cut_zone(&text);
    enum err err = read_expression(text, &cron, msg);
    if (err == ERR_NONE && zone.data != NULL)
        err = read_zone(zone, source, &cron.zone, msg);
    if (err != ERR_NONE)
        return err;
    *ret_cron = cron;
    return ERR_NONE;
}
