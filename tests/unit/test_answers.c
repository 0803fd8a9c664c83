/*
 * What the controller makes of answers that no scenario's server gives: objects that are none,
 * lost races without end, a transport that accepts nothing. No key is lost [L2], none is written
 * twice at once [S4], and all waits end.
 */
#include "tests/testlib/dialogue.h"

#define META(name, version, rest)                                                               \
    "\"metadata\":{\"name\":\"" name "\",\"uid\":\"u-" name "\",\"generation\":1,"               \
    "\"resourceVersion\":\"" version "\"" rest "}"
#define SPEC                                                                                     \
    "\"spec\":{\"stages\":[{\"name\":\"qa\",\"clusterSelector\":{\"matchLabels\":{\"e\":\"q\"}}}]}"
#define FINALIZERS                                                                               \
    ",\"finalizers\":[\"" FINALIZER_SHARED "\",\"" FINALIZER_OWN "\"]"
#define DELETING FINALIZERS ",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\""
#define FRESH(name, version) "{" META(name, version, "") "," SPEC "}"
#define HELD(name, version) "{" META(name, version, FINALIZERS) "," SPEC "}"
#define DYING(name, version) "{" META(name, version, DELETING) "," SPEC "}"

#define WEB "PATCH /apis/config.projectsveltos.io/v1beta1/clusterpromotions/web?"
#define STATUS "PATCH /apis/config.projectsveltos.io/v1beta1/clusterpromotions/web/status?"
#define LOOK "GET /apis/config.projectsveltos.io/v1beta1/clusterpromotions/web"
#define PROFILES "GET /apis/config.projectsveltos.io/v1beta1/clusterprofiles?labelSelector="
#define APPLY "PATCH /apis/config.projectsveltos.io/v1beta1/clusterprofiles/web-qa?"
#define PROFILE_LOOK "GET /apis/config.projectsveltos.io/v1beta1/clusterprofiles/web-qa"
#define PROFILE(version)                                                                         \
    "{" META("web-qa", version, ",\"labels\":{\"" LABEL_PROMOTION_NAME "\":\"web\"},"            \
    "\"ownerReferences\":[{\"uid\":\"u-web\"}]") ",\"spec\":{}}"

/* Nothing but the watches is asked for. */
static void assert_rests(struct dialogue *d)
{
    for (size_t i = 0; i < DIALOGUE_ASKED_MAX; i++) {
        if (d->asked[i].line != NULL)
            assert_non_null(strstr(d->asked[i].line, "watch=true"));
    }
}

static void a_lost_race_is_looked_at_and_tried_again_ever_more_slowly(void **state)
{
    struct dialogue d;
    int64_t began_ms = 0;
    (void)state;
    dialogue_init(&d, FRESH("web", "1"));
    for (unsigned race = 0; race < 12; race++) {
        while (dialogue_find(&d, WEB) == NULL)
            dialogue_pass(&d, 100);
        if (race == 2)
            assert_int_equal(d.now.mono_ms, 0); /* the first two at once */
        if (race == 11)
            began_ms = d.now.mono_ms;
        dialogue_answer(&d, WEB, 409, "{\"kind\":\"Status\",\"reason\":\"Conflict\"}");
        dialogue_answer(&d, LOOK, 200, FRESH("web", "1"));
        assert_true(race < 3 || dialogue_find(&d, WEB) == NULL);
    }
    while (dialogue_find(&d, WEB) == NULL)
        dialogue_pass(&d, 100);
    assert_in_range(d.now.mono_ms - began_ms, RETRY_BACKOFF_MS_MAX / 2,
                    RETRY_BACKOFF_MS_MAX + 100);
    dialogue_release(&d);
}

static void a_look_that_fails_is_tried_later(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, FRESH("web", "1"));
    dialogue_end(&d, WEB, ERR_OUTCOME_UNKNOWN);
    dialogue_answer(&d, LOOK, 500, "");
    assert_rests(&d);
    dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
    assert_non_null(dialogue_find(&d, WEB));
    dialogue_release(&d);
}

