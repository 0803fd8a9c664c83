/*
 * JSON values as trees, read strictly, printed as Kubernetes prints them.
 *
 * Reading is one linear scan over the bytes that builds the tree as it goes and is strict
 * (depth, trailing bytes, control characters, UTF-8, numbers). Two kinds of badness (facts: RFC
 * 8259; libraries' behaviour, tested row by row in tests/unit/test_json.c):
 *   ERR_SYNTAX, ERR_LIMIT   structural: the document is unusable.
 *   ERR_TYPE                a value fault: \u0000, a number beyond double, a
 *                           duplicate key. In a list it condemns only the item
 *                           that holds it: json_list_split.
 *
 * One ownership rule: json_set, json_append and json_insert take the child over;
 * everything a getter returns is borrowed from the tree; what json_parse, the
 * constructors, json_clone and json_detach return is owned: json_free.
 *
 * A clone costs one cell: it shares what is below until one of the two is changed. So a pointer
 * into a tree is for looking when it came from a `const struct json *`, for changing when it came
 * from a `struct json *`, and is looked up again after the tree was cloned.
 *
 * Members keep the order of the text until json_sort. A number is an integer (exact, int64) or a
 * double; 2.0 reads as the integer 2, integers beyond int64 as doubles.
 */
#ifndef PROMOTER_BASE_JSON_H
#define PROMOTER_BASE_JSON_H

#include "controller/base/buf.h"
#include "controller/base/err.h"

struct json; /* only json*.c look inside */

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_limits {
    size_t bytes_max;
    unsigned depth_max;
    unsigned members_max; /* per object */
};
/* 64 MiB, depth 64, 1,024 members per object. */
extern const struct json_limits json_limits_default;

/* Reads one document. On failure *ret_value is untouched and the message holds
 * "line L column C: found ..., expected ...". limits NULL: the default ones. */
NODISCARD enum err json_parse(struct str text, const struct json_limits *limits,
                              struct json **ret_value, struct errmsg *msg);
/* As json_parse, but duplicate keys are tolerated: the last one wins, as in Go, and
 * *ret_duplicate (if not NULL) gets the path of each, such as "spec.paused", as an
 * array of strings (owned) in order of text. */
NODISCARD enum err json_parse_last_wins(struct str text, const struct json_limits *limits,
                                        struct json **ret_value, struct json **ret_duplicates,
                                        struct errmsg *msg);

/* A Kubernetes List body cut into its head and its items without building trees. */
struct json_list {
    struct json *head;  /* the object without its items; owned */
    struct str *items;  /* borrowed from the text; the array is owned */
    size_t item_count;
};
NODISCARD enum err json_list_split(struct str text, size_t item_count_max,
                                   struct json_list *ret_list, struct errmsg *msg);
void json_list_release(struct json_list *list);

void json_free(const struct json *value); /* NULL is fine; owners may be const, too */
void json_free_pointer(struct json **value); /* for CLEANUP */

/* Constructors. */
struct json *json_object(void);
struct json *json_array(void);
struct json *json_string(struct str text); /* bytes must be valid UTF-8 without NUL */
struct json *json_text(const char *text);
struct json *json_int(int64_t value);
struct json *json_double(double value);
struct json *json_bool(bool value);
struct json *json_null(void);
struct json *json_clone(const struct json *value);

/* Looking. NULL arguments are fine and give JSON_NULL, NULL, STR_NONE, false, 0. What is found is
 * const where the tree was: json_get(const struct json *, key) gives a const struct json *. */
