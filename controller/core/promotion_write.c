#include "controller/core/promotion_write.h"

#include "controller/core/adoption.h"
#include "controller/core/handover.h"
#include "controller/core/limits.h"
#include "controller/core/names.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/redeploys.h"
#include "controller/core/status_patch.h"

#define MERGE_PATCH "application/merge-patch+json"
#define JSON_PATCH "application/json-patch+json"
#define APPLY_PATCH "application/apply-patch+yaml"

static void begin(struct write_request *write, enum kube_resource resource, struct str name,
                  struct str uid)
{
    *write = (struct write_request){.about = {.resource = resource, .uid = uid}};
    buf_init(&write->target, ANSWER_BYTES_MAX);
    buf_init(&write->body, ANSWER_BYTES_MAX);
    buf_init(&write->name, ANSWER_BYTES_MAX);
    buf_append(&write->name, name);
    write->about.name = buf_str(&write->name);
}

/* Takes `body` over. */
static void finish(struct write_request *write, const char *method, const char *content_type,
                   const char *query, struct json *body)
{
    kube_resource_path(&write->target, write->about.resource, STR_NONE, write->about.name,
                       write->about.status ? STR("status") : STR_NONE);
    buf_append_text(&write->target, query);
    json_print(body, &write->body);
    json_free(body);
    write->request = (struct kube_request){
        .method = method,
        .target = buf_str(&write->target),
        .content_type = content_type,
        .body = buf_str(&write->body),
        .timeout_ms = ANSWER_TIMEOUT_MS,
    };
}

#define QUERY_OTHER "?fieldManager=" FIELD_MANAGER_OTHER "&timeout=5s" /* P8 */
#define QUERY_APPLY "?fieldManager=application%2Fapply-patch&force=true&timeout=5s"

static struct json *metadata_of_version(const struct meta *meta)
{
    struct json *metadata = json_object();
    json_set(metadata, "resourceVersion", json_string(meta->resource_version));
    return metadata;
}

static void build_status_patch(const struct promotion_sight *sight,
                               const struct decision *decision, struct ktime now,
                               struct write_request *write)
{
    const struct meta *meta = &sight->promotion->object.meta;
    struct json *body = json_object();
    begin(write, KUBE_CLUSTER_PROMOTIONS, meta->name, meta->uid);
    write->about.status = true;
    json_set(body, "metadata", metadata_of_version(meta));
    json_set(body, "status", status_patch_of(sight, decision, now));
    finish(write, "PATCH", MERGE_PATCH, QUERY_OTHER, body);
}

static bool is_our_finalizer(struct str finalizer)
{
    return str_is(finalizer, FINALIZER_OWN) || str_is(finalizer, FINALIZER_SHARED);
}

static void build_finalizers(const struct promotion_sight *sight, bool add,
                             struct write_request *write)
{
    const struct meta *meta = &sight->promotion->object.meta;
    struct json *finalizers = json_array();
    struct json *body = json_object();
    struct json *metadata = metadata_of_version(meta);
    JSON_EACH(item, json_at(sight->promotion->tree, "metadata.finalizers"))
    {
        if (!is_our_finalizer(json_string_of(item)))
            json_append(finalizers, json_clone(item));
    }
    if (add) {
        json_append(finalizers, json_text(FINALIZER_SHARED));
        json_append(finalizers, json_text(FINALIZER_OWN));
    }
    begin(write, KUBE_CLUSTER_PROMOTIONS, meta->name, meta->uid);
    json_set(metadata, "finalizers", finalizers);
    json_set(body, "metadata", metadata);
    finish(write, "PATCH", MERGE_PATCH, QUERY_OTHER, body);
}

static struct json *operation(const char *op, const char *path, struct json *value)
{
    struct json *item = json_object();
    json_set(item, "op", json_text(op));
    json_set(item, "path", json_text(path));
    if (value != NULL)
        json_set(item, "value", value);
    return item;
}

#define POINTER_BYTES 64u

