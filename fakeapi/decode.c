#include "fakeapi/decode.h"

#include "controller/base/mem.h"
#include "controller/base/yaml.h"

#include "fakeapi/form.h"
#include "fakeapi/json_text.h"
#include "fakeapi/kind_rules.h"
#include "fakeapi/meta.h"
#include "fakeapi/status.h"

#define SHOWN_BYTES 30u /* of a body that is not understood */
#define ENDLESS_NUMBER "json: cannot unmarshal number "

const char *go_type_name(const struct json *value)
{
    switch (json_type(value)) {
    case JSON_NULL:
        return "null";
    case JSON_BOOL:
        return "bool";
    case JSON_NUMBER:
        return "number";
    case JSON_STRING:
        return "string";
    case JSON_ARRAY:
        return "array";
    case JSON_OBJECT:
        return "object";
    }
    return "";
}

/* "6:1: found broken YAML (WHAT), expected ..." in the words of Go's reader. It counts lines from
 * 0 and adds one only to what its scanner finds; 0 is not printed. */
static void describe_bad_yaml(struct str text, struct buf *message)
{
    uint64_t line = 0;
    struct str rest = text;
    struct str number = str_split_next(&rest, ':');
    size_t begin = str_find(text, '(', 0);
    size_t end = str_find(text, ')', begin);
    buf_append_text(message, "yaml: ");
    if (!str_to_u64(number, &line) || begin == text.len) {
        buf_append(message, text);
        return;
    }
    struct str what = str_slice(text, begin + 1, end);
    bool from_parser = str_starts_with(what, STR("did not find expected"));
    line -= from_parser ? 1u : 0u;
    if (line > 1 || (line == 1 && from_parser))
        buf_printf(message, "line %" PRIu64 ": ", line);
    buf_append(message, what);
}

static bool parse_yaml(struct str text, struct json **ret_value, struct json **ret_duplicates,
                       struct buf *message)
{
    struct errmsg msg;
    if (yaml_parse_body(text, ret_value, ret_duplicates, &msg) == ERR_NONE)
        return true;
    describe_bad_yaml(str_from(msg.text), message);
    return false;
}

/* Half a surrogate pair is no fault to Go. */
static enum err parse_json(struct str text, struct json **ret_value, struct json **ret_paths,
                           struct errmsg *msg)
{
    struct buf repaired;
    enum err err = json_parse_last_wins(text, NULL, ret_value, ret_paths, msg);
    if (err != ERR_TYPE)
        return err;
    buf_init(&repaired, 2 * text.len + 8);
    json_text_repair(text, &repaired);
    if (!str_equal(text, buf_str(&repaired)))
        err = json_parse_last_wins(buf_str(&repaired), NULL, ret_value, ret_paths, msg);
    buf_release(&repaired);
    return err;
}

/* What Go says to text that parse_json has refused with `err`. */
static void describe_refusal(struct str text, enum err err, const struct errmsg *msg,
                             struct buf *message)
{
    struct str number = err == ERR_TYPE ? json_text_endless_number(text) : STR_NONE;
    if (number.len > 0)
        buf_printf(message, ENDLESS_NUMBER "%.*s into Go value of type float64",
                   STR_ARGS(number));
    else
        describe_bad_json(text, message);
    if (message->len == 0)
        buf_append_text(message, msg->text);
}

bool parse_text(struct str text, bool yaml, struct json **ret_value, struct json **ret_duplicates,
                struct buf *message)
{
    struct errmsg msg;
    struct json *paths = NULL;
    struct str trimmed = str_trim(text);
    bool looks_like_json = trimmed.len > 0 && trimmed.data[0] == '{';
    enum err err = parse_json(text, ret_value, &paths, &msg);
    if (err == ERR_NONE) {
        *ret_duplicates = json_array();
        JSON_EACH(path, paths) {
            char *line = str_format("duplicate field \"%.*s\"", STR_ARGS(json_string_of(path)));
            json_append(*ret_duplicates, json_text(line));
            mem_free(line);
        }
        json_free(paths);
        return true;
    }
    if (yaml && !looks_like_json && parse_yaml(text, ret_value, ret_duplicates, message))
        return true;
    if (message->len == 0)
        describe_refusal(text, err, &msg, message);
    return false;
}

/* The body's beginning as text when it looks like JSON, else in hexadecimal. */
static void show_body(struct str body, struct buf *out)
{
    struct str trimmed = str_trim(body);
    if (body.len == 0)
        buf_append_text(out, "<empty>");
    for (size_t i = 0; i < body.len && i < SHOWN_BYTES; i++) {
        if (trimmed.len > 0 && trimmed.data[0] == '{')
            buf_append_char(out, body.data[i]);
        else
            buf_printf(out, "%02x", (unsigned char)body.data[i]);
    }
    if (body.len > SHOWN_BYTES)
        buf_append_text(out, " ...");
}

