#include "scenarios/engine/expect.h"

/* '*' stands for any bytes; the text is walked once for each star. */
static bool glob_matches(struct str pattern, struct str text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX; /* place behind the last star, from where to try again */
    size_t resume = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.data[p] == '*') {
            star = ++p;
            resume = t;
        } else if (p < pattern.len && pattern.data[p] == text.data[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '*')
        p++;
    return p == pattern.len;
}

static bool text_matches(const struct json *expected, const struct json *actual)
{
    if (!json_is(actual, JSON_STRING))
        return false;
    return glob_matches(json_string_of(expected), json_string_of(actual));
}

static bool members_match(const struct json *expected, const struct json *actual)
{
    if (!json_is(actual, JSON_OBJECT))
        return false;
    JSON_EACH (member, expected) {
        if (!match_object(member, json_get_str(actual, json_key(member))))
            return false;
    }
    return true;
}

static bool items_match(const struct json *expected, const struct json *actual)
{
    if (!json_is(actual, JSON_ARRAY))
        return false;
    const struct json *item = json_first(actual);
    JSON_EACH (wanted, expected) {
        if (item == NULL || !match_object(wanted, item))
            return false;
        item = json_next(item);
    }
    return item == NULL;
}

/* As deep as YAML may be. */
bool match_object(const struct json *expected, const struct json *actual)
{
    switch (json_type(expected)) {
    case JSON_NULL:
        return actual == NULL || json_is(actual, JSON_NULL);
    case JSON_STRING:
        return text_matches(expected, actual);
    case JSON_OBJECT:
        return members_match(expected, actual);
    case JSON_ARRAY:
        return items_match(expected, actual);
    case JSON_BOOL:
    case JSON_NUMBER:
        return actual != NULL && json_equal(expected, actual);
    }
    return false;
}

static struct json *project_members(const struct json *expected, const struct json *actual)
{
    struct json *object = json_object();
    JSON_EACH (member, expected) {
        const struct json *found = json_get_str(actual, json_key(member));
        if (found != NULL || json_is(member, JSON_NULL))
            json_set_str(object, json_key(member), match_projection(member, found));
    }
    return object;
}

static struct json *project_items(const struct json *expected, const struct json *actual)
{
    struct json *array = json_array();
    const struct json *wanted = json_first(expected);
    JSON_EACH (item, actual) {
        json_append(array, wanted != NULL ? match_projection(wanted, item) : json_clone(item));
        wanted = wanted != NULL ? json_next(wanted) : NULL;
    }
    return array;
}

struct json *match_projection(const struct json *expected, const struct json *actual)
{
    if (match_object(expected, actual))
        return json_clone(expected);
    if (json_is(expected, JSON_OBJECT) && json_is(actual, JSON_OBJECT))
        return project_members(expected, actual);
    if (json_is(expected, JSON_ARRAY) && json_is(actual, JSON_ARRAY))
        return project_items(expected, actual);
    return actual != NULL ? json_clone(actual) : json_null();
}
