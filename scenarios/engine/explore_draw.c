#include "scenarios/engine/explore_rooms.h"

#define STORY_BYTES_MAX (1u << 20)

unsigned draw_below(struct draw *draw, unsigned bound)
{
    return (unsigned)rng_below(&draw->rng, bound);
}

bool draw_chance(struct draw *draw, unsigned percent)
{
    return rng_chance(&draw->rng, percent, 100);
}

const char *draw_text(struct draw *draw, const char *const *texts, size_t count)
{
    return texts[rng_below(&draw->rng, count)];
}

uint64_t draw_swarm(struct draw *draw, unsigned count)
{
    uint64_t on = rng_next(&draw->rng) & ((UINT64_C(1) << count) - 1);
    return on != 0 ? on : UINT64_C(1) << rng_below(&draw->rng, count);
}

unsigned draw_kind(struct draw *draw, uint64_t on, unsigned count)
{
    unsigned kind = draw_below(draw, count);
    while ((on >> kind & 1) == 0)
        kind = (kind + 1) % count;
    return kind;
}

struct drawn_cluster draw_cluster(struct draw *draw)
{
    unsigned stage = draw_below(draw, draw->stage_count);
    unsigned count = draw->cluster_counts[stage];
    return (struct drawn_cluster){stage, 1 + draw_below(draw, count > 0 ? count : 1)};
}

const char *draw_promotion(struct draw *draw)
{
    return draw->has_second && draw_chance(draw, 30) ? "api" : "web";
}

static void draw_stage_clusters(struct draw *draw, unsigned stage)
{
    unsigned count = draw_chance(draw, 5) ? 0 : 1 + draw_below(draw, EXPLORE_CLUSTERS_MAX);
    draw->cluster_counts[stage] = count;
    draw->is_capi[stage] = draw_chance(draw, 12);
    const char *kind = draw->is_capi[stage] ? ", kind: Cluster" : "";
    if (count > 0)
        buf_printf(draw->out,
                   "  - {count: %u, name: \"c%u-{i}\", namespace: n%u, labels: {env: e%u}%s}\n",
                   count, stage, stage, stage, kind);
    if (draw_chance(draw, 10))
        buf_printf(draw->out,
                   "  - {name: \"late%u\", namespace: n%u, labels: {env: e%u}, %s%s}\n", stage,
                   stage, stage, draw_chance(draw, 50) ? "ready: false" : "paused: true", kind);
    buf_printf(draw->options, " %u%s", count, draw->is_capi[stage] ? " of CAPI" : "");
}

static void draw_fleet(struct draw *draw)
{
    draw->stage_count = 1 + draw_below(draw, EXPLORE_STAGES_MAX);
    draw->has_second = draw_chance(draw, 15);
    buf_append_text(draw->out, "fleet:\n");
    buf_printf(draw->options, "  %u stages, clusters:", draw->stage_count);
    for (unsigned i = 0; i < draw->stage_count; i++)
        draw_stage_clusters(draw, i);
    buf_append_text(draw->options, "\n");
    buf_append_text(draw->out, "  - {name: beyond, namespace: other, labels: {env: other}}\n");
}

void draw_profile_spec(struct draw *draw)
{
    static const char *const CONTENTS[] = {
        "policyRefs: [{kind: ConfigMap, namespace: default, name: nginx}]",
        "policyRefs: [{kind: ConfigMap, namespace: default, name: nginx}, "
        "{kind: Secret, namespace: default, name: tls}]",
        "policyRefs: [{kind: ConfigMap, namespace: default, name: other}]",
        "helmCharts: [{repositoryURL: \"https://kyverno.github.io/kyverno/\", repositoryName: "
        "kyverno, chartName: kyverno/kyverno, chartVersion: v3.3.3, releaseName: kyverno, "
        "releaseNamespace: kyverno}]",
        "helmCharts: [{repositoryURL: \"https://kyverno.github.io/kyverno/\", repositoryName: "
        "kyverno, chartName: kyverno/kyverno, chartVersion: v3.3.4, releaseName: kyverno, "
        "releaseNamespace: kyverno, options: {timeout: 10m, wait: true}}], policyRefs: [{kind: "
        "ConfigMap, namespace: default, name: nginx}]",
        "kustomizationRefs: [{kind: GitRepository, namespace: flux-system, name: apps, path: "
        "./web}]",
    };
    static const char *const MORE[] = {
        "", "", "", "", "", "", ", tier: 50", ", maxUpdate: 1", ", maxUpdate: \"40%\"",
        ", syncMode: ContinuousWithDriftDetection", ", syncMode: OneTime",
        ", stopMatchingBehavior: LeavePolicies", ", reloader: true",
        (", validateHealths: [{name: up, featureID: Resources, group: apps, version: v1, kind: "
         "Deployment, namespace: nginx}]"),
    };
    buf_printf(draw->out, "{%s%s%s}", DRAW(draw, CONTENTS), DRAW(draw, MORE),
               draw_chance(draw, 1) ? ", continueOnConflict: true" : "");
}

