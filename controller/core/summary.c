#include "controller/core/summary.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "controller/core/names.h"
#include "controller/core/profile.h"
#include "controller/core/spec_render.h"

static const char *const feature_names[FEATURE_COUNT] = {
    [FEATURE_RESOURCES] = "Resources",
    [FEATURE_HELM] = "Helm",
    [FEATURE_KUSTOMIZE] = "Kustomize",
};

const char *feature_name(enum feature feature)
{
    return feature_names[feature];
}

bool spec_has_feature(const struct json *rendered, enum feature feature)
{
    static const char *const lists[FEATURE_COUNT] = {
        [FEATURE_RESOURCES] = "policyRefs",
        [FEATURE_HELM] = "helmCharts",
        [FEATURE_KUSTOMIZE] = "kustomizationRefs",
    };
    return json_first(json_get(rendered, lists[feature])) != NULL;
}

static void read_features(struct summary *summary, const struct json *list)
{
    JSON_EACH(item, list)
    {
        int64_t failures = 0;
        struct str status = json_text_at(item, "status");
        if (!json_int_of(json_get(item, "consecutiveFailures"), &failures))
            failures = 0;
        for (size_t i = 0; i < FEATURE_COUNT; i++) {
            struct feature_state *state = &summary->features[i];
            if (!str_is(json_text_at(item, "featureID"), feature_names[i]))
                continue;
            state->present = true;
            state->provisioned = str_is(status, "Provisioned");
            state->failing = !state->provisioned &&
                             (str_starts_with(status, STR("Failed")) || failures > 0);
            if (!ktime_parse_rfc3339(json_text_at(item, "lastAppliedTime"), &state->applied_ms))
                state->applied_ms = 0;
        }
    }
}

static void read_spec(struct summary *summary, const struct json *spec)
{
    CLEANUP(json_free_pointer) struct json *rendered = NULL;
    summary->decodable =
        spec_render(spec, &spec_type_cluster_profile, true, &rendered, NULL) == ERR_NONE;
    if (summary->decodable)
        summary->digest = spec_digest(rendered);
    for (unsigned i = 0; i < FEATURE_COUNT; i++)
        summary->features[i].wanted = spec_has_feature(spec, (enum feature)i);
}

/* Copies the texts behind `strings` into one block and points them there. */
static char *own_texts(struct str *const *strings, size_t count)
{
    size_t bytes = 1;
    for (size_t i = 0; i < count; i++)
        bytes += strings[i]->len;
    char *block = mem_alloc(bytes);
    char *end = block;
    for (size_t i = 0; i < count; i++) {
        if (strings[i]->len > 0)
            memcpy(end, strings[i]->data, strings[i]->len);
        *strings[i] = str_from_bytes(end, strings[i]->len);
        end += strings[i]->len;
    }
    return block;
}

static struct str owner_uid(const struct json *json)
{
    JSON_EACH(owner, json_at(json, "metadata.ownerReferences"))
    {
        if (str_is(json_text_at(owner, "kind"), KIND_CLUSTER_PROFILE))
            return json_text_at(owner, "uid");
    }
    return STR_NONE;
}

struct object *summary_create(struct json *json, const struct object *base)
{
    struct summary *summary = mem_alloc(sizeof(*summary));
    struct meta *meta = &summary->object.meta;
    summary->object = *base;
    summary->owner_uid = owner_uid(json);
    summary->cluster_namespace = json_text_at(json, "spec.clusterNamespace");
    summary->cluster_name = json_text_at(json, "spec.clusterName");
    summary->sveltos_cluster = str_is(json_text_at(json, "spec.clusterType"), "Sveltos");
    summary->suspended = json_bool_of(json_at(json, "status.reconciliationSuspended"));
    summary->annotations_hash = profile_annotations_hash(json);
    summary->changed_ms = meta_newest_change_ms(json);
    summary->given_ms = meta_newest_write_ms(json, "f:spec.f:clusterProfileSpec");
    read_spec(summary, json_at(json, "spec.clusterProfileSpec"));
    read_features(summary, json_at(json, "status.featureSummaries"));
    struct str *const texts[] = {
        &meta->name,         &meta->name_space,          &meta->uid,
        &summary->owner_uid, &meta->resource_version,    &summary->object.group,
        &summary->object.promotion, &summary->cluster_namespace, &summary->cluster_name,
    };
    summary->texts = own_texts(texts, ARRAY_COUNT(texts));
    json_free(json);
    return &summary->object;
}

void summary_free(struct summary *summary)
{
    mem_free(summary->texts);
    mem_free(summary);
}
