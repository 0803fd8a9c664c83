/*
 * What `promosim explore` draws, plays and tells: the story depends on the seed alone, is a
 * scenario, and a broken invariant is told with all that one needs to see it again.
 */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "scenarios/engine/explore_shrink.h"
#include "scenarios/engine/promosim.h"

#define SEEDS 300u

static void the_same_seed_draws_the_same_story(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct exploration first;
        struct exploration second;
        explore_draw(seed, &first);
        explore_draw(seed, &second);
        assert_string_equal(first.story.data, second.story.data);
        assert_string_equal(first.options.data, second.options.data);
        exploration_release(&second);
        explore_draw(seed + 1, &second);
        assert_string_not_equal(first.story.data, second.story.data);
        exploration_release(&first);
        exploration_release(&second);
    }
}

static void every_story_is_a_scenario(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct exploration drawn;
        struct scenario *scenario = NULL;
        struct errmsg msg = {{0}};
        explore_draw(seed, &drawn);
        if (scenario_parse(buf_str(&drawn.story), "drawn.yaml", &scenario, &msg) != ERR_NONE)
            fail_msg("seed %d: %s", (int)seed, msg.text);
        assert_false(scenario->strict);
        assert_int_equal(scenario->seed, seed);
        scenario_free(scenario);
        exploration_release(&drawn);
    }
}

static void a_seed_plays_the_same_way_twice_and_leaves_nothing(void **state)
{
    (void)state;
    struct fakeapi_catalogue *catalogue = fakeapi_catalogue_create();
    struct explore_options options = {.catalogue = catalogue, .twice = true};
    size_t before = mem_live_blocks();
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct buf out;
        uint64_t hash = 0;
        buf_init(&out, 1u << 20);
        assert_int_equal(explore_seed(seed, &options, &hash, &out), REPORT_PASSED);
        assert_int_equal(out.len, 0);
        assert_true(hash != 0);
        buf_release(&out);
    }
    assert_int_equal(mem_live_blocks(), before);
    fakeapi_catalogue_free(catalogue);
}

#define HEAD                                                                                       \
    "scenario: shrunk\n"                                                                           \
    "why: a test\n"                                                                                \
    "strict: false\n"                                                                              \
    "expect: {quiesce: 1m, budget: {writes: 1}}\n"
#define STAGE_A "        - {name: a, clusterSelector: {matchLabels: {env: a}}}\n"
#define PROMOTION(name)                                                                            \
    "  - apiVersion: config.projectsveltos.io/v1beta1\n"                                           \
    "    kind: ClusterPromotion\n"                                                                 \
    "    metadata: {name: " name "}\n"                                                             \
    "    spec:\n"                                                                                  \
    "      profileSpec: {policyRefs: [{kind: ConfigMap, namespace: default, name: x}]}\n"          \
    "      stages:\n" STAGE_A

/* One promotion needs more than one write, whatever happens around it. */
static void a_failing_story_shrinks_to_what_it_needs(void **state)
{
    (void)state;
    static const char story[] =
        HEAD "fleet:\n"
             "  - {name: one, namespace: ns, labels: {env: a}}\n"
             "  - {name: two, namespace: ns, labels: {env: b}}\n"
             "given:\n" PROMOTION("web")
        "        - {name: b, clusterSelector: {matchLabels: {env: b}}}\n" PROMOTION("api")
        "world:\n"
        "  - {on: ClusterSummary, fails: 1}\n"
        "script:\n"
        "  - {at: +5m, restart-controller: true}\n"
        "  - {at: +6m, sveltos: down}\n"
        "faults:\n"
        "  - {do: lose-answer, when: {verb: patch, nth: 1}}\n";
    static const char wanted[] = HEAD "given:\n" PROMOTION("web");
    struct fakeapi_catalogue *catalogue = fakeapi_catalogue_create();
    struct explore_options options = {.catalogue = catalogue};
    struct buf shrunk;
    buf_init(&shrunk, 1u << 16);
    assert_true(explore_shrink(str_from(story), 1, &options, &shrunk));
    assert_string_equal(shrunk.data, wanted);
    buf_release(&shrunk);
    fakeapi_catalogue_free(catalogue);
}

