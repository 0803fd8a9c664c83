/*
 * Private to base: the strict scan over the bytes of a JSON text. Linear, without recursion; the
 * one pass builds the tree when it is given a builder.
 */
#ifndef PROMOTER_BASE_JSON_SCAN_H
#define PROMOTER_BASE_JSON_SCAN_H

#include "controller/base/json_build.h"

struct json_scan {
    struct str text;
    size_t at;
    const struct json_limits *limits;
    struct json_builder *builder; /* borrowed; NULL: only the faults are looked for */
    struct errmsg *msg; /* may be NULL */
    enum err err;       /* structural; the scan stops */
    bool value_fault;   /* the first one; the scan goes on */
    struct errmsg value_msg;
    size_t keys;       /* seen so far */
    size_t key_wanted; /* ordinal of the key whose place is looked for */
    size_t key_at;     /* where that key began */
    unsigned depth;
    struct {
        bool is_object;
        unsigned members;
    } levels[JSON_SCAN_DEPTH_MAX];
};

void json_scan_init(struct json_scan *scan, struct str text, const struct json_limits *limits,
                    struct errmsg *msg);
/* Reads one value, with white space before it. False on a structural fault. */
bool json_scan_value(struct json_scan *scan);
/* Reads one string literal that begins here. */
bool json_scan_string(struct json_scan *scan);
void json_scan_space(struct json_scan *scan);
/* The byte here, or -1 at the end of the text. */
int json_scan_peek(const struct json_scan *scan);
/* Fails unless `byte` is here; steps over it. */
bool json_scan_expect(struct json_scan *scan, char byte, const char *expected);
/* Fails unless only white space is left. */
bool json_scan_end(struct json_scan *scan);
/* Records "line L column C: found X, expected Y" for the byte at scan->at. Returns false. */
bool json_scan_fail(struct json_scan *scan, enum err err, const char *expected);
/* As above with words of its own for what was found at `at`. */
enum err json_scan_report(struct str text, size_t at, enum err err, const char *found,
                          const char *expected, struct errmsg *msg);
/* The structural error, or ERR_TYPE (with its message) for a value fault, or ERR_NONE. */
enum err json_scan_verdict(const struct json_scan *scan);

#endif
