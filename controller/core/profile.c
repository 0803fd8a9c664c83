#include "controller/core/profile.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "controller/core/names.h"
#include "controller/core/spec_render.h"

uint64_t profile_annotations_hash(const struct json *object)
{
    uint64_t hash = STR_HASH_INIT;
    hash = str_hash(hash, meta_annotation(object, ANNOTATION_CONFIGURATION));
    hash = str_hash(hash, STR("|"));
    return str_hash(hash, meta_annotation(object, ANNOTATION_REDEPLOYS));
}

static struct json *parse_redeploys(struct str text)
{
    struct json *redeploys = NULL;
    if (str_is_empty(text) || json_parse(text, NULL, &redeploys, NULL) != ERR_NONE)
        return NULL;
    if (json_is(redeploys, JSON_OBJECT))
        return redeploys;
    json_free(redeploys);
    return NULL;
}

static bool is_decodable(const struct json *member)
{
    CLEANUP(json_free_pointer) struct json *alone = json_object();
    CLEANUP(json_free_pointer) struct json *rendered = NULL;
    json_set_str(alone, json_key(member), json_clone(member));
    return spec_render(alone, &spec_type_cluster_profile, true, &rendered, NULL) == ERR_NONE;
}

/* What somebody wrote beside our fields must not hide these (B40). */
static void read_spec(struct profile *profile, const struct json *spec)
{
    CLEANUP(json_free_pointer) struct json *decodable = json_object();
    struct json *undecodable = json_array();
    struct json *rendered = NULL;
    if (spec_render(spec, &spec_type_cluster_profile, true, &rendered, NULL) == ERR_NONE) {
        profile->digest = spec_digest(rendered);
    } else {
        JSON_EACH(member, spec)
        {
            if (is_decodable(member))
                json_set_str(decodable, json_key(member), json_clone(member));
            else
                json_append(undecodable, json_string(json_key(member)));
        }
        enum err err =
            spec_render(decodable, &spec_type_cluster_profile, true, &rendered, NULL);
        ASSERT(err == ERR_NONE); /* each member was rendered alone */
    }
    profile->rendered = rendered;
    profile->undecodable = undecodable;
}

struct object *profile_create(struct json *json, const struct object *base)
{
    struct profile *profile = mem_alloc(sizeof(*profile));
    profile->object = *base;
    read_spec(profile, json_get(json, "spec"));
    const struct json *entry = meta_apply_entry(json, FIELD_MANAGER_APPLY);
    profile->applied = entry != NULL;
    if (!ktime_parse_rfc3339(json_text_at(entry, "time"), &profile->applied_ms))
        profile->applied_ms = 0;
    json_remove(json, "spec");
    json_remove(json, "status");
    profile->tree = json;
    profile->stage = meta_annotation(json, ANNOTATION_STAGE_NAME);
    profile->configuration = meta_annotation(json, ANNOTATION_CONFIGURATION);
    profile->redeploys = parse_redeploys(meta_annotation(json, ANNOTATION_REDEPLOYS));
    profile->annotations_hash = profile_annotations_hash(json);
    return &profile->object;
}

void profile_free(struct profile *profile)
{
    json_free(profile->tree);
    json_free(profile->rendered);
    json_free(profile->undecodable);
    json_free(profile->redeploys);
    mem_free(profile);
}

bool profile_field_is_of(const struct profile *profile, const char *field_manager,
                         struct str member)
{
    JSON_EACH(entry, json_at(profile->tree, "metadata.managedFields"))
    {
        if (!str_is(json_text_at(entry, "manager"), field_manager))
            continue;
        JSON_EACH(field, json_at(entry, "fieldsV1.f:spec"))
        {
            if (str_equal(str_slice(json_key(field), 2, json_key(field).len), member))
                return true;
        }
    }
    return false;
}
