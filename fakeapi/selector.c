#include "fakeapi/selector.h"

#include "controller/base/mem.h"

#include "fakeapi/kind_rules.h"

#include "fakeapi/meta.h"

void selector_release(struct selector *selector)
{
    for (size_t i = 0; i < selector->label_count; i++) {
        mem_free(selector->labels[i].key);
        json_free(selector->labels[i].values);
    }
    for (size_t i = 0; i < selector->field_count; i++) {
        mem_free(selector->fields[i].path);
        mem_free(selector->fields[i].value);
    }
    mem_free(selector->labels);
    mem_free(selector->fields);
    *selector = (struct selector){0};
}

bool selector_is_empty(const struct selector *selector)
{
    return selector->label_count == 0 && selector->field_count == 0;
}

void selector_add_field(struct selector *selector, struct str path, struct str value, bool equal)
{
    selector->fields = mem_grow_array(selector->fields, selector->field_count,
                                      &selector->field_capacity, sizeof(*selector->fields),
                                      SELECTOR_TERMS_MAX);
    selector->fields[selector->field_count++] = (struct field_requirement){
        .path = str_dup(path),
        .value = str_dup(value.data != NULL ? value : STR("")),
        .equal = equal,
    };
}

/* Field selectors. */

/* The end of the term that begins at `from`: a comma without a backslash before it. */
static size_t term_end(struct str text, size_t from)
{
    size_t at = from;
    while (at < text.len && text.data[at] != ',')
        at += text.data[at] == '\\' ? 2u : 1u;
    return at < text.len ? at : text.len;
}

/* Splits at the first operator: !=, == or =. */
static bool split_term(struct str term, struct str *ret_path, struct str *ret_value,
                       bool *ret_equal)
{
    for (size_t i = 0; i < term.len; i++) {
        struct str rest = str_slice(term, i, term.len);
        bool differs = str_starts_with(rest, STR("!="));
        if (!differs && rest.data[0] != '=')
            continue;
        size_t width = differs || str_starts_with(rest, STR("==")) ? 2 : 1;
        *ret_path = str_slice(term, 0, i);
        *ret_value = str_slice(rest, width, rest.len);
        *ret_equal = !differs;
        return true;
    }
    return false;
}

static bool unescape_value(struct str text, struct buf *out, struct buf *message)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '\\') {
            char next = i + 1 < text.len ? text.data[++i] : '\0';
            if (next != '\\' && next != ',' && next != '=') {
                if (next == '\0')
                    buf_append_text(message, "invalid field selector: unterminated escape");
                else
                    buf_printf(message, "invalid field selector: invalid escape sequence: \\%c",
                               next);
                return false;
            }
            c = next;
        }
        buf_append_char(out, c);
    }
    return true;
}

static bool is_event_field(struct str path)
{
    return str_starts_with(path, STR("involvedObject.")) ||
           str_starts_with(path, STR("regarding.")) || str_is(path, "reason") ||
           str_is(path, "type") || str_is(path, "source") ||
           str_is(path, "reportingController") || str_is(path, "reportingComponent");
}

static bool field_is_selectable(const struct resource *resource, struct str path)
{
    if (str_is(path, "metadata.name"))
        return true;
    if (str_is(path, "metadata.namespace"))
        return resource->namespaced || !resource->custom;
    JSON_EACH(selectable, resource->selectable)
        if (str_equal(json_string_of(selectable), path))
            return true;
    if (strcmp(resource->kind, "Event") == 0)
        return is_event_field(path);
    if (strcmp(resource->plural, "namespaces") == 0)
        return str_is(path, "status.phase");
    return strcmp(resource->plural, "secrets") == 0 && str_is(path, "type");
}

static bool add_field_term(struct str term, struct str whole, const struct resource *resource,
                           struct selector *selector, struct buf *message)
{
    char space[256];
    struct str path;
    struct str value;
    bool equal;
    if (!split_term(term, &path, &value, &equal)) {
        buf_printf(message, "invalid selector: '%.*s'; can't understand '%.*s'", STR_ARGS(whole),
                   STR_ARGS(term));
        return false;
    }
    struct buf plain;
    buf_init(&plain, whole.len + 1);
    bool ok = unescape_value(value, &plain, message);
    if (ok && !field_is_selectable(resource, path)) {
        ok = false;
        if (resource->custom)
            buf_printf(message, "field label not supported: %.*s", STR_ARGS(path));
        else
            buf_printf(message, "\"%.*s\" is not a known field selector: only \"metadata.name\", "
                                "\"metadata.namespace\"", STR_ARGS(path));
    }
    if (ok && strcmp(resource->plural, "events") == 0)
        path = event_stored_path(resource, path, space);
    if (ok)
        selector_add_field(selector, path, buf_str(&plain), equal);
    buf_release(&plain);
    return ok;
}

bool selector_parse_fields(struct str text, const struct resource *resource,
                           struct selector *selector, struct buf *message)
{
    size_t at = 0;
    while (at < text.len) {
        size_t end = term_end(text, at);
        struct str term = str_slice(text, at, end);
        if (selector->field_count >= SELECTOR_TERMS_MAX - 2) {
            buf_append_text(message, "too many field requirements");
            return false;
        }
        if (term.len > 0 && !add_field_term(term, text, resource, selector, message))
            return false;
        at = end + 1;
    }
    return true;
}

static bool text_equals(struct str actual, const char *expected)
{
    return str_is(actual, expected) || (actual.len == 0 && expected[0] == '\0');
}

/* Absent fields read as "". */
static bool value_equals(const struct json *value, const char *expected)
{
    if (json_type(value) == JSON_NULL || json_is(value, JSON_STRING))
        return text_equals(json_string_of(value), expected);
    char *text = json_print_text(value);
    bool same = strcmp(text, expected) == 0;
    mem_free(text);
    return same;
}

static bool field_matches(const struct field_requirement *field, const struct json *object)
{
    return value_equals(json_at(object, field->path), field->value) == field->equal;
}

static bool values_have(const struct json *values, struct str text)
{
    JSON_EACH(value, values)
        if (str_equal(json_string_of(value), text))
            return true;
    return false;
}

static bool label_matches(const struct label_requirement *label, const struct json *labels)
{
    const struct json *value = json_get(labels, label->key);
    struct str text = json_string_of(value);
    int64_t number;
    int64_t bound;
    switch (label->operator) {
    case LABEL_EXISTS:
        return value != NULL;
    case LABEL_ABSENT:
        return value == NULL;
    case LABEL_IN:
        return value != NULL && values_have(label->values, text);
    case LABEL_NOT_IN:
        return value == NULL || !values_have(label->values, text);
    case LABEL_GREATER:
    case LABEL_LESS:
        if (value == NULL || !str_to_i64(text, &number) ||
            !str_to_i64(json_string_of(json_first(label->values)), &bound))
            return false;
        return label->operator == LABEL_GREATER ? number > bound : number < bound;
    }
    return false;
}

bool selector_matches(const struct selector *selector, const struct json *object)
{
    const struct json *labels =
        selector->label_count > 0 ? json_at(object, "metadata.labels") : NULL;
    for (size_t i = 0; i < selector->label_count; i++)
        if (!label_matches(&selector->labels[i], labels))
            return false;
    for (size_t i = 0; i < selector->field_count; i++)
        if (!field_matches(&selector->fields[i], object))
            return false;
    return true;
}
