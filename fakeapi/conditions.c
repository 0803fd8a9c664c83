#include "fakeapi/conditions.h"

#include "controller/base/ktime.h"

static struct json *find(struct json *conditions, const char *type)
{
    JSON_EACH(condition, conditions)
        if (str_is(json_text_at(condition, "type"), type))
            return condition;
    return NULL;
}

void condition_set(struct json *status, int64_t now_ms, const char *type, bool is_true,
                   const char *reason, const char *message)
{
    const char *truth = is_true ? "True" : "False";
    char time[KTIME_TEXT_BYTES];
    struct json *condition;
    if (!json_is(json_get(status, "conditions"), JSON_ARRAY))
        json_set(status, "conditions", json_array());
    condition = find(json_get(status, "conditions"), type);
    if (condition == NULL) {
        condition = json_object();
        json_set(condition, "type", json_text(type));
        json_append(json_get(status, "conditions"), condition);
    }
    ktime_format_rfc3339(now_ms, time);
    if (!str_is(json_text_at(condition, "status"), truth))
        json_set(condition, "lastTransitionTime", json_text(time));
    json_set(condition, "status", json_text(truth));
    json_set(condition, "reason", json_text(reason));
    json_set(condition, "message", json_text(message));
}
