#include "fakeapi/strategic_patch.h"

#include "fakeapi/merge_patch.h"

static bool is_directive(const struct json *member)
{
    struct str key = json_key(member);
    return key.len > 0 && key.data[0] == '$';
}

/* Directives stand in objects, or in the objects of a list. */
static bool has_directive(const struct json *root) /* as deep as a body may be */
{
    const struct json *stack[256];
    size_t count = 0;
    stack[count++] = root;
    while (count > 0) {
        const struct json *node = stack[--count];
        JSON_EACH(member, node) {
            if (is_directive(member))
                return true;
            if (!json_is(member, JSON_OBJECT) && !json_is(member, JSON_ARRAY))
                continue;
            if (count == ARRAY_COUNT(stack))
                return true;
            stack[count++] = member;
        }
    }
    return false;
}

/* The item of a list that is the same one: an equal text, an owner of the same uid. */
static struct json *same_item(struct json *list, const struct json *item)
{
    JSON_EACH(other, list) {
        if (json_is(item, JSON_OBJECT) ? str_equal(json_text_at(other, "uid"),
                                                   json_text_at(item, "uid"))
                                       : json_equal(other, item))
            return other;
    }
    return NULL;
}

/* Puts the list that both make together into the patch. */
static void join_list(const struct json *target, struct json *patch, const char *name)
{
    const struct json *old = json_get(json_get(target, "metadata"), name);
    struct json *metadata = json_get(patch, "metadata");
    const struct json *added = json_get(metadata, name);
    if (!json_is(old, JSON_ARRAY) || !json_is(added, JSON_ARRAY))
        return;
    struct json *joined = json_clone(old);
    JSON_EACH(item, added) {
        struct json *same = same_item(joined, item);
        if (same == NULL)
            json_append(joined, json_clone(item));
        else if (json_is(item, JSON_OBJECT))
            merge_patch_apply(same, item);
    }
    json_set(metadata, name, joined);
}

bool strategic_patch_apply(struct json *target, const struct json *patch)
{
    if (has_directive(patch))
        return false;
    struct json *whole = json_clone(patch);
    join_list(target, whole, "finalizers");
    join_list(target, whole, "ownerReferences");
    merge_patch_apply(target, whole);
    json_free(whole);
    return true;
}
