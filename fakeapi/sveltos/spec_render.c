#include "fakeapi/sveltos/spec_render.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "fakeapi/sveltos/go_types.h"

/* The zero value as Go encodes it, for fields that are never left out. */
static struct json *zero_value(enum go_kind kind)
{
    switch (kind) {
    case GO_STRING:
    case GO_INT_OR_STRING:
        return json_text("");
    case GO_BOOL:
        return json_bool(false);
    case GO_INT:
    case GO_UINT:
        return json_int(0);
    case GO_DURATION:
        return json_text("0s");
    case GO_STRINGS:
    case GO_STRING_MAP:
    case GO_STRUCTS:
    case GO_STRUCT:
        break;
    }
    return json_null();
}

static bool render_duration(const struct json *value, struct json **ret_value)
{
    int64_t duration_ns = 0;
    if (!json_is(value, JSON_STRING) ||
        duration_parse(json_string_of(value), &duration_ns, NULL) != ERR_NONE)
        return false;
    struct buf text;
    buf_init(&text, 64);
    duration_print(duration_ns, &text);
    *ret_value = json_string(buf_str(&text));
    buf_release(&text);
    return true;
}

static bool render_scalar(enum go_kind kind, const struct json *value, struct json **ret_value)
{
    int64_t number = 0;
    bool is_integer = json_int_of(value, &number);
    if (kind == GO_DURATION)
        return render_duration(value, ret_value);
    if ((kind == GO_STRING && !json_is(value, JSON_STRING)) ||
        (kind == GO_BOOL && !json_is(value, JSON_BOOL)) || (kind == GO_INT && !is_integer) ||
        (kind == GO_UINT && (!is_integer || number < 0)) ||
        (kind == GO_INT_OR_STRING && !is_integer && !json_is(value, JSON_STRING)))
        return false;
    *ret_value = json_clone(value);
    return true;
}

static bool holds_strings(const struct json *value, enum json_type container)
{
    if (!json_is(value, container))
        return false;
    JSON_EACH(item, value) {
        if (!json_is(item, JSON_STRING))
            return false;
    }
    return true;
}

/* Structs nest as deep as the type table: five levels. */
static bool render_struct(const struct go_field *fields, const struct json *value,
                          struct json **ret_value);

static bool render_structs(const struct go_field *fields, const struct json *value,
                           struct json **ret_value)
{
    if (!json_is(value, JSON_ARRAY))
        return false;
    struct json *list = json_array();
    JSON_EACH(item, value) {
        struct json *element = NULL;
        if (!render_struct(fields, item, &element)) {
            json_free(list);
            return false;
        }
        json_append(list, element);
    }
    *ret_value = list;
    return true;
}

static bool render_value(const struct go_field *field, const struct json *value,
                         struct json **ret_value)
{
    if (field->kind == GO_STRUCT)
        return render_struct(field->fields, value, ret_value);
    if (field->kind == GO_STRUCTS)
        return render_structs(field->fields, value, ret_value);
    if (field->kind == GO_STRINGS || field->kind == GO_STRING_MAP) {
        enum json_type container = field->kind == GO_STRINGS ? JSON_ARRAY : JSON_OBJECT;
        if (!holds_strings(value, container))
            return false;
        *ret_value = json_clone(value);
        return true;
    }
    return render_scalar(field->kind, value, ret_value);
}

static bool is_zero(const struct json *value)
{
    int64_t number = 1;
    switch (json_type(value)) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return !json_bool_of(value);
    case JSON_NUMBER:
        return json_int_of(value, &number) && number == 0;
    case JSON_STRING:
        return json_string_of(value).len == 0;
    case JSON_ARRAY:
    case JSON_OBJECT:
        return json_first(value) == NULL;
    }
    return false;
}

static bool render_absent(const struct go_field *field, struct json *object)
{
    struct json *value = NULL;
    if (field->presence != GO_ALWAYS)
        return true;
    if (field->kind != GO_STRUCT)
        value = zero_value(field->kind);
    else if (!render_struct(field->fields, NULL, &value))
        return false;
    json_set(object, field->name, value);
    return true;
}

static bool render_field(const struct go_field *field, const struct json *value,
                         struct json *object)
{
    if (json_type(value) == JSON_NULL)
        return render_absent(field, object);
    struct json *rendered = NULL;
    if (!render_value(field, value, &rendered))
        return false;
    if (field->presence == GO_OMITEMPTY && is_zero(rendered))
        json_free(rendered);
    else
        json_set(object, field->name, rendered);
    return true;
}

static bool render_struct(const struct go_field *fields, const struct json *value,
                          struct json **ret_value)
{
    if (value != NULL && !json_is(value, JSON_OBJECT) && !json_is(value, JSON_NULL))
        return false;
    struct json *object = json_object();
    for (const struct go_field *field = fields; field->name != NULL; field++) {
        if (!render_field(field, json_get(value, field->name), object)) {
            json_free(object);
            return false;
        }
    }
    *ret_value = object;
    return true;
}

bool profile_spec_render(const struct json *spec, struct json **ret_spec)
{
    return render_struct(go_cluster_profile_spec, spec, ret_spec);
}

void profile_spec_digest(const struct json *rendered, char ret_hex[SHA256_HEX_BYTES])
{
    struct json *sorted = json_clone(rendered);
    json_sort(sorted);
    char *text CLEANUP(mem_free_pointer) = json_print_text(sorted);
    sha256_hex(sha256_of(str_from(text)), ret_hex);
    json_free(sorted);
}
