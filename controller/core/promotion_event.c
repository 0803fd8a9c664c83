#include "controller/core/promotion_event.h"

#include "controller/core/limits.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/stage_conditions.h"

#define EVENTS_PER_STAGE 4u /* entered, provisioned, regressed, foreign fields */
#define EVENTS_BESIDE 8u

struct finder {
    const struct promotion_sight *sight;
    const struct promotion *promotion;
    struct ktime now;
    struct arena *arena;
    struct promotion_events events;
};

/* See the header: what tells one run of a stage from another. */
static struct str run_of(struct finder *finder, size_t entry_index)
{
    const struct promotion *promotion = finder->promotion;
    int64_t entered_ms =
        entry_index < promotion->entry_count ? promotion->entries[entry_index].entered_ms : 0;
    return arena_format(finder->arena, "%.*s %" PRId64,
                        STR_ARGS(promotion->recorded_profile_spec_hash), entered_ms);
}

static struct promotion_event *add(struct finder *finder, enum promotion_reason reason,
                                   size_t entry_index, struct str note)
{
    struct promotion_event *event = &finder->events.items[finder->events.count++];
    *event = (struct promotion_event){
        .reason = reason,
        .run = run_of(finder, entry_index == STAGE_NONE ? 0 : entry_index),
        .note = note,
        .at_ms = finder->now.wall_ms,
    };
    if (entry_index < finder->promotion->entry_count)
        event->stage = finder->promotion->entries[entry_index].name;
    return event;
}

/* News of a recorded time. */
static void add_at(struct finder *finder, enum promotion_reason reason, size_t entry_index,
                   int64_t at_ms, struct str note)
{
    if (at_ms == 0 || at_ms + EVENT_LIFE_MS < finder->now.wall_ms)
        return;
    struct promotion_event *event = add(finder, reason, entry_index, note);
    if (at_ms < event->at_ms) /* recorded times are rounded up (P13) */
        event->at_ms = at_ms;
}

bool promotion_write_is_told_first(enum promotion_write write)
{
    return write == WRITE_RESET_APPROVAL || write == WRITE_CONSUME_APPROVAL ||
           write == WRITE_DELETE_PROFILE || write == WRITE_RELEASE_HOLDER ||
           write == WRITE_DELETE_HOLDER;
}

/* Sveltos' notes, byte for byte. */
static void find_progress(struct finder *finder)
{
    const struct promotion *promotion = finder->promotion;
    if (str_is_empty(promotion->recorded_profile_spec_hash))
        return;
    for (size_t i = 0; i < promotion->entry_count; i++) {
        const struct stage_entry *entry = &promotion->entries[i];
        add_at(finder, i == 0 ? REASON_STARTED : REASON_PROVISIONING, i, entry->entered_ms,
               arena_format(finder->arena, "Provisioning stage %.*s%s", STR_ARGS(entry->name),
                            i == 0 ? " (Restart)" : ""));
        if (entry->provisioned)
            add_at(finder, REASON_PROVISIONED, i, entry->provisioned_ms,
                   arena_format(finder->arena, "Stage %.*s provisioned", STR_ARGS(entry->name)));
    }
    if (promotion_is_complete(&finder->sight->view))
        add_at(finder, REASON_COMPLETE, promotion->entry_count - 1, promotion->last_promotion_ms,
               STR("Promotion complete"));
}

/* Known by an approval that stands behind the current stage, until that is provisioned (P6). */
static bool approval_is_used(const struct finder *finder, struct str stage_name)
{
    const struct promotion *promotion = finder->promotion;
    for (size_t i = 0; i < promotion->stage_count; i++) {
        const struct stage_spec *stage = &promotion->stages[i];
        if (str_equal(stage->name, stage_name))
            return stage->trigger == TRIGGER_MANUAL && stage->approved;
    }
    return false;
}

