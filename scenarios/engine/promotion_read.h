/*
 * What the judge and the story-teller read in objects of the audit log: their own,
 * plain reading, apart from the controller's.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_PROMOTION_READ_H
#define PROMOTER_SCENARIOS_ENGINE_PROMOTION_READ_H

#include "fakeapi/fakeapi.h"

#define LABEL_PROMOTION "config.projectsveltos.io/promotionname"
#define LABEL_VERIFICATION "config.projectsveltos.io/promotion-verification"
#define LABEL_SUMMARY_PROFILE "projectsveltos.io/cluster-profile-name"
#define LABEL_SUMMARY_CLUSTER "projectsveltos.io/cluster-name"
#define ANNOTATION_STAGE "config.projectsveltos.io/stagename"

/* STR_NONE when absent; keys with dots are no paths. */
struct str read_label(const struct json *object, const char *key);
struct str read_annotation(const struct json *object, const char *key);
/* spec.stages[name], status.stages[name]; NULL when there is none. */
const struct json *read_spec_stage(const struct json *promotion, struct str stage);
const struct json *read_stage_entry(const struct json *promotion, struct str stage);
/* Has an entry, or is the current stage by the word of another controller, which may have lost
 * the entry (B13). */
bool read_entered(const struct json *promotion, struct str stage);
/* The recorded time of a stage's status entry; false when it has none. */
bool read_provisioned_ms(const struct json *entry, int64_t *ret_ms);
/* currentStatusDescription without " (TIME)" at its end; STR_NONE. */
struct str read_description(const struct json *entry);
bool read_approved(const struct json *spec_stage);
/* P14: the last stage is current and done, and lastPromotionTime is set behind it. */
bool read_complete(const struct json *promotion);
/* Features of a ClusterSummary are all Provisioned, and there is one for each kind of content. */
bool read_summary_done(const struct json *summary);
/* "promoter" of "promoter/0.1.0". */
struct str read_actor(const struct fakeapi_audit *audit);

/* Go's duration syntax, without sign; rounded up to milliseconds. False: not one. */
bool read_duration(struct str text, int64_t *ret_ms);
/* True when its trigger has a delay that nobody can read. */
bool read_stage_is_malformed(const struct json *spec_stage);

#endif
