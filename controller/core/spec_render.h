/*
 * Specs as Sveltos' Go types render them, for comparing, digesting and hashing.
 * Source: decisions P1; encoding/json's omitempty; facts about Sveltos' hashes.
 */
#ifndef PROMOTER_CORE_SPEC_RENDER_H
#define PROMOTER_CORE_SPEC_RENDER_H

#include "controller/base/json.h"
#include "controller/base/sha256.h"
#include "controller/core/spec_types.h"

/* `value` (NULL: the zero value) as a new tree in Go's field order: zero values
 * left out, durations canonical, unknown fields gone; owned. With `fill_defaults` the
 * CRD's defaults are put back, so that equal meanings give equal trees.
 * ERR_TYPE: Go could not decode it; the message starts with the field's path
 * within the value, such as `helmCharts[0].options.timeout: time: unknown unit ...`. */
NODISCARD enum err spec_render(const struct json *value, const struct go_type *type,
                               bool fill_defaults, struct json **ret_tree, struct errmsg *msg);

/* The digest of a tree's compact text. */
struct sha256 spec_digest(const struct json *tree);

/* Sveltos' status.profileSpecHash of a profileSpec rendered without defaults: the
 * lists that it sorts are sorted in place first. */
struct sha256 spec_profile_hash(struct json *rendered);

/* Sveltos' status.stagesHash; `stages` is spec.stages as stored. */
struct sha256 spec_stages_hash(const struct json *stages);

/* Sorts a rendered profileSpec's list `member` as Sveltos does before hashing; lists
 * that it leaves alone stay. */
void spec_sort_list(struct json *rendered, const char *member);

#endif
