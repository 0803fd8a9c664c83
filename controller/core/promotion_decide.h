/*
 * Decides the next step of one promotion: one write, one look, or a wait with a
 * reason. A pure function of what was seen and what time it is; it never
 * allocates and never fails. Then somebody acts, and we observe again: every
 * crash point is a state that the next decision handles anyway.
 *
 * Terms. A stage is *entered* when status.stages has an entry for it; the entries of a
 * run are a prefix of spec.stages. The *current* stage is the last one entered. A profile
 * is *as wanted* when the server holds what we would apply. A stage is *provisioned*
 * when every cluster that it must reach has proven it (readiness.h).
 *
 *                  spec is new                       an entered stage differs
 *        +---------------------------------+   +------------------------------+
 *        v                                 |   v                              |
 *   [unrecorded] --START--> [entered, absent] --CREATE/APPLY--> [deploying] --+
 *                                 ^                                  |
 *                                 |                              provisioned
 *                                 |                                  v
 *                              ADVANCE <----- gate open ----- [at the gate] --+
 *                                                                    |        | SAY
 *                                              last stage: COMPLETE  v        | (soak begins,
 *                                                                [complete] <-+  reason changes)
 *
 * The write protocol, first match wins (decisions.md has it with its preconditions):
 *
 *   state                                              decision           function
 *   another controller is active                       wait (D26)         promotion_decide
 *   deleting, preserve, a profile of ours left         STRIP_PROFILE      decide_deletion
 *   deleting, a profile of ours left                   DELETE_PROFILE     decide_deletion
 *   deleting, none seen                                VERIFY_ABSENCE     decide_deletion
 *   deleting, none left                                REMOVE_FINALIZERS  decide_deletion
 *   malformed                                          SAY or wait        decide_running
 *   a finalizer is missing                             ADD_FINALIZERS     decide_running
 *   configuration is not the recorded one, stale
 *     approval stands                                  RESET_APPROVAL     decide_restart
 *   configuration is not the recorded one              START              decide_restart
 *   an entered stage differs, approval to be consumed  CONSUME_APPROVAL   decide_stages
 *   an entered stage differs                           CUT_STAGES         decide_stages
 *   only later stages differ from the recorded ones,
 *     or status is not in order, but the entered
 *     stages have the configuration (adoption)         RECORD_STAGES      decide_stages
 *   clusters are to leave a profile, which would
 *     withdraw what it deployed                        RELEASE_HOLDER     decide_handover
 *     ... would leave it, everywhere                   NARROW_HOLDER      decide_handover
 *     ... and is needed for nothing else               DELETE_HOLDER      decide_handover
 *     they left it                                     RESTORE_HOLDER     decide_handover
 *   an entered stage has no profile                    CREATE_PROFILE     decide_profiles
 *   an entered stage's profile is not as wanted        APPLY_PROFILE      decide_profiles
 *     ... but not while it hands clusters over (P11)
 *   a pre-check deployment that no stage wants now     DELETE_CHECK       decide_profiles
 *   approval of the stage before is to be consumed     CONSUME_APPROVAL   decide_profiles
 *   only rest proves a cluster, unconfirmed (P7)       a look             wait_for_clusters,
 *                                                                         wait_for_pre_checks
 *   the reason to wait is not in status yet            SAY                wait_for
 *   the soak is over, pre-checks are not deployed      CREATE_CHECK       decide_pre_checks
 *     ... or not as wanted                             APPLY_CHECK        decide_pre_checks
 *   pre-checks are deployed, gate checks are not in    ADD_CHECKS         decide_gate_checks
 *   the gate is open                                   ADVANCE            decide_gate
 *   the last stage is done                             COMPLETE           decide_gate
 *   complete, clusters that no stage selects are kept  WITHDRAW_KEPT      decide_complete
 *   complete, a profile of no stage is left            DELETE_PROFILE     decide_complete
 *
 * Invariants of every decision (design.md; the exhaustive test checks them):
 *   (1) START, CUT_STAGES and ADVANCE come before any apply of what they record [P3].
 *   (2) Only profiles of entered stages are created or applied [S1].
 *   (3) ADVANCE needs the current stage provisioned now, its delay over, its pre-check
 *       deployment provisioned, its gate checks in and passed, its window open, and,
 *       when manual, its approval [S1, S2, S3].
 *   (4) An approval is consumed only after the stage behind it was entered and its
 *       profile is as wanted, or before it would be used twice [S3, P6].
 *   (5) Deciding again after the decision took effect never gives the same write [S8].
 *   (6) While another controller is active nothing is written [D26].
 *   (7) A wait has a reason; one for a time has that time [D19, L1].
 */
