/*
 * The parts of maps and lists: members sorted by name, items with the element that names them.
 */
#include "fakeapi/apply_typed.h"

static int member_compare(const void *a, const void *b)
{
    struct json *const *left = a;
    struct json *const *right = b;
    return str_compare(json_key(*left), json_key(*right));
}

/* The member of that name: mostly it stands `beside`. */
static const struct json *namesake(const struct json *object, struct str name,
                                   const struct json *beside)
{
    return str_equal(json_key(beside), name) ? beside : json_get_str(object, name);
}

const struct json **apply_members(struct arena *arena, const struct json *object,
                                  const struct json *other, size_t *ret_count)
{
    *ret_count = 0;
    if (!json_is(object, JSON_OBJECT) || json_first(object) == NULL)
        return NULL;
    const struct json **members = fieldset_alloc(arena, json_count(object),
                                                 sizeof(const struct json *));
    size_t count = 0;
    bool sorted = true;
    const struct json *beside = json_first(other);
    JSON_EACH(member, object) {
        const struct json *same = namesake(other, json_key(member), beside);
        beside = json_next(same != NULL ? same : beside);
        if (json_is_same(member, same))
            continue;
        members[count++] = member;
        if (count > 1 && member_compare(&members[count - 2], &members[count - 1]) > 0)
            sorted = false;
    }
    if (!sorted)
        qsort(members, count, sizeof(const struct json *), member_compare);
    *ret_count = count;
    return members;
}

static struct str compact_text(struct arena *arena, const struct json *value)
{
    struct buf text CLEANUP(buf_release) = {0};
    buf_init(&text, APPLY_TEXT_BYTES_MAX);
    json_print(value, &text);
    return arena_str(arena, buf_str(&text));
}

static bool problem_is(struct buf *problem, const char *text)
{
    if (problem != NULL)
        buf_append_text(problem, text);
    return false;
}

static bool set_element(struct arena *arena, const struct json *item,
                        struct fieldset_element *ret_element, struct buf *problem)
{
    switch (json_type(item)) {
    case JSON_OBJECT:
        return problem_is(problem,
                          "associative list without keys has an element that's a map type");
    case JSON_ARRAY:
        return problem_is(problem, "not supported: associative list with lists as elements");
    case JSON_NULL:
        return problem_is(problem,
                          "associative list without keys has an element that's an explicit null");
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_STRING:
        break;
    }
    *ret_element = (struct fieldset_element){FIELDSET_VALUE, compact_text(arena, item)};
    return true;
}

static void say_no_key(struct apply_type list, struct buf *problem)
{
    buf_append_text(problem,
                    "associative list with keys has an element that omits all key fields [");
    for (size_t i = 0; i < apply_type_key_count(list); i++) {
        if (i > 0)
            buf_append_char(problem, ' ');
        fieldset_print_quoted(apply_type_key(list, i), problem);
    }
    buf_append_text(problem, "] (and doesn't have default values for any key fields)");
}

/* The first key member by name behind `last` (absent: of all); absent when there is none. */
static struct str next_key(struct apply_type list, struct str last)
{
    struct str next = STR_NONE;
    for (size_t i = 0; i < apply_type_key_count(list); i++) {
        struct str key = apply_type_key(list, i);
        if ((last.data == NULL || str_compare(key, last) > 0) &&
            (next.data == NULL || str_compare(key, next) < 0))
            next = key;
    }
    return next;
}

/* Appends "name":value for a key member that the item has or a default stands for. */
static void print_key_member(struct apply_type list, const struct json *item, struct str name,
                             struct buf *out)
{
    const struct json *given = json_get_str(item, name);
    struct json *fallback CLEANUP(json_free_pointer) =
        given == NULL ? apply_type_key_default(list, name) : NULL;
    if (given == NULL && fallback == NULL)
        return;
    if (out->len > 1)
        buf_append_char(out, ',');
    json_print_string(name, out);
    buf_append_char(out, ':');
    json_print(given != NULL ? given : fallback, out);
}

static bool key_element(struct arena *arena, struct apply_type list, const struct json *item,
                        struct fieldset_element *ret_element, struct buf *problem)
{
    if (!json_is(item, JSON_OBJECT))
        return problem_is(problem,
                          json_type(item) == JSON_NULL
                              ? "associative list with keys may not have a null element"
                              : "associative list with keys may not have non-map elements");
    struct buf text CLEANUP(buf_release) = {0};
    buf_init(&text, APPLY_TEXT_BYTES_MAX);
    buf_append_char(&text, '{');
    for (struct str key = next_key(list, STR_NONE); key.data != NULL; key = next_key(list, key))
        print_key_member(list, item, key, &text);
    if (text.len == 1) {
        if (problem != NULL)
            say_no_key(list, problem);
        return false;
    }
    buf_append_char(&text, '}');
    *ret_element = (struct fieldset_element){FIELDSET_KEY, arena_str(arena, buf_str(&text))};
    return true;
}

bool apply_item_element(struct arena *arena, struct apply_type list, const struct json *item,
                        struct fieldset_element *ret_element, struct buf *problem)
{
    return apply_type_list(list) == SCHEMA_LIST_SET
               ? set_element(arena, item, ret_element, problem)
               : key_element(arena, list, item, ret_element, problem);
}

struct apply_item *apply_items(struct arena *arena, struct apply_type list,
                               const struct json *value, size_t *ret_count)
{
    struct apply_item *items = fieldset_alloc(arena, json_count(value) + 1, sizeof(*items));
    *ret_count = 0;
    if (!json_is(value, JSON_ARRAY))
        return items;
    size_t count = 0;
    JSON_EACH(item, value) {
        if (apply_item_element(arena, list, item, &items[count].element, NULL)) {
            items[count].value = item;
            items[count].position = count;
            count++;
        }
    }
    *ret_count = count;
    return items;
}

static int item_compare(const void *a, const void *b)
{
    const struct apply_item *left = a;
    const struct apply_item *right = b;
    int order = fieldset_element_compare(left->element, right->element);
    if (order != 0)
        return order;
    return left->position < right->position ? -1 : left->position > right->position;
}

void apply_items_sort(struct apply_item *items, size_t count)
{
    if (count > 1)
        qsort(items, count, sizeof(*items), item_compare);
}
