/*
 * What happens to deployments that no controller decides: how long they take, whether they
 * fail. Every draw comes from a stream named after what it is about, never from a shared
 * sequence, and the counts in these names outlive a restart of Sveltos.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_WEATHER_H
#define PROMOTER_FAKEAPI_SVELTOS_WEATHER_H

#include "controller/base/map.h"
#include "fakeapi/sveltos/features.h"
#include "fakeapi/sveltos/world.h"

/* Without a rule. Source: facts, 6.4; baseline (summaries 0.3 s after their profile). */
#define WEATHER_TAKES_MS 10000
#define WEATHER_CREATED_AFTER_MS 300
#define WEATHER_STALE_FOR_MS 300
#define WEATHER_MESSAGE "cannot deploy: the deployment failed"

struct weather {
    uint64_t seed;
    const struct world_rule *rules; /* borrowed */
    size_t rule_count;
    struct map counts; /* unsigned by name: of jobs, of failures */
    struct map firsts; /* int64_t by name: when something happened for the first time */
};

/* One place where a profile is deployed. All borrowed. */
struct site {
    struct str profile;
    struct str cluster_namespace;
    struct str cluster;
    struct str cluster_type; /* "Sveltos" or "Capi" */
};

/* "TYPE/NAMESPACE/NAME" of the cluster; owned. */
char *site_cluster_key(const struct site *site);

/* What becomes of one job. */
struct job_fate {
    int64_t takes_ms;
    bool fails;
    bool for_good;
    bool unhealthy; /* a check failed: `message` says which */
    bool held;      /* it was one that comes first: nothing was done to the cluster */
    char message[512];
};

void weather_init(struct weather *weather, const struct world_config *config);
void weather_release(struct weather *weather);

/* '*' stands for any bytes; an empty pattern matches everything. */
bool glob_matches(struct str pattern, struct str text);

/* Is a rule about this feature at this site? */
bool rule_covers_feature(const struct world_rule *rule, const struct site *site,
                         enum feature feature);
/* Sveltos' flag --capi-onboard-annotation; STR_NONE: not set. */
struct str weather_capi_onboard_annotation(const struct weather *weather);

/* The next job of a feature at a site; `hash` is its configuration, whose failures are counted. */
struct job_fate weather_of_job(struct weather *weather, const struct site *site,
                               enum feature feature, struct str hash, bool withdraw);
/* From the `generation`-th form of a profile to the summary. */
int64_t weather_created_after_ms(const struct weather *weather, const struct site *site,
                                 int64_t generation);
/* How long the status of a summary of this generation stays old. */
int64_t weather_stale_for_ms(const struct weather *weather, const struct site *site,
                             int64_t generation);
/* Sveltos waits a multiple of 10 s before it looks again at what failed more than once:
 * uniform in 2 to min(6, failures). */
int64_t weather_retry_factor(const struct weather *weather, const struct site *site,
                             enum feature feature, int64_t failures);
/* When a feature's configuration first met with `subject` at a site: what was noted, else `now_ms`,
 * which is noted. */
int64_t weather_first_ms(struct weather *weather, const char *subject, const struct site *site,
                         enum feature feature, struct str hash, int64_t now_ms);
/* Any other choice within a range, from a stream of its own. */
int64_t weather_draw(const struct weather *weather, const char *subject, const struct site *site,
                     int64_t number, const struct world_range *range);
/* The order of a profile's clusters is random, anew in each pass: the number of the next one, and
 * this cluster's rank in it. */
unsigned weather_next_pass(struct weather *weather, struct str profile);
uint64_t weather_rank(const struct weather *weather, const struct site *site, unsigned pass);

#endif
