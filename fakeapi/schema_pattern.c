/*
 * Regular expressions of schemas are Go's (RE2 syntax); the C library has POSIX extended
 * ones. What both can express is translated; the rest is refused when the schema is
 * compiled, rather than matched wrongly. A multi-byte character counts as several for "."
 * and for negated classes.
 */
#include "fakeapi/schema_node.h"

#include <regex.h>

#include "controller/base/mem.h"

struct schema_pattern {
    regex_t regex;
};

struct translation {
    struct str source;
    size_t at;
    struct buf *out;
    struct errmsg *msg;
};

struct byte_set {
    bool has[128];
};

static enum err refuse(const struct translation *translation, const char *what)
{
    return err_set(translation->msg, ERR_INVALID, "'%.*s' at %zu: %s is not supported",
                   STR_ARGS(translation->source), translation->at, what);
}

static bool looking_at(const struct translation *translation, const char *text)
{
    struct str rest = str_slice(translation->source, translation->at, translation->source.len);
    return str_starts_with(rest, str_from(text));
}

static void set_range(struct byte_set *set, unsigned char first, unsigned char last)
{
    for (unsigned c = first; c <= last; c++)
        set->has[c] = true;
}

static void set_texts(struct byte_set *set, const char *pairs)
{
    for (; pairs[0] != '\0'; pairs += 2)
        set_range(set, (unsigned char)pairs[0], (unsigned char)pairs[1]);
}

/* The class behind a backslash, such as \d. False when the letter is no class. */
static bool class_of_letter(char letter, struct byte_set *set)
{
    if (letter == 'd')
        set_texts(set, "09");
    else if (letter == 'w')
        set_texts(set, "09AZaz__");
    else if (letter == 's')
        set_texts(set, "\t\n\f\r  ");
    else
        return false;
    return true;
}

/* The one byte that an escape such as \. or \n or \x41 stands for; `at` is behind the
 * backslash, and behind the escape afterwards. */
static bool escaped_byte(struct translation *translation, unsigned char *ret_byte)
{
    static const char letters[] = "afnrtv";
    static const char bytes[] = "\a\f\n\r\t\v";
    static const char hex[] = "0123456789abcdef";
    struct str source = translation->source;
    char c = source.data[translation->at];
    const char *found = strchr(letters, c);
    if (found != NULL) {
        *ret_byte = (unsigned char)bytes[found - letters];
    } else if (c == 'x' && translation->at + 2 < source.len) {
        const char *high = strchr(hex, source.data[translation->at + 1] | 0x20);
        const char *low = strchr(hex, source.data[translation->at + 2] | 0x20);
        if (high == NULL || low == NULL || *high == '\0' || *low == '\0')
            return false;
        *ret_byte = (unsigned char)((high - hex) * 16 + (low - hex));
        translation->at += 2;
    } else if (c > ' ' && c < 0x7f && strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c) != NULL) {
        *ret_byte = (unsigned char)c;
    } else {
        return false;
    }
    translation->at++;
    return *ret_byte > 0 && *ret_byte < 0x80;
}

static void append_literal(unsigned char c, struct buf *out)
{
    if (strchr("^.[$()|*+?{\\", c) != NULL)
        buf_append_char(out, '\\');
    buf_append_char(out, (char)c);
}

/* A bracket expression. "]" may only be first, "-" only first or last, "^" anywhere but first,
 * and "[" not before ".", ":" or "=". */
static void append_set(const struct byte_set *set, bool negated, struct buf *out)
{
    buf_append_text(out, negated ? "[^" : "[");
    size_t begin = out->len;
    if (set->has[']'])
        buf_append_char(out, ']');
    for (unsigned c = 1; c < 128; c++) {
        if (set->has[c] && strchr("]-^[", (int)c) == NULL)
            buf_append_char(out, (char)c);
    }
    if (set->has['['])
        buf_append_char(out, '[');
    bool hyphen_first = set->has['-'] && set->has['^'] && out->len == begin;
    if (hyphen_first)
        buf_append_char(out, '-');
    if (set->has['^'] && out->len == begin && !negated) {
        buf_truncate(out, begin - 1);
        buf_append_text(out, "\\^");
        return;
    }
    if (set->has['^'])
        buf_append_char(out, '^');
    if (set->has['-'] && !hyphen_first)
        buf_append_char(out, '-');
    buf_append_char(out, ']');
}

