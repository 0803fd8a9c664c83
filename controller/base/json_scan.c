#include "controller/base/json_scan.h"
#include "controller/base/json_internal.h"

const struct json_limits json_limits_default = {
    .bytes_max = 64u << 20, .depth_max = 64, .members_max = 1024};

enum scan_state { WANT_VALUE, WANT_KEY, AFTER_VALUE };

void json_scan_init(struct json_scan *scan, struct str text, const struct json_limits *limits,
                    struct errmsg *msg)
{
    if (limits == NULL)
        limits = &json_limits_default;
    ASSERT(limits->depth_max <= JSON_SCAN_DEPTH_MAX);
    scan->text = text;
    scan->at = 0;
    scan->limits = limits;
    scan->builder = NULL;
    scan->msg = msg;
    scan->err = ERR_NONE;
    scan->value_fault = false;
    scan->keys = 0;
    scan->key_wanted = SIZE_MAX;
    scan->key_at = 0;
    scan->depth = 0;
}

enum err json_scan_report(struct str text, size_t at, enum err err, const char *found,
                          const char *expected, struct errmsg *msg)
{
    size_t line = 1;
    size_t line_begin = 0;
    if (msg == NULL)
        return err;
    for (size_t end = str_find(text, '\n', 0); end < at; end = str_find(text, '\n', end + 1)) {
        line++;
        line_begin = end + 1;
    }
    return err_set(msg, err, "line %zu column %zu: found %s, expected %s", line,
                   at - line_begin + 1, found, expected);
}

static enum err report_byte(struct str text, size_t at, enum err err, const char *expected,
                            struct errmsg *msg)
{
    char found[32] = "the end of the text";
    if (at < text.len) {
        unsigned char byte = (unsigned char)text.data[at];
        bool printable = byte > 0x20 && byte < 0x7f;
        snprintf(found, sizeof(found), printable ? "'%c'" : "byte 0x%02x", byte);
    }
    return json_scan_report(text, at, err, found, expected, msg);
}

bool json_scan_fail(struct json_scan *scan, enum err err, const char *expected)
{
    scan->err = report_byte(scan->text, scan->at, err, expected, scan->msg);
    return false;
}

static bool fail_found(struct json_scan *scan, enum err err, const char *found,
                       const char *expected)
{
    scan->err = json_scan_report(scan->text, scan->at, err, found, expected, scan->msg);
    return false;
}

static void note_value_fault(struct json_scan *scan, size_t at, const char *found,
                             const char *expected)
{
    if (scan->value_fault)
        return;
    scan->value_fault = true;
    json_scan_report(scan->text, at, ERR_TYPE, found, expected, &scan->value_msg);
}

enum err json_scan_verdict(const struct json_scan *scan)
{
    if (scan->err != ERR_NONE || !scan->value_fault)
        return scan->err;
    return err_set(scan->msg, ERR_TYPE, "%s", scan->value_msg.text);
}

int json_scan_peek(const struct json_scan *scan)
{
    return scan->at < scan->text.len ? (unsigned char)scan->text.data[scan->at] : -1;
}

void json_scan_space(struct json_scan *scan)
{
    while (scan->at < scan->text.len) {
        char c = scan->text.data[scan->at];
        if (c > ' ' || (c != ' ' && c != '\n' && c != '\t' && c != '\r'))
            return;
        scan->at++;
    }
}

bool json_scan_expect(struct json_scan *scan, char byte, const char *expected)
{
    if (json_scan_peek(scan) != byte)
        return json_scan_fail(scan, ERR_SYNTAX, expected);
    scan->at++;
    return true;
}

bool json_scan_end(struct json_scan *scan)
{
    json_scan_space(scan);
    return scan->at == scan->text.len ||
           json_scan_fail(scan, ERR_SYNTAX, "nothing after the value");
}

/* Four hexadecimal digits here; steps over them. */
static bool scan_hex4(struct json_scan *scan, unsigned *ret_unit)
{
    unsigned unit = 0;
    for (unsigned i = 0; i < 4; i++) {
        int c = json_scan_peek(scan);
        unsigned digit;
        if (c >= '0' && c <= '9')
            digit = (unsigned)c - '0';
        else if (c >= 'a' && c <= 'f')
            digit = (unsigned)c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            digit = (unsigned)c - 'A' + 10;
        else
            return json_scan_fail(scan, ERR_SYNTAX, "a hexadecimal digit");
        unit = unit * 16 + digit;
        scan->at++;
    }
    *ret_unit = unit;
    return true;
}

