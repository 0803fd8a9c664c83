#include <yaml.h>

#include "controller/base/json_internal.h"
#include "controller/base/map.h"
#include "controller/base/mem.h"
#include "controller/base/yaml.h"
#include "controller/base/yaml_scalar.h"

struct node_mark {
    const struct json *node;
    struct yaml_mark mark;
};

/* Sorted by address when the document is complete; never walked in that order. */
struct yaml_marks {
    struct node_mark *marks;
    size_t count;
    size_t capacity;
};

/* A collection that is being filled. */
struct level {
    struct json *collection;
    char *key; /* the member's name while its value is awaited; owned */
    struct yaml_mark key_mark;
    size_t count;
};

/* What the body of a request may have and a file may not. */
struct body {
    struct json *repeated;  /* complaints about repeated keys */
    struct map anchors;     /* the node of each anchor, borrowed from the tree or from `aside` */
    struct json *aside;     /* array: nodes that anchors still name */
    size_t copied;          /* nodes that aliases made */
};

/* A merge key while its mapping is read: no key of a text can begin like that. */
#define MERGE_KEY "\x01<<"

struct reader {
    struct body *body; /* NULL: a file */
    yaml_parser_t parser;
    struct str text;
    struct errmsg *msg;
    enum err err;
    struct level levels[YAML_DEPTH_MAX];
    unsigned depth;
    struct yaml_document document; /* being read */
    bool document_is_empty;
    struct yaml_document *documents;
    size_t document_count;
    size_t document_capacity;
};

static void document_release(struct yaml_document *document)
{
    json_free(document->root);
    if (document->marks != NULL)
        mem_free(document->marks->marks);
    mem_free(document->marks);
    *document = (struct yaml_document){0};
}

static bool fail_at(struct reader *reader, enum err err, struct yaml_mark mark, const char *found,
                    const char *expected)
{
    reader->err = err_set(reader->msg, err, "%u:%u: found %s, expected %s", mark.line, mark.column,
                          found, expected);
    return false;
}

