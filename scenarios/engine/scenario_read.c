#include "scenarios/engine/scenario_read.h"

#include <errno.h>

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

#define FOUND_BYTES_MAX 60u /* of a value in a message */

static enum err open_failed(const char *path, struct errmsg *msg)
{
    if (errno == ENOENT)
        return err_set(msg, ERR_NOT_FOUND, "%s: there is no such file", path);
    if (errno == EISDIR)
        return err_set(msg, ERR_NOT_FOUND, "%s: found a directory, expected a file", path);
    if (errno == EACCES)
        return err_set(msg, ERR_NOT_FOUND, "%s: not allowed to read it", path);
    return err_set(msg, ERR_NOT_FOUND, "%s: cannot be read (error %d)", path, errno);
}

static enum err file_read(FILE *file, const char *path, struct buf *out, struct errmsg *msg)
{
    char chunk[8192];
    size_t got;
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_append_bytes(out, chunk, got);
    if (ferror(file))
        return open_failed(path, msg);
    if (out->overflowed)
        return err_set(msg, ERR_LIMIT, "%s: found more than %u bytes, expected at most that", path,
                       YAML_BYTES_MAX);
    return ERR_NONE;
}

enum err source_load(const char *path, struct source *ret_source, struct errmsg *msg)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return open_failed(path, msg);
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, YAML_BYTES_MAX);
    enum err err = file_read(file, path, &text, msg);
    fclose(file);
    return err != ERR_NONE ? err : source_parse(buf_str(&text), path, ret_source, msg);
}

enum err source_parse(struct str text, const char *path, struct source *ret_source,
                      struct errmsg *msg)
{
    struct errmsg reason = {{0}};
    struct source source = {NULL, {NULL, 0}};
    enum err err = yaml_parse(text, &source.yaml, &reason);
    if (err != ERR_NONE)
        return err_set(msg, err, "%s:%s", path, reason.text);
    source.path = str_dup(str_from(path));
    *ret_source = source;
    return ERR_NONE;
}

enum err source_load_beside(const struct source *beside, struct str path,
                            struct source *ret_source, struct errmsg *msg)
{
    const char *slash = strrchr(beside->path, '/');
    int directory_len = slash != NULL ? (int)(slash - beside->path) + 1 : 0;
    bool is_absolute = str_starts_with(path, STR("/"));
    CLEANUP(mem_free_pointer) char *joined =
        str_format("%.*s%.*s", is_absolute ? 0 : directory_len, beside->path, STR_ARGS(path));
    return source_load(joined, ret_source, msg);
}

void source_release(struct source *source)
{
    if (source->path != NULL)
        yaml_file_release(&source->yaml);
    mem_free(source->path);
    *source = (struct source){NULL, {NULL, 0}};
}

/* The place of a node in its file. */
static struct yaml_mark reader_mark(const struct reader *reader, const struct json *node)
{
    struct yaml_mark mark = yaml_mark_of(reader->document, node);
    if (mark.line == 0)
        mark = yaml_mark_of(reader->document, reader->document->root);
    return mark.line == 0 ? (struct yaml_mark){1, 1} : mark;
}

enum err reader_fail(const struct reader *reader, const struct json *node, enum err err,
                     const char *format, ...)
{
    CLEANUP(buf_release) struct buf text;
    struct yaml_mark mark = reader_mark(reader, node);
    va_list arguments;
    buf_init(&text, sizeof(struct errmsg) * 4);
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    return err_set(reader->msg, err, "%s:%u:%u: %.*s", reader->source->path, mark.line,
                   mark.column, STR_ARGS(buf_str(&text)));
}

static void describe_text(struct str text, struct buf *out)
{
    bool is_long = text.len > FOUND_BYTES_MAX;
    size_t shown = is_long ? str_utf8_valid_prefix(str_slice(text, 0, FOUND_BYTES_MAX)) : text.len;
    buf_printf(out, "\"%.*s%s\"", (int)shown, text.data, is_long ? "..." : "");
}