static const char *const DELAYS[] = {"0s", "0s", "30s", "5m", "1h", "1h30m0.5s"};

/* Behind the delay. */
static void draw_checks(struct draw *draw)
{
    static const char *const CHECKS[] = {
        "", "", "", "",
        ", postDelayHealthChecks: [{name: gate, featureID: Resources, group: batch, version: v1, "
        "kind: Job, namespace: nginx}]",
        ", postDelayHealthChecks: [{name: gate, featureID: Helm, group: apps, version: v1, kind: "
        "Deployment, namespace: kyverno}]",
        ", preHealthCheckDeployment: [{kind: ConfigMap, namespace: default, name: job}]",
    };
    buf_append_text(draw->out, DRAW(draw, CHECKS));
}

static void draw_window(struct draw *draw)
{
    static const char *const WINDOWS[] = {
        "{from: \"0 2 * * *\", to: \"0 4 * * *\"}",
        "{from: \"0 9 * * 1-5\", to: \"0 17 * * 1-5\"}",
        "{from: \"30 * * * *\", to: \"45 * * * *\"}",
        "{from: \"*/10 * * * *\", to: \"5-59/10 * * * *\"}",
        "{from: \"0 0 * * 6\", to: \"0 0 * * 1\"}",
        ("{from: \"CRON_TZ=America/New_York 0 2 * * *\", to: \"CRON_TZ=America/New_York 0 6 * * "
         "*\"}"),
        "{from: \"0 0 31 2 *\", to: \"0 1 31 2 *\"}",
    };
    size_t count = ARRAY_COUNT(WINDOWS) - (draw_chance(draw, 80) ? 1 : 0);
    buf_printf(draw->out, ", promotionWindow: %s", draw_text(draw, WINDOWS, count));
}

void draw_trigger(struct draw *draw)
{
    static const char *const RESETS[] = {"", "", ", automaticReset: true",
                                         ", automaticReset: false"};
    unsigned kind = draw_below(draw, 10);
    if (kind < 2) {
        buf_append_text(draw->out, "{auto: {delay: 0s}}");
    } else if (kind < 6) {
        buf_printf(draw->out, "{auto: {delay: %s", DRAW(draw, DELAYS));
        draw_checks(draw);
        if (draw_chance(draw, 30))
            draw_window(draw);
        buf_append_text(draw->out, "}}");
    } else {
        buf_printf(draw->out, "{manual: {delay: %s, approved: %s%s", DRAW(draw, DELAYS),
                   draw_chance(draw, 15) ? "true" : "false", DRAW(draw, RESETS));
        draw_checks(draw);
        buf_append_text(draw->out, "}}");
    }
}

static void draw_stages(struct draw *draw)
{
    buf_append_text(draw->out, "      stages:\n");
    for (unsigned i = 0; i < draw->stage_count; i++) {
        buf_printf(draw->out, "        - {name: s%u, clusterSelector: {matchLabels: {env: e%u}}",
                   i, i);
        if (draw_chance(draw, 75)) {
            buf_append_text(draw->out, ", trigger: ");
            draw_trigger(draw);
        }
        buf_append_text(draw->out, "}\n");
    }
}

