/*
 * Kubernetes manifests as users keep them, and the names by which scenario files
 * speak of objects. Documents go to the API unchanged.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_MANIFEST_H
#define PROMOTER_SCENARIOS_ENGINE_MANIFEST_H

#include "scenarios/engine/scenario_read.h"
#include "scenarios/engine/sim.h"

/* A kind that the simulation serves. */
struct manifest_kind {
    const char *kind;
    const char *api_version;
    const char *plural;
    bool namespaced;
};

/* Kinds are found by name alone: no two that are served share one. NULL: none. */
const struct manifest_kind *manifest_kind_find(struct str kind);
/* As manifest_kind_find; the error names the nearest kind. */
NODISCARD enum err manifest_kind_read(const struct reader *reader, const struct json *node,
                                      struct str kind, const struct manifest_kind **ret_kind);

/* An object by name: "KIND/NAME" or "KIND/NAMESPACE/NAME". */
struct object_ref {
    const struct manifest_kind *kind;
    struct str name_space; /* STR_NONE for cluster-scoped kinds */
    struct str name;
};

NODISCARD enum err object_ref_read(const struct reader *reader, const struct json *node,
                                   struct object_ref *ret_ref);
/* "ClusterProfile/rollout-staging", as it is read. */
void object_ref_print(const struct object_ref *ref, struct buf *out);
/* "/apis/GROUP/VERSION/.../PLURAL/NAME"; without the name when it is absent. */
void object_ref_path(const struct object_ref *ref, struct buf *out);

/* One document that is to be created. */
struct manifest {
    const struct source *source;
    const struct yaml_document *document;
    const struct json *root;
    const struct manifest_kind *kind;
    struct str name_space;
    struct str name;
};

/* Checks apiVersion, kind, metadata.name and metadata.namespace of a document. */
NODISCARD enum err manifest_read(const struct reader *reader, const struct json *root,
                                 struct manifest *ret_manifest);
/* All documents of a source, in order; the array is owned. Fails when there is none. */
NODISCARD enum err manifest_read_all(const struct source *source, struct manifest **ret_manifests,
                                     size_t *ret_count, struct errmsg *msg);
/* The document without what a server sets and kubectl get shows: what a user wants. Owned. */
struct json *manifest_wish(const struct json *root);
/* Creates it as kubectl does (POST, strict field validation). `or_update`: one that exists
 * is changed by a merge patch instead. ERR_INVALID: refused, told with the line of the field
 * at fault where the server names one; *ret_status (may be NULL) is the last answer's. */
NODISCARD enum err manifest_create(const struct manifest *manifest, struct sim *sim,
                                   bool or_update, int *ret_status, struct errmsg *msg);
/* As manifest_create, by server-side apply with force of a field manager. Owners that are named
 * without uid are looked up; one that does not exist is ERR_INVALID. */
NODISCARD enum err manifest_apply(const struct manifest *manifest, struct sim *sim,
                                  struct str field_manager, int *ret_status, struct errmsg *msg);
/* The deepest node that a field path such as "spec.stages[0].name" leads to. */
const struct json *manifest_locate(const struct manifest *manifest, struct str field);
/* The words of a Status body, or its beginning when it is none; appended. */
void manifest_refusal(int status, struct str body, struct buf *out);

#endif
