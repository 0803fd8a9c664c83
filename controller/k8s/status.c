#include "controller/k8s/status.h"

#include "controller/base/json.h"

static bool is_lost_race(const struct json *status)
{
    const struct json *details = json_get(status, "details");
    if (json_is(details, JSON_OBJECT) && json_first(details) == NULL)
        return true;
    JSON_EACH(cause, json_get(details, "causes"))
    {
        struct str field = json_text_at(cause, "field");
        if (str_is(field, "metadata.uid") || str_is(field, "metadata.resourceVersion"))
            return true;
    }
    return false;
}

static bool is_untyped_apply(const struct json *status)
{
    return str_starts_with(json_text_at(status, "message"),
                           STR("failed to create typed patch object"));
}

static enum err err_of_status(int http_status, const struct json *status)
{
    switch (http_status) {
    case 401:
        return ERR_UNAUTHORIZED;
    case 403:
        return ERR_FORBIDDEN;
    case 404:
        return ERR_NOT_FOUND;
    case 409:
        return str_is(json_text_at(status, "reason"), "AlreadyExists") ? ERR_ALREADY_EXISTS
                                                                       : ERR_CONFLICT;
    case 410:
        return ERR_GONE;
    case 422:
        return is_lost_race(status) ? ERR_CONFLICT : ERR_INVALID;
    case 429:
        return ERR_THROTTLED;
    case 500:
        return is_untyped_apply(status) ? ERR_INVALID : ERR_SERVER;
    case 504:
        return ERR_OUTCOME_UNKNOWN;
    default:
        if (http_status >= 200 && http_status < 300)
            return ERR_NONE;
        return http_status >= 400 && http_status < 500 ? ERR_INVALID : ERR_SERVER;
    }
}

static enum err say(enum err err, int http_status, const struct json *status, struct errmsg *msg)
{
    struct str message = json_text_at(status, "message");
    if (err == ERR_NONE)
        return err;
    if (str_is_empty(message))
        return err_set(msg, err, "HTTP status %d", http_status);
    return err_set(msg, err, "%.*s", STR_ARGS(message));
}

enum err kube_status_err(int http_status, struct str body, struct errmsg *msg)
{
    CLEANUP(json_free_pointer) struct json *status = NULL;
    if (http_status >= 200 && http_status < 300)
        return ERR_NONE;
    if (json_parse(body, NULL, &status, NULL) != ERR_NONE)
        status = NULL;
    return say(err_of_status(http_status, status), http_status, status, msg);
}

enum err kube_status_err_of(const struct json *status, struct errmsg *msg)
{
    int64_t code = 0;
    if (!json_int_of(json_get(status, "code"), &code) || code < 400 || code > 599)
        code = 500;
    return say(err_of_status((int)code, status), (int)code, status, msg);
}

enum err_class err_class(enum err err)
{
    switch (err) {
    case ERR_NONE:
        return ERR_CLASS_NONE;
    case ERR_NOT_FOUND:
    case ERR_ALREADY_EXISTS:
    case ERR_CONFLICT:
    case ERR_GONE:
    case ERR_OUTCOME_UNKNOWN:
        return ERR_CLASS_LOOK_AGAIN;
    case ERR_SYNTAX:
    case ERR_TYPE:
    case ERR_LIMIT:
    case ERR_INVALID:
    case ERR_FORBIDDEN:
    case ERR_UNAUTHORIZED:
        return ERR_CLASS_STOP;
    case ERR_THROTTLED:
    case ERR_SERVER:
    case ERR_UNREACHABLE:
        return ERR_CLASS_LATER;
    }
    ASSERT(false);
}
