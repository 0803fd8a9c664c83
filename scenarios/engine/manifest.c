#include "scenarios/engine/manifest.h"

#include "controller/base/mem.h"
#include "controller/k8s/resource.h"

#define SVELTOS_CONFIG "config.projectsveltos.io/v1beta1"
#define SVELTOS_LIB "lib.projectsveltos.io/v1beta1"
#define PATH_BYTES_MAX 2048u
#define BODY_BYTES_MAX YAML_BYTES_MAX

static const struct manifest_kind kinds[] = {
    {"ClusterPromotion", SVELTOS_CONFIG, "clusterpromotions", false},
    {"ClusterProfile", SVELTOS_CONFIG, "clusterprofiles", false},
    {"ClusterSummary", SVELTOS_CONFIG, "clustersummaries", true},
    {"SveltosCluster", SVELTOS_LIB, "sveltosclusters", true},
    {"Namespace", "v1", "namespaces", false},
    {"ConfigMap", "v1", "configmaps", true},
    {"Secret", "v1", "secrets", true},
    {"Event", "events.k8s.io/v1", "events", true},
    {"ServiceAccount", "v1", "serviceaccounts", true},
    {"Lease", "coordination.k8s.io/v1", "leases", true},
    {"ClusterConfiguration", SVELTOS_CONFIG, "clusterconfigurations", true},
    {"ClusterReport", SVELTOS_CONFIG, "clusterreports", true},
    {"ClusterSet", SVELTOS_LIB, "clustersets", false},
    {"Cluster", "cluster.x-k8s.io/v1beta2", "clusters", true},
};

const struct manifest_kind *manifest_kind_find(struct str kind)
{
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        if (str_is(kind, kinds[i].kind))
            return &kinds[i];
    }
    return NULL;
}

enum err manifest_kind_read(const struct reader *reader, const struct json *node, struct str kind,
                            const struct manifest_kind **ret_kind)
{
    struct str names[ARRAY_COUNT(kinds)];
    const struct manifest_kind *found = manifest_kind_find(kind);
    if (found != NULL) {
        *ret_kind = found;
        return ERR_NONE;
    }
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        names[i] = str_from(kinds[i].kind);
    return reader_mismatch(reader, node, kind, "a kind that the simulation serves", names,
                           ARRAY_COUNT(kinds));
}

/* Names end up in paths: whatever is no plain name would need escaping, and no server takes it. */
static bool name_is_plain(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
        if (!is_plain)
            return false;
    }
    return name.len > 0 && name.len <= 253;
}

enum err object_ref_read(const struct reader *reader, const struct json *node,
                         struct object_ref *ret_ref)
{
    struct object_ref ref = {NULL, STR_NONE, STR_NONE};
    struct str rest = json_string_of(node);
    struct str kind = str_split_next(&rest, '/');
    if (str_is_empty(kind))
        return reader_mismatch(reader, node, STR_NONE, "an object such as \"KIND/NAME\"", NULL, 0);
    enum err err = manifest_kind_read(reader, node, kind, &ref.kind);
    if (err != ERR_NONE)
        return err;
    if (ref.kind->namespaced)
        ref.name_space = str_split_next(&rest, '/');
    ref.name = rest;
    if (!name_is_plain(ref.name) || (ref.kind->namespaced && !name_is_plain(ref.name_space)))
        return reader_mismatch(reader, node, json_string_of(node),
                               ref.kind->namespaced ? "KIND/NAMESPACE/NAME" : "KIND/NAME", NULL,
                               0);
    *ret_ref = ref;
    return ERR_NONE;
}

void object_ref_print(const struct object_ref *ref, struct buf *out)
{
    buf_printf(out, "%s/", ref->kind->kind);
    if (ref->kind->namespaced)
        buf_printf(out, "%.*s/", STR_ARGS(ref->name_space));
    buf_append(out, ref->name);
}

void object_ref_path(const struct object_ref *ref, struct buf *out)
{
    bool is_core = strchr(ref->kind->api_version, '/') == NULL;
    buf_printf(out, "%s/%s", is_core ? "/api" : "/apis", ref->kind->api_version);
    if (ref->kind->namespaced)
        buf_printf(out, "/namespaces/%.*s", STR_ARGS(ref->name_space));
    buf_printf(out, "/%s", ref->kind->plural);
    if (!str_is_empty(ref->name))
        buf_printf(out, "/%.*s", STR_ARGS(ref->name));
}

