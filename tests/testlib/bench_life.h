/*
 * The life of one promotion with two stages, told by a scripted controller; each step can
 * be left out or replaced, so that a test plants exactly one fault in a life that is right.
 */
#ifndef PROMOTER_TESTS_TESTLIB_BENCH_LIFE_H
#define PROMOTER_TESTS_TESTLIB_BENCH_LIFE_H

#include "tests/testlib/bench.h"

#define PROMOTION CONFIG_API "/clusterpromotions/p"
#define PROFILES CONFIG_API "/clusterprofiles/"
#define HASH_1 "a29Aqh0stgfcuO6iG03vQI1ZLl8lbsTobPz9JQIv7hQ="
#define HASH_2 "XoN9AkkNKkKhlfo28SxrGk16kkfxKoclwVDOtaY9yjo="
#define POLICIES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'x'}]"
#define SPEC_A "{'clusterSelector':{'matchLabels':{'env':'a'}}," POLICIES "}"
#define SPEC_B "{'clusterSelector':{'matchLabels':{'env':'b'}}," POLICIES "}"
#define ENTRY_A_NEW "{'name':'a','lastUpdateReconciledTime':'@T'," \
                    "'currentStatusDescription':'Clusters are being provisioned (@T)'}"

static inline void life_cluster(struct bench *bench, const char *name, const char *env)
{
    char *body = str_format("{'apiVersion':'lib.projectsveltos.io/v1beta1',"
                            "'kind':'SveltosCluster','metadata':{'name':'%s',"
                            "'labels':{'env':'%s'}}}", name, env);
    char *target = str_format(CLUSTERS_API "/%s/status", name);
    assert_int_equal(bench_user(bench, "POST", CLUSTERS_API, JSON_TYPE, body), 201);
    assert_int_equal(bench_user(bench, "PATCH", target, MERGE, "{'status':{'ready':true}}"), 200);
    mem_free(target);
    mem_free(body);
}

/* `trigger` is stage a's. */
static inline void life_given(struct bench *bench, const char *trigger)
{
    char *body = str_format("{'apiVersion':'config.projectsveltos.io/v1beta1',"
                            "'kind':'ClusterPromotion','metadata':{'name':'p'},'spec':{"
                            "'profileSpec':{" POLICIES "},'stages':["
                            "{'name':'a','clusterSelector':{'matchLabels':{'env':'a'}},"
                            "'trigger':%s},"
                            "{'name':'b','clusterSelector':{'matchLabels':{'env':'b'}}}]}}",
                            trigger);
    life_cluster(bench, "c1", "a");
    life_cluster(bench, "c2", "b");
    assert_int_equal(
        bench_user(bench, "POST", CONFIG_API "/clusterpromotions", JSON_TYPE, body), 201);
    mem_free(body);
}

static inline void life_finalizers(struct bench *bench)
{
    char *body = str_format("{'metadata':{'resourceVersion':'%.*s','finalizers':["
                            "'config.projectsveltos.io/clusterpromotion',"
                            "'promoter.dev/clusterpromotion']}}",
                            STR_ARGS(bench_meta(bench, "ClusterPromotion", "p",
                                                "resourceVersion")));
    assert_int_equal(bench_says(bench, "PATCH", PROMOTION, MERGE, body), 200);
    mem_free(body);
}

/* A status merge patch with resourceVersion; `status` without its braces. */
static inline int life_status(struct bench *bench, const char *status)
{
    char *body = str_format("{'metadata':{'resourceVersion':'%.*s'},'status':{%s}}",
                            STR_ARGS(bench_meta(bench, "ClusterPromotion", "p",
                                                "resourceVersion")), status);
    int code = bench_says(bench, "PATCH", PROMOTION "/status", MERGE, body);
    mem_free(body);
    return code;
}

