/*
 * Paths into JSON ("items.0.metadata.name", "\." is a dot within a key) and
 * placeholders ("${name}") in conversations.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_PATH_H
#define PROMOTER_TESTS_CONFORMANCE_PATH_H

#include "controller/base/json.h"

/* Borrowed from `value`; NULL when nothing is there. The empty path is the value itself; a
 * negative number counts from a list's end. */
struct json *path_find(struct json *value, struct str path);
/* A copy of what is there, or the text "<absent>"; owned. */
struct json *path_copy(const struct json *value, struct str path);
/* A copy of `value` with its placeholders filled from the object `captured`. A text that is one
 * placeholder becomes the captured value itself. Owned; NULL when a name was never captured,
 * which is then in *ret_missing (borrowed from `value`). */
struct json *path_fill(const struct json *value, const struct json *captured,
                       struct str *ret_missing);
/* Appends a captured value as text: strings bare, the rest as JSON, true as "True". */
void path_print_value(const struct json *value, struct buf *out);

#endif
