#include <time.h> /* before base.h forbids its calls */

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "controller/core/explanation.h"
#include "controller/core/metrics.h"
#include "scenarios/engine/explain.h"
#include "scenarios/engine/options.h"
#include "scenarios/engine/promosim.h"
#include "scenarios/engine/run.h"
#include "scenarios/engine/zoneinfo.h"

#define OUTPUT_BYTES_MAX (256u << 20)

struct explain_flags {
    struct option_texts objects;
    const char *at, *promotion, *output, *empty_stage, *onboard;
    struct option_seed seed;
    bool help;
};

static const struct option explain_flags_table[] = {
    {"--objects", "-f", "FILE", OPTION_TEXTS, offsetof(struct explain_flags, objects),
     "a real cluster's objects, at most 16 MiB; again for more of them"},
    {"--at", NULL, "TIME", OPTION_TEXT, offsetof(struct explain_flags, at),
     "2026-01-02T15:04:05Z, or such as 2h after a scenario's start; its end, or now"},
    {"--promotion", NULL, "NAME", OPTION_TEXT, offsetof(struct explain_flags, promotion),
     "only this one"},
    {"--output", "-o", "FORMAT", OPTION_TEXT, offsetof(struct explain_flags, output),
     "text, json or metrics; text"},
    {"--seed", NULL, "N", OPTION_SEED, offsetof(struct explain_flags, seed),
     "in the place of the scenario's own seed"},
    {"--empty-stage", NULL, "skip", OPTION_TEXT, offsetof(struct explain_flags, empty_stage),
     "the controller runs with this flag; with --objects"},
    {"--capi-onboard-annotation", NULL, "KEY", OPTION_TEXT,
     offsetof(struct explain_flags, onboard), "the same"},
    {"--help", "-h", NULL, OPTION_FLAG, offsetof(struct explain_flags, help), "this text"},
};

static void print_usage(FILE *out)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, OUTPUT_BYTES_MAX);
    buf_append_text(
        &text,
        "usage: promosim explain [--at TIME] [FLAG]... SCENARIO\n"
        "       promosim explain --objects FILE [--at TIME] [FLAG]...\n\n"
        "Tells why ClusterPromotions and their stages stand where they stand: what each waits\n"
        "for, since when, until when, and what follows. A scenario is played up to the time.\n"
        "The objects of a real cluster are judged as they stand, without asking any server:\n\n"
        "  kubectl get clusterpromotions,clusterprofiles,clustersummaries,sveltosclusters -A \\\n"
        "      --show-managed-fields -o yaml > objects.yaml\n\n"
        "and with Cluster API also clusters.v1beta2.cluster.x-k8s.io.\n\n");
    options_print(explain_flags_table, ARRAY_COUNT(explain_flags_table), &text);
    fwrite(text.data, 1, text.len, out);
}

/* What is explained, and when. */
struct explaining {
    const struct explain_flags *flags;
    struct explain_objects objects;
    const struct controller *controller; /* of a scenario; NULL: none runs */
    struct zone_source zones;
    struct ktime now;
};

static bool is_format(const struct explain_flags *flags, const char *format)
{
    return strcmp(flags->output != NULL ? flags->output : "text", format) == 0;
}

static enum err flags_check(const struct explain_flags *flags, const struct operands *operands,
                            struct errmsg *msg)
{
    bool dumped = flags->objects.count > 0;
    bool configured = flags->empty_stage != NULL || flags->onboard != NULL;
    if (operands->count != (dumped ? 0 : 1))
        return err_set(msg, ERR_TYPE, "found %zu scenarios%s, expected %s", operands->count,
                       dumped ? " and --objects" : "",
                       dumped ? "one of the two" : "one, or --objects FILE");
    if (flags->output != NULL && !is_format(flags, "text") && !is_format(flags, "json") &&
        !is_format(flags, "metrics"))
        return err_set(msg, ERR_TYPE, "--output: found \"%s\", expected text, json or metrics",
                       flags->output);
    if (flags->empty_stage != NULL && strcmp(flags->empty_stage, "skip") != 0)
        return err_set(msg, ERR_TYPE, "--empty-stage: found \"%s\", expected skip",
                       flags->empty_stage);
    if (!dumped && configured)
        return err_set(msg, ERR_TYPE, "found %s, expected it with --objects only",
                       flags->onboard != NULL ? "--capi-onboard-annotation" : "--empty-stage");
    return ERR_NONE;
}

