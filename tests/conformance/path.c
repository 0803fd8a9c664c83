#include "tests/conformance/path.h"

#define TEXT_BYTES_MAX (16u << 20)

/* Cuts the first part off `*rest`; `part` gets it without the backslashes before dots. */
static void next_part(struct str *rest, struct buf *part)
{
    size_t end = 0;

    buf_clear(part);
    while (end < rest->len && rest->data[end] != '.') {
        if (rest->data[end] == '\\' && end + 1 < rest->len && rest->data[end + 1] == '.')
            end++;
        buf_append_char(part, rest->data[end]);
        end++;
    }
    *rest = end < rest->len ? str_slice(*rest, end + 1, rest->len) : STR_NONE;
}

static struct json *item_by_text(struct json *array, struct str part)
{
    int64_t index;

    if (!str_to_i64(part, &index))
        return NULL;
    if (index < 0)
        index += (int64_t)json_count(array);
    return index < 0 ? NULL : json_item(array, (size_t)index);
}

struct json *path_find(struct json *value, struct str path)
{
    struct str rest = path;
    CLEANUP(buf_release) struct buf part = {0};

    buf_init(&part, TEXT_BYTES_MAX);
    while (value != NULL && rest.data != NULL && path.len > 0) {
        next_part(&rest, &part);
        if (json_is(value, JSON_ARRAY))
            value = item_by_text(value, buf_str(&part));
        else
            value = json_get_str(value, buf_str(&part));
    }
    return value;
}

struct json *path_copy(const struct json *value, struct str path)
{
    CLEANUP(json_free_pointer) struct json *whole = json_clone(value);
    struct json *found = path_find(whole, path);

    return found != NULL ? json_clone(found) : json_text("<absent>");
}

void path_print_value(const struct json *value, struct buf *out)
{
    if (json_is(value, JSON_STRING))
        buf_append(out, json_string_of(value));
    else if (json_is(value, JSON_BOOL))
        buf_append_text(out, json_bool_of(value) ? "True" : "False");
    else if (value == NULL || json_is(value, JSON_NULL))
        buf_append_text(out, "None");
    else
        json_print(value, out);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The name of the placeholder that starts at `at`, or STR_NONE. */
static struct str placeholder_at(struct str text, size_t at)
{
    size_t end = at + 2;

    if (!str_starts_with(str_slice(text, at, text.len), STR("${")))
        return STR_NONE;
    while (end < text.len && is_word(text.data[end]))
        end++;
    if (end == at + 2 || end == text.len || text.data[end] != '}')
        return STR_NONE;
    return str_slice(text, at + 2, end);
}

static struct json *fill_text(struct str text, const struct json *captured, struct str *ret_missing)
{
    CLEANUP(buf_release) struct buf out = {0};

    buf_init(&out, TEXT_BYTES_MAX);
    for (size_t at = 0; at < text.len; at++) {
        struct str name = placeholder_at(text, at);
        const struct json *found = json_get_str(captured, name);
        if (name.data == NULL) {
            buf_append_char(&out, text.data[at]);
            continue;
        }
        if (found == NULL) {
            *ret_missing = name;
            return NULL;
        }
        if (name.len + 3 == text.len)
            return json_clone(found);
        path_print_value(found, &out);
        at += name.len + 2;
    }
    return json_string(buf_str(&out));
}

static struct json *fill_children(const struct json *value, const struct json *captured,
                                  struct str *ret_missing)
{
    bool is_array = json_is(value, JSON_ARRAY);
    struct json *out = is_array ? json_array() : json_object();

    JSON_EACH(child, value) {
        struct json *filled = path_fill(child, captured, ret_missing);
        if (filled == NULL) {
            json_free(out);
            return NULL;
        }
        if (is_array)
            json_append(out, filled);
        else
            json_set_str(out, json_key(child), filled);
    }
    return out;
}

struct json *path_fill(const struct json *value, const struct json *captured,
                       struct str *ret_missing)
{
    if (json_is(value, JSON_STRING))
        return fill_text(json_string_of(value), captured, ret_missing);
    if (json_is(value, JSON_ARRAY) || json_is(value, JSON_OBJECT))
        return fill_children(value, captured, ret_missing);
    return json_clone(value);
}
