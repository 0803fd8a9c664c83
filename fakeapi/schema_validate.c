/*
 * Validation of one value against one node, in the order in which a real server finds
 * errors: type; anyOf, oneOf, allOf, not; text; format; number; items; enum; members.
 * Members of an object are visited in the order of the schema (a real server's is random).
 */
#include "fakeapi/schema_node.h"

#include "controller/base/mem.h"

#define MESSAGE_BYTES_MAX (32u << 20) /* a path and a value, printed twice, each byte as \xNN */

void schema_errors_add(struct schema_errors *errors, const char *reason, struct str field,
                       const char *format, ...)
{
    struct buf message;
    va_list arguments;
    if (errors->count >= SCHEMA_ERRORS_MAX || errors->bytes > SCHEMA_ERRORS_BYTES_MAX)
        return;
    buf_init(&message, MESSAGE_BYTES_MAX);
    va_start(arguments, format);
    buf_vprintf(&message, format, arguments);
    va_end(arguments);
    errors->items = mem_grow_array(errors->items, errors->count, &errors->capacity,
                                   sizeof(*errors->items), SCHEMA_ERRORS_MAX);
    struct schema_error *error = &errors->items[errors->count++];
    error->reason = reason;
    error->field = str_dup(field);
    errors->bytes += field.len + message.len;
    error->message = buf_steal(&message);
    buf_release(&message);
}

void schema_errors_release(struct schema_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        mem_free(errors->items[i].field);
        mem_free(errors->items[i].message);
    }
    mem_free(errors->items);
    *errors = (struct schema_errors){0};
}

void schema_walk_init(struct schema_walk *walk, struct str base, struct schema_errors *errors)
{
    *walk = (struct schema_walk){.base = base, .errors = errors};
    buf_init(&walk->text, SCHEMA_PATH_BYTES_MAX);
}

void schema_walk_release(struct schema_walk *walk)
{
    buf_release(&walk->text);
    mem_free(walk->steps);
}

static void print_step(const struct schema_step *step, struct buf *out)
{
    if (step->name.data == NULL)
        buf_printf(out, "[%zu]", step->index);
    else if (step->is_key)
        buf_printf(out, "[%.*s]", STR_ARGS(step->name));
    else
        buf_printf(out, "%s%.*s", out->len > 0 ? "." : "", STR_ARGS(step->name));
}

static struct str path_text(const struct schema_walk *walk)
{
    struct buf *text = (struct buf *)(uintptr_t)&walk->text; /* what it says is in the steps */
    buf_clear(text);
    buf_append(text, walk->base);
    for (size_t i = 0; i < walk->depth; i++)
        print_step(&walk->steps[i], text);
    return buf_str(text);
}

struct str schema_walk_field(const struct schema_walk *walk)
{
    struct str path = path_text(walk);
    return path.len > 0 ? path : STR("<nil>");
}

struct str schema_walk_base_field(const struct schema_walk *walk)
{
    return walk->base.len > 0 ? walk->base : STR("<nil>");
}

struct str schema_walk_text_path(const struct schema_walk *walk)
{
    struct str path = path_text(walk);
    return str_slice(path, walk->text_path_skip, path.len);
}

static struct schema_step *enter(struct schema_walk *walk)
{
    walk->steps = mem_grow_array(walk->steps, walk->depth, &walk->capacity, sizeof(*walk->steps),
                                 SIZE_MAX);
    return &walk->steps[walk->depth++];
}

void schema_walk_enter_member(struct schema_walk *walk, struct str name)
{
    *enter(walk) = (struct schema_step){.name = name};
}

void schema_walk_enter_key(struct schema_walk *walk, struct str name)
{
    *enter(walk) = (struct schema_step){.name = name, .is_key = true};
}

void schema_walk_enter_item(struct schema_walk *walk, size_t index)
{
    *enter(walk) = (struct schema_step){.index = index};
}

void schema_walk_leave(struct schema_walk *walk)
{
    walk->depth--;
}

static void check_node(const struct schema *schema, const struct json *value,
                       struct schema_walk *walk);

static void check_items(const struct schema *schema, const struct json *list,
                        struct schema_walk *walk)
{
    size_t count = 0;
    JSON_EACH(item, list) {
        schema_walk_enter_item(walk, count++);
        if (schema->items != NULL)
            check_node(schema->items, item, walk);
        schema_walk_leave(walk);
    }
    if (schema->items_min != SCHEMA_NO_LIMIT && count < (uint64_t)schema->items_min)
        schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                          "Invalid value: %zu: %.*s in body should have at least %" PRId64 " items",
                          count, STR_ARGS(schema_walk_text_path(walk)), schema->items_min);
    if (schema->items_max != SCHEMA_NO_LIMIT && count > (uint64_t)schema->items_max)
        schema_errors_add(walk->errors, "FieldValueTooMany", schema_walk_field(walk),
                          "Too many: %zu: must have at most %" PRId64 " item%s", count,
                          schema->items_max, schema->items_max == 1 ? "" : "s");
}