/* Takes an approval back: only this field, only if it still is what we saw. */
static void build_approval_removal(const struct promotion_sight *sight, size_t index,
                                   struct write_request *write)
{
    const struct meta *meta = &sight->promotion->object.meta;
    char name[POINTER_BYTES];
    char approved[POINTER_BYTES];
    struct json *body = json_array();
    snprintf(name, sizeof(name), "/spec/stages/%zu/name", index);
    snprintf(approved, sizeof(approved), "/spec/stages/%zu/trigger/manual/approved", index);
    json_append(body, operation("replace", "/metadata/resourceVersion",
                                json_string(meta->resource_version)));
    json_append(body, operation("test", name, json_string(sight->promotion->stages[index].name)));
    json_append(body, operation("test", approved, json_bool(true)));
    json_append(body, operation("remove", approved, NULL));
    begin(write, KUBE_CLUSTER_PROMOTIONS, meta->name, meta->uid);
    finish(write, "PATCH", JSON_PATCH, QUERY_OTHER, body);
}

static struct json *owner_reference(const struct promotion *promotion)
{
    struct json *owner = json_object();
    json_set(owner, "apiVersion", json_text(API_VERSION_CONFIG));
    json_set(owner, "kind", json_text(KIND_CLUSTER_PROMOTION));
    json_set(owner, "name", json_string(promotion->object.meta.name));
    json_set(owner, "uid", json_string(promotion->object.meta.uid));
    return owner;
}

/* What an apply is about: a stage's profile in a role, and what the cache holds of it. */
struct application {
    const struct promotion_sight *sight;
    const struct stage_spec *stage;
    enum profile_role role;
    const struct profile *profile; /* NULL: absent */
    struct json *spec;             /* wanted; owned by the body once that is built */
};

static struct json *wanted_annotations(const struct application *application, struct ktime now)
{
    const struct promotion *promotion = application->sight->promotion;
    const struct stage_spec *stage = application->stage;
    const struct profile *profile = application->profile;
    struct json *annotations = json_object();
    char configuration[CONFIGURATION_BYTES];
    json_set(annotations, ANNOTATION_STAGE_NAME, json_string(stage->name));
    configuration_print(stage, application->role, application->spec, configuration);
    json_set(annotations, ANNOTATION_CONFIGURATION, json_text(configuration));
    json_set(annotations, ANNOTATION_OWNER_UID, json_string(promotion->object.meta.uid));
    struct json *redeploys =
        profile != NULL ? redeploys_of_change(application->sight->store, profile,
                                              application->spec, now)
                        : json_object();
    struct buf text;
    buf_init(&text, ANSWER_BYTES_MAX);
    json_print(redeploys, &text);
    json_set(annotations, ANNOTATION_REDEPLOYS, json_string(buf_str(&text)));
    buf_release(&text);
    json_free(redeploys);
    return annotations;
}

/* resourceVersion "0" creates or fails; uid and version of what we saw change only that. */
static struct json *wanted_metadata(const struct application *application, struct ktime now)
{
    const struct promotion *promotion = application->sight->promotion;
    const struct profile *profile = application->profile;
    struct json *metadata = json_object();
    struct json *labels = json_object();
    json_set(labels, LABEL_PROMOTION_NAME, json_string(promotion->object.meta.name));
    if (application->role == ROLE_CHECK)
        json_set(labels, LABEL_VERIFICATION, json_text("true"));
    json_set(metadata, "labels", labels);
    json_set(metadata, "annotations", wanted_annotations(application, now));
    if (!promotion->preserve) { /* P10 */
        struct json *owners = json_array();
        json_append(owners, owner_reference(promotion));
        json_set(metadata, "ownerReferences", owners);
    }
    if (profile == NULL) {
        json_set(metadata, "resourceVersion", json_text("0"));
    } else {
        json_set(metadata, "resourceVersion", json_string(profile->object.meta.resource_version));
        json_set(metadata, "uid", json_string(profile->object.meta.uid));
    }
    return metadata;
}

/* P4: what v1.13 left is taken over as it stands, in its order; and so it stays until the
 * configuration changes. */
