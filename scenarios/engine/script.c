#include "scenarios/engine/script.h"

#include "controller/base/mem.h"

/* What a step says, before it is known to make sense. */
struct step_draft {
    int64_t at_ms;
    unsigned answer;
    const struct json *action; /* the value of the key that names the action */
    const struct json *merge, *json_patch, *labels, *annotations, *ready, *paused, *down;
    struct str subresource, propagation, kind, item, path, manager;
    int64_t for_ms;
};

#define COMMON(key) \
    {"at", READ_OFFSET, true, offsetof(struct step_draft, at_ms)}, \
    {key, READ_ANY, true, offsetof(struct step_draft, action)}
#define ANSWER {"answer", READ_COUNT, false, offsetof(struct step_draft, answer)}

static const struct read_key approve_keys[] = {COMMON("approve"), ANSWER};
static const struct read_key patch_keys[] = {
    COMMON("patch"),
    ANSWER,
    {"merge", READ_MAPPING, false, offsetof(struct step_draft, merge)},
    {"json-patch", READ_LIST, false, offsetof(struct step_draft, json_patch)},
    {"subresource", READ_TEXT, false, offsetof(struct step_draft, subresource)},
    {"manager", READ_TEXT, false, offsetof(struct step_draft, manager)},
};
static const struct read_key apply_keys[] = {COMMON("apply"), ANSWER};
static const struct read_key create_keys[] = {COMMON("create"), ANSWER};
static const struct read_key server_side_apply_keys[] = {
    COMMON("server-side-apply"),
    ANSWER,
    {"manager", READ_TEXT, true, offsetof(struct step_draft, manager)},
};
static const struct read_key delete_keys[] = {
    COMMON("delete"),
    ANSWER,
    {"propagation", READ_TEXT, false, offsetof(struct step_draft, propagation)},
};
static const struct read_key restart_keys[] = {COMMON("restart-controller")};
static const struct read_key sveltos_keys[] = {
    COMMON("sveltos"),
    {"for", READ_DURATION, false, offsetof(struct step_draft, for_ms)},
};
static const struct read_key cluster_keys[] = {
    COMMON("cluster"),
    {"ready", READ_ANY, false, offsetof(struct step_draft, ready)},
    {"paused", READ_ANY, false, offsetof(struct step_draft, paused)},
    {"labels", READ_MAPPING, false, offsetof(struct step_draft, labels)},
    {"annotations", READ_MAPPING, false, offsetof(struct step_draft, annotations)},
    {"down", READ_ANY, false, offsetof(struct step_draft, down)},
    {"kind", READ_TEXT, false, offsetof(struct step_draft, kind)},
};
static const struct read_key drift_keys[] = {
    COMMON("drift"),
    {"item", READ_TEXT, true, offsetof(struct step_draft, item)},
    {"path", READ_TEXT, false, offsetof(struct step_draft, path)},
    {"kind", READ_TEXT, false, offsetof(struct step_draft, kind)},
};
static const struct read_key add_clusters_keys[] = {COMMON("add-clusters")};

typedef enum err step_reader(const struct reader *reader, const struct step_draft *draft,
                             struct step *step);

static enum err read_approve(const struct reader *reader, const struct step_draft *draft,
                             struct step *step)
{
    static const struct read_key keys[] = {
        {"promotion", READ_TEXT, true, offsetof(struct step, object.name)},
        {"stage", READ_TEXT, true, offsetof(struct step, stage)},
    };
    step->object.kind = manifest_kind_find(STR("ClusterPromotion"));
    return reader_mapping(reader, draft->action, "an approval: {promotion: NAME, stage: NAME}",
                          keys, ARRAY_COUNT(keys), step);
}

static enum err read_patch(const struct reader *reader, const struct step_draft *draft,
                           struct step *step)
{
    static const struct str subresources[] = {{"status", 6}};
    size_t index;
    if ((draft->merge == NULL) == (draft->json_patch == NULL))
        return reader_fail(reader, draft->action, ERR_TYPE,
                           "found a patch with %s, expected either \"merge\" or \"json-patch\"",
                           draft->merge == NULL ? "no content" : "two contents");
    step->patch = draft->merge != NULL ? draft->merge : draft->json_patch;
    step->subresource = draft->subresource;
    if (draft->subresource.data != NULL) {
        enum err err = reader_word(reader, json_get(step->node, "subresource"), subresources,
                                   ARRAY_COUNT(subresources), &index);
        if (err != ERR_NONE)
            return err;
    }
    return object_ref_read(reader, draft->action, &step->object);
}

static enum err read_manifests(const struct reader *reader, const struct step_draft *draft,
                               struct step *step)
{
    if (json_is(draft->action, JSON_STRING)) {
        enum err err = source_load_beside(reader->source, json_string_of(draft->action),
                                          &step->file, reader->msg);
        if (err != ERR_NONE)
            return err;
        return manifest_read_all(&step->file, &step->manifests, &step->manifest_count,
                                 reader->msg);
    }
    if (!json_is(draft->action, JSON_OBJECT))
        return reader_mismatch(reader, draft->action, STR_NONE,
                               "the name of a file or a Kubernetes manifest", NULL, 0);
    step->manifests = mem_alloc(sizeof(*step->manifests));
    step->manifest_count = 1;
    return manifest_read(reader, draft->action, step->manifests);
}

