#include "controller/core/profile_wanted.h"

#include "controller/core/adoption.h"
#include "controller/core/names.h"
#include "controller/core/spec_render.h"

static void append_clones(struct json *list, const struct json *items)
{
    JSON_EACH(item, items)
    json_append(list, json_clone(item));
}

static void copy_member(const struct json *from, const char *member, struct json *to)
{
    const struct json *value = json_get(from, member);
    if (value != NULL)
        json_set(to, member, json_clone(value));
}

/* D7: deploys what the checks look at, and nothing else of the configuration. */
static struct json *check_spec(const struct json *profile_spec, const struct stage_spec *stage)
{
    struct json *spec = json_object();
    json_set(spec, "syncMode", json_text("Continuous"));
    copy_member(profile_spec, "tier", spec);
    copy_member(profile_spec, "continueOnConflict", spec);
    copy_member(profile_spec, "continueOnError", spec);
    json_set(spec, "policyRefs",
             stage->pre_checks != NULL ? json_clone(stage->pre_checks) : json_array());
    return spec;
}

static void add_gate_checks(struct json *spec, const struct stage_spec *stage)
{
    struct json *checks = json_array();
    append_clones(checks, json_get(spec, "validateHealths"));
    append_clones(checks, stage->gate_checks);
    json_set(spec, "validateHealths", checks);
}

struct json *wanted_spec(const struct promotion *promotion, const struct stage_spec *stage,
                         enum profile_role role)
{
    const struct json *profile_spec = json_at(promotion->tree, "spec.profileSpec");
    struct json *spec;
    if (role == ROLE_CHECK)
        spec = check_spec(profile_spec, stage);
    else
        spec = profile_spec != NULL ? json_clone(profile_spec) : json_object();
    if (role == ROLE_GATED && stage->gate_checks != NULL)
        add_gate_checks(spec, stage);
    json_set(spec, "clusterSelector",
             stage->selector != NULL ? json_clone(stage->selector) : json_object());
    return spec;
}

/* The digest of the part of a profile's spec that a promotion's profileSpec can hold. */
static void hex_of_profile_spec(const struct json *rendered, char ret_hex[SHA256_HEX_BYTES])
{
    struct json *part = NULL;
    enum err err = spec_render(rendered, &spec_type_profile_spec, true, &part, NULL);
    ASSERT(err == ERR_NONE); /* it was rendered before, with more fields */
    sha256_hex(spec_digest(part), ret_hex);
    json_free(part);
}

bool wanted_profile_read(struct promotion *promotion, size_t index, enum profile_role role,
                         struct errmsg *msg)
{
    const char *const list = role == ROLE_CHECK ? "preHealthCheckDeployment"
                                                : "postDelayHealthChecks";
    struct stage_spec *stage = &promotion->stages[index];
    struct wanted_profile *wanted = &stage->wanted[role];
    CLEANUP(json_free_pointer) struct json *spec = wanted_spec(promotion, stage, role);
    CLEANUP(json_free_pointer) struct json *rendered = NULL;
    char profile_spec[SHA256_HEX_BYTES];
    char selector[SHA256_HEX_BYTES];
    char applied[SHA256_HEX_BYTES];
    struct errmsg why;
    if (spec_render(spec, &spec_type_cluster_profile, true, &rendered, &why) != ERR_NONE) {
        err_set(msg, ERR_TYPE, "spec.stages[%zu].trigger: %s: %s", index, list, why.text);
        return false;
    }
    wanted->digest = spec_digest(rendered);
    sha256_hex(promotion->configuration, profile_spec);
    sha256_hex(spec_digest(json_get(rendered, "clusterSelector")), selector);
    hex_of_profile_spec(rendered, applied);
    snprintf(wanted->configuration, sizeof(wanted->configuration), "v1:%s:%s%s%s", profile_spec,
             selector, role == ROLE_STAGE ? "" : ":", role == ROLE_STAGE ? "" : applied);
    return true;
}

bool configuration_parse(struct str text, struct configuration *ret_configuration)
{
    struct str rest = text;
    struct str version = str_split_next(&rest, ':');
    struct configuration parsed;
    parsed.profile_spec = str_split_next(&rest, ':');
    parsed.selector = str_split_next(&rest, ':');
    parsed.applied = rest.data != NULL ? rest : parsed.profile_spec;
    if (!str_is(version, "v1") || parsed.profile_spec.len != SHA256_HEX_BYTES - 1 ||
        parsed.selector.len != SHA256_HEX_BYTES - 1 || parsed.applied.len != SHA256_HEX_BYTES - 1)
        return false;
    *ret_configuration = parsed;
    return true;
}