/* Who may not read is as good as refused to write (P12). */
static void who_may_not_look_says_so_and_writes_nothing_else(void **state)
{
    static const int refusals[] = {401, 403};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(refusals); i++) {
        struct dialogue d;
        dialogue_init(&d, FRESH("web", "1"));
        dialogue_end(&d, WEB, ERR_OUTCOME_UNKNOWN);
        dialogue_answer(&d, LOOK, refusals[i], "{\"message\":\"no\"}");
        dialogue_pass(&d, WRITE_TIMEOUT_MS); /* the write may still arrive */
        assert_non_null(strstr(dialogue_await(&d, STATUS)->body, "The API server refused: no"));
        dialogue_pass(&d, REFUSED_RETRY_MS - WRITE_TIMEOUT_MS - 1);
        assert_null(dialogue_find(&d, WEB));
        dialogue_release(&d);
    }
}

static void a_controller_goes_also_while_a_watch_backs_off(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, HELD("web", "1"));
    dialogue_end(&d, "/clusterprofiles?watch=true", ERR_UNREACHABLE);
    assert_null(dialogue_find(&d, "/clusterprofiles?watch=true"));
    dialogue_release(&d); /* and cancels all that it had asked for */
}

static void a_look_that_the_transport_refuses_is_tried_later(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, FRESH("web", "1"));
    d.refusing = true;
    dialogue_end(&d, WEB, ERR_OUTCOME_UNKNOWN);
    assert_rests(&d);
    d.refusing = false;
    dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
    assert_non_null(dialogue_find(&d, WEB));
    dialogue_release(&d);
}

static void a_transport_that_accepts_nothing_is_asked_again(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, FRESH("web", "1"));
    d.refusing = true;
    dialogue_answer(&d, WEB, 409, "");
    dialogue_end(&d, "/clusterprofiles?watch=true", ERR_UNREACHABLE);
    for (unsigned i = 0; i < 100; i++)
        dialogue_pass(&d, 1000);
    assert_null(dialogue_find(&d, "/clusterprofiles?"));
    d.refusing = false;
    dialogue_pass(&d, RELIST_BACKOFF_MS_MAX * 2);
    assert_non_null(dialogue_find(&d, "/clusterprofiles?watch=true")); /* resumed, not relisted */
    assert_non_null(dialogue_find(&d, WEB));
    dialogue_release(&d);
}

static void a_server_is_given_the_longer_of_its_own_wait_and_ours(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, FRESH("web", "1"));
    dialogue_answer_asking(&d, WEB, 429, 40, STR(""));
    dialogue_pass(&d, 39999);
    assert_rests(&d);
    dialogue_pass(&d, 1);
    for (unsigned i = 0; i < 8; i++) { /* until our own wait is the longer one */
        dialogue_answer_asking(&d, WEB, 429, 1, STR(""));
        dialogue_pass(&d, 999);
        assert_rests(&d);
        dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
    }
    dialogue_answer_asking(&d, WEB, 429, 1, STR(""));
    dialogue_pass(&d, RETRY_BACKOFF_MS_MAX / 2 - 1);
    assert_rests(&d);
    dialogue_release(&d);
}

/* The answer to a write that is no object says nothing about what the store must show. */
static void an_answer_without_an_object_waits_until_the_object_has_gone(void **state)
{
    static const char *const answers[] = {"<html>", "{}", DYING("web", "5"),
                                          "{\"kind\":\"Status\",\"status\":\"Success\"}"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
        struct dialogue d;
        dialogue_init(&d, DYING("web", "5"));
        dialogue_answer(&d, PROFILES, 200, DIALOGUE_LIST(""));
        assert_non_null(strstr(dialogue_await(&d, WEB)->body, "finalizers"));
        dialogue_answer(&d, WEB, 200,
                        i == 2 ? "{" META("web", "5", ",\"deletionTimestamp\":\"x\"") "}"
                               : answers[i]);
        dialogue_event(&d, "clusterpromotions", "MODIFIED", DYING("web", "6"));
        assert_rests(&d);
        dialogue_event(&d, "clusterpromotions", "DELETED", DYING("web", "7"));
        assert_rests(&d);
        assert_null(map_get(&d.controller->works, STR("web"))); /* nothing is kept of it */
        dialogue_release(&d);
    }
}