static void draw_promotion_manifest(struct draw *draw, const char *name, const char *profile_spec)
{
    buf_printf(draw->out,
               "  - apiVersion: config.projectsveltos.io/v1beta1\n"
               "    kind: ClusterPromotion\n"
               "    metadata: {name: %s}\n"
               "    spec:\n",
               name);
    if (draw_chance(draw, 20))
        buf_append_text(draw->out, "      preserveClusterProfilesOnDelete: true\n");
    buf_append_text(draw->out, "      profileSpec: ");
    if (profile_spec != NULL)
        buf_append_text(draw->out, profile_spec);
    else
        draw_profile_spec(draw);
    buf_append_text(draw->out, "\n");
    draw_stages(draw);
}

static void draw_given(struct draw *draw)
{
    buf_append_text(draw->out, "given:\n");
    draw_promotion_manifest(draw, "web", NULL);
    if (draw->has_second)
        draw_promotion_manifest(draw, "api",
                                "{policyRefs: [{kind: ConfigMap, namespace: api, name: api}]}");
}

/* How the world is: each kind is one rule, and half of them are not there. */
static void draw_world(struct draw *draw)
{
    static const char *const TAKES[] = {"{min: 0s, max: 1s}", "{min: 1s, max: 5s}",
                                        "{min: 2500ms, max: 90s}", "{min: 1m, max: 10m}"};
    static const char *const RULES[] = {
        "on: ClusterSummary, created-after: {min: 0s, max: 150s}",
        "on: ClusterSummary, stale-for: {min: 0s, max: 40s}",
        "on: ClusterSummary, fails: 2, message: \"helm: timed out\"",
        "on: ClusterSummary, fails-for: 20m",
        "on: ClusterSummary, cluster: \"*-1\", fails: 1",
        "on: ClusterSummary, profile: \"*-s0\", takes: {min: 5m, max: 20m}",
        "on: ClusterSummary, health: {healthy-after: 7m}",
        "on: ClusterSummary, health: {flaps-at: 20m, flaps-for: 5m}",
        "on: ClusterPromotion, stub: true",
    };
    uint64_t on = draw_swarm(draw, ARRAY_COUNT(RULES));
    buf_printf(draw->out, "world:\n  - {on: ClusterSummary, takes: %s}\n", DRAW(draw, TAKES));
    buf_append_text(draw->options, "  world:");
    for (unsigned i = 0; i < ARRAY_COUNT(RULES); i++) {
        if ((on >> i & 1) == 0 || !draw_chance(draw, 40))
            continue;
        buf_printf(draw->out, "  - {%s}\n", RULES[i]);
        buf_printf(draw->options, " {%s}", RULES[i]);
    }
    buf_append_text(draw->options, "\n");
}

static void draw_head(struct draw *draw)
{
    static const char *const LATENCIES[] = {"0s", "0s", "5ms", "50ms", "400ms"};
    unsigned minutes = draw_below(draw, 7 * 24 * 60);
    const char *latency = DRAW(draw, LATENCIES);
    buf_printf(draw->out,
               "scenario: explored with seed %" PRIu64 "\n"
               "why: found by promosim explore --seed %" PRIu64 "\n"
               "start: 2026-01-%02uT%02u:%02u:%02uZ\n"
               "seed: %" PRIu64 "\n"
               "latency: %s\n"
               "strict: false\n"
               "expect: {quiesce: 24h}\n",
               draw->seed, draw->seed, 5 + minutes / 1440, minutes / 60 % 24, minutes % 60,
               draw_below(draw, 60), draw->seed, latency);
    buf_printf(draw->options, "  latency %s\n", latency);
}

void explore_draw(uint64_t seed, struct exploration *ret_exploration)
{
    *ret_exploration = (struct exploration){.seed = seed};
    buf_init(&ret_exploration->story, STORY_BYTES_MAX);
    buf_init(&ret_exploration->options, STORY_BYTES_MAX);
    struct draw draw = {
        .out = &ret_exploration->story, .options = &ret_exploration->options, .seed = seed};
    rng_init_stream(&draw.rng, seed, STR("explore what there is"));
    draw_head(&draw);
    draw_fleet(&draw);
    draw_given(&draw);
    draw_world(&draw);
    rng_init_stream(&draw.rng, seed, STR("explore what people do"));
    draw_script(&draw);
    rng_init_stream(&draw.rng, seed, STR("explore what goes wrong"));
    draw_faults(&draw);
}

void exploration_release(struct exploration *exploration)
{
    buf_release(&exploration->story);
    buf_release(&exploration->options);
}
