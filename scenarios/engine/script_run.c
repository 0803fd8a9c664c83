#include "scenarios/engine/script.h"

#include "controller/base/mem.h"
#include "controller/k8s/resource.h"

#define TARGET_BYTES_MAX 4096u
#define STAGES_MAX 64u

/* One step, waiting for its time. */
struct script_cue {
    struct script_run *run;
    const struct step *step;
};

/* One request of a step. */
struct request {
    const char *method;
    struct object_ref object;
    struct str subresource;
    struct str query;         /* without "?" */
    const char *content_type; /* NULL: no body */
    struct json *body;        /* owned */
};

static struct reader step_reader_of(struct script_run *run)
{
    return (struct reader){run->script->source, run->script->document, &run->msg};
}

static enum err answer_check(struct script_run *run, const struct step *step, int status,
                             struct str body)
{
    struct reader reader = step_reader_of(run);
    bool is_success = status >= 200 && status <= 299;
    if (step->answer == 0 ? is_success : step->answer == (unsigned)status)
        return ERR_NONE;
    CLEANUP(buf_release) struct buf why;
    CLEANUP(buf_release) struct buf wanted;
    buf_init(&why, sizeof(struct errmsg) * 8);
    buf_init(&wanted, 64);
    manifest_refusal(status, body, &why);
    if (step->answer == 0)
        buf_append_text(&wanted, "a success");
    else
        buf_printf(&wanted, "%u", step->answer);
    return reader_fail(&reader, step->node, ERR_INVALID, "found the answer %.*s, expected %s",
                       STR_ARGS(is_success ? STR("success") : buf_str(&why)), wanted.data);
}

static int request_send(struct sim *sim, struct request *request,
                        struct fakeapi_response *ret_response)
{
    CLEANUP(buf_release) struct buf target;
    CLEANUP(buf_release) struct buf body;
    buf_init(&target, TARGET_BYTES_MAX);
    buf_init(&body, YAML_BYTES_MAX);
    object_ref_path(&request->object, &target);
    if (!str_is_empty(request->subresource))
        buf_printf(&target, "/%.*s", STR_ARGS(request->subresource));
    if (!str_is_empty(request->query))
        buf_printf(&target, "?%.*s", STR_ARGS(request->query));
    if (request->body != NULL)
        json_print(request->body, &body);
    json_free(request->body);
    request->body = NULL;
    return sim_user_request(sim, request->method, buf_str(&target), request->content_type,
                            buf_str(&body), ret_response);
}

static enum err step_send(struct script_run *run, const struct step *step, struct request *request)
{
    struct fakeapi_response response;
    int status = request_send(run->sim, request, &response);
    enum err err = answer_check(run, step, status, buf_str(&response.body));
    fakeapi_response_release(&response);
    return err;
}

static enum err take_patch(struct script_run *run, const struct step *step)
{
    bool merges = json_is(step->patch, JSON_OBJECT);
    struct str manager = str_is_empty(step->manager) ? STR("kubectl-patch") : step->manager;
    CLEANUP(buf_release) struct buf query;
    buf_init(&query, TARGET_BYTES_MAX);
    buf_append_text(&query, "fieldManager=");
    kube_append_escaped(&query, manager);
    struct request request = {"PATCH", step->object, step->subresource, buf_str(&query),
                              merges ? "application/merge-patch+json"
                                     : "application/json-patch+json",
                              json_clone(step->patch)};
    return step_send(run, step, &request);
}

static struct json *operation_new(const char *op, struct json *value, size_t stage,
                                  const char *field)
{
    CLEANUP(mem_free_pointer) char *path = str_format("/spec/stages/%zu/%s", stage, field);
    struct json *operation = json_object();
    json_set(operation, "op", json_text(op));
    json_set(operation, "path", json_text(path));
    json_set(operation, "value", value);
    return operation;
}

/* As a person approves: the stage is found in what the server has now. */
static struct json *approval_new(size_t stage_index, struct str stage)
{
    struct json *patch = json_array();
    json_append(patch, operation_new("test", json_string(stage), stage_index, "name"));
    json_append(patch, operation_new("add", json_bool(true), stage_index,
                                     "trigger/manual/approved"));
    return patch;
}