static void take_over(struct application *application)
{
    const struct profile *profile = application->profile;
    const struct stage_spec *stage = application->stage;
    if (profile == NULL || application->role == ROLE_CHECK)
        return;
    if (profile_is_unclaimed(profile)
            ? profile_has_content(profile, application->sight->promotion, stage, application->role)
            : profile_holds_applied(profile, stage))
        spec_follow_order(application->spec, profile);
    if (profile_keeps_old_checks(profile, application->spec))
        json_set(application->spec, "validateHealths", json_array());
}

static void build_apply(const struct promotion_sight *sight, size_t index, enum profile_role role,
                        struct ktime now, struct write_request *write)
{
    const struct stage_spec *stage = &sight->promotion->stages[index];
    struct application application = {
        .sight = sight,
        .stage = stage,
        .role = role,
        .profile = role == ROLE_CHECK ? sight->check : sight->profiles[index],
        .spec = wanted_spec(sight->promotion, stage, role),
    };
    take_over(&application);
    struct json *body = json_object();
    struct json *metadata = wanted_metadata(&application, now);
    begin(write, KUBE_CLUSTER_PROFILES, STR_NONE,
          application.profile != NULL ? application.profile->object.meta.uid : STR_NONE);
    promotion_profile_name(sight->promotion, stage->name, role, &write->name);
    write->about.name = buf_str(&write->name);
    json_set(metadata, "name", json_string(write->about.name));
    json_set(body, "apiVersion", json_text(API_VERSION_CONFIG));
    json_set(body, "kind", json_text(KIND_CLUSTER_PROFILE));
    json_set(body, "metadata", metadata);
    json_set(body, "spec", application.spec);
    finish(write, "PATCH", APPLY_PATCH, QUERY_APPLY, body);
}

static struct json *foreign_owners(const struct profile *profile,
                                   const struct promotion *promotion)
{
    struct json *owners = json_array();
    JSON_EACH(owner, json_at(profile->tree, "metadata.ownerReferences"))
    {
        if (!str_equal(json_text_at(owner, "uid"), promotion->object.meta.uid))
            json_append(owners, json_clone(owner));
    }
    return owners;
}

/* D16: the profile and what it deployed stay when the promotion goes. */
static void build_strip(const struct promotion_sight *sight, struct write_request *write)
{
    const struct profile *profile = sight->leftover;
    const struct meta *meta = &profile->object.meta;
    struct json *body = json_object();
    struct json *labels = json_object();
    struct json *metadata = metadata_of_version(meta);
    begin(write, KUBE_CLUSTER_PROFILES, meta->name, meta->uid);
    json_set(labels, LABEL_PROMOTION_NAME, json_null());
    json_set(metadata, "uid", json_string(meta->uid));
    json_set(metadata, "labels", labels);
    json_set(metadata, "ownerReferences", foreign_owners(profile, sight->promotion));
    json_set(body, "metadata", metadata);
    finish(write, "PATCH", MERGE_PATCH, QUERY_OTHER, body);
}

/* P11: changes nothing of a profile but these members of its spec. Takes `spec` over. */
static void build_spec_patch(const struct profile *profile, struct json *spec,
                             struct write_request *write)
{
    const struct meta *meta = &profile->object.meta;
    struct json *body = json_object();
    struct json *metadata = metadata_of_version(meta);
    begin(write, KUBE_CLUSTER_PROFILES, meta->name, meta->uid);
    json_set(metadata, "uid", json_string(meta->uid));
    json_set(body, "metadata", metadata);
    json_set(body, "spec", spec);
    finish(write, "PATCH", MERGE_PATCH, QUERY_OTHER, body);
}

static struct json *released_spec(void)
{
    struct json *spec = json_object();
    json_set(spec, "stopMatchingBehavior", json_text("LeavePolicies"));
    return spec;
}

static void build_delete(const struct profile *profile, struct write_request *write)
{
    const struct meta *meta = &profile->object.meta;
    struct json *body = json_object();
    struct json *preconditions = json_object();
    begin(write, KUBE_CLUSTER_PROFILES, meta->name, meta->uid);
    json_set(preconditions, "uid", json_string(meta->uid));
    json_set(preconditions, "resourceVersion", json_string(meta->resource_version));
    json_set(body, "apiVersion", json_text("v1"));
    json_set(body, "kind", json_text("DeleteOptions"));
    json_set(body, "preconditions", preconditions);
    finish(write, "DELETE", "application/json", "?timeout=5s", body);
}

