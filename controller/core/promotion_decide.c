#include "controller/core/promotion_decide.h"

#include "controller/core/limits.h"

/* A sentence that only names other clusters than before is rewritten at most this often: more
 * would cost a stage with checks what it may write in its first minute [S8]. */
#define RENAME_MS_MIN 30000
#define NOT_READY "; not ready: "
#define TRIED_AGAIN "; tried again every ten minutes"
/* A hand-over is a row of short waits, which are told only when one is not short. */
#define SHORT_MS 60000

static void decide_write(struct decision *decision, enum promotion_write write,
                         enum promotion_reason reason, size_t stage_index)
{
    decision->kind = DECISION_WRITE;
    decision->write = write;
    decision->reason = reason;
    decision->stage_index = stage_index;
}

static void decide_wait(struct decision *decision, enum promotion_reason reason,
                        size_t stage_index, int64_t wakeup_ms)
{
    decision->kind = DECISION_WAIT;
    decision->write = WRITE_NONE;
    decision->reason = reason;
    decision->stage_index = stage_index;
    decision->wakeup_ms = wakeup_ms;
}

static void set_text(struct decision *decision, enum promotion_reason reason, struct str rest)
{
    snprintf(decision->text, sizeof(decision->text), "%s%.*s", promotion_reason_text(reason),
             STR_ARGS(rest));
    decision->text[str_utf8_valid_prefix(str_from(decision->text))] = '\0';
}

static size_t current_index(const struct promotion_view *view)
{
    return view->kept_count - 1;
}

/* When a changed list of names may replace the recorded one; 0: at once. */
static int64_t rename_not_before_ms(const struct promotion_view *view,
                                    enum promotion_reason reason, struct ktime now)
{
    bool slow = (reason == REASON_PROVISIONING || reason == REASON_CHECKS_DEPLOYING ||
                 reason == REASON_CHECKING) &&
                view->text_ms >= view->since_ms + TELL_WAITED_FOR_MS; /* who is left, is news */
    int64_t due = view->text_ms + (slow ? TELL_WAITED_FOR_MS : RENAME_MS_MIN);
    bool same_reason = promotion_reason_of_text(view->text) == reason;
    return same_reason && view->text_ms <= now.wall_ms && now.wall_ms < due ? due : 0;
}

/* Waits with decision->text told in the last entry of status, at most one write per
 * reason or list of names [P16]. Where no stage was entered yet, an entry is made. */
static void wait_for(const struct promotion_view *view, enum promotion_reason reason,
                     int64_t wakeup_ms, struct ktime now, struct decision *decision)
{
    size_t index = view->kept_count > 0 ? current_index(view) : STAGE_NONE;
    bool told = view->entry_count > 0 && str_is(view->text, decision->text);
    if (told && decision->provisioned_ms == 0) {
        decide_wait(decision, reason, index, wakeup_ms);
        return;
    }
    int64_t not_before = rename_not_before_ms(view, reason, now);
    if (not_before > 0 && decision->provisioned_ms == 0) {
        decide_wait(decision, reason, index, not_before < wakeup_ms ? not_before : wakeup_ms);
        return;
    }
    decide_write(decision, WRITE_SAY, reason, index);
    decision->wakeup_ms = wakeup_ms; /* the sentence itself may have to wait */
}

static void wait_saying(const struct promotion_view *view, enum promotion_reason reason,
                        struct str rest, int64_t wakeup_ms, struct ktime now,
                        struct decision *decision)
{
    set_text(decision, reason, rest);
    wait_for(view, reason, wakeup_ms, now, decision);
}

static void wait_saying_late(const struct promotion_view *view, enum promotion_reason reason,
                             struct str rest, struct ktime now, struct decision *decision)
{
    int64_t due_ms = view->text_ms + SHORT_MS;
    wait_saying(view, reason, rest, KTIME_NEVER, now, decision);
    if (decision->kind == DECISION_WRITE && view->text_ms <= now.wall_ms && now.wall_ms < due_ms)
        decide_wait(decision, reason, decision->stage_index, due_ms);
}

