/*
 * One look at one promotion: key -> view -> decision -> at most one request.
 */
#include "controller/core/controller_state.h"

#include "controller/base/mem.h"

#define REPEATS_FORGOTTEN_MS (2 * RETRY_BACKOFF_MS_MAX)
#define PACE_MS 60000 /* S8 */
/* Who contradicts us is another controller, which tells as often: begin as after four [S8]. */
#define SAYS_COUNTED_MIN 4u

/* A reason that is new is a line for the operator; a write has its own. */
static void log_wait(struct controller *controller, const struct work *work,
                     const struct decision *decision)
{
    if (decision->kind == DECISION_WAIT && (!work->decided || work->reason != decision->reason))
        log_printf(controller->log, LOG_INFO, "%s: %s: %s", work->name,
                   promotion_reason_name(decision->reason), decision->text);
}

static void remember_decision(struct work *work, const struct decision *decision)
{
    work->decided = true;
    work->reason = decision->reason;
    work->wakeup_ms = decision->kind == DECISION_WAIT ? decision->wakeup_ms : KTIME_NEVER;
    memcpy(work->text, decision->text, sizeof(work->text));
}

static struct in_flight *request_of(enum request_kind kind, struct work *work,
                                    const struct write_target *about)
{
    struct in_flight *request = mem_alloc(sizeof(*request));
    request->kind = kind;
    request->work = work;
    request->resource = about->resource;
    request->key = str_dup(str_is_empty(about->name) ? STR("") : about->name);
    request->uid = str_dup(str_is_empty(about->uid) ? STR("") : about->uid);
    request->retry_after_s = -1;
    request->status = about->status;
    buf_init(&request->body, kind == REQUEST_LIST_PROFILES ? LIST_BODY_BYTES_MAX
                                                           : ANSWER_BYTES_MAX);
    return request;
}

/* On refusal the key is looked at again a little later. */
static void submit(struct controller *controller, struct in_flight *request,
                   const struct kube_request *kube_request, struct ktime now)
{
    struct str name = str_from(request->work->name);
    if (controller_submit(controller, request, kube_request, now))
        return;
    workqueue_done(&controller->queue, name);
    workqueue_add_at_mono(&controller->queue, name, now.mono_ms + backoff_ms(controller, 0));
    in_flight_free(request);
}

static bool is_apply(enum promotion_write write)
{
    return write == WRITE_CREATE_PROFILE || write == WRITE_APPLY_PROFILE ||
           write == WRITE_CREATE_CHECK || write == WRITE_APPLY_CHECK || write == WRITE_ADD_CHECKS;
}

/* How long the next one waits after `count` in a row. */
static int64_t repeat_wait_ms(unsigned count)
{
    int64_t wait_ms = count < 2 ? 0 : RETRY_BACKOFF_MS_MIN;
    for (unsigned i = 2; i < count && wait_ms < RETRY_BACKOFF_MS_MAX; i++)
        wait_ms *= 2;
    return wait_ms < RETRY_BACKOFF_MS_MAX ? wait_ms : RETRY_BACKOFF_MS_MAX;
}

static void count_repeat(struct repeat_count *repeats, struct ktime now)
{
    if (now.mono_ms - repeats->last_mono_ms >= REPEATS_FORGOTTEN_MS)
        repeats->count = 0;
    repeats->count++;
    repeats->last_mono_ms = now.mono_ms;
}

static int64_t handover_ends_ms(const struct controller *controller)
{
    return controller->started_mono_ms + controller->config.handover_wait_ms;
}

/* Somebody else put another sentence in the place of ours. */
static bool is_contradicted(const struct work *work, const struct promotion_sight *sight)
{
    return work->said != NULL && !str_is(sight->view.text, work->said);
}

