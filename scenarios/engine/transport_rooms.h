/*
 * The transport's insides, shared by its rooms: transport_sim.c (life, what the controller
 * calls, crashes), transport_exchange.c (one request on its way to the server and its answer on
 * the way back), transport_watch.c (a stream of watched events).
 *
 *   SENT --execute--> HEAD --> BODY --> END          an answer
 *     |                 \--> STREAM --> END          a watch
 *     \--> LOST                                      executed, and nobody hears of it
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_TRANSPORT_ROOMS_H
#define PROMOTER_SCENARIOS_ENGINE_TRANSPORT_ROOMS_H

#include "controller/base/rng.h"
#include "scenarios/engine/transport_sim.h"

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
    size_t read_at;              /* of a read: it is as old as the audit log was at this index */
    unsigned lag_events;         /* of a lagging watch; 0: it does not lag */
    uint64_t lag_timer;          /* when it stops lagging */
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
    struct transport_records *records;
    struct transport_records own_records;
    struct told told;
    unsigned incarnation;
    char user_agent[TRANSPORT_USER_AGENT_BYTES];
    bool dead;
    bool crashed;
    struct buf delivery;
};

/* transport_sim.c */
bool transport_strikes(struct transport_sim *transport, const struct sim_passage *passage,
                       struct sim_fault *ret_fault);
bool transport_crash_is(struct transport_sim *transport, enum sim_crash_point point, unsigned nth);
void transport_report_crash(struct transport_sim *transport);
/* Asked for by a crash point of its own, or by a fault of this request. */
bool exchange_kills(struct exchange *exchange, enum sim_crash_point point);

/* transport_exchange.c */
struct exchange *exchange_create(struct transport_sim *transport, uint64_t id,
                                 const struct kube_request *request);
void exchange_free(struct exchange *exchange);
/* Ends it; it is freed now, or when the receiver's call returns. */
void exchange_drop(struct exchange *exchange);
void exchange_record_end(struct exchange *exchange);
void exchange_execute(void *ctx); /* a timer's call: it has reached the server */
void exchange_handle(struct exchange *exchange);
void exchange_schedule(struct exchange *exchange, int64_t after_ms);
/* Hands over `bytes` in seeded pieces [T3]. False: the exchange is gone. */
bool exchange_give(struct exchange *exchange, struct str bytes);
/* The connection breaks: no answer comes, or no more of it. */
void exchange_lose(struct exchange *exchange, enum err result);
void exchange_end(struct exchange *exchange);
/* All that the audit log has before `until` about what it lists or watches is handed over now. */
void exchange_tell(struct exchange *exchange, size_t until);

/* transport_stale.c */
/* Puts a list or an object back to what it was `events` changes of its kind ago; returns the
 * index in the audit log of the oldest change that is missing now, or the log's end. */
size_t stale_read(const struct fakeapi *api, unsigned events, struct str target,
                  struct fakeapi_response *response);
/* The index in the audit log of the events-th newest change of what the target watches. */
size_t stale_index(const struct fakeapi *api, unsigned events, struct str target);

/* transport_watch.c */
void watch_begin(struct exchange *exchange);   /* its head was handed over */
void watch_deliver(struct exchange *exchange); /* what has come since */

#endif