/* One that bears the name again is another. */
static void a_promotion_made_again_opens_the_gate_of_the_one_that_went(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, DYING("web", "5"));
    dialogue_answer(&d, PROFILES, 200, DIALOGUE_LIST(""));
    dialogue_answer(&d, WEB, 200, "{}");
    dialogue_event(&d, "clusterpromotions", "MODIFIED",
                   "{\"metadata\":{\"name\":\"web\",\"uid\":\"u-2\",\"resourceVersion\":\"9\"},"
                   SPEC "}");
    assert_non_null(strstr(dialogue_await(&d, WEB)->body, "\"resourceVersion\":\"9\""));
    dialogue_release(&d);
}

static void finalizers_stay_while_a_list_may_hold_a_profile_of_ours(void **state)
{
    static const char *const answers[] = {
        "{\"kind\":\"Status\"}", "<html>", DIALOGUE_LIST("{\"x\":1,\"x\":2}"),
        DIALOGUE_LIST("{\"metadata\":{}}," PROFILE("4")),
    };
    struct dialogue d;
    (void)state;
    dialogue_init(&d, DYING("web", "5"));
    dialogue_answer(&d, PROFILES, 500, "");
    for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
        assert_rests(&d);
        dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
        dialogue_answer(&d, PROFILES, 200, answers[i]);
    }
    assert_rests(&d);
    dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
    dialogue_answer(&d, PROFILES, 200, DIALOGUE_LIST("{\"metadata\":{}}")); /* that is nobody's */
    assert_non_null(dialogue_find(&d, WEB));
    dialogue_release(&d);
}

static void a_promotion_that_goes_while_it_is_asked_about_is_forgotten(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, DYING("web", "5") "," FRESH("new", "5"));
    dialogue_event(&d, "clusterpromotions", "DELETED", DYING("web", "6"));
    dialogue_answer(&d, PROFILES, 200, DIALOGUE_LIST(""));
    dialogue_event(&d, "clusterpromotions", "DELETED", FRESH("new", "7"));
    dialogue_answer(&d, "clusterpromotions/new?", 403, "{\"kind\":\"Status\"}");
    dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
    assert_rests(&d);
    assert_int_equal(map_count(&d.controller->works), 0);
    dialogue_release(&d);
}

/* From a promotion with its finalizers to the first apply of its stage's profile. */
static void enter_first_stage(struct dialogue *d)
{
    CLEANUP(json_free_pointer) struct json *patch = NULL;
    dialogue_init(d, HELD("web", "5"));
    assert_err(json_parse(str_from(dialogue_await(d, STATUS)->body), NULL, &patch, NULL), ERR_NONE);
    char *status = json_print_text(json_get(patch, "status"));
    char *object = str_format("{" META("web", "6", FINALIZERS) "," SPEC ",\"status\":%s}", status);
    dialogue_answer(d, STATUS, 200, object);
    dialogue_event(d, "clusterpromotions", "MODIFIED", object);
    mem_free(object);
    mem_free(status);
}

#define SUMMARY_LOOK "GET /apis/config.projectsveltos.io/v1beta1/namespaces/n/clustersummaries/"
#define CLUSTER                                                                                  \
    "{\"metadata\":{\"namespace\":\"n\",\"name\":\"c\",\"uid\":\"u-c\",\"resourceVersion\":"      \
    "\"8\",\"labels\":{\"e\":\"q\"}},\"status\":{\"ready\":true}}"

