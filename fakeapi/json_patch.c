#include "fakeapi/json_patch.h"

#include "controller/base/mem.h"

#include "fakeapi/json_text.h"

struct patching {
    struct json **document;
    size_t copied_bytes;
};

/* Where a pointer leads: the container and the last token. */
struct place {
    struct json *parent; /* NULL: the whole document */
    char *token;         /* owned, unescaped */
    size_t depth;        /* tokens up to here */
};

static void place_release(struct place *place)
{
    mem_free(place->token);
    place->token = NULL;
}

/* ~1 is /, ~0 is ~. Owned. */
static char *unescape_token(struct str token)
{
    char *text = mem_alloc(token.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < token.len; i++) {
        char c = token.data[i];
        if (c == '~' && i + 1 < token.len && (token.data[i + 1] == '0' || token.data[i + 1] == '1'))
            c = token.data[++i] == '1' ? '/' : '~';
        text[len++] = c;
    }
    return text;
}

/* The index that a token means among `places`; negative ones count from the end. */
static bool parse_index(const char *token, size_t places, size_t *ret_index)
{
    int64_t index;
    if (!str_to_i64(str_from(token), &index))
        return false;
    if (index < 0)
        index += (int64_t)places;
    if (index < 0 || (uint64_t)index >= places)
        return false;
    *ret_index = (size_t)index;
    return true;
}

static struct json *child_of(struct json *container, const char *token)
{
    size_t index;
    if (json_is(container, JSON_OBJECT))
        return json_get(container, token);
    if (!json_is(container, JSON_ARRAY) ||
        !parse_index(token, json_count(container), &index))
        return NULL;
    return json_item(container, index);
}

/* Walks to the container of the last token. False when something on the way is missing. */
static bool find_place(struct json *document, struct str pointer, struct place *ret_place)
{
    *ret_place = (struct place){0};
    if (pointer.len == 0)
        return true;
    /* What is before the first slash is not looked at. */
    struct str rest = pointer;
    (void)str_split_next(&rest, '/');
    struct json *container = document;
    for (size_t depth = 1; rest.data != NULL; depth++) {
        struct str token = str_split_next(&rest, '/');
        char *text = unescape_token(token);
        if (rest.data == NULL) {
            *ret_place = (struct place){.parent = container, .token = text, .depth = depth};
            return json_is(container, JSON_OBJECT) || json_is(container, JSON_ARRAY);
        }
        container = child_of(container, text);
        mem_free(text);
        if (container == NULL)
            return false;
    }
    return false;
}

static void replace_document(struct patching *patching, struct json *value)
{
    json_free(*patching->document);
    *patching->document = value;
}

static bool add_to_list(struct json *list, const char *token, struct json *value)
{
    size_t index;
    if (strcmp(token, "-") == 0) {
        json_append(list, value);
        return true;
    }
    if (!parse_index(token, json_count(list) + 1, &index))
        return false;
    json_insert(list, index, value);
    return true;
}

