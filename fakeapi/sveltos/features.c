#include "fakeapi/sveltos/features.h"

#include "controller/base/mem.h"

#define HASH_TEXT_BYTES_MAX (4u << 20) /* a spec fits in a request of 3 MiB */

static const struct {
    const char *id;
    const char *content;
} features[FEATURE_COUNT] = {
    [FEATURE_RESOURCES] = {"Resources", "policyRefs"},
    [FEATURE_HELM] = {"Helm", "helmCharts"},
    [FEATURE_KUSTOMIZE] = {"Kustomize", "kustomizationRefs"},
};

/* What every feature depends on. The references of templateResourceRefs and patchesFrom stand
 * for the contents behind them. */
static const char *const shared_inputs[] = {
    "syncMode",     "reloader",        "tier",    "continueOnConflict", "templateResourceRefs",
    "patches",      "patchesFrom",     "driftExclusions",
};

const char *feature_id(enum feature feature)
{
    return features[feature].id;
}

const struct json *feature_content(const struct json *rendered_spec, enum feature feature)
{
    return json_get(rendered_spec, features[feature].content);
}

static void hash_member(const struct json *value, struct buf *text)
{
    if (value != NULL) {
        struct json *sorted = json_clone(value);
        json_sort(sorted);
        json_print(sorted, text);
        json_free(sorted);
    }
    buf_append_char(text, '\n');
}

static int compare_texts(const void *a, const void *b)
{
    const char *const *text_a = a;
    const char *const *text_b = b;
    return strcmp(*text_a, *text_b);
}

/* The order of policyRefs is no change. */
static void hash_sorted(const struct json *list, struct buf *text)
{
    size_t count = json_count(list);
    char **items = mem_alloc_array(count, sizeof(*items));
    size_t used = 0;
    JSON_EACH(item, list) {
        struct json *sorted = json_clone(item);
        json_sort(sorted);
        items[used++] = json_print_text(sorted);
        json_free(sorted);
    }
    qsort(items, count, sizeof(*items), compare_texts);
    for (size_t i = 0; i < count; i++) {
        buf_append_text(text, items[i]);
        mem_free(items[i]);
    }
    mem_free(items);
}

static void hash_health_checks(const struct json *rendered_spec, enum feature feature,
                               struct buf *text)
{
    JSON_EACH(check, json_get(rendered_spec, "validateHealths")) {
        if (str_is(json_text_at(check, "featureID"), features[feature].id))
            hash_member(check, text);
    }
}

void feature_hash(const struct json *rendered_spec, enum feature feature,
                  char ret_base64[SHA256_BASE64_BYTES])
{
    const struct json *content = feature_content(rendered_spec, feature);
    struct buf text;
    buf_init(&text, HASH_TEXT_BYTES_MAX);
    /* Without charts the Helm feature's hash is a constant. */
    if (feature != FEATURE_HELM || content != NULL) {
        for (size_t i = 0; i < ARRAY_COUNT(shared_inputs); i++)
            hash_member(json_get(rendered_spec, shared_inputs[i]), &text);
        if (feature == FEATURE_RESOURCES)
            hash_sorted(content, &text);
        else
            hash_member(content, &text);
        hash_health_checks(rendered_spec, feature, &text);
    }
    sha256_base64(sha256_of(buf_str(&text)), ret_base64);
    buf_release(&text);
}

const struct json *feature_summary(const struct json *feature_summaries, enum feature feature)
{
    JSON_EACH(entry, feature_summaries) {
        if (str_is(json_text_at(entry, "featureID"), features[feature].id))
            return entry;
    }
    return NULL;
}

bool summary_is_provisioned(const struct json *summary)
{
    const struct json *spec = json_at(summary, "spec.clusterProfileSpec");
    const struct json *entries = json_at(summary, "status.featureSummaries");
    JSON_EACH(entry, entries) {
        if (!str_is(json_text_at(entry, "status"), "Provisioned"))
            return false;
    }
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
        if (json_count(feature_content(spec, feature)) > 0 &&
            feature_summary(entries, feature) == NULL)
            return false;
    }
    return true;
}
