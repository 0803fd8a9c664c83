/*
 * Ways to fail. A function with one way to fail returns bool; with several, an
 * enum err that must be looked at. Words for people go into a caller's errmsg.
 */
#ifndef PROMOTER_BASE_ERR_H
#define PROMOTER_BASE_ERR_H

#include "controller/base/base.h"

enum err {
    ERR_NONE = 0,
    /* input we refuse */
    ERR_SYNTAX,
    ERR_TYPE,
    ERR_LIMIT,
    /* the server's answer: look again */
    ERR_NOT_FOUND,
    ERR_ALREADY_EXISTS,
    ERR_CONFLICT,
    ERR_GONE,
    /* the server's answer: stop until something changes */
    ERR_INVALID,
    ERR_FORBIDDEN,
    ERR_UNAUTHORIZED,
    /* try later */
    ERR_THROTTLED,
    ERR_SERVER,
    ERR_UNREACHABLE,
    /* sent, no answer: it may have been applied */
    ERR_OUTCOME_UNKNOWN,
};

/* One line for a person; cut, never overrun. Empty when nothing was said. */
struct errmsg {
    char text[512];
};

/* The error's name in lower case words, such as "not found". Static text. */
const char *err_name(enum err err);

/* Writes the message when `msg` is not NULL; bytes that are not printable
 * ASCII or valid UTF-8 come out as \xNN. Returns `err`, so that
 * `return err_set(msg, ERR_TYPE, "...")` is one line. */
enum err err_set(struct errmsg *msg, enum err err, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
