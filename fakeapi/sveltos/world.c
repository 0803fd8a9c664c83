#include "fakeapi/sveltos/world.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/addon.h"
#include "fakeapi/sveltos/gc.h"

struct world {
    struct weather weather;
    struct ground_truth ground_truth;
    struct addon addon;
    struct gc gc;
    bool started;
    bool down;
};

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
    gc_init(&world->gc, config->api, config->timers);
    return world;
}

void world_free(struct world *world)
{
    if (world == NULL)
        return;
    addon_release(&world->addon);
    gc_release(&world->gc);
    weather_release(&world->weather);
    ground_truth_release(&world->ground_truth);
    mem_free(world);
}

void world_start(struct world *world)
{
    world->started = true;
    gc_start(&world->gc);
    if (!world->down)
        addon_start(&world->addon);
}

void world_set_down(struct world *world, bool down)
{
    if (down == world->down)
        return;
    world->down = down;
    if (!world->started)
        return;
    if (down)
        addon_stop(&world->addon);
    else
        addon_start(&world->addon);
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
