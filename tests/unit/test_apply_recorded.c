/*
 * Apply and update tracking held to what a real server answered: the conversations of topic
 * `apply` played against a store of a few lines (no paths, no metadata rules, no watch), so
 * that what differs is the merge or the owners. Skipped when the recordings are not there.
 */
#include "tests/testlib/test.h"

#include <dirent.h>

#include "controller/base/ktime.h"
#include "controller/base/map.h"
#include "controller/base/mem.h"
#include "controller/base/yaml.h"

#include "fakeapi/apply.h"

struct kind {
    struct schema *schema;
    bool has_status;
    struct json *versions;
};

struct play {
    struct map kinds;   /* "group/version/plural" -> struct kind */
    struct map objects; /* "group/plural/namespace/name" -> struct json */
    struct map captured;
    int64_t now_ms;
    int64_t resource_version;
    struct str file;
    struct str step;
    size_t compared;
    size_t failed;
};

struct target {
    char *kind_key;
    char *object_key;
    char *api_version;
    struct str name;
    struct str subresource;
    char *manager;
    bool force;
    bool dry_run;
};

/* Steps whose outcome is decided by rules outside of this module, so that the little store
 * would store what a real server refuses, or the other way round. */
static const char *const foreign_steps[] = {
    "01-create.json/with-wrong-uid",
    "02-parameters.json/managed-fields-empty-list",
    "04-force-with-other-patches.json/put-manager-not-printable",
    "09-list-map-keys.json/key-missing",
    "12-metadata.json/bad-finalizer",
    "12-metadata.json/owner-without-uid",
    "13-preserve-unknown.json/embedded-without-kind",
    /* Fields that only one version has: they fail to convert, and what follows from that. */
    "27-versions.json/bob-v2",
    "27-versions.json/update-v2",
    "27-versions.json/bob-v1-drops-v2-fields",
    "27-versions.json/conflict-names-version",
    "27-versions.json/v1-body-at-v2",
    "27-versions.json/read-v1",
    "27-versions.json/read-v2",
    "27-versions.json/status-v2",
};

static char *read_text(const char *path)
{
    struct buf text;
    char chunk[4096];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    buf_init(&text, 16u << 20);
    size_t bytes = 0;
    while ((bytes = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_append_bytes(&text, chunk, bytes);
    fclose(file);
    return buf_steal(&text);
}

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    struct errmsg msg;
    assert_err(json_parse(str_from(text), NULL, &value, &msg), ERR_NONE);
    return value;
}

static void add_crd(struct play *play, const struct json *crd)
{
    struct json *spec = json_get(crd, "spec");
    struct json *served = json_array();
    struct str group = json_text_at(spec, "group");
    struct str plural = json_text_at(spec, "names.plural");
    JSON_EACH(version, json_get(spec, "versions")) {
        char *api_version = str_format("%.*s/%.*s", STR_ARGS(group),
                                       STR_ARGS(json_text_at(version, "name")));
        json_append(served, json_text(api_version));
        mem_free(api_version);
    }
    JSON_EACH(version, json_get(spec, "versions")) {
        struct errmsg msg;
        struct kind *kind = mem_alloc(sizeof(*kind));
        assert_err(schema_create(json_at(version, "schema.openAPIV3Schema"), &kind->schema, &msg),
                   ERR_NONE);
        kind->has_status = json_at(version, "subresources.status") != NULL;
        kind->versions = json_clone(served);
        char *key = str_format("%.*s/%.*s/%.*s", STR_ARGS(group),
                               STR_ARGS(json_text_at(version, "name")), STR_ARGS(plural));
        assert_null(map_put(&play->kinds, str_from(key), kind));
        mem_free(key);
    }
    json_free(served);
}

static void load_crds(struct play *play, const char *shared)
{
    static const char *const files[] = {"sveltosclusters.lib.projectsveltos.io",
                                        "clusterprofiles.config.projectsveltos.io",
                                        "clusterpromotions.config.projectsveltos.io"};
    char *folder = str_format("%s/crds", shared);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        if (!str_ends_with(str_from(entry->d_name), STR(".yaml")))
            continue;
        char *path = str_format("%s/%s", folder, entry->d_name);
        char *text = read_text(path);
        struct yaml_file yaml;
        struct errmsg msg;
        assert_err(yaml_parse(str_from(text), &yaml, &msg), ERR_NONE);
        for (size_t i = 0; i < yaml.document_count; i++) {
            for (size_t f = 0; f < ARRAY_COUNT(files); f++) {
                if (str_is(json_text_at(yaml.documents[i].root, "metadata.name"), files[f]))
                    add_crd(play, yaml.documents[i].root);
            }
        }
        yaml_file_release(&yaml);
        mem_free(text);
        mem_free(path);
    }
    closedir(dir);
    mem_free(folder);
}

