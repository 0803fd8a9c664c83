#include "fakeapi/schema_node.h"

#include "controller/base/mem.h"

struct pruning {
    struct buf path;
    struct json *unknown; /* may be NULL */
};

static void prune_node(struct pruning *pruning, const struct schema *schema, struct json *value);

static size_t enter_member(struct pruning *pruning, struct str name)
{
    size_t len = pruning->path.len;
    if (len > 0)
        buf_append_char(&pruning->path, '.');
    buf_append(&pruning->path, name);
    return len;
}

/* True when the member stays (whatever happened inside). `schema` NULL: nothing is declared. */
static bool prune_member(struct pruning *pruning, const struct schema *schema,
                         struct json *member)
{
    struct str name = json_key(member);
    if (schema_is_meta(schema, name))
        return true;
    const struct schema *property = schema_property(schema, name);
    if (property != NULL || schema_additional(schema) != NULL) {
        prune_node(pruning, property != NULL ? property : schema_additional(schema), member);
        return true;
    }
    return schema_preserves_unknown(schema);
}

static void prune_members(struct pruning *pruning, const struct schema *schema,
                          struct json *object)
{
    struct json *next = NULL;
    for (struct json *member = json_first(object); member != NULL; member = next) {
        next = json_next(member);
        size_t len = enter_member(pruning, json_key(member));
        if (!prune_member(pruning, schema, member)) {
            if (pruning->unknown != NULL)
                json_append(pruning->unknown, json_string(buf_str(&pruning->path)));
            json_free(json_detach(object, member));
        }
        buf_truncate(&pruning->path, len);
    }
}

/* Items of a list that the schema does not declare are kept, but emptied of members:
 * "unknown field spec.s[2].b" for a list where a text should be (schema/10). */
static void prune_items(struct pruning *pruning, const struct schema *schema, struct json *list)
{
    size_t index = 0;
    size_t len = pruning->path.len;
    if (schema_preserves_unknown(schema) && schema_items(schema) == NULL)
        return;
    JSON_EACH(item, list) {
        buf_printf(&pruning->path, "[%zu]", index++);
        prune_node(pruning, schema_items(schema), item);
        buf_truncate(&pruning->path, len);
    }
}

static void prune_node(struct pruning *pruning, const struct schema *schema, struct json *value)
{
    if (schema != NULL && schema_is_marked(schema, value))
        return;
    if (json_is(value, JSON_OBJECT))
        prune_members(pruning, schema, value);
    else if (json_is(value, JSON_ARRAY))
        prune_items(pruning, schema, value);
}

static int compare_texts(const void *a, const void *b)
{
    const struct str *left = a;
    const struct str *right = b;
    return str_compare(*left, *right);
}

/* Moves the paths to `out`, sorted bytewise. Equal paths are interchangeable. */
static void append_sorted(struct json *paths, struct json *out)
{
    size_t count = json_count(paths);
    size_t index = 0;
    if (count == 0)
        return;
    struct str *texts = mem_alloc_array(count, sizeof(*texts));
    JSON_EACH(path, paths)
        texts[index++] = json_string_of(path);
    qsort(texts, count, sizeof(*texts), compare_texts);
    for (size_t i = 0; i < count; i++)
        json_append(out, json_string(texts[i]));
    mem_free(texts);
}

void schema_prune(const struct schema *schema, struct json *value, struct json *unknown)
{
    struct pruning pruning = {.unknown = unknown != NULL ? json_array() : NULL};
    buf_init(&pruning.path, SCHEMA_PATH_BYTES_MAX);
    prune_node(&pruning, schema, value);
    buf_release(&pruning.path);
    if (unknown != NULL)
        append_sorted(pruning.unknown, unknown);
    json_free(pruning.unknown);
}
