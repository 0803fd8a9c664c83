/* Dirty, processing, delayed: client-go's rules for one thread. */
#include "controller/core/workqueue.h"

#include "tests/testlib/test.h"

static const struct ktime start = {0, 1000000};

static void take_expect(struct workqueue *queue, const char *key)
{
    struct str taken = workqueue_take(queue);
    if (key == NULL)
        assert_null(taken.data);
    else
        assert_str(taken, key);
}

static void a_key_added_twice_is_queued_once(void **state)
{
    struct workqueue queue;
    (void)state;
    workqueue_init(&queue);
    workqueue_add(&queue, STR("a"));
    workqueue_add(&queue, STR("b"));
    workqueue_add(&queue, STR("a"));
    take_expect(&queue, "a");
    take_expect(&queue, "b");
    take_expect(&queue, NULL);
    workqueue_release(&queue);
}

static void a_key_added_while_processing_runs_once_more_afterwards(void **state)
{
    struct workqueue queue;
    (void)state;
    workqueue_init(&queue);
    workqueue_add(&queue, STR("a"));
    take_expect(&queue, "a");
    workqueue_add(&queue, STR("a"));
    workqueue_add(&queue, STR("a"));
    take_expect(&queue, NULL);
    workqueue_done(&queue, STR("a"));
    take_expect(&queue, "a");
    workqueue_done(&queue, STR("a"));
    take_expect(&queue, NULL);
    workqueue_release(&queue);
}

static void a_delay_is_exact_and_the_later_call_wins(void **state)
{
    struct workqueue queue;
    struct ktime now = start;
    (void)state;
    workqueue_init(&queue);
    workqueue_add_at_mono(&queue, STR("a"), 500);
    workqueue_add_at_mono(&queue, STR("a"), 300);
    assert_int_equal(workqueue_next_mono_ms(&queue, now), 300);
    now.mono_ms = 299;
    workqueue_add_due(&queue, now);
    take_expect(&queue, NULL);
    now.mono_ms = 300;
    workqueue_add_due(&queue, now);
    take_expect(&queue, "a");
    workqueue_done(&queue, STR("a"));
    assert_int_equal(workqueue_next_mono_ms(&queue, now), KTIME_NEVER);
    workqueue_release(&queue);
}

static void a_jump_of_the_wall_clock_moves_wall_deadlines_only(void **state)
{
    struct workqueue queue;
    struct ktime now = start;
    (void)state;
    workqueue_init(&queue);
    workqueue_add_at_wall(&queue, STR("a"), start.wall_ms + 60000);
    workqueue_add_at_mono(&queue, STR("b"), 90000);
    assert_int_equal(workqueue_next_mono_ms(&queue, now), 60000);
    now.wall_ms += 59000;
    assert_int_equal(workqueue_next_mono_ms(&queue, now), 1000);
    now.wall_ms += 1000;
    workqueue_add_due(&queue, now);
    take_expect(&queue, "a");
    take_expect(&queue, NULL);
    workqueue_release(&queue);
}

static void a_forgotten_key_leaves_nothing_behind(void **state)
{
    struct workqueue queue;
    (void)state;
    workqueue_init(&queue);
    workqueue_add(&queue, STR("a"));
    workqueue_add(&queue, STR("b"));
    workqueue_add(&queue, STR("c"));
    workqueue_add_at_mono(&queue, STR("b"), 10);
    workqueue_forget(&queue, STR("b"));
    take_expect(&queue, "a");
    take_expect(&queue, "c");
    take_expect(&queue, NULL);
    assert_int_equal(workqueue_next_mono_ms(&queue, start), KTIME_NEVER);
    workqueue_release(&queue);
}

static void the_first_and_the_last_can_be_forgotten_too(void **state)
{
    static const char *const keys[] = {"a", "b", "c"};
    (void)state;
    for (size_t forgotten = 0; forgotten < ARRAY_COUNT(keys); forgotten++) {
        struct workqueue queue;
        workqueue_init(&queue);
        for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
            workqueue_add(&queue, str_from(keys[i]));
        workqueue_forget(&queue, str_from(keys[forgotten]));
        workqueue_forget(&queue, STR("unknown"));
        workqueue_add(&queue, STR("d")); /* behind whoever is the last now */
        for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
            if (i != forgotten)
                take_expect(&queue, keys[i]);
        }
        take_expect(&queue, "d");
        take_expect(&queue, NULL);
        workqueue_release(&queue);
    }
}

static void a_deadline_that_has_passed_is_now(void **state)
{
    struct workqueue queue;
    struct ktime now = {1000, start.wall_ms + 1000};
    (void)state;
    workqueue_init(&queue);
    workqueue_add_at_wall(&queue, STR("a"), start.wall_ms);
    assert_int_equal(workqueue_next_mono_ms(&queue, now), 1000);
    workqueue_add(&queue, STR("b"));
    assert_int_equal(workqueue_next_mono_ms(&queue, now), 1000); /* one is queued */
    workqueue_release(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_added_twice_is_queued_once),
        cmocka_unit_test(a_key_added_while_processing_runs_once_more_afterwards),
        cmocka_unit_test(a_delay_is_exact_and_the_later_call_wins),
        cmocka_unit_test(a_jump_of_the_wall_clock_moves_wall_deadlines_only),
        cmocka_unit_test(a_forgotten_key_leaves_nothing_behind),
        cmocka_unit_test(the_first_and_the_last_can_be_forgotten_too),
        cmocka_unit_test(a_deadline_that_has_passed_is_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
