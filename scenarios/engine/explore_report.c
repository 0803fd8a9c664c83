#include "scenarios/engine/explore_report.h"

#include "controller/base/ktime.h"

#define SHOWN_EVENTS 12u
#define SHOWN_TURNS 8u
#define LINES_MAX 64u

/* The last lines of a text that are wanted. */
struct tail {
    struct str lines[LINES_MAX];
    size_t first, count;
};

static void tail_add(struct tail *tail, size_t count_max, struct str line)
{
    tail->lines[(tail->first + tail->count) % LINES_MAX] = line;
    if (tail->count < count_max)
        tail->count++;
    else
        tail->first = (tail->first + 1) % LINES_MAX;
}

static void tail_print(const struct tail *tail, const char *heading, struct buf *out)
{
    if (tail->count > 0)
        buf_printf(out, "  %s\n", heading);
    for (size_t i = 0; i < tail->count; i++)
        buf_printf(out, "    %.*s\n",
                   STR_ARGS(str_trim(tail->lines[(tail->first + i) % LINES_MAX])));
}

/* "+    90.250s  actor ..." of a trace. */
static bool line_time_ms(struct str line, int64_t *ret_ms)
{
    uint64_t seconds = 0;
    uint64_t ms = 0;
    size_t dot = str_find(line, '.', 0);
    if (!str_starts_with(line, STR("+")) ||
        !str_to_u64(str_trim(str_slice(line, 1, dot)), &seconds) ||
        !str_to_u64(str_slice(line, dot + 1, dot + 4), &ms))
        return false;
    *ret_ms = (int64_t)(seconds * 1000 + ms);
    return true;
}

/* Writes about the object, and what struck or restarted the controller. */
static bool line_is_related(struct str line, struct str name)
{
    return str_contains(line, STR("  fault ")) || str_contains(line, STR("restarts")) ||
           (str_contains(line, STR(" * rv=")) && str_contains(line, name));
}

static struct str object_name(const struct failure *failure)
{
    struct str rest = str_from(failure->object);
    struct str name = rest;
    while (rest.data != NULL)
        name = str_split_next(&rest, '/');
    return name;
}

static void print_events(const struct failure *failure, struct str trace, struct buf *out)
{
    struct tail tail = {.count = 0};
    int64_t at_ms = 0;
    for (struct str rest = trace; !str_is_empty(rest);) {
        struct str line = str_split_next(&rest, '\n');
        if (line_time_ms(line, &at_ms) && at_ms > failure->at_ms)
            break;
        if (line_is_related(line, object_name(failure)))
            tail_add(&tail, SHOWN_EVENTS, line);
    }
    tail_print(&tail, "the last events that have to do with it:", out);
}

static void print_turns(struct str timeline, struct buf *out)
{
    struct tail tail = {.count = 0};
    for (struct str rest = timeline; !str_is_empty(rest);)
        tail_add(&tail, SHOWN_TURNS, str_split_next(&rest, '\n'));
    tail_print(&tail, "the last turns of the story:", out);
}

static void print_failure(const struct failure *failure, struct buf *out)
{
    buf_printf(out, "  %s\n    promised: %.*s\n    found: %.*s\n", failure->title,
               STR_ARGS(str_trim(str_from(failure->expected))),
               STR_ARGS(str_trim(str_from(failure->actual))));
}

/* What users did before all was put right, as it stands in the story. */
static void print_actions(struct str story, struct buf *out)
{
    bool in_script = false;
    buf_append_text(out, "  what was done to it:\n");
    for (struct str rest = story; !str_is_empty(rest);) {
        struct str line = str_split_next(&rest, '\n');
        if (!str_starts_with(line, STR(" ")))
            in_script = str_is(line, "script:") || str_is(line, "faults:");
        else if (in_script && (str_contains(line, STR("ms, ")) || str_contains(line, STR("do: "))))
            buf_printf(out, "  %.*s\n", STR_ARGS(line));
    }
    buf_printf(out, "    at +%us all is put right\n", EXPLORE_HEAL_S);
}

static void print_strikes(struct str trace, struct buf *out)
{
    struct tail tail = {.count = 0};
    for (struct str rest = trace; !str_is_empty(rest);) {
        struct str line = str_split_next(&rest, '\n');
        if (str_contains(line, STR("  fault ")))
            tail_add(&tail, LINES_MAX, line);
    }
    tail_print(&tail, "what struck:", out);
}

void explore_report(const struct exploration *exploration, const struct run_result *result,
                    struct str trace, struct buf *out)
{
    if (result->failures.total == 0)
        return;
    buf_printf(out, "FAIL seed %" PRIu64 ": %s\n", exploration->seed,
               result->failures.items[0].title);
    buf_append(out, buf_str(&exploration->options));
    for (size_t i = 0; i < result->failures.count; i++)
        print_failure(&result->failures.items[i], out);
    print_actions(buf_str(&exploration->story), out);
    print_strikes(trace, out);
    if (result->failures.items[0].object != NULL)
        print_events(&result->failures.items[0], trace, out);
    print_turns(str_from(result->timeline), out);
    buf_printf(out, "  replay: promosim explore --seed %" PRIu64 " --timeline --trace trace.txt\n",
               exploration->seed);
}
