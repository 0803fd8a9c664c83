/*
 * The text forms of field sets: FieldsV1 objects, and paths in messages.
 */
#include "controller/base/mem.h"

#include "fakeapi/fieldset.h"

#define TEXT_BYTES_MAX (4u << 20)

/* Compact and sorted, as our own keys and values are, whatever a client wrote. */
static enum err read_json_text(struct arena *arena, struct str text, bool is_object,
                               struct str *ret_text)
{
    struct json *value CLEANUP(json_free_pointer) = NULL;
    struct errmsg ignored;
    if (json_parse(text, NULL, &value, &ignored) != ERR_NONE ||
        json_is(value, JSON_OBJECT) != is_object)
        return ERR_SYNTAX;
    struct buf printed CLEANUP(buf_release) = {0};
    buf_init(&printed, TEXT_BYTES_MAX);
    json_sort(value);
    json_print(value, &printed);
    *ret_text = arena_str(arena, buf_str(&printed));
    return ERR_NONE;
}

static const char prefixes[] = {[FIELDSET_FIELD] = 'f',
                                [FIELDSET_KEY] = 'k',
                                [FIELDSET_VALUE] = 'v',
                                [FIELDSET_INDEX] = 'i'};

/* The kind and the text behind the prefix. ERR_NOT_FOUND: a prefix of a later version, to be left
 * out. */
static enum err split_element(struct str key, struct fieldset_element *ret_element)
{
    if (key.len < 2 || key.data[1] != ':')
        return ERR_SYNTAX;
    ret_element->text = str_from_bytes(key.data + 2, key.len - 2);
    for (size_t i = 0; i < ARRAY_COUNT(prefixes); i++) {
        if (key.data[0] != prefixes[i])
            continue;
        ret_element->kind = (enum fieldset_kind)i;
        return ERR_NONE;
    }
    return ERR_NOT_FOUND;
}

static enum err read_element(struct arena *arena, struct str key,
                             struct fieldset_element *ret_element)
{
    uint64_t index = 0;
    enum err err = split_element(key, ret_element);
    if (err != ERR_NONE)
        return err;
    switch (ret_element->kind) {
    case FIELDSET_FIELD:
        return ERR_NONE;
    case FIELDSET_KEY:
        return read_json_text(arena, ret_element->text, true, &ret_element->text);
    case FIELDSET_VALUE:
        return read_json_text(arena, ret_element->text, false, &ret_element->text);
    case FIELDSET_INDEX:
        return str_to_u64(ret_element->text, &index) ? ERR_NONE : ERR_SYNTAX;
    }
    return ERR_NOT_FOUND;
}

/* *ret_member: the object names itself by ".", or is empty. */
static enum err read_level(struct arena *arena, const struct json *fields,
                           const struct fieldset **ret_set, bool *ret_member)
{
    if (!json_is(fields, JSON_OBJECT))
        return ERR_SYNTAX;
    struct fieldset_builder level;
    fieldset_builder_init_room(&level, arena, json_count(fields));
    bool member = json_get(fields, ".") != NULL;
    JSON_EACH(field, fields) {
        struct fieldset_element element = {FIELDSET_FIELD, STR_NONE};
        const struct fieldset *children = NULL;
        bool is_member = false;
        if (str_is(json_key(field), "."))
            continue;
        enum err err = read_element(arena, json_key(field), &element);
        if (err == ERR_NOT_FOUND)
            continue;
        if (err == ERR_NONE)
            err = read_level(arena, field, &children, &is_member);
        if (err != ERR_NONE)
            return err;
        fieldset_builder_add(&level, element, is_member, children);
    }
    *ret_set = fieldset_builder_finish(&level);
    *ret_member = member || *ret_set == NULL;
    return ERR_NONE;
}

enum err fieldset_read(struct arena *arena, const struct json *fields,
                       const struct fieldset **ret_set)
{
    bool member = false;
    return read_level(arena, fields, ret_set, &member);
}

const struct fieldset *fieldset_read_own(struct arena *arena, const struct json *fields)
{
    const struct json *first = json_first(fields);
    if (first == NULL || (json_count(fields) == 1 && str_is(json_key(first), ".")))
        return NULL;
    struct fieldset *set = fieldset_alloc(arena, 1, sizeof(*set));
    *set = (struct fieldset){.source = fields, .arena = arena};
    return set;
}

/* Sorted, "." comes first of all. */
static bool names_itself(const struct json *fields)
{
    return str_is(json_key(json_first(fields)), ".");
}

