/* What an update keeps of the stored metadata, and generations. */
#include "fakeapi/meta.h"

static void inherit(struct json *metadata, const struct json *live, const char *name)
{
    const struct json *old = json_get(live, name);
    if (old == NULL)
        json_remove(metadata, name);
    else
        json_set(metadata, name, json_clone(old));
}

void meta_inherit(struct json *metadata, const struct json *live)
{
    inherit(metadata, live, "creationTimestamp");
    inherit(metadata, live, "generation");
    if (json_get(metadata, "uid") == NULL)
        inherit(metadata, live, "uid");
    if (json_get(live, "deletionTimestamp") != NULL)
        inherit(metadata, live, "deletionTimestamp");
    if (json_get(metadata, "deletionGracePeriodSeconds") == NULL)
        inherit(metadata, live, "deletionGracePeriodSeconds");
}

static bool is_content(const struct json *member, bool has_status)
{
    struct str key = json_key(member);
    return !str_is(key, "metadata") && !(has_status && str_is(key, "status"));
}

static size_t content_count(const struct json *object, bool has_status)
{
    size_t count = 0;
    JSON_EACH(member, object)
        count += is_content(member, has_status) ? 1u : 0u;
    return count;
}

bool meta_content_differs(const struct json *object, const struct json *live, bool has_status)
{
    if (content_count(object, has_status) != content_count(live, has_status))
        return true;
    JSON_EACH(member, object) {
        if (!is_content(member, has_status))
            continue;
        const struct json *old = json_get_str(live, json_key(member));
        if (old == NULL || !json_equal(member, old))
            return true;
    }
    return false;
}

void meta_set_generation(struct json *metadata, int64_t generation)
{
    json_set(metadata, "generation", json_int(generation));
}

int64_t meta_generation(const struct json *object)
{
    int64_t generation = 0;
    (void)json_int_of(json_at(object, "metadata.generation"), &generation);
    return generation;
}

bool meta_has_finalizers(const struct json *object)
{
    return json_first(json_at(object, "metadata.finalizers")) != NULL;
}

bool meta_is_terminating(const struct json *object)
{
    return json_at(object, "metadata.deletionTimestamp") != NULL;
}
