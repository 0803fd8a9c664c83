/*
 * What became of a request, and what the key waits for next: the table of P12 and
 * the read-your-writes gate of P9.
 */
#include "controller/core/controller_state.h"

#include "controller/base/mem.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/summary.h"
#include "controller/k8s/status.h"

void gate_release(struct gate *gate)
{
    mem_free(gate->key);
    mem_free(gate->version);
    mem_free(gate->uid);
    *gate = (struct gate){.kind = GATE_NONE};
}

void in_flight_free(struct in_flight *request)
{
    mem_free(request->key);
    mem_free(request->uid);
    buf_release(&request->body);
    mem_free(request);
}

int64_t backoff_ms(struct controller *controller, unsigned failures)
{
    int64_t wait_ms = RETRY_BACKOFF_MS_MIN;
    for (unsigned i = 1; i < failures && wait_ms < RETRY_BACKOFF_MS_MAX; i++)
        wait_ms *= 2;
    if (wait_ms > RETRY_BACKOFF_MS_MAX)
        wait_ms = RETRY_BACKOFF_MS_MAX;
    return rng_between(&controller->rng, wait_ms / 2, wait_ms);
}

static bool gate_is_open(const struct controller *controller, const struct gate *gate)
{
    const struct reflector *reflector = &controller->reflectors[gate->resource];
    const struct object *object =
        store_get(&controller->store, gate->resource, str_from(gate->key));
    if (gate->kind == GATE_GONE)
        return object == NULL || !str_is(object->meta.uid, gate->uid);
    struct str version = str_from(gate->version);
    if (object != NULL && resource_version_compare(object->meta.resource_version, version) >= 0)
        return true;
    return reflector->resource_version != NULL &&
           resource_version_compare(str_from(reflector->resource_version), version) >= 0;
}

/* The key is free again: at once, or after a while when writes keep failing. */
static void let_go(struct controller *controller, struct work *work, struct ktime now)
{
    struct str name = str_from(work->name);
    workqueue_done(&controller->queue, name);
    if (work->failures > 2)
        work->write_not_before_ms = now.mono_ms + backoff_ms(controller, work->failures - 2);
    workqueue_add(&controller->queue, name);
}

static void wait_at_gate(struct controller *controller, struct work *work, struct ktime now)
{
    if (gate_is_open(controller, &work->gate)) {
        gate_release(&work->gate);
        let_go(controller, work, now);
    } else {
        controller->gated_count++;
    }
}

void gates_check(struct controller *controller, struct ktime now)
{
    if (controller->gated_count == 0)
        return;
    MAP_EACH(entry, &controller->works)
    {
        struct work *work = map_entry_value(entry);
        if (work->gate.kind == GATE_NONE || !gate_is_open(controller, &work->gate))
            continue;
        controller->gated_count--;
        gate_release(&work->gate);
        let_go(controller, work, now);
    }
}

static void set_gate(struct in_flight *request, enum gate_kind kind, struct str version)
{
    struct gate *gate = &request->work->gate;
    gate_release(gate);
    *gate = (struct gate){
        .kind = kind,
        .resource = request->resource,
        .key = str_dup(str_from(request->key)),
        .version = str_dup(str_is_empty(version) ? STR("") : version),
        .uid = str_dup(str_from(request->uid)),
    };
}

/* P9: what the store must show before the key goes on. The removal of a last finalizer
 * answers the old version, and a deletion at once answers no object: those wait for the
 * object to be gone. */
static void gate_on_answer(struct in_flight *request)
{
    CLEANUP(json_free_pointer) struct json *object = NULL;
    struct meta meta;
    if (json_parse(buf_str(&request->body), NULL, &object, NULL) != ERR_NONE)
        object = NULL;
    if (!meta_read(object, &meta) ||
        (meta.deleting && json_first(json_at(object, "metadata.finalizers")) == NULL))
        set_gate(request, GATE_GONE, STR_NONE);
    else
        set_gate(request, GATE_VERSION, meta.resource_version);
}

