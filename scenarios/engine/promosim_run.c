#include "controller/base/mem.h"
#include "scenarios/engine/options.h"
#include "scenarios/engine/promosim.h"
#include "scenarios/engine/report.h"
#include "scenarios/engine/scenario_walk.h"
#include "scenarios/engine/sweep.h"
#include "scenarios/engine/sweep_jobs.h"

#define TRACE_BYTES_MAX (1u << 30)
#define ERRORS_BYTES_MAX (1u << 20)

struct run_flags {
    struct option_seed seed, from;
    const char *trace;
    const char *crash;
    const char *fault;
    unsigned jobs, seeds;
    bool list, quiet, timeline, help;
};

static const struct option run_flags_table[] = {
    {"--seed", NULL, "N", OPTION_SEED, offsetof(struct run_flags, seed),
     "in the place of the scenarios' own seed"},
    {"--seeds", NULL, "N", OPTION_COUNT, offsetof(struct run_flags, seeds),
     "that many seeds, one run each that rests an hour at most; tells what fails"},
    {"--from", NULL, "S", OPTION_SEED, offsetof(struct run_flags, from),
     "the first of them; 1"},
    {"--trace", NULL, "FILE", OPTION_TEXT, offsetof(struct run_flags, trace),
     "write every decision, request, delivery and deployment there"},
    {"--crash", NULL, "POINT:N", OPTION_TEXT, offsetof(struct run_flags, crash),
     "restart the controller at a point, such as after-commit:3"},
    {"--fault", NULL, "KIND:N", OPTION_TEXT, offsetof(struct run_flags, fault),
     "disturb a request or a delivery, such as lose-answer:3"},
    {"--jobs", "-j", "N", OPTION_COUNT, offsetof(struct run_flags, jobs), "processes; 2"},
    {"--timeline", NULL, NULL, OPTION_FLAG, offsetof(struct run_flags, timeline),
     "print what happened to the promotions"},
    {"--list", NULL, NULL, OPTION_FLAG, offsetof(struct run_flags, list),
     "name the scenarios, play none"},
    {"--quiet", "-q", NULL, OPTION_FLAG, offsetof(struct run_flags, quiet),
     "only what failed, and the sum"},
    {"--help", "-h", NULL, OPTION_FLAG, offsetof(struct run_flags, help), "this text"},
};

static void print_usage(FILE *out)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, ERRORS_BYTES_MAX);
    buf_append_text(&text, "usage: promosim run [FLAG]... PATH...\n\n"
                           "Plays scenario files; a directory means all *.yaml under it.\n\n");
    options_print(run_flags_table, ARRAY_COUNT(run_flags_table), &text);
    fwrite(text.data, 1, text.len, out);
}

static void print_list(const struct scenario_list *list, FILE *out)
{
    for (size_t i = 0; i < list->count; i++)
        fprintf(out, "%s: %.*s\n", list->items[i]->source.path, STR_ARGS(list->items[i]->name));
}

static int longest_name(const struct scenario_list *list)
{
    size_t longest = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i]->name.len > longest)
            longest = list->items[i]->name.len;
    }
    return (int)longest;
}

/* What is played, and how. */
struct session {
    const struct scenario_list *list;
    const struct run_flags *flags;
    struct sim_crash crash;
    struct sim_fault_once fault; /* nth 0: none */
    struct buf *trace; /* NULL: none is wanted */
};

static size_t seeds_each(const struct session *session)
{
    return session->flags->seeds > 0 ? session->flags->seeds : 1;
}

static const struct scenario *scenario_of(const struct session *session, size_t piece)
{
    return session->list->items[piece / seeds_each(session)];
}

static uint64_t seed_of(const struct session *session, size_t piece)
{
    const struct run_flags *flags = session->flags;
    if (flags->seeds > 0)
        return (flags->from.given ? flags->from.value : 1) + piece % flags->seeds;
    return flags->seed.given ? flags->seed.value : scenario_of(session, piece)->seed;
}

