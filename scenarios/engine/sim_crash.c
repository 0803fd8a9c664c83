#include "scenarios/engine/sim.h"

static const char *const POINT_NAMES[] = {
    [SIM_CRASH_NONE] = "none",
    [SIM_CRASH_BEFORE_SEND] = "before-send",
    [SIM_CRASH_AFTER_COMMIT] = "after-commit",
    [SIM_CRASH_AFTER_ANSWER] = "after-answer",
    [SIM_CRASH_LATE_COMMIT] = "late-commit",
    [SIM_CRASH_AT_DELIVERY] = "delivery",
    [SIM_CRASH_AT_TIMER] = "timer",
};

bool sim_crash_parse(struct str text, struct sim_crash *ret_crash)
{
    if (str_is(text, "none")) {
        *ret_crash = (struct sim_crash){.point = SIM_CRASH_NONE};
        return true;
    }
    size_t colon = str_find(text, ':', 0);
    uint64_t nth = 0;
    if (!str_to_u64(str_slice(text, colon + 1, text.len), &nth) || nth == 0 || nth > UINT_MAX)
        return false;
    for (unsigned i = SIM_CRASH_BEFORE_SEND; i < ARRAY_COUNT(POINT_NAMES); i++) {
        if (!str_is(str_slice(text, 0, colon), POINT_NAMES[i]))
            continue;
        *ret_crash = (struct sim_crash){.point = (enum sim_crash_point)i, .nth = (unsigned)nth};
        return true;
    }
    return false;
}

void sim_crash_print(struct sim_crash crash, struct buf *out)
{
    buf_append_text(out, POINT_NAMES[crash.point]);
    if (crash.point != SIM_CRASH_NONE)
        buf_printf(out, ":%u", crash.nth);
}
