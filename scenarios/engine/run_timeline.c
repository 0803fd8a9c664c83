#include "controller/base/ktime.h"
#include "scenarios/engine/run.h"
#include "scenarios/engine/transitions.h"

static bool has_several_promotions(const struct transitions *transitions)
{
    for (size_t i = 1; i < transitions->count; i++) {
        if (strcmp(transitions->items[i].promotion, transitions->items[0].promotion) != 0)
            return true;
    }
    return false;
}

static void print_transition(const struct transition *transition, bool with_promotion,
                             int64_t start_ms, struct buf *out)
{
    buf_append_char(out, '+');
    duration_print((transition->at_ms - start_ms) * 1000000, out);
    buf_append_char(out, ' ');
    if (with_promotion)
        buf_printf(out, "%s/", transition->promotion);
    buf_printf(out, "%s ", transition->stage != NULL ? transition->stage : "-");
    transition_describe(transition, out);
    if (transition->stage != NULL)
        buf_printf(out, " %u/%u", transition->clusters_done, transition->clusters_total);
    buf_append_char(out, '\n');
}

void run_print_timeline(const struct fakeapi *api, int64_t start_ms, struct buf *out)
{
    struct transitions transitions;
    transitions_collect(api, &transitions);
    bool several = has_several_promotions(&transitions);
    for (size_t i = 0; i < transitions.count; i++)
        print_transition(&transitions.items[i], several, start_ms, out);
    transitions_release(&transitions);
}
