#include "tests/conformance/conversation.h"

#include "tests/conformance/differences.h"
#include "tests/conformance/numbers.h"
#include "tests/conformance/path.h"
#include "tests/conformance/relation.h"
#include "tests/conformance/session.h"

#define UNTIL_MS 10000
#define UNTIL_STEP_MS 50
#define STEP_MS 5 /* a real exchange takes time too */
#define COLLECT_SECONDS 10

/* What one replay works with. */
struct replay {
    struct session session;
    const struct normaliser *normaliser;
    bool strict;  /* managedFields count */
    bool ordered; /* and so does their order */
};

static struct json *answer_error(const struct errmsg *msg)
{
    struct json *answer = json_object();

    json_set(answer, "error", json_text(msg->text));
    return answer;
}

/* {header: value or null} of the headers that the step names. */
static struct json *shown_headers(const struct session *session, const struct json *step,
                                  const struct fakeapi_response *response)
{
    struct json *shown = json_object();

    JSON_EACH(name, json_get(step, "show")) {
        struct str text = json_string_of(name);
        json_set_str(shown, text, session_header(session, response, text));
    }
    return shown;
}

static struct json *relations_of(struct replay *replay, const struct json *step, struct json *value)
{
    struct json *relations = json_object();

    JSON_EACH(relation, json_get(step, "relate")) {
        struct str text = json_string_of(relation);
        json_set_str(relations, text, relation_judge(text, value, replay->session.captured));
    }
    return relations;
}

static bool is_satisfied(const struct json *step, const struct fakeapi_response *response,
                         struct json *body)
{
    int64_t status;

    if (json_int_of(json_get(step, "until"), &status) && response->status != status)
        return false;
    JSON_EACH(wanted, json_get(step, "until_value")) {
        if (!json_equal(path_find(body, json_key(wanted)), wanted))
            return false;
    }
    return true;
}

static void sort_unordered(const struct json *step, struct json *body)
{
    JSON_EACH(place, json_get(step, "unordered"))
        settle_list(path_find(body, json_string_of(place)));
}

/* Repeats the request until the answer satisfies the step, at most ten seconds. */
static bool exchange(struct replay *replay, struct json *step,
                     struct fakeapi_response *ret_response, struct json **ret_body,
                     struct errmsg *msg)
{
    int64_t deadline_ms = replay->session.timers.now_ms + UNTIL_MS;

    for (;;) {
        if (!session_request(&replay->session, step, ret_response, msg))
            return false;
        *ret_body = session_body(ret_response);
        sort_unordered(step, *ret_body);
        if (is_satisfied(step, ret_response, *ret_body) ||
            replay->session.timers.now_ms > deadline_ms)
            return true;
        json_free(*ret_body);
        fakeapi_response_release(ret_response);
        session_wait(&replay->session, UNTIL_STEP_MS);
    }
}

/* An error answer keeps the value captured before, unless `always`. */
static void capture(struct replay *replay, const struct json *step, struct json *value, bool always)
{
    struct json *captured = replay->session.captured;

    JSON_EACH(where, json_get(step, "capture")) {
        struct str name = json_key(where);
        struct str path = json_string_of(where);
        if (always || path_find(value, path) != NULL || json_get_str(captured, name) == NULL)
            json_set_str(captured, name, path_copy(value, path));
    }
}

static void set_warning(struct replay *replay, const struct json *step,
                        const struct fakeapi_response *response, struct json *answer)
{
    struct json *warning = session_header(&replay->session, response, STR("Warning"));

    if (json_is(warning, JSON_STRING)) {
        struct json *normal = normalise(replay->normaliser, warning, true, STR("message"));
        if (json_bool_of(json_get(step, "any_order")))
            json_set(answer, "warning", settle_warnings(json_string_of(normal)));
        else
            json_set(answer, "warning", json_clone(normal));
        json_free(normal);
    }
    json_free(warning);
}

/* Just the paths of `only`, as one object. */
static struct json *only_paths(const struct json *only, struct json *value)
{
    struct json *out = json_object();

    JSON_EACH(path, only)
        json_set_str(out, json_string_of(path), path_copy(value, json_string_of(path)));
    return out;
}

static struct json *body_of_answer(struct replay *replay, const struct json *step,
                                   const struct json *raw)
{
    struct json *body = normalise(replay->normaliser, raw, replay->strict, STR_NONE);
    struct json *chosen;

    if (json_bool_of(json_get(step, "any_order")))
        settle_causes(body);
    if (json_get(step, "only") == NULL)
        return body;
    chosen = only_paths(json_get(step, "only"), body);
    json_free(body);
    return chosen;
}

static struct json *perform_request(struct replay *replay, struct json *step)
{
    struct fakeapi_response response;
    struct errmsg msg = {""};
    struct json *body;
    struct json *answer;
    struct str type;

    if (!exchange(replay, step, &response, &body, &msg))
        return answer_error(&msg);
    capture(replay, step, body, false);
    answer = json_object();
    type = str_from(response.content_type);
    json_set(answer, "status", json_int(response.status));
    json_set(answer, "type", json_string(str_slice(type, 0, str_find(type, ';', 0))));
    json_set(answer, "body", body_of_answer(replay, step, body));
    set_warning(replay, step, &response, answer);
    if (json_get(step, "show") != NULL)
        json_set(answer, "headers", shown_headers(&replay->session, step, &response));
    if (json_get(step, "relate") != NULL)
        json_set(answer, "relations", relations_of(replay, step, body));
    json_free(body);
    fakeapi_response_release(&response);
    return answer;
}

