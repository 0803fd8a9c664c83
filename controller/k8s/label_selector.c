#include "controller/k8s/label_selector.h"

#include "controller/k8s/name.h"

static enum err check_values(const struct json *values, struct errmsg *msg)
{
    JSON_EACH(value, values)
    {
        struct str text = json_string_of(value);
        if (!name_is_label_value(text))
            return err_set(msg, ERR_INVALID, "\"%.*s\" is no label value", STR_ARGS(text));
    }
    return ERR_NONE;
}

static enum err check_requirement(const struct json *requirement, struct errmsg *msg)
{
    struct str op = json_text_at(requirement, "operator");
    struct str key = json_text_at(requirement, "key");
    const struct json *values = json_get(requirement, "values");
    bool wants_values = str_is(op, "In") || str_is(op, "NotIn");
    bool has_values = json_first(values) != NULL;

    if (!wants_values && !str_is(op, "Exists") && !str_is(op, "DoesNotExist"))
        return err_set(msg, ERR_INVALID, "\"%.*s\" is not a valid label selector operator",
                       STR_ARGS(op));
    if (!name_is_label_key(key))
        return err_set(msg, ERR_INVALID, "\"%.*s\" is no label key", STR_ARGS(key));
    if (wants_values && !has_values)
        return err_set(msg, ERR_INVALID, "operator %.*s of key %.*s needs values",
                       STR_ARGS(op), STR_ARGS(key));
    if (!wants_values && has_values)
        return err_set(msg, ERR_INVALID, "operator %.*s of key %.*s takes no values",
                       STR_ARGS(op), STR_ARGS(key));
    return check_values(values, msg);
}

enum err label_selector_check(const struct json *selector, struct errmsg *msg)
{
    JSON_EACH(label, json_get(selector, "matchLabels"))
    {
        struct str key = json_key(label);
        struct str value = json_string_of(label);
        if (!name_is_label_key(key))
            return err_set(msg, ERR_INVALID, "\"%.*s\" is no label key", STR_ARGS(key));
        if (!name_is_label_value(value))
            return err_set(msg, ERR_INVALID, "\"%.*s\" is no label value", STR_ARGS(value));
    }
    JSON_EACH(requirement, json_get(selector, "matchExpressions"))
    {
        enum err err = check_requirement(requirement, msg);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

static bool values_contain(const struct json *values, struct str text)
{
    JSON_EACH(value, values)
    {
        if (str_equal(json_string_of(value), text))
            return true;
    }
    return false;
}

static bool requirement_holds(const struct json *requirement, const struct json *labels)
{
    struct str op = json_text_at(requirement, "operator");
    const struct json *values = json_get(requirement, "values");
    const struct json *label = json_get_str(labels, json_text_at(requirement, "key"));
    if (str_is(op, "Exists"))
        return label != NULL;
    if (str_is(op, "DoesNotExist"))
        return label == NULL;
    bool listed = label != NULL && values_contain(values, json_string_of(label));
    return str_is(op, "In") ? listed : !listed;
}

bool label_selector_matches(const struct json *selector, const struct json *labels)
{
    const struct json *match_labels = json_get(selector, "matchLabels");
    const struct json *requirements = json_get(selector, "matchExpressions");
    if (json_first(match_labels) == NULL && json_first(requirements) == NULL)
        return false;
    JSON_EACH(wanted, match_labels)
    {
        const struct json *label = json_get_str(labels, json_key(wanted));
        if (label == NULL || !str_equal(json_string_of(label), json_string_of(wanted)))
            return false;
    }
    JSON_EACH(requirement, requirements)
    {
        if (!requirement_holds(requirement, labels))
            return false;
    }
    return true;
}
