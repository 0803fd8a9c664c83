/*
 * x-kubernetes-validations. Rules are CEL; no CEL is evaluated yet. The rules of this table
 * are carried by hand, known by their text; every other rule counts as kept. An evaluator
 * replaces known_rule_holds and nothing else here: the walk, the order and the words stay.
 */
#include "fakeapi/schema_node.h"

/* As CEL's has(): a null member is there only where it may be null, and those are not used. */
static bool has(const struct json *object, const char *name)
{
    const struct json *member = json_get(object, name);
    return member != NULL && !json_is(member, JSON_NULL);
}

static bool has_manual_or_auto(const struct json *self)
{
    return has(self, "manual") != has(self, "auto");
}

static const struct known_rule {
    const char *rule;
    bool (*holds)(const struct json *self);
} known_rules[] = {
    /* ClusterPromotion: spec.stages[].trigger */
    {"has(self.manual) != has(self.auto)", has_manual_or_auto},
};

static bool known_rule_holds(const struct schema_rule *rule, const struct json *self)
{
    for (size_t i = 0; i < ARRAY_COUNT(known_rules); i++) {
        if (strcmp(rule->rule, known_rules[i].rule) == 0)
            return known_rules[i].holds(self);
    }
    return true;
}

/* A failed rule shows no value for objects and lists. Without a message: the rule. */
static void add_rule_error(const struct schema_rule *rule, struct schema_walk *walk)
{
    struct str message = str_from(rule->message);
    if (str_is_empty(message))
        schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                          "Invalid value: failed rule: %s", rule->rule);
    else
        schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                          "Invalid value: %.*s", STR_ARGS(message));
}

static void check_own_rules(const struct schema *schema, const struct json *value,
                            struct schema_walk *walk)
{
    for (size_t i = 0; i < schema->rule_count; i++) {
        if (!known_rule_holds(&schema->rules[i], value))
            add_rule_error(&schema->rules[i], walk);
    }
}

static void check_member_rules(const struct schema *schema, const struct json *object,
                               struct schema_walk *walk)
{
    JSON_EACH(member, object) {
        const struct schema *property = schema_property(schema, json_key(member));
        size_t len = schema_walk_enter_member(walk, json_key(member));
        if (property == NULL && schema->additional != NULL) {
            /* Map values are written m[k] by rules, though m.k by all other checks. */
            schema_walk_leave(walk, len);
            buf_printf(&walk->path, "[%.*s]", STR_ARGS(json_key(member)));
        }
        schema_check_rules(property != NULL ? property : schema->additional, member, walk);
        schema_walk_leave(walk, len);
    }
}

/* The rules of a node, then those of what is in it. */
void schema_check_rules(const struct schema *schema, const struct json *value,
                        struct schema_walk *walk)
{
    size_t index = 0;
    if (schema == NULL || json_is(value, JSON_NULL))
        return;
    check_own_rules(schema, value, walk);
    if (json_is(value, JSON_OBJECT))
        check_member_rules(schema, value, walk);
    if (!json_is(value, JSON_ARRAY))
        return;
    JSON_EACH(item, value) {
        size_t len = schema_walk_enter_item(walk, index++);
        schema_check_rules(schema->items, item, walk);
        schema_walk_leave(walk, len);
    }
}
