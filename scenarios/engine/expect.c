#include "scenarios/engine/expect.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

#define CLAUSES_MAX 1000u
#define INVARIANTS_MAX 32u

/* A clause as it stands in the file. */
struct clause_draft {
    const struct json *kind, *at;
    struct str name, name_space;
    struct clause clause;
};

#define CLAUSE_OBJECT \
    {"kind", READ_ANY, true, offsetof(struct clause_draft, kind)}, \
    {"name", READ_TEXT, false, offsetof(struct clause_draft, name)}, \
    {"namespace", READ_TEXT, false, offsetof(struct clause_draft, name_space)}, \
    {"match", READ_MAPPING, false, offsetof(struct clause_draft, clause.match)}
#define CLAUSE_ABSENT {"absent", READ_BOOL, false, offsetof(struct clause_draft, clause.absent)}

static const struct read_key never_keys[] = {
    CLAUSE_OBJECT,
    {"after", READ_OFFSET, false, offsetof(struct clause_draft, clause.after_ms)},
    {"before", READ_OFFSET, false, offsetof(struct clause_draft, clause.before_ms)},
};
static const struct read_key eventually_keys[] = {
    CLAUSE_OBJECT,
    CLAUSE_ABSENT,
    {"within", READ_DURATION, true, offsetof(struct clause_draft, clause.before_ms)},
};
static const struct read_key at_keys[] = {
    CLAUSE_OBJECT,
    CLAUSE_ABSENT,
    {"at", READ_ANY, true, offsetof(struct clause_draft, at)},
};

struct clause_form {
    enum clause_kind kind;
    const char *what;
    const struct read_key *keys;
    size_t key_count;
};

static const struct clause_form never_form = {CLAUSE_NEVER, "an entry of \"never\"", never_keys,
                                              ARRAY_COUNT(never_keys)};
static const struct clause_form eventually_form = {CLAUSE_EVENTUALLY, "an entry of \"eventually\"",
                                                   eventually_keys, ARRAY_COUNT(eventually_keys)};
static const struct clause_form at_form = {CLAUSE_AT, "an entry of \"at\"", at_keys,
                                           ARRAY_COUNT(at_keys)};

/* `kind: KIND/NAME` or `kind: KIND` with name and namespace. */
static enum err object_read(const struct reader *reader, const struct clause_draft *draft,
                            struct object_ref *object)
{
    struct str kind = json_string_of(draft->kind);
    if (draft->name.data == NULL)
        return object_ref_read(reader, draft->kind, object);
    enum err err = manifest_kind_read(reader, draft->kind, kind, &object->kind);
    if (err != ERR_NONE)
        return err;
    if (object->kind->namespaced && draft->name_space.data == NULL)
        return reader_fail(reader, draft->kind, ERR_TYPE,
                           "found no namespace, expected the one of the %s", object->kind->kind);
    object->name = draft->name;
    object->name_space = object->kind->namespaced ? draft->name_space : STR_NONE;
    return ERR_NONE;
}

static enum err moment_read(const struct reader *reader, const struct json *node, int64_t *ret_ms)
{
    if (str_is(json_string_of(node), "end")) {
        *ret_ms = KTIME_NEVER;
        return ERR_NONE;
    }
    return reader_value(reader, node, READ_OFFSET, ret_ms);
}

static enum err clause_check(const struct reader *reader, const struct clause *clause)
{
    if (clause->absent && clause->match != NULL)
        return reader_fail(reader, clause->node, ERR_TYPE,
                           "found both \"absent\" and \"match\", expected one of them");
    if (clause->kind == CLAUSE_NEVER && clause->before_ms <= clause->after_ms)
        return reader_fail(reader, clause->node, ERR_TYPE,
                           "found \"before\" not later than \"after\", expected some time between");
    if (clause->before_ms != KTIME_NEVER && clause->before_ms > SCRIPT_OFFSET_MAX_MS)
        return reader_fail(reader, clause->node, ERR_LIMIT,
                           "found a time that is not reached within ten years");
    return ERR_NONE;
}

static enum err clause_read(const struct reader *reader, const struct json *node,
                            const struct clause_form *form, struct clause *ret_clause)
{
    struct clause_draft draft = {0};
    draft.clause.kind = form->kind;
    draft.clause.node = node;
    draft.clause.before_ms = KTIME_NEVER;
    enum err err = reader_mapping(reader, node, form->what, form->keys, form->key_count, &draft);
    if (err == ERR_NONE)
        err = object_read(reader, &draft, &draft.clause.object);
    if (err == ERR_NONE && draft.at != NULL)
        err = moment_read(reader, draft.at, &draft.clause.before_ms);
    if (err == ERR_NONE)
        err = clause_check(reader, &draft.clause);
    if (err == ERR_NONE)
        *ret_clause = draft.clause;
    return err;
}

