#include "fakeapi/resource.h"

#include "controller/base/mem.h"

#include "fakeapi/kind_rules.h"

#define ROUTE_BYTES_MAX 512u /* a group of 253 bytes, a version and a plural of 63 */

struct builtin_resource {
    const char *group, *version, *plural, *kind;
    const struct kind_rules *rules;
    bool namespaced, has_status, tracks_generation, updates_blindly;
    bool joins; /* another version of the kind in the row above, which is how it is stored */
};

/* Which kinds accept a blind update: Kubernetes' registry strategies (AllowUnconditionalUpdate). */
static const struct builtin_resource builtin_resources[] = {
    {"", "v1", "namespaces", "Namespace", &kind_rules_namespace, .has_status = true,
     .updates_blindly = true},
    {"", "v1", "configmaps", "ConfigMap", &kind_rules_config_map, .namespaced = true,
     .updates_blindly = true},
    {"", "v1", "secrets", "Secret", &kind_rules_secret, .namespaced = true,
     .updates_blindly = true},
    {"", "v1", "serviceaccounts", "ServiceAccount", &kind_rules_service_account,
     .namespaced = true, .updates_blindly = true},
    {"events.k8s.io", "v1", "events", "Event", &kind_rules_event, .namespaced = true,
     .updates_blindly = true},
    {"", "v1", "events", "Event", &kind_rules_core_event, .namespaced = true,
     .updates_blindly = true, .joins = true},
    {"coordination.k8s.io", "v1", "leases", "Lease", &kind_rules_lease, .namespaced = true},
    {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition",
     &kind_rules_definition, .has_status = true, .tracks_generation = true},
};

static char *qualify(const char *name, const char *group)
{
    return group[0] == '\0' ? str_format("%s", name) : str_format("%s.%s", name, group);
}

static void resource_name(struct resource *resource, struct str group, struct str version,
                          struct str plural, struct str kind)
{
    resource->group = str_dup(group.data != NULL ? group : STR(""));
    resource->version = str_dup(version);
    resource->plural = str_dup(plural);
    resource->kind = str_dup(kind);
    resource->list_kind = str_format("%sList", resource->kind);
    resource->api_version = resource->group[0] == '\0'
                                ? str_dup(version)
                                : str_format("%s/%s", resource->group, resource->version);
    resource->qualified = qualify(resource->plural, resource->group);
    resource->qualified_kind = qualify(resource->kind, resource->group);
}

static void resource_free(struct resource *resource)
{
    char *const texts[] = {resource->group, resource->version, resource->plural, resource->kind,
                           resource->list_kind, resource->api_version, resource->qualified,
                           resource->qualified_kind, resource->deprecation,
                           resource->scale.spec_replicas, resource->scale.status_replicas,
                           resource->scale.label_selector};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        mem_free(texts[i]);
    schema_free(resource->own_schema);
    json_free(resource->selectable);
    json_free(resource->columns);
    mem_free(resource);
}

static void family_free(struct resource_family *family)
{
    for (size_t i = 0; i < family->count; i++)
        resource_free(family->versions[i]);
    mem_free(family->versions);
    collection_release(&family->collection);
    mem_free(family);
}

void resource_table_init(struct resource_table *table)
{
    *table = (struct resource_table){0};
    map_init(&table->routes);
}

void resource_table_release(struct resource_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        family_free(table->families[i]);
    mem_free(table->families);
    map_release(&table->routes);
}

struct resource_family *resource_table_add_family(struct resource_table *table,
                                                  uint64_t resource_version)
{
    struct resource_family *family = mem_alloc(sizeof(*family));
    collection_init(&family->collection, resource_version, &table->history_bytes);
    table->families = mem_grow_array(table->families, table->count, &table->capacity,
                                     sizeof(struct resource_family *), RESOURCE_FAMILIES_MAX);
    table->families[table->count++] = family;
    return family;
}

struct resource *family_add_version(struct resource_family *family, struct str group,
                                    struct str version, struct str plural, struct str kind)
{
    struct resource *resource = mem_alloc(sizeof(*resource));
    resource_name(resource, group, version, plural, kind);
    resource->family = family;
    resource->collection = &family->collection;
    resource->defined = true;
    family->versions = mem_grow_array(family->versions, family->count, &family->capacity,
                                      sizeof(struct resource *), SIZE_MAX);
    family->versions[family->count++] = resource;
    return resource;
}

struct resource *family_version(const struct resource_family *family, struct str api_version)
{
    for (size_t i = 0; i < family->count; i++)
        if (family->versions[i]->defined && str_is(api_version, family->versions[i]->api_version))
            return family->versions[i];
    return NULL;
}

void resource_set_served(struct resource_table *table, struct resource *resource, bool served)
{
    char *route = str_format("%s/%s/%s", resource->group, resource->version, resource->plural);
    if (served)
        map_put(&table->routes, str_from(route), resource);
    else
        map_remove(&table->routes, str_from(route));
    mem_free(route);
}

static struct schema *builtin_schema(const struct kind_rules *rules)
{
    const char *text = rules->type != NULL
                           ? rules->type
                           : "{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true}";
    struct json *open_api = NULL;
    struct schema *schema = NULL;
    enum err err = json_parse(str_from(text), NULL, &open_api, NULL);
    ASSERT(err == ERR_NONE);
    err = schema_create(open_api, &schema, NULL);
    ASSERT(err == ERR_NONE);
    json_free(open_api);
    return schema;
}

static void add_builtin(struct resource_table *table, const struct builtin_resource *row,
                        uint64_t resource_version)
{
    struct resource_family *family =
        row->joins ? table->families[table->count - 1]
                   : resource_table_add_family(table, resource_version);
    struct resource *resource = family_add_version(family, str_from(row->group),
                                                   str_from(row->version), str_from(row->plural),
                                                   str_from(row->kind));
    if (!row->joins)
        family->storage = resource;
    resource->namespaced = row->namespaced;
    resource->has_status = row->has_status;
    resource->tracks_generation = row->tracks_generation;
    resource->updates_blindly = row->updates_blindly;
    resource->rules = row->rules;
    resource->own_schema = builtin_schema(row->rules);
    resource->schema = resource->own_schema;
    resource->form = ++table->form_count;
    resource_set_served(table, resource, true);
}

void resource_table_add_builtins(struct resource_table *table, uint64_t resource_version)
{
    for (size_t i = 0; i < ARRAY_COUNT(builtin_resources); i++)
        add_builtin(table, &builtin_resources[i], resource_version);
}

struct resource *resource_find(const struct resource_table *table, struct str group,
                               struct str version, struct str plural)
{
    char route[ROUTE_BYTES_MAX]; /* on every request's way: no allocation */
    int len = snprintf(route, sizeof(route), "%.*s/%.*s/%.*s", STR_ARGS(group), STR_ARGS(version),
                       STR_ARGS(plural));
    if (len < 0 || (size_t)len >= sizeof(route))
        return NULL;
    return map_get(&table->routes, str_from_bytes(route, (size_t)len));
}
