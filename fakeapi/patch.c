/* PATCH: merge patch, JSON Patch, server-side apply. */
#include "fakeapi/patch.h"

#include "controller/base/mem.h"

#include "fakeapi/json_patch.h"
#include "fakeapi/merge_patch.h"
#include "fakeapi/meta.h"
#include "fakeapi/scale.h"
#include "fakeapi/status.h"
#include "fakeapi/strategic_patch.h"
#include "fakeapi/write.h"

static bool refuse_patch(struct call *call, const char *format, ...) PRINTF_LIKE(2, 3);

static bool refuse_patch(struct call *call, const char *format, ...)
{
    struct buf text;
    va_list arguments;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    answer_failure(call, 400, "BadRequest", "error decoding patch: %.*s",
                   STR_ARGS(buf_str(&text)));
    buf_release(&text);
    return false;
}

/* The words for every JSON Patch that cannot be applied. */
static bool refuse_operations(struct call *call)
{
    answer_failure_details(call, 422, "Invalid", json_object(),
                           "the server rejected our request due to an error in our request");
    return false;
}

bool parse_patch(struct call *call, struct json **ret_patch, struct json **ret_duplicates)
{
    struct buf message;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = check_body_size(call);
    if (ok && !parse_text(call->request->body, false, ret_patch, ret_duplicates, &message))
        ok = refuse_patch(call, "%.*s", STR_ARGS(buf_str(&message)));
    buf_release(&message);
    return ok;
}

static bool merge_into(struct call *call, enum body_format format, const struct json *patch,
                       struct json *object)
{
    if (json_type(patch) == JSON_NULL) {
        answer_failure(call, 400, "BadRequest", "Invalid JSON Patch");
        return false;
    }
    if (!json_is(patch, JSON_OBJECT))
        return refuse_patch(call, "json: cannot unmarshal %s into Go value of type "
                                  "map[string]interface {}", go_type_name(patch));
    if (format == BODY_MERGE_PATCH)
        merge_patch_apply(object, patch);
    else if (!strategic_patch_apply(object, patch))
        return refuse_patch(call, "this server knows no directives in strategic merge patches");
    return true;
}

static bool check_operations(struct call *call, const struct json *operations)
{
    if (!json_is(operations, JSON_ARRAY))
        return refuse_patch(call, "json: cannot unmarshal %s into Go value of type "
                                  "[]handlers.jsonPatchOp", go_type_name(operations));
    size_t count = json_count(operations);
    if (count > JSON_PATCH_OPERATIONS_MAX) {
        answer_failure(call, 413, "RequestEntityTooLarge",
                       "Request entity too large: The allowed maximum operations in a JSON patch "
                       "is %u, got %zu", JSON_PATCH_OPERATIONS_MAX, count);
        return false;
    }
    JSON_EACH(operation, operations) {
        if (json_type(operation) == JSON_NULL)
            return refuse_operations(call);
        if (!json_is(operation, JSON_OBJECT))
            return refuse_patch(call, "json: cannot unmarshal %s into Go value of type "
                                      "handlers.jsonPatchOp", go_type_name(operation));
    }
    return true;
}

/* Members of operations that mean nothing, as warnings or a refusal. */
static void note_unknown_members(const struct json *operations, struct json *duplicates)
{
    static const char *const members[] = {"op", "path", "from", "value"};
    size_t index = 0;
    JSON_EACH(operation, operations) {
        JSON_EACH(member, operation) {
            bool known = false;
            for (size_t i = 0; i < ARRAY_COUNT(members); i++)
                known = known || str_is(json_key(member), members[i]);
            if (known)
                continue;
            char *line = str_format("json patch unknown field \"[%zu].%.*s\"", index,
                                    STR_ARGS(json_key(member)));
            json_append(duplicates, json_text(line));
            mem_free(line);
        }
        index++;
    }
}

/* Repeated members are those of the patch, not of the object. */
static void name_patch_in(struct json *duplicates)
{
    struct json *next;
    for (struct json *line = json_first(duplicates); line != NULL; line = next) {
        next = json_next(line);
        char *text = str_format("json patch %.*s", STR_ARGS(json_string_of(line)));
        json_replace(duplicates, line, json_text(text));
        mem_free(text);
    }
}

static bool operate_on(struct call *call, const struct json *operations, struct json *duplicates,
                       struct json **object)
{
    if (json_type(operations) == JSON_NULL)
        return true; /* an empty patch */
    if (!check_operations(call, operations))
        return false;
    name_patch_in(duplicates);
    note_unknown_members(operations, duplicates);
    return json_patch_apply(object, operations, call->request->body) || refuse_operations(call);
}

