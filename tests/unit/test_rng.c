#include "tests/testlib/test.h"

#include "controller/base/rng.h"

/* The reference implementation's first numbers for the state 1, 2, 3, 4. */
static void the_generator_is_xoshiro256_starstar(void **state)
{
    (void)state;
    static const uint64_t expected[] = {UINT64_C(11520), UINT64_C(0), UINT64_C(1509978240),
                                        UINT64_C(1215971899390074240)};
    struct rng rng = {{1, 2, 3, 4}};
    for (size_t i = 0; i < ARRAY_COUNT(expected); i++)
        assert_true(rng_next(&rng) == expected[i]);
}

/* The reference implementation's first numbers for the seed 1234567. */
static void the_state_is_seeded_by_splitmix64(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1234567);
    assert_true(rng.state[0] == UINT64_C(6457827717110365317));
    assert_true(rng.state[1] == UINT64_C(3203168211198807973));
    assert_true(rng.state[2] == UINT64_C(9817491932198370423));
    assert_true(rng.state[3] == UINT64_C(4593380528125082431));
}

static void streams_depend_on_seed_and_name_only(void **state)
{
    (void)state;
    struct rng a;
    struct rng b;
    rng_init_stream(&a, 1, STR("network"));
    rng_init_stream(&b, 1, STR("network"));
    for (int i = 0; i < 100; i++)
        assert_true(rng_next(&a) == rng_next(&b));
    rng_init_stream(&a, 1, STR("network"));
    rng_init_stream(&b, 1, STR("world"));
    assert_true(rng_next(&a) != rng_next(&b));
    rng_init_stream(&a, 1, STR("network"));
    rng_init_stream(&b, 2, STR("network"));
    assert_true(rng_next(&a) != rng_next(&b));
}

static void draws_stay_in_their_range_and_reach_all_of_it(void **state)
{
    (void)state;
    struct rng rng;
    unsigned seen[7] = {0};
    rng_init(&rng, 42);
    for (int i = 0; i < 70000; i++)
        seen[rng_below(&rng, 7)]++;
    for (size_t i = 0; i < ARRAY_COUNT(seen); i++)
        assert_in_range(seen[i], 9500, 10500);
    bool low = false;
    bool high = false;
    for (int i = 0; i < 1000; i++) {
        int64_t draw = rng_between(&rng, -2, 2);
        assert_true(draw >= -2 && draw <= 2);
        low = low || draw == -2;
        high = high || draw == 2;
    }
    assert_true(low && high);
    assert_int_equal(rng_below(&rng, 1), 0);
    assert_int_equal(rng_between(&rng, 9, 9), 9);
    (void)rng_between(&rng, INT64_MIN, INT64_MAX);
    assert_true(rng_below(&rng, UINT64_MAX) < UINT64_MAX);
}

/* A bound just above 2^63 would double the odds of small results without rejection. */
static void large_bounds_have_no_modulo_bias(void **state)
{
    (void)state;
    struct rng rng;
    uint64_t bound = (UINT64_C(3) << 62);
    unsigned small = 0;
    rng_init(&rng, 7);
    for (int i = 0; i < 30000; i++)
        small += rng_below(&rng, bound) < (UINT64_C(1) << 62) ? 1 : 0;
    assert_in_range(small, 9500, 10500);
}

static void chances_are_kept(void **state)
{
    (void)state;
    struct rng rng;
    unsigned hits = 0;
    rng_init(&rng, 3);
    for (int i = 0; i < 10000; i++) {
        hits += rng_chance(&rng, 1, 4) ? 1 : 0;
        assert_false(rng_chance(&rng, 0, 4));
        assert_true(rng_chance(&rng, 4, 4));
    }
    assert_in_range(hits, 2300, 2700);
}

/* RFC 9562: 8-4-4-4-12, version 4, variant 8 to b. */
static void uuids_have_their_form(void **state)
{
    (void)state;
    struct rng rng;
    char before[37] = "";
    rng_init(&rng, 5);
    for (int i = 0; i < 1000; i++) {
        char text[37];
        rng_uuid(&rng, text);
        assert_int_equal(strlen(text), 36);
        assert_int_equal(strspn(text, "0123456789abcdef-"), 36);
        assert_true(text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-');
        assert_int_equal(text[14], '4');
        assert_non_null(strchr("89ab", text[19]));
        assert_string_not_equal(text, before);
        memcpy(before, text, sizeof(before));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro256_starstar),
        cmocka_unit_test(the_state_is_seeded_by_splitmix64),
        cmocka_unit_test(streams_depend_on_seed_and_name_only),
        cmocka_unit_test(draws_stay_in_their_range_and_reach_all_of_it),
        cmocka_unit_test(large_bounds_have_no_modulo_bias),
        cmocka_unit_test(chances_are_kept),
        cmocka_unit_test(uuids_have_their_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