static void find_used_approval(struct finder *finder, const struct decision *decision)
{
    const struct promotion *promotion = finder->promotion;
    size_t count = promotion->entry_count;
    if (count < 2 || promotion->entries[count - 1].provisioned ||
        !approval_is_used(finder, promotion->entries[count - 2].name))
        return;
    struct promotion_event *event =
        add(finder, REASON_APPROVAL_USED, count - 2,
            arena_format(finder->arena, "The approval of stage %.*s was used for stage %.*s",
                         STR_ARGS(promotion->entries[count - 2].name),
                         STR_ARGS(promotion->entries[count - 1].name)));
    event->urgent = promotion_write_is_told_first(decision->write);
}

static void find_stale_approval(struct finder *finder, const struct decision *decision)
{
    if (decision->write != WRITE_RESET_APPROVAL)
        return;
    struct str stage = finder->promotion->stages[decision->stage_index].name;
    struct promotion_event *event =
        add(finder, REASON_APPROVAL_STALE, STAGE_NONE,
            arena_format(finder->arena,
                         "The approval of stage %.*s was given for another configuration: reset",
                         STR_ARGS(stage)));
    event->stage = stage;
    event->urgent = true;
}

/* Of the spec's own making: another fault is other news. */
static bool is_of_the_spec(enum promotion_reason reason)
{
    return reason == REASON_MALFORMED || reason == REASON_CHECK_IDLE ||
           reason == REASON_WINDOW_INVALID || reason == REASON_NAME_TAKEN;
}

static struct str note_of_wait(struct finder *finder, const struct decision *decision)
{
    struct str text = arena_str(finder->arena, str_from(decision->text));
    if (str_is_empty(text))
        return STR("The API server refused the status");
    if (decision->stage_index == STAGE_NONE || decision->reason == REASON_MALFORMED)
        return text;
    const struct stage_spec *stage = &finder->promotion->stages[decision->stage_index];
    struct buf selector;
    buf_init(&selector, EVENT_NOTE_BYTES_MAX);
    if (decision->reason == REASON_STAGE_EMPTY)
        json_print(stage->selector, &selector);
    text = arena_format(finder->arena, "Stage %.*s: %.*s%s%.*s", STR_ARGS(stage->name),
                        STR_ARGS(text), selector.len > 0 ? " " : "",
                        STR_ARGS(buf_str(&selector)));
    buf_release(&selector);
    return text;
}

static void find_wait(struct finder *finder, const struct decision *decision)
{
    bool waits = decision->kind == DECISION_WAIT || decision->write == WRITE_SAY;
    if (!waits || decision->reason == REASON_PROVISIONING || /* told of the entry */
        promotion_reason_event(decision->reason) == REASON_EVENT_NONE)
        return;
    struct promotion_event *event = add(finder, decision->reason, decision->stage_index,
                                        note_of_wait(finder, decision));
    if (is_of_the_spec(decision->reason))
        event->detail = arena_str(finder->arena, str_from(decision->text));
    if (decision->reason == REASON_MALFORMED || decision->reason == REASON_OTHER_CONTROLLER) {
        /* whatever is recorded, by whomever */
        event->run = STR_NONE;
        event->stage = STR_NONE;
    }
}

static bool ends_the_run(enum promotion_write write)
{
    return write == WRITE_START || write == WRITE_CUT_STAGES;
}

static bool leaves_the_stage(enum promotion_write write)
{
    return write == WRITE_ADVANCE || write == WRITE_COMPLETE;
}

/* D2: beside clusters that are ready; when none is, the stage waits for that reason. */
static void find_left_out(struct finder *finder, const struct decision *decision)
{
    const struct promotion_view *view = &finder->sight->view;
    if (str_is_empty(view->left_out) || promotion_is_complete(view) ||
        leaves_the_stage(decision->write))
        return;
    size_t current = view->kept_count - 1;
    add(finder, REASON_CLUSTER_NOT_READY, current,
        arena_format(finder->arena, "Stage %.*s leaves out clusters that are not ready: %.*s",
                     STR_ARGS(finder->promotion->stages[current].name),
                     STR_ARGS(view->left_out)));
}

