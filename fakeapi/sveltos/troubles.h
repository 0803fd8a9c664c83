/*
 * What the rules of a world say goes wrong with a deployment: it fails for a time, or is not
 * healthy. Both are counted from the first time that a configuration was tried, or deployed, at
 * a site; a restart of Sveltos does not change that. Source: facts, section 7, for the texts.
 *
 * Checks are scripted: no Lua and no CEL is run. What the script cannot change is as in Sveltos:
 * a jobCheck needs another build, a check of metrics needs a script, and a check without script
 * and rules is content with anything that it fetches.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_TROUBLES_H
#define PROMOTER_FAKEAPI_SVELTOS_TROUBLES_H

#include "fakeapi/sveltos/weather.h"

/* One job to deploy a feature. All borrowed. */
struct trouble_job {
    const struct site *site;
    enum feature feature;
    struct str hash;         /* of its configuration */
    const struct json *spec; /* rendered */
    int64_t start_ms;
};

/* Lets the job fail when a rule or a health check wants it; `fate` says already how long it
 * takes and may have failed. */
void trouble_of_job(struct weather *weather, const struct trouble_job *job, struct job_fate *fate);

/* The first of the feature's checks that fails for what was deployed `since_ms` ago, told in
 * `message` as it stands in the feature's failureMessage. False: all pass. */
bool trouble_of_health(const struct weather *weather, const struct trouble_job *job,
                       int64_t since_ms, struct buf *message);

#endif
