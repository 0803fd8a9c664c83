#include "controller/core/promotion_view.h"

#include "controller/core/limits.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/readiness.h"

static const struct profile *find_profile(const struct store *store,
                                          const struct promotion *promotion, struct str stage)
{
    struct buf name;
    buf_init(&name, ANSWER_BYTES_MAX);
    promotion_profile_name(promotion, stage, &name);
    const struct profile *profile =
        (const struct profile *)store_get(store, KUBE_CLUSTER_PROFILES, buf_str(&name));
    buf_release(&name);
    return profile;
}

static void view_stage(const struct promotion_sight *sight, size_t index, struct stage_view *view)
{
    const struct stage_spec *spec = &sight->promotion->stages[index];
    *view = (struct stage_view){
        .trigger = spec->trigger,
        .delay_ms = spec->delay_ms,
        .approved = spec->trigger == TRIGGER_MANUAL && spec->approved,
        .automatic_reset = spec->automatic_reset,
        .unevaluated = spec->unevaluated,
        .profile = profile_standing(sight->profiles[index], sight->promotion, spec),
    };
    if (index < sight->promotion->entry_count) {
        view->provisioned = sight->promotion->entries[index].provisioned;
        view->provisioned_ms = sight->promotion->entries[index].provisioned_ms;
    }
}

static bool selector_is_unchanged(const struct profile *profile, const struct stage_spec *stage)
{
    struct str was_spec, was_selector, spec, selector;
    return profile != NULL &&
           configuration_parse(profile->configuration, &was_spec, &was_selector) &&
           configuration_parse(str_from(stage->configuration), &spec, &selector) &&
           str_equal(was_selector, selector);
}

/* D12, P5: the longest prefix of entries whose stages are unchanged. Selectors can only
 * have changed when the recorded hash of the stages is another one. */
static size_t count_kept(const struct promotion_sight *sight)
{
    const struct promotion *promotion = sight->promotion;
    bool same_hash =
        str_is(promotion->recorded_stages_hash, promotion->stages_hash);
    size_t kept = 0;
    while (kept < promotion->entry_count && kept < promotion->stage_count &&
           str_equal(promotion->entries[kept].name, promotion->stages[kept].name) &&
           (same_hash ||
            selector_is_unchanged(sight->profiles[kept], &promotion->stages[kept])))
        kept++;
    return kept;
}

/* An order of lists that Sveltos' hash does not see is still another configuration: the
 * first stage's profile tells which one this run deployed. */
static bool configuration_is_recorded(const struct promotion_sight *sight)
{
    const struct promotion *promotion = sight->promotion;
    struct str deployed, selector, spec;
    if (!str_is(promotion->recorded_profile_spec_hash, promotion->profile_spec_hash))
        return false;
    bool begun = promotion->entry_count > 1 ||
                 (promotion->entry_count == 1 && promotion->entries[0].provisioned);
    if (!begun || sight->profiles[0] == NULL ||
        !configuration_parse(sight->profiles[0]->configuration, &deployed, &selector) ||
        !configuration_parse(str_from(promotion->stages[0].configuration), &spec, &selector))
        return true;
    return str_equal(deployed, spec);
}

/* P6: only the stage before the current one, and only until the current is provisioned. */
static size_t find_stage_to_consume(const struct promotion *promotion)
{
    if (promotion->entry_count < 2 || promotion->entries[promotion->entry_count - 1].provisioned)
        return STAGE_NONE;
    struct str before = promotion->entries[promotion->entry_count - 2].name;
    for (size_t i = 0; i < promotion->stage_count; i++) {
        const struct stage_spec *stage = &promotion->stages[i];
        if (str_equal(stage->name, before) && stage->trigger == TRIGGER_MANUAL &&
            stage->approved && stage->automatic_reset)
            return i;
    }
    return STAGE_NONE;
}

static bool is_profile_of_a_stage(const struct promotion_sight *sight,
                                  const struct profile *profile)
{
    for (size_t i = 0; i < sight->promotion->stage_count; i++) {
        if (sight->profiles[i] == profile)
            return true;
    }
    return false;
}

