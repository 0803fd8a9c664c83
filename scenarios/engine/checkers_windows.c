/*
 * S2: no stage is left outside its promotion window, by the judges' own reading of the clock. The
 * time that counts is when the write was sent: what is under way is finished (D10).
 */
#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/promotion_read.h"
#include "scenarios/engine/schedule.h"
#include "scenarios/engine/told.h"

static void judge_window(struct verdict *verdict, const struct fakeapi_audit *audit,
                         const struct transport_record *record, const struct json *spec_stage)
{
    const struct json *window = json_at(spec_stage, "trigger.auto.promotionWindow");
    int64_t sent_ms = record != NULL ? record->submitted_ms : audit->at_ms;
    struct str from = json_text_at(window, "from");
    struct str to = json_text_at(window, "to");
    /* The last stage's window gates nothing: there is nothing to promote to (D5). */
    if (window == NULL || json_next(spec_stage) == NULL ||
        !audit_leaves_stage(audit, json_text_at(spec_stage, "name")))
        return;
    enum schedule_opinion opinion = schedule_ask(from, to, sent_ms);
    if (opinion == SCHEDULE_CLOSED || opinion == SCHEDULE_NEVER)
        verdict_add(verdict, "S2", audit->at_ms, audit_object(audit),
                    "stage %.*s is left: expected its window to be open, from \"%.*s\" to "
                    "\"%.*s\"; found it closed",
                    STR_ARGS(json_text_at(spec_stage, "name")), STR_ARGS(from), STR_ARGS(to));
}

void check_windows(const struct evidence *evidence, struct verdict *verdict)
{
    const struct transport_record **senders = senders_create(evidence);
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (!audit->changed || !audit_is_controllers(evidence, audit) ||
            !audit_is_kind(audit, "ClusterPromotion") || audit->after == NULL)
            continue;
        JSON_EACH(spec_stage, json_at(audit->after, "spec.stages"))
            judge_window(verdict, audit, senders[i], spec_stage);
    }
    mem_free(senders);
}
