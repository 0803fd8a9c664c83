#include "controller/core/readiness.h"

#include "controller/core/cluster.h"
#include "controller/core/limits.h"
#include "controller/core/name_list.h"
#include "controller/k8s/label_selector.h"

bool spec_has_feature(const struct json *rendered, enum feature feature)
{
    static const char *const lists[FEATURE_COUNT] = {
        [FEATURE_RESOURCES] = "policyRefs",
        [FEATURE_HELM] = "helmCharts",
        [FEATURE_KUSTOMIZE] = "kustomizationRefs",
    };
    return json_first(json_get(rendered, lists[feature])) != NULL;
}

bool summary_feature_is_fresh(const struct summary *summary, const struct profile *profile,
                              enum feature feature, struct ktime now, int64_t *settles_ms)
{
    struct str listed = json_string_of(json_get(profile->redeploys, feature_name(feature)));
    int64_t applied_ms = summary->features[feature].applied_ms;
    int64_t before_ms = 0;
    if (str_is_empty(listed) || summary->object.meta.generation == 1)
        return true;
    bool timed = ktime_parse_rfc3339(listed, &before_ms);
    bool deployed_since = applied_ms > before_ms && applied_ms > profile->applied_ms;
    if (deployed_since && applied_ms > summary->given_ms)
        return true;
    if (timed && !deployed_since)
        return false;
    int64_t quiet_ms =
        summary->changed_ms > profile->applied_ms ? summary->changed_ms : profile->applied_ms;
    if (now.wall_ms >= quiet_ms + SETTLE_MS)
        return true;
    if (settles_ms != NULL && quiet_ms + SETTLE_MS < *settles_ms)
        *settles_ms = quiet_ms + SETTLE_MS;
    return false;
}

/* What one cluster's summary says. */
struct verdict {
    bool done;
    bool failing;
    bool settling; /* only time is missing */
    int64_t settles_ms;
};

/* Our annotations prove which change Sveltos has seen, so they matter where one is listed (P7). */
static bool summary_is_in_sync(const struct summary *summary, const struct profile *profile,
                               bool one_time)
{
    if (summary->object.meta.deleting || summary->suspended ||
        !str_equal(summary->owner_uid, profile->object.meta.uid))
        return false;
    if (one_time) /* D23: what was deployed once counts, whatever its spec */
        return true;
    return summary->decodable && profile->rendered != NULL &&
           sha256_equal(summary->digest, profile->digest) &&
           (profile->redeploys == NULL || summary->annotations_hash == profile->annotations_hash);
}

static void judge_features(const struct summary *summary, const struct profile *profile,
                           bool one_time, struct ktime now, struct verdict *verdict)
{
    verdict->done = true;
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        const struct feature_state *state = &summary->features[i];
        bool wanted = spec_has_feature(profile->rendered, (enum feature)i);
        if (!state->present && !wanted)
            continue;
        verdict->failing |= state->failing;
        if (!state->present || !state->provisioned)
            verdict->done = false;
        else if (!one_time && !summary_feature_is_fresh(summary, profile, (enum feature)i, now,
                                                        &verdict->settles_ms))
            verdict->done = false;
    }
}

static struct verdict judge_summary(const struct summary *summary, const struct profile *profile,
                                    bool one_time, struct ktime now)
{
    struct verdict verdict = {.settles_ms = KTIME_NEVER};
    if (summary == NULL || !summary_is_in_sync(summary, profile, one_time))
        return verdict;
    judge_features(summary, profile, one_time, now, &verdict);
    if (verdict.done)
        verdict.failing = false;
    return verdict;
}

static void add_cluster(struct name_list *list, const struct cluster *cluster)
{
    struct buf key;
    buf_init(&key, STORE_KEY_BYTES_MAX);
    if (list->count < NAMED_CLUSTERS_MAX)
        store_key(&cluster->object.meta, &key);
    name_list_add(list, buf_str(&key));
    buf_release(&key);
}

struct judge {
    const struct map *summaries; /* of the profile; NULL: none */
    const struct profile *profile;
    bool one_time;
    struct ktime now;
    bool checked[FEATURE_COUNT]; /* by a gate check */
    struct name_list failing, waiting, paused, not_ready;
    size_t total, done;
    int64_t settles_ms;
    int64_t checks_passed_ms; /* the oldest; KTIME_NEVER: none yet */
};

/* A check runs in its feature's deployment: that was when it passed (P17). */
static void note_pass(struct judge *judge, const struct summary *summary)
{
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        int64_t passed_ms = summary->features[i].applied_ms;
        if (judge->checked[i] && passed_ms > 0 && passed_ms < judge->checks_passed_ms)
            judge->checks_passed_ms = passed_ms;
    }
}

