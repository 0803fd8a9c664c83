#include "scenarios/engine/run.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/event_list.h"
#include "scenarios/engine/timeline.h"

#define TIMELINE_BYTES_MAX (64u << 20)

/* A scenario under way. */
struct play {
    const struct scenario *scenario;
    const struct run_options *options;
    struct sim *sim;
    struct script_run script;
    struct sim_fault_hook hook;
    unsigned *fault_seen;  /* how many passages each fault was asked for; owned */
    bool *fault_struck;    /* owned */
    size_t *cursors;       /* into the audit log, one for each clause; owned */
    bool *met;             /* which `eventually` came true; owned */
    size_t audit_cursor;
    int64_t last_write_ms; /* by the controller, with an effect; since the start */
};

static enum err create_objects(const struct scenario *scenario, struct sim *sim,
                               struct errmsg *msg)
{
    enum err err = fleet_create(&scenario->fleet, sim, msg);
    for (size_t i = 0; i < scenario->given_count && err == ERR_NONE; i++)
        err = manifest_create(&scenario->given[i], sim, false, NULL, msg);
    return err;
}

static void on_controller_start(void *ctx)
{
    sim_start_controller(ctx);
}

static void start_controller(const struct scenario *scenario, struct sim *sim)
{
    if (scenario->controller_start_ms == 0)
        sim_start_controller(sim);
    else
        timers_add(sim_timers(sim), scenario->start_ms + scenario->controller_start_ms,
                   on_controller_start, sim);
}

enum err scenario_set_up(const struct scenario *scenario, const struct run_options *options,
                         struct sim **ret_sim, struct errmsg *msg)
{
    struct sim_config config = {
        .seed = options->seed,
        .catalogue = scenario->catalogue,
        .start_ms = scenario->start_ms,
        .rules = scenario->rules,
        .rule_count = scenario->rule_count,
        .latency_ms = scenario->latency_ms,
        .crash = options->crash,
        .faults = options->faults,
        .late_commit_ms = RUN_LATE_COMMIT_MS,
    };
    struct sim *sim = sim_create(&config);
    *ret_sim = sim;
    sim_trace_to(sim, options->trace);
    enum err err = create_objects(scenario, sim, msg);
    if (err != ERR_NONE)
        return err;
    sim_start_world(sim);
    start_controller(scenario, sim);
    return ERR_NONE;
}

static struct trial trial_of(const struct play *play)
{
    struct sim_counts counts = sim_counts(play->sim);
    return (struct trial){.api = sim_api(play->sim),
                          .start_ms = play->scenario->start_ms,
                          .end_ms = sim_now_ms(play->sim),
                          .writes = counts.writes,
                          .requests = counts.requests};
}

static void count_deployments(const struct world *world, struct trial *trial)
{
    for (size_t i = 0; i < world_deployment_count(world); i++) {
        if (world_deployment_at(world, i)->withdrawn)
            trial->withdrawals++;
        else
            trial->deployments++;
    }
}

/* Reads what is new in the audit log. */
static void play_observe(struct play *play)
{
    struct trial trial = trial_of(play);
    size_t count = fakeapi_audit_count(trial.api);
    for (; play->audit_cursor < count; play->audit_cursor++) {
        const struct fakeapi_audit *entry = fakeapi_audit_at(trial.api, play->audit_cursor);
        if (entry->changed && str_starts_with(entry->user_agent, STR(TRANSPORT_USER_AGENT)))
            play->last_write_ms = entry->at_ms - trial.start_ms;
    }
    for (size_t i = 0; i < play->scenario->expect.clause_count; i++) {
        const struct clause *clause = &play->scenario->expect.clauses[i];
        if (clause->kind == CLAUSE_EVENTUALLY && !play->met[i])
            play->met[i] = clause_is_met(clause, &trial, &play->cursors[i]);
    }
}

static int64_t latest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Until when, since the start, something is still to happen or to be looked at. */
static int64_t play_busy_until(const struct play *play)
{
    const struct scenario *scenario = play->scenario;
    const struct script *script = &scenario->script;
    int64_t until_ms = latest(script->end_ms, scenario->controller_start_ms);
    for (size_t i = 0; i < scenario->expect.clause_count; i++) {
        const struct clause *clause = &scenario->expect.clauses[i];
        until_ms = latest(until_ms, clause->after_ms);
        if (!play->met[i] && clause->before_ms != KTIME_NEVER)
            until_ms = latest(until_ms, clause->before_ms);
    }
    return until_ms;
}

static int64_t play_quiesce_ms(const struct play *play)
{
    int64_t wanted = play->scenario->expect.quiesce_ms;
    int64_t most = play->options->quiesce_max_ms;
    return most != 0 && most < wanted ? most : wanted;
}

