#include "fakeapi/sveltos/troubles.h"

#include "controller/base/mem.h"

#define INNER_BYTES_MAX 2048u
#define DEFAULT_MESSAGE "not ready yet"

static const struct {
    const char *member;  /* of the spec */
    const char *subject; /* since when a check's time counts; see weather_first_ms */
    const char *wrapping; /* what its failures begin with */
    bool finds_nothing_gladly;
} lists[] = {
    [CHECKS_PRE_DEPLOY] = {"preDeployChecks", "tried", "failed to validate preDeployChecks: ",
                           false},
    [CHECKS_HEALTH] = {"validateHealths", "deployed", "", false},
    [CHECKS_PRE_DELETE] = {"preDeleteChecks", "withdrawn", "", true},
};

/* What the rules together say of one check. */
struct verdict {
    bool scripted;
    struct world_health health;
    struct str message;
};

static struct verdict verdict_on(const struct weather *weather, const struct trouble_job *job,
                                 struct str check)
{
    struct verdict verdict = {.message = STR(DEFAULT_MESSAGE)};
    for (size_t i = 0; i < weather->rule_count; i++) {
        const struct world_rule *rule = &weather->rules[i];
        if (!rule->has_health || !rule_covers_feature(rule, job->site, job->feature) ||
            !glob_matches(rule->check, check))
            continue;
        verdict.scripted = true;
        verdict.health = rule->health;
        if (!str_is_empty(rule->message))
            verdict.message = rule->message;
    }
    return verdict;
}

/* Is what was deployed `since_ms` ago unhealthy now? */
static bool is_unwell(const struct world_health *health, int64_t since_ms)
{
    bool flapping = health->flaps_for_ms > 0 && since_ms >= health->flaps_at_ms &&
                    since_ms - health->flaps_at_ms < health->flaps_for_ms;
    return since_ms < health->healthy_after_ms || flapping;
}

/* As Go's %q does for printable text. */
static void print_quoted(struct str text, struct buf *out)
{
    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '"' || c == '\\')
            buf_append_char(out, '\\');
        if (c == '\n')
            buf_append_text(out, "\\n");
        else
            buf_append_char(out, c);
    }
    buf_append_char(out, '"');
}

/* The object that the check finds: named after the check, where the check looks. */
static void print_object(const struct json *check, struct buf *out)
{
    struct str name_space = json_text_at(check, "namespace");
    if (str_is_empty(name_space))
        name_space = STR("default");
    buf_printf(out, "%.*s/%.*s", STR_ARGS(name_space), STR_ARGS(json_text_at(check, "name")));
}

static void print_unhealthy(const struct json *check, struct str message, struct buf *out)
{
    buf_printf(out, "resource %.*s ", STR_ARGS(json_text_at(check, "kind")));
    print_object(check, out);
    buf_append_text(out, " is not healthy");
    if (str_is_empty(json_text_at(check, "script")))
        return;
    struct buf inner;
    buf_init(&inner, INNER_BYTES_MAX);
    buf_append_text(&inner, "resource ");
    print_object(check, &inner);
    buf_printf(&inner, " is not healthy: %.*s", STR_ARGS(message));
    buf_append_char(out, ' ');
    print_quoted(buf_str(&inner), out);
    buf_release(&inner);
}

/* Without a kind there is nothing to fetch: the script judges the metrics. */
static bool metrics_fail(const struct json *check, const struct verdict *verdict, int64_t since_ms,
                         struct buf *out)
{
    if (str_is_empty(json_text_at(check, "script"))) {
        buf_printf(out,
                   "validateHealth %.*s: metric-only check (no kind set) requires a Lua script",
                   STR_ARGS(json_text_at(check, "name")));
        return true;
    }
    if (!is_unwell(&verdict->health, since_ms))
        return false;
    buf_printf(out, "metric health check failed: %.*s", STR_ARGS(verdict->message));
    return true;
}

static bool objects_fail(const struct json *check, const struct verdict *verdict, int64_t since_ms,
                         bool finds_nothing_gladly, struct buf *out)
{
    bool judges = !str_is_empty(json_text_at(check, "script")) ||
                  json_count(json_get(check, "evaluateCEL")) > 0;
    bool unwell = is_unwell(&verdict->health, since_ms);
    if (unwell && verdict->health.finds_nothing && finds_nothing_gladly)
        return false;
    if (unwell && verdict->health.finds_nothing) {
        buf_printf(out, "validateHealth: %.*s did not fetch any resource",
                   STR_ARGS(json_text_at(check, "name")));
        return true;
    }
    if (!unwell || !judges)
        return false;
    print_unhealthy(check, verdict->message, out);
    return true;
}