static enum err read_delete(const struct reader *reader, const struct step_draft *draft,
                            struct step *step)
{
    static const struct str policies[] = {{"Background", 10}, {"Foreground", 10}, {"Orphan", 6}};
    size_t index = 0;
    enum err err = ERR_NONE;
    if (draft->propagation.data != NULL)
        err = reader_word(reader, json_get(step->node, "propagation"), policies,
                          ARRAY_COUNT(policies), &index);
    step->propagation = policies[index];
    return err != ERR_NONE ? err : object_ref_read(reader, draft->action, &step->object);
}

static enum err read_restart(const struct reader *reader, const struct step_draft *draft,
                             struct step *step)
{
    (void)step;
    if (!json_bool_of(draft->action))
        return reader_mismatch(reader, draft->action, STR_NONE, "true", NULL, 0);
    return ERR_NONE;
}

static enum err read_sveltos(const struct reader *reader, const struct step_draft *draft,
                             struct step *step)
{
    static const struct str states[] = {{"up", 2}, {"down", 4}, {"restart", 7}};
    size_t index = 0;
    enum err err = reader_word(reader, draft->action, states, ARRAY_COUNT(states), &index);
    step->sveltos_down = index > 0;
    step->sveltos_up = index != 1;
    step->down_for_ms = draft->for_ms;
    if (err == ERR_NONE && index != 1 && json_get(step->node, "for") != NULL)
        err = reader_fail(reader, json_get(step->node, "for"), ERR_TYPE,
                          "found \"for\", expected it with \"down\" only");
    return err;
}

static enum err flag_check(const struct reader *reader, const struct json *node)
{
    bool ignored;
    return node == NULL ? ERR_NONE : reader_value(reader, node, READ_BOOL, &ignored);
}

/* "SveltosCluster" when the step does not say. */
static enum err cluster_kind_read(const struct reader *reader, const struct step_draft *draft,
                                  struct step *step)
{
    static const struct str kinds[] = {{"SveltosCluster", 14}, {"Cluster", 7}};
    size_t index = 0;
    enum err err = ERR_NONE;
    if (!str_is_empty(draft->kind))
        err = reader_word(reader, json_get(step->node, "kind"), kinds, ARRAY_COUNT(kinds), &index);
    step->object.kind = manifest_kind_find(kinds[index]);
    if (err == ERR_NONE && index == 1 && draft->down != NULL)
        err = reader_fail(reader, json_get(step->node, "down"), ERR_TYPE,
                          "found \"down\", which no Cluster has");
    return err;
}

static enum err cluster_name_read(const struct reader *reader, const struct step_draft *draft,
                                  struct step *step)
{
    struct str rest = json_string_of(draft->action);
    step->object.name_space = str_split_next(&rest, '/');
    step->object.name = rest;
    if (str_is_empty(step->object.name_space) || str_is_empty(rest))
        return reader_mismatch(reader, draft->action, STR_NONE, "NAMESPACE/NAME of a cluster",
                               NULL, 0);
    return cluster_kind_read(reader, draft, step);
}

static enum err read_cluster(const struct reader *reader, const struct step_draft *draft,
                             struct step *step)
{
    enum err err = cluster_name_read(reader, draft, step);
    if (err != ERR_NONE)
        return err;
    if (draft->ready == NULL && draft->paused == NULL && draft->labels == NULL &&
        draft->annotations == NULL && draft->down == NULL)
        return reader_fail(reader, draft->action, ERR_TYPE,
                           "found no change, expected one of ready, paused, labels, annotations, "
                           "down");
    step->ready = draft->ready;
    step->paused = draft->paused;
    step->labels = draft->labels;
    step->annotations = draft->annotations;
    step->down = draft->down;
    err = flag_check(reader, draft->ready);
    if (err == ERR_NONE)
        err = flag_check(reader, draft->down);
    return err != ERR_NONE ? err : flag_check(reader, draft->paused);
}

static enum err read_drift(const struct reader *reader, const struct step_draft *draft,
                           struct step *step)
{
    step->item = draft->item;
    step->path = draft->path;
    return cluster_name_read(reader, draft, step);
}

static enum err read_add_clusters(const struct reader *reader, const struct step_draft *draft,
                                  struct step *step)
{
    return fleet_read(reader, draft->action, &step->fleet);
}

#define FORM(name, kind, keys, read) {{name, sizeof(name) - 1}, kind, keys, ARRAY_COUNT(keys), read}