/* As applied, but its last change was a redeployment of what nobody knows the times of. */
static char *unsettled_profile(struct dialogue *d)
{
    CLEANUP(json_free_pointer) struct json *profile = NULL;
    struct json *fields = NULL;
    assert_err(json_parse(str_from(dialogue_await(d, APPLY)->body), NULL, &profile, NULL),
               ERR_NONE);
    assert_err(json_parse(STR("[{\"manager\":\"" FIELD_MANAGER_APPLY "\",\"operation\":\"Apply\","
                              "\"time\":\"2026-01-01T00:00:00Z\",\"fieldsV1\":{}}]"),
                          NULL, &fields, NULL),
               ERR_NONE);
    struct json *metadata = json_get(profile, "metadata");
    json_set(metadata, "uid", json_text("u-web-qa"));
    json_set(metadata, "resourceVersion", json_text("7"));
    json_set(metadata, "managedFields", fields);
    json_set(json_get(metadata, "annotations"), ANNOTATION_REDEPLOYS,
             json_text("{\"Resources\":\"unsettled\"}"));
    return json_print_text(profile);
}

/* What Sveltos made of that profile: it has its annotations and its spec. */
static char *summary_of(const char *profile_text)
{
    CLEANUP(json_free_pointer) struct json *profile = NULL;
    assert_err(json_parse(str_from(profile_text), NULL, &profile, NULL), ERR_NONE);
    char *annotations = json_print_text(json_at(profile, "metadata.annotations"));
    char *spec = json_print_text(json_get(profile, "spec"));
    char *text = str_format(
        "{\"metadata\":{\"namespace\":\"n\",\"name\":\"web-qa-sveltos-c\",\"uid\":\"u-s\","
        "\"generation\":2,\"resourceVersion\":\"9\",\"labels\":{\"" LABEL_PROFILE_NAME "\":"
        "\"web-qa\"},\"ownerReferences\":[{\"kind\":\"ClusterProfile\",\"uid\":\"u-web-qa\"}],"
        "\"annotations\":%s},\"spec\":{\"clusterNamespace\":\"n\",\"clusterName\":\"c\","
        "\"clusterType\":\"Sveltos\",\"clusterProfileSpec\":%s},\"status\":{\"featureSummaries\":["
        "{\"featureID\":\"Resources\",\"status\":\"Provisioned\"}]}}",
        annotations, spec);
    mem_free(annotations);
    mem_free(spec);
    return text;
}

/* Up to where a minute of quiet is to be confirmed (P7). Returns the summary. */
static char *rest_for_a_minute(struct dialogue *d)
{
    enter_first_stage(d);
    char *profile = unsettled_profile(d);
    char *summary = summary_of(profile);
    dialogue_event(d, "sveltosclusters", "ADDED", CLUSTER);
    dialogue_answer(d, APPLY, 200, profile);
    dialogue_event(d, "clusterprofiles", "ADDED", profile);
    dialogue_event(d, "clustersummaries", "ADDED", summary);
    assert_null(dialogue_find(d, SUMMARY_LOOK));
    dialogue_answer(d, "POST /apis/events.k8s.io", 201, "{}"); /* of the start */
    dialogue_pass(d, SETTLE_MS);
    mem_free(profile);
    return summary;
}

static void a_read_that_confirms_nothing_is_tried_later(void **state)
{
    struct dialogue d;
    (void)state;
    char *summary = rest_for_a_minute(&d);
    dialogue_answer(&d, SUMMARY_LOOK, 200, "{}");
    assert_null(dialogue_find(&d, SUMMARY_LOOK));
    dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
    dialogue_answer(&d, SUMMARY_LOOK, 200, summary);
    assert_non_null(dialogue_find(&d, STATUS)); /* now it is proven */
    mem_free(summary);
    dialogue_release(&d);
}

static void a_summary_that_goes_while_it_is_read_proves_nothing(void **state)
{
    struct dialogue d;
    (void)state;
    char *summary = rest_for_a_minute(&d);
    dialogue_event(&d, "clustersummaries", "DELETED", summary);
    dialogue_answer(&d, SUMMARY_LOOK, 200, summary);
    dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
    assert_null(dialogue_find(&d, SUMMARY_LOOK));
    assert_null(dialogue_find(&d, STATUS));
    mem_free(summary);
    dialogue_release(&d);
}

