/*
 * CustomResourceDefinitions and what they make the server serve.
 * Source: Kubernetes documentation, "Extend the Kubernetes API with
 * CustomResourceDefinitions"; recorded answers in topic schema.
 */
#ifndef PROMOTER_FAKEAPI_DEFINITION_H
#define PROMOTER_FAKEAPI_DEFINITION_H

#include "fakeapi/resource.h"

#define DEFINITION_VERSIONS_MAX 64u

/* Serves a definition's versions from now on. `schema`: of the storage version, compiled
 * already, borrowed; NULL: it is compiled as the others are. `resource_version`: watches from
 * before it are too old. ERR_INVALID and what schema_create answers. */
NODISCARD enum err definition_serve(struct resource_table *table, const struct json *definition,
                                    const struct schema *schema, uint64_t resource_version,
                                    struct errmsg *msg);
/* Compiles the schema of a definition's storage version. */
NODISCARD enum err definition_schema(const struct json *definition, struct schema **ret_schema,
                                     struct errmsg *msg);
/* Takes over what a changed definition (it was `old`) says about the family that it serves;
 * objects stay as they are stored. */
NODISCARD enum err definition_change(struct resource_table *table,
                                     struct resource_family *family, const struct json *old,
                                     const struct json *definition, struct errmsg *msg);
/* The family that a definition serves; NULL: none. */
struct resource_family *definition_family(const struct resource_table *table,
                                          const struct json *definition);
/* No path leads to it any more; it stays in memory, as its history is still read. */
void definition_withdraw(struct resource_table *table, struct resource_family *family);

#endif
