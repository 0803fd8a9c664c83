/*
 * A cache filled by hand: a promotion, profiles as we applied them or otherwise, clusters and
 * summaries. Texts are JSON with ' for ". In the promotion's, @P and @S are the hashes of its
 * present profileSpec and stages.
 */
#ifndef PROMOTER_TESTS_TESTLIB_SCENE_H
#define PROMOTER_TESTS_TESTLIB_SCENE_H

#include "controller/base/mem.h"
#include "controller/core/names.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/promotion_view.h"
#include "tests/testlib/object.h"

#define SCENE_NOW_MS INT64_C(1767229200000) /* 2026-01-01T01:00:00Z */
#define SCENE_ARENA_BYTES (256u << 10)

struct scene {
    struct store store;
    struct arena arena; /* of looks */
    struct promotion *promotion; /* in the store */
    struct promotion_memory memory;
    struct ktime now;
};

/* Our finalizers, whose order does not matter. */
#define SCENE_FINALIZERS "['" FINALIZER_OWN "','" FINALIZER_SHARED "']"

static inline void scene_ignore(void *ctx, const struct object *before, const struct object *after)
{
    (void)ctx;
    assert_true(before != NULL || after != NULL);
}

static inline struct json *scene_json(const char *quoted)
{
    struct json *json = NULL;
    char *text = str_dup(str_from(quoted));
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    if (json_parse(str_from(text), NULL, &json, NULL) != ERR_NONE)
        fail_msg("no JSON: %s", text);
    mem_free(text);
    return json;
}

/* Takes `json` over. */
static inline struct object *scene_add(struct scene *scene, enum kube_resource resource,
                                       struct json *json)
{
    static const struct store_listener listener = {NULL, scene_ignore};
    struct object *object = object_create(resource, json);
    assert_non_null(object);
    store_put(&scene->store, object, 1, &listener);
    return object;
}

static inline struct object *scene_put(struct scene *scene, enum kube_resource resource,
                                       const char *quoted)
{
    return scene_add(scene, resource, scene_json(quoted));
}

static inline void scene_init(struct scene *scene)
{
    *scene = (struct scene){.now = {0, SCENE_NOW_MS}};
    store_init(&scene->store);
    arena_init(&scene->arena, SCENE_ARENA_BYTES);
}

static inline void scene_release(struct scene *scene)
{
    arena_release(&scene->arena);
    store_release(&scene->store);
}

static inline char *scene_with_hashes(const char *quoted, const struct promotion *draft)
{
    struct buf text;
    buf_init(&text, 1u << 20);
    for (const char *c = quoted; *c != '\0'; c++) {
        if (c[0] == '@' && (c[1] == 'P' || c[1] == 'S'))
            buf_append_text(&text, *++c == 'P' ? draft->profile_spec_hash : draft->stages_hash);
        else
            buf_append_char(&text, *c);
    }
    return buf_steal(&text);
}

/* `beside`: members of metadata beside name, uid and version, each followed by a comma. */
static inline void scene_promote(struct scene *scene, const char *beside, const char *spec,
                                 const char *status)
{
    char *quoted = str_format("{'metadata':{%s'name':'web','uid':'u','resourceVersion':'1'},"
                              "'spec':%s,'status':%s}", beside, spec, status);
    struct object *draft = object_create(KUBE_CLUSTER_PROMOTIONS, scene_json(quoted));
    char *text = scene_with_hashes(quoted, (struct promotion *)draft);
    scene->promotion =
        (struct promotion *)scene_put(scene, KUBE_CLUSTER_PROMOTIONS, text);
    object_free(draft);
    mem_free(text);
    mem_free(quoted);
}

/* Each member of `quoted` (NULL: none) takes the place of the one in `object`. */
static inline void scene_override(struct json *object, const char *quoted)
{
    CLEANUP(json_free_pointer) struct json *members = quoted != NULL ? scene_json(quoted) : NULL;
    JSON_EACH(member, members)
    json_set_str(object, json_key(member), json_clone(member));
}

/* A profile as we applied it, but for what is named here. */
struct scene_profile {
    const char *name;     /* NULL: the stage's */
    size_t stage;
    enum profile_role role;
    bool unclaimed;       /* as Sveltos v1.13 left it: without annotations of ours */
    const char *redeploys; /* what the annotation lists, as it stands; NULL: nothing */
    const char *metadata; /* members */
    const char *spec;     /* members */
    const char *ours;     /* FieldsV1 of spec that we wrote by other means than apply */
};

