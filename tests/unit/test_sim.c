/* The whole machine: production controller, fake API, world, one clock; and its crash sweep. */
#include "tests/testlib/test.h"

#include <unistd.h>

#include "controller/base/mem.h"
#include "scenarios/engine/checkers.h"
#include "scenarios/engine/sweep.h"
#include "scenarios/engine/sweep_jobs.h"
#include "scenarios/engine/transitions.h"

#define START_MS INT64_C(1767225600000)
#define HOUR_MS INT64_C(3600000)
#define CONFIG_API "/apis/config.projectsveltos.io/v1beta1"
#define CLUSTERS "/apis/lib.projectsveltos.io/v1beta1/namespaces/default/sveltosclusters"
#define MERGE "application/merge-patch+json"

/* What a sweep's story does beside what it should. */
enum sabotage {
    HONEST,
    HONEST_BUT_SLOW,
    WRITES_WHEN_CRASHED,
    DIES_WHEN_CRASHED,
    FAILS_WHEN_CRASHED,
    FAILS_ALWAYS,
};

static int user(struct sim *sim, const char *method, const char *target, const char *type,
                const char *quoted)
{
    char *body = str_dup(str_from(quoted));
    for (char *c = body; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    int status = sim_user_request(sim, method, str_from(target), type, str_from(body), NULL);
    mem_free(body);
    return status;
}

static void add_cluster(struct sim *sim, const char *name, const char *env)
{
    char *body = str_format("{'apiVersion':'lib.projectsveltos.io/v1beta1',"
                            "'kind':'SveltosCluster','metadata':{'name':'%s',"
                            "'labels':{'env':'%s'}}}", name, env);
    char *target = str_format(CLUSTERS "/%s/status", name);
    assert_int_equal(user(sim, "POST", CLUSTERS, "application/json", body), 201);
    assert_int_equal(user(sim, "PATCH", target, MERGE, "{'status':{'ready':true}}"), 200);
    mem_free(body);
    mem_free(target);
}

static void add_promotion(struct sim *sim)
{
    assert_int_equal(
        user(sim, "POST", CONFIG_API "/clusterpromotions", "application/json",
             "{'apiVersion':'config.projectsveltos.io/v1beta1','kind':'ClusterPromotion',"
             "'metadata':{'name':'p'},'spec':{'profileSpec':{'policyRefs':[{'kind':'ConfigMap',"
             "'namespace':'default','name':'x'}]},'stages':["
             "{'name':'a','clusterSelector':{'matchLabels':{'env':'a'}},"
             "'trigger':{'auto':{'delay':'1m0s'}}},"
             "{'name':'b','clusterSelector':{'matchLabels':{'env':'b'}}}]}}"), 201);
}

static struct sim *begin(const struct sim_config *config)
{
    struct sim *sim = sim_create(config);
    add_cluster(sim, "c1", "a");
    add_cluster(sim, "c2", "b");
    add_cluster(sim, "c3", "b");
    add_promotion(sim);
    sim_start_world(sim);
    sim_start_controller(sim);
    return sim;
}

static const struct world_rule TAKES = {.has_takes = true, .takes = {5300, 20700}};

static struct sim_config config_of(struct sim_crash crash)
{
    return (struct sim_config){.seed = 5,
                               .start_ms = START_MS,
                               .rules = &TAKES,
                               .rule_count = 1,
                               .crash = crash,
                               .late_commit_ms = 3000};
}

static const struct sim_crash NO_CRASH = {.point = SIM_CRASH_NONE};

static void run_to(struct sim *sim, int64_t offset_ms)
{
    struct errmsg msg = {{0}};
    assert_err(sim_run_until(sim, START_MS + offset_ms, &msg), ERR_NONE);
    assert_int_equal(sim_now_ms(sim), START_MS + offset_ms);
}

static int64_t time_of(struct sim *sim, enum transition_kind kind, const char *stage)
{
    struct transitions found;
    int64_t at_ms = -1;
    transitions_collect(sim_api(sim), &found);
    for (size_t i = 0; i < found.count; i++) {
        if (found.items[i].kind == kind &&
            str_equal(str_from(found.items[i].stage), str_from(stage)))
            at_ms = found.items[i].at_ms - START_MS;
    }
    transitions_release(&found);
    return at_ms;
}

static void a_rollout_completes_and_then_is_at_rest(void **state)
{
    (void)state;
    struct sim_config config = config_of(NO_CRASH);
    struct sim *sim = begin(&config);
    struct evidence evidence;
    struct verdict verdict = {0};
    struct buf text;
    run_to(sim, 25 * HOUR_MS);
    int64_t provisioned_ms = time_of(sim, TRANSITION_STAGE_PROVISIONED, "a");
    assert_true(provisioned_ms > 5300);
    assert_int_equal(time_of(sim, TRANSITION_PROFILE_CREATED, "b"), provisioned_ms + 60000);
    assert_true(time_of(sim, TRANSITION_COMPLETE, NULL) > provisioned_ms + 65300);
    sim_evidence(sim, &evidence);
    evidence.quiet_from_ms = START_MS + HOUR_MS;
    checkers_run(&evidence, &verdict);
    buf_init(&text, 1u << 20);
    verdict_print(&verdict, START_MS, &text);
    assert_str(buf_str(&text), "");
    buf_release(&text);
    verdict_release(&verdict);
    sim_free(sim);
}

static void the_same_seed_gives_the_same_trace_whether_kept_or_not(void **state)
{
    (void)state;
    struct sim_config config = config_of(NO_CRASH);
    struct buf kept;
    uint64_t hashes[3];
    buf_init(&kept, 16u << 20);
    for (int i = 0; i < 3; i++) {
        config.latency_ms = i == 2 ? 7 : 0;
        struct sim *sim = sim_create(&config);
        sim_trace_to(sim, i == 1 ? &kept : NULL);
        add_cluster(sim, "c1", "a");
        add_promotion(sim);
        sim_start_world(sim);
        sim_start_controller(sim);
        run_to(sim, HOUR_MS);
        hashes[i] = sim_trace_hash(sim);
        sim_free(sim);
    }
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[0] != hashes[2]);
    assert_true(hashes[1] == str_hash(STR_HASH_INIT, buf_str(&kept)));
    assert_true(str_contains(buf_str(&kept), STR("promoter                starts")));
    assert_true(str_contains(buf_str(&kept), STR("promoter                receives")));
    assert_true(str_contains(buf_str(&kept), STR("world                   deploy")));
    assert_true(str_contains(buf_str(&kept), STR("clusterprofiles/p-a?")));
    buf_release(&kept);
}

