#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "controller/base/timers.h"

/* What ran, as text, and what a callback needs to add another. */
struct diary {
    struct buf text;
    struct timers timers;
};

struct entry {
    struct diary *diary;
    char name;
    struct entry *then; /* added when this one runs */
    int64_t then_at_ms;
};

static void write_entry(void *ctx)
{
    struct entry *entry = ctx;
    struct diary *diary = entry->diary;
    buf_printf(&diary->text, "%c@%" PRId64 " ", entry->name, diary->timers.now_ms);
    if (entry->then != NULL)
        timers_add(&diary->timers, entry->then_at_ms, write_entry, entry->then);
}

static void diary_init(struct diary *diary, int64_t now_ms)
{
    buf_init(&diary->text, 10000);
    timers_init(&diary->timers, now_ms);
}

static void diary_release(struct diary *diary)
{
    buf_release(&diary->text);
    timers_release(&diary->timers);
}

static void run_all(struct diary *diary)
{
    while (timers_run_next(&diary->timers))
        ;
}

static void callbacks_run_in_order_of_time_and_move_the_clock(void **state)
{
    (void)state;
    struct diary diary;
    diary_init(&diary, 100);
    struct entry a = {&diary, 'a', NULL, 0};
    struct entry b = {&diary, 'b', NULL, 0};
    struct entry c = {&diary, 'c', NULL, 0};
    assert_true(timers_next_ms(&diary.timers) == KTIME_NEVER);
    assert_true(timers_add(&diary.timers, 300, write_entry, &c) != 0);
    timers_add(&diary.timers, 200, write_entry, &b);
    timers_add(&diary.timers, 5, write_entry, &a); /* the past means now */
    assert_int_equal(timers_next_ms(&diary.timers), 100);
    assert_true(timers_run_next(&diary.timers));
    assert_str(buf_str(&diary.text), "a@100 ");
    run_all(&diary);
    assert_str(buf_str(&diary.text), "a@100 b@200 c@300 ");
    assert_false(timers_run_next(&diary.timers));
    assert_int_equal(diary.timers.now_ms, 300);
    diary_release(&diary);
}

static void what_a_callback_adds_for_now_runs_after_all_that_waited(void **state)
{
    (void)state;
    struct diary diary;
    diary_init(&diary, 0);
    struct entry late = {&diary, 'z', NULL, 0};
    struct entry past = {&diary, 'y', &late, -5};
    struct entry first = {&diary, 'a', &past, 10};
    struct entry second = {&diary, 'b', NULL, 0};
    struct entry third = {&diary, 'c', NULL, 0};
    timers_add(&diary.timers, 10, write_entry, &first);
    timers_add(&diary.timers, 10, write_entry, &second);
    timers_add(&diary.timers, 11, write_entry, &third);
    run_all(&diary);
    assert_str(buf_str(&diary.text), "a@10 b@10 y@10 z@10 c@11 ");
    diary_release(&diary);
}

static void a_cancelled_callback_never_runs(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    struct diary diary;
    diary_init(&diary, 0);
    struct entry a = {&diary, 'a', NULL, 0};
    struct entry b = {&diary, 'b', NULL, 0};
    uint64_t first = timers_add(&diary.timers, 1, write_entry, &a);
    uint64_t second = timers_add(&diary.timers, 2, write_entry, &b);
    uint64_t third = timers_add(&diary.timers, 3, write_entry, &a);
    timers_cancel(&diary.timers, second);
    timers_cancel(&diary.timers, second);
    timers_cancel(&diary.timers, 0);
    assert_true(timers_run_next(&diary.timers));
    timers_cancel(&diary.timers, first); /* already run */
    timers_add(&diary.timers, 4, write_entry, &b);
    run_all(&diary);
    timers_cancel(&diary.timers, third);
    assert_str(buf_str(&diary.text), "a@1 a@3 b@4 ");
    timers_add(&diary.timers, 5, write_entry, &a); /* released while it waits */
    diary_release(&diary);
    assert_int_equal(mem_live_blocks(), blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_run_in_order_of_time_and_move_the_clock),
        cmocka_unit_test(what_a_callback_adds_for_now_runs_after_all_that_waited),
        cmocka_unit_test(a_cancelled_callback_never_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
