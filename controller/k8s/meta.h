/*
 * The part of an object's metadata that a controller looks at.
 * Source: Kubernetes API Reference, ObjectMeta.
 */
#ifndef PROMOTER_K8S_META_H
#define PROMOTER_K8S_META_H

#include "controller/base/json.h"

/* Borrowed from the object's tree. */
struct meta {
    struct str name;
    struct str name_space; /* empty when cluster-scoped */
    struct str uid;
    struct str resource_version;
    int64_t generation;
    bool deleting;         /* has a deletionTimestamp */
};

/* False when name, uid or resourceVersion is missing: no object of an API server. */
bool meta_read(const struct json *object, struct meta *ret_meta);

/* STR_NONE when absent. */
struct str meta_label(const struct json *object, const char *key);
struct str meta_annotation(const struct json *object, const char *key);
bool meta_has_finalizer(const struct json *object, const char *finalizer);

/* The Apply entry of a field manager on the main resource; NULL when there is none. */
const struct json *meta_apply_entry(const struct json *object, const char *field_manager);
/* The newest time in managedFields, 0 when there is none. */
int64_t meta_newest_change_ms(const struct json *object);
/* The same of those that own a field, such as "f:spec.f:replicas": when the manager that has it
 * last changed or added something beside status. */
int64_t meta_newest_write_ms(const struct json *object, const char *field);

/* Resource versions of one resource are whole numbers that grow (KEP-5504):
 * longer is larger, then bytewise. Negative, 0 or positive as memcmp. */
int resource_version_compare(struct str a, struct str b);

#endif
