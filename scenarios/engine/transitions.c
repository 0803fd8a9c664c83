#include "scenarios/engine/transitions.h"

#include "controller/base/ktime.h"
#include "controller/base/map.h"
#include "controller/base/mem.h"
#include "scenarios/engine/promotion_read.h"

#define TRANSITIONS_MAX 1000000u

/* How many ClusterSummaries a profile has, and which of them are done. */
struct tally {
    unsigned done;
    unsigned total;
};

/* One ClusterSummary as last seen. */
struct seen_summary {
    struct tally *tally;
    bool done;
};

struct collector {
    struct transitions *found;
    struct map tallies;   /* by profile */
    struct map summaries; /* by namespace/name */
};

static struct tally *tally_of(struct collector *collector, struct str profile)
{
    struct tally *tally = map_get(&collector->tallies, profile);
    if (tally == NULL) {
        tally = mem_alloc(sizeof(*tally));
        (void)map_put(&collector->tallies, profile, tally);
    }
    return tally;
}

static void forget_summary(struct collector *collector, struct str key)
{
    struct seen_summary *seen = map_remove(&collector->summaries, key);
    if (seen == NULL)
        return;
    seen->tally->total--;
    seen->tally->done -= seen->done ? 1 : 0;
    mem_free(seen);
}

static void see_summary(struct collector *collector, const struct fakeapi_audit *audit)
{
    char *key = str_format("%.*s/%.*s", STR_ARGS(audit->name_space), STR_ARGS(audit->name));
    forget_summary(collector, str_from(key));
    if (audit->after != NULL) {
        struct seen_summary *seen = mem_alloc(sizeof(*seen));
        seen->tally = tally_of(collector, read_label(audit->after, LABEL_SUMMARY_PROFILE));
        seen->done = read_summary_done(audit->after);
        seen->tally->total++;
        seen->tally->done += seen->done ? 1 : 0;
        (void)map_put(&collector->summaries, str_from(key), seen);
    }
    mem_free(key);
}

static struct transition *add(struct collector *collector, const struct fakeapi_audit *audit,
                              enum transition_kind kind, struct str promotion, struct str stage)
{
    struct transitions *found = collector->found;
    found->items = mem_grow_array(found->items, found->count, &found->capacity,
                                  sizeof(*found->items), TRANSITIONS_MAX);
    struct transition *transition = &found->items[found->count++];
    *transition = (struct transition){.at_ms = audit->at_ms, .kind = kind};
    transition->promotion = str_dup(promotion);
    if (str_is_empty(stage))
        return transition;
    transition->stage = str_dup(stage);
    char *profile = str_format("%.*s-%.*s", STR_ARGS(promotion), STR_ARGS(stage));
    const struct tally *tally = tally_of(collector, str_from(profile));
    transition->clusters_done = tally->done;
    transition->clusters_total = tally->total;
    mem_free(profile);
    return transition;
}

static void see_profile(struct collector *collector, const struct fakeapi_audit *audit)
{
    /* The label may be stripped in this very write (preserve): the older state names it. */
    const struct json *labelled = audit->before != NULL ? audit->before : audit->after;
    struct str promotion = read_label(labelled, LABEL_PROMOTION);
    enum transition_kind kind = TRANSITION_PROFILE_UPDATED;
    if (str_is_empty(promotion))
        return;
    if (audit->created)
        kind = TRANSITION_PROFILE_CREATED;
    else if (audit->deleted)
        kind = TRANSITION_PROFILE_DELETED;
    else if (json_equal(json_get(audit->before, "spec"), json_get(audit->after, "spec")))
        return;
    struct transition *transition =
        add(collector, audit, kind, promotion, read_annotation(labelled, ANNOTATION_STAGE));
    transition->text = str_dup(audit->name);
}

static bool is_restart(const struct json *before, const struct json *after)
{
    struct str old_hash = json_text_at(before, "status.profileSpecHash");
    const struct json *old_stages = json_at(before, "status.stages");
    if (json_count(old_stages) == 0)
        return false;
    if (!str_equal(old_hash, json_text_at(after, "status.profileSpecHash")))
        return true;
    const struct json *now = json_first(json_at(after, "status.stages"));
    JSON_EACH(was, old_stages)
    {
        if (!str_equal(json_text_at(was, "name"), json_text_at(now, "name")))
            return true;
        now = json_next(now);
    }
    return false;
}

static void see_stage_entry(struct collector *collector, const struct fakeapi_audit *audit,
                            const struct json *entry, const struct json *was)
{
    struct str stage = json_text_at(entry, "name");
    int64_t provisioned_ms = 0;
    int64_t earlier_ms = 0;
    if (read_provisioned_ms(entry, &provisioned_ms) && !read_provisioned_ms(was, &earlier_ms))
        add(collector, audit, TRANSITION_STAGE_PROVISIONED, audit->name, stage)->at_ms =
            provisioned_ms;
    struct str text = read_description(entry);
    if (str_is_empty(text) || str_equal(text, read_description(was)))
        return;
    if (!str_starts_with(text, STR("Successfully provisioned")))
        add(collector, audit, TRANSITION_WAITING, audit->name, stage)->text = str_dup(text);
}

