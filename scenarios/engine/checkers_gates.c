/*
 * S2, S3 and S7: what the status writes of the controller say about delays, approvals and
 * finished stages.
 */
#include "controller/base/ktime.h"
#include "controller/base/map.h"
#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/promotion_read.h"

/* A write with `?timeout=5s` may commit that long after its time was read. */
#define LATE_WRITE_MS 6000

/* 0 when the stage has none, or one that nobody can read. */
static int64_t stage_delay_ms(const struct json *spec_stage)
{
    struct str text = json_text_at(spec_stage, "trigger.auto.delay");
    int64_t delay_ms = 0;
    if (str_is_empty(text))
        text = json_text_at(spec_stage, "trigger.manual.delay");
    return read_duration(text, &delay_ms) ? delay_ms : 0;
}

static const struct json *stage_after(const struct json *promotion, struct str stage)
{
    const struct json *found = read_spec_stage(promotion, stage);
    return found != NULL ? json_next(found) : NULL;
}

/* With a new time: the sentence alone may have given way to a passing one, and comes back. */
static bool audit_completes(const struct fakeapi_audit *audit)
{
    return read_complete(audit->after) && !read_complete(audit->before) &&
           !json_equal(json_at(audit->before, "status.lastPromotionTime"),
                       json_at(audit->after, "status.lastPromotionTime"));
}

bool audit_leaves_stage(const struct fakeapi_audit *audit, struct str stage)
{
    const struct json *next = stage_after(audit->after, stage);
    struct str next_name = json_text_at(next, "name");
    if (next == NULL)
        return audit_completes(audit);
    return read_stage_entry(audit->after, next_name) != NULL &&
           !read_entered(audit->before, next_name);
}

static bool is_status_write(const struct evidence *evidence, const struct fakeapi_audit *audit)
{
    return audit->changed && audit_is_controllers(evidence, audit) &&
           audit_is_kind(audit, "ClusterPromotion") && audit->after != NULL;
}

static void judge_delay(struct verdict *verdict, const struct fakeapi_audit *audit,
                        const struct json *spec_stage)
{
    struct str stage = json_text_at(spec_stage, "name");
    int64_t delay_ms = stage_delay_ms(spec_stage);
    int64_t provisioned_ms = 0;
    if (!audit_leaves_stage(audit, stage) || delay_ms == 0)
        return;
    if (!read_provisioned_ms(read_stage_entry(audit->after, stage), &provisioned_ms)) {
        verdict_add(verdict, "S2", audit->at_ms, audit_object(audit),
                    "stage %.*s is left: expected the time since when it is provisioned; found "
                    "none",
                    STR_ARGS(stage));
        return;
    }
    if (audit->at_ms >= provisioned_ms + delay_ms)
        return;
    verdict_add(verdict, "S2", audit->at_ms, audit_object(audit),
                "stage %.*s is left: expected a wait of %" PRId64 " ms since it was provisioned; "
                "found %" PRId64 " ms",
                STR_ARGS(stage), delay_ms, audit->at_ms - provisioned_ms);
}

/* The recorded time starts the wait: it may not lie before the write that records it, less
 * what the request took; nor may it move once it is there (D21). */
static void judge_recorded_time(struct verdict *verdict, const struct fakeapi_audit *audit,
                                const struct json *entry)
{
    struct str stage = json_text_at(entry, "name");
    int64_t now_ms = 0;
    int64_t before_ms = 0;
    const struct json *next = stage_after(audit->before, stage);
    if (!read_provisioned_ms(entry, &now_ms) ||
        (next != NULL && read_entered(audit->before, json_text_at(next, "name"))))
        return; /* left before, by another controller that did not tell since when */
    if (!read_provisioned_ms(read_stage_entry(audit->before, stage), &before_ms)) {
        if (now_ms < audit->at_ms - LATE_WRITE_MS || now_ms > audit->at_ms + 1000)
            verdict_add(verdict, "S2", audit->at_ms, audit_object(audit),
                        "stage %.*s: expected to be recorded as provisioned now; found a time "
                        "%" PRId64 " ms away",
                        STR_ARGS(stage), now_ms - audit->at_ms);
    }
}

void check_delays(const struct evidence *evidence, struct verdict *verdict)
{
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (!is_status_write(evidence, audit))
            continue;
        JSON_EACH(spec_stage, json_at(audit->after, "spec.stages"))
            judge_delay(verdict, audit, spec_stage);
        JSON_EACH(entry, json_at(audit->after, "status.stages"))
            judge_recorded_time(verdict, audit, entry);
    }
}

/* One approval: from `approved: true` until it is taken away. One that stood for whatever came,
 * without automaticReset, is given anew by who lets it be reset from now on (D11). */
