#include "scenarios/engine/scenario.h"

#include "controller/base/mem.h"

/* A fault as it stands in the file. */
struct fault_draft {
    const struct json *what, *when;
    unsigned status;
    int64_t retry_after_ms;
    int64_t hold_ms;
    unsigned events;
    const struct json *survivor;
    const struct json *verb, *kind, *point;
    unsigned nth;
};

static const struct read_key fault_keys[] = {
    {"do", READ_ANY, true, offsetof(struct fault_draft, what)},
    {"when", READ_MAPPING, true, offsetof(struct fault_draft, when)},
};
static const struct read_key answer_keys[] = {
    {"do", READ_ANY, true, offsetof(struct fault_draft, what)},
    {"when", READ_MAPPING, true, offsetof(struct fault_draft, when)},
    {"status", READ_COUNT, true, offsetof(struct fault_draft, status)},
    {"retry-after", READ_DURATION, false, offsetof(struct fault_draft, retry_after_ms)},
};
static const struct read_key stale_keys[] = {
    {"do", READ_ANY, true, offsetof(struct fault_draft, what)},
    {"when", READ_MAPPING, true, offsetof(struct fault_draft, when)},
    {"for", READ_DURATION, true, offsetof(struct fault_draft, hold_ms)},
};
static const struct read_key read_keys[] = {
    {"do", READ_ANY, true, offsetof(struct fault_draft, what)},
    {"when", READ_MAPPING, true, offsetof(struct fault_draft, when)},
    {"events", READ_COUNT, true, offsetof(struct fault_draft, events)},
};
static const struct read_key lag_keys[] = {
    {"do", READ_ANY, true, offsetof(struct fault_draft, what)},
    {"when", READ_MAPPING, true, offsetof(struct fault_draft, when)},
    {"events", READ_COUNT, true, offsetof(struct fault_draft, events)},
    {"for", READ_DURATION, true, offsetof(struct fault_draft, hold_ms)},
};
static const struct read_key second_keys[] = {
    {"do", READ_ANY, true, offsetof(struct fault_draft, what)},
    {"when", READ_MAPPING, true, offsetof(struct fault_draft, when)},
    {"for", READ_DURATION, true, offsetof(struct fault_draft, hold_ms)},
    {"survivor", READ_ANY, true, offsetof(struct fault_draft, survivor)},
};
static const struct read_key when_keys[] = {
    {"verb", READ_ANY, false, offsetof(struct fault_draft, verb)},
    {"kind", READ_ANY, false, offsetof(struct fault_draft, kind)},
    {"nth", READ_COUNT, false, offsetof(struct fault_draft, nth)},
};
static const struct read_key when_keys_with_point[] = {
    {"verb", READ_ANY, false, offsetof(struct fault_draft, verb)},
    {"kind", READ_ANY, false, offsetof(struct fault_draft, kind)},
    {"nth", READ_COUNT, false, offsetof(struct fault_draft, nth)},
    {"point", READ_ANY, false, offsetof(struct fault_draft, point)},
};
static const struct read_key when_keys_of_watch[] = {
    {"kind", READ_ANY, false, offsetof(struct fault_draft, kind)},
    {"nth", READ_COUNT, false, offsetof(struct fault_draft, nth)},
};
static const struct read_key when_keys_of_cut[] = {
    {"kind", READ_ANY, false, offsetof(struct fault_draft, kind)},
    {"nth", READ_COUNT, false, offsetof(struct fault_draft, nth)},
    {"point", READ_ANY, false, offsetof(struct fault_draft, point)},
};

#define KEYS(table) (table), ARRAY_COUNT(table)

