#include "tests/testlib/command.h"

#include <unistd.h>

#include "scenarios/engine/preview.h"
#include "scenarios/engine/promosim.h"

/* A folder that is removed with all its files after the test. */
struct folder {
    char path[64];
    char *names[8]; /* owned */
    size_t count;
};

static void folder_make(struct folder *folder)
{
    memset(folder, 0, sizeof(*folder));
    snprintf(folder->path, sizeof(folder->path), "/tmp/promosim-test-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
}

static const char *folder_write(struct folder *folder, const char *name, struct str text)
{
    char *path = str_format("%s/%s", folder->path, name);
    mem_free(folder->names[folder->count]);
    folder->names[folder->count++] = path;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
    fclose(file);
    return path;
}

static void folder_remove(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        unlink(folder->names[i]);
        mem_free(folder->names[i]);
    }
    rmdir(folder->path);
}

#define MANIFEST \
    "apiVersion: config.projectsveltos.io/v1beta1\nkind: ClusterPromotion\n" \
    "metadata: {name: web}\nspec:\n" \
    "  profileSpec: {policyRefs: [{kind: ConfigMap, namespace: default, name: web}]}\n" \
    "  stages:\n" \
    "    - {name: staging, clusterSelector: {matchLabels: {env: staging}}, trigger: {auto: " \
    "{delay: 5m}}}\n" \
    "    - {name: production, clusterSelector: {matchLabels: {env: production}}, trigger: " \
    "{auto: {delay: 5m}}}\n"
#define FLEET \
    "- {count: 2, name: \"s-{i}\", labels: {env: staging}}\n" \
    "- {count: 3, name: \"p-{i}\", labels: {env: production}}\n"
#define SCENARIO \
    "scenario: web\nwhy: w\nfleet: fleet.yaml\ngiven: [web.yaml]\n" \
    "world: [{on: ClusterSummary, takes: 20s}]\n" \
    "expect:\n  at: [{at: end, kind: ClusterPromotion/web, match: {status: {currentStageName: " \
    "%s}}}]\n  quiesce: 1h\n"

/* Writes the scenario that ends at a stage, with its manifest and fleet; again and again. */
static const char *story_write(struct folder *folder, const char *marks, const char *stage)
{
    char *story = str_format(SCENARIO, stage);
    char *text = str_format("%s%s", marks, story);
    folder->count = 0;
    folder_write(folder, "web.yaml", STR(MANIFEST));
    folder_write(folder, "fleet.yaml", STR(FLEET));
    const char *path = folder_write(folder, "s.yaml", str_from(text));
    mem_free(text);
    mem_free(story);
    return path;
}

/* Five minutes after staging, complete five minutes after production. */
static void a_preview_tells_the_whole_rollout(void **state)
{
    struct folder folder;
    struct said said;
    (void)state;
    folder_make(&folder);
    const char *manifest = folder_write(&folder, "web.yaml", STR(MANIFEST));
    const char *fleet = folder_write(
        &folder, "fleet.yaml", STR("fleet:\n" FLEET "world: [{on: ClusterSummary, takes: 20s}]\n"));
    say(promosim_preview,
        (const char *[]){"-f", manifest, "--fleet", fleet, "--start", "2026-05-06T07:08:09Z", NULL},
        &said);
    assert_str(str_from(said.errors), "");
    assert_int_equal(said.code, 0);
    assert_str(str_from(said.out),
               "web: 5 clusters, from 2026-05-06T07:08:09Z, seed 1\n\n"
               " OFFSET  TIME                  STAGE       CLUSTERS  WHAT HAPPENS\n"
               "    +0s  2026-05-06T07:08:09Z  -                  -  promotion created\n"
               "    +0s  2026-05-06T07:08:09Z  staging          0/2  stage entered\n"
               "    +0s  2026-05-06T07:08:09Z  staging          0/2  waits: Clusters are being "
               "provisioned\n"
               "    +0s  2026-05-06T07:08:09Z  staging          0/2  ClusterProfile web-staging "
               "created\n"
               "   +21s  2026-05-06T07:08:30Z  staging          2/2  stage provisioned\n"
               "   +21s  2026-05-06T07:08:30Z  staging          2/2  waits: Delayed: Waiting for "
               "Time Window: 2026-05-06T07:13:30Z\n"
               " +5m21s  2026-05-06T07:13:30Z  production       0/3  stage entered\n"
               " +5m21s  2026-05-06T07:13:30Z  production       0/3  waits: Clusters are being "
               "provisioned\n"
               " +5m21s  2026-05-06T07:13:30Z  production       0/3  ClusterProfile "
               "web-production created\n"
               " +5m42s  2026-05-06T07:13:51Z  production       3/3  stage provisioned\n"
               " +5m42s  2026-05-06T07:13:51Z  production       3/3  waits: Delayed: Waiting for "
               "Time Window: 2026-05-06T07:18:51Z\n"
               "+10m42s  2026-05-06T07:18:51Z  -                  -  promotion complete\n\n"
               "web: complete at 2026-05-06T07:18:51Z, after 10m42s\n");
    folder_remove(&folder);
}

