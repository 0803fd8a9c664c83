#include "fakeapi/sveltos/deploy.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/landing.h"
#include "fakeapi/sveltos/spec_render.h"
#include "fakeapi/sveltos/troubles.h"

static void clear_job(struct job *job)
{
    json_free(job->content);
    mem_free(job->conflict);
    job->content = NULL;
    job->conflict = NULL;
}

static void state_free(struct summary_state *state)
{
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        timers_cancel(state->addon->timers, state->jobs[i].timer);
        clear_job(&state->jobs[i]);
    }
    mem_free(state->key);
    mem_free(state->profile);
    mem_free(state->cluster_namespace);
    mem_free(state->cluster);
    mem_free(state->cluster_type);
    mem_free(state);
}

struct summary_state *summary_state_of(struct addon *addon, const struct json *summary)
{
    char *key = object_key(summary);
    struct summary_state *state = map_get(&addon->states, str_from(key));
    if (state != NULL) {
        mem_free(key);
        return state;
    }
    state = mem_alloc(sizeof(*state));
    state->addon = addon;
    state->key = key;
    state->profile = str_dup(object_label(summary, LABEL_PROFILE_NAME));
    state->cluster_namespace = str_dup(json_text_at(summary, "spec.clusterNamespace"));
    state->cluster = str_dup(json_text_at(summary, "spec.clusterName"));
    state->cluster_type = str_dup(json_text_at(summary, "spec.clusterType"));
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
        state->jobs[feature].state = state;
        state->jobs[feature].feature = feature;
    }
    map_put(&addon->states, str_from(key), state);
    return state;
}

void summary_state_forget(struct addon *addon, const struct json *summary)
{
    char *key CLEANUP(mem_free_pointer) = object_key(summary);
    struct summary_state *state = map_remove(&addon->states, str_from(key));
    if (state != NULL)
        state_free(state);
}

void summary_state_forget_all(struct addon *addon)
{
    MAP_EACH(entry, &addon->states)
        state_free(map_entry_value(entry));
    map_release(&addon->states);
    map_init(&addon->states);
}

struct site summary_state_site(const struct summary_state *state)
{
    return (struct site){str_from(state->profile), str_from(state->cluster_namespace),
                         str_from(state->cluster), str_from(state->cluster_type)};
}

static void tell_ground_truth(const struct job *job)
{
    const struct summary_state *state = job->state;
    struct world_deployment deployment = {
        .at_ms = state->addon->timers->now_ms,
        .cluster_namespace = str_from(state->cluster_namespace),
        .cluster = str_from(state->cluster),
        .cluster_type = str_from(state->cluster_type),
        .profile = str_from(state->profile),
        .feature = str_from(feature_id(job->feature)),
        .configuration = str_from(job->configuration),
        .withdrawn = job->withdraw,
        .failed = job->fate.fails || job->fate.unhealthy,
        .unhealthy = job->fate.unhealthy && !job->fate.fails && !job->fate.held,
    };
    ground_truth_add(state->addon->ground_truth, &deployment);
}

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What is really done to the cluster. */
static void land(struct job *job)
{
    if (job->withdraw && !job->fate.held)
        landing_withdraw(job);
    else if (!job->fate.fails && !job->fate.held)
        landing_deploy(job);
    struct site site = summary_state_site(job->state);
    json_free(job->content);
    job->content = NULL;
    cluster_configuration_note(job->state->addon, &site);
    tell_ground_truth(job);
}

/* False when the summary turns out to be gone, and all that is remembered of it. */
static bool is_wanted_still(const struct job *job)
{
    const struct summary_state *state = job->state;
    struct addon *addon = state->addon;
    char *key CLEANUP(mem_free_pointer) = str_dup(str_from(state->key));
    addon_sync(addon);
    return map_get(&addon->states, str_from(key)) == state;
}

static void on_job_end(void *ctx)
{
    struct job *job = ctx;
    struct summary_state *state = job->state;
    job->timer = 0;
    job->phase = JOB_ENDED;
    if (!is_wanted_still(job))
        return;
    if (!job->dry_run)
        land(job);
    queue_add(&state->addon->summary_queue, str_from(state->key),
              later_of(state->addon->timers->now_ms,
                       later_of(state->next_pass_ms, state->blind_until_ms)));
}

static struct job_fate fate_of(const struct summary_state *state, const struct job_order *order)
{
    struct addon *addon = state->addon;
    struct site site = summary_state_site(state);
    struct str hash = str_from(order->hash);
    struct job_fate fate =
        weather_of_job(addon->weather, &site, order->feature, hash, order->withdraw);
    struct trouble_job job = {&site, order->feature, hash, order->spec, addon->timers->now_ms};
    if (order->again && !order->withdraw)
        fate.takes_ms = later_of(fate.takes_ms, JOB_AGAIN_TAKES_MIN_MS);
    if (order->withdraw)
        trouble_of_withdrawal(addon->weather, &job, &fate);
    else
        trouble_of_job(addon->weather, &job, &fate);
    return fate;
}

void job_start(struct summary_state *state, const struct job_order *order)
{
    struct addon *addon = state->addon;
    struct job *job = &state->jobs[order->feature];
    ASSERT(job->phase != JOB_RUNNING);
    clear_job(job);
    job->phase = JOB_RUNNING;
    job->withdraw = order->withdraw;
    job->dry_run = str_is(json_text_at(order->spec, "syncMode"), "DryRun");
    job->continue_on_conflict = json_bool_of(json_get(order->spec, "continueOnConflict"));
    job->tier = item_tier(order->spec);
    if (feature_content(order->spec, order->feature) != NULL && !order->withdraw)
        job->content = json_clone(feature_content(order->spec, order->feature));
    snprintf(job->hash, sizeof(job->hash), "%s", order->hash);
    profile_spec_digest(order->spec, job->configuration);
    job->fate = fate_of(state, order);
    job->timer = timers_add(addon->timers, addon->timers->now_ms + job->fate.takes_ms, on_job_end,
                            job);
}