static void find_overlap(struct finder *finder, struct str overlap)
{
    if (str_is_empty(overlap))
        return;
    struct promotion_event *event =
        add(finder, REASON_CLUSTER_IN_TWO_STAGES, STAGE_NONE,
            arena_format(finder->arena, "Two stages select the same cluster: %.*s",
                         STR_ARGS(overlap)));
    event->detail = overlap;
}

/* D13: at once, for when the time has come it is too late. */
static void find_withdrawal(struct finder *finder, const struct decision *decision)
{
    struct withdrawal withdrawal;
    withdrawal_find(finder->sight, finder->arena, &withdrawal);
    if (withdrawal.profile_count == 0)
        return;
    struct promotion_event *event =
        add(finder, REASON_WOULD_WITHDRAW, STAGE_NONE,
            arena_format(finder->arena,
                         "No stage wants ClusterProfile %.*s any more: deleted once the promotion "
                         "is complete, which withdraws it from %zu cluster%s",
                         STR_ARGS(withdrawal.profiles), withdrawal.cluster_count,
                         withdrawal.cluster_count == 1 ? "" : "s"));
    event->detail = withdrawal.profiles;
    event->urgent = promotion_write_is_told_first(decision->write);
}

static void find_regression(struct finder *finder, size_t index)
{
    struct str clusters = stage_regression(finder->sight, index, finder->arena);
    if (!str_is_empty(clusters))
        add(finder, REASON_STAGE_REGRESSED, index,
            arena_format(finder->arena, "Stage %.*s was provisioned and now fails on %.*s",
                         STR_ARGS(finder->promotion->stages[index].name), STR_ARGS(clusters)));
}

/* P2: told, not fought. */
static void find_foreign_fields(struct finder *finder, size_t index)
{
    struct str fields = stage_foreign_fields(finder->sight, index, finder->arena);
    if (str_is_empty(fields))
        return;
    struct promotion_event *event =
        add(finder, REASON_FOREIGN_FIELDS, index,
            arena_format(finder->arena, "ClusterProfile %.*s has fields that are not ours: %.*s",
                         STR_ARGS(finder->sight->profiles[index]->object.meta.name),
                         STR_ARGS(fields)));
    event->detail = fields;
}

/* What the stages and their profiles look like beside what is waited for. What a write will put
 * an end to is not told in the time for which the write has to wait (P8): who need not wait
 * would never have seen it. */
static void find_conditions(struct finder *finder, const struct decision *decision,
                            struct str overlap)
{
    const struct promotion_view *view = &finder->sight->view;
    if (!str_is_empty(view->fault) || ends_the_run(decision->write))
        return;
    find_left_out(finder, decision);
    find_overlap(finder, overlap);
    find_withdrawal(finder, decision);
    for (size_t i = 0; i < view->kept_count; i++) {
        find_regression(finder, i);
        find_foreign_fields(finder, i);
    }
}

static bool all_texts_fit(const struct promotion_events *events)
{
    for (size_t i = 0; i < events->count; i++) {
        if (events->items[i].note.data == NULL)
            return false;
    }
    return true;
}

bool promotion_events_find(const struct promotion_sight *sight, const struct decision *decision,
                           struct str overlap, struct ktime now, struct arena *arena,
                           struct promotion_events *ret_events)
{
    size_t stages = sight->promotion->stage_count + sight->promotion->entry_count;
    size_t most = EVENTS_PER_STAGE * stages + EVENTS_BESIDE;
    struct finder finder = {.sight = sight, .promotion = sight->promotion, .now = now,
                            .arena = arena};
    finder.events.items = arena_alloc_array(arena, most, sizeof(struct promotion_event));
    if (finder.events.items == NULL)
        return false;
    if (!sight->view.deleting) {
        find_progress(&finder);
        find_stale_approval(&finder, decision);
        find_used_approval(&finder, decision);
        find_conditions(&finder, decision, overlap);
    }
    find_wait(&finder, decision);
    ASSERT(finder.events.count <= most);
    *ret_events = finder.events;
    return all_texts_fit(ret_events);
}
