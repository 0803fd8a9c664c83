#include "fakeapi/sveltos/releases.h"

#include "controller/base/mem.h"

#define MANAGING "Managing"
#define CONFLICT "Conflict"

static struct release release_of_entry(const struct json *entry)
{
    return (struct release){json_text_at(entry, "releaseNamespace"),
                            json_text_at(entry, "releaseName")};
}

struct release release_of_chart(const struct json *chart)
{
    return release_of_entry(chart); /* both name the members alike */
}

static bool same_release(const struct release *a, const struct release *b)
{
    return str_equal(a->name, b->name) && str_equal(a->name_space, b->name_space);
}

/* In a list of charts or of helmReleaseSummaries. */
static const struct json *find_release(const struct json *list,
                                       const struct release *release)
{
    JSON_EACH(entry, list) {
        struct release present = release_of_entry(entry);
        if (same_release(&present, release))
            return entry;
    }
    return NULL;
}

static const struct json *entries_of(const struct json *summary)
{
    return json_at(summary, "status.helmReleaseSummaries");
}

static bool is_managing(const struct json *entry)
{
    return str_is(json_text_at(entry, "status"), MANAGING);
}

const struct json *release_manager(const struct addon *addon, const struct site *site,
                                   const struct release *release)
{
    MAP_EACH(entry, neighbours_of(addon, site)) {
        const struct json *summary = neighbour_at(addon, site, entry);
        if (summary != NULL && is_managing(find_release(entries_of(summary), release)))
            return summary;
    }
    return NULL;
}

bool release_is_wanted(const struct addon *addon, const struct site *site,
                       const struct release *release)
{
    MAP_EACH(entry, neighbours_of(addon, site)) {
        const struct json *summary = neighbour_at(addon, site, entry);
        if (summary != NULL && !object_is_deleting(summary) &&
            find_release(entries_of(summary), release) != NULL)
            return true;
    }
    return false;
}

bool release_goes_to(int64_t tier, const struct json *manager)
{
    return manager == NULL || tier < item_tier(json_at(manager, "spec.clusterProfileSpec"));
}

char *release_conflict_text(const struct release *release, const struct json *manager)
{
    return str_format("cannot manage chart %.*s/%.*s. ClusterSummary %.*s managing it.\n",
                      STR_ARGS(release->name_space), STR_ARGS(release->name),
                      STR_ARGS(object_name(manager)));
}

static struct json *new_entry(const struct release *release, const struct json *manager)
{
    struct json *entry = json_object();
    json_set(entry, "releaseName", json_string(release->name));
    json_set(entry, "releaseNamespace", json_string(release->name_space));
    json_set(entry, "status", json_text(manager != NULL ? CONFLICT : MANAGING));
    if (manager == NULL)
        return entry;
    char *message CLEANUP(mem_free_pointer) =
        str_format("ClusterSummary %.*s managing it", STR_ARGS(object_name(manager)));
    json_set(entry, "conflictMessage", json_text(message));
    return entry;
}

/* The manager so far loses all that the summary wants of it, at once: what is read of it does
 * not follow a second write within the pass. */
static void take_over(const struct summary_pass *pass, const struct json *manager)
{
    struct json *entries = json_clone(entries_of(manager));
    JSON_EACH(chart, feature_content(pass->spec, FEATURE_HELM)) {
        struct release release = release_of_chart(chart);
        const struct json *lost = find_release(entries, &release);
        if (is_managing(lost))
            json_replace(entries, lost, new_entry(&release, pass->summary));
    }
    feature_redeploy(pass->addon, manager, FEATURE_HELM, entries);
}

static void claim(const struct summary_pass *pass, const struct release *release,
                  struct json *entries)
{
    const struct json *own = find_release(json_get(pass->status, "helmReleaseSummaries"), release);
    struct site site = summary_state_site(pass->state);
    const struct json *manager = NULL;
    if (!is_managing(own))
        manager = release_manager(pass->addon, &site, release);
    if (manager != NULL && release_goes_to(item_tier(pass->spec), manager)) {
        take_over(pass, manager);
        manager = NULL;
    }
    json_append(entries, new_entry(release, manager));
}

static void set_entries(struct summary_pass *pass, struct json *entries)
{
    if (json_first(entries) != NULL) {
        json_set(pass->status, "helmReleaseSummaries", entries);
        return;
    }
    json_remove(pass->status, "helmReleaseSummaries");
    json_free(entries);
}

void releases_claim(struct summary_pass *pass)
{
    struct json *entries = json_array();
    JSON_EACH(chart, feature_content(pass->spec, FEATURE_HELM)) {
        struct release release = release_of_chart(chart);
        if (find_release(entries, &release) == NULL)
            claim(pass, &release, entries);
    }
    /* What is to be uninstalled is ours until it is. */
    JSON_EACH(own, json_get(pass->status, "helmReleaseSummaries")) {
        struct release release = release_of_entry(own);
        if (is_managing(own) && find_release(entries, &release) == NULL)
            json_append(entries, json_clone(own));
    }
    set_entries(pass, entries);
}

bool releases_wait_is_over(const struct summary_pass *pass)
{
    struct site site = summary_state_site(pass->state);
    JSON_EACH(own, json_get(pass->status, "helmReleaseSummaries")) {
        struct release release = release_of_entry(own);
        if (!is_managing(own) && release_manager(pass->addon, &site, &release) == NULL)
            return true;
    }
    return false;
}

void releases_settle(struct summary_pass *pass)
{
    struct json *entries = json_array();
    JSON_EACH(own, json_get(pass->status, "helmReleaseSummaries")) {
        struct release release = release_of_entry(own);
        if (find_release(feature_content(pass->spec, FEATURE_HELM), &release) != NULL)
            json_append(entries, json_clone(own));
    }
    set_entries(pass, entries);
}

static void wake_those_waiting(struct addon *addon, const struct site *site,
                               const struct release *release)
{
    MAP_EACH(entry, neighbours_of(addon, site)) {
        const struct json *summary = neighbour_at(addon, site, entry);
        if (summary != NULL && find_release(entries_of(summary), release) != NULL)
            queue_add_after(&addon->summary_queue, map_entry_key(entry), 0);
    }
}

void releases_on_change(struct addon *addon, const struct json *before, const struct json *after)
{
    struct site site = summary_site(before);
    JSON_EACH(entry, entries_of(before)) {
        struct release release = release_of_entry(entry);
        if (is_managing(entry) && find_release(entries_of(after), &release) == NULL)
            wake_those_waiting(addon, &site, &release);
    }
}
