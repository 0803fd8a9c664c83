/* What metadata must satisfy, in a real server's order and words. */
#include "controller/base/mem.h"

#include "fakeapi/managed_fields.h"
#include "fakeapi/meta.h"
#include "fakeapi/status.h"

#define ANNOTATIONS_BYTES_MAX (256u << 10)
#define MANAGER_BYTES_MAX 128u
#define SUBRESOURCE_BYTES_MAX 256u

#define INVALID "FieldValueInvalid"

/* One error per complaint about `value`; frees the complaints. */
static void report(struct json *complaints, const char *field, struct str value,
                   struct schema_errors *errors)
{
    struct buf quoted;
    if (json_first(complaints) == NULL) {
        json_free(complaints);
        return;
    }
    buf_init(&quoted, FAKEAPI_ANSWER_BYTES_MAX);
    quote_go(value, &quoted);
    JSON_EACH(complaint, complaints)
        schema_errors_add(errors, INVALID, str_from(field), "Invalid value: %.*s: %.*s",
                          STR_ARGS(buf_str(&quoted)), STR_ARGS(json_string_of(complaint)));
    buf_release(&quoted);
    json_free(complaints);
}

/* A name that only has to fit a path (ValidatePathSegmentName). */
static void check_path_segment(struct str name, struct json *complaints)
{
    if (str_is(name, ".") || str_is(name, "..")) {
        char *text = str_format("may not be '%.*s'", STR_ARGS(name));
        json_append(complaints, json_text(text));
        mem_free(text);
    }
    if (str_find(name, '/', 0) < name.len)
        json_append(complaints, json_text("may not contain '/'"));
    if (str_find(name, '%', 0) < name.len)
        json_append(complaints, json_text("may not contain '%'"));
}

/* A prefix may end with a dash: the generated name would not. */
static void check_name(struct str name, bool full_name, bool is_prefix, struct json *complaints)
{
    if (!full_name) {
        check_path_segment(name, complaints);
        return;
    }
    if (is_prefix && name.len > 1 && name.data[name.len - 1] == '-') {
        char *masked = str_dup(name);
        masked[name.len - 1] = 'a';
        name_check_subdomain(str_from_bytes(masked, name.len), complaints);
        mem_free(masked);
        return;
    }
    name_check_subdomain(name, complaints);
}

static void validate_names(const struct json *metadata, bool full_name,
                           struct schema_errors *errors)
{
    struct str prefix = json_text_at(metadata, "generateName");
    struct str name = json_text_at(metadata, "name");
    struct json *complaints = json_array();
    if (prefix.len > 0)
        check_name(prefix, full_name, true, complaints);
    report(complaints, "metadata.generateName", prefix, errors);
    if (name.len == 0) {
        schema_errors_add(errors, "FieldValueRequired", STR("metadata.name"),
                          "Required value: name or generateName is required");
        return;
    }
    complaints = json_array();
    check_name(name, full_name, false, complaints);
    report(complaints, "metadata.name", name, errors);
}

static void validate_labels(const struct json *metadata, struct schema_errors *errors)
{
    JSON_EACH(label, json_get(metadata, "labels")) {
        struct json *complaints = json_array();
        name_check_qualified(json_key(label), complaints);
        report(complaints, "metadata.labels", json_key(label), errors);
        complaints = json_array();
        name_check_label_value(json_string_of(label), complaints);
        report(complaints, "metadata.labels", json_string_of(label), errors);
    }
}

static void to_lower(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text + ('a' - 'A'));
}

static void validate_annotations(const struct json *metadata, struct schema_errors *errors)
{
    size_t bytes = 0;
    JSON_EACH(annotation, json_get(metadata, "annotations")) {
        struct json *complaints = json_array();
        char *lower = str_dup(json_key(annotation)); /* the rule takes any case */
        to_lower(lower);
        name_check_qualified(str_from(lower), complaints);
        mem_free(lower);
        report(complaints, "metadata.annotations", json_key(annotation), errors);
        bytes += json_key(annotation).len + json_string_of(annotation).len;
    }
    if (bytes > ANNOTATIONS_BYTES_MAX)
        schema_errors_add(errors, "FieldValueTooLong", STR("metadata.annotations"),
                          "Too long: may not be more than %u bytes", ANNOTATIONS_BYTES_MAX);
}

