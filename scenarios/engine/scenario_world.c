#include "controller/base/mem.h"
#include "scenarios/engine/scenario.h"

/* A rule as it stands in the file. */
struct rule_draft {
    const struct json *on, *takes, *created_after, *stale_for, *fails;
    struct world_rule rule;
};

static const struct read_key rule_keys[] = {
    {"on", READ_ANY, true, offsetof(struct rule_draft, on)},
    {"cluster", READ_TEXT, false, offsetof(struct rule_draft, rule.cluster)},
    {"profile", READ_TEXT, false, offsetof(struct rule_draft, rule.profile)},
    {"feature", READ_TEXT, false, offsetof(struct rule_draft, rule.feature)},
    {"takes", READ_ANY, false, offsetof(struct rule_draft, takes)},
    {"created-after", READ_ANY, false, offsetof(struct rule_draft, created_after)},
    {"stale-for", READ_ANY, false, offsetof(struct rule_draft, stale_for)},
    {"fails", READ_ANY, false, offsetof(struct rule_draft, fails)},
    {"for-good", READ_BOOL, false, offsetof(struct rule_draft, rule.fails_for_good)},
    {"message", READ_TEXT, false, offsetof(struct rule_draft, rule.message)},
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

static enum err rule_check_words(const struct reader *reader, const struct json *node,
                                 const struct json *on)
{
    static const struct str kinds[] = {{"ClusterSummary", 14}};
    static const struct str features[] = {{"Helm", 4}, {"Kustomize", 9}, {"Resources", 9}};
    const struct json *feature = json_get(node, "feature");
    size_t index;
    enum err err = reader_word(reader, on, kinds, ARRAY_COUNT(kinds), &index);
    if (err == ERR_NONE && feature != NULL)
        err = reader_word(reader, feature, features, ARRAY_COUNT(features), &index);
    return err;
}

static enum err rule_read(const struct reader *reader, const struct json *node,
                          struct world_rule *ret_rule)
{
    struct rule_draft draft = {0};
    struct world_rule *rule = &draft.rule;
    enum err err = reader_mapping(reader, node, "a rule of the world", rule_keys,
                                  ARRAY_COUNT(rule_keys), &draft);
    if (err == ERR_NONE)
        err = rule_check_words(reader, node, draft.on);
    if (err == ERR_NONE)
        err = range_read(reader, draft.takes, &rule->has_takes, &rule->takes);
    if (err == ERR_NONE)
        err = range_read(reader, draft.created_after, &rule->has_created_after,
                         &rule->created_after);
    if (err == ERR_NONE)
        err = range_read(reader, draft.stale_for, &rule->has_stale_for, &rule->stale_for);
    if (err == ERR_NONE)
        err = fails_read(reader, draft.fails, &rule->fails);
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