static struct yaml_mark mark_from(yaml_mark_t mark)
{
    return (struct yaml_mark){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

static struct yaml_mark event_mark(const yaml_event_t *event)
{
    return mark_from(event->start_mark);
}

static struct yaml_mark mark_of_offset(struct str text, size_t offset)
{
    struct yaml_mark mark = {1, 1};
    for (size_t i = 0; i < offset && i < text.len; i++) {
        mark.column++;
        if (text.data[i] == '\n')
            mark = (struct yaml_mark){mark.line + 1, 1};
    }
    return mark;
}

/* What libyaml itself refuses. Its reader knows only an offset. */
static bool fail_in_parser(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    char found[200];
    if (parser->error == YAML_MEMORY_ERROR)
        return fail_at(reader, ERR_LIMIT, (struct yaml_mark){1, 1}, "too much", "less");
    struct yaml_mark mark = parser->error == YAML_READER_ERROR
                                ? mark_of_offset(reader->text, parser->problem_offset)
                                : mark_from(parser->problem_mark);
    snprintf(found, sizeof(found), "broken YAML (%s)",
             parser->problem != NULL ? parser->problem : "unknown problem");
    return fail_at(reader, ERR_SYNTAX, mark, found, "a valid document");
}

static void marks_add(struct reader *reader, const struct json *node, struct yaml_mark mark)
{
    struct yaml_marks *marks = reader->document.marks;
    marks->marks = mem_grow_array(marks->marks, marks->count, &marks->capacity,
                                  sizeof(*marks->marks), SIZE_MAX / sizeof(*marks->marks));
    marks->marks[marks->count++] = (struct node_mark){node, mark};
}

static int compare_marks(const void *left, const void *right)
{
    uintptr_t a = (uintptr_t)((const struct node_mark *)left)->node;
    uintptr_t b = (uintptr_t)((const struct node_mark *)right)->node;
    return a < b ? -1 : a > b;
}

/* Of a repeated key the last value stays. Anchors may still name the one that goes. */
static void drop_repeated(struct reader *reader, const struct level *level)
{
    struct json *older = json_get(level->collection, level->key);
    if (older == NULL)
        return;
    char *line = str_format("line %u: key \"%s\" already set in map", level->key_mark.line,
                            level->key);
    json_append(reader->body->repeated, json_text(line));
    json_append(reader->body->aside, json_detach(level->collection, older));
    mem_free(line);
}

/* Puts `node` (owned) where it belongs: root, item or member. */
static bool place_node(struct reader *reader, struct json *node, struct yaml_mark mark)
{
    if (reader->depth == 0) {
        reader->document.root = node;
        marks_add(reader, node, mark);
        return true;
    }
    struct level *level = &reader->levels[reader->depth - 1];
    if (json_is(level->collection, JSON_ARRAY)) {
        json_append(level->collection, node);
        marks_add(reader, node, mark);
        return true;
    }
    if (reader->body != NULL)
        drop_repeated(reader, level);
    json_add_member(level->collection, str_from(level->key), node);
    marks_add(reader, node, level->key_mark);
    mem_free(level->key);
    level->key = NULL;
    return true;
}

static bool awaits_key(const struct reader *reader)
{
    if (reader->depth == 0)
        return false;
    const struct level *level = &reader->levels[reader->depth - 1];
    return json_is(level->collection, JSON_OBJECT) && level->key == NULL;
}

static bool accept_key(struct reader *reader, char *key, struct yaml_mark mark)
{
    struct level *level = &reader->levels[reader->depth - 1];
    level->key = key;
    level->key_mark = mark;
    if (level->count++ < json_limits_default.members_max)
        return true;
    return fail_at(reader, ERR_LIMIT, mark, "one more key", "at most 1024 keys in a mapping");
}

/* A key's text: that of the value it resolves to, so that `yes:` is "true". Takes `value`. */
static bool place_key(struct reader *reader, struct json *value, struct yaml_mark mark)
{
    char *key = json_is(value, JSON_STRING) ? str_dup(json_string_of(value))
                                            : json_print_text(value);
    bool is_null = json_is(value, JSON_NULL);
    json_free(value);
    if (!is_null)
        return accept_key(reader, key, mark);
    mem_free(key);
    return fail_at(reader, ERR_TYPE, mark, "an empty key", "a text");
}

static bool refuse_properties(struct reader *reader, const yaml_event_t *event,
                              const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (reader->body != NULL)
        return true;
    if (anchor != NULL)
        return fail_at(reader, ERR_SYNTAX, event_mark(event), "an anchor", "a value without one");
    if (tag != NULL)
        return fail_at(reader, ERR_SYNTAX, event_mark(event), "a tag", "a value without one");
    return true;
}

static void set_anchor(struct reader *reader, const yaml_char_t *anchor, struct json *node)
{
    if (reader->body != NULL && anchor != NULL)
        map_put(&reader->body->anchors, str_from((const char *)anchor), node);
}

/* A key with an anchor has no node of its own, so every scalar's anchor names a copy. */
static void anchor_scalar(struct reader *reader, const yaml_event_t *event,
                          const struct json *value)
{
    if (reader->body == NULL || event->data.scalar.anchor == NULL)
        return;
    struct json *copy = json_clone(value);
    json_append(reader->body->aside, copy);
    set_anchor(reader, event->data.scalar.anchor, copy);
}

/* Whether the scalar's text is to be resolved, not taken as it is. */
static bool is_resolved(const yaml_event_t *event)
{
    const char *tag = (const char *)event->data.scalar.tag;
    if (tag == NULL)
        return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return strcmp(tag, YAML_INT_TAG) == 0 || strcmp(tag, YAML_FLOAT_TAG) == 0 ||
           strcmp(tag, YAML_BOOL_TAG) == 0 || strcmp(tag, YAML_NULL_TAG) == 0;
}

/* Nodes and levels of a tree. */
static void measure(const struct json *node, size_t depth, size_t *count, size_t *deepest)
{
    (*count)++;
    *deepest = depth > *deepest ? depth : *deepest;
    JSON_EACH(child, node)
        measure(child, depth + 1, count, deepest);
}

static struct json *copy_node(struct reader *reader, const struct json *node,
                              struct yaml_mark mark)
{
    size_t deepest = 0;
    measure(node, reader->depth + 1, &reader->body->copied, &deepest);
    if (reader->body->copied <= YAML_COPIED_NODES_MAX && deepest <= 2 * YAML_DEPTH_MAX)
        return json_clone(node);
    fail_at(reader, ERR_LIMIT, mark, "broken YAML (document contains excessive aliasing)",
            "less of it");
    return NULL;
}

static bool is_open(const struct reader *reader, const struct json *node)
{
    for (unsigned i = 0; i < reader->depth; i++)
        if (reader->levels[i].collection == node)
            return true;
    return false;
}

static bool read_alias(struct reader *reader, const yaml_event_t *event)
{
    static const struct yaml_mark nowhere = {1, 1}; /* Go's reader names no line here */
    const char *name = (const char *)event->data.alias.anchor;
    char found[200];
    if (reader->body == NULL)
        return fail_at(reader, ERR_SYNTAX, event_mark(event), "an alias", "a value");
    const struct json *node = map_get(&reader->body->anchors, str_from(name));
    if (node == NULL || is_open(reader, node)) {
        snprintf(found, sizeof(found),
                 node == NULL ? "broken YAML (unknown anchor '%.100s' referenced)"
                              : "broken YAML (anchor '%.100s' value contains itself)", name);
        return fail_at(reader, ERR_SYNTAX, nowhere, found, "a value");
    }
    struct json *copy = copy_node(reader, node, nowhere);
    if (copy == NULL)
        return false;
    if (!awaits_key(reader))
        return place_node(reader, copy, event_mark(event));
    if (!json_is(copy, JSON_OBJECT) && !json_is(copy, JSON_ARRAY))
        return place_key(reader, copy, event_mark(event));
    json_free(copy);
    return fail_at(reader, ERR_TYPE, event_mark(event), "a collection as key", "a text");
}

static bool read_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    struct yaml_mark mark = event_mark(event);
    const char *found = NULL;
    struct json *value = NULL;
    if (!refuse_properties(reader, event, event->data.scalar.anchor, event->data.scalar.tag))
        return false;
    if (memchr(text.data, '\0', text.len) != NULL)
        return fail_at(reader, ERR_TYPE, mark, "a NUL character", "a text without NUL");
    if (plain && awaits_key(reader) && str_is(text, "<<"))
        return reader->body != NULL
                   ? accept_key(reader, str_dup(STR(MERGE_KEY)), mark)
                   : fail_at(reader, ERR_SYNTAX, mark, "a merge key", "a key");
    if (!is_resolved(event))
        value = json_string(text);
    else if (yaml_scalar_resolve(text, &value, &found) != ERR_NONE)
        return fail_at(reader, ERR_TYPE, mark, found, "a number that JSON can hold");
    anchor_scalar(reader, event, value);
    if (awaits_key(reader))
        return place_key(reader, value, mark);
    reader->document_is_empty = reader->depth == 0 && plain && text.len == 0;
    return place_node(reader, value, mark);
}

static bool open_collection(struct reader *reader, const yaml_event_t *event,
                            const yaml_char_t *anchor, const yaml_char_t *tag, bool is_mapping)
{
    if (!refuse_properties(reader, event, anchor, tag))
        return false;
    if (awaits_key(reader))
        return fail_at(reader, ERR_TYPE, event_mark(event), "a collection as key", "a text");
    if (reader->depth == YAML_DEPTH_MAX)
        return fail_at(reader, ERR_LIMIT, event_mark(event), "deeper nesting",
                       "at most 32 levels");
    struct json *collection = is_mapping ? json_object() : json_array();
    if (!place_node(reader, collection, event_mark(event)))
        return false;
    set_anchor(reader, anchor, collection);
    reader->levels[reader->depth++] = (struct level){.collection = collection};
    return true;
}

static void document_begin(struct reader *reader)
{
    document_release(&reader->document);
    reader->document.marks = mem_alloc(sizeof(*reader->document.marks));
    reader->document_is_empty = false;
}

static bool refuse_duplicates(struct reader *reader)
{
    struct json_duplicate duplicate;
    char found[128];
    if (!json_duplicate_find(reader->document.root, &duplicate))
        return true;
    snprintf(found, sizeof(found), "the key \"%.100s\" again", json_key(duplicate.item).data);
    return fail_at(reader, ERR_TYPE, yaml_mark_of(&reader->document, duplicate.item), found,
                   "each key once");
}

static bool document_end(struct reader *reader, const yaml_event_t *event)
{
    struct yaml_marks *marks = reader->document.marks;
    if (marks->count > 1)
        qsort(marks->marks, marks->count, sizeof(*marks->marks), compare_marks);
    if (reader->document_is_empty)
        return true;
    if (!refuse_duplicates(reader))
        return false;
    if (reader->document_count == YAML_DOCUMENTS_MAX)
        return fail_at(reader, ERR_LIMIT, event_mark(event), "one more document",
                       "at most 4096 documents");
    reader->documents =
        mem_grow_array(reader->documents, reader->document_count, &reader->document_capacity,
                       sizeof(*reader->documents), YAML_DOCUMENTS_MAX);
    reader->documents[reader->document_count++] = reader->document;
    reader->document = (struct yaml_document){0};
    return true;
}

static bool take_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT: return read_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(reader, event, event->data.sequence_start.anchor,
                               event->data.sequence_start.tag, false);
    case YAML_MAPPING_START_EVENT:
        return open_collection(reader, event, event->data.mapping_start.anchor,
                               event->data.mapping_start.tag, true);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: reader->depth--; return true;
    case YAML_ALIAS_EVENT: return read_alias(reader, event);
    case YAML_DOCUMENT_START_EVENT: document_begin(reader); return true;
    case YAML_DOCUMENT_END_EVENT: return document_end(reader, event);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT: return true;
    }
    return true;
}

