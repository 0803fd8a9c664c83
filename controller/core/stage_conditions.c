#include "controller/core/stage_conditions.h"

#include "controller/core/adoption.h"
#include "controller/core/cluster.h"
#include "controller/core/name_list.h"
#include "controller/core/names.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/spec_render.h"
#include "controller/core/summary.h"
#include "controller/k8s/label_selector.h"

static struct str take_text(struct name_list *list, struct arena *arena)
{
    struct str text = name_list_text(list, arena);
    name_list_release(list);
    return text;
}

/* The first stage from `from` on that selects the cluster; stage_count: none. */
static size_t next_stage_of(const struct promotion *promotion, const struct cluster *cluster,
                            size_t from)
{
    while (from < promotion->stage_count &&
           !label_selector_matches(promotion->stages[from].selector, cluster->labels))
        from++;
    return from;
}

static void add_overlap(struct name_list *list, const struct promotion_sight *sight,
                        const struct cluster *cluster)
{
    const struct promotion *promotion = sight->promotion;
    size_t first = next_stage_of(promotion, cluster, 0);
    size_t second = next_stage_of(promotion, cluster, first + 1);
    if (cluster->object.meta.deleting || second >= promotion->stage_count ||
        !cluster_is_onboarded(cluster, sight->capi_onboard_annotation))
        return;
    struct buf name;
    buf_init(&name, 2 * STORE_KEY_BYTES_MAX);
    store_key(&cluster->object.meta, &name);
    buf_printf(&name, " (%.*s and %.*s)", STR_ARGS(promotion->stages[first].name),
               STR_ARGS(promotion->stages[second].name));
    name_list_add(list, buf_str(&name));
    buf_release(&name);
}

struct str stage_overlap_text(const struct promotion_sight *sight, struct arena *arena)
{
    static const enum kube_resource kinds[] = {KUBE_CAPI_CLUSTERS, KUBE_SVELTOS_CLUSTERS};
    struct name_list list;
    name_list_init(&list);
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        const struct map_entry *cursor = NULL;
        const struct object *cluster;
        while ((cluster = store_next(sight->store, kinds[i], &cursor)) != NULL)
            add_overlap(&list, sight, (const struct cluster *)cluster);
    }
    return take_text(&list, arena);
}

static bool is_wanted_by_a_stage(const struct promotion_sight *sight,
                                 const struct profile *profile)
{
    for (size_t i = 0; i < sight->promotion->stage_count; i++) {
        if (sight->profiles[i] == profile)
            return true;
    }
    return str_is(meta_label(profile->tree, LABEL_VERIFICATION), "true");
}

/* Clusters of the profile's summaries that no stage selects. */
static size_t count_abandoned(const struct promotion_sight *sight, const struct profile *profile)
{
    const struct map *summaries =
        store_group(sight->store, KUBE_CLUSTER_SUMMARIES, profile->object.meta.name);
    size_t count = 0;
    if (summaries == NULL ||
        str_is(json_text_at(profile->rendered, "stopMatchingBehavior"), "LeavePolicies"))
        return 0;
    MAP_EACH(entry, summaries)
    {
        const struct cluster *cluster =
            (const struct cluster *)summary_cluster(sight->store, map_entry_value(entry));
        count += cluster != NULL && next_stage_of(sight->promotion, cluster, 0) ==
                                        sight->promotion->stage_count;
    }
    return count;
}

void withdrawal_find(const struct promotion_sight *sight, struct arena *arena,
                     struct withdrawal *ret_withdrawal)
{
    const struct map *group = store_group(sight->store, KUBE_CLUSTER_PROFILES,
                                          sight->promotion->object.meta.name);
    struct withdrawal withdrawal = {.cluster_count = 0};
    struct name_list list;
    name_list_init(&list);
    for (struct map_entry *entry = group != NULL ? map_next(group, NULL) : NULL; entry != NULL;
         entry = map_next(group, entry)) {
        const struct profile *profile = map_entry_value(entry);
        if (profile->object.meta.deleting || !profile_is_ours(profile, sight->promotion) ||
            is_wanted_by_a_stage(sight, profile))
            continue;
        name_list_add(&list, profile->object.meta.name);
        withdrawal.cluster_count += count_abandoned(sight, profile);
    }
    withdrawal.profile_count = list.count;
    withdrawal.profiles = take_text(&list, arena);
    *ret_withdrawal = withdrawal;
}

