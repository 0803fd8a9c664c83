#include "scenarios/engine/sweep_mask.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "controller/base/yaml.h"
#include "fakeapi/builtin_crds.h"

#define UID_BYTES 36u
#define TIME_BYTES 20u /* 2006-01-02T15:04:05Z */
#define TEXT_BYTES_MAX (16u << 20)
#define OUR_ANNOTATIONS "promoter.dev/"

/* Takes the trees out of the file that is about to be released. */
static void learn_crd(struct mask *mask, struct yaml_file *file)
{
    for (size_t i = 0; i < file->document_count; i++) {
        const struct json *root = file->documents[i].root;
        struct str kind = json_text_at(root, "spec.names.kind");
        const struct json *version = json_first(json_at(root, "spec.versions"));
        const struct json *schema = json_at(version, "schema.openAPIV3Schema");
        if (str_is_empty(kind) || schema == NULL)
            continue;
        mask->documents = mem_resize(mask->documents,
                                     (mask->document_count + 1) * sizeof(*mask->documents));
        struct json *kept = json_clone(schema);
        mask->documents[mask->document_count++] = kept;
        (void)map_put(&mask->schemas, kind, kept);
    }
}

void mask_init(struct mask *mask)
{
    *mask = (struct mask){.document_count = 0};
    map_init(&mask->schemas);
    for (size_t i = 0; i < builtin_crd_count; i++) {
        struct yaml_file file = {0};
        struct errmsg msg = {{0}};
        if (yaml_parse(builtin_crds[i].text, &file, &msg) != ERR_NONE)
            continue; /* the fake API itself refuses to start then */
        learn_crd(mask, &file);
        yaml_file_release(&file);
    }
}

void mask_release(struct mask *mask)
{
    map_release(&mask->schemas);
    for (size_t i = 0; i < mask->document_count; i++)
        json_free(mask->documents[i]);
    mem_free(mask->documents);
}

