#include "tests/testlib/test.h"

#include "controller/base/heap.h"
#include "controller/base/rng.h"

static int items[1000];

static void an_empty_heap_has_nothing_to_give(void **state)
{
    (void)state;
    struct heap heap;
    struct heap_entry entry = {.due = 7};
    heap_init(&heap);
    assert_null(heap_peek(&heap));
    assert_false(heap_pop(&heap, &entry));
    assert_int_equal(entry.due, 7);
    assert_null(heap_remove(&heap, 0));
    heap_release(&heap);
}

static void entries_come_out_by_due_time(void **state)
{
    (void)state;
    static const int64_t dues[] = {5, -3, INT64_MAX, 0, INT64_MIN, 5, 4};
    static const int64_t sorted[] = {INT64_MIN, -3, 0, 4, 5, 5, INT64_MAX};
    struct heap heap;
    struct heap_entry entry;
    heap_init(&heap);
    for (size_t i = 0; i < ARRAY_COUNT(dues); i++)
        assert_int_equal(heap_push(&heap, dues[i], &items[i]), i);
    for (size_t i = 0; i < ARRAY_COUNT(sorted); i++) {
        assert_true(heap_peek(&heap)->due == sorted[i]);
        assert_true(heap_pop(&heap, &entry));
        assert_true(entry.due == sorted[i]);
    }
    assert_int_equal(heap.count, 0);
    heap_release(&heap);
}

static void ties_come_out_in_the_order_they_went_in(void **state)
{
    (void)state;
    struct heap heap;
    struct heap_entry entry;
    heap_init(&heap);
    for (size_t i = 0; i < ARRAY_COUNT(items); i++)
        heap_push(&heap, (int64_t)(i % 3), &items[i]);
    for (size_t rest = 0; rest < 3; rest++) {
        for (size_t i = rest; i < ARRAY_COUNT(items); i += 3) {
            assert_true(heap_pop(&heap, &entry));
            assert_ptr_equal(entry.item, &items[i]);
        }
    }
    heap_release(&heap);
}

/* Random pushes, pops and removals against a list that is searched each time. */
static void removal_keeps_the_order_of_the_rest(void **state)
{
    (void)state;
    struct rng rng;
    struct heap heap;
    struct heap_entry model[200];
    size_t count = 0;
    rng_init(&rng, 1);
    heap_init(&heap);
    for (int step = 0; step < 20000; step++) {
        uint64_t choice = rng_below(&rng, 3);
        if (choice == 0 && count < ARRAY_COUNT(model)) {
            int64_t due = rng_between(&rng, 0, 20);
            void *item = &items[rng_below(&rng, 1000)];
            model[count++] = (struct heap_entry){due, heap_push(&heap, due, item), item};
            continue;
        }
        if (count == 0)
            continue;
        size_t victim = rng_below(&rng, count);
        struct heap_entry entry = {0};
        if (choice == 1) {
            for (size_t i = 0; i < count; i++) {
                bool first = model[i].due < model[victim].due ||
                             (model[i].due == model[victim].due &&
                              model[i].sequence < model[victim].sequence);
                victim = first ? i : victim;
            }
            assert_true(heap_pop(&heap, &entry));
            assert_true(entry.sequence == model[victim].sequence);
        } else {
            entry.item = heap_remove(&heap, model[victim].sequence);
            assert_null(heap_remove(&heap, model[victim].sequence));
        }
        assert_ptr_equal(entry.item, model[victim].item);
        model[victim] = model[--count];
        assert_int_equal(heap.count, count);
    }
    heap_release(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_heap_has_nothing_to_give),
        cmocka_unit_test(entries_come_out_by_due_time),
        cmocka_unit_test(ties_come_out_in_the_order_they_went_in),
        cmocka_unit_test(removal_keeps_the_order_of_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
