#include "scenarios/engine/sim.h"

#include "controller/base/mem.h"
#include "scenarios/engine/checkers.h"
#include "scenarios/engine/trace.h"
#include "scenarios/engine/transport_sim.h"
#include "scenarios/engine/zoneinfo.h"

#define STEP_BUDGET 64u         /* keys per step; what is left over wakes it again at once */
#define HANDOVER_WAIT_MS 5000   /* P8: as long as a predecessor's `?timeout=5s` write can take */
#define WAKEUPS_MAX 10000000u
#define USER_AGENT_OF_USERS "kubectl/v1.33.0"

struct sim {
    struct sim_config config;
    struct zone_source zones;
    struct timers timers;
    struct fakeapi *api;
    struct world *world;
    struct transport_sim *transport;
    struct controller *controller;
    struct trace trace;
    uint64_t wakeup_timer;
    int64_t wakeup_ms; /* when the armed timer is due */
    int64_t *wakeups_ms;
    size_t wakeup_count;
    size_t wakeup_capacity;
    size_t deployments_traced;
    unsigned writes;
};

static void controller_arm(struct sim *sim);
static void controller_restart(struct sim *sim);

static struct ktime sim_ktime(const struct sim *sim)
{
    return (struct ktime){.mono_ms = sim->timers.now_ms - sim->config.start_ms,
                          .wall_ms = sim->timers.now_ms};
}

static void on_request(void *ctx, size_t audit_index)
{
    struct sim *sim = ctx;
    const struct fakeapi_audit *audit = fakeapi_audit_at(sim->api, audit_index);
    if (audit->changed && str_starts_with(audit->user_agent, STR(TRANSPORT_USER_AGENT)) &&
        !str_is(audit->kind, "Event"))
        sim->writes++;
    trace_request(&sim->trace, audit);
}

/* After every call into the controller: it died within, or it works and wants its next turn. */
static void controller_settle(struct sim *sim)
{
    if (transport_sim_is_dead(sim->transport))
        controller_restart(sim);
    else
        controller_arm(sim);
}

static void controller_turn(struct sim *sim)
{
    if (!transport_sim_is_dead(sim->transport))
        (void)controller_step(sim->controller, sim_ktime(sim), STEP_BUDGET);
    controller_settle(sim);
}

static void on_head(void *ctx, uint64_t id, const struct kube_response_head *head)
{
    struct sim *sim = ctx;
    controller_on_head(sim->controller, id, head, sim_ktime(sim));
    controller_turn(sim);
}

static void on_body(void *ctx, uint64_t id, struct str bytes)
{
    struct sim *sim = ctx;
    controller_on_body(sim->controller, id, bytes, sim_ktime(sim));
}

static void on_pause(void *ctx)
{
    controller_turn(ctx);
}

static void on_end(void *ctx, uint64_t id, enum err result)
{
    struct sim *sim = ctx;
    controller_on_end(sim->controller, id, result, sim_ktime(sim));
    controller_turn(sim);
}

static void on_crash(void *ctx)
{
    controller_restart(ctx);
}

static void on_delivery(void *ctx, struct str target, size_t bytes)
{
    struct sim *sim = ctx;
    trace_delivery(&sim->trace, sim->timers.now_ms, target, bytes);
}

static void on_fault(void *ctx, const struct sim_fault *fault, const struct sim_passage *passage)
{
    struct sim *sim = ctx;
    struct buf what;
    buf_init(&what, 128);
    sim_fault_print(fault, &what);
    trace_fault(&sim->trace, sim->timers.now_ms, what.data, passage->method, passage->target);
    buf_release(&what);
}

static void on_wakeup(void *ctx)
{
    struct sim *sim = ctx;
    sim->wakeup_timer = 0;
    sim->wakeups_ms = mem_grow_array(sim->wakeups_ms, sim->wakeup_count, &sim->wakeup_capacity,
                                     sizeof(*sim->wakeups_ms), WAKEUPS_MAX);
    sim->wakeups_ms[sim->wakeup_count++] = sim->timers.now_ms;
    if (transport_sim_timer_kills(sim->transport))
        controller_restart(sim);
    else
        controller_turn(sim);
}

