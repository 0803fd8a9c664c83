#include "fakeapi/sveltos/landing.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/releases.h"

#define CONFLICTS_BYTES_MAX (1u << 20) /* a text for each of a feature's entries */

/* One job at its end. */
struct landing {
    struct job *job;
    struct addon *addon;
    struct items *items;
    struct site site;
    struct item_act act;
    struct map wanted; /* names of the entries */
    struct buf conflicts;
};

static void landing_init(struct landing *landing, struct job *job)
{
    *landing = (struct landing){
        .job = job,
        .addon = job->state->addon,
        .items = &job->state->addon->ground_truth->items,
        .site = summary_state_site(job->state),
    };
    landing->act = (struct item_act){
        .site = &landing->site,
        .feature = job->feature,
        .at_ms = landing->addon->timers->now_ms,
        .tier = job->tier,
        .configuration = job->configuration,
    };
    map_init(&landing->wanted);
    buf_init(&landing->conflicts, CONFLICTS_BYTES_MAX);
}

static void landing_release(struct landing *landing)
{
    map_release(&landing->wanted);
    buf_release(&landing->conflicts);
}

const struct json *landing_owner(const struct addon *addon, const struct site *site,
                                 const struct item *item, int64_t tier)
{
    if (item == NULL || tier < item->tier)
        return NULL;
    return neighbour_of_profile(addon, site, str_from(item->profile));
}

void landing_describe_conflict(const struct item *item, struct buf *text)
{
    struct str kind = json_text_at(item->reference, "kind");
    struct str name_space = json_text_at(item->reference, "namespace");
    struct str name = json_text_at(item->reference, "name");
    buf_printf(text,
               "A conflict was detected while deploying resource %.*s:%.*s/%.*s. "
               "The Sveltos profile currently deploying this resource is ClusterProfile %s;\n"
               "This resource is currently deployed because of %.*s %.*s/%.*s.\n",
               STR_ARGS(kind), STR_ARGS(name_space), STR_ARGS(name), item->profile,
               STR_ARGS(kind), STR_ARGS(name_space), STR_ARGS(name));
}

static bool release_conflicts(struct landing *landing, const struct json *chart)
{
    struct release release = release_of_chart(chart);
    const struct json *manager = release_manager(landing->addon, &landing->site, &release);
    if (manager == NULL)
        return false;
    char *text CLEANUP(mem_free_pointer) = release_conflict_text(&release, manager);
    buf_append_text(&landing->conflicts, text);
    return true;
}

static bool resource_conflicts(struct landing *landing, const struct item *item)
{
    if (landing_owner(landing->addon, &landing->site, item, landing->act.tier) == NULL)
        return false;
    landing_describe_conflict(item, &landing->conflicts);
    return true;
}

/* Who loses a resource is deployed again, and finds the conflict. */
static void tell_loser(struct landing *landing, const struct item *item)
{
    if (item == NULL || landing->act.feature == FEATURE_HELM)
        return;
    const struct json *loser =
        neighbour_of_profile(landing->addon, &landing->site, str_from(item->profile));
    if (loser != NULL)
        feature_redeploy(landing->addon, loser, landing->act.feature, NULL);
}

static bool is_own(const struct landing *landing, const struct item *item)
{
    return item->feature == landing->act.feature &&
           str_equal(str_from(item->profile), landing->site.profile);
}

/* False when the entry belongs to somebody else. */
static bool land(struct landing *landing, const struct json *entry, const struct item_wish *wish)
{
    struct item *item =
        item_find(landing->items, &landing->site, landing->act.feature, wish->name);
    bool conflicts = landing->act.feature == FEATURE_HELM ? release_conflicts(landing, entry)
                                                          : resource_conflicts(landing, item);
    if (conflicts)
        return false;
    tell_loser(landing, item);
    if (!wish->uninstall)
        item_deploy(landing->items, &landing->act, wish);
    else if (item != NULL)
        item_give_up(landing->items, &landing->act, item, WORLD_ITEM_WITHDRAWN);
    return true;
}

static bool land_all(struct landing *landing)
{
    bool all = true;
    JSON_EACH(entry, landing->job->content) {
        struct item_wish wish;
        item_wish_read(landing->act.feature, entry, &landing->site, &wish);
        map_put(&landing->wanted, str_from(wish.name), landing);
        bool landed = land(landing, entry, &wish);
        item_wish_release(&wish);
        all = all && landed;
        if (!landed && !landing->job->continue_on_conflict)
            break;
    }
    return all;
}

/* A release that another summary waits for is not uninstalled: that one takes it over. */
static enum world_item_event fate_of(const struct landing *landing, const struct item *item)
{
    if (item->feature != FEATURE_HELM)
        return WORLD_ITEM_WITHDRAWN;
    struct release release = {json_text_at(item->reference, "namespace"),
                              json_text_at(item->reference, "releaseName")};
    return release_is_wanted(landing->addon, &landing->site, &release) ? WORLD_ITEM_LEFT
                                                                       : WORLD_ITEM_WITHDRAWN;
}

/* All that is the profile's and not wanted. */
static void take_away_rest(struct landing *landing)
{
    const struct map *had = items_of(landing->items, &landing->site);
    struct map_entry *entry = map_next(had, NULL);
    while (entry != NULL) {
        struct map_entry *next = map_next(had, entry);
        struct item *item = map_entry_value(entry);
        if (is_own(landing, item) && map_get(&landing->wanted, str_from(item->name)) == NULL)
            item_give_up(landing->items, &landing->act, item, fate_of(landing, item));
        entry = next;
    }
}

void landing_deploy(struct job *job)
{
    struct landing landing;
    landing_init(&landing, job);
    if (land_all(&landing)) {
        take_away_rest(&landing);
    } else {
        job->fate.fails = true;
        job->fate.for_good = job->feature == FEATURE_HELM;
        job->conflict = buf_steal(&landing.conflicts);
    }
    landing_release(&landing);
}

void landing_withdraw(struct job *job)
{
    struct landing landing;
    landing_init(&landing, job);
    take_away_rest(&landing);
    landing_release(&landing);
}

void landing_leave(struct addon *addon, const struct site *site)
{
    struct items *items = &addon->ground_truth->items;
    struct item_act act = {.site = site, .at_ms = addon->timers->now_ms};
    MAP_EACH(entry, items_of(items, site)) {
        struct item *item = map_entry_value(entry);
        if (!str_equal(str_from(item->profile), site->profile))
            continue;
        act.feature = item->feature;
        act.configuration = item->configuration;
        item_give_up(items, &act, item, WORLD_ITEM_LEFT);
    }
}