struct approval {
    bool standing;
    bool lasting;       /* automaticReset is false */
    bool used;          /* it advanced its stage */
    bool stale;         /* a new configuration was recorded after it was given */
    const struct json *approved_spec; /* profileSpec at that time */
    const struct json *recorded_spec; /* of status, before the present write; NULL: none */
};

static struct approval *approval_of(struct map *approvals, struct str promotion, struct str stage)
{
    char *key = str_format("%.*s/%.*s", STR_ARGS(promotion), STR_ARGS(stage));
    struct approval *approval = map_get(approvals, str_from(key));
    if (approval == NULL) {
        approval = mem_alloc(sizeof(*approval));
        (void)map_put(approvals, str_from(key), approval);
    }
    mem_free(key);
    return approval;
}

static bool resets_itself(const struct json *spec_stage)
{
    const struct json *reset = json_at(spec_stage, "trigger.manual.automaticReset");
    return reset == NULL || json_bool_of(reset);
}

static void judge_advance(struct verdict *verdict, const struct fakeapi_audit *audit,
                          const struct json *spec_stage, struct approval *approval)
{
    const char *found = NULL;
    if (!read_approved(spec_stage))
        found = "none";
    else if (resets_itself(spec_stage) && approval->used)
        found = "one that was used before";
    else if (resets_itself(spec_stage) && approval->stale)
        found = "one of another configuration";
    approval->used = true;
    if (found != NULL)
        verdict_add(verdict, "S3", audit->at_ms, audit_object(audit),
                    "stage %.*s is left: expected an approval; found %s",
                    STR_ARGS(json_text_at(spec_stage, "name")), found);
}

/* Nothing is left to approve: the stage behind it was entered before. */
static bool was_left(const struct fakeapi_audit *audit, const struct json *spec_stage)
{
    struct str next = json_text_at(json_next(spec_stage), "name");
    return read_stage_entry(audit->before, next) != NULL;
}

/* Nobody can tell an approval that came with a configuration from one that stood before it:
 * until the new one is recorded, it counts as stale (D11). */
static bool is_doubtful(const struct fakeapi_audit *audit, const struct approval *approval)
{
    return approval->recorded_spec != NULL &&
           !json_equal(approval->recorded_spec, json_at(audit->after, "spec.profileSpec"));
}

static void judge_removal(struct verdict *verdict, const struct fakeapi_audit *audit,
                          const struct json *spec_stage, const struct approval *approval)
{
    const char *found = NULL;
    bool changed = !json_equal(approval->approved_spec, json_at(audit->after, "spec.profileSpec"));
    if (!resets_itself(spec_stage))
        found = "automaticReset is false";
    else if (!approval->used && !approval->stale && !changed && !was_left(audit, spec_stage) &&
             !is_doubtful(audit, approval))
        found = "it was never used";
    if (found != NULL)
        verdict_add(verdict, "S3", audit->at_ms, audit_object(audit),
                    "the approval of stage %.*s is removed: expected it to be used up or stale; "
                    "found: %s",
                    STR_ARGS(json_text_at(spec_stage, "name")), found);
}

/* The configuration that status holds: one for all stages of a promotion. */
static const struct json *recorded_spec(struct map *approvals, const struct fakeapi_audit *audit,
                                        bool ours)
{
    struct approval *whole = approval_of(approvals, audit->name, STR_NONE);
    const struct json *before = whole->recorded_spec;
    if (ours && !str_equal(json_text_at(audit->before, "status.profileSpecHash"),
                           json_text_at(audit->after, "status.profileSpecHash")))
        whole->recorded_spec = json_at(audit->after, "spec.profileSpec");
    return before;
}

static void follow_approval(struct verdict *verdict, const struct evidence *evidence,
                            const struct fakeapi_audit *audit, const struct json *spec_stage,
                            struct approval *approval)
{
    bool ours = audit_is_controllers(evidence, audit);
    bool approved = read_approved(spec_stage);
    if (!approved && approval->standing && ours)
        judge_removal(verdict, audit, spec_stage, approval);
    bool lasting = approved && !resets_itself(spec_stage);
    if (approved && (!approval->standing || (approval->lasting && !lasting)))
        *approval = (struct approval){.recorded_spec = approval->recorded_spec,
                                      .approved_spec =
                                          json_at(audit->after, "spec.profileSpec")};
    approval->standing = approved;
    approval->lasting = lasting;
    struct str old_hash = json_text_at(audit->before, "status.profileSpecHash");
    if (ours && !str_is_empty(old_hash) &&
        !str_equal(old_hash, json_text_at(audit->after, "status.profileSpecHash")) &&
        !json_equal(approval->approved_spec, json_at(audit->after, "spec.profileSpec")))
        approval->stale = true;
    if (ours && json_at(spec_stage, "trigger.manual") != NULL && json_next(spec_stage) != NULL &&
        audit_leaves_stage(audit, json_text_at(spec_stage, "name")))
        judge_advance(verdict, audit, spec_stage, approval);
}