void configuration_print(const struct stage_spec *stage, enum profile_role role,
                         const struct json *spec, char ret_text[CONFIGURATION_BYTES])
{
    const char *wanted = stage->wanted[role].configuration;
    char applied[SHA256_HEX_BYTES];
    struct configuration parts;
    bool parsed = configuration_parse(str_from(wanted), &parts);
    ASSERT(parsed);
    hex_of_profile_spec(spec, applied);
    if (str_is(parts.applied, applied))
        snprintf(ret_text, CONFIGURATION_BYTES, "%s", wanted);
    else
        snprintf(ret_text, CONFIGURATION_BYTES, "v1:%.*s:%.*s:%s", STR_ARGS(parts.profile_spec),
                 STR_ARGS(parts.selector), applied);
}

bool profile_was_edited(const struct profile *profile)
{
    struct configuration configuration;
    char hex[SHA256_HEX_BYTES];
    if (!configuration_parse(profile->configuration, &configuration) ||
        json_first(profile->undecodable) != NULL)
        return true;
    hex_of_profile_spec(profile->rendered, hex);
    return !str_is(configuration.applied, hex);
}

bool profile_holds_applied(const struct profile *profile, const struct stage_spec *stage)
{
    struct configuration was, is;
    return configuration_parse(profile->configuration, &was) &&
           configuration_parse(str_from(stage->wanted[ROLE_STAGE].configuration), &is) &&
           str_equal(was.profile_spec, is.profile_spec) && str_equal(was.selector, is.selector) &&
           !profile_was_edited(profile);
}

static bool profile_has_owner(const struct profile *profile, const struct promotion *promotion)
{
    JSON_EACH(owner, json_at(profile->tree, "metadata.ownerReferences"))
    {
        if (str_equal(json_text_at(owner, "uid"), promotion->object.meta.uid))
            return true;
    }
    return false;
}

static bool has_label(const struct profile *profile, const struct promotion *promotion)
{
    return str_equal(meta_label(profile->tree, LABEL_PROMOTION_NAME),
                     promotion->object.meta.name);
}

bool profile_has_owner_uid(const struct profile *profile, const struct promotion *promotion)
{
    return str_equal(meta_annotation(profile->tree, ANNOTATION_OWNER_UID),
                     promotion->object.meta.uid);
}

bool profile_is_ours(const struct profile *profile, const struct promotion *promotion)
{
    return profile_has_owner(profile, promotion) ||
           (has_label(profile, promotion) && profile_has_owner_uid(profile, promotion));
}

/* P10: left behind by an earlier promotion that preserved it. */
static bool profile_is_orphan_of(const struct profile *profile, const struct stage_spec *stage)
{
    return json_first(json_at(profile->tree, "metadata.ownerReferences")) == NULL &&
           profile->applied && str_equal(profile->stage, stage->name);
}

static bool key_matches(const struct json *item, struct str key_text)
{
    CLEANUP(json_free_pointer) struct json *key = NULL;
    if (json_parse(key_text, NULL, &key, NULL) != ERR_NONE)
        return false;
    JSON_EACH(member, key)
    {
        if (!json_equal(json_get_str(item, json_key(member)), member))
            return false;
    }
    return true;
}

static const struct json *item_of_key(const struct json *list, struct str key_text)
{
    JSON_EACH(item, list)
    {
        if (key_matches(item, key_text))
            return item;
    }
    return NULL;
}

/* The part of `value` that a FieldsV1 key names; NULL when it is not there. */
static const struct json *owned_part(const struct json *value, struct str field_key)
{
    struct str rest = str_slice(field_key, 2, field_key.len);
    if (str_starts_with(field_key, STR("f:")))
        return json_get_str(value, rest);
    if (str_starts_with(field_key, STR("k:")))
        return item_of_key(value, rest);
    return str_is(field_key, ".") ? value : NULL;
}

