#include "scenarios/engine/explore_rooms.h"

#define ACTIONS_MAX 9u
#define APPROVAL_ROUNDS 4u

/* Each writes what follows "{at: +90s, " in one step. */
typedef void draw_action(struct draw *draw);

static void act_approve(struct draw *draw)
{
    const char *prefix = draw_chance(draw, 85) ? "s" : "r";
    buf_printf(draw->out, "approve: {promotion: %s, stage: %s%u}", draw_promotion(draw), prefix,
               draw_below(draw, draw->stage_count));
}

static void act_take_approval_back(struct draw *draw)
{
    buf_printf(draw->out,
               "patch: ClusterPromotion/%s, json-patch: [{op: remove, path: "
               "/spec/stages/%u/trigger/manual/approved}]",
               draw_promotion(draw), draw_below(draw, draw->stage_count));
}

static void act_edit_spec(struct draw *draw)
{
    buf_append_text(draw->out, "patch: ClusterPromotion/web, json-patch: [{op: replace, path: "
                               "/spec/profileSpec, value: ");
    draw_profile_spec(draw);
    buf_append_text(draw->out, "}]");
}

static void act_edit_tier(struct draw *draw)
{
    buf_printf(draw->out,
               "patch: ClusterPromotion/%s, merge: {spec: {profileSpec: {tier: %u}}}",
               draw_promotion(draw), 60 + draw_below(draw, 3));
}

static void act_rename_stage(struct draw *draw)
{
    unsigned stage = draw_below(draw, draw->stage_count);
    buf_printf(draw->out,
               "patch: ClusterPromotion/%s, json-patch: [{op: replace, path: "
               "/spec/stages/%u/name, value: %s%u}]",
               draw_promotion(draw), stage, draw_chance(draw, 70) ? "r" : "s", stage);
}

static void act_append_stage(struct draw *draw)
{
    static const char *const LABELS[] = {"other", "other", "nowhere", "e0"};
    buf_printf(draw->out,
               "patch: ClusterPromotion/%s, json-patch: [{op: add, path: /spec/stages/-, value: "
               "{name: x%u, clusterSelector: {matchLabels: {env: %s}}}}]",
               draw_promotion(draw), draw->additions++, DRAW(draw, LABELS));
}

static void act_remove_stage(struct draw *draw)
{
    buf_printf(draw->out,
               "patch: ClusterPromotion/%s, json-patch: [{op: remove, path: /spec/stages/%u}]",
               draw_promotion(draw), draw_below(draw, draw->stage_count));
}

static void act_edit_selector(struct draw *draw)
{
    static const char *const OTHERS[] = {"other", "nowhere", "other", "other"};
    unsigned stage = draw_below(draw, draw->stage_count);
    buf_printf(draw->out,
               "patch: ClusterPromotion/%s, json-patch: [{op: replace, path: "
               "/spec/stages/%u/clusterSelector, value: {matchExpressions: [{key: env, operator: "
               "In, values: [e%u, %s]}]}}]",
               draw_promotion(draw), stage, stage, DRAW(draw, OTHERS));
}

static void act_edit_trigger(struct draw *draw)
{
    buf_printf(draw->out,
               "patch: ClusterPromotion/%s, json-patch: [{op: add, path: "
               "/spec/stages/%u/trigger, value: ",
               draw_promotion(draw), draw_below(draw, draw->stage_count));
    if (draw_chance(draw, 10))
        buf_append_text(draw->out, "{auto: {delay: 1d}}");
    else
        draw_trigger(draw);
    buf_append_text(draw->out, "}]");
}

static void print_cluster(struct draw *draw, struct drawn_cluster cluster, const char *state)
{
    buf_printf(draw->out, "cluster: n%u/c%u-%u, %s%s", cluster.stage, cluster.stage,
               cluster.number, draw->is_capi[cluster.stage] ? "kind: Cluster, " : "", state);
}

static void act_cluster_ready(struct draw *draw)
{
    static const char *const STATES[] = {"ready: false", "ready: false", "ready: true"};
    draw->clusters_suffer = true;
    print_cluster(draw, draw_cluster(draw), DRAW(draw, STATES));
}

static void act_cluster_paused(struct draw *draw)
{
    static const char *const STATES[] = {"paused: true", "paused: true", "paused: false"};
    draw->clusters_suffer = true;
    print_cluster(draw, draw_cluster(draw), DRAW(draw, STATES));
}