/* A patched object must still say what it is. */
static bool check_patched_type(struct call *call, struct json *object)
{
    if (!json_is(object, JSON_OBJECT))
        return refuse_operations(call);
    if (json_text_at(object, "kind").len == 0) {
        json_sort(object);
        char *text = json_print_text(object);
        char *reason = str_format("Object 'Kind' is missing in '%s'", text);
        refuse_patched(call, object, str_from(reason));
        mem_free(reason);
        mem_free(text);
        return false;
    }
    if (json_text_at(object, "apiVersion").len > 0)
        return true;
    struct json *details = json_object();
    struct json *causes = json_array();
    struct json *cause = json_object();
    json_set(cause, "message",
             json_text("Object 'apiVersion' is missing in 'object has no apiVersion field'"));
    json_append(causes, cause);
    json_set(details, "causes", causes);
    answer_failure_details(call, 500, "InternalError", details,
                           "Internal error occurred: Object 'apiVersion' is missing in 'object has "
                           "no apiVersion field'");
    return false;
}

bool patch_object(struct call *call, enum body_format format, const struct json *patch,
                  struct json *duplicates, struct json **object)
{
    bool ok = format == BODY_JSON_PATCH ? operate_on(call, patch, duplicates, object)
                                        : merge_into(call, format, patch, *object);
    return ok && check_patched_type(call, *object);
}

/* The stored object with the patch applied, in normal form. False: answered. */
static bool patched_object(struct call *call, enum body_format format,
                           const struct write_options *options, struct json *patch,
                           struct json *duplicates, struct json **object)
{
    struct reading reading = {.validation = options->validation, .duplicates = duplicates,
                              .from_patch = true};
    if (!patch_object(call, format, patch, duplicates, object))
        return false;
    return normalise_object(call, *object, &reading) && check_namespace(call, *object) &&
           check_name(call, *object);
}

static void patch_live(struct call *call, enum body_format format,
                       const struct write_options *options, struct record *live)
{
    struct write write = {.call = call, .options = options};
    struct json *patch = NULL;
    struct json *duplicates = NULL;
    if (!parse_patch(call, &patch, &duplicates))
        return;
    write.object = json_clone(live->object);
    if (patched_object(call, format, options, patch, duplicates, &write.object) &&
        check_version(call, write.object, live))
        write_update(&write, live);
    json_free(patch);
    json_free(duplicates);
    write_release(&write);
}

static bool refuse_apply(struct call *call, const char *format, ...) PRINTF_LIKE(2, 3);

static bool refuse_apply(struct call *call, const char *format, ...)
{
    struct buf text;
    va_list arguments;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    answer_failure(call, 400, "BadRequest", "%.*s", STR_ARGS(buf_str(&text)));
    buf_release(&text);
    return false;
}

static bool check_applied_type(struct call *call, const char *wanted_version,
                               const char *wanted_kind, const struct json *config)
{
    struct str version = json_text_at(config, "apiVersion");
    struct str kind = json_text_at(config, "kind");
    if (str_is(version, wanted_version) && str_is(kind, wanted_kind))
        return true;
    bool grouped = str_find(version, '/', 0) < version.len;
    return refuse_apply(call, "invalid object type: %s%.*s, Kind=%.*s", grouped ? "" : "/",
                        STR_ARGS(version), STR_ARGS(kind));
}

/* Keys that the configuration has twice. */
static bool judge_repeated(struct call *call, const struct write_options *options,
                           const struct json *duplicates)
{
    struct buf lines;
    if (options->validation == FIELDS_WARN)
        JSON_EACH(line, duplicates)
            warn(call, "%.*s", STR_ARGS(json_string_of(line)));
    if (options->validation != FIELDS_STRICT || json_first(duplicates) == NULL)
        return true;
    buf_init(&lines, FAKEAPI_ANSWER_BYTES_MAX);
    JSON_EACH(line, duplicates)
        buf_printf(&lines, "\n  %.*s", STR_ARGS(json_string_of(line)));
    refuse_apply(call, "error strict decoding YAML: error converting YAML to JSON: yaml: "
                       "unmarshal errors:%.*s", STR_ARGS(buf_str(&lines)));
    buf_release(&lines);
    return false;
}

