#include "controller/core/controller_state.h"

#include "controller/base/mem.h"
#include "controller/core/names.h"

static void enqueue_all(struct controller *controller)
{
    const struct map_entry *cursor = NULL;
    const struct object *promotion;
    while ((promotion = store_next(&controller->store, KUBE_CLUSTER_PROMOTIONS, &cursor)) != NULL)
        workqueue_add(&controller->queue, promotion->meta.name);
}

static void enqueue_promotion(struct controller *controller, struct str name)
{
    if (store_get(&controller->store, KUBE_CLUSTER_PROMOTIONS, name) != NULL)
        workqueue_add(&controller->queue, name);
}

/* A profile concerns whoever derives its name, labelled or not. */
static void enqueue_by_profile_name(struct controller *controller, struct str profile)
{
    const struct str prefix = STR(CHECK_PROFILE_PREFIX);
    struct str checked = str_starts_with(profile, prefix)
                             ? str_slice(profile, prefix.len, profile.len)
                             : profile;
    const struct map_entry *cursor = NULL;
    const struct object *promotion;
    while ((promotion = store_next(&controller->store, KUBE_CLUSTER_PROMOTIONS, &cursor)) != NULL) {
        if (str_starts_with(profile, promotion->meta.name) ||
            str_starts_with(checked, promotion->meta.name))
            workqueue_add(&controller->queue, promotion->meta.name);
    }
}

static void on_change(void *ctx, const struct object *before, const struct object *after)
{
    struct controller *controller = ctx;
    const struct object *object = after != NULL ? after : before;
    if (before != NULL && after != NULL && object_same(before, after))
        return;
    switch (object->resource) {
    case KUBE_CLUSTER_PROMOTIONS:
        workqueue_add(&controller->queue, object->meta.name);
        break;
    case KUBE_CLUSTER_PROFILES:
        enqueue_by_profile_name(controller, object->meta.name);
        enqueue_promotion(controller, object->promotion);
        break;
    case KUBE_CLUSTER_SUMMARIES: /* its own label may be gone, or from before (P10) */
        enqueue_by_profile_name(controller, object->group);
        if (before != NULL)
            enqueue_by_profile_name(controller, before->group);
        break;
    case KUBE_SVELTOS_CLUSTERS:
    case KUBE_CAPI_CLUSTERS:
        controller->clusters_version++;
        enqueue_all(controller);
        break;
    }
}

struct controller *controller_create(const struct controller_config *config,
                                     const struct kube_transport *transport, struct log *log)
{
    struct controller *controller = mem_alloc(sizeof(*controller));
    controller->config = *config;
    controller->transport = transport;
    controller->log = log;
    controller->next_id = 1;
    controller->clusters_version = 1;
    controller->listener = (struct store_listener){controller, on_change};
    rng_init_stream(&controller->rng, config->seed, STR("backoff"));
    store_init(&controller->store);
    workqueue_init(&controller->queue);
    map_init(&controller->works);
    arena_init(&controller->arena, VIEW_BYTES_MAX);
    for (unsigned i = 0; i < KUBE_RESOURCE_COUNT; i++)
        reflector_init(&controller->reflectors[i], (enum kube_resource)i, &controller->store,
                       &controller->listener, &controller->rng, log);
    return controller;
}

static void work_free(struct work *work)
{
    gate_release(&work->gate);
    MAP_EACH(entry, &work->applies)
    mem_free(map_entry_value(entry));
    map_release(&work->applies);
    told_release(&work->told);
    mem_free(work->overlap.text);
    mem_free(work->refusal);
    mem_free(work->said);
    mem_free(work->name);
    mem_free(work);
}

void controller_free(struct controller *controller)
{
    if (controller == NULL)
        return;
    const struct kube_transport *transport = controller->transport;
    for (size_t i = 0; i < REQUESTS_IN_FLIGHT_MAX; i++) {
        if (controller->in_flight[i] == NULL)
            continue;
        transport->cancel(transport->ctx, controller->in_flight[i]->id);
        in_flight_free(controller->in_flight[i]);
    }
    for (size_t i = 0; i < KUBE_RESOURCE_COUNT; i++) {
        if (controller->reflectors[i].request_id != 0)
            transport->cancel(transport->ctx, controller->reflectors[i].request_id);
        reflector_release(&controller->reflectors[i]);
    }
    MAP_EACH(entry, &controller->works)
    work_free(map_entry_value(entry));
    map_release(&controller->works);
    workqueue_release(&controller->queue);
    store_release(&controller->store);
    arena_release(&controller->arena);
    mem_free(controller);
}

struct work *controller_work(struct controller *controller, struct str name)
{
    struct work *work = map_get(&controller->works, name);
    if (work != NULL)
        return work;
    work = mem_alloc(sizeof(*work));
    work->name = str_dup(name);
    map_init(&work->applies);
    map_init(&work->told);
    map_put(&controller->works, name, work);
    return work;
}

void controller_forget_work(struct controller *controller, struct work *work)
{
    map_remove(&controller->works, str_from(work->name));
    work_free(work);
}

static void submit_reflector(struct controller *controller, struct reflector *reflector,
                             struct ktime now)
{
    const struct kube_transport *transport = controller->transport;
    struct kube_request request;
    struct buf target;
    uint64_t id = controller->next_id++;
    buf_init(&target, ANSWER_BYTES_MAX);
    reflector_request(reflector, id, now, &target, &request);
    if (transport->submit(transport->ctx, id, &request) != ERR_NONE)
        reflector_not_accepted(reflector, now);
    buf_release(&target);
}

