/*
 * A ClusterPromotion as the controller sees it.
 */
#ifndef PROMOTER_CORE_PROMOTION_H
#define PROMOTER_CORE_PROMOTION_H

#include "controller/base/sha256.h"
#include "controller/core/object.h"

/* "v1:", two hex digests and a colon between them, NUL. */
#define CONFIGURATION_BYTES (3 + 2 * (SHA256_HEX_BYTES - 1) + 1 + 1)

enum trigger_kind { TRIGGER_NONE, TRIGGER_AUTO, TRIGGER_MANUAL };

/* Texts and trees are borrowed from the promotion's own tree. */
struct stage_spec {
    struct str name;
    const struct json *selector; /* NULL: absent, which matches nothing */
    enum trigger_kind trigger;
    int64_t delay_ms;
    bool approved;
    bool automatic_reset;
    const char *unevaluated; /* a part of the trigger that nothing evaluates yet; NULL: none */
    struct sha256 profile_digest; /* of the profile's rendered spec as we want it */
    char configuration[CONFIGURATION_BYTES]; /* what promoter.dev/configuration shall say */
};

/* An entry of status.stages: a stage entered in this run. */
struct stage_entry {
    struct str name;
    bool provisioned;       /* has lastSuccessfulAppliedTime */
    int64_t provisioned_ms;
    struct str text;        /* currentStatusDescription without its time */
    int64_t text_ms;        /* that time; 0: none */
};

struct promotion {
    struct object object;
    struct json *tree;      /* owned; without managedFields */
    bool has_finalizers;    /* both */
    bool has_a_finalizer;   /* at least one of ours */
    bool preserve;          /* spec.preserveClusterProfilesOnDelete */
    bool dry_run;
    bool one_time;
    struct stage_spec *stages;
    size_t stage_count;
    struct stage_entry *entries;
    size_t entry_count;
    struct json *rendered;  /* owned; profileSpec with defaults filled; NULL when malformed */
    struct sha256 configuration; /* digest of rendered */
    char profile_spec_hash[SHA256_BASE64_BYTES]; /* as Sveltos computes them, of the present spec */
    char stages_hash[SHA256_BASE64_BYTES];
    struct str recorded_profile_spec_hash; /* of status; empty: never recorded */
    struct str recorded_stages_hash;
    struct str current_stage_name;
    int64_t last_promotion_ms; /* 0: absent */
    char *fault;            /* owned; why the object is malformed (D17, D18); NULL: it is not */
};

struct object *promotion_create(struct json *json, const struct object *base);
void promotion_free(struct promotion *promotion);

/* The spec that a stage's profile shall have: profileSpec as written and the selector; owned. */
struct json *promotion_wanted_spec(const struct promotion *promotion,
                                   const struct stage_spec *stage);

/* The two digests of a configuration's text: of profileSpec, of the selector. False when
 * it is none of this version. Borrowed hex texts. */
bool configuration_parse(struct str text, struct str *ret_profile_spec, struct str *ret_selector);

/* Appends `<promotion>-<stage>`, the name of a stage's profile. */
void promotion_profile_name(const struct promotion *promotion, struct str stage, struct buf *out);

#endif
