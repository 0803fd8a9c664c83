/*
 * L1: once all is put right, every promotion is complete or says why not, and what it says is
 * true, by the objects as they are, the ground truth and the time.
 */
#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/ground.h"
#include "scenarios/engine/promotion_read.h"
#include "scenarios/engine/schedule.h"

/* A promotion at rest, and the stage at which it says to be. */
struct rest {
    struct ground *ground;
    const struct evidence *evidence;
    const struct json *promotion;
    const struct json *spec_stage; /* NULL: the spec has none of that name */
    struct str stage;
    struct str text;               /* the sentence, without its time */
    int64_t now_ms;
};

/* NULL when the sentence is true, else why it is not; owned. */
typedef char *truth_fn(const struct rest *rest);

static char *profile_missing(const struct rest *rest, const char *prefix)
{
    char *name = str_format("%s%.*s-%.*s", prefix,
                            STR_ARGS(json_text_at(rest->promotion, "metadata.name")),
                            STR_ARGS(rest->stage));
    const struct json *profile = ground_profile(rest->ground, str_from(name));
    char *missing = profile == NULL
                        ? str_format("ClusterProfile %s does not exist", name)
                        : ground_missing(rest->ground, str_from(name), json_get(profile, "spec"),
                                         rest->now_ms);
    mem_free(name);
    return missing;
}

static char *something_is_missing(const struct rest *rest)
{
    char *missing = profile_missing(rest, "");
    if (missing == NULL)
        return str_format("everything is deployed on all clusters of the stage");
    mem_free(missing);
    return NULL;
}

static char *checks_are_missing(const struct rest *rest)
{
    char *missing = profile_missing(rest, "preverification-");
    if (missing == NULL)
        return str_format("the pre-check deployment is on all clusters of the stage");
    mem_free(missing);
    return NULL;
}

/* Clusters that the stage selects: all, those that are ready, those that are paused. */
struct census {
    unsigned all, ready, paused;
};

static struct census census_of(const struct rest *rest)
{
    struct census census = {0};
    const struct fakeapi_audit *cluster;
    for (struct map_entry *cursor = NULL;
         (cluster = ground_next_cluster(rest->ground, &cursor));) {
        if (!ground_selector_matches(json_get(rest->spec_stage, "clusterSelector"),
                                     json_at(cluster->after, "metadata.labels")))
            continue;
        census.all++;
        census.ready += ground_cluster_counts(rest->evidence->world, cluster->kind, cluster->after);
        census.paused += json_bool_of(json_at(cluster->after, "spec.paused"));
    }
    return census;
}

static char *some_are_paused(const struct rest *rest)
{
    return census_of(rest).paused > 0 ? NULL : str_format("no cluster of the stage is paused");
}

/* What the stage is to get from another one stays with that one where the cluster is paused:
 * Sveltos takes nothing from there. */
static char *clusters_are_held(const struct rest *rest)
{
    return census_of(rest).paused > 0 ? NULL : something_is_missing(rest);
}

static char *none_is_ready(const struct rest *rest)
{
    struct census census = census_of(rest);
    return census.ready == 0 && census.all > 0
               ? NULL
               : str_format("%u of its %u clusters are ready", census.ready, census.all);
}

static char *none_matches(const struct rest *rest)
{
    unsigned all = census_of(rest).all;
    return all == 0 ? NULL : str_format("its selector matches %u clusters", all);
}

static char *is_dry_run(const struct rest *rest)
{
    struct str mode = json_text_at(rest->promotion, "spec.profileSpec.syncMode");
    return str_is(mode, "DryRun") ? NULL : str_format("syncMode is not DryRun");
}

/* The time that the sentence ends with has not come. */
static char *time_is_ahead(const struct rest *rest)
{
    int64_t until_ms = 0;
    for (size_t i = 0; i + 20 <= rest->text.len; i++) {
        if (ktime_parse_rfc3339(str_slice(rest->text, i, i + 20), &until_ms))
            return until_ms > rest->now_ms ? NULL : str_format("that time is over");
    }
    return str_format("it names no time");
}

static enum schedule_opinion window_opinion(const struct rest *rest)
{
    const struct json *window = json_at(rest->spec_stage, "trigger.auto.promotionWindow");
    return schedule_ask(json_text_at(window, "from"), json_text_at(window, "to"), rest->now_ms);
}

static char *window_is_closed(const struct rest *rest)
{
    return window_opinion(rest) == SCHEDULE_OPEN ? str_format("the window is open")
                                                 : time_is_ahead(rest);
}

