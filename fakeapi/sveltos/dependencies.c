#include "controller/base/mem.h"
#include "fakeapi/sveltos/profile.h"
#include "fakeapi/sveltos/summary.h"

#define MESSAGE_BYTES_MAX 1024u /* two names and a sentence */

/* The first dependency that is not there yet, as a sentence in `message`. False when there is
 * none. Source: facts, 5.8. */
static bool find_unmet_dependency(const struct summary_pass *pass, struct buf *message)
{
    struct str name_space = json_text_at(pass->summary, "spec.clusterNamespace");
    struct str cluster = json_text_at(pass->summary, "spec.clusterName");
    struct str kind =
        str_from(cluster_kind(json_text_at(pass->summary, "spec.clusterType"))->name);
    JSON_EACH(dependency, json_get(pass->spec, "dependsOn")) {
        struct str profile = json_string_of(dependency);
        char *name CLEANUP(mem_free_pointer) = cluster_summary_name(profile, kind, cluster);
        const struct json *summary =
            informer_get(&pass->addon->summaries, name_space, str_from(name));
        if (summary != NULL && summary_is_provisioned(summary))
            continue;
        buf_printf(message, "ClusterProfile %.*s is a dependency%s", STR_ARGS(profile),
                   summary == NULL ? ". The ClusterSummary instance for this profile/cluster was "
                                     "not found"
                                   : " and it is not fully deployed yet");
        return true;
    }
    return false;
}

bool dependencies_are_met(struct summary_pass *pass)
{
    struct buf message;
    buf_init(&message, MESSAGE_BYTES_MAX);
    bool unmet = find_unmet_dependency(pass, &message);
    if (json_get(pass->spec, "dependsOn") == NULL)
        buf_append_text(&message, "no dependencies");
    else if (!unmet)
        buf_append_text(&message, "All dependencies deployed");
    json_set(pass->status, "dependencies", json_string(buf_str(&message)));
    buf_release(&message);
    return !unmet;
}

static bool depends_on(const struct json *summary, struct str profile)
{
    JSON_EACH(dependency, json_at(summary, "spec.clusterProfileSpec.dependsOn")) {
        if (str_equal(json_string_of(dependency), profile))
            return true;
    }
    return false;
}

bool dependents_are_gone(struct summary_pass *pass)
{
    struct site site = summary_state_site(pass->state);
    MAP_EACH(entry, neighbours_of(pass->addon, &site)) {
        const struct json *other = neighbour_at(pass->addon, &site, entry);
        if (other == NULL || !depends_on(other, site.profile))
            continue;
        char *message CLEANUP(mem_free_pointer) =
            str_format("%.*s still depends on this profile and has not been removed yet",
                       STR_ARGS(object_name(other)));
        json_set(pass->status, "dependencies", json_text(message));
        summary_retry_at(pass, pass->addon->timers->now_ms + ADDON_RETRY_MS);
        return false;
    }
    return true;
}
