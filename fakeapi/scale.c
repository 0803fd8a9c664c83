#include "fakeapi/scale.h"

#include "controller/base/mem.h"

#include "fakeapi/decode.h"
#include "fakeapi/patch.h"
#include "fakeapi/status.h"
#include "fakeapi/write.h"

#define SCALE_VERSION "autoscaling/v1"

bool call_is_scale(const struct call *call)
{
    return str_is(call->subresource, "scale");
}

/* What stands at a path such as ".spec.replicas". */
static const struct json *at_path(const struct json *object, const char *path)
{
    return path != NULL && path[0] == '.' ? json_at(object, path + 1) : NULL;
}

static bool refuse_without_replicas(struct call *call)
{
    struct json *details = json_object();
    struct json *causes = json_array();
    struct json *cause = json_object();
    char *text = str_format("the spec replicas field \"%s\" does not exist",
                            call->resource->scale.spec_replicas);
    json_set(cause, "message", json_text(text));
    json_append(causes, cause);
    json_set(details, "causes", causes);
    answer_failure_details(call, 500, "InternalError", details, "Internal error occurred: %s",
                           text);
    mem_free(text);
    return false;
}

static struct json *scale_meta(const struct json *object)
{
    static const char *const names[] = {"name", "namespace", "uid", "resourceVersion",
                                        "creationTimestamp"};
    struct json *metadata = json_object();
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        const struct json *value = json_get(json_get(object, "metadata"), names[i]);
        if (value != NULL)
            json_set(metadata, names[i], json_clone(value));
    }
    return metadata;
}

static struct json *scale_status(const struct resource_scale *scale, const struct json *object)
{
    struct json *status = json_object();
    const struct json *replicas = at_path(object, scale->status_replicas);
    struct str selector = json_string_of(at_path(object, scale->label_selector));
    json_set(status, "replicas", replicas != NULL ? json_clone(replicas) : json_int(0));
    if (selector.len > 0)
        json_set(status, "selector", json_string(selector));
    return status;
}

struct json *scale_of(struct call *call, const struct json *object)
{
    const struct resource_scale *scale = &call->resource->scale;
    const struct json *replicas = at_path(object, scale->spec_replicas);
    struct json *made;
    struct json *spec;
    int64_t count = 0;
    if (replicas == NULL) {
        (void)refuse_without_replicas(call);
        return NULL;
    }
    made = json_object();
    spec = json_object();
    if (json_int_of(replicas, &count) && count != 0)
        json_set(spec, "replicas", json_int(count));
    json_set(made, "kind", json_text("Scale"));
    json_set(made, "apiVersion", json_text(SCALE_VERSION));
    json_set(made, "metadata", scale_meta(object));
    json_set(made, "spec", spec);
    json_set(made, "status", scale_status(scale, object));
    return made;
}

static void check_replicas(const struct json *object, const char *path,
                           struct schema_errors *errors)
{
    int64_t count = 0;
    if (json_int_of(at_path(object, path), &count) && count < 0)
        schema_errors_add(errors, "FieldValueInvalid", str_from(path),
                          "Invalid value: %" PRId64 ": should be a non-negative integer", count);
}

void scale_validate(const struct resource *resource, const struct json *object,
                    struct schema_errors *errors)
{
    check_replicas(object, resource->scale.spec_replicas, errors);
    check_replicas(object, resource->scale.status_replicas, errors);
}

static bool check_kind(struct call *call, const struct json *scale)
{
    struct str version = json_text_at(scale, "apiVersion");
    struct str kind = json_text_at(scale, "kind");
    if (str_is(version, SCALE_VERSION) && str_is(kind, "Scale"))
        return true;
    answer_failure(call, 400, "BadRequest",
                   "no kind is registered for the type %.*s.%.*s in scheme "
                   "\"pkg/runtime/scheme.go:111\"", STR_ARGS(version), STR_ARGS(kind));
    return false;
}

/* The wanted number; 0 when the Scale names none. */
static bool read_replicas(struct call *call, const struct json *scale, int64_t *ret_count)
{
    const struct json *replicas = json_at(scale, "spec.replicas");
    *ret_count = 0;
    if (replicas == NULL || json_is(replicas, JSON_NULL) || json_int_of(replicas, ret_count))
        return true;
    answer_failure(call, 400, "BadRequest",
                   "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal "
                   "%s into Go struct field ScaleSpec.spec.replicas of type int32",
                   go_type_name(replicas));
    return false;
}

/* uid and resourceVersion, where the Scale names them, are preconditions. */
static bool check_preconditions(struct call *call, const struct json *scale,
                                const struct record *live)
{
    struct str uid = json_text_at(scale, "metadata.uid");
    struct str version = json_text_at(scale, "metadata.resourceVersion");
    if (uid.len > 0 && !str_equal(uid, json_text_at(live->object, "metadata.uid"))) {
        answer_conflict(call, "Precondition failed: UID in precondition: %.*s, UID in object meta: "
                              "%.*s", STR_ARGS(uid),
                        STR_ARGS(json_text_at(live->object, "metadata.uid")));
        return false;
    }
    if (version.len > 0 && !str_is(version, "0") &&
        !str_equal(version, json_text_at(live->object, "metadata.resourceVersion"))) {
        answer_stale(call);
        return false;
    }
    return true;
}