static inline char *life_profile(const struct bench *bench, const char *stage,
                                 const char *resource_version, const char *spec)
{
    bool versioned = resource_version[0] != '\0';
    return str_format("{'apiVersion':'config.projectsveltos.io/v1beta1','kind':'ClusterProfile',"
                      "'metadata':{'name':'p-%s',%s%s%s"
                      "'labels':{'config.projectsveltos.io/promotionname':'p'},"
                      "'annotations':{'config.projectsveltos.io/stagename':'%s'},"
                      "'ownerReferences':[{'apiVersion':'config.projectsveltos.io/v1beta1',"
                      "'kind':'ClusterPromotion','name':'p','uid':'%.*s'}]},'spec':%s}",
                      stage, versioned ? "'resourceVersion':'" : "", resource_version,
                      versioned ? "'," : "", stage,
                      STR_ARGS(bench_meta(bench, "ClusterPromotion", "p", "uid")), spec);
}

static inline int life_apply(struct bench *bench, const char *stage, const char *resource_version,
                             const char *spec)
{
    char *body = life_profile(bench, stage, resource_version, spec);
    char *target = str_format(PROFILES "p-%s%s", stage, APPLY_QUERY);
    int code = bench_says(bench, "PATCH", target, APPLY, body);
    mem_free(target);
    mem_free(body);
    return code;
}

/* Up to stage a's profile, at the start. */
static inline void life_begins(struct bench *bench, const char *trigger)
{
    life_given(bench, trigger);
    life_finalizers(bench);
    assert_int_equal(life_status(bench, "'profileSpecHash':'" HASH_1 "','stagesHash':'" HASH_1
                                        "','currentStageName':'a','stages':[" ENTRY_A_NEW "]"),
                     200);
    assert_int_equal(life_apply(bench, "a", "0", SPEC_A), 201);
}

/* Stage a recorded as provisioned now, with a description. */
static inline void life_provisioned(struct bench *bench, const char *description)
{
    char *status = str_format("'stages':[{'name':'a','lastUpdateReconciledTime':"
                              "'2026-01-01T00:00:00Z','lastSuccessfulAppliedTime':'@T',"
                              "'currentStatusDescription':'%s (@T)'}]", description);
    assert_int_equal(life_status(bench, status), 200);
    mem_free(status);
}

/* Stage b entered; stage a provisioned since `since`. */
static inline void life_advances(struct bench *bench, const char *since)
{
    char *status = str_format("'currentStageName':'b','stages':[{'name':'a',"
                              "'lastUpdateReconciledTime':'2026-01-01T00:00:00Z',"
                              "'lastSuccessfulAppliedTime':'%s',"
                              "'currentStatusDescription':'Successfully provisioned (@T)'},"
                              "{'name':'b','lastUpdateReconciledTime':'@T'}]", since);
    assert_int_equal(life_status(bench, status), 200);
    mem_free(status);
}

/* Stage b is done, and so is all. */
static inline void life_completes(struct bench *bench, const char *since)
{
    char *status = str_format("'lastPromotionTime':'@T','stages':[{'name':'a',"
                              "'lastUpdateReconciledTime':'2026-01-01T00:00:00Z',"
                              "'lastSuccessfulAppliedTime':'%s',"
                              "'currentStatusDescription':'Successfully provisioned (@T)'},"
                              "{'name':'b','lastSuccessfulAppliedTime':'@T',"
                              "'currentStatusDescription':'Successfully provisioned (@T)'}]",
                              since);
    assert_int_equal(life_status(bench, status), 200);
    mem_free(status);
}

#define AUTO_60S "{'auto':{'delay':'1m0s'}}"
#define MANUAL "{'manual':{}}"

/* The whole of it, without a fault. */
static inline void life_whole(struct bench *bench)
{
    life_begins(bench, AUTO_60S);
    bench_at(bench, 60000);
    life_provisioned(bench, "Delayed: Waiting for Time Window: 2026-01-01T00:02:00Z");
    bench_at(bench, 120000);
    life_advances(bench, "2026-01-01T00:01:00Z");
    assert_int_equal(life_apply(bench, "b", "0", SPEC_B), 201);
    bench_at(bench, 200000);
    life_completes(bench, "2026-01-01T00:01:00Z");
}

#endif
