#include "controller/core/entered_stages.h"

#include "controller/core/adoption.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/readiness.h"

/* How many entries have the names of the spec's first stages. */
static size_t count_named(const struct promotion *promotion)
{
    size_t named = 0;
    while (named < promotion->entry_count && named < promotion->stage_count &&
           str_equal(promotion->entries[named].name, promotion->stages[named].name))
        named++;
    return named;
}

/* True when a stage of this run was provisioned once, or left. */
static bool is_begun(const struct promotion *promotion)
{
    return promotion->entry_count > 1 ||
           (promotion->entry_count == 1 && promotion->entries[0].provisioned);
}

/* NULL: there is none, or it is not ours. */
static const struct profile *own_profile(const struct promotion_sight *sight, size_t index)
{
    const struct profile *profile = sight->profiles[index];
    return profile != NULL && profile_is_ours(profile, sight->promotion) ? profile : NULL;
}

static bool are_unclaimed(const struct promotion_sight *sight, size_t named)
{
    bool any = false;
    for (size_t i = 0; i < named; i++) {
        const struct profile *profile = own_profile(sight, i);
        if (profile == NULL)
            continue;
        if (!profile_is_unclaimed(profile))
            return false;
        any = true;
    }
    return any;
}

/* As the stage's profile is applied, or as it is while its gate checks run (D8). */
static bool has_content(const struct profile *profile, const struct promotion *promotion,
                        const struct stage_spec *stage)
{
    return profile_has_content(profile, promotion, stage, ROLE_STAGE) ||
           (stage->gate_checks != NULL &&
            profile_has_content(profile, promotion, stage, ROLE_GATED));
}

static bool have_content(const struct promotion_sight *sight, size_t named)
{
    for (size_t i = 0; i < named; i++) {
        const struct profile *profile = own_profile(sight, i);
        if (profile != NULL &&
            !has_content(profile, sight->promotion, &sight->promotion->stages[i]))
            return false;
    }
    return named > 0;
}

static bool was_applied(const struct profile *profile, const struct stage_spec *stage)
{
    struct configuration was, is;
    return profile != NULL && configuration_parse(profile->configuration, &was) &&
           configuration_parse(str_from(stage->wanted[ROLE_STAGE].configuration), &is) &&
           str_equal(was.profile_spec, is.profile_spec);
}

static bool were_applied(const struct promotion_sight *sight, size_t named)
{
    for (size_t i = 0; i < named; i++) {
        if (!was_applied(sight->profiles[i], &sight->promotion->stages[i]))
            return false;
    }
    return named > 0;
}

/* An order of lists that Sveltos' hash does not see is still another configuration: the
 * first stage's profile tells which one this run deployed. */
static bool first_was_applied(const struct promotion_sight *sight, size_t named)
{
    struct configuration was;
    const struct profile *first = sight->profiles[0];
    if (!is_begun(sight->promotion) || named == 0 || first == NULL ||
        !configuration_parse(first->configuration, &was))
        return true;
    return was_applied(first, &sight->promotion->stages[0]);
}

static void view_configuration(struct promotion_sight *sight, size_t named)
{
    const struct promotion *promotion = sight->promotion;
    struct promotion_view *view = &sight->view;
    bool same_hash = str_is(promotion->recorded_profile_spec_hash, promotion->profile_spec_hash);
    if (view->unclaimed) {
        bool has_it = have_content(sight, named);
        view->configuration_recorded = same_hash && (has_it || !is_begun(promotion));
        view->configuration_deployed = !same_hash && has_it;
    } else {
        view->configuration_recorded = same_hash && first_was_applied(sight, named);
        view->configuration_deployed =
            !same_hash && is_begun(promotion) && were_applied(sight, named);
    }
}

static bool selector_is_unchanged(const struct profile *profile, const struct stage_spec *stage)
{
    struct configuration was, is;
    if (profile == NULL)
        return false;
    if (!configuration_parse(profile->configuration, &was))
        return profile_has_selector(profile, stage);
    return configuration_parse(str_from(stage->wanted[ROLE_STAGE].configuration), &is) &&
           str_equal(was.selector, is.selector);
}

/* P5: the longest prefix of entries whose stages are unchanged. Selectors can only have
 * changed when the recorded hash of the stages is another one, or not ours. */
static size_t count_kept(const struct promotion_sight *sight, size_t named)
{
    const struct promotion *promotion = sight->promotion;
    bool trusted = str_is(promotion->recorded_stages_hash, promotion->stages_hash) &&
                   !(sight->view.unclaimed && is_begun(promotion));
    size_t kept = 0;
    while (kept < named && (trusted || selector_is_unchanged(sight->profiles[kept],
                                                             &promotion->stages[kept])))
        kept++;
    return kept;
}

void view_entered_stages(struct promotion_sight *sight)
{
    size_t named = count_named(sight->promotion);
    sight->view.unclaimed = are_unclaimed(sight, named);
    view_configuration(sight, named);
    sight->view.kept_count = count_kept(sight, named);
}

static bool all_are_provisioned(const struct promotion *promotion)
{
    for (size_t i = 0; i < promotion->entry_count; i++) {
        if (!promotion->entries[i].provisioned)
            return false;
    }
    return promotion->entry_count == promotion->stage_count;
}

bool view_old_completion(struct promotion_sight *sight, struct ktime now, struct arena *arena)
{
    const struct promotion *promotion = sight->promotion;
    struct promotion_view *view = &sight->view;
    struct stage_readiness readiness;
    if (!view->unclaimed || promotion->last_promotion_ms == 0)
        return true;
    view->completion_unproven = true;
    size_t last = promotion->stage_count - 1;
    if (view->kept_count != view->entry_count || !all_are_provisioned(promotion) ||
        promotion_reason_of_text(view->text) != REASON_PROMOTED ||
        NEVER(sight->profiles[last] == NULL, "v1.13's stages are kept by what profiles select"))
        return true;
    struct readiness_question question = {
        .store = sight->store,
        .stage = &promotion->stages[last],
        .profile = sight->profiles[last],
        .capi_onboard_annotation = sight->capi_onboard_annotation,
        .now = now,
    };
    if (!stage_readiness_judge(&question, arena, &readiness))
        return false;
    view->completion_unproven = readiness.readiness != READINESS_PROVISIONED &&
                                readiness.readiness != READINESS_EMPTY;
    return true;
}
