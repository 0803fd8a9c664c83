/*
 * Keys in named groups, so that those of one group are found without looking at all: the
 * summaries of a cluster, the dependents of an owner. A key may be in several groups.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_GROUPS_H
#define PROMOTER_FAKEAPI_SVELTOS_GROUPS_H

#include "controller/base/map.h"

struct groups {
    struct map by_name; /* struct map of the keys' values */
};

void groups_init(struct groups *groups);
void groups_release(struct groups *groups); /* not the values */
/* value != NULL */
void groups_add(struct groups *groups, struct str name, struct str key, void *value);
/* Nothing happens when it is not there. */
void groups_remove(struct groups *groups, struct str name, struct str key);
/* In order of insertion; never NULL. */
const struct map *groups_of(const struct groups *groups, struct str name);

#endif
