/*
 * From an openAPIV3Schema to nodes. Only what validation, defaulting, pruning and apply
 * need is read; whether the schema is structural is the business of who stores CRDs.
 */
#include "fakeapi/schema_node.h"

#include "controller/base/mem.h"

struct compilation {
    struct buf path; /* "properties.spec.properties.tier" */
    bool has_rules;
    struct errmsg *msg;
};

/* One node of the source. Most nodes have two or three of the thirty keywords that are looked for,
 * so a filter says of most that they are absent. */
struct node_source {
    const struct json *json;
    uint64_t keys; /* a bit for each member, by key_bit */
};

static uint64_t key_bit(struct str key)
{
    unsigned char last = key.len > 0 ? (unsigned char)key.data[key.len - 1] : 0;
    return UINT64_C(1) << ((key.len * 5 + last) % 64);
}

static struct node_source node_source_of(const struct json *json)
{
    struct node_source source = {.json = json};
    JSON_EACH(member, json)
        source.keys |= key_bit(json_key(member));
    return source;
}

/* What stands under the keyword; NULL: nothing. */
static const struct json *look(const struct node_source *source, const char *keyword)
{
    struct str key = str_from(keyword);
    return (source->keys & key_bit(key)) != 0 ? json_get_str(source->json, key) : NULL;
}

static enum err compile_node(struct compilation *compilation, const struct json *source,
                             unsigned depth, struct schema **ret_schema);

static enum err fail(struct compilation *compilation, const char *keyword, const char *what)
{
    return err_set(compilation->msg, ERR_INVALID, "%.*s: %s %s",
                   STR_ARGS(buf_str(&compilation->path)), keyword, what);
}

/* Compiles `source` under the path segments a.b (b may be absent). */
static enum err compile_at(struct compilation *compilation, struct str a, struct str b,
                           const struct json *source, unsigned depth, struct schema **ret_schema)
{
    size_t len = compilation->path.len;
    if (len > 0)
        buf_append_char(&compilation->path, '.');
    buf_append(&compilation->path, a);
    if (b.data != NULL) {
        buf_append_char(&compilation->path, '.');
        buf_append(&compilation->path, b);
    }
    enum err err = compile_node(compilation, source, depth + 1, ret_schema);
    if (err == ERR_NONE)
        buf_truncate(&compilation->path, len);
    return err;
}

static enum err read_type(struct compilation *compilation, const struct node_source *source,
                          struct schema *schema)
{
    static const struct {
        const char *name;
        enum schema_type type;
    } types[] = {
        {"object", SCHEMA_OBJECT},   {"array", SCHEMA_ARRAY},   {"string", SCHEMA_STRING},
        {"integer", SCHEMA_INTEGER}, {"number", SCHEMA_NUMBER}, {"boolean", SCHEMA_BOOLEAN},
    };
    struct str name = json_string_of(look(source, "type"));
    if (str_is_empty(name))
        return ERR_NONE;
    for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
        if (str_is(name, types[i].name)) {
            schema->type = types[i].type;
            return ERR_NONE;
        }
    }
    return fail(compilation, "type", "is none that is known");
}

static enum err read_texts(struct compilation *compilation, const struct node_source *source,
                           const char *keyword, char ***ret_texts, size_t *ret_count)
{
    const struct json *list = look(source, keyword);
    size_t count = json_count(list);
    if (count == 0)
        return ERR_NONE;
    JSON_EACH(item, list) {
        if (!json_is(list, JSON_ARRAY) || !json_is(item, JSON_STRING))
            return fail(compilation, keyword, "must be a list of texts");
    }
    *ret_texts = mem_alloc_array(count, sizeof(**ret_texts));
    JSON_EACH(item, list)
        (*ret_texts)[(*ret_count)++] = str_dup(json_string_of(item));
    return ERR_NONE;
}

static enum err read_list_type(struct compilation *compilation, const struct node_source *source,
                               struct schema *schema)
{
    struct str name = json_string_of(look(source, "x-kubernetes-list-type"));
    if (str_is(name, "set"))
        schema->list_type = SCHEMA_LIST_SET;
    else if (str_is(name, "map"))
        schema->list_type = SCHEMA_LIST_MAP;
    else if (!str_is_empty(name) && !str_is(name, "atomic"))
        return fail(compilation, "x-kubernetes-list-type", "must be atomic, set or map");
    return read_texts(compilation, source, "x-kubernetes-list-map-keys", &schema->list_keys,
                      &schema->list_key_count);
}

static enum err read_count(struct compilation *compilation, const struct node_source *source,
                           const char *keyword, int64_t *ret_count)
{
    const struct json *number = look(source, keyword);
    if (number == NULL)
        return ERR_NONE;
    if (!json_int_of(number, ret_count) || *ret_count < 0)
        return fail(compilation, keyword, "must be a count");
    return ERR_NONE;
}

