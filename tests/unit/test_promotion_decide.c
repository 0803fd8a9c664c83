/*
 * promotion_decide over every small view: each decision is held against the
 * invariants of its header, then takes effect on the view until nothing is left
 * to do. Not a sample: all combinations below are tried.
 */
#include "controller/core/promotion_decide.h"

#include "controller/core/explanation_words.h"
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

/*
 * The choices that lead to one view, in their order. Drawing again with the next choices tries all
 * of them: what is asked for only where it matters is not tried where it does not, so the views
 * differ in what a decision can depend on.
 */
#define CHOICES_MAX 32u
struct choices {
    size_t digits[CHOICES_MAX];
    size_t radixes[CHOICES_MAX];
    size_t known;
    size_t used;
};

static size_t choose(struct choices *choices, size_t count)
{
    if (choices->used == choices->known) {
        assert_true(choices->known < CHOICES_MAX);
        choices->digits[choices->known] = 0;
        choices->radixes[choices->known++] = count;
    }
    return choices->digits[choices->used++];
}

static bool flip(struct choices *choices)
{
    return choose(choices, 2) == 1;
}

/* False: all have been tried. */
static bool choices_next(struct choices *choices)
{
    choices->used = 0;
    while (choices->known > 0) {
        size_t last = choices->known - 1;
        if (++choices->digits[last] < choices->radixes[last])
            return true;
        choices->known--;
    }
    return false;
}

static const char *const texts[] = {"Clusters are being provisioned", "Successfully provisioned",
                                    "something else"};

/* Not yet, within the soak, at its end. */
static int64_t draw_provisioned_ms(struct choices *choices)
{
    static const int64_t since[] = {0, NOW_MS - 1000, NOW_MS - DELAY_MS};
    return since[choose(choices, ARRAY_COUNT(since))];
}

static void draw_trigger(struct choices *choices, struct stage_view *stage)
{
    if (stage->trigger == TRIGGER_NONE)
        return;
    stage->delay_ms = flip(choices) ? DELAY_MS : 0;
    stage->approved = stage->trigger == TRIGGER_MANUAL && flip(choices);
    stage->automatic_reset = stage->approved && flip(choices);
}

static void draw_readiness(struct choices *choices, struct promotion_view *view)
{
    view->readiness = (enum readiness)choose(choices, 6);
    view->unconfirmed |= view->readiness == READINESS_PROVISIONING && flip(choices);
    view->skip_empty_stages = view->readiness == READINESS_EMPTY && flip(choices);
    view->dry_run = flip(choices);
}

/* All stages alike, but for the current one's state. */
static void draw_stages(struct choices *choices, struct world *world)
{
    struct promotion_view *view = &world->view;
    struct stage_view stage = {.trigger = (enum trigger_kind)choose(choices, 3),
                               .profile = PROFILE_AS_WANTED};
    draw_trigger(choices, &stage);
    for (size_t i = 0; i < STAGES_TRIED; i++) {
        world->stages[i] = stage;
        world->stages[i].provisioned = i + 1 < view->kept_count;
        world->stages[i].provisioned_ms = NOW_MS - 2 * DELAY_MS;
    }
    if (view->kept_count == 0)
        return;
    struct stage_view *current = &world->stages[view->kept_count - 1];
    current->provisioned_ms = draw_provisioned_ms(choices);
    current->provisioned = current->provisioned_ms > 0;
    current->profile = (enum profile_standing)choose(choices, 5);
}

/* Nothing, a profile of no stage, or what Sveltos v1.13 left: stages in order, another version's
 * hash, a time of completion that is none. */
static void draw_left_behind(struct choices *choices, struct promotion_view *view)
{
    size_t left = choose(choices, 5);
    view->has_leftover = view->has_kept = left == 1;
    view->unclaimed = left > 1;
    view->configuration_deployed = left == 3 && !view->configuration_recorded;
    view->completion_unproven = left == 4 && view->last_promotion_ms > 0;
}

/* P6: the stage before the current one, while that is not provisioned. */
static bool may_consume(const struct world *world)
{
    size_t kept = world->view.kept_count;
    return kept >= 2 && world->stages[kept - 2].approved &&
           world->stages[kept - 2].automatic_reset && !world->stages[kept - 1].provisioned;
}

