#include "scenarios/engine/scenario.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

/* The parts of a file, before they are read. */
struct scenario_draft {
    struct str name, why, not_swept, not_disturbed;
    int64_t start_ms;
    uint64_t seed;
    int64_t latency_ms;
    int64_t controller_start_ms;
    bool strict;
    const struct json *fleet, *given, *world, *script, *faults, *expect;
};

static const struct read_key scenario_keys[] = {
    {"scenario", READ_TEXT, true, offsetof(struct scenario_draft, name)},
    {"why", READ_TEXT, true, offsetof(struct scenario_draft, why)},
    {"not-swept", READ_TEXT, false, offsetof(struct scenario_draft, not_swept)},
    {"not-disturbed", READ_TEXT, false, offsetof(struct scenario_draft, not_disturbed)},
    {"start", READ_TIME, false, offsetof(struct scenario_draft, start_ms)},
    {"seed", READ_SEED, false, offsetof(struct scenario_draft, seed)},
    {"latency", READ_DURATION, false, offsetof(struct scenario_draft, latency_ms)},
    {"controller-starts", READ_OFFSET, false,
     offsetof(struct scenario_draft, controller_start_ms)},
    {"strict", READ_BOOL, false, offsetof(struct scenario_draft, strict)},
    {"fleet", READ_ANY, false, offsetof(struct scenario_draft, fleet)},
    {"given", READ_LIST, false, offsetof(struct scenario_draft, given)},
    {"world", READ_LIST, false, offsetof(struct scenario_draft, world)},
    {"script", READ_LIST, false, offsetof(struct scenario_draft, script)},
    {"faults", READ_LIST, false, offsetof(struct scenario_draft, faults)},
    {"expect", READ_MAPPING, true, offsetof(struct scenario_draft, expect)},
};

static enum err fleet_part(const struct reader *reader, const struct json *node,
                           struct scenario *scenario)
{
    if (node == NULL)
        return ERR_NONE;
    if (!json_is(node, JSON_STRING))
        return fleet_read(reader, node, &scenario->fleet);
    enum err err = source_load_beside(reader->source, json_string_of(node), &scenario->fleet_file,
                                      reader->msg);
    if (err != ERR_NONE)
        return err;
    return scenario_read_fleet_file(&scenario->fleet_file, &scenario->fleet, &scenario->rules,
                                    &scenario->rule_count, reader->msg);
}

/* The scenario's own rules come in the place of those of its fleet file. */
static enum err world_part(const struct reader *reader, const struct json *node,
                           struct scenario *scenario)
{
    if (node == NULL)
        return ERR_NONE;
    mem_free(scenario->rules);
    scenario->rules = NULL;
    scenario->rule_count = 0;
    return scenario_read_world(reader, node, &scenario->rules, &scenario->rule_count);
}

static void given_add(struct scenario *scenario, const struct manifest *manifests, size_t count)
{
    size_t had = scenario->given_count;
    scenario->given = mem_resize(scenario->given, (had + count) * sizeof(*manifests));
    memcpy(scenario->given + had, manifests, count * sizeof(*manifests));
    scenario->given_count += count;
}

static enum err given_file(const struct reader *reader, struct str path, struct scenario *scenario)
{
    struct source *file = &scenario->files[scenario->file_count];
    struct manifest *manifests = NULL;
    size_t count = 0;
    enum err err = source_load_beside(reader->source, path, file, reader->msg);
    if (err != ERR_NONE)
        return err;
    scenario->file_count++;
    err = manifest_read_all(file, &manifests, &count, reader->msg);
    if (err == ERR_NONE)
        given_add(scenario, manifests, count);
    mem_free(manifests);
    return err;
}

static enum err given_inline(const struct reader *reader, const struct json *node,
                             struct scenario *scenario)
{
    struct manifest manifest;
    if (!json_is(node, JSON_OBJECT))
        return reader_mismatch(reader, node, STR_NONE,
                               "the name of a file or a Kubernetes manifest", NULL, 0);
    enum err err = manifest_read(reader, node, &manifest);
    if (err == ERR_NONE)
        given_add(scenario, &manifest, 1);
    return err;
}