static char *window_never_opens(const struct rest *rest)
{
    enum schedule_opinion opinion = window_opinion(rest);
    return opinion == SCHEDULE_NEVER || opinion == SCHEDULE_NO_OPINION
               ? NULL
               : str_format("the window opens");
}

static char *is_not_approved(const struct rest *rest)
{
    if (json_at(rest->spec_stage, "trigger.manual") == NULL)
        return str_format("the stage needs no approval");
    return read_approved(rest->spec_stage) ? str_format("it is approved") : NULL;
}

#define STAGES_MAX 64u     /* of a promotion */
#define LABEL_BYTES_MAX 63u /* Kubernetes': a profile's name is a label of its summaries */

static char *is_malformed(const struct rest *rest)
{
    size_t name_bytes = json_text_at(rest->promotion, "metadata.name").len;
    JSON_EACH(stage, json_at(rest->promotion, "spec.stages"))
    {
        if (read_stage_is_malformed(stage) ||
            name_bytes + 1 + json_text_at(stage, "name").len > LABEL_BYTES_MAX)
            return NULL;
    }
    return json_count(json_at(rest->promotion, "spec.stages")) > STAGES_MAX
               ? NULL
               : str_format("its delays and names are in order");
}

static char *name_is_taken(const struct rest *rest)
{
    char *name = str_format("%.*s-%.*s", STR_ARGS(json_text_at(rest->promotion, "metadata.name")),
                            STR_ARGS(rest->stage));
    const struct json *profile = ground_profile(rest->ground, str_from(name));
    bool ours = false;
    JSON_EACH(owner, json_at(profile, "metadata.ownerReferences"))
        ours |= str_equal(json_text_at(owner, "uid"), json_text_at(rest->promotion,
                                                                   "metadata.uid"));
    mem_free(name);
    return profile != NULL && !ours ? NULL : str_format("that name is free, or ours");
}

/* A check of the gate is of a feature that the configuration has nothing of, or comes to
 * clusters that deploy only once. */
static char *a_check_is_idle(const struct rest *rest)
{
    static const char *const GATES[] = {"trigger.auto.postDelayHealthChecks",
                                        "trigger.manual.postDelayHealthChecks"};
    const struct json *spec = json_at(rest->promotion, "spec.profileSpec");
    bool one_time = str_is(json_text_at(spec, "syncMode"), "OneTime");
    for (size_t i = 0; i < ARRAY_COUNT(GATES); i++) {
        JSON_EACH(check, json_at(rest->spec_stage, GATES[i]))
        {
            struct str feature = json_text_at(check, "featureID");
            const char *list = str_is(feature, "Helm")        ? "helmCharts"
                               : str_is(feature, "Resources") ? "policyRefs"
                                                              : "kustomizationRefs";
            if (one_time || json_count(json_get(spec, list)) == 0)
                return NULL;
        }
    }
    return str_format("every check of the gate has something to run with");
}

#define REFUSED_WITHIN_MS INT64_C(660000) /* refused writes are tried every ten minutes */

static char *was_refused_lately(const struct rest *rest)
{
    for (size_t i = fakeapi_audit_count(rest->evidence->api); i-- > 0;) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(rest->evidence->api, i);
        if (audit->at_ms < rest->now_ms - REFUSED_WITHIN_MS)
            break;
        if (audit_is_controllers(rest->evidence, audit) && audit_is_write(audit) &&
            audit->status >= 400)
            return NULL;
    }
    return str_format("nothing was refused within ten minutes");
}

/* A profile of its own on its way out is what a deletion may wait for. */
/* By its label, or by its owner when somebody took the label away. */
static bool belongs_to(const struct json *profile, const struct json *promotion)
{
    JSON_EACH(owner, json_at(profile, "metadata.ownerReferences"))
    {
        if (str_equal(json_text_at(owner, "uid"), json_text_at(promotion, "metadata.uid")))
            return true;
    }
    return str_equal(read_label(profile, LABEL_PROMOTION),
                     json_text_at(promotion, "metadata.name"));
}

static bool profile_is_leaving(const struct ground *ground, const struct json *promotion)
{
    const struct fakeapi_audit *profile;
    for (struct map_entry *cursor = NULL; (profile = told_log_next(&ground->log, &cursor));) {
        if (audit_is_kind(profile, "ClusterProfile") &&
            json_at(profile->after, "metadata.deletionTimestamp") != NULL &&
            belongs_to(profile->after, promotion))
            return true;
    }
    return false;
}

#define LEAVING "Waiting for the end of a ClusterProfile that is being deleted: "

