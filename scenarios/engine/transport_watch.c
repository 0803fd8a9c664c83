#include "scenarios/engine/transport_rooms.h"

static bool is_bookmark(struct str line)
{
    return str_starts_with(line, STR("{\"type\":\"BOOKMARK\""));
}

/* The server has something to read: the bytes travel, and are cut off when they arrive. */
static void watch_is_ready(void *ctx)
{
    struct exchange *exchange = ctx;
    if (exchange->next_timer == 0)
        exchange_schedule(exchange, exchange->transport->config.latency_ms);
}

void watch_begin(struct exchange *exchange)
{
    fakeapi_watch_notify(exchange->watch, watch_is_ready, exchange);
}

/* What ends before `len` is told, what follows is lost. */
static void tell_until(struct exchange *exchange, const struct buf *events, size_t len)
{
    struct transport_sim *transport = exchange->transport;
    struct str target = str_from(transport->records->items[exchange->record].target);
    size_t told = len;
    unsigned lost = 0;
    while (told > 0 && events->data[told - 1] != '\n')
        told--;
    for (struct str rest = str_slice(buf_str(events), told, events->len); !str_is_empty(rest);)
        lost += is_bookmark(str_split_next(&rest, '\n')) ? 0 : 1;
    exchange_tell(exchange, stale_index(transport->config.api, lost, target));
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
    if (kind == SIM_FAULT_TEAR_WATCH)
        tell_until(exchange, events, len);
    if (len > 0 && !exchange_give(exchange, str_slice(buf_str(events), 0, len)))
        return;
    if (kind == SIM_FAULT_TEAR_WATCH)
        exchange_lose(exchange, ERR_OUTCOME_UNKNOWN);
    else
        exchange_end(exchange);
}

static void watch_catch_up(void *ctx)
{
    struct exchange *exchange = ctx;
    exchange->lag_timer = 0;
    exchange->lag_events = 0;
    if (exchange->next_timer == 0 && !exchange->transport->dead)
        exchange_schedule(exchange, 0);
}

/* From now on the stream is that many events behind, until it catches up. */
static void watch_lag(struct exchange *exchange, const struct sim_fault *fault)
{
    struct timers *timers = exchange->transport->config.timers;
    timers_cancel(timers, exchange->lag_timer);
    exchange->lag_events = fault->events;
    exchange->lag_timer =
        timers_add(timers, timers->now_ms + fault->hold_ms, watch_catch_up, exchange);
}

static size_t line_begin(const struct buf *lines, size_t end)
{
    size_t begin = end - 1; /* before the line's own end */
    while (begin > 0 && lines->data[begin - 1] != '\n')
        begin--;
    return begin;
}

/* Cuts the newest `events` events off, with the bookmarks among and behind them, and keeps them
 * back; returns how many there were. */
static unsigned hold_newest(unsigned events, struct buf *delivery, struct buf *held)
{
    unsigned kept = 0;
    size_t cut = delivery->len;
    while (kept < events && cut > 0) {
        size_t begin = line_begin(delivery, cut);
        struct str line = str_slice(buf_str(delivery), begin, cut);
        kept += is_bookmark(line) ? 0 : 1;
        cut = begin;
    }
    buf_append(held, str_slice(buf_str(delivery), cut, delivery->len));
    buf_truncate(delivery, cut);
    return kept;
}

/* True when a fault has taken the events that stand in transport->delivery. */
static bool delivery_is_struck(struct exchange *exchange, struct str target)
{
    struct transport_sim *transport = exchange->transport;
    struct sim_fault fault;
    struct sim_passage passage = {.is_delivery = true,
                                  .nth = transport->records->counts.deliveries,
                                  .method = "GET",
                                  .target = target};
    if (!transport_strikes(transport, &passage, &fault))
        return false;
    if (fault.kind == SIM_FAULT_LAG_WATCH) {
        watch_lag(exchange, &fault);
        return false;
    }
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
    struct str target = str_from(transport->records->items[exchange->record].target);
    transport->records->counts.deliveries++;
    if (transport_crash_is(transport, SIM_CRASH_AT_DELIVERY,
                           transport->records->counts.deliveries)) {
        transport_report_crash(transport);
        return false;
    }
    if (delivery_is_struck(exchange, target))
        return false;
    unsigned behind =
        hold_newest(exchange->lag_events, &transport->delivery, &exchange->held);
    exchange_tell(exchange, stale_index(transport->config.api, behind, target));
    if (transport->delivery.len == 0)
        return true;
    if (receiver->on_delivery != NULL)
        receiver->on_delivery(receiver->ctx, target, transport->delivery.len);
    return exchange_give(exchange, buf_str(&transport->delivery));
}

void watch_deliver(struct exchange *exchange)
{
    struct buf *delivery = &exchange->transport->delivery;
    buf_clear(delivery);
    buf_append(delivery, buf_str(&exchange->held));
    buf_clear(&exchange->held);
    while (fakeapi_watch_read(exchange->watch, delivery))
        ;
    if (delivery->len > 0 && !deliver_events(exchange))
        return;
    if (fakeapi_watch_ended(exchange->watch) && exchange->held.len == 0)
        exchange_end(exchange);
}
