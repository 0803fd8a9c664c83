#include "fakeapi/sveltos/active_window.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/clusters.h"
#include "fakeapi/sveltos/weather.h"

#define USER_AGENT "manager/v1.14.0 (linux/amd64) sveltoscluster-manager"

static const struct world_rule *rule_of(const struct active_window *window, struct str cluster)
{
    const struct world_rule *found = NULL;
    for (size_t i = 0; i < window->rule_count; i++) {
        const struct world_rule *rule = &window->rules[i];
        if (rule->has_active && glob_matches(rule->cluster, cluster))
            found = rule;
    }
    return found;
}

/* When the window opens or closes next. */
struct outlook {
    bool open;
    int64_t opens_ms;  /* KTIME_NEVER: not again */
    int64_t closes_ms; /* KTIME_NEVER: not again */
};

static struct outlook outlook_of(const struct active_window *window, const struct world_rule *rule)
{
    int64_t now_ms = window->timers->now_ms;
    int64_t from_ms = window->origin_ms + rule->active.min_ms;
    int64_t to_ms = window->origin_ms + rule->active.max_ms;
    int64_t every_ms = rule->active_every_ms;
    if (every_ms > 0 && now_ms >= to_ms) {
        int64_t rounds = (now_ms - to_ms) / every_ms + 1;
        from_ms += rounds * every_ms;
        to_ms += rounds * every_ms;
    }
    struct outlook outlook = {.open = now_ms >= from_ms && now_ms < to_ms,
                              .opens_ms = KTIME_NEVER,
                              .closes_ms = KTIME_NEVER};
    if (now_ms < from_ms)
        outlook.opens_ms = from_ms;
    else if (outlook.open && every_ms > 0)
        outlook.opens_ms = from_ms + every_ms;
    if (now_ms < to_ms)
        outlook.closes_ms = to_ms;
    return outlook;
}

static void set_time(struct json *status, const char *name, int64_t at_ms)
{
    char text[KTIME_TEXT_BYTES];
    if (at_ms == KTIME_NEVER) {
        json_set(status, name, json_null());
        return;
    }
    ktime_format_rfc3339(at_ms, text);
    json_set(status, name, json_text(text));
}

static void tell_status(const struct active_window *window, const struct json *cluster,
                        const struct outlook *outlook)
{
    struct json *patch = json_object();
    struct json *status = json_object();
    set_time(status, "nextPause", outlook->closes_ms);
    set_time(status, "nextUnpause", outlook->opens_ms);
    json_set(patch, "status", status);
    client_patch(&window->client, &kind_sveltos_cluster, cluster, "status", patch);
    json_free(patch);
}

static void set_paused(const struct active_window *window, const struct json *cluster, bool paused)
{
    struct json *patch = json_object();
    struct json *spec = json_object();
    json_set(spec, "paused", json_bool(paused));
    json_set(patch, "spec", spec);
    client_patch(&window->client, &kind_sveltos_cluster, cluster, NULL, patch);
    json_free(patch);
}

static void reconcile(void *ctx, struct str key)
{
    struct active_window *window = ctx;
    informer_sync(&window->clusters);
    const struct json *cluster = informer_get_key(&window->clusters, key);
    const struct world_rule *rule = cluster != NULL ? rule_of(window, object_name(cluster)) : NULL;
    if (rule == NULL)
        return;
    struct outlook outlook = outlook_of(window, rule);
    int64_t next_ms = outlook.open ? outlook.closes_ms : outlook.opens_ms;
    tell_status(window, cluster, &outlook);
    if (cluster_is_paused(cluster) == outlook.open)
        set_paused(window, cluster, !outlook.open);
    if (next_ms != KTIME_NEVER)
        queue_add(&window->queue, key, next_ms);
}

/* Clusters that join; what people change later stands until the window opens or closes. */
static void on_change(void *ctx, const struct json *before, const struct json *after)
{
    struct active_window *window = ctx;
    if (before != NULL || rule_of(window, object_name(after)) == NULL)
        return;
    char *key CLEANUP(mem_free_pointer) = object_key(after);
    queue_add_after(&window->queue, str_from(key), 0);
}

void active_window_init(struct active_window *window, const struct world_config *config)
{
    *window = (struct active_window){
        .client = {config->api, USER_AGENT},
        .timers = config->timers,
        .rules = config->rules,
        .rule_count = config->rule_count,
        .origin_ms = config->timers->now_ms,
    };
    struct informer_config informer = {
        .client = &window->client,
        .timers = config->timers,
        .kind = &kind_sveltos_cluster,
        .on_change = on_change,
        .ctx = window,
    };
    informer_init(&window->clusters, &informer);
    queue_init(&window->queue, config->timers, reconcile, window);
}

void active_window_start(struct active_window *window)
{
    for (size_t i = 0; i < window->rule_count; i++) {
        if (window->rules[i].has_active) {
            informer_start(&window->clusters);
            return;
        }
    }
}

void active_window_stop(struct active_window *window)
{
    informer_stop(&window->clusters);
    queue_clear(&window->queue);
}

void active_window_release(struct active_window *window)
{
    active_window_stop(window);
    informer_release(&window->clusters);
    queue_release(&window->queue);
}
