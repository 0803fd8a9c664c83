#include "controller/base/json_build.h"

#define TWINS_SOUGHT_MAX 16u

void json_builder_release(struct json_builder *builder)
{
    json_free(builder->root);
    json_bytes_unref(builder->key);
}

struct json *json_builder_finish(struct json_builder *builder)
{
    struct json *root = builder->root;
    builder->root = NULL;
    return root;
}

static unsigned hex4(const char *digits)
{
    unsigned unit = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned c = (unsigned char)digits[i];
        unit = unit * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return unit;
}

static void append_utf8(struct buf *out, unsigned rune)
{
    if (rune < 0x80) {
        buf_append_char(out, (char)rune);
        return;
    }
    if (rune < 0x800) {
        buf_append_char(out, (char)(0xc0 | rune >> 6));
    } else {
        if (rune < 0x10000) {
            buf_append_char(out, (char)(0xe0 | rune >> 12));
        } else {
            buf_append_char(out, (char)(0xf0 | rune >> 18));
            buf_append_char(out, (char)(0x80 | (rune >> 12 & 0x3f)));
        }
        buf_append_char(out, (char)(0x80 | (rune >> 6 & 0x3f)));
    }
    buf_append_char(out, (char)(0x80 | (rune & 0x3f)));
}

/* Behind "\u". The scan has seen that a pair is whole; it refuses the text when it is not, so
 * that what half a pair becomes does not matter. Returns the bytes used. */
static size_t append_unicode(struct str rest, struct buf *out)
{
    unsigned unit = hex4(rest.data);
    if (unit < 0xd800 || unit > 0xdbff || rest.len < 10) {
        append_utf8(out, unit);
        return 4;
    }
    append_utf8(out, 0x10000 + ((unit & 0x3ff) << 10) + (hex4(rest.data + 6) & 0x3ff));
    return 10;
}

/* Behind a backslash. Returns the bytes used. */
static size_t append_escape(struct str rest, struct buf *out)
{
    static const char shorts[] = "b\bf\fn\nr\rt\t";
    if (rest.data[0] == 'u')
        return 1 + append_unicode(str_slice(rest, 1, rest.len), out);
    const char *known = strchr(shorts, rest.data[0]);
    buf_append_char(out, known != NULL ? known[1] : rest.data[0]);
    return 1;
}

static struct json_bytes *decode_escapes(struct str raw)
{
    struct buf text;
    buf_init(&text, raw.len);
    for (size_t at = 0; at < raw.len;) {
        size_t end = str_find(raw, '\\', at);
        buf_append(&text, str_slice(raw, at, end));
        at = end < raw.len ? end + 1 + append_escape(str_slice(raw, end + 1, raw.len), &text)
                           : end;
    }
    struct json_bytes *bytes = json_bytes_create(buf_str(&text));
    buf_release(&text);
    return bytes;
}

static struct json_bytes **recent_place(struct json_builder *builder, struct str raw)
{
    size_t mixed = raw.len;
    if (raw.len > 0)
        mixed += (unsigned char)raw.data[0] * 7u + (unsigned char)raw.data[raw.len - 1] * 31u +
                 (unsigned char)raw.data[raw.len / 2] * 5u;
    return &builder->recent_keys[mixed % JSON_BUILD_RECENT_KEYS];
}

void json_build_key(struct json_builder *builder, struct str raw, bool has_escapes)
{
    struct json_bytes **recent = recent_place(builder, raw);
    if (has_escapes) {
        builder->key = decode_escapes(raw);
        return;
    }
    if (*recent == NULL || !str_equal(json_bytes_str(*recent), raw))
        builder->key = *recent = json_bytes_create(raw);
    else
        builder->key = json_bytes_ref(*recent);
}

void json_build_string(struct json_builder *builder, struct str raw, bool has_escapes)
{
    struct json *value = json_value_create(JSON_KIND_STRING);
    value->as.text = has_escapes ? decode_escapes(raw) : json_bytes_create(raw);
    json_build_value(builder, value);
}

/* Keys that ascend are different, and in small objects a look at each is soon done: telling that
 * no key stands twice in another walk took as long as reading. */
static void note_twins(struct json_builder *builder, const struct json *object,
                       const struct json_bytes *key)
{
    const struct json_children *children = object->as.children;
    struct str text = json_bytes_str(key);
    bool *is_unsorted = &builder->is_unsorted[builder->depth - 1];
    if (children == NULL || builder->may_have_twins)
        return;
    *is_unsorted = *is_unsorted || str_compare(json_key(children->last), text) >= 0;
    if (*is_unsorted)
        builder->may_have_twins = children->count > TWINS_SOUGHT_MAX ||
                                  json_get_str((const struct json *)object, text) != NULL;
}

void json_build_value(struct json_builder *builder, struct json *value)
{
    if (builder->depth == 0) {
        builder->root = value;
        return;
    }
    struct json *parent = builder->open[builder->depth - 1];
    if (builder->key != NULL) {
        note_twins(builder, parent, builder->key);
        json_key_assign(value, builder->key);
        builder->key = NULL;
    }
    json_link_last(parent, value);
}

void json_build_open(struct json_builder *builder, bool is_object)
{
    struct json *value = is_object ? json_object() : json_array();
    json_build_value(builder, value);
    builder->is_unsorted[builder->depth] = false;
    builder->open[builder->depth++] = value;
}

void json_build_close(struct json_builder *builder)
{
    builder->depth--;
}
