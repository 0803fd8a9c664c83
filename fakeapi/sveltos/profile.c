#include "fakeapi/sveltos/profile.h"

#include "fakeapi/sveltos/cluster_report.h"
#include "fakeapi/sveltos/spec_render.h"

void profile_retry_at(struct profile_pass *pass, int64_t at_ms)
{
    if (at_ms < pass->retry_at_ms)
        pass->retry_at_ms = at_ms;
}

bool profile_mode_is(const struct profile_pass *pass, const char *sync_mode)
{
    return str_is(json_text_at(pass->spec, "syncMode"), sync_mode);
}

static void retry_soon(struct profile_pass *pass)
{
    profile_retry_at(pass, pass->addon->timers->now_ms + ADDON_RETRY_MS);
}

static void patch_metadata(struct profile_pass *pass, struct json *metadata)
{
    struct json *patch = json_object();
    json_set(patch, "metadata", metadata);
    client_patch(&pass->addon->client, &kind_cluster_profile, pass->profile, NULL, patch);
    json_free(patch);
}

static void write_labels(struct profile_pass *pass)
{
    const struct json *present = json_at(pass->profile, "metadata.labels");
    if (json_first(pass->labels) == NULL || json_equal(present, pass->labels))
        return;
    struct json *metadata = json_object();
    json_set(metadata, "labels", object_diff(present, pass->labels));
    patch_metadata(pass, metadata);
}

static void write_status(struct profile_pass *pass)
{
    client_patch_status(&pass->addon->client, &kind_cluster_profile, pass->profile, pass->status);
}

static void ensure_finalizer(struct profile_pass *pass)
{
    if (object_has_finalizer(pass->profile, PROFILE_FINALIZER))
        return;
    client_set_finalizers(&pass->addon->client, &kind_cluster_profile, pass->profile,
                          object_finalizers_with(pass->profile, PROFILE_FINALIZER));
}

static void set_matching(struct profile_pass *pass, const struct json *matching)
{
    if (json_first(matching) != NULL)
        json_set(pass->status, "matchingClusters", json_clone(matching));
    else
        json_remove(pass->status, "matchingClusters");
}

static void suspend(struct profile_pass *pass)
{
    json_set(pass->status, "reconciliationSuspended", json_bool(true));
    json_set(pass->status, "suspensionReason", json_text("ClusterProfile is paused"));
}

static void resume(struct profile_pass *pass)
{
    json_remove(pass->status, "reconciliationSuspended");
    json_remove(pass->status, "suspensionReason");
}

/* All summaries go; then the finalizer, and the profile with it. Source: facts, 5.9. */
static void reconcile_deletion(struct profile_pass *pass)
{
    struct reference_set none;
    if (!object_has_finalizer(pass->profile, PROFILE_FINALIZER))
        return;
    reference_set_init(&none, NULL);
    cluster_summary_forget_delays(pass->addon, object_name(pass->profile), &none);
    bool any_left = cluster_summary_withdraw(pass, &none);
    if (!any_left) {
        cluster_configuration_clean(pass, &none);
        cluster_reports_remove(pass);
    }
    reference_set_release(&none);
    set_matching(pass, NULL);
    write_status(pass);
    if (any_left) {
        retry_soon(pass);
        return;
    }
    dependents_register(&pass->addon->dependents, object_name(pass->profile), NULL, NULL);
    client_set_finalizers(&pass->addon->client, &kind_cluster_profile, pass->profile,
                          object_finalizers_without(pass->profile, PROFILE_FINALIZER));
}

/* What is there for people to read. A dry run changes nothing about what was deployed. */
static void prepare_reports(struct profile_pass *pass, const struct json *matching)
{
    JSON_EACH(reference, matching) {
        cluster_configuration_ensure(pass, reference);
        if (profile_mode_is(pass, "DryRun"))
            cluster_report_ensure(pass, reference);
    }
    if (!profile_mode_is(pass, "DryRun"))
        cluster_reports_remove(pass);
}

/* All summaries are as they shall be. */
static void settle(struct profile_pass *pass, const struct json *matching,
                   const struct reference_set *matching_set)
{
    if (!profile_mode_is(pass, "DryRun"))
        cluster_configuration_clean(pass, matching_set);
    dependents_register(&pass->addon->dependents, object_name(pass->profile),
                        json_get(pass->spec, "dependsOn"), matching);
}

/* Summaries for those that match, none for the others. */
static void serve_clusters(struct profile_pass *pass, const struct json *matching)
{
    struct reference_set matching_set;
    reference_set_init(&matching_set, matching);
    cluster_summary_forget_delays(pass->addon, object_name(pass->profile), &matching_set);
    prepare_reports(pass, matching);
    if (rollout_run(pass, matching, &matching_set)) {
        if (cluster_summary_withdraw(pass, &matching_set))
            retry_soon(pass);
        else
            settle(pass, matching, &matching_set);
    }
    reference_set_release(&matching_set);
}

/* The order is Sveltos'; an error ends the pass. Source: facts, 5.3. */
static void reconcile_normal(struct profile_pass *pass)
{
    struct json *matching = NULL;
    ensure_finalizer(pass);
    if (!matching_clusters(pass, &matching)) {
        retry_soon(pass);
    } else {
        set_matching(pass, matching);
        serve_clusters(pass, matching);
        json_free(matching);
    }
    write_labels(pass);
    write_status(pass);
}

static void reconcile_pass(struct profile_pass *pass)
{
    if (object_has_annotation(pass->profile, PROFILE_PAUSED_ANNOTATION)) {
        suspend(pass);
        write_status(pass);
        return;
    }
    resume(pass);
    if (object_is_deleting(pass->profile))
        reconcile_deletion(pass);
    else
        reconcile_normal(pass);
}

/* A list of ours that is absent; `{}` is what Go writes for an empty struct. */
static struct json *initial_status(const struct json *profile)
{
    struct json *status = json_clone(json_get(profile, "status"));
    if (!json_is(status, JSON_OBJECT)) {
        json_free(status);
        status = json_object();
    }
    if (json_get(status, "updatingClusters") == NULL)
        json_set(status, "updatingClusters", json_object());
    if (json_get(status, "updatedClusters") == NULL)
        json_set(status, "updatedClusters", json_object());
    return status;
}

void profile_reconcile(void *ctx, struct str key)
{
    struct addon *addon = ctx;
    struct profile_pass pass = {.addon = addon, .retry_at_ms = KTIME_NEVER};
    addon_sync(addon);
    pass.profile = informer_get_key(&addon->profiles, key);
    /* What Go cannot decode, Sveltos does not see. */
    struct json *spec = NULL;
    if (pass.profile == NULL || !profile_spec_render(json_get(pass.profile, "spec"), &spec))
        return;
    pass.spec = spec;
    const struct json *labels = json_at(pass.profile, "metadata.labels");
    pass.labels = labels != NULL ? json_clone(labels) : json_object();
    pass.status = initial_status(pass.profile);
    pass.subject = cluster_summary_subject(pass.profile);
    reconcile_pass(&pass);
    if (pass.retry_at_ms != KTIME_NEVER)
        queue_add(&addon->profile_queue, key, pass.retry_at_ms);
    json_free(pass.spec);
    json_free(pass.labels);
    json_free(pass.status);
}