/* The one that is named, whoever's it is: nothing can have its name before. */
static char *that_profile_is_leaving(const struct rest *rest)
{
    struct str name = str_slice(rest->text, strlen(LEAVING), rest->text.len);
    return json_at(ground_profile(rest->ground, name), "metadata.deletionTimestamp") != NULL
               ? NULL
               : str_format("no ClusterProfile %.*s is being deleted", STR_ARGS(name));
}

/* What status may say at rest, and when it is true. */
static const struct {
    struct str text;
    truth_fn *truth;
} SENTENCES[] = {
    {STR_INIT("Clusters are being provisioned"), something_is_missing},
    {STR_INIT("Deployment is failing on "), something_is_missing},
    {STR_INIT("Waiting for paused clusters: "), some_are_paused},
    {STR_INIT("No matching cluster is ready: "), none_is_ready},
    {STR_INIT("No cluster matches the stage's selector"), none_matches},
    {STR_INIT("Dry run: "), is_dry_run},
    {STR_INIT("Delayed: "), time_is_ahead},
    {STR_INIT("Pre-check deployment is being provisioned"), checks_are_missing},
    {STR_INIT("Running Post-Promotion Health Checks"), something_is_missing},
    {STR_INIT("Awaiting Health Checks to Pass"), something_is_missing},
    {STR_INIT("Window Closed: "), window_is_closed},
    {STR_INIT("Promotion window: "), window_never_opens},
    {STR_INIT("Paused: Awaiting Manual Approval"), is_not_approved},
    {STR_INIT("Malformed: "), is_malformed},
    {STR_INIT("A ClusterProfile that is not ours has the name "), name_is_taken},
    {STR_INIT("No deployment would run the health check "), a_check_is_idle},
    {STR_INIT("The API server refused: "), was_refused_lately},
    {STR_INIT("Waiting for clusters that another stage's ClusterProfile holds: "),
     clusters_are_held},
    {STR_INIT(LEAVING), that_profile_is_leaving},
};

static char *untrue(const struct rest *rest)
{
    for (size_t i = 0; i < ARRAY_COUNT(SENTENCES); i++) {
        if (!str_starts_with(rest->text, SENTENCES[i].text))
            continue;
        char *why = SENTENCES[i].truth(rest);
        char *whole = why == NULL ? NULL
                                  : str_format("stage %.*s says \"%.*s\", but %s",
                                               STR_ARGS(rest->stage), STR_ARGS(rest->text), why);
        mem_free(why);
        return whole;
    }
    return str_format("stage %.*s says \"%.*s\", which explains nothing", STR_ARGS(rest->stage),
                      STR_ARGS(rest->text));
}

/* NULL when the promotion has come to its end or rightly waits, else why it has not; owned. */
static char *pending(struct rest *rest)
{
    const struct json *promotion = rest->promotion;
    rest->stage = json_text_at(promotion, "status.currentStageName");
    rest->spec_stage = read_spec_stage(promotion, rest->stage);
    rest->text = read_description(read_stage_entry(promotion, rest->stage));
    if (json_at(promotion, "metadata.deletionTimestamp") != NULL)
        return profile_is_leaving(rest->ground, promotion)
                   ? NULL
                   : str_format("it is being deleted, and nothing is left to wait for");
    if (read_complete(promotion))
        return NULL;
    if (!str_is_empty(rest->stage))
        return untrue(rest);
    char *CLEANUP(mem_free_pointer) in_order = is_malformed(rest);
    return in_order == NULL ? NULL : str_format("no stage was ever entered");
}

static void judge_rest(struct ground *ground, const struct fakeapi_audit *audit,
                       struct verdict *verdict)
{
    const struct evidence *evidence = ground->log.evidence;
    struct rest rest = {.ground = ground,
                        .evidence = evidence,
                        .promotion = audit->after,
                        .now_ms = evidence->now_ms};
    char *CLEANUP(mem_free_pointer) why = pending(&rest);
    if (why != NULL)
        verdict_add(verdict, "L1", evidence->now_ms, audit_object(audit),
                    "expected to be complete or to wait for a true reason; found: %s", why);
}

void check_settled(const struct evidence *evidence, struct verdict *verdict)
{
    struct ground ground;
    const struct fakeapi_audit *audit;
    if (evidence->quiet_from_ms == KTIME_NEVER)
        return;
    ground_init(&ground, evidence);
    for (struct map_entry *cursor = NULL; (audit = told_log_next(&ground.log, &cursor));) {
        if (audit_is_kind(audit, "ClusterPromotion"))
            judge_rest(&ground, audit, verdict);
    }
    ground_release(&ground);
}
