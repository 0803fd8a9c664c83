#include "controller/k8s/meta.h"

#include "controller/base/ktime.h"

bool meta_read(const struct json *object, struct meta *ret_meta)
{
    const struct json *metadata = json_get(object, "metadata");
    struct meta meta = {
        .name = json_text_at(metadata, "name"),
        .name_space = json_text_at(metadata, "namespace"),
        .uid = json_text_at(metadata, "uid"),
        .resource_version = json_text_at(metadata, "resourceVersion"),
        .deleting = !str_is_empty(json_text_at(metadata, "deletionTimestamp")),
    };
    if (!json_int_of(json_get(metadata, "generation"), &meta.generation))
        meta.generation = 0;
    if (str_is_empty(meta.name) || str_is_empty(meta.uid) || str_is_empty(meta.resource_version))
        return false;
    *ret_meta = meta;
    return true;
}

struct str meta_label(const struct json *object, const char *key)
{
    return json_string_of(json_get(json_at(object, "metadata.labels"), key));
}

struct str meta_annotation(const struct json *object, const char *key)
{
    return json_string_of(json_get(json_at(object, "metadata.annotations"), key));
}

bool meta_has_finalizer(const struct json *object, const char *finalizer)
{
    JSON_EACH(item, json_at(object, "metadata.finalizers"))
    {
        if (str_is(json_string_of(item), finalizer))
            return true;
    }
    return false;
}

const struct json *meta_apply_entry(const struct json *object, const char *field_manager)
{
    JSON_EACH(entry, json_at(object, "metadata.managedFields"))
    {
        if (str_is(json_text_at(entry, "operation"), "Apply") &&
            str_is(json_text_at(entry, "manager"), field_manager) &&
            str_is_empty(json_text_at(entry, "subresource")))
            return entry;
    }
    return NULL;
}

static void take_newer(const struct json *entry, int64_t *newest_ms)
{
    int64_t time_ms;
    if (ktime_parse_rfc3339(json_text_at(entry, "time"), &time_ms) && time_ms > *newest_ms)
        *newest_ms = time_ms;
}

int64_t meta_newest_change_ms(const struct json *object)
{
    int64_t newest_ms = 0;
    JSON_EACH(entry, json_at(object, "metadata.managedFields"))
    take_newer(entry, &newest_ms);
    return newest_ms;
}

int64_t meta_newest_write_ms(const struct json *object, const char *field)
{
    int64_t newest_ms = 0;
    JSON_EACH(entry, json_at(object, "metadata.managedFields"))
    {
        if (str_is_empty(json_text_at(entry, "subresource")) &&
            json_at(json_get(entry, "fieldsV1"), field) != NULL)
            take_newer(entry, &newest_ms);
    }
    return newest_ms;
}

int resource_version_compare(struct str a, struct str b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return str_compare(a, b);
}
