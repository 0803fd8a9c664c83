#include "fakeapi/sveltos/cluster_report.h"
#include "fakeapi/sveltos/releases.h"

#include "controller/base/mem.h"

#define HEALTH_RETRY_MS 60000 /* --health-error-retry-time. Source: facts, 6.3 */
#define DRY_RUN_RETRY_MS 60000 /* source: facts, 6.3 */
#define TOO_MANY_FAILURES "the maximum number of consecutive errors has been reached"
#define DRY_RUN_MESSAGE "mode is DryRun. Nothing is reconciled"

static int64_t now_of(const struct summary_pass *pass)
{
    return pass->addon->timers->now_ms;
}

static struct json *entries_of(struct summary_pass *pass)
{
    if (json_get(pass->status, "featureSummaries") == NULL)
        json_set(pass->status, "featureSummaries", json_array());
    return json_get(pass->status, "featureSummaries");
}

static struct json *entry_in(struct json *entries, enum feature feature)
{
    JSON_EACH(entry, entries) {
        if (str_is(json_text_at(entry, "featureID"), feature_id(feature)))
            return entry;
    }
    return NULL;
}

static struct json *entry_of(struct summary_pass *pass, enum feature feature)
{
    struct json *entries = entries_of(pass);
    struct json *entry = entry_in(entries, feature);
    if (entry != NULL)
        return entry;
    entry = json_object();
    json_set(entry, "featureID", json_text(feature_id(feature)));
    json_append(entries, entry);
    return entry;
}

static bool status_is(const struct json *entry, const char *status)
{
    return str_is(json_text_at(entry, "status"), status);
}

static void set_status(struct json *entry, const char *status)
{
    json_set(entry, "status", json_text(status));
}

static int64_t failures_of(const struct json *entry)
{
    int64_t failures = 0;
    if (!json_int_of(json_get(entry, "consecutiveFailures"), &failures))
        return 0;
    return failures;
}

static void add_failure(struct json *entry)
{
    json_set(entry, "consecutiveFailures", json_int(failures_of(entry) + 1));
}

static void stamp(const struct summary_pass *pass, struct json *entry)
{
    char now[KTIME_TEXT_BYTES];
    ktime_format_rfc3339(now_of(pass), now);
    json_set(entry, "lastAppliedTime", json_text(now));
}

static void start_job(struct summary_pass *pass, enum feature feature, const struct json *entry,
                      const char *hash)
{
    pass->pending = true;
    /* A job for what was wanted before is not interrupted: the next pass starts ours. */
    if (pass->state->jobs[feature].phase == JOB_RUNNING)
        return;
    struct job_order order = {
        .feature = feature,
        .again = object_generation(pass->summary) > 1 ||
                 json_get(entry, "lastAppliedTime") != NULL,
        .spec = pass->spec,
        .hash = hash,
    };
    job_start(pass->state, &order);
}

static bool is_given_up(const struct summary_pass *pass, const struct json *entry)
{
    int64_t failures_max = 0;
    return json_int_of(json_get(pass->spec, "maxConsecutiveFailures"), &failures_max) &&
           failures_of(entry) >= failures_max;
}

static void give_up(struct json *entry)
{
    set_status(entry, "FailedNonRetriable");
}

static int64_t largest_failures(const struct summary_pass *pass)
{
    int64_t largest = 0;
    JSON_EACH(entry, json_get(pass->status, "featureSummaries")) {
        if (failures_of(entry) > largest)
            largest = failures_of(entry);
    }
    return largest;
}

/* 10 s, and a random multiple of it once any feature failed more than once in a row. */
static int64_t cool_down_of(const struct summary_pass *pass, enum feature feature)
{
    struct site site = summary_state_site(pass->state);
    int64_t failures = largest_failures(pass);
    if (failures <= 1)
        return ADDON_RETRY_MS;
    return ADDON_RETRY_MS *
           weather_retry_factor(pass->addon->weather, &site, feature, failures);
}

static void tell(const struct summary_pass *pass, const char *type, const char *reason,
                 const char *note)
{
    struct recording recording = {.regarding = pass->summary,
                                  .type = type,
                                  .reason = reason,
                                  .action = kind_cluster_summary.name,
                                  .note = note};
    recorder_tell(&pass->addon->recorder, &recording);
}

