#include "controller/base/mem.h"
#include "scenarios/engine/options.h"
#include "scenarios/engine/promosim.h"
#include "scenarios/engine/run.h"
#include "scenarios/engine/scenario_walk.h"
#include "scenarios/engine/sweep.h"

#define ERRORS_BYTES_MAX (1u << 20)

struct sweep_flags {
    struct option_seed seed;
    unsigned jobs, points;
    bool faults, help;
};

static const struct option sweep_flags_table[] = {
    {"--seed", NULL, "N", OPTION_SEED, offsetof(struct sweep_flags, seed),
     "in the place of the scenarios' own seed"},
    {"--jobs", "-j", "N", OPTION_COUNT, offsetof(struct sweep_flags, jobs), "processes; 2"},
    {"--points", NULL, "N", OPTION_COUNT, offsetof(struct sweep_flags, points),
     "at most so many per scenario, spread evenly; all"},
    {"--faults", NULL, NULL, OPTION_FLAG, offsetof(struct sweep_flags, faults),
     "each fault of the transport instead of crashes"},
    {"--help", "-h", NULL, OPTION_FLAG, offsetof(struct sweep_flags, help), "this text"},
};

static void print_usage(FILE *out)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, ERRORS_BYTES_MAX);
    buf_append_text(&text, "usage: promosim sweep [FLAG]... PATH...\n\n"
                           "Restarts the controller at every point of every scenario, or disturbs "
                           "every\nrequest and delivery, and compares with the undisturbed "
                           "run.\n\n");
    options_print(sweep_flags_table, ARRAY_COUNT(sweep_flags_table), &text);
    fwrite(text.data, 1, text.len, out);
}

/* One scenario with its seed: what a story's ctx points to. */
struct sweep_subject {
    const struct scenario *scenario;
    uint64_t seed;
    int64_t quiet_ms;
};

static enum err play(void *ctx, const struct sweep_disturbance *disturbance, struct sim **ret_sim,
                     struct errmsg *msg)
{
    const struct sweep_subject *subject = ctx;
    struct run_options options = {.seed = subject->seed,
                                  .crash = disturbance->crash,
                                  .faults = disturbance->faults,
                                  .undisturbed = true,
                                  .quiesce_max_ms = subject->quiet_ms};
    return scenario_play(subject->scenario, &options, ret_sim, msg);
}

static int sweep_list(const struct scenario_list *list, const struct sweep_flags *flags, FILE *out)
{
    struct sweep_story *stories = mem_alloc_array(list->count + 1, sizeof(*stories));
    struct sweep_subject *subjects = mem_alloc_array(list->count + 1, sizeof(*subjects));
    char **names = mem_alloc_array(list->count + 1, sizeof(*names));
    struct sweep_options options = {.jobs = flags->jobs,
                                    .points_max = flags->points,
                                    .faults = flags->faults,
                                    .out = out};
    int64_t quiet_ms = flags->faults ? SWEEP_FAULTS_QUIET_MS : SWEEP_QUIET_MS;
    struct sweep_result result = {0};
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct scenario *scenario = list->items[i];
        uint64_t seed = flags->seed.given ? flags->seed.value : scenario->seed;
        struct str left_out = flags->faults && str_is_empty(scenario->not_swept)
                                  ? scenario->not_disturbed
                                  : scenario->not_swept;
        if (!str_is_empty(left_out)) {
            fprintf(out, "LEFT OUT %.*s: %.*s\n", STR_ARGS(scenario->name), STR_ARGS(left_out));
            continue;
        }
        names[count] = str_dup(scenario->name);
        subjects[count] = (struct sweep_subject){scenario, seed, quiet_ms};
        stories[count] = (struct sweep_story){.name = names[count],
                                              .path = scenario->source.path,
                                              .seed = seed,
                                              .ctx = &subjects[count],
                                              .play = play};
        count++;
    }
    sweep_run(stories, count, &options, &result);
    for (size_t i = 0; i < count; i++)
        mem_free(names[i]);
    mem_free(names);
    mem_free(subjects);
    mem_free(stories);
    return result.differences + result.failed_stories > 0 ? PROMOSIM_FAILED : PROMOSIM_OK;
}

static int sweep_operands(const struct operands *operands, const struct sweep_flags *flags,
                          FILE *out, FILE *errors)
{
    struct scenario_list list;
    CLEANUP(buf_release) struct buf wrong;
    int code = PROMOSIM_INVALID;
    buf_init(&wrong, ERRORS_BYTES_MAX);
    scenario_list_load(operands->items, operands->count, &list, &wrong);
    if (list.invalid > 0)
        fwrite(wrong.data, 1, wrong.len, errors);
    else
        code = sweep_list(&list, flags, out);
    scenario_list_release(&list);
    return code;
}

int promosim_sweep(int argc, char **argv, FILE *out, FILE *errors)
{
    struct sweep_flags flags = {0};
    struct operands operands;
    struct errmsg msg = {{0}};
    int code = PROMOSIM_INVALID;
    if (options_parse(argc, argv, sweep_flags_table, ARRAY_COUNT(sweep_flags_table), &flags,
                      &operands, &msg) != ERR_NONE) {
        fprintf(errors, "promosim sweep: %s\n", msg.text);
        return PROMOSIM_INVALID;
    }
    if (flags.help) {
        print_usage(out);
        code = PROMOSIM_OK;
    } else if (operands.count == 0) {
        fprintf(errors,
                "promosim sweep: found no PATH, expected a scenario or a directory of them\n");
    } else {
        code = sweep_operands(&operands, &flags, out, errors);
    }
    operands_release(&operands);
    return code;
}
