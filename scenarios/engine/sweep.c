#include "scenarios/engine/sweep.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "scenarios/engine/sweep_jobs.h"
#include "scenarios/engine/sweep_outcome.h"

/* One place in one story, and what happens there. */
struct point {
    struct sim_crash crash;             /* SIM_CRASH_NONE: a fault */
    const struct sim_fault_name *fault; /* NULL: a crash */
    unsigned nth;                       /* of a fault */
    char *prose; /* owned: "before request 12 (PATCH ...) is sent" */
};

struct points {
    struct point *items;
    size_t count;
    size_t capacity;
    size_t total; /* before a cap */
};

/* A story with its undisturbed run, inherited by the processes that disturb it. */
struct stage {
    const struct sweep_story *story;
    struct mask mask;
    struct outcome undisturbed;
    struct points points;
    bool faults;
};

#define POINTS_MAX 1000000u

static void points_add(struct points *points, enum sim_crash_point point, unsigned nth,
                       char *prose)
{
    points->items = mem_grow_array(points->items, points->count, &points->capacity,
                                   sizeof(*points->items), POINTS_MAX);
    points->items[points->count++] =
        (struct point){.crash = {.point = point, .nth = nth}, .prose = prose};
}

static void points_add_fault(struct points *points, const struct sim_fault_name *fault,
                             unsigned nth, char *prose)
{
    points->items = mem_grow_array(points->items, points->count, &points->capacity,
                                   sizeof(*points->items), POINTS_MAX);
    points->items[points->count++] = (struct point){.fault = fault, .nth = nth, .prose = prose};
}

static void points_of_request(struct points *points, unsigned nth,
                              const struct transport_record *record, int64_t start_ms)
{
    static const struct {
        enum sim_crash_point point;
        const char *prose;
    } KINDS[] = {
        {SIM_CRASH_BEFORE_SEND, "instead of sending"},
        {SIM_CRASH_AFTER_COMMIT, "after the commit and before the answer of"},
        {SIM_CRASH_AFTER_ANSWER, "after the answer of"},
        {SIM_CRASH_LATE_COMMIT, "before the commit, which comes after the restart, of"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(KINDS); i++) {
        /* A read that comes late is one that was never sent. */
        if (KINDS[i].point == SIM_CRASH_LATE_COMMIT && !record->is_write)
            continue;
        int64_t offset_ms = record->submitted_ms - start_ms;
        points_add(points, KINDS[i].point, nth,
                   str_format("%s request %u (%s %s at +%" PRId64 ".%03ds)", KINDS[i].prose, nth,
                              record->method, record->target, offset_ms / 1000,
                              (int)(offset_ms % 1000)));
    }
}

static void points_list(struct points *points, const struct sim *sim)
{
    struct evidence evidence;
    struct sim_counts counts = sim_counts(sim);
    sim_evidence(sim, &evidence);
    for (size_t i = 0; i < evidence.exchange_count; i++)
        points_of_request(points, (unsigned)i + 1, &evidence.exchanges[i], sim_start_ms(sim));
    for (unsigned i = 1; i <= counts.deliveries; i++)
        points_add(points, SIM_CRASH_AT_DELIVERY, i,
                   str_format("instead of receiving delivery %u of watched events", i));
    for (unsigned i = 1; i <= counts.timers; i++)
        points_add(points, SIM_CRASH_AT_TIMER, i,
                   str_format("instead of its own wake-up %u", i));
    points->total = points->count;
}

static void faults_of_request(struct points *points, unsigned nth,
                              const struct transport_record *record, int64_t start_ms)
{
    int64_t offset_ms = record->submitted_ms - start_ms;
    for (size_t i = 0; i < SIM_FAULT_NAME_COUNT; i++) {
        const struct sim_fault_name *fault = &SIM_FAULT_NAMES[i];
        if (sim_fault_is_of_watch(fault->fault.kind) || (fault->writes_only && !record->is_write) ||
            (fault->reads_only && record->is_write))
            continue;
        points_add_fault(points, fault, nth,
                         str_format("%s at request %u (%s %s at +%" PRId64 ".%03ds)", fault->name,
                                    nth, record->method, record->target, offset_ms / 1000,
                                    (int)(offset_ms % 1000)));
    }
}

static void points_list_faults(struct points *points, const struct sim *sim)
{
    struct evidence evidence;
    unsigned deliveries = sim_counts(sim).deliveries;
    sim_evidence(sim, &evidence);
    for (size_t i = 0; i < evidence.exchange_count; i++)
        faults_of_request(points, (unsigned)i + 1, &evidence.exchanges[i], sim_start_ms(sim));
    for (unsigned nth = 1; nth <= deliveries; nth++) {
        for (size_t i = 0; i < SIM_FAULT_NAME_COUNT; i++) {
            const struct sim_fault_name *fault = &SIM_FAULT_NAMES[i];
            if (sim_fault_is_of_watch(fault->fault.kind))
                points_add_fault(
                    points, fault, nth,
                    str_format("%s at delivery %u of watched events", fault->name, nth));
        }
    }
    points->total = points->count;
}

/* Keeps `count_max` points, spread evenly over all kinds. */
static void points_cap(struct points *points, size_t count_max)
{
    if (count_max == 0 || points->count <= count_max)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < points->count; i++) {
        if (i * count_max / points->count == kept && kept < count_max)
            points->items[kept++] = points->items[i];
        else
            mem_free(points->items[i].prose);
    }
    points->count = kept;
}