static void retry_later(struct controller *controller, const struct in_flight *request,
                        struct ktime now)
{
    struct work *work = request->work;
    struct str name = str_from(work->name);
    int64_t wait_ms = backoff_ms(controller, ++work->failures);
    if (request->retry_after_s > 0 && request->retry_after_s * 1000 > wait_ms)
        wait_ms = request->retry_after_s * 1000;
    work->write_not_before_ms = now.mono_ms + wait_ms;
    workqueue_done(&controller->queue, name);
    workqueue_add_at_mono(&controller->queue, name, now.mono_ms + wait_ms);
}

/* Of which object the server's "not found" will tell: the one that the write was about, or
 * else the one that the store holds before it asks. What the store learns while the answer
 * is on its way may be newer than the answer. */
static char *uid_looked_for(const struct controller *controller, const struct in_flight *failed)
{
    const struct object *object =
        store_get(&controller->store, failed->resource, str_from(failed->key));
    if (*failed->uid != '\0' || object == NULL)
        return str_dup(str_from(failed->uid));
    return str_dup(object->meta.uid);
}

/* One consistent GET of what the write was about. */
static void look_at_object(struct controller *controller, const struct in_flight *failed,
                           struct ktime now)
{
    struct in_flight *look = mem_alloc(sizeof(*look));
    struct buf target;
    look->kind = REQUEST_LOOK;
    look->work = failed->work;
    look->resource = failed->resource;
    look->key = str_dup(str_from(failed->key));
    look->uid = uid_looked_for(controller, failed);
    look->retry_after_s = -1;
    buf_init(&look->body, ANSWER_BYTES_MAX);
    buf_init(&target, ANSWER_BYTES_MAX);
    kube_resource_path(&target, look->resource, STR_NONE, str_from(look->key), STR_NONE);
    struct kube_request request = {
        .method = "GET", .target = buf_str(&target), .timeout_ms = ANSWER_TIMEOUT_MS};
    if (!controller_submit(controller, look, &request, now)) {
        in_flight_free(look);
        retry_later(controller, failed, now);
    }
    buf_release(&target);
}

static void refuse(struct controller *controller, const struct in_flight *request,
                   const struct errmsg *msg, struct ktime now)
{
    struct work *work = request->work;
    struct str name = str_from(work->name);
    const struct object *promotion =
        store_get(&controller->store, KUBE_CLUSTER_PROMOTIONS, name);
    mem_free(work->refusal);
    work->refusal = request->status ? NULL : str_dup(str_from(msg->text));
    work->refused_until_ms = now.wall_ms + REFUSED_RETRY_MS;
    work->refused_generation = promotion != NULL ? promotion->meta.generation : 0;
    log_printf(controller->log, LOG_WARNING, "%s: refused: %s", work->name, msg->text);
    workqueue_done(&controller->queue, name);
    workqueue_add(&controller->queue, name);
}

static void handle_write(struct controller *controller, struct in_flight *request, enum err err,
                         const struct errmsg *msg, struct ktime now)
{
    struct work *work = request->work;
    switch (err_class(err)) {
    case ERR_CLASS_NONE:
        work->failures = 0;
        gate_on_answer(request);
        wait_at_gate(controller, work, now);
        return;
    case ERR_CLASS_LOOK_AGAIN:
        work->failures++;
        if (err == ERR_OUTCOME_UNKNOWN)
            work->write_not_before_ms = request->submitted_mono_ms + WRITE_TIMEOUT_MS;
        look_at_object(controller, request, now);
        return;
    case ERR_CLASS_STOP:
        refuse(controller, request, msg, now);
        return;
    case ERR_CLASS_LATER:
        log_printf(controller->log, LOG_WARNING, "%s: %s", work->name, msg->text);
        retry_later(controller, request, now);
        return;
    }
    ASSERT(false);
}

/* Who may not even read is as good as refused to write (P12). */
static void cannot_look(struct controller *controller, const struct in_flight *request,
                        enum err err, const struct errmsg *msg, struct ktime now)
{
    if (err == ERR_UNAUTHORIZED || err == ERR_FORBIDDEN)
        refuse(controller, request, msg, now);
    else
        retry_later(controller, request, now);
}

/* P7: when the summary was read it was as the cache has it, or is to be as it was read. False:
 * the answer proves nothing, as it is no object, or the older one. */
