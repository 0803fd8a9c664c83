#include "scenarios/engine/preview.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "scenarios/engine/run.h"
#include "scenarios/engine/timeline.h"

/* Nothing that changes for so long, and no plan to, is the end. */
#define PREVIEW_IDLE_MS (INT64_C(24) * 3600 * 1000)
/* After completion, for what still follows it. */
#define PREVIEW_AFTERMATH_MS (INT64_C(10) * 60 * 1000)

struct rehearsal {
    const struct scenario *scenario;
    struct sim *sim;
    size_t audit_cursor;
    int64_t last_change_ms; /* of anything */
};

static bool is_promotion(const struct manifest *manifest)
{
    return strcmp(manifest->kind->kind, "ClusterPromotion") == 0;
}

static enum err promotion_check(const struct scenario *scenario, struct errmsg *msg)
{
    const struct manifest *first = &scenario->given[0];
    struct reader reader = {first->source, first->document, msg};
    static const struct str wanted = {"ClusterPromotion", 16};
    for (size_t i = 0; i < scenario->given_count; i++) {
        if (is_promotion(&scenario->given[i]))
            return ERR_NONE;
    }
    return reader_mismatch(&reader, json_get(first->root, "kind"),
                           str_from(first->kind->kind), "a ClusterPromotion", &wanted, 1);
}

static void default_world(struct scenario *scenario)
{
    if (scenario->rules != NULL)
        return;
    scenario->rules = mem_alloc(sizeof(*scenario->rules));
    scenario->rules[0] = (struct world_rule){
        .has_takes = true,
        .takes = {PREVIEW_TAKES_MIN_MS, PREVIEW_TAKES_MAX_MS},
    };
    scenario->rule_count = 1;
}

/* A preview is a scenario that expects nothing. On failure what was read is in it all the same. */
static enum err scenario_gather(const struct preview *preview, struct scenario *scenario,
                                struct errmsg *msg)
{
    scenario->start_ms = preview->start_ms;
    expect_init(&scenario->expect);
    scenario->files = mem_alloc(sizeof(*scenario->files));
    enum err err = source_load(preview->manifest_path, &scenario->files[0], msg);
    if (err != ERR_NONE)
        return err;
    scenario->file_count = 1;
    err = manifest_read_all(&scenario->files[0], &scenario->given, &scenario->given_count, msg);
    if (err == ERR_NONE)
        err = promotion_check(scenario, msg);
    if (err == ERR_NONE)
        err = source_load(preview->fleet_path, &scenario->fleet_file, msg);
    if (err == ERR_NONE)
        err = scenario_read_fleet_file(&scenario->fleet_file, &scenario->fleet, &scenario->rules,
                                       &scenario->rule_count, msg);
    default_world(scenario);
    return err;
}

/* The promotion as last written; NULL: it is gone. */
static const struct json *promotion_now(const struct rehearsal *rehearsal, struct str name)
{
    const struct fakeapi *api = sim_api(rehearsal->sim);
    for (size_t i = fakeapi_audit_count(api); i-- > 0;) {
        const struct fakeapi_audit *entry = fakeapi_audit_at(api, i);
        if (entry->changed && str_is(entry->kind, "ClusterPromotion") &&
            str_equal(entry->name, name))
            return entry->after;
    }
    return NULL;
}

static bool is_complete(const struct json *promotion)
{
    return !str_is_empty(json_text_at(promotion, "status.lastPromotionTime"));
}

/* True when `test` holds for every promotion. */
static bool all_promotions(const struct rehearsal *rehearsal,
                           bool (*test)(const struct rehearsal *rehearsal, struct str name))
{
    for (size_t i = 0; i < rehearsal->scenario->given_count; i++) {
        const struct manifest *manifest = &rehearsal->scenario->given[i];
        if (is_promotion(manifest) && !test(rehearsal, manifest->name))
            return false;
    }
    return true;
}

static bool is_done(const struct rehearsal *rehearsal, struct str name)
{
    return is_complete(promotion_now(rehearsal, name));
}

/* It waits for an event, not for a time. */
static bool is_stuck(const struct rehearsal *rehearsal, struct str name)
{
    struct controller_explanation explanation;
    return !controller_explain(sim_controller(rehearsal->sim), name, &explanation) ||
           explanation.wakeup_wall_ms == KTIME_NEVER;
}

/* When nothing more is to be expected, as things stand. */
static int64_t rehearsal_end(const struct rehearsal *rehearsal, int64_t until_ms)
{
    int64_t idle_until_ms = rehearsal->last_change_ms + PREVIEW_IDLE_MS;
    int64_t end_ms = until_ms;
    if (all_promotions(rehearsal, is_done))
        end_ms = rehearsal->last_change_ms + PREVIEW_AFTERMATH_MS;
    else if (sim_now_ms(rehearsal->sim) >= idle_until_ms && all_promotions(rehearsal, is_stuck))
        end_ms = sim_now_ms(rehearsal->sim);
    return end_ms < until_ms ? end_ms : until_ms;
}