static int64_t play_rest_from(const struct play *play)
{
    return latest(play_busy_until(play), play->last_write_ms);
}

static enum err play_step(struct play *play, int64_t until_ms, struct errmsg *msg)
{
    int64_t next_ms = timers_next_ms(sim_timers(play->sim));
    enum err err = sim_run_until(play->sim, next_ms < until_ms ? next_ms : until_ms, msg);
    if (err != ERR_NONE)
        return err;
    if (play->script.failure != ERR_NONE && msg != NULL)
        *msg = play->script.msg;
    play_observe(play);
    if (fakeapi_audit_count(sim_api(play->sim)) > RUN_REQUESTS_MAX)
        return err_set(msg, ERR_LIMIT, "livelock: more than %u requests by all clients",
                       RUN_REQUESTS_MAX);
    return play->script.failure;
}

static enum err play_until(struct play *play, int64_t end_ms, struct errmsg *msg)
{
    enum err err = ERR_NONE;
    while (err == ERR_NONE && sim_now_ms(play->sim) < end_ms)
        err = play_step(play, end_ms, msg);
    return err;
}

/* Instant by instant, as what happens decides how long it still takes. */
static enum err play_on(struct play *play, struct errmsg *msg)
{
    int64_t start_ms = play->scenario->start_ms;
    int64_t rest_limit_ms = play->options->rest_limit_ms;
    if (rest_limit_ms == 0)
        rest_limit_ms = RUN_REST_LIMIT_MS;
    int64_t limit_ms = start_ms + play_busy_until(play) + rest_limit_ms;
    int64_t quiesce_ms = play_quiesce_ms(play);
    enum err err = play_step(play, start_ms, msg);
    while (err == ERR_NONE) {
        int64_t end_ms = start_ms + play_rest_from(play) + quiesce_ms;
        if (sim_now_ms(play->sim) >= end_ms)
            return ERR_NONE;
        if (sim_now_ms(play->sim) >= limit_ms)
            return err_set(msg, ERR_LIMIT, "the controller is not at rest after %" PRId64 " days",
                           rest_limit_ms / (INT64_C(24) * 3600 * 1000));
        err = play_step(play, end_ms, msg);
    }
    return err;
}

/* The scenario's own faults in their order, then those of the caller. */
static bool play_strikes(void *ctx, const struct sim_passage *passage, struct sim_fault *ret_fault)
{
    struct play *play = ctx;
    const struct sim_fault_hook *other = play->options->faults;
    bool strikes = false;
    size_t count = play->options->undisturbed ? 0 : play->scenario->fault_count;
    for (size_t i = 0; i < count; i++) {
        const struct scenario_fault *fault = &play->scenario->faults[i];
        if (!scenario_fault_matches(fault, passage) || ++play->fault_seen[i] != fault->nth ||
            strikes)
            continue;
        play->fault_struck[i] = strikes = true;
        *ret_fault = fault->fault;
    }
    return strikes || (other != NULL && other->strikes(other->ctx, passage, ret_fault));
}

static void play_init(struct play *play, const struct scenario *scenario,
                      const struct run_options *options)
{
    size_t clause_count = scenario->expect.clause_count;
    *play = (struct play){.scenario = scenario, .options = options};
    play->hook = (struct sim_fault_hook){.ctx = play, .strikes = play_strikes};
    play->fault_seen = mem_alloc_array(scenario->fault_count + 1, sizeof(*play->fault_seen));
    play->fault_struck = mem_alloc_array(scenario->fault_count + 1, sizeof(*play->fault_struck));
    play->cursors = mem_alloc_array(clause_count + 1, sizeof(*play->cursors));
    play->met = mem_alloc_array(clause_count + 1, sizeof(*play->met));
}

/* Not the simulation: it is given away. */
static void play_release(struct play *play)
{
    script_run_release(&play->script);
    mem_free(play->fault_seen);
    mem_free(play->fault_struck);
    mem_free(play->cursors);
    mem_free(play->met);
}

/* A fault that never strikes shows nothing. */
static enum err play_check_faults(const struct play *play, struct errmsg *msg)
{
    const struct scenario *scenario = play->scenario;
    struct reader reader = {&scenario->source, &scenario->source.yaml.documents[0], msg};
    for (size_t i = 0; i < scenario->fault_count && scenario->strict; i++) {
        const struct scenario_fault *fault = &scenario->faults[i];
        const char *what =
            sim_fault_is_of_watch(fault->fault.kind) ? "deliveries" : "requests";
        if (play->fault_struck[i] || play->options->undisturbed)
            continue;
        if (play->fault_seen[i] >= fault->nth)
            return reader_fail(&reader, fault->node, ERR_INVALID,
                               "found another fault at the same place, expected one at a time");
        return reader_fail(&reader, fault->node, ERR_INVALID,
                           "found %u %s like this, expected at least %u", play->fault_seen[i],
                           what, fault->nth);
    }
    return ERR_NONE;
}