static bool confirm_summary(struct controller *controller, const struct in_flight *request,
                            struct ktime now)
{
    if (request->resource != KUBE_CLUSTER_SUMMARIES)
        return true;
    struct object *object =
        store_find(&controller->store, KUBE_CLUSTER_SUMMARIES, str_from(request->key));
    const struct gate *gate = &request->work->gate;
    if (object == NULL || gate->kind != GATE_VERSION)
        return false;
    int order = resource_version_compare(object->meta.resource_version, str_from(gate->version));
    if (order == 0)
        ((struct summary *)object)->confirmed_ms =
            now.wall_ms - (now.mono_ms - request->submitted_mono_ms);
    return order <= 0;
}

static void handle_look(struct controller *controller, struct in_flight *request, enum err err,
                        const struct errmsg *msg, struct ktime now)
{
    if (err == ERR_NONE)
        gate_on_answer(request);
    else if (err == ERR_NOT_FOUND)
        set_gate(request, GATE_GONE, STR_NONE);
    else {
        cannot_look(controller, request, err, msg, now);
        return;
    }
    if (err == ERR_NONE && !confirm_summary(controller, request, now)) {
        gate_release(&request->work->gate);
        retry_later(controller, request, now);
        return;
    }
    wait_at_gate(controller, request->work, now);
}

static bool item_is_of(struct str text, const struct promotion *promotion)
{
    struct json *item = NULL;
    if (json_parse(text, NULL, &item, NULL) != ERR_NONE)
        return true; /* unreadable: better keep the finalizer */
    struct object *object = object_create(KUBE_CLUSTER_PROFILES, item);
    bool ours = object != NULL && profile_is_ours((const struct profile *)object, promotion);
    object_free(object);
    return ours;
}

static bool list_holds_ours(const struct json_list *list, const struct promotion *promotion)
{
    for (size_t i = 0; i < list->item_count; i++) {
        if (item_is_of(list->items[i], promotion))
            return true;
    }
    return false;
}

/* None of ours left on the server: the finalizers may go. Else the cache is behind: wait. */
static void handle_profiles(struct controller *controller, struct in_flight *request, enum err err,
                            const struct errmsg *msg, struct ktime now)
{
    struct work *work = request->work;
    struct str name = str_from(work->name);
    const struct object *promotion = store_get(&controller->store, KUBE_CLUSTER_PROMOTIONS, name);
    struct json_list list;
    if (err == ERR_NONE)
        err = json_list_split(buf_str(&request->body), STAGES_MAX * STAGES_MAX, &list, NULL);
    if (err != ERR_NONE) {
        cannot_look(controller, request, err, msg, now);
        return;
    }
    work->absence_verified =
        promotion != NULL && !list_holds_ours(&list, (const struct promotion *)promotion);
    workqueue_done(&controller->queue, name);
    if (work->absence_verified)
        workqueue_add(&controller->queue, name);
    else
        workqueue_add_at_mono(&controller->queue, name, now.mono_ms + RETRY_BACKOFF_MS_MIN);
    json_list_release(&list);
}

void answer_handle(struct controller *controller, struct in_flight *request, enum err result,
                   struct ktime now)
{
    struct errmsg msg = {""};
    enum err err = result;
    if (result == ERR_NONE && request->body.overflowed)
        err = ERR_LIMIT;
    if (err == ERR_NONE)
        err = kube_status_err(request->http_status, buf_str(&request->body), &msg);
    else
        err_set(&msg, err, "%s", err_name(err));
    switch (request->kind) {
    case REQUEST_WRITE:
        handle_write(controller, request, err, &msg, now);
        return;
    case REQUEST_LOOK:
        handle_look(controller, request, err, &msg, now);
        return;
    case REQUEST_LIST_PROFILES:
        handle_profiles(controller, request, err, &msg, now);
        return;
    case REQUEST_EVENT_CREATE:
    case REQUEST_EVENT_LOOK:
    case REQUEST_EVENT_COUNT:
        tell_handle(controller, request, err, &msg, now);
        return;
    }
    ASSERT(false);
}
