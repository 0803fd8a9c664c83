/*
 * A cluster driven by hand: the fake API and the world on one clock, a user, and a
 * controller that says exactly what a test wants it to say, good or bad.
 */
#ifndef PROMOTER_TESTS_TESTLIB_BENCH_H
#define PROMOTER_TESTS_TESTLIB_BENCH_H

#include "controller/base/mem.h"
#include "scenarios/engine/checkers.h"
#include "tests/testlib/test.h"

#define BENCH_START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define JSON_TYPE "application/json"
#define MERGE "application/merge-patch+json"
#define JSON_PATCH "application/json-patch+json"
#define APPLY "application/apply-patch+yaml"
#define CONFIG_API "/apis/config.projectsveltos.io/v1beta1"
#define CLUSTERS_API "/apis/lib.projectsveltos.io/v1beta1/namespaces/default/sveltosclusters"
#define APPLY_QUERY "?fieldManager=application%2Fapply-patch&force=true"

struct bench {
    struct timers timers;
    struct fakeapi *api;
    struct world *world;
    struct world_rule rule;
    struct transport_sim *transport;
    uint64_t next_id;
    int last_status;
};

static inline void bench_on_head(void *ctx, uint64_t id, const struct kube_response_head *head)
{
    (void)id;
    ((struct bench *)ctx)->last_status = head->status;
}

static inline void bench_on_body(void *ctx, uint64_t id, struct str bytes)
{
    (void)ctx, (void)id, (void)bytes;
}

static inline void bench_on_end(void *ctx, uint64_t id, enum err result)
{
    (void)ctx, (void)id, (void)result;
}

static inline void bench_on_crash(void *ctx)
{
    (void)ctx;
}

static inline void bench_init(struct bench *bench)
{
    *bench = (struct bench){.rule = {.has_takes = true, .takes = {5000, 20000}}};
    timers_init(&bench->timers, BENCH_START_MS);
    struct fakeapi_config api = {.timers = &bench->timers, .seed = 1};
    bench->api = fakeapi_create(&api);
    struct world_config world = {.api = bench->api, .timers = &bench->timers, .seed = 1,
                                 .rules = &bench->rule, .rule_count = 1};
    bench->world = world_create(&world);
    struct transport_config transport = {
        .api = bench->api,
        .timers = &bench->timers,
        .seed = 1,
        .receiver = {.ctx = bench,
                     .on_head = bench_on_head,
                     .on_body = bench_on_body,
                     .on_end = bench_on_end,
                     .on_crash = bench_on_crash},
    };
    bench->transport = transport_sim_create(&transport);
    world_start(bench->world);
}

static inline void bench_release(struct bench *bench)
{
    transport_sim_free(bench->transport);
    world_free(bench->world);
    fakeapi_free(bench->api);
    timers_release(&bench->timers);
}

static inline void bench_nothing(void *ctx)
{
    (void)ctx;
}

/* Runs all that is due up to `offset_ms` after the start, and stays there. */
static inline void bench_at(struct bench *bench, int64_t offset_ms)
{
    (void)timers_add(&bench->timers, BENCH_START_MS + offset_ms, bench_nothing, NULL);
    while (timers_next_ms(&bench->timers) <= BENCH_START_MS + offset_ms)
        (void)timers_run_next(&bench->timers);
}

/* JSON may be written with single quotes, and @T for the time now, rounded up. */
static inline char *bench_text(const struct bench *bench, const char *quoted)
{
    char now[KTIME_TEXT_BYTES];
    struct buf text;
    ktime_format_rfc3339(ktime_ceil_second(bench->timers.now_ms), now);
    buf_init(&text, 1u << 20);
    for (const char *c = quoted; *c != '\0'; c++) {
        if (c[0] == '@' && c[1] == 'T') {
            buf_append_text(&text, now);
            c++;
        } else {
            buf_append_char(&text, *c == '\'' ? '"' : *c);
        }
    }
    return buf_steal(&text);
}

static inline int bench_user(struct bench *bench, const char *method, const char *target,
                             const char *content_type, const char *quoted)
{
    char *body = bench_text(bench, quoted);
    struct fakeapi_request request = {
        .method = method,
        .target = str_from(target),
        .content_type = str_from(content_type),
        .user_agent = STR("kubectl/v1.33.0"),
        .body = str_from(body),
    };
    struct fakeapi_response response;
    fakeapi_handle(bench->api, &request, &response);
    int status = response.status;
    if (status >= 300)
        print_message("%s %s: %.*s\n", method, target, STR_ARGS(buf_str(&response.body)));
    fakeapi_response_release(&response);
    mem_free(body);
    return status;
}

/* The controller sends it; the answer is awaited by bench_says, not by bench_mutters. */
static inline void bench_mutters(struct bench *bench, const char *method, const char *target,
                                 const char *content_type, const char *quoted)
{
    char *body = bench_text(bench, quoted);
    const struct kube_transport *to = transport_sim_interface(bench->transport);
    struct kube_request request = {
        .method = method,
        .target = str_from(target),
        .content_type = content_type,
        .body = str_from(content_type != NULL ? body : NULL),
    };
    assert_int_equal(to->submit(to->ctx, ++bench->next_id, &request), ERR_NONE);
    mem_free(body);
}

static inline int bench_says(struct bench *bench, const char *method, const char *target,
                             const char *content_type, const char *quoted)
{
    bench_mutters(bench, method, target, content_type, quoted);
    bench->last_status = 0;
    bench_at(bench, bench->timers.now_ms - BENCH_START_MS);
    return bench->last_status;
}

static inline const struct json *bench_object(const struct bench *bench, const char *kind,
                                              const char *name)
{
    for (size_t i = fakeapi_audit_count(bench->api); i-- > 0;) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(bench->api, i);
        if (audit->changed && str_is(audit->kind, kind) && str_is(audit->name, name))
            return audit->after;
    }
    return NULL;
}

/* metadata.FIELD of the object as it is now; "" when there is none. */
static inline struct str bench_meta(const struct bench *bench, const char *kind, const char *name,
                                    const char *field)
{
    const struct json *metadata = json_get(bench_object(bench, kind, name), "metadata");
    return json_string_of(json_get(metadata, field));
}

static inline void bench_evidence(struct bench *bench, struct evidence *ret_evidence)
{
    *ret_evidence = (struct evidence){
        .api = bench->api,
        .world = bench->world,
        .user_agent = STR(TRANSPORT_USER_AGENT),
        .quiet_from_ms = KTIME_NEVER,
        .now_ms = bench->timers.now_ms,
    };
    ret_evidence->exchanges =
        transport_sim_records(bench->transport, &ret_evidence->exchange_count);
}

#endif
