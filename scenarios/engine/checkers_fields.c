/*
 * S6 and S9: whose objects and whose fields the controller touches, by comparing each
 * object before and after each of its writes.
 */
#include "controller/base/map.h"
#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/promotion_read.h"
#include "scenarios/engine/told.h"

#define FINALIZER_OWN "promoter.dev/clusterpromotion"
#define FINALIZER_SHARED "config.projectsveltos.io/clusterpromotion"
#define ANNOTATION_OWNER_UID "promoter.dev/owner-uid"
#define ANNOTATION_PREFIX "promoter.dev/"

static bool has_owner(const struct json *object, struct str uid)
{
    JSON_EACH(owner, json_at(object, "metadata.ownerReferences"))
    {
        if (str_equal(json_text_at(owner, "uid"), uid))
            return true;
    }
    /* Kept on deletion (P10): ours by label and annotation, without an owner. */
    return !str_is_empty(read_label(object, LABEL_PROMOTION)) &&
           str_equal(read_annotation(object, ANNOTATION_OWNER_UID), uid);
}

/* Applied by us once, released since (P10): nobody's, and free to be taken over again. */
static bool was_released(const struct json *profile)
{
    if (json_count(json_at(profile, "metadata.ownerReferences")) > 0 ||
        str_is_empty(read_annotation(profile, ANNOTATION_STAGE)))
        return false;
    JSON_EACH(entry, json_at(profile, "metadata.managedFields"))
    {
        if (str_is(json_text_at(entry, "operation"), "Apply") &&
            str_is(json_text_at(entry, "manager"), "application/apply-patch"))
            return true;
    }
    return false;
}

/* Or has lost the label, which the write puts back; the owner still tells whose it is. */
static bool bears_label(const struct json *object, const struct json *after, struct str name)
{
    struct str label = read_label(object, LABEL_PROMOTION);
    return !str_is_empty(name) &&
           str_equal(str_is_empty(label) ? read_label(after, LABEL_PROMOTION) : label, name);
}

static void judge_profile_owner(const struct told_log *log, struct verdict *verdict,
                                const struct fakeapi_audit *audit)
{
    const struct json *object = audit->before != NULL ? audit->before : audit->after;
    struct str name = audit_promotion(audit);
    const struct json *promotion = told_log_object(log, STR("ClusterPromotion"), STR_NONE, name);
    struct str uid = json_text_at(promotion, "metadata.uid");
    if (promotion != NULL && bears_label(object, audit->after, name) && has_owner(object, uid))
        return;
    if (!audit->deleted && json_at(audit->after, "metadata.deletionTimestamp") == NULL &&
        audit->before != NULL && was_released(audit->before))
        return;
    verdict_add(verdict, "S6", audit->at_ms, audit_object(audit),
                "%s: expected a profile with the label and owner uid of a promotion; found "
                "label \"%.*s\"%s",
                audit->method, STR_ARGS(read_label(object, LABEL_PROMOTION)),
                promotion == NULL ? ", of no promotion" : ", without its uid");
}

static bool list_has(const struct json *list, const char *text)
{
    JSON_EACH(item, list)
    {
        if (str_is(json_string_of(item), text))
            return true;
    }
    return false;
}

static void judge_finalizer(const struct told_log *log, struct verdict *verdict,
                            const struct fakeapi_audit *audit)
{
    struct str uid = json_text_at(audit->before, "metadata.uid");
    if (!list_has(json_at(audit->before, "metadata.finalizers"), FINALIZER_OWN) ||
        list_has(json_at(audit->after, "metadata.finalizers"), FINALIZER_OWN))
        return;
    if (json_at(audit->before, "metadata.deletionTimestamp") == NULL)
        verdict_add(verdict, "S6", audit->at_ms, audit_object(audit),
                    "expected the finalizer to stay while the promotion lives; found it removed");
    const struct fakeapi_audit *profile;
    for (struct map_entry *cursor = NULL; (profile = told_log_next(log, &cursor));) {
        if (!audit_is_kind(profile, "ClusterProfile") || !has_owner(profile->after, uid))
            continue;
        verdict_add(verdict, "S6", audit->at_ms, audit_object(audit),
                    "expected the finalizer to go last; found ClusterProfile/%.*s still there",
                    STR_ARGS(profile->name));
    }
}