static void hang_up(struct controller *controller, struct reflector *reflector, enum err result,
                    struct ktime now)
{
    controller->transport->cancel(controller->transport->ctx, reflector->request_id);
    reflector_on_end(reflector, result, now);
}

static void submit_due_reflectors(struct controller *controller, struct ktime now)
{
    for (size_t i = 0; i < KUBE_RESOURCE_COUNT; i++) {
        struct reflector *reflector = &controller->reflectors[i];
        if (reflector_next_mono_ms(reflector) > now.mono_ms)
            continue;
        if (reflector->request_id != 0)
            hang_up(controller, reflector, ERR_UNREACHABLE, now);
        else
            submit_reflector(controller, reflector, now);
    }
}

void controller_start(struct controller *controller, struct ktime now)
{
    controller->started_mono_ms = now.mono_ms;
    for (size_t i = 0; i < KUBE_RESOURCE_COUNT; i++)
        controller->reflectors[i].retry_mono_ms = now.mono_ms;
    submit_due_reflectors(controller, now);
}

static bool is_synced(const struct controller *controller)
{
    for (size_t i = 0; i < KUBE_RESOURCE_COUNT; i++) {
        if (!controller->reflectors[i].synced)
            return false;
    }
    return true;
}

unsigned controller_step(struct controller *controller, struct ktime now, unsigned budget)
{
    unsigned count = 0;
    submit_due_reflectors(controller, now);
    if (!is_synced(controller))
        return 0;
    workqueue_add_due(&controller->queue, now);
    while (count < budget) {
        struct str name = workqueue_take(&controller->queue);
        if (name.data == NULL)
            break;
        reconcile(controller, name, now);
        count++;
    }
    return count;
}

int64_t controller_next_wakeup_ms(const struct controller *controller, struct ktime now)
{
    int64_t next = KTIME_NEVER;
    if (is_synced(controller))
        next = workqueue_next_mono_ms(&controller->queue, now);
    for (size_t i = 0; i < KUBE_RESOURCE_COUNT; i++) {
        int64_t due = reflector_next_mono_ms(&controller->reflectors[i]);
        if (due < next)
            next = due;
    }
    return next > now.mono_ms ? next : now.mono_ms;
}

static struct reflector *reflector_of(struct controller *controller, uint64_t id)
{
    for (size_t i = 0; i < KUBE_RESOURCE_COUNT; i++) {
        if (controller->reflectors[i].request_id == id)
            return &controller->reflectors[i];
    }
    return NULL;
}

static struct in_flight **slot_of(struct controller *controller, uint64_t id)
{
    for (size_t i = 0; i < REQUESTS_IN_FLIGHT_MAX; i++) {
        if (controller->in_flight[i] != NULL && controller->in_flight[i]->id == id)
            return &controller->in_flight[i];
    }
    return NULL;
}

bool controller_submit(struct controller *controller, struct in_flight *request,
                       const struct kube_request *kube_request, struct ktime now)
{
    const struct kube_transport *transport = controller->transport;
    for (size_t i = 0; i < REQUESTS_IN_FLIGHT_MAX; i++) {
        if (controller->in_flight[i] != NULL)
            continue;
        request->id = controller->next_id++;
        request->submitted_mono_ms = now.mono_ms;
        if (transport->submit(transport->ctx, request->id, kube_request) != ERR_NONE)
            return false;
        controller->in_flight[i] = request;
        request->work->request_id = request->id;
        return true;
    }
    return false;
}

void controller_on_head(struct controller *controller, uint64_t id,
                        const struct kube_response_head *head, struct ktime now)
{
    struct reflector *reflector = reflector_of(controller, id);
    struct in_flight **slot = slot_of(controller, id);
    (void)now;
    if (reflector != NULL) {
        reflector_on_head(reflector, head);
    } else if (slot != NULL) {
        (*slot)->http_status = head->status;
        (*slot)->retry_after_s = head->retry_after_s;
    }
}

void controller_on_body(struct controller *controller, uint64_t id, struct str bytes,
                        struct ktime now)
{
    struct reflector *reflector = reflector_of(controller, id);
    struct in_flight **slot = slot_of(controller, id);
    if (slot != NULL)
        buf_append(&(*slot)->body, bytes);
    if (reflector == NULL)
        return;
    if (!reflector_on_body(reflector, bytes))
        hang_up(controller, reflector, ERR_SYNTAX, now);
    gates_check(controller, now);
}

void controller_on_end(struct controller *controller, uint64_t id, enum err result,
                       struct ktime now)
{
    struct reflector *reflector = reflector_of(controller, id);
    struct in_flight **slot = slot_of(controller, id);
    if (reflector != NULL) {
        reflector_on_end(reflector, result, now);
        gates_check(controller, now);
    } else if (slot != NULL) {
        struct in_flight *request = *slot;
        *slot = NULL;
        request->work->request_id = 0;
        answer_handle(controller, request, result, now);
        in_flight_free(request);
    }
}

bool controller_explain(const struct controller *controller, struct str promotion,
                        struct controller_explanation *ret_explanation)
{
    const struct work *work = map_get(&controller->works, promotion);
    if (work == NULL || !work->decided)
        return false;
    *ret_explanation = (struct controller_explanation){
        .promotion = str_from(work->name),
        .reason = promotion_reason_name(work->reason),
        .text = str_from(work->text),
        .wakeup_wall_ms = work->wakeup_ms,
    };
    return true;
}
