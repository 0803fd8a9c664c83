/*
 * From the bytes of a body to an object in its normal form.
 */
#ifndef PROMOTER_FAKEAPI_DECODE_H
#define PROMOTER_FAKEAPI_DECODE_H

#include "fakeapi/options.h"

/* How an object came in, which decides how it is checked and how refusals read. */
struct reading {
    enum field_validation validation;
    const struct json *duplicates; /* complaints about repeated fields, complete texts; or NULL */
    bool from_patch;               /* refusals are 422 and show the whole object */
    bool applied;                  /* nulls stay, nothing is reported as unknown */
};

/* Each false means: it has answered. */

/* Reads the body of a POST or PUT and checks apiVersion, kind and metadata's types; *ret_duplicates
 * as in struct reading (owned). */
bool read_body(struct call *call, enum body_format format, struct json **ret_object,
               struct json **ret_duplicates);
/* Sorts what was read and shares what the live object (call_live) and others have of it: members
 * have no order in Go, and what a PUT or an apply leaves as it is, or what a new object has in
 * common with others, is then known by its address. Texts borrowed from it before may be gone. */
void share_object(struct call *call, struct json *object);
/* Metadata's normal form, defaults, nulls, pruning, strictness. */
bool normalise_object(struct call *call, struct json *object, const struct reading *reading);

/* 422 as the result of a patch: shows the whole object, sorted. Always false. */
bool refuse_patched(struct call *call, const struct json *object, struct str reason);
/* Parses JSON, or YAML when `yaml`. False: *message says why, in the server's words. */
bool parse_text(struct str text, bool yaml, struct json **ret_value, struct json **ret_duplicates,
                struct buf *message);
/* What Go's decoder says about text that is no JSON. */
void describe_bad_json(struct str text, struct buf *message);
/* "object", "array", "number", ... as Go's decoder calls a value. */
const char *go_type_name(const struct json *value);

#endif