static void points_release(struct points *points)
{
    for (size_t i = 0; i < points->count; i++)
        mem_free(points->items[i].prose);
    mem_free(points->items);
    *points = (struct points){0};
}

static void report_point(const struct stage *stage, const struct point *point,
                         const struct buf *found, struct buf *out)
{
    buf_printf(out, "DIFFERS %s: %s%s\n", stage->story->name,
               point->fault == NULL ? "the controller is killed " : "", point->prose);
    buf_append(out, buf_str(found));
    buf_printf(out, "  reproduce: promosim run --seed %" PRIu64 " --%s ", stage->story->seed,
               point->fault == NULL ? "crash" : "fault");
    if (point->fault == NULL)
        sim_crash_print(point->crash, out);
    else
        buf_printf(out, "%s:%u", point->fault->name, point->nth);
    buf_printf(out, " %s\n", stage->story->path);
}

static void compare_run(const struct stage *stage, const struct sim *sim, struct buf *found)
{
    struct outcome actual;
    outcome_collect(&stage->mask, sim, &actual);
    if (stage->faults)
        outcome_compare_end(&stage->undisturbed, &actual, found);
    else
        outcome_compare(&stage->undisturbed, &actual, found);
    outcome_release(&actual);
}

/* One walk through a story, and what became of it. */
struct walk {
    const struct stage *stage;
    struct sweep_worker *worker;
    const struct point *point; /* where this process branched off; NULL: nowhere yet */
};

/* The hook of the walk: branches off at each point of the list. */
static bool walk_branches(void *ctx, enum sim_crash_point crash_point, unsigned nth)
{
    struct walk *walk = ctx;
    const struct points *points = &walk->stage->points;
    for (size_t i = 0; i < points->count; i++) {
        const struct point *point = &points->items[i];
        if (point->fault != NULL || point->crash.point != crash_point || point->crash.nth != nth)
            continue;
        if (!sweep_branch(walk->worker, i))
            return false;
        walk->point = point;
        return true;
    }
    return false;
}

/* The same for faults; a branch is struck only once. */
static bool walk_strikes(void *ctx, const struct sim_passage *passage, struct sim_fault *ret_fault)
{
    struct walk *walk = ctx;
    const struct points *points = &walk->stage->points;
    for (size_t i = 0; i < points->count && walk->point == NULL; i++) {
        const struct point *point = &points->items[i];
        if (point->fault == NULL || point->nth != passage->nth ||
            sim_fault_is_of_watch(point->fault->fault.kind) != passage->is_delivery)
            continue;
        if (!sweep_branch(walk->worker, i))
            continue;
        walk->point = point;
        *ret_fault = point->fault->fault;
        return true;
    }
    return false;
}

static void walk_story(void *ctx, struct sweep_worker *worker)
{
    const struct stage *stage = ctx;
    struct walk walk = {.stage = stage, .worker = worker};
    struct sim_crash_hook crash_hook = {.ctx = &walk, .dies = walk_branches};
    struct sim_fault_hook fault_hook = {.ctx = &walk, .strikes = walk_strikes};
    struct sweep_disturbance disturbance = {.faults = stage->faults ? &fault_hook : NULL};
    struct errmsg msg = {{0}};
    struct sim *sim = NULL;
    if (!stage->faults)
        disturbance.crash.hook = &crash_hook;
    enum err err = stage->story->play(stage->story->ctx, &disturbance, &sim, &msg);
    if (walk.point == NULL) {
        sim_free(sim);
        return;
    }
    /* A branch ends with its process and frees nothing: that would only copy pages. */
    struct buf found;
    struct buf report;
    buf_init(&found, SWEEP_REPORT_BYTES_MAX / 2);
    buf_init(&report, SWEEP_REPORT_BYTES_MAX);
    if (err != ERR_NONE)
        buf_printf(&found, "  the run failed: %s: %s\n", err_name(err), msg.text);
    else
        compare_run(stage, sim, &found);
    if (found.len > 0)
        report_point(stage, walk.point, &found, &report);
    sweep_branch_end(worker, &report);
}