/* Plays to the end. The simulation is in play->sim, also after a failure; play_release follows.
 * It must not outlive `play`. */
static enum err play_run(struct play *play, const struct scenario *scenario,
                         const struct run_options *options, struct errmsg *msg)
{
    struct run_options hooked = *options;
    play_init(play, scenario, options);
    hooked.faults = &play->hook;
    enum err err = scenario_set_up(scenario, &hooked, &play->sim, msg);
    if (err != ERR_NONE)
        return err;
    script_start(&scenario->script, play->sim, scenario->start_ms, &play->script);
    if (options->stops)
        return play_until(play, scenario->start_ms + options->stop_ms, msg);
    err = play_on(play, msg);
    return err != ERR_NONE ? err : play_check_faults(play, msg);
}

enum err scenario_play(const struct scenario *scenario, const struct run_options *options,
                       struct sim **ret_sim, struct errmsg *msg)
{
    struct play play;
    enum err err = play_run(&play, scenario, options, msg);
    *ret_sim = play.sim;
    play_release(&play);
    return err;
}

static char *offset_text(int64_t offset_ms)
{
    struct buf text;
    buf_init(&text, 64);
    buf_append_char(&text, '+');
    duration_print(offset_ms * 1000000, &text);
    return buf_steal(&text);
}

static void violation_add(const struct violation *violation, int64_t start_ms,
                          struct failures *failures)
{
    CLEANUP(mem_free_pointer) char *offset = offset_text(violation->at_ms - start_ms);
    failures_add(failures, (struct yaml_mark){0, 0},
                 str_format("%s at %s, %s", violation->invariant, offset, violation->object),
                 str_format("%s\n", checker_promise(str_from(violation->invariant))),
                 str_format("%s\n", violation->text));
    if (failures->total > failures->count)
        return;
    failures->items[failures->count - 1].object = str_dup(str_from(violation->object));
    failures->items[failures->count - 1].at_ms = violation->at_ms - start_ms;
}

static void judge_invariants(const struct play *play, struct failures *failures)
{
    struct evidence evidence;
    struct verdict verdict = {0};
    sim_evidence(play->sim, &evidence);
    evidence.quiet_from_ms = play->scenario->start_ms + play_rest_from(play) + 1;
    checkers_run(&evidence, &verdict);
    for (size_t i = 0; i < verdict.count; i++)
        violation_add(&verdict.items[i], play->scenario->start_ms, failures);
    verdict_release(&verdict);
}

/* Whatever is still to be done, a new process finds at once: had the old one lost a key, this
 * one writes now [L2]. */
