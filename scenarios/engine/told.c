#include "scenarios/engine/told.h"

#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"

#define RECORDS_MAX (64u << 20) /* more than any run writes */

const struct transport_record **senders_create(const struct evidence *evidence)
{
    size_t count = fakeapi_audit_count(evidence->api);
    const struct transport_record **senders = mem_alloc_array(count + 1, sizeof(*senders));
    for (size_t i = 0; i < evidence->exchange_count; i++) {
        const struct transport_record *record = &evidence->exchanges[i];
        if (record->audit_index < count)
            senders[record->audit_index] = record;
    }
    return senders;
}

static void read_change(struct told_log *log, unsigned kind, size_t index)
{
    struct told_changes *changes = &log->changes[kind];
    const struct fakeapi_audit *audit = fakeapi_audit_at(log->evidence->api, index);
    changes->indices = mem_grow_array(changes->indices, changes->count, &changes->capacity,
                                      sizeof(*changes->indices), RECORDS_MAX);
    changes->indices[changes->count++] = index;
    if (!audit_is_kind(audit, "ClusterSummary"))
        histories_add(&log->objects, audit, index);
}

void told_log_init(struct told_log *log, const struct evidence *evidence)
{
    size_t count = fakeapi_audit_count(evidence->api);
    *log = (struct told_log){.evidence = evidence, .senders = senders_create(evidence)};
    histories_init(&log->objects);
    for (size_t i = 0; i < count; i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        unsigned kind = told_index_of_kind(audit->kind);
        if (audit->changed && kind < TOLD_KIND_COUNT)
            read_change(log, kind, i);
    }
    told_log_move(log, count);
}

void told_log_release(struct told_log *log)
{
    mem_free(log->senders);
    histories_release(&log->objects);
    for (unsigned i = 0; i < TOLD_KIND_COUNT; i++)
        mem_free(log->changes[i].indices);
}

void told_log_move(struct told_log *log, size_t index)
{
    bool is_end = index == fakeapi_audit_count(log->evidence->api);
    for (unsigned i = 0; i < TOLD_KIND_COUNT; i++)
        log->told.until[i] = index;
    log->deployed_until_ms = is_end ? log->evidence->now_ms
                                    : fakeapi_audit_at(log->evidence->api, index)->at_ms;
    log->losses_by_then = true;
}

/* The first change of that kind before `index` that is not among those before `until`. */
static const struct fakeapi_audit *first_untold(const struct told_log *log, unsigned kind,
                                                size_t until, size_t index)
{
    const struct told_changes *changes = &log->changes[kind];
    size_t first = history_count_before(changes->indices, changes->count, until);
    return first < changes->count && changes->indices[first] < index
               ? fakeapi_audit_at(log->evidence->api, changes->indices[first])
               : NULL;
}

void told_log_move_to_sender(struct told_log *log, size_t index)
{
    const struct transport_record *record = log->senders[index];
    told_log_move(log, index);
    for (unsigned i = 0; record != NULL && log->evidence->by_told && i < TOLD_KIND_COUNT; i++) {
        const struct fakeapi_audit *untold = first_untold(log, i, record->told.until[i], index);
        if (untold == NULL)
            continue;
        log->told.until[i] = record->told.until[i];
        log->losses_by_then = false;
        if (audit_is_kind(untold, "ClusterSummary"))
            log->deployed_until_ms = untold->at_ms;
    }
}

static const struct fakeapi_audit *last_change(const struct told_log *log,
                                               const struct history *history)
{
    if (history->count == 0)
        return NULL;
    unsigned kind = told_index_of_kind(history->records[0]->kind);
    return history_before(history, log->told.until[kind]);
}

const struct fakeapi_audit *told_log_change(const struct told_log *log, struct str kind,
                                            struct str name_space, struct str name)
{
    return last_change(log, histories_of(&log->objects, kind, name_space, name));
}

const struct json *told_log_object(const struct told_log *log, struct str kind,
                                   struct str name_space, struct str name)
{
    const struct fakeapi_audit *audit = told_log_change(log, kind, name_space, name);
    return audit != NULL ? audit->after : NULL;
}

const struct fakeapi_audit *told_log_next(const struct told_log *log, struct map_entry **cursor)
{
    while ((*cursor = map_next(&log->objects.objects, *cursor)) != NULL) {
        const struct fakeapi_audit *audit = last_change(log, map_entry_value(*cursor));
        if (audit != NULL && audit->after != NULL)
            return audit;
    }
    return NULL;
}