/* Twice, as the same seed must lead to the same trace; of many seeds each once. */
static enum report_verdict play(const struct session *session, size_t piece, struct buf *out)
{
    const struct scenario *scenario = scenario_of(session, piece);
    const struct run_flags *flags = session->flags;
    uint64_t seed = seed_of(session, piece);
    struct sim_fault_once fault = session->fault;
    struct sim_fault_hook hook = {.ctx = &fault, .strikes = sim_fault_once_strikes};
    struct run_options options = {
        .seed = seed,
        .crash = session->crash,
        .faults = fault.nth > 0 ? &hook : NULL,
        .undisturbed = fault.nth > 0 || session->crash.point != SIM_CRASH_NONE,
        .quiesce_max_ms = flags->seeds > 0 ? SWEEP_QUIET_MS : 0,
        .lost_keys = true,
    };
    struct run_result first;
    struct run_result second = {0};
    struct errmsg msg = {{0}};
    struct report_entry entry = {
        .scenario = scenario, .result = &first, .seed = seed, .crash = session->crash,
        .fault = flags->fault};
    options.trace = session->trace;
    int64_t started_us = report_wall_us();
    if (scenario_run(scenario, &options, &first, &msg) != ERR_NONE)
        entry.error = msg.text;
    entry.wall_us = report_wall_us() - started_us;
    options.trace = NULL;
    if (flags->seeds > 0)
        second.trace_hash = first.trace_hash;
    else if (entry.error == NULL && scenario_run(scenario, &options, &second, &msg) != ERR_NONE)
        entry.error = msg.text;
    entry.second_hash = second.trace_hash;
    enum report_verdict verdict = report_entry_print(&entry, longest_name(session->list),
                                                     flags->quiet || flags->seeds > 0, out);
    if (flags->timeline && first.timeline != NULL)
        buf_append_text(out, first.timeline);
    run_result_release(&first);
    run_result_release(&second);
    return verdict;
}

/* One after the other, in this process: traces are too long to send from another. */
static void play_here(struct session *session, struct report *report, FILE *out)
{
    for (size_t i = 0; i < session->list->count; i++) {
        CLEANUP(buf_release) struct buf text;
        buf_init(&text, SWEEP_REPORT_BYTES_MAX);
        buf_printf(session->trace, "# %s\n", session->list->items[i]->source.path);
        report_count(report, play(session, i, &text));
        fwrite(text.data, 1, text.len, out);
    }
}

/* A process for each: the report's first byte is the verdict. */
static void walk(void *ctx, struct sweep_worker *worker)
{
    const struct session *session = ctx;
    for (size_t i = 0; i < session->list->count * seeds_each(session); i++) {
        if (!sweep_branch(worker, i))
            continue;
        struct buf text;
        buf_init(&text, SWEEP_REPORT_BYTES_MAX);
        buf_append_char(&text, ' ');
        text.data[0] = (char)('0' + (int)play(session, i, &text));
        sweep_branch_end(worker, &text);
    }
}

/* Prints what a process reported and frees it. */
static enum report_verdict take_report(const struct session *session, size_t piece, char *text,
                                       FILE *out)
{
    enum report_verdict verdict = REPORT_DIED;
    if (text != NULL && text[0] >= '0' + REPORT_PASSED && text[0] < '0' + REPORT_DIED) {
        verdict = (enum report_verdict)(text[0] - '0');
        fputs(text + 1, out);
    } else {
        fprintf(out, "FAIL  %.*s\n%s", STR_ARGS(scenario_of(session, piece)->name),
                text != NULL ? text : "");
    }
    mem_free(text);
    return verdict;
}

static void print_seeds(const struct session *session, size_t piece, unsigned failed, FILE *out)
{
    const struct scenario *scenario = scenario_of(session, piece);
    if (session->flags->seeds > 0 && (failed > 0 || !session->flags->quiet))
        fprintf(out, "%s  %-*.*s  %u of %u seeds failed\n", failed > 0 ? "FAIL" : "PASS",
                longest_name(session->list), STR_ARGS(scenario->name), failed,
                session->flags->seeds);
}

