#include "fakeapi/sveltos/cluster_report.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/landing.h"
#include "fakeapi/sveltos/profile.h"
#include "fakeapi/sveltos/releases.h"

#define MESSAGE_BYTES_MAX 4096u /* a sentence with a few names */

const struct kind kind_cluster_report = {"config.projectsveltos.io/v1beta1", "ClusterReport",
                                         "clusterreports", true};

static const char *const report_lists[FEATURE_COUNT] = {
    [FEATURE_RESOURCES] = "resourceReports",
    [FEATURE_HELM] = "releaseReports",
    [FEATURE_KUSTOMIZE] = "kustomizeResourceReports",
};

static void on_change(void *ctx, const struct json *before, const struct json *after)
{
    (void)ctx;
    (void)before;
    (void)after;
}

void cluster_reports_init(struct informer *reports, struct addon *addon)
{
    struct informer_config informer = {
        .client = &addon->client,
        .timers = addon->timers,
        .kind = &kind_cluster_report,
        .on_change = on_change,
        .ctx = addon,
    };
    informer_init(reports, &informer);
}

static char *name_for(const struct site *site)
{
    struct str kind = str_from(cluster_kind(site->cluster_type)->name);
    return str_format("%.*s--%s--%.*s", STR_ARGS(site->profile), cluster_type_in_names(kind),
                      STR_ARGS(site->cluster));
}

static struct json *new_metadata(const struct site *site, const char *name)
{
    struct json *metadata = json_object();
    struct json *labels = json_object();
    json_set(labels, LABEL_CLUSTER_NAME, json_string(site->cluster));
    json_set(labels, LABEL_CLUSTER_TYPE, json_string(site->cluster_type));
    json_set(labels, LABEL_PROFILE_NAME, json_string(site->profile));
    json_set(metadata, "namespace", json_string(site->cluster_namespace));
    json_set(metadata, "name", json_text(name));
    json_set(metadata, "labels", labels);
    return metadata;
}

static void create(struct addon *addon, const struct site *site, const char *name)
{
    struct json *report = json_object();
    struct json *spec = json_object();
    json_set(spec, "clusterNamespace", json_string(site->cluster_namespace));
    json_set(spec, "clusterName", json_string(site->cluster));
    json_set(report, "apiVersion", json_text(kind_cluster_report.api_version));
    json_set(report, "kind", json_text(kind_cluster_report.name));
    json_set(report, "metadata", new_metadata(site, name));
    json_set(report, "spec", spec);
    client_create(&addon->client, &kind_cluster_report, report, NULL);
    json_free(report);
}

void cluster_report_ensure(struct profile_pass *pass, const struct json *reference)
{
    struct site site = {
        .profile = object_name(pass->profile),
        .cluster_namespace = json_text_at(reference, "namespace"),
        .cluster = json_text_at(reference, "name"),
        .cluster_type = str_from(cluster_type(json_text_at(reference, "kind"))),
    };
    char *name CLEANUP(mem_free_pointer) = name_for(&site);
    if (informer_get(&pass->addon->reports, site.cluster_namespace, str_from(name)) == NULL)
        create(pass->addon, &site, name);
}

void cluster_reports_remove(struct profile_pass *pass)
{
    MAP_EACH(entry, &pass->addon->reports.objects) {
        const struct json *report = map_entry_value(entry);
        if (str_equal(object_label(report, LABEL_PROFILE_NAME), object_name(pass->profile)))
            client_delete(&pass->addon->client, &kind_cluster_report, report, NULL);
    }
}

/* What a dry run compares: what is wanted, by whom, and what the cluster has. */
struct preview {
    const struct addon *addon;
    struct site site;
    enum feature feature;
    int64_t tier;
    const struct items *items;
    struct map wanted;
    struct json *reports;
};

static void add_report(struct preview *preview, const struct json *reference, const char *action,
                       struct str message)
{
    struct json *report = json_object();
    if (preview->feature == FEATURE_HELM) {
        json_set(report, "chartName", json_clone(json_get(reference, "releaseName")));
        json_set(report, "releaseNamespace", json_clone(json_get(reference, "namespace")));
        json_set(report, "chartVersion", json_clone(json_get(reference, "chartVersion")));
    } else {
        struct json *resource = json_clone(reference);
        json_remove(resource, "deploymentType");
        json_set(report, "resource", resource);
    }
    json_set(report, "action", json_text(action));
    if (!str_is_empty(message))
        json_set(report, "message", json_string(message));
    json_append(preview->reports, report);
}

