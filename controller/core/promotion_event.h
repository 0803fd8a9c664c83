/*
 * What is worth an Event (D25): transitions that people want to see under the promotion, found
 * in what was seen and decided, never in what this process did. So a crash between a status
 * write and its Event loses nothing, and what a predecessor told has the same name.
 *
 *   of status' entries     Started, Provisioning, Provisioned, PromotionComplete
 *   of approvals           ApprovalUsed, ApprovalStale
 *   of a wait              its reason, when promotion_reason_event says so
 *   of conditions          ClusterNotReady, ClusterInTwoStages, WouldWithdraw, StageRegressed,
 *                          ForeignFields
 *
 * An Event's identity (P15) is promotion uid, run, stage, reason, and for what the spec says
 * wrongly or names, the detail: another fault is other news. The *run* of a stage is the
 * recorded profileSpecHash and its entry's lastUpdateReconciledTime, both in status before the
 * stage is touched (P3) and as they were after any crash. The hash alone would not do: v1 -> v2
 * -> v1 are three runs. What is of no stage takes the first entry's run.
 *
 * The news of an entry bear the entry's time. Older than EVENT_LIFE_MS they are no news: the
 * server would have forgotten the Event by then, and a restart does not tell history again.
 */
#ifndef PROMOTER_CORE_PROMOTION_EVENT_H
#define PROMOTER_CORE_PROMOTION_EVENT_H

#include "controller/core/promotion_view.h"

/* Texts are in the arena or borrowed from the sight and the decision. */
struct promotion_event {
    enum promotion_reason reason;
    struct str stage;  /* empty: the whole promotion */
    struct str run;
    struct str detail; /* part of the identity; empty: the rest tells it apart */
    struct str note;   /* the sentence */
    int64_t at_ms;     /* wall */
    bool urgent;       /* the write that is decided destroys what it is known by */
};

struct promotion_events {
    struct promotion_event *items; /* in the arena, in the order in which to tell them */
    size_t count;
};

/* True for writes that can destroy what an Event is known by. */
bool promotion_write_is_told_first(enum promotion_write write);

/* `overlap`: clusters that two stages select, as stage_overlap_text says; empty: none. False:
 * the arena's limit was crossed. */
bool promotion_events_find(const struct promotion_sight *sight, const struct decision *decision,
                           struct str overlap, struct ktime now, struct arena *arena,
                           struct promotion_events *ret_events);

#endif
