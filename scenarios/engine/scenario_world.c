#include "controller/base/mem.h"
#include "scenarios/engine/scenario.h"

/* A rule as it stands in the file. */
struct rule_draft {
    const struct json *on, *takes, *created_after, *stale_for, *fails, *health, *active;
    struct world_rule rule;
};

#define RULE(name, type, field) {name, type, false, offsetof(struct rule_draft, field)}
#define ON {"on", READ_ANY, true, offsetof(struct rule_draft, on)}

static const struct read_key summary_keys[] = {
    ON,
    RULE("cluster", READ_TEXT, rule.cluster),
    RULE("profile", READ_TEXT, rule.profile),
    RULE("feature", READ_TEXT, rule.feature),
    RULE("takes", READ_ANY, takes),
    RULE("created-after", READ_ANY, created_after),
    RULE("stale-for", READ_ANY, stale_for),
    RULE("fails", READ_ANY, fails),
    RULE("fails-for", READ_DURATION, rule.fails_for_ms),
    RULE("for-good", READ_BOOL, rule.fails_for_good),
    RULE("health", READ_ANY, health),
    RULE("check", READ_TEXT, rule.check),
    RULE("message", READ_TEXT, rule.message),
};
static const struct read_key cluster_keys[] = {
    ON,
    RULE("cluster", READ_TEXT, rule.cluster),
    RULE("active", READ_ANY, active),
};
static const struct read_key promotion_keys[] = {
    ON,
    RULE("stub", READ_BOOL, rule.promotion_stub),
};

static const struct read_key capi_keys[] = {
    ON,
    RULE("onboard-annotation", READ_TEXT, rule.capi_onboard_annotation),
};

#define KIND(name, keys) {{name, sizeof(name) - 1}, keys, ARRAY_COUNT(keys)}

/* What a rule may say of each kind; the first one's keys are named when there is no kind. */
static const struct rule_kind {
    struct str name;
    const struct read_key *keys;
    size_t key_count;
} rule_kinds[] = {
    KIND("ClusterSummary", summary_keys),
    KIND("SveltosCluster", cluster_keys),
    KIND("ClusterPromotion", promotion_keys),
    KIND("Cluster", capi_keys),
};

/* `5s` or `{min: 5s, max: 90s}`. */
static enum err range_read(const struct reader *reader, const struct json *node, bool *ret_has,
                           struct world_range *ret_range)
{
    static const struct read_key keys[] = {
        {"min", READ_DURATION, true, offsetof(struct world_range, min_ms)},
        {"max", READ_DURATION, true, offsetof(struct world_range, max_ms)},
    };
    struct world_range range = {0, 0};
    enum err err;
    if (node == NULL)
        return ERR_NONE;
    if (json_is(node, JSON_OBJECT)) {
        err = reader_mapping(reader, node, "a range: {min: 5s, max: 90s}", keys, ARRAY_COUNT(keys),
                             &range);
    } else {
        err = reader_value(reader, node, READ_DURATION, &range.min_ms);
        range.max_ms = range.min_ms;
    }
    if (err == ERR_NONE && range.max_ms < range.min_ms)
        err = reader_fail(reader, node, ERR_TYPE, "found \"max\" below \"min\", expected a range");
    if (err != ERR_NONE)
        return err;
    *ret_has = true;
    *ret_range = range;
    return ERR_NONE;
}

static enum err fails_read(const struct reader *reader, const struct json *node, unsigned *field)
{
    if (node == NULL)
        return ERR_NONE;
    if (str_is(json_string_of(node), "always")) {
        *field = UINT_MAX;
        return ERR_NONE;
    }
    if (!json_is(node, JSON_NUMBER))
        return reader_mismatch(reader, node, STR_NONE, "a number of failures or \"always\"", NULL,
                               0);
    return reader_value(reader, node, READ_COUNT, field);
}

/* `never` or `{healthy-after: 7m, flaps-at: 20m, flaps-for: 5m, finds-nothing: true}`. */
static enum err health_read(const struct reader *reader, const struct json *node,
                            struct world_rule *rule)
{
    static const struct read_key keys[] = {
        {"healthy-after", READ_DURATION, false, offsetof(struct world_health, healthy_after_ms)},
        {"flaps-at", READ_DURATION, false, offsetof(struct world_health, flaps_at_ms)},
        {"flaps-for", READ_DURATION, false, offsetof(struct world_health, flaps_for_ms)},
        {"finds-nothing", READ_BOOL, false, offsetof(struct world_health, finds_nothing)},
    };
    enum err err = ERR_NONE;
    rule->has_health = true;
    if (str_is(json_string_of(node), "never"))
        rule->health.healthy_after_ms = KTIME_NEVER;
    else if (json_is(node, JSON_OBJECT))
        err = reader_mapping(reader, node, "health: {healthy-after: 7m}", keys, ARRAY_COUNT(keys),
                             &rule->health);
    else
        err = reader_mismatch(reader, node, STR_NONE, "\"never\" or {healthy-after: 7m}", NULL, 0);
    if (err == ERR_NONE &&
        (json_get(node, "flaps-at") == NULL) != (json_get(node, "flaps-for") == NULL))
        err = reader_fail(reader, node, ERR_TYPE,
                          "found one of \"flaps-at\" and \"flaps-for\", expected both");
    return err;
}

