#include "scenarios/engine/transport_sim.h"

#include "controller/base/mem.h"
#include "controller/base/rng.h"

#define RECORDS_MAX 10000000u
#define PIECES_MAX 4u           /* an answer's body comes in at most this many */
#define PIECE_BYTES_MIN 64u     /* smaller bodies stay whole */
#define DELIVERY_BYTES_MAX FAKEAPI_ANSWER_BYTES_MAX

enum exchange_phase { PHASE_SENT, PHASE_HEAD, PHASE_BODY, PHASE_END, PHASE_STREAM, PHASE_LOST };

struct exchange {
    struct transport_sim *transport;
    uint64_t id;
    struct buf body;
    bool stream;
    enum exchange_phase phase;
    struct fakeapi_response response;
    struct fakeapi_watch *watch; /* taken out of the response */
    size_t body_offset;
    unsigned pieces;
    struct buf held;             /* events of a stale watch, read and not handed over */
    struct sim_fault fault;      /* what strikes this request */
    struct exchange *next_late;
    size_t record;               /* index */
    unsigned nth;                /* which request of the run it is */
    uint64_t next_timer;         /* execution or delivery */
    uint64_t deadline_timer;
    bool detached; /* nobody waits for the answer any more */
    bool busy;     /* a receiver's call is running: free later */
    bool dropped;
};

struct transport_sim {
    struct transport_config config;
    struct kube_transport interface;
    struct rng rng;
    struct exchange *exchanges[TRANSPORT_IN_FLIGHT_MAX];
    size_t exchange_count;
    struct exchange *late; /* a list: each waits for the restart, then for its own time */
    struct transport_record *records;
    size_t record_count;
    size_t record_capacity;
    struct sim_counts counts;
    uint64_t next_order;
    unsigned incarnation;
    bool dead;
    bool crashed;
    struct buf delivery;
};

static enum err transport_submit(void *ctx, uint64_t id, const struct kube_request *request);
static void transport_cancel(void *ctx, uint64_t id);
static void exchange_execute(void *ctx);
static void exchange_deliver(void *ctx);

struct transport_sim *transport_sim_create(const struct transport_config *config)
{
    struct transport_sim *transport = mem_alloc(sizeof(*transport));
    transport->config = *config;
    transport->interface = (struct kube_transport){
        .ctx = transport, .submit = transport_submit, .cancel = transport_cancel};
    rng_init_stream(&transport->rng, config->seed, STR("transport"));
    buf_init(&transport->delivery, DELIVERY_BYTES_MAX);
    return transport;
}

/* Frees the answer and stops the timers, not the exchange. */
static void exchange_close(struct exchange *exchange)
{
    struct timers *timers = exchange->transport->config.timers;
    timers_cancel(timers, exchange->next_timer);
    timers_cancel(timers, exchange->deadline_timer);
    exchange->next_timer = exchange->deadline_timer = 0;
    fakeapi_watch_close(exchange->watch);
    exchange->watch = NULL;
    if (exchange->phase != PHASE_SENT)
        fakeapi_response_release(&exchange->response);
    exchange->phase = PHASE_SENT;
}

static void exchange_free(struct exchange *exchange)
{
    exchange_close(exchange);
    buf_release(&exchange->body);
    buf_release(&exchange->held);
    mem_free(exchange);
}

static void exchange_unlist(struct exchange *exchange)
{
    struct transport_sim *transport = exchange->transport;
    for (size_t i = 0; i < transport->exchange_count; i++) {
        if (transport->exchanges[i] != exchange)
            continue;
        transport->exchange_count--;
        for (; i < transport->exchange_count; i++)
            transport->exchanges[i] = transport->exchanges[i + 1];
    }
}

static void record_end(struct exchange *exchange)
{
    struct transport_record *record = &exchange->transport->records[exchange->record];
    if (record->ended_ms != KTIME_NEVER)
        return;
    record->ended_ms = exchange->transport->config.timers->now_ms;
    record->ended_order = exchange->transport->next_order++;
}

static void exchange_drop(struct exchange *exchange)
{
    record_end(exchange);
    exchange_unlist(exchange);
    exchange->dropped = true;
    if (exchange->busy)
        exchange_close(exchange);
    else
        exchange_free(exchange);
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
    for (size_t i = 0; i < transport->record_count; i++) {
        mem_free(transport->records[i].target);
        mem_free(transport->records[i].body);
    }
    mem_free(transport->records);
    buf_release(&transport->delivery);
    mem_free(transport);
}

const struct kube_transport *transport_sim_interface(struct transport_sim *transport)
{
    return &transport->interface;
}

