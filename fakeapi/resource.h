/*
 * The table of served resources: what is built in, and what
 * CustomResourceDefinitions describe. A resource owns its collection of objects.
 */
#ifndef PROMOTER_FAKEAPI_RESOURCE_H
#define PROMOTER_FAKEAPI_RESOURCE_H

#include "fakeapi/schema.h"
#include "fakeapi/store.h"

struct resource {
    /* All texts are owned. */
    char *group; /* "" for the core group */
    char *version;
    char *plural;
    char *kind;
    char *list_kind;
    char *api_version;    /* "v1", "lib.projectsveltos.io/v1beta1" */
    char *qualified;      /* "configmaps", "clustersets.lib.projectsveltos.io" */
    char *qualified_kind; /* "ConfigMap", "ClusterSet.lib.projectsveltos.io" */
    bool namespaced;
    bool has_status;          /* as a subresource */
    bool custom;              /* comes from a CustomResourceDefinition */
    bool tracks_generation;
    bool updates_blindly;     /* accepts a PUT without a resourceVersion */
    bool served;              /* false: its definition was deleted */
    const struct schema *schema; /* of the whole object */
    struct schema *own_schema;   /* owned; NULL when the schema is borrowed */
    struct json *selectable;  /* array of field paths such as "spec.s"; owned */
    struct collection collection;
};

struct resource_table {
    struct resource **items;
    size_t count;
    size_t capacity;
    struct map routes; /* "group/version/plural" to a served resource */
};

void resource_table_init(struct resource_table *table);
void resource_table_release(struct resource_table *table);
void resource_table_add_builtins(struct resource_table *table);
/* NULL: nothing is served there. */
struct resource *resource_find(const struct resource_table *table, struct str group,
                               struct str version, struct str plural);
/* Serves the storage version of a definition from now on. `schema`: compiled already, borrowed;
 * NULL: the definition's is compiled. `resource_version`: watches from before it are too old.
 * ERR_INVALID and what schema_create answers. */
NODISCARD enum err resource_serve(struct resource_table *table, const struct json *definition,
                                  const struct schema *schema, uint64_t resource_version,
                                  struct errmsg *msg);
/* Compiles the schema of a definition's storage version. */
NODISCARD enum err resource_schema(const struct json *definition, struct schema **ret_schema,
                                   struct errmsg *msg);
/* Takes over what a changed definition says about the resource that it serves; objects stay as
 * they are stored. A definition that serves nothing yet is none of its business. */
NODISCARD enum err resource_redefine(struct resource_table *table, const struct json *definition,
                                     struct errmsg *msg);
/* The resource that a definition serves; NULL: none. */
struct resource *resource_of_definition(const struct resource_table *table,
                                        const struct json *definition);
/* No path leads to it any more; it stays in memory, as its history is still read. */
void resource_withdraw(struct resource_table *table, struct resource *resource);

#endif
