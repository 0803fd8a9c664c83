/*
 * promotion_decide over every small view: each decision is held against the
 * invariants of its header, then takes effect on the view until nothing is left
 * to do. Not a sample: all combinations below are tried.
 */
#include "controller/core/promotion_decide.h"

#include "tests/testlib/test.h"

#define NOW_MS INT64_C(1767398400000) /* 2026-01-03T00:00:00Z */
#define DELAY_MS INT64_C(60000)
#define STAGES_TRIED 3u

static const struct ktime now = {1000, NOW_MS};

/* A view with room for what it points to. */
struct world {
    struct promotion_view view;
    struct stage_view stages[STAGES_TRIED];
    char text[DECISION_TEXT_BYTES];
};

/* Draws digits of a mixed-radix number: enumerating the number enumerates all views. */
struct choices {
    uint64_t rest;
};

static size_t choose(struct choices *choices, size_t count)
{
    size_t choice = (size_t)(choices->rest % count);
    choices->rest /= count;
    return choice;
}

static const char *const texts[] = {"Clusters are being provisioned", "Successfully provisioned",
                                    "something else"};

static void draw_stages(struct choices *choices, struct world *world)
{
    struct promotion_view *view = &world->view;
    static const int64_t since[] = {0, NOW_MS - 1000, NOW_MS - DELAY_MS};
    enum trigger_kind trigger = (enum trigger_kind)choose(choices, 3);
    int64_t delay_ms = choose(choices, 2) == 0 ? 0 : DELAY_MS;
    bool approved = choose(choices, 2) == 1;
    int64_t provisioned_ms = since[choose(choices, 3)];
    enum profile_standing profile = (enum profile_standing)choose(choices, 5);
    for (size_t i = 0; i < STAGES_TRIED; i++) {
        bool current = i + 1 == view->kept_count;
        world->stages[i] = (struct stage_view){
            .trigger = trigger,
            .delay_ms = trigger == TRIGGER_NONE ? 0 : delay_ms,
            .approved = approved && trigger == TRIGGER_MANUAL,
            .automatic_reset = true,
            .provisioned = i < view->kept_count && (!current || provisioned_ms > 0),
            .provisioned_ms = current ? provisioned_ms : NOW_MS - 2 * DELAY_MS,
            .profile = current ? profile : PROFILE_AS_WANTED,
        };
    }
}

/* Nothing, a profile of no stage, or what Sveltos v1.13 left: stages in order, another version's
 * hash, a time of completion that is none. */
static void draw_left_behind(struct choices *choices, struct promotion_view *view)
{
    size_t left = choose(choices, 5);
    view->has_leftover = view->has_kept = left == 1;
    view->unclaimed = left > 1;
    view->configuration_deployed = left == 3 && !view->configuration_recorded;
    view->completion_unproven = left == 4;
}

static bool draw_running(uint64_t number, struct world *world)
{
    struct choices choices = {number};
    struct promotion_view *view = &world->view;
    *world = (struct world){.view = {.has_finalizers = true, .has_a_finalizer = true}};
    view->stages = world->stages;
    view->settles_ms = KTIME_NEVER;
    view->stage_count = 1 + choose(&choices, STAGES_TRIED);
    view->entry_count = choose(&choices, STAGES_TRIED + 1);
    view->kept_count = choose(&choices, STAGES_TRIED + 1);
    draw_stages(&choices, world);
    view->configuration_recorded = choose(&choices, 2) == 0;
    view->stages_recorded = choose(&choices, 2) == 0;
    view->ever_recorded = view->configuration_recorded || choose(&choices, 2) == 0;
    view->readiness = (enum readiness)choose(&choices, 6);
    view->text = str_from(texts[choose(&choices, ARRAY_COUNT(texts))]);
    view->last_promotion_ms = choose(&choices, 2) == 0 ? 0 : NOW_MS;
    draw_left_behind(&choices, view);
    bool consume = choose(&choices, 2) == 1;
    view->stage_to_consume = consume ? view->kept_count - 2 : STAGE_NONE;
    if (consume && (view->kept_count < 2 || !world->stages[view->kept_count - 2].approved ||
                    world->stages[view->kept_count - 1].provisioned))
        return false; /* the view never says so (P6) */
    if (view->kept_count > view->entry_count || view->kept_count > view->stage_count)
        return false;
    if (view->completion_unproven && view->last_promotion_ms == 0)
        return false;
    return choices.rest == 0;
}