static bool rehearsal_observe(struct rehearsal *rehearsal)
{
    const struct fakeapi *api = sim_api(rehearsal->sim);
    bool changed = false;
    for (; rehearsal->audit_cursor < fakeapi_audit_count(api); rehearsal->audit_cursor++) {
        const struct fakeapi_audit *entry = fakeapi_audit_at(api, rehearsal->audit_cursor);
        if (!entry->changed)
            continue;
        rehearsal->last_change_ms = entry->at_ms;
        changed = changed || str_is(entry->kind, "ClusterPromotion");
    }
    return changed;
}

static enum err rehearsal_play(struct rehearsal *rehearsal, int64_t until_ms, struct errmsg *msg)
{
    int64_t end_ms = until_ms;
    int64_t next_ms = rehearsal->scenario->start_ms;
    enum err err = ERR_NONE;
    while (err == ERR_NONE) {
        err = sim_run_until(rehearsal->sim, next_ms, msg);
        bool changed = rehearsal_observe(rehearsal);
        bool idle = next_ms >= rehearsal->last_change_ms + PREVIEW_IDLE_MS;
        if (changed || idle)
            end_ms = rehearsal_end(rehearsal, until_ms);
        if (next_ms >= end_ms)
            break;
        next_ms = timers_next_ms(sim_timers(rehearsal->sim));
        next_ms = next_ms < end_ms ? next_ms : end_ms;
    }
    return err;
}

static void print_offset(int64_t offset_ms, struct buf *out)
{
    buf_clear(out);
    buf_append_char(out, '+');
    duration_print(offset_ms * 1000000, out);
}

/* Widths of the columns, from what will stand in them. */
struct columns {
    bool with_promotion;
    int offset;
    int stage;
    int clusters;
};

static int wider(int width, size_t len)
{
    return (int)len > width ? (int)len : width;
}

static void print_clusters(const struct transition *transition, struct buf *out)
{
    buf_clear(out);
    if (transition->stage == NULL)
        buf_append_char(out, '-');
    else
        buf_printf(out, "%u/%u", transition->clusters_done, transition->clusters_total);
}

static struct columns columns_of(const struct transitions *transitions, int64_t start_ms)
{
    bool several = timeline_has_several_promotions(transitions);
    struct columns columns = {several, 6, 5, 8};
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 4096);
    for (size_t i = 0; i < transitions->count; i++) {
        const struct transition *transition = &transitions->items[i];
        print_offset(transition->at_ms - start_ms, &text);
        columns.offset = wider(columns.offset, text.len);
        print_clusters(transition, &text);
        columns.clusters = wider(columns.clusters, text.len);
        buf_clear(&text);
        timeline_print_stage(transition, several, &text);
        columns.stage = wider(columns.stage, text.len);
    }
    return columns;
}

static void print_transition(const struct transition *transition, const struct columns *columns,
                             int64_t start_ms, struct buf *out)
{
    char time[KTIME_TEXT_BYTES];
    CLEANUP(buf_release) struct buf offset;
    CLEANUP(buf_release) struct buf clusters;
    CLEANUP(buf_release) struct buf stage;
    buf_init(&offset, 64);
    buf_init(&clusters, 64);
    buf_init(&stage, 4096);
    ktime_format_rfc3339(transition->at_ms, time);
    print_offset(transition->at_ms - start_ms, &offset);
    print_clusters(transition, &clusters);
    timeline_print_stage(transition, columns->with_promotion, &stage);
    buf_printf(out, "%*s  %s  %-*s  %*s  ", columns->offset, offset.data, time, columns->stage,
               stage.data, columns->clusters, clusters.data);
    transition_describe(transition, out);
    buf_append_char(out, '\n');
}

static void print_transitions(const struct rehearsal *rehearsal, struct buf *out)
{
    struct transitions transitions;
    int64_t start_ms = rehearsal->scenario->start_ms;
    timeline_collect(sim_api(rehearsal->sim), &transitions);
    struct columns columns = columns_of(&transitions, start_ms);
    buf_printf(out, "%*s  %-20s  %-*s  %*s  WHAT HAPPENS\n", columns.offset, "OFFSET", "TIME",
               columns.stage, "STAGE", columns.clusters, "CLUSTERS");
    for (size_t i = 0; i < transitions.count; i++)
        print_transition(&transitions.items[i], &columns, start_ms, out);
    transitions_release(&transitions);
}

