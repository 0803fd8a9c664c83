#include "scenarios/engine/transport_record.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

#define RECORDS_MAX 10000000u

static const struct {
    struct str plural, kind;
} TOLD_KINDS[TOLD_KIND_COUNT] = {
    {{"clusterpromotions", 17}, {"ClusterPromotion", 16}},
    {{"clusterprofiles", 15}, {"ClusterProfile", 14}},
    {{"clustersummaries", 16}, {"ClusterSummary", 14}},
    {{"sveltosclusters", 15}, {"SveltosCluster", 14}},
    {{"clusters", 8}, {"Cluster", 7}},
};

unsigned told_index_of_target(struct str target)
{
    struct str path = str_slice(target, 0, str_find(target, '?', 0));
    while (path.data != NULL) {
        struct str piece = str_split_next(&path, '/');
        for (unsigned i = 0; i < TOLD_KIND_COUNT; i++) {
            if (str_equal(piece, TOLD_KINDS[i].plural))
                return i;
        }
    }
    return TOLD_KIND_COUNT;
}

unsigned told_index_of_kind(struct str kind)
{
    unsigned index = 0;
    while (index < TOLD_KIND_COUNT && !str_equal(kind, TOLD_KINDS[index].kind))
        index++;
    return index;
}

static const char *static_method(const char *method)
{
    static const char *const METHODS[] = {"GET", "POST", "PATCH", "PUT", "DELETE"};
    for (size_t i = 0; i < ARRAY_COUNT(METHODS); i++) {
        if (strcmp(method, METHODS[i]) == 0)
            return METHODS[i];
    }
    base_assert_failed("a method that the controller uses", __FILE__, __LINE__);
}

/* Content types are few: a static copy, since the request is borrowed only for the call. */
static const char *static_content_type(const char *content_type)
{
    static const char *const TYPES[] = {
        "application/json", "application/json-patch+json", "application/merge-patch+json",
        "application/apply-patch+yaml",
    };
    for (size_t i = 0; content_type != NULL && i < ARRAY_COUNT(TYPES); i++) {
        if (strcmp(content_type, TYPES[i]) == 0)
            return TYPES[i];
    }
    ASSERT(content_type == NULL);
    return NULL;
}

size_t transport_records_add(struct transport_records *records, const struct kube_request *request,
                             const struct transport_record *base)
{
    records->items = mem_grow_array(records->items, records->count, &records->capacity,
                                    sizeof(*records->items), RECORDS_MAX);
    struct transport_record *record = &records->items[records->count];
    *record = *base;
    record->method = static_method(request->method);
    record->target = str_dup(request->target);
    record->content_type = static_content_type(request->content_type);
    record->is_write = strcmp(record->method, "GET") != 0;
    record->body = record->is_write ? str_dup(request->body) : NULL;
    record->ended_ms = KTIME_NEVER;
    record->submitted_order = records->next_order++;
    record->ended_order = UINT64_MAX;
    record->audit_index = SIZE_MAX;
    return records->count++;
}

void transport_records_end(struct transport_records *records, size_t index, int64_t at_ms)
{
    struct transport_record *record = &records->items[index];
    if (record->ended_ms != KTIME_NEVER)
        return;
    record->ended_ms = at_ms;
    record->ended_order = records->next_order++;
}

void transport_records_release(struct transport_records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        mem_free(records->items[i].target);
        mem_free(records->items[i].body);
    }
    mem_free(records->items);
    *records = (struct transport_records){0};
}
