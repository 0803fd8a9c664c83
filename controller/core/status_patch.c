#include "controller/core/status_patch.h"

#include "controller/base/mem.h"
#include "controller/core/stage_entries.h"

static struct json *time_of(int64_t wall_ms)
{
    char text[KTIME_TEXT_BYTES];
    ktime_format_rfc3339(wall_ms, text);
    return json_text(text);
}

static void describe(struct json *entry, const char *text, int64_t since_ms)
{
    char time[KTIME_TEXT_BYTES];
    ktime_format_rfc3339(since_ms, time);
    char *description = str_format("%s (%s)", text, time);
    json_set(entry, "currentStatusDescription", json_text(description));
    mem_free(description);
}

/* The reason of a sentence that is only rewritten holds since it was first told. */
static int64_t since_ms(const struct promotion_view *view, const char *text, struct ktime now)
{
    bool same = promotion_reason_of_text(view->text) == promotion_reason_of_text(str_from(text));
    return same && view->since_ms > 0 ? view->since_ms : now.wall_ms;
}

/* How a stage was left: also without clusters that were not ready (D2). */
static char *farewell(const struct promotion_sight *sight)
{
    struct str left_out = sight->view.left_out;
    return str_format("%s%s%.*s", promotion_reason_text(REASON_PROMOTED),
                      str_is_empty(left_out) ? "" : "; not ready: ", STR_ARGS(left_out));
}

static struct json *new_entry(struct str stage, struct ktime now)
{
    struct json *entry = json_object();
    json_set(entry, "name", json_string(stage));
    json_set(entry, "lastUpdateReconciledTime", time_of(now.wall_ms));
    describe(entry, promotion_reason_text(REASON_PROVISIONING), now.wall_ms);
    return entry;
}

/* The first `count` entries as they are, or should be. */
static struct json *recorded_entries(const struct promotion *promotion, size_t count)
{
    struct json *entries = json_array();
    for (size_t i = 0; i < count; i++)
        json_append(entries, stage_entry_json(&promotion->entries[i]));
    return entries;
}

static void record_hashes(const struct promotion *promotion, struct json *status)
{
    json_set(status, "profileSpecHash", json_text(promotion->profile_spec_hash));
    json_set(status, "stagesHash", json_text(promotion->stages_hash));
}

static struct json *patch_of_start(const struct promotion *promotion, struct ktime now)
{
    struct json *status = json_object();
    struct json *entries = json_array();
    json_append(entries, new_entry(promotion->stages[0].name, now));
    record_hashes(promotion, status);
    json_set(status, "stages", entries);
    json_set(status, "currentStageName", json_string(promotion->stages[0].name));
    json_set(status, "lastPromotionTime", json_null());
    return status;
}

/* The entries of unchanged stages stay; their last one is the current stage again. A
 * promotion that was complete is not, until it is again. */
static struct json *patch_of_stages(const struct promotion_sight *sight)
{
    const struct promotion *promotion = sight->promotion;
    size_t kept = sight->view.kept_count;
    struct json *status = json_object();
    record_hashes(promotion, status);
    json_set(status, "stages", recorded_entries(promotion, kept));
    json_set(status, "currentStageName", json_string(promotion->entries[kept - 1].name));
    if (kept < promotion->stage_count || sight->view.completion_unproven)
        json_set(status, "lastPromotionTime", json_null());
    return status;
}

static void update_entry(struct json *entry, const struct promotion_sight *sight,
                         const struct decision *decision, const char *text, struct ktime now)
{
    describe(entry, text, since_ms(&sight->view, text, now));
    json_set(entry, "lastStatusCheckTime", time_of(now.wall_ms));
    if (promotion_reason_is_failure(decision->reason))
        json_set(entry, "failureMessage", json_text(text));
    else
        json_remove(entry, "failureMessage");
    if (decision->provisioned_ms > 0)
        json_set(entry, "lastSuccessfulAppliedTime", time_of(decision->provisioned_ms));
}

static struct json *last_item(struct json *array)
{
    struct json *last = NULL;
    JSON_EACH(item, array)
    last = item;
    return last;
}