#ifndef PROMOTER_CORE_PROMOTION_DECIDE_H
#define PROMOTER_CORE_PROMOTION_DECIDE_H

#include "controller/base/ktime.h"
#include "controller/core/promotion.h"
#include "controller/core/promotion_reason.h"

enum profile_standing {
    PROFILE_ABSENT,
    PROFILE_FOREIGN,     /* that name is taken by one that is not ours [S6, D17] */
    PROFILE_TERMINATING,
    PROFILE_DIFFERS,     /* ours, not as wanted */
    PROFILE_AS_WANTED,
};

/* How far the clusters of the current stage are: D1 to D4, D23. */
enum readiness {
    READINESS_PROVISIONED,
    READINESS_PROVISIONING,
    READINESS_FAILING,
    READINESS_CLUSTER_PAUSED,
    READINESS_CLUSTER_NOT_READY, /* no matching cluster is ready */
    READINESS_EMPTY,             /* no cluster matches */
};

/* One stage of spec.stages. */
struct stage_view {
    enum trigger_kind trigger;
    int64_t delay_ms;
    bool approved;
    bool automatic_reset;
    bool has_pre_checks;
    bool has_gate_checks;
    bool has_window;
    /* when entered: */
    bool provisioned;           /* recorded in status */
    int64_t provisioned_ms;
    enum profile_standing profile;
    struct str profile_name;
};

#define STAGE_NONE SIZE_MAX

/* P11: a profile of ours holds clusters that are to leave it. Two profiles cannot deploy the same
 * release: the old one lets go first (handover.h). */
enum handover {
    HANDOVER_NONE,
    HANDOVER_HELD,     /* its going would withdraw what it deployed */
    HANDOVER_AWAITED,  /* it is told to leave all in place, or to go, and Sveltos is at it */
    HANDOVER_RELEASED, /* it may be narrowed, or go */
    HANDOVER_NARROWED, /* it was, and may withdraw again */
};

/* A promotion window at one time: [open, close), D9. */
enum gate_window {
    GATE_WINDOW_OPEN,
    GATE_WINDOW_CLOSED,
    GATE_WINDOW_INVALID, /* never fires, no cron text, no such zone */
};

struct promotion_view {
    bool deleting;
    bool has_finalizers;        /* both of ours */
    bool has_a_finalizer;
    bool preserve;
    bool dry_run;
    bool skip_empty_stages;
    struct str fault;           /* malformed: why; empty: it is not */
    int64_t refused_until_ms;   /* wall; when a refused write may be tried again; 0: none was */
    int64_t others_quiet_ms;    /* wall; when another controller will have been quiet for long
                                   enough (D26); 0: none is active */
    struct str other_manager;   /* its field manager */
    struct str refusal;         /* the API server's words; empty: status itself was refused */

    bool ever_recorded;         /* status holds a configuration's hash */
    bool configuration_recorded; /* ... and it is the present one's */
    bool configuration_deployed; /* it is not, but the entered stages have the present one:
                                    the hash was made by another version of the schema (P4) */
    bool stages_recorded;       /* stagesHash, names and currentStageName are in order */
    bool unclaimed;             /* Sveltos v1.13 entered the stages, we took none over yet */
    bool completion_unproven;   /* ... and the time of completion is none (P14) */

    const struct stage_view *stages;
    size_t stage_count;
    size_t entry_count;         /* of status.stages */
    size_t kept_count;          /* how many entries are spec's first stages, unchanged */
    size_t stage_to_consume;    /* the stage before the current one, when its approval is
                                   used and not yet consumed (P6); STAGE_NONE: none */
    struct str text;            /* the last entry's sentence, without its time */
    int64_t since_ms;           /* that time: since when the reason holds */
    int64_t text_ms;            /* when it was written */
    int64_t last_promotion_ms;  /* 0: absent */