static void read_events(struct reader *reader)
{
    yaml_event_type_t type = YAML_NO_EVENT;
    while (type != YAML_STREAM_END_EVENT) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            fail_in_parser(reader);
            return;
        }
        type = event.type;
        bool fine = take_event(reader, &event);
        yaml_event_delete(&event);
        if (!fine || (type == YAML_DOCUMENT_END_EVENT && reader->body != NULL))
            return;
    }
}

/* What a failure leaves half built. */
static void reader_release(struct reader *reader)
{
    struct yaml_file file = {reader->documents, reader->document_count};
    document_release(&reader->document);
    for (unsigned i = 0; i < reader->depth; i++)
        mem_free(reader->levels[i].key);
    yaml_file_release(&file);
}

/* On failure nothing is left of what was read. */
static enum err read_stream(struct reader *reader)
{
    if (reader->text.len > YAML_BYTES_MAX)
        return err_set(reader->msg, ERR_LIMIT, "1:1: found %zu bytes, expected at most %u",
                       reader->text.len, YAML_BYTES_MAX);
    if (!yaml_parser_initialize(&reader->parser))
        return err_set(reader->msg, ERR_LIMIT, "1:1: found no memory, expected some");
    /* Otherwise a byte order mark could make it UTF-16. */
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)reader->text.data,
                                 reader->text.len);
    read_events(reader);
    yaml_parser_delete(&reader->parser);
    if (reader->err != ERR_NONE)
        reader_release(reader);
    else
        document_release(&reader->document);
    return reader->err;
}

