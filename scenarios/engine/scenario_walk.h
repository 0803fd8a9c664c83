/*
 * Which scenario files a command line means: a file is itself, a directory is all *.yaml
 * under it, sorted bytewise.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SCENARIO_WALK_H
#define PROMOTER_SCENARIOS_ENGINE_SCENARIO_WALK_H

#include "scenarios/engine/scenario.h"

#define WALK_DEPTH_MAX 16u
#define WALK_FILES_MAX 100000u

struct scenario_list {
    struct scenario **items; /* owned, in order of the command line */
    size_t count;
    size_t capacity;
    struct fakeapi_catalogue *catalogue; /* owned; shared by all of them */
    unsigned invalid; /* files that were told to `errors` and left out */
};

/* Loads all of them. In a directory, files that do not claim to be scenarios (manifests,
 * fleets), hidden ones, and directories named `canary` are passed over. One line is appended
 * to `errors` for each file that is wrong and for each path that leads to no scenario. */
void scenario_list_load(const char *const *paths, size_t path_count,
                        struct scenario_list *ret_list, struct buf *errors);
void scenario_list_release(struct scenario_list *list);

#endif
