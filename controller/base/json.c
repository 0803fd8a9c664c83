#include "controller/base/json.h"
#include "controller/base/json_build.h"
#include "controller/base/json_internal.h"
#include "controller/base/json_scan.h"
#include "controller/base/json_tree.h"

/* Scans and builds, duplicates included. */
static enum err read_document(struct str text, const struct json_limits *limits,
                              struct json_builder *builder, struct errmsg *msg)
{
    struct json_scan scan;
    json_scan_init(&scan, text, limits, msg);
    scan.builder = builder;
    if (text.len > scan.limits->bytes_max)
        return err_set(msg, ERR_LIMIT, "line 1 column 1: found %zu bytes, expected at most %zu",
                       text.len, scan.limits->bytes_max);
    if (json_scan_value(&scan))
        json_scan_end(&scan);
    return json_scan_verdict(&scan);
}

/* Scans again for the place of the key that the tree knows by number only. */
static enum err report_duplicate(struct str text, const struct json_limits *limits,
                                 const struct json_duplicate *duplicate, struct errmsg *msg)
{
    struct json_scan scan;
    char found[128];
    json_scan_init(&scan, text, limits, NULL);
    scan.key_wanted = duplicate->key_ordinal;
    (void)json_scan_value(&scan);
    snprintf(found, sizeof(found), "the key \"%.100s\" again",
             json_key(duplicate->item).data);
    return json_scan_report(text, scan.key_at, ERR_TYPE, found, "each key once", msg);
}

enum err json_parse(struct str text, const struct json_limits *limits, struct json **ret_value,
                    struct errmsg *msg)
{
    struct json_builder builder CLEANUP(json_builder_release) = {0};
    struct json_duplicate duplicate;
    enum err err = read_document(text, limits, &builder, msg);
    if (err != ERR_NONE)
        return err;
    if (builder.may_have_twins && json_duplicate_find(builder.root, &duplicate))
        return report_duplicate(text, limits, &duplicate, msg);
    *ret_value = json_builder_finish(&builder);
    return ERR_NONE;
}

enum err json_parse_last_wins(struct str text, const struct json_limits *limits,
                              struct json **ret_value, struct json **ret_duplicates,
                              struct errmsg *msg)
{
    struct json_builder builder CLEANUP(json_builder_release) = {0};
    enum err err = read_document(text, limits, &builder, msg);
    if (err != ERR_NONE)
        return err;
    struct json *duplicates =
        builder.may_have_twins ? json_duplicates_drop(builder.root) : json_array();
    if (ret_duplicates != NULL)
        *ret_duplicates = duplicates;
    else
        json_free(duplicates);
    *ret_value = json_builder_finish(&builder);
    return ERR_NONE;
}

struct json *json_object(void)
{
    return json_value_create(JSON_KIND_OBJECT);
}

struct json *json_array(void)
{
    return json_value_create(JSON_KIND_ARRAY);
}

struct json *json_string(struct str text)
{
    struct json *value = json_value_create(JSON_KIND_STRING);
    value->as.text = json_bytes_create(text);
    return value;
}

struct json *json_text(const char *text)
{
    return json_string(str_from(text));
}

struct json *json_int(int64_t number)
{
    struct json *value = json_value_create(JSON_KIND_INT);
    value->as.integer = number;
    return value;
}

/* A whole number that a double tells apart from its neighbours is an integer. */
static bool is_whole(double number)
{
    if (!(number >= -(double)JSON_DOUBLE_INT_MAX && number <= (double)JSON_DOUBLE_INT_MAX))
        return false;
    double whole = (double)(int64_t)number;
    return whole <= number && whole >= number;
}

struct json *json_double(double number)
{
    ASSERT(__builtin_isfinite(number));
    if (is_whole(number))
        return json_int((int64_t)number);
    struct json *value = json_value_create(JSON_KIND_DOUBLE);
    value->as.number = number;
    return value;
}

struct json *json_bool(bool value)
{
    return json_value_create(value ? JSON_KIND_TRUE : JSON_KIND_FALSE);
}

struct json *json_null(void)
{
    return json_value_create(JSON_KIND_NULL);
}

