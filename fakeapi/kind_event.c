/* Events: one collection, seen as v1 and as events.k8s.io/v1; stored as the latter. */
#include "fakeapi/event_expiry.h"
#include "fakeapi/kind_rules.h"

#define NOTE_BYTES_MAX 1024u
#define WORD_BYTES_MAX 128u

/* How the members are called in each group. */
static const char *const names[][2] = {
    {"regarding", "involvedObject"},
    {"note", "message"},
    {"reportingController", "reportingComponent"},
    {"deprecatedSource", "source"},
    {"deprecatedFirstTimestamp", "firstTimestamp"},
    {"deprecatedLastTimestamp", "lastTimestamp"},
    {"deprecatedCount", "count"},
};

static bool is_core(const struct resource *resource)
{
    return resource->group[0] == '\0';
}

static void rename_member(struct json *object, const char *from, const char *to)
{
    struct json *member = json_get(object, from);
    if (member != NULL)
        json_set(object, to, json_detach(object, member));
}

static void convert(const struct resource *to, struct json *object)
{
    size_t target = is_core(to) ? 1 : 0;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        rename_member(object, names[i][1 - target], names[i][target]);
    /* What the core group always shows. */
    if (is_core(to) && json_get(object, "source") == NULL)
        json_set(object, "source", json_object());
    if (!is_core(to) && json_first(json_get(object, "deprecatedSource")) == NULL)
        json_remove(object, "deprecatedSource");
}

struct str event_stored_path(const struct resource *resource, struct str path, char space[256])
{
    int len;
    if (!is_core(resource))
        return path;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        struct str name = str_from(names[i][1]);
        struct str rest = str_slice(path, name.len, path.len);
        if (!str_starts_with(path, name) || (rest.len > 0 && rest.data[0] != '.'))
            continue;
        if (str_is(path, "source"))
            rest = STR(".component");
        len = snprintf(space, 256, "%s%.*s", names[i][0], STR_ARGS(rest));
        return len > 0 && len < 256 ? str_from_bytes(space, (size_t)len) : path;
    }
    return path;
}

static void require(const struct json *event, const char *field, struct schema_errors *errors)
{
    if (json_text_at(event, field).len == 0)
        schema_errors_add(errors, "FieldValueRequired", str_from(field), "Required value");
}

static void limit(const struct json *event, const char *field, size_t bytes_max,
                  struct schema_errors *errors)
{
    if (json_text_at(event, field).len > bytes_max)
        schema_errors_add(errors, "FieldValueInvalid", str_from(field),
                          "Invalid value: \"\": can have at most %zu characters", bytes_max);
}

/* An event is where its object is; what stands in no namespace has its events in "default". */
static void check_place(const struct json *event, const char *field, struct str regarding,
                        struct schema_errors *errors)
{
    struct str place = json_text_at(event, "metadata.namespace");
    bool fits = regarding.len == 0 ? str_is(place, "default") || str_is(place, "kube-system")
                                   : str_equal(regarding, place);
    if (!fits)
        schema_errors_add(errors, "FieldValueInvalid", str_from(field),
                          "Invalid value: \"%.*s\": does not match event.namespace",
                          STR_ARGS(regarding));
}

static void validate_core(const struct json *event, const struct json *live,
                          struct schema_errors *errors)
{
    if (live == NULL)
        check_place(event, "involvedObject.namespace",
                    json_text_at(event, "involvedObject.namespace"), errors);
}

static void validate(const struct json *event, const struct json *live,
                     struct schema_errors *errors)
{
    struct str type = json_text_at(event, "type");
    if (live != NULL)
        return;
    check_place(event, "regarding.namespace", json_text_at(event, "regarding.namespace"),
                errors);
    require(event, "eventTime", errors);
    require(event, "reportingController", errors);
    require(event, "reportingInstance", errors);
    require(event, "action", errors);
    require(event, "reason", errors);
    limit(event, "reportingInstance", WORD_BYTES_MAX, errors);
    limit(event, "action", WORD_BYTES_MAX, errors);
    limit(event, "reason", WORD_BYTES_MAX, errors);
    limit(event, "note", NOTE_BYTES_MAX, errors);
    if (!str_is(type, "Normal") && !str_is(type, "Warning"))
        schema_errors_add(errors, "FieldValueInvalid", STR("type"),
                          "Invalid value: \"\": has invalid value: %.*s", STR_ARGS(type));
}

static void stored(struct fakeapi *api, struct slot *slot)
{
    (void)slot;
    event_expiry_note(api->event_expiry);
}

const struct kind_rules kind_rules_event = {
    .validate = validate, .stored = stored, .convert = convert};
const struct kind_rules kind_rules_core_event = {
    .validate = validate_core, .stored = stored, .convert = convert};