/* One timer stands for the controller's wish to be called; it moves with the wish. */
static void controller_arm(struct sim *sim)
{
    int64_t mono_ms = controller_next_wakeup_ms(sim->controller, sim_ktime(sim));
    int64_t due_ms = mono_ms == KTIME_NEVER ? KTIME_NEVER : mono_ms + sim->config.start_ms;
    if (sim->wakeup_timer != 0 && due_ms == sim->wakeup_ms)
        return;
    timers_cancel(&sim->timers, sim->wakeup_timer);
    sim->wakeup_timer = 0;
    sim->wakeup_ms = due_ms;
    if (due_ms != KTIME_NEVER)
        sim->wakeup_timer = timers_add(&sim->timers, due_ms, on_wakeup, sim);
}

static void controller_begin(struct sim *sim, int64_t handover_wait_ms)
{
    struct controller_config config = {.seed = sim->config.seed,
                                       .handover_wait_ms = handover_wait_ms,
                                       .capi_onboard_annotation =
                                           world_capi_onboard_annotation(sim->world),
                                       .zones = &sim->zones};
    sim->controller =
        controller_create(&config, transport_sim_interface(sim->transport), NULL);
    controller_start(sim->controller, sim_ktime(sim));
    controller_settle(sim);
}

static void trace_restart(struct sim *sim, bool by_crash_point)
{
    struct buf what;
    buf_init(&what, 64);
    buf_append_text(&what, "restarts");
    if (by_crash_point) {
        buf_append_text(&what, " at ");
        sim_crash_print(transport_sim_crash(sim->transport), &what);
    }
    trace_controller(&sim->trace, sim->timers.now_ms, what.data);
    buf_release(&what);
}

static void controller_restart(struct sim *sim)
{
    trace_restart(sim, transport_sim_is_dead(sim->transport));
    timers_cancel(&sim->timers, sim->wakeup_timer);
    sim->wakeup_timer = 0;
    transport_sim_kill(sim->transport);
    controller_free(sim->controller);
    sim->controller = NULL;
    transport_sim_revive(sim->transport);
    controller_begin(sim, HANDOVER_WAIT_MS);
}