static inline struct json *scene_profile_metadata(const struct scene *scene,
                                                  const struct scene_profile *profile)
{
    const struct stage_spec *stage = &scene->promotion->stages[profile->stage];
    struct json *metadata = scene_json(
        "{'labels':{'" LABEL_PROMOTION_NAME "':'web'},'resourceVersion':'1',"
        "'ownerReferences':[{'uid':'u'}],'managedFields':[{'manager':'" FIELD_MANAGER_APPLY
        "','operation':'Apply','time':'2026-01-01T00:00:00Z','fieldsV1':{}}]}");
    struct json *annotations = json_object();
    json_set(annotations, ANNOTATION_STAGE_NAME, json_string(stage->name));
    if (!profile->unclaimed) {
        json_set(annotations, ANNOTATION_OWNER_UID, json_text("u"));
        json_set(annotations, ANNOTATION_CONFIGURATION,
                 json_text(stage->wanted[profile->role].configuration));
        json_set(annotations, ANNOTATION_REDEPLOYS,
                 json_text(profile->redeploys != NULL ? profile->redeploys : "{}"));
    }
    json_set(metadata, "annotations", annotations);
    if (profile->role == ROLE_CHECK)
        json_set(json_get(metadata, "labels"), LABEL_VERIFICATION, json_text("true"));
    return metadata;
}

static inline const struct profile *scene_put_profile(struct scene *scene,
                                                      const struct scene_profile *profile)
{
    const struct stage_spec *stage = &scene->promotion->stages[profile->stage];
    struct json *json = json_object();
    struct json *metadata = scene_profile_metadata(scene, profile);
    struct json *spec = wanted_spec(scene->promotion, stage, profile->role);
    struct buf name;
    buf_init(&name, 1024);
    if (profile->name != NULL)
        buf_append_text(&name, profile->name);
    else
        promotion_profile_name(scene->promotion, stage->name, profile->role, &name);
    json_set(metadata, "name", json_string(buf_str(&name)));
    json_set(metadata, "uid", json_string(buf_str(&name)));
    if (profile->ours != NULL) {
        char *entry = str_format("{'manager':'" FIELD_MANAGER_OTHER "','operation':'Update',"
                                 "'fieldsV1':{'f:spec':%s}}", profile->ours);
        json_append(json_get(metadata, "managedFields"), scene_json(entry));
        mem_free(entry);
    }
    scene_override(metadata, profile->metadata);
    scene_override(spec, profile->spec);
    json_set(json, "metadata", metadata);
    json_set(json, "spec", spec);
    buf_release(&name);
    return (const struct profile *)scene_add(scene, KUBE_CLUSTER_PROFILES, json);
}

/* A ready cluster `ns/NAME` of Sveltos, with a label env, but for the members named here. */
static inline void scene_put_cluster(struct scene *scene, const char *name, const char *env,
                                     const char *metadata, const char *status)
{
    char *text = str_format("{'metadata':{'namespace':'ns','name':'%s','uid':'%s','labels':"
                            "{'env':'%s'},'resourceVersion':'1'},'status':{'ready':true}}",
                            name, name, env);
    struct json *json = scene_json(text);
    scene_override(json_get(json, "metadata"), metadata);
    scene_override(json_get(json, "status"), status);
    (void)scene_add(scene, KUBE_SVELTOS_CLUSTERS, json);
    mem_free(text);
}

/* What a profile deployed on `ns/CLUSTER`: all of it, but for the members named here. */
static inline void scene_put_summary(struct scene *scene, const struct profile *profile,
                                     const char *cluster, const char *metadata, const char *spec,
                                     const char *status)
{
    CLEANUP(mem_free_pointer) char *name = str_dup(profile->object.meta.name);
    char *text = str_format(
        "{'metadata':{'namespace':'ns','name':'%s-sveltos-%s','uid':'%s/%s','generation':1,"
        "'resourceVersion':'1','labels':{'" LABEL_PROFILE_NAME "':'%s'},'ownerReferences':["
        "{'kind':'ClusterProfile','uid':'%s'}]},'spec':{'clusterNamespace':'ns',"
        "'clusterName':'%s','clusterType':'Sveltos'},'status':{'featureSummaries':["
        "{'featureID':'Resources','status':'Provisioned'}]}}",
        name, cluster, name, cluster, name, name, cluster);
    struct json *json = scene_json(text);
    json_set(json_get(json, "spec"), "clusterProfileSpec", json_clone(profile->rendered));
    scene_override(json_get(json, "metadata"), metadata);
    scene_override(json_get(json, "spec"), spec);
    scene_override(json_get(json, "status"), status);
    (void)scene_add(scene, KUBE_CLUSTER_SUMMARIES, json);
    mem_free(text);
}

static inline struct promotion_sight scene_look(struct scene *scene)
{
    struct promotion_sight sight;
    arena_clear(&scene->arena);
    assert_true(promotion_view_build(&scene->store, scene->promotion, &scene->memory, scene->now,
                                     &scene->arena, &sight));
    return sight;
}

#endif
