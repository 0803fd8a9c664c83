#include "scenarios/engine/explain.h"

#include "controller/base/ktime.h"

#define FACT_COLUMN 12

struct page {
    const struct explanation *explanation;
    const struct explain_objects *objects;
    struct str promotion;
    int64_t now_ms;
};

static void print_duration(int64_t ms, struct buf *out)
{
    duration_print(ktime_floor_second(ms) * 1000000, out);
}

/* "2026-01-05T02:00:00Z, in 49h0m0s" */
static void print_time(const struct page *page, int64_t time_ms, struct buf *out)
{
    char text[KTIME_TEXT_BYTES];
    ktime_format_rfc3339(time_ms, text);
    buf_append_text(out, text);
    if (time_ms > page->now_ms) {
        buf_append_text(out, ", in ");
        print_duration(ktime_ceil_second(time_ms - page->now_ms), out);
    } else if (time_ms + 1000 > page->now_ms) {
        buf_append_text(out, ", now");
    } else {
        buf_append_text(out, ", ");
        print_duration(page->now_ms - time_ms, out);
        buf_append_text(out, " ago");
    }
}

static void print_label(const char *label, struct buf *out)
{
    buf_printf(out, "  %-*s", FACT_COLUMN, label);
}

static void print_fact(const char *label, struct str text, struct buf *out)
{
    if (str_is_empty(text))
        return;
    print_label(label, out);
    buf_append(out, text);
    buf_append_char(out, '\n');
}

static void print_fact_time(const struct page *page, const char *label, int64_t time_ms,
                            struct buf *out)
{
    if (time_ms == 0 || time_ms == KTIME_NEVER)
        return;
    print_label(label, out);
    print_time(page, time_ms, out);
    buf_append_char(out, '\n');
}

static struct str stage_name(const struct explanation *explanation)
{
    size_t index = explanation->stage_index;
    return index < explanation->stage_count ? explanation->stages[index].name : STR_NONE;
}

static void print_head(const struct page *page, struct buf *out)
{
    const struct explanation *explanation = page->explanation;
    struct str stage = stage_name(explanation);
    char at[KTIME_TEXT_BYTES];
    ktime_format_rfc3339(page->now_ms, at);
    buf_printf(out, "%.*s at %s: %s", STR_ARGS(page->promotion), at,
               explanation_state_name(explanation->state));
    if (!str_is_empty(stage) && explanation->state != EXPLANATION_COMPLETE)
        buf_printf(out, " at stage %.*s, %zu of %zu", STR_ARGS(stage),
                   explanation->stage_index + 1, explanation->stage_count);
    buf_printf(out, " (%s)\n", promotion_reason_name(explanation->reason));
}

/* In Sveltos' words. */
static struct str failure_of(const struct page *page, const struct waited_object *waited)
{
    return explain_objects_failure(page->objects, page->explanation->waited_profile, waited->name,
                                   waited->feature);
}

static size_t named_count(const struct explanation *explanation)
{
    return explanation->waited_count < NAMED_CLUSTERS_MAX ? explanation->waited_count
                                                          : NAMED_CLUSTERS_MAX;
}

static void print_waited(const struct page *page, struct buf *out)
{
    const struct explanation *explanation = page->explanation;
    size_t named = named_count(explanation);
    for (size_t i = 0; i < named; i++) {
        const struct waited_object *waited = &explanation->waited[i];
        struct str failure = failure_of(page, waited);
        print_label("", out);
        buf_printf(out, "- %.*s: %.*s%s%.*s%s%.*s\n", STR_ARGS(waited->name),
                   STR_ARGS(waited->feature), str_is_empty(waited->feature) ? "" : " ",
                   STR_ARGS(waited->why), str_is_empty(failure) ? "" : ": ", STR_ARGS(failure));
    }
    if (explanation->waited_count > named) {
        print_label("", out);
        buf_printf(out, "and %zu more\n", explanation->waited_count - named);
    }
}

static void print_facts(const struct page *page, struct buf *out)
{
    const struct explanation *explanation = page->explanation;
    bool waits = explanation->state == EXPLANATION_WAITING;
    print_fact("says", explanation->sentence, out);
    print_fact_time(page, "since", explanation->since_ms, out);
    print_fact_time(page, "until", explanation->until_ms, out);
    print_fact("waits for", explanation->waits_for, out);
    print_waited(page, out);
    print_fact("does", explanation->does, out);
    print_fact_time(page, "checks pass", explanation->checks_passed_ms, out);
    print_fact("next", explanation->next, out);
    print_fact("to do", explanation->remedy, out);
    print_fact_time(page, "looks again", explanation->wakeup_ms, out);
    if (waits && explanation->wakeup_ms == KTIME_NEVER)
        print_fact("looks again", STR("when what it waits for changes"), out);
    for (size_t i = 0; i < explanation->beside_count; i++)
        print_fact("also", explanation->beside[i], out);
}

#define CLUSTERS_BYTES 48u /* two counts and a slash */

static void format_clusters(const struct stage_explanation *stage, char ret_text[CLUSTERS_BYTES])
{
    snprintf(ret_text, CLUSTERS_BYTES, "%zu/%zu", stage->clusters_done, stage->cluster_count);
}

struct widths {
    int stage, clusters;
};

static int wider(int width, size_t len)
{
    return (int)len > width ? (int)len : width;
}

static struct widths widths_of(const struct explanation *explanation)
{
    struct widths widths = {sizeof("STAGE") - 1, sizeof("CLUSTERS") - 1};
    for (size_t i = 0; i < explanation->stage_count; i++) {
        char clusters[CLUSTERS_BYTES];
        format_clusters(&explanation->stages[i], clusters);
        widths.stage = wider(widths.stage, explanation->stages[i].name.len);
        widths.clusters = wider(widths.clusters, strlen(clusters));
    }
    return widths;
}