/* Each word after `do:`, and which keys then make sense. */
static const struct {
    struct str word;
    enum sim_fault_kind kind;
    const struct read_key *keys;
    size_t key_count;
    const struct read_key *when_keys;
    size_t when_key_count;
} fault_forms[] = {
    {{"crash-controller", 16}, SIM_FAULT_CRASH, KEYS(fault_keys), KEYS(when_keys_with_point)},
    {{"lose-answer", 11}, SIM_FAULT_LOSE_ANSWER, KEYS(fault_keys), KEYS(when_keys)},
    {{"lose-request", 12}, SIM_FAULT_LOSE_REQUEST, KEYS(fault_keys), KEYS(when_keys)},
    {{"answer", 6}, SIM_FAULT_ANSWER, KEYS(answer_keys), KEYS(when_keys)},
    {{"time-out", 8}, SIM_FAULT_TIME_OUT, KEYS(fault_keys), KEYS(when_keys_with_point)},
    {{"gone", 4}, SIM_FAULT_GONE, KEYS(fault_keys), KEYS(when_keys_of_watch)},
    {{"cut-watch", 9}, SIM_FAULT_CUT_WATCH, KEYS(fault_keys), KEYS(when_keys_of_cut)},
    {{"stale-watch", 11}, SIM_FAULT_STALE_WATCH, KEYS(stale_keys), KEYS(when_keys_of_watch)},
    {{"lag-watch", 9}, SIM_FAULT_LAG_WATCH, KEYS(lag_keys), KEYS(when_keys_of_watch)},
    {{"stale-read", 10}, SIM_FAULT_STALE_READ, KEYS(read_keys), KEYS(when_keys)},
    {{"second-controller", 17}, SIM_FAULT_SECOND, KEYS(second_keys), KEYS(when_keys)},
};

static enum err verb_read(const struct reader *reader, const struct json *node,
                          struct scenario_fault *fault)
{
    static const struct str verbs[] = {{"get", 3},    {"list", 4},  {"watch", 5},
                                       {"create", 6}, {"patch", 5}, {"delete", 6}};
    size_t index;
    enum err err = reader_word(reader, node, verbs, ARRAY_COUNT(verbs), &index);
    if (err == ERR_NONE)
        fault->verb = verbs[index].data;
    return err;
}

/* KIND or KIND/status. */
static enum err kind_read(const struct reader *reader, const struct json *node,
                          struct scenario_fault *fault)
{
    struct str rest = json_string_of(node);
    struct str kind = str_split_next(&rest, '/');
    bool of_watch = sim_fault_is_of_watch(fault->fault.kind);
    if (rest.data != NULL && (of_watch || !str_is(rest, "status")))
        return reader_mismatch(reader, node, STR_NONE, of_watch ? "KIND" : "KIND or KIND/status",
                               NULL, 0);
    fault->status = rest.data != NULL;
    return manifest_kind_read(reader, node, kind, &fault->kind);
}

static enum err cut_point_read(const struct reader *reader, const struct json *node,
                               struct sim_fault *fault)
{
    static const struct str points[] = {{"between-events", 14}, {"within-events", 13}};
    size_t index;
    enum err err = reader_word(reader, node, points, ARRAY_COUNT(points), &index);
    if (err == ERR_NONE && index == 1)
        fault->kind = SIM_FAULT_TEAR_WATCH;
    return err;
}

/* An answer that was handled cannot have timed out: that point is the last. */
static enum err point_read(const struct reader *reader, const struct json *node,
                           struct sim_fault *fault)
{
    static const struct str points[] = {{"before-send", 11},
                                        {"committed-before-answer", 23},
                                        {"committed-late", 14},
                                        {"after-answer", 12}};
    static const enum sim_crash_point values[] = {SIM_CRASH_BEFORE_SEND, SIM_CRASH_AFTER_COMMIT,
                                                  SIM_CRASH_LATE_COMMIT, SIM_CRASH_AFTER_ANSWER};
    size_t count = ARRAY_COUNT(points) - (fault->kind == SIM_FAULT_TIME_OUT ? 1 : 0);
    size_t index;
    if (fault->kind == SIM_FAULT_CUT_WATCH)
        return cut_point_read(reader, node, fault);
    enum err err = reader_word(reader, node, points, count, &index);
    if (err == ERR_NONE)
        fault->point = values[index];
    return err;
}

