#include "fakeapi/sveltos/world.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/active_window.h"
#include "fakeapi/sveltos/addon.h"
#include "fakeapi/sveltos/gc.h"
#include "fakeapi/sveltos/promotion_stub.h"

struct world {
    struct weather weather;
    struct ground_truth ground_truth;
    struct addon addon;
    struct promotion_stub stub;
    bool has_stub;
    struct active_window active_window;
    struct gc gc;
    bool started;
    bool down;
};

static bool wants_stub(const struct world_config *config)
{
    for (size_t i = 0; i < config->rule_count; i++) {
        if (config->rules[i].promotion_stub)
            return true;
    }
    return config->promotion_stub;
}

static void start_sveltos(struct world *world)
{
    addon_start(&world->addon);
    if (world->has_stub)
        promotion_stub_start(&world->stub);
    active_window_start(&world->active_window);
}

static void stop_sveltos(struct world *world)
{
    addon_stop(&world->addon);
    promotion_stub_stop(&world->stub);
    active_window_stop(&world->active_window);
}

struct world *world_create(const struct world_config *config)
{
    struct world *world = mem_alloc(sizeof(*world));
    weather_init(&world->weather, config);
    struct addon_config addon = {
        .api = config->api,
        .timers = config->timers,
        .weather = &world->weather,
        .ground_truth = &world->ground_truth,
    };
    addon_init(&world->addon, &addon);
    promotion_stub_init(&world->stub, config->api, config->timers, &world->weather);
    world->has_stub = wants_stub(config);
    active_window_init(&world->active_window, config);
    gc_init(&world->gc, config->api, config->timers);
    return world;
}

void world_free(struct world *world)
{
    if (world == NULL)
        return;
    addon_release(&world->addon);
    promotion_stub_release(&world->stub);
    active_window_release(&world->active_window);
    gc_release(&world->gc);
    weather_release(&world->weather);
    ground_truth_release(&world->ground_truth);
    mem_free(world);
}

struct str world_capi_onboard_annotation(const struct world *world)
{
    return weather_capi_onboard_annotation(&world->weather);
}

void world_start(struct world *world)
{
    world->started = true;
    gc_start(&world->gc);
    if (!world->down)
        start_sveltos(world);
}

void world_set_down(struct world *world, bool down)
{
    if (down == world->down)
        return;
    world->down = down;
    if (!world->started)
        return;
    if (down)
        stop_sveltos(world);
    else
        start_sveltos(world);
}

bool world_edit(struct world *world, const struct world_edit *edit)
{
    return drift_edit(&world->addon.drift, edit);
}

size_t world_deployment_count(const struct world *world)
{
    return world->ground_truth.count;
}

const struct world_deployment *world_deployment_at(const struct world *world, size_t index)
{
    ASSERT(index < world->ground_truth.count);
    return world->ground_truth.records[index];
}

size_t world_item_change_count(const struct world *world)
{
    return world->ground_truth.items.change_count;
}

const struct world_item_change *world_item_change_at(const struct world *world, size_t index)
{
    ASSERT(index < world->ground_truth.items.change_count);
    return world->ground_truth.items.changes[index];
}