static const struct summary *find_summary(const struct judge *judge, const struct cluster *cluster)
{
    struct buf key;
    if (judge->summaries == NULL)
        return NULL;
    buf_init(&key, STORE_KEY_BYTES_MAX * 2);
    buf_printf(&key, "%.*s/%.*s-%s-%.*s", STR_ARGS(cluster->object.meta.name_space),
               STR_ARGS(judge->profile->object.meta.name),
               cluster->object.resource == KUBE_CAPI_CLUSTERS ? "capi" : "sveltos",
               STR_ARGS(cluster->object.meta.name));
    const struct summary *summary = map_get(judge->summaries, buf_str(&key));
    buf_release(&key);
    return summary;
}

static void judge_cluster(struct judge *judge, const struct cluster *cluster)
{
    if (!cluster->ready) {
        add_cluster(&judge->not_ready, cluster);
        return;
    }
    judge->total++;
    const struct summary *summary = find_summary(judge, cluster);
    struct verdict verdict = judge_summary(summary, judge->profile, judge->one_time, judge->now);
    if (cluster->paused)
        add_cluster(&judge->paused, cluster);
    else if (verdict.done)
        judge->done++;
    else
        add_cluster(verdict.failing ? &judge->failing : &judge->waiting, cluster);
    if (verdict.done)
        note_pass(judge, summary);
    if (!verdict.done && verdict.settles_ms < judge->settles_ms)
        judge->settles_ms = verdict.settles_ms;
}

static void conclude(const struct judge *judge, struct arena *arena,
                     struct stage_readiness *ret_readiness)
{
    struct stage_readiness result = {
        .settles_ms = judge->settles_ms,
        .checks_passed_ms = judge->checks_passed_ms == KTIME_NEVER ? 0 : judge->checks_passed_ms,
        .total = judge->total,
        .done = judge->done,
    };
    if (judge->total > 0)
        result.left_out = name_list_text(&judge->not_ready, arena);
    if (judge->total == 0 && judge->not_ready.count == 0) {
        result.readiness = READINESS_EMPTY;
    } else if (judge->total == 0) {
        result.readiness = READINESS_CLUSTER_NOT_READY;
        result.names = name_list_text(&judge->not_ready, arena);
    } else if (judge->failing.count > 0) {
        result.readiness = READINESS_FAILING;
        result.names = name_list_text(&judge->failing, arena);
    } else if (judge->waiting.count > 0) {
        result.readiness = READINESS_PROVISIONING;
        result.names = name_list_text(&judge->waiting, arena);
    } else if (judge->paused.count > 0) {
        result.readiness = READINESS_CLUSTER_PAUSED;
        result.names = name_list_text(&judge->paused, arena);
    } else {
        result.readiness = READINESS_PROVISIONED;
    }
    *ret_readiness = result;
}

static void judge_clusters(struct judge *judge, const struct readiness_question *question,
                           enum kube_resource resource)
{
    const struct map_entry *cursor = NULL;
    const struct object *object;
    while ((object = store_next(question->store, resource, &cursor)) != NULL) {
        const struct cluster *cluster = (const struct cluster *)object;
        if (!object->meta.deleting &&
            cluster_is_onboarded(cluster, question->capi_onboard_annotation) &&
            label_selector_matches(question->stage->selector, cluster->labels))
            judge_cluster(judge, cluster);
    }
}

static void read_checked(const struct stage_spec *stage, bool checked[FEATURE_COUNT])
{
    JSON_EACH(check, stage->gate_checks)
    {
        for (unsigned i = 0; i < FEATURE_COUNT; i++)
            checked[i] |= str_is(json_text_at(check, "featureID"), feature_name((enum feature)i));
    }
}

bool stage_readiness_judge(const struct readiness_question *question, struct arena *arena,
                           struct stage_readiness *ret_readiness)
{
    const struct profile *profile = question->profile;
    struct judge judge = {
        .summaries = store_group(question->store, KUBE_CLUSTER_SUMMARIES,
                                 profile->object.meta.name),
        .profile = profile,
        .one_time = str_is(json_text_at(profile->rendered, "syncMode"), "OneTime"),
        .now = question->now,
        .settles_ms = KTIME_NEVER,
        .checks_passed_ms = KTIME_NEVER,
    };
    read_checked(question->stage, judge.checked);
    name_list_init(&judge.failing);
    name_list_init(&judge.waiting);
    name_list_init(&judge.paused);
    name_list_init(&judge.not_ready);
    judge_clusters(&judge, question, KUBE_CAPI_CLUSTERS); /* Sveltos' order */
    judge_clusters(&judge, question, KUBE_SVELTOS_CLUSTERS);
    conclude(&judge, arena, ret_readiness);
    name_list_release(&judge.failing);
    name_list_release(&judge.waiting);
    name_list_release(&judge.paused);
    name_list_release(&judge.not_ready);
    bool named = ret_readiness->names.data != NULL;
    return named || ret_readiness->readiness == READINESS_PROVISIONED ||
           ret_readiness->readiness == READINESS_EMPTY;
}