static struct str query_value(struct str query, struct str name)
{
    while (query.data != NULL) {
        struct str pair = str_split_next(&query, '&');
        struct str key = str_split_next(&pair, '=');
        if (str_equal(key, name))
            return pair;
    }
    return STR_NONE;
}

static struct target target_of(const struct json *step)
{
    struct target target = {0};
    struct str query = json_text_at(step, "path");
    struct str path = str_split_next(&query, '?');
    struct str pieces[8] = {0};
    size_t count = 0;
    path = str_slice(path, 6, path.len); /* /apis/ */
    while (path.data != NULL && count < ARRAY_COUNT(pieces))
        pieces[count++] = str_split_next(&path, '/');
    bool namespaced = str_is(pieces[2], "namespaces");
    struct str *rest = pieces + (namespaced ? 4 : 2);
    target.kind_key = str_format("%.*s/%.*s/%.*s", STR_ARGS(pieces[0]), STR_ARGS(pieces[1]),
                                 STR_ARGS(rest[0]));
    target.api_version = str_format("%.*s/%.*s", STR_ARGS(pieces[0]), STR_ARGS(pieces[1]));
    target.name = rest[1];
    if (str_is_empty(target.name))
        target.name = json_text_at(json_get(step, "body"), "metadata.name");
    target.object_key = str_format("%.*s/%.*s/%.*s", STR_ARGS(pieces[0]), STR_ARGS(rest[0]),
                                   STR_ARGS(target.name));
    target.subresource = rest[2];
    struct str manager = query_value(query, STR("fieldManager"));
    struct str agent = json_string_of(json_get(json_get(step, "headers"), "User-Agent"));
    if (str_is_empty(manager))
        manager = agent.data != NULL ? agent : STR("replay");
    target.manager = str_dup(manager);
    struct str force = query_value(query, STR("force"));
    target.force = str_is(force, "true") || str_is(force, "1");
    target.dry_run = query_value(query, STR("dryRun")).data != NULL;
    return target;
}

static void target_release(struct target *target)
{
    mem_free(target->kind_key);
    mem_free(target->object_key);
    mem_free(target->api_version);
    mem_free(target->manager);
}

/* RFC 7386. */
static void merge_patch(struct json *object, const struct json *patch)
{
    JSON_EACH(member, patch) {
        struct str key = json_key(member);
        struct json *old = json_get_str(object, key);
        if (json_type(member) == JSON_NULL) {
            json_remove_str(object, key);
        } else if (!json_is(member, JSON_OBJECT)) {
            json_set_str(object, key, json_clone(member));
        } else {
            if (!json_is(old, JSON_OBJECT))
                json_set_str(object, key, json_object());
            merge_patch(json_get_str(object, key), member);
        }
    }
}

/* Only add and replace of members, which is what the recordings hold. */
static void json_patch(struct json *object, const struct json *patch)
{
    JSON_EACH(operation, patch) {
        struct str path = json_text_at(operation, "path");
        struct json *at = object;
        str_split_next(&path, '/');
        struct str name = str_split_next(&path, '/');
        while (path.data != NULL) {
            at = json_get_str(at, name);
            name = str_split_next(&path, '/');
        }
        json_set_str(at, name, json_clone(json_get(operation, "value")));
    }
}

