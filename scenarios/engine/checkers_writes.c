/*
 * S4, S5, S8 and L1: how the controller writes, whatever it writes. S8 gives Events a budget
 * of their own: people's news must not eat up what a promotion may write, nor the other way.
 */
#include "controller/base/ktime.h"
#include "controller/base/map.h"
#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/told.h"

#define MINUTE_MS INT64_C(60000)
/*
 * What a promotion needs when all of it happens within a minute [S8]. Itself: the finalizers, and
 * again when Sveltos' stub drops them, its start, and three that only tell something. A stage:
 * its profile, that it was provisioned, that it is left. What its checks look at is deployed and
 * deleted (D7), the checks are put into the profile and taken out again (D8), and its approval is
 * consumed (P6).
 */
#define WRITES_PER_MINUTE 6u
#define WRITES_PER_STAGE 3u
#define WRITES_OF_PRE_CHECKS 2u
#define WRITES_OF_GATE_CHECKS 2u
#define WRITES_OF_AN_APPROVAL 1u
#define EDITS_MAX 16u    /* of one promotion within a minute, at most */
#define REPLICAS_MAX 16u /* of the controller */
#define RETRY_MS INT64_C(600000)        /* a refused write may be tried again that often */
/* Watches of six kinds are renewed at least every five minutes, leases every two seconds. */
#define QUIET_SPAN_MS INT64_C(600000)
#define QUIET_REQUESTS_MAX 60u
#define QUIET_WAKEUPS_MAX 400u

/* The text between `/PLURAL/` and the next '/' or '?'. */
static struct str name_in_target(struct str target, struct str plural)
{
    struct str path = str_slice(target, 0, str_find(target, '?', 0));
    struct str piece = str_split_next(&path, '/');
    while (path.data != NULL) {
        bool found = str_equal(piece, plural);
        piece = str_split_next(&path, '/');
        if (found)
            return piece;
    }
    return STR_NONE;
}

static struct str record_promotion(const struct evidence *evidence,
                                   const struct transport_record *record)
{
    struct str name = name_in_target(str_from(record->target), STR("clusterpromotions"));
    if (!str_is_empty(name) || record->audit_index == SIZE_MAX)
        return name;
    return audit_promotion(fakeapi_audit_at(evidence->api, record->audit_index));
}

static char *record_object(const struct transport_record *record)
{
    return str_format("%s %s", record->method, record->target);
}

void check_one_in_flight(const struct evidence *evidence, struct verdict *verdict)
{
    struct map last; /* by replica and promotion: the index of its newest write */
    map_init(&last);
    for (size_t i = 0; i < evidence->exchange_count; i++) {
        const struct transport_record *record = &evidence->exchanges[i];
        struct str promotion = record_promotion(evidence, record);
        if (!record->is_write || str_is_empty(promotion))
            continue;
        char *key = str_format("%u %.*s", record->replica, STR_ARGS(promotion));
        size_t *earlier = map_get(&last, str_from(key));
        if (earlier == NULL) {
            earlier = mem_alloc(sizeof(*earlier));
            (void)map_put(&last, str_from(key), earlier);
        } else if (evidence->exchanges[*earlier].ended_order > record->submitted_order) {
            verdict_add(verdict, "S4", record->submitted_ms, record_object(record),
                        "expected no other write of promotion %.*s in flight; found %s %s",
                        STR_ARGS(promotion), evidence->exchanges[*earlier].method,
                        evidence->exchanges[*earlier].target);
        }
        *earlier = i;
        mem_free(key);
    }
    MAP_EACH(entry, &last)
        mem_free(map_entry_value(entry));
    map_release(&last);
}

static bool patch_names_version(const struct json *operations)
{
    JSON_EACH(operation, operations)
    {
        struct str op = json_text_at(operation, "op");
        if (str_is(json_text_at(operation, "path"), "/metadata/resourceVersion") &&
            (str_is(op, "replace") || str_is(op, "test")))
            return true;
    }
    return false;
}

static bool has_precondition(const struct transport_record *record)
{
    struct json *body = NULL;
    /* A create fails when the object exists. */
    if (strcmp(record->method, "POST") == 0)
        return true;
    if (json_parse(str_from(record->body), NULL, &body, NULL) != ERR_NONE)
        return false;
    bool has = false;
    if (record->content_type != NULL &&
        strcmp(record->content_type, "application/json-patch+json") == 0)
        has = patch_names_version(body);
    else if (strcmp(record->method, "DELETE") == 0)
        has = !str_is_empty(json_text_at(body, "preconditions.resourceVersion"));
    else
        has = !str_is_empty(json_text_at(body, "metadata.resourceVersion"));
    json_free(body);
    return has;
}

void check_preconditions(const struct evidence *evidence, struct verdict *verdict)
{
    for (size_t i = 0; i < evidence->exchange_count; i++) {
        const struct transport_record *record = &evidence->exchanges[i];
        if (record->is_write && !has_precondition(record))
            verdict_add(verdict, "S5", record->submitted_ms, record_object(record),
                        "expected a precondition on resourceVersion; found none");
    }
}