static bool refuse_body(struct call *call, struct str reason)
{
    struct buf shown;
    buf_init(&shown, 256);
    show_body(call->request->body, &shown);
    answer_failure(call, 400, "BadRequest",
                   "the object provided is unrecognized (must be of type %s): %.*s (%.*s)",
                   call->resource->kind, STR_ARGS(reason), STR_ARGS(buf_str(&shown)));
    buf_release(&shown);
    return false;
}

/* Says in `message` why the body has no type; false when it has none. */
static bool find_type(const struct json *object, struct str body, struct buf *message)
{
    static const char *const names[] = {"apiVersion", "kind"};
    if (!json_is(object, JSON_OBJECT) && json_type(object) != JSON_NULL) {
        buf_printf(message, "couldn't get version/kind; json parse error: json: cannot unmarshal "
                            "%s into Go value of type struct { APIVersion string "
                            "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                            "\"json:\\\"kind,omitempty\\\"\" }", go_type_name(object));
        return false;
    }
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        const struct json *value = json_get(object, names[i]);
        if (json_type(value) == JSON_NULL || json_is(value, JSON_STRING))
            continue;
        buf_printf(message, "couldn't get version/kind; json parse error: json: cannot unmarshal "
                            "%s into Go struct field .%s of type string", go_type_name(value),
                   names[i]);
        return false;
    }
    if (json_text_at(object, "kind").len == 0) {
        buf_printf(message, "Object 'Kind' is missing in '%.*s'", STR_ARGS(body));
        return false;
    }
    return true;
}