static void a_preview_that_does_not_complete_says_what_it_waits_for(void **state)
{
    struct folder folder;
    struct said said;
    (void)state;
    folder_make(&folder);
    const char *manifest = folder_write(&folder, "web.yaml", STR(MANIFEST));
    const char *fleet = folder_write(&folder, "fleet.yaml", STR("- {name: s, labels: {env: "
                                                                "staging}}\n"));
    say(promosim_preview, (const char *[]){"-f", manifest, "--fleet", fleet, NULL}, &said);
    assert_int_equal(said.code, 0);
    assert_true(str_contains(str_from(said.out), STR("web: complete at ")));
    say(promosim_preview,
        (const char *[]){"-f", manifest, "--fleet", fleet, "--until", "1m", NULL}, &said);
    assert_int_equal(said.code, 0);
    assert_true(str_contains(str_from(said.out), STR("web: not complete; at stage staging; ")));
    assert_true(str_ends_with(str_from(said.out), STR(" (looked ahead 1m0s)\n")));
    folder_remove(&folder);
}

/* A truncated manifest gives one clear error and exit 2, or is one that the API takes. */
static void any_beginning_of_a_manifest_is_played_or_refused(void **state)
{
    static const char whole[] = MANIFEST;
    struct folder folder;
    (void)state;
    folder_make(&folder);
    const char *fleet = folder_write(&folder, "fleet.yaml", STR(FLEET));
    for (size_t len = 0; len < sizeof(whole) - 1; len += 7) {
        struct buf out;
        struct errmsg msg = {{0}};
        folder.count = 1;
        struct preview preview = {
            .manifest_path = folder_write(&folder, "web.yaml", str_from_bytes(whole, len)),
            .fleet_path = fleet,
            .until_ms = 1000,
        };
        buf_init(&out, 1u << 20);
        enum err err = preview_run(&preview, &out, &msg);
        if (err != ERR_NONE) {
            assert_true(str_starts_with(str_from(msg.text), str_from(preview.manifest_path)));
            assert_int_equal(out.len, 0);
        }
        buf_release(&out);
    }
    folder_remove(&folder);
}

static void a_run_ends_with_what_it_found(void **state)
{
    static const struct {
        const char *stage;
        int code;
        const char *first;
        const char *last;
    } runs[] = {
        {"production", 0, "PASS  web  virtual ", "1 passed, 0 failed\n"},
        {"nowhere", 1, "FAIL  web  virtual ", "0 passed, 1 failed\n"},
        {"5", 2, "", ""}, /* a name is no number */
        {"[", 2, "", ""},
    };
    struct folder folder;
    (void)state;
    folder_make(&folder);
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        struct said said;
        (void)story_write(&folder, "", runs[i].stage);
        say(promosim_run, (const char *[]){folder.path, NULL}, &said);
        if (said.code != runs[i].code)
            print_error("%s%s", said.out, said.errors);
        assert_int_equal(said.code, runs[i].code);
        assert_true(str_starts_with(str_from(said.out), str_from(runs[i].first)));
        assert_true(str_ends_with(str_from(said.out), str_from(runs[i].last)));
    }
    folder_remove(&folder);
}

static void a_failure_shows_a_diff_and_how_to_see_it_again(void **state)
{
    struct folder folder;
    struct said said;
    (void)state;
    folder_make(&folder);
    const char *scenario = story_write(&folder, "", "nowhere");
    char *again = str_format("reproduce: promosim run --seed 7 --trace trace.txt %s\n", scenario);
    say(promosim_run, (const char *[]){"--seed=7", scenario, NULL}, &said);
    assert_true(str_contains(str_from(said.out), STR("--- expected\n      +++ actual\n")));
    assert_true(str_contains(str_from(said.out), STR("-    \"currentStageName\": \"nowhere\"\n")));
    assert_true(str_contains(str_from(said.out), STR("+    \"currentStageName\": \"production\"")));
    assert_true(str_contains(str_from(said.out), str_from(again)));
    mem_free(again);
    folder_remove(&folder);
}

static void a_fault_of_the_command_line_is_read_and_said_again(void **state)
{
    struct folder folder;
    struct said said;
    (void)state;
    folder_make(&folder);
    const char *scenario = story_write(&folder, "", "production");
    say(promosim_run, (const char *[]){"--fault=answer-503:9", scenario, NULL}, &said);
    assert_int_equal(said.code, 0);
    say(promosim_run, (const char *[]){"--fault=answer-502:9", scenario, NULL}, &said);
    assert_int_equal(said.code, 2);
    assert_str(str_from(said.errors), "promosim run: --fault: found \"answer-502:9\", expected a "
                                      "fault such as lose-answer:3\n");
    scenario = story_write(&folder, "", "nowhere");
    say(promosim_run, (const char *[]){"--fault=gone:1", scenario, NULL}, &said);
    assert_int_equal(said.code, 1);
    assert_true(str_contains(str_from(said.out), STR(" --fault gone:1 --trace trace.txt ")));
    folder_remove(&folder);
}

