/*
 * What a compiled schema looks like inside; only fakeapi/schema*.c include this.
 */
#ifndef PROMOTER_FAKEAPI_SCHEMA_NODE_H
#define PROMOTER_FAKEAPI_SCHEMA_NODE_H

#include "controller/base/json_seal.h"

#include "fakeapi/schema.h"

#define SCHEMA_DEPTH_MAX 64u /* as deep as JSON may be */
#define SCHEMA_PATH_BYTES_MAX (4u << 20) /* a path may hold all names of a body of 3 MiB */
#define SCHEMA_VALUE_BYTES_MAX (16u << 20) /* a text of such a body, each byte as \xNN */
#define SCHEMA_NO_LIMIT (-1)

/* A regular expression in Go's syntax, made into one that POSIX understands. */
struct schema_pattern;
NODISCARD enum err schema_pattern_create(struct str source, struct schema_pattern **ret_pattern,
                                         struct errmsg *msg);
void schema_pattern_free(struct schema_pattern *pattern);
bool schema_pattern_matches(const struct schema_pattern *pattern, struct str text);

struct schema_property {
    char *text; /* owned */
    struct str name;
    struct schema *schema;
};

/* One entry of x-kubernetes-validations. */
struct schema_rule {
    char *rule;
    char *message; /* NULL: none was given */
};

struct schema_group { /* anyOf, oneOf, allOf */
    struct schema **items;
    size_t count;
};

struct schema {
    enum schema_type type;
    uint64_t mark; /* of values that fit: equal for equal schemas only; 0: they get none */
    bool is_root;             /* of schema_create: apiVersion, kind, metadata are not its own */
    bool tree_has_rules;      /* the whole tree has x-kubernetes-validations somewhere */
    bool is_anything;         /* additionalProperties: true */
    bool nullable;
    bool int_or_string;
    bool preserves_unknown;
    bool is_embedded;
    bool map_is_atomic;
    enum schema_list list_type;
    char **list_keys;
    size_t list_key_count;

    struct schema_property *properties; /* in order of declaration */
    size_t property_count;
    uint16_t *property_index; /* by hash of the name: 1 + the property's place, or 0 */
    size_t property_mask;     /* a power of two, larger than twice the count, minus 1 */
    size_t default_count;     /* of properties with a default, metadata and such left out */
    struct schema *additional;
    struct schema *items;
    char **required;
    size_t required_count;
    const struct json *default_value;

    char *format;                       /* NULL: none */
    const struct json *enumeration;           /* an array, or NULL */
    char *pattern_text;
    struct schema_pattern *pattern;
    int64_t length_min, length_max;     /* SCHEMA_NO_LIMIT: none; code points */
    int64_t items_min, items_max;
    int64_t properties_min, properties_max;
    struct json *minimum, *maximum, *multiple_of; /* numbers, or NULL */
    bool minimum_excluded, maximum_excluded;

    struct schema_group any_of, one_of, all_of;
    struct schema *not_schema;
    struct schema_rule *rules;
    size_t rule_count;
};

/* Makes schema_property one look: objects have dozens of properties, and each write asks for each
 * of its members several times. */
void schema_index_properties(struct schema *schema);
const struct schema_property *schema_find_property(const struct schema *schema, struct str name);
/* Whether the value was found to fit this very schema, and has not changed since. */
static inline bool schema_is_marked(const struct schema *schema, const struct json *value)
{
    return schema->mark != 0 && json_mark(value) == schema->mark;
}

/* True for apiVersion, kind and metadata where they belong to the machinery. */
bool schema_is_meta(const struct schema *schema, struct str name);

/* Is `text` of the named format? Formats that a server does not know hold always. */
bool schema_format_holds(struct str format, struct str text);
/* Addresses and names; false with *ret_known false for a format that is none of these. */
bool schema_format_holds_names(struct str format, struct str text, bool *ret_known);

/* Texts as Go prints them. */
void schema_text_quote(struct str text, struct buf *out);             /* %q */
void schema_text_value(const struct json *value, struct buf *out);    /* as in a field error */
/* %v; whole numbers as int64, or as float64 (1e+06) when `as_double`. */
void schema_text_number(const struct json *number, bool as_double, struct buf *out);

/* One step from a value to one in it. */
struct schema_step {
    struct str name;
    size_t index; /* without a name */
    bool is_key;  /* written [name], not .name */
};

/* One pass over a value: where it stands and where errors go. The path becomes text when an error
 * needs it: for a good object that was a tenth of the pass. */
struct schema_walk {
    struct str base;       /* the path that the caller gave */
    struct schema_step *steps;
    size_t depth;
    size_t capacity;
    struct buf text; /* of the path, made when it is asked for */
    size_t text_path_skip;
    struct schema_errors *errors;
};
void schema_walk_init(struct schema_walk *walk, struct str base, struct schema_errors *errors);
void schema_walk_release(struct schema_walk *walk);
/* Texts are borrowed until the walk moves on. */
struct str schema_walk_field(const struct schema_walk *walk);      /* "<nil>": the object */
struct str schema_walk_base_field(const struct schema_walk *walk); /* for errors without a field */
struct str schema_walk_text_path(const struct schema_walk *walk);  /* as inside messages */
void schema_walk_enter_member(struct schema_walk *walk, struct str name);
void schema_walk_enter_key(struct schema_walk *walk, struct str name);
void schema_walk_enter_item(struct schema_walk *walk, size_t index);
void schema_walk_leave(struct schema_walk *walk);

/* The passes of schema_validate behind the walk over nodes, in the order in which their
 * errors come. */
void schema_check_lists(const struct schema *schema, const struct json *value,
                        struct schema_walk *walk);
void schema_check_rules(const struct schema *schema, const struct json *value,
                        struct schema_walk *walk);

/* What is looked at in one node. */
void schema_check_type(const struct schema *schema, const struct json *value,
                       struct schema_walk *walk);
void schema_check_string(const struct schema *schema, struct str text, struct schema_walk *walk);
void schema_check_format(const struct schema *schema, struct str text, struct schema_walk *walk);
void schema_check_number(const struct schema *schema, const struct json *value,
                         struct schema_walk *walk);
void schema_check_enum(const struct schema *schema, const struct json *value,
                       struct schema_walk *walk);

#endif
