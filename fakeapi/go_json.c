/* Where Go's JSON decoder stops, in its words. Only asked about text that is no JSON.
 * Source: Go documentation, encoding/json (SyntaxError); recorded answers in objects/22. */
#include "fakeapi/decode.h"

#define GO_DEPTH_MAX 10000u

/* What may come next. */
enum expectation { EXPECT_VALUE, EXPECT_VALUE_OR_END, EXPECT_KEY, EXPECT_KEY_OR_END, EXPECT_COLON,
                   EXPECT_COMMA, EXPECT_END };

struct go_scan {
    struct str text;
    size_t at;
    size_t depth;
    char open[GO_DEPTH_MAX + 1]; /* '{' or '[' */
    struct buf *message;
};

static bool fail_at(struct go_scan *scan, const char *context)
{
    if (scan->at >= scan->text.len) {
        buf_append_text(scan->message, "unexpected end of JSON input");
        return false;
    }
    unsigned char c = (unsigned char)scan->text.data[scan->at];
    buf_append_text(scan->message, "invalid character ");
    if (c == '\'')
        buf_append_text(scan->message, "'\\''");
    else if (c == '\n')
        buf_append_text(scan->message, "'\\n'");
    else if (c == '\t')
        buf_append_text(scan->message, "'\\t'");
    else if (c < 0x20)
        buf_printf(scan->message, "'\\x%02x'", c);
    else if (c < 0x80)
        buf_printf(scan->message, "'%c'", c);
    else /* Go shows the byte as a Latin-1 letter */
        buf_printf(scan->message, "'%c%c'", 0xc0 | (c >> 6), 0x80 | (c & 0x3f));
    buf_printf(scan->message, " %s", context);
    return false;
}

static char peek(const struct go_scan *scan)
{
    return scan->at < scan->text.len ? scan->text.data[scan->at] : '\0';
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool scan_escape(struct go_scan *scan)
{
    char c = peek(scan);
    if (c != 'u') {
        if (c == '\0' || strchr("bfnrt\\/\"", c) == NULL)
            return fail_at(scan, "in string escape code");
        scan->at++;
        return true;
    }
    scan->at++;
    for (int i = 0; i < 4; i++, scan->at++)
        if (!is_hex(peek(scan)))
            return fail_at(scan, "in \\u hexadecimal character escape");
    return true;
}

static bool scan_string(struct go_scan *scan)
{
    scan->at++;
    while (scan->at < scan->text.len) {
        char c = scan->text.data[scan->at];
        if (c == '"') {
            scan->at++;
            return true;
        }
        if ((unsigned char)c < 0x20)
            return fail_at(scan, "in string literal");
        scan->at++;
        if (c == '\\' && !scan_escape(scan))
            return false;
    }
    return fail_at(scan, "");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_digits(struct go_scan *scan)
{
    while (is_digit(peek(scan)))
        scan->at++;
}

static bool scan_number(struct go_scan *scan)
{
    if (peek(scan) == '-')
        scan->at++;
    if (!is_digit(peek(scan)))
        return fail_at(scan, "in numeric literal");
    if (peek(scan) == '0')
        scan->at++;
    else
        skip_digits(scan);
    if (peek(scan) == '.') {
        scan->at++;
        if (!is_digit(peek(scan)))
            return fail_at(scan, "after decimal point in numeric literal");
        skip_digits(scan);
    }
    if ((peek(scan) | 0x20) == 'e') {
        scan->at++;
        if (peek(scan) == '+' || peek(scan) == '-')
            scan->at++;
        if (!is_digit(peek(scan)))
            return fail_at(scan, "in exponent of numeric literal");
        skip_digits(scan);
    }
    return true;
}

static bool scan_word(struct go_scan *scan, const char *word)
{
    for (size_t i = 0; word[i] != '\0'; i++, scan->at++) {
        if (peek(scan) == word[i])
            continue;
        char context[48];
        (void)snprintf(context, sizeof(context), "in literal %s (expecting '%c')", word, word[i]);
        return fail_at(scan, context);
    }
    return true;
}

static bool open_container(struct go_scan *scan, enum expectation *expect)
{
    char c = peek(scan);
    if (scan->depth == GO_DEPTH_MAX)
        return fail_at(scan, "exceeded max depth");
    scan->open[scan->depth++] = c;
    scan->at++;
    *expect = c == '{' ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;
    return true;
}

static bool scan_value(struct go_scan *scan, enum expectation *expect)
{
    char c = peek(scan);
    if (c == '{' || c == '[')
        return open_container(scan, expect);
    *expect = scan->depth > 0 ? EXPECT_COMMA : EXPECT_END;
    if (c == '"')
        return scan_string(scan);
    if (c == '-' || is_digit(c))
        return scan_number(scan);
    if (c == 't')
        return scan_word(scan, "true");
    if (c == 'f')
        return scan_word(scan, "false");
    if (c == 'n')
        return scan_word(scan, "null");
    return fail_at(scan, "looking for beginning of value");
}

static void close_container(struct go_scan *scan, enum expectation *expect)
{
    scan->at++;
    scan->depth--;
    *expect = scan->depth > 0 ? EXPECT_COMMA : EXPECT_END;
}

static bool scan_after_value(struct go_scan *scan, enum expectation *expect)
{
    bool in_object = scan->open[scan->depth - 1] == '{';
    if (peek(scan) == (in_object ? '}' : ']')) {
        close_container(scan, expect);
        return true;
    }
    if (peek(scan) != ',')
        return fail_at(scan, in_object ? "after object key:value pair" : "after array element");
    scan->at++;
    *expect = in_object ? EXPECT_KEY : EXPECT_VALUE;
    return true;
}

static bool scan_key(struct go_scan *scan, enum expectation *expect)
{
    if (peek(scan) == '}' && *expect == EXPECT_KEY_OR_END) {
        close_container(scan, expect);
        return true;
    }
    if (peek(scan) != '"')
        return fail_at(scan, "looking for beginning of object key string");
    *expect = EXPECT_COLON;
    return scan_string(scan);
}

static bool scan_colon(struct go_scan *scan, enum expectation *expect)
{
    if (peek(scan) != ':')
        return fail_at(scan, "after object key");
    scan->at++;
    *expect = EXPECT_VALUE;
    return true;
}

static bool scan_step(struct go_scan *scan, enum expectation *expect)
{
    switch (*expect) {
    case EXPECT_VALUE_OR_END:
        if (peek(scan) == ']') {
            close_container(scan, expect);
            return true;
        }
        return scan_value(scan, expect);
    case EXPECT_VALUE:
        return scan_value(scan, expect);
    case EXPECT_KEY:
    case EXPECT_KEY_OR_END:
        return scan_key(scan, expect);
    case EXPECT_COLON:
        return scan_colon(scan, expect);
    case EXPECT_COMMA:
        return scan_after_value(scan, expect);
    case EXPECT_END:
        return fail_at(scan, "after top-level value");
    }
    return false;
}

static void skip_space(struct go_scan *scan)
{
    while (scan->at < scan->text.len && strchr(" \t\r\n", peek(scan)) != NULL && peek(scan) != '\0')
        scan->at++;
}

void describe_bad_json(struct str text, struct buf *message)
{
    struct go_scan scan = {.text = text, .message = message};
    enum expectation expect = EXPECT_VALUE;
    for (;;) {
        skip_space(&scan);
        if (scan.at == text.len) {
            if (expect != EXPECT_END)
                (void)fail_at(&scan, "");
            return;
        }
        if (!scan_step(&scan, &expect))
            return;
    }
}
