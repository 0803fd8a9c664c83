#include "controller/core/readiness.h"

#include "controller/core/name_list.h"
#include "controller/k8s/label_selector.h"

/* Which row of the table it is. */
enum proof { PROOF_NONE, PROOF_BY_REST, PROOF_WHOLE };

static enum proof proof_of(const struct summary *summary, const struct profile *profile,
                           enum feature feature)
{
    struct str listed = json_string_of(json_get(profile->redeploys, feature_name(feature)));
    int64_t applied_ms = summary->features[feature].applied_ms;
    int64_t before_ms = 0;
    if (str_is_empty(listed) || summary->object.meta.generation == 1)
        return PROOF_WHOLE;
    bool timed = ktime_parse_rfc3339(listed, &before_ms);
    bool deployed_since = applied_ms > before_ms && applied_ms > profile->applied_ms;
    if (deployed_since && applied_ms > summary->given_ms)
        return PROOF_WHOLE;
    return timed && !deployed_since ? PROOF_NONE : PROOF_BY_REST;
}

static int64_t settled_ms(const struct summary *summary, const struct profile *profile)
{
    int64_t quiet_ms =
        summary->changed_ms > profile->applied_ms ? summary->changed_ms : profile->applied_ms;
    return quiet_ms + SETTLE_MS;
}

bool summary_feature_is_fresh(const struct summary *summary, const struct profile *profile,
                              enum feature feature, struct ktime now)
{
    enum proof proof = proof_of(summary, profile, feature);
    return proof == PROOF_WHOLE ||
           (proof == PROOF_BY_REST && now.wall_ms >= settled_ms(summary, profile));
}

/* What one cluster's summary says. */
struct verdict {
    const char *feature; /* see waited_cluster */
    const char *lack;    /* NULL: none, it is done */
    bool failing;
    bool unconfirmed;
    int64_t settles_ms;
};

/* A batch is under way, and all that is listed was deployed after the summary got the spec that
 * it has. */
static bool was_deployed_as_given(const struct summary *summary, const struct profile *profile)
{
    if (json_get(profile->rendered, "maxUpdate") == NULL)
        return false;
    if (summary->object.meta.generation == 1)
        return true;
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        bool listed = json_get(profile->redeploys, feature_name((enum feature)i)) != NULL;
        if (listed && summary->features[i].applied_ms <= summary->given_ms)
            return false;
    }
    return summary->given_ms > 0;
}

/* Why a summary does not speak of the profile as it is; NULL: it does. Our annotations prove
 * which change Sveltos has seen, so they matter where one is listed (P7). They may change while
 * the spec stays, and the summaries of a batch that is done are not written again before the
 * last one is: those prove it by their own times. */
static const char *out_of_sync(const struct summary *summary, const struct profile *profile,
                               bool one_time)
{
    if (summary == NULL)
        return "has no ClusterSummary yet";
    if (!str_equal(summary->owner_uid, profile->object.meta.uid))
        return "has a ClusterSummary of a ClusterProfile that is gone";
    if (summary->object.meta.deleting)
        return "has a ClusterSummary that is being deleted";
    if (summary->suspended && !one_time) /* then Sveltos never takes it back */
        return "has a ClusterSummary whose reconciliation is suspended";
    if (one_time) /* D23: what was deployed once counts, whatever its spec */
        return NULL;
    bool same = summary->decodable && sha256_equal(summary->digest, profile->digest) &&
                (json_first(profile->redeploys) == NULL ||
                 summary->annotations_hash == profile->annotations_hash ||
                 was_deployed_as_given(summary, profile));
    return same ? NULL : "has a ClusterSummary without this configuration yet";
}

