#include "controller/base/json_internal.h"
#include "controller/base/json_tree.h"

/* Bytes that stand for themselves within a literal. */
static bool is_plain(unsigned char c)
{
    static const bool special[256] = {
        ['"'] = true, ['\\'] = true, ['<'] = true, ['>'] = true, ['&'] = true, [0xe2] = true,
    };
    return c >= 0x20 && !special[c];
}

static void print_escape(unsigned char c, struct buf *out)
{
    switch (c) {
    case '"': buf_append_text(out, "\\\""); return;
    case '\\': buf_append_text(out, "\\\\"); return;
    case '\n': buf_append_text(out, "\\n"); return;
    case '\r': buf_append_text(out, "\\r"); return;
    case '\t': buf_append_text(out, "\\t"); return;
    case '\b': buf_append_text(out, "\\b"); return;
    case '\f': buf_append_text(out, "\\f"); return;
    default: buf_printf(out, "\\u%04x", c); return;
    }
}

/* U+2028 and U+2029 end a line in JavaScript, so that Go escapes them. Returns the bytes
 * used. */
static size_t print_special(struct str rest, struct buf *out)
{
    unsigned char c = (unsigned char)rest.data[0];
    if (c != 0xe2) {
        print_escape(c, out);
        return 1;
    }
    if (str_starts_with(rest, STR("\xe2\x80\xa8"))) {
        buf_append_text(out, "\\u2028");
        return 3;
    }
    if (str_starts_with(rest, STR("\xe2\x80\xa9"))) {
        buf_append_text(out, "\\u2029");
        return 3;
    }
    buf_append_char(out, rest.data[0]);
    return 1;
}

void json_print_string(struct str text, struct buf *out)
{
    buf_append_char(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t begin = at;
        while (at < text.len && is_plain((unsigned char)text.data[at]))
            at++;
        buf_append_bytes(out, text.data + begin, at - begin);
        if (at < text.len)
            at += print_special(str_slice(text, at, text.len), out);
    }
    buf_append_char(out, '"');
}

/* Texts are shared by many values and printed often: what has to be escaped is looked for once.
 * With that and pieces written in place, an object costs a third of what it did. */
static void print_bytes(struct json_bytes *bytes, struct buf *out)
{
    struct str text = json_bytes_str(bytes);
    size_t begin = out->len;
    char *room = bytes->is_plain ? buf_room(out, text.len + 2) : NULL;
    if (room == NULL) {
        json_print_string(text, out);
        bytes->is_plain = out->len - begin == text.len + 2;
        return;
    }
    room[0] = '"';
    memcpy(room + 1, text.data, text.len);
    room[text.len + 1] = '"';
    buf_added(out, text.len + 2);
}

/* indent < 0: compact. */
static void print_value(const struct json *value, int indent, struct buf *out);

static void print_newline(int indent, struct buf *out)
{
    buf_append_char(out, '\n');
    for (int i = 0; i < indent; i++)
        buf_append_text(out, "  ");
}

void json_print_key(const struct json *item, struct buf *out)
{
    print_bytes(json_key_bytes(item), out);
    buf_append_char(out, ':');
}

static void print_container(const struct json *value, int indent, struct buf *out)
{
    bool is_object = json_kind_of(value) == JSON_KIND_OBJECT;
    int inner = indent < 0 ? indent : indent + 1;
    const struct json *first = json_first(value);
    buf_append_char(out, is_object ? '{' : '[');
    for (const struct json *item = first; item != NULL; item = item->next) {
        if (item != first)
            buf_append_char(out, ',');
        if (indent >= 0)
            print_newline(inner, out);
        if (is_object)
            json_print_key(item, out);
        if (is_object && indent >= 0)
            buf_append_char(out, ' ');
        print_value(item, inner, out);
    }
    if (first != NULL && indent >= 0)
        print_newline(indent, out);
    buf_append_char(out, is_object ? '}' : ']');
}

static void print_value(const struct json *value, int indent, struct buf *out)
{
    if (value == NULL) {
        buf_append(out, STR("null"));
        return;
    }
    switch (json_kind_of(value)) {
    case JSON_KIND_NULL: buf_append(out, STR("null")); return;
    case JSON_KIND_FALSE: buf_append(out, STR("false")); return;
    case JSON_KIND_TRUE: buf_append(out, STR("true")); return;
    case JSON_KIND_INT:
    case JSON_KIND_DOUBLE: json_number_print(value, out); return;
    case JSON_KIND_STRING: print_bytes(value->as.text, out); return;
    case JSON_KIND_ARRAY:
    case JSON_KIND_OBJECT: print_container(value, indent, out); return;
    }
}

void json_print(const struct json *value, struct buf *out)
{
    print_value(value, -1, out);
}

char *json_print_text(const struct json *value)
{
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    json_print(value, &out);
    return buf_steal(&out);
}

void json_print_pretty(const struct json *value, struct buf *out)
{
    print_value(value, 0, out);
    buf_append_char(out, '\n');
}