/* One stage of two at its gate: everything that a trigger can ask for. */
static bool draw_gate(uint64_t number, struct world *world)
{
    static const int64_t since[] = {0, NOW_MS - 1000, NOW_MS - DELAY_MS};
    struct choices choices = {number};
    struct promotion_view *view = &world->view;
    struct stage_view *stage = &world->stages[0];
    *world = (struct world){
        .view = {.has_finalizers = true, .has_a_finalizer = true, .ever_recorded = true,
                 .configuration_recorded = true, .stages_recorded = true, .entry_count = 1,
                 .kept_count = 1, .stage_to_consume = STAGE_NONE, .settles_ms = KTIME_NEVER,
                 .check_settles_ms = KTIME_NEVER, .window_opens_ms = NOW_MS + 1000},
        .stages = {{.profile = PROFILE_AS_WANTED, .automatic_reset = true}},
    };
    view->stages = world->stages;
    view->stage_count = 1 + choose(&choices, 2);
    stage->trigger = choose(&choices, 2) == 0 ? TRIGGER_AUTO : TRIGGER_MANUAL;
    stage->delay_ms = choose(&choices, 2) == 0 ? 0 : DELAY_MS;
    stage->approved = choose(&choices, 2) == 1 && stage->trigger == TRIGGER_MANUAL;
    stage->provisioned_ms = since[choose(&choices, 3)];
    stage->provisioned = stage->provisioned_ms > 0;
    stage->has_pre_checks = choose(&choices, 2) == 1;
    stage->has_gate_checks = choose(&choices, 2) == 1;
    stage->has_window = choose(&choices, 2) == 1 && stage->trigger == TRIGGER_AUTO;
    view->window = (enum gate_window)choose(&choices, 3);
    view->readiness = (enum readiness)choose(&choices, 6);
    view->check_profile = (enum profile_standing)choose(&choices, 5);
    view->check_readiness = (enum readiness)choose(&choices, 3);
    view->gated = choose(&choices, 2) == 1;
    view->idle_check = choose(&choices, 2) == 1 ? STR("look") : STR_NONE;
    view->has_leftover_check = choose(&choices, 2) == 1;
    view->handover = (enum handover)choose(&choices, 5);
    view->holder_stays = view->handover == HANDOVER_RELEASED && stage->has_window;
    view->text = str_from(texts[choose(&choices, ARRAY_COUNT(texts))]);
    if (view->gated && (!stage->has_gate_checks || !stage_soak_is_over(stage, now)))
        return false; /* the view never says so (D8) */
    return choices.rest == 0;
}

static bool draw_deleting(uint64_t number, struct world *world)
{
    struct choices choices = {number};
    struct promotion_view *view = &world->view;
    *world = (struct world){.view = {.deleting = true}};
    view->stages = world->stages;
    view->stage_to_consume = STAGE_NONE;
    view->has_finalizers = choose(&choices, 2) == 0;
    view->has_a_finalizer = choose(&choices, 2) == 0 || view->has_finalizers;
    view->preserve = choose(&choices, 2) == 0;
    view->has_leftover = choose(&choices, 2) == 0;
    view->has_terminating = choose(&choices, 2) == 0;
    view->absence_verified = choose(&choices, 2) == 0;
    view->entry_count = choose(&choices, 2);
    return choices.rest == 0;
}

static bool all_entered_are_as_wanted(const struct promotion_view *view)
{
    for (size_t i = 0; i < view->kept_count; i++) {
        if (view->stages[i].profile != PROFILE_AS_WANTED)
            return false;
    }
    return true;
}

static bool status_is_recorded(const struct promotion_view *view)
{
    return view->configuration_recorded && view->stages_recorded && view->entry_count > 0 &&
           view->kept_count == view->entry_count && !view->completion_unproven;
}

static bool delay_is_over(const struct stage_view *stage)
{
    int64_t since_ms = stage->provisioned ? stage->provisioned_ms : NOW_MS;
    return stage->delay_ms == 0 || NOW_MS >= since_ms + stage->delay_ms;
}

