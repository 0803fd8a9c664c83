#include "controller/core/promotion.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "controller/core/limits.h"
#include "controller/core/names.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/spec_render.h"
#include "controller/core/stage_entries.h"
#include "controller/k8s/name.h"
#include "controller/k8s/label_selector.h"

/* Keeps the first fault only: one clear sentence. */
static void set_fault(struct promotion *promotion, char *text)
{
    if (promotion->fault == NULL)
        promotion->fault = text;
    else
        mem_free(text);
}

static void read_delay(struct promotion *promotion, size_t index, const char *kind,
                       const struct json *delay)
{
    struct str text = json_string_of(delay);
    struct errmsg why;
    int64_t ns;
    if (delay == NULL)
        return;
    if (duration_parse(text, &ns, &why) != ERR_NONE)
        set_fault(promotion, str_format("spec.stages[%zu].trigger.%s.delay: \"%.*s\": %s", index,
                                        kind, STR_ARGS(text), why.text));
    else if (ns < 0)
        set_fault(promotion, str_format("spec.stages[%zu].trigger.%s.delay: \"%.*s\": a delay "
                                        "cannot be negative",
                                        index, kind, STR_ARGS(text)));
    else
        promotion->stages[index].delay_ms = duration_ns_to_ms(ns);
}

static void read_checks(struct stage_spec *stage, const struct json *trigger)
{
    const struct json *window = json_get(trigger, "promotionWindow");
    const struct json *pre_checks = json_get(trigger, "preHealthCheckDeployment");
    const struct json *gate_checks = json_get(trigger, "postDelayHealthChecks");
    stage->pre_checks = json_first(pre_checks) != NULL ? pre_checks : NULL;
    stage->gate_checks = json_first(gate_checks) != NULL ? gate_checks : NULL;
    stage->has_window = window != NULL;
    stage->window_from = json_text_at(window, "from");
    stage->window_to = json_text_at(window, "to");
}

static void read_trigger(struct promotion *promotion, size_t index, const struct json *trigger)
{
    struct stage_spec *stage = &promotion->stages[index];
    const struct json *manual = json_get(trigger, "manual");
    const struct json *trigger_auto = json_get(trigger, "auto");
    if (manual != NULL) {
        stage->trigger = TRIGGER_MANUAL;
        stage->approved = json_bool_of(json_get(manual, "approved"));
        stage->automatic_reset = json_bool_of(json_get(manual, "automaticReset"));
        read_delay(promotion, index, "manual", json_get(manual, "delay"));
        read_checks(stage, manual);
    } else if (trigger_auto != NULL) {
        stage->trigger = TRIGGER_AUTO;
        read_delay(promotion, index, "auto", json_get(trigger_auto, "delay"));
        read_checks(stage, trigger_auto);
    }
}

/* D17: what a derived name would break. */
static void check_name(struct promotion *promotion, size_t index, enum profile_role role)
{
    struct str stage = promotion->stages[index].name;
    struct buf name;
    buf_init(&name, ANSWER_BYTES_MAX);
    promotion_profile_name(promotion, stage, role, &name);
    struct str full = buf_str(&name);
    if (full.len > LABEL_VALUE_BYTES_MAX)
        set_fault(promotion,
                  str_format("spec.stages[%zu].name: \"%.*s\": the profile's name %.*s has %zu "
                             "bytes; its clusters carry it as a label, which takes %u",
                             index, STR_ARGS(stage), STR_ARGS(full), full.len,
                             LABEL_VALUE_BYTES_MAX));
    else if (stage.len == 0 || !name_is_dns_subdomain(full))
        set_fault(promotion, str_format("spec.stages[%zu].name: \"%.*s\": the profile's name "
                                        "\"%.*s\" would be no valid object name",
                                        index, STR_ARGS(stage), STR_ARGS(full)));
    buf_release(&name);
}

static void read_stage(struct promotion *promotion, size_t index, const struct json *json)
{
    struct stage_spec *stage = &promotion->stages[index];
    struct errmsg why;
    stage->name = json_text_at(json, "name");
    stage->selector = json_get(json, "clusterSelector");
    check_name(promotion, index, ROLE_STAGE);
    if (label_selector_check(stage->selector, &why) != ERR_NONE)
        set_fault(promotion,
                  str_format("spec.stages[%zu].clusterSelector: %s", index, why.text));
    read_trigger(promotion, index, json_get(json, "trigger"));
    if (stage->pre_checks != NULL)
        check_name(promotion, index, ROLE_CHECK);
}

static void read_stages(struct promotion *promotion, const struct json *list)
{
    size_t count = json_count(list);
    if (count > STAGES_MAX) {
        set_fault(promotion, str_format("spec.stages: found %zu stages, expected at most %u",
                                        count, STAGES_MAX));
        count = STAGES_MAX;
    }
    promotion->stages = mem_alloc_array(count + 1, sizeof(*promotion->stages));
    promotion->stage_count = count;
    size_t index = 0;
    JSON_EACH(item, list)
    {
        if (index < count)
            read_stage(promotion, index++, item);
    }
}

static void read_profile_spec(struct promotion *promotion, const struct json *spec)
{
    const struct json *profile_spec = json_get(spec, "profileSpec");
    CLEANUP(json_free_pointer) struct json *stored = NULL;
    struct errmsg why;
    if (spec_render(profile_spec, &spec_type_profile_spec, false, &stored, &why) != ERR_NONE) {
        set_fault(promotion, str_format("spec.profileSpec.%s", why.text));
        return;
    }
    sha256_base64(spec_profile_hash(stored), promotion->profile_spec_hash);
    struct json *rendered = NULL;
    enum err err = spec_render(profile_spec, &spec_type_profile_spec, true, &rendered, NULL);
    ASSERT(err == ERR_NONE);
    promotion->rendered = rendered;
    promotion->configuration = spec_digest(promotion->rendered);
    struct str sync_mode = json_text_at(promotion->rendered, "syncMode");
    promotion->dry_run = str_is(sync_mode, "DryRun");
    promotion->one_time = str_is(sync_mode, "OneTime");
}

