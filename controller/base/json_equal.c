#include "controller/base/json_tree.h"

static bool numbers_equal(const struct json *a, const struct json *b)
{
    int64_t integer;
    int64_t other;
    if (json_int_of(a, &integer) && json_int_of(b, &other))
        return integer == other;
    double number = json_double_of(a);
    return number <= json_double_of(b) && number >= json_double_of(b);
}

static bool arrays_equal(const struct json *a, const struct json *b)
{
    const struct json *other = json_first(b);
    JSON_EACH (item, a) {
        if (other == NULL || !json_equal(item, other))
            return false;
        other = json_next(other);
    }
    return other == NULL;
}

static bool objects_equal(const struct json *a, const struct json *b)
{
    if (json_count(a) != json_count(b))
        return false;
    /* Mostly the order is the same: look at the same place first. */
    const struct json *beside = json_first(b);
    JSON_EACH (item, a) {
        struct str key = json_key(item);
        const struct json *other =
            beside != NULL && str_equal(json_key(beside), key) ? beside : json_get_str(b, key);
        if (other == NULL || !json_equal(item, other))
            return false;
        beside = json_next(other);
    }
    return true;
}

bool json_equal(const struct json *a, const struct json *b)
{
    enum json_type type = json_type(a);
    if (a == NULL || b == NULL)
        return a == b;
    if (type != json_type(b))
        return false;
    if (json_is_same(a, b))
        return true;
    switch (type) {
    case JSON_NULL: return true;
    case JSON_BOOL: return json_bool_of(a) == json_bool_of(b);
    case JSON_NUMBER: return numbers_equal(a, b);
    case JSON_STRING: return str_equal(json_string_of(a), json_string_of(b));
    case JSON_ARRAY: return arrays_equal(a, b);
    case JSON_OBJECT: return objects_equal(a, b);
    }
    return false;
}
