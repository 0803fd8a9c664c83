/*
 * Rollouts in batches, row by row, at their virtual times.
 * Rows: facts 5.4 (the maxUpdate table, the five steps), 2B's B08.
 */
#include "tests/testlib/world.h"

#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]"
#define P PROFILES "/p"
#define DAY_MS 86400000

static const struct world_rule at_once = {.has_created_after = true, .has_stale_for = true};

static void add_clusters(struct stage *stage, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char *name = str_format("c%u", i);
        stage_add_cluster(stage, name, QA);
        mem_free(name);
    }
}

static struct stage *stage_with(unsigned cluster_count, const char *max_update)
{
    struct stage *stage = stage_create(&at_once, 1);
    char *spec = str_format("{" SELECTOR "," RESOURCES "%s%s}",
                            max_update[0] != '\0' ? ",'maxUpdate':" : "", max_update);
    add_clusters(stage, cluster_count);
    stage_add_profile(stage, "{'name':'p'}", spec);
    mem_free(spec);
    return stage;
}

/* How many summaries have what the profile wants; -1: any tier. */
static size_t summaries_of_tier(struct stage *stage, int64_t wanted)
{
    size_t count = 0;
    struct json *list = stage_get(stage, SUMMARIES);
    JSON_EACH(summary, json_get(list, "items")) {
        int64_t tier = 0;
        json_int_of(json_at(summary, "spec.clusterProfileSpec.tier"), &tier);
        if (wanted < 0 || tier == wanted)
            count++;
    }
    json_free(list);
    return count;
}

static size_t listed(struct stage *stage, const char *path)
{
    struct json *profile = stage_get(stage, P);
    size_t count = json_count(json_at(profile, path));
    json_free(profile);
    return count;
}

static bool lists(struct stage *stage, const char *path, const char *cluster)
{
    bool found = false;
    struct json *profile = stage_get(stage, P);
    JSON_EACH(reference, json_at(profile, path))
        found = found || str_is(json_text_at(reference, "name"), cluster);
    json_free(profile);
    return found;
}

/* 5.4's table; 0 stands for "unlimited". Once on creation, once on a change. */
static void the_table_of_max_update_holds_in_a_rollout(void **state)
{
    (void)state;
    static const struct {
        const char *max_update;
        unsigned matching;
        size_t at_once;
    } rows[] = {
        {"'30%'", 10, 3}, {"'50%'", 4, 2},  {"'1%'", 3, 1},   {"'99%'", 1, 1}, {"'100%'", 7, 7},
        {"'10%'", 25, 3}, {"'0%'", 6, 6},   {"10", 12, 10},   {"'5'", 10, 1},  {"0", 6, 6},
        {"", 6, 6},       {"10", 4, 4},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage = stage_with(rows[i].matching, rows[i].max_update);
        stage_run_until(stage, 0);
        assert_int_equal(summaries_of_tier(stage, -1), rows[i].at_once);
        stage_run_until(stage, 3600000);
        assert_int_equal(summaries_of_tier(stage, 100), rows[i].matching);
        stage_patch(stage, P, "{'spec':{'tier':50}}");
        stage_run_until(stage, 3600000);
        assert_int_equal(summaries_of_tier(stage, 50), rows[i].at_once);
        stage_run_until(stage, 2 * 3600000);
        assert_int_equal(summaries_of_tier(stage, 50), rows[i].matching);
        stage_free(stage);
    }
}

/* 5.4.3, 5.4.5: a batch moves on when it is provisioned; the lists tell of it until the last
 * batch is under way, which is not awaited. */
