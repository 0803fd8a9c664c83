/*
 * What became of releases and resources on the clusters of a small world, as text: one line for
 * each change, "SECONDS CLUSTER PROFILE EVENT ITEM".
 */
#ifndef PROMOTER_TESTS_TESTLIB_WORLD_ITEMS_H
#define PROMOTER_TESTS_TESTLIB_WORLD_ITEMS_H

#include "tests/testlib/world.h"

static inline const char *item_event_name(enum world_item_event event)
{
    static const char *const names[] = {
        [WORLD_ITEM_DEPLOYED] = "deploys",
        [WORLD_ITEM_TAKEN_OVER] = "takes over",
        [WORLD_ITEM_WITHDRAWN] = "withdraws",
        [WORLD_ITEM_LEFT] = "leaves",
        [WORLD_ITEM_EDITED] = "edited",
    };
    return names[event];
}

#define assert_items(stage, expected) \
    stage_assert_items((stage), (expected), __FILE__, __LINE__)
static inline void stage_assert_items(struct stage *stage, const char *expected, const char *file,
                                      int line)
{
    struct buf text;
    buf_init(&text, 1u << 20);
    for (size_t i = 0; i < world_item_change_count(stage->world); i++) {
        const struct world_item_change *change = world_item_change_at(stage->world, i);
        buf_printf(&text, "%" PRId64 " %.*s %.*s %s %.*s\n",
                   (change->at_ms - STAGE_START_MS) / 1000, STR_ARGS(change->cluster),
                   STR_ARGS(change->profile), item_event_name(change->event),
                   STR_ARGS(change->item));
    }
    test_assert_str(buf_str(&text), expected, file, line);
    buf_release(&text);
}

#endif
