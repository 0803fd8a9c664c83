#include "scenarios/engine/explain_objects.h"

#include "controller/base/mem.h"
#include "controller/core/names.h"
#include "controller/core/summary.h"

#define KEY_BYTES_MAX 1024u  /* three names of 253 bytes */
#define PATH_BYTES_MAX 1024u /* of a resource */

void explain_objects_init(struct explain_objects *objects)
{
    store_init(&objects->store);
    map_init(&objects->failures);
}

void explain_objects_release(struct explain_objects *objects)
{
    store_release(&objects->store);
    MAP_EACH(entry, &objects->failures)
    mem_free(map_entry_value(entry));
    map_release(&objects->failures);
}

static void failure_key(struct str profile, struct str cluster, struct str feature,
                        struct buf *out)
{
    buf_printf(out, "%.*s %.*s %.*s", STR_ARGS(profile), STR_ARGS(cluster), STR_ARGS(feature));
}

struct str explain_objects_failure(const struct explain_objects *objects, struct str profile,
                                   struct str cluster, struct str feature)
{
    struct buf key;
    buf_init(&key, KEY_BYTES_MAX);
    failure_key(profile, cluster, feature, &key);
    const char *text = map_get(&objects->failures, buf_str(&key));
    buf_release(&key);
    return str_from(text);
}

static void note_failure(struct explain_objects *objects, const struct json *summary,
                         const struct json *feature)
{
    CLEANUP(mem_free_pointer) char *cluster =
        str_format("%.*s/%.*s", STR_ARGS(json_text_at(summary, "spec.clusterNamespace")),
                   STR_ARGS(json_text_at(summary, "spec.clusterName")));
    struct str message = str_trim(json_text_at(feature, "failureMessage"));
    struct errmsg line; /* whatever Sveltos quotes, it is one line here */
    struct buf key;
    buf_init(&key, KEY_BYTES_MAX);
    failure_key(meta_label(summary, LABEL_PROFILE_NAME), str_from(cluster),
                json_text_at(feature, "featureID"), &key);
    (void)err_set(&line, ERR_NONE, "%.*s", STR_ARGS(message));
    mem_free(map_put(&objects->failures, buf_str(&key), str_dup(str_from(line.text))));
    buf_release(&key);
}

/* A message that stays behind after a success is none. */
static void note_failures(struct explain_objects *objects, const struct json *summary)
{
    JSON_EACH(feature, json_at(summary, "status.featureSummaries"))
    {
        if (!str_is_empty(json_text_at(feature, "failureMessage")) &&
            !str_is(json_text_at(feature, "status"), "Provisioned"))
            note_failure(objects, summary, feature);
    }
}

static void on_change(void *ctx, const struct object *before, const struct object *after)
{
    (void)ctx, (void)before, (void)after;
}

/* False: it is no server's object. */
static bool add(struct explain_objects *objects, enum kube_resource resource,
                const struct json *json)
{
    static const struct store_listener nobody = {NULL, on_change};
    struct object *object = object_create(resource, json_clone(json));
    if (object == NULL)
        return false;
    if (resource == KUBE_CLUSTER_SUMMARIES) {
        note_failures(objects, json);
        ((struct summary *)object)->confirmed_ms = KTIME_NEVER; /* it is what the server held */
    }
    store_put(&objects->store, object, 1, &nobody);
    return true;
}

/* Of the group and kind; KUBE_RESOURCE_COUNT: it is none that explanations need. */
static unsigned resource_of(const struct json *root, struct str *ret_version)
{
    struct str version = json_text_at(root, "apiVersion");
    struct str group = str_split_next(&version, '/');
    unsigned i = 0;
    for (; i < KUBE_RESOURCE_COUNT; i++) {
        const struct kube_resource_info *info = kube_resource_info((enum kube_resource)i);
        if (str_is(json_text_at(root, "kind"), info->kind) && str_is(group, info->group))
            break;
    }
    *ret_version = version;
    return i;
}

