#include "controller/core/cluster.h"

#include "controller/base/mem.h"

struct object *cluster_create(struct json *json, const struct object *base)
{
    struct cluster *cluster = mem_alloc(sizeof(*cluster));
    cluster->object = *base;
    cluster->ready = json_bool_of(json_at(json, "status.ready"));
    cluster->paused = json_bool_of(json_at(json, "spec.paused"));
    json_remove(json, "spec");
    json_remove(json, "status");
    json_remove(json_get(json, "metadata"), "managedFields");
    cluster->tree = json;
    cluster->labels = json_at(json, "metadata.labels");
    return &cluster->object;
}

void cluster_free(struct cluster *cluster)
{
    json_free(cluster->tree);
    mem_free(cluster);
}
