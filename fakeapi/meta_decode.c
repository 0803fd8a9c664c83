/* Reading metadata: types as Go's decoder checks them, and its normal form. */
#include "controller/base/ktime.h"
#include "controller/base/mem.h"

#include "fakeapi/decode.h"
#include "fakeapi/managed_fields.h"
#include "fakeapi/meta.h"

enum field_type { FIELD_STRING, FIELD_INT, FIELD_BOOL, FIELD_TIME, FIELD_MAP, FIELD_STRINGS,
                  FIELD_OWNERS, FIELD_ENTRIES, FIELD_ANY };

struct field {
    struct str name;
    enum field_type type;
    const char *go_type;
};

static const struct field meta_fields[] = {
    {STR_INIT("name"), FIELD_STRING, "string"},
    {STR_INIT("generateName"), FIELD_STRING, "string"},
    {STR_INIT("namespace"), FIELD_STRING, "string"},
    {STR_INIT("selfLink"), FIELD_STRING, "string"},
    {STR_INIT("uid"), FIELD_STRING, "types.UID"},
    {STR_INIT("resourceVersion"), FIELD_STRING, "string"},
    {STR_INIT("generation"), FIELD_INT, "int64"},
    {STR_INIT("creationTimestamp"), FIELD_TIME, "v1.Time"},
    {STR_INIT("deletionTimestamp"), FIELD_TIME, "v1.Time"},
    {STR_INIT("deletionGracePeriodSeconds"), FIELD_INT, "int64"},
    {STR_INIT("labels"), FIELD_MAP, "map[string]string"},
    {STR_INIT("annotations"), FIELD_MAP, "map[string]string"},
    {STR_INIT("ownerReferences"), FIELD_OWNERS, "[]v1.OwnerReference"},
    {STR_INIT("finalizers"), FIELD_STRINGS, "[]string"},
    {STR_INIT("managedFields"), FIELD_ENTRIES, "[]v1.ManagedFieldsEntry"},
};

static const struct field owner_fields[] = {
    {STR_INIT("apiVersion"), FIELD_STRING, "string"},
    {STR_INIT("kind"), FIELD_STRING, "string"},
    {STR_INIT("name"), FIELD_STRING, "string"},
    {STR_INIT("uid"), FIELD_STRING, "types.UID"},
    {STR_INIT("controller"), FIELD_BOOL, "bool"},
    {STR_INIT("blockOwnerDeletion"), FIELD_BOOL, "bool"},
};

static const struct field entry_fields[] = {
    {STR_INIT("manager"), FIELD_STRING, "string"},
    {STR_INIT("operation"), FIELD_STRING, "string"},
    {STR_INIT("apiVersion"), FIELD_STRING, "string"},
    {STR_INIT("time"), FIELD_TIME, "v1.Time"},
    {STR_INIT("fieldsType"), FIELD_STRING, "string"},
    {STR_INIT("fieldsV1"), FIELD_ANY, "v1.FieldsV1"},
    {STR_INIT("subresource"), FIELD_STRING, "string"},
};

/* A Go struct and how errors name it. */
struct shape {
    const struct field *fields;
    size_t count;
    const char *go_struct; /* "ObjectMeta." */
    const char *item_type; /* of a list of these */
};

static const struct shape meta_shape = {meta_fields, ARRAY_COUNT(meta_fields), "ObjectMeta.", ""};
static const struct shape owner_shape = {owner_fields, ARRAY_COUNT(owner_fields),
                                         "OwnerReference.ownerReferences.", "v1.OwnerReference"};
static const struct shape entry_shape = {entry_fields, ARRAY_COUNT(entry_fields),
                                         "ManagedFieldsEntry.managedFields.",
                                         "v1.ManagedFieldsEntry"};

static bool refuse(const struct json *value, const struct shape *shape, const char *field,
                   const char *go_type, struct buf *message)
{
    buf_printf(message, "json: cannot unmarshal %s into Go struct field %s%s of type %s",
               go_type_name(value), shape->go_struct, field, go_type);
    return false;
}