/* Names what a sentence about clusters is about, and those that are left out (D2). */
static void wait_naming(const struct promotion_view *view, enum promotion_reason reason,
                        struct str names, int64_t wakeup_ms, struct ktime now,
                        struct decision *decision)
{
    char rest[DECISION_TEXT_BYTES];
    bool beside = !str_is_empty(view->left_out);
    snprintf(rest, sizeof(rest), "%.*s%s%.*s", STR_ARGS(names), beside ? NOT_READY : "",
             STR_ARGS(view->left_out));
    wait_saying(view, reason, str_from(rest), wakeup_ms, now, decision);
}

/* Sveltos' sentence names nobody; what takes long is worth a name. */
static void wait_for_progress(const struct promotion_view *view, enum promotion_reason reason,
                              struct str names, int64_t settles_ms, struct ktime now,
                              struct decision *decision)
{
    char rest[DECISION_TEXT_BYTES] = "";
    int64_t wakeup_ms = settles_ms;
    bool since = promotion_reason_of_text(view->text) == reason && view->since_ms > 0;
    int64_t named_ms = (since ? view->since_ms : now.wall_ms) + TELL_WAITED_FOR_MS;
    if (now.wall_ms >= named_ms)
        snprintf(rest, sizeof(rest), ": %.*s", STR_ARGS(names));
    else if (named_ms < wakeup_ms)
        wakeup_ms = named_ms;
    wait_naming(view, reason, str_from(rest), wakeup_ms, now, decision);
}

static void decide_deletion(const struct promotion_view *view, struct decision *decision)
{
    enum promotion_reason reason = view->preserve ? REASON_PRESERVING : REASON_DELETING;
    if (!view->has_a_finalizer)
        decision->kind = DECISION_DONE;
    else if (view->has_leftover)
        decide_write(decision, view->preserve ? WRITE_STRIP_PROFILE : WRITE_DELETE_PROFILE, reason,
                     STAGE_NONE);
    else if (view->has_leftover_check)
        decide_write(decision, WRITE_DELETE_CHECK, reason, STAGE_NONE);
    else if (view->has_terminating) {
        decide_wait(decision, reason, STAGE_NONE, KTIME_NEVER);
        set_text(decision, reason, STR_NONE); /* for `explain`: status is not touched any more */
    } else if (!view->absence_verified)
        decision->kind = DECISION_LOOK;
    else
        decide_write(decision, WRITE_REMOVE_FINALIZERS, reason, STAGE_NONE);
    decision->reason = reason;
}

static size_t stale_approval(const struct promotion_view *view)
{
    if (!view->ever_recorded)
        return STAGE_NONE; /* on creation an approval counts (D11) */
    for (size_t i = 0; i < view->stage_count; i++) {
        if (view->stages[i].approved && view->stages[i].automatic_reset)
            return i;
    }
    return STAGE_NONE;
}

static void decide_restart(const struct promotion_view *view, struct decision *decision)
{
    size_t stale = stale_approval(view);
    if (stale != STAGE_NONE)
        decide_write(decision, WRITE_RESET_APPROVAL, REASON_APPROVAL_STALE, stale);
    else
        decide_write(decision, WRITE_START, REASON_STARTED, 0);
}

static bool status_is_in_order(const struct promotion_view *view)
{
    return view->configuration_recorded && view->stages_recorded &&
           view->kept_count == view->entry_count && !view->completion_unproven;
}

static void decide_stages(const struct promotion_view *view, struct decision *decision)
{
    bool adopts = view->unclaimed || view->configuration_deployed;
    if (view->kept_count == view->entry_count)
        decide_write(decision, WRITE_RECORD_STAGES,
                     adopts ? REASON_ADOPTED : REASON_STAGES_CHANGED, STAGE_NONE);
    else if (view->stage_to_consume != STAGE_NONE)
        decide_write(decision, WRITE_CONSUME_APPROVAL, REASON_APPROVAL_USED,
                     view->stage_to_consume);
    else
        decide_write(decision, view->kept_count > 0 ? WRITE_CUT_STAGES : WRITE_START,
                     REASON_STAGES_CHANGED, 0);
}

