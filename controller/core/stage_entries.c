#include "controller/core/stage_entries.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

/* Divides "<text> (<time>)". */
static void read_description(struct stage_entry *entry, struct str description)
{
    size_t open = description.len;
    while (open > 0 && description.data[open - 1] != '(')
        open--;
    entry->text = description;
    if (open < 2 || !str_ends_with(description, STR(")")))
        return;
    if (ktime_parse_rfc3339(str_slice(description, open, description.len - 1), &entry->text_ms))
        entry->text = str_slice(description, 0, open - 2);
}

static void read_entry(struct stage_entry *entry, const struct json *item)
{
    *entry = (struct stage_entry){.name = json_text_at(item, "name"), .node = item};
    if (!ktime_parse_rfc3339(json_text_at(item, "lastUpdateReconciledTime"), &entry->entered_ms))
        entry->entered_ms = 0;
    if (!ktime_parse_rfc3339(json_text_at(item, "lastStatusCheckTime"), &entry->checked_ms))
        entry->checked_ms = 0;
    entry->provisioned = ktime_parse_rfc3339(json_text_at(item, "lastSuccessfulAppliedTime"),
                                             &entry->provisioned_ms);
    read_description(entry, json_text_at(item, "currentStatusDescription"));
}

static struct stage_entry *find_entry(struct promotion *promotion, struct str name)
{
    for (size_t i = 0; i < promotion->entry_count; i++) {
        if (str_equal(promotion->entries[i].name, name))
            return &promotion->entries[i];
    }
    return NULL;
}

static void add_entry(struct promotion *promotion, const struct json *item)
{
    struct stage_entry entry;
    if (!json_is(item, JSON_OBJECT))
        return;
    read_entry(&entry, item);
    struct stage_entry *known = find_entry(promotion, entry.name);
    if (known == NULL) {
        promotion->entries[promotion->entry_count++] = entry;
        return;
    }
    promotion->entries_damaged = true;
    if (entry.provisioned && !known->provisioned)
        *known = entry;
}

/* The stage behind the entered ones is the current one all the same. */
static void add_lost_entry(struct promotion *promotion)
{
    size_t next = promotion->entry_count;
    if (next >= promotion->stage_count || str_is_empty(promotion->current_stage_name) ||
        !str_equal(promotion->stages[next].name, promotion->current_stage_name) ||
        find_entry(promotion, promotion->current_stage_name) != NULL)
        return;
    promotion->entries[promotion->entry_count++] = (struct stage_entry){
        .name = promotion->current_stage_name, .entered_ms = promotion->last_promotion_ms};
    promotion->entries_damaged = true;
}

static void mend_times(struct promotion *promotion)
{
    for (size_t i = 0; i + 1 < promotion->entry_count; i++) {
        struct stage_entry *entry = &promotion->entries[i];
        if (entry->provisioned || promotion->entries[i + 1].entered_ms == 0)
            continue;
        entry->provisioned = true;
        entry->provisioned_ms = promotion->entries[i + 1].entered_ms;
        promotion->entries_damaged = true;
    }
}

void stage_entries_read(struct promotion *promotion, const struct json *list)
{
    size_t count = json_count(list);
    promotion->entries = mem_alloc_array(count + 2, sizeof(*promotion->entries));
    JSON_EACH(item, list)
    add_entry(promotion, item);
    add_lost_entry(promotion);
    mend_times(promotion);
}

static void set_time(struct json *entry, const char *member, int64_t wall_ms)
{
    char text[KTIME_TEXT_BYTES];
    if (wall_ms == 0 || json_get(entry, member) != NULL)
        return;
    ktime_format_rfc3339(wall_ms, text);
    json_set(entry, member, json_text(text));
}

struct json *stage_entry_json(const struct stage_entry *entry)
{
    struct json *json = entry->node != NULL ? json_clone(entry->node) : json_object();
    if (entry->node == NULL)
        json_set(json, "name", json_string(entry->name));
    set_time(json, "lastUpdateReconciledTime", entry->entered_ms);
    if (entry->provisioned)
        set_time(json, "lastSuccessfulAppliedTime", entry->provisioned_ms);
    return json;
}
