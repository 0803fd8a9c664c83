#include "fakeapi/options.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

#include "fakeapi/status.h"

#define MANAGER_BYTES_MAX 128u

bool check_timeout(struct call *call)
{
    int64_t ns;
    struct errmsg msg;
    struct str timeout = query_get(&call->query, "timeout");
    if (timeout.len == 0 || duration_parse(timeout, &ns, &msg) == ERR_NONE)
        return true;
    answer_failure(call, 400, "BadRequest",
                   "invalid timeout specified in the request URL - %s", msg.text);
    return false;
}

bool check_body_size(struct call *call)
{
    if (call->request->body.len <= FAKEAPI_BODY_BYTES_MAX)
        return true;
    answer_failure(call, 413, "RequestEntityTooLarge",
                   "Request entity too large: limit is %u", FAKEAPI_BODY_BYTES_MAX);
    return false;
}

struct json *query_dry_run(const struct query *query)
{
    struct json *values = json_array();
    for (size_t i = 0; i < query->count; i++)
        if (str_is(query->items[i].key, "dryRun"))
            json_append(values, json_string(query->items[i].value));
    return values;
}

void check_dry_run(const struct json *values, struct schema_errors *errors)
{
    bool supported = true;
    JSON_EACH(value, values)
        supported = supported && str_is(json_string_of(value), "All");
    if (supported)
        return;
    char *text = json_print_text(values);
    schema_errors_add(errors, "FieldValueNotSupported", STR("dryRun"),
                      "Unsupported value: %s: supported values: \"All\"", text);
    mem_free(text);
}

static void check_manager(struct str manager, bool required, struct schema_errors *errors)
{
    if (manager.len == 0 && required)
        schema_errors_add(errors, "FieldValueRequired", STR("fieldManager"),
                          "Required value: is required for apply patch");
    if (manager.len > MANAGER_BYTES_MAX)
        schema_errors_add(errors, "FieldValueTooLong", STR("fieldManager"),
                          "Too long: may not be more than %u bytes", MANAGER_BYTES_MAX);
    struct buf quoted;
    buf_init(&quoted, FAKEAPI_ANSWER_BYTES_MAX);
    quote_go(manager, &quoted);
    for (size_t i = 0; i < manager.len; i++) {
        unsigned char c = (unsigned char)manager.data[i];
        if (c < 0x20 || c == 0x7f)
            schema_errors_add(errors, "FieldValueInvalid", STR("fieldManager"),
                              "Invalid value: %.*s: invalid character U+%04X (at position %zu)",
                              STR_ARGS(buf_str(&quoted)), c, i);
    }
    buf_release(&quoted);
}

static void check_validation(struct str value, enum field_validation *ret_validation,
                             struct schema_errors *errors)
{
    if (value.len == 0 || str_is(value, "Warn"))
        *ret_validation = FIELDS_WARN;
    else if (str_is(value, "Ignore"))
        *ret_validation = FIELDS_IGNORE;
    else if (str_is(value, "Strict"))
        *ret_validation = FIELDS_STRICT;
    else
        schema_errors_add(errors, "FieldValueNotSupported", STR("fieldValidation"),
                          "Unsupported value: \"%.*s\": supported values: \"\", \"Ignore\", "
                          "\"Strict\", \"Warn\"", STR_ARGS(value));
}

/* The user agent up to "/", cut. */
static struct str manager_of_agent(struct str agent)
{
    struct str name = str_slice(agent, 0, str_find(agent, '/', 0));
    name = str_slice(name, 0, MANAGER_BYTES_MAX);
    name = str_slice(name, 0, str_find(name, '\0', 0));
    name = str_slice(name, 0, str_utf8_valid_prefix(name));
    return name.len > 0 ? name : STR("unknown");
}

bool read_write_options(struct call *call, const char *kind, enum body_format format,
                        struct write_options *ret_options)
{
    struct schema_errors errors = {0};
    struct write_options options = {.manager = query_get(&call->query, "fieldManager")};
    bool is_patch = format == BODY_MERGE_PATCH || format == BODY_STRATEGIC_PATCH ||
                    format == BODY_JSON_PATCH;
    struct json *dry_run = query_dry_run(&call->query);
    if (!check_timeout(call)) {
        json_free(dry_run);
        return false;
    }
    if (is_patch && query_has(&call->query, "force"))
        schema_errors_add(&errors, "FieldValueForbidden", STR("force"),
                          "Forbidden: may not be specified for non-apply patch");
    check_manager(options.manager, format == BODY_APPLY, &errors);
    check_dry_run(dry_run, &errors);
    check_validation(query_get(&call->query, "fieldValidation"), &options.validation, &errors);
    options.dry_run = json_first(dry_run) != NULL;
    options.force = query_is_true(&call->query, "force");
    if (options.manager.len == 0)
        options.manager = manager_of_agent(call->request->user_agent);
    json_free(dry_run);
    bool ok = errors.count == 0;
    if (ok)
        *ret_options = options;
    else
        answer_invalid(call, str_from(kind), STR("meta.k8s.io"), STR(""), &errors);
    schema_errors_release(&errors);
    return ok;
}
