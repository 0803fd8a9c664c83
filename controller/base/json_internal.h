/*
 * Private to base: what the files that make up json.h share.
 */
#ifndef PROMOTER_BASE_JSON_INTERNAL_H
#define PROMOTER_BASE_JSON_INTERNAL_H

#include "controller/base/json.h"

/* Integers that a double tells from their neighbours: |n| <= 2^53. */
#define JSON_DOUBLE_INT_MAX (INT64_C(1) << 53)

/* cJSON, which reads fractions for us, copies a number into 64 bytes before it converts it. */
#define JSON_NUMBER_BYTES_MAX 63u

/* The value of a literal that follows JSON's grammar; false when no double is that large. */
bool json_number_read(struct str literal, struct json **ret_value);
/* As Go's encoding/json prints it. */
void json_number_print(const struct json *value, struct buf *out);

/* Appends without looking for an older member of that name. */
void json_add_member(struct json *object, struct str key, struct json *child);

/* Where the first repeated member is, in order of text. */
struct json_duplicate {
    const struct json *item; /* borrowed */
    size_t key_ordinal;      /* how many keys stand before it in the text */
};
bool json_duplicate_find(const struct json *root, struct json_duplicate *ret_duplicate);
/* Frees every member that a later one of the same name hides; returns the paths, each
 * once, in order of text. */
struct json *json_duplicates_drop(struct json *root);

#endif