/* P11. True: the old profile comes first. */
static bool decide_handover(const struct promotion_view *view, struct ktime now,
                            struct decision *decision)
{
    switch (view->handover) {
    case HANDOVER_NONE:
        return false;
    case HANDOVER_HELD:
        decide_write(decision, WRITE_RELEASE_HOLDER, REASON_WITHDRAWING, current_index(view));
        return true;
    case HANDOVER_AWAITED:
        wait_saying_late(view, REASON_HANDING_OVER, view->holder_name, now, decision);
        return true;
    case HANDOVER_RELEASED:
        decide_write(decision, view->holder_stays ? WRITE_NARROW_HOLDER : WRITE_DELETE_HOLDER,
                     REASON_WITHDRAWING, current_index(view));
        return true;
    case HANDOVER_NARROWED:
        decide_write(decision, WRITE_RESTORE_HOLDER, REASON_HANDING_OVER, current_index(view));
        return true;
    }
    ASSERT(false);
}

/* P11: what a hand-over makes of the profile of a stage before is put right when it is over, or
 * each would undo the other. */
static bool is_handing_over(const struct promotion_view *view, size_t stage_index)
{
    return view->handover != HANDOVER_NONE && view->holder_stage == stage_index &&
           view->stages[stage_index].profile == PROFILE_DIFFERS;
}

/* True when a profile of an entered stage, or the approval behind it, comes first. */
static bool decide_profiles(const struct promotion_view *view, struct ktime now,
                            struct decision *decision)
{
    for (size_t i = 0; i < view->kept_count; i++) {
        bool first_time = i == current_index(view) && !view->stages[i].provisioned;
        enum promotion_reason reason = first_time ? REASON_DEPLOYING : REASON_REPAIRING;
        if (i == current_index(view) && decide_handover(view, now, decision))
            return true;
        if (is_handing_over(view, i))
            continue;
        switch (view->stages[i].profile) {
        case PROFILE_ABSENT:
            decide_write(decision, WRITE_CREATE_PROFILE, reason, i);
            return true;
        case PROFILE_DIFFERS:
            decide_write(decision, WRITE_APPLY_PROFILE, reason, i);
            return true;
        case PROFILE_FOREIGN:
            wait_saying(view, REASON_NAME_TAKEN, view->stages[i].profile_name, KTIME_NEVER, now,
                        decision);
            return true;
        case PROFILE_TERMINATING:
            wait_saying_late(view, REASON_PROFILE_TERMINATING, view->stages[i].profile_name, now,
                             decision);
            return true;
        case PROFILE_AS_WANTED:
            break;
        }
    }
    if (view->has_leftover_check)
        decide_write(decision, WRITE_DELETE_CHECK, REASON_WITHDRAWING, STAGE_NONE);
    else if (view->stage_to_consume != STAGE_NONE)
        decide_write(decision, WRITE_CONSUME_APPROVAL, REASON_APPROVAL_USED,
                     view->stage_to_consume);
    else
        return false;
    return true;
}

static bool is_last(const struct promotion_view *view)
{
    return current_index(view) + 1 == view->stage_count;
}

/* P7: only rest proves a cluster, and the cache may be behind. */
static void decide_look(struct decision *decision, enum promotion_reason reason,
                        size_t stage_index)
{
    decision->kind = DECISION_LOOK;
    decision->reason = reason;
    decision->stage_index = stage_index;
}

/* True: they come first. D4: an empty stage proves nothing, but as the last one it holds nothing
 * up. */
static bool wait_for_clusters(const struct promotion_view *view, struct ktime now,
                              struct decision *decision)
{
    if (view->unconfirmed && view->readiness != READINESS_PROVISIONED) {
        decide_look(decision, REASON_PROVISIONING, current_index(view));
        return true;
    }
    switch (view->readiness) {
    case READINESS_PROVISIONED:
        return false;
    case READINESS_PROVISIONING:
        wait_for_progress(view, view->gated ? REASON_CHECKING : REASON_PROVISIONING,
                          view->readiness_names, view->settles_ms, now, decision);
        return true;
    case READINESS_FAILING:
        if (view->gated)
            wait_for_progress(view, REASON_CHECKS_FAILING, view->readiness_names,
                              view->settles_ms, now, decision);
        else
            wait_naming(view, REASON_FAILING, view->readiness_names, view->settles_ms, now,
                        decision);
        return true;
    case READINESS_CLUSTER_PAUSED:
        wait_naming(view, REASON_CLUSTER_PAUSED, view->readiness_names, KTIME_NEVER, now,
                    decision);
        return true;
    case READINESS_CLUSTER_NOT_READY:
        wait_saying(view, REASON_CLUSTER_NOT_READY, view->readiness_names, KTIME_NEVER, now,
                    decision);
        return true;
    case READINESS_EMPTY:
        if (is_last(view) || view->skip_empty_stages)
            return false;
        wait_saying(view, REASON_STAGE_EMPTY, STR_NONE, KTIME_NEVER, now, decision);
        return true;
    }
    ASSERT(false);
}