#define JSON_LOOK(value, look) \
    _Generic((value), struct json *: look##_mutable, default: look##_const)
enum json_type json_type(const struct json *value); /* NULL pointer: JSON_NULL */
bool json_is(const struct json *value, enum json_type type); /* false for a NULL pointer */
size_t json_count(const struct json *value); /* members or items */
struct str json_key(const struct json *item); /* the item's name within its object */
const struct json *json_first_const(const struct json *value);
struct json *json_first_mutable(struct json *value);
#define json_first(value) JSON_LOOK(value, json_first)(value)
const struct json *json_next_const(const struct json *item);
struct json *json_next_mutable(struct json *item);
#define json_next(item) JSON_LOOK(item, json_next)(item)
#define JSON_EACH(item, parent)                                              \
    for (__typeof__(json_first(parent)) item = json_first(parent); item != NULL; \
         item = json_next(item))
/* Case-sensitive. */
const struct json *json_get_const(const struct json *object, const char *key);
struct json *json_get_mutable(struct json *object, const char *key);
#define json_get(object, key) JSON_LOOK(object, json_get)(object, key)
const struct json *json_get_str_const(const struct json *object, struct str key);
struct json *json_get_str_mutable(struct json *object, struct str key);
#define json_get_str(object, key) JSON_LOOK(object, json_get_str)(object, key)
const struct json *json_item_const(const struct json *array, size_t index); /* linear */
struct json *json_item_mutable(struct json *array, size_t index);
#define json_item(array, index) JSON_LOOK(array, json_item)(array, index)
/* Follows member names divided by dots: json_at(o, "metadata.name"). */
const struct json *json_at_const(const struct json *value, const char *path);
struct json *json_at_mutable(struct json *value, const char *path);
#define json_at(value, path) JSON_LOOK(value, json_at)(value, path)
struct str json_string_of(const struct json *value); /* STR_NONE unless a string */
bool json_bool_of(const struct json *value);         /* false unless true */
bool json_int_of(const struct json *value, int64_t *ret_value); /* false unless an integer */
double json_double_of(const struct json *value);
/* json_string_of(json_at(value, path)). */
struct str json_text_at(const struct json *value, const char *path);
/* Same type and content; members in any order, 1 equals 1.0. */
bool json_equal(const struct json *a, const struct json *b);
/* Whether the two share what is in them, or are the same number or word: then they are equal,
 * without a look at what is shared. */
bool json_is_same(const struct json *a, const struct json *b);

/* Changing. The parent must be of the right type. */
void json_set(struct json *object, const char *key, struct json *child); /* replaces in place */
void json_set_str(struct json *object, struct str key, struct json *child);
void json_append(struct json *array, struct json *child);
void json_insert(struct json *array, size_t index, struct json *child);
void json_remove(struct json *object, const char *key); /* absent is fine */
void json_remove_str(struct json *object, struct str key);
struct json *json_detach(struct json *parent, const struct json *item); /* now owned */
/* Puts `with` (owned) in the place of `item` (freed), keeping the key. */
void json_replace(struct json *parent, const struct json *item, struct json *with);
/* Sorts the members of every object in the tree bytewise by key. */
void json_sort(struct json *value);

/* Printing, compact, as Go's encoding/json does for map[string]any but in the
 * tree's order of members: HTML characters escaped as \u003c \u003e \u0026, U+2028/9
 * escaped, integers without exponent, doubles as Go prints float64. */
void json_print(const struct json *value, struct buf *out);
char *json_print_text(const struct json *value); /* owned, mem_free */
/* Where parts of a value stand in its compact text: the larger ones, those outside first. */
struct json_span {
    const void *part; /* only to be compared; good as long as the value is */
    size_t begin;
    size_t end;
};
struct json_spans {
    struct json_span *items; /* owned, in order of their beginning */
    size_t count;
    size_t capacity;
};
void json_spans_release(struct json_spans *spans);
/* As json_print into an empty buffer, and tells the spans. What the value shares with another one
 * that was printed before, and still is there, is copied from that one's text. */
void json_print_after(const struct json *value, struct str text_before,
                      const struct json_spans *spans_before, struct buf *out,
                      struct json_spans *ret_spans);
/* Two spaces per level, a newline at the end. */
void json_print_pretty(const struct json *value, struct buf *out);
/* A JSON string literal, with quotes, escaped as above. */
void json_print_string(struct str text, struct buf *out);

#endif
