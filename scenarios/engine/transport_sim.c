#include "scenarios/engine/transport_rooms.h"

#include "controller/base/mem.h"

static enum err transport_submit(void *ctx, uint64_t id, const struct kube_request *request);
static void transport_cancel(void *ctx, uint64_t id);

struct transport_sim *transport_sim_create(const struct transport_config *config)
{
    struct transport_sim *transport = mem_alloc(sizeof(*transport));
    transport->config = *config;
    if (config->replica == 0)
        snprintf(transport->user_agent, sizeof(transport->user_agent), TRANSPORT_USER_AGENT);
    else
        snprintf(transport->user_agent, sizeof(transport->user_agent),
                 TRANSPORT_USER_AGENT " (replica %u)", config->replica);
    transport->records = config->records != NULL ? config->records : &transport->own_records;
    transport->interface = (struct kube_transport){
        .ctx = transport, .submit = transport_submit, .cancel = transport_cancel};
    rng_init_stream(&transport->rng, config->seed, STR("transport"));
    buf_init(&transport->delivery, DELIVERY_BYTES_MAX);
    return transport;
}

void transport_sim_free(struct transport_sim *transport)
{
    if (transport == NULL)
        return;
    while (transport->exchange_count > 0)
        exchange_drop(transport->exchanges[transport->exchange_count - 1]);
    while (transport->late != NULL) {
        struct exchange *late = transport->late;
        transport->late = late->next_late;
        exchange_free(late);
    }
    transport_records_release(&transport->own_records);
    buf_release(&transport->delivery);
    mem_free(transport);
}

const struct kube_transport *transport_sim_interface(struct transport_sim *transport)
{
    return &transport->interface;
}

bool transport_crash_is(struct transport_sim *transport, enum sim_crash_point point, unsigned nth)
{
    struct sim_crash *crash = &transport->config.crash;
    if (transport->crashed)
        return false;
    if (crash->hook == NULL)
        return crash->point == point && crash->nth == nth;
    if (!crash->hook->dies(crash->hook->ctx, point, nth))
        return false;
    *crash = (struct sim_crash){.point = point, .nth = nth};
    return true;
}

bool transport_strikes(struct transport_sim *transport, const struct sim_passage *passage,
                       struct sim_fault *ret_fault)
{
    const struct sim_fault_hook *hook = transport->config.faults;
    const struct transport_receiver *receiver = &transport->config.receiver;
    struct sim_fault fault = {.kind = SIM_FAULT_NONE};
    if (hook == NULL || !hook->strikes(hook->ctx, passage, &fault))
        return false;
    ASSERT(sim_fault_is_of_watch(fault.kind) == passage->is_delivery);
    if (receiver->on_fault != NULL)
        receiver->on_fault(receiver->ctx, &fault, passage);
    *ret_fault = fault;
    return true;
}

bool exchange_kills(struct exchange *exchange, enum sim_crash_point point)
{
    struct transport_sim *transport = exchange->transport;
    if (exchange->fault.kind != SIM_FAULT_CRASH || exchange->fault.point != point)
        return transport_crash_is(transport, point, exchange->nth);
    transport->config.crash = (struct sim_crash){.point = point, .nth = exchange->nth};
    return true;
}

static void transport_die(struct transport_sim *transport)
{
    transport->dead = true;
    transport->crashed = true;
}

void transport_report_crash(struct transport_sim *transport)
{
    transport_die(transport);
    transport->config.receiver.on_crash(transport->config.receiver.ctx);
}

/* The two points at which the request does not leave the process in time. */
static bool submit_kills(struct transport_sim *transport, struct exchange *exchange)
{
    bool late = exchange_kills(exchange, SIM_CRASH_LATE_COMMIT);
    if (!late && !exchange_kills(exchange, SIM_CRASH_BEFORE_SEND))
        return false;
    transport_die(transport);
    exchange_record_end(exchange);
    if (late) {
        exchange->next_late = transport->late;
        transport->late = exchange;
    } else {
        exchange_free(exchange);
    }
    return true;
}

/* A write on its way is executed even though nobody waits for it any more. */
static bool exchange_is_under_way(const struct exchange *exchange)
{
    return exchange->phase == PHASE_SENT && exchange->next_timer != 0 &&
           exchange->transport->records->items[exchange->record].is_write;
}

/* The deadline ends what the client sees; the server goes on. */
static void exchange_time_out(void *ctx)
{
    struct exchange *exchange = ctx;
    struct transport_sim *transport = exchange->transport;
    uint64_t id = exchange->id;
    exchange->deadline_timer = 0;
    if (transport->dead)
        return;
    exchange_record_end(exchange);
    if (exchange_is_under_way(exchange))
        exchange->detached = true;
    else
        exchange_drop(exchange);
    transport->config.receiver.on_end(transport->config.receiver.ctx, id, ERR_OUTCOME_UNKNOWN);
}

