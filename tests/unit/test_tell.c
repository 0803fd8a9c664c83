/*
 * What becomes of an Event by what the server says about it: nothing ever waits for one, and
 * none is tried for ever (the table in tell.c).
 */
#include "tests/testlib/dialogue.h"

#define STATUS "PATCH /apis/config.projectsveltos.io/v1beta1/clusterpromotions/web/status?"
#define APPLY "PATCH /apis/config.projectsveltos.io/v1beta1/clusterprofiles/web-qa?"
#define EVENTS " /apis/events.k8s.io/v1/namespaces/default/events"
#define TELL "POST" EVENTS "?"
#define LOOK "GET" EVENTS "/web."
#define COUNT "PATCH" EVENTS "/web."
#define FAILED "{\"kind\":\"Status\",\"status\":\"Failure\"}"
#define CLUSTER                                                                                  \
    "{\"metadata\":{\"namespace\":\"n\",\"name\":\"c\",\"uid\":\"u-c\",\"resourceVersion\":"      \
    "\"%u\",\"labels\":{\"e\":\"q\"}}}"

/* A promotion whose only stage no cluster matches, as the server has it. */
struct told_case {
    struct dialogue d;
    struct json *promotion;
    unsigned version;
};

static struct json *body_of(struct dialogue *d, const char *part)
{
    struct json *body = NULL;
    assert_err(json_parse(str_from(dialogue_await(d, part)->body), NULL, &body, NULL), ERR_NONE);
    return body;
}

/* Answers with the object at its next version, and lets the watch show it. */
static void answer_with(struct told_case *c, const char *part, const char *plural,
                        struct json *object)
{
    char version[16];
    snprintf(version, sizeof(version), "%u", ++c->version);
    json_set(json_get(object, "metadata"), "resourceVersion", json_text(version));
    char *text = json_print_text(object);
    dialogue_answer(&c->d, part, 200, text);
    dialogue_event(&c->d, plural, "MODIFIED", text);
    mem_free(text);
}

static void accept_status(struct told_case *c)
{
    CLEANUP(json_free_pointer) struct json *patch = body_of(&c->d, STATUS);
    struct json *status = json_get(c->promotion, "status");
    JSON_EACH(member, json_get(patch, "status"))
    json_set_str(status, json_key(member), json_clone(member));
    answer_with(c, STATUS, "clusterpromotions", c->promotion);
}

static void accept_apply(struct told_case *c)
{
    CLEANUP(json_free_pointer) struct json *profile = body_of(&c->d, APPLY);
    struct json *metadata = json_get(profile, "metadata");
    struct json *fields = NULL;
    assert_err(json_parse(STR("[{\"manager\":\"application/apply-patch\",\"operation\":\"Apply\","
                              "\"time\":\"2026-01-01T00:00:00Z\",\"fieldsV1\":{}}]"),
                          NULL, &fields, NULL),
               ERR_NONE);
    json_set(metadata, "uid", json_text("u-profile"));
    json_set(metadata, "managedFields", fields);
    answer_with(c, APPLY, "clusterprofiles", profile);
}

/* Up to where nothing is left but to tell Events: of the start, of the empty stage. */
static void begin(struct told_case *c)
{
    static const char promotion[] =
        "{\"metadata\":{\"name\":\"web\",\"uid\":\"u-web\",\"generation\":1,"
        "\"resourceVersion\":\"1\",\"finalizers\":[\"" FINALIZER_SHARED "\",\"" FINALIZER_OWN
        "\"]},\"status\":{},\"spec\":{\"stages\":[{\"name\":\"qa\",\"clusterSelector\":"
        "{\"matchLabels\":{\"e\":\"q\"}}},{\"name\":\"prod\",\"clusterSelector\":{}}]}}";
    *c = (struct told_case){.version = 1};
    assert_err(json_parse(str_from(promotion), NULL, &c->promotion, NULL), ERR_NONE);
    dialogue_init(&c->d, promotion);
    accept_status(c);
    accept_apply(c);
    accept_status(c);
}

