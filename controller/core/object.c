#include "controller/core/object.h"

#include "controller/core/cluster.h"
#include "controller/core/names.h"
#include "controller/core/profile.h"
#include "controller/core/promotion.h"
#include "controller/core/summary.h"

static struct object base_of(enum kube_resource resource, const struct json *json)
{
    struct object base = {.resource = resource};
    struct str promotion = meta_label(json, LABEL_PROMOTION_NAME);
    switch (resource) {
    case KUBE_CLUSTER_PROMOTIONS:
        base.promotion = json_text_at(json, "metadata.name");
        break;
    case KUBE_CLUSTER_PROFILES:
        base.promotion = promotion;
        base.group = promotion;
        break;
    case KUBE_CLUSTER_SUMMARIES:
        base.promotion = promotion;
        base.group = meta_label(json, LABEL_PROFILE_NAME);
        break;
    case KUBE_SVELTOS_CLUSTERS:
    case KUBE_CAPI_CLUSTERS:
        break;
    }
    return base;
}

struct object *object_create(enum kube_resource resource, struct json *json)
{
    struct object base = base_of(resource, json);
    if (!meta_read(json, &base.meta)) {
        json_free(json);
        return NULL;
    }
    switch (resource) {
    case KUBE_CLUSTER_PROMOTIONS:
        return promotion_create(json, &base);
    case KUBE_CLUSTER_PROFILES:
        return profile_create(json, &base);
    case KUBE_CLUSTER_SUMMARIES:
        return summary_create(json, &base);
    case KUBE_SVELTOS_CLUSTERS:
    case KUBE_CAPI_CLUSTERS:
        return cluster_create(json, &base);
    }
    ASSERT(false);
}

void object_free(struct object *object)
{
    if (object == NULL)
        return;
    switch (object->resource) {
    case KUBE_CLUSTER_PROMOTIONS:
        promotion_free((struct promotion *)object);
        break;
    case KUBE_CLUSTER_PROFILES:
        profile_free((struct profile *)object);
        break;
    case KUBE_CLUSTER_SUMMARIES:
        summary_free((struct summary *)object);
        break;
    case KUBE_SVELTOS_CLUSTERS:
    case KUBE_CAPI_CLUSTERS:
        cluster_free((struct cluster *)object);
        break;
    }
}

static bool cluster_same(const struct cluster *a, const struct cluster *b)
{
    return a->ready == b->ready && a->paused == b->paused && json_equal(a->labels, b->labels) &&
           (a->object.resource != KUBE_CAPI_CLUSTERS || json_equal(a->annotations, b->annotations));
}

static bool feature_same(const struct feature_state *a, const struct feature_state *b)
{
    return a->present == b->present && a->provisioned == b->provisioned &&
           a->failing == b->failing && a->applied_ms == b->applied_ms;
}

static bool summary_same(const struct summary *a, const struct summary *b)
{
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        if (!feature_same(&a->features[i], &b->features[i]))
            return false;
    }
    return str_equal(a->object.group, b->object.group) &&
           str_equal(a->object.promotion, b->object.promotion) &&
           str_equal(a->owner_uid, b->owner_uid) && a->suspended == b->suspended &&
           a->decodable == b->decodable && sha256_equal(a->digest, b->digest) &&
           a->annotations_hash == b->annotations_hash && a->changed_ms == b->changed_ms &&
           (a->object.meta.generation == 1) == (b->object.meta.generation == 1);
}

bool object_same(const struct object *a, const struct object *b)
{
    if (!str_equal(a->meta.uid, b->meta.uid) || a->meta.deleting != b->meta.deleting)
        return false;
    switch (a->resource) {
    case KUBE_CLUSTER_PROMOTIONS:
    case KUBE_CLUSTER_PROFILES:
        return str_equal(a->meta.resource_version, b->meta.resource_version);
    case KUBE_CLUSTER_SUMMARIES:
        return summary_same((const struct summary *)a, (const struct summary *)b);
    case KUBE_SVELTOS_CLUSTERS:
    case KUBE_CAPI_CLUSTERS:
        return cluster_same((const struct cluster *)a, (const struct cluster *)b);
    }
    ASSERT(false);
}