/* True when `fields` (FieldsV1) owns nothing that `value` lacks. Bounded by JSON's depth. */
static bool fields_are_within(const struct json *fields, const struct json *value)
{
    JSON_EACH(field, fields)
    {
        const struct json *part = owned_part(value, json_key(field));
        if (part == NULL || json_is(part, JSON_NULL) || !fields_are_within(field, part))
            return false;
    }
    return true;
}

static bool is_one_of(struct str key, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(str_slice(key, 2, key.len), names[i]))
            return true;
    }
    return false;
}

static bool metadata_fields_are_within(const struct json *fields)
{
    static const char *const annotations[] = {ANNOTATION_STAGE_NAME, ANNOTATION_CONFIGURATION,
                                              ANNOTATION_REDEPLOYS, ANNOTATION_OWNER_UID};
    static const char *const labels[] = {LABEL_PROMOTION_NAME, LABEL_VERIFICATION};
    JSON_EACH(field, json_get(fields, "f:annotations"))
    {
        if (!str_is(json_key(field), ".") &&
            !is_one_of(json_key(field), annotations, ARRAY_COUNT(annotations)))
            return false;
    }
    JSON_EACH(field, json_get(fields, "f:labels"))
    {
        if (!str_is(json_key(field), ".") &&
            !is_one_of(json_key(field), labels, ARRAY_COUNT(labels)))
            return false;
    }
    return true;
}

/* P2: else a field that left the configuration would stay live. */
static bool owns_nothing_more(const struct profile *profile, const struct promotion *promotion,
                              const struct stage_spec *stage, enum profile_role role)
{
    const struct json *entry = meta_apply_entry(profile->tree, FIELD_MANAGER_APPLY);
    const struct json *fields = json_get(entry, "fieldsV1");
    CLEANUP(json_free_pointer) struct json *spec = wanted_spec(promotion, stage, role);
    return entry != NULL && metadata_fields_are_within(json_get(fields, "f:metadata")) &&
           fields_are_within(json_get(fields, "f:spec"), spec);
}

static bool metadata_is_as_wanted(const struct profile *profile,
                                  const struct promotion *promotion,
                                  const struct stage_spec *stage, enum profile_role role)
{
    bool verifies = str_is(meta_label(profile->tree, LABEL_VERIFICATION), "true");
    return has_label(profile, promotion) && profile_has_owner_uid(profile, promotion) &&
           verifies == (role == ROLE_CHECK) && str_equal(profile->stage, stage->name) &&
           (str_is(profile->configuration, stage->wanted[role].configuration) ||
            (role != ROLE_CHECK && profile_holds_applied(profile, stage))) &&
           profile->redeploys != NULL &&
           profile_has_owner(profile, promotion) != promotion->preserve;
}

/* P2: all that we send is there; what others add beside it is theirs, and no reason to apply
 * again without effect. */
static bool holds_all_wanted(const struct profile *profile, const struct promotion *promotion,
                             const struct stage_spec *stage, enum profile_role role)
{
    CLEANUP(json_free_pointer) struct json *spec = wanted_spec(promotion, stage, role);
    CLEANUP(json_free_pointer) struct json *rendered = NULL;
    if (sha256_equal(profile->digest, stage->wanted[role].digest))
        return true;
    if (spec_render(spec, &spec_type_cluster_profile, true, &rendered, NULL) != ERR_NONE)
        return false;
    bool any_order = profile_holds_applied(profile, stage);
    JSON_EACH(member, rendered)
    {
        const struct json *stored = json_get_str(profile->rendered, json_key(member));
        if (stored == NULL || !(any_order ? json_equal_but_order(stored, member)
                                          : json_equal(stored, member)))
            return false;
    }
    return !profile_keeps_old_checks(profile, spec);
}

enum profile_standing profile_standing(const struct profile *profile,
                                       const struct promotion *promotion,
                                       const struct stage_spec *stage, enum profile_role role)
{
    if (profile == NULL)
        return PROFILE_ABSENT;
    if (!profile_is_ours(profile, promotion) && !profile_is_orphan_of(profile, stage))
        return PROFILE_FOREIGN;
    if (profile->object.meta.deleting)
        return PROFILE_TERMINATING;
    bool as_wanted = metadata_is_as_wanted(profile, promotion, stage, role) &&
                     holds_all_wanted(profile, promotion, stage, role) &&
                     owns_nothing_more(profile, promotion, stage, role);
    return as_wanted ? PROFILE_AS_WANTED : PROFILE_DIFFERS;
}
