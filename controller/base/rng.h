/*
 * Deterministic random numbers, without floating point. Streams are split from a
 * master seed by name, so that a new draw in one does not shift the others.
 */
#ifndef PROMOTER_BASE_RNG_H
#define PROMOTER_BASE_RNG_H

#include "controller/base/str.h"

struct rng {
    uint64_t state[4]; /* xoshiro256**, seeded by splitmix64 (Blackman, Vigna 2018) */
};

void rng_init(struct rng *rng, uint64_t seed);
/* A stream of its own for `name`: the same seed and name give the same stream. */
void rng_init_stream(struct rng *rng, uint64_t seed, struct str name);
uint64_t rng_next(struct rng *rng);
/* Uniform in [0, bound), without modulo bias. bound > 0. */
uint64_t rng_below(struct rng *rng, uint64_t bound);
/* Uniform in [min, max], both included. */
int64_t rng_between(struct rng *rng, int64_t min, int64_t max);
/* True in `part` of `whole` cases. */
bool rng_chance(struct rng *rng, uint64_t part, uint64_t whole);
/* A random version 4 UUID, 36 characters and NUL. */
void rng_uuid(struct rng *rng, char ret_text[37]);

#endif