/* True when a Provisioned feature is so since the profile was applied. */
static bool is_proven(const struct summary *summary, const struct profile *profile,
                      enum feature feature, struct ktime now, struct verdict *verdict)
{
    enum proof proof = proof_of(summary, profile, feature);
    int64_t due_ms = settled_ms(summary, profile);
    if (proof != PROOF_BY_REST || summary->confirmed_ms >= due_ms)
        return proof != PROOF_NONE;
    if (now.wall_ms >= due_ms)
        verdict->unconfirmed = true;
    else if (due_ms < verdict->settles_ms)
        verdict->settles_ms = due_ms;
    return false;
}

static const char *feature_lack(const struct summary *summary, const struct profile *profile,
                                enum feature feature, bool one_time, struct ktime now,
                                struct verdict *verdict)
{
    const struct feature_state *state = &summary->features[feature];
    if (state->failing)
        return "fails";
    if (!state->present)
        return "is not reported yet";
    if (!state->provisioned)
        return "is being deployed";
    if (!one_time && !is_proven(summary, profile, feature, now, verdict))
        return "is Provisioned, but as it was before this configuration";
    return NULL;
}

/* What fails is told before what lacks otherwise. */
static void judge_features(const struct summary *summary, const struct profile *profile,
                           bool one_time, struct ktime now, struct verdict *verdict)
{
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        /* What is deployed once is what the summary had then (D23). */
        bool wanted = one_time ? summary->features[i].wanted
                               : spec_has_feature(profile->rendered, (enum feature)i);
        if (!summary->features[i].present && !wanted)
            continue;
        const char *lack = feature_lack(summary, profile, (enum feature)i, one_time, now,
                                        verdict);
        bool fails = summary->features[i].failing;
        if (lack != NULL && (verdict->lack == NULL || (fails && !verdict->failing))) {
            verdict->lack = lack;
            verdict->feature = feature_name((enum feature)i);
        }
        verdict->failing |= fails;
    }
}

static struct verdict judge_summary(const struct summary *summary, const struct profile *profile,
                                    bool one_time, struct ktime now)
{
    struct verdict verdict = {.settles_ms = KTIME_NEVER};
    verdict.lack = out_of_sync(summary, profile, one_time);
    if (verdict.lack == NULL)
        judge_features(summary, profile, one_time, now, &verdict);
    return verdict;
}

/* Clusters of one class; the first ones in their order are named, for the cache has none. */
struct cluster_class {
    struct waited_cluster first[NAMED_CLUSTERS_MAX];
    size_t count; /* also of those that are not named */
};

static size_t named_count(const struct cluster_class *list)
{
    return list->count < NAMED_CLUSTERS_MAX ? list->count : NAMED_CLUSTERS_MAX;
}

static bool comes_before(const struct cluster *cluster, const struct cluster *other)
{
    const struct meta *meta = &cluster->object.meta;
    int order = str_compare(meta->name_space, other->object.meta.name_space);
    return order != 0 ? order < 0 : str_compare(meta->name, other->object.meta.name) < 0;
}

static void add_cluster(struct cluster_class *list, const struct cluster *cluster,
                        const struct verdict *verdict)
{
    size_t named = named_count(list);
    size_t at = named;
    list->count++;
    while (at > 0 && comes_before(cluster, list->first[at - 1].cluster))
        at--;
    if (at == NAMED_CLUSTERS_MAX)
        return;
    size_t moved = (named < NAMED_CLUSTERS_MAX ? named : NAMED_CLUSTERS_MAX - 1) - at;
    memmove(&list->first[at + 1], &list->first[at], moved * sizeof(list->first[0]));
    list->first[at] = (struct waited_cluster){cluster, verdict->feature, verdict->lack};
}

static struct str names_of(const struct cluster_class *list, struct arena *arena)
{
    struct name_list names;
    struct buf key;
    name_list_init(&names);
    buf_init(&key, STORE_KEY_BYTES_MAX);
    for (size_t i = 0; i < named_count(list); i++) {
        buf_clear(&key);
        store_key(&list->first[i].cluster->object.meta, &key);
        name_list_add(&names, buf_str(&key));
    }
    names.count = list->count;
    buf_release(&key);
    struct str text = name_list_text(&names, arena);
    name_list_release(&names);
    return text;
}