static enum err given_part(const struct reader *reader, const struct json *list,
                           struct scenario *scenario)
{
    if (json_count(list) > SCENARIO_GIVEN_MAX)
        return reader_fail(reader, list, ERR_LIMIT, "found %zu manifests, expected at most %u",
                           json_count(list), SCENARIO_GIVEN_MAX);
    scenario->files = mem_alloc_array(json_count(list) + 1, sizeof(*scenario->files));
    JSON_EACH (node, list) {
        enum err err = json_is(node, JSON_STRING)
                           ? given_file(reader, json_string_of(node), scenario)
                           : given_inline(reader, node, scenario);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

static enum err parts_read(const struct reader *reader, const struct scenario_draft *draft,
                           struct scenario *scenario)
{
    enum err err = fleet_part(reader, draft->fleet, scenario);
    if (err == ERR_NONE && draft->given != NULL)
        err = given_part(reader, draft->given, scenario);
    if (err == ERR_NONE)
        err = world_part(reader, draft->world, scenario);
    if (err == ERR_NONE && draft->script != NULL)
        err = script_read(reader, draft->script, &scenario->script);
    scenario->script.forgiving = !draft->strict;
    if (err == ERR_NONE && draft->faults != NULL)
        err = scenario_read_faults(reader, draft->faults, &scenario->faults,
                                   &scenario->fault_count);
    if (err == ERR_NONE)
        err = expect_read(reader, draft->expect, &scenario->expect);
    return err;
}

/* The name stands in one line of every report. */
static enum err name_check(const struct reader *reader, struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.data[i] < ' ' || name.data[i] == 0x7f)
            return reader_fail(reader, json_get(reader->document->root, "scenario"), ERR_TYPE,
                               "found a control character in the name, expected one line");
    }
    return ERR_NONE;
}

static enum err restarts_check(const struct reader *reader, const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->script.count; i++) {
        const struct step *step = &scenario->script.steps[i];
        if (step->kind == STEP_RESTART_CONTROLLER && step->at_ms < scenario->controller_start_ms)
            return reader_fail(reader, step->node, ERR_TYPE,
                               "found a restart before \"controller-starts\"");
    }
    return ERR_NONE;
}

static enum err scenario_fill(struct scenario *scenario, struct errmsg *msg)
{
    struct scenario_draft draft = {
        .start_ms = SCENARIO_START_MS, .seed = 1, .strict = true};
    const struct source *source = &scenario->source;
    if (source->yaml.document_count != 1)
        return err_set(msg, ERR_TYPE, "%s:1:1: found %zu documents, expected one scenario",
                       source->path, source->yaml.document_count);
    struct reader reader = {source, &source->yaml.documents[0], msg};
    enum err err = reader_mapping(&reader, reader.document->root, "a scenario", scenario_keys,
                                  ARRAY_COUNT(scenario_keys), &draft);
    if (err == ERR_NONE)
        err = name_check(&reader, draft.name);
    if (err != ERR_NONE)
        return err;
    scenario->name = draft.name;
    scenario->why = str_trim(draft.why);
    scenario->not_swept = str_trim(draft.not_swept);
    scenario->not_disturbed = str_trim(draft.not_disturbed);
    scenario->start_ms = draft.start_ms;
    scenario->seed = draft.seed;
    scenario->latency_ms = draft.latency_ms;
    scenario->controller_start_ms = draft.controller_start_ms;
    scenario->strict = draft.strict;
    err = parts_read(&reader, &draft, scenario);
    return err != ERR_NONE ? err : restarts_check(&reader, scenario);
}

/* Takes the source over. Parts of the scenario point into it, so it is in its place first. */
static enum err scenario_from(struct source *source, struct scenario **ret_scenario,
                              struct errmsg *msg)
{
    struct scenario *scenario = mem_alloc(sizeof(*scenario));
    scenario->source = *source;
    expect_init(&scenario->expect);
    enum err err = scenario_fill(scenario, msg);
    if (err != ERR_NONE) {
        scenario_free(scenario);
        return err;
    }
    *ret_scenario = scenario;
    return ERR_NONE;
}

enum err scenario_load(const char *path, struct scenario **ret_scenario, struct errmsg *msg)
{
    struct source source;
    enum err err = source_load(path, &source, msg);
    return err != ERR_NONE ? err : scenario_from(&source, ret_scenario, msg);
}

enum err scenario_parse(struct str text, const char *path, struct scenario **ret_scenario,
                        struct errmsg *msg)
{
    struct source source;
    enum err err = source_parse(text, path, &source, msg);
    return err != ERR_NONE ? err : scenario_from(&source, ret_scenario, msg);
}

void scenario_free(struct scenario *scenario)
{
    if (scenario == NULL)
        return;
    expect_release(&scenario->expect);
    script_release(&scenario->script);
    fleet_release(&scenario->fleet);
    mem_free(scenario->faults);
    mem_free(scenario->rules);
    mem_free(scenario->given);
    for (size_t i = 0; i < scenario->file_count; i++)
        source_release(&scenario->files[i]);
    mem_free(scenario->files);
    source_release(&scenario->fleet_file);
    source_release(&scenario->source);
    mem_free(scenario);
}

bool scenario_claims(const struct source *source)
{
    static const char *const keys[] = {"scenario", "why", "given", "script", "expect"};
    if (source->yaml.document_count == 0)
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        if (json_get(source->yaml.documents[0].root, keys[i]) != NULL)
            return true;
    }
    return false;
}