/* As a server that sheds load says, when nothing else is asked for. */
#define RETRY_AFTER_DEFAULT_MS 1000

static enum err answer_read(const struct reader *reader, const struct json *node,
                            const struct fault_draft *draft, struct sim_fault *fault)
{
    static const unsigned statuses[] = {403, 409, 429, 500, 503, 504};
    const struct json *retry_after = json_get(node, "retry-after");
    bool known = false;
    for (size_t i = 0; i < ARRAY_COUNT(statuses); i++)
        known = known || statuses[i] == draft->status;
    if (!known)
        return reader_mismatch(reader, json_get(node, "status"), STR_NONE,
                               "one of 403, 409, 429, 500, 503, 504", NULL, 0);
    fault->status = (int)draft->status;
    bool may_wait = draft->status == 429 || draft->status == 503;
    if (retry_after != NULL && !may_wait)
        return reader_fail(reader, retry_after, ERR_TYPE,
                           "found \"retry-after\" at an answer %u, expected it at 429 or 503",
                           draft->status);
    if (draft->retry_after_ms % 1000 != 0)
        return reader_mismatch(reader, retry_after, STR_NONE, "whole seconds", NULL, 0);
    fault->retry_after_s = draft->retry_after_ms / 1000;
    if (retry_after == NULL)
        fault->retry_after_s = draft->status == 429 ? RETRY_AFTER_DEFAULT_MS / 1000 : -1;
    return ERR_NONE;
}

static enum err behind_read(const struct reader *reader, const struct json *node,
                            const struct fault_draft *draft, struct sim_fault *fault)
{
    fault->events = draft->events;
    if (draft->events > 0)
        return ERR_NONE;
    return reader_mismatch(reader, json_get(node, "events"), STR_NONE, "a count from 1", NULL, 0);
}

static enum err survivor_read(const struct reader *reader, const struct json *node,
                              struct sim_fault *fault)
{
    static const struct str survivors[] = {{"first", 5}, {"second", 6}};
    size_t index = 0;
    enum err err = reader_word(reader, node, survivors, ARRAY_COUNT(survivors), &index);
    fault->first_stays = index == 0;
    return err;
}

/* What only some faults say. */
static enum err particulars_read(const struct reader *reader, const struct json *node,
                                 const struct fault_draft *draft, struct sim_fault *fault)
{
    fault->hold_ms = draft->hold_ms;
    if (fault->kind == SIM_FAULT_ANSWER)
        return answer_read(reader, node, draft, fault);
    if (fault->kind == SIM_FAULT_STALE_READ || fault->kind == SIM_FAULT_LAG_WATCH)
        return behind_read(reader, node, draft, fault);
    if (fault->kind == SIM_FAULT_SECOND)
        return survivor_read(reader, draft->survivor, fault);
    return ERR_NONE;
}

static enum err when_read(const struct reader *reader, const struct fault_draft *draft,
                          struct scenario_fault *fault)
{
    enum err err = ERR_NONE;
    if (draft->nth == 0)
        err = reader_mismatch(reader, json_get(draft->when, "nth"), STR_NONE, "a count from 1",
                              NULL, 0);
    fault->nth = draft->nth;
    if (err == ERR_NONE && draft->verb != NULL)
        err = verb_read(reader, draft->verb, fault);
    if (err == ERR_NONE && draft->kind != NULL)
        err = kind_read(reader, draft->kind, fault);
    if (err == ERR_NONE && draft->point != NULL)
        err = point_read(reader, draft->point, &fault->fault);
    else if (err == ERR_NONE && fault->fault.kind == SIM_FAULT_CRASH)
        err = reader_fail(reader, draft->when, ERR_TYPE,
                          "found no key \"point\", expected one in \"when\" of crash-controller");
    return err;
}

static enum err do_read(const struct reader *reader, const struct json *node, size_t *ret_index)
{
    struct str words[ARRAY_COUNT(fault_forms)];
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        words[i] = fault_forms[i].word;
    return reader_word(reader, node, words, ARRAY_COUNT(words), ret_index);
}

