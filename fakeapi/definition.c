#include "fakeapi/definition.h"

#include "controller/base/mem.h"

static const struct json *storage_version(const struct json *definition)
{
    JSON_EACH(version, json_at(definition, "spec.versions"))
        if (json_bool_of(json_get(version, "storage")))
            return version;
    return NULL;
}

static enum err version_schema(const struct json *version, struct schema **ret_schema,
                               struct errmsg *msg)
{
    const struct json *open_api = json_at(version, "schema.openAPIV3Schema");
    if (!json_is(open_api, JSON_OBJECT))
        return err_set(msg, ERR_INVALID, "schemas are required");
    return schema_create(open_api, ret_schema, msg);
}

enum err definition_schema(const struct json *definition, struct schema **ret_schema,
                           struct errmsg *msg)
{
    return version_schema(storage_version(definition), ret_schema, msg);
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

static void replace_text(char **text, char *with)
{
    mem_free(*text);
    *text = with;
}

static char *text_or_null(const struct json *scale, const char *name)
{
    struct str text = json_text_at(scale, name);
    return text.len > 0 ? str_dup(text) : NULL;
}

static void set_scale(struct resource *resource, const struct json *scale)
{
    replace_text(&resource->scale.spec_replicas, text_or_null(scale, "specReplicasPath"));
    replace_text(&resource->scale.status_replicas, text_or_null(scale, "statusReplicasPath"));
    replace_text(&resource->scale.label_selector, text_or_null(scale, "labelSelectorPath"));
}

static char *deprecation_of(const struct resource *resource, const struct json *version)
{
    struct str warning = json_text_at(version, "deprecationWarning");
    if (!json_bool_of(json_get(version, "deprecated")))
        return NULL;
    return warning.len > 0 ? str_dup(warning)
                           : str_format("%s %s is deprecated", resource->api_version,
                                        resource->kind);
}

/* Takes over the schema. */
static void set_version(struct resource *resource, const struct json *definition,
                        const struct json *version, const struct schema *schema, bool own)
{
    struct str list_kind = json_text_at(definition, "spec.names.listKind");
    if (list_kind.len > 0)
        replace_text(&resource->list_kind, str_dup(list_kind));
    resource->namespaced = str_is(json_text_at(definition, "spec.scope"), "Namespaced");
    resource->has_status = json_is(json_at(version, "subresources.status"), JSON_OBJECT);
    resource->custom = true;
    resource->tracks_generation = true;
    schema_free(resource->own_schema);
    resource->own_schema = own ? (struct schema *)(uintptr_t)schema : NULL;
    resource->schema = schema;
    json_free(resource->selectable);
    resource->selectable = selectable_paths(version);
    json_free(resource->columns);
    resource->columns = json_get(version, "additionalPrinterColumns") != NULL
                            ? json_clone(json_get(version, "additionalPrinterColumns")) : NULL;
    set_scale(resource, json_at(version, "subresources.scale"));
    replace_text(&resource->deprecation, deprecation_of(resource, version));
}

/* Schemas of all versions in their order; `given`, when there is one, for the storage version. */
struct compiled {
    const struct schema *schemas[DEFINITION_VERSIONS_MAX];
    bool own[DEFINITION_VERSIONS_MAX];
    size_t count;
};

static void compiled_release(struct compiled *compiled)
{
    for (size_t i = 0; i < compiled->count; i++)
        if (compiled->own[i])
            schema_free((struct schema *)(uintptr_t)compiled->schemas[i]);
}

static enum err compile(const struct json *definition, const struct schema *given,
                        struct compiled *ret_compiled, struct errmsg *msg)
{
    struct compiled compiled = {.count = 0};
    JSON_EACH(version, json_at(definition, "spec.versions")) {
        bool lent = given != NULL && json_bool_of(json_get(version, "storage"));
        struct schema *schema = NULL;
        enum err err = ERR_NONE;
        if (compiled.count == DEFINITION_VERSIONS_MAX)
            err = err_set(msg, ERR_LIMIT, "more than %u versions", DEFINITION_VERSIONS_MAX);
        else if (!lent)
            err = version_schema(version, &schema, msg);
        if (err != ERR_NONE) {
            compiled_release(&compiled);
            return err;
        }
        compiled.own[compiled.count] = !lent;
        compiled.schemas[compiled.count++] = lent ? given : schema;
    }
    *ret_compiled = compiled;
    return ERR_NONE;
}

static struct resource *version_of(struct resource_family *family, const struct json *definition,
                                   const struct json *version)
{
    struct str name = json_text_at(version, "name");
    for (size_t i = 0; i < family->count; i++)
        if (str_is(name, family->versions[i]->version))
            return family->versions[i];
    return family_add_version(family, json_text_at(definition, "spec.group"), name,
                              json_text_at(definition, "spec.names.plural"),
                              json_text_at(definition, "spec.names.kind"));
}

static bool has_same_schema(const struct json *old, const struct json *version)
{
    JSON_EACH(other, json_at(old, "spec.versions"))
        if (str_equal(json_text_at(other, "name"), json_text_at(version, "name")))
            return json_equal(json_get(other, "schema"), json_get(version, "schema"));
    return false;
}

/* A version with another schema than in `old` (NULL: all are new) is in a new form: what is
 * stored is brought into it when it is read. */
static void install(struct resource_table *table, struct resource_family *family,
                    const struct json *old, const struct json *definition,
                    const struct compiled *compiled)
{
    size_t at = 0;
    for (size_t i = 0; i < family->count; i++) {
        resource_set_served(table, family->versions[i], false);
        family->versions[i]->defined = false;
    }
    JSON_EACH(version, json_at(definition, "spec.versions")) {
        struct resource *resource = version_of(family, definition, version);
        resource->defined = true;
        if (!has_same_schema(old, version))
            resource->form = ++table->form_count;
        set_version(resource, definition, version, compiled->schemas[at], compiled->own[at]);
        at++;
        if (json_bool_of(json_get(version, "storage")))
            family->storage = resource;
        if (json_bool_of(json_get(version, "served")))
            resource_set_served(table, resource, true);
        }
}

/* The family of an earlier definition of the same kind, which comes to life again. */
static struct resource_family *withdrawn_family(const struct resource_table *table,
                                                const struct json *definition)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct resource *storage = table->families[i]->storage;
        if (storage->custom && !storage->defined &&
            str_is(json_text_at(definition, "spec.group"), storage->group) &&
            str_is(json_text_at(definition, "spec.names.plural"), storage->plural) &&
            str_is(json_text_at(definition, "spec.names.kind"), storage->kind))
            return table->families[i];
    }
    return NULL;
}

