#include "controller/base/mem.h"
#include "controller/base/sha256.h"
#include "fakeapi/sveltos/profile.h"

/* One pass over the clusters of a profile. */
struct rollout {
    struct profile_pass *pass;
    const struct json *matching;
    const struct reference_set *matching_set;
    struct json *updated;  /* references; owned */
    struct json *updating; /* references; owned */
    struct reference_set updated_set;
    struct reference_set updating_set;
    size_t updating_count;
    char hash[SHA256_BASE64_BYTES];
    int64_t max_update; /* 0: all at once */
    size_t delayed;     /* clusters that the world's delay holds back */
    size_t postponed;
    size_t deleting;
};

/* ceil(part of the clusters); "5" counts as "5%". */
static int64_t percentage_of(struct str text, size_t matching_count)
{
    uint64_t percent = 0;
    size_t digits = 0;
    while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    if (!str_to_u64(str_slice(text, 0, digits), &percent) || percent > 100)
        return 0;
    return (int64_t)((matching_count * percent + 99) / 100);
}

int64_t rollout_max_update(const struct json *max_update, size_t matching_count)
{
    int64_t number = 0;
    if (json_is(max_update, JSON_STRING))
        return percentage_of(json_string_of(max_update), matching_count);
    if (json_int_of(max_update, &number) && number > 0)
        return number;
    return 0;
}

/* Those clusters of a list in the status that still match; owned. */
static struct json *still_matching(const struct rollout *rollout, const struct json *list)
{
    struct json *kept = json_array();
    JSON_EACH(reference, json_get(list, "clusters")) {
        if (reference_set_has(rollout->matching_set, reference))
            json_append(kept, json_clone(reference));
    }
    return kept;
}

static bool is_of_hash(const struct json *list, const char *hash)
{
    return str_is(json_text_at(list, "hash"), hash);
}

static void set_list(struct rollout *rollout, const char *name, const struct json *references,
                     struct str hash)
{
    struct json *list = json_object();
    if (!str_is_empty(hash))
        json_set(list, "hash", json_string(hash));
    if (json_first(references) != NULL)
        json_set(list, "clusters", json_clone(references));
    json_set(rollout->pass->status, name, list);
}

static void begin(struct rollout *rollout)
{
    const struct json *status = rollout->pass->status;
    struct json *sorted = json_clone(rollout->pass->spec);
    json_sort(sorted);
    char *text CLEANUP(mem_free_pointer) = json_print_text(sorted);
    json_free(sorted);
    sha256_base64(sha256_of(str_from(text)), rollout->hash);
    const struct json *updated = json_get(status, "updatedClusters");
    rollout->updated = is_of_hash(updated, rollout->hash) ? still_matching(rollout, updated)
                                                          : json_array();
    rollout->updating = still_matching(rollout, json_get(status, "updatingClusters"));
    rollout->max_update = rollout_max_update(json_get(rollout->pass->spec, "maxUpdate"),
                                             json_count(rollout->matching));
}

/* Clusters of this configuration that are provisioned count as updated. False when a summary
 * was deleted by somebody else: then the whole must be looked at again. */
static bool move_provisioned(struct rollout *rollout)
{
    bool complete = true;
    struct json *reference = json_first(rollout->updating);
    if (!is_of_hash(json_get(rollout->pass->status, "updatingClusters"), rollout->hash))
        return true;
    while (reference != NULL) {
        struct json *next = json_next(reference);
        const struct json *summary = cluster_summary_get(rollout->pass, reference);
        if (summary == NULL) {
            json_free(json_detach(rollout->updating, reference));
            complete = false;
        } else if (summary_is_provisioned(summary)) {
            json_append(rollout->updated, json_detach(rollout->updating, reference));
        }
        reference = next;
    }
    return complete;
}

static void clear_failure(struct rollout *rollout, const struct json *reference)
{
    struct json *failures = json_get(rollout->pass->status, "failedClusters");
    if (failures == NULL)
        return;
    char *key CLEANUP(mem_free_pointer) = cluster_reference_key(reference);
    struct json *failure = json_first(failures);
    while (failure != NULL) {
        struct json *next = json_next(failure);
        char *failed CLEANUP(mem_free_pointer) =
            cluster_reference_key(json_get(failure, "clusterRef"));
        if (strcmp(failed, key) == 0)
            json_free(json_detach(failures, failure));
        failure = next;
    }
    if (json_first(failures) == NULL)
        json_remove(rollout->pass->status, "failedClusters");
}

static void note_failure(struct rollout *rollout, const struct json *reference,
                         const char *message)
{
    char now[KTIME_TEXT_BYTES];
    struct json *status = rollout->pass->status;
    clear_failure(rollout, reference);
    if (json_get(status, "failedClusters") == NULL)
        json_set(status, "failedClusters", json_array());
    ktime_format_rfc3339(rollout->pass->addon->timers->now_ms, now);
    struct json *failure = json_object();
    json_set(failure, "clusterRef", json_clone(reference));
    json_set(failure, "failureMessage", json_text(message));
    json_set(failure, "lastFailureTime", json_text(now));
    json_append(json_get(status, "failedClusters"), failure);
}

