/*
 * What the rules of a world say goes wrong with a deployment: it fails for a time, or a check
 * does not pass. Both are counted from the first time that a configuration was tried, or deployed,
 * or taken away, at a site; a restart of Sveltos does not change that. Source: facts, section 7,
 * for the texts.
 *
 *   list              looked at                              when it does not pass
 *   preDeployChecks   before a deployment                    nothing is deployed
 *   validateHealths   when all of the feature is deployed    it is there, and counts as failed
 *   preDeleteChecks   before a withdrawal, and again after   nothing is taken away; after it, the
 *                     it (facts 6.5: a fault of Sveltos)     feature does not count as removed
 *   postDeleteChecks  never (the same fault)
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

/* Lets a deployment fail when a rule or a check wants it; `fate` says already how long it takes
 * and may have failed. */
void trouble_of_job(struct weather *weather, const struct trouble_job *job, struct job_fate *fate);
/* The same of a withdrawal. */
void trouble_of_withdrawal(struct weather *weather, const struct trouble_job *job,
                           struct job_fate *fate);

enum check_list { CHECKS_PRE_DEPLOY, CHECKS_HEALTH, CHECKS_PRE_DELETE };

/* The first of the feature's checks in a list that fails `since_ms` after what it is counted
 * from, told in `message` as it stands in the feature's failureMessage. False: all pass. */
bool trouble_of_checks(const struct weather *weather, const struct trouble_job *job,
                       enum check_list list, int64_t since_ms, struct buf *message);

#endif