static const struct field *field_find(const struct shape *shape, struct str name)
{
    for (size_t i = 0; i < shape->count; i++)
        if (str_equal(name, shape->fields[i].name))
            return &shape->fields[i];
    return NULL;
}

static bool check_time(const struct json *value, const struct shape *shape, const char *field,
                       struct buf *message)
{
    int64_t at_ms;
    struct str text = json_string_of(value);
    if (!json_is(value, JSON_STRING))
        return refuse(value, shape, field, "string", message);
    if (ktime_parse_rfc3339(text, &at_ms))
        return true;
    buf_printf(message, "parsing time \"%.*s\" as \"2006-01-02T15:04:05Z07:00\": cannot parse "
                        "\"%.*s\" as \"2006\"", STR_ARGS(text), STR_ARGS(text));
    return false;
}

/* Every member or item is a string or null. */
static bool check_strings(const struct json *value, enum json_type type, const struct shape *shape,
                          const struct field *field, struct buf *message)
{
    if (!json_is(value, type))
        return refuse(value, shape, field->name.data, field->go_type, message);
    JSON_EACH(item, value)
        if (json_type(item) != JSON_STRING && json_type(item) != JSON_NULL)
            return refuse(item, shape, field->name.data, "string", message);
    return true;
}

static bool check_plain(const struct json *value, const struct shape *shape,
                        const struct field *field, struct buf *message)
{
    int64_t number;
    switch (field->type) {
    case FIELD_STRING:
        if (json_is(value, JSON_STRING))
            return true;
        break;
    case FIELD_BOOL:
        if (json_is(value, JSON_BOOL))
            return true;
        break;
    case FIELD_INT:
        if (json_int_of(value, &number))
            return true;
        break;
    case FIELD_TIME:
        return check_time(value, shape, field->name.data, message);
    case FIELD_MAP:
        return check_strings(value, JSON_OBJECT, shape, field, message);
    case FIELD_STRINGS:
        return check_strings(value, JSON_ARRAY, shape, field, message);
    case FIELD_OWNERS:
    case FIELD_ENTRIES:
    case FIELD_ANY:
        return true;
    }
    return refuse(value, shape, field->name.data, field->go_type, message);
}

static bool check_members(const struct json *object, const struct shape *shape,
                          struct buf *message)
{
    JSON_EACH(member, object) {
        const struct field *field = field_find(shape, json_key(member));
        if (field != NULL && json_type(member) != JSON_NULL &&
            !check_plain(member, shape, field, message))
            return false;
    }
    return true;
}

static bool check_list(const struct json *metadata, const char *name, const struct shape *shape,
                       struct buf *message)
{
    const struct json *list = json_get(metadata, name);
    if (json_type(list) == JSON_NULL || managed_fields_is_marked(list))
        return true;
    const struct field *field = field_find(&meta_shape, str_from(name));
    if (!json_is(list, JSON_ARRAY))
        return refuse(list, &meta_shape, name, field->go_type, message);
    JSON_EACH(item, list) {
        if (json_type(item) == JSON_NULL)
            continue;
        if (!json_is(item, JSON_OBJECT))
            return refuse(item, &meta_shape, name, shape->item_type, message);
        if (!check_members(item, shape, message))
            return false;
    }
    return true;
}

bool meta_check_types(const struct json *metadata, struct buf *message)
{
    if (json_type(metadata) == JSON_NULL)
        return true;
    if (!json_is(metadata, JSON_OBJECT)) {
        buf_printf(message, "json: cannot unmarshal %s into Go value of type v1.ObjectMeta",
                   go_type_name(metadata));
        return false;
    }
    return check_members(metadata, &meta_shape, message) &&
           check_list(metadata, "ownerReferences", &owner_shape, message) &&
           check_list(metadata, "managedFields", &entry_shape, message);
}

static void note_unknown(struct json *unknown, const char *prefix, struct str name)
{
    if (unknown == NULL)
        return;
    char *path = str_format("%s%.*s", prefix, STR_ARGS(name));
    json_append(unknown, json_text(path));
    mem_free(path);
}