static void judge_promotion_write(const struct told_log *log, struct verdict *verdict,
                                  const struct fakeapi_audit *audit)
{
    judge_finalizer(log, verdict, audit);
    if (audit->created || strcmp(audit->method, "DELETE") == 0)
        verdict_add(verdict, "S6", audit->at_ms, audit_object(audit),
                    "expected promotions to be made and deleted by people; found a %s",
                    audit->method);
}

static void judge_object(struct told_log *log, size_t index, struct verdict *verdict)
{
    const struct fakeapi_audit *audit = fakeapi_audit_at(log->evidence->api, index);
    if (audit_is_kind(audit, "ClusterProfile")) {
        told_log_move_to_sender(log, index);
        judge_profile_owner(log, verdict, audit);
    } else if (audit_is_kind(audit, "ClusterPromotion")) {
        told_log_move(log, index);
        judge_promotion_write(log, verdict, audit);
    } else if (!audit_is_kind(audit, "Event") && !audit_is_kind(audit, "Lease")) {
        verdict_add(verdict, "S6", audit->at_ms, audit_object(audit),
                    "%s: expected no write to objects of this kind; found one", audit->method);
    }
}

void check_only_our_objects(const struct evidence *evidence, struct verdict *verdict)
{
    struct told_log log;
    told_log_init(&log, evidence);
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (audit->changed && audit_is_controllers(evidence, audit))
            judge_object(&log, i, verdict);
    }
    told_log_release(&log);
}

/* The rest of a map when our own keys are taken out. */
static void drop_keys(struct json *map, const char *const *keys, size_t key_count,
                      const char *prefix)
{
    for (size_t i = 0; i < key_count; i++)
        json_remove(map, keys[i]);
    struct json *item = json_first(map);
    while (prefix != NULL && item != NULL) {
        struct json *next = json_next(item);
        if (str_starts_with(json_key(item), str_from(prefix)))
            json_free(json_detach(map, item));
        item = next;
    }
}

static void drop_texts(struct json *list, const char *const *texts, size_t text_count)
{
    struct json *item = json_first(list);
    while (item != NULL) {
        struct json *next = json_next(item);
        for (size_t i = 0; i < text_count; i++) {
            if (!str_is(json_string_of(item), texts[i]))
                continue;
            json_free(json_detach(list, item));
            break;
        }
        item = next;
    }
}

static void drop_our_owners(struct json *owners)
{
    struct json *item = json_first(owners);
    while (item != NULL) {
        struct json *next = json_next(item);
        if (str_is(json_text_at(item, "kind"), "ClusterPromotion"))
            json_free(json_detach(owners, item));
        item = next;
    }
}

/* An absent map and one that is empty without our keys are the same rest. */
static void drop_empty(struct json *metadata)
{
    static const char *const PARTS[] = {"labels", "annotations", "finalizers", "ownerReferences"};
    for (size_t i = 0; i < ARRAY_COUNT(PARTS); i++) {
        if (json_count(json_get(metadata, PARTS[i])) == 0)
            json_remove(metadata, PARTS[i]);
    }
}

/* What every write changes on the server's side. */
static void drop_server_fields(struct json *metadata)
{
    static const char *const FIELDS[] = {"resourceVersion", "generation", "managedFields",
                                         "deletionTimestamp", "deletionGracePeriodSeconds"};
    drop_keys(metadata, FIELDS, ARRAY_COUNT(FIELDS), NULL);
}

/* Leaves what is not ours: the user's spec but for a removed approval, foreign metadata. */
static struct json *foreign_part_of_promotion(const struct json *object)
{
    static const char *const FINALIZERS[] = {FINALIZER_OWN, FINALIZER_SHARED};
    struct json *rest = json_clone(object);
    struct json *metadata = json_get(rest, "metadata");
    drop_server_fields(metadata);
    drop_texts(json_get(metadata, "finalizers"), FINALIZERS, ARRAY_COUNT(FINALIZERS));
    drop_empty(metadata);
    json_remove(rest, "status");
    JSON_EACH(stage, json_at(rest, "spec.stages"))
    {
        struct json *manual = json_at(stage, "trigger.manual");
        if (manual != NULL)
            json_remove(manual, "approved");
    }
    return rest;
}

