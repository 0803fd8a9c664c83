#include "fakeapi/server.h"

static bool is_served(const struct resource_table *table, const struct resource *resource)
{
    return resource_find(table, str_from(resource->group), str_from(resource->version),
                         str_from(resource->plural)) == resource;
}

static const struct resource *find_kind(const struct resource_table *table, struct str api_version,
                                        struct str kind)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct resource *resource = family_version(table->families[i], api_version);
        if (resource != NULL && str_is(kind, resource->kind) &&
            is_served(table, resource))
            return resource;
    }
    return NULL;
}

bool fakeapi_collection_path(const struct fakeapi *api, struct str api_version, struct str kind,
                             struct str name_space, struct buf *out)
{
    const struct resource *resource = find_kind(&api->resources, api_version, kind);
    if (resource == NULL)
        return false;
    buf_printf(out, "/%s/%s", resource->group[0] == '\0' ? "api" : "apis", resource->api_version);
    if (resource->namespaced)
        buf_printf(out, "/namespaces/%.*s",
                   STR_ARGS(name_space.len > 0 ? name_space : STR("default")));
    buf_printf(out, "/%s", resource->plural);
    return true;
}
