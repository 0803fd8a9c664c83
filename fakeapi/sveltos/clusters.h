/*
 * What Sveltos' controllers know of a cluster, whichever of the two kinds it is: a SveltosCluster,
 * or a Cluster of Cluster API. Source: facts, 5.1, 5.2, 8.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_CLUSTERS_H
#define PROMOTER_FAKEAPI_SVELTOS_CLUSTERS_H

#include "fakeapi/sveltos/kinds.h"

struct addon;

bool cluster_is_ready(const struct json *cluster);
bool cluster_is_paused(const struct json *cluster);
/* Is this change one that Sveltos' controllers look at? NULL: there is none before, after. */
bool cluster_change_matters(const struct json *before, const struct json *after);

/* Of a kind's name: "Sveltos" or "Capi", as in labels and specs; any other kind counts as the
 * former. */
const char *cluster_type(struct str kind);
/* The same in lower case, as in the names of summaries. */
const char *cluster_type_in_names(struct str kind);
/* The kind of clusters of a type. */
const struct kind *cluster_kind(struct str type);

/* An ObjectReference as Sveltos writes it; owned. */
struct json *cluster_reference(const struct kind *kind, struct str name_space, struct str name);
/* "KIND/NAMESPACE/NAME"; owned. */
char *cluster_reference_key(const struct json *reference);

/* From the caches; NULL when there is none. */
const struct json *cluster_find(const struct addon *addon, const struct json *reference);
const struct json *cluster_of_summary(const struct addon *addon, const struct json *summary);
bool cluster_is_of_summary(const struct json *cluster, const struct json *summary);

#endif