static bool is_failing(const struct summary *summary)
{
    bool failing = false;
    for (size_t i = 0; i < FEATURE_COUNT; i++)
        failing |= summary->features[i].present && summary->features[i].failing;
    return failing && !summary->object.meta.deleting;
}

static void add_failing(struct name_list *list, const struct summary *summary)
{
    struct buf name;
    if (!is_failing(summary))
        return;
    buf_init(&name, STORE_KEY_BYTES_MAX);
    buf_printf(&name, "%.*s/%.*s", STR_ARGS(summary->cluster_namespace),
               STR_ARGS(summary->cluster_name));
    name_list_add(list, buf_str(&name));
    buf_release(&name);
}

/* What was found there once need not be looked for again while it is being repaired. */
static bool is_finished(const struct promotion_sight *sight, size_t index)
{
    const struct promotion_view *view = &sight->view;
    bool current = index + 1 == view->entry_count;
    return view->stages[index].provisioned && view->stages[index].profile == PROFILE_AS_WANTED &&
           (!current || promotion_is_complete(view));
}

struct str stage_regression(const struct promotion_sight *sight, size_t index,
                            struct arena *arena)
{
    struct name_list list;
    if (!is_finished(sight, index))
        return STR_NONE;
    const struct map *summaries = store_group(sight->store, KUBE_CLUSTER_SUMMARIES,
                                              sight->profiles[index]->object.meta.name);
    if (summaries == NULL)
        return STR_NONE;
    name_list_init(&list);
    MAP_EACH(entry, summaries)
    add_failing(&list, map_entry_value(entry));
    return take_text(&list, arena);
}

static enum profile_role applied_role(const struct profile *profile,
                                      const struct stage_spec *stage)
{
    return str_is(profile->configuration, stage->wanted[ROLE_GATED].configuration) ? ROLE_GATED
                                                                                   : ROLE_STAGE;
}

static void add_field(struct name_list *list, struct str member, struct arena *arena)
{
    name_list_add(list, arena_format(arena, "spec.%.*s", STR_ARGS(member)));
}

struct str stage_foreign_fields(const struct promotion_sight *sight, size_t index,
                                struct arena *arena)
{
    const struct stage_spec *stage = &sight->promotion->stages[index];
    const struct profile *profile = sight->profiles[index];
    CLEANUP(json_free_pointer) struct json *spec = NULL;
    CLEANUP(json_free_pointer) struct json *rendered = NULL;
    struct name_list list;
    if (sight->view.stages[index].profile != PROFILE_AS_WANTED || profile_is_unclaimed(profile))
        return STR_NONE;
    enum profile_role role = applied_role(profile, stage);
    if (sha256_equal(profile->digest, stage->wanted[role].digest))
        return STR_NONE;
    spec = wanted_spec(sight->promotion, stage, role);
    enum err err = spec_render(spec, &spec_type_cluster_profile, true, &rendered, NULL);
    if (NEVER(err != ERR_NONE, "of a malformed promotion no conditions are told"))
        return STR_NONE;
    name_list_init(&list);
    JSON_EACH(name, profile->undecodable)
    add_field(&list, json_string_of(name), arena);
    JSON_EACH(member, profile->rendered)
    {
        bool kept = profile_field_is_of(profile, FIELD_MANAGER_OTHER, json_key(member)); /* P11 */
        if (json_get_str(rendered, json_key(member)) == NULL && !kept)
            add_field(&list, json_key(member), arena);
    }
    return take_text(&list, arena);
}
