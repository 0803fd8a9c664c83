#include "fakeapi/sveltos/watch_line.h"

/* A walk over printed JSON, which knows how deep it is and nothing else. */
struct walk {
    struct str text;
    size_t at;
};

static char peek(const struct walk *walk)
{
    return walk->at < walk->text.len ? walk->text.data[walk->at] : '\0';
}

/* Behind the closing quote of the string that begins at `at`. */
static size_t string_end(struct str text, size_t at)
{
    for (size_t quote = at + 1; quote < text.len; quote++) {
        const char *found = memchr(text.data + quote, '"', text.len - quote);
        if (found == NULL)
            return text.len;
        quote = (size_t)(found - text.data);
        size_t slashes = 0;
        while (text.data[quote - 1 - slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return quote + 1;
    }
    return text.len;
}

/* The comma or the bracket that ends the value at `at`. */
static size_t value_end(struct str text, size_t at)
{
    unsigned depth = 0;
    while (at < text.len) {
        char c = text.data[at];
        if (c == '"') {
            at = string_end(text, at);
            continue;
        }
        if (depth == 0 && (c == '}' || c == ']' || c == ','))
            return at;
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        at++;
    }
    return text.len;
}

static void skip_string(struct walk *walk)
{
    walk->at = string_end(walk->text, walk->at);
}

static void skip_value(struct walk *walk)
{
    walk->at = value_end(walk->text, walk->at);
}

/* Which members stay is decided object by object: what a path leads through is entered. */
enum place { PLACE_EVENT, PLACE_OBJECT, PLACE_METADATA };

enum fate { FATE_KEPT, FATE_CUT, FATE_ENTERED };

static enum fate fate_of(enum place place, struct str key, bool metadata_only)
{
    if (place == PLACE_EVENT)
        return str_is(key, "object") ? FATE_ENTERED : FATE_KEPT;
    if (place == PLACE_METADATA)
        return str_is(key, "managedFields") ? FATE_CUT : FATE_KEPT;
    if (str_is(key, "metadata"))
        return FATE_ENTERED;
    return metadata_only && (str_is(key, "spec") || str_is(key, "status")) ? FATE_CUT : FATE_KEPT;
}

static void thin_object(struct walk *walk, enum place place, bool metadata_only, struct buf *out);

/* One member, and where it stands in the text; `out` has a comma before it when it is not the
 * first that stays. */
static void thin_member(struct walk *walk, enum place place, bool metadata_only, struct buf *out)
{
    size_t begin = walk->at;
    skip_string(walk);
    struct str key = str_slice(walk->text, begin + 1, walk->at - 1);
    enum fate fate = fate_of(place, key, metadata_only);
    walk->at++; /* the colon */
    if (fate == FATE_ENTERED && peek(walk) == '{') {
        buf_append(out, str_slice(walk->text, begin, walk->at));
        thin_object(walk, place == PLACE_EVENT ? PLACE_OBJECT : PLACE_METADATA, metadata_only,
                    out);
        return;
    }
    skip_value(walk);
    if (fate != FATE_CUT)
        buf_append(out, str_slice(walk->text, begin, walk->at));
}

/* As deep as the places: three. */
static void thin_object(struct walk *walk, enum place place, bool metadata_only, struct buf *out)
{
    buf_append_char(out, '{');
    walk->at++;
    size_t first = out->len;
    while (peek(walk) == '"') {
        size_t before = out->len;
        if (before > first)
            buf_append_char(out, ',');
        size_t comma = out->len;
        thin_member(walk, place, metadata_only, out);
        if (out->len == comma)
            buf_truncate(out, before);
        if (peek(walk) == ',')
            walk->at++;
    }
    if (peek(walk) == '}')
        buf_append_char(out, '}');
    walk->at++;
}

void watch_line_thin(struct str line, bool metadata_only, struct buf *out)
{
    struct walk walk = {.text = line};
    if (peek(&walk) == '{')
        thin_object(&walk, PLACE_EVENT, metadata_only, out);
    else
        buf_append(out, line);
}
