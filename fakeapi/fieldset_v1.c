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

/* ERR_NOT_FOUND: a prefix of a later version, to be left out. */
static enum err read_element(struct arena *arena, struct str key,
                             struct fieldset_element *ret_element)
{
    if (key.len < 2 || key.data[1] != ':')
        return ERR_SYNTAX;
    struct str rest = str_slice(key, 2, key.len);
    uint64_t index = 0;
    ret_element->text = rest;
    switch (key.data[0]) {
    case 'f':
        ret_element->kind = FIELDSET_FIELD;
        return ERR_NONE;
    case 'k':
        ret_element->kind = FIELDSET_KEY;
        return read_json_text(arena, rest, true, &ret_element->text);
    case 'v':
        ret_element->kind = FIELDSET_VALUE;
        return read_json_text(arena, rest, false, &ret_element->text);
    case 'i':
        ret_element->kind = FIELDSET_INDEX;
        return str_to_u64(rest, &index) ? ERR_NONE : ERR_SYNTAX;
    default:
        return ERR_NOT_FOUND;
    }
}

/* *ret_member: the object names itself by ".", or is empty. */
static enum err read_level(struct arena *arena, const struct json *fields,
                           const struct fieldset **ret_set, bool *ret_member)
{
    if (!json_is(fields, JSON_OBJECT))
        return ERR_SYNTAX;
    struct fieldset_builder level;
    fieldset_builder_init(&level, arena);
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

static void write_level(const struct fieldset *set, bool member, struct buf *name,
                        struct json *out)
{
    static const char prefixes[] = {[FIELDSET_FIELD] = 'f',
                                    [FIELDSET_KEY] = 'k',
                                    [FIELDSET_VALUE] = 'v',
                                    [FIELDSET_INDEX] = 'i'};
    if (set == NULL)
        return;
    if (member)
        json_set(out, ".", json_object());
    for (size_t i = 0; i < set->count; i++) {
        const struct fieldset_node *node = &set->nodes[i];
        struct json *below = json_object();
        write_level(node->children, node->member, name, below);
        buf_clear(name);
        buf_append_char(name, prefixes[node->element.kind]);
        buf_append_char(name, ':');
        buf_append(name, node->element.text);
        json_set_str(out, buf_str(name), below);
    }
}

struct json *fieldset_write(const struct fieldset *set)
{
    struct json *out = json_object();
    struct buf name CLEANUP(buf_release) = {0};
    buf_init(&name, TEXT_BYTES_MAX);
    write_level(set, false, &name, out);
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
    for (size_t i = 0; i < set->count; i++) {
        if (!set->nodes[i].member)
            continue;
        fieldset_element_print(set->nodes[i].element, path);
        visit(ctx, buf_str(path));
        buf_truncate(path, prefix_bytes);
    }
    for (size_t i = 0; i < set->count; i++) {
        if (set->nodes[i].children == NULL)
            continue;
        fieldset_element_print(set->nodes[i].element, path);
        visit_level(set->nodes[i].children, path, visit, ctx);
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