static const char *release_action(const struct item *item, const struct item_wish *wish)
{
    if (wish->uninstall)
        return item != NULL ? "Delete" : "No Action";
    if (item == NULL)
        return "Install";
    if (!str_equal(json_text_at(item->reference, "chartVersion"),
                   json_text_at(wish->reference, "chartVersion")))
        return "Upgrade";
    return item->content == wish->content ? "No Action" : "Update Values";
}

static void preview_release(struct preview *preview, const struct json *chart,
                            const struct item_wish *wish, const struct item *item)
{
    struct release release = release_of_chart(chart);
    const struct json *manager = release_manager(preview->addon, &preview->site, &release);
    if (release_goes_to(preview->tier, manager)) {
        add_report(preview, wish->reference, release_action(item, wish), STR_NONE);
        return;
    }
    char *message CLEANUP(mem_free_pointer) = release_conflict_text(&release, manager);
    add_report(preview, wish->reference, "Conflict", str_from(message));
}

static void preview_resource(struct preview *preview, const struct item_wish *wish,
                             const struct item *item)
{
    struct buf message CLEANUP(buf_release);
    buf_init(&message, MESSAGE_BYTES_MAX);
    if (landing_owner(preview->addon, &preview->site, item, preview->tier) != NULL) {
        landing_describe_conflict(item, &message);
        add_report(preview, wish->reference, "Conflict", buf_str(&message));
    } else if (item == NULL) {
        add_report(preview, wish->reference, "Create", STR_NONE);
    } else { /* the owner is written on the resource */
        bool same = item->content == wish->content &&
                    str_equal(str_from(item->profile), preview->site.profile);
        add_report(preview, wish->reference, same ? "No Action" : "Update", STR_NONE);
    }
}

static void preview_entry(struct preview *preview, const struct json *entry)
{
    struct item_wish wish;
    item_wish_read(preview->feature, entry, &preview->site, &wish);
    const struct item *item =
        item_find(preview->items, &preview->site, preview->feature, wish.name);
    map_put(&preview->wanted, str_from(wish.name), preview);
    if (preview->feature == FEATURE_HELM)
        preview_release(preview, entry, &wish, item);
    else
        preview_resource(preview, &wish, item);
    item_wish_release(&wish);
}

/* What the profile has there and does not want any more. */
static void preview_rest(struct preview *preview)
{
    MAP_EACH(entry, items_of(preview->items, &preview->site)) {
        const struct item *item = map_entry_value(entry);
        if (item->feature == preview->feature &&
            str_equal(str_from(item->profile), preview->site.profile) &&
            map_get(&preview->wanted, str_from(item->name)) == NULL)
            add_report(preview, item->reference, "Delete", STR_NONE);
    }
}

/* Owned. */
static struct json *preview_all(const struct summary_pass *pass, enum feature feature)
{
    struct preview preview = {
        .addon = pass->addon,
        .site = summary_state_site(pass->state),
        .feature = feature,
        .tier = item_tier(pass->spec),
        .items = &pass->addon->ground_truth->items,
        .reports = json_array(),
    };
    map_init(&preview.wanted);
    JSON_EACH(entry, feature_content(pass->spec, feature))
        preview_entry(&preview, entry);
    preview_rest(&preview);
    map_release(&preview.wanted);
    return preview.reports;
}

void cluster_report_write(const struct summary_pass *pass, enum feature feature)
{
    struct site site = summary_state_site(pass->state);
    char *name CLEANUP(mem_free_pointer) = name_for(&site);
    const struct json *report =
        informer_get(&pass->addon->reports, site.cluster_namespace, str_from(name));
    if (report == NULL)
        return;
    struct json *reports = preview_all(pass, feature);
    if (json_equal(json_get(json_get(report, "status"), report_lists[feature]), reports)) {
        json_free(reports);
        return;
    }
    struct json *patch = json_object();
    struct json *status = json_object();
    json_set(status, report_lists[feature], reports);
    json_set(patch, "status", status);
    client_patch(&pass->addon->client, &kind_cluster_report, report, "status", patch);
    json_free(patch);
}
