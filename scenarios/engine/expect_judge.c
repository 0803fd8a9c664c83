#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "scenarios/engine/expect.h"

#define TEXT_BYTES_MAX (1u << 20)
#define SUGGESTIONS_MAX 64u

void failures_add(struct failures *failures, struct yaml_mark mark, char *title, char *expected,
                  char *actual)
{
    failures->total++;
    if (failures->count == FAILURES_MAX) {
        mem_free(title);
        mem_free(expected);
        mem_free(actual);
        return;
    }
    failures->items = mem_grow_array(failures->items, failures->count, &failures->capacity,
                                     sizeof(*failures->items), FAILURES_MAX);
    failures->items[failures->count++] = (struct failure){
        .mark = mark, .title = title, .expected = expected, .actual = actual};
}

void failures_release(struct failures *failures)
{
    for (size_t i = 0; i < failures->count; i++) {
        mem_free(failures->items[i].title);
        mem_free(failures->items[i].object);
        mem_free(failures->items[i].expected);
        mem_free(failures->items[i].actual);
    }
    mem_free(failures->items);
    *failures = (struct failures){NULL, 0, 0, 0};
}

static bool entry_is_about(const struct fakeapi_audit *entry, const struct object_ref *object)
{
    return entry->changed && str_is(entry->kind, object->kind->kind) &&
           str_equal(entry->name, object->name) &&
           (!object->kind->namespaced || str_equal(entry->name_space, object->name_space));
}

/* The next change of the object at or after *cursor, which moves behind it; NULL: no more. */
static const struct fakeapi_audit *next_change(const struct trial *trial,
                                               const struct object_ref *object, size_t *cursor)
{
    size_t count = fakeapi_audit_count(trial->api);
    while (*cursor < count) {
        const struct fakeapi_audit *entry = fakeapi_audit_at(trial->api, (*cursor)++);
        if (entry_is_about(entry, object))
            return entry;
    }
    return NULL;
}

static bool state_matches(const struct clause *clause, const struct json *state)
{
    if (clause->absent)
        return state == NULL;
    return state != NULL && (clause->match == NULL || match_object(clause->match, state));
}

bool clause_is_met(const struct clause *clause, const struct trial *trial, size_t *cursor)
{
    const struct fakeapi_audit *entry;
    while ((entry = next_change(trial, &clause->object, cursor)) != NULL) {
        if (entry->at_ms - trial->start_ms > clause->before_ms)
            return false;
        if (state_matches(clause, entry->after))
            return true;
    }
    return false;
}

static char *offset_text(int64_t offset_ms)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 64);
    buf_append_char(&text, '+');
    duration_print(offset_ms * 1000000, &text);
    return str_dup(buf_str(&text));
}

/* What a clause wants, or finds, as text that can be compared. */
static char *state_text(const struct clause *clause, const struct json *state, bool is_wish)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    if (is_wish ? clause->absent : state == NULL) {
        buf_append_text(&text, "absent\n");
    } else if (clause->match == NULL) {
        buf_append_text(&text, "exists\n");
    } else if (is_wish) {
        json_print_pretty(clause->match, &text);
    } else {
        struct json *shown = match_projection(clause->match, state);
        json_print_pretty(shown, &text);
        json_free(shown);
    }
    return str_dup(buf_str(&text));
}

static struct yaml_mark mark_of(const struct expect *expect, const struct json *node)
{
    return yaml_mark_of(expect->document, node);
}

/* "eventually ClusterProfile/x within 5m0s" */
static char *clause_title(const struct clause *clause, const char *format, int64_t at_ms)
{
    CLEANUP(buf_release) struct buf object;
    CLEANUP(mem_free_pointer) char *offset = offset_text(at_ms);
    CLEANUP(buf_release) struct buf title;
    buf_init(&object, 1024);
    buf_init(&title, 4096);
    object_ref_print(&clause->object, &object);
    buf_printf(&title, "%s %s %s", object.data, format, offset);
    return str_dup(buf_str(&title));
}

/* A state lasts from its write to the next one; one that lasted no time at all was there too. */
static bool overlaps(const struct clause *clause, int64_t from_ms, int64_t until_ms)
{
    return from_ms < clause->before_ms &&
           (until_ms > clause->after_ms || from_ms >= clause->after_ms);
}

static void judge_never(const struct expect *expect, const struct clause *clause,
                        const struct trial *trial, struct failures *failures)
{
    size_t cursor = 0;
    const struct fakeapi_audit *entry = next_change(trial, &clause->object, &cursor);
    while (entry != NULL) {
        const struct fakeapi_audit *next = next_change(trial, &clause->object, &cursor);
        int64_t from_ms = entry->at_ms - trial->start_ms;
        int64_t until_ms = next != NULL ? next->at_ms - trial->start_ms : KTIME_NEVER;
        if (state_matches(clause, entry->after) && overlaps(clause, from_ms, until_ms)) {
            int64_t seen_ms = from_ms > clause->after_ms ? from_ms : clause->after_ms;
            failures_add(failures, mark_of(expect, clause->node),
                         clause_title(clause, "must never be so, but was at", seen_ms),
                         str_dup(STR("not so\n")), state_text(clause, entry->after, false));
            return;
        }
        entry = next;
    }
}

