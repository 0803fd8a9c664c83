/*
 * What happened to the promotions, as a person would tell it: the list that
 * `promosim preview` prints, expectations match and a sweep compares. Derived from
 * the audit log alone, so it is what any client of the cluster could have seen.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_TRANSITIONS_H
#define PROMOTER_SCENARIOS_ENGINE_TRANSITIONS_H

#include "fakeapi/fakeapi.h"

enum transition_kind {
    TRANSITION_PROMOTION_CREATED,
    TRANSITION_PROMOTION_DELETED,  /* it left the store */
    TRANSITION_PROFILE_CREATED,    /* the stage's ClusterProfile */
    TRANSITION_PROFILE_UPDATED,    /* its spec changed */
    TRANSITION_PROFILE_DELETED,    /* it left the store */
    TRANSITION_STAGE_ENTERED,      /* currentStageName */
    TRANSITION_STAGE_PROVISIONED,  /* at_ms is the recorded lastSuccessfulAppliedTime */
    TRANSITION_WAITING,            /* another reason: text is the description without its time */
    TRANSITION_APPROVED,           /* trigger.manual.approved became true */
    TRANSITION_APPROVAL_CONSUMED,  /* and was removed again by the controller */
    TRANSITION_RESTARTED,          /* the recorded profileSpec or stages changed: stages cut */
    TRANSITION_COMPLETE,           /* lastPromotionTime set with the last stage done (P14) */
};

struct transition {
    int64_t at_ms;
    enum transition_kind kind;
    char *promotion; /* owned */
    char *stage;     /* owned; NULL when it is about the whole promotion */
    char *text;      /* owned; what varies: the profile's name, the sentence waited with, who
                        approved; NULL when nothing does */
    /* ClusterSummaries of the stage's profile at that time: all whose features are all
     * Provisioned, all that there are. 0 and 0 without a stage. */
    unsigned clusters_done;
    unsigned clusters_total;
};

struct transitions {
    /* In order of the audit log: at_ms never falls, but for stages provisioned, whose
     * recorded time is rounded up to the second (P13). */
    struct transition *items;
    size_t count;
    size_t capacity;
};

/* Reads the whole audit log. */
void transitions_collect(const struct fakeapi *api, struct transitions *ret_transitions);
void transitions_release(struct transitions *transitions);
/* "profile-created", "provisioned", "waiting", ...: static, for scenario files. */
const char *transition_kind_name(enum transition_kind kind);
/* The words for one line, appended without newline: "ClusterProfile rollout-qa created",
 * "waits: Paused: Awaiting Manual Approval". Neither time nor stage nor counts. */
void transition_describe(const struct transition *transition, struct buf *out);

#endif
