/*
 * Private to base: how bytes from outside become a line that is safe to show.
 */
#ifndef PROMOTER_BASE_ESCAPE_H
#define PROMOTER_BASE_ESCAPE_H

#include "controller/base/str.h"

/* Copies the text, writing bytes that are not printable ASCII or valid UTF-8 as \xNN, and
 * cuts it before the first piece that does not fit `size` bytes with the NUL. Control
 * characters count as not printable. Returns the length. size > 0. */
size_t escape_line(struct str text, char *ret_line, size_t size);

#endif