/* Clusters that the controller keeps by name until a run is complete (P11). */
static bool keeps_clusters(const struct json *profile)
{
    JSON_EACH(entry, json_at(profile, "metadata.managedFields"))
    {
        if (str_is(json_text_at(entry, "manager"), "promoter") &&
            json_at(entry, "fieldsV1.f:spec.f:clusterRefs") != NULL)
            return true;
    }
    return false;
}

static struct json *foreign_part_of_profile(const struct json *object)
{
    static const char *const LABELS[] = {LABEL_PROMOTION, LABEL_VERIFICATION};
    static const char *const ANNOTATIONS[] = {ANNOTATION_STAGE};
    static const char *const FOREIGN_SPEC[] = {"clusterRefs", "setRefs", "extraLabels",
                                               "extraAnnotations"};
    struct json *rest = json_clone(object);
    struct json *metadata = json_get(rest, "metadata");
    struct json *spec = json_object();
    drop_server_fields(metadata);
    drop_keys(json_get(metadata, "labels"), LABELS, ARRAY_COUNT(LABELS), NULL);
    drop_keys(json_get(metadata, "annotations"), ANNOTATIONS, ARRAY_COUNT(ANNOTATIONS),
              ANNOTATION_PREFIX);
    drop_our_owners(json_get(metadata, "ownerReferences"));
    drop_empty(metadata);
    for (size_t i = 0; i < ARRAY_COUNT(FOREIGN_SPEC); i++) {
        const struct json *field = json_at(rest, "spec");
        field = json_get(field, FOREIGN_SPEC[i]);
        if (field != NULL)
            json_set(spec, FOREIGN_SPEC[i], json_clone(field));
    }
    if (keeps_clusters(object))
        json_remove(spec, "clusterRefs");
    json_set(rest, "spec", spec);
    return rest;
}

/* Where two trees differ first, as a path; "" when they do not. */
static void first_difference(const struct json *a, const struct json *b, struct buf *path)
{
    if (!json_is(a, JSON_OBJECT) || !json_is(b, JSON_OBJECT))
        return;
    for (int side = 0; side < 2; side++) {
        JSON_EACH(member, side == 0 ? a : b)
        {
            const struct json *other = json_get_str(side == 0 ? b : a, json_key(member));
            if (other != NULL && json_equal(member, other))
                continue;
            buf_append_char(path, '.');
            buf_append(path, json_key(member));
            first_difference(member, other, path);
            return;
        }
    }
}

static void judge_foreign_fields(struct verdict *verdict, const struct fakeapi_audit *audit,
                                 struct json *before, struct json *after)
{
    struct buf path;
    if (json_equal(before, after))
        return;
    buf_init(&path, 4096);
    first_difference(before, after, &path);
    verdict_add(verdict, "S9", audit->at_ms, audit_object(audit),
                "%s: expected fields that are not ours to stay; found %.*s altered",
                audit->method, STR_ARGS(buf_str(&path)));
    buf_release(&path);
}

/* Approvals are taken away, never given. */
static void judge_given_approvals(struct verdict *verdict, const struct fakeapi_audit *audit)
{
    JSON_EACH(stage, json_at(audit->after, "spec.stages"))
    {
        struct str name = json_text_at(stage, "name");
        if (read_approved(stage) && !read_approved(read_spec_stage(audit->before, name)))
            verdict_add(verdict, "S9", audit->at_ms, audit_object(audit),
                        "expected approvals to be given by people; found that of stage %.*s set",
                        STR_ARGS(name));
    }
}

void check_only_our_fields(const struct evidence *evidence, struct verdict *verdict)
{
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        bool promotion = audit_is_kind(audit, "ClusterPromotion");
        if (!audit->changed || !audit_is_controllers(evidence, audit) || audit->before == NULL ||
            audit->after == NULL || (!promotion && !audit_is_kind(audit, "ClusterProfile")))
            continue;
        struct json *before = promotion ? foreign_part_of_promotion(audit->before)
                                        : foreign_part_of_profile(audit->before);
        struct json *after = promotion ? foreign_part_of_promotion(audit->after)
                                       : foreign_part_of_profile(audit->after);
        judge_foreign_fields(verdict, audit, before, after);
        json_free(before);
        json_free(after);
        if (promotion)
            judge_given_approvals(verdict, audit);
    }
}
