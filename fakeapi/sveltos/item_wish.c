#include "controller/base/mem.h"
#include "fakeapi/sveltos/items.h"

#define FLUX_GROUP "source.toolkit.fluxcd.io"

static bool is_core_kind(struct str kind)
{
    return str_is(kind, "ConfigMap") || str_is(kind, "Secret");
}

static void set_text(struct json *object, const char *key, struct str text)
{
    if (!str_is_empty(text))
        json_set(object, key, json_string(text));
}

/* Without a namespace the cluster's is meant. */
static struct str namespace_of(const struct json *entry, const struct site *site)
{
    struct str name_space = json_text_at(entry, "namespace");
    return str_is_empty(name_space) ? site->cluster_namespace : name_space;
}

/* A path within a source stands for a resource of its own. */
static void read_resource(const struct json *entry, const struct site *site,
                          struct item_wish *wish)
{
    struct str url = json_text_at(entry, "remoteURL.url");
    struct str kind = str_is_empty(url) ? json_text_at(entry, "kind") : STR("URL");
    struct str name = str_is_empty(url) ? json_text_at(entry, "name") : url;
    struct str path = json_text_at(entry, "path");
    struct json *reference = json_object();
    json_set(reference, "name", json_string(name));
    json_set(reference, "namespace", json_string(namespace_of(entry, site)));
    json_set(reference, "group", json_text(is_core_kind(kind) ? "" : FLUX_GROUP));
    json_set(reference, "kind", json_string(kind));
    json_set(reference, "version", json_text("v1"));
    set_text(reference, "deploymentType", json_text_at(entry, "deploymentType"));
    wish->reference = reference;
    wish->name = str_format("%.*s:%.*s/%.*s%s%.*s", STR_ARGS(kind),
                            STR_ARGS(namespace_of(entry, site)), STR_ARGS(name),
                            str_is_empty(path) ? "" : "#", STR_ARGS(path));
}

static void read_release(const struct json *entry, struct item_wish *wish)
{
    struct json *reference = json_object();
    json_set(reference, "repoURL", json_string(json_text_at(entry, "repositoryURL")));
    json_set(reference, "releaseName", json_string(json_text_at(entry, "releaseName")));
    json_set(reference, "namespace", json_string(json_text_at(entry, "releaseNamespace")));
    json_set(reference, "chartVersion", json_string(json_text_at(entry, "chartVersion")));
    wish->reference = reference;
    wish->name = str_format("Release:%.*s/%.*s", STR_ARGS(json_text_at(entry, "releaseNamespace")),
                            STR_ARGS(json_text_at(entry, "releaseName")));
    wish->uninstall = str_is(json_text_at(entry, "helmChartAction"), "Uninstall");
}

static uint64_t content_of(const struct json *entry)
{
    struct json *sorted = json_clone(entry);
    json_sort(sorted);
    char *text CLEANUP(mem_free_pointer) = json_print_text(sorted);
    json_free(sorted);
    return str_hash(STR_HASH_INIT, str_from(text));
}

void item_wish_read(enum feature feature, const struct json *entry, const struct site *site,
                    struct item_wish *ret_wish)
{
    struct item_wish wish = {.content = content_of(entry)};
    if (feature == FEATURE_HELM)
        read_release(entry, &wish);
    else
        read_resource(entry, site, &wish);
    *ret_wish = wish;
}

int64_t item_tier(const struct json *profile_spec)
{
    int64_t tier = ITEM_TIER_DEFAULT;
    if (!json_int_of(json_get(profile_spec, "tier"), &tier))
        return ITEM_TIER_DEFAULT;
    return tier;
}

void item_wish_release(struct item_wish *wish)
{
    mem_free(wish->name);
    json_free(wish->reference);
    *wish = (struct item_wish){0};
}
