#include "fakeapi/sveltos/drift.h"

#include "controller/base/mem.h"
#include "fakeapi/sveltos/addon.h"
#include "fakeapi/sveltos/summary.h"

/* Each member that the selector has must be the item's; labels are not modelled. */
static bool target_matches(const struct json *target, const struct item *item)
{
    static const char *const members[] = {"group", "version", "kind", "namespace", "name"};
    for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
        struct str wanted = json_text_at(target, members[i]);
        if (!str_is_empty(wanted) &&
            !str_equal(wanted, json_text_at(item->reference, members[i])))
            return false;
    }
    return true;
}

static bool covers_path(const struct json *exclusion, struct str edited)
{
    JSON_EACH(path, json_get(exclusion, "paths")) {
        if (str_equal(json_string_of(path), edited))
            return true;
    }
    return false;
}

/* Does one of a spec's driftExclusions cover the edit of this item? */
static bool is_excluded(const struct json *drift_exclusions, const struct item *item)
{
    JSON_EACH(exclusion, drift_exclusions) {
        if (covers_path(exclusion, str_from(item->edited_path)) &&
            target_matches(json_get(exclusion, "target"), item))
            return true;
    }
    return false;
}

static bool has_drifted(const struct drift *drift, const struct json *summary,
                        enum feature feature)
{
    struct site site = summary_site(summary);
    const struct json *exclusions = json_at(summary, "spec.clusterProfileSpec.driftExclusions");
    MAP_EACH(entry, items_of(&drift->addon->ground_truth->items, &site)) {
        const struct item *item = map_entry_value(entry);
        if (item->edited_path != NULL && item->feature == feature &&
            str_equal(str_from(item->profile), site.profile) &&
            !is_excluded(exclusions, item))
            return true;
    }
    return false;
}

static void reconcile(void *ctx, struct str key)
{
    struct drift *drift = ctx;
    addon_sync(drift->addon);
    const struct json *summary = informer_get_key(&drift->addon->summaries, key);
    if (!summary_detects_drift(summary))
        return;
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
        if (has_drifted(drift, summary, feature))
            feature_redeploy(drift->addon, summary, feature, NULL);
    }
}

void drift_init(struct drift *drift, struct addon *addon)
{
    drift->addon = addon;
    queue_init(&drift->queue, addon->timers, reconcile, drift);
}

void drift_release(struct drift *drift)
{
    queue_release(&drift->queue);
}

void drift_stop(struct drift *drift)
{
    queue_clear(&drift->queue);
}

static void notice(struct drift *drift, const struct json *summary)
{
    char *key CLEANUP(mem_free_pointer) = object_key(summary);
    queue_add_after(&drift->queue, str_from(key), DRIFT_NOTICED_AFTER_MS);
}

void drift_start(struct drift *drift)
{
    if (!drift->addon->ground_truth->items.ever_edited)
        return;
    MAP_EACH(entry, &drift->addon->summaries.objects)
        notice(drift, map_entry_value(entry));
}

static struct item *find(const struct items *items, const struct site *site,
                         const struct world_edit *edit)
{
    char *name CLEANUP(mem_free_pointer) = str_dup(edit->item);
    for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
        struct item *item = item_find(items, site, feature, name);
        if (item != NULL)
            return item;
    }
    return NULL;
}

bool drift_edit(struct drift *drift, const struct world_edit *edit)
{
    struct addon *addon = drift->addon;
    struct site site = {.cluster_namespace = edit->cluster_namespace,
                        .cluster = edit->cluster,
                        .cluster_type = edit->cluster_type};
    struct item *item = find(&addon->ground_truth->items, &site, edit);
    if (item == NULL)
        return false;
    item_edit(&addon->ground_truth->items, &site, addon->timers->now_ms, item, edit->path);
    const struct json *summary = neighbour_of_profile(addon, &site, str_from(item->profile));
    if (summary != NULL)
        notice(drift, summary);
    return true;
}
