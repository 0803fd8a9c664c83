/*
 * What users and the weather do during a scenario, at offsets of virtual time.
 *
 *   {at: +30m, approve: {promotion: NAME, stage: NAME}}
 *   {at: +1h, patch: KIND/NAME, merge: {...}}         or json-patch: [...], subresource: status,
 *                                                     manager: NAME (kubectl-patch)
 *   {at: +1h, apply: FILE or {...}}                   creates, or merges into what exists
 *   {at: +1h, create: FILE or {...}}
 *   {at: +1h, server-side-apply: FILE or {...}, manager: NAME}   with force; an ownerReference
 *                                                     without uid gets that of whom it names
 *   {at: +1h, delete: KIND/NAME, propagation: Orphan}
 *   {at: +1h, restart-controller: true}               from nothing, in zero virtual time
 *   {at: +1h, sveltos: down}                          or up, restart; `for: 30m`: and up again
 *   {at: +1h, cluster: NAMESPACE/NAME, ready: false}  or paused: true, labels: {tier: null},
 *                                                     annotations: {a: b}, down: true;
 *                                                     kind: Cluster for one of CAPI's
 *   {at: +1h, drift: NAMESPACE/NAME, item: ITEM}      somebody edits what a cluster was given, such
 *                                                     as "ConfigMap:NAMESPACE/NAME" or
 *                                                     "Release:NAMESPACE/NAME"; path: /data/x,
 *                                                     kind: Cluster
 *   {at: +1h, add-clusters: [{count: 2, ...}]}        as in `fleet:`
 *
 * A step that the server refuses makes the scenario invalid, unless it says so:
 * `answer: 422`.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SCRIPT_H
#define PROMOTER_SCENARIOS_ENGINE_SCRIPT_H

#include "scenarios/engine/fleet.h"
#include "scenarios/engine/manifest.h"

struct script_cue;

#define SCRIPT_STEPS_MAX 1000u
#define SCRIPT_OFFSET_MAX_MS (INT64_C(10) * 366 * 24 * 3600 * 1000) /* ten years */

enum step_kind {
    STEP_APPROVE,
    STEP_PATCH,
    STEP_APPLY,
    STEP_CREATE,
    STEP_SERVER_SIDE_APPLY,
    STEP_DELETE,
    STEP_RESTART_CONTROLLER,
    STEP_SVELTOS,
    STEP_CLUSTER,
    STEP_DRIFT,
    STEP_ADD_CLUSTERS,
};

struct step {
    enum step_kind kind;
    int64_t at_ms; /* since the start */
    unsigned answer; /* the status that the server must give; 0: any success */
    const struct json *node;
    struct object_ref object;   /* approve, patch, delete, cluster, drift */
    struct str stage;           /* approve */
    const struct json *patch;   /* patch: an object merges, an array is a JSON Patch */
    struct str subresource;     /* patch */
    struct str manager;         /* patch, server-side-apply: the field manager */
    struct str propagation;     /* delete */
    struct manifest *manifests; /* apply, create, server-side-apply; owned */
    size_t manifest_count;
    struct source file;         /* ... from a file */
    bool sveltos_down;
    bool sveltos_up;            /* sveltos; after `down`: a restart */
    int64_t down_for_ms;        /* sveltos: 0: until a step says so */
    const struct json *ready;   /* cluster: NULL is no change */
    const struct json *paused;
    const struct json *labels;
    const struct json *annotations;
    const struct json *down;    /* cluster: does not answer Sveltos */
    struct str item;            /* drift */
    struct str path;            /* drift; empty: not said */
    struct fleet fleet;         /* add-clusters */
};

struct script {
    bool forgiving;     /* a step that is refused is as good as none */
    struct step *steps; /* in order of time, then of the file */
    size_t count;
    int64_t end_ms;     /* since the start: nothing comes of it later */
    const struct source *source;
    const struct yaml_document *document;
};

NODISCARD enum err script_read(const struct reader *reader, const struct json *list,
                               struct script *ret_script);
void script_release(struct script *script);

/* A script under way. Must outlive the last run of the simulation. */
struct script_run {
    const struct script *script;
    struct sim *sim;
    struct script_cue *cues; /* owned */
    size_t done;             /* steps that have been taken */
    enum err failure;        /* of the first step that went wrong */
    struct errmsg msg;
};

/* Puts all steps into the simulation's queue of events. */
void script_start(const struct script *script, struct sim *sim, int64_t start_ms,
                  struct script_run *ret_run);
void script_run_release(struct script_run *run);

#endif