static void set_at(struct json *object, struct str path, struct json *value)
{
    struct str rest = path;
    struct str name = str_split_next(&rest, '.');
    if (rest.data == NULL) {
        json_set_str(object, name, value);
        return;
    }
    if (!json_is(json_get_str(object, name), JSON_OBJECT))
        json_set_str(object, name, json_object());
    set_at(json_get_str(object, name), rest, value);
}

/* Stores the object with the number of replicas that the Scale wants. */
static void write_scale(struct call *call, const struct write_options *options,
                        struct record *live, const struct json *scale)
{
    struct write write = {.call = call, .options = options};
    int64_t count = 0;
    if (!check_kind(call, scale) || !check_name(call, scale) ||
        !read_replicas(call, scale, &count) || !check_preconditions(call, scale, live))
        return;
    write.object = json_clone(live->object);
    set_at(write.object, str_from(call->resource->scale.spec_replicas + 1), json_int(count));
    write_update(&write, live);
    write_release(&write);
}

void verb_update_scale(struct call *call)
{
    struct write_options options;
    enum body_format format = BODY_JSON;
    struct json *scale = NULL;
    struct json *duplicates = NULL;
    struct record *live = call_live(call);
    struct buf message;
    call_found(call, call_record(call));
    if (!accept_media(call) || !body_format(call, &format) ||
        !read_write_options(call, "UpdateOptions", format, &options) || !check_body_size(call))
        return;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    if (!parse_text(call->request->body, format == BODY_YAML, &scale, &duplicates, &message))
        answer_failure(call, 400, "BadRequest", "%.*s", STR_ARGS(buf_str(&message)));
    else if (live == NULL)
        answer_not_found(call);
    else
        write_scale(call, &options, live, scale);
    buf_release(&message);
    json_free(scale);
    json_free(duplicates);
}

/* managedFields as they are seen through scale: who owns the number of replicas. */
static struct json *scale_owners(const struct call *call, const struct json *object)
{
    struct json *owners = json_array();
    const char *path = call->resource->scale.spec_replicas;
    JSON_EACH(entry, json_at(object, "metadata.managedFields")) {
        const struct json *fields = json_get(entry, "fieldsV1");
        struct str rest = str_from(path + 1);
        while (fields != NULL && rest.data != NULL) {
            struct str member = str_split_next(&rest, '.');
            char *name = str_format("f:%.*s", STR_ARGS(member));
            fields = json_get(fields, name);
            mem_free(name);
        }
        if (fields == NULL)
            continue;
        struct json *owner = json_clone(entry);
        struct json *set = json_object();
        struct json *spec = json_object();
        json_set(spec, "f:replicas", json_object());
        json_set(set, "f:spec", spec);
        json_set(owner, "fieldsV1", set);
        json_set(owner, "apiVersion", json_text(SCALE_VERSION));
        json_append(owners, owner);
    }
    return owners;
}

/* A real server merges into the Scale and then cannot bring it into the kind's version. */
static void apply_scale(struct call *call, const struct write_options *options,
                        struct record *live, const struct json *config)
{
    struct apply_result result = {0};
    struct apply_writer writer = {.manager = options->manager,
                                  .api_version = STR(SCALE_VERSION),
                                  .subresource = STR("scale"),
                                  .now_ms = call->api->timers->now_ms,
                                  .status_is_plain = true};
    struct json *scale = scale_of(call, live->object);
    if (scale == NULL)
        return;
    json_set(json_get(scale, "metadata"), "managedFields", scale_owners(call, live->object));
    apply_merge(NULL, scale, config, &writer, options->force, &result);
    if (result.failure != APPLY_OK)
        answer_apply_failure(call, &result);
    else
        answer_failure(call, 500, NULL,
                       "failed to convert new object (%.*s/%.*s; " SCALE_VERSION ", Kind=Scale) "
                       "to proper version: request to convert CR to an invalid group/version: "
                       SCALE_VERSION, STR_ARGS(call->name_space), STR_ARGS(call->name));
    apply_result_release(&result);
    json_free(scale);
}

static void patch_scale(struct call *call, enum body_format format,
                        const struct write_options *options, struct record *live)
{
    struct json *scale = scale_of(call, live->object);
    struct json *patch = NULL;
    struct json *duplicates = NULL;
    if (scale != NULL && parse_patch(call, &patch, &duplicates) &&
        patch_object(call, format, patch, duplicates, &scale))
        write_scale(call, options, live, scale);
    json_free(scale);
    json_free(patch);
    json_free(duplicates);
}

void verb_patch_scale(struct call *call)
{
    enum body_format format = BODY_MERGE_PATCH;
    struct write_options options;
    struct json *config = NULL;
    struct record *live = call_live(call);
    call_found(call, call_record(call));
    if (!patch_format(call, &format) || !accept_media(call) ||
        !read_write_options(call, "PatchOptions", format, &options))
        return;
    if (live == NULL) {
        answer_not_found(call);
        return;
    }
    if (format != BODY_APPLY)
        patch_scale(call, format, &options, live);
    else if (read_config(call, SCALE_VERSION, "Scale", &options, &config))
        apply_scale(call, &options, live, config);
    json_free(config);
}
