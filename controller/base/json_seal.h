/*
 * JSON values at rest: sealed, sorted out against a pool of what was seen before, so that equal
 * parts of many values are one part in memory, and are known to be equal by their address.
 *
 * A sealed value is an ordinary one: who changes a clone of it parts from what is shared. Only
 * pointers for changing that were looked up before the seal are void, as after a clone; texts
 * borrowed from the value before may be gone.
 *
 * A mark says something about a part of a value that stays true as long as the part is unchanged,
 * such as "fits this schema". Every change of what is in or below it takes the mark away.
 *
 * Limits: a pool keeps at most 4,096 texts of up to 64 bytes and 2,048 lists of up to 32 children
 * that consist of such texts and such lists: in the worst case some 12 MB, most often 1 MB. What
 * was not used for the longest time gives way.
 */
#ifndef PROMOTER_BASE_JSON_SEAL_H
#define PROMOTER_BASE_JSON_SEAL_H

#include "controller/base/json.h"

struct json_pool;
struct json_pool *json_pool_create(void);
void json_pool_free(struct json_pool *pool); /* NULL is fine; sealed values stay good */

/* Seals the value. What it has in common with `like` (sealed; NULL: nothing) at the same place is
 * shared with that; what else is small and was seen before, with the pool. */
void json_seal(struct json_pool *pool, struct json *value, const struct json *like);
/* The bytes of what the value does not share with `like` (NULL: nothing) at the same place. What it
 * shares with others counts, too: they may go before it. */
size_t json_bytes_beyond(const struct json *value, const struct json *like);

/* The mark of an object or array with children; 0: none. */
uint64_t json_mark(const struct json *value);
/* Only sealed values keep a mark; for others nothing happens. */
void json_set_mark(const struct json *value, uint64_t mark);

#endif