static struct json *body_of(const struct json *step)
{
    struct json *body = NULL;
    struct str raw = json_text_at(step, "raw");
    if (json_get(step, "body") != NULL) {
        body = json_clone(json_get(step, "body"));
    } else if (raw.data != NULL) {
        struct yaml_file yaml;
        struct errmsg msg;
        if (yaml_parse(raw, &yaml, &msg) != ERR_NONE)
            return NULL;
        if (yaml.document_count > 0)
            body = json_clone(yaml.documents[0].root);
        yaml_file_release(&yaml);
    }
    struct json *metadata = json_get(body, "metadata");
    if (json_is(metadata, JSON_OBJECT)) {
        json_remove(metadata, "resourceVersion");
        json_remove(metadata, "uid");
    }
    return body;
}

static void keep_member(struct json *object, const struct json *live, const char *name)
{
    const struct json *value = json_get(live, name);
    if (value != NULL)
        json_set(object, name, json_clone(value));
    else
        json_remove(object, name);
}

static void keep_all_but_status(struct json **object, const struct json *live)
{
    struct json *kept = json_clone(live);
    struct json *managed = json_get(json_get(*object, "metadata"), "managedFields");
    keep_member(kept, *object, "status");
    if (managed != NULL)
        json_set(json_get(kept, "metadata"), "managedFields", json_clone(managed));
    else
        json_remove(json_get(kept, "metadata"), "managedFields");
    json_free(*object);
    *object = kept;
}

static void keep_system_metadata(struct json *object, const struct json *live)
{
    static const char *const names[] = {"generation", "creationTimestamp", "uid",
                                        "selfLink", "namespace", "generateName"};
    struct json *metadata = json_get(object, "metadata");
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        keep_member(metadata, json_get(live, "metadata"), names[i]);
    if (json_first(json_get(metadata, "finalizers")) == NULL)
        json_remove(metadata, "finalizers");
    if (json_first(json_get(metadata, "labels")) == NULL)
        json_remove(metadata, "labels");
    if (json_first(json_get(metadata, "annotations")) == NULL)
        json_remove(metadata, "annotations");
    if (json_first(json_get(metadata, "ownerReferences")) == NULL)
        json_remove(metadata, "ownerReferences");
}

static bool is_valid(const struct kind *kind, const struct json *object)
{
    struct schema_errors errors = {0};
    schema_validate(kind->schema, object, STR(""), 0, &errors);
    bool valid = errors.count == 0;
    schema_errors_release(&errors);
    return valid;
}

static struct apply_writer writer_of(const struct play *play, const struct target *target,
                                     const struct kind *kind)
{
    return (struct apply_writer){.manager = str_from(target->manager),
                                 .api_version = str_from(target->api_version),
                                 .subresource = target->subresource,
                                 .now_ms = play->now_ms,
                                 .status_is_plain = !kind->has_status,
                                 .served_versions = kind->versions};
}

/* The object that a write other than an apply makes of the live one. */
static struct json *updated_object(const struct json *step, const struct target *target,
                                   const struct json *live, const struct json *body)
{
    struct str type = json_string_of(json_get(json_get(step, "headers"), "Content-Type"));
    if (str_is(target->subresource, "scale")) {
        struct json *object = json_clone(live);
        json_set(json_get(object, "spec"), "replicas", json_clone(json_at(body, "spec.replicas")));
        return object;
    }
    if (!str_is(json_text_at(step, "method"), "PATCH"))
        return json_clone(body);
    struct json *object = json_clone(live);
    if (str_is(type, "application/json-patch+json"))
        json_patch(object, body);
    else
        merge_patch(object, body);
    return object;
}

/* What every write passes through before its owners are settled. False: refused. */
static bool settle(const struct kind *kind, const struct target *target, const struct json *live,
                   struct json **object)
{
    if (live != NULL)
        json_set(*object, "apiVersion", json_text(target->api_version));
    if (str_is(target->subresource, "status"))
        keep_all_but_status(object, live);
    else if (kind->has_status)
        keep_member(*object, live, "status");
    keep_system_metadata(*object, live);
    schema_fill_defaults(kind->schema, *object);
    schema_prune(kind->schema, *object, NULL);
    return is_valid(kind, *object);
}

