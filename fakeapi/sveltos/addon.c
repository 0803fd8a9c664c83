#include "fakeapi/sveltos/addon.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/cluster_report.h"
#include "fakeapi/sveltos/cluster_set.h"
#include "fakeapi/sveltos/profile.h"
#include "fakeapi/sveltos/releases.h"

/* The field manager is what stands before the slash. Source: facts, 2.1. */
#define USER_AGENT "manager/v1.13.0 (linux/amd64) addon-controller"
#define RETRIGGER_ANNOTATION "projectsveltos.io/retrigger"

static bool differs(const struct json *before, const struct json *after, const char *path)
{
    return !json_equal(json_at(before, path), json_at(after, path));
}

static void enqueue_now(struct queue *queue, const struct json *object)
{
    char *key CLEANUP(mem_free_pointer) = object_key(object);
    queue_add_after(queue, str_from(key), 0);
}

static void on_profile_change(void *ctx, const struct json *before, const struct json *after)
{
    struct addon *addon = ctx;
    bool matters = before == NULL || after == NULL ||
                   differs(before, after, "metadata.generation") ||
                   differs(before, after, "metadata.labels") ||
                   differs(before, after, "metadata.annotations") ||
                   differs(before, after, "status.dependenciesHash");
    if (matters)
        enqueue_now(&addon->profile_queue, after != NULL ? after : before);
}

/* Those that had this cluster, and those that would have it now. */
static void enqueue_profiles_of(struct addon *addon, const struct json *cluster)
{
    MAP_EACH(entry, &addon->profiles.objects) {
        const struct json *profile = map_entry_value(entry);
        if (matching_concerns(profile, cluster))
            enqueue_now(&addon->profile_queue, profile);
    }
}

static void enqueue_summaries_of(struct addon *addon, const struct json *cluster)
{
    MAP_EACH(entry, &addon->summaries.objects) {
        const struct json *summary = map_entry_value(entry);
        if (cluster_is_of_summary(cluster, summary))
            enqueue_now(&addon->summary_queue, summary);
    }
}

static void on_cluster_change(void *ctx, const struct json *before, const struct json *after)
{
    struct addon *addon = ctx;
    const struct json *cluster = after != NULL ? after : before;
    cluster_set_on_cluster(addon, before, after);
    if (!cluster_change_matters(before, after))
        return;
    enqueue_profiles_of(addon, cluster);
    enqueue_summaries_of(addon, cluster);
}

static bool hashes_differ(const struct json *before, const struct json *after)
{
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
        const struct json *entry =
            feature_summary(json_at(before, "status.featureSummaries"), feature);
        const struct json *present =
            feature_summary(json_at(after, "status.featureSummaries"), feature);
        if (!str_equal(json_text_at(entry, "hash"), json_text_at(present, "hash")))
            return true;
    }
    return false;
}

static bool summary_change_matters(const struct json *before, const struct json *after)
{
    struct str retrigger = json_string_of(
        json_get(json_at(before, "metadata.annotations"), RETRIGGER_ANNOTATION));
    struct str retrigger_now = json_string_of(
        json_get(json_at(after, "metadata.annotations"), RETRIGGER_ANNOTATION));
    return before == NULL || differs(before, after, "metadata.generation") ||
           !str_equal(retrigger, retrigger_now) || hashes_differ(before, after);
}

static void on_summary_change(void *ctx, const struct json *before, const struct json *after)
{
    struct addon *addon = ctx;
    if (before != NULL)
        releases_on_change(addon, before, after);
    if (after == NULL) {
        neighbours_remove(&addon->neighbours, before);
        summary_state_forget(addon, before);
        return;
    }
    if (before == NULL)
        neighbours_add(&addon->neighbours, after);
    if (before != NULL && !object_is_deleting(after) && differs(before, after, "spec"))
        summary_note_change(addon, after);
    if (summary_change_matters(before, after))
        enqueue_now(&addon->summary_queue, after);
}

