#include "fakeapi/sveltos/summary.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/landing.h"
#include "fakeapi/sveltos/profile.h"
#include "fakeapi/sveltos/spec_render.h"

/* Source: facts, 6.2 ("Error back-off 1 s ... 5 min"). */
#define ERROR_BACKOFF_MIN_MS 1000
#define ERROR_BACKOFF_MAX_MS 300000
#define SUMMARY_PAUSED_ANNOTATION "cluster.x-k8s.io/paused"

void summary_retry_at(struct summary_pass *pass, int64_t at_ms)
{
    if (at_ms < pass->retry_at_ms)
        pass->retry_at_ms = at_ms;
}

static int64_t now_of(const struct summary_pass *pass)
{
    return pass->addon->timers->now_ms;
}

void summary_note_change(struct addon *addon, const struct json *summary)
{
    struct summary_state *state = summary_state_of(addon, summary);
    struct site site = summary_state_site(state);
    state->blind_until_ms =
        addon->timers->now_ms +
        weather_stale_for_ms(addon->weather, &site, object_generation(summary));
}

void summary_write_status(const struct addon *addon, const struct json *summary,
                          struct json *status)
{
    if (json_first(json_get(status, "featureSummaries")) == NULL)
        json_remove(status, "featureSummaries");
    client_patch_status(&addon->client, &kind_cluster_summary, summary, status);
}

static void write_status(struct summary_pass *pass)
{
    summary_write_status(pass->addon, pass->summary, pass->status);
}

static void retry_with_backoff(struct summary_pass *pass)
{
    int64_t delay_ms = ERROR_BACKOFF_MIN_MS;
    for (unsigned i = 0; i < pass->state->error_count && delay_ms < ERROR_BACKOFF_MAX_MS; i++)
        delay_ms *= 2;
    pass->state->error_count++;
    if (delay_ms > ERROR_BACKOFF_MAX_MS)
        delay_ms = ERROR_BACKOFF_MAX_MS;
    summary_retry_at(pass, now_of(pass) + delay_ms);
}

/* By name: Sveltos does not compare uids here. */
static const struct json *owner_of(const struct summary_pass *pass)
{
    JSON_EACH(owner, json_at(pass->summary, "metadata.ownerReferences")) {
        if (str_is(json_text_at(owner, "kind"), kind_cluster_profile.name))
            return informer_get(&pass->addon->profiles, STR_NONE, json_text_at(owner, "name"));
    }
    return NULL;
}

static bool is_paused(const struct summary_pass *pass, const struct json *cluster)
{
    return cluster_is_paused(cluster) ||
           object_has_annotation(pass->summary, SUMMARY_PAUSED_ANNOTATION);
}

static void suspend(struct summary_pass *pass)
{
    json_set(pass->status, "reconciliationSuspended", json_bool(true));
    json_set(pass->status, "suspensionReason", json_text("Cluster is paused"));
}

static void resume(struct summary_pass *pass)
{
    json_remove(pass->status, "reconciliationSuspended");
    json_remove(pass->status, "suspensionReason");
}

/* With LeavePolicies the deployments stay where they are. */
static bool withdraw_all(struct summary_pass *pass)
{
    bool gone = true;
    if (str_is(json_text_at(pass->spec, "stopMatchingBehavior"), "LeavePolicies")) {
        struct site site = summary_state_site(pass->state);
        landing_leave(pass->addon, &site);
        return true;
    }
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
        if (!feature_withdraw(pass, feature))
            gone = false;
    }
    return gone;
}

/* Source: facts, 6.5. */
static void reconcile_deletion(struct summary_pass *pass)
{
    const struct json *cluster = cluster_of_summary(pass->addon, pass->summary);
    bool gone = cluster == NULL;
    if (!object_has_finalizer(pass->summary, SUMMARY_FINALIZER))
        return;
    if (!gone && is_paused(pass, cluster)) {
        suspend(pass);
    } else if (!gone && !cluster_is_ready(cluster)) {
        summary_retry_at(pass, now_of(pass) + ADDON_RETRY_MS);
    } else if (!gone) {
        resume(pass);
        gone = dependents_are_gone(pass) && withdraw_all(pass);
    }
    write_status(pass);
    if (gone)
        client_set_finalizers(&pass->addon->client, &kind_cluster_summary, pass->summary,
                              object_finalizers_without(pass->summary, SUMMARY_FINALIZER));
}

