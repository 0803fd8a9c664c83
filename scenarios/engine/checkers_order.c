/*
 * S1: a stage's profile gets a configuration that is new to it only after every ready
 * cluster of the stage before it really runs that stage's whole configuration.
 *
 * Judged at two moments: when a status says that a stage is provisioned or that the
 * next one is entered, by what was deployed then; and when a profile is written, which
 * must have been entered before, with what the stage before it has. The recorded time is
 * held against the last deployment, too, which belongs to S2.
 */
#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/ground.h"
#include "scenarios/engine/promotion_read.h"

/* What the controller last gave to one profile. */
struct given {
    const struct json *profile; /* as the controller last left it */
};

struct order {
    const struct evidence *evidence;
    struct verdict *verdict;
    struct ground ground; /* as the writer of the present record was told */
    struct map given; /* by profile name */
};

static char *profile_name(struct str promotion, struct str stage)
{
    return str_format("%.*s-%.*s", STR_ARGS(promotion), STR_ARGS(stage));
}

/* The stage before `stage` in the promotion's spec; NULL for the first and for unknown ones. */
static const struct json *stage_before(const struct json *promotion, struct str stage)
{
    const struct json *earlier = NULL;
    JSON_EACH(item, json_at(promotion, "spec.stages"))
    {
        if (str_equal(json_text_at(item, "name"), stage))
            return earlier;
        earlier = item;
    }
    return NULL;
}

static bool is_last_stage(const struct json *promotion, struct str stage)
{
    struct str last = STR_NONE;
    JSON_EACH(item, json_at(promotion, "spec.stages"))
        last = json_text_at(item, "name");
    return str_equal(last, stage);
}

/* An edit of the profile that the controller cannot know yet is not held against it. */
static bool just_edited(const struct order *order, struct str profile, int64_t at_ms)
{
    const struct fakeapi_audit *change =
        told_log_change(&order->ground.log, STR("ClusterProfile"), STR_NONE, profile);
    return change != NULL && !audit_is_controllers(order->evidence, change) &&
           at_ms - change->at_ms < TOLD_MS;
}

static void judge_stage(struct order *order, const struct fakeapi_audit *audit, struct str stage,
                        const char *claim)
{
    char *profile = profile_name(audit->name, stage);
    const struct json *live = ground_profile(&order->ground, str_from(profile));
    char *missing = NULL;
    if (live == NULL)
        missing = str_format("ClusterProfile %s does not exist", profile);
    else if (!just_edited(order, str_from(profile), audit->at_ms))
        missing = ground_missing(&order->ground, str_from(profile), json_get(live, "spec"),
                                 audit->at_ms);
    if (missing != NULL)
        verdict_add(order->verdict, "S1", audit->at_ms, audit_object(audit),
                    "%s: expected stage %.*s to be deployed on all its clusters; found: %s", claim,
                    STR_ARGS(stage), missing);
    mem_free(missing);
    mem_free(profile);
}

/* The last stage may be empty (D4); no other. */
static bool may_be_empty(const struct order *order, const struct json *promotion, struct str stage)
{
    const struct json *spec_stage = read_spec_stage(promotion, stage);
    if (!is_last_stage(promotion, stage))
        return false;
    const struct fakeapi_audit *cluster;
    for (struct map_entry *cursor = NULL;
         (cluster = ground_next_cluster(&order->ground, &cursor));) {
        if (ground_selector_matches(json_get(spec_stage, "clusterSelector"),
                                    json_at(cluster->after, "metadata.labels")))
            return false;
    }
    return true;
}

/* S2: a time that starts a wait is rounded up, never down (P13). */
static void judge_rounding(struct order *order, const struct fakeapi_audit *audit,
                           struct str stage, int64_t recorded_ms)
{
    char *profile = profile_name(audit->name, stage);
    int64_t early_ms = ground_last_deployed_ms(&order->ground, str_from(profile)) - recorded_ms;
    if (early_ms > 0)
        verdict_add(order->verdict, "S2", audit->at_ms, audit_object(audit),
                    "stage %.*s: expected to be recorded as provisioned after its last "
                    "deployment; found a time %" PRId64 " ms before it",
                    STR_ARGS(stage), early_ms);
    mem_free(profile);
}