/* `{from: 1h, to: 3h, every: 24h}`. */
static enum err active_read(const struct reader *reader, const struct json *node,
                            struct world_rule *rule)
{
    static const struct read_key keys[] = {
        {"from", READ_DURATION, true, offsetof(struct world_rule, active.min_ms)},
        {"to", READ_DURATION, true, offsetof(struct world_rule, active.max_ms)},
        {"every", READ_DURATION, false, offsetof(struct world_rule, active_every_ms)},
    };
    enum err err = reader_mapping(reader, node, "a window: {from: 1h, to: 3h}", keys,
                                  ARRAY_COUNT(keys), rule);
    if (err != ERR_NONE)
        return err;
    rule->has_active = true;
    int64_t length_ms = rule->active.max_ms - rule->active.min_ms;
    if (length_ms <= 0)
        return reader_fail(reader, node, ERR_TYPE, "found \"to\" not after \"from\"");
    if (rule->active_every_ms != 0 && rule->active_every_ms <= length_ms)
        return reader_fail(reader, node, ERR_TYPE,
                           "found \"every\" not longer than the window itself");
    return ERR_NONE;
}

static enum err feature_check(const struct reader *reader, const struct json *feature)
{
    static const struct str features[] = {{"Helm", 4}, {"Kustomize", 9}, {"Resources", 9}};
    size_t index;
    if (feature == NULL)
        return ERR_NONE;
    return reader_word(reader, feature, features, ARRAY_COUNT(features), &index);
}

static enum err kind_read(const struct reader *reader, const struct json *node,
                          const struct rule_kind **ret_kind)
{
    struct str names[ARRAY_COUNT(rule_kinds)];
    size_t index = 0;
    enum err err = ERR_NONE;
    for (size_t i = 0; i < ARRAY_COUNT(rule_kinds); i++)
        names[i] = rule_kinds[i].name;
    /* A bare `on` is the key "true": see scenario_read.c. */
    const struct json *on = json_get(node, json_get(node, "on") != NULL ? "on" : "true");
    if (on != NULL)
        err = reader_word(reader, on, names, ARRAY_COUNT(names), &index);
    *ret_kind = &rule_kinds[index];
    return err;
}

static enum err ranges_read(const struct reader *reader, const struct rule_draft *draft,
                            struct world_rule *rule)
{
    enum err err = range_read(reader, draft->takes, &rule->has_takes, &rule->takes);
    if (err == ERR_NONE)
        err = range_read(reader, draft->created_after, &rule->has_created_after,
                         &rule->created_after);
    if (err == ERR_NONE)
        err = range_read(reader, draft->stale_for, &rule->has_stale_for, &rule->stale_for);
    return err;
}

static enum err rule_read(const struct reader *reader, const struct json *node,
                          struct world_rule *ret_rule)
{
    struct rule_draft draft = {0};
    struct world_rule *rule = &draft.rule;
    const struct rule_kind *kind;
    enum err err = kind_read(reader, node, &kind);
    if (err == ERR_NONE)
        err = reader_mapping(reader, node, "a rule of the world", kind->keys, kind->key_count,
                             &draft);
    if (err == ERR_NONE)
        err = feature_check(reader, json_get(node, "feature"));
    if (err == ERR_NONE)
        err = ranges_read(reader, &draft, rule);
    if (err == ERR_NONE)
        err = fails_read(reader, draft.fails, &rule->fails);
    if (err == ERR_NONE && draft.health != NULL)
        err = health_read(reader, draft.health, rule);
    if (err == ERR_NONE && draft.active != NULL)
        err = active_read(reader, draft.active, rule);
    if (err == ERR_NONE && !str_is_empty(rule->check) && !rule->has_health)
        err = reader_fail(reader, json_get(node, "check"), ERR_TYPE,
                          "found a check without \"health\", expected what it finds");
    if (err == ERR_NONE)
        *ret_rule = draft.rule;
    return err;
}

enum err scenario_read_world(const struct reader *reader, const struct json *list,
                             struct world_rule **ret_rules, size_t *ret_count)
{
    size_t count = 0;
    if (!json_is(list, JSON_ARRAY))
        return reader_mismatch(reader, list, STR_NONE, "a list of rules", NULL, 0);
    if (json_count(list) > SCENARIO_RULES_MAX)
        return reader_fail(reader, list, ERR_LIMIT, "found %zu rules, expected at most %u",
                           json_count(list), SCENARIO_RULES_MAX);
    struct world_rule *rules = mem_alloc_array(json_count(list) + 1, sizeof(*rules));
    JSON_EACH (node, list) {
        enum err err = rule_read(reader, node, &rules[count++]);
        if (err != ERR_NONE) {
            mem_free(rules);
            return err;
        }
    }
    *ret_rules = rules;
    *ret_count = count;
    return ERR_NONE;
}

enum err scenario_read_fleet_file(const struct source *source, struct fleet *ret_fleet,
                                  struct world_rule **ret_rules, size_t *ret_rule_count,
                                  struct errmsg *msg)
{
    static const struct read_key keys[] = {{"fleet", READ_LIST, true, 0},
                                           {"world", READ_LIST, false, sizeof(void *)}};
    const struct json *lists[2] = {NULL, NULL};
    if (source->yaml.document_count != 1)
        return err_set(msg, ERR_TYPE, "%s:1:1: found %zu documents, expected one with a fleet",
                       source->path, source->yaml.document_count);
    struct reader reader = {source, &source->yaml.documents[0], msg};
    const struct json *root = reader.document->root;
    if (json_is(root, JSON_ARRAY))
        return fleet_read(&reader, root, ret_fleet);
    enum err err = reader_mapping(&reader, root, "a fleet: a list of clusters, or \"fleet\"", keys,
                                  ARRAY_COUNT(keys), lists);
    if (err == ERR_NONE)
        err = fleet_read(&reader, lists[0], ret_fleet);
    if (err == ERR_NONE && lists[1] != NULL)
        err = scenario_read_world(&reader, lists[1], ret_rules, ret_rule_count);
    return err;
}
