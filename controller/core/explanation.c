#include "controller/core/explanation.h"

#include "controller/core/cluster.h"
#include "controller/core/explanation_words.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/promotion_event.h"
#include "controller/core/promotion_write.h"
#include "controller/core/readiness.h"
#include "controller/core/stage_conditions.h"
#include "controller/k8s/label_selector.h"

#define WORDS_BYTES_MAX (1u << 20) /* a selector of a whole manifest fits */

struct explainer {
    struct promotion_sight sight;
    struct decision decision;
    struct ktime now;
    struct arena *arena;
    struct buf text; /* of one sentence, over and over */
    struct explanation result;
};

static bool is_told(const struct explainer *explainer)
{
    const struct promotion_view *view = &explainer->sight.view;
    return promotion_reason_of_text(view->text) == explainer->decision.reason;
}

/* A sentence that is about to be written counts as written: what comes after it is the wait. */
static bool decide_as_told(struct explainer *explainer)
{
    struct promotion_view *view = &explainer->sight.view;
    struct decision *decision = &explainer->decision;
    size_t bytes = (view->stage_count + 1) * sizeof(struct stage_view);
    promotion_decide(view, explainer->now, decision);
    if (decision->kind != DECISION_WRITE || decision->write != WRITE_SAY)
        return true;
    struct stage_view *stages = arena_alloc(explainer->arena, bytes);
    if (stages == NULL)
        return false;
    memcpy(stages, view->stages, bytes);
    if (decision->provisioned_ms > 0) {
        stages[decision->stage_index].provisioned = true;
        stages[decision->stage_index].provisioned_ms = decision->provisioned_ms;
    }
    if (!is_told(explainer))
        view->since_ms = 0; /* not recorded: what proves the reason tells since when */
    view->stages = stages;
    view->text_ms = explainer->now.wall_ms;
    view->entry_count = view->entry_count > 0 ? view->entry_count : 1;
    view->text = arena_str(explainer->arena, str_from(decision->text));
    promotion_decide(view, explainer->now, decision);
    return view->text.data != NULL;
}

static const struct stage_spec *stage_of(const struct explainer *explainer)
{
    size_t index = explainer->decision.stage_index;
    return index < explainer->sight.promotion->stage_count
               ? &explainer->sight.promotion->stages[index]
               : NULL;
}

/* What a sentence says behind its fixed part. */
static struct str detail_of(const struct explainer *explainer)
{
    struct str text = str_from(explainer->decision.text);
    struct str fixed = str_from(promotion_reason_text(explainer->decision.reason));
    return str_starts_with(text, fixed) ? str_slice(text, fixed.len, text.len) : text;
}

static void append_checks(const struct stage_spec *stage, struct buf *out)
{
    const char *separator = "";
    JSON_EACH(check, stage->gate_checks)
    {
        buf_printf(out, "%s%.*s", separator, STR_ARGS(json_text_at(check, "name")));
        separator = ", ";
    }
}

/* What the decided write is about. */
static void append_object(const struct explainer *explainer, struct buf *out)
{
    struct write_request write;
    promotion_write_build(&explainer->sight, &explainer->decision, explainer->now, &write);
    buf_append(out, write.about.name);
    write_request_release(&write);
}

