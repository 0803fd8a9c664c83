#include "scenarios/engine/told.h"

#include "scenarios/engine/checkers_rooms.h"

const struct transport_record *exchange_of(const struct evidence *evidence, size_t index)
{
    for (size_t i = 0; i < evidence->exchange_count; i++) {
        if (evidence->exchanges[i].audit_index == index)
            return &evidence->exchanges[i];
    }
    return NULL;
}

/* A change of a kind that controllers watch, which this one had not been handed. */
static bool is_untold(const struct evidence *evidence, const struct told *told, size_t index)
{
    const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, index);
    unsigned kind = told_index_of_kind(audit->kind);
    return audit->changed && kind < TOLD_KIND_COUNT && index >= told->until[kind];
}

static size_t earliest(const struct told *told)
{
    size_t until = SIZE_MAX;
    for (unsigned i = 0; i < TOLD_KIND_COUNT; i++)
        until = told->until[i] < until ? told->until[i] : until;
    return until;
}

bool writer_was_behind(const struct evidence *evidence, size_t index)
{
    const struct transport_record *record = exchange_of(evidence, index);
    if (record == NULL || !evidence->by_told)
        return false;
    for (size_t i = earliest(&record->told); i < index; i++) {
        if (is_untold(evidence, &record->told, i))
            return true;
    }
    return false;
}

/* Deployments are told by summaries: up to the first of these that was not handed over. */
static int64_t deployments_told_until_ms(const struct evidence *evidence,
                                         const struct told *told, size_t index)
{
    for (size_t i = earliest(told); i < index; i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (audit_is_kind(audit, "ClusterSummary") && is_untold(evidence, told, i))
            return audit->at_ms;
    }
    return fakeapi_audit_at(evidence->api, index)->at_ms;
}

void ground_init_as_told(struct ground *ground, const struct evidence *evidence, size_t index)
{
    const struct transport_record *record = exchange_of(evidence, index);
    ground_init(ground, evidence->world);
    ground->told_until_ms = deployments_told_until_ms(evidence, &record->told, index);
    for (size_t i = 0; i < index; i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (is_untold(evidence, &record->told, i))
            ground_learn(ground, audit);
        else
            ground_add(ground, audit, audit_is_controllers(evidence, audit));
    }
    ground_catch_up(ground, ground->told_until_ms);
}
