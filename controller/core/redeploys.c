#include "controller/core/redeploys.h"

#include "controller/core/adoption.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/promotion.h"
#include "controller/core/readiness.h"
#include "controller/core/spec_render.h"
#include "controller/core/summary.h"

#define UNSETTLED "unsettled"

/* The hash inputs that Sveltos has for every feature (facts on its state machine). */
static const char *const shared_inputs[] = {
    "syncMode", "reloader",    "tier",            "continueOnConflict", "templateResourceRefs",
    "patches",  "patchesFrom", "driftExclusions",
};

static const char *const own_inputs[FEATURE_COUNT] = {
    [FEATURE_RESOURCES] = "policyRefs",
    [FEATURE_HELM] = "helmCharts",
    [FEATURE_KUSTOMIZE] = "kustomizationRefs",
};

static bool input_changed(const struct json *before, const struct json *after, const char *member)
{
    return !json_equal(json_get(before, member), json_get(after, member));
}

/* The health checks of one feature, as an array of borrowed trees' clones. */
static struct json *checks_of(const struct json *rendered, enum feature feature)
{
    struct json *checks = json_array();
    JSON_EACH(check, json_get(rendered, "validateHealths"))
    {
        if (str_is(json_text_at(check, "featureID"), feature_name(feature)))
            json_append(checks, json_clone(check));
    }
    return checks;
}

static bool checks_changed(const struct json *before, const struct json *after,
                           enum feature feature)
{
    CLEANUP(json_free_pointer) struct json *old = checks_of(before, feature);
    CLEANUP(json_free_pointer) struct json *new = checks_of(after, feature);
    return !json_equal(old, new);
}

/* Sveltos sorts policyRefs before it hashes them: another order deploys nothing. */
static bool own_input_changed(const struct json *before, const struct json *after,
                              enum feature feature)
{
    if (feature != FEATURE_RESOURCES)
        return input_changed(before, after, own_inputs[feature]);
    CLEANUP(json_free_pointer) struct json *old = json_clone(before);
    CLEANUP(json_free_pointer) struct json *new = json_clone(after);
    spec_sort_list(old, own_inputs[feature]);
    spec_sort_list(new, own_inputs[feature]);
    return input_changed(old, new, own_inputs[feature]);
}

static bool feature_redeploys(const struct json *before, const struct json *after,
                              enum feature feature)
{
    for (size_t i = 0; i < ARRAY_COUNT(shared_inputs); i++) {
        if (input_changed(before, after, shared_inputs[i]))
            return true;
    }
    return own_input_changed(before, after, feature) || checks_changed(before, after, feature);
}

/* Whether the target so far was reached everywhere, as far as summaries tell. */
static bool was_confirmed(const struct map *summaries, const struct profile *profile,
                          struct ktime now)
{
    bool any = false;
    if (summaries == NULL)
        return false;
    MAP_EACH(entry, summaries)
    {
        const struct summary *summary = map_entry_value(entry);
        if (!summary->decodable || !sha256_equal(summary->digest, profile->digest) ||
            summary->annotations_hash != profile->annotations_hash)
            return false;
        for (unsigned i = 0; i < FEATURE_COUNT; i++) {
            const struct feature_state *state = &summary->features[i];
            if (spec_has_feature(profile->rendered, (enum feature)i) &&
                (!state->present || !state->provisioned ||
                 !summary_feature_is_fresh(summary, profile, (enum feature)i, now)))
                return false;
        }
        any = true;
    }
    return any;
}

static int64_t newest_applied_ms(const struct map *summaries, enum feature feature)
{
    int64_t newest = 0;
    MAP_EACH(entry, summaries)
    {
        const struct summary *summary = map_entry_value(entry);
        if (summary->features[feature].applied_ms > newest)
            newest = summary->features[feature].applied_ms;
    }
    return newest;
}

static bool entry_is_met(const struct map *summaries, const struct profile *profile,
                         enum feature feature, struct ktime now)
{
    if (summaries == NULL)
        return true; /* a summary made later is fresh by itself */
    MAP_EACH(entry, summaries)
    {
        const struct summary *summary = map_entry_value(entry);
        if (summary->annotations_hash != profile->annotations_hash ||
            !summary->features[feature].provisioned ||
            !summary_feature_is_fresh(summary, profile, feature, now))
            return false;
    }
    return true;
}

/* Settled: there are summaries that prove it. */
static struct json *proof_of(const struct map *summaries, enum feature feature, bool settled)
{
    char time[KTIME_TEXT_BYTES];
    if (!settled)
        return json_text(UNSETTLED);
    ktime_format_rfc3339(newest_applied_ms(summaries, feature), time);
    return json_text(time);
}

/* True when a summary's spec is not the one that it was made with, or will not be. */
static bool are_changed(const struct map *summaries, const struct profile *profile)
{
    if (summaries == NULL)
        return false;
    MAP_EACH(entry, summaries)
    {
        const struct summary *summary = map_entry_value(entry);
        if (summary->object.meta.generation != 1 ||
            !sha256_equal(summary->digest, profile->digest))
            return true;
    }
    return false;
}

/* What Sveltos v1.13 applied last, and when, nobody wrote down, and what we wrote down somebody
 * may have removed: only time in sync proves it. An entry that some cluster has not met yet is
 * kept, but as unsettled: the clusters that have met it did so before the new Apply entry's
 * time. */
struct json *redeploys_of_change(const struct store *store, const struct profile *profile,
                                 const struct json *wanted, struct ktime now)
{
    const struct map *summaries =
        store_group(store, KUBE_CLUSTER_SUMMARIES, profile->object.meta.name);
    CLEANUP(json_free_pointer) struct json *after = NULL;
    struct json *redeploys = json_object();
    bool lost = profile->redeploys == NULL && !profile_is_unclaimed(profile);
    bool unknown = (lost || profile_is_unclaimed(profile)) && are_changed(summaries, profile);
    bool settled =
        !lost && was_confirmed(summaries, profile, now) && !profile_was_edited(profile);
    enum err err = spec_render(wanted, &spec_type_cluster_profile, true, &after, NULL);
    if (NEVER(err != ERR_NONE, "nothing is applied for a malformed promotion"))
        after = NULL;
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        enum feature feature = (enum feature)i;
        const struct json *kept = json_get(profile->redeploys, feature_name(feature));
        /* Emptied counts: what it had deployed is to be withdrawn. Empty before and after does
         * not: nothing about it is deployed, whatever else changes. */
        bool concerned =
            spec_has_feature(after, feature) || spec_has_feature(profile->rendered, feature);
        if (concerned && (unknown || feature_redeploys(profile->rendered, after, feature)))
            json_set(redeploys, feature_name(feature), proof_of(summaries, feature, settled));
        else if (kept != NULL && !entry_is_met(summaries, profile, feature, now))
            json_set(redeploys, feature_name(feature), json_text(UNSETTLED));
    }
    return redeploys;
}