static void append_of_stage(const struct explainer *explainer, struct str token, struct buf *out)
{
    const struct promotion *promotion = explainer->sight.promotion;
    const struct stage_spec *stage = stage_of(explainer);
    size_t index = explainer->decision.stage_index;
    if (NEVER(stage == NULL, "only what is decided about a stage has words that speak of one"))
        return;
    const struct stage_explanation *counts = &explainer->result.stages[index];
    if (str_is(token, "left"))
        buf_printf(out, "%zu", counts->cluster_count - counts->clusters_done);
    else if (str_is(token, "total"))
        buf_printf(out, "%zu", counts->cluster_count);
    else if (str_is(token, "index"))
        buf_printf(out, "%zu", index);
    else if (str_is(token, "name"))
        buf_append(out, stage->name);
    else if (str_is(token, "stage"))
        buf_printf(out, "spec.stages[%zu]", index);
    else if (str_is(token, "trigger"))
        buf_printf(out, "spec.stages[%zu].trigger.%s", index,
                   stage->trigger == TRIGGER_MANUAL ? "manual" : "auto");
    else if (str_is(token, "delay"))
        duration_print(stage->delay_ms * 1000000, out);
    else if (str_is(token, "from"))
        buf_append(out, stage->window_from);
    else if (str_is(token, "to"))
        buf_append(out, stage->window_to);
    else if (str_is(token, "selector"))
        json_print(stage->selector, out);
    else if (str_is(token, "checks"))
        append_checks(stage, out);
    else if (str_is(token, "check"))
        promotion_profile_name(promotion, stage->name, ROLE_CHECK, out);
    else /* "next": it is entered, so there is one */
        buf_append(out, promotion->stages[index + 1].name);
}

static void append_token(const struct explainer *explainer, struct str token, struct buf *out)
{
    struct str detail = detail_of(explainer);
    if (str_is(token, "detail"))
        buf_append(out, detail);
    else if (str_is(token, "field"))
        buf_append(out, str_slice(detail, 0, str_find(detail, ':', 0)));
    else if (str_is(token, "promotion"))
        buf_append(out, explainer->sight.promotion->object.meta.name);
    else if (str_is(token, "manager"))
        buf_append(out, explainer->sight.view.other_manager);
    else if (str_is(token, "object"))
        append_object(explainer, out);
    else
        append_of_stage(explainer, token, out);
}

/* A token stands between braces; behind those of JSON a quotation mark follows. */
static size_t token_end(struct str words, size_t at)
{
    return words.data[at] == '{' && words.data[at + 1] != '"' ? str_find(words, '}', at) : at;
}

static struct str say(struct explainer *explainer, const char *words)
{
    struct str rest = str_from(words);
    struct buf *out = &explainer->text;
    buf_clear(out);
    for (size_t at = 0; at < rest.len; at++) {
        size_t end = token_end(rest, at);
        if (end > at)
            append_token(explainer, str_slice(rest, at + 1, end), out);
        else
            buf_append_char(out, rest.data[at]);
        at = end;
    }
    return words != NULL ? arena_str(explainer->arena, buf_str(out)) : STR_NONE;
}

/* The gates behind a stage in their order (D5 to D8), by the reasons that wait at them. */
enum gate { GATE_CLUSTERS, GATE_DELAY, GATE_PRE_CHECKS, GATE_CHECKS, GATE_LAST, GATE_UNKNOWN };

static enum gate gate_of(enum promotion_reason reason)
{
    if (reason == REASON_PROVISIONING || reason == REASON_FAILING ||
        reason == REASON_CLUSTER_PAUSED || reason == REASON_CLUSTER_NOT_READY ||
        reason == REASON_STAGE_EMPTY || reason == REASON_DEPLOYING)
        return GATE_CLUSTERS;
    if (reason == REASON_DELAYED)
        return GATE_DELAY;
    if (reason == REASON_CHECKS_DEPLOYING)
        return GATE_PRE_CHECKS;
    if (reason == REASON_CHECKING || reason == REASON_CHECKS_FAILING ||
        reason == REASON_CHECK_IDLE)
        return GATE_CHECKS;
    if (reason == REASON_WINDOW_CLOSED || reason == REASON_AWAITING_APPROVAL)
        return GATE_LAST;
    return GATE_UNKNOWN;
}

