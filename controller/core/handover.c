#include "controller/core/handover.h"

#include "controller/core/cluster.h"
#include "controller/core/names.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/summary.h"
#include "controller/k8s/label_selector.h"

#define BEHAVIOR "stopMatchingBehavior"
#define MODE "syncMode"
#define BATCH "maxUpdate"
#define LEAVE "LeavePolicies"
#define SELECTOR "clusterSelector"
#define REFS "clusterRefs"

/* A profile that may hold what it should not. */
struct holding {
    const struct promotion_sight *sight;
    const struct profile *holder;
    size_t stage; /* of the spec that it is for; STAGE_NONE: none */
};

enum fate { FATE_NONE, FATE_STAYS, FATE_LEAVES, FATE_IS_KEPT };

static size_t current_stage(const struct holding *holding)
{
    return holding->sight->view.kept_count - 1;
}

static bool is_own(const struct holding *holding)
{
    return holding->stage == current_stage(holding);
}

static size_t stage_of(const struct promotion_sight *sight, const struct profile *profile)
{
    for (size_t i = 0; i < sight->promotion->stage_count; i++) {
        if (sight->profiles[i] == profile)
            return i;
    }
    return STAGE_NONE;
}

static const struct cluster *cluster_of(const struct store *store, const struct summary *summary)
{
    return (const struct cluster *)summary_cluster(store, summary);
}

static bool stage_selects(const struct holding *holding, size_t stage,
                          const struct cluster *cluster)
{
    return label_selector_matches(holding->sight->promotion->stages[stage].selector,
                                  cluster->labels);
}

static bool some_stage_selects(const struct holding *holding, const struct cluster *cluster)
{
    for (size_t i = 0; i < holding->sight->promotion->stage_count; i++) {
        if (stage_selects(holding, i, cluster))
            return true;
    }
    return false;
}

static enum fate fate_of(const struct holding *holding, const struct cluster *cluster)
{
    if (cluster == NULL || cluster->object.meta.deleting)
        return FATE_NONE;
    if (holding->stage != STAGE_NONE && stage_selects(holding, holding->stage, cluster))
        return FATE_STAYS;
    bool leaves = is_own(holding) ? some_stage_selects(holding, cluster)
                                  : stage_selects(holding, current_stage(holding), cluster);
    return leaves ? FATE_LEAVES : FATE_IS_KEPT;
}

static const char *kind_of(const struct cluster *cluster)
{
    return cluster->object.resource == KUBE_SVELTOS_CLUSTERS ? "SveltosCluster" : "Cluster";
}

static struct json *reference_to(const struct cluster *cluster)
{
    struct json *reference = json_object();
    json_set(reference, "kind", json_text(kind_of(cluster)));
    json_set(reference, "namespace", json_string(cluster->object.meta.name_space));
    json_set(reference, "name", json_string(cluster->object.meta.name));
    json_set(reference, "apiVersion",
             json_text(cluster->object.resource == KUBE_SVELTOS_CLUSTERS
                           ? "lib.projectsveltos.io/v1beta1"
                           : "cluster.x-k8s.io/v1beta2"));
    return reference;
}

static bool is_listed(const struct profile *holder, const struct cluster *cluster)
{
    JSON_EACH(reference, json_get(holder->rendered, REFS))
    {
        if (str_is(json_text_at(reference, "kind"), kind_of(cluster)) &&
            str_equal(json_text_at(reference, "namespace"), cluster->object.meta.name_space) &&
            str_equal(json_text_at(reference, "name"), cluster->object.meta.name))
            return true;
    }
    return false;
}

/* A list that somebody else wrote is left alone. */
static bool may_list(const struct profile *holder)
{
    return json_get(holder->rendered, REFS) == NULL ||
           profile_field_is_of(holder, FIELD_MANAGER_OTHER, STR(REFS));
}

static bool still_selects(const struct profile *holder, const struct cluster *cluster)
{
    return is_listed(holder, cluster) ||
           label_selector_matches(json_get(holder->rendered, SELECTOR), cluster->labels);
}

/* A OneTime profile's summaries are written once, and those of a later batch not before the
 * batch under way is done, which may be never. What Sveltos deletes is shown the profile as it
 * is before, in any case. */
static bool shows_changes_at_once(const struct profile *holder)
{
    return !str_is(json_text_at(holder->rendered, MODE), "OneTime") &&
           json_get(holder->rendered, BATCH) == NULL;
}

/* What the summaries of a holder say together. */
struct findings {
    bool leaves;   /* one is to leave that the profile selects still */
    bool going;    /* one that it does not select any more has not left yet */
    bool stays;    /* something remains with the profile */
    bool unlisted; /* one is kept, but not by name yet */
    bool in_sync;  /* all summaries show the profile as it is, as far as they will */
};