/* Whether the text is a version: no slash or one, with something behind it. */
static bool has_version(struct str api_version)
{
    size_t slash = str_find(api_version, '/', 0);
    if (slash == api_version.len)
        return api_version.len > 0;
    return slash + 1 < api_version.len &&
           str_find(api_version, '/', slash + 1) == api_version.len;
}

static void require_text(const struct json *owner, const char *name, struct schema_errors *errors)
{
    if (json_text_at(owner, name).len > 0)
        return;
    char *field = str_format("metadata.ownerReferences.%s", name);
    schema_errors_add(errors, INVALID, str_from(field), "Invalid value: \"\": must not be empty");
    mem_free(field);
}

/* As Go prints the struct: its own order of members. */
static void print_owner(const struct json *owner, struct buf *out)
{
    static const char *const members[] = {"apiVersion", "kind", "name", "uid", "controller",
                                          "blockOwnerDeletion"};
    buf_append_char(out, '{');
    bool first = true;
    for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
        const struct json *member = json_get(owner, members[i]);
        if (member == NULL)
            continue;
        buf_printf(out, "%s\"%s\":", first ? "" : ",", members[i]);
        json_print(member, out);
        first = false;
    }
    buf_append_char(out, '}');
}

static void validate_owner(const struct json *owner, struct schema_errors *errors)
{
    struct str api_version = json_text_at(owner, "apiVersion");
    struct str kind = json_text_at(owner, "kind");
    if (!has_version(api_version))
        schema_errors_add(errors, INVALID, STR("metadata.ownerReferences.apiVersion"),
                          "Invalid value: \"%.*s\": version must not be empty",
                          STR_ARGS(api_version));
    require_text(owner, "kind", errors);
    require_text(owner, "name", errors);
    require_text(owner, "uid", errors);
    if (!str_is(kind, "Event") || !str_is(api_version, "v1"))
        return;
    struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    print_owner(owner, &text);
    schema_errors_add(errors, INVALID, STR("metadata.ownerReferences"),
                      "Invalid value: %.*s: /v1, Kind=Event is disallowed from being an owner",
                      STR_ARGS(buf_str(&text)));
    buf_release(&text);
}

static void report_controllers(const struct json *owners, const struct json *first,
                               const struct json *second, struct schema_errors *errors)
{
    struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    JSON_EACH(owner, owners) {
        buf_append_char(&text, owner == json_first(owners) ? '[' : ',');
        print_owner(owner, &text);
    }
    buf_append_char(&text, ']');
    schema_errors_add(errors, INVALID, STR("metadata.ownerReferences"),
                      "Invalid value: %.*s: Only one reference can have Controller set to true. "
                      "Found \"true\" in references for %.*s/%.*s and %.*s/%.*s",
                      STR_ARGS(buf_str(&text)), STR_ARGS(json_text_at(first, "kind")),
                      STR_ARGS(json_text_at(first, "name")),
                      STR_ARGS(json_text_at(second, "kind")),
                      STR_ARGS(json_text_at(second, "name")));
    buf_release(&text);
}

static void validate_owners(const struct json *metadata, struct schema_errors *errors)
{
    const struct json *owners = json_get(metadata, "ownerReferences");
    const struct json *controller = NULL;
    JSON_EACH(owner, owners) {
        validate_owner(owner, errors);
        if (!json_bool_of(json_get(owner, "controller")))
            continue;
        if (controller != NULL)
            report_controllers(owners, controller, owner, errors);
        controller = owner;
    }
}

static bool list_has(const struct json *list, const char *text)
{
    JSON_EACH(item, list)
        if (str_is(json_string_of(item), text))
            return true;
    return false;
}

static void validate_finalizers(const struct json *metadata, struct schema_errors *errors)
{
    const struct json *finalizers = json_get(metadata, "finalizers");
    JSON_EACH(finalizer, finalizers) {
        struct json *complaints = json_array();
        name_check_qualified(json_string_of(finalizer), complaints);
        report(complaints, "metadata.finalizers", json_string_of(finalizer), errors);
    }
    if (!list_has(finalizers, "orphan") || !list_has(finalizers, "foregroundDeletion"))
        return;
    char *text = json_print_text(finalizers);
    schema_errors_add(errors, INVALID, STR("metadata.finalizers"),
                      "Invalid value: %s: finalizer orphan and foregroundDeletion cannot be both "
                      "set", text);
    mem_free(text);
}

static void limit_entry(const struct json *entry, size_t index, const char *member,
                        size_t bytes_max, struct schema_errors *errors)
{
    if (json_text_at(entry, member).len <= bytes_max)
        return;
    char *field = str_format("metadata.managedFields[%zu].%s", index, member);
    schema_errors_add(errors, "FieldValueTooLong", str_from(field),
                      "Too long: may not be more than %zu bytes", bytes_max);
    mem_free(field);
}