static void ensure_finalizer(struct summary_pass *pass)
{
    if (object_has_finalizer(pass->summary, SUMMARY_FINALIZER))
        return;
    client_set_finalizers(&pass->addon->client, &kind_cluster_summary, pass->summary,
                          object_finalizers_with(pass->summary, SUMMARY_FINALIZER));
}

/* When the process says it will look again; absent when it has nothing to wait for. */
static void note_next_pass(struct summary_pass *pass)
{
    char text[KTIME_TEXT_BYTES];
    int64_t wait_ms = pass->cool_down_ms > 0 ? pass->cool_down_ms : ADDON_RETRY_MS;
    if (!pass->pending) {
        json_remove(pass->status, "nextReconcileTime");
        return;
    }
    if (pass->cool_down_ms == 0 && json_get(pass->status, "nextReconcileTime") != NULL)
        return;
    ktime_format_rfc3339(now_of(pass) + wait_ms, text);
    json_set(pass->status, "nextReconcileTime", json_text(text));
}

static void deploy_all(struct summary_pass *pass)
{
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++)
        feature_reconcile(pass, feature);
    note_next_pass(pass);
}

static bool is_done_once(const struct summary_pass *pass)
{
    return str_is(json_text_at(pass->spec, "syncMode"), "OneTime") &&
           json_count(json_at(pass->summary, "status.featureSummaries")) > 0 &&
           summary_is_provisioned(pass->summary);
}

static void reconcile_ready(struct summary_pass *pass, const struct json *cluster)
{
    json_remove(pass->status, "failureMessage");
    ensure_finalizer(pass);
    if (is_done_once(pass))
        return;
    if (is_paused(pass, cluster)) {
        suspend(pass);
        return;
    }
    resume(pass);
    if (dependencies_are_met(pass))
        deploy_all(pass);
    else
        summary_retry_at(pass, now_of(pass) + ADDON_RETRY_MS);
}

/* The order is Sveltos'. Source: facts, 6.2. */
static void reconcile_normal(struct summary_pass *pass)
{
    const struct json *cluster = cluster_of_summary(pass->addon, pass->summary);
    if (cluster == NULL || !cluster_is_ready(cluster))
        feature_fail_all(pass, "cluster is not ready");
    else
        reconcile_ready(pass, cluster);
    write_status(pass);
}

static void reconcile_pass(struct summary_pass *pass)
{
    if (owner_of(pass) == NULL) {
        retry_with_backoff(pass);
        return;
    }
    pass->state->error_count = 0;
    if (object_is_deleting(pass->summary))
        reconcile_deletion(pass);
    else
        reconcile_normal(pass);
}

/* A cool-down holds for the generation that failed. Source: facts, 6.2.2. */
static void follow_generation(struct summary_state *state, const struct json *summary)
{
    if (state->generation == object_generation(summary))
        return;
    state->generation = object_generation(summary);
    state->next_pass_ms = 0;
}

static void run_pass(struct addon *addon, const struct json *summary, struct str key)
{
    struct summary_pass pass = {
        .addon = addon,
        .state = summary_state_of(addon, summary),
        .summary = summary,
        .retry_at_ms = KTIME_NEVER,
    };
    struct json *spec = NULL;
    if (!profile_spec_render(json_at(summary, "spec.clusterProfileSpec"), &spec))
        return;
    pass.spec = spec;
    const struct json *status = json_get(summary, "status");
    pass.status = json_is(status, JSON_OBJECT) ? json_clone(status) : json_object();
    follow_generation(pass.state, summary);
    reconcile_pass(&pass);
    if (pass.retry_at_ms != KTIME_NEVER)
        queue_add(&addon->summary_queue, key, pass.retry_at_ms);
    json_free(pass.spec);
    json_free(pass.status);
}

void summary_reconcile(void *ctx, struct str key)
{
    struct addon *addon = ctx;
    addon_sync(addon);
    const struct json *summary = informer_get_key(&addon->summaries, key);
    if (summary == NULL)
        return;
    const struct summary_state *state = summary_state_of(addon, summary);
    if (addon->timers->now_ms < state->blind_until_ms)
        queue_add(&addon->summary_queue, key, state->blind_until_ms);
    else
        run_pass(addon, summary, key);
}