static void tell_success(const struct summary_pass *pass, enum feature feature)
{
    struct site site = summary_state_site(pass->state);
    char *note CLEANUP(mem_free_pointer) =
        str_format("Feature: %s deployed to cluster %.*s %.*s/%.*s", feature_id(feature),
                   STR_ARGS(site.cluster_type), STR_ARGS(site.cluster_namespace),
                   STR_ARGS(site.cluster));
    tell(pass, "Normal", "Sveltos", note);
}

static void take_failure(struct summary_pass *pass, struct json *entry, const struct job *job)
{
    char hash[SHA256_BASE64_BYTES];
    int64_t cool_down_ms = 0;
    const char *message = job->conflict != NULL ? job->conflict : job->fate.message;
    set_status(entry, "Failed");
    json_set(entry, "failureMessage", json_text(message));
    stamp(pass, entry);
    add_failure(entry);
    if (job->fate.for_good) {
        add_failure(entry);
        give_up(entry);
        tell(pass, "Warning", "FailedNonRetriable", message);
        return;
    }
    if (is_given_up(pass, entry)) {
        json_set(entry, "failureMessage", json_text(TOO_MANY_FAILURES));
        give_up(entry);
        return;
    }
    cool_down_ms = cool_down_of(pass, job->feature);
    if (cool_down_ms > pass->cool_down_ms)
        pass->cool_down_ms = cool_down_ms;
    pass->state->next_pass_ms = now_of(pass) + pass->cool_down_ms;
    memcpy(hash, job->hash, sizeof(hash));
    start_job(pass, job->feature, entry, hash);
}

static bool spec_detects_drift(const struct json *spec)
{
    return str_is(json_text_at(spec, "syncMode"), "ContinuousWithDriftDetection");
}

bool summary_detects_drift(const struct json *summary)
{
    return summary != NULL && !object_is_deleting(summary) &&
           spec_detects_drift(json_at(summary, "spec.clusterProfileSpec"));
}

static void take_success(struct summary_pass *pass, struct json *entry, enum feature feature)
{
    if (feature == FEATURE_HELM)
        releases_settle(pass);
    set_status(entry, "Provisioned");
    json_remove(entry, "failureMessage");
    json_remove(entry, "consecutiveFailures");
    if (spec_detects_drift(pass->spec))
        json_set(entry, "resourceSummaryDeployed", json_bool(true));
    else
        json_remove(entry, "resourceSummaryDeployed");
    stamp(pass, entry);
    tell_success(pass, feature);
}

/* Deployed, but a health check does not pass: counted twice, and tried again in a minute however
 * often it fails. Source: facts, 6.3, 6.4. */
static void take_unhealthy(struct summary_pass *pass, struct json *entry, const struct job *job)
{
    set_status(entry, "Failed");
    json_set(entry, "failureMessage", json_text(job->fate.message));
    stamp(pass, entry);
    add_failure(entry);
    add_failure(entry);
    if (pass->cool_down_ms < HEALTH_RETRY_MS)
        pass->cool_down_ms = HEALTH_RETRY_MS;
    pass->state->next_pass_ms = now_of(pass) + pass->cool_down_ms;
    pass->pending = true;
    summary_retry_at(pass, pass->state->next_pass_ms);
}

/* A dry run never ends: it is done again every minute. */
static void take_dry_run(struct summary_pass *pass, struct json *entry, const struct job *job)
{
    if (job->feature == FEATURE_HELM) {
        set_status(entry, "Failed");
        json_set(entry, "failureMessage", json_text(DRY_RUN_MESSAGE));
    } else {
        set_status(entry, "Provisioning");
    }
    stamp(pass, entry);
    cluster_report_write(pass, job->feature);
    pass->pending = true;
    summary_retry_at(pass, now_of(pass) + DRY_RUN_RETRY_MS);
}

static void take_result(struct summary_pass *pass, struct json *entry, struct job *job)
{
    job->phase = JOB_NONE;
    if (job->dry_run)
        take_dry_run(pass, entry, job);
    else if (job->fate.fails)
        take_failure(pass, entry, job);
    else if (job->fate.unhealthy)
        take_unhealthy(pass, entry, job);
    else
        take_success(pass, entry, job->feature);
}

/* A job that is queued after several failures is looked at late, as a failure would be. */
static void cool_down_again(struct summary_pass *pass, enum feature feature)
{
    if (pass->state->jobs[feature].phase == JOB_RUNNING || largest_failures(pass) <= 1)
        return;
    int64_t cool_down_ms = cool_down_of(pass, feature);
    if (cool_down_ms > pass->cool_down_ms)
        pass->cool_down_ms = cool_down_ms;
    pass->state->next_pass_ms = now_of(pass) + pass->cool_down_ms;
}

