#include "scenarios/engine/transport_sim.h"

#include "controller/base/mem.h"
#include "controller/base/rng.h"

#define RECORDS_MAX 10000000u
#define PIECES_MAX 4u           /* an answer's body comes in at most this many */
#define PIECE_BYTES_MIN 64u     /* smaller bodies stay whole */
#define DELIVERY_BYTES_MAX FAKEAPI_ANSWER_BYTES_MAX

enum exchange_phase { PHASE_SENT, PHASE_HEAD, PHASE_BODY, PHASE_END, PHASE_STREAM };

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
    struct exchange *late; /* waits for the restart, then for its own time */
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
    if (transport->late != NULL)
        exchange_free(transport->late);
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

static void transport_die(struct transport_sim *transport)
{
    transport->dead = true;
    transport->crashed = true;
}

/* The two points at which the request does not leave the process in time. */
static bool submit_kills(struct transport_sim *transport, struct exchange *exchange)
{
    bool late = crash_is(transport, SIM_CRASH_LATE_COMMIT, exchange->nth);
    if (!late && !crash_is(transport, SIM_CRASH_BEFORE_SEND, exchange->nth))
        return false;
    transport_die(transport);
    record_end(exchange);
    if (late)
        transport->late = exchange;
    else
        exchange_free(exchange);
    return true;
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
    if (exchange->phase == PHASE_SENT && transport->records[exchange->record].is_write)
        exchange->detached = true;
    else
        exchange_drop(exchange);
    transport->config.receiver.on_end(transport->config.receiver.ctx, id, ERR_OUTCOME_UNKNOWN);
}

static enum err transport_submit(void *ctx, uint64_t id, const struct kube_request *request)
{
    struct transport_sim *transport = ctx;
    struct timers *timers = transport->config.timers;
    if (transport->dead)
        return ERR_NONE;
    if (transport->exchange_count == TRANSPORT_IN_FLIGHT_MAX)
        return ERR_LIMIT;
    transport->counts.requests++;
    struct exchange *exchange = exchange_create(transport, id, request);
    if (submit_kills(transport, exchange))
        return ERR_NONE;
    transport->exchanges[transport->exchange_count++] = exchange;
    exchange->next_timer = timers_add(timers, timers->now_ms + transport->config.latency_ms,
                                      exchange_execute, exchange);
    if (request->timeout_ms > 0)
        exchange->deadline_timer = timers_add(timers, timers->now_ms + request->timeout_ms,
                                              exchange_time_out, exchange);
    return ERR_NONE;
}

/* A write that was sent is executed even though nobody waits for its answer. */
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
        if (exchange->phase == PHASE_SENT && transport->records[exchange->record].is_write)
            exchange->detached = true;
        else
            exchange_drop(exchange);
        return;
    }
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

static void exchange_execute(void *ctx)
{
    struct exchange *exchange = ctx;
    struct transport_sim *transport = exchange->transport;
    exchange->next_timer = 0;
    if (transport->dead)
        return;
    exchange_handle(exchange);
    if (exchange->detached) {
        exchange_drop(exchange);
        return;
    }
    if (crash_is(transport, SIM_CRASH_AFTER_COMMIT, exchange->nth))
        transport_report_crash(transport);
    else
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
    unsigned nth = exchange->nth;
    transport->records[exchange->record].answered = true;
    bool was_stream = exchange->stream && exchange->watch != NULL;
    exchange_drop(exchange);
    transport->config.receiver.on_end(transport->config.receiver.ctx, id, ERR_NONE);
    if (!was_stream && !transport->dead && crash_is(transport, SIM_CRASH_AFTER_ANSWER, nth))
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
        if (crash_is(transport, SIM_CRASH_AFTER_ANSWER, exchange->nth)) {
            transport_report_crash(transport);
            return;
        }
    }
    exchange_schedule(exchange, 0);
}

static void deliver_stream(struct exchange *exchange)
{
    struct transport_sim *transport = exchange->transport;
    const struct transport_receiver *receiver = &transport->config.receiver;
    struct str target = str_from(transport->records[exchange->record].target);
    buf_clear(&transport->delivery);
    while (fakeapi_watch_read(exchange->watch, &transport->delivery))
        ;
    if (transport->delivery.len > 0) {
        transport->counts.deliveries++;
        if (crash_is(transport, SIM_CRASH_AT_DELIVERY, transport->counts.deliveries)) {
            transport_report_crash(transport);
            return;
        }
        if (receiver->on_delivery != NULL)
            receiver->on_delivery(receiver->ctx, target, transport->delivery.len);
        if (!give_pieces(exchange, buf_str(&transport->delivery)))
            return;
    }
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
    struct transport_sim *transport = ctx;
    struct exchange *exchange = transport->late;
    transport->late = NULL;
    exchange->next_timer = 0;
    exchange_handle(exchange);
    exchange_free(exchange);
}

void transport_sim_revive(struct transport_sim *transport)
{
    struct timers *timers = transport->config.timers;
    while (transport->exchange_count > 0)
        exchange_drop(transport->exchanges[transport->exchange_count - 1]);
    if (transport->late != NULL && transport->late->next_timer == 0)
        transport->late->next_timer = timers_add(
            timers, timers->now_ms + transport->config.late_commit_ms, late_commit, transport);
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
