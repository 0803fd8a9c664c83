#include "scenarios/engine/transport_rooms.h"

#include "controller/base/mem.h"

#define PIECES_MAX 4u       /* an answer's body comes in at most this many */
#define PIECE_BYTES_MIN 64u /* smaller bodies stay whole */

static void exchange_deliver(void *ctx);

struct exchange *exchange_create(struct transport_sim *transport, uint64_t id,
                                 const struct kube_request *request)
{
    struct exchange *exchange = mem_alloc(sizeof(*exchange));
    struct transport_record base = {.replica = transport->config.replica,
                                    .incarnation = transport->incarnation,
                                    .submitted_ms = transport->config.timers->now_ms,
                                    .told = transport->told};
    exchange->transport = transport;
    exchange->id = id;
    exchange->stream = request->stream;
    exchange->nth = transport->records->counts.requests;
    buf_init(&exchange->body, FAKEAPI_ANSWER_BYTES_MAX);
    buf_append(&exchange->body, request->body);
    buf_init(&exchange->held, DELIVERY_BYTES_MAX);
    exchange->record = transport_records_add(transport->records, request, &base);
    return exchange;
}

/* Frees the answer and stops the timers, not the exchange. */
static void exchange_close(struct exchange *exchange)
{
    struct timers *timers = exchange->transport->config.timers;
    timers_cancel(timers, exchange->next_timer);
    timers_cancel(timers, exchange->deadline_timer);
    timers_cancel(timers, exchange->lag_timer);
    exchange->next_timer = exchange->deadline_timer = exchange->lag_timer = 0;
    fakeapi_watch_close(exchange->watch);
    exchange->watch = NULL;
    if (exchange->phase != PHASE_SENT)
        fakeapi_response_release(&exchange->response);
    exchange->phase = PHASE_SENT;
}

void exchange_free(struct exchange *exchange)
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

void exchange_record_end(struct exchange *exchange)
{
    struct transport_sim *transport = exchange->transport;
    transport_records_end(transport->records, exchange->record, transport->config.timers->now_ms);
}

void exchange_drop(struct exchange *exchange)
{
    exchange_record_end(exchange);
    exchange_unlist(exchange);
    exchange->dropped = true;
    if (exchange->busy)
        exchange_close(exchange);
    else
        exchange_free(exchange);
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

void exchange_handle(struct exchange *exchange)
{
    struct transport_sim *transport = exchange->transport;
    struct transport_record *record = &transport->records->items[exchange->record];
    struct fakeapi_request request = {
        .method = record->method,
        .target = str_from(record->target),
        .content_type = str_from(record->content_type),
        .user_agent = str_from(transport->user_agent),
        .body = buf_str(&exchange->body),
    };
    record->audit_index = fakeapi_audit_count(transport->config.api);
    fakeapi_handle(transport->config.api, &request, &exchange->response);
    exchange->phase = PHASE_HEAD;
    exchange->watch = exchange->response.watch;
    exchange->response.watch = NULL;
    if (exchange->fault.kind == SIM_FAULT_STALE_READ)
        exchange->read_at = stale_read(transport->config.api, exchange->fault.events,
                                       str_from(record->target), &exchange->response);
    else
        exchange->read_at = record->audit_index;
}

void exchange_schedule(struct exchange *exchange, int64_t after_ms)
{
    struct timers *timers = exchange->transport->config.timers;
    exchange->next_timer =
        timers_add(timers, timers->now_ms + after_ms, exchange_deliver, exchange);
}

void exchange_lose(struct exchange *exchange, enum err result)
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

void exchange_execute(void *ctx)
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

/* Around each call into the receiver, which may cancel, submit or even restart: busy before, and
 * false after it when the exchange is gone. */
static bool exchange_survives(struct exchange *exchange)
{
    exchange->busy = false;
    if (!exchange->dropped)
        return true;
    exchange_free(exchange);
    return false;
}

bool exchange_give(struct exchange *exchange, struct str bytes)
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

void exchange_tell(struct exchange *exchange, size_t until)
{
    struct transport_sim *transport = exchange->transport;
    struct str target = str_from(transport->records->items[exchange->record].target);
    unsigned index = told_index_of_target(target);
    if (index < TOLD_KIND_COUNT)
        transport->told.until[index] = until;
}

/* Of a list. What follows its first page is as old as that one. */
static void tell_answer(struct exchange *exchange)
{
    const struct transport_record *record =
        &exchange->transport->records->items[exchange->record];
    struct str target = str_from(record->target);
    bool is_list = !record->is_write && !exchange->stream && record->audit_index != SIZE_MAX &&
                   str_contains(target, STR("limit="));
    if (is_list && exchange->response.status == 200 && !str_contains(target, STR("continue=")))
        exchange_tell(exchange, exchange->read_at);
}

void exchange_end(struct exchange *exchange)
{
    struct transport_sim *transport = exchange->transport;
    uint64_t id = exchange->id;
    transport->records->items[exchange->record].answered = true;
    tell_answer(exchange);
    bool was_stream = exchange->stream && exchange->watch != NULL;
    bool kills = !was_stream && exchange_kills(exchange, SIM_CRASH_AFTER_ANSWER);
    exchange_drop(exchange);
    transport->config.receiver.on_end(transport->config.receiver.ctx, id, ERR_NONE);
    if (kills && !transport->dead)
        transport_report_crash(transport);
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
        watch_begin(exchange);
        if (exchange_kills(exchange, SIM_CRASH_AFTER_ANSWER)) {
            transport_report_crash(transport);
            return;
        }
    }
    exchange_schedule(exchange, 0);
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
        if (exchange_give(exchange, buf_str(&exchange->response.body)))
            exchange_schedule(exchange, 0);
        break;
    case PHASE_END:
        exchange_end(exchange);
        break;
    case PHASE_STREAM:
        watch_deliver(exchange);
        break;
    case PHASE_LOST:
        exchange_lose(exchange, ERR_OUTCOME_UNKNOWN);
        break;
    }
}
