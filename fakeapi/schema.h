/*
 * Structural schemas of CustomResourceDefinitions (openAPIV3Schema) as data that
 * drives defaulting, pruning, validation and server-side apply.
 * Source: Kubernetes documentation, "Extend the Kubernetes API with
 * CustomResourceDefinitions"; recorded answers in topic `schema` and `objects`.
 */
#ifndef PROMOTER_FAKEAPI_SCHEMA_H
#define PROMOTER_FAKEAPI_SCHEMA_H

#include "controller/base/buf.h"
#include "controller/base/err.h"
#include "controller/base/json.h"

struct schema; /* one node */

enum schema_type { SCHEMA_ANY, SCHEMA_OBJECT, SCHEMA_ARRAY, SCHEMA_STRING, SCHEMA_INTEGER,
                   SCHEMA_NUMBER, SCHEMA_BOOLEAN };
enum schema_list { SCHEMA_LIST_ATOMIC, SCHEMA_LIST_SET, SCHEMA_LIST_MAP };

/* Compiles an openAPIV3Schema; the JSON is not kept. */
NODISCARD enum err schema_create(const struct json *open_api_v3, struct schema **ret_schema,
                                 struct errmsg *msg);
void schema_free(struct schema *schema);

/* Structure, for apply. NULL arguments are fine and give NULL, SCHEMA_ANY, false. */
enum schema_type schema_type(const struct schema *schema);
const struct schema *schema_property(const struct schema *schema, struct str name);
/* additionalProperties' schema: `true` gives a node of type SCHEMA_ANY. */
const struct schema *schema_additional(const struct schema *schema);
const struct schema *schema_items(const struct schema *schema);
enum schema_list schema_list_type(const struct schema *schema);
size_t schema_list_key_count(const struct schema *schema);
struct str schema_list_key(const struct schema *schema, size_t index); /* sorted as declared */
bool schema_map_is_atomic(const struct schema *schema);
bool schema_preserves_unknown(const struct schema *schema);
bool schema_int_or_string(const struct schema *schema);
bool schema_nullable(const struct schema *schema);
bool schema_is_embedded(const struct schema *schema);
const struct json *schema_default(const struct schema *schema); /* NULL: none */

/* Whether the three below would leave the value alone; a look that costs less than they do, and
 * leaves what the value shares with others shared. May be false although they would. */
bool schema_is_settled(const struct schema *schema, const struct json *value);
/* Notes on every settled part of a sealed value (json_seal.h) that it fits; the value must have
 * passed schema_validate without an error. From then on settling and validating leave such parts
 * out until they change: of a small patch on a promotion that was 40 % of the cost. */
void schema_mark_valid(const struct schema *schema, const struct json *value);
/* Whether that was noted of the value. NULL for the schema is fine: false. */
bool schema_has_marked(const struct schema *schema, const struct json *value);
/* Fills defaults, as a real server: null for a non-nullable field with a default
 * becomes the default; children of absent objects are not defaulted. */
void schema_fill_defaults(const struct schema *schema, struct json *value);
/* Drops nulls of non-nullable fields that have no default (before validation). */
void schema_drop_nulls(const struct schema *schema, struct json *value);
/* Removes members that the schema does not declare. Their paths ("spec.bogus") are
 * appended to `unknown` (an array of strings; may be NULL), sorted as a real server
 * reports them. */
void schema_prune(const struct schema *schema, struct json *value, struct json *unknown);

/* One failed rule, as a cause of a 422. */
struct schema_error {
    const char *reason;  /* FieldValueInvalid, FieldValueRequired, FieldValueTypeInvalid, ... */
    char *field;         /* owned: "spec.stages[0].name" or "<nil>" */
    char *message;       /* owned: `Invalid value: "integer": spec.s in body must be ...` */
};
struct schema_errors {
    struct schema_error *items;
    size_t count;
    size_t capacity;
    size_t bytes; /* of all fields and messages */
};
#define SCHEMA_ERRORS_MAX 1000u /* further ones are dropped */
#define SCHEMA_ERRORS_BYTES_MAX (16u << 20) /* the one that crosses it is the last */
void schema_errors_add(struct schema_errors *errors, const char *reason, struct str field,
                       const char *format, ...) PRINTF_LIKE(4, 5);
void schema_errors_release(struct schema_errors *errors);

/* Validates types, required, enum, bounds, patterns, formats, list types, and (by hand until
 * CEL is evaluated) the rules of the built-in kinds that look at the new object only, in a
 * real server's order and words. Errors that `errors` holds already (of metadata) count when
 * it is decided whether the rules run. `path` is the value's own path, "" for the object;
 * `text_path_skip`: leading bytes of the path left out inside messages (status
 * errors say "replicas in body ..." for field status.replicas). */
void schema_validate(const struct schema *schema, const struct json *value, struct str path,
                     size_t text_path_skip, struct schema_errors *errors);

/* The rules that forbid a change, of an update without other errors: against the old value. */
void schema_validate_change(const struct schema *schema, const struct json *value,
                            const struct json *old, struct str path,
                            struct schema_errors *errors);

#endif