static void the_lists_tell_of_every_step(void **state)
{
    (void)state;
    struct stage *stage = stage_with(5, "2");
    static const struct {
        int64_t at_ms;
        size_t summaries, updating, updated;
    } rows[] = {
        {0, 2, 2, 0},     /* the first batch */
        {10001, 2, 2, 0}, /* looked at again just before it was provisioned */
        {20000, 4, 2, 2}, /* the 10 s loop sees it: the second */
        {30000, 4, 2, 2},
        {40000, 5, 0, 0}, /* the last is under way: both lists are emptied */
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        stage_run_until(stage, rows[i].at_ms);
        assert_int_equal(summaries_of_tier(stage, -1), rows[i].summaries);
        assert_int_equal(listed(stage, "status.updatingClusters.clusters"), rows[i].updating);
        assert_int_equal(listed(stage, "status.updatedClusters.clusters"), rows[i].updated);
    }
    stage_run_until(stage, 3600000);
    assert_int_equal(stage_run_until(stage, DAY_MS), 0);
    stage_free(stage);
}

/* B08: the last batch counts as done before it is provisioned. */
static void the_last_batch_is_not_awaited(void **state)
{
    (void)state;
    const struct world_rule rules[] = {at_once, {.has_takes = true, .takes = {600000, 600000}}};
    struct stage *stage = stage_create(rules, 2);
    add_clusters(stage, 2);
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR "," RESOURCES ",'maxUpdate':2}");
    stage_run_until(stage, 1000);
    assert_at(stage, P, "status.updatingClusters", "{}");
    assert_at(stage, P, "status.updatedClusters", "{}");
    stage_free(stage);
}

/* 5.4.4: skipped clusters use up slots. Not ready: only with clusterRefs does such match. */
static void a_cluster_that_is_not_ready_wastes_its_slot(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    add_clusters(stage, 3);
    stage_patch(stage, CLUSTERS "/c0/status", "{'status':{'ready':false}}");
    stage_add_profile(
        stage, "{'name':'p'}",
        "{" RESOURCES ",'maxUpdate':1,'clusterRefs':[{'kind':'SveltosCluster','namespace':"
        "'default','name':'c0','apiVersion':'lib.projectsveltos.io/v1beta1'},{'kind':"
        "'SveltosCluster','namespace':'default','name':'c1','apiVersion':"
        "'lib.projectsveltos.io/v1beta1'},{'kind':'SveltosCluster','namespace':'default','name':"
        "'c2','apiVersion':'lib.projectsveltos.io/v1beta1'}]}");
    stage_run_until(stage, 0);
    assert_true(lists(stage, "status.updatingClusters.clusters", "c0"));
    stage_run_until(stage, 600000);
    assert_false(stage_has(stage, SUMMARIES "/p-sveltos-c0"));
    stage_patch(stage, CLUSTERS "/c0/status", "{'status':{'ready':true}}");
    stage_run_until(stage, 1200000);
    assert_int_equal(summaries_of_tier(stage, -1), 3);
    stage_free(stage);
}

/* 5.4.4: "maxUpdate != 0 and cluster paused -> skipped", and its slot is wasted. */
static void paused_clusters_hold_a_rollout(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    add_clusters(stage, 4);
    stage_patch(stage, CLUSTERS "/c0", "{'spec':{'paused':true}}");
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR "," RESOURCES ",'maxUpdate':1}");
    static const struct {
        int64_t at_ms;
        bool listed;
    } rows[] = {
        {0, true},
        {10000, false}, /* it has no summary: taken for one that somebody deleted */
        {20000, true},
        {30000, false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        stage_run_until(stage, rows[i].at_ms);
        assert_int_equal(lists(stage, "status.updatingClusters.clusters", "c0"), rows[i].listed);
    }
    stage_run_until(stage, 1200000);
    assert_false(stage_has(stage, SUMMARIES "/p-sveltos-c0"));
    stage_patch(stage, CLUSTERS "/c0", "{'spec':{'paused':false}}");
    stage_run_until(stage, 2400000);
    assert_int_equal(summaries_of_tier(stage, -1), 4);
    assert_at(stage, P, "status.updatingClusters", "{}");
    stage_free(stage);
}

/* 5.4.4: a paused cluster's old summary, still Provisioned, "counts as updated on the next pass".
 */
