/* Putting in order what has no order of its own. */
#include "controller/base/mem.h"
#include "tests/conformance/normalise.h"
#include "tests/conformance/path.h"

#define TEXT_BYTES_MAX (64u << 20)
#define ITEMS_MAX 1000000u

struct entry {
    char *text; /* owned; what it is sorted by */
    size_t index;
    struct json *item;
};

static int entry_compare(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    int order = strcmp(left->text, right->text);

    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static char *sorted_text(const struct json *item)
{
    struct json *copy = json_clone(item);
    char *text;

    json_sort(copy);
    text = json_print_text(copy);
    json_free(copy);
    return text;
}

static char *message_text(const struct json *item)
{
    return str_format("%.*s", STR_ARGS(json_string_of(json_get(item, "message"))));
}

static char *cause_text(const struct json *item)
{
    return str_format("%.*s\x01%.*s", STR_ARGS(json_string_of(json_get(item, "field"))),
                      STR_ARGS(json_string_of(json_get(item, "message"))));
}

static void sort_by(struct json *array, char *(*text_of)(const struct json *item))
{
    struct entry *entries = NULL;
    size_t count = 0;
    size_t capacity = 0;
    struct json *item;

    while ((item = json_first(array)) != NULL) {
        entries = mem_grow_array(entries, count, &capacity, sizeof(*entries), ITEMS_MAX);
        entries[count] = (struct entry){text_of(item), count, json_detach(array, item)};
        count++;
    }
    if (count > 1)
        qsort(entries, count, sizeof(*entries), entry_compare);
    for (size_t i = 0; i < count; i++) {
        json_append(array, entries[i].item);
        mem_free(entries[i].text);
    }
    mem_free(entries);
}

void settle_list(struct json *array)
{
    if (json_is(array, JSON_ARRAY))
        sort_by(array, sorted_text);
}

static bool all_are_conflicts(const struct json *causes)
{
    JSON_EACH(cause, causes) {
        if (!str_is(json_string_of(json_get(cause, "reason")), "FieldManagerConflict"))
            return false;
    }
    return json_is(causes, JSON_ARRAY);
}

void settle(struct json *value)
{
    struct json *causes = json_get(value, "causes");

    JSON_EACH(child, value)
        settle(child);
    settle_list(json_get(value, "managedFields"));
    if (all_are_conflicts(causes))
        sort_by(causes, message_text);
}

static bool is_repeated(const struct json *causes, const struct json *cause)
{
    char *text = cause_text(cause);
    bool found = false;

    JSON_EACH(earlier, causes) {
        char *other = cause_text(earlier);
        bool same = strcmp(text, other) == 0;
        mem_free(other);
        if (earlier == cause)
            break;
        found = found || same;
    }
    mem_free(text);
    return found;
}

/* As the message lists them: each text once. */
static void print_causes(const struct json *causes, struct buf *out)
{
    const char *separator = "";

    buf_append_char(out, '[');
    JSON_EACH(cause, causes) {
        if (is_repeated(causes, cause))
            continue;
        buf_append_text(out, separator);
        path_print_value(json_get(cause, "field"), out);
        buf_append_text(out, ": ");
        path_print_value(json_get(cause, "message"), out);
        separator = ", ";
    }
    buf_append_char(out, ']');
}

void settle_causes(struct json *status)
{
    struct json *causes = json_get(json_get(status, "details"), "causes");
    struct str message = json_string_of(json_get(status, "message"));
    CLEANUP(buf_release) struct buf before = {0};
    CLEANUP(buf_release) struct buf after = {0};

    if (!json_is(causes, JSON_ARRAY) || json_count(causes) == 0)
        return;
    buf_init(&before, TEXT_BYTES_MAX);
    buf_init(&after, TEXT_BYTES_MAX);
    print_causes(causes, &before);
    sort_by(causes, cause_text);
    if (!str_ends_with(message, buf_str(&before)))
        return;
    buf_append(&after, str_slice(message, 0, message.len - before.len));
    print_causes(causes, &after);
    json_set(status, "message", json_string(buf_str(&after)));
}

/* The position of the next ", 299 " at or after `from`, or the end. */
static size_t warning_end(struct str text, size_t from)
{
    while (from < text.len && !str_starts_with(str_slice(text, from, text.len), STR(", 299 ")))
        from++;
    return from;
}

struct json *settle_warnings(struct str warnings)
{
    struct json *list = json_array();
    CLEANUP(buf_release) struct buf out = {0};
    struct json *joined;

    for (size_t at = 0; at < warnings.len;) {
        size_t end = warning_end(warnings, at);
        json_append(list, json_string(str_slice(warnings, at, end)));
        at = end + 2;
    }
    settle_list(list);
    buf_init(&out, TEXT_BYTES_MAX);
    JSON_EACH(item, list) {
        if (out.len > 0)
            buf_append_text(&out, ", ");
        buf_append(&out, json_string_of(item));
    }
    joined = json_string(buf_str(&out));
    json_free(list);
    return joined;
}
