/*
 * Does a configuration fit its type, and if not, the words of the API server, which prints
 * wrong values as the language it is written in does.
 */
#include "fakeapi/apply_typed.h"

/* Where a value stands; becomes text when there is something to report. */
struct place {
    const struct place *outer; /* NULL: in the object itself */
    struct fieldset_element element;
};

struct check {
    struct arena *arena;
    const struct place *place; /* NULL: the object itself */
    struct json *problems; /* array of texts */
};

static void print_place(const struct place *place, struct buf *out)
{
    if (place == NULL)
        return;
    print_place(place->outer, out);
    fieldset_element_print(place->element, out);
}

static void report(struct check *check, const char *text)
{
    struct buf line CLEANUP(buf_release) = {0};
    buf_init(&line, APPLY_TEXT_BYTES_MAX);
    print_place(check->place, &line);
    if (line.len > 0)
        buf_append_text(&line, ": ");
    buf_append_text(&line, text);
    json_append(check->problems, json_string(buf_str(&line)));
}

/* As %v: map[a:1 b:x], [1 x], <nil>. */
static void print_plain(struct arena *arena, const struct json *value, struct buf *out)
{
    size_t count = 0;
    const struct json **members = NULL;
    switch (json_type(value)) {
    case JSON_NULL:
        buf_append_text(out, "<nil>");
        return;
    case JSON_STRING:
        buf_append(out, json_string_of(value));
        return;
    case JSON_BOOL:
    case JSON_NUMBER:
        json_print(value, out);
        return;
    case JSON_ARRAY:
        buf_append_char(out, '[');
        JSON_EACH(item, value) {
            if (item != json_first(value))
                buf_append_char(out, ' ');
            print_plain(arena, item, out);
        }
        buf_append_char(out, ']');
        return;
    case JSON_OBJECT:
        members = apply_members(arena, value, NULL, &count);
        buf_append_text(out, "map[");
        for (size_t i = 0; i < count; i++) {
            if (i > 0)
                buf_append_char(out, ' ');
            buf_append(out, json_key(members[i]));
            buf_append_char(out, ':');
            print_plain(arena, members[i], out);
        }
        buf_append_char(out, ']');
        return;
    }
}

/* As %#v: map[string]interface {}{"a":1}, []interface {}{1, "x"}. */
static void print_as_source(struct arena *arena, const struct json *value, struct buf *out)
{
    size_t count = 0;
    const struct json **members = NULL;
    switch (json_type(value)) {
    case JSON_NULL:
        buf_append_text(out, "interface {}(nil)");
        return;
    case JSON_STRING:
        fieldset_print_quoted(json_string_of(value), out);
        return;
    case JSON_BOOL:
    case JSON_NUMBER:
        json_print(value, out);
        return;
    case JSON_ARRAY:
        buf_append_text(out, "[]interface {}{");
        JSON_EACH(item, value) {
            if (item != json_first(value))
                buf_append_text(out, ", ");
            print_as_source(arena, item, out);
        }
        buf_append_char(out, '}');
        return;
    case JSON_OBJECT:
        members = apply_members(arena, value, NULL, &count);
        buf_append_text(out, "map[string]interface {}{");
        for (size_t i = 0; i < count; i++) {
            if (i > 0)
                buf_append_text(out, ", ");
            fieldset_print_quoted(json_key(members[i]), out);
            buf_append_char(out, ':');
            print_as_source(arena, members[i], out);
        }
        buf_append_char(out, '}');
        return;
    }
}

static void report_expected(struct check *check, const char *expected, const struct json *value)
{
    struct buf text CLEANUP(buf_release) = {0};
    buf_init(&text, APPLY_TEXT_BYTES_MAX);
    buf_printf(&text, "expected %s, got &{", expected);
    print_plain(check->arena, value, &text);
    buf_append_char(&text, '}');
    report(check, text.data);
}

static void report_no_string(struct check *check, const struct json *value)
{
    struct buf text CLEANUP(buf_release) = {0};
    buf_init(&text, APPLY_TEXT_BYTES_MAX);
    buf_append_text(&text, "expected string, got &value.valueUnstructured{Value:");
    print_as_source(check->arena, value, &text);
    buf_append_char(&text, '}');
    report(check, text.data);
}

static void report_no_number(struct check *check, const struct json *value)
{
    static const char *const names[] = {
        [JSON_NULL] = "<nil>",          [JSON_BOOL] = "bool",
        [JSON_NUMBER] = "float64",      [JSON_STRING] = "string",
        [JSON_ARRAY] = "[]interface {}", [JSON_OBJECT] = "map[string]interface {}"};
    struct buf text CLEANUP(buf_release) = {0};
    buf_init(&text, APPLY_TEXT_BYTES_MAX);
    buf_printf(&text, "expected numeric (int or float), got %s", names[json_type(value)]);
    report(check, text.data);
}