/* Behind "\u": one UTF-16 unit, or two that make a pair. */
static bool scan_unicode_escape(struct json_scan *scan)
{
    size_t begin = scan->at - 2;
    unsigned unit;
    if (!scan_hex4(scan, &unit))
        return false;
    if (unit == 0)
        note_value_fault(scan, begin, "\\u0000", "a text without NUL");
    if (unit < 0xd800 || unit > 0xdfff)
        return true;
    bool paired = unit < 0xdc00 && str_starts_with(str_slice(scan->text, scan->at, SIZE_MAX),
                                                   STR("\\u"));
    if (paired) {
        size_t second = scan->at;
        scan->at += 2;
        if (!scan_hex4(scan, &unit))
            return false;
        if (unit >= 0xdc00 && unit <= 0xdfff)
            return true;
        scan->at = second; /* it stands for itself and is judged on its own */
    }
    note_value_fault(scan, begin, "half a surrogate pair", "a Unicode character");
    return true;
}

static bool scan_escape(struct json_scan *scan)
{
    scan->at++;
    int c = json_scan_peek(scan);
    if (c <= 0 || strchr("\"\\/bfnrtu", c) == NULL)
        return json_scan_fail(scan, ERR_SYNTAX, "an escape such as \\n");
    scan->at++;
    return c != 'u' || scan_unicode_escape(scan);
}