void addon_init(struct addon *addon, const struct addon_config *config)
{
    *addon = (struct addon){
        .client = {config->api, USER_AGENT},
        .timers = config->timers,
        .weather = config->weather,
        .ground_truth = config->ground_truth,
    };
    struct informer_config informer = {
        .client = &addon->client, .timers = config->timers, .ctx = addon};
    informer.kind = &kind_cluster_profile;
    informer.on_change = on_profile_change;
    informer_init(&addon->profiles, &informer);
    informer.kind = &kind_sveltos_cluster;
    informer.on_change = on_cluster_change;
    informer_init(&addon->clusters, &informer);
    informer.kind = &kind_capi_cluster;
    informer_init(&addon->capi_clusters, &informer);
    informer.kind = &kind_cluster_set;
    informer.on_change = cluster_set_on_change;
    informer_init(&addon->cluster_sets, &informer);
    informer.kind = &kind_cluster_summary;
    informer.on_change = on_summary_change;
    informer_init(&addon->summaries, &informer);
    dependents_init(&addon->dependents, addon);
    drift_init(&addon->drift, addon);
    recorder_init(&addon->recorder, config->api, config->timers);
    queue_init(&addon->set_queue, config->timers, cluster_set_reconcile, addon);
    queue_init(&addon->profile_queue, config->timers, profile_reconcile, addon);
    queue_init(&addon->summary_queue, config->timers, summary_reconcile, addon);
    neighbours_init(&addon->neighbours);
    cluster_configurations_init(&addon->configurations, addon);
    cluster_reports_init(&addon->reports, addon);
    map_init(&addon->awaited);
    map_init(&addon->states);
}

/* Looked up once per process: a definition that comes later is not noticed. */
static bool is_capi_served(const struct addon *addon)
{
    struct json *list = NULL;
    int status = client_list(&addon->client, &kind_capi_cluster, &list);
    json_free(list);
    return status == 200;
}

void addon_sync(struct addon *addon)
{
    informer_sync(&addon->clusters);
    if (addon->capi_served)
        informer_sync(&addon->capi_clusters);
    informer_sync(&addon->cluster_sets);
    informer_sync(&addon->configurations.informer);
    informer_sync(&addon->reports);
    informer_sync(&addon->profiles);
    informer_sync(&addon->summaries);
}

void addon_start(struct addon *addon)
{
    recorder_start(&addon->recorder);
    informer_start(&addon->clusters);
    addon->capi_served = is_capi_served(addon);
    if (addon->capi_served)
        informer_start(&addon->capi_clusters);
    informer_start(&addon->cluster_sets);
    informer_start(&addon->configurations.informer);
    informer_start(&addon->reports);
    informer_start(&addon->profiles);
    dependents_start(&addon->dependents);
    informer_start(&addon->summaries);
    drift_start(&addon->drift);
}

void addon_stop(struct addon *addon)
{
    queue_clear(&addon->set_queue);
    queue_clear(&addon->profile_queue);
    dependents_clear(&addon->dependents);
    drift_stop(&addon->drift);
    recorder_stop(&addon->recorder);
    queue_clear(&addon->summary_queue);
    summary_state_forget_all(addon);
    cluster_summary_forget_all_delays(addon);
    informer_stop(&addon->profiles);
    informer_stop(&addon->clusters);
    informer_stop(&addon->capi_clusters);
    informer_stop(&addon->cluster_sets);
    cluster_configurations_stop(&addon->configurations);
    informer_stop(&addon->reports);
    informer_stop(&addon->summaries);
    neighbours_clear(&addon->neighbours);
}

void addon_release(struct addon *addon)
{
    addon_stop(addon);
    informer_release(&addon->profiles);
    informer_release(&addon->clusters);
    informer_release(&addon->capi_clusters);
    informer_release(&addon->cluster_sets);
    cluster_configurations_release(&addon->configurations);
    informer_release(&addon->reports);
    informer_release(&addon->summaries);
    drift_release(&addon->drift);
    recorder_release(&addon->recorder);
    queue_release(&addon->set_queue);
    queue_release(&addon->profile_queue);
    queue_release(&addon->summary_queue);
    map_release(&addon->awaited);
    map_release(&addon->states);
}
