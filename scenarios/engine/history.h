/*
 * All that happened to each object of an audit log, in order: for judges who look back. What
 * fold.h keeps is only how things are now.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_HISTORY_H
#define PROMOTER_SCENARIOS_ENGINE_HISTORY_H

#include "controller/base/map.h"
#include "fakeapi/fakeapi.h"

struct history {
    const struct fakeapi_audit **records; /* those that changed the object; owned array */
    size_t *indices;                      /* of each in the log; owned */
    size_t count;
    size_t capacity, index_capacity;
};

struct histories {
    struct map objects; /* struct history by "KIND/NAMESPACE/NAME" */
};

void histories_init(struct histories *histories);
void histories_release(struct histories *histories);
/* Borrows the record, which comes after all that are there. */
void histories_add(struct histories *histories, const struct fakeapi_audit *audit, size_t index);
/* An empty one when nothing ever happened to such an object; never NULL. */
const struct history *histories_of(const struct histories *histories, struct str kind,
                                   struct str name_space, struct str name);

/* How a span of time begins in a history: the index of the last record up to `since_ms`, or 0. */
size_t history_from(const struct history *history, int64_t since_ms);
/* The index behind the last record up to `until_ms`. */
size_t history_until(const struct history *history, int64_t until_ms);
/* The last of the records that come before `index` in the log; NULL. */
const struct fakeapi_audit *history_before(const struct history *history, size_t index);
/* How many of `count` sorted indices come before `index`. */
size_t history_count_before(const size_t *indices, size_t count, size_t index);

#endif
