#include "controller/core/promotion_view.h"

#include "controller/core/adoption.h"
#include "controller/core/entered_stages.h"
#include "controller/core/handover.h"
#include "controller/core/limits.h"
#include "controller/core/names.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/readiness.h"
#include "controller/core/window.h"
#include "controller/k8s/label_selector.h"

static const struct profile *find_profile(const struct store *store,
                                          const struct promotion *promotion, struct str stage,
                                          enum profile_role role)
{
    struct buf name;
    buf_init(&name, ANSWER_BYTES_MAX);
    promotion_profile_name(promotion, stage, role, &name);
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
        .has_pre_checks = spec->pre_checks != NULL,
        .has_gate_checks = spec->gate_checks != NULL,
        .has_window = spec->has_window,
        .profile = profile_standing(sight->profiles[index], sight->promotion, spec, ROLE_STAGE),
    };
    if (index < sight->promotion->entry_count) {
        view->provisioned = sight->promotion->entries[index].provisioned;
        view->provisioned_ms = sight->promotion->entries[index].provisioned_ms;
    }
    if (sight->profiles[index] != NULL)
        view->profile_name = sight->profiles[index]->object.meta.name;
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

/* A pre-check deployment that the current stage does not want (B18); it is never preserved.
 * While everything is deleted it is no special case. */
static bool is_leftover_check(struct promotion_sight *sight, const struct profile *profile)
{
    const struct promotion_view *view = &sight->view;
    if ((view->deleting && !view->preserve) ||
        !str_is(meta_label(profile->tree, LABEL_VERIFICATION), "true"))
        return false;
    if (profile->object.meta.deleting) {
        sight->view.has_terminating |= view->deleting;
    } else if (view->deleting || profile != sight->check) {
        sight->leftover_check = profile;
        sight->view.has_leftover_check = true;
    }
    return true;
}

