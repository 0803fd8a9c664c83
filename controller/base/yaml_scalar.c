#include "controller/base/yaml_scalar.h"
#include "controller/base/json_internal.h"

enum word_meaning { WORD_NULL, WORD_TRUE, WORD_FALSE, WORD_NO_NUMBER };

/* The words as sigs.k8s.io/yaml resolves them, which follows YAML 1.1. */
static const struct {
    struct str word;
    enum word_meaning meaning;
} words[] = {
    {STR_INIT(""), WORD_NULL},           {STR_INIT("~"), WORD_NULL},
    {STR_INIT("null"), WORD_NULL},       {STR_INIT("Null"), WORD_NULL},
    {STR_INIT("NULL"), WORD_NULL},       {STR_INIT("y"), WORD_TRUE},
    {STR_INIT("Y"), WORD_TRUE},          {STR_INIT("yes"), WORD_TRUE},
    {STR_INIT("Yes"), WORD_TRUE},        {STR_INIT("YES"), WORD_TRUE},
    {STR_INIT("on"), WORD_TRUE},         {STR_INIT("On"), WORD_TRUE},
    {STR_INIT("ON"), WORD_TRUE},         {STR_INIT("true"), WORD_TRUE},
    {STR_INIT("True"), WORD_TRUE},       {STR_INIT("TRUE"), WORD_TRUE},
    {STR_INIT("n"), WORD_FALSE},         {STR_INIT("N"), WORD_FALSE},
    {STR_INIT("no"), WORD_FALSE},        {STR_INIT("No"), WORD_FALSE},
    {STR_INIT("NO"), WORD_FALSE},        {STR_INIT("off"), WORD_FALSE},
    {STR_INIT("Off"), WORD_FALSE},       {STR_INIT("OFF"), WORD_FALSE},
    {STR_INIT("false"), WORD_FALSE},     {STR_INIT("False"), WORD_FALSE},
    {STR_INIT("FALSE"), WORD_FALSE},     {STR_INIT(".nan"), WORD_NO_NUMBER},
    {STR_INIT(".NaN"), WORD_NO_NUMBER},  {STR_INIT(".NAN"), WORD_NO_NUMBER},
    {STR_INIT(".inf"), WORD_NO_NUMBER},  {STR_INIT(".Inf"), WORD_NO_NUMBER},
    {STR_INIT(".INF"), WORD_NO_NUMBER},  {STR_INIT("+.inf"), WORD_NO_NUMBER},
    {STR_INIT("+.Inf"), WORD_NO_NUMBER}, {STR_INIT("+.INF"), WORD_NO_NUMBER},
    {STR_INIT("-.inf"), WORD_NO_NUMBER}, {STR_INIT("-.Inf"), WORD_NO_NUMBER},
    {STR_INIT("-.INF"), WORD_NO_NUMBER},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit; 99 for anything else. */
static unsigned digit_value(char c)
{
    static const struct str digits = STR_INIT("0123456789abcdef");
    char lower = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
    size_t value = str_find(digits, lower, 0);
    return value < digits.len ? (unsigned)value : 99;
}

/* Digits of `base` and nothing else; ret_beyond: the value exceeds what we hold. */
static bool read_magnitude(struct str digits, unsigned base, uint64_t *ret_value,
                           bool *ret_beyond)
{
    uint64_t value = 0;
    bool beyond = false;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = digit_value(digits.data[i]);
        if (digit >= base)
            return false;
        beyond = beyond || __builtin_mul_overflow(value, base, &value) ||
                 __builtin_add_overflow(value, digit, &value);
    }
    *ret_value = value;
    *ret_beyond = beyond;
    return digits.len > 0;
}

/* As Go's strconv.ParseInt with base 0: the prefix tells the base. */
static bool read_integer(struct str text, int64_t *ret_value, bool *ret_beyond)
{
    bool negative = str_starts_with(text, STR("-"));
    unsigned base = 10;
    if (negative || str_starts_with(text, STR("+")))
        text = str_slice(text, 1, text.len);
    if (text.len > 1 && text.data[0] == '0') {
        char prefix = (char)(text.data[1] | 0x20);
        base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : 8;
        text = str_slice(text, base == 8 && prefix != 'o' ? 1 : 2, text.len);
    }
    uint64_t magnitude;
    if (!read_magnitude(text, base, &magnitude, ret_beyond))
        return false;
    *ret_beyond = *ret_beyond || magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0);
    *ret_value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}

