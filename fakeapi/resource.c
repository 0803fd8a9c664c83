#include "fakeapi/resource.h"

#include "controller/base/mem.h"

#define RESOURCES_MAX 4096u
#define ROUTE_BYTES_MAX 512u /* a group of 253 bytes, a version and a plural of 63 */

struct builtin_resource {
    const char *group, *version, *plural, *kind;
    bool namespaced, has_status, tracks_generation, updates_blindly;
};

/* Which kinds accept a blind update: Kubernetes' registry strategies (AllowUnconditionalUpdate). */
static const struct builtin_resource builtin_resources[] = {
    {"", "v1", "namespaces", "Namespace", false, true, false, true},
    {"", "v1", "configmaps", "ConfigMap", true, false, false, true},
    {"", "v1", "secrets", "Secret", true, false, false, true},
    {"", "v1", "events", "Event", true, false, false, true},
    {"", "v1", "serviceaccounts", "ServiceAccount", true, false, false, true},
    {"events.k8s.io", "v1", "events", "Event", true, false, false, true},
    {"coordination.k8s.io", "v1", "leases", "Lease", true, false, false, false},
    {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false,
     true, true, false},
};

static char *qualify(const char *name, const char *group)
{
    return group[0] == '\0' ? str_format("%s", name) : str_format("%s.%s", name, group);
}

static struct resource *resource_create(struct str group, struct str version, struct str plural,
                                        struct str kind)
{
    struct resource *resource = mem_alloc(sizeof(*resource));
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
    return resource;
}

static void resource_free(struct resource *resource)
{
    collection_release(&resource->collection);
    schema_free(resource->own_schema);
    json_free(resource->selectable);
    mem_free(resource->group);
    mem_free(resource->version);
    mem_free(resource->plural);
    mem_free(resource->kind);
    mem_free(resource->list_kind);
    mem_free(resource->api_version);
    mem_free(resource->qualified);
    mem_free(resource->qualified_kind);
    mem_free(resource);
}

static char *route_of(struct str group, struct str version, struct str plural)
{
    return str_format("%.*s/%.*s/%.*s", STR_ARGS(group), STR_ARGS(version), STR_ARGS(plural));
}

void resource_table_init(struct resource_table *table)
{
    *table = (struct resource_table){0};
    map_init(&table->routes);
}

void resource_table_release(struct resource_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        resource_free(table->items[i]);
    mem_free(table->items);
    map_release(&table->routes);
}

static void table_add(struct resource_table *table, struct resource *resource)
{
    table->items = mem_grow_array(table->items, table->count, &table->capacity,
                                  sizeof(struct resource *), RESOURCES_MAX);
    table->items[table->count++] = resource;
    char *route = route_of(str_from(resource->group), str_from(resource->version),
                           str_from(resource->plural));
    map_put(&table->routes, str_from(route), resource);
    mem_free(route);
    resource->served = true;
}

static struct schema *schema_of_anything(void)
{
    struct json *open_api = json_object();
    json_set(open_api, "type", json_text("object"));
    json_set(open_api, "x-kubernetes-preserve-unknown-fields", json_bool(true));
    struct schema *schema = NULL;
    enum err err = schema_create(open_api, &schema, NULL);
    ASSERT(err == ERR_NONE);
    json_free(open_api);
    return schema;
}