/* Sveltos leaves out clusters that are gone, not ready or, with maxUpdate, paused, and still
 * counts them as being updated. */
static bool is_skipped(const struct rollout *rollout, const struct json *reference)
{
    const struct json *cluster = cluster_find(rollout->pass->addon, reference);
    return cluster == NULL || !cluster_is_ready(cluster) ||
           (rollout->max_update != 0 && cluster_is_paused(cluster));
}

static bool has_free_slot(const struct rollout *rollout, const struct json *reference)
{
    return rollout->max_update == 0 || (int64_t)rollout->updating_count < rollout->max_update ||
           reference_set_has(&rollout->updating_set, reference);
}

static void start_updating(struct rollout *rollout, const struct json *reference)
{
    if (reference_set_has(&rollout->updating_set, reference))
        return;
    json_append(rollout->updating, json_clone(reference));
    reference_set_add(&rollout->updating_set, reference);
    rollout->updating_count++;
}

/* One whose summary is yet to be written does not wait for a batch before: what that gave it would
 * count as this configuration's in the next pass. */
static void leave_earlier_batch(struct rollout *rollout, const struct json *reference)
{
    if (is_of_hash(json_get(rollout->pass->status, "updatingClusters"), rollout->hash))
        return;
    JSON_EACH(entry, rollout->updating) {
        if (json_equal(entry, reference)) {
            json_free(json_detach(rollout->updating, entry));
            return;
        }
    }
}

/* False when the pass must end here. */
static bool update_cluster(struct rollout *rollout, const struct json *reference)
{
    struct summary_attempt attempt = cluster_summary_ensure(rollout->pass, reference);
    switch (attempt.outcome) {
    case SUMMARY_DELAYED:
        rollout->delayed++;
        leave_earlier_batch(rollout, reference);
        profile_retry_at(rollout->pass, attempt.due_ms);
        return true;
    case SUMMARY_REFUSED:
        note_failure(rollout, reference, attempt.message);
        return false;
    case SUMMARY_DELETING:
        rollout->deleting++;
        break;
    case SUMMARY_IN_PLACE:
        clear_failure(rollout, reference);
        break;
    }
    start_updating(rollout, reference);
    return true;
}

static bool visit_clusters(struct rollout *rollout)
{
    JSON_EACH(reference, rollout->matching) {
        if (reference_set_has(&rollout->updated_set, reference))
            continue;
        if (is_skipped(rollout, reference))
            start_updating(rollout, reference);
        else if (!has_free_slot(rollout, reference))
            rollout->postponed++;
        else if (!update_cluster(rollout, reference))
            return false;
    }
    return true;
}

/* Both lists say something only while a rollout in batches is incomplete. */
static bool end(struct rollout *rollout, bool visited_all)
{
    struct profile_pass *pass = rollout->pass;
    bool in_batches = rollout->max_update != 0 && rollout->delayed > 0;
    bool incomplete = rollout->postponed > 0 || rollout->deleting > 0;
    struct str old_hash = json_text_at(pass->status, "updatingClusters.hash");
    if (!visited_all || incomplete)
        profile_retry_at(pass, pass->addon->timers->now_ms + ADDON_RETRY_MS);
    if (!visited_all || incomplete || in_batches) {
        char *kept_hash CLEANUP(mem_free_pointer) = str_dup(old_hash);
        set_list(rollout, "updatedClusters", rollout->updated, str_from(rollout->hash));
        set_list(rollout, "updatingClusters", rollout->updating,
                 visited_all ? str_from(rollout->hash) : str_from(kept_hash));
    } else {
        set_list(rollout, "updatedClusters", NULL, STR_NONE);
        set_list(rollout, "updatingClusters", NULL, STR_NONE);
    }
    return visited_all && !incomplete;
}

/* From here on only visits add to the lists. */
static bool index_lists(struct rollout *rollout)
{
    bool complete = move_provisioned(rollout);
    reference_set_init(&rollout->updated_set, rollout->updated);
    reference_set_init(&rollout->updating_set, rollout->updating);
    rollout->updating_count = json_count(rollout->updating);
    return complete;
}

bool rollout_run(struct profile_pass *pass, const struct json *matching,
                 const struct reference_set *matching_set)
{
    struct rollout rollout = {
        .pass = pass, .matching = matching, .matching_set = matching_set};
    begin(&rollout);
    bool succeeded = end(&rollout, index_lists(&rollout) && visit_clusters(&rollout));
    reference_set_release(&rollout.updated_set);
    reference_set_release(&rollout.updating_set);
    json_free(rollout.updated);
    json_free(rollout.updating);
    return succeeded;
}