/* A write that commits late, or one that is sent again since nobody knows what became of it. */
static bool outcome_was_unknown(const struct evidence *evidence,
                                const struct transport_record *record)
{
    if (record == NULL)
        return false;
    if (!record->answered)
        return true;
    for (const struct transport_record *earlier = record; earlier-- > evidence->exchanges;) {
        if (!earlier->is_write || earlier->replica != record->replica ||
            strcmp(earlier->target, record->target) != 0)
            continue;
        return !earlier->answered;
    }
    return false;
}

static void judge_effect(const struct evidence *evidence, struct verdict *verdict,
                         const struct fakeapi_audit *audit, const struct transport_record *record)
{
    if (audit->changed || audit->status >= 300 || outcome_was_unknown(evidence, record))
        return;
    verdict_add(verdict, "S8", audit->at_ms, audit_object(audit),
                "%s: expected a write to change something; found no effect", audit->method);
}

/* The writes, or the Events, about one promotion within the last minute. */
struct pace {
    bool told;
    int64_t *times_ms;
    size_t count, first;
    size_t capacity;
};

static void judge_pace(struct verdict *verdict, const struct fakeapi_audit *audit,
                       struct pace *pace, size_t writes_max)
{
    pace->times_ms = mem_grow_array(pace->times_ms, pace->count, &pace->capacity,
                                    sizeof(*pace->times_ms), SIZE_MAX / sizeof(int64_t));
    pace->times_ms[pace->count++] = audit->at_ms;
    while (pace->times_ms[pace->first] <= audit->at_ms - MINUTE_MS)
        pace->first++;
    if (pace->told || pace->count - pace->first <= writes_max)
        return;
    pace->told = true;
    verdict_add(verdict, "S8", audit->at_ms, audit_object(audit),
                "expected at most %zu %s of promotion %.*s within a minute; found %zu",
                writes_max, audit_is_kind(audit, "Event") ? "Events" : "writes",
                STR_ARGS(audit_promotion(audit)), pace->count - pace->first);
}

/* Of one promotion. */
struct paces {
    size_t writes_max; /* by the largest spec that it had */
    int64_t edits_ms[EDITS_MAX]; /* the last ones by others, in a ring */
    size_t edits;
    int64_t wrote_ms[REPLICAS_MAX]; /* when each replica last did */
    struct pace writes, events;
};

static struct paces *paces_of(struct map *all, struct str promotion)
{
    struct paces *paces = map_get(all, promotion);
    if (paces == NULL) {
        paces = mem_alloc(sizeof(*paces));
        paces->writes_max = WRITES_PER_MINUTE;
        (void)map_put(all, promotion, paces);
    }
    return paces;
}

/* Somebody else's change of a promotion's spec starts anew what has to be written, and so does a
 * person's change of one of its profiles, which is put right. */
static void note_edit(const struct evidence *evidence, struct paces *paces,
                      const struct fakeapi_audit *audit)
{
    bool of_promotion =
        audit_is_kind(audit, "ClusterPromotion") &&
        !json_equal(json_get(audit->before, "spec"), json_get(audit->after, "spec"));
    bool of_profile = audit_is_kind(audit, "ClusterProfile") && audit_is_persons(evidence, audit);
    if (audit->changed && (of_promotion || of_profile))
        paces->edits_ms[paces->edits++ % EDITS_MAX] = audit->at_ms;
}

static size_t writes_of_stage(const struct json *spec_stage)
{
    const struct json *trigger = json_at(spec_stage, "trigger");
    const struct json *manual = json_get(trigger, "manual");
    size_t writes = WRITES_PER_STAGE + (manual != NULL ? WRITES_OF_AN_APPROVAL : 0);
    JSON_EACH(kind, trigger)
    {
        if (json_count(json_get(kind, "preHealthCheckDeployment")) > 0)
            writes += WRITES_OF_PRE_CHECKS;
        if (json_count(json_get(kind, "postDelayHealthChecks")) > 0)
            writes += WRITES_OF_GATE_CHECKS;
    }
    return writes;
}

static void note_spec(struct paces *paces, const struct fakeapi_audit *audit)
{
    size_t writes = WRITES_PER_MINUTE;
    JSON_EACH(spec_stage, json_at(audit->after, "spec.stages"))
        writes += writes_of_stage(spec_stage);
    if (writes > paces->writes_max)
        paces->writes_max = writes;
}

static size_t count_since(const int64_t *times_ms, size_t count, int64_t since_ms)
{
    size_t recent = 0;
    for (size_t i = 0; i < count; i++)
        recent += times_ms[i] > since_ms ? 1 : 0;
    return recent > 0 ? recent : 1;
}

/* For each edit, and for each of the controllers that are at it. */
static size_t writes_max_of(struct paces *paces, const struct transport_record *record,
                            int64_t now_ms)
{
    if (record != NULL && record->replica < REPLICAS_MAX)
        paces->wrote_ms[record->replica] = now_ms;
    return paces->writes_max * count_since(paces->edits_ms, EDITS_MAX, now_ms - MINUTE_MS) *
           count_since(paces->wrote_ms, REPLICAS_MAX, now_ms - MINUTE_MS);
}