static void wait_for_delay(const struct promotion_view *view, int64_t ready_ms, struct ktime now,
                           struct decision *decision)
{
    char time[KTIME_TEXT_BYTES];
    ktime_format_rfc3339(ktime_ceil_second(ready_ms), time);
    wait_saying(view, REASON_DELAYED, str_from(time), ready_ms, now, decision);
}

static void wait_for_pre_checks(const struct promotion_view *view, struct ktime now,
                                struct decision *decision)
{
    char rest[DECISION_TEXT_BYTES];
    if (view->unconfirmed) {
        decide_look(decision, REASON_CHECKS_DEPLOYING, current_index(view));
        return;
    }
    if (view->check_readiness != READINESS_FAILING) {
        wait_for_progress(view, REASON_CHECKS_DEPLOYING, view->check_names,
                          view->check_settles_ms, now, decision);
        return;
    }
    snprintf(rest, sizeof(rest), "; failing on %.*s", STR_ARGS(view->check_names));
    wait_naming(view, REASON_CHECKS_DEPLOYING, str_from(rest), view->check_settles_ms, now,
                decision);
}

/* D7: what the checks look at is deployed, everywhere, before they are asked. True: it comes
 * first. */
static bool decide_pre_checks(const struct promotion_view *view, struct ktime now,
                              struct decision *decision)
{
    size_t index = current_index(view);
    switch (view->check_profile) {
    case PROFILE_ABSENT:
        decide_write(decision, WRITE_CREATE_CHECK, REASON_CHECKS_DEPLOYING, index);
        return true;
    case PROFILE_DIFFERS:
        decide_write(decision, WRITE_APPLY_CHECK, REASON_CHECKS_DEPLOYING, index);
        return true;
    case PROFILE_FOREIGN:
        wait_saying(view, REASON_NAME_TAKEN, view->check_name, KTIME_NEVER, now, decision);
        return true;
    case PROFILE_TERMINATING:
        wait_saying_late(view, REASON_PROFILE_TERMINATING, view->check_name, now, decision);
        return true;
    case PROFILE_AS_WANTED:
        break;
    }
    if (view->check_readiness == READINESS_PROVISIONED || view->gated)
        return false;
    if (view->check_readiness == READINESS_EMPTY) /* and so is the stage */
        return wait_for_clusters(view, now, decision);
    wait_for_pre_checks(view, now, decision);
    return true;
}

/* D8: the stage's own profile gets the checks, which run in its next deployment. */
static bool decide_gate_checks(const struct promotion_view *view, struct ktime now,
                               struct decision *decision)
{
    if (!str_is_empty(view->idle_check))
        wait_saying(view, REASON_CHECK_IDLE, view->idle_check, KTIME_NEVER, now, decision);
    else if (!view->gated)
        decide_write(decision, WRITE_ADD_CHECKS, REASON_CHECKING, current_index(view));
    else
        return false;
    return true;
}

/* The checks begin with a sentence, which also records when the soak began. */
static bool decide_checks(const struct promotion_view *view, struct ktime now,
                          struct decision *decision)
{
    const struct stage_view *stage = &view->stages[current_index(view)];
    if (!stage->has_pre_checks && !stage->has_gate_checks)
        return false;
    if (!stage->provisioned) {
        wait_for_progress(view,
                          stage->has_pre_checks ? REASON_CHECKS_DEPLOYING : REASON_CHECKING,
                          STR_NONE, KTIME_NEVER, now, decision);
        return true;
    }
    if (stage->has_pre_checks && decide_pre_checks(view, now, decision))
        return true;
    return stage->has_gate_checks && decide_gate_checks(view, now, decision);
}

