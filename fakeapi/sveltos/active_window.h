/*
 * Sveltos' keeper of clusters, as far as it pauses them outside their active window. Windows come
 * from the rules of the world, as offsets from its start: the cron texts of spec.activeWindow are
 * not read. It acts at once where Sveltos looks every 10 s. Source: facts, section 8.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_ACTIVE_WINDOW_H
#define PROMOTER_FAKEAPI_SVELTOS_ACTIVE_WINDOW_H

#include "fakeapi/sveltos/informer.h"
#include "fakeapi/sveltos/queue.h"
#include "fakeapi/sveltos/world.h"

struct active_window {
    struct client client;
    struct timers *timers;          /* borrowed */
    const struct world_rule *rules; /* borrowed */
    size_t rule_count;
    int64_t origin_ms;              /* offsets count from here */
    struct informer clusters;       /* keys "NAMESPACE/NAME" */
    struct queue queue;
};

void active_window_init(struct active_window *window, const struct world_config *config);
void active_window_release(struct active_window *window);
/* Does nothing, at no cost, in a world without windows. */
void active_window_start(struct active_window *window);
void active_window_stop(struct active_window *window);

#endif