/* Go drops zero values of fields marked omitempty. */
static bool is_zero(const struct json *value)
{
    int64_t number;
    switch (json_type(value)) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return false; /* the booleans here are pointers in Go */
    case JSON_NUMBER:
        return json_int_of(value, &number) && number == 0 &&
               !str_is(json_key(value), "deletionGracePeriodSeconds");
    case JSON_STRING:
        return json_string_of(value).len == 0;
    case JSON_ARRAY:
    case JSON_OBJECT:
        return json_first(value) == NULL && !str_is(json_key(value), "fieldsV1");
    }
    return false;
}

/* Drops unknown and empty members; an owner's four texts are no omitempty fields. */
static void keep_known(struct json *object, const struct shape *shape, const char *prefix,
                       bool drop_zero, struct json *unknown)
{
    struct json *next;
    for (struct json *member = json_first(object); member != NULL; member = next) {
        next = json_next(member);
        const struct field *field = field_find(shape, json_key(member));
        if (field == NULL)
            note_unknown(unknown, prefix, json_key(member));
        if (field == NULL || json_type(member) == JSON_NULL || (drop_zero && is_zero(member)))
            json_free(json_detach(object, member));
    }
}

static void fill_null_texts(struct json *container)
{
    struct json *next;
    for (struct json *item = json_first(container); item != NULL; item = next) {
        next = json_next(item);
        if (json_type(item) == JSON_NULL)
            json_replace(container, item, json_text(""));
    }
}

static void normalise_time(struct json *object, const char *name)
{
    int64_t at_ms;
    char text[KTIME_TEXT_BYTES];
    struct str given = json_string_of(json_get(object, name));
    if (given.data == NULL || !ktime_parse_rfc3339(given, &at_ms))
        return;
    ktime_format_rfc3339(at_ms, text);
    if (!str_is(given, text))
        json_set(object, name, json_text(text));
}

static void normalise_list(struct json *list, const struct shape *shape, bool owners,
                           struct json *unknown)
{
    static const char *const texts[] = {"apiVersion", "kind", "name", "uid"};
    size_t index = 0;
    struct json *next;
    for (struct json *item = json_first(list); item != NULL; item = next) {
        next = json_next(item);
        if (json_type(item) == JSON_NULL) {
            struct json *empty = json_object();
            json_replace(list, item, empty);
            item = empty;
        }
        char prefix[64];
        (void)snprintf(prefix, sizeof(prefix), "metadata.%s[%zu].",
                       owners ? "ownerReferences" : "managedFields", index++);
        keep_known(item, shape, prefix, !owners, unknown);
        normalise_time(item, "time");
        for (size_t i = 0; owners && i < ARRAY_COUNT(texts); i++)
            if (json_get(item, texts[i]) == NULL)
                json_set(item, texts[i], json_text(""));
    }
}

void meta_normalise(struct json *metadata, struct json *unknown)
{
    fill_null_texts(json_get(metadata, "labels"));
    fill_null_texts(json_get(metadata, "annotations"));
    fill_null_texts(json_get(metadata, "finalizers"));
    keep_known(metadata, &meta_shape, "metadata.", true, unknown);
    json_remove(metadata, "selfLink");
    normalise_time(metadata, "creationTimestamp");
    normalise_time(metadata, "deletionTimestamp");
    normalise_list(json_get(metadata, "ownerReferences"), &owner_shape, true, unknown);
    if (!managed_fields_is_marked(json_get((const struct json *)metadata, "managedFields")))
        normalise_list(json_get(metadata, "managedFields"), &entry_shape, false, unknown);
}

static bool is_repeated(const struct json *list, const struct json *item)
{
    JSON_EACH(earlier, list) {
        if (earlier == item)
            return false;
        if (json_equal(earlier, item))
            return true;
    }
    return false;
}

bool meta_drop_repeated_owners(struct json *metadata)
{
    struct json *owners = json_get(metadata, "ownerReferences");
    bool dropped = false;
    struct json *next;
    for (struct json *owner = json_first(owners); owner != NULL; owner = next) {
        next = json_next(owner);
        if (!is_repeated(owners, owner))
            continue;
        json_free(json_detach(owners, owner));
        dropped = true;
    }
    return dropped;
}