/* "5m0s of soak, its health checks, an approval, then stage production is entered" */
static struct str say_next(struct explainer *explainer)
{
    const struct promotion *promotion = explainer->sight.promotion;
    const struct stage_spec *stage = stage_of(explainer);
    enum gate gate = gate_of(explainer->decision.reason);
    struct buf *out = &explainer->text;
    if (gate == GATE_UNKNOWN || NEVER(stage == NULL, "the gates stand behind a stage"))
        return STR_NONE;
    size_t next = explainer->decision.stage_index + 1;
    bool is_last = next == promotion->stage_count;
    buf_clear(out);
    if (gate < GATE_DELAY && stage->delay_ms > 0) {
        duration_print(stage->delay_ms * 1000000, out);
        buf_append_text(out, " of soak, ");
    }
    if (gate < GATE_PRE_CHECKS && stage->pre_checks != NULL)
        buf_append_text(out, "its pre-check deployment, ");
    if (gate < GATE_CHECKS && stage->gate_checks != NULL)
        buf_append_text(out, "its health checks, ");
    bool holds = gate < GATE_LAST && !is_last; /* D5: nothing holds behind the last stage */
    if (holds && stage->has_window)
        buf_append_text(out, "its promotion window, ");
    if (holds && stage->trigger == TRIGGER_MANUAL && !stage->approved)
        buf_append_text(out, "an approval, ");
    if (out->len > 0)
        buf_append_text(out, "then ");
    if (is_last)
        buf_append_text(out, "the promotion is complete");
    else
        buf_printf(out, "stage %.*s is entered", STR_ARGS(promotion->stages[next].name));
    return arena_str(explainer->arena, buf_str(out));
}

static int64_t time_at(const struct json *tree, const char *path)
{
    int64_t time_ms;
    return ktime_parse_rfc3339(json_text_at(tree, path), &time_ms) ? time_ms : 0;
}

static int64_t profile_deleted_ms(const struct explainer *explainer)
{
    const struct profile *profile = (const struct profile *)store_get(
        explainer->sight.store, KUBE_CLUSTER_PROFILES, detail_of(explainer));
    if (NEVER(profile == NULL, "the sentence was made of its name"))
        return 0;
    return time_at(profile->tree, "metadata.deletionTimestamp");
}

/* Since when the reason holds: what status says, where it says it; else what proves it. */
static int64_t since_of(const struct explainer *explainer)
{
    const struct promotion_view *view = &explainer->sight.view;
    const struct promotion *promotion = explainer->sight.promotion;
    enum promotion_reason reason = explainer->decision.reason;
    int64_t since_ms = 0;
    if (reason == REASON_COMPLETE)
        return view->last_promotion_ms;
    if (reason == REASON_OTHER_CONTROLLER)
        return promotion->other_wrote_ms;
    if (is_told(explainer) && view->since_ms > 0)
        return view->since_ms;
    if (reason == REASON_DELETING || reason == REASON_PRESERVING)
        since_ms = time_at(promotion->tree, "metadata.deletionTimestamp");
    else if (reason == REASON_REFUSED)
        since_ms = view->refused_until_ms - REFUSED_RETRY_MS;
    else if (reason == REASON_PROFILE_TERMINATING)
        since_ms = profile_deleted_ms(explainer);
    else if (reason == REASON_HANDING_OVER)
        since_ms = meta_newest_change_ms(explainer->sight.holder->tree);
    return since_ms > 0 ? since_ms : explainer->now.wall_ms;
}

static int64_t until_of(const struct explainer *explainer)
{
    const struct promotion_view *view = &explainer->sight.view;
    const struct decision *decision = &explainer->decision;
    switch (gate_of(decision->reason)) {
    case GATE_DELAY:
        return view->stages[decision->stage_index].provisioned_ms +
               view->stages[decision->stage_index].delay_ms;
    case GATE_LAST:
        return decision->reason == REASON_WINDOW_CLOSED ? view->window_opens_ms : KTIME_NEVER;
    case GATE_CLUSTERS:
    case GATE_PRE_CHECKS:
    case GATE_CHECKS:
    case GATE_UNKNOWN:
        break;
    }
    if (decision->reason == REASON_REFUSED)
        return view->refused_until_ms;
    return decision->reason == REASON_OTHER_CONTROLLER ? view->others_quiet_ms : KTIME_NEVER;
}

