#include "scenarios/engine/sim_fault.h"

#define HOLD_MS 30000 /* longer than any write takes, shorter than most soaks */

#define ANSWER_OF(number, after_s)                                                                 \
    {                                                                                              \
        .kind = SIM_FAULT_ANSWER, .status = (number), .retry_after_s = (after_s)                   \
    }
#define TIME_OUT_AT(when)                                                                          \
    {                                                                                              \
        .kind = SIM_FAULT_TIME_OUT, .point = (when)                                                \
    }

/* A conflict needs something written; a read that commits in time or late is one that never
 * did, since nobody sees it. */
const struct sim_fault_name SIM_FAULT_NAMES[SIM_FAULT_NAME_COUNT] = {
    {"lose-answer", {.kind = SIM_FAULT_LOSE_ANSWER}, false, false},
    {"lose-request", {.kind = SIM_FAULT_LOSE_REQUEST}, false, false},
    {"answer-409", ANSWER_OF(409, -1), true, false},
    {"answer-429", ANSWER_OF(429, 5), false, false},
    {"answer-500", ANSWER_OF(500, -1), false, false},
    {"answer-503", ANSWER_OF(503, -1), false, false},
    {"answer-504", ANSWER_OF(504, -1), false, false},
    {"time-out", TIME_OUT_AT(SIM_CRASH_BEFORE_SEND), false, false},
    {"time-out-committed", TIME_OUT_AT(SIM_CRASH_AFTER_COMMIT), true, false},
    {"time-out-late", TIME_OUT_AT(SIM_CRASH_LATE_COMMIT), true, false},
    {"stale-read", {.kind = SIM_FAULT_STALE_READ, .events = 3}, false, true},
    {"second-controller", {.kind = SIM_FAULT_SECOND, .hold_ms = HOLD_MS, .first_stays = true},
     false, false},
    {"second-controller-stays", {.kind = SIM_FAULT_SECOND, .hold_ms = HOLD_MS}, false, false},
    {"gone", {.kind = SIM_FAULT_GONE}, false, false},
    {"cut-watch", {.kind = SIM_FAULT_CUT_WATCH}, false, false},
    {"tear-watch", {.kind = SIM_FAULT_TEAR_WATCH}, false, false},
    {"stale-watch", {.kind = SIM_FAULT_STALE_WATCH, .hold_ms = HOLD_MS}, false, false},
    {"stale-watch-short", {.kind = SIM_FAULT_STALE_WATCH, .hold_ms = 1000}, false, false},
    {"lag-watch", {.kind = SIM_FAULT_LAG_WATCH, .events = 1, .hold_ms = HOLD_MS}, false, false},
    {"lag-watch-far", {.kind = SIM_FAULT_LAG_WATCH, .events = 7, .hold_ms = HOLD_MS}, false,
     false},
};

bool sim_fault_is_of_watch(enum sim_fault_kind kind)
{
    return kind >= SIM_FAULT_GONE;
}

bool sim_fault_parse(struct str text, struct sim_fault *ret_fault, unsigned *ret_nth)
{
    size_t colon = str_find(text, ':', 0);
    uint64_t nth = 0;
    if (!str_to_u64(str_slice(text, colon + 1, text.len), &nth) || nth == 0 || nth > UINT_MAX)
        return false;
    for (size_t i = 0; i < SIM_FAULT_NAME_COUNT; i++) {
        if (!str_is(str_slice(text, 0, colon), SIM_FAULT_NAMES[i].name))
            continue;
        *ret_fault = SIM_FAULT_NAMES[i].fault;
        *ret_nth = (unsigned)nth;
        return true;
    }
    return false;
}

bool sim_fault_once_strikes(void *ctx, const struct sim_passage *passage,
                            struct sim_fault *ret_fault)
{
    const struct sim_fault_once *once = ctx;
    if (once->nth != passage->nth ||
        sim_fault_is_of_watch(once->fault.kind) != passage->is_delivery)
        return false;
    *ret_fault = once->fault;
    return true;
}

void sim_fault_print_status(int status, struct buf *out)
{
    static const struct {
        int status;
        const char *reason, *message;
    } ROWS[] = {
        {403, "Forbidden", "the request is forbidden: a policy denies it"},
        {409, "Conflict",
         "Operation cannot be fulfilled: the object has been modified; please apply your changes "
         "to the latest version and try again"},
        {410, "Expired", "too old resource version"},
        {429, "TooManyRequests",
         "The server has received too many requests and has asked us to try again later"},
        {500, "InternalError", "Internal error occurred: the leader of the store has changed"},
        {503, "ServiceUnavailable", "The server is currently unable to handle the request"},
        {504, "Timeout", "The request was not completed in time; it may still be executed"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        if (ROWS[i].status != status)
            continue;
        buf_printf(out,
                   "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"
                   "\"status\":\"Failure\",\"message\":\"%s\",\"reason\":\"%s\",\"code\":%d}",
                   ROWS[i].message, ROWS[i].reason, status);
        return;
    }
    ASSERT(false);
}

void sim_fault_print(const struct sim_fault *fault, struct buf *out)
{
    static const char *const KINDS[] = {
        [SIM_FAULT_NONE] = "none",
        [SIM_FAULT_CRASH] = "crash-controller",
        [SIM_FAULT_LOSE_ANSWER] = "lose-answer",
        [SIM_FAULT_LOSE_REQUEST] = "lose-request",
        [SIM_FAULT_ANSWER] = "answer",
        [SIM_FAULT_TIME_OUT] = "time-out",
        [SIM_FAULT_STALE_READ] = "stale-read",
        [SIM_FAULT_SECOND] = "second-controller",
        [SIM_FAULT_GONE] = "gone",
        [SIM_FAULT_CUT_WATCH] = "cut-watch",
        [SIM_FAULT_TEAR_WATCH] = "tear-watch",
        [SIM_FAULT_STALE_WATCH] = "stale-watch",
        [SIM_FAULT_LAG_WATCH] = "lag-watch",
    };
    static const char *const POINTS[] = {
        [SIM_CRASH_BEFORE_SEND] = " before-send",
        [SIM_CRASH_AFTER_COMMIT] = " committed-before-answer",
        [SIM_CRASH_AFTER_ANSWER] = " after-answer",
        [SIM_CRASH_LATE_COMMIT] = " committed-late",
    };
    buf_append_text(out, KINDS[fault->kind]);
    if (fault->kind == SIM_FAULT_CRASH || fault->kind == SIM_FAULT_TIME_OUT)
        buf_append_text(out, POINTS[fault->point]);
    else if (fault->kind == SIM_FAULT_ANSWER)
        buf_printf(out, " %d", fault->status);
    else if (fault->kind == SIM_FAULT_STALE_WATCH)
        buf_printf(out, " %" PRId64 "ms", fault->hold_ms);
    else if (fault->kind == SIM_FAULT_STALE_READ || fault->kind == SIM_FAULT_LAG_WATCH)
        buf_printf(out, " by %u events", fault->events);
    else if (fault->kind == SIM_FAULT_SECOND)
        buf_printf(out, ", the %s stays", fault->first_stays ? "first" : "second");
}