enum json_type json_type(const struct json *value)
{
    static const enum json_type types[] = {
        [JSON_KIND_NULL] = JSON_NULL,     [JSON_KIND_FALSE] = JSON_BOOL,
        [JSON_KIND_TRUE] = JSON_BOOL,     [JSON_KIND_INT] = JSON_NUMBER,
        [JSON_KIND_DOUBLE] = JSON_NUMBER, [JSON_KIND_STRING] = JSON_STRING,
        [JSON_KIND_ARRAY] = JSON_ARRAY,   [JSON_KIND_OBJECT] = JSON_OBJECT,
    };
    return value != NULL ? types[json_kind_of(value)] : JSON_NULL;
}

bool json_is(const struct json *value, enum json_type type)
{
    return value != NULL && json_type(value) == type;
}

static const struct json_children *children_of(const struct json *value)
{
    return value != NULL ? json_children_of(value) : NULL;
}

size_t json_count(const struct json *value)
{
    const struct json_children *children = children_of(value);
    return children != NULL ? children->count : 0;
}

const struct json *json_first_const(const struct json *value)
{
    const struct json_children *children = children_of(value);
    return children != NULL ? children->first : NULL;
}

struct json *json_first_mutable(struct json *value)
{
    if (json_count(value) == 0)
        return NULL;
    json_own_children(value);
    return value->as.children->first;
}

const struct json *json_next_const(const struct json *item)
{
    return item != NULL ? item->next : NULL;
}

struct json *json_next_mutable(struct json *item)
{
    return item != NULL ? item->next : NULL;
}

struct str json_key(const struct json *item)
{
    return item != NULL ? json_bytes_str(json_key_bytes(item)) : STR_NONE;
}

const struct json *json_get_const(const struct json *object, const char *key)
{
    return key != NULL ? json_get_str_const(object, str_from(key)) : NULL;
}

struct json *json_get_mutable(struct json *object, const char *key)
{
    return key != NULL ? json_get_str_mutable(object, str_from(key)) : NULL;
}

const struct json *json_get_str_const(const struct json *object, struct str key)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    const struct json *item = json_first_const(object);
    while (item != NULL && !str_equal(json_bytes_str(json_key_bytes(item)), key))
        item = item->next;
    return item;
}

/* What is absent is no reason to part from those who share the members. */
struct json *json_get_str_mutable(struct json *object, struct str key)
{
    if (json_get_str_const(object, key) == NULL)
        return NULL;
    struct json *item = json_first_mutable(object);
    while (!str_equal(json_key(item), key))
        item = item->next;
    return item;
}

const struct json *json_item_const(const struct json *array, size_t index)
{
    if (!json_is(array, JSON_ARRAY))
        return NULL;
    const struct json *item = json_first_const(array);
    while (index-- > 0 && item != NULL)
        item = item->next;
    return item;
}

struct json *json_item_mutable(struct json *array, size_t index)
{
    if (!json_is(array, JSON_ARRAY))
        return NULL;
    struct json *item = json_first_mutable(array);
    while (index-- > 0 && item != NULL)
        item = item->next;
    return item;
}

const struct json *json_at_const(const struct json *value, const char *path)
{
    struct str rest = str_from(path);
    while (rest.data != NULL && value != NULL)
        value = json_get_str_const(value, str_split_next(&rest, '.'));
    return value;
}

struct json *json_at_mutable(struct json *value, const char *path)
{
    struct str rest = str_from(path);
    if (json_at_const(value, path) == NULL)
        return NULL;
    while (rest.data != NULL)
        value = json_get_str_mutable(value, str_split_next(&rest, '.'));
    return value;
}

bool json_is_same(const struct json *a, const struct json *b)
{
    return a != NULL && b != NULL && json_kind_of(a) == json_kind_of(b) &&
           a->as.integer == b->as.integer;
}

struct str json_string_of(const struct json *value)
{
    return json_is(value, JSON_STRING) ? json_bytes_str(value->as.text) : STR_NONE;
}

bool json_bool_of(const struct json *value)
{
    return value != NULL && json_kind_of(value) == JSON_KIND_TRUE;
}

bool json_int_of(const struct json *value, int64_t *ret_value)
{
    if (value == NULL || json_kind_of(value) != JSON_KIND_INT)
        return false;
    *ret_value = value->as.integer;
    return true;
}

double json_double_of(const struct json *value)
{
    if (!json_is(value, JSON_NUMBER))
        return 0;
    return json_kind_of(value) == JSON_KIND_INT ? (double)value->as.integer : value->as.number;
}

struct str json_text_at(const struct json *value, const char *path)
{
    return json_string_of(json_at(value, path));
}