void fieldset_read_level(struct fieldset *set)
{
    struct fieldset_builder level;
    fieldset_builder_init_room(&level, set->arena, json_count(set->source));
    JSON_EACH(field, set->source) {
        struct fieldset_element element = {FIELDSET_FIELD, STR_NONE};
        if (split_element(json_key(field), &element) == ERR_NONE)
            fieldset_builder_add(&level, element, json_first(field) == NULL || names_itself(field),
                                 fieldset_read_own(set->arena, field));
    }
    const struct fieldset *read = fieldset_builder_finish(&level);
    set->nodes = read->nodes;
    set->count = read->count;
}

/* The object of a level; `member`: the path that ends here is in the set, too. */
static struct json *write_level(const struct fieldset *set, bool member, struct buf *name)
{
    if (set != NULL && set->source != NULL && names_itself(set->source) == member)
        return json_clone(set->source);
    struct json *out = json_object();
    size_t count = 0;
    const struct fieldset_node *nodes = set != NULL ? fieldset_nodes(set, &count) : NULL;
    if (set != NULL && member)
        json_set(out, ".", json_object());
    for (size_t i = 0; i < count; i++) {
        struct json *below = write_level(nodes[i].children, nodes[i].member, name);
        buf_clear(name);
        buf_append_char(name, prefixes[nodes[i].element.kind]);
        buf_append_char(name, ':');
        buf_append(name, nodes[i].element.text);
        json_set_str(out, buf_str(name), below);
    }
    return out;
}

struct json *fieldset_write(const struct fieldset *set)
{
    struct buf name CLEANUP(buf_release) = {0};
    buf_init(&name, TEXT_BYTES_MAX);
    struct json *out = write_level(set, false, &name);
    json_sort(out);
    return out;
}

void fieldset_print_quoted(struct str text, struct buf *out)
{
    static const char escapes[] = {['\a'] = 'a', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n',
                                   ['\v'] = 'v', ['\f'] = 'f', ['\r'] = 'r'};
    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < sizeof(escapes) && escapes[c] != 0)
            buf_printf(out, "\\%c", escapes[c]);
        else if (c < ' ' || c == 0x7f)
            buf_printf(out, "\\x%02x", c);
        else
            buf_append_char(out, (char)c);
    }
    buf_append_char(out, '"');
}

static void print_scalar(const struct json *value, struct buf *out)
{
    if (json_is(value, JSON_STRING))
        fieldset_print_quoted(json_string_of(value), out);
    else
        json_print(value, out);
}

static void print_key(const struct json *members, struct buf *out)
{
    buf_append_char(out, '[');
    JSON_EACH(member, members) {
        if (member != json_first(members))
            buf_append_char(out, ',');
        buf_append(out, json_key(member));
        buf_append_char(out, '=');
        print_scalar(member, out);
    }
    buf_append_char(out, ']');
}

void fieldset_element_print(struct fieldset_element element, struct buf *out)
{
    if (element.kind == FIELDSET_FIELD) {
        buf_append_char(out, '.');
        buf_append(out, element.text);
        return;
    }
    struct json *value CLEANUP(json_free_pointer) = NULL;
    struct errmsg ignored;
    ASSERT(json_parse(element.text, NULL, &value, &ignored) == ERR_NONE);
    if (element.kind == FIELDSET_KEY) {
        print_key(value, out);
        return;
    }
    buf_append_text(out, element.kind == FIELDSET_VALUE ? "[=" : "[");
    print_scalar(value, out);
    buf_append_char(out, ']');
}

static void visit_level(const struct fieldset *set, struct buf *path,
                        void (*visit)(void *ctx, struct str path), void *ctx)
{
    size_t prefix_bytes = path->len;
    size_t count;
    const struct fieldset_node *nodes = fieldset_nodes(set, &count);
    for (size_t i = 0; i < count; i++) {
        if (!nodes[i].member)
            continue;
        fieldset_element_print(nodes[i].element, path);
        visit(ctx, buf_str(path));
        buf_truncate(path, prefix_bytes);
    }
    for (size_t i = 0; i < count; i++) {
        if (nodes[i].children == NULL)
            continue;
        fieldset_element_print(nodes[i].element, path);
        visit_level(nodes[i].children, path, visit, ctx);
        buf_truncate(path, prefix_bytes);
    }
}

void fieldset_each_path(const struct fieldset *set, void (*visit)(void *ctx, struct str path),
                        void *ctx)
{
    struct buf path CLEANUP(buf_release) = {0};
    buf_init(&path, TEXT_BYTES_MAX);
    if (set != NULL)
        visit_level(set, &path, visit, ctx);
}