/* Until when what the write would repeat has to wait; 0: it repeats nothing. */
static int64_t repeat_ends_ms(const struct work *work, const struct promotion_sight *sight,
                              const struct write_request *write, const struct decision *decision)
{
    const struct repeat_count *applied =
        is_apply(decision->write) ? map_get(&work->applies, write->about.name) : NULL;
    if (applied != NULL)
        return applied->last_mono_ms + repeat_wait_ms(applied->count);
    if (decision->write == WRITE_SAY && is_contradicted(work, sight))
        return work->says.last_mono_ms + repeat_wait_ms(work->says.count + SAYS_COUNTED_MIN);
    return 0;
}

/* When one that only says something keeps within the pace of S8; 0: at any time. */
static int64_t sentence_not_before_ms(const struct work *work, const struct promotion_sight *sight,
                                      const struct decision *decision)
{
    const struct write_pace *pace = &work->pace;
    size_t writes = SENTENCE_AFTER_WRITES(sight->promotion->stage_count);
    if (decision->write != WRITE_SAY || decision->provisioned_ms > 0 || pace->count < writes)
        return 0;
    return pace->mono_ms[(pace->count - writes) % ARRAY_COUNT(pace->mono_ms)] + PACE_MS;
}

static void note_write(struct write_pace *pace, struct ktime now)
{
    pace->mono_ms[pace->count++ % ARRAY_COUNT(pace->mono_ms)] = now.mono_ms;
}

/* When the next write may go out, on the mono clock: after the hand-over from a
 * predecessor (P8), after an unknown outcome, and, when somebody undoes what we
 * apply to a profile or tell in status again and again, backing off up to 60 s (P2, D26).
 * Sentences wait also when there was much to write within the last minute (S8). */
static int64_t write_not_before_ms(const struct controller *controller, const struct work *work,
                                   const struct promotion_sight *sight,
                                   const struct write_request *write,
                                   const struct decision *decision)
{
    int64_t repeat_ms = repeat_ends_ms(work, sight, write, decision);
    int64_t paced_ms = sentence_not_before_ms(work, sight, decision);
    int64_t not_before = handover_ends_ms(controller);
    if (paced_ms > not_before)
        not_before = paced_ms;
    if (work->write_not_before_ms > not_before)
        not_before = work->write_not_before_ms;
    return repeat_ms > not_before ? repeat_ms : not_before;
}

static void count_apply(struct work *work, struct str profile, struct ktime now)
{
    struct repeat_count *applied = map_get(&work->applies, profile);
    if (applied == NULL) {
        applied = mem_alloc(sizeof(*applied));
        map_put(&work->applies, profile, applied);
    }
    count_repeat(applied, now);
}

static void remember_sentence(struct work *work, const struct promotion_sight *sight,
                              const struct decision *decision, struct ktime now)
{
    if (decision->write == WRITE_SAY && is_contradicted(work, sight))
        count_repeat(&work->says, now);
    else if (decision->write == WRITE_SAY)
        work->says.last_mono_ms = now.mono_ms;
    mem_free(work->said);
    work->said = decision->write == WRITE_SAY ? str_dup(str_from(decision->text)) : NULL;
}

static void submit_write(struct controller *controller, struct work *work,
                         const struct promotion_sight *sight, const struct write_request *write,
                         const struct decision *decision, struct ktime now)
{
    struct in_flight *request = request_of(REQUEST_WRITE, work, &write->about);
    if (is_apply(decision->write))
        count_apply(work, write->about.name, now);
    remember_sentence(work, sight, decision, now);
    note_write(&work->pace, now);
    log_printf(controller->log, LOG_INFO, "%s: %s: %s %.*s", work->name,
               promotion_reason_name(decision->reason), write->request.method,
               STR_ARGS(write->request.target));
    submit(controller, request, &write->request, now);
}

static void carry_out(struct controller *controller, struct work *work,
                      const struct promotion_sight *sight, const struct decision *decision,
                      struct ktime now)
{
    struct str name = str_from(work->name);
    struct write_request write;
    promotion_write_build(sight, decision, now, &write);
    int64_t not_before = write_not_before_ms(controller, work, sight, &write, decision);
    if (now.mono_ms < not_before && not_before == handover_ends_ms(controller) &&
        tell(controller, work, sight, decision, now)) {
        /* a predecessor's late Event does no harm (P15): nothing to wait for */
    } else if (now.mono_ms < not_before) {
        workqueue_done(&controller->queue, name);
        workqueue_add_at_mono(&controller->queue, name, not_before);
        workqueue_add_at_wall(&controller->queue, name, decision->wakeup_ms);
    } else {
        submit_write(controller, work, sight, &write, decision, now);
    }
    write_request_release(&write);
}

