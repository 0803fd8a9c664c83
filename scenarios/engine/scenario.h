/*
 * A scenario file: a fleet, manifests, a world, a script and what must come of it.
 * The whole format is in the comments of script.h, expect.h and fleet.h.
 *
 *   scenario: name         why: the rule it guards            required
 *   start: RFC 3339        seed: 1      latency: 0s      strict: true
 *   fleet: [...] or FILE   given: [FILE or inline manifest]   world: [...]
 *   controller-starts: +0s   what the script does before is what the controller finds
 *   script: [...]          faults: [...]                      expect: {...}
 *
 * `not-swept: why` leaves it out of `promosim sweep`: a crash would be another story;
 * `not-disturbed: why` out of `promosim sweep --faults`.
 * With `strict: false` a step may be refused and a fault may never strike: so are the stories that
 * `promosim explore` draws.
 *
 * The rules of a world; of those that match, the last one says it, field by field. A stage is
 * meant by its profile. Names are globs with '*'. Where there is a duration, {min: 5s, max: 90s}
 * is a choice of the seed.
 *
 *   {on: ClusterSummary, cluster: NAME, profile: NAME, feature: Helm, and any of
 *      takes: 10s                  a deployment, from its start to its result
 *      created-after: 0.3s         from the profile's change to the summary
 *      stale-for: 0.3s             how long the status stays old after a change
 *      fails: 2                    the first deployments of each configuration; or `always`
 *      fails-for: 30m              all that start within this time of the first
 *      for-good: true              these failures are not tried again by Sveltos
 *      message: TEXT               of failures, and what health checks say
 *      health: {healthy-after: 7m} what the profile's validateHealths find, from the first
 *                                  deployment of a configuration on; preDeployChecks: from the
 *                                  first attempt; preDeleteChecks: from the first withdrawal;
 *                                  also `never`, and {flaps-at: 20m, flaps-for: 5m},
 *                                  finds-nothing: true
 *      check: NAME}                one of these checks only
 *   {on: SveltosCluster, cluster: NAME, active: {from: 1h, to: 3h, every: 24h}}
 *                                  is paused by Sveltos before and after; `every` is optional
 *   {on: ClusterPromotion, stub: true}
 *                                  Sveltos v1.14's own promotion controller, which only puts its
 *                                  finalizer on; it looks every minute
 *
 *   {on: Cluster, onboard-annotation: KEY}
 *                                  Sveltos and the controller run with --capi-onboard-annotation:
 *                                  only Clusters of Cluster API that have it count
 *
 * Faults, each of which strikes once, at the nth (1) request that its `when` describes:
 *   {do: crash-controller, when: {verb: patch, kind: ClusterPromotion/status, nth: 3, point: P}}
 *       P: before-send, committed-before-answer, after-answer, committed-late (3 s after)
 *   {do: lose-answer, when: {...}}    committed, and the connection breaks
 *   {do: lose-request, when: {...}}   the connection breaks first
 *   {do: time-out, when: {...}}       silence until the controller's deadline; with a point
 *       before-send (never executed, the default), committed-before-answer or committed-late
 *   {do: answer, status: 429, retry-after: 5s, when: {...}}   instead of being executed
 *       403, 409, 429, 500, 503, 504; a wait in whole seconds at 429 (1s) and 503 (none)
 *   {do: stale-read, events: 3, when: {...}}   a list or an object as it was so many changes of
 *       its kind ago, as a server tells whose store lags
 *   {do: second-controller, for: 30s, survivor: first, when: {...}}   another one starts while the
 *       first still runs; after that time one of them is gone: the `second` may survive
 * or at the nth delivery of watched events of a kind; events of one instant come as one:
 *   {do: gone, when: {kind: ClusterSummary, nth: 2}}          410 in the place of the events: the
       server has forgotten all of them, also for other watches that begin before now
 *   {do: cut-watch, when: {...}}      the stream ends; with `point: within-events` it breaks in
 *       the middle of them, else (between-events) before them
 *   {do: stale-watch, for: 30s, when: {...}}   they and all that follow come that much later
 *   {do: lag-watch, events: 2, for: 30s, when: {...}}   for that time the stream is so many events
 *       behind
 * verb: get, list, watch, create, patch, delete; kind: KIND, or KIND/status. All are optional
 * but the point of a crash. A fault that never strikes makes a strict scenario invalid.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SCENARIO_H
#define PROMOTER_SCENARIOS_ENGINE_SCENARIO_H

#include "scenarios/engine/expect.h"
#include "scenarios/engine/script.h"
#include "scenarios/engine/sim_fault.h"

#define SCENARIO_START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z, when none is given */
#define SCENARIO_GIVEN_MAX 256u
#define SCENARIO_RULES_MAX 10000u
#define SCENARIO_FAULTS_MAX 100u

/* What a request, or a watch whose events are delivered, must be like for a fault to strike. */
struct scenario_fault {
    struct sim_fault fault;
    const char *verb; /* "get", "list", ...; NULL: any */
    const struct manifest_kind *kind; /* NULL: any */
    bool status;      /* its status subresource */
    unsigned nth;     /* from 1 */
    const struct json *node;
};

struct scenario {
    struct source source;
    const struct fakeapi_catalogue *catalogue; /* borrowed, to be set by the loader; may be NULL */
    struct str name; /* everything here is borrowed from the source */
    struct str why;
    struct str not_swept; /* empty: it is swept */
    struct str not_disturbed; /* the same, by faults */
    int64_t start_ms;
    uint64_t seed;
    int64_t latency_ms;
    int64_t controller_start_ms; /* since the start */
    bool strict;
    struct fleet fleet;
    struct source fleet_file; /* when `fleet:` names one */
    struct source *files; /* owned: given manifests */
    size_t file_count;
    struct manifest *given; /* owned array */
    size_t given_count;
    struct world_rule *rules; /* owned array */
    size_t rule_count;
    struct script script;
    struct scenario_fault *faults; /* owned array */
    size_t fault_count;
    struct expect expect;
};

/* Reads and checks a file and the manifests that it names (relative to it). All errors have
 * a message "path:line:column: ...". On failure *ret_scenario is untouched. */
NODISCARD enum err scenario_load(const char *path, struct scenario **ret_scenario,
                                 struct errmsg *msg);
/* As scenario_load, from memory; `path` is for messages and for finding manifests. */
NODISCARD enum err scenario_parse(struct str text, const char *path,
                                  struct scenario **ret_scenario, struct errmsg *msg);
void scenario_free(struct scenario *scenario); /* NULL is fine */

/* True when the file's first document has a key by which it wants to be a scenario. */
bool scenario_claims(const struct source *source);

/* Reads a list of world rules; *ret_rules is owned, its texts are borrowed. */
NODISCARD enum err scenario_read_world(const struct reader *reader, const struct json *list,
                                       struct world_rule **ret_rules, size_t *ret_count);
/* A fleet file: a list of clusters, or a mapping of `fleet` and, if wanted, `world`. *ret_rules
 * (owned) is set only then. */
NODISCARD enum err scenario_read_fleet_file(const struct source *source, struct fleet *ret_fleet,
                                            struct world_rule **ret_rules, size_t *ret_rule_count,
                                            struct errmsg *msg);

/* *ret_faults is owned. */
NODISCARD enum err scenario_read_faults(const struct reader *reader, const struct json *list,
                                        struct scenario_fault **ret_faults, size_t *ret_count);
/* True when the fault waits for something like this. */
bool scenario_fault_matches(const struct scenario_fault *fault, const struct sim_passage *passage);

#endif
