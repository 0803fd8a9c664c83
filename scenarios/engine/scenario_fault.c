#include "scenarios/engine/scenario.h"

/* A fault as it stands in the file. */
struct fault_draft {
    const struct json *what, *when;
    const struct json *verb, *kind, *point;
    unsigned nth;
};

static const struct read_key fault_keys[] = {
    {"do", READ_ANY, true, offsetof(struct fault_draft, what)},
    {"when", READ_MAPPING, true, offsetof(struct fault_draft, when)},
};
static const struct read_key when_keys[] = {
    {"verb", READ_ANY, false, offsetof(struct fault_draft, verb)},
    {"kind", READ_ANY, false, offsetof(struct fault_draft, kind)},
    {"nth", READ_COUNT, false, offsetof(struct fault_draft, nth)},
    {"point", READ_ANY, true, offsetof(struct fault_draft, point)},
};

static enum err verb_read(const struct reader *reader, const struct json *node,
                          struct scenario_fault *fault)
{
    static const struct str verbs[] = {{"get", 3}, {"create", 6}, {"patch", 5}, {"delete", 6}};
    static const char *const methods[] = {"GET", "POST", "PATCH", "DELETE"};
    size_t index;
    enum err err = reader_word(reader, node, verbs, ARRAY_COUNT(verbs), &index);
    if (err == ERR_NONE)
        fault->method = methods[index];
    return err;
}

/* KIND or KIND/status. */
static enum err kind_read(const struct reader *reader, const struct json *node,
                          struct scenario_fault *fault)
{
    struct str rest = json_string_of(node);
    struct str kind = str_split_next(&rest, '/');
    if (rest.data != NULL && !str_is(rest, "status"))
        return reader_mismatch(reader, node, STR_NONE, "KIND or KIND/status", NULL, 0);
    fault->status = rest.data != NULL;
    return manifest_kind_read(reader, node, kind, &fault->kind);
}

static enum err point_read(const struct reader *reader, const struct json *node,
                           struct scenario_fault *fault)
{
    static const struct str points[] = {
        {"before-send", 11}, {"committed-before-answer", 23}, {"after-answer", 12},
        {"committed-late", 14}};
    static const enum sim_crash_point values[] = {SIM_CRASH_BEFORE_SEND, SIM_CRASH_AFTER_COMMIT,
                                                  SIM_CRASH_AFTER_ANSWER, SIM_CRASH_LATE_COMMIT};
    size_t index;
    enum err err = reader_word(reader, node, points, ARRAY_COUNT(points), &index);
    if (err == ERR_NONE)
        fault->point = values[index];
    return err;
}

static enum err fault_read(const struct reader *reader, const struct json *node,
                           struct scenario_fault *ret_fault)
{
    struct fault_draft draft = {.nth = 1};
    struct scenario_fault fault = {.node = node};
    enum err err =
        reader_mapping(reader, node, "a fault", fault_keys, ARRAY_COUNT(fault_keys), &draft);
    if (err != ERR_NONE)
        return err;
    if (!str_is(json_string_of(draft.what), "crash-controller"))
        return reader_mismatch(reader, draft.what, STR_NONE,
                               "crash-controller (other faults are not supported yet)", NULL, 0);
    err = reader_mapping(reader, draft.when, "\"when\"", when_keys, ARRAY_COUNT(when_keys), &draft);
    if (err == ERR_NONE && draft.nth == 0)
        err = reader_mismatch(reader, json_get(draft.when, "nth"), STR_NONE, "a count from 1", NULL,
                              0);
    fault.nth = draft.nth;
    if (err == ERR_NONE && draft.verb != NULL)
        err = verb_read(reader, draft.verb, &fault);
    if (err == ERR_NONE && draft.kind != NULL)
        err = kind_read(reader, draft.kind, &fault);
    if (err == ERR_NONE)
        err = point_read(reader, draft.point, &fault);
    if (err == ERR_NONE)
        *ret_fault = fault;
    return err;
}

enum err scenario_read_faults(const struct reader *reader, const struct json *list,
                              struct scenario_fault *ret_fault)
{
    if (json_count(list) > 1)
        return reader_fail(reader, json_item(list, 1), ERR_TYPE,
                           "found a second fault, expected one (more are not supported yet)");
    if (json_count(list) == 0)
        return reader_fail(reader, list, ERR_TYPE, "found no fault, expected one");
    return fault_read(reader, json_first(list), ret_fault);
}

bool scenario_fault_strikes(const struct scenario_fault *fault, const char *method,
                            struct str target)
{
    struct str path = str_slice(target, 0, str_find(target, '?', 0));
    bool to_status = str_ends_with(path, STR("/status"));
    CLEANUP(buf_release) struct buf plural;
    buf_init(&plural, 256);
    if (fault->method != NULL && strcmp(fault->method, method) != 0)
        return false;
    if (fault->kind == NULL)
        return true;
    buf_printf(&plural, "/%s", fault->kind->plural);
    bool ends = str_ends_with(path, buf_str(&plural));
    buf_append_char(&plural, '/');
    return to_status == fault->status && (ends || str_contains(path, buf_str(&plural)));
}
