/* First, as base.h forbids some of its names. */
#include <time.h>

#include "scenarios/engine/report.h"

#include "controller/base/ktime.h"
#include "scenarios/engine/diff.h"

#define DIFF_BYTES_MAX (1u << 19)
#define INDENT "      "

int64_t report_wall_us(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void print_headline(const struct report_entry *entry, int name_width, bool passed,
                           struct buf *out)
{
    const struct run_result *result = entry->result;
    CLEANUP(buf_release) struct buf duration;
    buf_init(&duration, 64);
    duration_print(result->virtual_ms * 1000000, &duration);
    buf_printf(out, "%s  %-*.*s", passed ? "PASS" : "FAIL", name_width,
               STR_ARGS(entry->scenario->name));
    buf_printf(out, "  virtual %12.*s  wall %7.1f ms", STR_ARGS(buf_str(&duration)),
               (double)entry->wall_us / 1000.0);
    buf_printf(out, "  writes %3u  requests %4u  trace %016" PRIx64 "\n", result->writes,
               result->requests, result->trace_hash);
}

/* Each line of a text, behind an indentation. */
static void print_indented(struct str text, struct buf *out)
{
    for (struct str rest = text; !str_is_empty(rest);) {
        struct str line = str_split_next(&rest, '\n');
        buf_printf(out, INDENT "%.*s\n", STR_ARGS(line));
    }
}

static void print_failure(const struct report_entry *entry, const struct failure *failure,
                          struct buf *out)
{
    CLEANUP(buf_release) struct buf diff;
    buf_init(&diff, DIFF_BYTES_MAX);
    buf_append_text(out, INDENT);
    if (failure->mark.line != 0)
        buf_printf(out, "%s:%u:%u: ", entry->scenario->source.path, failure->mark.line,
                   failure->mark.column);
    buf_printf(out, "%s\n", failure->title);
    diff_unified(str_from(failure->expected), str_from(failure->actual), &diff);
    print_indented(buf_str(&diff), out);
}

static void print_reproduction(const struct report_entry *entry, struct buf *out)
{
    buf_printf(out, INDENT "reproduce: promosim run --seed %" PRIu64, entry->seed);
    if (entry->crash.point != SIM_CRASH_NONE) {
        buf_append_text(out, " --crash ");
        sim_crash_print(entry->crash, out);
    }
    if (entry->fault != NULL)
        buf_printf(out, " --fault %s", entry->fault);
    buf_printf(out, " --trace trace.txt %s\n", entry->scenario->source.path);
}

static void print_failures(const struct report_entry *entry, bool unstable, struct buf *out)
{
    const struct failures *failures = &entry->result->failures;
    for (size_t i = 0; i < failures->count; i++)
        print_failure(entry, &failures->items[i], out);
    if (failures->total > failures->count)
        buf_printf(out, INDENT "... and %zu more\n", failures->total - failures->count);
    if (entry->error != NULL)
        buf_printf(out, INDENT "%s\n", entry->error);
    if (unstable)
        buf_printf(out, INDENT "D1: a second run of the same seed has the trace %016" PRIx64 "\n",
                   entry->second_hash);
    print_reproduction(entry, out);
}

static enum report_verdict verdict_of(const struct report_entry *entry)
{
    if (entry->error != NULL)
        return REPORT_INVALID;
    if (entry->second_hash != entry->result->trace_hash)
        return REPORT_UNSTABLE;
    return entry->result->failures.total > 0 ? REPORT_FAILED : REPORT_PASSED;
}

enum report_verdict report_entry_print(const struct report_entry *entry, int name_width,
                                       bool quiet, struct buf *out)
{
    enum report_verdict verdict = verdict_of(entry);
    bool passed = verdict == REPORT_PASSED;
    if (passed && quiet)
        return verdict;
    print_headline(entry, name_width, passed, out);
    if (!passed)
        print_failures(entry, verdict == REPORT_UNSTABLE, out);
    return verdict;
}

void report_count(struct report *report, enum report_verdict verdict)
{
    report->passed += verdict == REPORT_PASSED ? 1 : 0;
    report->failed += verdict != REPORT_PASSED ? 1 : 0;
    report->invalid += verdict == REPORT_INVALID ? 1 : 0;
    report->unstable += verdict == REPORT_UNSTABLE ? 1 : 0;
    report->died += verdict == REPORT_DIED ? 1 : 0;
}

int report_exit_code(const struct report *report)
{
    if (report->died > 0)
        return 70;
    if (report->invalid > 0)
        return 2;
    if (report->unstable > 0)
        return 3;
    return report->failed > 0 ? 1 : 0;
}