/* When the request arrives at the server: NEVER, or the time of its loss. */
static int64_t exchange_arrival_ms(const struct exchange *exchange)
{
    const struct transport_sim *transport = exchange->transport;
    int64_t arrival_ms = transport->config.timers->now_ms + transport->config.latency_ms;
    if (exchange->fault.kind != SIM_FAULT_TIME_OUT)
        return arrival_ms;
    if (exchange->fault.point == SIM_CRASH_BEFORE_SEND)
        return KTIME_NEVER;
    bool late = exchange->fault.point == SIM_CRASH_LATE_COMMIT;
    return arrival_ms + (late ? transport->config.late_commit_ms : 0);
}

static void exchange_send(struct exchange *exchange, int64_t timeout_ms)
{
    struct timers *timers = exchange->transport->config.timers;
    int64_t arrival_ms = exchange_arrival_ms(exchange);
    if (arrival_ms != KTIME_NEVER)
        exchange->next_timer = timers_add(timers, arrival_ms, exchange_execute, exchange);
    if (timeout_ms > 0)
        exchange->deadline_timer =
            timers_add(timers, timers->now_ms + timeout_ms, exchange_time_out, exchange);
}

static enum err transport_submit(void *ctx, uint64_t id, const struct kube_request *request)
{
    struct transport_sim *transport = ctx;
    if (transport->dead)
        return ERR_NONE;
    if (transport->exchange_count == TRANSPORT_IN_FLIGHT_MAX)
        return ERR_LIMIT;
    transport->records->counts.requests++;
    struct exchange *exchange = exchange_create(transport, id, request);
    struct sim_passage passage = {.nth = exchange->nth,
                                  .method = transport->records->items[exchange->record].method,
                                  .target = request->target};
    (void)transport_strikes(transport, &passage, &exchange->fault);
    if (submit_kills(transport, exchange))
        return ERR_NONE;
    transport->exchanges[transport->exchange_count++] = exchange;
    exchange_send(exchange, request->timeout_ms);
    return ERR_NONE;
}

static void transport_cancel(void *ctx, uint64_t id)
{
    struct transport_sim *transport = ctx;
    if (transport->dead)
        return;
    for (size_t i = 0; i < transport->exchange_count; i++) {
        struct exchange *exchange = transport->exchanges[i];
        if (exchange->id != id || exchange->detached)
            continue;
        exchange_record_end(exchange);
        timers_cancel(transport->config.timers, exchange->deadline_timer);
        exchange->deadline_timer = 0;
        if (exchange_is_under_way(exchange))
            exchange->detached = true;
        else
            exchange_drop(exchange);
        return;
    }
}

bool transport_sim_is_dead(const struct transport_sim *transport)
{
    return transport->dead;
}

void transport_sim_kill(struct transport_sim *transport)
{
    transport->dead = true;
}

static void late_commit(void *ctx)
{
    struct exchange *exchange = ctx;
    struct exchange **link = &exchange->transport->late;
    while (*link != exchange)
        link = &(*link)->next_late;
    *link = exchange->next_late;
    exchange->next_timer = 0;
    exchange_handle(exchange);
    exchange_free(exchange);
}

void transport_sim_revive(struct transport_sim *transport)
{
    struct timers *timers = transport->config.timers;
    while (transport->exchange_count > 0)
        exchange_drop(transport->exchanges[transport->exchange_count - 1]);
    for (struct exchange *late = transport->late; late != NULL; late = late->next_late) {
        if (late->next_timer == 0)
            late->next_timer = timers_add(
                timers, timers->now_ms + transport->config.late_commit_ms, late_commit, late);
    }
    transport->dead = false;
    transport->told = (struct told){{0}};
    transport->incarnation++;
}

bool transport_sim_timer_kills(struct transport_sim *transport)
{
    transport->records->counts.timers++;
    if (!transport_crash_is(transport, SIM_CRASH_AT_TIMER, transport->records->counts.timers))
        return false;
    transport_die(transport);
    return true;
}

struct sim_crash transport_sim_crash(const struct transport_sim *transport)
{
    return transport->config.crash;
}

bool transport_sim_crashed(const struct transport_sim *transport)
{
    return transport->crashed;
}

struct sim_counts transport_sim_counts(const struct transport_sim *transport)
{
    return transport->records->counts;
}

const struct transport_record *transport_sim_records(const struct transport_sim *transport,
                                                     size_t *ret_count)
{
    *ret_count = transport->records->count;
    return transport->records->items;
}