static struct json *write_object(struct play *play, const struct json *step,
                                 const struct target *target, const struct kind *kind,
                                 struct json *live, const struct json *body,
                                 struct apply_result *result)
{
    struct apply_writer writer = writer_of(play, target, kind);
    struct str type = json_string_of(json_get(json_get(step, "headers"), "Content-Type"));
    bool apply = str_starts_with(type, STR("application/apply-patch+yaml"));
    struct json *object = NULL;
    if (apply) {
        apply_merge(kind->schema, live, body, &writer, target->force, result);
        if (result->failure != APPLY_OK)
            return NULL;
        object = json_clone(result->object);
    } else {
        object = updated_object(step, target, live, body);
        schema_drop_nulls(kind->schema, object);
    }
    if (!settle(kind, target, live, &object)) {
        json_free(object);
        return NULL;
    }
    if (apply)
        apply_finish(kind->schema, live, object, &writer);
    else
        apply_track_update(kind->schema, live, object, &writer);
    keep_member(json_get(object, "metadata"), json_get(live, "metadata"), "resourceVersion");
    if (!target->dry_run && !json_equal(live, object))
        json_set(json_get(object, "metadata"), "resourceVersion",
                 json_int(++play->resource_version));
    return object;
}

static int text_compare(const void *a, const void *b)
{
    char *const *left = a;
    char *const *right = b;
    return str_compare(str_from(*left), str_from(*right));
}

/* Entries as a sorted list of texts, times replaced. */
static char *managed_text(const struct json *object)
{
    char *lines[32];
    size_t count = 0;
    JSON_EACH(entry, json_get(json_get(object, "metadata"), "managedFields")) {
        struct json *copy = json_clone(entry);
        if (json_get(copy, "time") != NULL)
            json_set(copy, "time", json_text("<time>"));
        json_sort(copy);
        assert_true(count < ARRAY_COUNT(lines));
        lines[count++] = json_print_text(copy);
        json_free(copy);
    }
    qsort(lines, count, sizeof(char *), text_compare);
    struct buf out;
    buf_init(&out, 4u << 20);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&out, "\n    %s", lines[i]);
        mem_free(lines[i]);
    }
    buf_append_char(&out, '\n');
    return buf_steal(&out);
}

/* What this module decides of an object: labels and the like, spec, status. */
static char *content_text(const struct json *object)
{
    static const char *const names[] = {"labels", "annotations", "finalizers"};
    struct json *copy = json_clone(object);
    const struct json *metadata = json_get(copy, "metadata");
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        const struct json *value = json_get(metadata, names[i]);
        if (value != NULL)
            json_set(copy, names[i], json_clone(value));
    }
    json_remove(copy, "metadata");
    json_remove(copy, "apiVersion");
    json_sort(copy);
    char *text = json_print_text(copy);
    json_free(copy);
    return text;
}

static void differs(struct play *play, const char *what, const char *expected, const char *actual)
{
    play->failed++;
    print_error("%.*s/%.*s: %s\n  expected %s\n  actual   %s\n", STR_ARGS(play->file),
                STR_ARGS(play->step), what, expected, actual);
}

static void compare_texts(struct play *play, const char *what, char *expected, char *actual)
{
    if (!str_equal(str_from(expected), str_from(actual)))
        differs(play, what, expected, actual);
    mem_free(expected);
    mem_free(actual);
}

static const char *text_or(const char *text, const char *fallback)
{
    return text != NULL ? text : fallback;
}

static void compare_relations(struct play *play, const struct json *expect,
                              const struct json *object)
{
    JSON_EACH(relation, json_get(expect, "relations")) {
        struct str rest = json_key(relation);
        struct str path = str_split_next(&rest, ' ');
        struct str operator = str_split_next(&rest, ' ');
        const char *before = map_get(&play->captured, rest);
        struct json *value = NULL;
        if (str_is(path, "metadata.resourceVersion"))
            value = json_at(object, "metadata.resourceVersion");
        if (value == NULL || before == NULL)
            continue;
        char *now = json_print_text(value);
        bool same = str_equal(str_from(now), str_from(before));
        bool holds = str_is(operator, "==") ? same : !same;
        if (holds != json_bool_of(relation))
            differs(play, "a relation", json_key(relation).data, now);
        mem_free(now);
    }
}