/* False when the count is wrong: then nothing inside is looked at. */
static bool check_member_count(const struct schema *schema, size_t count,
                               struct schema_walk *walk)
{
    if (schema->properties_min != SCHEMA_NO_LIMIT && count < (uint64_t)schema->properties_min) {
        schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                          "Invalid value: %zu: %.*s in body should have at least %" PRId64
                          " properties",
                          count, STR_ARGS(schema_walk_text_path(walk)), schema->properties_min);
        return false;
    }
    if (schema->properties_max != SCHEMA_NO_LIMIT && count > (uint64_t)schema->properties_max) {
        schema_errors_add(walk->errors, "FieldValueTooMany", schema_walk_field(walk),
                          "Too many: %zu: must have at most %" PRId64 " item%s", count,
                          schema->properties_max, schema->properties_max == 1 ? "" : "s");
        return false;
    }
    return true;
}

static void check_additional(const struct schema *schema, const struct json *object,
                             struct schema_walk *walk)
{
    if (schema->additional == NULL)
        return;
    JSON_EACH(member, object) {
        if (schema_property(schema, json_key(member)) != NULL)
            continue;
        schema_walk_enter_member(walk, json_key(member));
        check_node(schema->additional, member, walk);
        schema_walk_leave(walk);
    }
}

static void check_required(const struct schema *schema, const struct json *object,
                           struct schema_walk *walk)
{
    for (size_t i = 0; i < schema->required_count; i++) {
        struct str name = str_from(schema->required[i]);
        if (json_get_str(object, name) != NULL)
            continue;
        schema_walk_enter_member(walk, name);
        schema_errors_add(walk->errors, "FieldValueRequired", schema_walk_field(walk),
                          "Required value");
        schema_walk_leave(walk);
    }
}

/* The declared members in the order of the schema: of dozens of properties an object has few. */
static void check_declared(const struct schema *schema, const struct json *object,
                           struct schema_walk *walk)
{
    const struct json *space[64] = {NULL};
    bool fits = schema->property_count <= ARRAY_COUNT(space);
    const struct json **members =
        fits ? space : mem_alloc_array(schema->property_count, sizeof(const struct json *));
    JSON_EACH(member, object) {
        const struct schema_property *property = schema_find_property(schema, json_key(member));
        if (property != NULL)
            members[property - schema->properties] = member;
    }
    for (size_t i = 0; i < schema->property_count; i++) {
        if (members[i] == NULL)
            continue;
        schema_walk_enter_member(walk, schema->properties[i].name);
        check_node(schema->properties[i].schema, members[i], walk);
        schema_walk_leave(walk);
    }
    if (!fits)
        mem_free(members);
}

static void check_members(const struct schema *schema, const struct json *object,
                          struct schema_walk *walk)
{
    if (!check_member_count(schema, json_count(object), walk))
        return;
    check_additional(schema, object, walk);
    check_declared(schema, object, walk);
    check_required(schema, object, walk);
}

static void check_one(const struct schema *schema, const struct json *value,
                      struct schema_walk *walk, struct schema_errors *ret_errors)
{
    struct schema_errors *outer = walk->errors;
    *ret_errors = (struct schema_errors){0};
    walk->errors = ret_errors;
    check_node(schema, value, walk);
    walk->errors = outer;
}

static void append_errors(struct schema_errors *errors, const struct schema_errors *more)
{
    for (size_t i = 0; i < more->count; i++)
        schema_errors_add(errors, more->items[i].reason, str_from(more->items[i].field), "%s",
                          more->items[i].message);
}

static void add_group_error(struct schema_walk *walk, const char *format, const char *rest)
{
    schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_base_field(walk),
                      "Invalid value: \"\": \"%.*s\" must %s%s",
                      STR_ARGS(schema_walk_text_path(walk)), format, rest);
}

/* How many alternatives hold, and the errors of the first that does not. */
static size_t check_alternatives(const struct schema_group *group, const struct json *value,
                                 struct schema_walk *walk, struct schema_errors *ret_first)
{
    size_t valid_count = 0;
    *ret_first = (struct schema_errors){0};
    for (size_t i = 0; i < group->count; i++) {
        struct schema_errors errors;
        check_one(group->items[i], value, walk, &errors);
        valid_count += errors.count == 0;
        if (errors.count > 0 && ret_first->count == 0)
            *ret_first = errors;
        else
            schema_errors_release(&errors);
    }
    return valid_count;
}

