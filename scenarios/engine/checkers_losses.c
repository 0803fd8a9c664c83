/*
 * S11: no cluster loses what a promotion still wants it to have. Judged by the world's record
 * of what was withdrawn from clusters, whatever statuses say.
 *
 * A withdrawal is in order when somebody asked for it at any time since the thing was deployed:
 * the promotion did not want it or did not select the cluster, it was deleted without
 * preserveClusterProfilesOnDelete, a person edited or deleted the profile or its summary, or gave
 * the cluster labels that the profile does not select, or the cluster was away or not ready. To the
 * last three Sveltos answers by itself, before anybody can hand the cluster over (facts 5.2). What
 * a person's edit of the profile's selector deployed to a cluster goes when that is put right.
 */
#include "controller/base/mem.h"
#include "fakeapi/sveltos/items.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/ground.h"
#include "scenarios/engine/history.h"
#include "scenarios/engine/promotion_read.h"

struct losses {
    const struct evidence *evidence;
    struct verdict *verdict;
    struct histories histories;
    struct map deployed; /* the last struct world_item_change by cluster and item */
};

/* One withdrawal, and since when the thing had been there. */
struct loss {
    const struct losses *losses;
    const struct world_item_change *change;
    int64_t since_ms;
    struct str promotion;
};

/* What was deployed last may have been under way when its deletion was asked for. */
static size_t deletion_from(const struct history *history, int64_t since_ms)
{
    size_t from = history_from(history, since_ms);
    while (from > 0 && from < history->count &&
           json_at(history->records[from]->before, "metadata.deletionTimestamp") != NULL)
        from--;
    return from;
}

/* A person deleted it, or wrote another spec, within the time of the loss. */
static bool is_edited(const struct loss *loss, const struct history *history)
{
    size_t end = history_until(history, loss->change->at_ms);
    for (size_t i = deletion_from(history, loss->since_ms); i < end; i++) {
        const struct fakeapi_audit *audit = history->records[i];
        bool deletes = audit->after == NULL ||
                       json_at(audit->after, "metadata.deletionTimestamp") != NULL;
        if (audit_is_persons(loss->losses->evidence, audit) &&
            (deletes || !json_equal(json_get(audit->before, "spec"),
                                    json_get(audit->after, "spec"))))
            return true;
    }
    return false;
}

static const struct history *profile_history(const struct losses *losses, struct str profile)
{
    return histories_of(&losses->histories, STR("ClusterProfile"), STR_NONE, profile);
}

/* The promotion whose stage this profile last was; STR_NONE: of none. */
static struct str promotion_of(const struct losses *losses, const struct world_item_change *change)
{
    const struct history *history = profile_history(losses, change->profile);
    for (size_t i = history_until(history, change->at_ms); i > 0; i--) {
        const struct json *profile = history->records[i - 1]->after;
        struct str promotion = read_label(profile, LABEL_PROMOTION);
        if (!str_is_empty(promotion))
            return str_is_empty(read_label(profile, LABEL_VERIFICATION)) ? promotion : STR_NONE;
    }
    return STR_NONE;
}

static bool content_has(const struct json *spec, const struct world_item_change *change)
{
    struct site site = {.cluster_namespace = change->cluster_namespace};
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
        JSON_EACH(entry, feature_content(spec, feature))
        {
            struct item_wish wish;
            item_wish_read(feature, entry, &site, &wish);
            bool found = !wish.uninstall && str_is(change->feature, feature_id(feature)) &&
                         str_equal(str_from(wish.name), change->item);
            item_wish_release(&wish);
            if (found)
                return true;
        }
    }
    return false;
}

static bool some_stage_selects(const struct json *promotion, const struct json *cluster)
{
    JSON_EACH(stage, json_at(promotion, "spec.stages"))
    {
        if (ground_selector_matches(json_get(stage, "clusterSelector"),
                                    json_at(cluster, "metadata.labels")))
            return true;
    }
    return false;
}

/* As a record left it; a deleted promotion that preserves what it deployed counts as it was. */
static const struct json *promotion_at(const struct fakeapi_audit *audit)
{
    return audit->after != NULL ? audit->after : audit->before;
}

static bool promotion_wants(const struct fakeapi_audit *audit,
                            const struct world_item_change *change)
{
    const struct json *promotion = promotion_at(audit);
    bool deleting = audit->after == NULL ||
                    json_at(promotion, "metadata.deletionTimestamp") != NULL;
    if (deleting && !json_bool_of(json_at(promotion, "spec.preserveClusterProfilesOnDelete")))
        return false;
    return content_has(json_at(promotion, "spec.profileSpec"), change);
}