/* A run of bytes beyond ASCII must be whole UTF-8 sequences. */
static bool scan_foreign(struct json_scan *scan)
{
    size_t end = scan->at;
    while (end < scan->text.len && (unsigned char)scan->text.data[end] >= 0x80)
        end++;
    struct str run = str_slice(scan->text, scan->at, end);
    size_t valid = str_utf8_valid_prefix(run);
    scan->at += valid;
    return valid == run.len || json_scan_fail(scan, ERR_SYNTAX, "valid UTF-8");
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* In each byte of a word: */
#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The high bit of the lowest byte that is not plain is set, and none below it; 0: all are plain. A
 * byte less another borrows into its high bit when it is smaller, and what equals a byte is 0 when
 * xored with it; borrows spoil only the bytes above. */
static uint64_t find_unplain(uint64_t word)
{
    uint64_t quotes = word ^ EACH_BYTE('"');
    uint64_t slashes = word ^ EACH_BYTE('\\');
    return (word | (word - EACH_BYTE(0x20)) | (quotes - EACH_BYTE(1)) |
            (slashes - EACH_BYTE(1))) & EACH_BYTE(0x80);
}

/* The next eight bytes, the first one lowest. */
static uint64_t read_word(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The bytes up to the first that does not simply stand for itself within a literal: eight at a
 * time, which is a third of the work. */
static void skip_plain(struct json_scan *scan)
{
    const unsigned char *bytes = (const unsigned char *)scan->text.data;
    size_t at = scan->at;
    for (; scan->text.len - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t unplain = find_unplain(read_word(bytes + at));
        if (unplain == 0)
            continue;
        scan->at = at + (size_t)__builtin_ctzll(unplain) / 8;
        return;
    }
    while (at < scan->text.len && is_plain(bytes[at]))
        at++;
    scan->at = at;
}

/* As json_scan_string; tells the bytes between the quotes and whether some are escaped. */
static bool scan_literal(struct json_scan *scan, struct str *ret_raw, bool *ret_escapes)
{
    size_t begin = scan->at + 1;
    bool escapes = false;
    if (!json_scan_expect(scan, '"', "a string"))
        return false;
    for (skip_plain(scan); json_scan_peek(scan) != '"'; skip_plain(scan)) {
        int c = json_scan_peek(scan);
        if (c < 0)
            return json_scan_fail(scan, ERR_SYNTAX, "the string's closing quote");
        if (c < 0x20)
            return json_scan_fail(scan, ERR_SYNTAX, "no control characters in a string");
        if (!(c == '\\' ? scan_escape(scan) : scan_foreign(scan)))
            return false;
        escapes = escapes || c == '\\';
    }
    *ret_raw = (struct str){scan->text.data + begin, scan->at - begin};
    *ret_escapes = escapes;
    scan->at++;
    return true;
}

bool json_scan_string(struct json_scan *scan)
{
    struct str raw;
    bool escapes;
    return scan_literal(scan, &raw, &escapes);
}

static bool scan_key(struct json_scan *scan)
{
    struct str raw;
    bool escapes;
    if (!scan_literal(scan, &raw, &escapes))
        return false;
    if (scan->builder != NULL)
        json_build_key(scan->builder, raw, escapes);
    return true;
}

static bool scan_string_value(struct json_scan *scan)
{
    struct str raw;
    bool escapes;
    if (!scan_literal(scan, &raw, &escapes))
        return false;
    if (scan->builder != NULL)
        json_build_string(scan->builder, raw, escapes);
    return true;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool scan_digits(struct json_scan *scan)
{
    if (!is_digit(json_scan_peek(scan)))
        return json_scan_fail(scan, ERR_SYNTAX, "a digit");
    while (is_digit(json_scan_peek(scan)))
        scan->at++;
    return true;
}

/* A number that is well formed; integers beyond int64 become doubles, as in Go. */
static void take_number(struct json_scan *scan, struct str literal, bool is_integer)
{
    size_t at = scan->at - literal.len;
    int64_t integer;
    struct json *value = NULL;
    if (is_integer && str_to_i64(literal, &integer))
        value = json_int(integer);
    else if (literal.len > JSON_NUMBER_BYTES_MAX)
        note_value_fault(scan, at, "an overlong number", "a number of at most 63 characters");
    else if (!json_number_read(literal, &value))
        note_value_fault(scan, at, "a number beyond double", "a smaller number");
    if (value == NULL)
        value = json_null();
    if (scan->builder != NULL)
        json_build_value(scan->builder, value);
    else
        json_free(value);
}

static bool scan_number(struct json_scan *scan)
{
    size_t begin = scan->at;
    bool is_integer = true;
    if (json_scan_peek(scan) == '-')
        scan->at++;
    if (json_scan_peek(scan) == '0')
        scan->at++;
    else if (!scan_digits(scan))
        return false;
    if (json_scan_peek(scan) == '.') {
        is_integer = false;
        scan->at++;
        if (!scan_digits(scan))
            return false;
    }
    if (json_scan_peek(scan) == 'e' || json_scan_peek(scan) == 'E') {
        is_integer = false;
        scan->at++;
        if (json_scan_peek(scan) == '+' || json_scan_peek(scan) == '-')
            scan->at++;
        if (!scan_digits(scan))
            return false;
    }
    take_number(scan, str_slice(scan->text, begin, scan->at), is_integer);
    return true;
}

static bool scan_word(struct json_scan *scan, struct str word, enum json_kind kind)
{
    if (!str_starts_with(str_slice(scan->text, scan->at, SIZE_MAX), word))
        return json_scan_fail(scan, ERR_SYNTAX, "a JSON value");
    scan->at += word.len;
    if (scan->builder != NULL)
        json_build_value(scan->builder, json_value_create(kind));
    return true;
}

static bool scan_scalar(struct json_scan *scan)
{
    int c = json_scan_peek(scan);
    if (c == '"')
        return scan_string_value(scan);
    if (c == '-' || is_digit(c))
        return scan_number(scan);
    if (c == 't')
        return scan_word(scan, STR("true"), JSON_KIND_TRUE);
    if (c == 'f')
        return scan_word(scan, STR("false"), JSON_KIND_FALSE);
    return scan_word(scan, STR("null"), JSON_KIND_NULL);
}

static void scan_close(struct json_scan *scan)
{
    scan->depth--;
    if (scan->builder != NULL)
        json_build_close(scan->builder);
}

static bool scan_open(struct json_scan *scan, bool is_object, enum scan_state *state)
{
    if (scan->depth >= scan->limits->depth_max)
        return fail_found(scan, ERR_LIMIT, "deeper nesting", "at most the depth allowed");
    scan->levels[scan->depth].is_object = is_object;
    scan->levels[scan->depth].members = 0;
    scan->depth++;
    if (scan->builder != NULL)
        json_build_open(scan->builder, is_object);
    scan->at++;
    json_scan_space(scan);
    if (json_scan_peek(scan) == (is_object ? '}' : ']')) {
        scan->at++;
        scan_close(scan);
        *state = AFTER_VALUE;
        return true;
    }
    *state = is_object ? WANT_KEY : WANT_VALUE;
    return true;
}

static bool scan_step_value(struct json_scan *scan, enum scan_state *state)
{
    json_scan_space(scan);
    int c = json_scan_peek(scan);
    if (c == '{' || c == '[')
        return scan_open(scan, c == '{', state);
    *state = AFTER_VALUE;
    return scan_scalar(scan);
}

static bool scan_step_key(struct json_scan *scan, enum scan_state *state)
{
    json_scan_space(scan);
    if (scan->levels[scan->depth - 1].members++ >= scan->limits->members_max)
        return fail_found(scan, ERR_LIMIT, "one more member", "at most the members allowed");
    if (scan->keys++ == scan->key_wanted)
        scan->key_at = scan->at;
    if (!scan_key(scan))
        return false;
    json_scan_space(scan);
    *state = WANT_VALUE;
    return json_scan_expect(scan, ':', "':'");
}

static bool scan_step_after(struct json_scan *scan, enum scan_state *state)
{
    bool in_object = scan->levels[scan->depth - 1].is_object;
    json_scan_space(scan);
    if (json_scan_peek(scan) == ',') {
        scan->at++;
        *state = in_object ? WANT_KEY : WANT_VALUE;
        return true;
    }
    if (!json_scan_expect(scan, in_object ? '}' : ']', in_object ? "',' or '}'" : "',' or ']'"))
        return false;
    scan_close(scan);
    return true;
}

bool json_scan_value(struct json_scan *scan)
{
    enum scan_state state = WANT_VALUE;
    unsigned base = scan->depth;
    bool fine = true;
    while (fine && (state != AFTER_VALUE || scan->depth > base)) {
        switch (state) {
        case WANT_VALUE: fine = scan_step_value(scan, &state); break;
        case WANT_KEY: fine = scan_step_key(scan, &state); break;
        case AFTER_VALUE: fine = scan_step_after(scan, &state); break;
        }
    }
    return fine;
}