static enum err api_version_check(const struct reader *reader, const struct json *root,
                                  const struct manifest_kind *kind)
{
    const struct json *node = json_get(root, "apiVersion");
    struct str wanted = str_from(kind->api_version);
    if (str_equal(json_string_of(node), wanted))
        return ERR_NONE;
    CLEANUP(buf_release) struct buf expected;
    buf_init(&expected, PATH_BYTES_MAX);
    buf_printf(&expected, "apiVersion %s for a %s", kind->api_version, kind->kind);
    return reader_mismatch(reader, node != NULL ? node : root, json_string_of(node),
                           buf_str(&expected).data, &wanted, 1);
}

static enum err name_check(const struct reader *reader, const struct json *root,
                           const char *path, struct str *ret_name)
{
    const struct json *node = json_at(root, path);
    if (!name_is_plain(json_string_of(node)))
        return reader_fail(reader, node != NULL ? node : root, ERR_TYPE,
                           node != NULL ? "found a %s that is no name, expected one"
                                        : "found no %s, expected one",
                           path);
    *ret_name = json_string_of(node);
    return ERR_NONE;
}

enum err manifest_read(const struct reader *reader, const struct json *root,
                       struct manifest *ret_manifest)
{
    struct manifest manifest = {reader->source, reader->document, root, NULL, STR_NONE, STR_NONE};
    const struct json *kind = json_get(root, "kind");
    if (!json_is(root, JSON_OBJECT))
        return reader_mismatch(reader, root, STR_NONE, "a Kubernetes manifest", NULL, 0);
    if (!json_is(kind, JSON_STRING))
        return reader_fail(reader, kind != NULL ? kind : root, ERR_TYPE,
                           "found no kind, expected a Kubernetes manifest");
    enum err err = manifest_kind_read(reader, kind, json_string_of(kind), &manifest.kind);
    if (err == ERR_NONE)
        err = api_version_check(reader, root, manifest.kind);
    if (err == ERR_NONE)
        err = name_check(reader, root, "metadata.name", &manifest.name);
    if (err == ERR_NONE && manifest.kind->namespaced) {
        manifest.name_space = STR("default");
        if (json_at(root, "metadata.namespace") != NULL)
            err = name_check(reader, root, "metadata.namespace", &manifest.name_space);
    }
    if (err == ERR_NONE)
        *ret_manifest = manifest;
    return err;
}

struct manifest_list {
    struct manifest *items;
    size_t count, capacity;
};

static enum err list_add(struct manifest_list *list, const struct reader *reader,
                         const struct json *root)
{
    struct manifest manifest;
    enum err err = manifest_read(reader, root, &manifest);
    if (err != ERR_NONE)
        return err;
    if (list->count == YAML_DOCUMENTS_MAX)
        return reader_fail(reader, root, ERR_LIMIT, "found more than %u manifests",
                           YAML_DOCUMENTS_MAX);
    list->items = mem_grow_array(list->items, list->count, &list->capacity, sizeof(manifest),
                                 YAML_DOCUMENTS_MAX);
    list->items[list->count++] = manifest;
    return ERR_NONE;
}

