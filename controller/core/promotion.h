/*
 * A ClusterPromotion as the controller sees it.
 */
#ifndef PROMOTER_CORE_PROMOTION_H
#define PROMOTER_CORE_PROMOTION_H

#include "controller/base/sha256.h"
#include "controller/core/object.h"

/* "v1:", three hex digests and colons between them, NUL. */
#define CONFIGURATION_BYTES (3 + 3 * (SHA256_HEX_BYTES - 1) + 2 + 1)

/* What a profile that we apply shall be. */
struct wanted_profile {
    struct sha256 digest; /* of its rendered spec */
    char configuration[CONFIGURATION_BYTES]; /* of promoter.dev/configuration */
};

/* The three kinds of profile that a stage can ask for. */
enum profile_role {
    ROLE_STAGE,  /* the configuration */
    ROLE_GATED,  /* the same profile with the post-delay health checks added (D8) */
    ROLE_CHECK,  /* the pre-check deployment, a profile of its own (D7) */
};
#define PROFILE_ROLE_COUNT 3u

enum trigger_kind { TRIGGER_NONE, TRIGGER_AUTO, TRIGGER_MANUAL };

/* Texts and trees are borrowed from the promotion's own tree. */
struct stage_spec {
    struct str name;
    const struct json *selector; /* NULL: absent, which matches nothing */
    enum trigger_kind trigger;
    int64_t delay_ms;
    bool approved;
    bool automatic_reset;
    const struct json *pre_checks;  /* preHealthCheckDeployment; NULL: none */
    const struct json *gate_checks; /* postDelayHealthChecks; NULL: none */
    bool has_window;
    struct str window_from;
    struct str window_to;
    struct wanted_profile wanted[PROFILE_ROLE_COUNT]; /* by role */
};

/* An entry of status.stages: a stage entered in this run. */
struct stage_entry {
    struct str name;
    int64_t entered_ms;     /* lastUpdateReconciledTime; 0: none */
    bool provisioned;       /* has lastSuccessfulAppliedTime */
    int64_t provisioned_ms;
    struct str text;        /* currentStatusDescription without its time */
    int64_t text_ms;        /* that time, since when its reason holds; 0: none */
    int64_t checked_ms;     /* lastStatusCheckTime, when it was written; 0: none */
    const struct json *node; /* borrowed; as recorded; NULL: it was lost */
};

struct promotion {
    struct object object;
    const struct json *tree;      /* owned; without managedFields */
    bool has_finalizers;    /* both */
    bool has_a_finalizer;   /* at least one of ours */
    bool preserve;          /* spec.preserveClusterProfilesOnDelete */
    bool dry_run;
    bool one_time;
    struct stage_spec *stages;
    size_t stage_count;
    struct stage_entry *entries;
    size_t entry_count;
    bool entries_damaged;   /* status.stages does not say what the entries do (stage_entries.h) */
    const struct json *rendered;  /* owned; profileSpec with defaults filled; NULL when malformed */
    struct sha256 configuration; /* digest of rendered */
    char profile_spec_hash[SHA256_BASE64_BYTES]; /* as Sveltos computes them, of the present spec */
    char stages_hash[SHA256_BASE64_BYTES];
    struct str recorded_profile_spec_hash; /* of status; empty: never recorded */
    struct str recorded_stages_hash;
    struct str current_stage_name;
    int64_t last_promotion_ms; /* 0: absent */
    int64_t own_wrote_ms;   /* our last write of this object, by managedFields; 0: none */
    char *other_manager;    /* owned; wrote status after our last write (D26); NULL: none did */
    int64_t other_wrote_ms;
    char *fault;            /* owned; why the object is malformed (D17, D18); NULL: it is not */
};

struct object *promotion_create(struct json *json, const struct object *base);
void promotion_free(struct promotion *promotion);

/* The digests that a configuration's text names, as borrowed hex texts. */
struct configuration {
    struct str profile_spec; /* of the promotion's profileSpec */
    struct str selector;
    struct str applied;      /* of what was applied: with gate checks it is not profile_spec */
};
/* False when it is none of this version. */
bool configuration_parse(struct str text, struct configuration *ret_configuration);

/* Appends the name of a stage's profile: `<promotion>-<stage>`, and for ROLE_CHECK
 * `preverification-<promotion>-<stage>`. */
void promotion_profile_name(const struct promotion *promotion, struct str stage,
                            enum profile_role role, struct buf *out);

#endif
