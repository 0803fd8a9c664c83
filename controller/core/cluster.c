#include "controller/core/cluster.h"

#include "controller/base/mem.h"

static bool capi_is_ready(const struct json *status)
{
    if (json_bool_of(json_at(status, "initialization.controlPlaneInitialized")))
        return true;
    JSON_EACH(condition, json_get(status, "conditions"))
    {
        if (str_is(json_text_at(condition, "type"), "ControlPlaneInitialized") &&
            str_is(json_text_at(condition, "status"), "True"))
            return true;
    }
    return false;
}

struct object *cluster_create(struct json *json, const struct object *base)
{
    struct cluster *cluster = mem_alloc(sizeof(*cluster));
    cluster->object = *base;
    cluster->ready = base->resource == KUBE_CAPI_CLUSTERS
                         ? capi_is_ready(json_get(json, "status"))
                         : json_bool_of(json_at(json, "status.ready"));
    cluster->paused = json_bool_of(json_at(json, "spec.paused"));
    json_remove(json, "spec");
    json_remove(json, "status");
    json_remove(json_get(json, "metadata"), "managedFields");
    cluster->tree = json;
    cluster->labels = json_at(json, "metadata.labels");
    cluster->annotations = json_at(json, "metadata.annotations");
    return &cluster->object;
}

bool cluster_is_onboarded(const struct cluster *cluster, struct str capi_onboard_annotation)
{
    return cluster->object.resource != KUBE_CAPI_CLUSTERS ||
           str_is_empty(capi_onboard_annotation) ||
           json_get_str(cluster->annotations, capi_onboard_annotation) != NULL;
}

void cluster_free(struct cluster *cluster)
{
    json_free(cluster->tree);
    mem_free(cluster);
}
