#include "controller/core/spec_render.h"

#include "controller/base/ktime.h"
#include "controller/core/limits.h"

/* Where in the value a fault was found, for the message. */
struct render {
    bool fill_defaults;
    struct buf path;
    struct errmsg *msg;
};

#define PATH_BYTES_MAX 512u

static enum err render_struct(struct render *render, const struct json *value,
                              const struct go_type *type, struct json **ret_tree);

static enum err fault(struct render *render, const char *found)
{
    return err_set(render->msg, ERR_TYPE, "%.*s: %s", STR_ARGS(buf_str(&render->path)), found);
}

static bool is_zero_number(const struct json *value)
{
    int64_t number;
    bool is_number = json_int_of(value, &number);
    ASSERT(is_number); /* it was rendered as one */
    return number == 0;
}

static bool is_zero(const struct json *value, enum go_kind kind)
{
    switch (kind) {
    case GO_STRING:
        return str_is_empty(json_string_of(value));
    case GO_BOOL:
        return !json_bool_of(value);
    case GO_INT:
    case GO_UINT:
        return is_zero_number(value);
    case GO_STRING_LIST:
    case GO_STRING_MAP:
    case GO_STRUCT_LIST:
        return json_first(value) == NULL;
    case GO_INT_OR_STRING:
    case GO_DURATION:
    case GO_STRUCT:
        return false;
    }
    ASSERT(false);
}

/* Of a field without omitempty: those are texts, lists and structs only. */
static struct json *zero_of(enum go_kind kind)
{
    ASSERT(kind == GO_STRING || kind == GO_STRING_LIST);
    return kind == GO_STRING ? json_text("") : json_null();
}

static enum err render_duration(struct render *render, const struct json *value,
                                struct json **ret_tree)
{
    struct errmsg why;
    int64_t ns;
    if (!json_is(value, JSON_STRING))
        return fault(render, "found no string, expected a duration");
    if (duration_parse(json_string_of(value), &ns, &why) != ERR_NONE)
        return fault(render, why.text);
    struct buf text;
    buf_init(&text, KTIME_TEXT_BYTES * 2);
    duration_print(ns, &text);
    *ret_tree = json_string(buf_str(&text));
    buf_release(&text);
    return ERR_NONE;
}

static enum err render_scalar(struct render *render, const struct json *value, enum go_kind kind,
                              struct json **ret_tree)
{
    int64_t number;
    bool fits = (kind == GO_STRING && json_is(value, JSON_STRING)) ||
                (kind == GO_BOOL && json_is(value, JSON_BOOL)) ||
                (kind == GO_INT && json_int_of(value, &number)) ||
                (kind == GO_UINT && json_int_of(value, &number) && number >= 0) ||
                (kind == GO_INT_OR_STRING && json_is(value, JSON_STRING)) ||
                (kind == GO_INT_OR_STRING && json_int_of(value, &number) &&
                 number >= INT32_MIN && number <= INT32_MAX); /* Go's intstr has 32 bits */
    if (!fits)
        return fault(render, kind == GO_UINT ? "found another value, expected a number from 0 on"
                                             : "found a value of another type than the field's");
    *ret_tree = json_clone(value);
    return ERR_NONE;
}

static enum err render_strings(struct render *render, const struct json *value, bool is_map,
                               struct json **ret_tree)
{
    if (!json_is(value, is_map ? JSON_OBJECT : JSON_ARRAY))
        return fault(render, is_map ? "found no object" : "found no list");
    JSON_EACH(item, value)
    {
        if (!json_is(item, JSON_STRING))
            return fault(render, "found an item that is no string");
    }
    *ret_tree = json_clone(value);
    json_sort(*ret_tree); /* Go prints maps sorted by key */
    return ERR_NONE;
}

static enum err render_struct_list(struct render *render, const struct json *value,
                                   const struct go_type *type, struct json **ret_tree)
{
    if (!json_is(value, JSON_ARRAY))
        return fault(render, "found no list");
    CLEANUP(json_free_pointer) struct json *list = json_array();
    size_t path_len = render->path.len;
    size_t index = 0;
    JSON_EACH(item, value)
    {
        struct json *tree = NULL;
        buf_printf(&render->path, "[%zu]", index++);
        enum err err = render_struct(render, item, type, &tree);
        if (err != ERR_NONE)
            return err;
        json_append(list, tree);
        buf_truncate(&render->path, path_len);
    }
    *ret_tree = list;
    list = NULL;
    return ERR_NONE;
}

