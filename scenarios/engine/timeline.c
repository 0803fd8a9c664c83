#include "scenarios/engine/timeline.h"

#include "controller/base/ktime.h"

static bool is_same_stage(const struct transition *a, const struct transition *b)
{
    return a->stage != NULL && b->stage != NULL && strcmp(a->stage, b->stage) == 0 &&
           strcmp(a->promotion, b->promotion) == 0;
}

static void enter_before_waiting(struct transitions *transitions)
{
    for (size_t i = 1; i < transitions->count; i++) {
        struct transition *first = &transitions->items[i - 1];
        struct transition *second = &transitions->items[i];
        if (first->kind != TRANSITION_WAITING || second->kind != TRANSITION_STAGE_ENTERED ||
            first->at_ms != second->at_ms || !is_same_stage(first, second))
            continue;
        struct transition waiting = *first;
        *first = *second;
        *second = waiting;
    }
}

static void never_go_back(struct transitions *transitions)
{
    for (size_t i = 1; i < transitions->count; i++) {
        if (transitions->items[i].at_ms < transitions->items[i - 1].at_ms)
            transitions->items[i].at_ms = transitions->items[i - 1].at_ms;
    }
}

/* The first total that is known of the stage from there on. */
static unsigned total_to_come(const struct transitions *transitions, size_t from)
{
    for (size_t i = from; i < transitions->count; i++) {
        const struct transition *later = &transitions->items[i];
        if (later->clusters_total > 0 && is_same_stage(later, &transitions->items[from]))
            return later->clusters_total;
    }
    return 0;
}

void timeline_collect(const struct fakeapi *api, struct transitions *ret_transitions)
{
    transitions_collect(api, ret_transitions);
    enter_before_waiting(ret_transitions);
    never_go_back(ret_transitions);
    for (size_t i = 0; i < ret_transitions->count; i++) {
        struct transition *transition = &ret_transitions->items[i];
        if (transition->stage != NULL && transition->clusters_total == 0)
            transition->clusters_total = total_to_come(ret_transitions, i);
    }
}

bool timeline_has_several_promotions(const struct transitions *transitions)
{
    for (size_t i = 1; i < transitions->count; i++) {
        if (strcmp(transitions->items[i].promotion, transitions->items[0].promotion) != 0)
            return true;
    }
    return false;
}

void timeline_print_stage(const struct transition *transition, bool with_promotion,
                          struct buf *out)
{
    if (with_promotion)
        buf_printf(out, "%s/", transition->promotion);
    buf_append_text(out, transition->stage != NULL ? transition->stage : "-");
}

static void print_transition(const struct transition *transition, bool with_promotion,
                             int64_t start_ms, struct buf *out)
{
    buf_append_char(out, '+');
    duration_print((transition->at_ms - start_ms) * 1000000, out);
    buf_append_char(out, ' ');
    timeline_print_stage(transition, with_promotion, out);
    buf_append_char(out, ' ');
    transition_describe(transition, out);
    if (transition->stage != NULL)
        buf_printf(out, " %u/%u", transition->clusters_done, transition->clusters_total);
    buf_append_char(out, '\n');
}

void timeline_print(const struct fakeapi *api, int64_t start_ms, struct buf *out)
{
    struct transitions transitions;
    timeline_collect(api, &transitions);
    bool several = timeline_has_several_promotions(&transitions);
    for (size_t i = 0; i < transitions.count; i++)
        print_transition(&transitions.items[i], several, start_ms, out);
    transitions_release(&transitions);
}