static void print_wait(const struct rehearsal *rehearsal, struct str name,
                       const struct json *promotion, struct buf *out)
{
    struct str stage = json_text_at(promotion, "status.currentStageName");
    struct controller_explanation explanation;
    buf_append_text(out, "not complete");
    if (!str_is_empty(stage))
        buf_printf(out, "; at stage %.*s", STR_ARGS(stage));
    if (controller_explain(sim_controller(rehearsal->sim), name, &explanation))
        buf_printf(out, "; waits: %.*s", STR_ARGS(explanation.text));
    buf_append_text(out, " (looked ahead ");
    duration_print((sim_now_ms(rehearsal->sim) - rehearsal->scenario->start_ms) * 1000000, out);
    buf_append_text(out, ")\n");
}

static void print_outcome(const struct rehearsal *rehearsal, struct str name, struct buf *out)
{
    const struct json *promotion = promotion_now(rehearsal, name);
    struct str completed = json_text_at(promotion, "status.lastPromotionTime");
    int64_t completed_ms;
    buf_printf(out, "%.*s: ", STR_ARGS(name));
    if (!ktime_parse_rfc3339(completed, &completed_ms)) {
        print_wait(rehearsal, name, promotion, out);
        return;
    }
    buf_printf(out, "complete at %.*s, after ", STR_ARGS(completed));
    duration_print((completed_ms - rehearsal->scenario->start_ms) * 1000000, out);
    buf_append_char(out, '\n');
}

static void print_head(const struct scenario *scenario, uint64_t seed, struct buf *out)
{
    char start[KTIME_TEXT_BYTES];
    const char *separator = "";
    ktime_format_rfc3339(scenario->start_ms, start);
    for (size_t i = 0; i < scenario->given_count; i++) {
        if (!is_promotion(&scenario->given[i]))
            continue;
        buf_printf(out, "%s%.*s", separator, STR_ARGS(scenario->given[i].name));
        separator = ", ";
    }
    buf_printf(out, ": %zu clusters, from %s, seed %" PRIu64 "\n\n",
               fleet_cluster_count(&scenario->fleet), start, seed);
}

static void print_all(const struct rehearsal *rehearsal, uint64_t seed, struct buf *out)
{
    print_head(rehearsal->scenario, seed, out);
    print_transitions(rehearsal, out);
    buf_append_char(out, '\n');
    for (size_t i = 0; i < rehearsal->scenario->given_count; i++) {
        if (is_promotion(&rehearsal->scenario->given[i]))
            print_outcome(rehearsal, rehearsal->scenario->given[i].name, out);
    }
}

/* What the API admits and the controller does not understand, as `delay: 1d`, is the manifest's
 * fault: the sentence begins with the field. */
static enum err malformed_check(const struct rehearsal *rehearsal, struct errmsg *msg)
{
    for (size_t i = 0; i < rehearsal->scenario->given_count; i++) {
        const struct manifest *manifest = &rehearsal->scenario->given[i];
        struct reader reader = {manifest->source, manifest->document, msg};
        struct controller_explanation explanation;
        if (!is_promotion(manifest) ||
            !controller_explain(sim_controller(rehearsal->sim), manifest->name, &explanation) ||
            strcmp(explanation.reason, "Malformed") != 0)
            continue;
        struct str text = explanation.text;
        struct str prefix = STR("Malformed: ");
        if (str_starts_with(text, prefix))
            text = str_slice(text, prefix.len, text.len);
        struct str field = str_slice(text, 0, str_find(text, ':', 0));
        return reader_fail(&reader, manifest_locate(manifest, field), ERR_INVALID,
                           "ClusterPromotion/%.*s is malformed: %.*s", STR_ARGS(manifest->name),
                           STR_ARGS(text));
    }
    return ERR_NONE;
}

static enum err rehearse(const struct scenario *scenario, const struct preview *preview,
                         struct buf *out, struct errmsg *msg)
{
    struct rehearsal rehearsal = {.scenario = scenario, .last_change_ms = scenario->start_ms};
    struct run_options options = {.seed = preview->seed};
    enum err err = scenario_set_up(scenario, &options, &rehearsal.sim, msg);
    if (err == ERR_NONE)
        err = rehearsal_play(&rehearsal, scenario->start_ms + preview->until_ms, msg);
    if (err == ERR_NONE)
        err = malformed_check(&rehearsal, msg);
    if (err == ERR_NONE)
        print_all(&rehearsal, preview->seed, out);
    sim_free(rehearsal.sim);
    return err;
}

enum err preview_run(const struct preview *preview, struct buf *out, struct errmsg *msg)
{
    struct scenario *scenario = mem_alloc(sizeof(*scenario));
    enum err err = scenario_gather(preview, scenario, msg);
    if (err == ERR_NONE)
        err = rehearse(scenario, preview, out, msg);
    scenario_free(scenario);
    return err;
}