/* Of an answer of which only some paths were recorded. */
static void compare_recorded_owners(struct play *play, const struct json *recorded,
                                    const struct json *object)
{
    const struct json *entries = json_get(recorded, "metadata.managedFields");
    if (!json_is(entries, JSON_ARRAY) || object == NULL)
        return;
    struct json *wrapped = json_object();
    json_set(wrapped, "metadata", json_object());
    json_set(json_get(wrapped, "metadata"), "managedFields", json_clone(entries));
    play->compared++;
    compare_texts(play, "managedFields", managed_text(wrapped), managed_text(object));
    json_free(wrapped);
}

static void compare_answer(struct play *play, const struct json *step, const struct json *object,
                           const struct apply_result *result)
{
    const struct json *expect = json_get(step, "expect");
    const struct json *body = json_get(expect, "body");
    int64_t status = 0;
    if (!json_int_of(json_get(expect, "status"), &status))
        return;
    if (json_get(step, "only") != NULL) {
        compare_recorded_owners(play, body, object);
        return;
    }
    if (str_is(json_text_at(body, "kind"), "Scale"))
        return;
    play->compared++;
    if (status == 409 || status == 500) {
        struct str expected = json_text_at(body, "message");
        char *uid = str_format("%s", text_or(result->message, "<no failure>"));
        if (!str_is(expected, uid) && !str_contains(expected, STR("<uid>")))
            differs(play, "the message", json_text_at(body, "message").data, uid);
        mem_free(uid);
        if (result->failure == APPLY_CONFLICT && json_get(step, "any_order") == NULL &&
            json_count(result->causes) != json_count(json_at(body, "details.causes")))
            differs(play, "the causes", "", "");
        return;
    }
    if (object == NULL) {
        differs(play, "refused", "stored", text_or(result->message, "invalid"));
        return;
    }
    compare_texts(play, "managedFields", managed_text(body), managed_text(object));
    compare_texts(play, "content", content_text(body), content_text(object));
    compare_relations(play, expect, object);
}

static void capture(struct play *play, const struct json *step, const struct json *object)
{
    JSON_EACH(item, json_get(step, "capture")) {
        if (str_is(json_string_of(item), "metadata.resourceVersion") && object != NULL)
            mem_free(map_put(&play->captured, json_key(item),
                             json_print_text(json_at(object, "metadata.resourceVersion"))));
    }
}

static bool is_foreign(const struct play *play)
{
    char *id = str_format("%.*s/%.*s", STR_ARGS(play->file), STR_ARGS(play->step));
    bool found = false;
    for (size_t i = 0; i < ARRAY_COUNT(foreign_steps); i++)
        found |= str_is(str_from(id), foreign_steps[i]);
    mem_free(id);
    return found;
}

/* Answers that this module has no part in: refused before or behind it. */
static bool is_refused_elsewhere(const struct play *play, const struct json *step)
{
    const struct json *expect = json_get(step, "expect");
    struct str message = json_text_at(expect, "body.message");
    int64_t status = 0;
    if (json_int_of(json_get(expect, "status"), &status) && status >= 400 && status != 409 &&
        status != 500)
        return true;
    if (str_contains(message, STR("autoscaling/v1")))
        return true;
    if (status == 409 && !str_starts_with(message, STR("Apply failed")))
        return true;
    if (status == 500 && !str_starts_with(message, STR("failed to create typed")))
        return true;
    return is_foreign(play);
}

static void play_write(struct play *play, const struct json *step, const struct target *target)
{
    const struct kind *kind = map_get(&play->kinds, str_from(target->kind_key));
    struct json *live = map_get(&play->objects, str_from(target->object_key));
    struct json *body = body_of(step);
    struct apply_result result = {.failure = APPLY_OK};
    bool create = str_is(json_text_at(step, "method"), "POST");
    if (kind != NULL && body != NULL && (live != NULL || create || target->subresource.len == 0)) {
        struct json *object = write_object(play, step, target, kind, create ? NULL : live, body,
                                           &result);
        compare_answer(play, step, object, &result);
        capture(play, step, object);
        if (object != NULL && !target->dry_run)
            json_free(map_put(&play->objects, str_from(target->object_key), object));
        else
            json_free(object);
    }
    apply_result_release(&result);
    json_free(body);
}

