#include "controller/core/profile_wanted.h"

#include "controller/core/names.h"

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

static bool has_owner_uid(const struct profile *profile, const struct promotion *promotion)
{
    return str_equal(meta_annotation(profile->tree, ANNOTATION_OWNER_UID),
                     promotion->object.meta.uid);
}

bool profile_is_ours(const struct profile *profile, const struct promotion *promotion)
{
    return profile_has_owner(profile, promotion) ||
           (has_label(profile, promotion) && has_owner_uid(profile, promotion));
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

static bool spec_fields_are_within(const struct json *fields, const struct json *profile_spec)
{
    JSON_EACH(field, fields)
    {
        struct str key = json_key(field);
        const struct json *part = owned_part(profile_spec, key);
        if (str_is(key, "f:clusterSelector"))
            continue;
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
    static const char *const labels[] = {LABEL_PROMOTION_NAME};
    JSON_EACH(field, json_get(fields, "f:annotations"))
    {
        if (!str_is(json_key(field), ".") &&
            !is_one_of(json_key(field), annotations, ARRAY_COUNT(annotations)))
            return false;
    }
    JSON_EACH(field, json_get(fields, "f:labels"))
    {
        if (!str_is(json_key(field), ".") && !is_one_of(json_key(field), labels, 1))
            return false;
    }
    return true;
}

/* P2: else a field that left the configuration would stay live. */
static bool owns_nothing_more(const struct profile *profile, const struct promotion *promotion)
{
    const struct json *entry = meta_apply_entry(profile->tree, FIELD_MANAGER_APPLY);
    const struct json *fields = json_get(entry, "fieldsV1");
    return entry != NULL && metadata_fields_are_within(json_get(fields, "f:metadata")) &&
           spec_fields_are_within(json_get(fields, "f:spec"),
                                  json_at(promotion->tree, "spec.profileSpec"));
}

static bool metadata_is_as_wanted(const struct profile *profile,
                                  const struct promotion *promotion,
                                  const struct stage_spec *stage)
{
    return has_label(profile, promotion) && has_owner_uid(profile, promotion) &&
           str_equal(profile->stage, stage->name) &&
           str_is(profile->configuration, stage->configuration) &&
           profile_has_owner(profile, promotion) != promotion->preserve;
}

enum profile_standing profile_standing(const struct profile *profile,
                                       const struct promotion *promotion,
                                       const struct stage_spec *stage)
{
    if (profile == NULL)
        return PROFILE_ABSENT;
    if (!profile_is_ours(profile, promotion) && !profile_is_orphan_of(profile, stage))
        return PROFILE_FOREIGN;
    if (profile->object.meta.deleting)
        return PROFILE_TERMINATING;
    bool as_wanted = metadata_is_as_wanted(profile, promotion, stage) &&
                     profile->rendered != NULL &&
                     sha256_equal(profile->digest, stage->profile_digest) &&
                     owns_nothing_more(profile, promotion);
    return as_wanted ? PROFILE_AS_WANTED : PROFILE_DIFFERS;
}