static void add_waited(struct explainer *explainer, struct str name, const char *feature,
                       struct str why)
{
    struct explanation *result = &explainer->result;
    if (result->waited_count < NAMED_CLUSTERS_MAX)
        result->waited[result->waited_count] = (struct waited_object){
            name, str_from(feature), why};
    result->waited_count++;
}

static struct str key_of(struct explainer *explainer, const struct object *object)
{
    buf_clear(&explainer->text);
    store_key(&object->meta, &explainer->text);
    return arena_str(explainer->arena, buf_str(&explainer->text));
}

static void add_clusters(struct explainer *explainer, const struct stage_readiness *readiness)
{
    for (size_t i = 0; i < readiness->waited_count && i < NAMED_CLUSTERS_MAX; i++) {
        const struct waited_cluster *waited = &readiness->waited[i];
        add_waited(explainer, key_of(explainer, &waited->cluster->object), waited->feature,
                   str_from(waited->lack));
    }
    explainer->result.waited_count = readiness->waited_count;
}

/* Ours, and on their way out. */
static void add_terminating(struct explainer *explainer)
{
    const struct promotion *promotion = explainer->sight.promotion;
    const struct map_entry *cursor = NULL;
    const struct object *object;
    while ((object = store_next(explainer->sight.store, KUBE_CLUSTER_PROFILES, &cursor)) != NULL) {
        if (object->meta.deleting && profile_is_ours((const struct profile *)object, promotion))
            add_waited(explainer, object->meta.name, NULL, STR("is being deleted"));
    }
}

/* The clusters of the holder that the current stage selects. */
static void add_held(struct explainer *explainer)
{
    const struct promotion_sight *sight = &explainer->sight;
    const struct stage_spec *stage = stage_of(explainer);
    struct str holder = sight->holder->object.meta.name;
    const struct map *summaries = store_group(sight->store, KUBE_CLUSTER_SUMMARIES, holder);
    if (NEVER(summaries == NULL || stage == NULL, "a stage waits for what summaries show"))
        return;
    MAP_EACH(entry, summaries)
    {
        const struct cluster *cluster =
            (const struct cluster *)summary_cluster(sight->store, map_entry_value(entry));
        if (cluster != NULL && label_selector_matches(stage->selector, cluster->labels))
            add_waited(explainer, key_of(explainer, &cluster->object), NULL,
                       arena_format(explainer->arena, "is held by ClusterProfile %.*s",
                                    STR_ARGS(holder)));
    }
}

static bool judge_stage(const struct explainer *explainer, size_t index,
                        const struct profile *profile, struct stage_readiness *ret_readiness)
{
    struct readiness_question question = {
        .store = explainer->sight.store,
        .stage = &explainer->sight.promotion->stages[index],
        .profile = profile,
        .capi_onboard_annotation = explainer->sight.capi_onboard_annotation,
        .now = explainer->now,
    };
    return stage_readiness_judge(&question, explainer->arena, ret_readiness);
}

static enum stage_place place_of(const struct explainer *explainer, size_t index)
{
    const struct promotion_view *view = &explainer->sight.view;
    size_t entered = view->kept_count;
    if (index >= entered)
        return STAGE_AHEAD;
    return index + 1 == entered && !promotion_is_complete(view) ? STAGE_CURRENT : STAGE_PASSED;
}

static struct str profile_name_of(struct explainer *explainer, size_t index)
{
    const struct promotion *promotion = explainer->sight.promotion;
    buf_clear(&explainer->text);
    promotion_profile_name(promotion, promotion->stages[index].name, ROLE_STAGE, &explainer->text);
    return arena_str(explainer->arena, buf_str(&explainer->text));
}

/* By which profile a stage's clusters are counted: what a deletion takes with it, they still
 * have; NULL: none of them has the stage's configuration. */
