/*
 * A small world on a virtual clock, for the tests of the rest of Sveltos: a fake API, the actors
 * behind it, and words to put objects in and to look at them. JSON is written with ' for ".
 */
#ifndef PROMOTER_TESTS_TESTLIB_WORLD_H
#define PROMOTER_TESTS_TESTLIB_WORLD_H

#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/world.h"

#define STAGE_START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define STAGE_STEPS_MAX 200000u               /* more is a livelock */

#define PROFILES "/apis/config.projectsveltos.io/v1beta1/clusterprofiles"
#define PROMOTIONS "/apis/config.projectsveltos.io/v1beta1/clusterpromotions"
#define SUMMARIES "/apis/config.projectsveltos.io/v1beta1/namespaces/default/clustersummaries"
#define CLUSTERS "/apis/lib.projectsveltos.io/v1beta1/namespaces/default/sveltosclusters"

struct stage {
    struct timers timers;
    struct fakeapi *api;
    struct world *world;
};

static inline char *unquoted(const char *text)
{
    char *copy = str_dup(str_from(text));
    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '\'')
            *c = '"';
    }
    return copy;
}

static inline struct json *json_of(const char *quoted)
{
    char *text = unquoted(quoted);
    struct json *value = NULL;
    struct errmsg msg = {""};
    if (json_parse(str_from(text), NULL, &value, &msg) != ERR_NONE)
        print_error("%s: %s\n", text, msg.text);
    mem_free(text);
    assert_non_null(value);
    return value;
}

static inline struct stage *stage_create_seeded(const struct world_rule *rules, size_t rule_count,
                                                uint64_t seed)
{
    struct stage *stage = mem_alloc(sizeof(*stage));
    timers_init(&stage->timers, STAGE_START_MS);
    stage->api = fakeapi_create(&(struct fakeapi_config){.timers = &stage->timers, .seed = seed});
    stage->world = world_create(&(struct world_config){.api = stage->api,
                                                       .timers = &stage->timers,
                                                       .seed = seed,
                                                       .rules = rules,
                                                       .rule_count = rule_count});
    world_start(stage->world);
    return stage;
}

static inline struct stage *stage_create(const struct world_rule *rules, size_t rule_count)
{
    return stage_create_seeded(rules, rule_count, 1);
}

static inline void stage_free(struct stage *stage)
{
    world_free(stage->world);
    fakeapi_free(stage->api);
    timers_release(&stage->timers);
    mem_free(stage);
}

/* A request by a user, body with ' for "; the status. The answer is the caller's. */
static inline int stage_request(struct stage *stage, const char *method, const char *target,
                                const char *quoted, struct json **ret_answer)
{
    char *body = quoted != NULL ? unquoted(quoted) : NULL;
    struct fakeapi_response response;
    struct fakeapi_request request = {
        .method = method,
        .target = str_from(target),
        .content_type = str_is(str_from(method), "PATCH") ? STR("application/merge-patch+json")
                                                          : STR("application/json"),
        .user_agent = STR("kubectl/v1.33.0"),
        .body = body != NULL ? str_from(body) : STR(""),
    };
    fakeapi_handle(stage->api, &request, &response);
    if (ret_answer != NULL) {
        *ret_answer = NULL;
        assert_err(json_parse(buf_str(&response.body), NULL, ret_answer, NULL), ERR_NONE);
    }
    int status = response.status;
    if (status >= 400 && ret_answer == NULL && !str_is(str_from(method), "GET"))
        print_error("%s %s: %d %.*s\n", method, target, status, STR_ARGS(buf_str(&response.body)));
    fakeapi_response_release(&response);
    mem_free(body);
    return status;
}

static inline void stage_post(struct stage *stage, const char *target, const char *quoted)
{
    assert_int_equal(stage_request(stage, "POST", target, quoted, NULL), 201);
}

static inline void stage_patch(struct stage *stage, const char *target, const char *quoted)
{
    assert_int_equal(stage_request(stage, "PATCH", target, quoted, NULL), 200);
}

static inline void stage_delete(struct stage *stage, const char *target)
{
    assert_int_equal(stage_request(stage, "DELETE", target, NULL, NULL), 200);
}

/* A ready cluster in namespace default. */
static inline void stage_add_cluster(struct stage *stage, const char *name, const char *labels)
{
    char *body = str_format("{'apiVersion':'lib.projectsveltos.io/v1beta1','kind':'SveltosCluster',"
                            "'metadata':{'name':'%s','labels':%s},'spec':{}}",
                            name, labels);
    char *target = str_format(CLUSTERS "/%s/status", name);
    stage_post(stage, CLUSTERS, body);
    stage_patch(stage, target, "{'status':{'ready':true}}");
    mem_free(body);
    mem_free(target);
}

static inline void stage_add_profile(struct stage *stage, const char *metadata, const char *spec)
{
    char *body = str_format("{'apiVersion':'config.projectsveltos.io/v1beta1',"
                            "'kind':'ClusterProfile','metadata':%s,'spec':%s}",
                            metadata, spec);
    stage_post(stage, PROFILES, body);
    mem_free(body);
}

/* Runs all that is due up to so many milliseconds after the start. */
static inline unsigned stage_run_until(struct stage *stage, int64_t offset_ms)
{
    unsigned steps = 0;
    while (timers_next_ms(&stage->timers) <= STAGE_START_MS + offset_ms) {
        assert_true(timers_run_next(&stage->timers));
        assert_true(++steps < STAGE_STEPS_MAX);
    }
    stage->timers.now_ms = STAGE_START_MS + offset_ms;
    return steps;
}

/* The object at a path (owned), or NULL when there is none. */
static inline struct json *stage_get(struct stage *stage, const char *target)
{
    struct json *object = NULL;
    if (stage_request(stage, "GET", target, NULL, &object) == 200)
        return object;
    json_free(object);
    return NULL;
}

static inline bool stage_has(struct stage *stage, const char *target)
{
    return stage_request(stage, "GET", target, NULL, NULL) == 200;
}

#define assert_at(stage, target, path, expected) \
    stage_assert_at((stage), (target), (path), (expected), __FILE__, __LINE__)
/* What stands at a path in an object, printed with ' for "; "" when nothing does. */
static inline void stage_assert_at(struct stage *stage, const char *target, const char *path,
                                   const char *expected, const char *file, int line)
{
    struct json *object = stage_get(stage, target);
    const struct json *found = json_at(object, path);
    struct buf text;
    buf_init(&text, 1u << 20);
    struct json *sorted = found != NULL ? json_clone(found) : NULL;
    if (sorted != NULL) {
        json_sort(sorted);
        json_print(sorted, &text);
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"')
            text.data[i] = '\'';
    }
    test_assert_str(buf_str(&text), expected, file, line);
    buf_release(&text);
    json_free(sorted);
    json_free(object);
}

/* The status of the n-th feature in a summary's list. */
static inline struct str feature_at(const struct json *summary, size_t index, const char *member)
{
    return json_text_at(json_item(json_at(summary, "status.featureSummaries"), index), member);
}

#define assert_feature(stage, target, index, member, expected) \
    stage_assert_feature((stage), (target), (index), (member), (expected), __FILE__, __LINE__)
static inline void stage_assert_feature(struct stage *stage, const char *target, size_t index,
                                        const char *member, const char *expected, const char *file,
                                        int line)
{
    struct json *summary = stage_get(stage, target);
    test_assert_str(feature_at(summary, index, member), expected, file, line);
    json_free(summary);
}

#endif