/* The configuration is the one that the summary already shows. */
static void continue_feature(struct summary_pass *pass, struct json *entry, enum feature feature,
                             const char *hash)
{
    struct job *job = &pass->state->jobs[feature];
    bool is_result = job->phase == JOB_ENDED && !job->withdraw && str_is(str_from(hash), job->hash);
    if (status_is(entry, "Provisioned") || status_is(entry, "FailedNonRetriable"))
        return;
    if (is_result && now_of(pass) >= pass->state->next_pass_ms) {
        take_result(pass, entry, job);
        return;
    }
    pass->pending = true;
    bool cooling = job->phase == JOB_NONE && now_of(pass) < pass->state->next_pass_ms;
    if (is_result || cooling) {
        summary_retry_at(pass, pass->state->next_pass_ms);
        return;
    }
    if (!status_is(entry, "Failed") || job->phase != JOB_RUNNING)
        set_status(entry, "Provisioning");
    cool_down_again(pass, feature);
    start_job(pass, feature, entry, hash);
}

static bool is_dry_run(const struct summary_pass *pass)
{
    return str_is(json_text_at(pass->spec, "syncMode"), "DryRun");
}

/* Who managed a release that this summary wants is gone. */
static bool is_freed(const struct summary_pass *pass, enum feature feature)
{
    return feature == FEATURE_HELM && !is_dry_run(pass) && releases_wait_is_over(pass);
}

void feature_reconcile(struct summary_pass *pass, enum feature feature)
{
    char hash[SHA256_BASE64_BYTES];
    struct json *entry = entry_in(entries_of(pass), feature);
    if (feature_content(pass->spec, feature) == NULL && entry == NULL)
        return;
    entry = entry_of(pass, feature);
    feature_hash(pass->spec, feature, hash);
    if (str_is(json_text_at(entry, "hash"), hash) && !is_freed(pass, feature)) {
        continue_feature(pass, entry, feature, hash);
        return;
    }
    if (feature == FEATURE_HELM && !is_dry_run(pass))
        releases_claim(pass);
    json_remove(entry, "consecutiveFailures");
    set_status(entry, "Provisioning");
    json_set(entry, "hash", json_text(hash));
    pass->state->next_pass_ms = 0;
    start_job(pass, feature, entry, hash);
}

void feature_fail_all(struct summary_pass *pass, const char *message)
{
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
        if (feature_content(pass->spec, feature) == NULL)
            continue;
        struct json *entry = entry_of(pass, feature);
        set_status(entry, "Failed");
        json_set(entry, "failureMessage", json_text(message));
        json_remove(entry, "hash");
    }
}

void feature_redeploy(struct addon *addon, const struct json *summary, enum feature feature,
                      struct json *helm_releases)
{
    struct json *status = json_clone(json_get(summary, "status"));
    struct json *entry = entry_in(json_get(status, "featureSummaries"), feature);
    if (helm_releases != NULL)
        json_set(status, "helmReleaseSummaries", helm_releases);
    if (entry != NULL && !object_is_deleting(summary)) {
        set_status(entry, "Provisioning");
        json_remove(entry, "hash");
    }
    summary_write_status(addon, summary, status);
    json_free(status);
}

/* A check did not pass: at most one attempt per 10 s. Source: facts, 6.5. */
static void take_withheld(struct summary_pass *pass, struct json *entry, const struct job *job)
{
    json_set(entry, "failureMessage", json_text(job->fate.message));
    pass->state->next_pass_ms = now_of(pass) + ADDON_RETRY_MS;
}

bool feature_withdraw(struct summary_pass *pass, enum feature feature)
{
    struct job *job = &pass->state->jobs[feature];
    struct json *entry = entry_in(entries_of(pass), feature);
    if (entry == NULL || status_is(entry, "Removed"))
        return true;
    if (job->phase == JOB_ENDED && job->withdraw) {
        job->phase = JOB_NONE;
        if (!job->fate.unhealthy) {
            json_remove(entry, "failureMessage");
            set_status(entry, "Removed");
            return true;
        }
        take_withheld(pass, entry, job);
    }
    set_status(entry, "Removing");
    if (now_of(pass) < pass->state->next_pass_ms) {
        summary_retry_at(pass, pass->state->next_pass_ms);
    } else if (job->phase != JOB_RUNNING) {
        struct job_order order = {
            .feature = feature, .withdraw = true, .again = true, .spec = pass->spec, .hash = ""};
        job_start(pass->state, &order);
    }
    return false;
}