/* The profile is seen, the apply's answer is lost, and the server says it has gone again. */
static void what_the_server_no_longer_has_must_leave_the_store_first(void **state)
{
    struct dialogue d;
    (void)state;
    enter_first_stage(&d);
    dialogue_event(&d, "clusterprofiles", "ADDED", PROFILE("7"));
    dialogue_end(&d, APPLY, ERR_OUTCOME_UNKNOWN);
    dialogue_answer(&d, PROFILE_LOOK, 404, "{\"kind\":\"Status\",\"reason\":\"NotFound\"}");
    dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
    assert_rests(&d);
    dialogue_event(&d, "clusterprofiles", "DELETED", PROFILE("8"));
    assert_non_null(strstr(dialogue_await(&d, APPLY)->body, "\"resourceVersion\":\"0\""));
    dialogue_release(&d);
}

/* Another controller creates it after the server said that there is none: waiting until that
 * one goes would be waiting for ever. */
static void what_appears_after_the_server_was_asked_may_stay(void **state)
{
    struct dialogue d;
    (void)state;
    enter_first_stage(&d);
    dialogue_end(&d, APPLY, ERR_OUTCOME_UNKNOWN);
    dialogue_event(&d, "clusterprofiles", "ADDED", PROFILE("7"));
    dialogue_answer(&d, PROFILE_LOOK, 404, "{\"kind\":\"Status\",\"reason\":\"NotFound\"}");
    dialogue_pass(&d, WRITE_TIMEOUT_MS);
    assert_non_null(strstr(dialogue_await(&d, APPLY)->body, "\"uid\":\"u-web-qa\""));
    dialogue_release(&d);
}

static void an_answer_without_end_is_refused(void **state)
{
    struct dialogue d;
    struct buf body;
    (void)state;
    buf_init(&body, 2 * ANSWER_BYTES_MAX);
    while (body.len <= ANSWER_BYTES_MAX)
        buf_append_text(&body, "                                                                ");
    dialogue_init(&d, FRESH("web", "1"));
    dialogue_answer_asking(&d, WEB, 200, -1, buf_str(&body));
    assert_null(dialogue_find(&d, WEB));
    dialogue_answer(&d, STATUS, 403, "{\"kind\":\"Status\"}"); /* nor can it be said */
    dialogue_answer(&d, "POST /apis/events.k8s.io/v1/", 201, "{}");
    assert_rests(&d);
    dialogue_pass(&d, REFUSED_RETRY_MS);
    assert_non_null(dialogue_find(&d, WEB));
    buf_release(&body);
    dialogue_release(&d);
}

static void more_promotions_than_requests_take_turns(void **state)
{
    struct dialogue d;
    struct buf promotions;
    unsigned done = 0;
    (void)state;
    buf_init(&promotions, 1u << 20);
    for (unsigned i = 0; i < REQUESTS_IN_FLIGHT_MAX + 10; i++)
        buf_printf(&promotions,
                   "%s{\"metadata\":{\"name\":\"p%u\",\"uid\":\"u%u\",\"resourceVersion\":\"1\"},"
                   SPEC "}", i > 0 ? "," : "", i, i);
    dialogue_init(&d, promotions.data);
    assert_int_equal(d.submitted, REQUESTS_IN_FLIGHT_MAX + 2 * KUBE_RESOURCE_COUNT);
    for (; done < REQUESTS_IN_FLIGHT_MAX + 10; done++) {
        if (dialogue_find(&d, "PATCH ") == NULL)
            dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
        dialogue_end(&d, "PATCH ", ERR_UNREACHABLE);
    }
    assert_int_equal(map_count(&d.controller->works), done);
    buf_release(&promotions);
    dialogue_release(&d);
}