static size_t depth_of(const struct json *value)
{
    size_t deepest = 0;
    JSON_EACH(item, value) {
        size_t depth = depth_of(item);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

/* Copies into copies must not nest deeper than a body may. */
static bool fits(const struct place *place, const struct json *value)
{
    return place->depth + depth_of(value) <= json_limits_default.depth_max;
}

/* Takes `value` over, also when it fails. */
static bool place_add(struct patching *patching, const struct place *place, struct json *value)
{
    if (!fits(place, value)) {
        json_free(value);
        return false;
    }
    if (place->parent == NULL) {
        replace_document(patching, value);
        return true;
    }
    if (json_is(place->parent, JSON_OBJECT)) {
        json_set(place->parent, place->token, value);
        return true;
    }
    if (add_to_list(place->parent, place->token, value))
        return true;
    json_free(value);
    return false;
}

static struct json *place_value(struct patching *patching, const struct place *place)
{
    return place->parent == NULL ? *patching->document : child_of(place->parent, place->token);
}

static struct json *operand(const struct json *operation)
{
    const struct json *value = json_get(operation, "value");
    return value != NULL ? json_clone(value) : json_null();
}

static bool run_add(struct patching *patching, const struct place *place,
                    const struct json *operation)
{
    return place_add(patching, place, operand(operation));
}

static bool run_remove(struct patching *patching, const struct place *place)
{
    struct json *value = place->parent != NULL ? place_value(patching, place) : NULL;
    if (value == NULL)
        return false;
    json_free(json_detach(place->parent, value));
    return true;
}

/* A missing member is added; a missing item is not. */
static bool run_replace(struct patching *patching, const struct place *place,
                        const struct json *operation)
{
    if (place->parent == NULL || json_is(place->parent, JSON_OBJECT))
        return place_add(patching, place, operand(operation));
    struct json *old = place_value(patching, place);
    if (old == NULL || !fits(place, json_get(operation, "value")))
        return false;
    json_replace(place->parent, old, operand(operation));
    return true;
}

static bool run_move(struct patching *patching, struct str from, struct str path)
{
    struct place source;
    struct place target;
    struct json *value = NULL;
    if (find_place(*patching->document, from, &source) && source.parent != NULL) {
        value = place_value(patching, &source);
        if (value != NULL)
            value = json_detach(source.parent, value);
    }
    place_release(&source);
    if (value == NULL)
        return false;
    bool found = find_place(*patching->document, path, &target);
    bool ok = found && place_add(patching, &target, value);
    if (!found)
        json_free(value);
    place_release(&target);
    return ok;
}

/* What is missing copies as null. Copies add up, so that a small patch makes no huge object. The
 * target is looked up behind the copying: it may lie within what is copied. */
static bool run_copy(struct patching *patching, struct str from, struct str path)
{
    struct place source;
    struct place target = {0};
    bool found = find_place(*patching->document, from, &source);
    const struct json *value = found ? place_value(patching, &source) : NULL;
    struct json *copy = value != NULL ? json_clone(value) : json_null();
    place_release(&source);
    char *text = json_print_text(copy);
    patching->copied_bytes += strlen(text);
    mem_free(text);
    found = found && find_place(*patching->document, path, &target);
    bool ok = found && patching->copied_bytes <= JSON_PATCH_COPY_BYTES_MAX;
    if (ok)
        ok = place_add(patching, &target, copy);
    else
        json_free(copy);
    place_release(&target);
    return ok;
}

static bool run_test(struct patching *patching, const struct place *place,
                     const struct json *operation, struct str operation_text)
{
    const struct json *expected = json_get(operation, "value");
    const struct json *actual = place_value(patching, place);
    if (json_type(expected) == JSON_NULL || json_type(actual) == JSON_NULL)
        return json_type(expected) == json_type(actual);
    return json_equal(expected, actual) &&
           json_text_numbers_are_canonical(json_text_member(operation_text, STR("value")));
}

static bool run_at_place(struct patching *patching, const struct json *operation,
                         struct str operation_text, const struct place *place)
{
    struct str name = json_text_at(operation, "op");
    if (str_is(name, "add"))
        return run_add(patching, place, operation);
    if (str_is(name, "remove"))
        return run_remove(patching, place);
    if (str_is(name, "replace"))
        return run_replace(patching, place, operation);
    if (str_is(name, "copy"))
        return json_is(json_get(operation, "from"), JSON_STRING) &&
               run_copy(patching, json_text_at(operation, "from"), json_text_at(operation, "path"));
    if (str_is(name, "test"))
        return run_test(patching, place, operation, operation_text);
    return false;
}

static bool run_operation(struct patching *patching, const struct json *operation,
                          struct str operation_text)
{
    struct place place;
    struct str path = json_text_at(operation, "path");
    if (!json_is(json_get(operation, "path"), JSON_STRING))
        return false;
    if (str_is(json_text_at(operation, "op"), "move"))
        return json_is(json_get(operation, "from"), JSON_STRING) &&
               run_move(patching, json_text_at(operation, "from"), path);
    bool ok = find_place(*patching->document, path, &place) &&
              run_at_place(patching, operation, operation_text, &place);
    place_release(&place);
    return ok;
}

bool json_patch_apply(struct json **document, const struct json *operations, struct str text)
{
    struct patching patching = {.document = document};
    size_t at = json_text_first_item(text);
    JSON_EACH(operation, operations) {
        struct str operation_text = json_text_item(text, &at);
        if (!run_operation(&patching, operation, operation_text))
            return false;
    }
    return true;
}
