/*
 * The cluster as the writer of one request knew it: what was handed over to that process before
 * it sent the request, and nothing that came later.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_TOLD_H
#define PROMOTER_SCENARIOS_ENGINE_TOLD_H

#include "scenarios/engine/checkers.h"
#include "scenarios/engine/ground.h"

/* Who sent what audit record `index` executed; NULL when the evidence does not tell. */
const struct transport_record *exchange_of(const struct evidence *evidence, size_t index);
/* True when something had changed before record `index` that its sender had not been told of.
 * False also when the evidence does not tell. */
bool writer_was_behind(const struct evidence *evidence, size_t index);
/* The ground behind all records before `index`, as its sender was told of them. */
void ground_init_as_told(struct ground *ground, const struct evidence *evidence, size_t index);

#endif