/* What is done to profiles at and before the gate (D7, D8, P11). */
static void check_gate_write(const struct promotion_view *view, enum promotion_write write,
                             const struct stage_view *current)
{
    bool over = stage_soak_is_over(current, now);
    bool deployed = view->check_profile == PROFILE_AS_WANTED &&
                    (view->check_readiness == READINESS_PROVISIONED ||
                     view->check_readiness == READINESS_EMPTY);
    if (write == WRITE_RELEASE_HOLDER)
        assert_true(status_is_recorded(view) && view->handover == HANDOVER_HELD);
    else if (write == WRITE_DELETE_HOLDER) /* only when nothing would be withdrawn */
        assert_true(status_is_recorded(view) && view->handover == HANDOVER_RELEASED &&
                    !view->holder_stays);
    else if (write == WRITE_NARROW_HOLDER)
        assert_true(status_is_recorded(view) && view->handover == HANDOVER_RELEASED &&
                    view->holder_stays);
    else if (write == WRITE_RESTORE_HOLDER) /* else nothing would ever be withdrawn */
        assert_true(status_is_recorded(view) && view->handover == HANDOVER_NARROWED);
    else if (write == WRITE_DELETE_CHECK)
        assert_true(view->has_leftover_check);
    else if (write == WRITE_ADD_CHECKS) /* after what they look at is there */
        assert_true(current->has_gate_checks && over && !view->gated &&
                    (!current->has_pre_checks || deployed));
    else
        assert_true(current->has_pre_checks && over);
}

/* Nothing entered is lost, and only what is deployed is adopted (P4). */
static void check_record(const struct promotion_view *view, const struct decision *decision)
{
    assert_true(view->kept_count > 0 && view->kept_count == view->entry_count);
    assert_true(view->configuration_recorded || view->configuration_deployed);
    assert_true(decision->reason != REASON_ADOPTED || view->unclaimed ||
                view->configuration_deployed);
}

static void check_withdrawal(const struct promotion_view *view, enum promotion_write write)
{
    if (write == WRITE_DELETE_PROFILE)
        assert_true(view->has_leftover && !(view->deleting && view->preserve));
    else if (write == WRITE_STRIP_PROFILE)
        assert_true(view->has_leftover && view->deleting && view->preserve);
    else if (write == WRITE_WITHDRAW_KEPT) /* D13 */
        assert_true(view->has_kept && !view->deleting && promotion_is_complete(view));
    else
        assert_true(view->deleting && !view->has_leftover && view->absence_verified &&
                    (view->preserve || !view->has_terminating));
}

/* Invariants (1) to (4) of the header. */
static void check_write(const struct promotion_view *view, const struct decision *decision)
{
    const struct stage_view *current =
        view->kept_count > 0 ? &view->stages[view->kept_count - 1] : NULL;
    bool last = view->kept_count == view->stage_count;
    switch (decision->write) {
    case WRITE_CREATE_PROFILE:
    case WRITE_APPLY_PROFILE:
        assert_true(status_is_recorded(view));
        assert_true(decision->stage_index < view->kept_count);
        break;
    case WRITE_ADVANCE:
        assert_true(status_is_recorded(view) && all_entered_are_as_wanted(view) && !last);
        assert_true(!current->has_gate_checks || view->gated);
        assert_true(!current->has_window || view->window == GATE_WINDOW_OPEN);
        assert_int_equal(view->readiness, READINESS_PROVISIONED);
        assert_true(delay_is_over(current));
        assert_true(current->trigger != TRIGGER_MANUAL || current->approved);
        assert_true(view->stage_to_consume == STAGE_NONE);
        break;
    case WRITE_COMPLETE:
        assert_true(status_is_recorded(view) && all_entered_are_as_wanted(view) && last);
        if (promotion_is_complete(view))
            break; /* only the sentence is put right */
        assert_true(view->readiness == READINESS_PROVISIONED || view->readiness == READINESS_EMPTY);
        assert_true(delay_is_over(current));
        break;
    case WRITE_CONSUME_APPROVAL:
        assert_true(view->configuration_recorded || view->configuration_deployed);
        assert_int_equal(decision->stage_index, view->stage_to_consume);
        assert_true(view->kept_count < view->entry_count || all_entered_are_as_wanted(view));
        break;
    case WRITE_RESET_APPROVAL: /* an adoption is no new configuration [S3] */
        assert_true(!view->configuration_deployed || view->entry_count == 0);
        assert_true(view->ever_recorded && view->stages[decision->stage_index].approved);
        break;
    case WRITE_START:
        assert_true(!view->configuration_recorded || view->kept_count == 0);
        assert_true(!view->configuration_deployed || view->kept_count == 0);
        break;
    case WRITE_CUT_STAGES:
        assert_true(view->kept_count > 0 && view->kept_count < view->entry_count);
        assert_true(view->stage_to_consume == STAGE_NONE); /* P6: else used twice */
        break;
    case WRITE_DELETE_PROFILE:
    case WRITE_STRIP_PROFILE:
    case WRITE_REMOVE_FINALIZERS:
    case WRITE_WITHDRAW_KEPT:
        check_withdrawal(view, decision->write);
        break;
    case WRITE_RECORD_STAGES:
        check_record(view, decision);
        break;
    case WRITE_ADD_FINALIZERS:
    case WRITE_SAY:
        break;
    case WRITE_RELEASE_HOLDER:
    case WRITE_DELETE_HOLDER:
    case WRITE_NARROW_HOLDER:
    case WRITE_RESTORE_HOLDER:
    case WRITE_CREATE_CHECK:
    case WRITE_APPLY_CHECK:
    case WRITE_ADD_CHECKS:
    case WRITE_DELETE_CHECK:
        check_gate_write(view, decision->write, current);
        break;
    case WRITE_NONE:
        fail_msg("a write without a kind");
    }
}

