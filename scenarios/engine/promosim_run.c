#include "scenarios/engine/options.h"
#include "scenarios/engine/promosim.h"
#include "scenarios/engine/report.h"
#include "scenarios/engine/scenario_walk.h"

#define TRACE_BYTES_MAX (1u << 30)
#define ERRORS_BYTES_MAX (1u << 20)

struct run_flags {
    struct option_seed seed;
    const char *trace;
    const char *crash;
    bool list, quiet, timeline, help;
};

static const struct option run_flags_table[] = {
    {"--seed", NULL, "N", OPTION_SEED, offsetof(struct run_flags, seed),
     "in the place of the scenarios' own seed"},
    {"--trace", NULL, "FILE", OPTION_TEXT, offsetof(struct run_flags, trace),
     "write every request, delivery and deployment there"},
    {"--crash", NULL, "POINT:N", OPTION_TEXT, offsetof(struct run_flags, crash),
     "restart the controller at a point, such as after-commit:3"},
    {"--timeline", NULL, NULL, OPTION_FLAG, offsetof(struct run_flags, timeline),
     "print what happened to the promotions"},
    {"--list", NULL, NULL, OPTION_FLAG, offsetof(struct run_flags, list),
     "name the scenarios, play none"},
    {"--quiet", NULL, NULL, OPTION_FLAG, offsetof(struct run_flags, quiet),
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

/* Twice, as the same seed must lead to the same trace. */
static void play(const struct scenario *scenario, const struct run_options *options,
                 bool with_timeline, struct report *report)
{
    struct run_result first;
    struct run_result second;
    struct errmsg msg = {{0}};
    struct run_options again = *options;
    struct report_entry entry = {.scenario = scenario, .result = &first, .seed = options->seed};
    int64_t started_us = report_wall_us();
    again.trace = NULL;
    entry.crash = options->crash;
    if (scenario_run(scenario, options, &first, &msg) != ERR_NONE)
        entry.error = msg.text;
    entry.wall_us = report_wall_us() - started_us;
    if (entry.error == NULL && scenario_run(scenario, &again, &second, &msg) != ERR_NONE)
        entry.error = msg.text;
    if (entry.error == NULL) {
        entry.second_hash = second.trace_hash;
        run_result_release(&second);
    }
    report_entry_print(report, &entry);
    if (with_timeline && first.timeline != NULL)
        fputs(first.timeline, report->out);
    run_result_release(&first);
}

static void play_all(const struct scenario_list *list, const struct run_flags *flags,
                     struct sim_crash crash, struct buf *trace, struct report *report)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct scenario *scenario = list->items[i];
        struct run_options options = {
            .seed = flags->seed.given ? flags->seed.value : scenario->seed,
            .crash = crash,
            .trace = trace,
        };
        if (trace != NULL)
            buf_printf(trace, "# %s, seed %" PRIu64 "\n", scenario->source.path, options.seed);
        play(scenario, &options, flags->timeline, report);
    }
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

static int run_list(const struct scenario_list *list, const struct run_flags *flags, FILE *out,
                    FILE *errors)
{
    CLEANUP(buf_release) struct buf trace;
    struct report report = {.out = out, .quiet = flags->quiet, .name_width = longest_name(list)};
    struct sim_crash crash = {.point = SIM_CRASH_NONE};
    buf_init(&trace, TRACE_BYTES_MAX);
    if (flags->crash != NULL && !sim_crash_parse(str_from(flags->crash), &crash)) {
        fprintf(errors, "promosim run: --crash: found \"%s\", expected a point such as "
                        "after-commit:3\n",
                flags->crash);
        return PROMOSIM_INVALID;
    }
    play_all(list, flags, crash, flags->trace != NULL ? &trace : NULL, &report);
    report_summary(&report);
    if (flags->trace != NULL && !write_trace(flags->trace, buf_str(&trace), errors))
        return PROMOSIM_IO;
    return report_exit_code(&report);
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