static const char *static_method(const char *method)
{
    static const char *const METHODS[] = {"GET", "POST", "PATCH", "PUT", "DELETE"};
    for (size_t i = 0; i < ARRAY_COUNT(METHODS); i++) {
        if (strcmp(method, METHODS[i]) == 0)
            return METHODS[i];
    }
    base_assert_failed("a method that the controller uses", __FILE__, __LINE__);
}

/* Content types are few: a static copy, since the request is borrowed only for the call. */
static const char *static_content_type(const char *content_type)
{
    static const char *const TYPES[] = {
        "application/json", "application/json-patch+json", "application/merge-patch+json",
        "application/apply-patch+yaml",
    };
    for (size_t i = 0; content_type != NULL && i < ARRAY_COUNT(TYPES); i++) {
        if (strcmp(content_type, TYPES[i]) == 0)
            return TYPES[i];
    }
    ASSERT(content_type == NULL);
    return NULL;
}

static size_t record_add(struct transport_sim *transport, const struct kube_request *request)
{
    transport->records =
        mem_grow_array(transport->records, transport->record_count, &transport->record_capacity,
                       sizeof(*transport->records), RECORDS_MAX);
    const char *method = static_method(request->method);
    bool is_write = strcmp(method, "GET") != 0;
    transport->records[transport->record_count] = (struct transport_record){
        .method = method,
        .target = str_dup(request->target),
        .content_type = static_content_type(request->content_type),
        .body = is_write ? str_dup(request->body) : NULL,
        .is_write = is_write,
        .incarnation = transport->incarnation,
        .submitted_ms = transport->config.timers->now_ms,
        .ended_ms = KTIME_NEVER,
        .submitted_order = transport->next_order++,
        .ended_order = UINT64_MAX,
        .audit_index = SIZE_MAX,
    };
    return transport->record_count++;
}

static struct exchange *exchange_create(struct transport_sim *transport, uint64_t id,
                                        const struct kube_request *request)
{
    struct exchange *exchange = mem_alloc(sizeof(*exchange));
    exchange->transport = transport;
    exchange->id = id;
    exchange->stream = request->stream;
    exchange->nth = transport->counts.requests;
    buf_init(&exchange->body, FAKEAPI_ANSWER_BYTES_MAX);
    buf_append(&exchange->body, request->body);
    buf_init(&exchange->held, DELIVERY_BYTES_MAX);
    exchange->record = record_add(transport, request);
    return exchange;
}

static bool crash_is(struct transport_sim *transport, enum sim_crash_point point, unsigned nth)
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

static bool fault_strikes(struct transport_sim *transport, const struct sim_passage *passage,
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

/* Asked for by a crash point of its own, or by a fault of this request. */
static bool exchange_kills(struct exchange *exchange, enum sim_crash_point point)
{
    struct transport_sim *transport = exchange->transport;
    if (exchange->fault.kind != SIM_FAULT_CRASH || exchange->fault.point != point)
        return crash_is(transport, point, exchange->nth);
    transport->config.crash = (struct sim_crash){.point = point, .nth = exchange->nth};
    return true;
}

static void transport_die(struct transport_sim *transport)
{
    transport->dead = true;
    transport->crashed = true;
}

/* The two points at which the request does not leave the process in time. */
static bool submit_kills(struct transport_sim *transport, struct exchange *exchange)
{
    bool late = exchange_kills(exchange, SIM_CRASH_LATE_COMMIT);
    if (!late && !exchange_kills(exchange, SIM_CRASH_BEFORE_SEND))
        return false;
    transport_die(transport);
    record_end(exchange);
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
           exchange->transport->records[exchange->record].is_write;
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
    record_end(exchange);
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
    transport->counts.requests++;
    struct exchange *exchange = exchange_create(transport, id, request);
    struct sim_passage passage = {.nth = exchange->nth,
                                  .method = transport->records[exchange->record].method,
                                  .target = request->target};
    (void)fault_strikes(transport, &passage, &exchange->fault);
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
        record_end(exchange);
        timers_cancel(transport->config.timers, exchange->deadline_timer);
        exchange->deadline_timer = 0;
        if (exchange_is_under_way(exchange))
            exchange->detached = true;
        else
            exchange_drop(exchange);
        return;
    }
}

/* An answer of someone on the way, or of a server that refuses before it executes. */
static void exchange_make_up(struct exchange *exchange)
{
    exchange->response = (struct fakeapi_response){
        .status = exchange->fault.status,
        .content_type = "application/json",
        .retry_after_s = exchange->fault.retry_after_s,
    };
    buf_init(&exchange->response.body, FAKEAPI_ANSWER_BYTES_MAX);
    sim_fault_print_status(exchange->fault.status, &exchange->response.body);
    exchange->phase = PHASE_HEAD;
}

