#include "controller/base/ktime.h"

#define NS_PER_MS 1000000
#define NS_PER_SECOND UINT64_C(1000000000)
/* The magnitude of the smallest int64. */
#define MAGNITUDE_MAX (UINT64_C(1) << 63)

struct unit {
    struct str name;
    uint64_t ns;
};

static const struct unit units[] = {
    {STR_INIT("ns"), 1},
    {STR_INIT("us"), 1000},
    {STR_INIT("\xc2\xb5s"), 1000}, /* U+00B5, micro sign */
    {STR_INIT("\xce\xbcs"), 1000}, /* U+03BC, Greek letter mu */
    {STR_INIT("ms"), NS_PER_MS},
    {STR_INIT("s"), NS_PER_SECOND},
    {STR_INIT("m"), 60 * NS_PER_SECOND},
    {STR_INIT("h"), 3600 * NS_PER_SECOND},
};

/* Quotes as Go's time package does: quote and backslash escaped, every byte that is not
 * printable ASCII as \xNN. */
static void quote(struct str text, struct buf *out)
{
    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c >= 0x80) {
            buf_printf(out, "\\x%02x", c);
            continue;
        }
        if (c == '"' || c == '\\')
            buf_append_char(out, '\\');
        buf_append_char(out, (char)c);
    }
    buf_append_char(out, '"');
}

/* "time: WHAT [UNIT in ]duration TEXT"; the message cuts what is too long. */
static enum err fail(struct errmsg *msg, const char *what, struct str unit, struct str text)
{
    struct buf words CLEANUP(buf_release) = {0};
    if (msg == NULL)
        return ERR_SYNTAX;
    buf_init(&words, 4096);
    buf_printf(&words, "time: %s ", what);
    if (unit.len > 0) {
        quote(str_slice(unit, 0, 64), &words);
        buf_append_text(&words, " in duration ");
    }
    quote(str_slice(text, 0, 256), &words);
    return err_set(msg, ERR_SYNTAX, "%s", buf_str(&words).data);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits at the front; false when they exceed 2^63. */
static bool read_whole(struct str *rest, uint64_t *ret_whole)
{
    uint64_t whole = 0;
    size_t i = 0;
    for (; i < rest->len && is_digit(rest->data[i]); i++) {
        if (whole > MAGNITUDE_MAX / 10)
            return false;
        whole = whole * 10 + (uint64_t)(rest->data[i] - '0');
        if (whole > MAGNITUDE_MAX)
            return false;
    }
    *rest = str_slice(*rest, i, rest->len);
    *ret_whole = whole;
    return true;
}

/* value / scale is the fraction. Digits beyond what 63 bits hold do not count. */
struct fraction {
    uint64_t value;
    double scale;
};

static struct fraction read_fraction(struct str *rest)
{
    struct fraction fraction = {0, 1};
    bool full = false;
    size_t i = 0;
    for (; i < rest->len && is_digit(rest->data[i]); i++) {
        if (full || fraction.value > (MAGNITUDE_MAX - 1) / 10) {
            full = true;
            continue;
        }
        uint64_t longer = fraction.value * 10 + (uint64_t)(rest->data[i] - '0');
        if (longer > MAGNITUDE_MAX) {
            full = true;
            continue;
        }
        fraction.value = longer;
        fraction.scale *= 10;
    }
    *rest = str_slice(*rest, i, rest->len);
    return fraction;
}

static struct str read_unit(struct str *rest)
{
    size_t len = 0;
    while (len < rest->len && rest->data[len] != '.' && !is_digit(rest->data[len]))
        len++;
    struct str unit = str_slice(*rest, 0, len);
    *rest = str_slice(*rest, len, rest->len);
    return unit;
}

static const struct unit *unit_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_COUNT(units); i++) {
        if (str_equal(units[i].name, name))
            return &units[i];
    }
    return NULL;
}

/* Adds whole and fraction of a unit to *sum; false beyond 2^63. Go multiplies the fraction
 * in floating point, and so do we. */