static void judge_status(struct order *order, const struct fakeapi_audit *audit)
{
    JSON_EACH(entry, json_at(audit->after, "status.stages"))
    {
        struct str stage = json_text_at(entry, "name");
        const struct json *was = read_stage_entry(audit->before, stage);
        int64_t now_ms = 0;
        int64_t before_ms = 0;
        if (read_provisioned_ms(entry, &now_ms) && !read_provisioned_ms(was, &before_ms)) {
            judge_rounding(order, audit, stage, now_ms);
            if (!may_be_empty(order, audit->after, stage))
                judge_stage(order, audit, stage, "recorded as provisioned");
        }
        const struct json *earlier = stage_before(audit->after, stage);
        if (was == NULL && earlier != NULL)
            judge_stage(order, audit, json_text_at(earlier, "name"), "the next stage is entered");
    }
}

/* True when somebody other than who applies the profile put the member there, alone. */
static bool is_foreign_member(const struct json *profile, struct str member)
{
    bool foreign = false;
    char *field = str_format("f:%.*s", STR_ARGS(member));
    JSON_EACH(entry, json_at(profile, "metadata.managedFields"))
    {
        bool owns = json_get(json_at(entry, "fieldsV1.f:spec"), field) != NULL;
        bool applies = str_is(json_text_at(entry, "operation"), "Apply");
        if (owns && applies) {
            mem_free(field);
            return false;
        }
        foreign |= owns;
    }
    mem_free(field);
    return foreign;
}

/* Everything that is promoted: not whom it reaches, nor the gate's own checks (D8), nor what
 * others added to the profile (P2). */
static struct json *promoted_content(const struct json *profile)
{
    struct json *content = json_object();
    JSON_EACH(member, json_get(profile, "spec"))
    {
        struct str name = json_key(member);
        if (!str_is(name, "clusterSelector") && !str_is(name, "validateHealths") &&
            !is_foreign_member(profile, name))
            json_set_str(content, name, json_clone(member));
    }
    return content;
}

static bool same_content(const struct json *a, const struct json *b)
{
    struct json *content_a = promoted_content(a);
    struct json *content_b = promoted_content(b);
    bool same = json_equal(content_a, content_b);
    json_free(content_a);
    json_free(content_b);
    return same;
}

static void judge_new_configuration(struct order *order, const struct fakeapi_audit *audit,
                                    struct str promotion_name, struct str stage)
{
    const struct json *promotion =
        told_log_object(&order->ground.log, STR("ClusterPromotion"), STR_NONE, promotion_name);
    const struct json *earlier = stage_before(promotion, stage);
    if (read_stage_entry(promotion, stage) == NULL) {
        verdict_add(order->verdict, "S1", audit->at_ms, audit_object(audit),
                    "a new configuration is applied: expected stage %.*s to be entered in status "
                    "before; found: it is not",
                    STR_ARGS(stage));
        return;
    }
    if (earlier == NULL)
        return;
    char *name = profile_name(promotion_name, json_text_at(earlier, "name"));
    const struct json *live = ground_profile(&order->ground, str_from(name));
    if (!just_edited(order, str_from(name), audit->at_ms) &&
        !same_content(live, audit->after))
        verdict_add(order->verdict, "S1", audit->at_ms, audit_object(audit),
                    "a new configuration is applied: expected what %s has; found: another", name);
    mem_free(name);
}

static bool is_named(const struct json *spec, const struct json *cluster)
{
    JSON_EACH(reference, json_get(spec, "clusterRefs"))
    {
        if (str_equal(json_text_at(reference, "name"), json_text_at(cluster, "metadata.name")) &&
            str_equal(json_text_at(reference, "namespace"),
                      json_text_at(cluster, "metadata.namespace")))
            return true;
    }
    return false;
}

