#include "fakeapi/ratchet.h"

#include "controller/base/mem.h"

/* The same place in the new object, the stored one and the schema. */
struct ratchet_place {
    const struct json *now;
    const struct json *before; /* NULL: has no namesake */
    const struct schema *schema;
};

/* The member that the path names next: the longest key that fits, as keys may hold dots. */
static const struct json *next_member(const struct json *object, struct str path, size_t *ret_len)
{
    const struct json *found = NULL;
    size_t longest = 0;
    JSON_EACH(member, object) {
        struct str key = json_key(member);
        char behind = key.len < path.len ? path.data[key.len] : '.';
        bool ends = key.len <= path.len && (behind == '.' || behind == '[');
        if (!str_starts_with(path, key) || !ends || (found != NULL && key.len <= longest))
            continue;
        found = member;
        longest = key.len;
    }
    *ret_len = longest;
    return found;
}

static bool has_same_keys(const struct schema *list, const struct json *a, const struct json *b)
{
    for (size_t i = 0; i < schema_list_key_count(list); i++) {
        struct str key = schema_list_key(list, i);
        const struct json *left = json_get_str(a, key);
        const struct json *right = json_get_str(b, key);
        if (left == NULL || right == NULL || !json_equal(left, right))
            return false;
    }
    return true;
}

static const struct json *namesake(const struct schema *list, const struct json *item,
                                   const struct json *before)
{
    if (schema_list_type(list) != SCHEMA_LIST_MAP)
        return NULL;
    JSON_EACH(other, before)
        if (has_same_keys(list, item, other))
            return other;
    return NULL;
}

static bool enter_item(struct ratchet_place *place, struct str *path)
{
    uint64_t index;
    size_t end = str_find(*path, ']', 0);
    if (!str_to_u64(str_slice(*path, 1, end), &index))
        return false;
    const struct json *item = json_item(place->now, (size_t)index);
    *place = (struct ratchet_place){
        .now = item,
        .before = namesake(place->schema, item, place->before),
        .schema = schema_items(place->schema),
    };
    *path = str_slice(*path, end + 1, path->len);
    return item != NULL;
}

static bool enter_member(struct ratchet_place *place, struct str *path)
{
    size_t len;
    struct str rest = path->data[0] == '.' ? str_slice(*path, 1, path->len) : *path;
    const struct json *member = next_member(place->now, rest, &len);
    if (member == NULL)
        return false; /* what is missing is its parent's fault */
    struct str key = json_key(member);
    const struct schema *property = schema_property(place->schema, key);
    *place = (struct ratchet_place){
        .now = member,
        .before = json_get_str(place->before, key),
        .schema = property != NULL ? property : schema_additional(place->schema),
    };
    *path = str_slice(rest, len, rest.len);
    return true;
}

/* Whether the error's place, or one that holds it, is unchanged. */
static bool is_unchanged(struct ratchet_place place, struct str path)
{
    while (path.len > 0) {
        bool entered = path.data[0] == '[' ? enter_item(&place, &path)
                                           : enter_member(&place, &path);
        if (!entered || place.before == NULL)
            return false;
        if (json_equal(place.now, place.before))
            return true;
    }
    return false;
}

/* Where an error lies: a duplicate is the whole list's fault, not the item's. */
static struct str place_of(const struct schema_error *error)
{
    struct str path = str_from(error->field);
    if (strcmp(error->reason, "FieldValueDuplicate") != 0)
        return path;
    while (path.len > 0 && path.data[path.len - 1] != '[')
        path.len--;
    return path.len > 0 ? str_slice(path, 0, path.len - 1) : path;
}

static bool is_note(const struct schema_error *error)
{
    return strcmp(error->field, "<nil>") == 0 &&
           str_contains(str_from(error->message), STR("rules were not checked"));
}

void ratchet_errors(const struct schema *schema, const struct json *object,
                    const struct json *live, size_t first, struct schema_errors *errors)
{
    const struct ratchet_place root = {object, live, schema};
    size_t kept = first;
    for (size_t i = first; i < errors->count; i++) {
        struct schema_error *error = &errors->items[i];
        /* The note that rules were not checked goes with the last error that it speaks of; an
         * int32 overflow has no field either, but is no note. */
        bool forgiven = is_note(error) ? kept == 0 : is_unchanged(root, place_of(error));
        if (!forgiven) {
            errors->items[kept++] = *error;
            continue;
        }
        mem_free(error->field);
        mem_free(error->message);
    }
    errors->count = kept;
}