static const struct profile *judged_profile(const struct explainer *explainer, size_t index)
{
    const struct promotion_view *view = &explainer->sight.view;
    enum profile_standing standing = view->stages[index].profile;
    bool counts =
        standing == PROFILE_AS_WANTED || (view->deleting && standing != PROFILE_FOREIGN);
    return counts && place_of(explainer, index) != STAGE_AHEAD ? explainer->sight.profiles[index]
                                                               : NULL;
}

static bool explain_stage(struct explainer *explainer, size_t index)
{
    const struct promotion *promotion = explainer->sight.promotion;
    const struct stage_view *view = &explainer->sight.view.stages[index];
    struct stage_explanation *stage = &explainer->result.stages[index];
    struct stage_readiness readiness;
    enum stage_place place = place_of(explainer, index);
    if (!judge_stage(explainer, index, judged_profile(explainer, index), &readiness))
        return false;
    *stage = (struct stage_explanation){
        .name = promotion->stages[index].name,
        .profile = profile_name_of(explainer, index),
        .place = place,
        .cluster_count = readiness.total,
        .clusters_done = readiness.done,
        .left_out = readiness.left_out,
    };
    if (place == STAGE_AHEAD)
        return true;
    stage->entered_ms = promotion->entries[index].entered_ms;
    stage->sentence = place == STAGE_CURRENT ? explainer->sight.view.text
                                             : promotion->entries[index].text;
    stage->provisioned_ms = view->provisioned ? view->provisioned_ms : 0;
    stage->regressed =
        !str_is_empty(stage_regression(&explainer->sight, index, explainer->arena));
    return true;
}

static bool explain_stages(struct explainer *explainer)
{
    struct explanation *result = &explainer->result;
    result->stage_count = explainer->sight.promotion->stage_count;
    result->stages =
        arena_alloc_array(explainer->arena, result->stage_count + 1, sizeof(*result->stages));
    if (result->stages == NULL)
        return false;
    for (size_t i = 0; i < result->stage_count; i++) {
        if (!explain_stage(explainer, i))
            return false;
    }
    return true;
}

/* The profile that clusters are waited for to have; NULL: none of them. */
static const struct profile *waited_profile(const struct explainer *explainer)
{
    const struct promotion_sight *sight = &explainer->sight;
    enum promotion_reason reason = explainer->decision.reason;
    switch (gate_of(reason)) {
    case GATE_PRE_CHECKS:
        return sight->check;
    case GATE_CLUSTERS:
    case GATE_CHECKS:
        return reason != REASON_CHECK_IDLE ? sight->profiles[explainer->decision.stage_index]
                                           : NULL;
    case GATE_DELAY:
    case GATE_LAST:
    case GATE_UNKNOWN:
        break;
    }
    return NULL;
}

/* Whom the wait is for, by name. */
static bool name_waited(struct explainer *explainer)
{
    enum promotion_reason reason = explainer->decision.reason;
    const struct profile *profile = waited_profile(explainer);
    struct stage_readiness readiness;
    if (reason == REASON_DELETING || reason == REASON_PRESERVING)
        add_terminating(explainer);
    else if (reason == REASON_HANDING_OVER)
        add_held(explainer);
    if (profile == NULL)
        return true;
    if (!judge_stage(explainer, explainer->decision.stage_index, profile, &readiness))
        return false;
    explainer->result.waited_profile = profile->object.meta.name;
    add_clusters(explainer, &readiness);
    return true;
}

/* What people are warned of beside the reason. */
static bool find_beside(struct explainer *explainer)
{
    struct explanation *result = &explainer->result;
    struct promotion_events events;
    if (!promotion_events_find(&explainer->sight, &explainer->decision,
                               stage_overlap_text(&explainer->sight, explainer->arena),
                               explainer->now, explainer->arena, &events))
        return false;
    result->beside = arena_alloc_array(explainer->arena, events.count + 1, sizeof(struct str));
    if (result->beside == NULL)
        return false;
    for (size_t i = 0; i < events.count; i++) {
        enum promotion_reason reason = events.items[i].reason;
        if (reason != result->reason &&
            promotion_reason_event(reason) == REASON_EVENT_WARNING)
            result->beside[result->beside_count++] = events.items[i].note;
    }
    return true;
}

