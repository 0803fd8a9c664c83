#include "scenarios/engine/promotion_read.h"

#include "controller/base/ktime.h"

#define DURATION_WHOLE_MAX 100000 /* hours of eleven years: keeps the sum within 63 bits */

struct str read_label(const struct json *object, const char *key)
{
    return json_string_of(json_get(json_at(object, "metadata.labels"), key));
}

struct str read_annotation(const struct json *object, const char *key)
{
    return json_string_of(json_get(json_at(object, "metadata.annotations"), key));
}

static const struct json *read_named(const struct json *list, struct str name)
{
    JSON_EACH(item, list)
    {
        if (str_equal(json_string_of(json_get(item, "name")), name))
            return item;
    }
    return NULL;
}

const struct json *read_spec_stage(const struct json *promotion, struct str stage)
{
    return read_named(json_at(promotion, "spec.stages"), stage);
}

const struct json *read_stage_entry(const struct json *promotion, struct str stage)
{
    return read_named(json_at(promotion, "status.stages"), stage);
}

static bool current_stage_is_of(const struct json *promotion, const char *field_manager)
{
    JSON_EACH(entry, json_at(promotion, "metadata.managedFields"))
    {
        if (str_is(json_text_at(entry, "manager"), field_manager) &&
            json_at(entry, "fieldsV1.f:status.f:currentStageName") != NULL)
            return true;
    }
    return false;
}

bool read_entered(const struct json *promotion, struct str stage)
{
    return read_stage_entry(promotion, stage) != NULL ||
           (str_equal(json_text_at(promotion, "status.currentStageName"), stage) &&
            !current_stage_is_of(promotion, "promoter"));
}

bool read_provisioned_ms(const struct json *entry, int64_t *ret_ms)
{
    struct str text = json_string_of(json_get(entry, "lastSuccessfulAppliedTime"));
    return !str_is_empty(text) && ktime_parse_rfc3339(text, ret_ms);
}

struct str read_description(const struct json *entry)
{
    struct str text = json_string_of(json_get(entry, "currentStatusDescription"));
    size_t suffix = sizeof(" (2006-01-02T15:04:05Z)") - 1;
    int64_t ignored = 0;
    if (text.len < suffix || !str_ends_with(text, STR(")")))
        return text;
    struct str tail = str_slice(text, text.len - suffix, text.len);
    if (!str_starts_with(tail, STR(" (")))
        return text;
    if (!ktime_parse_rfc3339(str_slice(tail, 2, tail.len - 1), &ignored))
        return text;
    return str_slice(text, 0, text.len - suffix);
}

bool read_approved(const struct json *spec_stage)
{
    return json_bool_of(json_at(spec_stage, "trigger.manual.approved"));
}

bool read_complete(const struct json *promotion)
{
    const struct json *last = NULL;
    JSON_EACH(stage, json_at(promotion, "spec.stages"))
        last = stage;
    struct str name = json_string_of(json_get(last, "name"));
    if (last == NULL || !str_equal(json_text_at(promotion, "status.currentStageName"), name))
        return false;
    const struct json *entry = read_stage_entry(promotion, name);
    int64_t provisioned_ms = 0;
    int64_t promotion_ms = 0;
    return str_starts_with(read_description(entry), STR("Successfully provisioned")) &&
           read_provisioned_ms(entry, &provisioned_ms) &&
           ktime_parse_rfc3339(json_text_at(promotion, "status.lastPromotionTime"),
                               &promotion_ms) &&
           promotion_ms >= provisioned_ms;
}

static bool summary_has_feature(const struct json *summary, const char *feature)
{
    JSON_EACH(item, json_at(summary, "status.featureSummaries"))
    {
        if (str_is(json_string_of(json_get(item, "featureID")), feature))
            return true;
    }
    return false;
}

bool read_summary_done(const struct json *summary)
{
    static const struct {
        const char *list;
        const char *feature;
    } CONTENT[] = {
        {"helmCharts", "Helm"}, {"policyRefs", "Resources"}, {"kustomizationRefs", "Kustomize"}};
    const struct json *spec = json_at(summary, "spec.clusterProfileSpec");
    for (size_t i = 0; i < ARRAY_COUNT(CONTENT); i++) {
        if (json_count(json_get(spec, CONTENT[i].list)) > 0 &&
            !summary_has_feature(summary, CONTENT[i].feature))
            return false;
    }
    JSON_EACH(item, json_at(summary, "status.featureSummaries"))
    {
        if (!str_is(json_string_of(json_get(item, "status")), "Provisioned"))
            return false;
    }
    return true;
}

struct str read_actor(const struct fakeapi_audit *audit)
{
    return str_slice(audit->user_agent, 0, str_find(audit->user_agent, '/', 0));
}

bool read_duration(struct str text, int64_t *ret_ms)
{
    static const struct {
        struct str unit;
        int64_t ns;
    } UNITS[] = {
        {{"ns", 2}, 1},       {{"us", 2}, 1000},         {{"ms", 2}, 1000000},
        {{"h", 1}, INT64_C(3600000000000)}, {{"m", 1}, INT64_C(60000000000)},
        {{"s", 1}, 1000000000},
    };
    int64_t total_ns = 0;
    size_t at = 0;
    while (at < text.len) {
        int64_t whole = 0;
        int64_t fraction = 0;
        int64_t scale = 1;
        bool known = false;
        for (; at < text.len && text.data[at] >= '0' && text.data[at] <= '9'; at++)
            whole = whole < DURATION_WHOLE_MAX ? whole * 10 + (text.data[at] - '0') : whole;
        if (at < text.len && text.data[at] == '.') {
            for (at++; at < text.len && text.data[at] >= '0' && text.data[at] <= '9'; at++) {
                fraction = scale < 1000000 ? fraction * 10 + (text.data[at] - '0') : fraction;
                scale = scale < 1000000 ? scale * 10 : scale;
            }
        }
        for (size_t i = 0; !known && i < ARRAY_COUNT(UNITS); i++) {
            known = str_starts_with(str_slice(text, at, text.len), UNITS[i].unit);
            if (known) {
                total_ns += whole * UNITS[i].ns + fraction * (UNITS[i].ns / scale);
                at += UNITS[i].unit.len;
            }
        }
        if (!known)
            return str_is(text, "0");
    }
    *ret_ms = (total_ns + 999999) / 1000000;
    return text.len > 0;
}

bool read_stage_is_malformed(const struct json *spec_stage)
{
    static const char *const DELAYS[] = {"trigger.auto.delay", "trigger.manual.delay"};
    int64_t ignored = 0;
    for (size_t i = 0; i < ARRAY_COUNT(DELAYS); i++) {
        struct str text = json_text_at(spec_stage, DELAYS[i]);
        if (!str_is_empty(text) && !read_duration(text, &ignored))
            return true;
    }
    return false;
}
