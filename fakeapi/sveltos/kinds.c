#include "fakeapi/sveltos/kinds.h"

#include "controller/base/mem.h"

const struct kind kind_cluster_promotion = {"config.projectsveltos.io/v1beta1", "ClusterPromotion",
                                            "clusterpromotions", false};
const struct kind kind_cluster_profile = {"config.projectsveltos.io/v1beta1", "ClusterProfile",
                                          "clusterprofiles", false};
const struct kind kind_cluster_summary = {"config.projectsveltos.io/v1beta1", "ClusterSummary",
                                          "clustersummaries", true};
const struct kind kind_sveltos_cluster = {"lib.projectsveltos.io/v1beta1", "SveltosCluster",
                                          "sveltosclusters", true};
const struct kind kind_capi_cluster = {"cluster.x-k8s.io/v1beta2", "Cluster", "clusters", true};
const struct kind kind_cluster_set = {"lib.projectsveltos.io/v1beta1", "ClusterSet", "clustersets",
                                      false};

void kind_path(const struct kind *kind, struct str name_space, struct str name,
               const char *subresource, struct buf *out)
{
    bool core = strchr(kind->api_version, '/') == NULL;
    buf_printf(out, "/%s/%s", core ? "api" : "apis", kind->api_version);
    if (kind->namespaced && !str_is_empty(name_space))
        buf_printf(out, "/namespaces/%.*s", STR_ARGS(name_space));
    buf_printf(out, "/%s", kind->plural);
    if (!str_is_empty(name))
        buf_printf(out, "/%.*s", STR_ARGS(name));
    if (subresource != NULL)
        buf_printf(out, "/%s", subresource);
}

char *object_key_of(struct str name_space, struct str name)
{
    return str_format("%.*s/%.*s", STR_ARGS(name_space), STR_ARGS(name));
}

char *object_key(const struct json *object)
{
    return object_key_of(object_namespace(object), object_name(object));
}

struct str object_name(const struct json *object)
{
    return json_text_at(object, "metadata.name");
}

struct str object_namespace(const struct json *object)
{
    return json_text_at(object, "metadata.namespace");
}

struct str object_uid(const struct json *object)
{
    return json_text_at(object, "metadata.uid");
}

int64_t object_generation(const struct json *object)
{
    int64_t generation = 0;
    if (!json_int_of(json_at(object, "metadata.generation"), &generation))
        return 0;
    return generation;
}

bool object_is_deleting(const struct json *object)
{
    return !str_is_empty(json_text_at(object, "metadata.deletionTimestamp"));
}

bool object_has_finalizer(const struct json *object, const char *finalizer)
{
    JSON_EACH(item, json_at(object, "metadata.finalizers")) {
        if (str_is(json_string_of(item), finalizer))
            return true;
    }
    return false;
}

struct str object_label(const struct json *object, const char *key)
{
    return json_string_of(json_get(json_at(object, "metadata.labels"), key));
}

bool object_has_annotation(const struct json *object, const char *key)
{
    return json_get(json_at(object, "metadata.annotations"), key) != NULL;
}

struct json *object_finalizers_without(const struct json *object, const char *finalizer)
{
    struct json *finalizers = json_array();
    JSON_EACH(item, json_at(object, "metadata.finalizers")) {
        if (!str_is(json_string_of(item), finalizer))
            json_append(finalizers, json_clone(item));
    }
    return finalizers;
}

struct json *object_owner_reference(const struct kind *kind, const struct json *owner)
{
    struct json *reference = json_object();
    json_set(reference, "apiVersion", json_text(kind->api_version));
    json_set(reference, "kind", json_text(kind->name));
    json_set(reference, "name", json_string(object_name(owner)));
    json_set(reference, "uid", json_string(object_uid(owner)));
    return reference;
}

struct json *object_finalizers_with(const struct json *object, const char *finalizer)
{
    struct json *finalizers = object_finalizers_without(object, finalizer);
    json_append(finalizers, json_text(finalizer));
    return finalizers;
}

/* What a merge patch needs to say about one member. As deep as the objects are. */
static void diff_member(const struct json *before, const struct json *after, struct json *diff)
{
    struct str key = json_key(after);
    if (json_equal(before, after))
        return;
    if (json_is(before, JSON_OBJECT) && json_is(after, JSON_OBJECT))
        json_set_str(diff, key, object_diff(before, after));
    else
        json_set_str(diff, key, json_clone(after));
}

struct json *object_diff(const struct json *before, const struct json *after)
{
    struct json *diff = json_object();
    JSON_EACH(item, after)
        diff_member(json_get_str(before, json_key(item)), item, diff);
    JSON_EACH(item, before) {
        if (json_get_str(after, json_key(item)) == NULL)
            json_set_str(diff, json_key(item), json_null());
    }
    if (json_first(diff) != NULL)
        return diff;
    json_free(diff);
    return NULL;
}