void resource_table_add_builtins(struct resource_table *table)
{
    for (size_t i = 0; i < ARRAY_COUNT(builtin_resources); i++) {
        const struct builtin_resource *row = &builtin_resources[i];
        struct resource *resource = resource_create(str_from(row->group), str_from(row->version),
                                                    str_from(row->plural), str_from(row->kind));
        resource->namespaced = row->namespaced;
        resource->has_status = row->has_status;
        resource->tracks_generation = row->tracks_generation;
        resource->updates_blindly = row->updates_blindly;
        resource->own_schema = schema_of_anything();
        resource->schema = resource->own_schema;
        collection_init(&resource->collection, 0);
        table_add(table, resource);
    }
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

static const struct json *storage_version(const struct json *definition)
{
    JSON_EACH(version, json_at(definition, "spec.versions"))
        if (json_bool_of(json_get(version, "storage")))
            return version;
    return NULL;
}

/* The paths of selectableFields without their leading dot. */
static struct json *selectable_paths(const struct json *version)
{
    struct json *paths = json_array();
    JSON_EACH(field, json_get(version, "selectableFields")) {
        struct str path = json_text_at(field, "jsonPath");
        if (path.len > 1 && path.data[0] == '.')
            json_append(paths, json_string(str_slice(path, 1, path.len)));
    }
    return paths;
}

static bool has_status_subresource(const struct json *version)
{
    return json_is(json_at(version, "subresources.status"), JSON_OBJECT);
}

enum err resource_schema(const struct json *definition, struct schema **ret_schema,
                         struct errmsg *msg)
{
    const struct json *open_api = json_at(storage_version(definition), "schema.openAPIV3Schema");
    if (!json_is(open_api, JSON_OBJECT))
        return err_set(msg, ERR_INVALID, "schemas are required");
    return schema_create(open_api, ret_schema, msg);
}

enum err resource_serve(struct resource_table *table, const struct json *definition,
                        const struct schema *schema, uint64_t resource_version, struct errmsg *msg)
{
    const struct json *version = storage_version(definition);
    struct str kind = json_text_at(definition, "spec.names.kind");
    struct str plural = json_text_at(definition, "spec.names.plural");
    struct str list_kind = json_text_at(definition, "spec.names.listKind");
    struct schema *own_schema = NULL;
    if (version == NULL || kind.len == 0 || plural.len == 0 || table->count >= RESOURCES_MAX)
        return err_set(msg, ERR_INVALID, "must have exactly one version marked as storage version");
    enum err err = schema == NULL ? resource_schema(definition, &own_schema, msg) : ERR_NONE;
    if (err != ERR_NONE)
        return err;
    struct resource *resource = resource_create(json_text_at(definition, "spec.group"),
                                                json_text_at(version, "name"), plural, kind);
    if (list_kind.len > 0) {
        mem_free(resource->list_kind);
        resource->list_kind = str_dup(list_kind);
    }
    resource->namespaced = str_is(json_text_at(definition, "spec.scope"), "Namespaced");
    resource->has_status = has_status_subresource(version);
    resource->custom = true;
    resource->tracks_generation = true;
    resource->own_schema = own_schema;
    resource->schema = schema != NULL ? schema : own_schema;
    resource->selectable = selectable_paths(version);
    collection_init(&resource->collection, resource_version);
    table_add(table, resource);
    return ERR_NONE;
}

enum err resource_redefine(struct resource_table *table, const struct json *definition,
                           struct errmsg *msg)
{
    struct resource *resource = resource_of_definition(table, definition);
    struct schema *schema = NULL;
    if (resource == NULL || !resource->custom)
        return ERR_NONE;
    enum err err = resource_schema(definition, &schema, msg);
    if (err != ERR_NONE)
        return err;
    schema_free(resource->own_schema);
    resource->own_schema = schema;
    resource->schema = schema;
    resource->has_status = has_status_subresource(storage_version(definition));
    json_free(resource->selectable);
    resource->selectable = selectable_paths(storage_version(definition));
    return ERR_NONE;
}

struct resource *resource_of_definition(const struct resource_table *table,
                                        const struct json *definition)
{
    return resource_find(table, json_text_at(definition, "spec.group"),
                         json_text_at(storage_version(definition), "name"),
                         json_text_at(definition, "spec.names.plural"));
}

void resource_withdraw(struct resource_table *table, struct resource *resource)
{
    char *route = route_of(str_from(resource->group), str_from(resource->version),
                           str_from(resource->plural));
    map_remove(&table->routes, str_from(route));
    mem_free(route);
    resource->served = false;
}
