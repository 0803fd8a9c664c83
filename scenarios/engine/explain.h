/*
 * `promosim explain`: why promotions stand where they stand, for people and for machines.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_EXPLAIN_H
#define PROMOTER_SCENARIOS_ENGINE_EXPLAIN_H

#include "controller/core/explanation.h"
#include "scenarios/engine/explain_objects.h"

/* Appends what people read: a head, a table of facts, a table of stages. */
void explain_print_text(const struct explanation *explanation, struct str promotion,
                        const struct explain_objects *objects, int64_t now_ms, struct buf *out);

/* The same as an object of JSON, owned; absent times and texts are left out:
 *
 *   {promotion, at, state, reason, stage, sentence, waitsFor, does, remedy, next,
 *    since, until, wakeup, healthChecksPassed,
 *    waited: {count, named: [{name, feature, why, message}]},
 *    stages: [{name, clusterProfile, place, sentence, entered, provisioned,
 *              clusters: {provisioned, total, notReady}}],
 *    beside: [text]}
 *
 * `waited.count` is of all that are waited for; at most ten are named. */
struct json *explain_json(const struct explanation *explanation, struct str promotion,
                          const struct explain_objects *objects, int64_t now_ms);

#endif