/* Deleting: any profile of ours is left over, but for those on their way out. */
static void consider_leftover(struct promotion_sight *sight, const struct profile *profile)
{
    if (profile == NULL || !profile_is_ours(profile, sight->promotion) ||
        (!sight->view.deleting && is_profile_of_a_stage(sight, profile)))
        return;
    if (profile->object.meta.deleting) {
        sight->view.has_terminating = true;
        return;
    }
    if (sight->leftover == NULL ||
        str_compare(profile->object.meta.name, sight->leftover->object.meta.name) < 0)
        sight->leftover = profile;
    sight->view.has_leftover = true;
}

static void find_leftover(struct promotion_sight *sight)
{
    const struct map *group = store_group(sight->store, KUBE_CLUSTER_PROFILES,
                                          sight->promotion->object.meta.name);
    for (size_t i = 0; sight->view.deleting && i < sight->promotion->stage_count; i++)
        consider_leftover(sight, sight->profiles[i]);
    if (group == NULL)
        return;
    MAP_EACH(entry, group)
    consider_leftover(sight, map_entry_value(entry));
}

static bool judge_readiness(struct promotion_sight *sight, struct ktime now, struct arena *arena)
{
    struct promotion_view *view = &sight->view;
    struct stage_readiness readiness = {READINESS_PROVISIONING, STR_NONE, KTIME_NEVER, 0, 0};
    size_t current = view->kept_count - 1;
    bool judged = view->kept_count > 0 && view->kept_count == view->entry_count &&
                  view->stages[current].profile == PROFILE_AS_WANTED;
    if (judged && !stage_readiness_judge(sight->store, sight->promotion,
                                         &sight->promotion->stages[current],
                                         sight->profiles[current], now, arena, &readiness))
        return false;
    view->readiness = readiness.readiness;
    view->readiness_names = readiness.names;
    view->settles_ms = readiness.settles_ms;
    return true;
}

static void view_promotion(struct promotion_sight *sight, const struct promotion_memory *memory)
{
    const struct promotion *promotion = sight->promotion;
    struct promotion_view *view = &sight->view;
    size_t last = promotion->entry_count - 1;
    bool entered = promotion->entry_count > 0;
    view->deleting = promotion->object.meta.deleting;
    view->has_finalizers = promotion->has_finalizers;
    view->has_a_finalizer = promotion->has_a_finalizer;
    view->preserve = promotion->preserve;
    view->dry_run = promotion->dry_run;
    view->skip_empty_stages = memory->skip_empty_stages;
    view->fault = str_from(promotion->fault);
    view->refusal = memory->refusal;
    view->refused_until_ms = memory->refused_until_ms;
    view->ever_recorded = !str_is_empty(promotion->recorded_profile_spec_hash);
    view->stages_recorded =
        entered && str_is(promotion->recorded_stages_hash, promotion->stages_hash) &&
        str_equal(promotion->current_stage_name, promotion->entries[last].name);
    view->stage_count = promotion->stage_count;
    view->entry_count = promotion->entry_count;
    view->last_promotion_ms = promotion->last_promotion_ms;
    view->text = entered ? promotion->entries[last].text : STR_NONE;
    view->text_ms = entered ? promotion->entries[last].text_ms : 0;
    view->absence_verified = memory->absence_verified;
}

bool promotion_view_build(const struct store *store, const struct promotion *promotion,
                          const struct promotion_memory *memory, struct ktime now,
                          struct arena *arena, struct promotion_sight *ret_sight)
{
    size_t count = promotion->stage_count;
    struct promotion_sight sight = {.store = store, .promotion = promotion};
    struct stage_view *stages = arena_alloc_array(arena, count + 1, sizeof(*stages));
    sight.profiles = arena_alloc_array(arena, count + 1, sizeof(const struct profile *));
    if (stages == NULL || sight.profiles == NULL)
        return false;
    view_promotion(&sight, memory);
    for (size_t i = 0; i < count; i++) {
        sight.profiles[i] = find_profile(store, promotion, promotion->stages[i].name);
        view_stage(&sight, i, &stages[i]);
    }
    sight.view.stages = stages;
    sight.view.kept_count = count_kept(&sight);
    sight.view.configuration_recorded = configuration_is_recorded(&sight);
    sight.view.stage_to_consume = find_stage_to_consume(promotion);
    find_leftover(&sight);
    if (!judge_readiness(&sight, now, arena))
        return false;
    *ret_sight = sight;
    return true;
}
