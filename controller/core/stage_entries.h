/*
 * status.stages as it should be read. Sveltos v1.13 left it damaged at times, and what it
 * meant is still to be told (P4):
 *
 *   found                                           read as
 *   a stage twice (B43: one more without licence)   once: the entry that was provisioned
 *   no entry for currentStageName, the stage that   entered, when lastPromotionTime says
 *     comes next (B13: a list from a stale cache)
 *   a stage before another one, without             provisioned when the next was entered
 *     lastSuccessfulAppliedTime (B13, B32)
 */
#ifndef PROMOTER_CORE_STAGE_ENTRIES_H
#define PROMOTER_CORE_STAGE_ENTRIES_H

#include "controller/core/promotion.h"

/* Fills the entries from status.stages, after currentStageName, lastPromotionTime and the
 * stages of the spec were read. */
void stage_entries_read(struct promotion *promotion, const struct json *list);

/* An entry as a patch of status writes it: what was there, mended; owned. */
struct json *stage_entry_json(const struct stage_entry *entry);

#endif