static void draw_running(struct choices *choices, struct world *world)
{
    struct promotion_view *view = &world->view;
    *world = (struct world){.view = {.has_finalizers = true, .has_a_finalizer = true}};
    view->stages = world->stages;
    view->settles_ms = KTIME_NEVER;
    view->stage_count = 1 + choose(choices, STAGES_TRIED);
    view->entry_count = choose(choices, STAGES_TRIED + 1);
    view->kept_count = choose(choices, 1 + (view->entry_count < view->stage_count
                                                ? view->entry_count
                                                : view->stage_count));
    draw_stages(choices, world);
    view->configuration_recorded = flip(choices);
    view->stages_recorded = flip(choices);
    view->ever_recorded = view->configuration_recorded || flip(choices);
    draw_readiness(choices, view);
    view->text = str_from(texts[choose(choices, ARRAY_COUNT(texts))]);
    view->last_promotion_ms = flip(choices) ? NOW_MS : 0;
    draw_left_behind(choices, view);
    bool consume = may_consume(world) && flip(choices);
    view->stage_to_consume = consume ? view->kept_count - 2 : STAGE_NONE;
}

/* The checks behind the soak. The view says that gate checks are in only where they can be (D8). */
static void draw_checks(struct choices *choices, struct world *world)
{
    static const enum readiness check[] = {READINESS_PROVISIONED, READINESS_PROVISIONING,
                                           READINESS_FAILING, READINESS_EMPTY};
    struct promotion_view *view = &world->view;
    struct stage_view *stage = &world->stages[0];
    stage->has_pre_checks = flip(choices);
    stage->has_gate_checks = flip(choices);
    if (stage->has_pre_checks) {
        view->check_profile = (enum profile_standing)choose(choices, 5);
        view->check_readiness = check[choose(choices, ARRAY_COUNT(check))];
        view->unconfirmed |= view->check_readiness == READINESS_PROVISIONING && flip(choices);
    }
    if (stage->has_gate_checks) {
        view->gated = stage_soak_is_over(stage, now) && flip(choices);
        view->idle_check = flip(choices) ? STR("look") : STR_NONE;
    }
}

/* One stage of two at its gate: everything that a trigger can ask for. */
static void draw_gate(struct choices *choices, struct world *world)
{
    struct promotion_view *view = &world->view;
    struct stage_view *stage = &world->stages[0];
    *world = (struct world){
        .view = {.has_finalizers = true, .has_a_finalizer = true, .ever_recorded = true,
                 .configuration_recorded = true, .stages_recorded = true, .entry_count = 1,
                 .kept_count = 1, .stage_to_consume = STAGE_NONE, .settles_ms = KTIME_NEVER,
                 .check_settles_ms = KTIME_NEVER, .window_opens_ms = NOW_MS + 1000},
        .stages = {{.profile = PROFILE_AS_WANTED}},
    };
    view->stages = world->stages;
    view->stage_count = 1 + choose(choices, 2);
    stage->trigger = flip(choices) ? TRIGGER_MANUAL : TRIGGER_AUTO;
    draw_trigger(choices, stage);
    stage->provisioned_ms = draw_provisioned_ms(choices);
    stage->provisioned = stage->provisioned_ms > 0;
    stage->has_window = stage->trigger == TRIGGER_AUTO && flip(choices);
    if (stage->has_window)
        view->window = (enum gate_window)choose(choices, 3);
    draw_checks(choices, world);
    draw_readiness(choices, view);
    view->has_leftover_check = flip(choices);
    view->handover = (enum handover)choose(choices, 5);
    view->holder_stays = view->handover == HANDOVER_RELEASED && flip(choices);
    view->text = str_from(texts[choose(choices, ARRAY_COUNT(texts))]);
}

