#include "controller/core/metrics.h"

#include "controller/base/ktime.h"

#define METRIC_BYTES_MAX (16u << 20) /* 100,000 stages with long names */

enum family {
    REASON,
    COMPLETE,
    SINCE,
    UNTIL,
    ENTERED,
    PROVISIONED,
    CLUSTERS,
    CLUSTERS_PROVISIONED,
    REGRESSED,
};

static const struct {
    const char *name, *help;
} families[METRIC_FAMILIES] = {
    [REASON] = {"promoter_promotion_reason", "Why the promotion stands where it stands."},
    [COMPLETE] = {"promoter_promotion_complete", "Whether all stages have the configuration."},
    [SINCE] = {"promoter_promotion_since_timestamp_seconds", "Since when the reason holds."},
    [UNTIL] = {"promoter_promotion_until_timestamp_seconds", "When the wait ends."},
    [ENTERED] = {"promoter_stage_entered_timestamp_seconds", "When the stage was entered."},
    [PROVISIONED] = {"promoter_stage_provisioned_timestamp_seconds",
                     "When the stage was first provisioned in this run."},
    [CLUSTERS] = {"promoter_stage_clusters", "Clusters that the stage selects and are ready."},
    [CLUSTERS_PROVISIONED] = {"promoter_stage_clusters_provisioned",
                              "Clusters that have all of the stage's configuration."},
    [REGRESSED] = {"promoter_stage_regressed",
                   "Whether the stage was provisioned and now fails on a cluster."},
};

void metrics_init(struct metrics *metrics)
{
    for (size_t i = 0; i < METRIC_FAMILIES; i++)
        buf_init(&metrics->lines[i], METRIC_BYTES_MAX);
}

void metrics_release(struct metrics *metrics)
{
    for (size_t i = 0; i < METRIC_FAMILIES; i++)
        buf_release(&metrics->lines[i]);
}

/* The three bytes that the format escapes in a label's value. */
static void print_label(const char *name, struct str value, struct buf *out)
{
    buf_printf(out, "%s=\"", name);
    for (size_t i = 0; i < value.len; i++) {
        char byte = value.data[i];
        if (byte == '\\' || byte == '"')
            buf_append_char(out, '\\');
        if (byte == '\n')
            buf_append_text(out, "\\n");
        else
            buf_append_char(out, byte);
    }
    buf_append_char(out, '"');
}

static struct buf *begin(struct metrics *metrics, enum family family, struct str promotion)
{
    struct buf *out = &metrics->lines[family];
    buf_printf(out, "%s{", families[family].name);
    print_label("promotion", promotion, out);
    return out;
}

static struct buf *begin_stage(struct metrics *metrics, enum family family, struct str promotion,
                               struct str stage)
{
    struct buf *out = begin(metrics, family, promotion);
    buf_append_char(out, ',');
    print_label("stage", stage, out);
    return out;
}

static void end_time(int64_t time_ms, struct buf *out)
{
    buf_printf(out, "} %" PRId64, time_ms / 1000);
    if (time_ms % 1000 != 0)
        buf_printf(out, ".%03d", (int)(time_ms % 1000));
    buf_append_char(out, '\n');
}

static bool is_known(int64_t time_ms)
{
    return time_ms > 0 && time_ms != KTIME_NEVER;
}

static void add_reason(struct metrics *metrics, struct str promotion,
                       const struct explanation *explanation)
{
    size_t index = explanation->stage_index;
    struct str stage =
        index < explanation->stage_count ? explanation->stages[index].name : STR_NONE;
    struct buf *out = begin_stage(metrics, REASON, promotion, stage);
    buf_printf(out, ",state=\"%s\",reason=\"%s\"} 1\n", explanation_state_name(explanation->state),
               promotion_reason_name(explanation->reason));
}

static void add_stage(struct metrics *metrics, struct str promotion,
                      const struct stage_explanation *stage)
{
    if (is_known(stage->entered_ms))
        end_time(stage->entered_ms, begin_stage(metrics, ENTERED, promotion, stage->name));
    if (is_known(stage->provisioned_ms))
        end_time(stage->provisioned_ms, begin_stage(metrics, PROVISIONED, promotion, stage->name));
    buf_printf(begin_stage(metrics, CLUSTERS, promotion, stage->name), "} %zu\n",
               stage->cluster_count);
    buf_printf(begin_stage(metrics, CLUSTERS_PROVISIONED, promotion, stage->name), "} %zu\n",
               stage->clusters_done);
    buf_printf(begin_stage(metrics, REGRESSED, promotion, stage->name), "} %d\n",
               stage->regressed ? 1 : 0);
}

void metrics_add(struct metrics *metrics, struct str promotion,
                 const struct explanation *explanation)
{
    add_reason(metrics, promotion, explanation);
    buf_printf(begin(metrics, COMPLETE, promotion), "} %d\n",
               explanation->state == EXPLANATION_COMPLETE ? 1 : 0);
    if (is_known(explanation->since_ms))
        end_time(explanation->since_ms, begin(metrics, SINCE, promotion));
    if (is_known(explanation->until_ms))
        end_time(explanation->until_ms, begin(metrics, UNTIL, promotion));
    for (size_t i = 0; i < explanation->stage_count; i++)
        add_stage(metrics, promotion, &explanation->stages[i]);
}

bool metrics_print(const struct metrics *metrics, struct buf *out)
{
    for (size_t i = 0; i < METRIC_FAMILIES; i++) {
        if (metrics->lines[i].overflowed)
            return false;
    }
    for (size_t i = 0; i < METRIC_FAMILIES; i++) {
        if (metrics->lines[i].len == 0)
            continue;
        buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", families[i].name, families[i].help,
                   families[i].name);
        buf_append(out, buf_str(&metrics->lines[i]));
    }
    return true;
}
