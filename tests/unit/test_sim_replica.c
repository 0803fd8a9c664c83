/* The controllers of a simulation: as a rule one, which restarts; for a while two, of which one
 * survives. */
#include "scenarios/engine/sim_rooms.h"

#include "controller/base/mem.h"
#include "scenarios/engine/sim_fault.h"
#include "tests/testlib/test.h"

#define START_MS INT64_C(1767225600000)
#define HOLD_MS 40000

/* Strikes at the listed requests of the run, whoever sends them. */
struct strikes {
    struct sim_fault fault;
    unsigned nth[4];
};

static bool strike(void *ctx, const struct sim_passage *passage, struct sim_fault *ret_fault)
{
    const struct strikes *strikes = ctx;
    for (size_t i = 0; i < ARRAY_COUNT(strikes->nth); i++) {
        if (!passage->is_delivery && passage->nth == strikes->nth[i]) {
            *ret_fault = strikes->fault;
            return true;
        }
    }
    return false;
}

struct stage {
    struct strikes strikes;
    struct sim_fault_hook hook;
    struct sim_config config;
    struct sim *sim;
    struct buf trace;
};

static void stage_init(struct stage *stage, struct sim_fault fault, unsigned first,
                       unsigned second)
{
    *stage = (struct stage){.strikes = {fault, {first, second}}};
    stage->hook = (struct sim_fault_hook){.ctx = &stage->strikes, .strikes = strike};
    stage->config = (struct sim_config){.seed = 1, .start_ms = START_MS, .faults = &stage->hook};
    buf_init(&stage->trace, 16u << 20);
    stage->sim = sim_create(&stage->config);
    sim_trace_to(stage->sim, &stage->trace);
    sim_start_world(stage->sim);
    sim_start_controller(stage->sim);
}

static void stage_run(struct stage *stage, int64_t offset_ms)
{
    assert_err(sim_run_until(stage->sim, START_MS + offset_ms, NULL), ERR_NONE);
}

static void stage_release(struct stage *stage)
{
    sim_free(stage->sim);
    buf_release(&stage->trace);
}

static size_t running(const struct sim *sim)
{
    size_t count = 0;
    for (size_t i = 0; i < sim->replica_count; i++)
        count += sim->replicas[i].controller != NULL ? 1 : 0;
    return count;
}

static size_t count_of(const struct stage *stage, const char *words)
{
    size_t count = 0;
    for (const char *at = strstr(stage->trace.data, words); at != NULL;
         at = strstr(at + 1, words))
        count++;
    return count;
}

static void one_of_two_survives(void **state)
{
    (void)state;
    for (unsigned first_stays = 0; first_stays < 2; first_stays++) {
        struct stage stage;
        stage_init(&stage,
                   (struct sim_fault){.kind = SIM_FAULT_SECOND, .hold_ms = HOLD_MS,
                                      .first_stays = first_stays == 1},
                   1, 0);
        stage_run(&stage, HOLD_MS - 1);
        assert_int_equal(running(stage.sim), 2);
        const struct controller *first = stage.sim->replicas[0].controller;
        const struct controller *second = stage.sim->replicas[1].controller;
        assert_ptr_equal(sim_controller(stage.sim), first);
        stage_run(&stage, HOLD_MS);
        assert_int_equal(running(stage.sim), 1);
        assert_ptr_equal(sim_controller(stage.sim), first_stays == 1 ? first : second);
        assert_int_equal(count_of(&stage, "second starts"), 1);
        assert_int_equal(count_of(&stage, "second ends"), first_stays);
        assert_int_equal(count_of(&stage, "first ends"), 1 - first_stays);
        stage_run(&stage, 4 * 3600 * 1000); /* watches are renewed by the survivor */
        stage_release(&stage);
    }
}

/* Asked for by the second's own first requests as well. */
static void while_two_run_no_third_comes(void **state)
{
    struct stage stage;
    struct sim_fault fault = {.kind = SIM_FAULT_SECOND, .hold_ms = HOLD_MS, .first_stays = true};
    (void)state;
    stage_init(&stage, fault, 1, 12);
    stage_run(&stage, 10000);
    assert_true(sim_counts(stage.sim).requests >= 12);
    assert_int_equal(running(stage.sim), 2);
    assert_int_equal(stage.sim->replica_count, 2);
    stage_run(&stage, 10 * HOLD_MS);
    assert_int_equal(count_of(&stage, "second starts"), 1);
    stage_release(&stage);
}

static void another_second_comes_when_the_first_two_are_one_again(void **state)
{
    struct stage stage;
    struct sim_fault fault = {.kind = SIM_FAULT_SECOND, .hold_ms = HOLD_MS};
    (void)state;
    stage_init(&stage, fault, 1, 24); /* of the second one, when its watches are renewed */
    stage_run(&stage, 2 * HOLD_MS);
    assert_int_equal(stage.sim->replica_count, 2);
    stage_run(&stage, 2 * 3600 * 1000);
    assert_int_equal(stage.sim->replica_count, 3);
    assert_int_equal(running(stage.sim), 1);
    assert_ptr_equal(sim_controller(stage.sim), stage.sim->replicas[2].controller);
    stage_release(&stage);
}

/* A restart is another process: it knows nothing, and says who it is. */
static void a_restart_begins_from_nothing(void **state)
{
    struct stage stage;
    (void)state;
    stage_init(&stage, (struct sim_fault){.kind = SIM_FAULT_NONE}, 0, 0);
    stage_run(&stage, 1000);
    unsigned requests = sim_counts(stage.sim).requests;
    sim_restart_controller(stage.sim);
    stage_run(&stage, 2000);
    assert_int_equal(sim_counts(stage.sim).requests, 2 * requests); /* lists and watches again */
    assert_int_equal(count_of(&stage, "restarts"), 1);
    assert_int_equal(running(stage.sim), 1);
    stage_release(&stage);
}

static void nothing_is_left_in_memory(void **state)
{
    size_t blocks = mem_live_blocks();
    (void)state;
    for (int64_t offset_ms = 0; offset_ms <= 2 * HOLD_MS; offset_ms += HOLD_MS / 2) {
        struct stage stage;
        stage_init(&stage, (struct sim_fault){.kind = SIM_FAULT_SECOND, .hold_ms = HOLD_MS}, 1, 0);
        stage_run(&stage, offset_ms);
        stage_release(&stage);
        assert_int_equal(mem_live_blocks(), blocks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_two_survives),
        cmocka_unit_test(while_two_run_no_third_comes),
        cmocka_unit_test(another_second_comes_when_the_first_two_are_one_again),
        cmocka_unit_test(a_restart_begins_from_nothing),
        cmocka_unit_test(nothing_is_left_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