static bool reaches(const struct json *profile, const struct json *cluster)
{
    const struct json *spec = json_get(profile, "spec");
    return is_named(spec, cluster) ||
           ground_selector_matches(json_get(spec, "clusterSelector"),
                                   json_at(cluster, "metadata.labels"));
}

static bool reaches_nothing_new(const struct order *order, const struct json *before,
                                const struct json *after)
{
    const struct fakeapi_audit *cluster;
    for (struct map_entry *cursor = NULL;
         (cluster = ground_next_cluster(&order->ground, &cursor));) {
        if (reaches(after, cluster->after) && !reaches(before, cluster->after))
            return false;
    }
    return true;
}

/* P11: what a profile deploys stays, only that it lets go of clusters: no stage is entered. */
static bool only_lets_go(const struct order *order, const struct fakeapi_audit *audit)
{
    struct json *before = promoted_content(audit->before);
    struct json *after = promoted_content(audit->after);
    static const char *const LETTING_GO[] = {"stopMatchingBehavior", "clusterRefs"};
    for (size_t i = 0; i < ARRAY_COUNT(LETTING_GO); i++) {
        json_remove(before, LETTING_GO[i]);
        json_remove(after, LETTING_GO[i]);
    }
    bool lets_go = audit->before != NULL && json_equal(before, after) &&
                   reaches_nothing_new(order, audit->before, audit->after);
    json_free(before);
    json_free(after);
    return lets_go;
}

static void remember_given(struct order *order, const struct fakeapi_audit *audit)
{
    struct given *given = map_get(&order->given, audit->name);
    if (given == NULL) {
        given = mem_alloc(sizeof(*given));
        (void)map_put(&order->given, audit->name, given);
    }
    given->profile = audit->after;
}

static void judge_profile(struct order *order, const struct fakeapi_audit *audit)
{
    struct str promotion = read_label(audit->after, LABEL_PROMOTION);
    struct str stage = read_annotation(audit->after, ANNOTATION_STAGE);
    const struct given *given = map_get(&order->given, audit->name);
    const struct json *spec = json_get(audit->after, "spec");
    if (audit->after == NULL || !str_is_empty(read_label(audit->after, LABEL_VERIFICATION)) ||
        json_equal(json_get(audit->before, "spec"), spec))
        return;
    const struct json *known = given != NULL ? given->profile : audit->before;
    if (only_lets_go(order, audit)) {
        remember_given(order, audit);
        return;
    }
    bool is_new = known == NULL || !same_content(known, audit->after) ||
                  !json_equal(json_at(known, "spec.clusterSelector"),
                              json_get(spec, "clusterSelector"));
    /* A stage that is not in the spec any more is only taken back (D13, P11). */
    const struct json *owner =
        told_log_object(&order->ground.log, STR("ClusterPromotion"), STR_NONE, promotion);
    if (is_new && read_spec_stage(owner, stage) != NULL)
        judge_new_configuration(order, audit, promotion, stage);
    remember_given(order, audit);
}

static void judge_record(struct order *order, const struct fakeapi_audit *audit)
{
    if (audit_is_kind(audit, "ClusterPromotion"))
        judge_status(order, audit);
    else if (audit_is_kind(audit, "ClusterProfile"))
        judge_profile(order, audit);
}

void check_stage_order(const struct evidence *evidence, struct verdict *verdict)
{
    struct order order = {.evidence = evidence, .verdict = verdict};
    ground_init(&order.ground, evidence);
    map_init(&order.given);
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (!audit->changed || !audit_is_controllers(evidence, audit))
            continue;
        told_log_move_to_sender(&order.ground.log, i);
        judge_record(&order, audit);
    }
    MAP_EACH(entry, &order.given)
        mem_free(map_entry_value(entry));
    map_release(&order.given);
    ground_release(&order.ground);
}
