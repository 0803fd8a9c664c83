#include "fakeapi/table.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

#include "fakeapi/json_path.h"

#define NAME_DESCRIPTION                                                                         \
    "Name must be unique within a namespace. Is required when creating resources, although "     \
    "some resources may allow a client to request the generation of an appropriate name "        \
    "automatically. Name is primarily intended for creation idempotence and configuration "      \
    "definition. Cannot be updated. More info: "                                                 \
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
#define AGE_DESCRIPTION                                                                          \
    "CreationTimestamp is a timestamp representing the server time when this object was "        \
    "created. It is not guaranteed to be set in happens-before order across separate "           \
    "operations. Clients may not set this value. It is represented in RFC3339 form and is in "   \
    "UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: "                    \
    "https://git.k8s.io/community/contributors/devel/sig-architecture/"                          \
    "api-conventions.md#metadata"

static void print_column(struct str name, struct str type, struct str format,
                         struct str description, int64_t priority, struct buf *out)
{
    buf_append_text(out, "{\"name\":");
    json_print_string(name, out);
    buf_append_text(out, ",\"type\":");
    json_print_string(type, out);
    buf_append_text(out, ",\"format\":");
    json_print_string(format, out);
    buf_append_text(out, ",\"description\":");
    json_print_string(description, out);
    buf_printf(out, ",\"priority\":%" PRId64 "}", priority);
}

static bool is_definitions(const struct resource *resource)
{
    return strcmp(resource->plural, "customresourcedefinitions") == 0;
}

static void print_custom_column(const struct json *column, struct buf *out)
{
    struct str description = json_text_at(column, "description");
    struct str format = json_text_at(column, "format");
    int64_t priority = 0;
    struct buf text;
    buf_init(&text, 65536);
    if (description.len > 0)
        buf_append(&text, description);
    else
        buf_printf(&text, "Custom resource definition column (in JSONPath format): %.*s",
                   STR_ARGS(json_text_at(column, "jsonPath")));
    (void)json_int_of(json_get(column, "priority"), &priority);
    print_column(json_text_at(column, "name"), json_text_at(column, "type"),
                 format.len > 0 ? format : STR(""), buf_str(&text), priority, out);
    buf_release(&text);
}

static void print_columns(const struct resource *resource, struct buf *out)
{
    buf_append_char(out, '[');
    print_column(STR("Name"), STR("string"), STR("name"), STR(NAME_DESCRIPTION), 0, out);
    if (json_first(resource->columns) == NULL) {
        buf_append_char(out, ',');
        print_column(is_definitions(resource) ? STR("Created At") : STR("Age"), STR("date"),
                     STR(""), STR(AGE_DESCRIPTION), 0, out);
    }
    JSON_EACH(column, resource->columns) {
        buf_append_char(out, ',');
        print_custom_column(column, out);
    }
    buf_append_char(out, ']');
}

void table_print_head(const struct resource *resource, struct rendition rendition,
                      struct str metadata, struct buf *out)
{
    buf_printf(out, "\"kind\":\"Table\",\"apiVersion\":\"%s\",\"metadata\":%.*s,"
                    "\"columnDefinitions\":",
               rendition_of_version(rendition, ""), STR_ARGS(metadata));
    if (rendition.columns_told)
        buf_append_text(out, "null");
    else
        print_columns(resource, out);
    buf_append_text(out, ",\"rows\":");
}

/* "5s", "3m10s", "7h", "2d4h": two units while they say something, then one. */
static void print_age(int64_t age_ms, struct buf *out)
{
    int64_t seconds = age_ms / 1000;
    int64_t minutes = seconds / 60;
    int64_t hours = minutes / 60;
    int64_t days = hours / 24;
    const struct {
        bool fits, both;
        int64_t first, second;
        char first_unit, second_unit;
    } rows[] = {
        {seconds < 120, false, seconds, 0, 's', ' '},
        {minutes < 10, true, minutes, seconds % 60, 'm', 's'},
        {minutes < 180, false, minutes, 0, 'm', ' '},
        {hours < 8, true, hours, minutes % 60, 'h', 'm'},
        {hours < 48, false, hours, 0, 'h', ' '},
        {hours < 192, true, days, hours % 24, 'd', 'h'},
        {days < 730, false, days, 0, 'd', ' '},
        {days < 2920, true, days / 365, days % 365, 'y', 'd'},
        {true, false, days / 365, 0, 'y', ' '},
    };
    size_t i = 0;
    while (!rows[i].fits)
        i++;
    buf_printf(out, "%" PRId64 "%c", rows[i].first, rows[i].first_unit);
    if (rows[i].both && rows[i].second > 0)
        buf_printf(out, "%" PRId64 "%c", rows[i].second, rows[i].second_unit);
}

static void print_date_cell(struct str text, int64_t now_ms, struct buf *out)
{
    int64_t at_ms = 0;
    if (text.len == 0) {
        buf_append_text(out, "\"<unknown>\"");
    } else if (!ktime_parse_rfc3339(text, &at_ms) || at_ms > now_ms + 1000) {
        buf_append_text(out, "\"<invalid>\"");
    } else {
        buf_append_char(out, '"');
        print_age(at_ms < now_ms ? now_ms - at_ms : 0, out);
        buf_append_char(out, '"');
    }
}

/* Anything but a text is shown as compact JSON. */
static void print_text_cell(const struct json *value, struct buf *out)
{
    char *text;
    if (json_is(value, JSON_STRING)) {
        json_print_string(json_string_of(value), out);
        return;
    }
    text = json_print_text(value);
    json_print_string(str_from(text), out);
    mem_free(text);
}

static void print_cell(struct str type, const struct json *value, int64_t now_ms, struct buf *out)
{
    enum json_type wanted = str_is(type, "boolean") ? JSON_BOOL : JSON_NUMBER;
    if (value == NULL || json_is(value, JSON_NULL))
        buf_append_text(out, "null");
    else if (str_is(type, "string"))
        print_text_cell(value, out);
    else if (str_is(type, "date") && json_is(value, JSON_STRING))
        print_date_cell(json_string_of(value), now_ms, out);
    else if (json_is(value, wanted) && !str_is(type, "date"))
        json_print(value, out);
    else
        buf_append_text(out, "null");
}

static void print_cells(const struct resource *resource, int64_t now_ms,
                        const struct json *object, struct buf *out)
{
    const struct json *created = json_at(object, "metadata.creationTimestamp");
    struct str name = json_text_at(object, "metadata.name");
    json_print_string(name.len > 0 ? name : STR(""), out);
    if (json_first(resource->columns) == NULL) {
        buf_append_char(out, ',');
        print_cell(is_definitions(resource) ? STR("string") : STR("date"), created, now_ms, out);
    }
    JSON_EACH(column, resource->columns) {
        buf_append_char(out, ',');
        print_cell(json_text_at(column, "type"),
                   json_path_first(object, json_text_at(column, "jsonPath")), now_ms, out);
    }
}

void table_print_row(const struct resource *resource, struct rendition rendition, int64_t now_ms,
                     const struct json *object, struct buf *out)
{
    buf_append_text(out, "{\"cells\":[");
    print_cells(resource, now_ms, object, out);
    buf_append_text(out, "],\"object\":");
    switch (rendition.row_object) {
    case ROW_OBJECT_METADATA:
        rendition_print_partial(rendition, object, out);
        break;
    case ROW_OBJECT_WHOLE:
        json_print(object, out);
        break;
    case ROW_OBJECT_NONE:
        buf_append_text(out, "null");
        break;
    }
    buf_append_char(out, '}');
}
