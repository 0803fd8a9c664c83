#include "fakeapi/sveltos/cluster_configuration.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/profile.h"

const struct kind kind_cluster_configuration = {"config.projectsveltos.io/v1beta1",
                                                "ClusterConfiguration", "clusterconfigurations",
                                                true};

static void on_change(void *ctx, const struct json *before, const struct json *after)
{
    (void)ctx;
    (void)before;
    (void)after;
}

static void reconcile(void *ctx, struct str key);

void cluster_configurations_init(struct cluster_configurations *configurations,
                                 struct addon *addon)
{
    struct informer_config informer = {
        .client = &addon->client,
        .timers = addon->timers,
        .kind = &kind_cluster_configuration,
        .on_change = on_change,
        .ctx = addon,
    };
    informer_init(&configurations->informer, &informer);
    queue_init(&configurations->queue, addon->timers, reconcile, addon);
}

void cluster_configurations_stop(struct cluster_configurations *configurations)
{
    queue_clear(&configurations->queue);
    informer_stop(&configurations->informer);
}

void cluster_configurations_release(struct cluster_configurations *configurations)
{
    informer_release(&configurations->informer);
    queue_release(&configurations->queue);
}

static char *name_for(struct str cluster_kind_name, struct str cluster)
{
    return str_format("%s--%.*s", cluster_type_in_names(cluster_kind_name), STR_ARGS(cluster));
}

static bool is_owned_by(const struct json *configuration, const struct json *profile)
{
    JSON_EACH(owner, json_at(configuration, "metadata.ownerReferences")) {
        if (str_equal(json_text_at(owner, "uid"), object_uid(profile)))
            return true;
    }
    return false;
}

/* All owners but this profile; owned. */
static struct json *other_owners(const struct json *configuration, const struct json *profile)
{
    struct json *owners = json_array();
    JSON_EACH(owner, json_at(configuration, "metadata.ownerReferences")) {
        if (!str_equal(json_text_at(owner, "uid"), object_uid(profile)))
            json_append(owners, json_clone(owner));
    }
    return owners;
}

static void create(const struct profile_pass *pass, const struct json *reference, const char *name)
{
    struct json *configuration = json_object();
    struct json *metadata = json_object();
    struct json *labels = json_object();
    struct json *owners = json_array();
    struct str kind = json_text_at(reference, "kind");
    json_append(owners, object_owner_reference(&kind_cluster_profile, pass->profile));
    json_set(labels, LABEL_CLUSTER_NAME, json_clone(json_get(reference, "name")));
    json_set(labels, LABEL_CLUSTER_TYPE, json_text(cluster_type(kind)));
    json_set(metadata, "namespace", json_clone(json_get(reference, "namespace")));
    json_set(metadata, "name", json_text(name));
    json_set(metadata, "labels", labels);
    json_set(metadata, "ownerReferences", owners);
    json_set(configuration, "apiVersion", json_text(kind_cluster_configuration.api_version));
    json_set(configuration, "kind", json_text(kind_cluster_configuration.name));
    json_set(configuration, "metadata", metadata);
    client_create(&pass->addon->client, &kind_cluster_configuration, configuration, NULL);
    json_free(configuration);
}

static void set_owners(const struct profile_pass *pass, const struct json *configuration,
                       struct json *owners)
{
    struct json *patch = json_object();
    struct json *metadata = json_object();
    json_set(metadata, "ownerReferences", owners);
    json_set(patch, "metadata", metadata);
    client_patch(&pass->addon->client, &kind_cluster_configuration, configuration, NULL, patch);
    json_free(patch);
}

void cluster_configuration_ensure(struct profile_pass *pass, const struct json *reference)
{
    char *name CLEANUP(mem_free_pointer) =
        name_for(json_text_at(reference, "kind"), json_text_at(reference, "name"));
    const struct json *configuration =
        informer_get(&pass->addon->configurations.informer, json_text_at(reference, "namespace"),
                     str_from(name));
    if (configuration == NULL) {
        create(pass, reference, name);
        return;
    }
    if (is_owned_by(configuration, pass->profile))
        return;
    struct json *owners = other_owners(configuration, pass->profile);
    json_append(owners, object_owner_reference(&kind_cluster_profile, pass->profile));
    set_owners(pass, configuration, owners);
}