static void play_step(struct play *play, const struct json *step)
{
    struct str method = json_text_at(step, "method");
    play->step = json_text_at(step, "id");
    play->now_ms += 10 + (int64_t)(1000 * json_double_of(json_get(step, "sleep")));
    if (method.data == NULL || is_refused_elsewhere(play, step))
        return;
    if (str_is(json_text_at(json_get(step, "body"), "kind"), "CustomResourceDefinition")) {
        add_crd(play, json_get(step, "body"));
        return;
    }
    struct target target = target_of(step);
    struct json *live = map_get(&play->objects, str_from(target.object_key));
    if (str_is(method, "DELETE")) {
        if (json_get(json_get(live, "metadata"), "finalizers") == NULL)
            json_free(map_remove(&play->objects, str_from(target.object_key)));
    } else if (str_is(method, "GET")) {
        struct apply_result none = {.failure = APPLY_OK};
        if (live != NULL && !str_is(target.subresource, "scale")) {
            compare_answer(play, step, live, &none);
            capture(play, step, live);
        }
    } else {
        play_write(play, step, &target);
    }
    target_release(&target);
}

static void play_release(struct play *play)
{
    MAP_EACH(entry, &play->kinds) {
        struct kind *kind = map_entry_value(entry);
        schema_free(kind->schema);
        json_free(kind->versions);
        mem_free(kind);
    }
    MAP_EACH(entry, &play->objects)
        json_free(map_entry_value(entry));
    MAP_EACH(entry, &play->captured)
        mem_free(map_entry_value(entry));
    map_release(&play->kinds);
    map_release(&play->objects);
    map_release(&play->captured);
}

static void play_file(const char *name)
{
    const char *shared = getenv("PROMOTER_SHARED");
    char *path = str_format("%s/conformance/apply/%s", shared != NULL ? shared : "", name);
    char *text = read_text(path);
    mem_free(path);
    if (text == NULL)
        skip();
    struct play play = {.now_ms = 1700000000000, .file = str_from(name)};
    map_init(&play.kinds);
    map_init(&play.objects);
    map_init(&play.captured);
    load_crds(&play, shared);
    struct json *conversation = parse(text);
    JSON_EACH(step, json_get(conversation, "steps"))
        play_step(&play, step);
    print_message("%s: %zu answers compared\n", name, play.compared);
    size_t failed = play.failed;
    size_t compared = play.compared;
    json_free(conversation);
    mem_free(text);
    play_release(&play);
    assert_int_equal(failed, 0);
    assert_true(compared > 0);
}

static void play_initial_state(void **state)
{
    play_file(*state);
}

static const char *const files[] = {
    "01-create.json", "02-parameters.json", "03-conflicts.json", "04-force-with-other-patches.json",
    "05-removal.json", "06-no-change.json", "07-stages.json", "08-list-map-order.json",
    "09-list-map-keys.json", "10-sets.json", "11-atomic-and-granular.json", "12-metadata.json",
    "13-preserve-unknown.json", "15-status.json", "17-update-after-apply.json",
    "18-before-first-apply.json", "19-edit-managed-fields.json", "20-body-formats.json",
    "21-dry-run.json", "22-field-validation.json", "23-like-a-controller.json", "25-deletion.json",
    "26-many-fields.json", "27-versions.json", "28-wrong-types.json", "29-scale.json",
    "30-defaults.json",
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_COUNT(files)] = {0};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++)
        tests[i] = (struct CMUnitTest){.name = files[i],
                                       .test_func = play_initial_state,
                                       .initial_state = (void *)(uintptr_t)files[i]};
    return cmocka_run_group_tests_name("recorded answers hold", tests, NULL, NULL);
}
