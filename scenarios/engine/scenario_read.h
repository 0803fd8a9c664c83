/*
 * Strict reading of what people write: a table says which keys a mapping may have,
 * and everything else is an error that names the place, what was found, what was
 * expected and the nearest known key.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SCENARIO_READ_H
#define PROMOTER_SCENARIOS_ENGINE_SCENARIO_READ_H

#include "controller/base/yaml.h"

/* One file as it was read. Nodes borrowed from it live as long as it does. */
struct source {
    char *path; /* owned; as the user wrote it, for messages */
    struct yaml_file yaml;
};

/* Reads a file. ERR_NOT_FOUND: it cannot be opened or is no file; ERR_LIMIT: larger than
 * YAML_BYTES_MAX; else as yaml_parse. The message starts with the path. */
NODISCARD enum err source_load(const char *path, struct source *ret_source, struct errmsg *msg);
NODISCARD enum err source_parse(struct str text, const char *path, struct source *ret_source,
                                struct errmsg *msg);
/* As source_load, for a path that stands in another file: relative to that file's directory. */
NODISCARD enum err source_load_beside(const struct source *beside, struct str path,
                                      struct source *ret_source, struct errmsg *msg);
void source_release(struct source *source); /* a zeroed one is fine */

/* Where a reader stands, and whom it tells. All borrowed. */
struct reader {
    const struct source *source;
    const struct yaml_document *document;
    struct errmsg *msg;
};

/* Sets the message to "path:line:column: ..." and returns `err`. */
enum err reader_fail(const struct reader *reader, const struct json *node, enum err err,
                     const char *format, ...) PRINTF_LIKE(4, 5);
/* ERR_TYPE: `path:line:column: found X, expected EXPECTED; did you mean "Z"?`. `found` STR_NONE:
 * the node describes itself; candidates may be NULL. */
enum err reader_mismatch(const struct reader *reader, const struct json *node, struct str found,
                         const char *expected, const struct str *candidates,
                         size_t candidate_count);

/* What a key's value must be, and the type of the field that receives it. */
enum read_type {
    READ_TEXT,     /* struct str, not empty */
    READ_BOOL,     /* bool */
    READ_COUNT,    /* unsigned */
    READ_SEED,     /* uint64_t */
    READ_DURATION, /* int64_t ms: "90s", not negative */
    READ_OFFSET,   /* int64_t ms since the start: "+30m" */
    READ_TIME,     /* int64_t ms: RFC 3339 */
    READ_MAPPING,  /* const struct json * */
    READ_LIST,     /* const struct json * */
    READ_ANY,      /* const struct json * */
};

struct read_key {
    const char *name;
    enum read_type type;
    bool required;
    size_t offset; /* of the field within the target */
};

/* Reads `node`, which must be a mapping with no other keys, into `target`; keys that are
 * absent leave their field as it is. `what` names the mapping: "a step of the script". */
NODISCARD enum err reader_mapping(const struct reader *reader, const struct json *node,
                                  const char *what, const struct read_key *keys, size_t key_count,
                                  void *target);
/* One value of a given type. */
NODISCARD enum err reader_value(const struct reader *reader, const struct json *node,
                                enum read_type type, void *field);
/* ERR_TYPE unless the word is one of `words`; *ret_index is its place. */
NODISCARD enum err reader_word(const struct reader *reader, const struct json *node,
                               const struct str *words, size_t word_count, size_t *ret_index);

#endif