static void release(struct told_case *c)
{
    dialogue_release(&c->d);
    json_free(c->promotion);
}

/* Both first Events are on the server. */
static void begin_told(struct told_case *c)
{
    begin(c);
    assert_non_null(strstr(dialogue_await(&c->d, TELL)->body, "Provisioning stage qa"));
    dialogue_answer(&c->d, TELL, 201, "{}");
    assert_non_null(strstr(dialogue_await(&c->d, TELL)->body, "StageEmpty"));
    dialogue_answer(&c->d, TELL, 201, "{}");
    assert_null(dialogue_find(&c->d, TELL));
}

/* A cluster comes that is not ready, and goes again: the stage is empty once more. */
static void flip(struct told_case *c, bool told)
{
    char *cluster = str_format(CLUSTER, ++c->version);
    dialogue_event(&c->d, "sveltosclusters", "ADDED", cluster);
    accept_status(c);
    if (!told) /* the first time */
        dialogue_answer(&c->d, TELL, 201, "{}");
    dialogue_event(&c->d, "sveltosclusters", "DELETED", cluster);
    accept_status(c);
    mem_free(cluster);
}

/* Late enough for the series to be counted up. */
static void begin_repeated(struct told_case *c)
{
    begin_told(c);
    flip(c, false);
    assert_null(dialogue_find(&c->d, EVENTS));
    dialogue_pass(&c->d, EVENT_REPEAT_MS);
    assert_null(dialogue_find(&c->d, EVENTS)); /* there is no timer for it (D19) */
    char *cluster = str_format(CLUSTER, ++c->version);
    dialogue_event(&c->d, "sveltosclusters", "ADDED", cluster);
    mem_free(cluster);
    accept_status(c);
}

static void an_event_that_fails_five_times_is_lost(void **state)
{
    struct told_case c;
    (void)state;
    begin(&c);
    for (unsigned i = 0; i < EVENT_TRIES_MAX; i++) {
        assert_non_null(strstr(dialogue_await(&c.d, TELL)->body, "Provisioning stage qa"));
        dialogue_answer(&c.d, TELL, 500, FAILED);
        if (i + 1 < EVENT_TRIES_MAX)
            assert_null(dialogue_find(&c.d, TELL));
        dialogue_pass(&c.d, RETRY_BACKOFF_MS_MAX);
    }
    assert_non_null(strstr(dialogue_await(&c.d, TELL)->body, "StageEmpty")); /* the next */
    release(&c);
}

/* The namespace of Events may be on its way. */
static void an_event_that_has_no_place_yet_is_told_later(void **state)
{
    struct told_case c;
    (void)state;
    begin(&c);
    dialogue_answer(&c.d, TELL, 404, "{\"kind\":\"Status\",\"reason\":\"NotFound\"}");
    assert_null(dialogue_find(&c.d, TELL));
    dialogue_pass(&c.d, RETRY_BACKOFF_MS_MAX);
    assert_non_null(strstr(dialogue_await(&c.d, TELL)->body, "Provisioning stage qa"));
    release(&c);
}

static void a_server_that_asks_to_wait_is_obeyed_for_events_too(void **state)
{
    struct told_case c;
    (void)state;
    begin(&c);
    dialogue_answer_asking(&c.d, TELL, 429, 90, STR(FAILED));
    dialogue_pass(&c.d, 89999);
    assert_null(dialogue_find(&c.d, TELL));
    dialogue_pass(&c.d, 1);
    assert_non_null(dialogue_find(&c.d, TELL));
    release(&c);
}

/* Our own wait is the longer one. */
static void a_short_wait_that_is_asked_for_does_not_shorten_ours(void **state)
{
    struct told_case c;
    (void)state;
    begin(&c);
    dialogue_answer_asking(&c.d, TELL, 429, 0, STR(FAILED));
    dialogue_pass(&c.d, RETRY_BACKOFF_MS_MIN / 2 - 1);
    assert_null(dialogue_find(&c.d, TELL));
    dialogue_pass(&c.d, RETRY_BACKOFF_MS_MAX);
    dialogue_answer(&c.d, TELL, 503, "");
    dialogue_pass(&c.d, RETRY_BACKOFF_MS_MAX);
    dialogue_answer_asking(&c.d, TELL, 429, 1, STR(FAILED));
    dialogue_pass(&c.d, 1000);
    assert_null(dialogue_find(&c.d, TELL));
    release(&c);
}

