/*
 * Which summary of a cluster manages a Helm release: the first that asked, or one of a lower
 * tier. Everything is read from the summaries' status.helmReleaseSummaries, so that a restart of
 * Sveltos loses nothing; of all summaries of a cluster one at most says Managing for a release.
 * Source: facts, 5.10.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_RELEASES_H
#define PROMOTER_FAKEAPI_SVELTOS_RELEASES_H

#include "fakeapi/sveltos/summary.h"

struct release {
    struct str name_space;
    struct str name;
};
/* Of an entry of helmCharts; borrowed. */
struct release release_of_chart(const struct json *chart);

/* The summary of another profile that manages the release; NULL: none. */
const struct json *release_manager(const struct addon *addon, const struct site *site,
                                   const struct release *release);
/* Does another summary that stays wait for the release, or manage it? */
bool release_is_wanted(const struct addon *addon, const struct site *site,
                       const struct release *release);
/* Does a summary of this tier get the release, now managed by that one (NULL: nobody)? */
bool release_goes_to(int64_t tier, const struct json *manager);

/* Owned. */
char *release_conflict_text(const struct release *release, const struct json *manager);

/* Registers the summary for the releases of its charts: Managing or Conflict in its status. One
 * that is taken over goes to its other state at once and is deployed again. */
void releases_claim(struct summary_pass *pass);
/* Is there a release in conflict that nobody manages any more? */
bool releases_wait_is_over(const struct summary_pass *pass);
/* Everything is deployed: those that are not wanted any more are given back. */
void releases_settle(struct summary_pass *pass);
/* A summary changed or is gone (after NULL): those that waited for its releases are woken. */
void releases_on_change(struct addon *addon, const struct json *before,
                        const struct json *after);

#endif
