#include "scenarios/engine/explore_run.h"

#include "controller/base/mem.h"
#include "scenarios/engine/explore_report.h"

#define TRACE_BYTES_MAX (1u << 30)
/* Four gates of 90 minutes, the longest way to a window, and room for a weekend's. */
#define REST_LIMIT_MS (INT64_C(8) * 24 * 3600 * 1000)

static enum err story_run(struct str story, uint64_t seed, const struct explore_options *options,
                           struct run_result *ret_result, struct errmsg *msg)
{
    struct scenario *scenario = NULL;
    struct run_options run = {.seed = seed, .lost_keys = true, .rest_limit_ms = REST_LIMIT_MS,
                              .trace = options->trace};
    enum err err = scenario_parse(story, "explored.yaml", &scenario, msg);
    if (err != ERR_NONE)
        return err;
    scenario->catalogue = options->catalogue;
    err = scenario_run(scenario, &run, ret_result, msg);
    if (err != ERR_NONE)
        run_result_release(ret_result);
    scenario_free(scenario);
    return err;
}

/* Once more, with a trace, which is the same but for its costs. */
static void tell_failure(const struct exploration *exploration,
                         const struct explore_options *options, struct buf *out)
{
    struct run_result result;
    CLEANUP(buf_release) struct buf trace;
    buf_init(&trace, TRACE_BYTES_MAX);
    struct explore_options again = *options;
    again.trace = &trace;
    if (story_run(buf_str(&exploration->story), exploration->seed, &again, &result,
                          NULL) != ERR_NONE)
        return;
    explore_report(exploration, &result, buf_str(&trace), out);
    if (options->trace != NULL)
        buf_append(options->trace, buf_str(&trace));
    run_result_release(&result);
}

static enum report_verdict judge_again(const struct exploration *exploration,
                                       const struct explore_options *options, uint64_t hash,
                                       struct buf *out)
{
    struct run_result second;
    struct errmsg msg = {{0}};
    struct explore_options quiet = {.catalogue = options->catalogue};
    if (!options->twice || story_run(buf_str(&exploration->story), exploration->seed,
                                             &quiet, &second, &msg) != ERR_NONE)
        return REPORT_PASSED;
    bool same = second.trace_hash == hash;
    if (!same)
        buf_printf(out,
                   "FAIL seed %" PRIu64 ": D1: expected the trace %016" PRIx64
                   " again, found %016" PRIx64 "\n",
                   exploration->seed, hash, second.trace_hash);
    run_result_release(&second);
    return same ? REPORT_PASSED : REPORT_UNSTABLE;
}

static enum report_verdict explore_drawn(const struct exploration *exploration,
                                         const struct explore_options *options, uint64_t *ret_hash,
                                         struct buf *out)
{
    struct run_result result;
    struct errmsg msg = {{0}};
    struct explore_options first = {.catalogue = options->catalogue};
    if (story_run(buf_str(&exploration->story), exploration->seed, &first, &result, &msg) !=
        ERR_NONE) {
        buf_printf(out, "FAIL seed %" PRIu64 ": no scenario was drawn: %s\n", exploration->seed,
                   msg.text);
        return REPORT_INVALID;
    }
    enum report_verdict verdict =
        judge_again(exploration, options, result.trace_hash, out);
    *ret_hash = result.trace_hash;
    if (options->timeline && result.timeline != NULL)
        buf_append_text(out, result.timeline);
    if (result.failures.total > 0)
        verdict = REPORT_FAILED;
    run_result_release(&result);
    if (verdict == REPORT_FAILED || options->trace != NULL)
        tell_failure(exploration, options, out);
    return verdict;
}

enum report_verdict explore_seed(uint64_t seed, const struct explore_options *options,
                                 uint64_t *ret_hash, struct buf *out)
{
    struct exploration exploration;
    explore_draw(seed, &exploration);
    enum report_verdict verdict = explore_drawn(&exploration, options, ret_hash, out);
    exploration_release(&exploration);
    return verdict;
}

bool explore_story_breaks(struct str story, uint64_t seed, const struct explore_options *options,
                          char *ret_invariant, size_t bytes)
{
    struct run_result result;
    struct explore_options quiet = {.catalogue = options->catalogue};
    if (story_run(story, seed, &quiet, &result, NULL) != ERR_NONE)
        return false;
    bool breaks = result.failures.total > 0;
    if (breaks) {
        struct str title = str_from(result.failures.items[0].title);
        struct str invariant = str_slice(title, 0, str_find(title, ' ', 0));
        snprintf(ret_invariant, bytes, "%.*s", STR_ARGS(invariant));
    }
    run_result_release(&result);
    return breaks;
}