static bool check_fails(const struct weather *weather, const struct trouble_job *job,
                        enum check_list list, const struct json *check, int64_t since_ms,
                        struct buf *out)
{
    struct str name = json_text_at(check, "name");
    struct verdict verdict = verdict_on(weather, job, name);
    if (json_get(check, "jobCheck") != NULL) {
        buf_printf(out, "JobCheck (%.*s) requires a Sveltos Enterprise build", STR_ARGS(name));
        return true;
    }
    if (str_is_empty(json_text_at(check, "kind")))
        return metrics_fail(check, &verdict, since_ms, out);
    return objects_fail(check, &verdict, since_ms, lists[list].finds_nothing_gladly, out);
}

bool trouble_of_checks(const struct weather *weather, const struct trouble_job *job,
                       enum check_list list, int64_t since_ms, struct buf *message)
{
    bool fails = false;
    struct buf inner;
    buf_init(&inner, INNER_BYTES_MAX);
    JSON_EACH(check, json_get(job->spec, lists[list].member)) {
        if (!str_is(json_text_at(check, "featureID"), feature_id(job->feature)) ||
            !check_fails(weather, job, list, check, since_ms, &inner))
            continue;
        buf_printf(message, "%shealth check '%.*s' for feature %s failed: %.*s",
                   lists[list].wrapping, STR_ARGS(json_text_at(check, "name")),
                   feature_id(job->feature), STR_ARGS(buf_str(&inner)));
        fails = true;
        break;
    }
    buf_release(&inner);
    return fails;
}

/* A rule lets all jobs fail that start within a time from the first of this configuration. */
static void fail_for_a_time(struct weather *weather, const struct trouble_job *job,
                            struct job_fate *fate)
{
    const struct world_rule *failing = NULL;
    for (size_t i = 0; i < weather->rule_count; i++) {
        const struct world_rule *rule = &weather->rules[i];
        if (rule->fails_for_ms > 0 && rule_covers_feature(rule, job->site, job->feature))
            failing = rule;
    }
    if (failing == NULL)
        return;
    int64_t first_ms = weather_first_ms(weather, "tried", job->site, job->feature, job->hash,
                                        job->start_ms);
    if (job->start_ms - first_ms >= failing->fails_for_ms)
        return;
    fate->fails = true;
    fate->for_good = failing->fails_for_good;
    snprintf(fate->message, sizeof(fate->message), "%.*s",
             STR_ARGS(str_is_empty(failing->message) ? STR(WEATHER_MESSAGE) : failing->message));
}

/* Looks at a list of checks at a time of the job. True when one of them fails. */
static bool checks_fail(struct weather *weather, const struct trouble_job *job,
                        enum check_list list, int64_t at_ms, struct job_fate *fate)
{
    struct buf message;
    if (json_get(job->spec, lists[list].member) == NULL)
        return false;
    int64_t first_ms = weather_first_ms(weather, lists[list].subject, job->site, job->feature,
                                        job->hash, at_ms);
    buf_init(&message, 2 * INNER_BYTES_MAX);
    fate->unhealthy = trouble_of_checks(weather, job, list, at_ms - first_ms, &message);
    if (fate->unhealthy)
        snprintf(fate->message, sizeof(fate->message), "%.*s", STR_ARGS(buf_str(&message)));
    buf_release(&message);
    return fate->unhealthy;
}

void trouble_of_job(struct weather *weather, const struct trouble_job *job, struct job_fate *fate)
{
    if (checks_fail(weather, job, CHECKS_PRE_DEPLOY, job->start_ms, fate)) {
        fate->fails = false;
        fate->held = true;
        return;
    }
    if (!fate->fails)
        fail_for_a_time(weather, job, fate);
    if (!fate->fails)
        checks_fail(weather, job, CHECKS_HEALTH, job->start_ms + fate->takes_ms, fate);
}

void trouble_of_withdrawal(struct weather *weather, const struct trouble_job *job,
                           struct job_fate *fate)
{
    fate->held = checks_fail(weather, job, CHECKS_PRE_DELETE, job->start_ms, fate);
    if (!fate->held)
        checks_fail(weather, job, CHECKS_PRE_DELETE, job->start_ms + fate->takes_ms, fate);
}