/* What `expect:` says, before its lists are read. */
struct expect_draft {
    const struct json *always, *never, *eventually, *at, *budget;
    struct expect expect;
};

static const struct read_key expect_keys[] = {
    {"always", READ_LIST, false, offsetof(struct expect_draft, always)},
    {"never", READ_LIST, false, offsetof(struct expect_draft, never)},
    {"eventually", READ_LIST, false, offsetof(struct expect_draft, eventually)},
    {"at", READ_LIST, false, offsetof(struct expect_draft, at)},
    {"budget", READ_MAPPING, false, offsetof(struct expect_draft, budget)},
    {"quiesce", READ_DURATION, false, offsetof(struct expect_draft, expect.quiesce_ms)},
    {"timeline", READ_TEXT, false, offsetof(struct expect_draft, expect.timeline)},
    {"events", READ_TEXT, false, offsetof(struct expect_draft, expect.events)},
};

static enum err always_check(const struct reader *reader, const struct json *list)
{
    struct str names[INVARIANTS_MAX];
    size_t count = 0;
    while (checker_names[count] != NULL && count < INVARIANTS_MAX) {
        names[count] = str_from(checker_names[count]);
        count++;
    }
    JSON_EACH (node, list) {
        size_t index;
        enum err err = reader_word(reader, node, names, count, &index);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

static enum err clauses_read(const struct reader *reader, const struct json *list,
                             const struct clause_form *form, struct expect *expect)
{
    JSON_EACH (node, list) {
        enum err err = clause_read(reader, node, form, &expect->clauses[expect->clause_count]);
        if (err != ERR_NONE)
            return err;
        expect->clause_count++;
    }
    return ERR_NONE;
}

static enum err clause_lists_read(const struct reader *reader, const struct json *node,
                                  struct expect_draft *draft)
{
    size_t count = json_count(draft->never) + json_count(draft->eventually) +
                   json_count(draft->at);
    if (count > CLAUSES_MAX)
        return reader_fail(reader, node, ERR_LIMIT, "found %zu expectations, expected at most %u",
                           count, CLAUSES_MAX);
    draft->expect.clauses = mem_alloc_array(count + 1, sizeof(struct clause));
    enum err err = clauses_read(reader, draft->never, &never_form, &draft->expect);
    if (err == ERR_NONE)
        err = clauses_read(reader, draft->eventually, &eventually_form, &draft->expect);
    if (err == ERR_NONE)
        err = clauses_read(reader, draft->at, &at_form, &draft->expect);
    return err;
}

static enum err budget_read(const struct reader *reader, const struct json *node,
                            struct expect *expect)
{
    static const struct read_key keys[] = {
        {"writes", READ_COUNT, false, offsetof(struct expect, writes_max)},
        {"requests", READ_COUNT, false, offsetof(struct expect, requests_max)},
        {"deployments", READ_COUNT, false, offsetof(struct expect, deployments_max)},
        {"withdrawals", READ_COUNT, false, offsetof(struct expect, withdrawals_max)},
    };
    if (node == NULL)
        return ERR_NONE;
    expect->budget_node = node;
    return reader_mapping(reader, node, "a budget", keys, ARRAY_COUNT(keys), expect);
}

void expect_init(struct expect *expect)
{
    *expect = (struct expect){
        .writes_max = UINT_MAX, .requests_max = UINT_MAX, .deployments_max = UINT_MAX,
        .withdrawals_max = UINT_MAX, .quiesce_ms = EXPECT_QUIESCE_MS};
}

enum err expect_read(const struct reader *reader, const struct json *node,
                     struct expect *ret_expect)
{
    struct expect_draft draft = {0};
    expect_init(&draft.expect);
    draft.expect.source = reader->source;
    draft.expect.document = reader->document;
    enum err err = reader_mapping(reader, node, "\"expect\"", expect_keys,
                                  ARRAY_COUNT(expect_keys), &draft);
    if (err == ERR_NONE)
        err = always_check(reader, draft.always);
    if (err == ERR_NONE)
        err = clause_lists_read(reader, node, &draft);
    if (err == ERR_NONE)
        err = budget_read(reader, draft.budget, &draft.expect);
    if (err == ERR_NONE)
        err = expect_check_fields(reader, &draft.expect);
    if (err != ERR_NONE) {
        expect_release(&draft.expect);
        return err;
    }
    draft.expect.timeline_node = json_get(node, "timeline");
    draft.expect.events_node = json_get(node, "events");
    *ret_expect = draft.expect;
    return ERR_NONE;
}

void expect_release(struct expect *expect)
{
    mem_free(expect->clauses);
    expect->clauses = NULL;
    expect->clause_count = 0;
}
