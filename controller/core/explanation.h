/*
 * Why a promotion and each of its stages stand where they stand: what promotion_decide says of
 * what is seen, told to people. Pure, like the decision: nothing is written, nobody is asked.
 *
 * A wait whose sentence is not in status yet is explained as if it were: the sentence is written
 * first, at once.
 */
#ifndef PROMOTER_CORE_EXPLANATION_H
#define PROMOTER_CORE_EXPLANATION_H

#include "controller/core/limits.h"
#include "controller/core/promotion_view.h"

enum explanation_state {
    EXPLANATION_AT_WORK, /* a write follows at once */
    EXPLANATION_WAITING,
    EXPLANATION_COMPLETE,
    EXPLANATION_LEAVING, /* deleted, and no finalizer of ours holds it */
};

/* An object that is waited for. */
struct waited_object {
    struct str name;    /* "namespace/name" of a cluster; a ClusterProfile's name */
    struct str feature; /* "Helm": what `why` is about; empty: all of it */
    struct str why;     /* follows one of the two: "has no ClusterSummary yet", "fails" */
};

enum stage_place { STAGE_AHEAD, STAGE_CURRENT, STAGE_PASSED };

struct stage_explanation {
    struct str name;
    struct str profile;      /* name of its ClusterProfile, which may not exist yet */
    enum stage_place place;
    struct str sentence;     /* the entry's in status, or what the current one waits for; empty */
    int64_t entered_ms;      /* wall; 0: it was not, or nobody recorded when */
    int64_t provisioned_ms;  /* wall; 0: it is not recorded as provisioned */
    size_t cluster_count;    /* that match and are ready */
    size_t clusters_done;    /* that have all of the stage's present configuration */
    struct str left_out;     /* clusters that match and are not ready: "a, b and 3 more" */
    bool regressed;          /* it was finished, and now fails on a cluster (D15) */
};

/* Texts are in the arena, or borrowed from the store and the memory. */
struct explanation {
    enum explanation_state state;
    enum promotion_reason reason;
    size_t stage_index;     /* STAGE_NONE: of the whole promotion */
    struct str sentence;    /* as in status; empty: nothing is said there */
    struct str waits_for;   /* waiting: what for; at work: empty */
    struct str does;        /* at work: the write that follows; else empty */
    struct str remedy;      /* what a person can do about it; empty: nothing need be done */
    struct str next;        /* what follows; empty: that depends */
    int64_t since_ms;       /* wall; 0: at work */
    int64_t until_ms;       /* wall; when the wait ends; KTIME_NEVER: an event ends it */
    int64_t wakeup_ms;      /* wall; the next look that is planned; KTIME_NEVER: at an event */
    int64_t checks_passed_ms; /* the oldest pass of a health check that stands (P17); 0: none */
    struct waited_object waited[NAMED_CLUSTERS_MAX];
    size_t waited_count;    /* also of those that are not named */
    struct str waited_profile; /* the ClusterProfile that they are to have; empty: none */
    struct stage_explanation *stages; /* in the arena */
    size_t stage_count;
    struct str *beside;     /* in the arena; what else people are told of, as Events' notes */
    size_t beside_count;
};

/* What status tells of the memory of the controller that wrote it: a refused write that it tries
 * again every ten minutes. For objects whose controller runs elsewhere; borrowed from them. */
void promotion_memory_recall(const struct promotion *promotion, struct ktime now,
                             struct promotion_memory *memory);

/* False: the arena's limit was crossed. */
bool promotion_explain(const struct store *store, const struct promotion *promotion,
                       const struct promotion_memory *memory, struct ktime now,
                       struct arena *arena, struct explanation *ret_explanation);

/* One word: "waiting". */
const char *explanation_state_name(enum explanation_state state);
const char *stage_place_name(enum stage_place place);

#endif