static void judge_lost_keys(const struct play *play, struct failures *failures)
{
    int64_t start_ms = play->scenario->start_ms;
    const struct fakeapi *api = sim_api(play->sim);
    size_t first = fakeapi_audit_count(api);
    sim_restart_controller(play->sim);
    if (sim_run_until(play->sim, sim_now_ms(play->sim) + RUN_LOST_KEYS_MS, NULL) != ERR_NONE)
        return;
    for (size_t i = first; i < fakeapi_audit_count(api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        if (!audit->changed || !str_starts_with(audit->user_agent, STR(TRANSPORT_USER_AGENT)) ||
            str_is(audit->kind, "Event"))
            continue;
        struct violation lost = {.invariant = "L2",
                                 .at_ms = audit->at_ms,
                                 .object = audit_object(audit),
                                 .text = str_format("%s: expected nothing to be left to do; a new "
                                                    "process found this",
                                                    audit->method)};
        violation_add(&lost, start_ms, failures);
        mem_free(lost.object);
        mem_free(lost.text);
    }
}

/* Lines without runs of spaces or blank ends, so that people may align what they expect. */
static char *timeline_normal(struct str text)
{
    struct buf out;
    buf_init(&out, TIMELINE_BYTES_MAX);
    for (struct str rest = str_trim(text); !str_is_empty(rest);) {
        struct str line = str_trim(str_split_next(&rest, '\n'));
        for (size_t i = 0; i < line.len; i++) {
            bool repeats = i > 0 && line.data[i] == ' ' && line.data[i - 1] == ' ';
            if (!repeats)
                buf_append_char(&out, line.data[i]);
        }
        if (line.len > 0)
            buf_append_char(&out, '\n');
    }
    buf_append_text(&out, "");
    return buf_steal(&out);
}

/* A list that was promised as a whole; STR_NONE: it was not. */
static void judge_list(const struct expect *expect, const struct json *node, const char *what,
                       struct str wanted, struct str found, struct failures *failures)
{
    if (wanted.data == NULL)
        return;
    char *expected = timeline_normal(wanted);
    char *actual = timeline_normal(found);
    if (strcmp(expected, actual) != 0) {
        failures_add(failures, yaml_mark_of(expect->document, node),
                     str_format("the %s not as expected", what), expected, actual);
        return;
    }
    mem_free(expected);
    mem_free(actual);
}

static void judge_lists(const struct play *play, const struct trial *trial,
                        struct run_result *result)
{
    const struct expect *expect = &play->scenario->expect;
    struct buf timeline;
    struct buf events;
    buf_init(&timeline, TIMELINE_BYTES_MAX);
    buf_init(&events, TIMELINE_BYTES_MAX);
    timeline_print(trial->api, trial->start_ms, &timeline);
    event_list_print(trial->api, trial->start_ms, &events);
    judge_list(expect, expect->timeline_node, "timeline is", expect->timeline,
               buf_str(&timeline), &result->failures);
    judge_list(expect, expect->events_node, "Events are", expect->events, buf_str(&events),
               &result->failures);
    buf_release(&events);
    result->timeline = buf_steal(&timeline);
}

static enum err judge(const struct play *play, struct run_result *result, struct errmsg *msg)
{
    struct trial trial = trial_of(play);
    count_deployments(sim_world(play->sim), &trial);
    judge_invariants(play, &result->failures);
    judge_lists(play, &trial, result);
    enum err err = expect_judge(&play->scenario->expect, &trial, &result->failures, msg);
    if (err == ERR_NONE && play->options->lost_keys)
        judge_lost_keys(play, &result->failures);
    return err;
}

static void result_count(const struct play *play, struct run_result *result)
{
    struct trial trial = trial_of(play);
    result->virtual_ms = trial.end_ms - trial.start_ms;
    result->writes = trial.writes;
    result->requests = trial.requests;
    result->trace_hash = sim_trace_hash(play->sim);
}

/* A controller that does not come to rest fails; it does not make its scenario wrong. */
static enum err play_and_judge(struct play *play, const struct scenario *scenario,
                               const struct run_options *options, struct run_result *result,
                               struct errmsg *msg)
{
    struct errmsg reason = {{0}};
    enum err err = play_run(play, scenario, options, &reason);
    result_count(play, result);
    if (err == ERR_NONE)
        return judge(play, result, msg);
    if (err == ERR_LIMIT && sim_controller(play->sim) != NULL) {
        failures_add(&result->failures, (struct yaml_mark){0, 0}, str_format("L1 rest"),
                     str_format("the controller comes to rest\n"), str_format("%s\n", reason.text));
        return judge(play, result, msg);
    }
    return err_set(msg, err, "%s", reason.text);
}

/* Memory that a run keeps after it is over [H1]. */
static void judge_memory(size_t before, size_t after, struct failures *failures)
{
    if (before == after)
        return;
    failures_add(failures, (struct yaml_mark){0, 0}, str_format("H1 memory at rest"),
                 str_format("%zu blocks\n", before), str_format("%zu blocks\n", after));
}

/* The heap blocks that a result owns. */
static size_t run_result_blocks(const struct run_result *result)
{
    size_t blocks = 3 * result->failures.count;
    for (size_t i = 0; i < result->failures.count; i++)
        blocks += result->failures.items[i].object != NULL ? 1 : 0;
    blocks += result->failures.items != NULL ? 1 : 0;
    return blocks + (result->timeline != NULL ? 1 : 0);
}

enum err scenario_run(const struct scenario *scenario, const struct run_options *options,
                      struct run_result *ret_result, struct errmsg *msg)
{
    struct play play;
    *ret_result = (struct run_result){0};
    bool had_trace = options->trace != NULL && options->trace->data != NULL;
    size_t before = mem_live_blocks();
    enum err err = play_and_judge(&play, scenario, options, ret_result, msg);
    sim_free(play.sim);
    play_release(&play);
    size_t kept = run_result_blocks(ret_result);
    bool has_trace = options->trace != NULL && options->trace->data != NULL;
    kept += has_trace && !had_trace ? 1 : 0;
    judge_memory(before, mem_live_blocks() - kept, &ret_result->failures);
    return err;
}

void run_result_release(struct run_result *result)
{
    failures_release(&result->failures);
    mem_free(result->timeline);
    *result = (struct run_result){0};
}