/* Deleting: any profile of ours is left over, but for those on their way out. */
static void consider_leftover(struct promotion_sight *sight, const struct profile *profile)
{
    if (profile == NULL || !profile_is_ours(profile, sight->promotion) ||
        (!sight->view.deleting && is_profile_of_a_stage(sight, profile)) ||
        is_leftover_check(sight, profile))
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

static bool has_current(const struct promotion_view *view)
{
    return view->kept_count > 0 && view->kept_count == view->entry_count;
}

/* D8: the feature of a check must have content, and be deployed again at all. */
static struct str find_idle_check(const struct promotion *promotion,
                                  const struct stage_spec *stage)
{
    JSON_EACH(check, stage->gate_checks)
    {
        bool runs = false;
        for (unsigned i = 0; i < FEATURE_COUNT; i++)
            runs |= str_is(json_text_at(check, "featureID"), feature_name((enum feature)i)) &&
                    spec_has_feature(promotion->rendered, (enum feature)i);
        if (!runs || promotion->one_time)
            return json_text_at(check, "name");
    }
    return STR_NONE;
}

/* D9, D10: looked at only where the window is what is left to wait for. */
static bool view_window(struct promotion_view *view, const struct stage_spec *spec,
                        const struct zone_source *zones, struct ktime now, struct arena *arena)
{
    struct window window = {0};
    struct window_state state = {false, KTIME_NEVER};
    struct errmsg why;
    enum err err = window_parse(spec->window_from, spec->window_to, zones, &window, &why);
    if (err == ERR_NONE)
        err = window_at(&window, now.wall_ms, &state, &why);
    window_release(&window);
    view->window = state.is_open ? GATE_WINDOW_OPEN : GATE_WINDOW_CLOSED;
    view->window_opens_ms = state.until_ms;
    if (err == ERR_NONE && !state.is_open && state.until_ms == KTIME_NEVER)
        err = err_set(&why, ERR_INVALID, "closed for ever");
    if (err == ERR_NONE)
        return true;
    view->window = GATE_WINDOW_INVALID;
    view->window_fault = arena_str(arena, str_from(why.text));
    return view->window_fault.data != NULL;
}

/* Sveltos v1.13 added the gate checks already: they are taken over as they stand. */
static bool has_old_checks(const struct promotion_sight *sight, size_t current)
{
    const struct profile *profile = sight->profiles[current];
    if (!sight->view.unclaimed ||
        NEVER(profile == NULL, "v1.13's stages are kept by what profiles select"))
        return false;
    return !profile->object.meta.deleting &&
           profile_has_content(profile, sight->promotion, &sight->promotion->stages[current],
                               ROLE_GATED);
}

/* Once the soak of the current stage is over, its profile may hold the gate checks, until
 * the stage is left (D8); its pre-check deployment is wanted as long (D7). */
static void view_gate(struct promotion_sight *sight, struct stage_view *stages, struct ktime now)
{
    struct promotion_view *view = &sight->view;
    size_t current = view->kept_count - 1;
    if (!has_current(view) || !stage_soak_is_over(&stages[current], now) ||
        promotion_is_complete(view))
        return;
    const struct stage_spec *spec = &sight->promotion->stages[current];
    if (spec->gate_checks != NULL) {
        view->idle_check = find_idle_check(sight->promotion, spec);
        view->gated = profile_standing(sight->profiles[current], sight->promotion, spec,
                                       ROLE_GATED) == PROFILE_AS_WANTED;
        if (view->gated || has_old_checks(sight, current))
            stages[current].profile = PROFILE_AS_WANTED;
    }
    if (spec->pre_checks != NULL) {
        sight->check = find_profile(sight->store, sight->promotion, spec->name, ROLE_CHECK);
        view->check_profile = profile_standing(sight->check, sight->promotion, spec, ROLE_CHECK);
    }
}

const struct object *summary_cluster(const struct store *store, const struct summary *summary)
{
    struct buf key;
    buf_init(&key, STORE_KEY_BYTES_MAX);
    buf_printf(&key, "%.*s/%.*s", STR_ARGS(summary->cluster_namespace),
               STR_ARGS(summary->cluster_name));
    const struct object *cluster =
        store_get(store, summary->sveltos_cluster ? KUBE_SVELTOS_CLUSTERS : KUBE_CAPI_CLUSTERS,
                  buf_str(&key));
    buf_release(&key);
    return cluster;
}

/* Of the stage that is under way, by one of its profiles. */
static bool judge_current(const struct promotion_sight *sight, const struct profile *profile,
                          struct ktime now, struct arena *arena,
                          struct stage_readiness *ret_readiness)
{
    struct readiness_question question = {
        .store = sight->store,
        .stage = &sight->promotion->stages[sight->view.kept_count - 1],
        .profile = profile,
        .capi_onboard_annotation = sight->capi_onboard_annotation,
        .now = now,
    };
    return stage_readiness_judge(&question, arena, ret_readiness);
}

/* One after the other is looked at. */
static void note_unconfirmed(struct promotion_sight *sight, const struct stage_readiness *readiness)
{
    if (readiness->unconfirmed != NULL)
        sight->unconfirmed = readiness->unconfirmed;
    sight->view.unconfirmed = sight->unconfirmed != NULL;
}

static bool judge_check_readiness(struct promotion_sight *sight, struct ktime now,
                                  struct arena *arena)
{
    struct promotion_view *view = &sight->view;
    struct stage_readiness readiness = {.readiness = READINESS_PROVISIONING,
                                        .settles_ms = KTIME_NEVER};
    if (sight->check != NULL && view->check_profile == PROFILE_AS_WANTED &&
        !judge_current(sight, sight->check, now, arena, &readiness))
        return false;
    view->check_readiness = readiness.readiness;
    view->check_names = readiness.names;
    view->check_settles_ms = readiness.settles_ms;
    note_unconfirmed(sight, &readiness);
    return true;
}

static bool judge_readiness(struct promotion_sight *sight, struct ktime now, struct arena *arena)
{
    struct promotion_view *view = &sight->view;
    struct stage_readiness readiness = {.readiness = READINESS_PROVISIONING,
                                        .settles_ms = KTIME_NEVER};
    size_t current = view->kept_count - 1;
    bool judged = has_current(view) && view->stages[current].profile == PROFILE_AS_WANTED;
    if (judged && !judge_current(sight, sight->profiles[current], now, arena, &readiness))
        return false;
    view->readiness = readiness.readiness;
    view->readiness_names = readiness.names;
    view->left_out = readiness.left_out;
    view->checks_passed_ms = view->gated ? readiness.checks_passed_ms : 0;
    view->settles_ms = readiness.settles_ms;
    note_unconfirmed(sight, &readiness);
    return true;
}

/* A sentence is written with its check; a new entry has none yet. */
static int64_t written_ms(const struct stage_entry *entry)
{
    return entry->checked_ms > entry->text_ms ? entry->checked_ms : entry->text_ms;
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
        entered && !promotion->entries_damaged &&
        str_is(promotion->recorded_stages_hash, promotion->stages_hash) &&
        str_equal(promotion->current_stage_name, promotion->entries[last].name);
    view->stage_count = promotion->stage_count;
    view->entry_count = promotion->entry_count;
    view->last_promotion_ms = promotion->last_promotion_ms;
    view->text = entered ? promotion->entries[last].text : STR_NONE;
    view->since_ms = entered ? promotion->entries[last].text_ms : 0;
    view->text_ms = entered ? written_ms(&promotion->entries[last]) : 0;
    if (promotion->other_manager != NULL) {
        view->others_quiet_ms = promotion->other_wrote_ms + OTHER_QUIET_MS;
        view->other_manager = str_from(promotion->other_manager);
    }
    view->absence_verified = memory->absence_verified;
}

/* D26: Sveltos' own controller applies profiles under the field manager that we took over from
 * it, which takes all our annotations away. Others who edit a profile are put right (D14). */
static void view_other_apply(struct promotion_sight *sight)
{
    const struct promotion *promotion = sight->promotion;
    struct promotion_view *view = &sight->view;
    for (size_t i = 0; i < promotion->stage_count && promotion->own_wrote_ms > 0; i++) {
        const struct profile *profile = sight->profiles[i];
        if (profile == NULL || !profile_is_unclaimed(profile) ||
            !profile_is_ours(profile, promotion) || profile_has_owner_uid(profile, promotion) ||
            profile->applied_ms <= promotion->own_wrote_ms ||
            profile->applied_ms + OTHER_QUIET_MS <= view->others_quiet_ms)
            continue;
        view->others_quiet_ms = profile->applied_ms + OTHER_QUIET_MS;
        view->other_manager = STR(FIELD_MANAGER_APPLY);
    }
}

bool promotion_view_build(const struct store *store, const struct promotion *promotion,
                          const struct promotion_memory *memory, struct ktime now,
                          struct arena *arena, struct promotion_sight *ret_sight)
{
    size_t count = promotion->stage_count;
    struct promotion_sight sight = {
        .store = store,
        .promotion = promotion,
        .capi_onboard_annotation = memory->capi_onboard_annotation,
    };
    struct stage_view *stages = arena_alloc_array(arena, count + 1, sizeof(*stages));
    sight.profiles = arena_alloc_array(arena, count + 1, sizeof(const struct profile *));
    if (stages == NULL || sight.profiles == NULL)
        return false;
    view_promotion(&sight, memory);
    for (size_t i = 0; i < count; i++) {
        sight.profiles[i] =
            find_profile(store, promotion, promotion->stages[i].name, ROLE_STAGE);
        view_stage(&sight, i, &stages[i]);
    }
    sight.view.stages = stages;
    view_other_apply(&sight);
    view_entered_stages(&sight);
    sight.view.stage_to_consume = find_stage_to_consume(promotion);
    view_gate(&sight, stages, now);
    find_leftover(&sight);
    view_handover(&sight);
    if (sight.holder != NULL)
        sight.view.holder_name = sight.holder->object.meta.name;
    if (sight.check != NULL)
        sight.view.check_name = sight.check->object.meta.name;
    size_t current = sight.view.kept_count - 1;
    if (has_current(&sight.view) && promotion->stages[current].has_window &&
        !view_window(&sight.view, &promotion->stages[current], memory->zones, now, arena))
        return false;
    if (!judge_readiness(&sight, now, arena) || !judge_check_readiness(&sight, now, arena) ||
        !view_old_completion(&sight, now, arena))
        return false;
    *ret_sight = sight;
    return true;
}