static void after_a_restart_the_first_write_waits_for_the_predecessors(void **state)
{
    (void)state;
    struct sim_crash crash = {.point = SIM_CRASH_AFTER_COMMIT, .nth = 1};
    struct sim_config config = config_of(crash);
    struct sim *sim = begin(&config);
    assert_false(sim_crashed(sim));
    run_to(sim, 4999);
    assert_true(sim_crashed(sim));
    assert_int_equal(sim_counts(sim).writes, 0);
    run_to(sim, 6000);
    assert_true(sim_counts(sim).writes > 0);
    sim_free(sim);
}

static void again(void *ctx)
{
    struct sim *sim = ctx;
    (void)timers_add(sim_timers(sim), sim_now_ms(sim), again, sim);
}

static void time_that_does_not_pass_is_a_livelock(void **state)
{
    (void)state;
    struct sim_config config = config_of(NO_CRASH);
    struct sim *sim = sim_create(&config);
    struct errmsg msg = {{0}};
    (void)timers_add(sim_timers(sim), START_MS + 1500, again, sim);
    assert_err(sim_run_until(sim, START_MS + HOUR_MS, &msg), ERR_LIMIT);
    assert_true(str_contains(str_from(msg.text), STR("livelock")));
    assert_true(str_contains(str_from(msg.text), STR("+1500 ms")));
    sim_free(sim);
}

static void memory_returns_to_its_baseline(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    struct sim_crash crash = {.point = SIM_CRASH_LATE_COMMIT, .nth = 9};
    struct sim_config config = config_of(crash);
    struct sim *sim = begin(&config);
    run_to(sim, 70000);
    sim_restart_controller(sim);
    run_to(sim, 71000);
    sim_free(sim);
    assert_int_equal(mem_live_blocks(), blocks); /* [H1] */
    sim_free(NULL);
}

/* Passes on what the sweep says, and remembers that a fault struck. */
struct eavesdropper {
    const struct sim_fault_hook *hook; /* NULL: nobody to ask */
    bool struck;
};

