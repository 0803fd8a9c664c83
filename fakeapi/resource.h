/*
 * The table of served resources: what is built in, and what
 * CustomResourceDefinitions describe. A resource is one version of a kind; the
 * versions of a kind are a family and share the collection of its objects, which
 * are stored in the form of the storage version (form.h).
 * Source: Kubernetes documentation, "Versions in CustomResourceDefinitions".
 */
#ifndef PROMOTER_FAKEAPI_RESOURCE_H
#define PROMOTER_FAKEAPI_RESOURCE_H

#include "fakeapi/schema.h"
#include "fakeapi/store.h"

#define RESOURCE_FAMILIES_MAX 4096u

struct resource;
struct kind_rules;

struct resource_family {
    struct resource **versions; /* owned; what was once served stays, watches look at it */
    size_t count;
    size_t capacity;
    struct resource *storage;
    struct collection collection;
};

/* The scale subresource: paths such as ".spec.replicas", owned; NULL: none. */
struct resource_scale {
    char *spec_replicas;
    char *status_replicas;
    char *label_selector;
};

struct resource {
    struct resource_family *family;
    struct collection *collection; /* the family's */
    uint32_t form; /* of objects as this version shows them; no two schemas share one */
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
    const struct kind_rules *rules; /* of a kind that is built in; NULL: none */
    bool defined;             /* false: its definition was deleted, or names it no more */
    const struct schema *schema; /* of the whole object */
    struct schema *own_schema;   /* owned; NULL when the schema is borrowed */
    const struct json *selectable; /* array of field paths such as "spec.s"; owned */
    struct resource_scale scale;
    struct json *columns;     /* additionalPrinterColumns; owned; NULL: none */
    char *deprecation;        /* owned; the warning of a deprecated version; NULL: it is none */
};

struct resource_table {
    struct resource_family **families;
    size_t count;
    size_t capacity;
    struct map routes; /* "group/version/plural" to a served resource */
    uint32_t form_count;
    size_t history_bytes; /* of all collections */
};

void resource_table_init(struct resource_table *table);
void resource_table_release(struct resource_table *table);
void resource_table_add_builtins(struct resource_table *table, uint64_t resource_version);
/* NULL: nothing is served there. */
struct resource *resource_find(const struct resource_table *table, struct str group,
                               struct str version, struct str plural);
/* The version of that apiVersion; NULL: none is defined. */
struct resource *family_version(const struct resource_family *family, struct str api_version);
/* Makes a family without versions, and a version of one. */
struct resource_family *resource_table_add_family(struct resource_table *table,
                                                  uint64_t resource_version);
struct resource *family_add_version(struct resource_family *family, struct str group,
                                    struct str version, struct str plural, struct str kind);
/* Whether a path leads to the resource. */
void resource_set_served(struct resource_table *table, struct resource *resource, bool served);

#endif