/* The object after the last change up to then; NULL: absent. */
static const struct json *state_at(const struct clause *clause, const struct trial *trial,
                                   int64_t offset_ms)
{
    size_t cursor = 0;
    const struct json *state = NULL;
    const struct fakeapi_audit *entry;
    while ((entry = next_change(trial, &clause->object, &cursor)) != NULL) {
        if (entry->at_ms - trial->start_ms > offset_ms)
            break;
        state = entry->after;
    }
    return state;
}

static void judge_state(const struct expect *expect, const struct clause *clause,
                        const struct trial *trial, struct failures *failures)
{
    int64_t end_ms = trial->end_ms - trial->start_ms;
    int64_t at_ms = clause->before_ms < end_ms ? clause->before_ms : end_ms;
    const struct json *state = state_at(clause, trial, at_ms);
    size_t cursor = 0;
    bool is_at = clause->kind == CLAUSE_AT;
    if (is_at ? state_matches(clause, state) : clause_is_met(clause, trial, &cursor))
        return;
    failures_add(failures, mark_of(expect, clause->node),
                 clause_title(clause, is_at ? "is not as expected at" : "was not as expected up to",
                              at_ms),
                 state_text(clause, NULL, true), state_text(clause, state, false));
}

static void judge_budget(const struct expect *expect, const char *what, unsigned most,
                         unsigned found, struct failures *failures)
{
    bool of_world = str_is(STR("deployments"), what) || str_is(STR("withdrawals"), what);
    if (found <= most)
        return;
    failures_add(failures, mark_of(expect, expect->budget_node),
                 str_format("%s more %s than the budget allows",
                            of_world ? "the clusters saw" : "the controller sent", what),
                 str_format("at most %u %s\n", most, what), str_format("%u %s\n", found, what));
}

/* Is "<promotion>-<stage>" the beginning of `name`, for a stage that this promotion ever had? */
static bool name_is_of_stage(const struct json *promotion, struct str name, bool whole)
{
    JSON_EACH (stage, json_at(promotion, "spec.stages")) {
        CLEANUP(mem_free_pointer) char *profile =
            str_format("%.*s-%.*s", STR_ARGS(json_text_at(promotion, "metadata.name")),
                       STR_ARGS(json_text_at(stage, "name")));
        if (whole ? str_is(name, profile) : str_starts_with(name, str_from(profile)))
            return true;
    }
    return false;
}

/* True when the object came into being in this run or could have: a profile or a summary of a
 * stage of some promotion. */
static bool object_is_possible(const struct object_ref *object, const struct trial *trial)
{
    bool is_profile = strcmp(object->kind->kind, "ClusterProfile") == 0;
    bool is_summary = strcmp(object->kind->kind, "ClusterSummary") == 0;
    for (size_t i = 0; i < fakeapi_audit_count(trial->api); i++) {
        const struct fakeapi_audit *entry = fakeapi_audit_at(trial->api, i);
        if (entry_is_about(entry, object))
            return true;
        if ((is_profile || is_summary) && entry->changed &&
            str_is(entry->kind, "ClusterPromotion") &&
            name_is_of_stage(entry->after, object->name, is_profile))
            return true;
    }
    return false;
}

/* Names of objects of the kind that there were, for a suggestion. */
static size_t collect_names(const struct object_ref *object, const struct trial *trial,
                            struct str names[SUGGESTIONS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < fakeapi_audit_count(trial->api) && count < SUGGESTIONS_MAX; i++) {
        const struct fakeapi_audit *entry = fakeapi_audit_at(trial->api, i);
        if (entry->created && str_is(entry->kind, object->kind->kind))
            names[count++] = entry->name;
    }
    return count;
}

/* A clause about nothing holds whatever the controller does: that is a slip of the pen. */
static enum err clause_check_object(const struct expect *expect, const struct clause *clause,
                                    const struct trial *trial, struct errmsg *msg)
{
    struct reader reader = {expect->source, expect->document, msg};
    struct str names[SUGGESTIONS_MAX];
    if (object_is_possible(&clause->object, trial))
        return ERR_NONE;
    CLEANUP(buf_release) struct buf found;
    buf_init(&found, 1024);
    object_ref_print(&clause->object, &found);
    size_t count = collect_names(&clause->object, trial, names);
    struct str nearest = str_nearest(clause->object.name, names, count);
    if (str_is_empty(nearest))
        return reader_fail(&reader, clause->node, ERR_INVALID,
                           "found %s, which never existed, expected an object of this scenario",
                           found.data);
    return reader_fail(&reader, clause->node, ERR_INVALID,
                       "found %s, which never existed, expected an object of this scenario; "
                       "did you mean \"%.*s\"?",
                       found.data, STR_ARGS(nearest));
}

enum err expect_judge(const struct expect *expect, const struct trial *trial,
                      struct failures *failures, struct errmsg *msg)
{
    for (size_t i = 0; i < expect->clause_count; i++) {
        const struct clause *clause = &expect->clauses[i];
        enum err err = clause_check_object(expect, clause, trial, msg);
        if (err != ERR_NONE)
            return err;
        if (clause->kind == CLAUSE_NEVER)
            judge_never(expect, clause, trial, failures);
        else
            judge_state(expect, clause, trial, failures);
    }
    judge_budget(expect, "writes", expect->writes_max, trial->writes, failures);
    judge_budget(expect, "requests", expect->requests_max, trial->requests, failures);
    judge_budget(expect, "deployments", expect->deployments_max, trial->deployments, failures);
    judge_budget(expect, "withdrawals", expect->withdrawals_max, trial->withdrawals, failures);
    return ERR_NONE;
}