static void describe(const struct json *node, struct buf *out)
{
    switch (json_type(node)) {
    case JSON_NULL:
        buf_append_text(out, "nothing");
        return;
    case JSON_BOOL:
        buf_append_text(out, json_bool_of(node) ? "true" : "false");
        return;
    case JSON_NUMBER:
        buf_append_text(out, "the number ");
        json_print(node, out);
        return;
    case JSON_STRING:
        describe_text(json_string_of(node), out);
        return;
    case JSON_ARRAY:
        buf_append_text(out, "a list");
        return;
    case JSON_OBJECT:
        buf_append_text(out, "a mapping");
        return;
    }
}

enum err reader_mismatch(const struct reader *reader, const struct json *node, struct str found,
                         const char *expected, const struct str *candidates,
                         size_t candidate_count)
{
    CLEANUP(buf_release) struct buf text;
    struct str nearest = str_nearest(found, candidates, candidate_count);
    buf_init(&text, sizeof(struct errmsg) * 4);
    if (found.data != NULL)
        describe_text(found, &text);
    else
        describe(node, &text);
    buf_printf(&text, ", expected %s", expected);
    if (!str_is_empty(nearest))
        buf_printf(&text, "; did you mean \"%.*s\"?", STR_ARGS(nearest));
    return reader_fail(reader, node, ERR_TYPE, "found %.*s", STR_ARGS(buf_str(&text)));
}

/* "one of a, b, c": all of a small set, for messages. */
static void print_words(const struct str *words, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%.*s", i == 0 ? "one of " : ", ", STR_ARGS(words[i]));
}

enum err reader_word(const struct reader *reader, const struct json *node,
                     const struct str *words, size_t word_count, size_t *ret_index)
{
    struct str word = json_string_of(node);
    for (size_t i = 0; i < word_count; i++) {
        if (word.data != NULL && str_equal(word, words[i])) {
            *ret_index = i;
            return ERR_NONE;
        }
    }
    CLEANUP(buf_release) struct buf expected;
    buf_init(&expected, sizeof(struct errmsg) * 4);
    print_words(words, word_count, &expected);
    return reader_mismatch(reader, node, word, buf_str(&expected).data, words, word_count);
}

static enum err expected_type(const struct reader *reader, const struct json *node,
                              const char *expected)
{
    return reader_mismatch(reader, node, STR_NONE, expected, NULL, 0);
}

static enum err read_text(const struct reader *reader, const struct json *node, struct str *field)
{
    if (json_is(node, JSON_BOOL))
        return expected_type(reader, node, "a text (y, n, yes, no, on and off need quotes)");
    if (str_is_empty(json_string_of(node)))
        return expected_type(reader, node, "a text");
    *field = json_string_of(node);
    return ERR_NONE;
}

static enum err read_bool(const struct reader *reader, const struct json *node, bool *field)
{
    if (!json_is(node, JSON_BOOL))
        return expected_type(reader, node, "true or false");
    *field = json_bool_of(node);
    return ERR_NONE;
}

static enum err read_count(const struct reader *reader, const struct json *node, unsigned *field)
{
    int64_t value;
    if (!json_int_of(node, &value) || value < 0 || value >= UINT_MAX)
        return expected_type(reader, node, "a whole number that is not negative");
    *field = (unsigned)value;
    return ERR_NONE;
}

static enum err read_seed(const struct reader *reader, const struct json *node, uint64_t *field)
{
    int64_t value;
    if (!json_int_of(node, &value) || value < 0)
        return expected_type(reader, node, "a whole number that is not negative");
    *field = (uint64_t)value;
    return ERR_NONE;
}

static enum err read_duration(const struct reader *reader, const struct json *node,
                              struct str text, const char *expected, int64_t *field)
{
    int64_t ns;
    if (text.data == NULL || duration_parse(text, &ns, NULL) != ERR_NONE || ns < 0)
        return expected_type(reader, node, expected);
    *field = duration_ns_to_ms(ns);
    return ERR_NONE;
}

static enum err read_offset(const struct reader *reader, const struct json *node, int64_t *field)
{
    static const char expected[] = "an offset from the start such as \"+1h30m\"";
    struct str text = json_string_of(node);
    if (!str_starts_with(text, STR("+")) || str_starts_with(text, STR("+-")))
        return expected_type(reader, node, expected);
    return read_duration(reader, node, str_slice(text, 1, text.len), expected, field);
}

