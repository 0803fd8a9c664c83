#include "scenarios/engine/fleet.h"

#include "controller/base/map.h"
#include "controller/base/mem.h"
#include "scenarios/engine/manifest.h"

#define FLEET_ENTRIES_MAX 1000u

static const struct read_key entry_keys[] = {
    {"count", READ_COUNT, false, offsetof(struct fleet_entry, count)},
    {"name", READ_TEXT, true, offsetof(struct fleet_entry, name)},
    {"namespace", READ_TEXT, false, offsetof(struct fleet_entry, name_space)},
    {"labels", READ_MAPPING, false, offsetof(struct fleet_entry, labels)},
    {"annotations", READ_MAPPING, false, offsetof(struct fleet_entry, annotations)},
    {"kind", READ_TEXT, false, offsetof(struct fleet_entry, kind)},
    {"ready", READ_BOOL, false, offsetof(struct fleet_entry, ready)},
    {"paused", READ_BOOL, false, offsetof(struct fleet_entry, paused)},
};

/* Labels or annotations. */
static enum err texts_check(const struct reader *reader, const struct json *texts,
                            const char *wanted)
{
    JSON_EACH (text, texts) {
        if (!json_is(text, JSON_STRING))
            return reader_mismatch(reader, text, STR_NONE, wanted, NULL, 0);
    }
    return ERR_NONE;
}

static enum err entry_check(const struct reader *reader, const struct fleet_entry *entry)
{
    static const struct str kinds[] = {{"SveltosCluster", 14}, {"Cluster", 7}};
    const struct json *name = json_get(entry->node, "name");
    if (!str_equal(entry->kind, kinds[0]) && !str_equal(entry->kind, kinds[1]))
        return reader_mismatch(reader, json_get(entry->node, "kind"), entry->kind,
                               "SveltosCluster or Cluster", kinds, ARRAY_COUNT(kinds));
    if (entry->count == 0)
        return reader_mismatch(reader, json_get(entry->node, "count"), STR_NONE,
                               "a count of at least 1", NULL, 0);
    if (entry->count > 1 && !str_contains(entry->name, STR("{i}")))
        return reader_mismatch(reader, name, entry->name, "a name with {i} for several clusters",
                               NULL, 0);
    enum err err = texts_check(reader, entry->labels, "a label's value: a text");
    if (err == ERR_NONE)
        err = texts_check(reader, entry->annotations, "an annotation's value: a text");
    return err;
}

static enum err entry_read(const struct reader *reader, const struct json *node,
                           struct fleet_entry *ret_entry)
{
    struct fleet_entry entry = {
        .count = 1, .name_space = STR("default"), .kind = STR("SveltosCluster"), .ready = true};
    entry.node = node;
    enum err err = reader_mapping(reader, node, "an entry of the fleet", entry_keys,
                                  ARRAY_COUNT(entry_keys), &entry);
    if (err == ERR_NONE)
        err = entry_check(reader, &entry);
    if (err == ERR_NONE)
        *ret_entry = entry;
    return err;
}

static bool is_capi(const struct fleet_entry *entry)
{
    return str_is(entry->kind, "Cluster");
}

/* The name of the n-th cluster of an entry, counted from 1. */
static void print_name(const struct fleet_entry *entry, unsigned nth, struct buf *out)
{
    struct str rest = entry->name;
    while (!str_is_empty(rest)) {
        if (str_starts_with(rest, STR("{i}"))) {
            buf_printf(out, "%u", nth);
            rest = str_slice(rest, 3, rest.len);
        } else {
            buf_append_char(out, rest.data[0]);
            rest = str_slice(rest, 1, rest.len);
        }
    }
}

