/*
 * Tells Events, one at a time and like any other write of its key [S4], but last: when the
 * promotion waits or is done, when a write has to wait for a predecessor's, and before a write
 * that would destroy what the Event is known by. Nothing ever waits for an Event to succeed:
 *
 *   answer                       what follows
 *   created, already exists      told
 *   401, 403                     no Event of any promotion is tried for ten minutes, and none
 *                                wakes anybody then: quiet
 *   refused otherwise            lost
 *   anything else                tried again, backing off, EVENT_TRIES_MAX times; then lost
 */
#include "controller/core/controller_state.h"

#include "controller/base/mem.h"
#include "controller/core/stage_conditions.h"
#include "controller/k8s/status.h"

static struct str overlap_of(struct controller *controller, struct work *work,
                             const struct promotion_sight *sight)
{
    struct overlap *overlap = &work->overlap;
    int64_t generation = sight->promotion->object.meta.generation;
    if (overlap->clusters_version != controller->clusters_version ||
        overlap->generation != generation) {
        struct str text = stage_overlap_text(sight, &controller->arena);
        mem_free(overlap->text);
        overlap->text = str_dup(text);
        overlap->clusters_version = controller->clusters_version;
        overlap->generation = generation;
    }
    return str_from(overlap->text);
}

static struct in_flight *request_about(enum request_kind kind, struct work *work,
                                       struct str event)
{
    struct in_flight *request = mem_alloc(sizeof(*request));
    request->kind = kind;
    request->work = work;
    request->key = str_dup(event);
    request->uid = str_dup(STR(""));
    request->retry_after_s = -1;
    buf_init(&request->body, ANSWER_BYTES_MAX);
    return request;
}

static bool submit(struct controller *controller, enum request_kind kind, struct work *work,
                   struct str event, const struct event_request *built, struct ktime now)
{
    struct in_flight *request = request_about(kind, work, event);
    if (controller_submit(controller, request, &built->request, now))
        return true;
    in_flight_free(request);
    return false;
}

static bool submit_next(struct controller *controller, struct work *work, struct str name,
                        struct told *told, struct ktime now)
{
    bool news = told->state == TOLD_NEWS;
    struct event_request request;
    if (news)
        event_create_build(str_from(told->text), &request);
    else
        event_look_build(name, &request);
    bool submitted = submit(controller, news ? REQUEST_EVENT_CREATE : REQUEST_EVENT_LOOK, work,
                            name, &request, now);
    event_request_release(&request);
    told->tried |= submitted;
    told->written_mono_ms = now.mono_ms;
    return submitted;
}

bool tell(struct controller *controller, struct work *work, const struct promotion_sight *sight,
          const struct decision *decision, struct ktime now)
{
    struct promotion_events events;
    struct told *told = NULL;
    bool at_rest = decision->kind != DECISION_WRITE;
    if (!promotion_events_find(sight, decision,
                               overlap_of(controller, work, sight), now, &controller->arena,
                               &events))
        return false;
    told_update(&work->told, sight->promotion, &events, at_rest, now);
    if (now.mono_ms < work->tell_not_before_ms || now.mono_ms < controller->tell_not_before_ms)
        return false;
    struct str name =
        told_next(&work->told, promotion_write_is_told_first(decision->write), &told);
    return name.data != NULL && submit_next(controller, work, name, told, now);
}

/* The key is free again, to tell the next one or to go on. */
static void let_go(struct controller *controller, const struct work *work)
{
    workqueue_done(&controller->queue, str_from(work->name));
    workqueue_add(&controller->queue, str_from(work->name));
}

static void settle(struct controller *controller, struct in_flight *request, struct ktime now)
{
    struct told *told = map_get(&request->work->told, str_from(request->key));
    request->work->tell_failures = 0;
    if (ALWAYS(told != NULL, "the book drops nothing while its key waits for an answer"))
        told_settle(told, now);
    let_go(controller, request->work);
}

static void lose(struct controller *controller, struct in_flight *request,
                 const struct errmsg *msg, struct ktime now)
{
    log_printf(controller->log, LOG_WARNING, "%s: an Event is lost: %s", request->work->name,
               msg->text);
    settle(controller, request, now);
}

static void try_again(struct controller *controller, struct in_flight *request,
                      const struct errmsg *msg, struct ktime now)
{
    struct work *work = request->work;
    if (++work->tell_failures >= EVENT_TRIES_MAX) {
        lose(controller, request, msg, now);
        return;
    }
    int64_t wait_ms = backoff_ms(controller, work->tell_failures);
    if (request->retry_after_s > 0 && request->retry_after_s * 1000 > wait_ms)
        wait_ms = request->retry_after_s * 1000;
    work->tell_not_before_ms = now.mono_ms + wait_ms;
    let_go(controller, work);
    workqueue_add_at_mono(&controller->queue, str_from(work->name), work->tell_not_before_ms);
}

static void forbid(struct controller *controller, const struct in_flight *request,
                   const struct errmsg *msg, struct ktime now)
{
    log_printf(controller->log, LOG_WARNING, "%s: no Events for ten minutes: %s",
               request->work->name, msg->text);
    controller->tell_not_before_ms = now.mono_ms + REFUSED_RETRY_MS;
    let_go(controller, request->work);
}

/* The series goes on from what the server has, whoever counted it last. */
static void count_up(struct controller *controller, struct in_flight *request, struct ktime now)
{
    CLEANUP(json_free_pointer) struct json *event = NULL;
    const struct told *told = map_get(&request->work->told, str_from(request->key));
    struct event_request count;
    if (NEVER(told == NULL, "the book drops nothing while its key waits for an answer") ||
        json_parse(buf_str(&request->body), NULL, &event, NULL) != ERR_NONE) {
        settle(controller, request, now);
        return;
    }
    event_count_build(event, told->repeats, now, &count);
    if (!submit(controller, REQUEST_EVENT_COUNT, request->work, str_from(request->key), &count,
                now))
        settle(controller, request, now);
    event_request_release(&count);
}

/* The server forgets Events after a while: then it is news again, with the next look. */
static void tell_anew(struct controller *controller, struct in_flight *request)
{
    told_forget(&request->work->told, str_from(request->key));
    let_go(controller, request->work);
}

void tell_handle(struct controller *controller, struct in_flight *request, enum err err,
                 const struct errmsg *msg, struct ktime now)
{
    bool created = request->kind == REQUEST_EVENT_CREATE;
    if (err == ERR_NONE && request->kind == REQUEST_EVENT_LOOK)
        count_up(controller, request, now);
    else if (err == ERR_NONE || (created && err == ERR_ALREADY_EXISTS))
        settle(controller, request, now);
    else if (err == ERR_UNAUTHORIZED || err == ERR_FORBIDDEN)
        forbid(controller, request, msg, now);
    else if (err == ERR_NOT_FOUND && !created)
        tell_anew(controller, request);
    else if (request->kind != REQUEST_EVENT_COUNT && /* which might count twice */
             err_class(err) != ERR_CLASS_STOP)
        try_again(controller, request, msg, now);
    else
        lose(controller, request, msg, now);
}