static enum err read_time(const struct reader *reader, const struct json *node, int64_t *field)
{
    if (!ktime_parse_rfc3339(json_string_of(node), field))
        return expected_type(reader, node, "a time such as \"2026-01-02T15:04:05Z\"");
    return ERR_NONE;
}

static enum err read_node(const struct reader *reader, const struct json *node,
                          enum read_type type, const struct json **field)
{
    if (type == READ_MAPPING && !json_is(node, JSON_OBJECT))
        return expected_type(reader, node, "a mapping");
    if (type == READ_LIST && !json_is(node, JSON_ARRAY))
        return expected_type(reader, node, "a list");
    *field = node;
    return ERR_NONE;
}

enum err reader_value(const struct reader *reader, const struct json *node, enum read_type type,
                      void *field)
{
    switch (type) {
    case READ_TEXT:
        return read_text(reader, node, field);
    case READ_BOOL:
        return read_bool(reader, node, field);
    case READ_COUNT:
        return read_count(reader, node, field);
    case READ_SEED:
        return read_seed(reader, node, field);
    case READ_DURATION:
        return read_duration(reader, node, json_string_of(node), "a duration such as \"1m30s\"",
                             field);
    case READ_OFFSET:
        return read_offset(reader, node, field);
    case READ_TIME:
        return read_time(reader, node, field);
    case READ_MAPPING:
    case READ_LIST:
    case READ_ANY:
        return read_node(reader, node, type, field);
    }
    return ERR_TYPE;
}

#define KEYS_MAX 32u /* of one mapping */

static enum err unknown_key(const struct reader *reader, const struct json *member,
                            const char *what, const struct read_key *keys, size_t key_count)
{
    struct str names[KEYS_MAX];
    CLEANUP(buf_release) struct buf found;
    CLEANUP(buf_release) struct buf expected;
    buf_init(&found, sizeof(struct errmsg));
    buf_init(&expected, sizeof(struct errmsg) * 4);
    for (size_t i = 0; i < key_count; i++)
        names[i] = str_from(keys[i].name);
    describe_text(json_key(member), &found);
    print_words(names, key_count, &expected);
    struct str nearest = str_nearest(json_key(member), names, key_count);
    if (str_is_empty(nearest))
        return reader_fail(reader, member, ERR_TYPE, "found the key %s, expected %s in %s",
                           found.data, expected.data, what);
    return reader_fail(reader, member, ERR_TYPE,
                       "found the key %s, expected %s in %s; did you mean \"%.*s\"?", found.data,
                       expected.data, what, STR_ARGS(nearest));
}

/* A bare `on` is the boolean true to YAML 1.1, and so the key "true". */
static bool is_named(struct str name, const char *wanted)
{
    return str_is(name, wanted) || (str_is(name, "true") && strcmp(wanted, "on") == 0);
}

static const struct read_key *key_find(const struct read_key *keys, size_t key_count,
                                       struct str name)
{
    for (size_t i = 0; i < key_count; i++) {
        if (is_named(name, keys[i].name))
            return &keys[i];
    }
    return NULL;
}

static bool has_member(const struct json *node, const char *name)
{
    return json_get(node, name) != NULL ||
           (strcmp(name, "on") == 0 && json_get(node, "true") != NULL);
}

enum err reader_mapping(const struct reader *reader, const struct json *node, const char *what,
                        const struct read_key *keys, size_t key_count, void *target)
{
    ASSERT(key_count <= KEYS_MAX);
    if (!json_is(node, JSON_OBJECT))
        return expected_type(reader, node, what);
    JSON_EACH (member, node) {
        const struct read_key *key = key_find(keys, key_count, json_key(member));
        if (key == NULL)
            return unknown_key(reader, member, what, keys, key_count);
        enum err err = reader_value(reader, member, key->type, (char *)target + key->offset);
        if (err != ERR_NONE)
            return err;
    }
    for (size_t i = 0; i < key_count; i++) {
        if (keys[i].required && !has_member(node, keys[i].name))
            return reader_fail(reader, node, ERR_TYPE, "found no key \"%s\", expected one in %s",
                               keys[i].name, what);
    }
    return ERR_NONE;
}
