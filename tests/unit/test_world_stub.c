/*
 * The stub that Sveltos v1.14 has in the place of its promotion controller.
 * Rows: facts 10.1, 2.3 (triggers), 2.7.
 */
#include "tests/testlib/world.h"

#define SHARED "config.projectsveltos.io/clusterpromotion"
#define OWN "example.com/promotion"
#define CP PROMOTIONS "/web"
#define SECOND_MS INT64_C(1000)

static const struct world_rule with_stub = {.promotion_stub = true};

static void add_promotion(struct stage *stage, const char *metadata, const char *spec)
{
    char *body = str_format("{'apiVersion':'config.projectsveltos.io/v1beta1','kind':"
                            "'ClusterPromotion','metadata':{'name':'web'%s},'spec':{'stages':[{"
                            "'name':'qa'}]%s}}", metadata, spec);
    stage_post(stage, PROMOTIONS, body);
    mem_free(body);
}

static void add_profile_of(struct stage *stage, const char *name, const char *promotion)
{
    char *metadata = str_format("{'name':'%s','labels':{'config.projectsveltos.io/promotionname':"
                                "'%s'}}", name, promotion);
    stage_add_profile(stage, metadata, "{}");
    mem_free(metadata);
}

/* 10.1: off unless the world wants it. */
static void without_the_flag_there_is_no_stub(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    add_promotion(stage, "", "");
    stage_run_until(stage, 3600 * SECOND_MS);
    assert_at(stage, CP, "metadata.finalizers", "");
    stage_free(stage);
}

/* 10.1, row ">= v1.14.0": the finalizer, and nothing else. */
static void the_stub_adds_its_finalizer_and_nothing_else(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&with_stub, 1);
    add_promotion(stage, "", "");
    size_t before = fakeapi_audit_count(stage->api);
    stage_run_until(stage, SECOND_MS);
    assert_at(stage, CP, "metadata.finalizers", "['" SHARED "']");
    assert_at(stage, CP, "status", "");
    unsigned writes = 0;
    for (size_t i = before; i < fakeapi_audit_count(stage->api); i++)
        writes += fakeapi_audit_at(stage->api, i)->changed;
    assert_int_equal(writes, 1);
    stage_free(stage);
}

/* 10.1, caution 1: the whole list is replaced by what the cache showed, without a
 * resourceVersion. */
static void a_finalizer_added_a_moment_before_is_dropped(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&with_stub, 1);
    add_promotion(stage, "", "");
    stage_run_until(stage, 1); /* it has looked, and its patch is on its way */
    stage_patch(stage, CP, "{'metadata':{'finalizers':['" OWN "']}}");
    stage_run_until(stage, 4);
    assert_at(stage, CP, "metadata.finalizers", "['" OWN "']");
    stage_run_until(stage, SECOND_MS);
    assert_at(stage, CP, "metadata.finalizers", "['" SHARED "']");
    /* Added again, it stays: the stub has what it wants. */
    stage_patch(stage, CP, "{'metadata':{'finalizers':['" SHARED "','" OWN "']}}");
    stage_run_until(stage, 600 * SECOND_MS);
    assert_at(stage, CP, "metadata.finalizers", "['" SHARED "','" OWN "']");
    stage_free(stage);
}

/* 10.1: one that it knows of stays. */
static void a_finalizer_that_was_there_before_stays(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&with_stub, 1);
    add_promotion(stage, ",'finalizers':['" OWN "']", "");
    stage_run_until(stage, SECOND_MS);
    assert_at(stage, CP, "metadata.finalizers", "['" OWN "','" SHARED "']");
    stage_free(stage);
}

/* 10.1: "requeues every 60 s"; 2.3: finalizers alone wake nobody. */
static void a_finalizer_that_is_taken_away_is_back_within_a_minute(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&with_stub, 1);
    add_promotion(stage, "", "");
    stage_run_until(stage, 30 * SECOND_MS);
    stage_patch(stage, CP, "{'metadata':{'finalizers':null}}");
    stage_run_until(stage, 59 * SECOND_MS);
    assert_at(stage, CP, "metadata.finalizers", "");
    stage_run_until(stage, 61 * SECOND_MS);
    assert_at(stage, CP, "metadata.finalizers", "['" SHARED "']");
    stage_free(stage);
}