#define PASS_BYTES (KTIME_TEXT_BYTES + 32u)

/* P17: a pass stands until it is used, so people are told how old it is. */
static void print_pass(const struct promotion_view *view, const char *what,
                       char ret_text[PASS_BYTES])
{
    char time[KTIME_TEXT_BYTES];
    ret_text[0] = '\0';
    if (view->checks_passed_ms == 0)
        return;
    ktime_format_rfc3339(view->checks_passed_ms, time);
    snprintf(ret_text, PASS_BYTES, "%s passed at %s", what, time);
}

static void wait_for_approval(const struct promotion_view *view, struct ktime now,
                              struct decision *decision)
{
    char pass[PASS_BYTES];
    print_pass(view, "; health checks", pass);
    wait_saying(view, REASON_AWAITING_APPROVAL, str_from(pass), KTIME_NEVER, now, decision);
}

static void wait_for_window(const struct promotion_view *view, struct ktime now,
                            struct decision *decision)
{
    char time[KTIME_TEXT_BYTES];
    char pass[PASS_BYTES];
    char rest[KTIME_TEXT_BYTES + PASS_BYTES + 4];
    if (view->window == GATE_WINDOW_INVALID) {
        wait_saying(view, REASON_WINDOW_INVALID, view->window_fault, KTIME_NEVER, now, decision);
        return;
    }
    ktime_format_rfc3339(view->window_opens_ms, time);
    print_pass(view, " Health checks", pass);
    snprintf(rest, sizeof(rest), "%s).%s", time, pass);
    wait_saying(view, REASON_WINDOW_CLOSED, str_from(rest), view->window_opens_ms, now, decision);
}

/* What a person or the calendar holds back; there is nothing behind the last stage (D5). */
static void decide_advance(const struct promotion_view *view, struct ktime now,
                           struct decision *decision)
{
    size_t index = current_index(view);
    const struct stage_view *stage = &view->stages[index];
    if (is_last(view))
        decide_write(decision, WRITE_COMPLETE, REASON_COMPLETE, index);
    else if (stage->has_window && view->window != GATE_WINDOW_OPEN)
        wait_for_window(view, now, decision);
    else if (stage->trigger == TRIGGER_MANUAL && !stage->approved)
        wait_for_approval(view, now, decision);
    else
        decide_write(decision, WRITE_ADVANCE, REASON_PROMOTED, index);
}

bool stage_soak_is_over(const struct stage_view *stage, struct ktime now)
{
    return stage->provisioned && (stage->delay_ms == 0 || /* the recorded second may yet come */
                                  now.wall_ms >= stage->provisioned_ms + stage->delay_ms);
}

/* The gate behind the current stage, in the order of D5 to D8: clusters, delay, pre-check
 * deployment, health checks, clusters again, window or approval. */
static void decide_gate(const struct promotion_view *view, struct ktime now,
                        struct decision *decision)
{
    const struct stage_view *stage = &view->stages[current_index(view)];
    if (view->dry_run) { /* D23: never advances */
        wait_saying(view, REASON_DRY_RUN, STR_NONE, KTIME_NEVER, now, decision);
        return;
    }
    if (!stage->provisioned && wait_for_clusters(view, now, decision))
        return;
    decision->provisioned_ms = stage->provisioned ? 0 : ktime_ceil_second(now.wall_ms); /* P13 */
    int64_t since_ms = stage->provisioned ? stage->provisioned_ms : decision->provisioned_ms;
    if (stage->delay_ms > 0 && now.wall_ms < since_ms + stage->delay_ms)
        wait_for_delay(view, since_ms + stage->delay_ms, now, decision);
    else if (decide_checks(view, now, decision))
        return;
    else if (wait_for_clusters(view, now, decision)) /* D15: again at the moment of advancing */
        return;
    else
        decide_advance(view, now, decision);
}

bool promotion_is_complete(const struct promotion_view *view)
{
    if (view->kept_count == 0 || view->kept_count != view->entry_count || !is_last(view))
        return false;
    const struct stage_view *stage = &view->stages[current_index(view)];
    return stage->provisioned && view->last_promotion_ms >= stage->provisioned_ms;
}