static void draw_deleting(struct choices *choices, struct world *world)
{
    struct promotion_view *view = &world->view;
    *world = (struct world){.view = {.deleting = true}};
    view->stages = world->stages;
    view->stage_to_consume = STAGE_NONE;
    view->has_finalizers = flip(choices);
    view->has_a_finalizer = view->has_finalizers || flip(choices);
    view->preserve = flip(choices);
    view->has_leftover = flip(choices);
    view->has_leftover_check = flip(choices);
    view->has_terminating = flip(choices);
    view->absence_verified = flip(choices);
    view->entry_count = choose(choices, 2);
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
    bool over = current != NULL && stage_soak_is_over(current, now);
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

static void check_advance(const struct promotion_view *view, const struct stage_view *current)
{
    assert_true(status_is_recorded(view) && all_entered_are_as_wanted(view));
    assert_true(view->kept_count < view->stage_count);
    assert_true(!current->has_gate_checks || view->gated);
    assert_true(!current->has_window || view->window == GATE_WINDOW_OPEN);
    assert_true(view->readiness == READINESS_PROVISIONED ||
                (view->readiness == READINESS_EMPTY && view->skip_empty_stages)); /* D4 */
    assert_false(view->dry_run); /* D23 */
    assert_true(delay_is_over(current));
    assert_true(current->trigger != TRIGGER_MANUAL || current->approved);
    assert_true(view->stage_to_consume == STAGE_NONE);
}

static void check_completion(const struct promotion_view *view, const struct stage_view *current)
{
    assert_true(status_is_recorded(view) && all_entered_are_as_wanted(view));
    assert_int_equal(view->kept_count, view->stage_count);
    if (promotion_is_complete(view))
        return; /* only the sentence is put right */
    assert_false(view->dry_run);
    assert_true(view->readiness == READINESS_PROVISIONED || view->readiness == READINESS_EMPTY);
    assert_true(delay_is_over(current));
}

/* Invariants (1) to (4) of the header. */
static void check_write(const struct promotion_view *view, const struct decision *decision)
{
    const struct stage_view *current =
        view->kept_count > 0 ? &view->stages[view->kept_count - 1] : NULL;
    switch (decision->write) {
    case WRITE_CREATE_PROFILE:
    case WRITE_APPLY_PROFILE:
        assert_true(status_is_recorded(view));
        assert_true(decision->stage_index < view->kept_count);
        break;
    case WRITE_ADVANCE:
        check_advance(view, current);
        break;
    case WRITE_COMPLETE:
        check_completion(view, current);
        break;
    case WRITE_CONSUME_APPROVAL:
        assert_true(view->configuration_recorded || view->configuration_deployed);
        assert_int_equal(decision->stage_index, view->stage_to_consume);
        assert_true(view->stages[decision->stage_index].automatic_reset); /* D11 */
        assert_true(view->kept_count < view->entry_count || all_entered_are_as_wanted(view));
        break;
    case WRITE_RESET_APPROVAL: /* an adoption is no new configuration [S3] */
        assert_true(!view->configuration_deployed || view->entry_count == 0);
        assert_true(view->ever_recorded && view->stages[decision->stage_index].approved);
        assert_true(view->stages[decision->stage_index].automatic_reset);
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
    assert_non_null(promotion_reason_words(decision->reason).waits_for);
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

/* What is seen is so: no profile is left, or the quiet was quiet (P7). */
static void look(struct promotion_view *view)
{
    assert_true(view->deleting ? !view->absence_verified : view->unconfirmed);
    view->absence_verified = view->deleting;
    if (view->unconfirmed && view->readiness == READINESS_PROVISIONING)
        view->readiness = READINESS_PROVISIONED;
    if (view->unconfirmed && view->check_readiness == READINESS_PROVISIONING)
        view->check_readiness = READINESS_PROVISIONED;
    view->unconfirmed = false;
}

/* Decides and lets it take effect until nothing is left; returns the number of writes. */
static unsigned run_to_rest(struct world *world, unsigned number)
{
    struct decision before = {.kind = DECISION_WAIT};
    check_standing_back(world);
    for (unsigned writes = 0; writes < 32; writes++) {
        struct decision decision;
        promotion_decide(&world->view, now, &decision);
        if (same_write(&before, &decision))
            fail_msg("view %u: write %d again [S8]", number, (int)decision.write);
        if (decision.kind == DECISION_LOOK) {
            look(&world->view);
            continue;
        }
        if (decision.kind == DECISION_WAIT)
            check_wait(&world->view, &decision);
        if (decision.kind != DECISION_WRITE)
            return writes;
        assert_non_null(promotion_write_words(decision.write));
        check_write(&world->view, &decision);
        take_effect(world, &decision);
        before = decision;
    }
    fail_msg("view %u never comes to rest", number);
    return 0;
}

typedef void draw_fn(struct choices *choices, struct world *world);

/* Returns how many views were judged. */
static unsigned judge_all(draw_fn *draw)
{
    struct choices choices = {.known = 0};
    unsigned views = 0;
    unsigned writes = 0;
    do {
        struct world world;
        draw(&choices, &world);
        writes += run_to_rest(&world, views++);
    } while (choices_next(&choices));
    print_message("%u views judged, %u writes that followed\n", views, writes);
    return views;
}

static void every_small_view_of_a_running_promotion_keeps_the_invariants(void **state)
{
    (void)state;
    assert_true(judge_all(draw_running) > 1000000);
}

static void every_small_view_of_a_gate_keeps_the_invariants(void **state)
{
    (void)state;
    assert_true(judge_all(draw_gate) > 1000000);
}

static void every_small_view_of_a_deletion_keeps_the_invariants(void **state)
{
    (void)state;
    assert_int_equal(judge_all(draw_deleting), 3 * 2 * 2 * 2 * 2 * 2 * 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_view_of_a_running_promotion_keeps_the_invariants),
        cmocka_unit_test(every_small_view_of_a_gate_keeps_the_invariants),
        cmocka_unit_test(every_small_view_of_a_deletion_keeps_the_invariants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