static enum err entry_claim_names(const struct reader *reader, const struct fleet_entry *entry,
                                  struct map *taken)
{
    CLEANUP(buf_release) struct buf key;
    buf_init(&key, 4096);
    for (unsigned i = 1; i <= entry->count; i++) {
        buf_clear(&key);
        buf_printf(&key, "%s%.*s/", is_capi(entry) ? "Cluster " : "", STR_ARGS(entry->name_space));
        print_name(entry, i, &key);
        if (key.overflowed)
            return reader_fail(reader, entry->node, ERR_LIMIT, "found a name of over 4,000 bytes");
        if (map_get(taken, buf_str(&key)) != NULL)
            return reader_fail(reader, entry->node, ERR_TYPE,
                               "found a second cluster %.*s, expected each once",
                               STR_ARGS(buf_str(&key)));
        map_put(taken, buf_str(&key), taken);
    }
    return ERR_NONE;
}

size_t fleet_cluster_count(const struct fleet *fleet)
{
    size_t count = 0;
    for (size_t i = 0; i < fleet->count; i++)
        count += fleet->entries[i].count;
    return count;
}

static enum err names_check(const struct reader *reader, const struct json *list,
                            const struct fleet *fleet)
{
    struct map taken;
    enum err err = ERR_NONE;
    if (fleet_cluster_count(fleet) > FLEET_CLUSTERS_MAX)
        return reader_fail(reader, list, ERR_LIMIT, "found %zu clusters, expected at most %u",
                           fleet_cluster_count(fleet), FLEET_CLUSTERS_MAX);
    map_init(&taken);
    for (size_t i = 0; i < fleet->count && err == ERR_NONE; i++)
        err = entry_claim_names(reader, &fleet->entries[i], &taken);
    map_release(&taken);
    return err;
}

enum err fleet_read(const struct reader *reader, const struct json *list, struct fleet *ret_fleet)
{
    struct fleet fleet = {NULL, 0, reader->source, reader->document};
    size_t capacity = 0;
    enum err err = ERR_NONE;
    if (!json_is(list, JSON_ARRAY))
        return reader_mismatch(reader, list, STR_NONE, "a list of clusters", NULL, 0);
    JSON_EACH (node, list) {
        if (fleet.count == FLEET_ENTRIES_MAX)
            err = reader_fail(reader, node, ERR_LIMIT, "found more than %u entries",
                              FLEET_ENTRIES_MAX);
        if (err != ERR_NONE)
            break;
        fleet.entries = mem_grow_array(fleet.entries, fleet.count, &capacity,
                                       sizeof(*fleet.entries), FLEET_ENTRIES_MAX);
        err = entry_read(reader, node, &fleet.entries[fleet.count]);
        fleet.count += err == ERR_NONE;
    }
    if (err == ERR_NONE)
        err = names_check(reader, list, &fleet);
    if (err != ERR_NONE) {
        fleet_release(&fleet);
        return err;
    }
    *ret_fleet = fleet;
    return ERR_NONE;
}

void fleet_release(struct fleet *fleet)
{
    mem_free(fleet->entries);
    fleet->entries = NULL;
    fleet->count = 0;
}

/* Whose objects are being created, where, and who is told of a refusal. */
struct errand {
    const struct fleet *fleet;
    const struct fleet_entry *entry;
    struct sim *sim;
    struct errmsg *msg;
};

static bool is_success(int status)
{
    return status >= 200 && status <= 299;
}

/* Takes `body` over. Any refusal but the `tolerated` status is told with the entry's line. */
static enum err errand_send(const struct errand *errand, const char *method, struct str target,
                            struct json *body, int tolerated)
{
    struct reader reader = {errand->fleet->source, errand->fleet->document, errand->msg};
    struct fakeapi_response response;
    CLEANUP(mem_free_pointer) char *text = json_print_text(body);
    const char *type = strcmp(method, "PATCH") == 0 ? "application/merge-patch+json"
                                                    : "application/json";
    enum err err = ERR_NONE;
    json_free(body);
    int status = sim_user_request(errand->sim, method, target, type, str_from(text), &response);
    if (!is_success(status) && status != tolerated) {
        CLEANUP(buf_release) struct buf why;
        buf_init(&why, sizeof(struct errmsg) * 8);
        manifest_refusal(status, buf_str(&response.body), &why);
        err = reader_fail(&reader, errand->entry->node, ERR_INVALID,
                          "a cluster is refused by the API: %.*s", STR_ARGS(buf_str(&why)));
    }
    fakeapi_response_release(&response);
    return err;
}