static struct transport_sim *create_transport(struct sim *sim)
{
    struct transport_config config = {
        .api = sim->api,
        .timers = &sim->timers,
        .seed = sim->config.seed,
        .latency_ms = sim->config.latency_ms,
        .crash = sim->config.crash,
        .faults = sim->config.faults,
        .late_commit_ms = sim->config.late_commit_ms,
        .receiver = {.ctx = sim,
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

struct sim *sim_create(const struct sim_config *config)
{
    struct sim *sim = mem_alloc(sizeof(*sim));
    sim->config = *config;
    sim->zones = zoneinfo_source();
    timers_init(&sim->timers, config->start_ms);
    trace_init(&sim->trace, config->start_ms);
    struct fakeapi_config api_config = {.timers = &sim->timers,
                                        .seed = config->seed,
                                        .catalogue = config->catalogue,
                                        .history_max = config->history_max,
                                        .audit_max = config->audit_max,
                                        .first_version = config->first_version};
    sim->api = fakeapi_create(&api_config);
    fakeapi_observe(sim->api, on_request, sim);
    struct world_config world_config = {
        .api = sim->api,
        .timers = &sim->timers,
        .seed = config->seed,
        .rules = config->rules,
        .rule_count = config->rule_count,
    };
    sim->world = world_create(&world_config);
    sim->transport = create_transport(sim);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (sim == NULL)
        return;
    transport_sim_kill(sim->transport);
    controller_free(sim->controller);
    transport_sim_free(sim->transport);
    world_free(sim->world);
    fakeapi_free(sim->api);
    timers_release(&sim->timers);
    trace_release(&sim->trace);
    mem_free(sim->wakeups_ms);
    mem_free(sim);
}

struct fakeapi *sim_api(struct sim *sim)
{
    return sim->api;
}

struct timers *sim_timers(struct sim *sim)
{
    return &sim->timers;
}

struct world *sim_world(struct sim *sim)
{
    return sim->world;
}

int sim_user_request(struct sim *sim, const char *method, struct str target,
                     const char *content_type, struct str body,
                     struct fakeapi_response *ret_response)
{
    struct fakeapi_request request = {
        .method = method,
        .target = target,
        .content_type = str_from(content_type),
        .user_agent = STR(USER_AGENT_OF_USERS),
        .body = body,
    };
    struct fakeapi_response response;
    fakeapi_handle(sim->api, &request, &response);
    int status = response.status;
    if (ret_response != NULL)
        *ret_response = response;
    else
        fakeapi_response_release(&response);
    return status;
}

void sim_start_world(struct sim *sim)
{
    world_start(sim->world);
}

void sim_start_controller(struct sim *sim)
{
    ASSERT(sim->controller == NULL);
    trace_controller(&sim->trace, sim->timers.now_ms, "starts");
    controller_begin(sim, 0);
}

void sim_restart_controller(struct sim *sim)
{
    controller_restart(sim);
}

static void trace_new_deployments(struct sim *sim)
{
    size_t count = world_deployment_count(sim->world);
    for (; sim->deployments_traced < count; sim->deployments_traced++)
        trace_deployment(&sim->trace, world_deployment_at(sim->world, sim->deployments_traced));
}

static void reach_the_end(void *ctx)
{
    (void)ctx; /* only moves the clock there */
}

enum err sim_run_until(struct sim *sim, int64_t wall_ms, struct errmsg *msg)
{
    struct timers *timers = &sim->timers;
    int64_t instant_ms = INT64_MIN;
    unsigned events = 0;
    (void)timers_add(timers, wall_ms, reach_the_end, NULL);
    while (timers_next_ms(timers) <= wall_ms && timers_run_next(timers)) {
        trace_new_deployments(sim);
        events = timers->now_ms == instant_ms ? events + 1 : 1;
        instant_ms = timers->now_ms;
        if (events > SIM_EVENTS_PER_INSTANT_MAX)
            return err_set(msg, ERR_LIMIT,
                           "livelock: more than %u events at +%" PRId64 " ms without time passing",
                           SIM_EVENTS_PER_INSTANT_MAX, instant_ms - sim->config.start_ms);
    }
    return ERR_NONE;
}

int64_t sim_now_ms(const struct sim *sim)
{
    return sim->timers.now_ms;
}

int64_t sim_start_ms(const struct sim *sim)
{
    return sim->config.start_ms;
}

struct sim_counts sim_counts(const struct sim *sim)
{
    struct sim_counts counts = transport_sim_counts(sim->transport);
    counts.writes = sim->writes;
    return counts;
}

bool sim_crashed(const struct sim *sim)
{
    return transport_sim_crashed(sim->transport);
}

const struct controller *sim_controller(const struct sim *sim)
{
    return sim->controller;
}

uint64_t sim_trace_hash(const struct sim *sim)
{
    return sim->trace.hash;
}

void sim_trace_to(struct sim *sim, struct buf *out)
{
    sim->trace.out = out;
}

void sim_evidence(const struct sim *sim, struct evidence *ret_evidence)
{
    size_t record_count = 0;
    const struct transport_record *records = transport_sim_records(sim->transport, &record_count);
    *ret_evidence = (struct evidence){
        .api = sim->api,
        .world = sim->world,
        .exchanges = records,
        .exchange_count = record_count,
        .by_told = true,
        .wakeups_ms = sim->wakeups_ms,
        .wakeup_count = sim->wakeup_count,
        .user_agent = STR(TRANSPORT_USER_AGENT),
        .quiet_from_ms = KTIME_NEVER,
        .now_ms = sim->timers.now_ms,
    };
}