static enum err render_value(struct render *render, const struct json *value,
                             const struct go_field *field, struct json **ret_tree)
{
    switch (field->kind) {
    case GO_STRING:
    case GO_BOOL:
    case GO_INT:
    case GO_UINT:
    case GO_INT_OR_STRING:
        return render_scalar(render, value, field->kind, ret_tree);
    case GO_DURATION:
        return render_duration(render, value, ret_tree);
    case GO_STRING_LIST:
        return render_strings(render, value, false, ret_tree);
    case GO_STRING_MAP:
        return render_strings(render, value, true, ret_tree);
    case GO_STRUCT:
        return render_struct(render, value, field->type, ret_tree);
    case GO_STRUCT_LIST:
        return render_struct_list(render, value, field->type, ret_tree);
    }
    ASSERT(false);
}

static struct json *parse_default(const char *default_json)
{
    struct json *value = NULL;
    enum err err = json_parse(str_from(default_json), NULL, &value, NULL);
    ASSERT(err == ERR_NONE);
    return value;
}

/* What stands for a field that the value does not hold, or holds as zero. */
static enum err render_absent(struct render *render, const struct go_field *field,
                              struct json **ret_tree)
{
    if (render->fill_defaults && field->default_json != NULL)
        *ret_tree = parse_default(field->default_json);
    else if (field->always && field->kind == GO_STRUCT)
        return render_struct(render, NULL, field->type, ret_tree);
    else if (field->always)
        *ret_tree = zero_of(field->kind);
    return ERR_NONE;
}

static enum err render_field(struct render *render, const struct json *object,
                             const struct go_field *field, struct json *out)
{
    const struct json *value = json_get(object, field->name);
    struct json *tree = NULL;
    enum err err = ERR_NONE;
    bool present = value != NULL && !json_is(value, JSON_NULL);
    if (present)
        err = render_value(render, value, field, &tree);
    if (err != ERR_NONE)
        return err;
    if (tree != NULL && !field->pointer && is_zero(tree, field->kind)) {
        json_free(tree);
        tree = NULL;
    }
    if (tree == NULL)
        err = render_absent(render, field, &tree);
    if (tree != NULL)
        json_set(out, field->name, tree);
    return err;
}

static enum err render_struct(struct render *render, const struct json *value,
                              const struct go_type *type, struct json **ret_tree)
{
    if (value != NULL && !json_is(value, JSON_OBJECT))
        return fault(render, "found no object");
    CLEANUP(json_free_pointer) struct json *tree = json_object();
    size_t path_len = render->path.len;
    for (size_t i = 0; i < type->field_count; i++) {
        buf_append_text(&render->path, path_len > 0 ? "." : "");
        buf_append_text(&render->path, type->fields[i].name);
        enum err err = render_field(render, value, &type->fields[i], tree);
        if (err != ERR_NONE)
            return err;
        buf_truncate(&render->path, path_len);
    }
    *ret_tree = tree;
    tree = NULL;
    return ERR_NONE;
}

enum err spec_render(const struct json *value, const struct go_type *type, bool fill_defaults,
                     struct json **ret_tree, struct errmsg *msg)
{
    struct render render = {.fill_defaults = fill_defaults, .msg = msg};
    buf_init(&render.path, PATH_BYTES_MAX);
    enum err err = render_struct(&render, json_is(value, JSON_NULL) ? NULL : value, type, ret_tree);
    buf_release(&render.path);
    return err;
}

struct sha256 spec_digest(const struct json *tree)
{
    struct buf text;
    buf_init(&text, ANSWER_BYTES_MAX);
    json_print(tree, &text);
    struct sha256 digest = sha256_of(buf_str(&text));
    buf_release(&text);
    return digest;
}

struct sha256 spec_stages_hash(const struct json *stages)
{
    CLEANUP(json_free_pointer) struct json *list = json_array();
    JSON_EACH(stage, stages)
    {
        struct json *selector = NULL;
        struct json *item = json_object();
        if (spec_render(json_get(stage, "clusterSelector"), &spec_type_label_selector, false,
                        &selector, NULL) != ERR_NONE)
            selector = json_object();
        json_set(item, "name", json_string(json_text_at(stage, "name")));
        json_set(item, "clusterSelector", selector);
        json_append(list, item);
    }
    return spec_digest(list);
}