static void see_status(struct collector *collector, const struct fakeapi_audit *audit)
{
    struct str stage = json_text_at(audit->after, "status.currentStageName");
    bool restarted = is_restart(audit->before, audit->after);
    JSON_EACH(entry, json_at(audit->after, "status.stages"))
    {
        /* After a restart only a finished entry can be a kept one (D12). */
        const struct json *was = read_stage_entry(audit->before, json_text_at(entry, "name"));
        int64_t kept_ms = 0;
        if (restarted && !read_provisioned_ms(entry, &kept_ms))
            was = NULL;
        see_stage_entry(collector, audit, entry, was);
    }
    if (restarted)
        (void)add(collector, audit, TRANSITION_RESTARTED, audit->name, STR_NONE);
    if (!str_is_empty(stage) &&
        (restarted || !str_equal(stage, json_text_at(audit->before, "status.currentStageName"))))
        (void)add(collector, audit, TRANSITION_STAGE_ENTERED, audit->name, stage);
    if (read_complete(audit->after) && !read_complete(audit->before))
        (void)add(collector, audit, TRANSITION_COMPLETE, audit->name, STR_NONE);
}

static void see_approvals(struct collector *collector, const struct fakeapi_audit *audit)
{
    JSON_EACH(stage, json_at(audit->after, "spec.stages"))
    {
        struct str name = json_text_at(stage, "name");
        bool before = read_approved(read_spec_stage(audit->before, name));
        bool after = read_approved(stage);
        if (before == after)
            continue;
        enum transition_kind kind =
            after ? TRANSITION_APPROVED : TRANSITION_APPROVAL_CONSUMED;
        add(collector, audit, kind, audit->name, name)->text = str_dup(read_actor(audit));
    }
}

static void see_promotion(struct collector *collector, const struct fakeapi_audit *audit)
{
    if (audit->created)
        (void)add(collector, audit, TRANSITION_PROMOTION_CREATED, audit->name, STR_NONE);
    if (audit->after != NULL) {
        see_approvals(collector, audit);
        see_status(collector, audit);
    }
    if (audit->deleted)
        (void)add(collector, audit, TRANSITION_PROMOTION_DELETED, audit->name, STR_NONE);
}

static void release_values(struct map *map)
{
    MAP_EACH(entry, map)
        mem_free(map_entry_value(entry));
    map_release(map);
}

void transitions_collect(const struct fakeapi *api, struct transitions *ret_transitions)
{
    struct collector collector = {.found = ret_transitions};
    *ret_transitions = (struct transitions){0};
    map_init(&collector.tallies);
    map_init(&collector.summaries);
    for (size_t i = 0; i < fakeapi_audit_count(api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        if (!audit->changed)
            continue;
        if (str_is(audit->kind, "ClusterSummary"))
            see_summary(&collector, audit);
        else if (str_is(audit->kind, "ClusterProfile"))
            see_profile(&collector, audit);
        else if (str_is(audit->kind, "ClusterPromotion"))
            see_promotion(&collector, audit);
    }
    release_values(&collector.tallies);
    release_values(&collector.summaries);
}

void transitions_release(struct transitions *transitions)
{
    for (size_t i = 0; i < transitions->count; i++) {
        mem_free(transitions->items[i].promotion);
        mem_free(transitions->items[i].stage);
        mem_free(transitions->items[i].text);
    }
    mem_free(transitions->items);
    *transitions = (struct transitions){0};
}

static const struct {
    const char *name;
    const char *words; /* "%" stands for the text */
} KINDS[] = {
    [TRANSITION_PROMOTION_CREATED] = {"created", "promotion created"},
    [TRANSITION_PROMOTION_DELETED] = {"deleted", "promotion deleted"},
    [TRANSITION_PROFILE_CREATED] = {"profile-created", "ClusterProfile % created"},
    [TRANSITION_PROFILE_UPDATED] = {"profile-updated", "ClusterProfile % updated"},
    [TRANSITION_PROFILE_DELETED] = {"profile-deleted", "ClusterProfile % deleted"},
    [TRANSITION_STAGE_ENTERED] = {"entered", "stage entered"},
    [TRANSITION_STAGE_PROVISIONED] = {"provisioned", "stage provisioned"},
    [TRANSITION_WAITING] = {"waiting", "waits: %"},
    [TRANSITION_APPROVED] = {"approved", "approved by %"},
    [TRANSITION_APPROVAL_CONSUMED] = {"approval-consumed", "approval removed by %"},
    [TRANSITION_RESTARTED] = {"restarted", "restarted: the configuration or the stages changed"},
    [TRANSITION_COMPLETE] = {"complete", "promotion complete"},
};

const char *transition_kind_name(enum transition_kind kind)
{
    return KINDS[kind].name;
}

void transition_describe(const struct transition *transition, struct buf *out)
{
    for (const char *c = KINDS[transition->kind].words; *c != '\0'; c++) {
        if (*c != '%')
            buf_append_char(out, *c);
        else if (transition->text != NULL)
            buf_append_text(out, transition->text);
    }
}
