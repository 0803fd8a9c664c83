/*
 * Evaluates one promotion window at COUNT instants of a year, for valgrind to count:
 *   bench_window FROM TO COUNT
 * parse() reads the two expressions, as is done once per look at a promotion; window_at() is
 * the evaluation.
 */
#include "controller/core/window.h"
#include "scenarios/engine/zoneinfo.h"

#define YEAR_BEGIN_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define STEP_MS INT64_C(314159265) /* 3.6 days and some: all hours and weekdays come about */

__attribute__((noinline)) static enum err parse(char **argv, struct window *ret_window,
                                                struct errmsg *msg)
{
    struct zone_source zones = zoneinfo_source();
    return window_parse(str_from(argv[1]), str_from(argv[2]), &zones, ret_window, msg);
}

/* Decimal digits; anything else is 0. */
static unsigned count_of(const char *text)
{
    unsigned count = 0;
    for (const char *c = text; *c >= '0' && *c <= '9' && count < 100000; c++)
        count = count * 10 + (unsigned)(*c - '0');
    return count;
}

int main(int argc, char **argv)
{
    unsigned open = 0;
    unsigned count = argc == 4 ? count_of(argv[3]) : 0;
    for (unsigned i = 0; i < count; i++) {
        struct window window;
        struct window_state state;
        struct errmsg msg;
        if (parse(argv, &window, &msg) != ERR_NONE ||
            window_at(&window, YEAR_BEGIN_MS + i * STEP_MS, &state, &msg) != ERR_NONE) {
            fprintf(stderr, "bench_window: %s\n", msg.text);
            return 1;
        }
        open += state.is_open ? 1 : 0;
        window_release(&window);
    }
    return count > 0 && open <= count ? 0 : 2;
}