static const struct step_form {
    struct str action;
    enum step_kind kind;
    const struct read_key *keys;
    size_t key_count;
    step_reader *read;
} forms[] = {
    FORM("approve", STEP_APPROVE, approve_keys, read_approve),
    FORM("patch", STEP_PATCH, patch_keys, read_patch),
    FORM("apply", STEP_APPLY, apply_keys, read_manifests),
    FORM("create", STEP_CREATE, create_keys, read_manifests),
    FORM("server-side-apply", STEP_SERVER_SIDE_APPLY, server_side_apply_keys, read_manifests),
    FORM("delete", STEP_DELETE, delete_keys, read_delete),
    FORM("restart-controller", STEP_RESTART_CONTROLLER, restart_keys, read_restart),
    FORM("sveltos", STEP_SVELTOS, sveltos_keys, read_sveltos),
    FORM("cluster", STEP_CLUSTER, cluster_keys, read_cluster),
    FORM("drift", STEP_DRIFT, drift_keys, read_drift),
    FORM("add-clusters", STEP_ADD_CLUSTERS, add_clusters_keys, read_add_clusters),
};

/* No key is an action: most likely one is misspelt. */
static enum err no_action(const struct reader *reader, const struct json *node)
{
    struct str actions[ARRAY_COUNT(forms)];
    for (size_t i = 0; i < ARRAY_COUNT(forms); i++)
        actions[i] = forms[i].action;
    JSON_EACH (member, node) {
        if (!str_is(json_key(member), "at"))
            return reader_mismatch(reader, member, json_key(member), "an action of a script",
                                   actions, ARRAY_COUNT(actions));
    }
    return reader_mismatch(reader, node, STR_NONE, "a step: {at: +30m, ACTION: ...}", NULL, 0);
}

static const struct step_form *form_find(const struct json *node)
{
    for (size_t i = 0; i < ARRAY_COUNT(forms); i++) {
        if (json_get_str(node, forms[i].action) != NULL)
            return &forms[i];
    }
    return NULL;
}

/* A step that failed to be read is released by the caller. */
static enum err step_read(const struct reader *reader, const struct json *node, struct step *step)
{
    struct step_draft draft = {0};
    const struct step_form *form = form_find(node);
    if (form == NULL)
        return no_action(reader, node);
    enum err err = reader_mapping(reader, node, "this step", form->keys, form->key_count, &draft);
    if (err != ERR_NONE)
        return err;
    if (draft.at_ms > SCRIPT_OFFSET_MAX_MS)
        return reader_fail(reader, json_get(node, "at"), ERR_LIMIT,
                           "found a step that is not reached within ten years");
    *step = (struct step){.kind = form->kind, .at_ms = draft.at_ms, .answer = draft.answer};
    step->node = node;
    step->manager = draft.manager;
    return form->read(reader, &draft, step);
}

static void step_release(struct step *step)
{
    mem_free(step->manifests);
    source_release(&step->file);
    fleet_release(&step->fleet);
}

/* Stable: steps of one instant keep the order of the file. */
static void steps_sort(struct step *steps, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct step moving = steps[i];
        size_t to = i;
        for (; to > 0 && steps[to - 1].at_ms > moving.at_ms; to--)
            steps[to] = steps[to - 1];
        steps[to] = moving;
    }
}

static int64_t steps_end(const struct step *steps, size_t count)
{
    int64_t end_ms = 0;
    for (size_t i = 0; i < count; i++) {
        if (steps[i].at_ms + steps[i].down_for_ms > end_ms)
            end_ms = steps[i].at_ms + steps[i].down_for_ms;
    }
    return end_ms;
}

/* Manifests borrow from the file in their own step, which sorting moves. */
static void steps_rebind(struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < steps[i].manifest_count && steps[i].file.path != NULL; j++)
            steps[i].manifests[j].source = &steps[i].file;
    }
}

enum err script_read(const struct reader *reader, const struct json *list,
                     struct script *ret_script)
{
    struct script script = {.source = reader->source, .document = reader->document};
    enum err err = ERR_NONE;
    size_t count = json_count(list);
    if (!json_is(list, JSON_ARRAY))
        return reader_mismatch(reader, list, STR_NONE, "a list of steps", NULL, 0);
    if (count > SCRIPT_STEPS_MAX)
        return reader_fail(reader, list, ERR_LIMIT, "found %zu steps, expected at most %u", count,
                           SCRIPT_STEPS_MAX);
    script.steps = mem_alloc_array(count + 1, sizeof(*script.steps));
    JSON_EACH (node, list) {
        err = step_read(reader, node, &script.steps[script.count++]);
        if (err != ERR_NONE)
            break;
    }
    if (err != ERR_NONE) {
        script_release(&script);
        return err;
    }
    steps_sort(script.steps, script.count);
    steps_rebind(script.steps, script.count);
    script.end_ms = steps_end(script.steps, script.count);
    *ret_script = script;
    return ERR_NONE;
}

void script_release(struct script *script)
{
    for (size_t i = 0; i < script->count; i++)
        step_release(&script->steps[i]);
    mem_free(script->steps);
    script->steps = NULL;
    script->count = 0;
}
