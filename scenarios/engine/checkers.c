#include "scenarios/engine/checkers.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/promotion_read.h"

#define VIOLATION_BYTES_MAX 2048u

#define PROMISE_L1                                                                                 \
    "every promotion comes to its end or waits for a true reason; at rest nothing writes or polls"

static const struct {
    const char *name;
    checker_fn *check;
    const char *promise;
} CHECKERS[] = {
    {"S1", check_stage_order,
     "a stage gets a new configuration only after every cluster of the stage before has it"},
    {"S2", check_delays, "no stage is left before its delay has elapsed, or outside its window"},
    {"S2", check_windows, "no stage is left before its delay has elapsed, or outside its window"},
    {"S3", check_approvals,
     "one approval advances at most one stage once, of what was approved; none is lost"},
    {"S4", check_one_in_flight, "at most one write is in flight per promotion"},
    {"S5", check_preconditions, "every write has a precondition"},
    {"S6", check_only_our_objects,
     "only objects of ours are changed or deleted; the finalizer goes last"},
    {"S7", check_no_regress,
     "a provisioned stage's status does not regress without a change of the spec"},
    {"S8", check_writes_matter,
     "no write without effect; per promotion, edit and minute at most 6 writes, 3 for each stage, "
     "2 for each kind of checks behind it and 1 for its approval"},
    {"S9", check_only_our_fields, "fields that are not ours are never altered"},
    {"S11", check_no_losses, "no cluster loses what a promotion still wants it to have"},
    {"L1", check_settled, PROMISE_L1},
    {"L1", check_quiet, PROMISE_L1},
};

/* Judged where a run can go on, not by looking back. */
#define PROMISE_L2 "no key is lost: at rest nothing is left to do"

const char *const checker_names[] = {"S1", "S2", "S3", "S4", "S5", "S6",
                                     "S7", "S8", "S9", "S11", "L1", NULL};

const char *checker_promise(struct str name)
{
    for (size_t i = 0; i < ARRAY_COUNT(CHECKERS); i++) {
        if (str_is(name, CHECKERS[i].name))
            return CHECKERS[i].promise;
    }
    return str_is(name, "L2") ? PROMISE_L2 : NULL;
}

bool checkers_run_one(struct str name, const struct evidence *evidence, struct verdict *verdict)
{
    bool found = false;
    for (size_t i = 0; i < ARRAY_COUNT(CHECKERS); i++) {
        if (!str_is(name, CHECKERS[i].name))
            continue;
        CHECKERS[i].check(evidence, verdict);
        found = true;
    }
    return found;
}

void checkers_run(const struct evidence *evidence, struct verdict *verdict)
{
    for (size_t i = 0; i < ARRAY_COUNT(CHECKERS); i++)
        CHECKERS[i].check(evidence, verdict);
}

void verdict_add(struct verdict *verdict, const char *invariant, int64_t at_ms, char *object,
                 const char *format, ...)
{
    verdict->total++;
    if (verdict->count == VERDICT_VIOLATIONS_MAX) {
        mem_free(object);
        return;
    }
    verdict->items = mem_grow_array(verdict->items, verdict->count, &verdict->capacity,
                                    sizeof(*verdict->items), VERDICT_VIOLATIONS_MAX);
    struct buf text;
    va_list arguments;
    buf_init(&text, VIOLATION_BYTES_MAX);
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    verdict->items[verdict->count++] = (struct violation){
        .invariant = invariant, .at_ms = at_ms, .object = object, .text = buf_steal(&text)};
}

void verdict_release(struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->count; i++) {
        mem_free(verdict->items[i].object);
        mem_free(verdict->items[i].text);
    }
    mem_free(verdict->items);
    *verdict = (struct verdict){0};
}

void verdict_print(const struct verdict *verdict, int64_t start_ms, struct buf *out)
{
    for (size_t i = 0; i < verdict->count; i++) {
        const struct violation *violation = &verdict->items[i];
        buf_printf(out, "%s at +", violation->invariant);
        duration_print((violation->at_ms - start_ms) * 1000000, out);
        buf_printf(out, " %s: %s\n", violation->object, violation->text);
    }
    if (verdict->total > verdict->count)
        buf_printf(out, "and %zu more\n", verdict->total - verdict->count);
}

char *audit_object(const struct fakeapi_audit *audit)
{
    if (str_is_empty(audit->kind))
        return str_dup(audit->target);
    if (str_is_empty(audit->name_space))
        return str_format("%.*s/%.*s", STR_ARGS(audit->kind), STR_ARGS(audit->name));
    return str_format("%.*s/%.*s/%.*s", STR_ARGS(audit->kind), STR_ARGS(audit->name_space),
                      STR_ARGS(audit->name));
}

bool audit_is_controllers(const struct evidence *evidence, const struct fakeapi_audit *audit)
{
    return str_starts_with(audit->user_agent, evidence->user_agent);
}

bool audit_is_persons(const struct evidence *evidence, const struct fakeapi_audit *audit)
{
    struct str actor = read_actor(audit);
    return !audit_is_controllers(evidence, audit) && !str_is(actor, "manager") &&
           !str_is(actor, "kube-controller-manager");
}

bool audit_is_write(const struct fakeapi_audit *audit)
{
    return strcmp(audit->method, "GET") != 0;
}

bool audit_is_kind(const struct fakeapi_audit *audit, const char *kind)
{
    return str_is(audit->kind, kind);
}

struct str audit_promotion(const struct fakeapi_audit *audit)
{
    if (audit_is_kind(audit, "ClusterPromotion"))
        return audit->name;
    if (audit_is_kind(audit, "Event") &&
        str_is(json_text_at(audit->after, "regarding.kind"), "ClusterPromotion"))
        return json_text_at(audit->after, "regarding.name");
    if (!audit_is_kind(audit, "ClusterProfile"))
        return STR_NONE;
    struct str label = read_label(audit->before, LABEL_PROMOTION);
    return str_is_empty(label) ? read_label(audit->after, LABEL_PROMOTION) : label;
}
