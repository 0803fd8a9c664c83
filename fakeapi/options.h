/*
 * What a request says about itself besides its object: media types, the
 * parameters of writes, and their refusals.
 */
#ifndef PROMOTER_FAKEAPI_OPTIONS_H
#define PROMOTER_FAKEAPI_OPTIONS_H

#include "fakeapi/server.h"

enum field_validation { FIELDS_WARN, FIELDS_IGNORE, FIELDS_STRICT };
enum body_format { BODY_JSON, BODY_YAML, BODY_MERGE_PATCH, BODY_STRATEGIC_PATCH,
                   BODY_JSON_PATCH, BODY_APPLY };

struct write_options {
    bool dry_run;
    bool force;
    enum field_validation validation;
    struct str manager; /* borrowed from the request; at most 128 bytes, never empty */
};

/* Each false means: it has answered. */

/* Sets the answer's content type (406). */
bool accept_media(struct call *call);
/* Of POST, PUT and DELETE (415). */
bool body_format(struct call *call, enum body_format *ret_format);
/* Of PATCH (415). */
bool patch_format(struct call *call, enum body_format *ret_format);
/* `kind` is CreateOptions, UpdateOptions or PatchOptions (422; 400 for timeout). */
bool read_write_options(struct call *call, const char *kind, enum body_format format,
                        struct write_options *ret_options);
/* Adds a complaint unless all values are "All" (an array of strings). */
void check_dry_run(const struct json *values, struct schema_errors *errors);
/* The values of the query parameter dryRun; owned. */
struct json *query_dry_run(const struct query *query);
/* The timeout of the whole request has Go's form (400). */
bool check_timeout(struct call *call);
/* The body fits (413). */
bool check_body_size(struct call *call);

#endif