void promotion_write_build(const struct promotion_sight *sight, const struct decision *decision,
                           struct ktime now, struct write_request *ret_request)
{
    switch (decision->write) {
    case WRITE_STRIP_PROFILE:
        build_strip(sight, ret_request);
        return;
    case WRITE_DELETE_PROFILE:
        build_delete(sight->leftover, ret_request);
        return;
    case WRITE_RELEASE_HOLDER:
        build_spec_patch(sight->holder, released_spec(), ret_request);
        return;
    case WRITE_NARROW_HOLDER:
        build_spec_patch(sight->holder, handover_narrowed(sight), ret_request);
        return;
    case WRITE_RESTORE_HOLDER:
        build_spec_patch(sight->holder, handover_restored(sight), ret_request);
        return;
    case WRITE_WITHDRAW_KEPT:
        build_spec_patch(sight->keeper, handover_without_kept(), ret_request);
        return;
    case WRITE_DELETE_HOLDER:
        build_delete(sight->holder, ret_request);
        return;
    case WRITE_DELETE_CHECK:
        build_delete(sight->leftover_check, ret_request);
        return;
    case WRITE_REMOVE_FINALIZERS:
        build_finalizers(sight, false, ret_request);
        return;
    case WRITE_ADD_FINALIZERS:
        build_finalizers(sight, true, ret_request);
        return;
    case WRITE_RESET_APPROVAL:
    case WRITE_CONSUME_APPROVAL:
        build_approval_removal(sight, decision->stage_index, ret_request);
        return;
    case WRITE_START:
    case WRITE_CUT_STAGES:
    case WRITE_RECORD_STAGES:
    case WRITE_SAY:
    case WRITE_ADVANCE:
    case WRITE_COMPLETE:
        build_status_patch(sight, decision, now, ret_request);
        return;
    case WRITE_CREATE_PROFILE:
    case WRITE_APPLY_PROFILE:
        build_apply(sight, decision->stage_index, ROLE_STAGE, now, ret_request);
        return;
    case WRITE_ADD_CHECKS:
        build_apply(sight, decision->stage_index, ROLE_GATED, now, ret_request);
        return;
    case WRITE_CREATE_CHECK:
    case WRITE_APPLY_CHECK:
        build_apply(sight, decision->stage_index, ROLE_CHECK, now, ret_request);
        return;
    case WRITE_NONE:
        break;
    }
    ASSERT(false);
}

void write_request_release(struct write_request *request)
{
    buf_release(&request->target);
    buf_release(&request->body);
    buf_release(&request->name);
}

static void build_summary_read(const struct summary *summary, struct write_request *look)
{
    const struct meta *meta = &summary->object.meta;
    begin(look, KUBE_CLUSTER_SUMMARIES, STR_NONE, meta->uid);
    store_key(meta, &look->name);
    look->about.name = buf_str(&look->name);
    kube_resource_path(&look->target, KUBE_CLUSTER_SUMMARIES, meta->name_space, meta->name,
                       STR_NONE);
    look->request = (struct kube_request){
        .method = "GET",
        .target = buf_str(&look->target),
        .timeout_ms = ANSWER_TIMEOUT_MS,
    };
}

void promotion_look_build(const struct promotion_sight *sight, struct write_request *ret_request)
{
    const struct meta *meta = &sight->promotion->object.meta;
    if (!sight->view.deleting) {
        build_summary_read(sight->unconfirmed, ret_request);
        return;
    }
    begin(ret_request, KUBE_CLUSTER_PROFILES, STR_NONE, STR_NONE);
    kube_resource_path(&ret_request->target, KUBE_CLUSTER_PROFILES, STR_NONE, STR_NONE, STR_NONE);
    buf_append_text(&ret_request->target, "?labelSelector=");
    kube_append_escaped(&ret_request->target, STR(LABEL_PROMOTION_NAME "="));
    kube_append_escaped(&ret_request->target, meta->name);
    ret_request->request = (struct kube_request){
        .method = "GET",
        .target = buf_str(&ret_request->target),
        .timeout_ms = LIST_TIMEOUT_MS,
    };
}