static void look(struct controller *controller, struct work *work,
                 const struct promotion_sight *sight, struct ktime now)
{
    struct write_request ask;
    enum request_kind kind = sight->view.deleting ? REQUEST_LIST_PROFILES : REQUEST_LOOK;
    promotion_look_build(sight, &ask);
    submit(controller, request_of(kind, work, &ask.about), &ask.request, now);
    write_request_release(&ask);
}

static void act(struct controller *controller, struct work *work,
                const struct promotion_sight *sight, const struct decision *decision,
                struct ktime now)
{
    struct str name = str_from(work->name);
    switch (decision->kind) {
    case DECISION_WRITE:
        if (!promotion_write_is_told_first(decision->write) ||
            !tell(controller, work, sight, decision, now))
            carry_out(controller, work, sight, decision, now);
        return;
    case DECISION_LOOK:
        look(controller, work, sight, now);
        return;
    case DECISION_WAIT:
    case DECISION_DONE:
        if (tell(controller, work, sight, decision, now))
            return;
        workqueue_done(&controller->queue, name);
        workqueue_add_at_wall(&controller->queue, name,
                              decision->kind == DECISION_WAIT ? decision->wakeup_ms : KTIME_NEVER);
        return;
    }
    ASSERT(false);
}

/* A refusal stands until the promotion changes or its time has passed. */
static void drop_stale_refusal(struct work *work, const struct promotion *promotion,
                               struct ktime now)
{
    if (work->refused_generation != promotion->object.meta.generation ||
        now.wall_ms >= work->refused_until_ms)
        work->refused_until_ms = 0;
}

static struct promotion_memory memory_of(const struct controller *controller,
                                         const struct work *work)
{
    return (struct promotion_memory){
        .skip_empty_stages = controller->config.skip_empty_stages,
        .capi_onboard_annotation = controller->config.capi_onboard_annotation,
        .zones = controller->config.zones,
        .absence_verified = work->absence_verified,
        .refused_until_ms = work->refused_until_ms,
        .refusal = str_from(work->refusal),
    };
}

struct promotion_memory controller_memory(const struct controller *controller,
                                          struct str promotion)
{
    static const struct work nothing_yet = {.name = NULL};
    const struct work *work = map_get(&controller->works, promotion);
    return memory_of(controller, work != NULL ? work : &nothing_yet);
}

static void forget(struct controller *controller, struct work *work, struct str name)
{
    char *copy = str_dup(name);
    workqueue_done(&controller->queue, name);
    workqueue_forget(&controller->queue, str_from(copy));
    controller_forget_work(controller, work);
    mem_free(copy);
}

void reconcile(struct controller *controller, struct str name, struct ktime now)
{
    struct work *work = controller_work(controller, name);
    const struct promotion *promotion =
        (const struct promotion *)store_get(&controller->store, KUBE_CLUSTER_PROMOTIONS, name);
    struct promotion_sight sight;
    struct decision decision;

    if (promotion == NULL) {
        forget(controller, work, name);
        return;
    }
    drop_stale_refusal(work, promotion, now);
    struct promotion_memory memory = memory_of(controller, work);
    work->absence_verified = false; /* proves this one look only */
    arena_clear(&controller->arena);
    if (!promotion_view_build(&controller->store, promotion, &memory, now, &controller->arena,
                              &sight)) {
        log_printf(controller->log, LOG_ERROR, "%s: too large to be looked at", work->name);
        workqueue_done(&controller->queue, name);
        return;
    }
    promotion_decide(&sight.view, now, &decision);
    log_wait(controller, work, &decision);
    remember_decision(work, &decision);
    act(controller, work, &sight, &decision, now);
}