static size_t skip_digits(struct str text, size_t at)
{
    while (at < text.len && is_digit(text.data[at]))
        at++;
    return at;
}

/* The parts of [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
struct float_parts {
    bool negative;
    struct str whole;
    struct str fraction;
    struct str exponent; /* with its sign */
};

static bool read_float(struct str text, struct float_parts *ret_parts)
{
    struct float_parts parts = {.negative = str_starts_with(text, STR("-"))};
    size_t at = parts.negative || str_starts_with(text, STR("+")) ? 1 : 0;
    size_t end = skip_digits(text, at);
    parts.whole = str_slice(text, at, end);
    at = end;
    if (at < text.len && text.data[at] == '.') {
        end = skip_digits(text, at + 1);
        parts.fraction = str_slice(text, at + 1, end);
        at = end;
    }
    if (parts.whole.len == 0 && parts.fraction.len == 0)
        return false;
    if (at < text.len && (text.data[at] | 0x20) == 'e') {
        size_t begin = at + 1;
        at = begin < text.len && (text.data[begin] == '-' || text.data[begin] == '+') ? begin + 1
                                                                                      : begin;
        end = skip_digits(text, at);
        if (end == at)
            return false;
        parts.exponent = str_slice(text, begin, end);
        at = end;
    }
    *ret_parts = parts;
    return at == text.len;
}

/* Rewritten as JSON's grammar wants it, so that the one reader of numbers reads it. */
static enum err float_value(const struct float_parts *parts, struct json **ret_value)
{
    struct buf literal CLEANUP(buf_release) = {0};
    struct str whole = parts->whole;
    while (whole.len > 1 && whole.data[0] == '0')
        whole = str_slice(whole, 1, whole.len);
    buf_init(&literal, JSON_NUMBER_BYTES_MAX);
    buf_append_text(&literal, parts->negative ? "-" : "");
    buf_append(&literal, whole.len > 0 ? whole : STR("0"));
    buf_append_char(&literal, '.');
    buf_append(&literal, parts->fraction.len > 0 ? parts->fraction : STR("0"));
    buf_append_text(&literal, parts->exponent.len > 0 ? "e" : "");
    buf_append(&literal, parts->exponent);
    if (literal.overflowed)
        return ERR_TYPE;
    return json_number_read(buf_str(&literal), ret_value) ? ERR_NONE : ERR_TYPE;
}

/* Underscores between digits do not count. Numbers longer than the copy are no numbers that
 * we hold; ret_text then is cut, and still looks like what it is. */
static struct str without_underscores(struct str text, char *copy, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < size; i++) {
        if (text.data[i] != '_')
            copy[len++] = text.data[i];
    }
    return (struct str){copy, len};
}

static enum err resolve_number(struct str text, struct json **ret_value, const char **ret_found)
{
    char copy[512];
    struct str plain = without_underscores(text, copy, sizeof(copy));
    struct float_parts parts;
    int64_t integer;
    bool beyond;
    if (text.len > sizeof(copy)) {
        *ret_value = json_string(text);
        return ERR_NONE;
    }
    if (read_integer(plain, &integer, &beyond)) {
        *ret_found = "an integer beyond 2^63";
        if (beyond)
            return ERR_TYPE;
        *ret_value = json_int(integer);
        return ERR_NONE;
    }
    /* Before a point Go reads the text as it is, with its underscores. */
    if (read_float(text.data[0] == '.' ? text : plain, &parts)) {
        *ret_found = "a number that is too long or too large";
        return float_value(&parts, ret_value);
    }
    *ret_value = json_string(text);
    return ERR_NONE;
}

enum err yaml_scalar_resolve(struct str text, struct json **ret_value, const char **ret_found)
{
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        if (!str_equal(words[i].word, text))
            continue;
        switch (words[i].meaning) {
        case WORD_NULL: *ret_value = json_null(); return ERR_NONE;
        case WORD_TRUE: *ret_value = json_bool(true); return ERR_NONE;
        case WORD_FALSE: *ret_value = json_bool(false); return ERR_NONE;
        case WORD_NO_NUMBER: *ret_found = "a number that JSON does not have"; return ERR_TYPE;
        }
    }
    if (text.data[0] == '+' || text.data[0] == '-' || text.data[0] == '.' ||
        is_digit(text.data[0]))
        return resolve_number(text, ret_value, ret_found);
    *ret_value = json_string(text);
    return ERR_NONE;
}