static bool overhear(void *ctx, const struct sim_passage *passage, struct sim_fault *ret_fault)
{
    struct eavesdropper *ear = ctx;
    bool strikes = ear->hook != NULL && ear->hook->strikes(ear->hook->ctx, passage, ret_fault);
    ear->struck = ear->struck || strikes;
    return strikes;
}

static enum err play(void *ctx, const struct sweep_disturbance *disturbance, struct sim **ret_sim,
                     struct errmsg *msg)
{
    enum sabotage sabotage = *(const enum sabotage *)ctx;
    if (sabotage == FAILS_ALWAYS)
        return err_set(msg, ERR_INVALID, "on purpose");
    struct sim_config config = config_of(disturbance->crash);
    struct eavesdropper ear = {.hook = disturbance->faults};
    struct sim_fault_hook hook = {.ctx = &ear, .strikes = overhear};
    config.faults = &hook;
    config.latency_ms = sabotage == HONEST_BUT_SLOW ? 40 : 0;
    *ret_sim = begin(&config);
    enum err err = sim_run_until(*ret_sim, START_MS + HOUR_MS, msg);
    if (err != ERR_NONE || (!sim_crashed(*ret_sim) && !ear.struck))
        return err;
    if (sabotage == DIES_WHEN_CRASHED)
        _exit(42);
    if (sabotage == FAILS_WHEN_CRASHED)
        return err_set(msg, ERR_INVALID, "on purpose");
    if (sabotage == WRITES_WHEN_CRASHED)
        (void)user(*ret_sim, "PATCH", CLUSTERS "/c1", MERGE, "{'metadata':{'labels':{'x':'y'}}}");
    return ERR_NONE;
}

static char *sweep_with(struct sweep_options options, enum sabotage sabotage,
                        struct sweep_result *ret_result)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct sweep_story story = {.name = "two stages", .path = "two.yaml", .seed = 5,
                                .ctx = &sabotage, .play = play};
    options.out = out;
    sweep_run(&story, 1, &options, ret_result);
    assert_int_equal(fclose(out), 0);
    return text; /* of the C library: free */
}

static char *sweep_of(enum sabotage sabotage, unsigned points_max, unsigned jobs,
                      struct sweep_result *ret_result)
{
    struct sweep_options options = {.jobs = jobs, .points_max = points_max};
    return sweep_with(options, sabotage, ret_result);
}

static void a_crash_at_any_point_makes_no_difference(void **state)
{
    (void)state;
    for (enum sabotage kind = HONEST; kind <= HONEST_BUT_SLOW; kind++) {
        struct sweep_result result;
        char *text = sweep_of(kind, 0, 2, &result);
        if (result.differences + result.failed_stories > 0)
            print_error("%s", text);
        assert_int_equal(result.differences, 0);
        assert_int_equal(result.failed_stories, 0);
        assert_true(result.points > 80);
        assert_int_equal(result.points, result.points_total);
        free(text);
    }
}