static void check_scalar(struct check *check, struct apply_type type, const struct json *value)
{
    enum json_type found = json_type(value);
    enum apply_kind kind = apply_type_scalar(type);
    if (found == JSON_NULL)
        return;
    if (kind == APPLY_NUMERIC && found != JSON_NUMBER)
        report_no_number(check, value);
    else if (kind == APPLY_STRING && found != JSON_STRING)
        report_no_string(check, value);
    else if (kind == APPLY_BOOLEAN && found != JSON_BOOL)
        report_expected(check, "boolean", value);
    else if (found == JSON_OBJECT || found == JSON_ARRAY)
        report_expected(check, "any scalar", value);
}

static void check_value(struct check *check, struct apply_type type, const struct json *value);

static void check_below(struct check *check, struct fieldset_element element,
                        struct apply_type type, const struct json *value)
{
    const struct place place = {check->place, element};
    check->place = &place;
    check_value(check, type, value);
    check->place = place.outer;
}

static void report_undeclared(struct check *check, struct fieldset_element element)
{
    const struct place place = {check->place, element};
    check->place = &place;
    report(check, "field not declared in schema");
    check->place = place.outer;
}

static void check_map(struct check *check, struct apply_type type, const struct json *value)
{
    if (json_type(value) != JSON_OBJECT) {
        if (json_type(value) != JSON_NULL)
            report_expected(check, "map", value);
        return;
    }
    JSON_EACH(member, value) {
        struct fieldset_element element = {FIELDSET_FIELD, json_key(member)};
        struct apply_type below = {.kind = APPLY_DEDUCED};
        if (!apply_type_field(type, json_key(member), &below) &&
            !apply_type_element(type, &below)) {
            report_undeclared(check, element);
            return; /* a real server looks no further in this map */
        }
        check_below(check, element, below, member);
    }
}

static void report_duplicate(struct check *check, struct fieldset_element element)
{
    struct buf text CLEANUP(buf_release) = {0};
    buf_init(&text, APPLY_TEXT_BYTES_MAX);
    buf_append_text(&text, "duplicate entries for key ");
    fieldset_element_print(element, &text);
    report(check, text.data);
}

/* False: the item has no name, and nothing more is looked at in this list. */
static bool name_item(struct check *check, struct apply_type type, const struct json *item,
                      size_t index, struct fieldset_element *ret_element)
{
    struct buf problem CLEANUP(buf_release) = {0};
    buf_init(&problem, APPLY_TEXT_BYTES_MAX);
    buf_printf(&problem, "element %zu: ", index);
    if (apply_item_element(check->arena, type, item, ret_element, &problem))
        return true;
    report(check, problem.data);
    return false;
}

/* True at each position whose element stands at an earlier one too. */
static bool *mark_repeated(struct check *check, struct apply_type type, const struct json *value)
{
    size_t count = 0;
    struct apply_item *items = apply_items(check->arena, type, value, &count);
    bool *repeated = fieldset_alloc(check->arena, json_count(value), sizeof(bool));
    apply_items_sort(items, count);
    for (size_t i = 1; i < count; i++) {
        if (fieldset_element_compare(items[i - 1].element, items[i].element) == 0)
            repeated[items[i].position] = true;
    }
    return repeated;
}

static void check_list(struct check *check, struct apply_type type, const struct json *value)
{
    if (json_type(value) != JSON_ARRAY) {
        if (json_type(value) != JSON_NULL)
            report_expected(check, "list", value);
        return;
    }
    bool atomic = apply_type_list(type) == SCHEMA_LIST_ATOMIC;
    const bool *repeated = atomic ? NULL : mark_repeated(check, type, value);
    size_t index = 0;
    JSON_EACH(item, value) {
        char position[24];
        struct fieldset_element element = {FIELDSET_INDEX, STR_NONE};
        if (atomic) {
            int bytes = snprintf(position, sizeof(position), "%zu", index);
            element.text = str_from_bytes(position, (size_t)bytes);
        } else if (!name_item(check, type, item, index, &element)) {
            return;
        } else if (repeated[index]) {
            report_duplicate(check, element);
        }
        check_below(check, element, apply_type_items(type), item);
        index++;
    }
}

static void check_value(struct check *check, struct apply_type type, const struct json *value)
{
    if (type.kind == APPLY_OF_SCHEMA && schema_has_marked(type.schema, value))
        return; /* shared with a stored object */
    switch (apply_shape(apply_type_shapes(type, value))) {
    case APPLY_MAP:
        check_map(check, type, value);
        return;
    case APPLY_LIST:
        check_list(check, type, value);
        return;
    default:
        check_scalar(check, type, value);
    }
}

bool apply_validate(struct arena *arena, struct apply_type type, const struct json *value,
                    struct buf *problems)
{
    struct json *found CLEANUP(json_free_pointer) = json_array();
    struct check check = {.arena = arena, .problems = found};
    check_value(&check, type, value);
    bool several = json_count(found) > 1;
    if (several)
        buf_append_text(problems, "errors:");
    JSON_EACH(problem, found) {
        buf_append_text(problems, several ? "\n  " : "");
        buf_append(problems, json_string_of(problem));
    }
    return json_first(found) == NULL;
}