/* `kubectl get -o yaml` of several objects is one document of kind List. */
static enum err list_add_document(struct manifest_list *list, const struct reader *reader)
{
    const struct json *root = reader->document->root;
    const struct json *items = json_get(root, "items");
    if (!str_is(json_text_at(root, "kind"), "List") || !json_is(items, JSON_ARRAY))
        return list_add(list, reader, root);
    JSON_EACH (item, items) {
        enum err err = list_add(list, reader, item);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

enum err manifest_read_all(const struct source *source, struct manifest **ret_manifests,
                           size_t *ret_count, struct errmsg *msg)
{
    struct manifest_list list = {NULL, 0, 0};
    enum err err = ERR_NONE;
    for (size_t i = 0; i < source->yaml.document_count && err == ERR_NONE; i++) {
        struct reader reader = {source, &source->yaml.documents[i], msg};
        err = list_add_document(&list, &reader);
    }
    if (err == ERR_NONE && list.count == 0)
        err = err_set(msg, ERR_TYPE, "%s:1:1: found no document, expected a Kubernetes manifest",
                      source->path);
    if (err != ERR_NONE) {
        mem_free(list.items);
        return err;
    }
    *ret_manifests = list.items;
    *ret_count = list.count;
    return ERR_NONE;
}

struct json *manifest_wish(const struct json *root)
{
    static const char *const server_set[] = {"resourceVersion", "uid", "creationTimestamp",
                                             "generation", "managedFields", "selfLink"};
    struct json *body = json_clone(root);
    struct json *metadata = json_get(body, "metadata");
    json_remove(body, "status");
    for (size_t i = 0; i < ARRAY_COUNT(server_set); i++)
        json_remove(metadata, server_set[i]);
    return body;
}

const struct json *manifest_locate(const struct manifest *manifest, struct str field)
{
    const struct json *node = manifest->root;
    for (size_t at = 0; at < field.len;) {
        size_t end = at;
        const struct json *next;
        uint64_t index;
        if (field.data[at] == '[') {
            end = str_find(field, ']', at);
            bool is_index = str_to_u64(str_slice(field, at + 1, end), &index);
            next = is_index ? json_item(node, index) : NULL;
            end++;
        } else {
            while (end < field.len && field.data[end] != '.' && field.data[end] != '[')
                end++;
            next = json_get_str(node, str_slice(field, at, end));
        }
        if (next == NULL)
            return node;
        node = next;
        at = end < field.len && field.data[end] == '.' ? end + 1 : end;
    }
    return node;
}

/* The first field that a Status complains of: its first cause's, or what strict decoding quotes. */
static struct str field_at_fault(const struct json *status)
{
    static const char *const marks[] = {"unknown field \"", "duplicate field \""};
    struct str message = json_text_at(status, "message");
    struct str field = json_text_at(json_first(json_at(status, "details.causes")), "field");
    for (size_t i = 0; i < ARRAY_COUNT(marks) && str_is_empty(field); i++) {
        const char *mark = message.data != NULL ? strstr(message.data, marks[i]) : NULL;
        if (mark == NULL)
            continue;
        size_t from = (size_t)(mark - message.data) + strlen(marks[i]);
        field = str_slice(message, from, str_find(message, '"', from));
    }
    return field;
}

void manifest_refusal(int status, struct str body, struct buf *out)
{
    struct json *parsed = NULL;
    buf_printf(out, "%d", status);
    if (json_parse(body, NULL, &parsed, NULL) != ERR_NONE) {
        buf_printf(out, ": %.*s", STR_ARGS(str_slice(body, 0, 200)));
        return;
    }
    if (!str_is_empty(json_text_at(parsed, "reason")))
        buf_printf(out, " %.*s", STR_ARGS(json_text_at(parsed, "reason")));
    buf_printf(out, ": %.*s", STR_ARGS(json_text_at(parsed, "message")));
    json_free(parsed);
}

static enum err refused(const struct manifest *manifest, const struct fakeapi_response *response,
                        struct errmsg *msg)
{
    struct reader reader = {manifest->source, manifest->document, msg};
    struct json *status = NULL;
    CLEANUP(buf_release) struct buf why;
    buf_init(&why, BODY_BYTES_MAX);
    manifest_refusal(response->status, buf_str(&response->body), &why);
    const struct json *node = manifest->root;
    if (json_parse(buf_str(&response->body), NULL, &status, NULL) == ERR_NONE)
        node = manifest_locate(manifest, field_at_fault(status));
    enum err err = reader_fail(&reader, node, ERR_INVALID, "%s/%.*s is refused by the API: %s",
                               manifest->kind->kind, STR_ARGS(manifest->name), why.data);
    json_free(status);
    return err;
}

static int send(const struct manifest *manifest, struct sim *sim, bool update, bool by_apply,
                struct fakeapi_response *ret_response)
{
    struct object_ref ref = {manifest->kind, manifest->name_space,
                             update ? manifest->name : STR_NONE};
    struct json *body = manifest_wish(manifest->root);
    CLEANUP(buf_release) struct buf target;
    CLEANUP(buf_release) struct buf text;
    buf_init(&target, PATH_BYTES_MAX);
    buf_init(&text, BODY_BYTES_MAX);
    object_ref_path(&ref, &target);
    buf_printf(&target, "?fieldManager=%s&fieldValidation=Strict",
               by_apply ? "kubectl-client-side-apply" : "kubectl-create");
    json_print(body, &text);
    json_free(body);
    return sim_user_request(sim, update ? "PATCH" : "POST", buf_str(&target),
                            update ? "application/merge-patch+json" : "application/json",
                            buf_str(&text), ret_response);
}

enum err manifest_create(const struct manifest *manifest, struct sim *sim, bool or_update,
                         int *ret_status, struct errmsg *msg)
{
    struct fakeapi_response response;
    int status = send(manifest, sim, false, or_update, &response);
    if (status == 409 && or_update) {
        fakeapi_response_release(&response);
        status = send(manifest, sim, true, true, &response);
    }
    if (ret_status != NULL)
        *ret_status = status;
    enum err err = status >= 200 && status < 300 ? ERR_NONE : refused(manifest, &response, msg);
    fakeapi_response_release(&response);
    return err;
}

/* The uid of the cluster-scoped object that an ownerReference names. */
static enum err owner_find(const struct manifest *manifest, struct sim *sim, struct json *owner,
                           struct errmsg *msg)
{
    struct reader reader = {manifest->source, manifest->document, msg};
    struct object_ref ref = {.name = json_text_at(owner, "name")};
    struct fakeapi_response response;
    struct json *object = NULL;
    CLEANUP(buf_release) struct buf target;
    enum err err =
        manifest_kind_read(&reader, manifest->root, json_text_at(owner, "kind"), &ref.kind);
    if (err != ERR_NONE)
        return err;
    buf_init(&target, PATH_BYTES_MAX);
    object_ref_path(&ref, &target);
    int status = sim_user_request(sim, "GET", buf_str(&target), NULL, STR_NONE, &response);
    if (status == 200 && json_parse(buf_str(&response.body), NULL, &object, NULL) == ERR_NONE)
        json_set(owner, "uid", json_string(json_text_at(object, "metadata.uid")));
    else
        err = reader_fail(&reader, manifest->root, ERR_INVALID,
                          "found an ownerReference of %s/%.*s, which does not exist",
                          ref.kind->kind, STR_ARGS(ref.name));
    json_free(object);
    fakeapi_response_release(&response);
    return err;
}

static enum err owners_find(const struct manifest *manifest, struct sim *sim, struct json *body,
                            struct errmsg *msg)
{
    JSON_EACH (owner, json_at(body, "metadata.ownerReferences")) {
        enum err err = ERR_NONE;
        if (json_get(owner, "uid") == NULL)
            err = owner_find(manifest, sim, owner, msg);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

static int send_apply(const struct manifest *manifest, struct sim *sim, const struct json *body,
                      struct str field_manager, struct fakeapi_response *ret_response)
{
    struct object_ref ref = {manifest->kind, manifest->name_space, manifest->name};
    CLEANUP(buf_release) struct buf target;
    CLEANUP(buf_release) struct buf text;
    buf_init(&target, PATH_BYTES_MAX);
    buf_init(&text, BODY_BYTES_MAX);
    object_ref_path(&ref, &target);
    buf_append_text(&target, "?force=true&fieldValidation=Strict&fieldManager=");
    kube_append_escaped(&target, field_manager);
    json_print(body, &text);
    return sim_user_request(sim, "PATCH", buf_str(&target), "application/apply-patch+yaml",
                            buf_str(&text), ret_response);
}

enum err manifest_apply(const struct manifest *manifest, struct sim *sim,
                        struct str field_manager, int *ret_status, struct errmsg *msg)
{
    CLEANUP(json_free_pointer) struct json *body = manifest_wish(manifest->root);
    struct fakeapi_response response;
    *ret_status = 0;
    enum err err = owners_find(manifest, sim, body, msg);
    if (err != ERR_NONE)
        return err;
    *ret_status = send_apply(manifest, sim, body, field_manager, &response);
    if (*ret_status < 200 || *ret_status > 299)
        err = refused(manifest, &response, msg);
    fakeapi_response_release(&response);
    return err;
}
