#include "scenarios/engine/sim_rooms.h"

#include "controller/base/mem.h"

#define STEP_BUDGET 64u         /* keys per step; what is left over wakes it again at once */
#define HANDOVER_WAIT_MS 5000   /* P8: as long as a predecessor's `?timeout=5s` write can take */
#define WAKEUPS_MAX 10000000u

static void replica_arm(struct replica *replica);

static struct ktime replica_ktime(const struct replica *replica)
{
    const struct sim *sim = replica->sim;
    return (struct ktime){.mono_ms = sim->timers.now_ms - sim->config.start_ms,
                          .wall_ms = sim->timers.now_ms};
}

/* After every call into the controller: it died within, or it works and wants its next turn. */
static void replica_settle(struct replica *replica)
{
    if (transport_sim_is_dead(replica->transport))
        sim_replica_restart(replica);
    else
        replica_arm(replica);
}

static void replica_turn(struct replica *replica)
{
    if (!transport_sim_is_dead(replica->transport))
        (void)controller_step(replica->controller, replica_ktime(replica), STEP_BUDGET);
    replica_settle(replica);
}

static void on_head(void *ctx, uint64_t id, const struct kube_response_head *head)
{
    struct replica *replica = ctx;
    controller_on_head(replica->controller, id, head, replica_ktime(replica));
    replica_turn(replica);
}

static void on_body(void *ctx, uint64_t id, struct str bytes)
{
    struct replica *replica = ctx;
    controller_on_body(replica->controller, id, bytes, replica_ktime(replica));
}

static void on_pause(void *ctx)
{
    replica_turn(ctx);
}

static void on_end(void *ctx, uint64_t id, enum err result)
{
    struct replica *replica = ctx;
    controller_on_end(replica->controller, id, result, replica_ktime(replica));
    replica_turn(replica);
}

static void on_crash(void *ctx)
{
    sim_replica_restart(ctx);
}

static void on_delivery(void *ctx, struct str target, size_t bytes)
{
    struct replica *replica = ctx;
    struct sim *sim = replica->sim;
    trace_delivery(&sim->trace, sim->timers.now_ms, target, bytes);
}

static void overlap_ask(struct sim *sim, const struct sim_fault *fault);

static void on_fault(void *ctx, const struct sim_fault *fault, const struct sim_passage *passage)
{
    struct replica *replica = ctx;
    struct sim *sim = replica->sim;
    struct buf what;
    buf_init(&what, 128);
    sim_fault_print(fault, &what);
    trace_fault(&sim->trace, sim->timers.now_ms, what.data, passage->method, passage->target);
    buf_release(&what);
    if (fault->kind == SIM_FAULT_SECOND)
        overlap_ask(sim, fault);
}

static void on_wakeup(void *ctx)
{
    struct replica *replica = ctx;
    struct sim *sim = replica->sim;
    replica->wakeup_timer = 0;
    sim->wakeups_ms = mem_grow_array(sim->wakeups_ms, sim->wakeup_count, &sim->wakeup_capacity,
                                     sizeof(*sim->wakeups_ms), WAKEUPS_MAX);
    sim->wakeups_ms[sim->wakeup_count++] = sim->timers.now_ms;
    if (transport_sim_timer_kills(replica->transport))
        sim_replica_restart(replica);
    else
        replica_turn(replica);
}

/* One timer stands for the controller's wish to be called; it moves with the wish. */
static void replica_arm(struct replica *replica)
{
    struct sim *sim = replica->sim;
    int64_t mono_ms = controller_next_wakeup_ms(replica->controller, replica_ktime(replica));
    int64_t due_ms = mono_ms == KTIME_NEVER ? KTIME_NEVER : mono_ms + sim->config.start_ms;
    if (replica->wakeup_timer != 0 && due_ms == replica->wakeup_ms)
        return;
    timers_cancel(&sim->timers, replica->wakeup_timer);
    replica->wakeup_timer = 0;
    replica->wakeup_ms = due_ms;
    if (due_ms != KTIME_NEVER)
        replica->wakeup_timer = timers_add(&sim->timers, due_ms, on_wakeup, replica);
}

static void on_log(void *ctx, enum log_level level, const char *line)
{
    struct replica *replica = ctx;
    (void)level;
    trace_log(&replica->sim->trace, replica->sim->timers.now_ms, line);
}