static bool add_group(uint64_t whole, struct fraction fraction, uint64_t unit_ns, uint64_t *sum)
{
    if (whole > MAGNITUDE_MAX / unit_ns)
        return false;
    uint64_t ns = whole * unit_ns;
    if (fraction.value > 0)
        ns += (uint64_t)((double)fraction.value * ((double)unit_ns / fraction.scale));
    *sum += ns;
    return ns <= MAGNITUDE_MAX && *sum <= MAGNITUDE_MAX;
}

/* One number with its unit. */
static enum err read_group(struct str *rest, struct str text, uint64_t *sum, struct errmsg *msg)
{
    struct fraction fraction = {0, 1};
    uint64_t whole;
    size_t before = rest->len;
    if (!read_whole(rest, &whole))
        return fail(msg, "invalid duration", STR_NONE, text);
    bool has_digits = rest->len != before;
    if (rest->len > 0 && rest->data[0] == '.') {
        *rest = str_slice(*rest, 1, rest->len);
        before = rest->len;
        fraction = read_fraction(rest);
        has_digits = has_digits || rest->len != before;
    }
    if (!has_digits)
        return fail(msg, "invalid duration", STR_NONE, text);
    struct str name = read_unit(rest);
    if (name.len == 0)
        return fail(msg, "missing unit in duration", STR_NONE, text);
    const struct unit *unit = unit_find(name);
    if (unit == NULL)
        return fail(msg, "unknown unit", name, text);
    if (!add_group(whole, fraction, unit->ns, sum))
        return fail(msg, "invalid duration", STR_NONE, text);
    return ERR_NONE;
}

enum err duration_parse(struct str text, int64_t *ret_ns, struct errmsg *msg)
{
    struct str rest = text;
    bool negative = rest.len > 0 && rest.data[0] == '-';
    uint64_t sum = 0;
    if (negative || (rest.len > 0 && rest.data[0] == '+'))
        rest = str_slice(rest, 1, rest.len);
    if (str_is(rest, "0")) {
        *ret_ns = 0;
        return ERR_NONE;
    }
    if (rest.len == 0)
        return fail(msg, "invalid duration", STR_NONE, text);
    while (rest.len > 0) {
        enum err err = read_group(&rest, text, &sum, msg);
        if (err != ERR_NONE)
            return err;
    }
    if (!negative && sum == MAGNITUDE_MAX)
        return fail(msg, "invalid duration", STR_NONE, text);
    *ret_ns = (int64_t)(negative ? 0 - sum : sum);
    return ERR_NONE;
}

/* value / 10^digits without trailing zeros, and the unit. */
static void print_decimal(uint64_t value, unsigned digits, const char *unit, struct buf *out)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < digits; i++)
        scale *= 10;
    buf_printf(out, "%" PRIu64, value / scale);
    uint64_t rest = value % scale;
    if (rest > 0)
        buf_append_char(out, '.');
    while (rest > 0) {
        scale /= 10;
        buf_append_char(out, (char)('0' + rest / scale));
        rest %= scale;
    }
    buf_append_text(out, unit);
}

void duration_print(int64_t ns, struct buf *out)
{
    uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    if (ns < 0)
        buf_append_char(out, '-');
    if (magnitude == 0) {
        buf_append_text(out, "0s");
    } else if (magnitude < 1000) {
        print_decimal(magnitude, 0, "ns", out);
    } else if (magnitude < NS_PER_MS) {
        print_decimal(magnitude, 3, "\xc2\xb5s", out);
    } else if (magnitude < NS_PER_SECOND) {
        print_decimal(magnitude, 6, "ms", out);
    } else {
        uint64_t minutes = magnitude / NS_PER_SECOND / 60;
        if (minutes >= 60)
            buf_printf(out, "%" PRIu64 "h", minutes / 60);
        if (minutes > 0)
            buf_printf(out, "%" PRIu64 "m", minutes % 60);
        print_decimal(magnitude - minutes * 60 * NS_PER_SECOND, 9, "s", out);
    }
}

int64_t duration_ns_to_ms(int64_t ns)
{
    return ns / NS_PER_MS + (ns % NS_PER_MS > 0 ? 1 : 0);
}