struct judge {
    const struct map *summaries; /* of the profile; NULL: none */
    const struct profile *profile;
    bool one_time;
    struct ktime now;
    bool checked[FEATURE_COUNT]; /* by a gate check */
    struct cluster_class failing, waiting, paused, not_ready;
    size_t total, done;
    int64_t settles_ms;
    const struct summary *unconfirmed;
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
    static const struct verdict not_ready = {.lack = "is not ready"};
    static const struct verdict paused = {.lack = "is paused"};
    if (!cluster->ready) {
        add_cluster(&judge->not_ready, cluster, &not_ready);
        return;
    }
    judge->total++;
    const struct summary *summary = find_summary(judge, cluster);
    struct verdict verdict = judge_summary(summary, judge->profile, judge->one_time, judge->now);
    bool done = verdict.lack == NULL;
    if (cluster->paused)
        add_cluster(&judge->paused, cluster, &paused);
    else if (done)
        judge->done++;
    else
        add_cluster(verdict.failing ? &judge->failing : &judge->waiting, cluster, &verdict);
    if (done)
        note_pass(judge, summary);
    else if (verdict.settles_ms < judge->settles_ms)
        judge->settles_ms = verdict.settles_ms;
    if (verdict.unconfirmed)
        judge->unconfirmed = summary;
}

/* The class of clusters that decides; NULL: all are done, or there is none. */
static const struct cluster_class *class_in_the_way(const struct judge *judge,
                                                    enum readiness *ret_readiness)
{
    const struct cluster_class *class = NULL;
    *ret_readiness = READINESS_PROVISIONED;
    if (judge->total == 0 && judge->not_ready.count == 0) {
        *ret_readiness = READINESS_EMPTY;
    } else if (judge->total == 0) {
        *ret_readiness = READINESS_CLUSTER_NOT_READY;
        class = &judge->not_ready;
    } else if (judge->failing.count > 0) {
        *ret_readiness = READINESS_FAILING;
        class = &judge->failing;
    } else if (judge->waiting.count > 0) {
        *ret_readiness = READINESS_PROVISIONING;
        class = &judge->waiting;
    } else if (judge->paused.count > 0) {
        *ret_readiness = READINESS_CLUSTER_PAUSED;
        class = &judge->paused;
    }
    return class;
}

static void conclude(const struct judge *judge, struct arena *arena,
                     struct stage_readiness *ret_readiness)
{
    struct stage_readiness result = {
        .settles_ms = judge->settles_ms,
        .unconfirmed = judge->unconfirmed,
        .checks_passed_ms = judge->checks_passed_ms == KTIME_NEVER ? 0 : judge->checks_passed_ms,
        .total = judge->total,
        .done = judge->done,
    };
    const struct cluster_class *class = class_in_the_way(judge, &result.readiness);
    if (judge->total > 0)
        result.left_out = names_of(&judge->not_ready, arena);
    if (class != NULL) {
        result.names = names_of(class, arena);
        result.waited_count = class->count;
        memcpy(result.waited, class->first, sizeof(result.waited));
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
        .profile = profile,
        .now = question->now,
        .settles_ms = KTIME_NEVER,
        .checks_passed_ms = KTIME_NEVER,
    };
    if (profile != NULL) {
        judge.summaries = store_group(question->store, KUBE_CLUSTER_SUMMARIES,
                                      profile->object.meta.name);
        judge.one_time = str_is(json_text_at(profile->rendered, "syncMode"), "OneTime");
    }
    read_checked(question->stage, judge.checked);
    judge_clusters(&judge, question, KUBE_CAPI_CLUSTERS); /* Sveltos' order */
    judge_clusters(&judge, question, KUBE_SVELTOS_CLUSTERS);
    conclude(&judge, arena, ret_readiness);
    bool named = ret_readiness->names.data != NULL;
    return named || ret_readiness->readiness == READINESS_PROVISIONED ||
           ret_readiness->readiness == READINESS_EMPTY;
}