static void read_wanted(struct promotion *promotion, size_t index)
{
    struct errmsg why;
    for (unsigned role = 0; role < PROFILE_ROLE_COUNT; role++) {
        if (!wanted_profile_read(promotion, index, (enum profile_role)role, &why))
            set_fault(promotion, str_dup(str_from(why.text)));
    }
}

static void read_status(struct promotion *promotion, const struct json *status)
{
    promotion->recorded_profile_spec_hash = json_text_at(status, "profileSpecHash");
    promotion->recorded_stages_hash = json_text_at(status, "stagesHash");
    promotion->current_stage_name = json_text_at(status, "currentStageName");
    if (!ktime_parse_rfc3339(json_text_at(status, "lastPromotionTime"),
                             &promotion->last_promotion_ms))
        promotion->last_promotion_ms = 0;
    stage_entries_read(promotion, json_get(status, "stages"));
}

/* Who wrote a promotion, by managedFields. */
struct writers {
    int64_t own_ms;      /* our last write of whatever; 0: none */
    bool owns_current;   /* currentStageName is as we wrote it */
    int64_t other_ms;    /* the last write of status by somebody else; 0: none */
    struct str other;    /* by whom */
    bool other_owns_stages;
};

static void note_writer(struct writers *writers, const struct json *entry)
{
    struct str manager = json_text_at(entry, "manager");
    const struct json *status = json_at(entry, "fieldsV1.f:status");
    bool owns_stages = json_get(status, "f:stages") != NULL;
    int64_t time_ms;
    if (!ktime_parse_rfc3339(json_text_at(entry, "time"), &time_ms))
        return;
    if (str_is(manager, FIELD_MANAGER_OTHER)) {
        writers->own_ms = time_ms > writers->own_ms ? time_ms : writers->own_ms;
        writers->owns_current |= json_get(status, "f:currentStageName") != NULL;
    } else if (str_is(json_text_at(entry, "subresource"), "status") &&
               (time_ms > writers->other_ms ||
                (time_ms == writers->other_ms && owns_stages))) {
        writers->other_ms = time_ms;
        writers->other = manager;
        writers->other_owns_stages = owns_stages;
    }
}

/* D26: somebody else wrote status, which only controllers do, after our own last write: as the
 * live object shows it, so that a restart stands back as well. Before our first write nobody is
 * in the way of a take-over. Within one second ownership tells: whenever we write
 * currentStageName we write the stages too, so who owns the stages now wrote later. A write of
 * spec tells nothing: to reset an approval is to remove a field, which leaves no owner. */
static void read_other_controller(struct promotion *promotion, const struct json *managed_fields)
{
    struct writers writers = {.other = STR_NONE};
    JSON_EACH(entry, managed_fields)
    note_writer(&writers, entry);
    bool tie = writers.other_ms == writers.own_ms && writers.owns_current &&
               writers.other_owns_stages;
    promotion->own_wrote_ms = writers.own_ms;
    if (writers.own_ms == 0 || (writers.other_ms <= writers.own_ms && !tie))
        return;
    promotion->other_wrote_ms = writers.other_ms;
    promotion->other_manager = str_dup(writers.other);
}

struct object *promotion_create(struct json *json, const struct object *base)
{
    struct promotion *promotion = mem_alloc(sizeof(*promotion));
    const struct json *spec = json_get(json, "spec");
    bool own = meta_has_finalizer(json, FINALIZER_OWN);
    bool shared = meta_has_finalizer(json, FINALIZER_SHARED);

    promotion->object = *base;
    promotion->tree = json;
    promotion->has_finalizers = own && shared;
    promotion->has_a_finalizer = own || shared;
    promotion->preserve = json_bool_of(json_get(spec, "preserveClusterProfilesOnDelete"));
    read_other_controller(promotion, json_at(json, "metadata.managedFields"));
    json_remove(json_get(json, "metadata"), "managedFields");
    if (base->meta.name.len > LABEL_VALUE_BYTES_MAX)
        set_fault(promotion, str_format("metadata.name: found %zu bytes; profiles carry it as a "
                                        "label, which takes %u",
                                        base->meta.name.len, LABEL_VALUE_BYTES_MAX));
    read_profile_spec(promotion, spec);
    read_stages(promotion, json_get(spec, "stages"));
    for (size_t i = 0; i < promotion->stage_count && promotion->rendered != NULL; i++)
        read_wanted(promotion, i);
    sha256_base64(spec_stages_hash(json_get(spec, "stages")), promotion->stages_hash);
    read_status(promotion, json_get(json, "status"));
    return &promotion->object;
}

void promotion_free(struct promotion *promotion)
{
    json_free(promotion->tree);
    json_free(promotion->rendered);
    mem_free(promotion->stages);
    mem_free(promotion->entries);
    mem_free(promotion->other_manager);
    mem_free(promotion->fault);
    mem_free(promotion);
}

void promotion_profile_name(const struct promotion *promotion, struct str stage,
                            enum profile_role role, struct buf *out)
{
    if (role == ROLE_CHECK)
        buf_append_text(out, CHECK_PROFILE_PREFIX);
    buf_append(out, promotion->object.meta.name);
    buf_append_char(out, '-');
    buf_append(out, stage);
}