static enum err read_counts(struct compilation *compilation, const struct node_source *source,
                            struct schema *schema)
{
    const struct {
        const char *keyword;
        int64_t *count;
    } counts[] = {
        {"minLength", &schema->length_min},         {"maxLength", &schema->length_max},
        {"minItems", &schema->items_min},           {"maxItems", &schema->items_max},
        {"minProperties", &schema->properties_min}, {"maxProperties", &schema->properties_max},
    };
    for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
        *counts[i].count = SCHEMA_NO_LIMIT;
        enum err err = read_count(compilation, source, counts[i].keyword, counts[i].count);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

static enum err read_numbers(struct compilation *compilation, const struct node_source *source,
                             struct schema *schema)
{
    const struct {
        const char *keyword;
        struct json **number;
    } numbers[] = {
        {"minimum", &schema->minimum},
        {"maximum", &schema->maximum},
        {"multipleOf", &schema->multiple_of},
    };
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
        const struct json *number = look(source, numbers[i].keyword);
        if (number == NULL)
            continue;
        if (!json_is(number, JSON_NUMBER))
            return fail(compilation, numbers[i].keyword, "must be a number");
        *numbers[i].number = json_clone(number);
    }
    schema->minimum_excluded = json_bool_of(look(source, "exclusiveMinimum"));
    schema->maximum_excluded = json_bool_of(look(source, "exclusiveMaximum"));
    return ERR_NONE;
}

static enum err read_pattern(struct compilation *compilation, const struct node_source *source,
                             struct schema *schema)
{
    struct str pattern = json_string_of(look(source, "pattern"));
    struct errmsg reason = {""};
    if (str_is_empty(pattern))
        return ERR_NONE;
    schema->pattern_text = str_dup(pattern);
    enum err err = schema_pattern_create(pattern, &schema->pattern, &reason);
    if (err != ERR_NONE)
        return err_set(compilation->msg, err, "%.*s: pattern %s",
                       STR_ARGS(buf_str(&compilation->path)), reason.text);
    return ERR_NONE;
}

static void read_flags(const struct node_source *source, struct schema *schema)
{
    schema->nullable = json_bool_of(look(source, "nullable"));
    schema->int_or_string = json_bool_of(look(source, "x-kubernetes-int-or-string"));
    schema->preserves_unknown =
        json_bool_of(look(source, "x-kubernetes-preserve-unknown-fields"));
    schema->is_embedded = json_bool_of(look(source, "x-kubernetes-embedded-resource"));
    schema->map_is_atomic = str_is(json_string_of(look(source, "x-kubernetes-map-type")), "atomic");
    schema->format = str_dup(json_string_of(look(source, "format")));
    const struct json *default_value = look(source, "default");
    if (default_value != NULL && !json_is(default_value, JSON_NULL))
        schema->default_value = json_clone(default_value);
    const struct json *enumeration = look(source, "enum");
    if (json_is(enumeration, JSON_ARRAY) && json_count(enumeration) > 0)
        schema->enumeration = json_clone(enumeration);
}

static enum err read_rules(struct compilation *compilation, const struct node_source *source,
                           struct schema *schema)
{
    const struct json *rules = look(source, "x-kubernetes-validations");
    size_t count = json_count(rules);
    if (count == 0)
        return ERR_NONE;
    schema->rules = mem_alloc_array(count, sizeof(*schema->rules));
    JSON_EACH(rule, rules) {
        if (!json_is(json_get(rule, "rule"), JSON_STRING))
            return fail(compilation, "x-kubernetes-validations", "must have a rule");
        struct schema_rule *made = &schema->rules[schema->rule_count++];
        made->rule = str_dup(str_trim(json_text_at(rule, "rule")));
        made->message = str_dup(json_text_at(rule, "message"));
    }
    compilation->has_rules = true;
    return ERR_NONE;
}

static enum err compile_properties(struct compilation *compilation,
                                   const struct node_source *source, unsigned depth,
                                   struct schema *schema)
{
    const struct json *properties = look(source, "properties");
    size_t count = json_count(properties);
    if (properties != NULL && !json_is(properties, JSON_OBJECT))
        return fail(compilation, "properties", "must be an object");
    if (count > 0)
        schema->properties = mem_alloc_array(count, sizeof(*schema->properties));
    JSON_EACH(property, properties) {
        struct schema_property *made = &schema->properties[schema->property_count++];
        made->text = str_dup(json_key(property));
        made->name = str_from_bytes(made->text, json_key(property).len);
        enum err err = compile_at(compilation, STR("properties"), json_key(property), property,
                                  depth, &made->schema);
        if (err != ERR_NONE)
            return err;
    }
    if (count > 0)
        schema_index_properties(schema);
    return ERR_NONE;
}

static enum err compile_additional(struct compilation *compilation,
                                   const struct node_source *source, unsigned depth,
                                   struct schema *schema)
{
    const struct json *additional = look(source, "additionalProperties");
    if (additional == NULL || (json_is(additional, JSON_BOOL) && !json_bool_of(additional)))
        return ERR_NONE;
    if (json_is(additional, JSON_OBJECT))
        return compile_at(compilation, STR("additionalProperties"), STR_NONE, additional, depth,
                          &schema->additional);
    struct json *empty = json_object();
    enum err err = compile_at(compilation, STR("additionalProperties"), STR_NONE, empty, depth,
                              &schema->additional);
    json_free(empty);
    if (err == ERR_NONE)
        schema->additional->is_anything = true;
    return err;
}

