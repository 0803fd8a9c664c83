/* What is served: the API, and the world behind it. */
#include "controller/base/mem.h"
#include "fakeapi/daemon/daemon.h"
#include "fakeapi/daemon/load.h"
#include "scenarios/engine/sim.h"

struct fakeapi *setting_api(struct setting *setting)
{
    return setting->sim != NULL ? sim_api(setting->sim) : setting->own_api;
}

struct timers *setting_timers(struct setting *setting)
{
    return setting->sim != NULL ? sim_timers(setting->sim) : &setting->own_timers;
}

static enum err load_paths(struct setting *setting, const struct option_texts *paths,
                           struct errmsg *msg)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; i < paths->count && err == ERR_NONE; i++)
        err = load_path(setting_api(setting), paths->items[i], msg);
    return err;
}

/* A fleet is a scenario in which nothing happens, now. */
static enum err read_fleet(const char *path, struct scenario **ret_scenario, struct errmsg *msg)
{
    struct scenario *scenario = mem_alloc(sizeof(*scenario));
    expect_init(&scenario->expect);
    scenario->seed = 1;
    scenario->start_ms = clock_of_machine_ms();
    *ret_scenario = scenario;
    enum err err = source_load(path, &scenario->fleet_file, msg);
    if (err == ERR_NONE)
        err = scenario_read_fleet_file(&scenario->fleet_file, &scenario->fleet, &scenario->rules,
                                       &scenario->rule_count, msg);
    return err;
}

/* Without a wish of its own a server begins with the milliseconds of the day (of 25 hours): behind
 * all that one before it gave away, and so far below 10^8 that clients can name the future. */
#define VERSIONS_A_DAY 90000000u

static uint64_t version_of_time(int64_t at_ms) { return (uint64_t)at_ms % VERSIONS_A_DAY; }

int64_t setting_versions_ahead_ms(struct setting *setting)
{
    if (!setting->counts_from_time)
        return 0;
    uint64_t given = fakeapi_resource_version(setting_api(setting));
    return (int64_t)given - (int64_t)version_of_time(clock_of_machine_ms());
}

static void create_api(const struct flags *flags, struct setting *setting)
{
    int64_t now_ms = clock_of_machine_ms();
    const struct scenario *scenario = setting->scenario;
    uint64_t first_version = flags->first_version.given ? flags->first_version.value
                                                        : version_of_time(now_ms);
    setting->counts_from_time = !flags->first_version.given;
    setting->catalogue = fakeapi_catalogue_create();
    if (scenario != NULL) {
        setting->sim = sim_create(&(struct sim_config){.seed = scenario->seed,
                                                       .catalogue = setting->catalogue,
                                                       .start_ms = scenario->start_ms,
                                                       .history_max = flags->history,
                                                       .audit_max = DAEMON_AUDIT_MAX,
                                                       .first_version = first_version,
                                                       .expires_events = true,
                                                       .rules = scenario->rules,
                                                       .rule_count = scenario->rule_count});
        return;
    }
    timers_init(&setting->own_timers, now_ms);
    setting->own_api = fakeapi_create(&(struct fakeapi_config){.timers = &setting->own_timers,
                                                               .seed = (uint64_t)now_ms,
                                                               .catalogue = setting->catalogue,
                                                               .history_max = flags->history,
                                                               .audit_max = DAEMON_AUDIT_MAX,
                                                               .first_version = first_version,
                                                               .collects_garbage = true,
                                                               .expires_events = true});
}

static enum err create_objects(struct setting *setting, struct errmsg *msg)
{
    const struct scenario *scenario = setting->scenario;
    enum err err = fleet_create(&scenario->fleet, setting->sim, msg);
    for (size_t i = 0; i < scenario->given_count && err == ERR_NONE; i++)
        err = manifest_create(&scenario->given[i], setting->sim, false, NULL, msg);
    return err;
}

enum err setting_create(const struct flags *flags, struct setting *ret_setting, struct errmsg *msg)
{
    struct setting *setting = ret_setting;
    enum err err = ERR_NONE;
    *setting = (struct setting){0};
    if (flags->scenario != NULL)
        err = scenario_load(flags->scenario, &setting->scenario, msg);
    else if (flags->fleet != NULL)
        err = read_fleet(flags->fleet, &setting->scenario, msg);
    if (err != ERR_NONE)
        return err;
    create_api(flags, setting);
    err = load_paths(setting, &flags->crds, msg);
    if (err == ERR_NONE && setting->scenario != NULL)
        err = create_objects(setting, msg);
    if (err == ERR_NONE)
        err = load_paths(setting, &flags->manifests, msg);
    if (err != ERR_NONE || setting->scenario == NULL)
        return err;
    sim_start_world(setting->sim);
    script_start(&setting->scenario->script, setting->sim, setting->scenario->start_ms,
                 &setting->script);
    return ERR_NONE;
}

bool setting_failed(struct setting *setting, struct errmsg *msg)
{
    if (setting->script.failure == ERR_NONE)
        return false;
    *msg = setting->script.msg;
    setting->script.failure = ERR_NONE;
    return true;
}

void setting_release(struct setting *setting)
{
    script_run_release(&setting->script);
    sim_free(setting->sim);
    fakeapi_free(setting->own_api);
    timers_release(&setting->own_timers);
    scenario_free(setting->scenario);
    fakeapi_catalogue_free(setting->catalogue);
    *setting = (struct setting){0};
}