static struct json *object_new(const char *api_version, const char *kind, struct str name_space,
                               struct str name)
{
    struct json *object = json_object();
    struct json *metadata = json_object();
    json_set(object, "apiVersion", json_text(api_version));
    json_set(object, "kind", json_text(kind));
    json_set(metadata, "name", json_string(name));
    if (!str_is_empty(name_space))
        json_set(metadata, "namespace", json_string(name_space));
    json_set(object, "metadata", metadata);
    return object;
}

static enum err create_namespace(const struct errand *errand)
{
    return errand_send(errand, "POST", STR("/api/v1/namespaces?fieldManager=kubectl-create"),
                       object_new("v1", "Namespace", STR_NONE, errand->entry->name_space), 409);
}

static struct json *cluster_object(const struct fleet_entry *entry, struct str name)
{
    const struct manifest_kind *kind = manifest_kind_find(entry->kind);
    struct json *object = object_new(kind->api_version, kind->kind, entry->name_space, name);
    struct json *spec = json_object();
    if (entry->labels != NULL)
        json_set(json_get(object, "metadata"), "labels", json_clone(entry->labels));
    if (entry->annotations != NULL)
        json_set(json_get(object, "metadata"), "annotations", json_clone(entry->annotations));
    /* A new Cluster is only noticed when it says that it is not paused (facts 5.1). */
    if (entry->paused || is_capi(entry))
        json_set(spec, "paused", json_bool(entry->paused));
    json_set(object, "spec", spec);
    return object;
}

static struct json *ready_patch(const struct fleet_entry *entry)
{
    struct json *patch = json_object();
    struct json *status = json_object();
    if (is_capi(entry)) {
        struct json *initialization = json_object();
        json_set(initialization, "controlPlaneInitialized", json_bool(true));
        json_set(status, "initialization", initialization);
    } else {
        json_set(status, "ready", json_bool(true));
        json_set(status, "connectionStatus", json_text("Healthy"));
    }
    json_set(patch, "status", status);
    return patch;
}

static enum err create_cluster(const struct errand *errand, struct str name)
{
    const struct fleet_entry *entry = errand->entry;
    struct object_ref ref = {manifest_kind_find(entry->kind), entry->name_space, STR_NONE};
    CLEANUP(buf_release) struct buf target;
    buf_init(&target, 8192);
    object_ref_path(&ref, &target);
    size_t collection_len = target.len;
    buf_append_text(&target, "?fieldManager=kubectl-create");
    enum err err = errand_send(errand, "POST", buf_str(&target), cluster_object(entry, name), 0);
    if (err != ERR_NONE || !entry->ready)
        return err;
    buf_truncate(&target, collection_len);
    buf_printf(&target, "/%.*s/status?fieldManager=manager", STR_ARGS(name));
    return errand_send(errand, "PATCH", buf_str(&target), ready_patch(entry), 0);
}

static enum err create_entry(const struct errand *errand)
{
    CLEANUP(buf_release) struct buf name;
    buf_init(&name, 4096);
    enum err err = create_namespace(errand);
    for (unsigned i = 1; i <= errand->entry->count && err == ERR_NONE; i++) {
        buf_clear(&name);
        print_name(errand->entry, i, &name);
        err = create_cluster(errand, buf_str(&name));
    }
    return err;
}

enum err fleet_create(const struct fleet *fleet, struct sim *sim, struct errmsg *msg)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; i < fleet->count && err == ERR_NONE; i++)
        err = create_entry(&(struct errand){fleet, &fleet->entries[i], sim, msg});
    return err;
}