enum err definition_serve(struct resource_table *table, const struct json *definition,
                          const struct schema *schema, uint64_t resource_version,
                          struct errmsg *msg)
{
    struct compiled compiled;
    struct resource_family *family = withdrawn_family(table, definition);
    if (storage_version(definition) == NULL ||
        json_text_at(definition, "spec.names.kind").len == 0 ||
        json_text_at(definition, "spec.names.plural").len == 0)
        return err_set(msg, ERR_INVALID, "must have exactly one version marked as storage version");
    if (family == NULL && table->count >= RESOURCE_FAMILIES_MAX)
        return err_set(msg, ERR_LIMIT, "more than %u kinds have been defined",
                       RESOURCE_FAMILIES_MAX);
    enum err err = compile(definition, schema, &compiled, msg);
    if (err != ERR_NONE)
        return err;
    if (family == NULL)
        family = resource_table_add_family(table, resource_version);
    else
        collection_compact(&family->collection, resource_version);
    install(table, family, NULL, definition, &compiled);
    return ERR_NONE;
}

enum err definition_change(struct resource_table *table, struct resource_family *family,
                           const struct json *old, const struct json *definition,
                           struct errmsg *msg)
{
    struct compiled compiled;
    if (storage_version(definition) == NULL)
        return err_set(msg, ERR_INVALID, "must have exactly one version marked as storage version");
    enum err err = compile(definition, NULL, &compiled, msg);
    if (err == ERR_NONE)
        install(table, family, old, definition, &compiled);
    return err;
}

struct resource_family *definition_family(const struct resource_table *table,
                                          const struct json *definition)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct resource *storage = table->families[i]->storage;
        if (storage->custom && storage->defined &&
            str_is(json_text_at(definition, "spec.group"), storage->group) &&
            str_is(json_text_at(definition, "spec.names.plural"), storage->plural))
            return table->families[i];
    }
    return NULL;
}

void definition_withdraw(struct resource_table *table, struct resource_family *family)
{
    for (size_t i = 0; i < family->count; i++) {
        resource_set_served(table, family->versions[i], false);
        family->versions[i]->defined = false;
    }
}
