#include "tests/conformance/differences.h"

#include "controller/base/mem.h"

#define LINE_BYTES_MAX 4096u
#define VALUE_BYTES_MAX 160u

static void find_at(const struct json *want, const struct json *got, struct str path,
                    struct json *lines);

static void print_cut(const struct json *value, struct buf *line)
{
    char *text = json_print_text(value);
    struct str cut = str_slice(str_from(text), 0, VALUE_BYTES_MAX);

    buf_append(line, str_slice(cut, 0, str_utf8_valid_prefix(cut)));
    mem_free(text);
}

/* "PATH: BEFORE WANT, got GOT"; NULL leaves a part out. */
static void add_line(struct json *lines, struct str path, const char *before,
                     const struct json *want, const struct json *got)
{
    CLEANUP(buf_release) struct buf line = {0};

    buf_init(&line, LINE_BYTES_MAX);
    buf_append(&line, path.len > 0 ? path : STR("."));
    buf_append_text(&line, before);
    if (want != NULL)
        print_cut(want, &line);
    if (want != NULL && got != NULL)
        buf_append_text(&line, ", got ");
    if (got != NULL)
        print_cut(got, &line);
    json_append(lines, json_string(line.len > 0 ? buf_str(&line) : path));
}

static void find_in_member(const struct json *want, const struct json *got, struct str path,
                           struct json *lines)
{
    if (got == NULL)
        add_line(lines, path, ": missing, expected ", want, NULL);
    else if (want == NULL)
        add_line(lines, path, ": unexpected ", NULL, got);
    else
        find_at(want, got, path, lines);
}

static void find_in_object(const struct json *want, const struct json *got, struct str path,
                           struct json *lines)
{
    struct json *keys = json_object();
    CLEANUP(buf_release) struct buf at = {0};

    JSON_EACH(member, want)
        json_set_str(keys, json_key(member), json_null());
    JSON_EACH(member, got)
        json_set_str(keys, json_key(member), json_null());
    json_sort(keys);
    buf_init(&at, LINE_BYTES_MAX);
    JSON_EACH(member, keys) {
        struct str key = json_key(member);
        buf_clear(&at);
        buf_append(&at, path);
        buf_append_char(&at, '.');
        buf_append(&at, key);
        find_in_member(json_get_str(want, key), json_get_str(got, key), buf_str(&at), lines);
    }
    json_free(keys);
}

static void find_in_array(const struct json *want, const struct json *got, struct str path,
                          struct json *lines)
{
    const struct json *other = json_first(got);
    size_t index = 0;

    if (json_count(want) != json_count(got)) {
        char *text = str_format("%.*s: expected %zu entries, got %zu", STR_ARGS(path),
                                json_count(want), json_count(got));
        json_append(lines, json_text(text));
        mem_free(text);
        return;
    }
    JSON_EACH(item, want) {
        char *at = str_format("%.*s[%zu]", STR_ARGS(path), index);
        find_at(item, other, str_from(at), lines);
        mem_free(at);
        other = json_next(other);
        index++;
    }
}

static void find_at(const struct json *want, const struct json *got, struct str path,
                    struct json *lines)
{
    if (json_type(want) != json_type(got))
        add_line(lines, path, ": expected ", want, got);
    else if (json_is(want, JSON_OBJECT))
        find_in_object(want, got, path, lines);
    else if (json_is(want, JSON_ARRAY))
        find_in_array(want, got, path, lines);
    else if (!json_equal(want, got))
        add_line(lines, path, ": expected ", want, got);
}

void differences_find(const struct json *want, const struct json *got, struct json *lines)
{
    find_at(want, got, STR(""), lines);
}