/* P2, P7, D26: managedFields say who wrote what, and when. Of clusters nobody asks that. */
static enum err provenance_check(const struct reader *reader, const struct json *root,
                                 enum kube_resource resource)
{
    static const char *const paths[] = {"metadata.name", "metadata.uid",
                                        "metadata.resourceVersion"};
    bool is_cluster = resource == KUBE_SVELTOS_CLUSTERS || resource == KUBE_CAPI_CLUSTERS;
    struct str kind = json_text_at(root, "kind");
    for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
        if (str_is_empty(json_text_at(root, paths[i])))
            return reader_fail(reader, root, ERR_TYPE,
                               "found a %.*s without %s, expected one as a server holds it: "
                               "kubectl get -o yaml",
                               STR_ARGS(kind), paths[i]);
    }
    if (!is_cluster && json_first(json_at(root, "metadata.managedFields")) == NULL)
        return reader_fail(reader, root, ERR_TYPE,
                           "found %.*s/%.*s without metadata.managedFields, expected them: "
                           "kubectl get --show-managed-fields -o yaml",
                           STR_ARGS(kind), STR_ARGS(json_text_at(root, "metadata.name")));
    return ERR_NONE;
}

static enum err load_object(struct explain_objects *objects, const struct reader *reader,
                            const struct json *root)
{
    struct str version;
    if (!json_is(root, JSON_OBJECT))
        return reader_mismatch(reader, root, STR_NONE, "a Kubernetes object", NULL, 0);
    unsigned resource = resource_of(root, &version);
    if (resource == KUBE_RESOURCE_COUNT)
        return ERR_NONE;
    const struct kube_resource_info *info = kube_resource_info((enum kube_resource)resource);
    if (!str_is(version, info->version))
        return reader_fail(reader, json_get(root, "apiVersion"), ERR_TYPE,
                           "found %s of version \"%.*s\", expected %s/%s", info->kind,
                           STR_ARGS(version), info->group, info->version);
    enum err err = provenance_check(reader, root, (enum kube_resource)resource);
    if (err == ERR_NONE && !add(objects, (enum kube_resource)resource, root))
        err = reader_mismatch(reader, root, STR_NONE, "an object as a server holds it", NULL, 0);
    return err;
}

static enum err load_document(struct explain_objects *objects, const struct reader *reader)
{
    const struct json *root = reader->document->root;
    const struct json *items = json_get(root, "items");
    if (!str_ends_with(json_text_at(root, "kind"), STR("List")) || !json_is(items, JSON_ARRAY))
        return load_object(objects, reader, root);
    JSON_EACH(item, items)
    {
        enum err err = load_object(objects, reader, item);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

enum err explain_objects_load(struct explain_objects *objects, const char *path,
                              struct errmsg *msg)
{
    struct source source = {NULL, {NULL, 0}};
    enum err err = source_load(path, &source, msg);
    if (err != ERR_NONE)
        return err;
    for (size_t i = 0; i < source.yaml.document_count && err == ERR_NONE; i++) {
        struct reader reader = {&source, &source.yaml.documents[i], msg};
        err = load_document(objects, &reader);
    }
    source_release(&source);
    return err;
}

void explain_objects_fetch(struct explain_objects *objects, struct sim *sim)
{
    for (unsigned i = 0; i < KUBE_RESOURCE_COUNT; i++) {
        struct fakeapi_response response;
        struct json *list = NULL;
        struct buf path;
        buf_init(&path, PATH_BYTES_MAX);
        kube_resource_path(&path, (enum kube_resource)i, STR_NONE, STR_NONE, STR_NONE);
        if (sim_user_request(sim, "GET", buf_str(&path), NULL, STR_NONE, &response) == 200 &&
            json_parse(buf_str(&response.body), NULL, &list, NULL) == ERR_NONE) {
            JSON_EACH(item, json_get(list, "items"))
            (void)add(objects, (enum kube_resource)i, item);
        }
        json_free(list);
        fakeapi_response_release(&response);
        buf_release(&path);
    }
}
