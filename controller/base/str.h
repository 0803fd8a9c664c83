/*
 * Borrowed text: a pointer and a length, not terminated, never freed through
 * this type. `char *` elsewhere is either owned or a literal.
 */
#ifndef PROMOTER_BASE_STR_H
#define PROMOTER_BASE_STR_H

#include "controller/base/base.h"

struct str {
    const char *data; /* NULL means absent; "" with len 0 means empty */
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* The same as an initialiser, for static tables. */
#define STR_INIT(literal) {"" literal, sizeof(literal) - 1}
#define STR_NONE ((struct str){NULL, 0})
/* Never NULL, though nothing need end it. */
static inline const char *str_bytes(struct str text)
{
    return text.data != NULL ? text.data : "";
}

/* For printf: "%.*s", STR_ARGS(text) */
#define STR_ARGS(s) ((int)(s).len), str_bytes(s)

/* NULL gives STR_NONE. */
static inline struct str str_from(const char *text)
{
    return text != NULL ? (struct str){text, strlen(text)} : STR_NONE;
}

struct str str_from_bytes(const char *data, size_t len);
bool str_is_empty(struct str s); /* absent or no bytes */
/* Absent equals empty. */
static inline bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool str_is(struct str s, const char *text)
{
    return str_equal(s, str_from(text));
}

int str_compare(struct str a, struct str b); /* bytewise, as memcmp, shorter first */
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
/* The position of the first `byte` at or after `from`, or s.len. */
size_t str_find(struct str s, char byte, size_t from);
bool str_contains(struct str s, struct str needle);
/* [begin, end), clipped to the text. */
struct str str_slice(struct str s, size_t begin, size_t end);
/* Without white space (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);
/* Cuts `*rest` at the first `separator`: returns what is before it and leaves
 * what is behind it in *rest (STR_NONE after the last piece). */
struct str str_split_next(struct str *rest, char separator);
/* Strict decimal: digits only, no sign, no space, no overflow. */
bool str_to_u64(struct str s, uint64_t *ret_value);
bool str_to_i64(struct str s, int64_t *ret_value); /* optional '-' */
/* An owned, terminated copy, freed by mem_free; NULL for an absent text. */
char *str_dup(struct str s);
/* An owned, formatted, terminated text, freed by mem_free. */
char *str_format(const char *format, ...) PRINTF_LIKE(1, 2);
/* The closest of `count` candidates within a small edit distance, or STR_NONE:
 * for "did you mean". */
struct str str_nearest(struct str word, const struct str *candidates, size_t count);

/* FNV-1a 64: stable across machines, for hash tables and traces. */
#define STR_HASH_INIT UINT64_C(14695981039346656037)
uint64_t str_hash(uint64_t hash, struct str s);

/* Length of the longest valid UTF-8 prefix (no surrogates, no overlong forms). */
size_t str_utf8_valid_prefix(struct str s);

#endif
