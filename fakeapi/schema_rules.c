/*
 * x-kubernetes-validations. Rules are CEL; no CEL is evaluated yet. The rules of the kinds
 * that the fake API brings along are carried by hand, known by their text; every other rule
 * counts as kept. An evaluator
 * replaces the table and `evaluate`, and nothing else: the walk, order and words stay.
 */
#include "fakeapi/schema_node.h"

/* What a rule came to. An error is a rule that looked at a member that is not there. */
struct verdict {
    bool kept;
    const char *missing_key; /* NULL: it could be evaluated */
};

/* CEL's has(). Nulls are gone but where a member may be null, and has() is false for those.
 * False for no name. */
static bool has(const struct json *object, const char *name)
{
    const struct json *member = name != NULL ? json_get(object, name) : NULL;
    return member != NULL && !json_is(member, JSON_NULL);
}

/* has(self.a) != has(self.b) */
static struct verdict one_of(const struct json *self, const char *const names[3])
{
    return (struct verdict){.kept = has(self, names[0]) != has(self, names[1])};
}

/* !has(self.a) || (!has(self.b) && !has(self.c)) */
static struct verdict excludes(const struct json *self, const char *const names[3])
{
    return (struct verdict){.kept = !has(self, names[0]) ||
                                    (!has(self, names[1]) && !has(self, names[2]))};
}

/* (self.a == 'b') == has(self.c); a is required. */
static struct verdict goes_with(const struct json *self, const char *const names[3])
{
    bool chosen = str_is(json_string_of(json_get(self, names[0])), names[1]);
    return (struct verdict){.kept = chosen == has(self, names[2])};
}

/* self.a.startsWith('b') ? size(self.c) >= 1 : true; a is required. */
static struct verdict is_named_if_prefix(const struct json *self, const char *const names[3])
{
    if (!str_starts_with(json_string_of(json_get(self, names[0])), str_from(names[1])))
        return (struct verdict){.kept = true};
    if (!has(self, names[2]))
        return (struct verdict){.missing_key = names[2]};
    return (struct verdict){.kept = json_string_of(json_get(self, names[2])).len >= 1};
}

static const struct known_rule {
    const char *rule;
    struct verdict (*evaluate)(const struct json *self, const char *const names[3]);
    const char *names[3];
} known_rules[] = {
    /* ClusterPromotion: the trigger of a stage */
    {"has(self.manual) != has(self.auto)", one_of, {"manual", "auto"}},
    /* PolicyRef, KustomizationRef */
    {"has(self.remoteURL) != has(self.kind)", one_of, {"remoteURL", "kind"}},
    /* ValidateHealth */
    {"!has(self.jobCheck) || (!has(self.script) && !has(self.evaluateCEL))", excludes,
     {"jobCheck", "script", "evaluateCEL"}},
    /* SveltosCluster */
    {"!has(self.workloadIdentity) || !has(self.kubeconfigName)", excludes,
     {"workloadIdentity", "kubeconfigName"}},
    {"(self.provider == 'AWS') == has(self.aws)", goes_with, {"provider", "AWS", "aws"}},
    {"(self.provider == 'GCP') == has(self.gcp)", goes_with, {"provider", "GCP", "gcp"}},
    {"(self.provider == 'Azure') == has(self.azure)", goes_with, {"provider", "Azure", "azure"}},
    /* HelmChart */
    {"self.repositoryURL.startsWith('http') ? size(self.chartName) >= 1 : true",
     is_named_if_prefix, {"repositoryURL", "http", "chartName"}},
    {"self.repositoryURL.startsWith('oci') ? size(self.chartName) >= 1 : true",
     is_named_if_prefix, {"repositoryURL", "oci", "chartName"}},
    {"self.repositoryURL.startsWith('http') ? size(self.chartVersion) >= 1 : true",
     is_named_if_prefix, {"repositoryURL", "http", "chartVersion"}},
    {"self.repositoryURL.startsWith('oci') ? size(self.chartVersion) >= 1 : true",
     is_named_if_prefix, {"repositoryURL", "oci", "chartVersion"}},
    {"self.repositoryURL.startsWith('http') ? size(self.repositoryName) >= 1 : true",
     is_named_if_prefix, {"repositoryURL", "http", "repositoryName"}},
    {"self.repositoryURL.startsWith('oci') ? size(self.repositoryName) >= 1 : true",
     is_named_if_prefix, {"repositoryURL", "oci", "repositoryName"}},
};