/* Invariant (7). */
static void check_wait(const struct promotion_view *view, const struct decision *decision)
{
    assert_int_not_equal(decision->reason, REASON_NONE);
    assert_true(decision->wakeup_ms == KTIME_NEVER || decision->wakeup_ms > NOW_MS);
    if (decision->reason == REASON_DELAYED)
        assert_int_equal(decision->wakeup_ms,
                         view->stages[decision->stage_index].provisioned_ms + DELAY_MS);
}

static void enter_next(struct world *world)
{
    struct promotion_view *view = &world->view;
    size_t done = view->kept_count - 1;
    bool used = world->stages[done].approved && world->stages[done].automatic_reset;
    view->entry_count++;
    view->kept_count++;
    view->gated = false;
    view->stage_to_consume = used ? done : STAGE_NONE;
    world->stages[done + 1].provisioned = false;
    world->stages[done + 1].profile = PROFILE_ABSENT;
}

static void set_text(struct world *world, const char *text)
{
    snprintf(world->text, sizeof(world->text), "%s", text);
    world->view.text = str_from(world->text);
    world->view.text_ms = NOW_MS;
}

static void record_provisioned(struct world *world, const struct decision *decision)
{
    struct stage_view *current = &world->stages[world->view.kept_count - 1];
    if (decision->provisioned_ms == 0)
        return;
    current->provisioned = true;
    current->provisioned_ms = decision->provisioned_ms;
}

static void begin_run(struct world *world)
{
    struct promotion_view *view = &world->view;
    view->configuration_recorded = view->stages_recorded = view->ever_recorded = true;
    view->configuration_deployed = view->completion_unproven = false;
    view->entry_count = view->kept_count = 1;
    view->stage_to_consume = STAGE_NONE;
    view->last_promotion_ms = 0;
    world->stages[0].provisioned = false;
    set_text(world, texts[0]);
}

static void say(struct world *world, const struct decision *decision)
{
    if (world->view.entry_count == 0)
        world->view.entry_count = world->view.kept_count = 1;
    else if (world->view.kept_count == world->view.entry_count)
        record_provisioned(world, decision);
    set_text(world, decision->text);
}

static enum handover handover_after(enum promotion_write write)
{
    if (write == WRITE_RELEASE_HOLDER)
        return HANDOVER_RELEASED;
    return write == WRITE_NARROW_HOLDER ? HANDOVER_NARROWED : HANDOVER_NONE;
}

