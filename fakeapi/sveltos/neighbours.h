/*
 * The summaries that share a cluster, found without looking at all others. A view on the cache
 * of summaries, made anew with it.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_NEIGHBOURS_H
#define PROMOTER_FAKEAPI_SVELTOS_NEIGHBOURS_H

#include "fakeapi/sveltos/groups.h"
#include "fakeapi/sveltos/weather.h"

struct addon;

struct neighbours {
    struct groups clusters; /* the summaries' keys by type and name of the cluster */
};

void neighbours_init(struct neighbours *neighbours);
void neighbours_clear(struct neighbours *neighbours);
void neighbours_add(struct neighbours *neighbours, const struct json *summary);
void neighbours_remove(struct neighbours *neighbours, const struct json *summary);

/* Where a summary deploys to; borrowed from it. */
struct site summary_site(const struct json *summary);

/* The keys of all summaries of the site's cluster; never NULL. */
const struct map *neighbours_of(const struct addon *addon, const struct site *site);
/* The summary behind one of these keys; NULL when it is one of the site's own profile. */
const struct json *neighbour_at(const struct addon *addon, const struct site *site,
                                const struct map_entry *entry);
/* The summary of another profile for the site's cluster; NULL when there is none. */
const struct json *neighbour_of_profile(const struct addon *addon, const struct site *site,
                                        struct str profile);

#endif