static void look_at(const struct holding *holding, const struct summary *summary,
                    struct findings *findings)
{
    const struct cluster *cluster = cluster_of(holding->sight->store, summary);
    const struct profile *holder = holding->holder;
    enum fate fate = fate_of(holding, cluster);
    if (fate == FATE_NONE)
        return;
    if (cluster->ready && shows_changes_at_once(holder)) /* Sveltos changes no others (D2) */
        findings->in_sync &=
            summary->decodable && sha256_equal(summary->digest, holder->digest);
    bool selected = still_selects(holder, cluster);
    if (fate == FATE_LEAVES) {
        findings->leaves |= selected;
        findings->going |= !selected && cluster->ready;
        return;
    }
    findings->stays |= selected;
    findings->unlisted |=
        fate == FATE_IS_KEPT && selected && !is_listed(holder, cluster) && may_list(holder);
}

/* Sveltos is slow, or the cluster was not ready: the summary will come, and would take from the
 * current stage what it holds then. */
static void look_for_coming(const struct holding *holding, enum kube_resource kind,
                            struct findings *findings)
{
    const struct map_entry *cursor = NULL;
    const struct object *cluster;
    while ((cluster = store_next(holding->sight->store, kind, &cursor)) != NULL)
        findings->leaves |=
            fate_of(holding, (const struct cluster *)cluster) == FATE_LEAVES &&
            still_selects(holding->holder, (const struct cluster *)cluster);
}

static struct findings look_around(const struct holding *holding)
{
    const struct map *summaries = store_group(holding->sight->store, KUBE_CLUSTER_SUMMARIES,
                                              holding->holder->object.meta.name);
    struct findings findings = {.in_sync = true, .stays = holding->stage != STAGE_NONE};
    if (!is_own(holding) && !holding->holder->object.meta.deleting) {
        look_for_coming(holding, KUBE_SVELTOS_CLUSTERS, &findings);
        look_for_coming(holding, KUBE_CAPI_CLUSTERS, &findings);
    }
    if (summaries == NULL)
        return findings;
    MAP_EACH(entry, summaries)
    look_at(holding, map_entry_value(entry), &findings);
    return findings;
}

static bool leaves_in_place(const struct profile *profile)
{
    return str_is(json_text_at(profile->rendered, BEHAVIOR), LEAVE);
}

/* True when it was us who said so, for a handover. What goes leaves all in place to its end. */
static bool is_to_be_restored(const struct holding *holding)
{
    return !is_own(holding) && !holding->holder->object.meta.deleting &&
           leaves_in_place(holding->holder) &&
           profile_field_is_of(holding->holder, FIELD_MANAGER_OTHER, STR(BEHAVIOR)) &&
           !str_is(json_text_at(holding->sight->promotion->rendered, BEHAVIOR), LEAVE);
}

static enum handover judge_handover(const struct holding *holding, bool *ret_stays)
{
    struct findings findings = look_around(holding);
    bool keeps = is_own(holding) && findings.unlisted;
    *ret_stays = findings.stays;
    if (!findings.leaves && !findings.going && !keeps)
        return findings.stays && is_to_be_restored(holding) ? HANDOVER_NARROWED : HANDOVER_NONE;
    if (holding->holder->object.meta.deleting || (findings.going && !findings.leaves))
        return HANDOVER_AWAITED;
    if (!findings.leaves)
        return HANDOVER_RELEASED; /* nothing leaves, so nothing is to be left in place */
    if (!leaves_in_place(holding->holder))
        return HANDOVER_HELD;
    return findings.in_sync ? HANDOVER_RELEASED : HANDOVER_AWAITED;
}

static bool is_candidate(const struct promotion_sight *sight, const struct profile *profile)
{
    return profile_is_ours(profile, sight->promotion) &&
           !str_is(meta_label(profile->tree, LABEL_VERIFICATION), "true");
}

/* One after the other in the order of names: the cache has none. */
static bool comes_before(const struct profile *profile, const struct profile *known)
{
    return known == NULL ||
           str_compare(profile->object.meta.name, known->object.meta.name) < 0;
}

static void consider_keeper(struct promotion_sight *sight, const struct profile *profile)
{
    if (stage_of(sight, profile) == STAGE_NONE || profile->object.meta.deleting ||
        !comes_before(profile, sight->keeper) ||
        !profile_field_is_of(profile, FIELD_MANAGER_OTHER, STR(REFS)))
        return;
    sight->view.has_kept = true;
    sight->keeper = profile;
}

