/*
 * What all patches have in common, whatever they patch.
 */
#ifndef PROMOTER_FAKEAPI_PATCH_H
#define PROMOTER_FAKEAPI_PATCH_H

#include "fakeapi/apply.h"
#include "fakeapi/options.h"

/* Each false means: it has answered. */

/* The body of a merge patch or JSON Patch; complaints about repeated members (both owned). */
bool parse_patch(struct call *call, struct json **ret_patch, struct json **ret_duplicates);
/* Applies it to *object, which must still say what it is; adds complaints about the patch. */
bool patch_object(struct call *call, enum body_format format, const struct json *patch,
                  struct json *duplicates, struct json **object);
/* The applied configuration (owned), in normal form but for what the schema says. */
bool read_config(struct call *call, const char *api_version, const char *kind,
                 const struct write_options *options, struct json **ret_config);
/* 409 or 500; always false. */
bool answer_apply_failure(struct call *call, struct apply_result *result);

#endif