static void many_seeds_are_played_once_each_and_those_that_fail_are_told(void **state)
{
    struct folder folder;
    struct said said;
    (void)state;
    folder_make(&folder);
    const char *scenario = story_write(&folder, "", "production");
    say(promosim_run, (const char *[]){"--seeds=3", scenario, NULL}, &said);
    assert_int_equal(said.code, 0);
    assert_true(str_contains(str_from(said.out), STR("  0 of 3 seeds failed\n3 passed, 0 failed")));
    scenario = story_write(&folder, "", "nowhere");
    say(promosim_run, (const char *[]){"--seeds=2", "--from=40", scenario, NULL}, &said);
    assert_int_equal(said.code, 1);
    assert_true(str_contains(str_from(said.out), STR("reproduce: promosim run --seed 40 ")));
    assert_true(str_contains(str_from(said.out), STR("reproduce: promosim run --seed 41 ")));
    assert_true(str_contains(str_from(said.out), STR("  2 of 2 seeds failed\n")));
    folder_remove(&folder);
}

/* One mark for each sweep: what is not swept at all is not disturbed either. */
static void a_sweep_leaves_out_what_is_marked_and_says_why(void **state)
{
    static const struct {
        const char *mark;
        bool faults, left_out;
    } rows[] = {
        {"not-swept: it remembers\n", false, true},
        {"not-swept: it remembers\n", true, true},
        {"not-disturbed: it remembers\n", true, true},
        {"not-disturbed: it remembers\n", false, false},
    };
    struct folder folder;
    (void)state;
    folder_make(&folder);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct said said;
        const char *path = story_write(&folder, rows[i].mark, "production");
        const char *const faults[] = {"--points=1", "--faults", path, NULL};
        const char *const crashes[] = {"--points=1", path, NULL};
        say(promosim_sweep, rows[i].faults ? faults : crashes, &said);
        assert_int_equal(said.code, 0);
        assert_int_equal(str_contains(str_from(said.out), STR("LEFT OUT web: it remembers\n")),
                         rows[i].left_out);
        assert_int_equal(str_contains(str_from(said.out), STR("points of 0 scenarios")),
                         rows[i].left_out);
    }
    folder_remove(&folder);
}

static void wrong_usage_is_told_and_ends_with_2(void **state)
{
    static const struct {
        command_fn *command;
        const char *words[WORDS_MAX];
        const char *errors;
    } lines[] = {
        {promosim_run, {"--sed", "1", NULL},
         "promosim run: unknown flag \"--sed\"; did you mean \"--seed\"?\n"},
        {promosim_run, {NULL},
         "promosim run: found no PATH, expected a scenario or a directory of them\n"},
        {promosim_run, {"/nowhere/at/all", NULL}, "/nowhere/at/all: there is no such file\n"},
        {promosim_run, {"/dev", NULL},
         "/dev: found no scenario, expected *.yaml with the key \"scenario\"\n"},
        {promosim_preview, {"--fleet", "x", NULL},
         "promosim preview: found no -f FILE, expected the ClusterPromotion's\n"},
        {promosim_preview, {"-f", "x", NULL},
         "promosim preview: found no --fleet FILE, expected the clusters'\n"},
        {promosim_preview, {"-f", "/tmp", "--fleet", "x", NULL},
         "promosim preview: /tmp: found a directory, expected a file\n"},
        {promosim_preview, {"more", NULL},
         "promosim preview: found \"more\", expected only flags\n"},
        {promosim_sweep, {"--point=3", NULL},
         "promosim sweep: unknown flag \"--point\"; did you mean \"--points\"?\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
        struct said said;
        say(lines[i].command, lines[i].words, &said);
        assert_int_equal(said.code, 2);
        assert_str(str_from(said.errors), lines[i].errors);
        assert_str(str_from(said.out), "");
    }
}

static void every_command_tells_its_flags(void **state)
{
    static command_fn *const commands[] = {promosim_run, promosim_preview, promosim_sweep};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(commands); i++) {
        struct said said;
        say(commands[i], (const char *[]){"--help", NULL}, &said);
        assert_int_equal(said.code, 0);
        assert_true(str_starts_with(str_from(said.out), STR("usage: promosim ")));
        assert_true(str_contains(str_from(said.out), STR("\n  --seed N ")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_preview_tells_the_whole_rollout),
        cmocka_unit_test(a_preview_that_does_not_complete_says_what_it_waits_for),
        cmocka_unit_test(any_beginning_of_a_manifest_is_played_or_refused),
        cmocka_unit_test(a_run_ends_with_what_it_found),
        cmocka_unit_test(a_failure_shows_a_diff_and_how_to_see_it_again),
        cmocka_unit_test(a_fault_of_the_command_line_is_read_and_said_again),
        cmocka_unit_test(many_seeds_are_played_once_each_and_those_that_fail_are_told),
        cmocka_unit_test(a_sweep_leaves_out_what_is_marked_and_says_why),
        cmocka_unit_test(wrong_usage_is_told_and_ends_with_2),
        cmocka_unit_test(every_command_tells_its_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