static enum err read_named_class(struct translation *translation, struct byte_set *set)
{
    static const struct {
        const char *name;
        const char *pairs;
    } classes[] = {
        {"[:alnum:]", "09AZaz"}, {"[:alpha:]", "AZaz"},  {"[:digit:]", "09"},
        {"[:lower:]", "az"},     {"[:upper:]", "AZ"},    {"[:space:]", "\t\r  "},
        {"[:word:]", "09AZaz__"}, {"[:xdigit:]", "09AFaf"}, {"[:blank:]", "\t\t  "},
        {"[:punct:]", "!/:@[`{~"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(classes); i++) {
        if (looking_at(translation, classes[i].name)) {
            set_texts(set, classes[i].pairs);
            translation->at += strlen(classes[i].name);
            return ERR_NONE;
        }
    }
    return refuse(translation, "this class");
}

/* One end of a range, or a byte of its own. */
static enum err read_class_byte(struct translation *translation, unsigned char *ret_byte)
{
    unsigned char c = (unsigned char)translation->source.data[translation->at++];
    if (c == '\\') {
        if (translation->at >= translation->source.len || !escaped_byte(translation, &c))
            return refuse(translation, "this escape in a class");
    } else if (c >= 0x80) {
        return refuse(translation, "a character beyond ASCII in a class");
    }
    *ret_byte = c;
    return ERR_NONE;
}

static enum err read_class_member(struct translation *translation, struct byte_set *set)
{
    struct str source = translation->source;
    unsigned char first;
    if (looking_at(translation, "[:"))
        return read_named_class(translation, set);
    if (looking_at(translation, "\\") && translation->at + 1 < source.len &&
        class_of_letter(source.data[translation->at + 1], set)) {
        translation->at += 2;
        return ERR_NONE;
    }
    enum err err = read_class_byte(translation, &first);
    unsigned char last = first;
    if (err == ERR_NONE && looking_at(translation, "-") && translation->at + 1 < source.len &&
        source.data[translation->at + 1] != ']') {
        translation->at++;
        err = read_class_byte(translation, &last);
    }
    if (err == ERR_NONE && last < first)
        err = refuse(translation, "a range that runs backwards");
    if (err == ERR_NONE)
        set_range(set, first, last);
    return err;
}

static enum err translate_class(struct translation *translation)
{
    struct byte_set set = {{false}};
    bool negated = looking_at(translation, "[^");
    translation->at += negated ? 2 : 1;
    size_t begin = translation->at;
    while (translation->at == begin || !looking_at(translation, "]")) {
        if (translation->at >= translation->source.len)
            return refuse(translation, "a class without end");
        enum err err = read_class_member(translation, &set);
        if (err != ERR_NONE)
            return err;
    }
    translation->at++;
    append_set(&set, negated, translation->out);
    return ERR_NONE;
}

static enum err translate_escape(struct translation *translation)
{
    struct byte_set set = {{false}};
    unsigned char c;
    if (++translation->at >= translation->source.len)
        return refuse(translation, "a backslash at the end");
    char letter = translation->source.data[translation->at];
    bool negated = letter == 'D' || letter == 'W' || letter == 'S';
    if (class_of_letter(negated ? (char)(letter | 0x20) : letter, &set)) {
        append_set(&set, negated, translation->out);
        translation->at++;
    } else if (letter == 'A' || letter == 'z') {
        buf_append_char(translation->out, letter == 'A' ? '^' : '$');
        translation->at++;
    } else if (escaped_byte(translation, &c)) {
        append_literal(c, translation->out);
    } else {
        return refuse(translation, "this escape");
    }
    return ERR_NONE;
}

/* {n}, {n,} or {n,m}; any other brace is a character. */
static void translate_brace(struct translation *translation)
{
    struct str source = translation->source;
    size_t end = str_find(source, '}', translation->at);
    struct str rest = str_slice(source, translation->at + 1, end);
    uint64_t count;
    struct str low = str_split_next(&rest, ',');
    bool repeats = end < source.len && str_to_u64(low, &count) && count <= 1000 &&
                   (rest.data == NULL || rest.len == 0 ||
                    (str_to_u64(rest, &count) && count <= 1000));
    if (repeats) {
        buf_append(translation->out, str_slice(source, translation->at, end + 1));
        translation->at = end + 1;
    } else {
        buf_append_text(translation->out, "\\{");
        translation->at++;
    }
}

static enum err translate_next(struct translation *translation)
{
    char c = translation->source.data[translation->at];
    if (c == '[')
        return translate_class(translation);
    if (c == '\\')
        return translate_escape(translation);
    if (c == '{') {
        translate_brace(translation);
    } else if (looking_at(translation, "(?:")) {
        buf_append_char(translation->out, '(');
        translation->at += 3;
    } else if (looking_at(translation, "(?")) {
        return refuse(translation, "this group");
    } else {
        buf_append_char(translation->out, c);
        translation->at++;
    }
    /* Whether a repetition is greedy does not change what matches. */
    bool repeated = c == '*' || c == '+' || c == '?' ||
                    (c == '{' && translation->source.data[translation->at - 1] == '}');
    if (repeated && looking_at(translation, "?"))
        translation->at++;
    return ERR_NONE;
}

/* Appends the POSIX extended expression that means the same as `source`. */
static enum err translate(struct str source, struct buf *out, struct errmsg *msg)
{
    struct translation translation = {.source = source, .out = out, .msg = msg};
    while (translation.at < source.len) {
        enum err err = translate_next(&translation);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

enum err schema_pattern_create(struct str source, struct schema_pattern **ret_pattern,
                               struct errmsg *msg)
{
    struct buf posix;
    buf_init(&posix, 64u << 10);
    enum err err = translate(source, &posix, msg);
    if (err == ERR_NONE && posix.overflowed)
        err = err_set(msg, ERR_LIMIT, "is too long");
    if (err == ERR_NONE) {
        struct schema_pattern *pattern = mem_alloc(sizeof(*pattern));
        if (regcomp(&pattern->regex, posix.data, REG_EXTENDED | REG_NOSUB) == 0) {
            *ret_pattern = pattern;
        } else {
            mem_free(pattern);
            err = err_set(msg, ERR_INVALID, "'%.*s' is not valid", STR_ARGS(source));
        }
    }
    buf_release(&posix);
    return err;
}

void schema_pattern_free(struct schema_pattern *pattern)
{
    if (pattern == NULL)
        return;
    regfree(&pattern->regex);
    mem_free(pattern);
}

bool schema_pattern_matches(const struct schema_pattern *pattern, struct str text)
{
    regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)text.len};
    return regexec(&pattern->regex, text.data != NULL ? text.data : "", 1, &range,
                   REG_STARTEND) == 0;
}