static struct verdict evaluate(const struct schema_rule *rule, const struct json *self)
{
    for (size_t i = 0; i < ARRAY_COUNT(known_rules); i++) {
        if (strcmp(rule->rule, known_rules[i].rule) == 0)
            return known_rules[i].evaluate(self, known_rules[i].names);
    }
    return (struct verdict){.kept = true};
}

/* A broken rule shows no value for objects and lists; one that could not be evaluated shows
 * the type. Without a message it is the rule that is named. */
static void add_rule_error(const struct schema_rule *rule, struct verdict verdict,
                           struct schema_walk *walk)
{
    bool told = rule->message != NULL && rule->message[0] != '\0';
    if (verdict.missing_key != NULL)
        schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                          "Invalid value: \"object\": no such key: %s evaluating rule: %s",
                          verdict.missing_key, told ? rule->message : rule->rule);
    else
        schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                          "Invalid value: %s%s", told ? "" : "failed rule: ",
                          told ? rule->message : rule->rule);
}

static void check_own_rules(const struct schema *schema, const struct json *value,
                            struct schema_walk *walk)
{
    for (size_t i = 0; i < schema->rule_count; i++) {
        struct verdict verdict = evaluate(&schema->rules[i], value);
        if (!verdict.kept)
            add_rule_error(&schema->rules[i], verdict, walk);
    }
}

static void check_member_rules(const struct schema *schema, const struct json *object,
                               struct schema_walk *walk)
{
    JSON_EACH(member, object) {
        const struct schema *property = schema_property(schema, json_key(member));
        /* Map values are written m[k] by rules, though m.k by all other checks. */
        if (property == NULL && schema->additional != NULL)
            schema_walk_enter_key(walk, json_key(member));
        else
            schema_walk_enter_member(walk, json_key(member));
        schema_check_rules(property != NULL ? property : schema->additional, member, walk);
        schema_walk_leave(walk);
    }
}

/* The rules of a node, then those of what is in it. */
void schema_check_rules(const struct schema *schema, const struct json *value,
                        struct schema_walk *walk)
{
    size_t index = 0;
    if (schema == NULL || json_is(value, JSON_NULL) || schema_is_marked(schema, value))
        return;
    check_own_rules(schema, value, walk);
    if (json_is(value, JSON_OBJECT))
        check_member_rules(schema, value, walk);
    if (!json_is(value, JSON_ARRAY))
        return;
    JSON_EACH(item, value) {
        schema_walk_enter_item(walk, index++);
        schema_check_rules(schema->items, item, walk);
        schema_walk_leave(walk);
    }
}

/* A scalar is shown, anything else is not. */
static void add_change_error(const struct schema_rule *rule, const struct json *value,
                             struct schema_walk *walk)
{
    struct buf shown;
    buf_init(&shown, SCHEMA_ERRORS_BYTES_MAX);
    if (!json_is(value, JSON_OBJECT) && !json_is(value, JSON_ARRAY)) {
        schema_text_value(value, &shown);
        buf_append_text(&shown, ": ");
    }
    schema_errors_add(walk->errors, "FieldValueInvalid", schema_walk_field(walk),
                      "Invalid value: %.*s%s", STR_ARGS(buf_str(&shown)),
                      rule->message != NULL ? rule->message : "failed rule: self == oldSelf");
    buf_release(&shown);
}

/* `self == oldSelf` of a node and of the members that were there before. */
static void check_change(const struct schema *schema, const struct json *value,
                         const struct json *old, struct schema_walk *walk)
{
    if (schema == NULL || value == NULL || old == NULL || json_is_same(value, old))
        return;
    for (size_t i = 0; i < schema->rule_count; i++)
        if (strcmp(schema->rules[i].rule, "self == oldSelf") == 0 && !json_equal(value, old))
            add_change_error(&schema->rules[i], value, walk);
    if (!json_is(value, JSON_OBJECT))
        return;
    JSON_EACH(member, value) {
        schema_walk_enter_member(walk, json_key(member));
        check_change(schema_property(schema, json_key(member)), member,
                     json_get_str(old, json_key(member)), walk);
        schema_walk_leave(walk);
    }
}

void schema_validate_change(const struct schema *schema, const struct json *value,
                            const struct json *old, struct str path,
                            struct schema_errors *errors)
{
    struct schema_walk walk;
    if (schema == NULL || !schema->tree_has_rules || errors->count > 0)
        return;
    schema_walk_init(&walk, path, errors);
    check_change(schema, value, old, &walk);
    schema_walk_release(&walk);
}