/* The poll is one event a minute per promotion and never a request. */
static void a_day_of_looking_costs_no_request(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&with_stub, 1);
    add_promotion(stage, "", "");
    stage_run_until(stage, 60 * SECOND_MS);
    size_t requests = fakeapi_audit_count(stage->api);
    unsigned events = stage_run_until(stage, (24 * 3600 + 60) * SECOND_MS);
    assert_int_equal(fakeapi_audit_count(stage->api), requests);
    assert_int_equal(events, 24 * 60);
    stage_free(stage);
}

/* 2.7 by 10.1: by label, whoever owns them; 10 s rounds; then the finalizer. */
static void deletion_takes_the_labelled_profiles_along(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&with_stub, 1);
    add_promotion(stage, "", "");
    add_profile_of(stage, "web-qa", "web");
    add_profile_of(stage, "foreign", "web");
    add_profile_of(stage, "other-qa", "other");
    stage_add_profile(stage, "{'name':'web-prod'}", "{}"); /* by name alone: not meant */
    stage_run_until(stage, 5 * SECOND_MS);
    stage_delete(stage, CP);
    stage_run_until(stage, 6 * SECOND_MS);
    assert_false(stage_has(stage, PROFILES "/web-qa"));
    assert_false(stage_has(stage, PROFILES "/foreign"));
    assert_true(stage_has(stage, PROFILES "/other-qa"));
    assert_true(stage_has(stage, PROFILES "/web-prod"));
    assert_true(stage_has(stage, CP)); /* it saw some: it comes back in 10 s */
    stage_run_until(stage, 14 * SECOND_MS);
    assert_true(stage_has(stage, CP));
    stage_run_until(stage, 16 * SECOND_MS);
    assert_false(stage_has(stage, CP));
    stage_free(stage);
}

/* 2.7 by 10.1: with preserve the finalizer is released at once, owner references stay. */
static void with_preserve_it_lets_go_at_once(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&with_stub, 1);
    add_promotion(stage, ",'finalizers':['" OWN "']",
                  ",'preserveClusterProfilesOnDelete':true");
    add_profile_of(stage, "web-qa", "web");
    stage_run_until(stage, 5 * SECOND_MS);
    stage_delete(stage, CP);
    stage_run_until(stage, 5 * SECOND_MS + 51);
    assert_at(stage, CP, "metadata.finalizers", "['" OWN "']");
    stage_run_until(stage, 600 * SECOND_MS);
    assert_true(stage_has(stage, PROFILES "/web-qa"));
    assert_at(stage, CP, "metadata.finalizers", "['" OWN "']"); /* and waits for nobody */
    stage_free(stage);
}

/* It is a part of Sveltos: down with it, and back with it. */
static void the_stub_is_down_when_sveltos_is(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&with_stub, 1);
    world_set_down(stage->world, true);
    add_promotion(stage, "", "");
    stage_run_until(stage, 600 * SECOND_MS);
    assert_at(stage, CP, "metadata.finalizers", "");
    world_set_down(stage->world, false);
    stage_run_until(stage, 601 * SECOND_MS);
    assert_at(stage, CP, "metadata.finalizers", "['" SHARED "']");
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_flag_there_is_no_stub),
        cmocka_unit_test(the_stub_adds_its_finalizer_and_nothing_else),
        cmocka_unit_test(a_finalizer_added_a_moment_before_is_dropped),
        cmocka_unit_test(a_finalizer_that_was_there_before_stays),
        cmocka_unit_test(a_finalizer_that_is_taken_away_is_back_within_a_minute),
        cmocka_unit_test(a_day_of_looking_costs_no_request),
        cmocka_unit_test(deletion_takes_the_labelled_profiles_along),
        cmocka_unit_test(with_preserve_it_lets_go_at_once),
        cmocka_unit_test(the_stub_is_down_when_sveltos_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