static void act_cluster_down(struct draw *draw)
{
    struct drawn_cluster cluster = draw_cluster(draw);
    draw->clusters_suffer = true;
    if (draw->is_capi[cluster.stage])
        print_cluster(draw, cluster, "ready: false");
    else
        print_cluster(draw, cluster, draw_chance(draw, 60) ? "down: true" : "down: false");
}

static void act_relabel(struct draw *draw)
{
    static const char *const LABELS[] = {"labels: {env: null}", "labels: {env: other}",
                                         "labels: {env: e0}", "labels: {env: e1}",
                                         "labels: {team: blue}"};
    print_cluster(draw, draw_cluster(draw), DRAW(draw, LABELS));
}

static void act_delete_cluster(struct draw *draw)
{
    struct drawn_cluster cluster = draw_cluster(draw);
    buf_printf(draw->out, "delete: %s/n%u/c%u-%u",
               draw->is_capi[cluster.stage] ? "Cluster" : "SveltosCluster", cluster.stage,
               cluster.stage, cluster.number);
}

static void act_add_clusters(struct draw *draw)
{
    unsigned stage = draw_below(draw, draw->stage_count);
    buf_printf(draw->out,
               "add-clusters: [{count: %u, name: \"j%u-{i}\", namespace: n%u, labels: {env: "
               "e%u}}]",
               1 + draw_below(draw, 2), draw->additions++, stage, stage);
}

static void act_edit_profile(struct draw *draw)
{
    static const char *const EDITS[] = {
        "{spec: {tier: 77}}",
        "{spec: {policyRefs: [{kind: ConfigMap, namespace: default, name: evil}]}}",
        "{spec: {stopMatchingBehavior: LeavePolicies}}",
        "{spec: {clusterSelector: {matchLabels: {env: other}}}}",
        "{metadata: {annotations: {promoter.dev/configuration: null}}}",
        "{metadata: {annotations: {promoter.dev/redeploys: null}}}",
        "{metadata: {annotations: {promoter.dev/owner-uid: null}}}",
        "{metadata: {annotations: {config.projectsveltos.io/stagename: null}}}",
        "{metadata: {annotations: null}}",
        "{metadata: {labels: {config.projectsveltos.io/promotionname: null}}}",
        "{metadata: {ownerReferences: null}}",
        "{metadata: {labels: {team: blue}}}",
    };
    buf_printf(draw->out, "patch: ClusterProfile/%s-s%u, merge: %s", draw_promotion(draw),
               draw_below(draw, draw->stage_count), DRAW(draw, EDITS));
}

static void act_delete_profile(struct draw *draw)
{
    buf_printf(draw->out, "delete: ClusterProfile/%s-s%u", draw_promotion(draw),
               draw_below(draw, draw->stage_count));
}

static void act_delete_summary(struct draw *draw)
{
    struct drawn_cluster cluster = draw_cluster(draw);
    draw->summaries_deleted = true;
    buf_printf(draw->out, "delete: ClusterSummary/n%u/%s-s%u-%s-c%u-%u", cluster.stage,
               draw_promotion(draw), cluster.stage,
               draw->is_capi[cluster.stage] ? "capi" : "sveltos", cluster.stage, cluster.number);
}

static void act_delete_promotion(struct draw *draw)
{
    buf_printf(draw->out, "delete: ClusterPromotion/%s", draw_promotion(draw));
}

/* Anew, or the same name with another life. */
static void act_create_promotion(struct draw *draw)
{
    buf_printf(draw->out,
               "apply: {apiVersion: config.projectsveltos.io/v1beta1, kind: ClusterPromotion, "
               "metadata: {name: %s}, spec: {profileSpec: ",
               draw_promotion(draw));
    draw_profile_spec(draw);
    buf_append_text(draw->out, ", stages: [{name: s0, clusterSelector: {matchLabels: {env: e0}}}, "
                               "{name: s1, clusterSelector: {matchLabels: {env: e1}}, trigger: ");
    draw_trigger(draw);
    buf_append_text(draw->out, "}]}}");
}

static void act_preserve(struct draw *draw)
{
    buf_printf(draw->out,
               "patch: ClusterPromotion/%s, merge: {spec: {preserveClusterProfilesOnDelete: %s}}",
               draw_promotion(draw), draw_chance(draw, 60) ? "true" : "false");
}

static void act_restart_controller(struct draw *draw)
{
    buf_append_text(draw->out, "restart-controller: true");
}

static void act_sveltos(struct draw *draw)
{
    static const char *const STATES[] = {"sveltos: restart", "sveltos: down, for: 10m",
                                         "sveltos: down, for: 1h"};
    buf_append_text(draw->out, draw_text(draw, STATES, ARRAY_COUNT(STATES)));
}