/* Did each form that the promotion had select each form that the cluster had? */
static bool selected_always(const struct loss *loss, const struct history *promotions,
                            const struct history *clusters)
{
    size_t promotions_end = history_until(promotions, loss->change->at_ms);
    size_t clusters_end = history_until(clusters, loss->change->at_ms);
    for (size_t c = history_from(clusters, loss->since_ms); c < clusters_end; c++) {
        const struct json *cluster = clusters->records[c]->after;
        if (cluster == NULL || !ground_cluster_counts(loss->losses->evidence->world,
                                                      clusters->records[c]->kind, cluster))
            return false;
        for (size_t p = history_from(promotions, loss->since_ms); p < promotions_end; p++) {
            if (!some_stage_selects(promotion_at(promotions->records[p]), cluster))
                return false;
        }
    }
    return clusters_end > 0;
}

static const struct history *cluster_history(const struct loss *loss)
{
    const struct world_item_change *change = loss->change;
    return histories_of(&loss->losses->histories,
                        str_is(change->cluster_type, "Capi") ? STR("Cluster")
                                                             : STR("SveltosCluster"),
                        change->cluster_namespace, change->cluster);
}

static bool wanted_always(const struct loss *loss)
{
    const struct world_item_change *change = loss->change;
    const struct history *promotions = histories_of(
        &loss->losses->histories, STR("ClusterPromotion"), STR_NONE, loss->promotion);
    size_t end = history_until(promotions, change->at_ms);
    for (size_t i = history_from(promotions, loss->since_ms); i < end; i++) {
        if (!promotion_wants(promotions->records[i], change))
            return false;
    }
    return end > 0 && selected_always(loss, promotions, cluster_history(loss));
}

/* False for a profile that is not there. */
static bool selects(const struct json *profile, const struct json *cluster)
{
    return profile != NULL && ground_selector_matches(json_at(profile, "spec.clusterSelector"),
                                                      json_at(cluster, "metadata.labels"));
}

static bool profile_selects(const struct history *profiles, const struct json *cluster,
                            int64_t at_ms)
{
    size_t end = history_until(profiles, at_ms);
    return selects(end > 0 ? profiles->records[end - 1]->after : NULL, cluster);
}

/* Did new labels take the cluster out of the profile's selector? */
static bool is_relabelled(const struct loss *loss)
{
    const struct history *profiles = profile_history(loss->losses, loss->change->profile);
    const struct history *clusters = cluster_history(loss);
    size_t end = history_until(clusters, loss->change->at_ms);
    for (size_t i = history_from(clusters, loss->since_ms); i < end; i++) {
        const struct fakeapi_audit *audit = clusters->records[i];
        if (profile_selects(profiles, audit->before, audit->at_ms) &&
            !profile_selects(profiles, audit->after, audit->at_ms))
            return true;
    }
    return false;
}

/* Did a person's edit bring the cluster into the profile? */
static bool is_brought_by_edit(const struct loss *loss)
{
    const struct history *profiles = profile_history(loss->losses, loss->change->profile);
    const struct history *clusters = cluster_history(loss);
    size_t known = history_until(clusters, loss->since_ms);
    const struct json *cluster = known > 0 ? clusters->records[known - 1]->after : NULL;
    for (size_t i = history_until(profiles, loss->since_ms); i > 0; i--) {
        const struct fakeapi_audit *audit = profiles->records[i - 1];
        if (!selects(audit->before, cluster))
            return selects(audit->after, cluster) &&
                   audit_is_persons(loss->losses->evidence, audit);
    }
    return false;
}

static const struct history *summary_history(const struct loss *loss)
{
    const struct world_item_change *change = loss->change;
    char *name CLEANUP(mem_free_pointer) =
        str_format("%.*s-%s-%.*s", STR_ARGS(change->profile),
                   str_is(change->cluster_type, "Capi") ? "capi" : "sveltos",
                   STR_ARGS(change->cluster));
    return histories_of(&loss->losses->histories, STR("ClusterSummary"),
                        change->cluster_namespace, str_from(name));
}

static bool begins_deletion(const struct fakeapi_audit *audit)
{
    return json_at(audit->after, "metadata.deletionTimestamp") != NULL &&
           json_at(audit->before, "metadata.deletionTimestamp") == NULL;
}