/* The cluster that it is about, seen from a profile. */
static struct site site_of(const struct json *configuration, struct str profile)
{
    return (struct site){
        .profile = profile,
        .cluster_namespace = object_namespace(configuration),
        .cluster = object_label(configuration, LABEL_CLUSTER_NAME),
        .cluster_type = object_label(configuration, LABEL_CLUSTER_TYPE),
    };
}

static bool is_of_matching(const struct json *configuration, const struct reference_set *matching)
{
    struct site site = site_of(configuration, STR_NONE);
    struct json *reference =
        cluster_reference(cluster_kind(site.cluster_type), site.cluster_namespace, site.cluster);
    bool matched = reference_set_has(matching, reference);
    json_free(reference);
    return matched;
}

static void disown(struct profile_pass *pass, const struct json *configuration)
{
    struct json *owners = other_owners(configuration, pass->profile);
    if (json_first(owners) == NULL) {
        json_free(owners);
        client_delete(&pass->addon->client, &kind_cluster_configuration, configuration, NULL);
        return;
    }
    struct site site = site_of(configuration, STR_NONE);
    set_owners(pass, configuration, owners);
    cluster_configuration_note(pass->addon, &site);
}

void cluster_configuration_clean(struct profile_pass *pass, const struct reference_set *matching)
{
    MAP_EACH(entry, &pass->addon->configurations.informer.objects) {
        const struct json *configuration = map_entry_value(entry);
        if (is_owned_by(configuration, pass->profile) && !is_of_matching(configuration, matching))
            disown(pass, configuration);
    }
}

void cluster_configuration_note(struct addon *addon, const struct site *site)
{
    struct str kind = str_from(cluster_kind(site->cluster_type)->name);
    char *name CLEANUP(mem_free_pointer) = name_for(kind, site->cluster);
    char *key CLEANUP(mem_free_pointer) = object_key_of(site->cluster_namespace, str_from(name));
    queue_add_after(&addon->configurations.queue, str_from(key), 0);
}

static struct json *entry_of(const struct item *item)
{
    char time[KTIME_TEXT_BYTES];
    struct json *entry = json_clone(item->reference);
    ktime_format_rfc3339(item->at_ms, time);
    json_set(entry, "lastAppliedTime", json_text(time));
    return entry;
}

/* Owned; NULL when the profile has nothing of the feature on the cluster. */
static struct json *feature_of(const struct addon *addon, const struct site *site,
                               enum feature feature)
{
    struct json *list = json_array();
    MAP_EACH(entry, items_of(&addon->ground_truth->items, site)) {
        const struct item *item = map_entry_value(entry);
        if (item->feature == feature && str_equal(str_from(item->profile), site->profile))
            json_append(list, entry_of(item));
    }
    if (json_first(list) == NULL) {
        json_free(list);
        return NULL;
    }
    struct json *present = json_object();
    json_set(present, "featureID", json_text(feature_id(feature)));
    json_set(present, feature == FEATURE_HELM ? "charts" : "resources", list);
    return present;
}

/* Owned; NULL when the profile has nothing on the cluster. */
static struct json *resources_of(const struct addon *addon, const struct site *site)
{
    struct json *features = json_array();
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
        struct json *present = feature_of(addon, site, feature);
        if (present != NULL)
            json_append(features, present);
    }
    if (json_first(features) == NULL) {
        json_free(features);
        return NULL;
    }
    struct json *resources = json_object();
    json_set(resources, "clusterProfileName", json_string(site->profile));
    json_set(resources, "Features", features);
    return resources;
}

static struct json *status_of(const struct addon *addon, const struct json *configuration)
{
    struct json *status = json_object();
    struct json *profiles = json_array();
    JSON_EACH(owner, json_at(configuration, "metadata.ownerReferences")) {
        struct site site = site_of(configuration, json_text_at(owner, "name"));
        struct json *resources = resources_of(addon, &site);
        if (resources != NULL)
            json_append(profiles, resources);
    }
    if (json_first(profiles) != NULL)
        json_set(status, "clusterProfileResources", profiles);
    else
        json_free(profiles);
    return status;
}

static void reconcile(void *ctx, struct str key)
{
    struct addon *addon = ctx;
    addon_sync(addon);
    const struct json *configuration = informer_get_key(&addon->configurations.informer, key);
    if (configuration == NULL)
        return;
    struct json *status = status_of(addon, configuration);
    client_patch_status(&addon->client, &kind_cluster_configuration, configuration, status);
    json_free(status);
}
