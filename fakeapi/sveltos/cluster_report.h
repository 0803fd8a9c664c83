/*
 * ClusterReports: what a profile in DryRun would do to a cluster. Source: facts, 5.7.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_CLUSTER_REPORT_H
#define PROMOTER_FAKEAPI_SVELTOS_CLUSTER_REPORT_H

#include "fakeapi/sveltos/features.h"
#include "fakeapi/sveltos/informer.h"

struct addon;
struct profile_pass;
struct summary_pass;

extern const struct kind kind_cluster_report;

void cluster_reports_init(struct informer *reports, struct addon *addon);
/* Of a profile in DryRun, for one of its clusters. */
void cluster_report_ensure(struct profile_pass *pass, const struct json *reference);
/* The profile left DryRun, or goes. */
void cluster_reports_remove(struct profile_pass *pass);
/* A dry run of the feature ended. */
void cluster_report_write(const struct summary_pass *pass, enum feature feature);

#endif
