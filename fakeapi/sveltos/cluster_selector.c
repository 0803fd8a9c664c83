#include "fakeapi/sveltos/cluster_selector.h"

#define LABEL_NAME_BYTES_MAX 63u
#define LABEL_PREFIX_BYTES_MAX 253u

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_label_name(struct str text)
{
    if (text.len == 0 || text.len > LABEL_NAME_BYTES_MAX)
        return false;
    if (!is_alphanumeric(text.data[0]) || !is_alphanumeric(text.data[text.len - 1]))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!is_alphanumeric(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

static bool is_dns_label(struct str text)
{
    if (text.len == 0 || text.data[0] == '-' || text.data[text.len - 1] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool lower_case = is_alphanumeric(c) && !(c >= 'A' && c <= 'Z');
        if (!lower_case && c != '-')
            return false;
    }
    return true;
}

static bool is_dns_subdomain(struct str text)
{
    if (text.len == 0 || text.len > LABEL_PREFIX_BYTES_MAX)
        return false;
    struct str rest = text;
    while (rest.data != NULL) {
        if (!is_dns_label(str_split_next(&rest, '.')))
            return false;
    }
    return true;
}

static bool is_label_key(struct str key)
{
    size_t slash = str_find(key, '/', 0);
    if (slash == key.len)
        return is_label_name(key);
    return is_dns_subdomain(str_slice(key, 0, slash)) &&
           is_label_name(str_slice(key, slash + 1, key.len));
}

static bool is_label_value(struct str value)
{
    return value.len == 0 || is_label_name(value);
}

static bool values_are_valid(const struct json *values)
{
    JSON_EACH(value, values) {
        if (!is_label_value(json_string_of(value)))
            return false;
    }
    return true;
}

static bool expression_is_valid(const struct json *expression)
{
    struct str operator = json_text_at(expression, "operator");
    const struct json *values = json_get(expression, "values");
    if (!is_label_key(json_text_at(expression, "key")) || !values_are_valid(values))
        return false;
    if (str_is(operator, "In") || str_is(operator, "NotIn"))
        return json_count(values) > 0;
    return (str_is(operator, "Exists") || str_is(operator, "DoesNotExist")) &&
           json_count(values) == 0;
}

bool cluster_selector_is_valid(const struct json *selector)
{
    JSON_EACH(label, json_get(selector, "matchLabels")) {
        if (!is_label_key(json_key(label)) || !is_label_value(json_string_of(label)))
            return false;
    }
    JSON_EACH(expression, json_get(selector, "matchExpressions")) {
        if (!expression_is_valid(expression))
            return false;
    }
    return true;
}

static bool is_among(struct str text, const struct json *values)
{
    JSON_EACH(value, values) {
        if (str_equal(json_string_of(value), text))
            return true;
    }
    return false;
}

static bool expression_matches(const struct json *expression, const struct json *labels)
{
    struct str operator = json_text_at(expression, "operator");
    const struct json *label = json_get_str(labels, json_text_at(expression, "key"));
    if (str_is(operator, "Exists"))
        return label != NULL;
    if (str_is(operator, "DoesNotExist"))
        return label == NULL;
    bool listed = label != NULL && is_among(json_string_of(label), json_get(expression, "values"));
    return str_is(operator, "In") ? listed : !listed;
}

bool cluster_selector_matches(const struct json *selector, const struct json *labels)
{
    const struct json *match_labels = json_get(selector, "matchLabels");
    const struct json *match_expressions = json_get(selector, "matchExpressions");
    if (json_first(match_labels) == NULL && json_first(match_expressions) == NULL)
        return false;
    JSON_EACH(wanted, match_labels) {
        const struct json *label = json_get_str(labels, json_key(wanted));
        if (label == NULL || !str_equal(json_string_of(label), json_string_of(wanted)))
            return false;
    }
    JSON_EACH(expression, match_expressions) {
        if (!expression_matches(expression, labels))
            return false;
    }
    return true;
}