/* What the view shows once the write has been observed. */
static void take_effect(struct world *world, const struct decision *decision)
{
    struct promotion_view *view = &world->view;
    switch (decision->write) {
    case WRITE_START:
        begin_run(world);
        break;
    case WRITE_CUT_STAGES:
    case WRITE_RECORD_STAGES:
        view->entry_count = view->kept_count;
        view->stages_recorded = view->configuration_recorded = view->ever_recorded = true;
        view->configuration_deployed = false;
        if (view->kept_count < view->stage_count || view->completion_unproven)
            view->last_promotion_ms = 0;
        view->completion_unproven = false;
        break;
    case WRITE_CREATE_PROFILE:
    case WRITE_APPLY_PROFILE:
        world->stages[decision->stage_index].profile = PROFILE_AS_WANTED;
        break;
    case WRITE_RESET_APPROVAL:
    case WRITE_CONSUME_APPROVAL:
        world->stages[decision->stage_index].approved = false;
        view->stage_to_consume = STAGE_NONE;
        break;
    case WRITE_SAY:
        say(world, decision);
        break;
    case WRITE_ADVANCE:
        record_provisioned(world, decision);
        enter_next(world);
        set_text(world, texts[0]);
        break;
    case WRITE_COMPLETE:
        record_provisioned(world, decision);
        view->last_promotion_ms = view->last_promotion_ms > 0 ? view->last_promotion_ms : NOW_MS;
        set_text(world, texts[1]);
        break;
    case WRITE_ADD_FINALIZERS:
        view->has_finalizers = view->has_a_finalizer = true;
        break;
    case WRITE_REMOVE_FINALIZERS:
        view->has_finalizers = view->has_a_finalizer = false;
        break;
    case WRITE_DELETE_PROFILE:
    case WRITE_STRIP_PROFILE:
        view->has_leftover = false;
        break;
    case WRITE_RELEASE_HOLDER:
    case WRITE_DELETE_HOLDER:
    case WRITE_NARROW_HOLDER:
    case WRITE_RESTORE_HOLDER:
        view->handover = handover_after(decision->write);
        break;
    case WRITE_WITHDRAW_KEPT:
        view->has_kept = false;
        break;
    case WRITE_CREATE_CHECK:
    case WRITE_APPLY_CHECK:
        view->check_profile = PROFILE_AS_WANTED;
        break;
    case WRITE_ADD_CHECKS:
        view->gated = true;
        break;
    case WRITE_DELETE_CHECK:
        view->has_leftover_check = false;
        break;
    case WRITE_NONE:
        break;
    }
}

static bool same_write(const struct decision *a, const struct decision *b)
{
    return a->kind == DECISION_WRITE && b->kind == DECISION_WRITE && a->write == b->write &&
           a->stage_index == b->stage_index && str_is(str_from(a->text), b->text);
}

/* Invariant (6): whatever else there would be to do. */
static void check_standing_back(const struct world *world)
{
    struct promotion_view view = world->view;
    struct decision decision;
    view.others_quiet_ms = NOW_MS + 1;
    view.other_manager = STR("manager");
    promotion_decide(&view, now, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.reason, REASON_OTHER_CONTROLLER);
    assert_int_equal(decision.wakeup_ms, NOW_MS + 1);
}

/* Decides and lets it take effect until nothing is left; returns the number of writes. */
static unsigned run_to_rest(struct world *world, uint64_t number)
{
    struct decision before = {.kind = DECISION_WAIT};
    check_standing_back(world);
    for (unsigned writes = 0; writes < 32; writes++) {
        struct decision decision;
        promotion_decide(&world->view, now, &decision);
        if (same_write(&before, &decision))
            fail_msg("view %" PRIu64 ": write %d again [S8]", number, (int)decision.write);
        if (decision.kind == DECISION_LOOK) {
            world->view.absence_verified = true;
            continue;
        }
        if (decision.kind == DECISION_WAIT)
            check_wait(&world->view, &decision);
        if (decision.kind != DECISION_WRITE)
            return writes;
        check_write(&world->view, &decision);
        take_effect(world, &decision);
        before = decision;
    }
    fail_msg("view %" PRIu64 " never comes to rest", number);
    return 0;
}

static void every_small_view_of_a_running_promotion_keeps_the_invariants(void **state)
{
    const uint64_t all = UINT64_C(3) * 4 * 4 * 3 * 2 * 2 * 3 * 5 * 2 * 2 * 2 * 6 * 3 * 2 * 5 * 2;
    unsigned tried = 0;
    unsigned writes = 0;
    (void)state;
    for (uint64_t number = 0; number < all; number++) {
        struct world world;
        if (!draw_running(number, &world))
            continue;
        writes += run_to_rest(&world, number);
        tried++;
    }
    print_message("%u views, %u writes\n", tried, writes);
    assert_true(tried > 100000);
}

static void every_small_view_of_a_gate_keeps_the_invariants(void **state)
{
    const uint64_t all =
        UINT64_C(2) * 2 * 2 * 2 * 3 * 2 * 2 * 2 * 3 * 6 * 5 * 3 * 2 * 2 * 2 * 5 * 3;
    unsigned tried = 0;
    (void)state;
    for (uint64_t number = 0; number < all; number++) {
        struct world world;
        if (!draw_gate(number, &world))
            continue;
        run_to_rest(&world, number);
        tried++;
    }
    print_message("%u views\n", tried);
    assert_true(tried > 100000);
}

