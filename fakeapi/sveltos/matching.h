/*
 * Which clusters a profile, or a set of clusters, means. Source: facts, 5.2.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_MATCHING_H
#define PROMOTER_FAKEAPI_SVELTOS_MATCHING_H

#include "fakeapi/sveltos/addon.h"

struct matching {
    const struct addon *addon;
    const struct json *object; /* the profile or the set */
    const struct json *spec;   /* its clusterSelector and clusterRefs */
    struct json *references;   /* owned by the caller; each cluster at most once */
    struct map seen;           /* of what is in references */
};

/* Collects what selector and clusterRefs say: ready clusters only from the selector, the others
 * as they are written. False when the selector is invalid: nothing is collected then. */
bool matching_begin(struct matching *matching);
/* More references, each unless it is there already. */
void matching_add(struct matching *matching, const struct json *references);
/* Puts them in random order and gives them away (owned). */
struct json *matching_end(struct matching *matching);

/* Does a list of references name this cluster? */
bool matching_names(const struct json *references, const struct json *cluster);
/* Would selector or clusterRefs of this spec mean the cluster, whether it is ready or not? */
bool matching_would_reach(const struct json *spec, const struct json *cluster);

#endif
