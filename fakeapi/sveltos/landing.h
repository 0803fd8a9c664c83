/*
 * What a job that ends does to its cluster: which releases and resources it deploys, over whose,
 * and which it may not touch. The lower tier wins; of equal ones, who is there already.
 * Source: facts, 5.10.
 *
 * An owner counts for as long as there is a summary of it for the cluster: what it left behind
 * in any other way is free.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_LANDING_H
#define PROMOTER_FAKEAPI_SVELTOS_LANDING_H

#include "fakeapi/sveltos/deploy.h"

/* Makes a failure of the job's fate, with job->conflict as its text, when anything belongs to
 * another profile. */
void landing_deploy(struct job *job);
void landing_withdraw(struct job *job);
/* The profile goes and leaves all that it deployed to the cluster. */
void landing_leave(struct addon *addon, const struct site *site);

/* The summary of another profile whose resource this is and stays; NULL: it may be taken. */
const struct json *landing_owner(const struct addon *addon, const struct site *site,
                                 const struct item *item, int64_t tier);
/* The text of a conflict over a resource. */
void landing_describe_conflict(const struct item *item, struct buf *text);

#endif
