#include "fakeapi/delete_options.h"

#include "controller/base/mem.h"

#include "fakeapi/decode.h"
#include "fakeapi/status.h"

struct option_field {
    const char *name;
    enum json_type type;
    const char *go_type;
};

static const struct option_field option_fields[] = {
    {"gracePeriodSeconds", JSON_NUMBER, "int64"},
    {"orphanDependents", JSON_BOOL, "bool"},
    {"propagationPolicy", JSON_STRING, "v1.DeletionPropagation"},
    {"dryRun", JSON_ARRAY, "[]string"},
    {"preconditions", JSON_OBJECT, "v1.Preconditions"},
};

static const struct option_field precondition_fields[] = {
    {"uid", JSON_STRING, "types.UID"},
    {"resourceVersion", JSON_STRING, "string"},
};

void delete_options_release(struct delete_options *options)
{
    json_free(options->values);
    options->values = NULL;
}

static bool check_field_types(struct call *call, const struct json *values, const char *go_struct,
                              const struct option_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct json *value = json_get(values, fields[i].name);
        bool is_number = json_is(value, JSON_NUMBER);
        int64_t number;
        if (json_type(value) == JSON_NULL ||
            (json_is(value, fields[i].type) && (!is_number || json_int_of(value, &number))))
            continue;
        char *shown = is_number && fields[i].type == JSON_NUMBER ? json_print_text(value) : NULL;
        answer_failure(call, 400, "BadRequest",
                       "json: cannot unmarshal %s%s%s into Go struct field %s.%s of type %s",
                       go_type_name(value), shown != NULL ? " " : "",
                       shown != NULL ? shown : "", go_struct, fields[i].name, fields[i].go_type);
        mem_free(shown);
        return false;
    }
    return true;
}

static bool check_body_type(struct call *call, const struct json *values)
{
    struct str kind = json_text_at(values, "kind");
    struct str version = json_text_at(values, "apiVersion");
    if (!json_is(values, JSON_OBJECT) && json_type(values) != JSON_NULL) {
        answer_failure(call, 400, "BadRequest",
                       "couldn't get version/kind; json parse error: json: cannot unmarshal %s "
                       "into Go value of type struct { APIVersion string "
                       "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                       "\"json:\\\"kind,omitempty\\\"\" }", go_type_name(values));
        return false;
    }
    if (kind.len == 0 || str_is(kind, "DeleteOptions"))
        return true;
    answer_failure(call, 400, "BadRequest",
                   "no kind \"DeleteOptions\" is registered for version \"%.*s\" that a %.*s "
                   "could be", STR_ARGS(version), STR_ARGS(kind));
    return false;
}

static bool read_delete_body(struct call *call, bool yaml, struct json **ret_values)
{
    struct json *duplicates = NULL;
    struct buf message;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = parse_text(call->request->body, yaml, ret_values, &duplicates, &message);
    if (!ok)
        answer_failure(call, 400, "BadRequest", "%s%.*s",
                       yaml ? "" : "couldn't get version/kind; json parse error: ",
                       STR_ARGS(buf_str(&message)));
    json_free(duplicates);
    buf_release(&message);
    return ok && check_body_type(call, *ret_values) &&
           check_field_types(call, *ret_values, "DeleteOptions", option_fields,
                             ARRAY_COUNT(option_fields)) &&
           check_field_types(call, json_get(*ret_values, "preconditions"),
                             "Preconditions.preconditions", precondition_fields,
                             ARRAY_COUNT(precondition_fields));
}

/* The parameters in the form of a body. */
static bool read_delete_query(struct call *call, struct json **ret_values)
{
    const struct query *query = &call->query;
    struct str grace = query_get(query, "gracePeriodSeconds");
    int64_t seconds;
    struct json *values = json_object();
    *ret_values = values;
    if (query_has(query, "gracePeriodSeconds") && !str_to_i64(grace, &seconds)) {
        answer_failure(call, 400, "BadRequest",
                       "strconv.ParseInt: parsing \"%.*s\": invalid syntax", STR_ARGS(grace));
        return false;
    }
    if (query_has(query, "propagationPolicy"))
        json_set(values, "propagationPolicy",
                 json_string(query_get(query, "propagationPolicy")));
    if (query_has(query, "orphanDependents"))
        json_set(values, "orphanDependents", json_bool(query_is_true(query, "orphanDependents")));
    json_set(values, "dryRun", query_dry_run(query));
    return true;
}

static enum propagation propagation_of(const struct json *policy, const struct json *orphan,
                                       struct schema_errors *errors)
{
    struct str text = json_string_of(policy);
    bool has_orphan = json_is(orphan, JSON_BOOL);
    if (!json_is(policy, JSON_STRING)) {
        if (!has_orphan)
            return PROPAGATION_DEFAULT;
        return json_bool_of(orphan) ? PROPAGATION_ORPHAN : PROPAGATION_BACKGROUND;
    }
    if (has_orphan)
        schema_errors_add(errors, "FieldValueInvalid", STR("propagationPolicy"),
                          "Invalid value: \"%.*s\": orphanDependents and deletionPropagation "
                          "cannot be both set", STR_ARGS(text));
    if (str_is(text, "Foreground"))
        return PROPAGATION_FOREGROUND;
    if (str_is(text, "Background"))
        return PROPAGATION_BACKGROUND;
    if (str_is(text, "Orphan"))
        return PROPAGATION_ORPHAN;
    schema_errors_add(errors, "FieldValueNotSupported", STR("propagationPolicy"),
                      "Unsupported value: \"%.*s\": supported values: \"Foreground\", "
                      "\"Background\", \"Orphan\", \"nil\"", STR_ARGS(text));
    return PROPAGATION_DEFAULT;
}

static bool judge_values(struct call *call, struct delete_options *options)
{
    const struct json *values = options->values;
    const struct json *preconditions = json_get(values, "preconditions");
    struct schema_errors errors = {0};
    options->propagation = propagation_of(json_get(values, "propagationPolicy"),
                                          json_get(values, "orphanDependents"), &errors);
    check_dry_run(json_get(values, "dryRun"), &errors);
    options->dry_run = json_first(json_get(values, "dryRun")) != NULL;
    if (json_is(json_get(preconditions, "uid"), JSON_STRING))
        options->uid = json_get(preconditions, "uid");
    if (json_is(json_get(preconditions, "resourceVersion"), JSON_STRING))
        options->resource_version = json_get(preconditions, "resourceVersion");
    bool ok = errors.count == 0;
    if (!ok)
        answer_invalid(call, STR("DeleteOptions"), STR("meta.k8s.io"), STR(""), &errors);
    schema_errors_release(&errors);
    return ok;
}

bool delete_options_read(struct call *call, struct delete_options *ret_options)
{
    enum body_format format = BODY_JSON;
    *ret_options = (struct delete_options){0};
    if (!check_timeout(call) || !check_body_size(call))
        return false;
    if (call->request->body.len == 0)
        return read_delete_query(call, &ret_options->values) && judge_values(call, ret_options);
    return body_format(call, &format) &&
           read_delete_body(call, format == BODY_YAML, &ret_options->values) &&
           judge_values(call, ret_options);
}
