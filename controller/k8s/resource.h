/*
 * The resources that the controller reads or writes, and their paths.
 * Source: Kubernetes API Concepts, "Resource URIs".
 */
#ifndef PROMOTER_K8S_RESOURCE_H
#define PROMOTER_K8S_RESOURCE_H

#include "controller/base/buf.h"

enum kube_resource {
    KUBE_CLUSTER_PROMOTIONS,
    KUBE_CLUSTER_PROFILES,
    KUBE_CLUSTER_SUMMARIES,
    KUBE_SVELTOS_CLUSTERS,
    KUBE_CAPI_CLUSTERS, /* served only where Cluster API is installed */
};
#define KUBE_RESOURCE_COUNT 5u

struct kube_resource_info {
    const char *group;
    const char *version;
    const char *plural;
    const char *kind;
    bool namespaced;
    bool optional; /* the server may not know it */
};

const struct kube_resource_info *kube_resource_info(enum kube_resource resource);

/* Appends /apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME][/SUBRESOURCE], with
 * names percent-encoded. An empty namespace of a namespaced resource means all. */
void kube_resource_path(struct buf *out, enum kube_resource resource, struct str name_space,
                        struct str name, struct str subresource);

/* Appends a query value, percent-encoded (RFC 3986, unreserved characters stay). */
void kube_append_escaped(struct buf *out, struct str value);

#endif