/* Also says why an object is malformed that never got an entry: it gets one, without
 * hashes, so that nothing counts as recorded. */
static struct json *patch_of_sentence(const struct promotion_sight *sight,
                                      const struct decision *decision, struct ktime now)
{
    const struct promotion *promotion = sight->promotion;
    struct json *status = json_object();
    struct json *entries = recorded_entries(promotion, promotion->entry_count);
    if (promotion->entry_count == 0) {
        struct json *entry = json_object();
        json_set(entry, "name", json_string(promotion->stages[0].name));
        json_append(entries, entry);
    }
    update_entry(last_item(entries), sight, decision, decision->text, now);
    json_set(status, "stages", entries);
    return status;
}

static struct json *patch_of_advance(const struct promotion_sight *sight,
                                     const struct decision *decision, struct ktime now)
{
    const struct promotion *promotion = sight->promotion;
    CLEANUP(mem_free_pointer) char *text = farewell(sight);
    struct json *status = json_object();
    struct json *entries = recorded_entries(promotion, promotion->entry_count);
    struct str next = promotion->stages[decision->stage_index + 1].name;
    update_entry(last_item(entries), sight, decision, text, now);
    json_append(entries, new_entry(next, now));
    record_hashes(promotion, status);
    json_set(status, "stages", entries);
    json_set(status, "currentStageName", json_string(next));
    json_set(status, "lastPromotionTime", json_null());
    return status;
}

/* A lastPromotionTime from before the last stage was provisioned is not a completion's:
 * Sveltos v1.13 wrote it when a stage was entered (B31). */
static struct json *patch_of_completion(const struct promotion_sight *sight,
                                        const struct decision *decision, struct ktime now)
{
    const struct promotion *promotion = sight->promotion;
    CLEANUP(mem_free_pointer) char *text = farewell(sight);
    const struct stage_entry *last = &promotion->entries[promotion->entry_count - 1];
    int64_t provisioned_ms = last->provisioned ? last->provisioned_ms : decision->provisioned_ms;
    int64_t completed_ms = ktime_ceil_second(now.wall_ms);
    struct json *status = json_object();
    struct json *entries = recorded_entries(promotion, promotion->entry_count);
    update_entry(last_item(entries), sight, decision, text, now);
    record_hashes(promotion, status);
    json_set(status, "stages", entries);
    if (promotion->last_promotion_ms < provisioned_ms)
        json_set(status, "lastPromotionTime",
                 time_of(completed_ms > provisioned_ms ? completed_ms : provisioned_ms));
    return status;
}

struct json *status_patch_of(const struct promotion_sight *sight, const struct decision *decision,
                             struct ktime now)
{
    switch (decision->write) {
    case WRITE_START:
        return patch_of_start(sight->promotion, now);
    case WRITE_CUT_STAGES:
    case WRITE_RECORD_STAGES:
        return patch_of_stages(sight);
    case WRITE_SAY:
        return patch_of_sentence(sight, decision, now);
    case WRITE_ADVANCE:
        return patch_of_advance(sight, decision, now);
    case WRITE_COMPLETE:
        return patch_of_completion(sight, decision, now);
    case WRITE_NONE:
    case WRITE_STRIP_PROFILE:
    case WRITE_DELETE_PROFILE:
    case WRITE_REMOVE_FINALIZERS:
    case WRITE_ADD_FINALIZERS:
    case WRITE_RESET_APPROVAL:
    case WRITE_CONSUME_APPROVAL:
    case WRITE_CREATE_PROFILE:
    case WRITE_APPLY_PROFILE:
    case WRITE_RELEASE_HOLDER:
    case WRITE_DELETE_HOLDER:
    case WRITE_NARROW_HOLDER:
    case WRITE_RESTORE_HOLDER:
    case WRITE_WITHDRAW_KEPT:
    case WRITE_DELETE_CHECK:
    case WRITE_CREATE_CHECK:
    case WRITE_APPLY_CHECK:
    case WRITE_ADD_CHECKS:
        break;
    }
    ASSERT(false);
}