static void a_step_does_no_more_than_its_budget(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, FRESH("a", "1") "," FRESH("b", "1"));
    dialogue_end(&d, "clusterpromotions/a?", ERR_UNREACHABLE);
    dialogue_end(&d, "clusterpromotions/b?", ERR_UNREACHABLE);
    d.now.mono_ms += RETRY_BACKOFF_MS_MAX;
    assert_int_equal(controller_step(d.controller, d.now, 1), 1);
    assert_int_equal(controller_next_wakeup_ms(d.controller, d.now), d.now.mono_ms);
    assert_int_equal(controller_step(d.controller, d.now, 1), 1);
    assert_int_equal(controller_step(d.controller, d.now, 1), 0);
    dialogue_release(&d);
}

/* Keys wait at gates of their own; the store opens one after the other. */
static void a_gate_opens_for_its_own_key_only(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, FRESH("a", "1") "," FRESH("b", "1") "," FRESH("c", "1"));
    dialogue_answer(&d, "clusterpromotions/a?", 200, HELD("a", "8"));
    dialogue_answer(&d, "clusterpromotions/b?", 200, HELD("b", "9"));
    assert_null(dialogue_find(&d, "/status?"));
    dialogue_event(&d, "clusterpromotions", "MODIFIED", HELD("a", "8"));
    assert_non_null(dialogue_find(&d, "clusterpromotions/a/status?"));
    assert_null(dialogue_find(&d, "clusterpromotions/b/status?"));
    dialogue_event(&d, "clusterpromotions", "BOOKMARK",
                   "{\"metadata\":{\"resourceVersion\":\"9\"}}");
    assert_non_null(dialogue_find(&d, "clusterpromotions/b?"));
    dialogue_release(&d);
}

/* Answers to what was cancelled or never asked. */
static void answers_to_nobody_are_not_heard(void **state)
{
    struct kube_response_head head = {200, -1};
    struct dialogue d;
    (void)state;
    dialogue_init(&d, FRESH("web", "1"));
    controller_on_head(d.controller, 4711, &head, d.now);
    controller_on_body(d.controller, 4711, STR("{}"), d.now);
    controller_on_end(d.controller, 4711, ERR_NONE, d.now);
    dialogue_step(&d);
    assert_non_null(dialogue_find(&d, WEB));
    dialogue_release(&d);
}

static void a_watch_that_talks_nonsense_is_hung_up_and_begun_again(void **state)
{
    struct kube_response_head head = {200, -1};
    struct dialogue d;
    (void)state;
    dialogue_init(&d, FRESH("web", "1"));
    uint64_t id = dialogue_await(&d, "/clusterprofiles?watch=true")->id;
    controller_on_head(d.controller, id, &head, d.now);
    controller_on_body(d.controller, id, STR("<html>\n"), d.now);
    assert_null(dialogue_find(&d, "/clusterprofiles?"));
    dialogue_pass(&d, 2 * RELIST_BACKOFF_MS_MIN);
    assert_true(dialogue_await(&d, "/clusterprofiles?")->id != id);
    dialogue_release(&d);
}

/* Its own deadline would come in half an hour at the earliest. */
static void a_watch_that_is_not_answered_is_given_up(void **state)
{
    struct dialogue d;
    (void)state;
    dialogue_init(&d, HELD("web", "5"));
    d.silent = true;
    dialogue_end(&d, "/clusterpromotions?watch=true", ERR_NONE);
    dialogue_answer(&d, STATUS, 403, "{\"kind\":\"Status\"}"); /* nothing else is in flight */
    uint64_t id = dialogue_await(&d, "/clusterpromotions?watch=true")->id;
    assert_int_equal(controller_next_wakeup_ms(d.controller, d.now),
                     d.now.mono_ms + WATCH_HEAD_MS);
    dialogue_pass(&d, WATCH_HEAD_MS - 1);
    assert_int_equal(dialogue_await(&d, "/clusterpromotions?watch=true")->id, id);
    dialogue_pass(&d, 1);
    assert_null(dialogue_find(&d, "/clusterpromotions?watch=true"));
    d.silent = false;
    dialogue_pass(&d, 4 * RELIST_BACKOFF_MS_MIN);
    assert_non_null(dialogue_find(&d, "/clusterpromotions?watch=true"));
    dialogue_pass(&d, 2 * WATCH_HEAD_MS); /* it is answered, and rests */
    assert_non_null(dialogue_find(&d, "/clusterpromotions?watch=true"));
    dialogue_release(&d);
}