static void print_standing(const struct page *page, const struct stage_explanation *stage,
                           struct buf *out)
{
    if (stage->place == STAGE_AHEAD)
        buf_append_text(out, "not entered yet");
    else
        buf_append(out, stage->sentence);
    if (stage->place == STAGE_CURRENT && page->explanation->state == EXPLANATION_AT_WORK)
        buf_append_text(out, " (at work)");
    if (!str_is_empty(stage->left_out))
        buf_printf(out, "; not ready: %.*s", STR_ARGS(stage->left_out));
}

static void print_stage(const struct page *page, const struct stage_explanation *stage,
                        struct widths widths, struct buf *out)
{
    char entered[KTIME_TEXT_BYTES] = "-";
    char provisioned[KTIME_TEXT_BYTES] = "-";
    char clusters[CLUSTERS_BYTES];
    if (stage->entered_ms > 0)
        ktime_format_rfc3339(stage->entered_ms, entered);
    if (stage->provisioned_ms > 0)
        ktime_format_rfc3339(stage->provisioned_ms, provisioned);
    format_clusters(stage, clusters);
    buf_printf(out, "  %-*.*s  %*s  %-20s  %-20s  ", widths.stage, STR_ARGS(stage->name),
               widths.clusters, clusters, entered, provisioned);
    print_standing(page, stage, out);
    buf_append_char(out, '\n');
}

void explain_print_text(const struct explanation *explanation, struct str promotion,
                        const struct explain_objects *objects, int64_t now_ms, struct buf *out)
{
    struct page page = {explanation, objects, promotion, now_ms};
    struct widths widths = widths_of(explanation);
    print_head(&page, out);
    print_facts(&page, out);
    buf_printf(out, "\n  %-*s  %*s  %-20s  %-20s  STANDS\n", widths.stage, "STAGE",
               widths.clusters, "CLUSTERS", "ENTERED", "PROVISIONED");
    for (size_t i = 0; i < explanation->stage_count; i++)
        print_stage(&page, &explanation->stages[i], widths, out);
}

static void set_text(struct json *object, const char *key, struct str text)
{
    if (!str_is_empty(text))
        json_set(object, key, json_string(text));
}

static void set_time(struct json *object, const char *key, int64_t time_ms)
{
    char text[KTIME_TEXT_BYTES];
    if (time_ms == 0 || time_ms == KTIME_NEVER)
        return;
    ktime_format_rfc3339(time_ms, text);
    json_set(object, key, json_text(text));
}

static struct json *json_of_waited(const struct page *page)
{
    const struct explanation *explanation = page->explanation;
    struct json *waited = json_object();
    struct json *named = json_array();
    json_set(waited, "count", json_int((int64_t)explanation->waited_count));
    for (size_t i = 0; i < named_count(explanation); i++) {
        const struct waited_object *object = &explanation->waited[i];
        struct json *item = json_object();
        set_text(item, "name", object->name);
        set_text(item, "feature", object->feature);
        set_text(item, "why", object->why);
        set_text(item, "message", failure_of(page, object));
        json_append(named, item);
    }
    json_set(waited, "named", named);
    return waited;
}

static struct json *json_of_stage(const struct stage_explanation *stage)
{
    struct json *object = json_object();
    struct json *clusters = json_object();
    set_text(object, "name", stage->name);
    set_text(object, "clusterProfile", stage->profile);
    json_set(object, "place", json_text(stage_place_name(stage->place)));
    set_text(object, "sentence", stage->sentence);
    set_time(object, "entered", stage->entered_ms);
    set_time(object, "provisioned", stage->provisioned_ms);
    json_set(clusters, "provisioned", json_int((int64_t)stage->clusters_done));
    json_set(clusters, "total", json_int((int64_t)stage->cluster_count));
    set_text(clusters, "notReady", stage->left_out);
    json_set(object, "clusters", clusters);
    return object;
}

static void set_decision(struct json *object, const struct explanation *explanation)
{
    json_set(object, "state", json_text(explanation_state_name(explanation->state)));
    json_set(object, "reason", json_text(promotion_reason_name(explanation->reason)));
    set_text(object, "stage", stage_name(explanation));
    set_text(object, "sentence", explanation->sentence);
    set_text(object, "waitsFor", explanation->waits_for);
    set_text(object, "does", explanation->does);
    set_text(object, "remedy", explanation->remedy);
    set_text(object, "next", explanation->next);
    set_time(object, "since", explanation->since_ms);
    set_time(object, "until", explanation->until_ms);
    set_time(object, "wakeup", explanation->wakeup_ms);
    set_time(object, "healthChecksPassed", explanation->checks_passed_ms);
}

struct json *explain_json(const struct explanation *explanation, struct str promotion,
                          const struct explain_objects *objects, int64_t now_ms)
{
    struct page page = {explanation, objects, promotion, now_ms};
    struct json *object = json_object();
    struct json *stages = json_array();
    struct json *beside = json_array();
    json_set(object, "promotion", json_string(promotion));
    set_time(object, "at", now_ms);
    set_decision(object, explanation);
    if (explanation->state == EXPLANATION_WAITING)
        json_set(object, "waited", json_of_waited(&page));
    for (size_t i = 0; i < explanation->stage_count; i++)
        json_append(stages, json_of_stage(&explanation->stages[i]));
    json_set(object, "stages", stages);
    for (size_t i = 0; i < explanation->beside_count; i++)
        json_append(beside, json_string(explanation->beside[i]));
    json_set(object, "beside", beside);
    return object;
}