static bool stage_prepare(struct stage *stage, const struct sweep_options *options)
{
    struct errmsg msg = {{0}};
    struct sim *sim = NULL;
    struct sweep_disturbance none = {.faults = NULL};
    enum err err = stage->story->play(stage->story->ctx, &none, &sim, &msg);
    if (err != ERR_NONE) {
        (void)fprintf(options->out, "FAILED %s, undisturbed: %s: %s\n", stage->story->name,
                      err_name(err), msg.text);
        sim_free(sim);
        return false;
    }
    outcome_collect(&stage->mask, sim, &stage->undisturbed);
    if (stage->faults)
        points_list_faults(&stage->points, sim);
    else
        points_list(&stage->points, sim);
    points_cap(&stage->points, options->points_max);
    sim_free(sim);
    return true;
}

/* What is wrong without any crash is not a difference, but nothing can be compared with it. */
static bool stage_is_sound(const struct stage *stage, FILE *out)
{
    struct buf text;
    if (stage->undisturbed.verdict.total == 0)
        return true;
    buf_init(&text, SWEEP_REPORT_BYTES_MAX);
    verdict_print(&stage->undisturbed.verdict, stage->undisturbed.start_ms, &text);
    (void)fprintf(out, "FAILED %s, undisturbed, breaks invariants:\n%s", stage->story->name,
                  text.data);
    buf_release(&text);
    return false;
}

static void stage_explore(struct stage *stage, const struct sweep_options *options,
                          struct sweep_result *result)
{
    size_t count = stage->points.count;
    size_t differences = 0;
    char **reports = mem_alloc_array(count + 1, sizeof(*reports));
    sweep_jobs_run(options->jobs, count, walk_story, stage, reports);
    for (size_t i = 0; i < count; i++) {
        if (reports[i] == NULL)
            continue;
        differences++;
        if (str_starts_with(str_from(reports[i]), STR(" "))) {
            struct buf found = {.data = reports[i], .len = strlen(reports[i])};
            struct buf text;
            buf_init(&text, SWEEP_REPORT_BYTES_MAX);
            report_point(stage, &stage->points.items[i], &found, &text);
            (void)fputs(text.data, options->out);
            buf_release(&text);
        } else {
            (void)fputs(reports[i], options->out);
        }
        mem_free(reports[i]);
    }
    mem_free(reports);
    (void)fprintf(options->out, "%s %s: %zu of %zu %s points explored, %zu differences\n",
                  differences == 0 ? "SAME" : "DIFFERS", stage->story->name, count,
                  stage->points.total, options->faults ? "fault" : "crash", differences);
    result->differences += differences;
}

static void sweep_story_run(const struct sweep_story *story, const struct sweep_options *options,
                            struct sweep_result *result)
{
    struct stage stage = {.story = story, .faults = options->faults};
    mask_init(&stage.mask);
    map_init(&stage.undisturbed.objects);
    map_init(&stage.undisturbed.writes);
    if (!stage_prepare(&stage, options) || !stage_is_sound(&stage, options->out)) {
        result->failed_stories++;
    } else {
        result->points += stage.points.count;
        result->points_total += stage.points.total;
        stage_explore(&stage, options, result);
    }
    points_release(&stage.points);
    outcome_release(&stage.undisturbed);
    mask_release(&stage.mask);
}

/* What a sweep leaves out. */
static void print_scope(const struct sweep_options *options)
{
    if (options->faults)
        (void)fprintf(options->out,
                      "every story is played until it has rested for %d minutes at most; times, "
                      "transitions, Events and counts of writes are not compared; conflicts and "
                      "late commits strike writes only\n",
                      (int)(SWEEP_FAULTS_QUIET_MS / 60000));
    else
        (void)fprintf(options->out,
                      "every story is played until it has rested for %d minutes at most; reads "
                      "that would commit late are left out, since nobody sees them\n",
                      (int)(SWEEP_QUIET_MS / 60000));
}

void sweep_run(const struct sweep_story *stories, size_t story_count,
               const struct sweep_options *options, struct sweep_result *ret_result)
{
    struct sweep_result result = {0};
    print_scope(options);
    for (size_t i = 0; i < story_count; i++)
        sweep_story_run(&stories[i], options, &result);
    if (result.points < result.points_total)
        (void)fprintf(options->out, "%zu of ", result.points);
    (void)fprintf(options->out, "%zu %s points of %zu scenarios, %zu differences%s\n",
                  result.points_total, options->faults ? "fault" : "crash", story_count,
                  result.differences,
                  result.points < result.points_total ? " (capped: not exhaustive)" : "");
    if (result.failed_stories > 0)
        (void)fprintf(options->out, "%zu scenarios failed undisturbed\n", result.failed_stories);
    *ret_result = result;
}