static const struct {
    const char *name;
    draw_action *act;
} ACTIONS[] = {
    {"approve", act_approve},
    {"approve again", act_approve},
    {"take an approval back", act_take_approval_back},
    {"edit profileSpec", act_edit_spec},
    {"edit its tier", act_edit_tier},
    {"rename a stage", act_rename_stage},
    {"append a stage", act_append_stage},
    {"remove a stage", act_remove_stage},
    {"edit a selector", act_edit_selector},
    {"edit a trigger", act_edit_trigger},
    {"clusters ready or not", act_cluster_ready},
    {"clusters paused", act_cluster_paused},
    {"clusters down", act_cluster_down},
    {"relabel clusters", act_relabel},
    {"delete clusters", act_delete_cluster},
    {"add clusters", act_add_clusters},
    {"edit profiles", act_edit_profile},
    {"delete profiles", act_delete_profile},
    {"delete summaries", act_delete_summary},
    {"delete promotions", act_delete_promotion},
    {"create promotions", act_create_promotion},
    {"preserve or not", act_preserve},
    {"restart the controller", act_restart_controller},
    {"Sveltos down or restarted", act_sveltos},
};

/* Mostly minutes apart, sometimes within the same second or in a later hour. */
static unsigned draw_time_ms(struct draw *draw, unsigned last_ms)
{
    if (last_ms > 0 && draw_chance(draw, 25))
        return last_ms + draw_below(draw, 3000);
    if (draw_chance(draw, 60))
        return draw_below(draw, 20 * 60 * 1000);
    return draw_below(draw, EXPLORE_SAFETY_S * 1000);
}

static void draw_actions(struct draw *draw)
{
    uint64_t on = draw_swarm(draw, ARRAY_COUNT(ACTIONS));
    unsigned count = draw_below(draw, ACTIONS_MAX + 1);
    unsigned at_ms = 0;
    buf_append_text(draw->options, "  users:");
    for (unsigned i = 0; i < ARRAY_COUNT(ACTIONS); i++) {
        if (count > 0 && (on >> i & 1) != 0)
            buf_printf(draw->options, " [%s]", ACTIONS[i].name);
    }
    buf_printf(draw->options, ", %u actions\n", count);
    for (unsigned i = 0; i < count; i++) {
        at_ms = draw_time_ms(draw, at_ms);
        buf_printf(draw->out, "  - {at: +%ums, ", at_ms);
        ACTIONS[draw_kind(draw, on, ARRAY_COUNT(ACTIONS))].act(draw);
        buf_append_text(draw->out, "}\n");
    }
}

static void heal_clusters(struct draw *draw)
{
    for (unsigned stage = 0; stage < draw->stage_count; stage++) {
        for (unsigned i = 1; i <= draw->cluster_counts[stage]; i++) {
            buf_printf(draw->out, "  - {at: +%us, ", EXPLORE_HEAL_S);
            print_cluster(draw, (struct drawn_cluster){stage, i},
                          draw->is_capi[stage] ? "ready: true, paused: false}\n"
                                               : "ready: true, paused: false, down: false}\n");
        }
    }
}

/* In rounds that are further apart than a gate takes, but for its window. */
static void approve_all(struct draw *draw)
{
    for (unsigned round = 0; round < APPROVAL_ROUNDS; round++) {
        for (unsigned stage = 0; stage < draw->stage_count; stage++) {
            buf_printf(draw->out, "  - {at: +%us, approve: {promotion: web, stage: s%u}}\n",
                       EXPLORE_HEAL_S + 1800 + round * 9000, stage);
        }
    }
}

void draw_script(struct draw *draw)
{
    bool people_approve = draw_chance(draw, 70);
    buf_append_text(draw->out, "script:\n");
    draw_actions(draw);
    buf_printf(draw->out, "  - {at: +%us, sveltos: up}\n", EXPLORE_HEAL_S);
    /* Who deleted a ClusterSummary makes Sveltos look again: by itself it does not (facts 5.1). */
    if (draw->summaries_deleted)
        buf_printf(draw->out, "  - {at: +%us, sveltos: restart}\n", EXPLORE_HEAL_S + 1);
    /* Of batches, it leaves clusters behind that were paused, until it looks again (facts 5.4). */
    if (draw->clusters_suffer) {
        heal_clusters(draw);
        buf_printf(draw->out, "  - {at: +%us, sveltos: restart}\n", EXPLORE_HEAL_S + 7200);
    }
    if (people_approve)
        approve_all(draw);
    buf_printf(draw->options, "  in the end %s\n",
               people_approve ? "people approve what waits for them" : "nobody approves");
}
