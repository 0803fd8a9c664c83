/*
 * Between the rooms that draw a story: explore_draw.c (what there is), explore_users.c (what
 * people do), explore_faults.c (what goes wrong).
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_EXPLORE_ROOMS_H
#define PROMOTER_SCENARIOS_ENGINE_EXPLORE_ROOMS_H

#include "controller/base/rng.h"
#include "scenarios/engine/explore_draw.h"

#define EXPLORE_STAGES_MAX 4u
#define EXPLORE_CLUSTERS_MAX 3u /* of a stage */

struct draw {
    struct rng rng;
    struct buf *out;     /* the story */
    struct buf *options;
    uint64_t seed;
    unsigned stage_count;
    unsigned cluster_counts[EXPLORE_STAGES_MAX];
    bool has_second;     /* a second promotion, "api", beside "web" */
    bool is_capi[EXPLORE_STAGES_MAX]; /* its clusters are of Cluster API */
    bool clusters_suffer; /* users make some not ready, paused or down */
    bool summaries_deleted; /* by users */
    unsigned additions;  /* so far: names of what is added must differ */
};

void draw_script(struct draw *draw);
void draw_faults(struct draw *draw);
/* A trigger for stage.trigger, "{auto: ...}", or "{}" for none. */
void draw_trigger(struct draw *draw);
/* A profileSpec in flow style. */
void draw_profile_spec(struct draw *draw);

unsigned draw_below(struct draw *draw, unsigned bound);
bool draw_chance(struct draw *draw, unsigned percent);
/* One of a list of texts. */
const char *draw_text(struct draw *draw, const char *const *texts, size_t count);
#define DRAW(draw, texts) draw_text((draw), (texts), ARRAY_COUNT(texts))
/* Bit i: kind i is on; never none of `count`. */
uint64_t draw_swarm(struct draw *draw, unsigned count);
/* Which of the kinds that are on. */
unsigned draw_kind(struct draw *draw, uint64_t on, unsigned count);
/* "c1-2" of "n1" with its kind; of a cluster that mostly exists. */
struct drawn_cluster {
    unsigned stage, number;
};
struct drawn_cluster draw_cluster(struct draw *draw);
const char *draw_promotion(struct draw *draw);

#endif
