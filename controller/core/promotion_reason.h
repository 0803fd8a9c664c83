/*
 * The closed set of reasons why a promotion is where it is. Status sentence,
 * Event, metric, `explain` and trace all come from this table.
 * Sentences that Sveltos v1.13 had are kept byte for byte (D22).
 */
#ifndef PROMOTER_CORE_PROMOTION_REASON_H
#define PROMOTER_CORE_PROMOTION_REASON_H

#include "controller/base/str.h"

enum promotion_reason {
    REASON_NONE,
    /* at work */
    REASON_STARTED,            /* a configuration is new, or the first */
    REASON_STAGES_CHANGED,
    REASON_ADOPTED,            /* what Sveltos v1.13 deployed is the configuration */
    REASON_DEPLOYING,
    REASON_REPAIRING,
    REASON_PROMOTED,           /* a stage is done, the next is entered */
    REASON_APPROVAL_USED,
    REASON_APPROVAL_STALE,
    REASON_PROVISIONED,        /* a stage is, and its soak begins */
    REASON_COMPLETE,
    REASON_WITHDRAWING,        /* profiles of stages that are no more */
    REASON_DELETING,
    REASON_PRESERVING,
    /* waiting */
    REASON_PROVISIONING,
    REASON_FAILING,
    REASON_CLUSTER_PAUSED,
    REASON_CLUSTER_NOT_READY,
    REASON_STAGE_EMPTY,
    REASON_DRY_RUN,
    REASON_DELAYED,
    REASON_CHECKS_DEPLOYING,   /* the pre-check deployment */
    REASON_CHECKING,
    REASON_CHECKS_FAILING,
    REASON_WINDOW_CLOSED,
    REASON_AWAITING_APPROVAL,
    REASON_PROFILE_TERMINATING,
    REASON_HANDING_OVER,       /* between two profiles of ours */
    /* waiting for a person */
    REASON_NAME_TAKEN,
    REASON_MALFORMED,
    REASON_CHECK_IDLE,         /* a check that nothing would run */
    REASON_WINDOW_INVALID,
    REASON_REFUSED,
    REASON_OTHER_CONTROLLER,   /* which writes the same fields (D26) */
    /* told beside all this; nothing waits for them */
    REASON_CLUSTER_IN_TWO_STAGES,
    REASON_WOULD_WITHDRAW,
    REASON_STAGE_REGRESSED,
    REASON_FOREIGN_FIELDS,
};
#define PROMOTION_REASON_COUNT ((unsigned)REASON_FOREIGN_FIELDS + 1)

/* How an Event about a reason is told (D25). */
enum reason_event { REASON_EVENT_NONE, REASON_EVENT_NORMAL, REASON_EVENT_WARNING };

/* One word, such as "Delayed": Event reason and `explain`. Static. */
const char *promotion_reason_name(enum promotion_reason reason);

/* The sentence up to its first variable part; NULL: the reason is not told in status. */
const char *promotion_reason_text(enum promotion_reason reason);

enum reason_event promotion_reason_event(enum promotion_reason reason);

/* True when the entry's failureMessage tells it too. */
bool promotion_reason_is_failure(enum promotion_reason reason);

/* The reason whose sentence `text` (without its time) is; REASON_NONE when none. */
enum promotion_reason promotion_reason_of_text(struct str text);

#endif