void sim_replica_begin(struct replica *replica, int64_t handover_wait_ms)
{
    struct sim *sim = replica->sim;
    struct controller_config config = {.seed = sim->config.seed,
                                       .handover_wait_ms = handover_wait_ms,
                                       .capi_onboard_annotation =
                                           world_capi_onboard_annotation(sim->world),
                                       .zones = &sim->zones};
    replica->controller =
        controller_create(&config, transport_sim_interface(replica->transport), &replica->log);
    controller_start(replica->controller, replica_ktime(replica));
    replica_settle(replica);
}

static void trace_restart(const struct replica *replica, bool by_crash_point)
{
    struct buf what;
    buf_init(&what, 64);
    buf_append_text(&what, "restarts");
    if (by_crash_point) {
        buf_append_text(&what, " at ");
        sim_crash_print(transport_sim_crash(replica->transport), &what);
    }
    trace_controller(&replica->sim->trace, replica->sim->timers.now_ms, what.data);
    buf_release(&what);
}

void sim_replica_restart(struct replica *replica)
{
    trace_restart(replica, transport_sim_is_dead(replica->transport));
    timers_cancel(&replica->sim->timers, replica->wakeup_timer);
    replica->wakeup_timer = 0;
    transport_sim_kill(replica->transport);
    controller_free(replica->controller);
    replica->controller = NULL;
    transport_sim_revive(replica->transport);
    sim_replica_begin(replica, HANDOVER_WAIT_MS);
}

static struct transport_sim *create_transport(struct replica *replica)
{
    struct sim *sim = replica->sim;
    struct transport_config config = {
        .api = sim->api,
        .timers = &sim->timers,
        .seed = sim->config.seed + replica->number,
        .latency_ms = sim->config.latency_ms,
        .crash = sim->config.crash,
        .faults = sim->config.faults,
        .late_commit_ms = sim->config.late_commit_ms,
        .records = &sim->records,
        .replica = replica->number,
        .receiver = {.ctx = replica,
                     .on_head = on_head,
                     .on_body = on_body,
                     .on_end = on_end,
                     .on_pause = on_pause,
                     .on_crash = on_crash,
                     .on_delivery = on_delivery,
                     .on_fault = on_fault},
    };
    return transport_sim_create(&config);
}

struct replica *sim_replica_add(struct sim *sim)
{
    ASSERT(sim->replica_count < SIM_REPLICAS_MAX);
    struct replica *replica = &sim->replicas[sim->replica_count];
    *replica = (struct replica){.sim = sim,
                                .number = (unsigned)sim->replica_count++,
                                .log = {replica, on_log, LOG_INFO}};
    replica->transport = create_transport(replica);
    return replica;
}

/* It is over: what it had sent and has not arrived is lost. */
static void replica_end(struct replica *replica)
{
    timers_cancel(&replica->sim->timers, replica->wakeup_timer);
    replica->wakeup_timer = 0;
    transport_sim_kill(replica->transport);
    controller_free(replica->controller);
    replica->controller = NULL;
}

void sim_replica_release(struct replica *replica)
{
    replica_end(replica);
    transport_sim_free(replica->transport);
}

static void overlap_end(void *ctx)
{
    struct sim *sim = ctx;
    struct replica *second = &sim->replicas[sim->replica_count - 1];
    struct replica *first = &sim->replicas[sim->active];
    bool first_stays = sim->overlap.first_stays;
    sim->overlap = (struct overlap){.runs = false};
    trace_controller(&sim->trace, sim->timers.now_ms, first_stays ? "second ends" : "first ends");
    replica_end(first_stays ? second : first);
    if (!first_stays)
        sim->active = second->number;
}

static void overlap_begin(void *ctx)
{
    struct sim *sim = ctx;
    sim->overlap.runs = true;
    sim->overlap.timer =
        timers_add(&sim->timers, sim->timers.now_ms + sim->overlap.for_ms, overlap_end, sim);
    trace_controller(&sim->trace, sim->timers.now_ms, "second starts");
    sim_replica_begin(sim_replica_add(sim), HANDOVER_WAIT_MS);
}

/* Not within the call that asks for it; while two run, no third comes. */
static void overlap_ask(struct sim *sim, const struct sim_fault *fault)
{
    if (sim->overlap.timer != 0 || sim->replica_count == SIM_REPLICAS_MAX)
        return;
    sim->overlap.first_stays = fault->first_stays;
    sim->overlap.for_ms = fault->hold_ms;
    sim->overlap.timer = timers_add(&sim->timers, sim->timers.now_ms, overlap_begin, sim);
}