static enum err compile_group(struct compilation *compilation, const struct node_source *source,
                              const char *keyword, unsigned depth, struct schema_group *group)
{
    const struct json *list = look(source, keyword);
    size_t count = json_count(list);
    if (list != NULL && !json_is(list, JSON_ARRAY))
        return fail(compilation, keyword, "must be a list");
    if (count > 0)
        group->items = mem_alloc_array(count, sizeof(struct schema *));
    JSON_EACH(item, list) {
        enum err err = compile_at(compilation, str_from(keyword), STR_NONE, item, depth,
                                  &group->items[group->count]);
        if (err != ERR_NONE)
            return err;
        group->count++;
    }
    return ERR_NONE;
}

static enum err compile_children(struct compilation *compilation, const struct node_source *source,
                                 unsigned depth, struct schema *schema)
{
    enum err err = compile_properties(compilation, source, depth, schema);
    if (err == ERR_NONE)
        err = compile_additional(compilation, source, depth, schema);
    if (err == ERR_NONE && look(source, "items") != NULL)
        err = compile_at(compilation, STR("items"), STR_NONE, look(source, "items"), depth,
                         &schema->items);
    if (err == ERR_NONE)
        err = compile_group(compilation, source, "anyOf", depth, &schema->any_of);
    if (err == ERR_NONE)
        err = compile_group(compilation, source, "oneOf", depth, &schema->one_of);
    if (err == ERR_NONE)
        err = compile_group(compilation, source, "allOf", depth, &schema->all_of);
    if (err == ERR_NONE && look(source, "not") != NULL)
        err = compile_at(compilation, STR("not"), STR_NONE, look(source, "not"), depth,
                         &schema->not_schema);
    return err;
}

static enum err compile_own(struct compilation *compilation, const struct node_source *source,
                            struct schema *schema)
{
    read_flags(source, schema);
    enum err err = read_counts(compilation, source, schema);
    if (err == ERR_NONE)
        err = read_type(compilation, source, schema);
    if (err == ERR_NONE)
        err = read_list_type(compilation, source, schema);
    if (err == ERR_NONE)
        err = read_texts(compilation, source, "required", &schema->required,
                         &schema->required_count);
    if (err == ERR_NONE)
        err = read_numbers(compilation, source, schema);
    if (err == ERR_NONE)
        err = read_pattern(compilation, source, schema);
    if (err == ERR_NONE)
        err = read_rules(compilation, source, schema);
    return err;
}

static enum err compile_node(struct compilation *compilation, const struct json *source,
                             unsigned depth, struct schema **ret_schema)
{
    if (!json_is(source, JSON_OBJECT))
        return fail(compilation, "schema", "must be an object");
    if (depth > SCHEMA_DEPTH_MAX)
        return fail(compilation, "schema", "is too deep");
    struct schema *schema = mem_alloc(sizeof(*schema));
    struct node_source node = node_source_of(source);
    enum err err = compile_own(compilation, &node, schema);
    if (err == ERR_NONE)
        err = compile_children(compilation, &node, depth, schema);
    if (err != ERR_NONE) {
        schema_free(schema);
        return err;
    }
    *ret_schema = schema;
    return ERR_NONE;
}

/* What is known of the whole tree. Rules are structural: they do not stand within anyOf and the
 * like, and neither do values that are marked. */
static void finish_node(struct schema *schema, bool tree_has_rules, uint64_t *mark)
{
    schema->tree_has_rules = tree_has_rules;
    schema->mark = (*mark)++;
    for (size_t i = 0; i < schema->property_count; i++) {
        const struct schema_property *property = &schema->properties[i];
        schema->default_count += property->schema->default_value != NULL &&
                                 !schema_is_meta(schema, property->name);
        finish_node(property->schema, tree_has_rules, mark);
    }
    if (schema->additional != NULL)
        finish_node(schema->additional, tree_has_rules, mark);
    if (schema->items != NULL)
        finish_node(schema->items, tree_has_rules, mark);
}

/* Schemas of the same text judge alike, whoever compiled them and when. */
static uint64_t first_mark(const struct json *open_api_v3)
{
    char *text = json_print_text(open_api_v3);
    uint64_t hash = str_hash(STR_HASH_INIT, str_from(text));
    mem_free(text);
    return hash | UINT64_C(1) << 63; /* never 0, not even after some billions of nodes */
}

enum err schema_create(const struct json *open_api_v3, struct schema **ret_schema,
                       struct errmsg *msg)
{
    struct compilation compilation = {.msg = msg};
    struct schema *schema = NULL;
    buf_init(&compilation.path, 64u << 10);
    buf_append_text(&compilation.path, "openAPIV3Schema");
    enum err err = compile_node(&compilation, open_api_v3, 0, &schema);
    buf_release(&compilation.path);
    if (err != ERR_NONE)
        return err;
    schema->is_root = true;
    uint64_t mark = first_mark(open_api_v3);
    finish_node(schema, compilation.has_rules, &mark);
    *ret_schema = schema;
    return ERR_NONE;
}