static void who_may_not_write_events_is_quiet_for_ten_minutes(void **state)
{
    static const int refusals[] = {401, 403};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(refusals); i++) {
        struct told_case c;
        begin(&c);
        dialogue_answer(&c.d, TELL, refusals[i], FAILED);
        for (unsigned minute = 1; minute < 10; minute++) {
            dialogue_pass(&c.d, 60000);
            flip(&c, true);
            assert_null(dialogue_find(&c.d, EVENTS));
        }
        dialogue_pass(&c.d, 60000);
        assert_null(dialogue_find(&c.d, EVENTS)); /* nor does it wake for them */
        char *cluster = str_format(CLUSTER, ++c.version);
        dialogue_event(&c.d, "sveltosclusters", "ADDED", cluster);
        mem_free(cluster);
        accept_status(&c);
        assert_non_null(dialogue_find(&c.d, TELL));
        release(&c);
    }
}

static void an_event_that_is_there_or_is_refused_is_not_told_again(void **state)
{
    static const int answers[] = {409, 422};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
        struct told_case c;
        begin(&c);
        dialogue_answer(&c.d, TELL, answers[i],
                        "{\"kind\":\"Status\",\"reason\":\"AlreadyExists\"}");
        assert_non_null(strstr(dialogue_await(&c.d, TELL)->body, "StageEmpty"));
        release(&c);
    }
}

static void an_event_that_the_transport_refuses_stops_nothing(void **state)
{
    struct told_case c;
    (void)state;
    begin_told(&c);
    c.d.refusing = true;
    char *cluster = str_format(CLUSTER, ++c.version);
    dialogue_event(&c.d, "sveltosclusters", "ADDED", cluster);
    c.d.refusing = false;
    dialogue_pass(&c.d, RETRY_BACKOFF_MS_MAX);
    CLEANUP(json_free_pointer) struct json *patch = body_of(&c.d, STATUS);
    json_set(json_get(c.promotion, "status"), "stages",
             json_clone(json_at(patch, "status.stages")));
    char version[16];
    snprintf(version, sizeof(version), "%u", ++c.version);
    json_set(json_get(c.promotion, "metadata"), "resourceVersion", json_text(version));
    char *text = json_print_text(c.promotion);
    dialogue_answer(&c.d, STATUS, 200, text); /* the key waits for the watch to show it ... */
    c.d.refusing = true;
    dialogue_event(&c.d, "clusterpromotions", "MODIFIED", text); /* ... and may not tell it */
    c.d.refusing = false;
    assert_null(dialogue_find(&c.d, EVENTS));
    dialogue_event(&c.d, "sveltosclusters", "DELETED", cluster);
    assert_non_null(dialogue_find(&c.d, STATUS));
    mem_free(text);
    mem_free(cluster);
    release(&c);
}

static void what_comes_back_is_counted_from_what_the_server_has(void **state)
{
    struct told_case c;
    (void)state;
    begin_repeated(&c);
    dialogue_answer(&c.d, LOOK, 200,
                    "{\"metadata\":{\"name\":\"web.1\",\"resourceVersion\":\"7\"},"
                    "\"series\":{\"count\":4}}");
    struct asked *count = dialogue_await(&c.d, COUNT);
    assert_non_null(strstr(count->body, "\"count\":5"));
    assert_non_null(strstr(count->body, "\"resourceVersion\":\"7\""));
    dialogue_answer(&c.d, COUNT, 200, "{}");
    assert_null(dialogue_find(&c.d, EVENTS));
    release(&c);
}