static void validate_managed_fields(const struct json *metadata, struct schema_errors *errors)
{
    size_t index = 0;
    const struct json *entries = json_get(metadata, "managedFields");
    if (managed_fields_is_marked(entries))
        return;
    JSON_EACH(entry, entries) {
        limit_entry(entry, index, "manager", MANAGER_BYTES_MAX, errors);
        limit_entry(entry, index, "subresource", SUBRESOURCE_BYTES_MAX, errors);
        index++;
    }
}

void meta_validate(const struct json *metadata, bool full_name, struct schema_errors *errors)
{
    validate_names(metadata, full_name, errors);
    validate_labels(metadata, errors);
    validate_annotations(metadata, errors);
    validate_owners(metadata, errors);
    validate_finalizers(metadata, errors);
    validate_managed_fields(metadata, errors);
}

static void report_new_finalizers(const struct json *metadata, const struct json *live,
                                  struct schema_errors *errors)
{
    struct buf text;
    buf_init(&text, FAKEAPI_ANSWER_BYTES_MAX);
    JSON_EACH(finalizer, json_get(metadata, "finalizers")) {
        bool known = false;
        JSON_EACH(old, json_get(live, "finalizers"))
            known = known || str_equal(json_string_of(old), json_string_of(finalizer));
        if (known)
            continue;
        if (text.len > 0)
            buf_append_text(&text, ", ");
        quote_go(json_string_of(finalizer), &text);
    }
    if (text.len > 0)
        schema_errors_add(errors, "FieldValueForbidden", STR("metadata.finalizers"),
                          "Forbidden: no new finalizers can be added if the object is being "
                          "deleted, found new finalizers []string{%.*s}",
                          STR_ARGS(buf_str(&text)));
    buf_release(&text);
}

static void report_immutable(const struct json *metadata, const struct json *live,
                             const char *name, struct schema_errors *errors)
{
    const struct json *value = json_get(metadata, name);
    const struct json *old = json_get(live, name);
    if (value == old || (value != NULL && old != NULL && json_equal(value, old)))
        return;
    char *field = str_format("metadata.%s", name);
    char *text = json_print_text(value);
    schema_errors_add(errors, INVALID, str_from(field), "Invalid value: %s: field is immutable",
                      text);
    mem_free(text);
    mem_free(field);
}

void meta_validate_update(const struct json *metadata, const struct json *live,
                          struct schema_errors *errors)
{
    static const char *const immutables[] = {"uid", "deletionTimestamp",
                                             "deletionGracePeriodSeconds"};
    if (json_get(live, "deletionTimestamp") != NULL)
        report_new_finalizers(metadata, live, errors);
    for (size_t i = 0; i < ARRAY_COUNT(immutables); i++)
        report_immutable(metadata, live, immutables[i], errors);
    if (errors->count == 0)
        return; /* meta_validate has looked at the rest, and found nothing */
    validate_labels(metadata, errors);
    validate_annotations(metadata, errors);
    validate_owners(metadata, errors);
    validate_managed_fields(metadata, errors);
}

/* Whether a finalizer names no domain, in a real server's eyes. */
static const char *finalizer_flaw(struct str finalizer)
{
    static const char *const known[] = {"kubernetes", "orphan", "foregroundDeletion"};
    for (size_t i = 0; i < ARRAY_COUNT(known); i++)
        if (str_is(finalizer, known[i]))
            return NULL;
    if (str_find(finalizer, '/', 0) < finalizer.len)
        return NULL;
    return str_find(finalizer, '.', 0) < finalizer.len ? "including a path (/) " : "";
}

void meta_warn_finalizers(struct call *call, const struct json *metadata, const struct json *live)
{
    JSON_EACH(finalizer, json_get(metadata, "finalizers")) {
        struct str text = json_string_of(finalizer);
        bool known = false;
        JSON_EACH(old, json_get(live, "finalizers"))
            known = known || str_equal(json_string_of(old), text);
        const char *flaw = known ? NULL : finalizer_flaw(text);
        if (flaw != NULL)
            warn(call, "metadata.finalizers: \"%.*s\": prefer a domain-qualified finalizer name "
                       "%sto avoid accidental conflicts with other finalizer writers",
                 STR_ARGS(text), flaw);
    }
}