static void exchange_handle(struct exchange *exchange)
{
    struct transport_sim *transport = exchange->transport;
    struct transport_record *record = &transport->records[exchange->record];
    struct fakeapi_request request = {
        .method = record->method,
        .target = str_from(record->target),
        .content_type = str_from(record->content_type),
        .user_agent = STR(TRANSPORT_USER_AGENT),
        .body = buf_str(&exchange->body),
    };
    record->audit_index = fakeapi_audit_count(transport->config.api);
    fakeapi_handle(transport->config.api, &request, &exchange->response);
    exchange->phase = PHASE_HEAD;
    exchange->watch = exchange->response.watch;
    exchange->response.watch = NULL;
}

static void exchange_schedule(struct exchange *exchange, int64_t after_ms)
{
    struct timers *timers = exchange->transport->config.timers;
    exchange->next_timer =
        timers_add(timers, timers->now_ms + after_ms, exchange_deliver, exchange);
}

static void transport_report_crash(struct transport_sim *transport)
{
    transport_die(transport);
    transport->config.receiver.on_crash(transport->config.receiver.ctx);
}

/* The connection breaks: no answer comes, or no more of it. */
static void exchange_lose(struct exchange *exchange, enum err result)
{
    const struct transport_receiver *receiver = &exchange->transport->config.receiver;
    uint64_t id = exchange->id;
    exchange_drop(exchange);
    receiver->on_end(receiver->ctx, id, result);
}

static void exchange_reach_server(struct exchange *exchange)
{
    if (exchange->fault.kind == SIM_FAULT_LOSE_REQUEST)
        return;
    if (exchange->fault.kind == SIM_FAULT_ANSWER)
        exchange_make_up(exchange);
    else
        exchange_handle(exchange);
    if (exchange->fault.kind == SIM_FAULT_LOSE_ANSWER)
        exchange->phase = PHASE_LOST;
}

static void exchange_execute(void *ctx)
{
    struct exchange *exchange = ctx;
    struct transport_sim *transport = exchange->transport;
    exchange->next_timer = 0;
    if (transport->dead)
        return;
    exchange_reach_server(exchange);
    if (exchange->detached)
        exchange_drop(exchange);
    else if (exchange_kills(exchange, SIM_CRASH_AFTER_COMMIT))
        transport_report_crash(transport);
    else if (exchange->fault.kind == SIM_FAULT_LOSE_REQUEST)
        exchange_lose(exchange, ERR_UNREACHABLE);
    else if (exchange->fault.kind != SIM_FAULT_TIME_OUT)
        exchange_schedule(exchange, transport->config.latency_ms);
}

/* Called around each call into the receiver, which may cancel, submit or even restart. */
static bool exchange_survives(struct exchange *exchange)
{
    exchange->busy = false;
    if (!exchange->dropped)
        return true;
    exchange_free(exchange);
    return false;
}

/* Hands over `bytes` in seeded pieces [T3]. False: the exchange is gone. */
static bool give_pieces(struct exchange *exchange, struct str bytes)
{
    struct transport_sim *transport = exchange->transport;
    const struct transport_receiver *receiver = &transport->config.receiver;
    unsigned pieces = 1;
    exchange->busy = true;
    while (bytes.len > 0 && !exchange->dropped && !transport->dead) {
        size_t len = bytes.len;
        if (len > PIECE_BYTES_MIN && pieces++ < PIECES_MAX && rng_chance(&transport->rng, 1, 2))
            len = 1 + (size_t)rng_below(&transport->rng, len - 1);
        receiver->on_body(receiver->ctx, exchange->id, str_slice(bytes, 0, len));
        bytes = str_slice(bytes, len, bytes.len);
    }
    if (receiver->on_pause != NULL)
        receiver->on_pause(receiver->ctx);
    return exchange_survives(exchange);
}

static void deliver_end(struct exchange *exchange)
{
    struct transport_sim *transport = exchange->transport;
    uint64_t id = exchange->id;
    transport->records[exchange->record].answered = true;
    bool was_stream = exchange->stream && exchange->watch != NULL;
    bool kills = !was_stream && exchange_kills(exchange, SIM_CRASH_AFTER_ANSWER);
    exchange_drop(exchange);
    transport->config.receiver.on_end(transport->config.receiver.ctx, id, ERR_NONE);
    if (kills && !transport->dead)
        transport_report_crash(transport);
}

/* The server has something to read: the bytes travel, and are cut off when they arrive. */
static void watch_is_ready(void *ctx)
{
    struct exchange *exchange = ctx;
    if (exchange->next_timer == 0)
        exchange_schedule(exchange, exchange->transport->config.latency_ms);
}