enum err yaml_parse(struct str text, struct yaml_file *ret_file, struct errmsg *msg)
{
    struct reader reader = {.text = text, .msg = msg};
    enum err err = read_stream(&reader);
    if (err == ERR_NONE)
        *ret_file = (struct yaml_file){reader.documents, reader.document_count};
    return err;
}

static void merge_from(struct json *mapping, const struct json *source)
{
    if (!json_is(source, JSON_OBJECT))
        return;
    JSON_EACH(member, source)
        if (json_get_str(mapping, json_key(member)) == NULL)
            json_set_str(mapping, json_key(member), json_clone(member));
}

/* What stands under merge keys goes into their mappings, where it is not there already. */
static void merge_below(struct json *node)
{
    struct json *merged = json_is(node, JSON_OBJECT) ? json_get(node, MERGE_KEY) : NULL;
    JSON_EACH(child, node)
        merge_below(child);
    if (merged == NULL)
        return;
    merged = json_detach(node, merged);
    if (json_is(merged, JSON_ARRAY))
        JSON_EACH(source, merged)
            merge_from(node, source);
    else
        merge_from(node, merged);
    json_free(merged);
}

static struct json *first_root(const struct reader *reader)
{
    if (reader->document_count == 0)
        return json_null();
    struct json *root = json_clone(reader->documents[0].root);
    merge_below(root);
    return root;
}

enum err yaml_parse_body(struct str text, struct json **ret_value, struct json **ret_repeated,
                         struct errmsg *msg)
{
    struct body body = {.repeated = json_array(), .aside = json_array()};
    struct reader reader = {.text = text, .msg = msg, .body = &body};
    map_init(&body.anchors);
    enum err err = read_stream(&reader);
    if (err == ERR_NONE) {
        struct yaml_file file = {reader.documents, reader.document_count};
        *ret_value = first_root(&reader);
        *ret_repeated = body.repeated;
        body.repeated = NULL;
        yaml_file_release(&file);
    }
    map_release(&body.anchors);
    json_free(body.repeated);
    json_free(body.aside);
    return err;
}

void yaml_file_release(struct yaml_file *file)
{
    for (size_t i = 0; i < file->document_count; i++)
        document_release(&file->documents[i]);
    mem_free(file->documents);
    *file = (struct yaml_file){0};
}