static void play_apart(struct session *session, struct report *report, FILE *out)
{
    size_t each = seeds_each(session);
    size_t count = session->list->count * each;
    unsigned failed_before = 0;
    char **texts = mem_alloc_array(count + 1, sizeof(*texts));
    sweep_jobs_run(session->flags->jobs, count, walk, session, texts);
    for (size_t i = 0; i < count; i++) {
        report_count(report, take_report(session, i, texts[i], out));
        if (i % each != each - 1)
            continue;
        print_seeds(session, i, report->failed - failed_before, out);
        failed_before = report->failed;
    }
    mem_free(texts);
}

static bool write_trace(const char *path, struct str text, FILE *errors)
{
    FILE *file = fopen(path, "wb");
    bool written = file != NULL && fwrite(text.data, 1, text.len, file) == text.len;
    if (file != NULL)
        written = fclose(file) == 0 && written;
    if (!written)
        fprintf(errors, "promosim run: %s cannot be written\n", path);
    return written;
}

static int run_session(struct session *session, FILE *out, FILE *errors)
{
    const char *trace_path = session->flags->trace;
    struct report report = {0};
    CLEANUP(buf_release) struct buf trace;
    buf_init(&trace, TRACE_BYTES_MAX);
    if (trace_path != NULL) {
        session->trace = &trace;
        play_here(session, &report, out);
    } else {
        play_apart(session, &report, out);
    }
    fprintf(out, "%u passed, %u failed\n", report.passed, report.failed);
    if (trace_path != NULL && !write_trace(trace_path, buf_str(&trace), errors))
        return PROMOSIM_IO;
    return report_exit_code(&report);
}

static int run_list(const struct scenario_list *list, const struct run_flags *flags, FILE *out,
                    FILE *errors)
{
    struct session session = {.list = list, .flags = flags};
    if (flags->seeds > 0 && (flags->seed.given || flags->trace != NULL)) {
        fprintf(errors, "promosim run: found --seeds and %s, expected one of them\n",
                flags->seed.given ? "--seed" : "--trace");
        return PROMOSIM_INVALID;
    }
    if (flags->from.given && flags->seeds == 0) {
        fprintf(errors, "promosim run: found --from without --seeds\n");
        return PROMOSIM_INVALID;
    }
    if (flags->crash != NULL && !sim_crash_parse(str_from(flags->crash), &session.crash)) {
        fprintf(errors,
                "promosim run: --crash: found \"%s\", expected a point such as "
                "after-commit:3\n",
                flags->crash);
        return PROMOSIM_INVALID;
    }
    if (flags->fault != NULL && !sim_fault_parse(str_from(flags->fault), &session.fault.fault,
                                                 &session.fault.nth)) {
        fprintf(errors,
                "promosim run: --fault: found \"%s\", expected a fault such as "
                "lose-answer:3\n",
                flags->fault);
        return PROMOSIM_INVALID;
    }
    return run_session(&session, out, errors);
}

static int run_operands(const struct operands *operands, const struct run_flags *flags, FILE *out,
                        FILE *errors)
{
    struct scenario_list list;
    CLEANUP(buf_release) struct buf wrong;
    int code = PROMOSIM_OK;
    buf_init(&wrong, ERRORS_BYTES_MAX);
    scenario_list_load(operands->items, operands->count, &list, &wrong);
    if (list.invalid > 0) {
        fwrite(wrong.data, 1, wrong.len, errors);
        code = PROMOSIM_INVALID;
    } else if (flags->list) {
        print_list(&list, out);
    } else {
        code = run_list(&list, flags, out, errors);
    }
    scenario_list_release(&list);
    return code;
}

int promosim_run(int argc, char **argv, FILE *out, FILE *errors)
{
    struct run_flags flags = {0};
    struct operands operands;
    struct errmsg msg = {{0}};
    int code = PROMOSIM_INVALID;
    if (options_parse(argc, argv, run_flags_table, ARRAY_COUNT(run_flags_table), &flags, &operands,
                      &msg) != ERR_NONE) {
        fprintf(errors, "promosim run: %s\n", msg.text);
        return PROMOSIM_INVALID;
    }
    if (flags.help) {
        print_usage(out);
        code = PROMOSIM_OK;
    } else if (operands.count == 0) {
        fprintf(errors,
                "promosim run: found no PATH, expected a scenario or a directory of them\n");
    } else {
        code = run_operands(&operands, &flags, out, errors);
    }
    operands_release(&operands);
    return code;
}