/* A deployment that was under way may land after its summary was given up. */
static void begin_with_deletion(struct loss *loss)
{
    const struct history *summaries = summary_history(loss);
    for (size_t i = history_until(summaries, loss->change->at_ms); i > 0; i--) {
        const struct fakeapi_audit *audit = summaries->records[i - 1];
        if (!begins_deletion(audit))
            continue;
        if (audit->at_ms <= loss->since_ms)
            loss->since_ms = audit->at_ms - 1; /* its cause is of the same instant at times */
        return;
    }
}

static bool is_under_way(const struct json *summary, struct str feature)
{
    JSON_EACH(entry, json_at(summary, "status.featureSummaries"))
    {
        if (str_equal(json_text_at(entry, "featureID"), feature))
            return str_is(json_text_at(entry, "status"), "Provisioning");
    }
    return summary != NULL;
}

/* What a job deploys was asked for when it began: who takes it back meanwhile is heard after
 * its end. */
static void begin_with_job(struct loss *loss)
{
    const struct history *summaries = summary_history(loss);
    for (size_t i = history_until(summaries, loss->since_ms - 1); i > 0; i--) {
        if (!is_under_way(summaries->records[i - 1]->after, loss->change->feature))
            return;
        loss->since_ms = summaries->records[i - 1]->at_ms;
    }
}

static void judge(const struct losses *losses, const struct world_item_change *change,
                  int64_t since_ms)
{
    struct loss loss = {losses, change, since_ms, promotion_of(losses, change)};
    begin_with_deletion(&loss);
    begin_with_job(&loss);
    if (str_is_empty(loss.promotion) || !wanted_always(&loss) || is_relabelled(&loss) ||
        is_brought_by_edit(&loss) || is_edited(&loss, profile_history(losses, change->profile)) ||
        is_edited(&loss, summary_history(&loss)))
        return;
    verdict_add(losses->verdict, "S11", change->at_ms,
                str_format("ClusterProfile/%.*s", STR_ARGS(change->profile)),
                "expected %.*s/%.*s to keep %.*s, which %.*s wants there; found it withdrawn",
                STR_ARGS(change->cluster_namespace), STR_ARGS(change->cluster),
                STR_ARGS(change->item), STR_ARGS(loss.promotion));
}

/* Borrows the change. */
static void follow(struct losses *losses, const struct world_item_change *change)
{
    char *key CLEANUP(mem_free_pointer) =
        str_format("%.*s/%.*s/%.*s %.*s %.*s", STR_ARGS(change->cluster_type),
                   STR_ARGS(change->cluster_namespace), STR_ARGS(change->cluster),
                   STR_ARGS(change->feature), STR_ARGS(change->item));
    const struct world_item_change *deployed = map_get(&losses->deployed, str_from(key));
    if (change->event == WORLD_ITEM_WITHDRAWN && deployed != NULL)
        judge(losses, change, deployed->at_ms);
    else if (change->event == WORLD_ITEM_DEPLOYED || change->event == WORLD_ITEM_TAKEN_OVER)
        (void)map_put(&losses->deployed, str_from(key), (void *)(uintptr_t)change);
}

static bool concerns_losses(const struct fakeapi_audit *audit)
{
    static const char *const KINDS[] = {"ClusterPromotion", "ClusterProfile", "ClusterSummary",
                                        "SveltosCluster", "Cluster"};
    for (size_t i = 0; i < ARRAY_COUNT(KINDS); i++) {
        if (audit_is_kind(audit, KINDS[i]))
            return audit->changed;
    }
    return false;
}

static void read_log(struct losses *losses)
{
    const struct fakeapi *api = losses->evidence->api;
    for (size_t i = 0; i < fakeapi_audit_count(api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        if (concerns_losses(audit))
            histories_add(&losses->histories, audit, i);
    }
}

static bool any_withdrawn(const struct world *world)
{
    size_t count = world != NULL ? world_item_change_count(world) : 0;
    for (size_t i = 0; i < count; i++) {
        if (world_item_change_at(world, i)->event == WORLD_ITEM_WITHDRAWN)
            return true;
    }
    return false;
}

void check_no_losses(const struct evidence *evidence, struct verdict *verdict)
{
    struct losses losses = {.evidence = evidence, .verdict = verdict};
    if (!any_withdrawn(evidence->world))
        return;
    histories_init(&losses.histories);
    map_init(&losses.deployed);
    read_log(&losses);
    for (size_t i = 0; i < world_item_change_count(evidence->world); i++)
        follow(&losses, world_item_change_at(evidence->world, i));
    map_release(&losses.deployed);
    histories_release(&losses.histories);
}