static enum err stage_find(struct script_run *run, const struct step *step,
                           const struct json *promotion, size_t *ret_index)
{
    struct reader reader = step_reader_of(run);
    struct str names[STAGES_MAX];
    size_t count = 0;
    JSON_EACH (stage, json_at(promotion, "spec.stages")) {
        if (count == STAGES_MAX)
            break;
        names[count] = json_text_at(stage, "name");
        if (str_equal(names[count], step->stage)) {
            *ret_index = count;
            return ERR_NONE;
        }
        count++;
    }
    return reader_mismatch(&reader, json_at(step->node, "approve.stage"), step->stage,
                           "a stage of the promotion", names, count);
}

static enum err approve_parsed(struct script_run *run, const struct step *step,
                               const struct json *promotion)
{
    size_t index = 0;
    enum err err = stage_find(run, step, promotion, &index);
    if (err != ERR_NONE)
        return err;
    struct request request = {"PATCH", step->object, STR_NONE, STR("fieldManager=kubectl-edit"),
                              "application/json-patch+json", approval_new(index, step->stage)};
    return step_send(run, step, &request);
}

static enum err take_approve(struct script_run *run, const struct step *step)
{
    struct request request = {"GET", step->object, STR_NONE, STR_NONE, NULL, NULL};
    struct fakeapi_response response;
    struct json *promotion = NULL;
    int status = request_send(run->sim, &request, &response);
    enum err err = status == 200
                       ? json_parse(buf_str(&response.body), NULL, &promotion, &run->msg)
                       : answer_check(run, step, status, buf_str(&response.body));
    fakeapi_response_release(&response);
    if (promotion != NULL)
        err = approve_parsed(run, step, promotion);
    json_free(promotion);
    return err;
}