/* `record` is what sent it; NULL: unknown. */
static void judge_write(const struct evidence *evidence, struct verdict *verdict,
                        const struct fakeapi_audit *audit, const struct transport_record *record,
                        struct map *all)
{
    struct str promotion = audit_promotion(audit);
    struct paces *paces = str_is_empty(promotion) ? NULL : paces_of(all, promotion);
    if (paces != NULL && audit_is_kind(audit, "ClusterPromotion"))
        note_spec(paces, audit);
    if (!audit_is_controllers(evidence, audit)) {
        if (paces != NULL)
            note_edit(evidence, paces, audit);
        return;
    }
    judge_effect(evidence, verdict, audit, record);
    if (paces != NULL)
        judge_pace(verdict, audit, audit_is_kind(audit, "Event") ? &paces->events : &paces->writes,
                   writes_max_of(paces, record, audit->at_ms));
}

void check_writes_matter(const struct evidence *evidence, struct verdict *verdict)
{
    struct map all;
    const struct transport_record **senders = senders_create(evidence);
    map_init(&all);
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (audit_is_write(audit))
            judge_write(evidence, verdict, audit, senders[i], &all);
    }
    mem_free(senders);
    MAP_EACH(entry, &all)
    {
        struct paces *paces = map_entry_value(entry);
        mem_free(paces->writes.times_ms);
        mem_free(paces->events.times_ms);
        mem_free(paces);
    }
    map_release(&all);
}

/* One refused write per object and ten minutes is quiet. */
static bool is_slow_retry(struct map *retries, const struct fakeapi_audit *audit)
{
    char *object = audit_object(audit);
    int64_t *last_ms = map_get(retries, str_from(object));
    bool slow = last_ms == NULL || audit->at_ms - *last_ms >= RETRY_MS;
    if (last_ms == NULL) {
        last_ms = mem_alloc(sizeof(*last_ms));
        (void)map_put(retries, str_from(object), last_ms);
    }
    *last_ms = audit->at_ms;
    mem_free(object);
    return slow && audit->status >= 400;
}

/* An Event that was told already, maybe by a controller before: nothing was written (P15). What was
 * refused has no name in the log. */
static bool is_told_already(const struct fakeapi_audit *audit)
{
    return audit->status == 409 && str_starts_with(audit->target, STR("/apis/events.k8s.io/"));
}

static void judge_quiet_writes(const struct evidence *evidence, struct verdict *verdict)
{
    struct map retries;
    map_init(&retries);
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (audit->at_ms <= evidence->quiet_from_ms || !audit_is_write(audit) ||
            !audit_is_controllers(evidence, audit) || is_told_already(audit))
            continue;
        if (!is_slow_retry(&retries, audit))
            verdict_add(verdict, "L1", audit->at_ms, audit_object(audit),
                        "%s: expected no write at rest; found one, answered %d", audit->method,
                        audit->status);
    }
    MAP_EACH(entry, &retries)
        mem_free(map_entry_value(entry));
    map_release(&retries);
}

/* Reports the first span of ten minutes in which more than `count_max` of the times lie. */
struct storm {
    int64_t *times_ms;
    size_t count, capacity;
};

static void storm_add(struct storm *storm, int64_t at_ms)
{
    storm->times_ms = mem_grow_array(storm->times_ms, storm->count, &storm->capacity,
                                     sizeof(*storm->times_ms), SIZE_MAX / sizeof(int64_t));
    storm->times_ms[storm->count++] = at_ms;
}

static void storm_judge(const struct storm *storm, struct verdict *verdict, size_t count_max,
                        const char *what)
{
    for (size_t i = count_max; i < storm->count; i++) {
        if (storm->times_ms[i] - storm->times_ms[i - count_max] >= QUIET_SPAN_MS)
            continue;
        verdict_add(verdict, "L1", storm->times_ms[i], str_dup(STR("controller")),
                    "expected at most %zu %s within ten minutes at rest; found more", count_max,
                    what);
        return;
    }
}

void check_quiet(const struct evidence *evidence, struct verdict *verdict)
{
    struct storm requests = {0};
    struct storm wakeups = {0};
    if (evidence->quiet_from_ms == KTIME_NEVER)
        return;
    judge_quiet_writes(evidence, verdict);
    for (size_t i = 0; i < fakeapi_audit_count(evidence->api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence->api, i);
        if (audit->at_ms > evidence->quiet_from_ms && audit_is_controllers(evidence, audit))
            storm_add(&requests, audit->at_ms);
    }
    for (size_t i = 0; i < evidence->wakeup_count; i++) {
        if (evidence->wakeups_ms[i] > evidence->quiet_from_ms)
            storm_add(&wakeups, evidence->wakeups_ms[i]);
    }
    storm_judge(&requests, verdict, QUIET_REQUESTS_MAX, "requests");
    storm_judge(&wakeups, verdict, QUIET_WAKEUPS_MAX, "wake-ups");
    mem_free(requests.times_ms);
    mem_free(wakeups.times_ms);
}
