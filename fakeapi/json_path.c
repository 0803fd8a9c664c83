#include "fakeapi/json_path.h"

#include "controller/base/mem.h"

#define NAME_BYTES_MAX 256u

static const struct json *find(const struct json *value, struct str path);

static struct str behind(struct str text, size_t count)
{
    return str_slice(text, count < text.len ? count : text.len, text.len);
}

/* A name up to '.' or '[', without its backslashes; 0: none fits. */
static size_t read_name(struct str text, char name[NAME_BYTES_MAX], struct str *ret_name)
{
    size_t at = 0;
    size_t len = 0;
    while (at < text.len && text.data[at] != '.' && text.data[at] != '[' &&
           len < NAME_BYTES_MAX) {
        at += text.data[at] == '\\' && at + 1 < text.len ? 1u : 0u;
        name[len++] = text.data[at++];
    }
    *ret_name = str_from_bytes(name, len);
    return at;
}

static const struct json *find_in_all(const struct json *value, struct str rest)
{
    JSON_EACH(child, value) {
        const struct json *found = find(child, rest);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static const struct json *find_member(const struct json *value, struct str path)
{
    char space[NAME_BYTES_MAX];
    struct str name;
    size_t len = read_name(path, space, &name);
    if (str_is(name, "*"))
        return find_in_all(value, behind(path, len));
    return json_is(value, JSON_OBJECT)
               ? find(json_get_str(value, name), behind(path, len)) : NULL;
}

/* ..name: here, or anywhere below. */
static const struct json *find_deep(const struct json *value, struct str path)
{
    const struct json *found = find_member(value, path);
    if (found != NULL)
        return found;
    JSON_EACH(child, value) {
        found = find_deep(child, path);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* A part of [a:b:c]; an empty one is the default. */
static bool read_bound(struct str text, int64_t otherwise, int64_t *ret_bound)
{
    *ret_bound = otherwise;
    return text.len == 0 || str_to_i64(text, ret_bound);
}

static const struct json *find_slice(const struct json *value, struct str inside, struct str rest)
{
    int64_t count = (int64_t)json_count(value);
    int64_t from;
    int64_t to;
    int64_t step;
    struct str end = inside;
    struct str begin = str_split_next(&end, ':');
    struct str middle = str_split_next(&end, ':');
    if (!read_bound(begin, 0, &from) || !read_bound(middle, count, &to) ||
        !read_bound(end, 1, &step) || step <= 0)
        return NULL;
    from += from < 0 ? count : 0;
    to += to < 0 ? count : 0;
    if (to > count)
        return NULL; /* as the original: out of range is nothing */
    for (int64_t i = from; i >= 0 && i < to; i += step) {
        const struct json *found = find(json_item(value, (size_t)i), rest);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static const struct json *find_item(const struct json *value, struct str inside, struct str rest)
{
    int64_t index;
    if (!json_is(value, JSON_ARRAY))
        return NULL;
    if (str_find(inside, ':', 0) < inside.len)
        return find_slice(value, inside, rest);
    if (!str_to_i64(inside, &index))
        return NULL;
    index += index < 0 ? (int64_t)json_count(value) : 0;
    return index >= 0 ? find(json_item(value, (size_t)index), rest) : NULL;
}

static const char *const operators[] = {"==", "!=", "<=", ">=", "<", ">"};

/* Where the operator stands; NULL: there is none. */
static const char *find_operator(struct str text, size_t *ret_at)
{
    bool quoted = false;
    for (size_t at = 0; at < text.len; at++) {
        quoted ^= text.data[at] == '"' || text.data[at] == '\'';
        for (size_t i = 0; i < ARRAY_COUNT(operators) && !quoted; i++)
            if (str_starts_with(behind(text, at), str_from(operators[i]))) {
                *ret_at = at;
                return operators[i];
            }
    }
    return NULL;
}

static bool order_holds(const char *operator, int order)
{
    switch (operator[0]) {
    case '=':
        return order == 0;
    case '!':
        return order != 0;
    case '<':
        return operator[1] == '=' ? order <= 0 : order < 0;
    default:
        return operator[1] == '=' ? order >= 0 : order > 0;
    }
}

static bool literal_matches(const struct json *value, const char *operator, struct str literal)
{
    struct json *wanted = NULL;
    bool matches = false;
    if (literal.len >= 2 && (literal.data[0] == '"' || literal.data[0] == '\''))
        return json_is(value, JSON_STRING) &&
               order_holds(operator, str_compare(json_string_of(value),
                                                 str_slice(literal, 1, literal.len - 1)));
    if (json_parse(literal, NULL, &wanted, NULL) != ERR_NONE)
        return false;
    if (json_is(value, JSON_NUMBER) && json_is(wanted, JSON_NUMBER)) {
        double left = json_double_of(value);
        double right = json_double_of(wanted);
        matches = order_holds(operator, left < right ? -1 : left > right);
    } else if (json_is(value, JSON_BOOL) && json_is(wanted, JSON_BOOL)) {
        matches = order_holds(operator, json_bool_of(value) - json_bool_of(wanted));
    }
    json_free(wanted);
    return matches;
}

/* A condition such as @.k=="b". */
static bool condition_holds(const struct json *item, struct str condition)
{
    size_t at = condition.len;
    const char *operator = find_operator(condition, &at);
    struct str path = str_trim(str_slice(condition, 0, at));
    const struct json *value = find(item, str_starts_with(path, STR("@")) ? behind(path, 1) : path);
    if (operator == NULL || value == NULL)
        return value != NULL;
    return literal_matches(value, operator, str_trim(behind(condition, at + strlen(operator))));
}

static const struct json *find_filtered(const struct json *value, struct str condition,
                                        struct str rest)
{
    JSON_EACH(item, value) {
        const struct json *found = condition_holds(item, condition) ? find(item, rest) : NULL;
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* The length of "[...]", brackets and quoted brackets within included; 0: it does not end. */
static size_t bracket_len(struct str path)
{
    char quote = '\0';
    size_t depth = 0;
    for (size_t at = 0; at < path.len; at++) {
        char c = path.data[at];
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '[')
            depth++;
        else if (c == ']' && --depth == 0)
            return at + 1;
    }
    return 0;
}

/* ['sharding\.projectsveltos\.io/key']: backslashes mean nothing between quotes. */
static const struct json *find_quoted(const struct json *value, struct str quoted, struct str rest)
{
    char space[NAME_BYTES_MAX];
    size_t len = 0;
    for (size_t i = 0; i < quoted.len && len < NAME_BYTES_MAX; i++)
        if (quoted.data[i] != '\\')
            space[len++] = quoted.data[i];
    return json_is(value, JSON_OBJECT)
               ? find(json_get_str(value, str_from_bytes(space, len)), rest) : NULL;
}

static const struct json *find_bracket(const struct json *value, struct str path)
{
    size_t len = bracket_len(path);
    struct str inside = str_trim(str_slice(path, 1, len > 0 ? len - 1 : 1));
    struct str rest = behind(path, len);
    if (inside.len == 0)
        return NULL;
    if (str_is(inside, "*"))
        return find_in_all(value, rest);
    if (inside.data[0] == '\'' || inside.data[0] == '"')
        return find_quoted(value, str_slice(inside, 1, inside.len - 1), rest);
    if (str_starts_with(inside, STR("?(")) && inside.data[inside.len - 1] == ')')
        return find_filtered(value, str_slice(inside, 2, inside.len - 1), rest);
    return find_item(value, inside, rest);
}

static const struct json *find(const struct json *value, struct str path)
{
    if (value == NULL || path.len == 0)
        return value;
    if (path.data[0] == '[')
        return find_bracket(value, path);
    if (str_starts_with(path, STR("..")))
        return find_deep(value, behind(path, 2));
    return find_member(value, path.data[0] == '.' ? behind(path, 1) : path);
}

const struct json *json_path_first(const struct json *value, struct str path)
{
    return path.len > 0 ? find(value, path) : NULL;
}