static void the_old_summary_of_a_paused_cluster_counts_as_updated(void **state)
{
    (void)state;
    struct stage *stage = stage_with(4, "1");
    stage_run_until(stage, 600000);
    stage_patch(stage, CLUSTERS "/c0", "{'spec':{'paused':true}}");
    stage_patch(stage, P, "{'spec':{'tier':50}}");
    stage_run_until(stage, 1200000);
    assert_int_equal(summaries_of_tier(stage, 50), 3);
    assert_int_equal(summaries_of_tier(stage, 100), 1);
    assert_at(stage, SUMMARIES "/p-sveltos-c0", "spec.clusterProfileSpec.tier", "100");
    stage_free(stage);
}

/* 5.4.3: "If the hash differs nothing moves: old entries stay and keep occupying slots", until
 * they are visited and provisioned under the new hash. */
static void a_change_in_the_middle_keeps_the_slots(void **state)
{
    (void)state;
    static const int64_t changes_ms[] = {5000, 15000}; /* under way; provisioned, not yet seen */
    for (size_t i = 0; i < ARRAY_COUNT(changes_ms); i++) {
        struct stage *stage = stage_with(4, "1");
        stage_run_until(stage, changes_ms[i]);
        stage_patch(stage, P, "{'spec':{'tier':50}}");
        stage_run_until(stage, changes_ms[i]);
        assert_int_equal(summaries_of_tier(stage, -1), 1); /* the same slot */
        assert_int_equal(listed(stage, "status.updatingClusters.clusters"), 1);
        assert_int_equal(listed(stage, "status.updatedClusters.clusters"), 0);
        stage_run_until(stage, 600000);
        assert_int_equal(summaries_of_tier(stage, 50), 4);
        stage_free(stage);
    }
}

/* 5.4.2: clusters that do not match any more leave both lists, and free their slot. */
static void a_cluster_that_leaves_frees_its_slot(void **state)
{
    (void)state;
    const struct world_rule rules[] = {at_once, {.fails = UINT_MAX}};
    struct stage *stage = stage_create(rules, 2);
    add_clusters(stage, 2);
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR "," RESOURCES ",'maxUpdate':1}");
    stage_run_until(stage, 60000);
    bool first_is_c0 = lists(stage, "status.updatingClusters.clusters", "c0");
    stage_patch(stage, first_is_c0 ? CLUSTERS "/c0" : CLUSTERS "/c1",
                "{'metadata':{'labels':{'env':'none'}}}");
    stage_run_until(stage, 120000);
    assert_false(lists(stage, "status.updatingClusters.clusters", first_is_c0 ? "c0" : "c1"));
    assert_true(stage_has(stage, first_is_c0 ? SUMMARIES "/p-sveltos-c1"
                                             : SUMMARIES "/p-sveltos-c0"));
    stage_free(stage);
}

/* 5.4.3: a batch that fails holds the rollout. */
static void a_failing_batch_holds_the_rollout(void **state)
{
    (void)state;
    const struct world_rule rules[] = {at_once, {.fails = UINT_MAX}};
    struct stage *stage = stage_create(rules, 2);
    add_clusters(stage, 6);
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR "," RESOURCES ",'maxUpdate':'30%'}");
    stage_run_until(stage, 3600000);
    assert_int_equal(summaries_of_tier(stage, -1), 2);
    assert_int_equal(listed(stage, "status.updatingClusters.clusters"), 2);
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_max_update_holds_in_a_rollout),
        cmocka_unit_test(the_lists_tell_of_every_step),
        cmocka_unit_test(the_last_batch_is_not_awaited),
        cmocka_unit_test(a_cluster_that_is_not_ready_wastes_its_slot),
        cmocka_unit_test(paused_clusters_hold_a_rollout),
        cmocka_unit_test(the_old_summary_of_a_paused_cluster_counts_as_updated),
        cmocka_unit_test(a_change_in_the_middle_keeps_the_slots),
        cmocka_unit_test(a_cluster_that_leaves_frees_its_slot),
        cmocka_unit_test(a_failing_batch_holds_the_rollout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