struct yaml_mark yaml_mark_of(const struct yaml_document *document, const struct json *node)
{
    const struct yaml_marks *marks = document->marks;
    struct node_mark wanted = {.node = node};
    if (marks == NULL || marks->count == 0)
        return (struct yaml_mark){0};
    const struct node_mark *found =
        bsearch(&wanted, marks->marks, marks->count, sizeof(wanted), compare_marks);
    return found != NULL ? found->mark : (struct yaml_mark){0};
}

static int write_to_buf(void *out, unsigned char *bytes, size_t count)
{
    buf_append_bytes(out, (const char *)bytes, count);
    return 1;
}

/* 2026-01-02 and longer: readers of YAML 1.1 take it for a time. */
static bool looks_like_date(struct str text)
{
    static const char pattern[] = "dddd-dd-dd";
    if (text.len < sizeof(pattern) - 1)
        return false;
    for (size_t i = 0; i < sizeof(pattern) - 1; i++) {
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (pattern[i] == 'd' ? !digit : text.data[i] != '-')
            return false;
    }
    return true;
}

static yaml_scalar_style_t style_of(struct str text)
{
    const char *found = NULL;
    struct json *value = NULL;
    bool is_text = yaml_scalar_resolve(text, &value, &found) == ERR_NONE &&
                   json_is(value, JSON_STRING);
    json_free(value);
    if (str_find(text, '\n', 0) < text.len)
        return YAML_LITERAL_SCALAR_STYLE;
    return is_text && !looks_like_date(text) ? YAML_PLAIN_SCALAR_STYLE
                                             : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

/* Emitting fails only when memory does. */
static void emit(yaml_emitter_t *emitter, yaml_event_t *event, int made)
{
    int emitted = made != 0 ? yaml_emitter_emit(emitter, event) : 0;
    ASSERT(emitted != 0);
}

static void emit_scalar(yaml_emitter_t *emitter, struct str text, yaml_scalar_style_t style)
{
    yaml_event_t event;
    int made = yaml_scalar_event_initialize(&event, NULL, NULL, (yaml_char_t *)(uintptr_t)text.data,
                                            (int)text.len, 1, 1, style);
    emit(emitter, &event, made);
}

static void emit_value(yaml_emitter_t *emitter, const struct json *value);

static void emit_collection(yaml_emitter_t *emitter, const struct json *value, bool is_mapping)
{
    yaml_event_t event;
    bool empty = json_first(value) == NULL;
    int made = is_mapping
                   ? yaml_mapping_start_event_initialize(
                         &event, NULL, NULL, 1,
                         empty ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE)
                   : yaml_sequence_start_event_initialize(
                         &event, NULL, NULL, 1,
                         empty ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
    emit(emitter, &event, made);
    JSON_EACH(child, value) {
        if (is_mapping)
            emit_scalar(emitter, json_key(child), style_of(json_key(child)));
        emit_value(emitter, child);
    }
    emit(emitter, &event, is_mapping ? yaml_mapping_end_event_initialize(&event)
                                     : yaml_sequence_end_event_initialize(&event));
}

static void emit_value(yaml_emitter_t *emitter, const struct json *value)
{
    char *text;
    if (json_is(value, JSON_OBJECT) || json_is(value, JSON_ARRAY)) {
        emit_collection(emitter, value, json_is(value, JSON_OBJECT));
    } else if (json_is(value, JSON_STRING)) {
        emit_scalar(emitter, json_string_of(value), style_of(json_string_of(value)));
    } else {
        text = json_print_text(value);
        emit_scalar(emitter, str_from(text), YAML_PLAIN_SCALAR_STYLE);
        mem_free(text);
    }
}

void yaml_print(const struct json *value, struct buf *out)
{
    yaml_emitter_t emitter;
    yaml_event_t event;
    struct json *sorted = json_clone(value);
    int made = yaml_emitter_initialize(&emitter);
    ASSERT(made != 0);
    json_sort(sorted);
    yaml_emitter_set_output(&emitter, write_to_buf, out);
    yaml_emitter_set_unicode(&emitter, 1);
    emit(&emitter, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(&emitter, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    emit_value(&emitter, sorted);
    emit(&emitter, &event, yaml_document_end_event_initialize(&event, 1));
    emit(&emitter, &event, yaml_stream_end_event_initialize(&event));
    yaml_emitter_delete(&emitter);
    json_free(sorted);
}