void check_approvals(const struct evidence *evidence, struct verdict *verdict)
{
    struct map approvals;
    map_init(&approvals);
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (!audit->changed || !audit_is_kind(audit, "ClusterPromotion"))
            continue;
        const struct json *recorded =
            recorded_spec(&approvals, audit, audit_is_controllers(evidence, audit));
        JSON_EACH(spec_stage, json_at(audit->after, "spec.stages"))
        {
            struct approval *approval =
                approval_of(&approvals, audit->name, json_text_at(spec_stage, "name"));
            approval->recorded_spec = recorded;
            follow_approval(verdict, evidence, audit, spec_stage, approval);
        }
    }
    MAP_EACH(entry, &approvals)
        mem_free(map_entry_value(entry));
    map_release(&approvals);
}

/* What makes a restart legitimate: content, or names and selectors of the stages (D12). */
static bool restarts(const struct json *before, const struct json *after)
{
    const struct json *stage = json_first(json_at(after, "spec.stages"));
    if (!json_equal(json_at(before, "spec.profileSpec"), json_at(after, "spec.profileSpec")))
        return true;
    JSON_EACH(was, json_at(before, "spec.stages"))
    {
        if (!str_equal(json_text_at(was, "name"), json_text_at(stage, "name")) ||
            !json_equal(json_get(was, "clusterSelector"), json_get(stage, "clusterSelector")))
            return true;
        stage = json_next(stage);
    }
    return stage != NULL;
}

static void judge_regress(struct verdict *verdict, const struct fakeapi_audit *audit,
                          const struct json *was)
{
    struct str stage = json_text_at(was, "name");
    const struct json *entry = read_stage_entry(audit->after, stage);
    int64_t before_ms = 0;
    int64_t after_ms = 0;
    if (!read_provisioned_ms(was, &before_ms))
        return;
    if (entry == NULL)
        verdict_add(verdict, "S7", audit->at_ms, audit_object(audit),
                    "expected stage %.*s to stay provisioned; found its entry gone",
                    STR_ARGS(stage));
    else if (!read_provisioned_ms(entry, &after_ms) || after_ms != before_ms)
        verdict_add(verdict, "S7", audit->at_ms, audit_object(audit),
                    "expected stage %.*s to stay provisioned since the same time; found %s",
                    STR_ARGS(stage), after_ms == 0 ? "no time" : "another time");
}

/* True when more is written than a sentence: which configuration, or how far it is. */
static bool records(const struct json *before, const struct json *after)
{
    static const char *const MEMBERS[] = {"profileSpecHash", "stagesHash", "currentStageName"};
    const struct json *is = json_first(json_get(after, "stages"));
    for (size_t i = 0; i < ARRAY_COUNT(MEMBERS); i++) {
        if (!json_equal(json_get(before, MEMBERS[i]), json_get(after, MEMBERS[i])))
            return true;
    }
    JSON_EACH(was, json_get(before, "stages"))
    {
        if (!json_equal(json_get(was, "name"), json_get(is, "name")) ||
            !json_equal(json_get(was, "lastSuccessfulAppliedTime"),
                        json_get(is, "lastSuccessfulAppliedTime")))
            return true;
        is = json_next(is);
    }
    return is != NULL;
}

/* True from a change by others that explains a restart until the controller recorded it, which
 * it cannot while another part of the spec is malformed. */
struct excuse {
    bool holds;
};

void check_no_regress(const struct evidence *evidence, struct verdict *verdict)
{
    struct map excuses;
    map_init(&excuses);
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (!audit->changed || !audit_is_kind(audit, "ClusterPromotion"))
            continue;
        struct excuse *excuse = map_get(&excuses, audit->name);
        if (excuse == NULL) {
            excuse = mem_alloc(sizeof(*excuse));
            (void)map_put(&excuses, audit->name, excuse);
        }
        if (!audit_is_controllers(evidence, audit)) {
            /* A status that somebody else wrote is not ours to keep. */
            if (restarts(audit->before, audit->after) ||
                !json_equal(json_get(audit->before, "status"), json_get(audit->after, "status")))
                excuse->holds = true;
            continue;
        }
        JSON_EACH(was, json_at(audit->before, "status.stages"))
        {
            if (!excuse->holds && audit->after != NULL)
                judge_regress(verdict, audit, was);
        }
        if (records(json_get(audit->before, "status"), json_get(audit->after, "status")))
            excuse->holds = false;
    }
    MAP_EACH(entry, &excuses)
        mem_free(map_entry_value(entry));
    map_release(&excuses);
}