bool read_config(struct call *call, const char *api_version, const char *kind,
                 const struct write_options *options, struct json **ret_config)
{
    struct json *config = NULL;
    struct json *duplicates = NULL;
    struct buf message;
    if (!check_body_size(call))
        return false;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = parse_text(call->request->body, true, &config, &duplicates, &message);
    if (!ok)
        refuse_apply(call, "error decoding YAML: error converting YAML to JSON: %.*s",
                     STR_ARGS(buf_str(&message)));
    else if (!json_is(config, JSON_OBJECT) && json_type(config) != JSON_NULL)
        ok = refuse_apply(call, "error decoding YAML: error unmarshaling JSON: while decoding "
                                "JSON: json: cannot unmarshal %s into Go value of type "
                                "map[string]interface {}", go_type_name(config));
    ok = ok && check_applied_type(call, api_version, kind, config);
    if (ok && json_type(json_at(config, "metadata.managedFields")) != JSON_NULL)
        ok = refuse_apply(call, "metadata.managedFields must be nil");
    buf_release(&message);
    ok = ok && judge_repeated(call, options, duplicates);
    json_free(duplicates);
    if (!ok) {
        json_free(config);
        return false;
    }
    if (call->live != NULL)
        share_object(call, config);
    *ret_config = config;
    return true;
}

bool answer_apply_failure(struct call *call, struct apply_result *result)
{
    struct json *details = NULL;
    if (result->failure == APPLY_NOT_TYPED) {
        answer_failure(call, 500, NULL, "%s", result->message);
        return false;
    }
    details = json_object();
    json_set(details, "causes", result->causes != NULL ? result->causes : json_array());
    result->causes = NULL;
    answer_failure_details(call, 409, "Conflict", details, "%s", result->message);
    return false;
}

/* Merges into write->object. */
static bool merge_config(struct write *write, const struct record *live,
                         const struct json *config)
{
    struct call *call = write->call;
    struct apply_result result = {0};
    struct apply_writer writer = write_writer(write);
    apply_merge(call->resource->schema, live != NULL ? live->object : NULL, config, &writer,
                write->options->force, &result);
    bool ok = result.failure == APPLY_OK;
    if (ok) {
        write->object = result.object;
        result.object = NULL;
    } else {
        answer_apply_failure(call, &result);
    }
    apply_result_release(&result);
    return ok;
}

/* What is applied to a missing object may not claim to know it. */
static bool check_applied_creation(struct call *call, const struct json *config)
{
    struct str uid = json_text_at(config, "metadata.uid");
    if (uid.len == 0)
        return true;
    answer_conflict(call, "uid mismatch: the provided object specified uid %.*s, and no existing "
                          "object was found", STR_ARGS(uid));
    return false;
}

/* metadata has its types, and names what the path names. */
static bool check_config(struct call *call, struct json *config)
{
    struct buf reason;
    const struct json *metadata = json_get(config, "metadata");
    if (json_type(metadata) != JSON_NULL && !json_is(metadata, JSON_OBJECT))
        return true; /* the merge refuses it, as no typed object */
    buf_init(&reason, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = meta_check_types(metadata, &reason);
    if (!ok)
        refuse_apply(call, "%.*s", STR_ARGS(buf_str(&reason)));
    buf_release(&reason);
    if (!ok)
        return false;
    if (json_type(json_get(config, "metadata")) == JSON_NULL)
        json_set(config, "metadata", json_object());
    return check_given_namespace(call, config) && check_name(call, config);
}

static void apply_config(struct call *call, const struct write_options *options,
                         struct record *live, const struct json *config)
{
    struct write write = {.call = call, .options = options, .applied = true};
    struct reading reading = {.validation = options->validation, .from_patch = true,
                              .applied = true};
    if (live == NULL && (call_is_status(call) || !check_applied_creation(call, config))) {
        if (call_is_status(call))
            answer_not_found(call);
        return;
    }
    if (merge_config(&write, live, config) && normalise_object(call, write.object, &reading) &&
        check_namespace(call, write.object)) {
        if (live == NULL)
            write_create(&write);
        else if (check_version(call, write.object, live))
            write_update(&write, live);
    }
    write_release(&write);
}

static void verb_apply(struct call *call, const struct write_options *options,
                       struct record *live)
{
    struct json *config = NULL;
    if (!read_config(call, call->resource->api_version, call->resource->kind, options, &config))
        return;
    if (check_config(call, config))
        apply_config(call, options, live, config);
    json_free(config);
}

void verb_patch(struct call *call)
{
    enum body_format format = BODY_MERGE_PATCH;
    struct write_options options;
    struct record *live;
    if (call_is_scale(call)) {
        verb_patch_scale(call);
        return;
    }
    live = call_live(call);
    call_found(call, call_record(call));
    if (!patch_format(call, &format) || !accept_media(call) ||
        !read_write_options(call, "PatchOptions", format, &options))
        return;
    if (format == BODY_APPLY)
        verb_apply(call, &options, live);
    else if (live == NULL)
        answer_not_found(call);
    else
        patch_live(call, format, &options, live);
}