/* What the command prints, and its exit code. */
static int command(char *text, size_t bytes, const char *const *words, size_t count)
{
    char *argv[8];
    FILE *out = tmpfile();
    assert_non_null(out);
    for (size_t i = 0; i < count; i++)
        argv[i] = str_dup(str_from(words[i]));
    int code = promosim_explore((int)count, argv, out, out);
    rewind(out);
    size_t len = fread(text, 1, bytes - 1, out);
    text[len] = '\0';
    (void)fclose(out);
    for (size_t i = 0; i < count; i++)
        mem_free(argv[i]);
    return code;
}

#define COMMAND(text, ...)                                                                         \
    command((text), sizeof(text), (const char *const[]){__VA_ARGS__},                              \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void a_commit_picks_the_seeds_and_a_shard_takes_its_part(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(COMMAND(text, "--seeds", "3", "--from",
                             "00000000000aeeeeeeeeeeeeeeeeeeeeeeeeeeee", "--hashes"),
                     PROMOSIM_OK);
    assert_non_null(strstr(text, "seed 10 trace "));
    assert_non_null(strstr(text, "seed 12 trace "));
    assert_non_null(strstr(text, "3 seeds from 10, 0 failed"));
    assert_int_equal(COMMAND(text, "--seeds=5", "--from=1", "--shard=2/3", "--hashes"),
                     PROMOSIM_OK);
    assert_null(strstr(text, "seed 1 trace"));
    assert_non_null(strstr(text, "seed 2 trace"));
    assert_non_null(strstr(text, "seed 5 trace"));
    assert_non_null(strstr(text, "2 seeds from 2, 0 failed"));
}

static void no_story_begins_when_the_budget_is_spent(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(COMMAND(text, "--seeds", "40", "--budget", "1ns"), PROMOSIM_OK);
    assert_non_null(strstr(text, "32 seeds from 1, 0 failed"));
    assert_non_null(strstr(text, "the budget is spent; 8 seeds from 33 were not begun\n"));
}

static void wrong_flags_are_told(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(COMMAND(text, "--seeds", "0"), PROMOSIM_INVALID);
    assert_string_equal(text,
                        "promosim explore: --seeds: found 0, expected a count from 1\n");
    assert_int_equal(COMMAND(text, "--from", "abc"), PROMOSIM_INVALID);
    assert_string_equal(text, "promosim explore: --from: found \"abc\", expected a number or a "
                              "commit's 40 hex digits\n");
    assert_int_equal(COMMAND(text, "--shard", "4/3"), PROMOSIM_INVALID);
    assert_string_equal(text,
                        "promosim explore: --shard: found \"4/3\", expected I/N such as 1/4\n");
    assert_int_equal(COMMAND(text, "--budget", "0s"), PROMOSIM_INVALID);
    assert_string_equal(text, "promosim explore: --budget: found \"0s\", expected more than "
                              "nothing\n");
    assert_int_equal(COMMAND(text, "--budget", "1d"), PROMOSIM_INVALID);
    assert_int_equal(COMMAND(text, "--seed", "9223372036854775808"), PROMOSIM_INVALID);
    assert_string_equal(text, "promosim explore: found a seed of 9223372036854775808, expected "
                              "less than 2^63\n");
    assert_int_equal(COMMAND(text, "--timeline"), PROMOSIM_INVALID);
    assert_int_equal(COMMAND(text, "--seed", "1", "--from", "2"), PROMOSIM_INVALID);
    assert_int_equal(COMMAND(text, "here"), PROMOSIM_INVALID);
    assert_int_equal(COMMAND(text, "--help"), PROMOSIM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_draws_the_same_story),
        cmocka_unit_test(every_story_is_a_scenario),
        cmocka_unit_test(a_seed_plays_the_same_way_twice_and_leaves_nothing),
        cmocka_unit_test(a_failing_story_shrinks_to_what_it_needs),
        cmocka_unit_test(a_commit_picks_the_seeds_and_a_shard_takes_its_part),
        cmocka_unit_test(no_story_begins_when_the_budget_is_spent),
        cmocka_unit_test(wrong_flags_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
