#include "fakeapi/sveltos/clusters.h"

#include "fakeapi/sveltos/addon.h"

#define TYPE_CAPI "Capi"
#define INITIALIZED_CONDITION "ControlPlaneInitialized"

static bool is_capi_kind(struct str kind)
{
    return str_is(kind, kind_capi_cluster.name);
}

static bool is_capi(const struct json *cluster)
{
    return is_capi_kind(json_text_at(cluster, "kind"));
}

const char *cluster_type(struct str kind)
{
    return is_capi_kind(kind) ? TYPE_CAPI : "Sveltos";
}

const char *cluster_type_in_names(struct str kind)
{
    return is_capi_kind(kind) ? "capi" : "sveltos";
}

const struct kind *cluster_kind(struct str type)
{
    return str_is(type, TYPE_CAPI) ? &kind_capi_cluster : &kind_sveltos_cluster;
}

static bool has_initialized_condition(const struct json *cluster)
{
    JSON_EACH(condition, json_at(cluster, "status.conditions")) {
        if (str_is(json_text_at(condition, "type"), INITIALIZED_CONDITION) &&
            str_is(json_text_at(condition, "status"), "True"))
            return true;
    }
    return false;
}

static bool is_true_at(const struct json *cluster, const char *path)
{
    return json_bool_of(json_at(cluster, path));
}

bool cluster_is_ready(const struct json *cluster)
{
    if (!is_capi(cluster))
        return is_true_at(cluster, "status.ready");
    return has_initialized_condition(cluster) ||
           is_true_at(cluster, "status.initialization.controlPlaneInitialized");
}

bool cluster_is_paused(const struct json *cluster)
{
    return is_true_at(cluster, "spec.paused");
}

static bool differs(const struct json *before, const struct json *after, const char *path)
{
    return !json_equal(json_at(before, path), json_at(after, path));
}

static bool became_true(const struct json *before, const struct json *after, const char *path)
{
    return !is_true_at(before, path) && is_true_at(after, path);
}

/* A cluster that becomes not ready again goes unnoticed: Sveltos does not expect it. */
static bool capi_state_matters(const struct json *before, const struct json *after)
{
    bool starts_deleting = !str_is(json_text_at(before, "status.phase"), "Deleting") &&
                           str_is(json_text_at(after, "status.phase"), "Deleting");
    return starts_deleting ||
           (!has_initialized_condition(before) && has_initialized_condition(after)) ||
           became_true(before, after, "status.initialization.infrastructureProvisioned") ||
           became_true(before, after, "status.initialization.controlPlaneInitialized");
}

/* A new Cluster is looked at only when it says that it is not paused; without the field it has
 * to change first. */
static bool creation_matters(const struct json *cluster)
{
    if (is_capi(cluster))
        return json_is(json_at(cluster, "spec.paused"), JSON_BOOL) && !cluster_is_paused(cluster);
    return !cluster_is_paused(cluster);
}

bool cluster_change_matters(const struct json *before, const struct json *after)
{
    if (after == NULL)
        return true;
    if (before == NULL)
        return creation_matters(after);
    if (became_true(after, before, "spec.paused") || differs(before, after, "metadata.labels") ||
        differs(before, after, "metadata.annotations"))
        return true;
    return is_capi(after) ? capi_state_matters(before, after)
                          : cluster_is_ready(before) != cluster_is_ready(after);
}

struct json *cluster_reference(const struct kind *kind, struct str name_space, struct str name)
{
    struct json *reference = json_object();
    json_set(reference, "kind", json_text(kind->name));
    json_set(reference, "namespace", json_string(name_space));
    json_set(reference, "name", json_string(name));
    json_set(reference, "apiVersion", json_text(kind->api_version));
    return reference;
}

char *cluster_reference_key(const struct json *reference)
{
    return str_format("%.*s/%.*s/%.*s", STR_ARGS(json_string_of(json_get(reference, "kind"))),
                      STR_ARGS(json_string_of(json_get(reference, "namespace"))),
                      STR_ARGS(json_string_of(json_get(reference, "name"))));
}

static const struct json *find(const struct addon *addon, bool capi, struct str name_space,
                               struct str name)
{
    return informer_get(capi ? &addon->capi_clusters : &addon->clusters, name_space, name);
}

const struct json *cluster_find(const struct addon *addon, const struct json *reference)
{
    return find(addon, is_capi(reference), json_text_at(reference, "namespace"),
                json_text_at(reference, "name"));
}

const struct json *cluster_of_summary(const struct addon *addon, const struct json *summary)
{
    return find(addon, str_is(json_text_at(summary, "spec.clusterType"), TYPE_CAPI),
                json_text_at(summary, "spec.clusterNamespace"),
                json_text_at(summary, "spec.clusterName"));
}

bool cluster_is_of_summary(const struct json *cluster, const struct json *summary)
{
    return str_equal(object_namespace(summary), object_namespace(cluster)) &&
           str_equal(json_text_at(summary, "spec.clusterName"), object_name(cluster)) &&
           str_is(json_text_at(summary, "spec.clusterType"),
                  cluster_type(json_text_at(cluster, "kind")));
}
