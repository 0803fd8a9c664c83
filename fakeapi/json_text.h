/*
 * Looking into the text of JSON that is known to be well-formed, for the few
 * rules that depend on how a value was written.
 */
#ifndef PROMOTER_FAKEAPI_JSON_TEXT_H
#define PROMOTER_FAKEAPI_JSON_TEXT_H

#include "controller/base/buf.h"

/* Iterates the items of an array: the position of the first one, then one text per call;
 * STR_NONE behind the last. */
size_t json_text_first_item(struct str array);
struct str json_text_item(struct str array, size_t *at);
/* The last member of that name (which has no escapes); STR_NONE when there is none. */
struct str json_text_member(struct str object, struct str name);
/* Whether every number in the value is written as a Go encoder would: no 1.0, 1e3 or -0. */
bool json_text_numbers_are_canonical(struct str value);

/* The first number that no double can hold; STR_NONE when there is none. */
struct str json_text_endless_number(struct str value);
/* Appends the text with every escape that is half a surrogate pair as \ufffd, as Go reads it. */
void json_text_repair(struct str text, struct buf *out);

#endif