    enum readiness readiness;   /* of the current stage */
    struct str readiness_names; /* of the clusters in the way: "a, b and 3 more" */
    int64_t checks_passed_ms;   /* gated and provisioned: the oldest pass of a gate check (P17) */
    struct str left_out;        /* of clusters that match and are not ready, beside others (D2) */
    int64_t settles_ms;         /* wall; when waiting alone proves it (P7); KTIME_NEVER */
    bool unconfirmed;           /* it would by now, if the cache is not behind: of a cluster of
                                   the stage or of its pre-check deployment */

    enum handover handover;
    bool holder_stays;          /* other clusters, or a stage of the spec, still need it */
    bool has_kept;              /* a stage's profile keeps clusters that no stage selects */
    struct str holder_name;     /* of the profile that it speaks of */
    size_t holder_stage;        /* whose profile that is; STAGE_NONE: no stage's */

    /* The gate behind the current stage, looked at once its soak is over. */
    bool gated;                 /* its profile has the gate checks in */
    struct str idle_check;      /* a gate check that nothing would run (D8); empty: none */
    enum profile_standing check_profile; /* of the pre-check deployment */
    struct str check_name;      /* of its profile */
    enum readiness check_readiness;
    struct str check_names;
    int64_t check_settles_ms;
    bool has_leftover_check;    /* a pre-check deployment that nothing wants now */
    enum gate_window window;
    int64_t window_opens_ms;    /* wall; when closed */
    struct str window_fault;    /* when invalid */

    bool has_leftover;          /* deleting: a profile of ours; else one of no stage */
    bool has_terminating;       /* one of ours is on its way out */
    bool absence_verified;      /* a consistent list showed none */
};

enum decision_kind { DECISION_WRITE, DECISION_LOOK, DECISION_WAIT, DECISION_DONE };

enum promotion_write {
    WRITE_NONE,
    WRITE_STRIP_PROFILE,
    WRITE_DELETE_PROFILE,
    WRITE_REMOVE_FINALIZERS,
    WRITE_ADD_FINALIZERS,
    WRITE_RESET_APPROVAL,
    WRITE_START,
    WRITE_CONSUME_APPROVAL,
    WRITE_CUT_STAGES,
    WRITE_RECORD_STAGES,
    WRITE_RELEASE_HOLDER,
    WRITE_DELETE_HOLDER,
    WRITE_NARROW_HOLDER,
    WRITE_RESTORE_HOLDER,
    WRITE_WITHDRAW_KEPT,
    WRITE_CREATE_PROFILE,
    WRITE_APPLY_PROFILE,
    WRITE_DELETE_CHECK,
    WRITE_CREATE_CHECK,
    WRITE_APPLY_CHECK,
    WRITE_ADD_CHECKS,
    WRITE_SAY,
    WRITE_ADVANCE,
    WRITE_COMPLETE,
};

#define DECISION_TEXT_BYTES 1024u

struct decision {
    enum decision_kind kind;
    enum promotion_reason reason;
    enum promotion_write write;  /* when kind is DECISION_WRITE */
    size_t stage_index;          /* the write's or the wait's stage; STAGE_NONE: none */
    int64_t wakeup_ms;           /* wall; exact, no polling; KTIME_NEVER: an event will come;
                                    also of the wait that SAY is about */
    int64_t provisioned_ms;      /* SAY, ADVANCE, COMPLETE: what to record; 0: leave it */
    char text[DECISION_TEXT_BYTES]; /* the sentence for status, "" when there is none */
};

void promotion_decide(const struct promotion_view *view, struct ktime now,
                      struct decision *ret_decision);

/* The API server's words in a sentence of REASON_REFUSED; absent in all others. */
struct str promotion_refusal_of_text(struct str text);
/* True when the soak behind a stage that was provisioned is over. */
bool stage_soak_is_over(const struct stage_view *stage, struct ktime now);
/* True when the promotion has nothing more to do for its present configuration [P14]. */
bool promotion_is_complete(const struct promotion_view *view);

#endif