static enum err at_fail(const char *text, const char *expected, struct errmsg *msg)
{
    return err_set(msg, ERR_TYPE, "--at: found \"%s\", expected %s", text, expected);
}

/* Since the scenario's start. */
static enum err read_offset(const char *text, int64_t start_ms, int64_t *ret_offset_ms,
                            struct errmsg *msg)
{
    struct str rest = str_from(text);
    int64_t time_ms, ns;
    if (str_starts_with(rest, STR("+")))
        rest = str_slice(rest, 1, rest.len);
    if (ktime_parse_rfc3339(str_from(text), &time_ms))
        time_ms -= start_ms;
    else if (duration_parse(rest, &ns, NULL) == ERR_NONE)
        time_ms = duration_ns_to_ms(ns);
    else
        return at_fail(text, "a time such as 2026-01-02T15:04:05Z or 2h30m", msg);
    if (time_ms < 0 || time_ms > SCRIPT_OFFSET_MAX_MS)
        return at_fail(text, "a time up to ten years after the scenario's start", msg);
    *ret_offset_ms = time_ms;
    return ERR_NONE;
}

static enum err read_now(const char *text, int64_t *ret_wall_ms, struct errmsg *msg)
{
    struct timespec now = {0, 0};
    if (text != NULL && !ktime_parse_rfc3339(str_from(text), ret_wall_ms))
        return at_fail(text, "a time such as 2026-01-02T15:04:05Z", msg);
    if (text != NULL)
        return ERR_NONE;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return err_set(msg, ERR_TYPE, "found no clock, expected one, or --at TIME");
    *ret_wall_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return ERR_NONE;
}

static struct promotion_memory memory_of(const struct explaining *explaining,
                                         const struct promotion *promotion)
{
    struct promotion_memory memory = {
        .zones = &explaining->zones,
        .skip_empty_stages = explaining->flags->empty_stage != NULL,
        .capi_onboard_annotation = str_from(explaining->flags->onboard),
    };
    if (explaining->controller != NULL)
        return controller_memory(explaining->controller, promotion->object.meta.name);
    promotion_memory_recall(promotion, explaining->now, &memory);
    return memory;
}

/* What is said of all promotions, in one of the formats. */
struct pages {
    const struct explaining *explaining;
    size_t count;
    struct json *list;
    struct metrics metrics;
    struct buf text;
};

static void pages_init(struct pages *pages, const struct explaining *explaining)
{
    *pages = (struct pages){.explaining = explaining, .list = json_array()};
    metrics_init(&pages->metrics);
    buf_init(&pages->text, OUTPUT_BYTES_MAX);
}

static void pages_release(struct pages *pages)
{
    json_free(pages->list);
    metrics_release(&pages->metrics);
    buf_release(&pages->text);
}

static void pages_add(struct pages *pages, struct str name, const struct explanation *explanation)
{
    const struct explaining *explaining = pages->explaining;
    int64_t now_ms = explaining->now.wall_ms;
    if (is_format(explaining->flags, "json"))
        json_append(pages->list, explain_json(explanation, name, &explaining->objects, now_ms));
    else if (is_format(explaining->flags, "metrics"))
        metrics_add(&pages->metrics, name, explanation);
    else
        explain_print_text(explanation, name, &explaining->objects, now_ms, &pages->text);
}

static bool pages_print(const struct pages *pages, struct buf *out)
{
    if (is_format(pages->explaining->flags, "metrics"))
        return metrics_print(&pages->metrics, out);
    if (is_format(pages->explaining->flags, "json"))
        json_print_pretty(pages->list, out);
    else
        buf_append(out, buf_str(&pages->text));
    return true;
}

static bool explain_one(struct pages *pages, const struct promotion *promotion)
{
    const struct explaining *explaining = pages->explaining;
    struct promotion_memory memory = memory_of(explaining, promotion);
    struct explanation explanation;
    struct arena arena;
    arena_init(&arena, VIEW_BYTES_MAX);
    if (pages->count++ > 0)
        buf_append_char(&pages->text, '\n');
    bool explained = promotion_explain(&explaining->objects.store, promotion, &memory,
                                       explaining->now, &arena, &explanation);
    if (explained)
        pages_add(pages, promotion->object.meta.name, &explanation);
    arena_release(&arena);
    return explained;
}