/* The answer to a look, then to what follows; what is asked at last, NULL: nothing. */
static void a_count_that_fails_is_given_up_or_becomes_news(void **state)
{
    static const char event[] = "{\"metadata\":{\"name\":\"web.1\",\"resourceVersion\":\"7\"}}";
    static const struct {
        int look;
        const char *body;
        int count; /* 0: it is not counted */
        const char *then;
    } rows[] = {
        {404, FAILED, 0, TELL},   /* the server has forgotten it */
        {200, "<html>", 0, NULL}, /* nothing to count from */
        {500, FAILED, 0, NULL},   /* later */
        {403, FAILED, 0, NULL},
        {200, event, 404, TELL},
        {200, event, 500, NULL}, /* a second try might count twice */
        {200, event, 409, NULL},
        {200, event, 401, NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct told_case c;
        begin_repeated(&c);
        dialogue_answer(&c.d, LOOK, rows[i].look, rows[i].body);
        if (rows[i].count != 0)
            dialogue_answer(&c.d, COUNT, rows[i].count, FAILED);
        if (rows[i].then != NULL)
            assert_non_null(dialogue_find(&c.d, rows[i].then));
        else
            assert_null(dialogue_find(&c.d, EVENTS));
        dialogue_pass(&c.d, RETRY_BACKOFF_MS_MAX);
        assert_int_equal(dialogue_find(&c.d, LOOK) != NULL, rows[i].look == 500);
        release(&c);
    }
}

static void a_count_that_the_transport_refuses_is_given_up(void **state)
{
    struct told_case c;
    (void)state;
    begin_repeated(&c);
    c.d.refusing = true;
    dialogue_answer(&c.d, LOOK, 200, "{\"metadata\":{\"name\":\"web.1\"}}");
    c.d.refusing = false;
    dialogue_pass(&c.d, RETRY_BACKOFF_MS_MAX);
    assert_null(dialogue_find(&c.d, EVENTS));
    release(&c);
}

/* A look at any size of memory: refused as a whole, or whole; the next Event waits for one that
 * fits. */
static void a_look_that_does_not_fit_tells_nothing(void **state)
{
    unsigned told = 0;
    unsigned sizes = 0;
    (void)state;
    for (size_t bytes = 0; bytes < 16384; bytes += 128, sizes++) {
        struct told_case c;
        begin_told(&c);
        char *cluster = str_format(CLUSTER, ++c.version);
        dialogue_event(&c.d, "sveltosclusters", "ADDED", cluster);
        mem_free(cluster);
        arena_release(&c.d.controller->arena);
        arena_init(&c.d.controller->arena, bytes);
        accept_status(&c);
        told += dialogue_find(&c.d, TELL) != NULL;
        assert_true(bytes > 0 || told == 0);
        release(&c);
    }
    assert_in_range(told, 1, sizes - 1);
}

static void memory_returns_to_its_baseline(void **state)
{
    size_t before = mem_live_blocks();
    a_count_that_fails_is_given_up_or_becomes_news(state);
    assert_int_equal(mem_live_blocks(), before); /* [H1] */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_that_fails_five_times_is_lost),
        cmocka_unit_test(an_event_that_has_no_place_yet_is_told_later),
        cmocka_unit_test(a_server_that_asks_to_wait_is_obeyed_for_events_too),
        cmocka_unit_test(a_short_wait_that_is_asked_for_does_not_shorten_ours),
        cmocka_unit_test(who_may_not_write_events_is_quiet_for_ten_minutes),
        cmocka_unit_test(an_event_that_is_there_or_is_refused_is_not_told_again),
        cmocka_unit_test(an_event_that_the_transport_refuses_stops_nothing),
        cmocka_unit_test(what_comes_back_is_counted_from_what_the_server_has),
        cmocka_unit_test(a_count_that_fails_is_given_up_or_becomes_news),
        cmocka_unit_test(a_count_that_the_transport_refuses_is_given_up),
        cmocka_unit_test(a_look_that_does_not_fit_tells_nothing),
        cmocka_unit_test(memory_returns_to_its_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
