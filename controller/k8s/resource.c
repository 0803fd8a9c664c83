#include "controller/k8s/resource.h"

static const struct kube_resource_info infos[KUBE_RESOURCE_COUNT] = {
    [KUBE_CLUSTER_PROMOTIONS] = {"config.projectsveltos.io", "v1beta1", "clusterpromotions",
                                 "ClusterPromotion", false, false},
    [KUBE_CLUSTER_PROFILES] = {"config.projectsveltos.io", "v1beta1", "clusterprofiles",
                               "ClusterProfile", false, false},
    [KUBE_CLUSTER_SUMMARIES] = {"config.projectsveltos.io", "v1beta1", "clustersummaries",
                                "ClusterSummary", true, false},
    [KUBE_SVELTOS_CLUSTERS] = {"lib.projectsveltos.io", "v1beta1", "sveltosclusters",
                               "SveltosCluster", true, false},
    [KUBE_CAPI_CLUSTERS] = {"cluster.x-k8s.io", "v1beta2", "clusters", "Cluster", true, true},
};

const struct kube_resource_info *kube_resource_info(enum kube_resource resource)
{
    ASSERT((unsigned)resource < KUBE_RESOURCE_COUNT);
    return &infos[resource];
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

void kube_append_escaped(struct buf *out, struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (is_unreserved(value.data[i]))
            buf_append_char(out, value.data[i]);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)value.data[i]);
    }
}

static void append_segment(struct buf *out, struct str segment)
{
    buf_append_char(out, '/');
    kube_append_escaped(out, segment);
}

void kube_resource_path(struct buf *out, enum kube_resource resource, struct str name_space,
                        struct str name, struct str subresource)
{
    const struct kube_resource_info *info = kube_resource_info(resource);
    buf_printf(out, "/apis/%s/%s", info->group, info->version);
    if (info->namespaced && !str_is_empty(name_space)) {
        buf_append_text(out, "/namespaces");
        append_segment(out, name_space);
    }
    append_segment(out, str_from(info->plural));
    if (!str_is_empty(name))
        append_segment(out, name);
    if (!str_is_empty(subresource))
        append_segment(out, subresource);
}
