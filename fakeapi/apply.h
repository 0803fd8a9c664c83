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
    struct str subresource;  /* "", "status" or "scale" */
    int64_t now_ms;
    /* The kind has no status subresource: status is a field as any other. Otherwise writes to
     * the object never own status, and writes to status own nothing else. */
    bool status_is_plain;
    /* The schema of another version of the kind; NULL: there is no such version, and entries
     * that name it are dropped. A NULL function: api_version is the only one. */
    const struct schema *(*schema_of)(const void *ctx, struct str api_version);
    const void *ctx;
};

/* Why an apply cannot be done. */
enum apply_failure {
    APPLY_OK,
    APPLY_CONFLICT,   /* 409: causes and message are filled */
    APPLY_NOT_TYPED,  /* 500: message "failed to create typed patch object (...)", or that the
                         object does not fit a version that an entry names */
};

struct apply_result {
    enum apply_failure failure;
    struct json *object;    /* owned; the merged object with metadata.managedFields set */
    char *message;          /* owned; the whole Status message on failure */
    struct json *causes;    /* owned; array of {reason, message, field} on conflict */
};

/* Merges `config` (the parsed body, metadata.managedFields absent or null) into `live`
 * (NULL: create). The result is neither defaulted nor validated yet; its
 * managedFields are final but for times: see apply_finish. What the writer may not
 * write at all (status, or all but status) is in the result as it was sent: the
 * caller puts back live's. `schema` is the whole object's. */
void apply_merge(const struct schema *schema, const struct json *live, const struct json *config,
                 const struct apply_writer *writer, bool force, struct apply_result *ret_result);
void apply_result_release(struct apply_result *result);

/* Called with the object that will be stored (defaulted, with live's generation and
 * resourceVersion): when nothing but managedFields' times would differ from `live`, gives
 * `object` live's managedFields, so that it equals live and the write is a no-op. As on a real
 * server, entries that change places because of a new time are a difference. */
void apply_finish(const struct schema *schema, const struct json *live, struct json *object,
                  const struct apply_writer *writer);

/* Tracks a create, update, merge patch or JSON Patch: sets object.metadata.managedFields
 * from live's entries and from what changed between `live` (NULL: create) and `object`
 * (already defaulted and pruned), as operation Update. A write that changes nothing
 * else keeps live's entries. Entries that the client sent within `object` replace live's
 * unless they are broken or none; [{}] clears them, and then updates are not tracked. So does
 * an object that does not fit a version that an entry names. */
void apply_track_update(const struct schema *schema, const struct json *live, struct json *object,
                        const struct apply_writer *writer);

#endif