/* A sentence that a passing fault left behind gives way to the last one again: nothing is
 * verified a second time. */
static void decide_complete(const struct promotion_view *view, struct decision *decision)
{
    if (promotion_reason_of_text(view->text) != REASON_PROMOTED) {
        decide_write(decision, WRITE_COMPLETE, REASON_COMPLETE, current_index(view));
        return;
    }
    if (view->has_kept || view->has_leftover) {
        decide_write(decision, view->has_kept ? WRITE_WITHDRAW_KEPT : WRITE_DELETE_PROFILE,
                     REASON_WITHDRAWING, STAGE_NONE);
        return;
    }
    decision->kind = DECISION_DONE;
    decision->reason = REASON_COMPLETE;
    decision->stage_index = current_index(view);
}

struct str promotion_refusal_of_text(struct str text)
{
    struct str fixed = str_from(promotion_reason_text(REASON_REFUSED));
    if (!str_starts_with(text, fixed))
        return STR_NONE;
    size_t end = text.len;
    if (str_ends_with(text, STR(TRIED_AGAIN)))
        end -= strlen(TRIED_AGAIN);
    return str_slice(text, fixed.len, end);
}

static void decide_refused(const struct promotion_view *view, struct ktime now,
                           struct decision *decision)
{
    char rest[DECISION_TEXT_BYTES];
    snprintf(rest, sizeof(rest), "%.*s%s", STR_ARGS(view->refusal), TRIED_AGAIN);
    if (str_is_empty(view->refusal))
        decide_wait(decision, REASON_REFUSED, STAGE_NONE, view->refused_until_ms);
    else
        wait_saying(view, REASON_REFUSED, str_from(rest), view->refused_until_ms, now, decision);
}

static void decide_running(const struct promotion_view *view, struct ktime now,
                           struct decision *decision)
{
    bool refused = now.wall_ms < view->refused_until_ms;
    if (refused && !str_is_empty(view->fault)) /* it was the sentence about it */
        decide_wait(decision, REASON_REFUSED, STAGE_NONE, view->refused_until_ms);
    else if (!str_is_empty(view->fault))
        wait_saying(view, REASON_MALFORMED, view->fault, KTIME_NEVER, now, decision);
    else if (refused)
        decide_refused(view, now, decision);
    else if (!view->has_finalizers)
        decide_write(decision, WRITE_ADD_FINALIZERS, REASON_STARTED, STAGE_NONE);
    else if ((!view->configuration_recorded && !view->configuration_deployed) ||
             view->entry_count == 0)
        decide_restart(view, decision);
    else if (!status_is_in_order(view))
        decide_stages(view, decision);
    else if (decide_profiles(view, now, decision))
        return;
    else if (promotion_is_complete(view))
        decide_complete(view, decision);
    else
        decide_gate(view, now, decision);
}

/* D26: two controllers would undo each other's work for ever. Nothing is said in status: that
 * is what they would fight over. */
static void stand_back(const struct promotion_view *view, struct decision *decision)
{
    char rest[DECISION_TEXT_BYTES];
    snprintf(rest, sizeof(rest), "field manager \"%.*s\"; resumes after ten quiet minutes",
             STR_ARGS(view->other_manager));
    set_text(decision, REASON_OTHER_CONTROLLER, str_from(rest));
    decide_wait(decision, REASON_OTHER_CONTROLLER, STAGE_NONE, view->others_quiet_ms);
}

void promotion_decide(const struct promotion_view *view, struct ktime now,
                      struct decision *ret_decision)
{
    *ret_decision = (struct decision){.stage_index = STAGE_NONE, .wakeup_ms = KTIME_NEVER};
    if (now.wall_ms < view->others_quiet_ms)
        stand_back(view, ret_decision);
    else if (view->deleting && now.wall_ms < view->refused_until_ms)
        decide_wait(ret_decision, REASON_REFUSED, STAGE_NONE, view->refused_until_ms);
    else if (view->deleting)
        decide_deletion(view, ret_decision);
    else
        decide_running(view, now, ret_decision);
}
