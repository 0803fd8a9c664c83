#include "fakeapi/sveltos/items.h"

#include "controller/base/mem.h"

#define CHANGES_MAX (64u << 20) /* more than any simulated fleet sees */

static const struct map nothing = {NULL};

static char *item_key(enum feature feature, const char *name)
{
    return str_format("%s %s", feature_id(feature), name);
}

static void item_free(struct item *item)
{
    if (item == NULL)
        return;
    mem_free(item->name);
    mem_free(item->profile);
    json_free(item->reference);
    mem_free(item->edited_path);
    mem_free(item);
}

static void cluster_free(struct map *had)
{
    MAP_EACH(entry, had)
        item_free(map_entry_value(entry));
    map_release(had);
    mem_free(had);
}

void items_release(struct items *items)
{
    MAP_EACH(entry, &items->clusters)
        cluster_free(map_entry_value(entry));
    map_release(&items->clusters);
    for (size_t i = 0; i < items->change_count; i++)
        mem_free(items->changes[i]);
    mem_free(items->changes);
    *items = (struct items){0};
}

const struct map *items_of(const struct items *items, const struct site *site)
{
    char *cluster CLEANUP(mem_free_pointer) = site_cluster_key(site);
    const struct map *had = map_get(&items->clusters, str_from(cluster));
    return had != NULL ? had : &nothing;
}

struct item *item_find(const struct items *items, const struct site *site, enum feature feature,
                       const char *name)
{
    char *key CLEANUP(mem_free_pointer) = item_key(feature, name);
    return map_get(items_of(items, site), str_from(key));
}

static struct map *cluster_of(struct items *items, const struct site *site)
{
    char *cluster CLEANUP(mem_free_pointer) = site_cluster_key(site);
    struct map *had = map_get(&items->clusters, str_from(cluster));
    if (had != NULL)
        return had;
    had = mem_alloc(sizeof(*had));
    map_init(had);
    map_put(&items->clusters, str_from(cluster), had);
    return had;
}

struct str item_text_copy(char **end, struct str text)
{
    char *start = *end;
    if (text.len > 0)
        memcpy(start, text.data, text.len);
    start[text.len] = '\0';
    *end = start + text.len + 1;
    return str_from_bytes(start, text.len);
}

static void record(struct items *items, const struct item_act *act, struct str name,
                   enum world_item_event event)
{
    const struct site *site = act->site;
    struct str configuration = str_from(act->configuration);
    size_t text_bytes = site->cluster_namespace.len + site->cluster.len + site->cluster_type.len +
                        site->profile.len + name.len + configuration.len + 6;
    struct world_item_change *change = mem_alloc(sizeof(*change) + text_bytes);
    char *end = (char *)(change + 1);
    change->at_ms = act->at_ms;
    change->event = event;
    change->cluster_namespace = item_text_copy(&end, site->cluster_namespace);
    change->cluster = item_text_copy(&end, site->cluster);
    change->cluster_type = item_text_copy(&end, site->cluster_type);
    change->profile = item_text_copy(&end, site->profile);
    change->feature = str_from(feature_id(act->feature));
    change->item = item_text_copy(&end, name);
    change->configuration = item_text_copy(&end, configuration);
    items->changes = mem_grow_array(items->changes, items->change_count, &items->change_capacity,
                                    sizeof(struct world_item_change *), CHANGES_MAX);
    items->changes[items->change_count++] = change;
}

static struct item *item_create(struct items *items, const struct item_act *act, const char *name)
{
    char *key CLEANUP(mem_free_pointer) = item_key(act->feature, name);
    struct item *item = mem_alloc(sizeof(*item));
    item->feature = act->feature;
    item->name = str_dup(str_from(name));
    item->profile = str_dup(STR(""));
    map_put(cluster_of(items, act->site), str_from(key), item);
    return item;
}

static void set_owner(struct item *item, struct str profile)
{
    if (str_equal(str_from(item->profile), profile))
        return;
    mem_free(item->profile);
    item->profile = str_dup(profile);
}

void item_deploy(struct items *items, const struct item_act *act, const struct item_wish *wish)
{
    struct item *item = item_find(items, act->site, act->feature, wish->name);
    enum world_item_event event = WORLD_ITEM_DEPLOYED;
    if (item == NULL)
        item = item_create(items, act, wish->name);
    else if (!str_equal(str_from(item->profile), act->site->profile))
        event = WORLD_ITEM_TAKEN_OVER;
    set_owner(item, act->site->profile);
    item->tier = act->tier;
    json_free(item->reference);
    item->reference = json_clone(wish->reference);
    item->content = wish->content;
    mem_free(item->edited_path);
    item->edited_path = NULL;
    item->at_ms = act->at_ms;
    snprintf(item->configuration, sizeof(item->configuration), "%s", act->configuration);
    record(items, act, str_from(wish->name), event);
}

void item_edit(struct items *items, const struct site *site, int64_t at_ms, struct item *item,
               struct str path)
{
    struct site owner = *site;
    owner.profile = str_from(item->profile);
    struct item_act act = {.site = &owner,
                           .feature = item->feature,
                           .at_ms = at_ms,
                           .configuration = item->configuration};
    mem_free(item->edited_path);
    item->edited_path = str_format("%.*s", STR_ARGS(path)); /* not said is "", not NULL */
    items->ever_edited = true;
    record(items, &act, str_from(item->name), WORLD_ITEM_EDITED);
}

void item_give_up(struct items *items, const struct item_act *act, struct item *item,
                  enum world_item_event event)
{
    record(items, act, str_from(item->name), event);
    if (event == WORLD_ITEM_LEFT) {
        set_owner(item, STR(""));
        return;
    }
    char *key CLEANUP(mem_free_pointer) = item_key(item->feature, item->name);
    item_free(map_remove(cluster_of(items, act->site), str_from(key)));
}