static void deliver_head(struct exchange *exchange)
{
    struct transport_sim *transport = exchange->transport;
    const struct transport_receiver *receiver = &transport->config.receiver;
    struct kube_response_head head = {exchange->response.status, exchange->response.retry_after_s};
    exchange->phase = exchange->watch != NULL ? PHASE_STREAM : PHASE_BODY;
    exchange->busy = true;
    receiver->on_head(receiver->ctx, exchange->id, &head);
    if (!exchange_survives(exchange))
        return;
    if (exchange->watch != NULL && !transport->dead) {
        fakeapi_watch_notify(exchange->watch, watch_is_ready, exchange);
        if (exchange_kills(exchange, SIM_CRASH_AFTER_ANSWER)) {
            transport_report_crash(transport);
            return;
        }
    }
    exchange_schedule(exchange, 0);
}

/* Events that are left out or end in the middle, and then the end. */
static void deliver_broken(struct exchange *exchange, enum sim_fault_kind kind, struct buf *events)
{
    size_t len = kind == SIM_FAULT_TEAR_WATCH ? events->len / 2 : 0;
    if (kind == SIM_FAULT_GONE) {
        fakeapi_compact(exchange->transport->config.api); /* no later watch may bring them back */
        buf_clear(events);
        buf_append_text(events, "{\"type\":\"ERROR\",\"object\":");
        sim_fault_print_status(410, events);
        buf_append_text(events, "}\n");
        len = events->len;
    }
    if (len > 0 && !give_pieces(exchange, str_slice(buf_str(events), 0, len)))
        return;
    if (kind == SIM_FAULT_TEAR_WATCH)
        exchange_lose(exchange, ERR_OUTCOME_UNKNOWN);
    else
        deliver_end(exchange);
}

/* True when a fault has taken the events that stand in transport->delivery. */
static bool delivery_is_struck(struct exchange *exchange, struct str target)
{
    struct transport_sim *transport = exchange->transport;
    struct sim_fault fault;
    struct sim_passage passage = {.is_delivery = true,
                                  .nth = transport->counts.deliveries,
                                  .method = "GET",
                                  .target = target};
    if (!fault_strikes(transport, &passage, &fault))
        return false;
    if (fault.kind == SIM_FAULT_STALE_WATCH) {
        buf_append(&exchange->held, buf_str(&transport->delivery));
        exchange_schedule(exchange, fault.hold_ms);
    } else {
        deliver_broken(exchange, fault.kind, &transport->delivery);
    }
    return true;
}

/* Hands over what stands in transport->delivery. False: the exchange is gone, or the events
 * did not come through. */
static bool deliver_events(struct exchange *exchange)
{
    struct transport_sim *transport = exchange->transport;
    const struct transport_receiver *receiver = &transport->config.receiver;
    struct str target = str_from(transport->records[exchange->record].target);
    transport->counts.deliveries++;
    if (crash_is(transport, SIM_CRASH_AT_DELIVERY, transport->counts.deliveries)) {
        transport_report_crash(transport);
        return false;
    }
    if (delivery_is_struck(exchange, target))
        return false;
    if (receiver->on_delivery != NULL)
        receiver->on_delivery(receiver->ctx, target, transport->delivery.len);
    return give_pieces(exchange, buf_str(&transport->delivery));
}

static void deliver_stream(struct exchange *exchange)
{
    struct buf *delivery = &exchange->transport->delivery;
    buf_clear(delivery);
    buf_append(delivery, buf_str(&exchange->held));
    buf_clear(&exchange->held);
    while (fakeapi_watch_read(exchange->watch, delivery))
        ;
    if (delivery->len > 0 && !deliver_events(exchange))
        return;
    if (fakeapi_watch_ended(exchange->watch))
        deliver_end(exchange);
}

static void exchange_deliver(void *ctx)
{
    struct exchange *exchange = ctx;
    exchange->next_timer = 0;
    if (exchange->transport->dead)
        return;
    switch (exchange->phase) {
    case PHASE_SENT:
        break;
    case PHASE_HEAD:
        deliver_head(exchange);
        break;
    case PHASE_BODY:
        exchange->phase = PHASE_END;
        if (give_pieces(exchange, buf_str(&exchange->response.body)))
            exchange_schedule(exchange, 0);
        break;
    case PHASE_END:
        deliver_end(exchange);
        break;
    case PHASE_STREAM:
        deliver_stream(exchange);
        break;
    case PHASE_LOST:
        exchange_lose(exchange, ERR_OUTCOME_UNKNOWN);
        break;
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
    transport->incarnation++;
}

bool transport_sim_timer_kills(struct transport_sim *transport)
{
    transport->counts.timers++;
    if (!crash_is(transport, SIM_CRASH_AT_TIMER, transport->counts.timers))
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
    return transport->counts;
}

const struct transport_record *transport_sim_records(const struct transport_sim *transport,
                                                     size_t *ret_count)
{
    *ret_count = transport->record_count;
    return transport->records;
}