static void consider_holder(struct promotion_sight *sight, const struct profile *profile)
{
    struct promotion_view *view = &sight->view;
    struct holding holding = {sight, profile, stage_of(sight, profile)};
    bool stays = false;
    enum handover handover = judge_handover(&holding, &stays);
    if (handover == HANDOVER_NONE || !comes_before(profile, sight->holder))
        return;
    view->handover = handover;
    view->holder_stays = stays;
    view->holder_stage = holding.stage;
    sight->holder = profile;
}

void view_handover(struct promotion_sight *sight)
{
    struct promotion_view *view = &sight->view;
    const struct map *group = store_group(sight->store, KUBE_CLUSTER_PROFILES,
                                          sight->promotion->object.meta.name);
    bool has_current = view->kept_count > 0 && view->kept_count == view->entry_count;
    if (view->deleting || !has_current || group == NULL)
        return;
    enum profile_standing current = view->stages[view->kept_count - 1].profile;
    MAP_EACH(entry, group)
    {
        const struct profile *profile = map_entry_value(entry);
        if (!is_candidate(sight, profile))
            continue;
        consider_keeper(sight, profile);
        if (current == PROFILE_ABSENT || current == PROFILE_DIFFERS)
            consider_holder(sight, profile);
    }
}

static void add_expression(struct json *expressions, struct json *expression)
{
    JSON_EACH(known, expressions)
    {
        if (!json_equal(known, expression))
            continue;
        json_free(expression);
        return;
    }
    json_append(expressions, expression);
}

/* matchLabels are `In` of one value. */
static void add_requirements(struct json *expressions, const struct json *selector)
{
    JSON_EACH(label, json_get(selector, "matchLabels"))
    {
        struct json *expression = json_object();
        struct json *values = json_array();
        json_append(values, json_clone(label));
        json_set(expression, "key", json_string(json_key(label)));
        json_set(expression, "operator", json_text("In"));
        json_set(expression, "values", values);
        add_expression(expressions, expression);
    }
    JSON_EACH(expression, json_get(selector, "matchExpressions"))
    add_expression(expressions, json_clone(expression));
}

static struct json *narrowed_selector(const struct holding *holding)
{
    struct json *selector = json_object();
    struct json *expressions = json_array();
    json_set(selector, "matchLabels", json_null());
    if (holding->stage == STAGE_NONE) { /* an empty one matches nothing */
        json_free(expressions);
        json_set(selector, "matchExpressions", json_null());
        return selector;
    }
    add_requirements(expressions, json_get(holding->holder->rendered, SELECTOR));
    add_requirements(expressions, holding->sight->promotion->stages[holding->stage].selector);
    json_set(selector, "matchExpressions", expressions);
    return selector;
}

/* In the order of names: the cache has none. */
static void insert_reference(struct json *references, struct json *reference)
{
    size_t index = 0;
    JSON_EACH(known, references)
    {
        int order = str_compare(json_text_at(known, "namespace"),
                                json_text_at(reference, "namespace"));
        if (order == 0)
            order = str_compare(json_text_at(known, "name"), json_text_at(reference, "name"));
        if (order > 0)
            break;
        index++;
    }
    json_insert(references, index, reference);
}

/* NULL: the list is somebody else's. Null: none is kept. */
static struct json *kept_references(const struct holding *holding)
{
    const struct map *summaries = store_group(holding->sight->store, KUBE_CLUSTER_SUMMARIES,
                                              holding->holder->object.meta.name);
    struct json *references = json_array();
    if (summaries != NULL && may_list(holding->holder)) {
        MAP_EACH(entry, summaries)
        {
            const struct summary *summary = map_entry_value(entry);
            const struct cluster *cluster = cluster_of(holding->sight->store, summary);
            if (fate_of(holding, cluster) == FATE_IS_KEPT &&
                still_selects(holding->holder, cluster))
                insert_reference(references, reference_to(cluster));
        }
    }
    if (json_first(references) != NULL)
        return references;
    json_free(references);
    return may_list(holding->holder) ? json_null() : NULL;
}

struct json *handover_narrowed(const struct promotion_sight *sight)
{
    struct holding holding = {sight, sight->holder, stage_of(sight, sight->holder)};
    struct json *spec = json_object();
    struct json *references = kept_references(&holding);
    json_set(spec, SELECTOR, narrowed_selector(&holding));
    if (references != NULL)
        json_set(spec, REFS, references);
    return spec;
}

struct json *handover_restored(const struct promotion_sight *sight)
{
    struct json *spec = json_object();
    json_set(spec, BEHAVIOR, json_string(json_text_at(sight->promotion->rendered, BEHAVIOR)));
    return spec;
}

struct json *handover_without_kept(void)
{
    struct json *spec = json_object();
    json_set(spec, REFS, json_null());
    return spec;
}