static bool check_type_meta(struct call *call, const struct json *object)
{
    struct str version = json_text_at(object, "apiVersion");
    struct buf reason;
    buf_init(&reason, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = find_type(object, call->request->body, &reason);
    if (!ok) {
        refuse_body(call, buf_str(&reason));
    } else if (!str_is(version, call->resource->api_version)) {
        answer_failure(call, 400, "BadRequest",
                       "the API version in the data (%.*s) does not match the expected API "
                       "version (%s)", STR_ARGS(version), call->resource->api_version);
        ok = false;
    }
    buf_release(&reason);
    return ok;
}

/* Kinds that a server is built with need not be named, for their paths do (Python's client leaves
 * them out); custom ones need. */
static void imply_type(const struct call *call, struct json *object)
{
    if (call->resource->custom || !json_is(object, JSON_OBJECT))
        return;
    if (json_type(json_get(object, "apiVersion")) == JSON_NULL)
        json_set(object, "apiVersion", json_text(call->resource->api_version));
    if (json_type(json_get(object, "kind")) == JSON_NULL)
        json_set(object, "kind", json_text(call->resource->kind));
}

/* A body whose type could be read is refused as an object, any other as none. */
static void refuse_text(struct call *call, enum body_format format, struct str message)
{
    const struct resource *resource = call->resource;
    char *reason;
    if (str_starts_with(message, STR(ENDLESS_NUMBER))) {
        answer_failure(call, 400, "BadRequest",
                       "%s in version \"%s\" cannot be handled as a %s: %.*s", resource->kind,
                       resource->version, resource->kind, STR_ARGS(message));
        return;
    }
    reason = format == BODY_YAML ? str_dup(message)
                                 : str_format("couldn't get version/kind; json parse error: %.*s",
                                              STR_ARGS(message));
    refuse_body(call, str_from(reason));
    mem_free(reason);
}

void share_object(struct call *call, struct json *object)
{
    json_sort(object);
    json_seal(call->api->pool, object, call->live != NULL ? call->live->object : NULL);
}

bool read_body(struct call *call, enum body_format format, struct json **ret_object,
               struct json **ret_duplicates)
{
    struct json *object = NULL;
    struct json *duplicates = NULL;
    struct buf message;
    if (!check_body_size(call))
        return false;
    buf_init(&message, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = parse_text(call->request->body, format == BODY_YAML, &object, &duplicates, &message);
    if (!ok)
        refuse_text(call, format, buf_str(&message));
    buf_release(&message);
    imply_type(call, object);
    if (ok && !check_type_meta(call, object)) {
        json_free(object);
        json_free(duplicates);
        ok = false;
    }
    if (!ok)
        return false;
    if (call->live != NULL)
        share_object(call, object);
    *ret_object = object;
    *ret_duplicates = duplicates;
    return true;
}

bool refuse_patched(struct call *call, const struct json *object, struct str reason)
{
    struct schema_errors errors = {0};
    struct buf quoted;
    struct json *sorted = json_clone(object);
    json_sort(sorted);
    char *text = json_print_text(sorted);
    buf_init(&quoted, FAKEAPI_ANSWER_BYTES_MAX);
    quote_go(str_from(text), &quoted);
    schema_errors_add(&errors, "FieldValueInvalid", STR("patch"), "Invalid value: %.*s: %.*s",
                      STR_ARGS(buf_str(&quoted)), STR_ARGS(reason));
    answer_invalid(call, STR(""), STR(""), STR(""), &errors);
    schema_errors_release(&errors);
    buf_release(&quoted);
    mem_free(text);
    json_free(sorted);
    return false;
}

/* 400 for a body, 422 with the whole object for the result of a patch. */
static bool refuse_object(struct call *call, const struct json *object,
                          const struct reading *reading, struct str reason)
{
    if (!reading->from_patch) {
        answer_failure(call, 400, "BadRequest",
                       "%s in version \"%s\" cannot be handled as a %s: %.*s",
                       call->resource->kind, call->resource->version, call->resource->kind,
                       STR_ARGS(reason));
        return false;
    }
    return refuse_patched(call, object, reason);
}

static void append_complaints(const struct json *duplicates, const struct json *unknown,
                              struct json *complaints)
{
    JSON_EACH(line, duplicates)
        json_append(complaints, json_clone(line));
    JSON_EACH(path, unknown) {
        char *line = str_format("unknown field \"%.*s\"", STR_ARGS(json_string_of(path)));
        json_append(complaints, json_text(line));
        mem_free(line);
    }
}

/* Repeated keys of YAML are one complaint with a line for each. */
static void print_complaints(const struct json *complaints, struct buf *out)
{
    bool among_lines = false;
    JSON_EACH(complaint, complaints) {
        struct str text = json_string_of(complaint);
        bool is_line = str_starts_with(text, STR("line "));
        if (complaint != json_first(complaints) && !(is_line && among_lines))
            buf_append_text(out, ", ");
        if (is_line)
            buf_append_text(out, among_lines ? "\n  " : "yaml: unmarshal errors:\n  ");
        buf_append(out, text);
        among_lines = is_line;
    }
}

/* Warns of fields that were dropped, or refuses the object because of them. */
static bool judge_fields(struct call *call, const struct json *object,
                         const struct reading *reading, const struct json *complaints)
{
    if (json_first(complaints) == NULL || reading->validation == FIELDS_IGNORE)
        return true;
    if (reading->validation == FIELDS_WARN) {
        JSON_EACH(line, complaints)
            warn(call, "%.*s", STR_ARGS(json_string_of(line)));
        return true;
    }
    struct buf reason;
    buf_init(&reason, FAKEAPI_ANSWER_BYTES_MAX);
    buf_append_text(&reason, "strict decoding error: ");
    print_complaints(complaints, &reason);
    refuse_object(call, object, reading, buf_str(&reason));
    buf_release(&reason);
    return false;
}

static void drop_repeated_owners(struct call *call, struct json *metadata, bool from_patch)
{
    struct json *before = json_clone(json_get(metadata, "ownerReferences"));
    if (meta_drop_repeated_owners(metadata)) {
        struct buf uids;
        buf_init(&uids, FAKEAPI_ANSWER_BYTES_MAX);
        JSON_EACH(owner, before) {
            size_t seen = 0;
            for (struct json *other = json_first(before); other != owner; other = json_next(other))
                seen += json_equal(other, owner) ? 1u : 0u;
            if (seen == 1)
                buf_printf(&uids, "%s%.*s", uids.len > 0 ? ", " : "",
                           STR_ARGS(json_text_at(owner, "uid")));
        }
        warn(call, ".metadata.ownerReferences contains duplicate entries%s; API server dedups "
                   "owner references in 1.20+, and may reject such requests as early as 1.24; "
                   "please fix your requests; duplicate UID(s) observed: %.*s",
             from_patch ? " after mutating admission happens" : "", STR_ARGS(buf_str(&uids)));
        buf_release(&uids);
    }
    json_free(before);
}

static bool check_types(struct call *call, struct json *object, const struct reading *reading)
{
    struct buf reason;
    buf_init(&reason, FAKEAPI_ANSWER_BYTES_MAX);
    bool ok = meta_check_types(json_get(object, "metadata"), &reason) &&
              kind_check_types(call->resource, object, &reason);
    if (!ok)
        refuse_object(call, object, reading, buf_str(&reason));
    buf_release(&reason);
    if (ok && json_type(json_get(object, "metadata")) == JSON_NULL)
        json_set(object, "metadata", json_object());
    return ok;
}

bool normalise_object(struct call *call, struct json *object, const struct reading *reading)
{
    if (!check_types(call, object, reading))
        return false;
    /* What a refusal shows is the object as it came. */
    struct json *shown = reading->from_patch && reading->validation == FIELDS_STRICT
                             ? json_clone(object) : NULL;
    struct json *unknown = json_array();
    struct json *complaints = json_array();
    meta_normalise(json_get(object, "metadata"), unknown);
    if (str_is(json_text_at(object, "kind"), call->resource->kind))
        form_settle(call->resource, object, reading->applied, unknown);
    if (!reading->applied)
        append_complaints(reading->duplicates, unknown, complaints);
    bool ok = judge_fields(call, shown != NULL ? shown : object, reading, complaints);
    if (ok && json_first(json_at(object, "metadata.ownerReferences")) != NULL)
        drop_repeated_owners(call, json_get(object, "metadata"), reading->from_patch);
    json_free(shown);
    json_free(unknown);
    json_free(complaints);
    return ok;
}