static void what_was_decided_can_be_asked_for(void **state)
{
    struct controller_explanation told;
    struct dialogue d;
    (void)state;
    dialogue_init(&d, FRESH("web", "1"));
    assert_false(controller_explain(d.controller, STR("other"), &told));
    (void)controller_work(d.controller, STR("other")); /* known, and never looked at */
    assert_false(controller_explain(d.controller, STR("other"), &told));
    assert_true(controller_explain(d.controller, STR("web"), &told));
    assert_str(told.promotion, "web");
    assert_true(told.reason[0] != '\0');
    dialogue_release(&d);
    controller_free(NULL);
}

/* At any size of memory for one look, it is either refused or whole. */
static void a_promotion_too_large_for_a_look_is_left_alone(void **state)
{
    unsigned refused = 0;
    (void)state;
    for (size_t bytes = 0; bytes < 4096; bytes += 64) {
        struct dialogue d;
        dialogue_init(&d, FRESH("web", "1"));
        arena_release(&d.controller->arena);
        arena_init(&d.controller->arena, bytes);
        dialogue_end(&d, WEB, ERR_UNREACHABLE);
        dialogue_pass(&d, RETRY_BACKOFF_MS_MAX);
        refused += dialogue_find(&d, WEB) == NULL;
        assert_true(bytes > 0 || refused == 1);
        dialogue_release(&d);
    }
    assert_in_range(refused, 1, 63);
}

static void memory_returns_to_its_baseline(void **state)
{
    size_t before = mem_live_blocks();
    what_the_server_no_longer_has_must_leave_the_store_first(state);
    an_answer_without_an_object_waits_until_the_object_has_gone(state);
    assert_int_equal(mem_live_blocks(), before); /* [H1] */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_race_is_looked_at_and_tried_again_ever_more_slowly),
        cmocka_unit_test(a_look_that_fails_is_tried_later),
        cmocka_unit_test(who_may_not_look_says_so_and_writes_nothing_else),
        cmocka_unit_test(a_controller_goes_also_while_a_watch_backs_off),
        cmocka_unit_test(a_look_that_the_transport_refuses_is_tried_later),
        cmocka_unit_test(a_transport_that_accepts_nothing_is_asked_again),
        cmocka_unit_test(a_server_is_given_the_longer_of_its_own_wait_and_ours),
        cmocka_unit_test(an_answer_without_an_object_waits_until_the_object_has_gone),
        cmocka_unit_test(a_promotion_made_again_opens_the_gate_of_the_one_that_went),
        cmocka_unit_test(finalizers_stay_while_a_list_may_hold_a_profile_of_ours),
        cmocka_unit_test(a_promotion_that_goes_while_it_is_asked_about_is_forgotten),
        cmocka_unit_test(a_read_that_confirms_nothing_is_tried_later),
        cmocka_unit_test(a_summary_that_goes_while_it_is_read_proves_nothing),
        cmocka_unit_test(what_the_server_no_longer_has_must_leave_the_store_first),
        cmocka_unit_test(what_appears_after_the_server_was_asked_may_stay),
        cmocka_unit_test(an_answer_without_end_is_refused),
        cmocka_unit_test(more_promotions_than_requests_take_turns),
        cmocka_unit_test(a_step_does_no_more_than_its_budget),
        cmocka_unit_test(a_gate_opens_for_its_own_key_only),
        cmocka_unit_test(answers_to_nobody_are_not_heard),
        cmocka_unit_test(a_watch_that_talks_nonsense_is_hung_up_and_begun_again),
        cmocka_unit_test(a_watch_that_is_not_answered_is_given_up),
        cmocka_unit_test(what_was_decided_can_be_asked_for),
        cmocka_unit_test(a_promotion_too_large_for_a_look_is_left_alone),
        cmocka_unit_test(memory_returns_to_its_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