void mask_uids_init(struct mask_uids *uids, const struct fakeapi *api)
{
    struct map made; /* how many objects of this name there were */
    map_init(&made);
    map_init(&uids->names);
    for (size_t i = 0; i < fakeapi_audit_count(api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        struct str uid = json_text_at(audit->after, "metadata.uid");
        if (!audit->created || str_is_empty(uid) || map_get(&uids->names, uid) != NULL)
            continue;
        char *key = str_format("%.*s/%.*s/%.*s", STR_ARGS(audit->kind),
                               STR_ARGS(audit->name_space), STR_ARGS(audit->name));
        unsigned *count = map_get(&made, str_from(key));
        if (count == NULL) {
            count = mem_alloc(sizeof(*count));
            (void)map_put(&made, str_from(key), count);
        }
        char *name = str_format("<uid of %s, %u>", key, ++*count);
        (void)map_put(&uids->names, uid, name);
        mem_free(key);
    }
    MAP_EACH(entry, &made)
        mem_free(map_entry_value(entry));
    map_release(&made);
}

void mask_uids_release(struct mask_uids *uids)
{
    MAP_EACH(entry, &uids->names)
        mem_free(map_entry_value(entry));
    map_release(&uids->names);
}

static const char *uid_name_at(const struct mask_uids *uids, struct str text, size_t at)
{
    if (text.len - at < UID_BYTES || text.data[at + 8] != '-' || text.data[at + 13] != '-')
        return NULL;
    return map_get(&uids->names, str_slice(text, at, at + UID_BYTES));
}

/* Length of the time that begins at `at`, 0 for none: with or without microseconds. */
static size_t time_length_at(struct str text, size_t at)
{
    static const size_t LENGTHS[] = {TIME_BYTES, TIME_BYTES + 7};
    int64_t ignored = 0;
    if (text.len - at < TIME_BYTES || text.data[at + 4] != '-' || text.data[at + 10] != 'T')
        return 0;
    for (size_t i = 0; i < ARRAY_COUNT(LENGTHS); i++) {
        if (text.len - at >= LENGTHS[i] &&
            ktime_parse_rfc3339(str_slice(text, at, at + LENGTHS[i]), &ignored))
            return LENGTHS[i];
    }
    return 0;
}

char *mask_text(const struct mask_uids *uids, struct str text, bool times)
{
    struct buf out;
    buf_init(&out, TEXT_BYTES_MAX);
    for (size_t at = 0; at < text.len;) {
        const char *name = uid_name_at(uids, text, at);
        size_t time_bytes = times ? time_length_at(text, at) : 0;
        if (name != NULL)
            buf_append_text(&out, name);
        else if (time_bytes > 0)
            buf_append_text(&out, "<time>");
        else
            buf_append_char(&out, text.data[at]);
        at += name != NULL ? UID_BYTES : time_bytes > 0 ? time_bytes : 1;
    }
    return buf_steal(&out);
}

/* Texts of ours and of others that tell times. */
static bool tells_times(struct str key)
{
    return str_is(key, "currentStatusDescription") || str_is(key, "note") ||
           str_is(key, "message") || str_starts_with(key, STR(OUR_ANNOTATIONS));
}

static bool may_hold_uid(struct str text)
{
    return text.len >= UID_BYTES && str_find(text, '-', 0) < text.len;
}

static const struct json *child_schema(const struct json *schema, const struct json *parent,
                                       struct str key)
{
    if (json_is(parent, JSON_ARRAY))
        return json_get(schema, "items");
    const struct json *property = json_get_str(json_get(schema, "properties"), key);
    return property != NULL ? property : json_get(schema, "additionalProperties");
}

/* In managedFields the key of an owner tells its uid. */
static void mask_key(const struct mask_uids *uids, struct json *object, struct json *member)
{
    char *masked = mask_text(uids, json_key(member), false);
    if (!str_is(json_key(member), masked))
        json_set(object, masked, json_detach(object, member));
    mem_free(masked);
}

/* Depth is that of a stored object: at most 64. */
static void mask_tree(const struct mask_uids *uids, const struct json *schema, struct json *parent)
{
    struct json *item = json_first(parent);
    while (item != NULL) {
        struct json *next = json_next(item);
        struct str text = json_string_of(item);
        const struct json *schema_here = child_schema(schema, parent, json_key(item));
        bool times = tells_times(json_key(item));
        if (json_is(item, JSON_STRING) &&
            str_is(json_text_at(schema_here, "format"), "date-time")) {
            json_replace(parent, item, json_text("<time>"));
        } else if (json_is(item, JSON_STRING) && (times || may_hold_uid(text))) {
            char *masked = mask_text(uids, text, times);
            json_replace(parent, item, json_text(masked));
            mem_free(masked);
        } else {
            mask_tree(uids, schema_here, item);
            if (may_hold_uid(json_key(item)))
                mask_key(uids, parent, item);
        }
        item = next;
    }
}

static void mask_member(struct json *object, const char *key)
{
    if (json_get(object, key) != NULL)
        json_set(object, key, json_text("<time>"));
}

struct list_order {
    const char *const *keys; /* texts, compared in turn */
    size_t key_count;
};

static int compare_items(const struct json *a, const struct json *b, struct list_order order)
{
    for (size_t i = 0; i < order.key_count; i++) {
        int difference =
            str_compare(json_text_at(a, order.keys[i]), json_text_at(b, order.keys[i]));
        if (difference != 0)
            return difference;
    }
    return 0;
}

static void sort_list(struct json *parent, const char *member, struct list_order order)
{
    struct json *from = json_get(parent, member);
    if (from == NULL)
        return;
    struct json *sorted = json_array();
    while (json_first(from) != NULL) {
        struct json *least = json_first(from);
        JSON_EACH(item, from)
        {
            if (compare_items(item, least, order) < 0)
                least = item;
        }
        json_append(sorted, json_detach(from, least));
    }
    json_set(parent, member, sorted);
}

/* A real server sorts the entries by time: another time, another order. */
static void mask_managers(struct json *metadata)
{
    static const char *const KEYS[] = {"manager", "operation", "subresource", "apiVersion"};
    sort_list(metadata, "managedFields", (struct list_order){KEYS, ARRAY_COUNT(KEYS)});
    JSON_EACH(entry, json_get(metadata, "managedFields"))
    mask_member(entry, "time");
}

/* Sveltos draws the order anew in each pass, and a delay can mean one pass more. */
static void sort_matching_clusters(struct json *profile)
{
    static const char *const KEYS[] = {"namespace", "name", "kind"};
    sort_list(json_get(profile, "status"), "matchingClusters",
              (struct list_order){KEYS, ARRAY_COUNT(KEYS)});
}

/* Sveltos labels a profile with the cluster whose summary it made last: the order in which
 * clusters became ready before that, which any delay moves. */
static void mask_last_cluster(struct json *metadata)
{
    static const char *const LABELS[] = {"projectsveltos.io/cluster-name",
                                         "projectsveltos.io/cluster-namespace",
                                         "projectsveltos.io/cluster-type"};
    struct json *labels = json_get(metadata, "labels");
    for (size_t i = 0; i < ARRAY_COUNT(LABELS); i++) {
        if (json_get(labels, LABELS[i]) != NULL)
            json_set(labels, LABELS[i], json_text("<the last>"));
    }
}

struct json *mask_object(const struct mask *mask, const struct mask_uids *uids, struct str kind,
                         const struct json *object)
{
    static const char *const TIMES[] = {"eventTime", "deprecatedFirstTimestamp",
                                        "deprecatedLastTimestamp", "firstTimestamp",
                                        "lastTimestamp"};
    struct json *copy = json_clone(object);
    struct json *metadata = json_get(copy, "metadata");
    json_remove(metadata, "resourceVersion");
    /* While the controller was away, Sveltos may have passed an edit on that is taken back. */
    if (str_is(kind, "ClusterSummary"))
        json_remove(metadata, "generation");
    if (str_is(kind, "ClusterProfile")) {
        mask_last_cluster(metadata);
        sort_matching_clusters(copy);
    }
    mask_member(metadata, "creationTimestamp");
    mask_member(metadata, "deletionTimestamp");
    mask_managers(metadata);
    if (str_is(kind, "Event")) {
        for (size_t i = 0; i < ARRAY_COUNT(TIMES); i++)
            mask_member(copy, TIMES[i]);
        if (json_get(copy, "series") != NULL)
            mask_member(json_get(copy, "series"), "lastObservedTime");
    }
    mask_tree(uids, map_get(&mask->schemas, kind), copy);
    return copy;
}
