/*
 * Server-side apply and the tracking of field owners: structured merge over
 * JSON trees, driven by the schema.
 * Source: Kubernetes documentation, "Server-Side Apply"; KEP-555; recorded
 * answers in topic `apply` (NOTES.md lists what is easily got wrong).
 */
#ifndef PROMOTER_FAKEAPI_APPLY_H
#define PROMOTER_FAKEAPI_APPLY_H

#include "fakeapi/schema.h"

struct apply_writer {
    struct str manager;      /* fieldManager, or the user agent up to "/", at most 128 bytes */
    struct str api_version;  /* "config.projectsveltos.io/v1beta1" */
    struct str subresource;  /* "" or "status" */
    int64_t now_ms;
};

/* Why an apply cannot be done. */
enum apply_failure {
    APPLY_OK,
    APPLY_CONFLICT,   /* 409: causes and message are filled */
    APPLY_NOT_TYPED,  /* 500: message "failed to create typed patch object (...)" */
};

struct apply_result {
    enum apply_failure failure;
    struct json *object;    /* owned; the merged object with metadata.managedFields set */
    char *message;          /* owned; the whole Status message on failure */
    struct json *causes;    /* owned; array of {reason, message, field} on conflict */
};

/* Merges `config` (the parsed body, metadata.managedFields absent) into `live`
 * (NULL: create). The result is neither defaulted nor validated yet, and its
 * managedFields are computed from it as it is; apply_finish corrects the
 * entries after defaulting. `schema` is the whole object's. */
void apply_merge(const struct schema *schema, const struct json *live, const struct json *config,
                 const struct apply_writer *writer, bool force, struct apply_result *ret_result);
void apply_result_release(struct apply_result *result);

/* Called with the object that will be stored: when nothing but managedFields' times
 * would differ from `live`, gives `object` live's managedFields (so that it equals live
 * and the write is a no-op); else sets the writer's time. */
void apply_finish(const struct schema *schema, const struct json *live, struct json *object,
                  const struct apply_writer *writer);

/* Tracks a create, update, merge patch or JSON Patch: sets object.metadata.managedFields
 * from live's entries and from what changed between `live` (NULL: create) and `object`
 * (already defaulted and pruned), as operation Update. A write that changes nothing
 * else keeps live's entries. */
void apply_track_update(const struct schema *schema, const struct json *live, struct json *object,
                        const struct apply_writer *writer);

#endif
