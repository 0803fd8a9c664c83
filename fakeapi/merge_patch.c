#include "fakeapi/merge_patch.h"

/* A copy of a patch's value for a member that is new: nulls in objects mean nothing there. */
static struct json *new_value(const struct json *patch)
{
    if (!json_is(patch, JSON_OBJECT))
        return json_clone(patch);
    struct json *value = json_object();
    merge_patch_apply(value, patch);
    return value;
}

void merge_patch_apply(struct json *target, const struct json *patch)
{
    JSON_EACH(member, patch) {
        struct str key = json_key(member);
        struct json *old = json_get_str(target, key);
        if (json_type(member) == JSON_NULL)
            json_remove_str(target, key);
        else if (json_is(member, JSON_OBJECT) && json_is(old, JSON_OBJECT))
            merge_patch_apply(old, member);
        else
            json_set_str(target, key, new_value(member));
    }
}
