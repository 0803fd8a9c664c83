#include "tests/conformance/normalise.h"

#define TEXT_BYTES_MAX (64u << 20)

struct pattern {
    const char *regex; /* extended; group 1 is kept if `keeps` */
    const char *put;
    bool keeps;
};

enum { PATTERN_UID, PATTERN_TIME };

static const struct pattern patterns[NORMALISE_PATTERNS] = {
    [PATTERN_UID] = {"\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b", "<uid>",
                     false},
    [PATTERN_TIME] = {"\\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z\\b",
                      "<time>", false},
    {"(resource version: )[0-9]+( \\([0-9]+\\))?", "<rv>", true},
    {"(ResourceVersion in (record \\(|object meta: |the precondition \\())[0-9]+", "<rv>", true},
    {"(\\bKey: /)[^/,]+/", "<prefix>/", true},
    {"(resourceVersion\\\\*\": ?\\\\*\")[0-9]+", "<rv>", true},
    {"(, current: )[0-9]+", "<rv>", true},
    {"(generateName-?|-)[bcdfghjklmnpqrstvwxz2456789]{5}\\b", "<rand>", true},
};

static const struct {
    const char *key;
    const char *put;
} volatiles[] = {
    {"uid", "<uid>"},
    {"creationTimestamp", "<time>"},
    {"deletionTimestamp", "<time>"},
    {"time", "<time>"},
    {"lastTransitionTime", "<time>"},
    {"resourceVersion", "<rv>"},
    {"continue", "<continue>"},
    {"remainingItemCount", "<n>"},
};

void normaliser_init(struct normaliser *normaliser)
{
    for (size_t i = 0; i < NORMALISE_PATTERNS; i++)
        ASSERT(regcomp(&normaliser->patterns[i], patterns[i].regex, REG_EXTENDED) == 0);
    ASSERT(regcomp(&normaliser->age, "^([0-9]+[smhdy])+$", REG_EXTENDED) == 0);
}

void normaliser_release(struct normaliser *normaliser)
{
    for (size_t i = 0; i < NORMALISE_PATTERNS; i++)
        regfree(&normaliser->patterns[i]);
    regfree(&normaliser->age);
}

/* Looks in text[from..] with what is before it in view, for word boundaries. */
static bool match_from(const regex_t *regex, struct str text, size_t from, regmatch_t match[2])
{
    match[0].rm_so = (regoff_t)from;
    match[0].rm_eo = (regoff_t)text.len;
    return regexec(regex, text.data, 2, match, REG_STARTEND) == 0;
}

static void replace_all(const regex_t *regex, const struct pattern *pattern, struct str text,
                        struct buf *out)
{
    regmatch_t match[2];
    size_t from = 0;

    while (from < text.len && match_from(regex, text, from, match)) {
        size_t kept = (size_t)(pattern->keeps ? match[1].rm_eo : match[0].rm_so);
        buf_append(out, str_slice(text, from, kept));
        buf_append_text(out, pattern->put);
        from = (size_t)match[0].rm_eo;
    }
    buf_append(out, str_slice(text, from, text.len));
}

static struct json *replace_in(const struct normaliser *normaliser, struct str text, size_t first,
                               size_t end)
{
    CLEANUP(buf_release) struct buf now = {0};
    CLEANUP(buf_release) struct buf next = {0};

    buf_init(&now, TEXT_BYTES_MAX);
    buf_init(&next, TEXT_BYTES_MAX);
    buf_append(&now, text);
    for (size_t i = first; i < end; i++) {
        buf_clear(&next);
        replace_all(&normaliser->patterns[i], &patterns[i], buf_str(&now), &next);
        buf_clear(&now);
        buf_append(&now, buf_str(&next));
    }
    return json_string(buf_str(&now));
}

static struct json *normalise_text(const struct normaliser *normaliser, struct str text,
                                   struct str key)
{
    regmatch_t match[2];

    if (str_is(key, "cells")) {
        if (text.len > 0 && match_from(&normaliser->age, text, 0, match))
            return json_text("<age>");
        return replace_in(normaliser, text, PATTERN_TIME, PATTERN_TIME + 1);
    }
    if (str_is(key, "message") || str_is(key, "name") || str_is(key, "reason"))
        return replace_in(normaliser, text, 0, NORMALISE_PATTERNS);
    return json_string(text);
}

/* What stands for the member's value, or NULL. */
static const char *volatile_put(struct str key, const struct json *value)
{
    int64_t number;
    bool counts = json_is(value, JSON_BOOL) || json_int_of(value, &number) ||
                  json_string_of(value).len > 0;

    for (size_t i = 0; counts && i < ARRAY_COUNT(volatiles); i++) {
        if (str_is(key, volatiles[i].key))
            return volatiles[i].put;
    }
    return NULL;
}

static struct json *normalise_object(const struct normaliser *normaliser, const struct json *value,
                                     bool strict)
{
    struct json *out = json_object();

    JSON_EACH(member, value) {
        struct str key = json_key(member);
        const char *put = volatile_put(key, member);
        if (str_is(key, "managedFields") && !strict)
            continue;
        json_set_str(out, key,
                     put != NULL ? json_text(put) : normalise(normaliser, member, strict, key));
    }
    return out;
}

struct json *normalise(const struct normaliser *normaliser, const struct json *value, bool strict,
                       struct str key)
{
    struct json *out;

    if (json_is(value, JSON_OBJECT))
        return normalise_object(normaliser, value, strict);
    if (json_is(value, JSON_STRING))
        return normalise_text(normaliser, json_string_of(value), key);
    if (!json_is(value, JSON_ARRAY))
        return json_clone(value);
    out = json_array();
    JSON_EACH(item, value)
        json_append(out, normalise(normaliser, item, strict, key));
    return out;
}
