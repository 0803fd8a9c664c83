/* ConfigMaps and Secrets. */
#include "fakeapi/base64.h"
#include "fakeapi/kind_rules.h"

#define DATA_BYTES_MAX (1u << 20)
#define IMMUTABLE "Forbidden: field is immutable when `immutable` is set"

/* Go leaves out maps that are empty. */
static void drop_empty(struct json *object)
{
    static const char *const names[] = {"data", "binaryData"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (json_get(object, names[i]) != NULL &&
            json_first(json_get(object, names[i])) == NULL)
            json_remove(object, names[i]);
}

static void prepare_config(struct json *object)
{
    drop_empty(object);
}

static void prepare_config_update(struct json *object, const struct json *live)
{
    (void)live;
    drop_empty(object);
}

/* stringData is written in plain text and kept as data. */
static void take_string_data(struct json *secret)
{
    const struct json *plain = json_get(secret, "stringData");
    if (json_first(plain) != NULL && !json_is(json_get(secret, "data"), JSON_OBJECT))
        json_set(secret, "data", json_object());
    JSON_EACH(member, plain) {
        struct buf coded;
        buf_init(&coded, 2 * FAKEAPI_BODY_BYTES_MAX);
        base64_encode(json_string_of(member), &coded);
        json_set_str(json_get(secret, "data"), json_key(member), json_string(buf_str(&coded)));
        buf_release(&coded);
    }
    json_remove(secret, "stringData");
}

static void prepare_secret(struct json *secret)
{
    take_string_data(secret);
    drop_empty(secret);
    if (json_text_at(secret, "type").len == 0)
        json_set(secret, "type", json_text("Opaque"));
}

static void prepare_secret_update(struct json *secret, const struct json *live)
{
    (void)live;
    prepare_secret(secret);
}

static bool is_key_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.';
}

static void check_key(const char *map, struct str key, struct schema_errors *errors)
{
    bool fits = key.len > 0;
    struct buf field;
    for (size_t i = 0; i < key.len; i++)
        fits = fits && is_key_byte(key.data[i]);
    if (fits)
        return;
    buf_init(&field, FAKEAPI_BODY_BYTES_MAX);
    buf_printf(&field, "%s[%.*s]", map, STR_ARGS(key));
    schema_errors_add(errors, "FieldValueInvalid", buf_str(&field),
                      "Invalid value: \"%.*s\": a valid config key must consist of alphanumeric "
                      "characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
                      "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
                      STR_ARGS(key));
    buf_release(&field);
}

static size_t check_keys(const struct json *object, const char *map,
                         struct schema_errors *errors)
{
    size_t bytes = 0;
    JSON_EACH(member, json_get(object, map)) {
        check_key(map, json_key(member), errors);
        bytes += json_string_of(member).len;
    }
    return bytes;
}

static void check_size(size_t bytes, struct schema_errors *errors)
{
    if (bytes > DATA_BYTES_MAX)
        schema_errors_add(errors, "FieldValueTooLong", STR(""),
                          "Too long: may not be more than %u bytes", DATA_BYTES_MAX);
}

static void check_frozen(const struct json *object, const struct json *live, const char *field,
                         struct schema_errors *errors)
{
    const struct json *now = json_get(object, field);
    const struct json *before = json_get(live, field);
    bool same = now == NULL || before == NULL ? now == before : json_equal(now, before);
    if (!same)
        schema_errors_add(errors, "FieldValueForbidden", str_from(field), IMMUTABLE);
}

/* Nothing but metadata changes once `immutable` is set. */
static void check_immutable(const struct json *object, const struct json *live,
                            struct schema_errors *errors)
{
    if (live == NULL || !json_bool_of(json_get(live, "immutable")))
        return;
    if (!json_bool_of(json_get(object, "immutable")))
        schema_errors_add(errors, "FieldValueForbidden", STR("immutable"), IMMUTABLE);
    check_frozen(object, live, "data", errors);
    check_frozen(object, live, "binaryData", errors);
}

static void validate_config(const struct json *object, const struct json *live,
                            struct schema_errors *errors)
{
    size_t bytes = check_keys(object, "data", errors);
    bytes += check_keys(object, "binaryData", errors);
    JSON_EACH(member, json_get(object, "binaryData"))
        if (json_get_str(json_get(object, "data"), json_key(member)) != NULL)
            schema_errors_add(errors, "FieldValueInvalid", STR("data"),
                              "Invalid value: \"%.*s\": duplicate of key present in binaryData",
                              STR_ARGS(json_key(member)));
    check_size(bytes, errors);
    check_immutable(object, live, errors);
}

static void validate_secret(const struct json *object, const struct json *live,
                            struct schema_errors *errors)
{
    struct str type = json_text_at(object, "type");
    if (live != NULL && !str_equal(type, json_text_at(live, "type")))
        schema_errors_add(errors, "FieldValueInvalid", STR("type"),
                          "Invalid value: \"%.*s\": field is immutable", STR_ARGS(type));
    check_size(check_keys(object, "data", errors) / 4 * 3, errors);
    check_immutable(object, live, errors);
}

const struct kind_rules kind_rules_config_map = {
    .type = "{\"type\":\"object\",\"properties\":{\"immutable\":{\"type\":\"boolean\"},"
            "\"data\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
            "\"binaryData\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\","
            "\"format\":\"byte\"}}}}",
    .prepare_create = prepare_config,
    .prepare_update = prepare_config_update,
    .validate = validate_config,
};

const struct kind_rules kind_rules_secret = {
    .type = "{\"type\":\"object\",\"properties\":{\"immutable\":{\"type\":\"boolean\"},"
            "\"type\":{\"type\":\"string\"},"
            "\"stringData\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
            "\"data\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\","
            "\"format\":\"byte\"}}}}",
    .prepare_create = prepare_secret,
    .prepare_update = prepare_secret_update,
    .validate = validate_secret,
};