static enum explanation_state state_of(const struct explainer *explainer)
{
    switch (explainer->decision.kind) {
    case DECISION_WRITE:
    case DECISION_LOOK:
        return EXPLANATION_AT_WORK;
    case DECISION_WAIT:
        return EXPLANATION_WAITING;
    case DECISION_DONE:
        break;
    }
    return explainer->sight.view.deleting ? EXPLANATION_LEAVING : EXPLANATION_COMPLETE;
}

static bool explain_wait(struct explainer *explainer)
{
    struct explanation *result = &explainer->result;
    struct explanation_words words = promotion_reason_words(result->reason);
    result->waits_for = say(explainer, words.waits_for);
    result->remedy = say(explainer, words.remedy);
    result->until_ms = until_of(explainer);
    result->wakeup_ms = explainer->decision.wakeup_ms;
    result->checks_passed_ms = explainer->sight.view.checks_passed_ms;
    return name_waited(explainer);
}

static bool explain_decision(struct explainer *explainer)
{
    struct explanation *result = &explainer->result;
    const struct decision *decision = &explainer->decision;
    result->state = state_of(explainer);
    result->reason = decision->reason;
    result->stage_index = decision->stage_index;
    result->sentence = arena_str(explainer->arena, str_from(decision->text));
    result->next = say_next(explainer);
    result->until_ms = result->wakeup_ms = KTIME_NEVER;
    if (result->state != EXPLANATION_AT_WORK)
        result->since_ms = since_of(explainer);
    else if (decision->kind == DECISION_LOOK)
        result->does = explainer->sight.view.deleting
                           ? STR("looks whether any ClusterProfile of its is left")
                           : STR("looks whether a ClusterSummary is still as it was seen");
    else
        result->does = say(explainer, promotion_write_words(decision->write));
    return result->state != EXPLANATION_WAITING || explain_wait(explainer);
}

void promotion_memory_recall(const struct promotion *promotion, struct ktime now,
                             struct promotion_memory *memory)
{
    if (promotion->entry_count == 0 || promotion->object.meta.deleting)
        return;
    const struct stage_entry *last = &promotion->entries[promotion->entry_count - 1];
    struct str refusal = promotion_refusal_of_text(last->text);
    if (refusal.data == NULL || last->text_ms == 0)
        return;
    int64_t tries = now.wall_ms > last->text_ms ? (now.wall_ms - last->text_ms) / REFUSED_RETRY_MS
                                                : 0;
    memory->refusal = refusal;
    memory->refused_until_ms = last->text_ms + (tries + 1) * REFUSED_RETRY_MS;
}

bool promotion_explain(const struct store *store, const struct promotion *promotion,
                       const struct promotion_memory *memory, struct ktime now,
                       struct arena *arena, struct explanation *ret_explanation)
{
    struct explainer explainer = {.now = now, .arena = arena};
    if (!promotion_view_build(store, promotion, memory, now, arena, &explainer.sight))
        return false;
    buf_init(&explainer.text, WORDS_BYTES_MAX);
    bool explained = decide_as_told(&explainer) && explain_stages(&explainer) &&
                     explain_decision(&explainer) && find_beside(&explainer);
    buf_release(&explainer.text);
    if (explained)
        *ret_explanation = explainer.result;
    return explained;
}

const char *explanation_state_name(enum explanation_state state)
{
    static const char *const names[] = {
        [EXPLANATION_AT_WORK] = "at work",
        [EXPLANATION_WAITING] = "waiting",
        [EXPLANATION_COMPLETE] = "complete",
        [EXPLANATION_LEAVING] = "leaving",
    };
    return names[state];
}

const char *stage_place_name(enum stage_place place)
{
    static const char *const names[] = {
        [STAGE_AHEAD] = "ahead",
        [STAGE_CURRENT] = "current",
        [STAGE_PASSED] = "passed",
    };
    return names[place];
}