static enum err fault_read(const struct reader *reader, const struct json *node,
                           struct scenario_fault *ret_fault)
{
    struct fault_draft draft = {.nth = 1};
    struct scenario_fault fault = {.node = node};
    size_t index;
    const struct json *what = json_get(node, "do");
    if (what == NULL) /* tells what else is wrong, too */
        return reader_mapping(reader, node, "a fault", KEYS(fault_keys), &draft);
    enum err err = do_read(reader, what, &index);
    if (err != ERR_NONE)
        return err;
    fault.fault = (struct sim_fault){.kind = fault_forms[index].kind,
                                     .point = SIM_CRASH_BEFORE_SEND,
                                     .retry_after_s = -1};
    err = reader_mapping(reader, node, "this fault", fault_forms[index].keys,
                         fault_forms[index].key_count, &draft);
    if (err == ERR_NONE)
        err = reader_mapping(reader, draft.when, "\"when\" of this fault",
                             fault_forms[index].when_keys, fault_forms[index].when_key_count,
                             &draft);
    if (err == ERR_NONE)
        err = particulars_read(reader, node, &draft, &fault.fault);
    if (err == ERR_NONE)
        err = when_read(reader, &draft, &fault);
    if (err == ERR_NONE)
        *ret_fault = fault;
    return err;
}

enum err scenario_read_faults(const struct reader *reader, const struct json *list,
                              struct scenario_fault **ret_faults, size_t *ret_count)
{
    size_t count = json_count(list);
    if (count == 0)
        return reader_fail(reader, list, ERR_TYPE, "found no fault, expected one");
    if (count > SCENARIO_FAULTS_MAX)
        return reader_fail(reader, list, ERR_LIMIT, "found %zu faults, expected at most %u", count,
                           SCENARIO_FAULTS_MAX);
    struct scenario_fault *faults = mem_alloc_array(count, sizeof(*faults));
    size_t index = 0;
    JSON_EACH (node, list) {
        enum err err = fault_read(reader, node, &faults[index++]);
        if (err == ERR_NONE)
            continue;
        mem_free(faults);
        return err;
    }
    *ret_faults = faults;
    *ret_count = count;
    return ERR_NONE;
}

/* What stands behind /api/VERSION or /apis/GROUP/VERSION, without the namespace: PLURAL,
 * PLURAL/NAME or PLURAL/NAME/SUBRESOURCE. */
static struct str path_of_resource(struct str target)
{
    struct str rest = str_slice(target, 1, str_find(target, '?', 0));
    struct str root = str_split_next(&rest, '/');
    if (str_is(root, "apis"))
        (void)str_split_next(&rest, '/');
    (void)str_split_next(&rest, '/');
    struct str inner = rest;
    if (str_is(str_split_next(&inner, '/'), "namespaces")) {
        (void)str_split_next(&inner, '/');
        rest = inner.data != NULL ? inner : rest;
    }
    return rest;
}

static const char *verb_of(const struct sim_passage *passage, bool names_object)
{
    if (strcmp(passage->method, "POST") == 0)
        return "create";
    if (strcmp(passage->method, "PATCH") == 0)
        return "patch";
    if (strcmp(passage->method, "DELETE") == 0)
        return "delete";
    if (str_contains(passage->target, STR("watch=true")))
        return "watch";
    return names_object ? "get" : "list";
}

bool scenario_fault_matches(const struct scenario_fault *fault, const struct sim_passage *passage)
{
    struct str name = path_of_resource(passage->target);
    struct str plural = str_split_next(&name, '/');
    struct str subresource = name;
    (void)str_split_next(&subresource, '/');
    if (sim_fault_is_of_watch(fault->fault.kind) != passage->is_delivery)
        return false;
    if (fault->verb != NULL && strcmp(fault->verb, verb_of(passage, name.data != NULL)) != 0)
        return false;
    return fault->kind == NULL || (str_is(plural, fault->kind->plural) &&
                                   str_is(subresource, "status") == fault->status);
}