static void check_any_of(const struct schema *schema, const struct json *value,
                         struct schema_walk *walk)
{
    struct schema_errors first;
    if (schema->any_of.count == 0)
        return;
    if (check_alternatives(&schema->any_of, value, walk, &first) == 0) {
        add_group_error(walk, "validate at least one schema (anyOf)", "");
        append_errors(walk->errors, &first);
    }
    schema_errors_release(&first);
}

static void check_one_of(const struct schema *schema, const struct json *value,
                         struct schema_walk *walk)
{
    struct schema_errors first;
    char found[64] = "Found none valid";
    if (schema->one_of.count == 0)
        return;
    size_t valid_count = check_alternatives(&schema->one_of, value, walk, &first);
    if (valid_count > 1)
        snprintf(found, sizeof(found), "Found %zu valid alternatives", valid_count);
    if (valid_count != 1)
        add_group_error(walk, "validate one and only one schema (oneOf). ", found);
    if (valid_count == 0)
        append_errors(walk->errors, &first);
    schema_errors_release(&first);
}

static void check_all_of(const struct schema *schema, const struct json *value,
                         struct schema_walk *walk)
{
    size_t valid_count = 0;
    for (size_t i = 0; i < schema->all_of.count; i++) {
        struct schema_errors errors;
        check_one(schema->all_of.items[i], value, walk, &errors);
        valid_count += errors.count == 0;
        append_errors(walk->errors, &errors);
        schema_errors_release(&errors);
    }
    if (valid_count < schema->all_of.count)
        add_group_error(walk, "validate all the schemas (allOf)",
                        valid_count == 0 ? ". None validated" : "");
}

static void check_not(const struct schema *schema, const struct json *value,
                      struct schema_walk *walk)
{
    struct schema_errors errors;
    if (schema->not_schema == NULL)
        return;
    check_one(schema->not_schema, value, walk, &errors);
    if (errors.count == 0)
        add_group_error(walk, "not validate the schema (not)", "");
    schema_errors_release(&errors);
}

static void check_node(const struct schema *schema, const struct json *value,
                       struct schema_walk *walk)
{
    if (schema_is_marked(schema, value))
        return;
    schema_check_type(schema, value, walk);
    if (json_is(value, JSON_NULL)) {
        schema_check_enum(schema, value, walk);
        return;
    }
    check_any_of(schema, value, walk);
    check_one_of(schema, value, walk);
    check_all_of(schema, value, walk);
    check_not(schema, value, walk);
    if (json_is(value, JSON_STRING)) {
        schema_check_string(schema, json_string_of(value), walk);
        schema_check_format(schema, json_string_of(value), walk);
    }
    if (json_is(value, JSON_NUMBER))
        schema_check_number(schema, value, walk);
    if (json_is(value, JSON_ARRAY))
        check_items(schema, value, walk);
    schema_check_enum(schema, value, walk);
    if (json_is(value, JSON_OBJECT))
        check_members(schema, value, walk);
}

/* Errors after which a server does not run the rules. */
static bool has_blocking(const struct schema_errors *errors)
{
    static const char *const blocking[] = {"FieldValueNotSupported", "FieldValueRequired",
                                           "FieldValueTooLong", "FieldValueTooMany",
                                           "FieldValueTypeInvalid"};
    for (size_t i = 0; i < errors->count; i++) {
        for (size_t k = 0; k < ARRAY_COUNT(blocking); k++) {
            if (strcmp(errors->items[i].reason, blocking[k]) == 0)
                return true;
        }
    }
    return false;
}

void schema_validate(const struct schema *schema, const struct json *value, struct str path,
                     size_t text_path_skip, struct schema_errors *errors)
{
    struct schema_walk walk;
    if (schema == NULL || value == NULL)
        return;
    schema_walk_init(&walk, path, errors);
    walk.text_path_skip = text_path_skip;
    check_node(schema, value, &walk);
    schema_check_lists(schema, value, &walk);
    if (schema->tree_has_rules && has_blocking(errors))
        schema_errors_add(errors, "FieldValueInvalid", STR("<nil>"),
                          "Invalid value: null: some validation rules were not checked because "
                          "the object was invalid; correct the existing errors to complete "
                          "validation");
    else if (schema->tree_has_rules)
        schema_check_rules(schema, value, &walk);
    schema_walk_release(&walk);
}
