#include "scenarios/engine/sim_rooms.h"

#include "controller/base/mem.h"
#include "scenarios/engine/checkers.h"
#include "scenarios/engine/zoneinfo.h"

#define USER_AGENT_OF_USERS "kubectl/v1.33.0"

static void on_request(void *ctx, size_t audit_index)
{
    struct sim *sim = ctx;
    const struct fakeapi_audit *audit = fakeapi_audit_at(sim->api, audit_index);
    if (audit->changed && str_starts_with(audit->user_agent, STR(TRANSPORT_USER_AGENT)) &&
        !str_is(audit->kind, "Event"))
        sim->writes++;
    trace_request(&sim->trace, audit);
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
                                        .first_version = config->first_version,
                                        .expires_events = config->expires_events};
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
    (void)sim_replica_add(sim);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (sim == NULL)
        return;
    for (size_t i = 0; i < sim->replica_count; i++)
        sim_replica_release(&sim->replicas[i]);
    transport_records_release(&sim->records);
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
    struct replica *replica = &sim->replicas[sim->active];
    ASSERT(replica->controller == NULL);
    trace_controller(&sim->trace, sim->timers.now_ms, "starts");
    sim_replica_begin(replica, 0);
}

void sim_restart_controller(struct sim *sim)
{
    sim_replica_restart(&sim->replicas[sim->active]);
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
    struct sim_counts counts = sim->records.counts;
    counts.writes = sim->writes;
    return counts;
}

bool sim_crashed(const struct sim *sim)
{
    for (size_t i = 0; i < sim->replica_count; i++) {
        if (transport_sim_crashed(sim->replicas[i].transport))
            return true;
    }
    return false;
}

const struct controller *sim_controller(const struct sim *sim)
{
    return sim->replicas[sim->active].controller;
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
    *ret_evidence = (struct evidence){
        .api = sim->api,
        .world = sim->world,
        .exchanges = sim->records.items,
        .exchange_count = sim->records.count,
        .by_told = true,
        .wakeups_ms = sim->wakeups_ms,
        .wakeup_count = sim->wakeup_count,
        .user_agent = STR(TRANSPORT_USER_AGENT),
        .quiet_from_ms = KTIME_NEVER,
        .now_ms = sim->timers.now_ms,
    };
}