static void a_sweep_finds_what_is_different(void **state)
{
    (void)state;
    static const struct {
        enum sabotage sabotage;
        const char *fragments[3];
    } ROWS[] = {
        {WRITES_WHEN_CRASHED,
         {"at the end, SveltosCluster/default/c1 differs:", "+       \"x\": \"y\"",
          "reproduce: promosim run --seed 5 --crash before-send:1 two.yaml"}},
        {DIES_WHEN_CRASHED,
         {"the process died: exit code 42", "DIFFERS two stages: the controller is killed instead "
                                            "of sending request 1 (GET /apis/",
          "5 of "}},
        {FAILS_WHEN_CRASHED,
         {"the run failed: invalid: on purpose", "DIFFERS two stages: the controller is killed",
          "(capped: not exhaustive)"}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct sweep_result result;
        char *text = sweep_of(ROWS[i].sabotage, 5, 2, &result);
        for (size_t j = 0; j < ARRAY_COUNT(ROWS[i].fragments); j++) {
            if (!str_contains(str_from(text), str_from(ROWS[i].fragments[j]))) {
                print_error("expected %s in\n%s", ROWS[i].fragments[j], text);
                fail();
            }
        }
        assert_int_equal(result.differences, 5);
        assert_int_equal(result.points, 5);
        free(text);
    }
}

static void a_fault_at_any_request_or_delivery_makes_no_difference_at_the_end(void **state)
{
    struct sweep_options options = {.jobs = 2, .points_max = 70, .faults = true};
    (void)state;
    for (enum sabotage kind = HONEST; kind <= HONEST_BUT_SLOW; kind++) {
        struct sweep_result result;
        char *text = sweep_with(options, kind, &result);
        if (result.differences + result.failed_stories > 0)
            print_error("%s", text);
        assert_int_equal(result.differences + result.failed_stories, 0);
        assert_int_equal(result.points, 70);
        assert_true(result.points_total > 200);
        assert_true(str_contains(str_from(text), STR(" fault points of 1 scenarios, 0 differen")));
        free(text);
    }
}

static void a_sweep_of_faults_finds_what_is_different(void **state)
{
    static const struct {
        enum sabotage sabotage;
        const char *fragments[3];
    } ROWS[] = {
        {WRITES_WHEN_CRASHED,
         {"DIFFERS two stages: lose-answer at request 1 (GET /apis/",
          "at the end, SveltosCluster/default/c1 differs:",
          "reproduce: promosim run --seed 5 --fault lose-answer:1 two.yaml"}},
        {DIES_WHEN_CRASHED,
         {"the process died: exit code 42", " of watched events\n", "7 of "}},
        {FAILS_WHEN_CRASHED,
         {"the run failed: invalid: on purpose", " fault points of 1 scenarios, 7 differences",
          "(capped: not exhaustive)"}},
    };
    struct sweep_options options = {.jobs = 2, .points_max = 7, .faults = true};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct sweep_result result;
        char *text = sweep_with(options, ROWS[i].sabotage, &result);
        for (size_t j = 0; j < ARRAY_COUNT(ROWS[i].fragments); j++) {
            if (!str_contains(str_from(text), str_from(ROWS[i].fragments[j]))) {
                print_error("expected %s in\n%s", ROWS[i].fragments[j], text);
                fail();
            }
        }
        assert_int_equal(result.differences, 7);
        free(text);
    }
}

static void a_story_that_fails_undisturbed_is_not_swept(void **state)
{
    (void)state;
    struct sweep_result result;
    char *text = sweep_of(FAILS_ALWAYS, 0, 1, &result);
    assert_int_equal(result.failed_stories, 1);
    assert_int_equal(result.points, 0);
    assert_true(str_contains(str_from(text), STR("FAILED two stages, undisturbed: invalid: on "
                                                 "purpose")));
    assert_true(str_contains(str_from(text), STR("0 crash points of 1 scenarios, 0 differences")));
    free(text);
}

/* Pieces 4 and 5 go wrong: one dies, the other is never come to. */
static void walk(void *ctx, struct sweep_worker *worker)
{
    (void)ctx;
    for (size_t index = 0; index < 10; index++) {
        struct buf report;
        if (index == 5 || !sweep_branch(worker, index))
            continue;
        if (index == 4)
            _exit(42);
        buf_init(&report, 100);
        if (index % 3 == 0)
            buf_printf(&report, "piece %zu\n", index);
        sweep_branch_end(worker, &report);
    }
}

static void each_piece_is_done_once_and_told_in_order(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        char *reports[10] = {NULL};
        sweep_jobs_run(jobs, ARRAY_COUNT(reports), walk, NULL, reports);
        for (size_t i = 0; i < ARRAY_COUNT(reports); i++) {
            char expected[32] = "";
            if (i % 3 == 0)
                (void)snprintf(expected, sizeof(expected), "piece %zu\n", i);
            if (i == 5)
                assert_true(str_contains(str_from(reports[i]), STR("never came to this point")));
            else
                assert_str(str_from(reports[i]),
                           i == 4 ? "  the process died: exit code 42\n" : expected);
            mem_free(reports[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rollout_completes_and_then_is_at_rest),
        cmocka_unit_test(the_same_seed_gives_the_same_trace_whether_kept_or_not),
        cmocka_unit_test(after_a_restart_the_first_write_waits_for_the_predecessors),
        cmocka_unit_test(time_that_does_not_pass_is_a_livelock),
        cmocka_unit_test(memory_returns_to_its_baseline),
        cmocka_unit_test(each_piece_is_done_once_and_told_in_order),
        cmocka_unit_test(a_story_that_fails_undisturbed_is_not_swept),
        cmocka_unit_test(a_sweep_finds_what_is_different),
        cmocka_unit_test(a_fault_at_any_request_or_delivery_makes_no_difference_at_the_end),
        cmocka_unit_test(a_sweep_of_faults_finds_what_is_different),
        cmocka_unit_test(a_crash_at_any_point_makes_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