static void every_small_view_of_a_deletion_keeps_the_invariants(void **state)
{
    unsigned tried = 0;
    (void)state;
    for (uint64_t number = 0; number < 128; number++) {
        struct world world;
        if (!draw_deleting(number, &world))
            continue;
        run_to_rest(&world, number);
        tried++;
    }
    assert_int_equal(tried, 128);
}

/* A view of one stage, entered, as wanted, provisioned. */
static void init_simple(struct world *world)
{
    *world = (struct world){
        .view = {.has_finalizers = true, .has_a_finalizer = true, .ever_recorded = true,
                 .configuration_recorded = true, .stages_recorded = true, .stage_count = 2,
                 .entry_count = 1, .kept_count = 1, .stage_to_consume = STAGE_NONE,
                 .settles_ms = KTIME_NEVER, .text = STR("Clusters are being provisioned")},
        .stages = {{.profile = PROFILE_AS_WANTED}, {.profile = PROFILE_ABSENT}},
    };
    world->view.stages = world->stages;
}

static void the_soak_is_recorded_rounded_up_and_awaited_exactly(void **state)
{
    struct world world;
    struct decision decision;
    const struct ktime late = {0, NOW_MS + 250};
    (void)state;
    init_simple(&world);
    world.stages[0].trigger = TRIGGER_AUTO;
    world.stages[0].delay_ms = DELAY_MS;
    promotion_decide(&world.view, late, &decision);
    assert_int_equal(decision.write, WRITE_SAY);
    assert_int_equal(decision.provisioned_ms, NOW_MS + 1000); /* P13 */
    assert_str(str_from(decision.text), "Delayed: Waiting for Time Window: 2026-01-03T00:01:01Z");
    take_effect(&world, &decision);
    promotion_decide(&world.view, late, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.wakeup_ms, NOW_MS + 1000 + DELAY_MS);
}

static void an_approval_given_early_is_used_when_the_stage_is_provisioned(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_simple(&world);
    world.stages[0].trigger = TRIGGER_MANUAL;
    world.stages[0].approved = true;
    world.view.readiness = READINESS_PROVISIONING;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    world.view.readiness = READINESS_PROVISIONED;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.write, WRITE_ADVANCE);
}

static void a_malformed_object_is_told_once_and_nothing_else_is_written(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_simple(&world);
    world.view.fault = STR("spec.stages[1].trigger.auto.delay: \"1d\": no");
    world.view.has_finalizers = false;
    world.view.entry_count = world.view.kept_count = 0;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.write, WRITE_SAY);
    assert_str(str_from(decision.text), "Malformed: spec.stages[1].trigger.auto.delay: \"1d\": no");
    take_effect(&world, &decision);
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.reason, REASON_MALFORMED);
}

static void a_refusal_is_retried_when_its_time_has_passed(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_simple(&world);
    world.stages[0].profile = PROFILE_ABSENT;
    world.view.refused_until_ms = NOW_MS + 1;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.wakeup_ms, NOW_MS + 1);
    world.view.refused_until_ms = NOW_MS;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.write, WRITE_CREATE_PROFILE);
}

static void a_refused_deletion_waits_too(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_simple(&world);
    world.view.deleting = world.view.has_leftover = true;
    world.view.refused_until_ms = NOW_MS + 1;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.wakeup_ms, NOW_MS + 1);
    world.view.refused_until_ms = NOW_MS;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.write, WRITE_DELETE_PROFILE);
}

static void other_names_for_the_same_reason_wait_half_a_minute(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_simple(&world);
    world.view.readiness = READINESS_FAILING;
    world.view.readiness_names = STR("ns/a, ns/b");
    world.view.text = STR("Deployment is failing on ns/a");
    world.view.text_ms = NOW_MS - 5000;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.wakeup_ms, NOW_MS + 25000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_view_of_a_running_promotion_keeps_the_invariants),
        cmocka_unit_test(every_small_view_of_a_gate_keeps_the_invariants),
        cmocka_unit_test(every_small_view_of_a_deletion_keeps_the_invariants),
        cmocka_unit_test(the_soak_is_recorded_rounded_up_and_awaited_exactly),
        cmocka_unit_test(an_approval_given_early_is_used_when_the_stage_is_provisioned),
        cmocka_unit_test(a_malformed_object_is_told_once_and_nothing_else_is_written),
        cmocka_unit_test(a_refusal_is_retried_when_its_time_has_passed),
        cmocka_unit_test(a_refused_deletion_waits_too),
        cmocka_unit_test(other_names_for_the_same_reason_wait_half_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