static enum err explain_each(struct pages *pages, struct errmsg *msg)
{
    const char *wanted = pages->explaining->flags->promotion;
    const struct map_entry *cursor = NULL;
    const struct object *object;
    while ((object = store_next(&pages->explaining->objects.store, KUBE_CLUSTER_PROMOTIONS,
                                &cursor)) != NULL) {
        if (wanted != NULL && !str_is(object->meta.name, wanted))
            continue;
        if (!explain_one(pages, (const struct promotion *)object))
            return err_set(msg, ERR_LIMIT,
                           "ClusterPromotion/%.*s: found more than can be looked at at once",
                           STR_ARGS(object->meta.name));
    }
    if (pages->count == 0)
        return err_set(msg, ERR_NOT_FOUND, "found no ClusterPromotion%s%s, expected one",
                       wanted != NULL ? " " : "", wanted != NULL ? wanted : "");
    return ERR_NONE;
}

static enum err explain_all(const struct explaining *explaining, struct buf *out,
                            struct errmsg *msg)
{
    struct pages pages;
    pages_init(&pages, explaining);
    enum err err = explain_each(&pages, msg);
    if (err == ERR_NONE && !pages_print(&pages, out))
        err = err_set(msg, ERR_LIMIT, "found more metrics than fit, expected fewer promotions");
    pages_release(&pages);
    return err;
}

static enum err explain_dump(struct explaining *explaining, struct buf *out, struct errmsg *msg)
{
    const struct explain_flags *flags = explaining->flags;
    enum err err = read_now(flags->at, &explaining->now.wall_ms, msg);
    for (size_t i = 0; i < flags->objects.count && err == ERR_NONE; i++)
        err = explain_objects_load(&explaining->objects, flags->objects.items[i], msg);
    return err != ERR_NONE ? err : explain_all(explaining, out, msg);
}

static enum err explain_play(struct explaining *explaining, const struct scenario *scenario,
                             const struct run_options *options, struct buf *out,
                             struct errmsg *msg)
{
    struct sim *sim = NULL;
    enum err err = scenario_play(scenario, options, &sim, msg);
    if (err == ERR_NONE) {
        explain_objects_fetch(&explaining->objects, sim);
        explaining->controller = sim_controller(sim);
        explaining->now.wall_ms = sim_now_ms(sim);
        err = explain_all(explaining, out, msg);
    }
    sim_free(sim);
    return err;
}

static enum err explain_scenario(struct explaining *explaining, const char *path, struct buf *out,
                                 struct errmsg *msg)
{
    const struct explain_flags *flags = explaining->flags;
    struct scenario *scenario = NULL;
    enum err err = scenario_load(path, &scenario, msg);
    if (err != ERR_NONE)
        return err;
    struct run_options options = {.stops = flags->at != NULL,
                                  .seed = flags->seed.given ? flags->seed.value : scenario->seed};
    if (flags->at != NULL)
        err = read_offset(flags->at, scenario->start_ms, &options.stop_ms, msg);
    if (err == ERR_NONE)
        err = explain_play(explaining, scenario, &options, out, msg);
    scenario_free(scenario);
    return err;
}

static enum err explain(const struct explain_flags *flags, const struct operands *operands,
                        struct buf *out, struct errmsg *msg)
{
    struct explaining explaining = {.flags = flags, .zones = zoneinfo_source()};
    explain_objects_init(&explaining.objects);
    enum err err = flags->objects.count > 0
                       ? explain_dump(&explaining, out, msg)
                       : explain_scenario(&explaining, operands->items[0], out, msg);
    explain_objects_release(&explaining.objects);
    return err;
}

int promosim_explain(int argc, char **argv, FILE *out, FILE *errors)
{
    struct explain_flags flags = {.help = false};
    struct operands operands;
    struct errmsg msg = {{0}};
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, OUTPUT_BYTES_MAX);
    enum err err = options_parse(argc, argv, explain_flags_table,
                                 ARRAY_COUNT(explain_flags_table), &flags, &operands, &msg);
    if (err == ERR_NONE && !flags.help)
        err = flags_check(&flags, &operands, &msg);
    if (err == ERR_NONE && !flags.help)
        err = explain(&flags, &operands, &text, &msg);
    operands_release(&operands);
    if (err != ERR_NONE) {
        fprintf(errors, "promosim explain: %s\n", msg.text[0] != '\0' ? msg.text : err_name(err));
        return PROMOSIM_INVALID;
    }
    if (flags.help)
        print_usage(out);
    return fwrite(text.data, 1, text.len, out) == text.len ? PROMOSIM_OK : PROMOSIM_IO;
}