static struct json *perform_open(struct replay *replay, struct json *step)
{
    struct fakeapi_response response;
    struct errmsg msg = {""};
    struct json *answer;

    if (!session_request(&replay->session, step, &response, &msg))
        return answer_error(&msg);
    answer = json_object();
    json_set(answer, "status", json_int(response.status));
    if (json_get(step, "show") != NULL)
        json_set(answer, "headers", shown_headers(&replay->session, step, &response));
    session_open(&replay->session, json_text_at(step, "name"), &response);
    fakeapi_response_release(&response);
    return answer;
}

/* The last name of a path: what its value is called. */
static struct str last_name(struct str path)
{
    size_t at = path.len;

    while (at > 0 && path.data[at - 1] != '.')
        at--;
    return str_slice(path, at, path.len);
}

/* One event's chosen paths, each normalised as the member that it is. */
static struct json *only_of_event(struct replay *replay, const struct json *only,
                                  const struct json *event)
{
    struct json *chosen = json_object();

    JSON_EACH(path, only) {
        struct str text = json_string_of(path);
        struct str key = last_name(text);
        struct json *wrapped = json_object();
        struct json *normal;
        json_set_str(wrapped, key, path_copy(event, text));
        normal = normalise(replay->normaliser, wrapped, replay->strict, STR_NONE);
        json_set_str(chosen, text, json_clone(json_get_str(normal, key)));
        json_free(normal);
        json_free(wrapped);
    }
    return chosen;
}

static struct json *events_of_answer(struct replay *replay, const struct json *step,
                                     const struct json *events)
{
    const struct json *only = json_get(step, "only");
    struct json *out = json_array();

    JSON_EACH(event, events)
        json_append(out, json_count(only) > 0 ? only_of_event(replay, only, event)
                                              : normalise(replay->normaliser, event,
                                                          replay->strict, STR_NONE));
    if (json_bool_of(json_get(step, "unordered")))
        settle_list(out);
    return out;
}

static struct json *perform_collect(struct replay *replay, const struct json *step)
{
    int64_t count = -1;
    int64_t seconds = COLLECT_SECONDS;
    struct json *answer = json_object();
    struct json *events;

    json_int_of(json_get(step, "count"), &count);
    json_int_of(json_get(step, "seconds"), &seconds);
    events = session_take(&replay->session, json_text_at(step, "name"), count, seconds,
                          json_get(step, "ignore"));
    if (events == NULL) {
        json_set(answer, "error", json_text("no such watch was opened"));
        return answer;
    }
    capture(replay, step, events, true);
    if (json_get(step, "relate") != NULL)
        json_set(answer, "relations", relations_of(replay, step, events));
    json_set(answer, "events", events_of_answer(replay, step, events));
    json_free(events);
    return answer;
}

/* The normalised answer; NULL for a step without one. */
static struct json *perform(struct replay *replay, struct json *step)
{
    struct str watch = json_text_at(step, "watch");

    session_wait(&replay->session, STEP_MS);
    if (json_get(step, "sleep") != NULL) {
        double seconds = numbers_value(json_get(step, "sleep"));
        session_wait(&replay->session, (int64_t)(seconds * 1000));
        return NULL;
    }
    if (str_is(watch, "open"))
        return perform_open(replay, step);
    if (watch.len > 0)
        return perform_collect(replay, step);
    return perform_request(replay, step);
}

static void compare(struct replay *replay, const struct json *step, struct json *answer,
                    struct conversation_result *result)
{
    struct json *want = json_clone(json_get(step, "expect"));
    struct json *lines = json_array();

    if (!replay->ordered) {
        settle(want);
        settle(answer);
    }
    differences_find(want, answer, lines);
    result->compared++;
    if (json_count(lines) == 0) {
        result->held++;
        json_free(lines);
    } else {
        struct json *entry = json_object();
        json_set(entry, "id", path_copy(json_get(step, "id"), STR("")));
        json_set(entry, "lines", lines);
        json_append(result->differences, entry);
    }
    json_free(want);
}

static bool is_compared(const struct json *step)
{
    const struct json *compared = json_get(step, "compare");

    return compared == NULL || json_bool_of(compared);
}

void conversation_replay(struct json *conversation, const struct conversation_config *config,
                         struct conversation_result *ret_result)
{
    struct replay replay = {.normaliser = config->normaliser,
                            .strict = json_bool_of(json_get(conversation, "strict")),
                            .ordered = json_bool_of(json_get(conversation, "ordered"))};

    *ret_result = (struct conversation_result){.differences = json_array()};
    session_init(&replay.session);
    if (config->way != CONVERSATION_BY_CALL)
        session_use_wire(&replay.session,
                         config->way == CONVERSATION_BY_HTTPS ? config->tls_folder : NULL);
    JSON_EACH(step, json_get(conversation, "steps")) {
        struct json *answer = perform(&replay, step);
        if (answer != NULL && is_compared(step))
            compare(&replay, step, answer, ret_result);
        json_free(answer);
    }
    JSON_EACH(step, json_get(conversation, "cleanup"))
        json_free(perform(&replay, step));
    session_release(&replay.session);
}

void conversation_result_release(struct conversation_result *result)
{
    json_free(result->differences);
}