static enum err take_manifests(struct script_run *run, const struct step *step)
{
    for (size_t i = 0; i < step->manifest_count; i++) {
        int status;
        enum err err = step->kind == STEP_SERVER_SIDE_APPLY
                           ? manifest_apply(&step->manifests[i], run->sim, step->manager, &status,
                                            &run->msg)
                           : manifest_create(&step->manifests[i], run->sim,
                                             step->kind == STEP_APPLY, &status, &run->msg);
        if (step->answer != 0)
            err = answer_check(run, step, status, str_from(run->msg.text));
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

static enum err take_delete(struct script_run *run, const struct step *step)
{
    struct json *options = json_object();
    json_set(options, "propagationPolicy", json_string(step->propagation));
    struct request request = {"DELETE", step->object, STR_NONE, STR_NONE, "application/json",
                              options};
    return step_send(run, step, &request);
}

static struct json *wrap(const char *key, struct json *child)
{
    struct json *object = json_object();
    json_set(object, key, child);
    return object;
}

/* What of a cluster's status a step changes; owned. */
static struct json *status_of(const struct step *step)
{
    struct json *status = json_object();
    bool capi = strcmp(step->object.kind->kind, "Cluster") == 0;
    if (step->ready != NULL && capi)
        json_set(status, "initialization",
                 wrap("controlPlaneInitialized", json_clone(step->ready)));
    else if (step->ready != NULL)
        json_set(status, "ready", json_clone(step->ready));
    if (step->down != NULL)
        json_set(status, "connectionStatus",
                 json_text(json_bool_of(step->down) ? "Down" : "Healthy"));
    return status;
}

/* What of a cluster's metadata and spec a step changes, as a merge patch; owned. */
static struct json *cluster_patch(const struct step *step)
{
    struct json *patch = json_object();
    struct json *metadata = json_object();
    if (step->labels != NULL)
        json_set(metadata, "labels", json_clone(step->labels));
    if (step->annotations != NULL)
        json_set(metadata, "annotations", json_clone(step->annotations));
    if (json_first(metadata) != NULL)
        json_set(patch, "metadata", metadata);
    else
        json_free(metadata);
    if (step->paused != NULL)
        json_set(patch, "spec", wrap("paused", json_clone(step->paused)));
    return patch;
}

static enum err take_cluster(struct script_run *run, const struct step *step)
{
    struct json *patch = cluster_patch(step);
    enum err err = ERR_NONE;
    if (json_first(patch) != NULL) {
        struct request request = {"PATCH", step->object, STR_NONE, STR("fieldManager=kubectl-edit"),
                                  "application/merge-patch+json", json_clone(patch)};
        err = step_send(run, step, &request);
    }
    json_free(patch);
    struct json *status = status_of(step);
    if (err != ERR_NONE || json_first(status) == NULL) {
        json_free(status);
        return err;
    }
    struct request request = {"PATCH", step->object, STR("status"), STR("fieldManager=manager"),
                              "application/merge-patch+json", wrap("status", status)};
    return step_send(run, step, &request);
}

static enum err take_sveltos(struct script_run *run, const struct step *step)
{
    if (step->sveltos_down)
        world_set_down(sim_world(run->sim), true);
    if (step->sveltos_up)
        world_set_down(sim_world(run->sim), false);
    return ERR_NONE;
}

static enum err take_drift(struct script_run *run, const struct step *step)
{
    bool capi = strcmp(step->object.kind->kind, "Cluster") == 0;
    struct world_edit edit = {.cluster_namespace = step->object.name_space,
                              .cluster = step->object.name,
                              .cluster_type = capi ? STR("Capi") : STR("Sveltos"),
                              .item = step->item,
                              .path = step->path};
    struct reader reader = step_reader_of(run);
    if (world_edit(sim_world(run->sim), &edit))
        return ERR_NONE;
    return reader_fail(&reader, json_get(step->node, "item"), ERR_INVALID,
                       "found \"%.*s\", expected something that was deployed to %.*s/%.*s",
                       STR_ARGS(edit.item), STR_ARGS(edit.cluster_namespace),
                       STR_ARGS(edit.cluster));
}

static enum err step_take(struct script_run *run, const struct step *step)
{
    switch (step->kind) {
    case STEP_APPROVE:
        return take_approve(run, step);
    case STEP_PATCH:
        return take_patch(run, step);
    case STEP_APPLY:
    case STEP_CREATE:
    case STEP_SERVER_SIDE_APPLY:
        return take_manifests(run, step);
    case STEP_DELETE:
        return take_delete(run, step);
    case STEP_RESTART_CONTROLLER:
        if (sim_controller(run->sim) != NULL) /* a controller elsewhere restarts as it likes */
            sim_restart_controller(run->sim);
        return ERR_NONE;
    case STEP_SVELTOS:
        return take_sveltos(run, step);
    case STEP_CLUSTER:
        return take_cluster(run, step);
    case STEP_DRIFT:
        return take_drift(run, step);
    case STEP_ADD_CLUSTERS:
        return fleet_create(&step->fleet, run->sim, &run->msg);
    }
    return ERR_NONE;
}

/* Sveltos comes back without a step of its own. */
static void on_sveltos_back(void *ctx)
{
    struct script_run *run = ctx;
    world_set_down(sim_world(run->sim), false);
}

/* After the first failure the story makes no sense any more: the rest is skipped. */
static void on_cue(void *ctx)
{
    struct script_cue *cue = ctx;
    cue->run->done++;
    if (cue->run->failure == ERR_NONE)
        cue->run->failure = step_take(cue->run, cue->step);
    if (cue->run->script->forgiving)
        cue->run->failure = ERR_NONE;
}

void script_start(const struct script *script, struct sim *sim, int64_t start_ms,
                  struct script_run *ret_run)
{
    *ret_run = (struct script_run){.script = script, .sim = sim};
    ret_run->cues = mem_alloc_array(script->count + 1, sizeof(*ret_run->cues));
    for (size_t i = 0; i < script->count; i++) {
        const struct step *step = &script->steps[i];
        ret_run->cues[i] = (struct script_cue){ret_run, step};
        timers_add(sim_timers(sim), start_ms + step->at_ms, on_cue, &ret_run->cues[i]);
        if (step->down_for_ms > 0)
            timers_add(sim_timers(sim), start_ms + step->at_ms + step->down_for_ms,
                       on_sveltos_back, ret_run);
    }
}

void script_run_release(struct script_run *run)
{
    mem_free(run->cues);
    run->cues = NULL;
}
