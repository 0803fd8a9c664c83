/*
 * A profile that others depend on is deployed where they are: the clusters of each dependent
 * count as clusters of its prerequisites. Kept in the process' memory; a loop that looks every
 * 30 s wakes the prerequisites whose dependents changed, by a hash in their status.
 * Source: facts, 5.8 ("Profile side"), 5.3 step 9.
 *
 * After a restart what profiles had matched is taken from their status before any of them is
 * worked on: else a prerequisite that comes first would be withdrawn from its dependents'
 * clusters for a moment.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_DEPENDENTS_H
#define PROMOTER_FAKEAPI_SVELTOS_DEPENDENTS_H

#include "controller/base/map.h"
#include "controller/base/timers.h"
#include "fakeapi/sveltos/kinds.h"

#define DEPENDENTS_LOOP_MS 30000

struct matching;

struct dependents {
    struct addon *addon;       /* borrowed */
    struct map prerequisites;  /* struct prerequisite by the profile's name */
    int64_t started_ms;        /* the loop's first look */
    uint64_t timer;            /* of the look that finds something changed; 0: none is due */
};

void dependents_init(struct dependents *dependents, struct addon *addon);
/* Forgets everything. */
void dependents_clear(struct dependents *dependents);
/* Starts the loop and registers all profiles of the cache by their status. */
void dependents_start(struct dependents *dependents);

/* From now on `dependent` needs each profile in `depends_on` on these clusters; NULL: none. */
void dependents_register(struct dependents *dependents, struct str dependent,
                         const struct json *depends_on, const struct json *clusters);
/* What the dependents of this profile need. */
void dependents_add_clusters(const struct dependents *dependents, struct str prerequisite,
                             struct matching *matching);

#endif
