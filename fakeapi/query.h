/*
 * The query part of a request's target, decoded.
 */
#ifndef PROMOTER_FAKEAPI_QUERY_H
#define PROMOTER_FAKEAPI_QUERY_H

#include "controller/base/buf.h"

#define QUERY_PARAMETERS_MAX 64u /* clients send at most ten */

struct query_parameter {
    struct str key;
    struct str value;
};

struct query {
    struct query_parameter items[QUERY_PARAMETERS_MAX];
    size_t count;
    bool overflowed; /* there were more */
    struct buf text; /* what the items point into */
};

/* Decodes as Go's url.ParseQuery: pairs with a semicolon or a bad escape are left out. Values
 * are valid UTF-8 without NUL. */
void query_parse(struct str text, struct query *ret_query);
void query_release(struct query *query);

/* The first value; STR_NONE when the parameter is absent, "" when it has no value. */
struct str query_get(const struct query *query, const char *key);
bool query_has(const struct query *query, const char *key);
/* Absent, "0" and "false" (any case) are false, anything else is true, as the API server
 * reads its boolean parameters. */
bool query_is_true(const struct query *query, const char *key);

/* Appends the text with U+FFFD for every byte that is no UTF-8, or NUL. */
void utf8_repair(struct str text, struct buf *out);
/* Replaces %XX (and + by a blank when `plus_is_space`) in `text` into `out`, which holds at
 * least text.len bytes. False on a bad escape. */
bool percent_decode(struct str text, bool plus_is_space, char *out, size_t *ret_len);

#endif
