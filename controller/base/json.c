#include "controller/base/json.h"
#include "controller/base/json_internal.h"
#include "controller/base/json_scan.h"
#include "controller/base/mem.h"

#include <cjson/cJSON.h>

#pragma GCC poison cJSON_GetObjectItem cJSON_HasObjectItem cJSON_ReplaceItemInObject
#pragma GCC poison cJSON_DetachItemFromObject cJSON_DeleteItemFromObject cJSON_Print

/* A list of children is linked by next; the first child's prev is the last child. */

static cJSON *node_of(struct json *value)
{
    return (cJSON *)(void *)value;
}

static const cJSON *const_node_of(const struct json *value)
{
    return (const cJSON *)(const void *)value;
}

static struct json *json_of(cJSON *node)
{
    return (struct json *)(void *)node;
}

/* cJSON keeps its allocator in a variable of its own; writing it each time costs less
 * than knowing whether it was written. */
static void use_our_memory(void)
{
    cJSON_Hooks hooks = {mem_alloc, mem_free};
    cJSON_InitHooks(&hooks);
}

static cJSON *build_tree(struct str text)
{
    use_our_memory();
    return cJSON_ParseWithLengthOpts(text.data, text.len, NULL, false);
}

double json_number_value(struct str literal)
{
    cJSON *node = build_tree(literal);
    ASSERT(node != NULL);
    double value = node->valuedouble;
    cJSON_Delete(node);
    return value;
}

/* Scans and builds, duplicates included. */
static enum err read_document(struct str text, const struct json_limits *limits,
                              struct json **ret_value, struct errmsg *msg)
{
    struct json_scan scan;
    json_scan_init(&scan, text, limits, msg);
    if (text.len > scan.limits->bytes_max)
        return err_set(msg, ERR_LIMIT, "line 1 column 1: found %zu bytes, expected at most %zu",
                       text.len, scan.limits->bytes_max);
    if (json_scan_value(&scan))
        json_scan_end(&scan);
    enum err err = json_scan_verdict(&scan);
    if (err != ERR_NONE)
        return err;
    cJSON *root = build_tree(text);
    if (root == NULL)
        return err_set(msg, ERR_SYNTAX, "line 1 column 1: found a text that cJSON refuses, "
                                        "expected JSON");
    *ret_value = json_of(root);
    return ERR_NONE;
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
             const_node_of(duplicate->item)->string);
    return json_scan_report(text, scan.key_at, ERR_TYPE, found, "each key once", msg);
}

enum err json_parse(struct str text, const struct json_limits *limits, struct json **ret_value,
                    struct errmsg *msg)
{
    struct json *root;
    struct json_duplicate duplicate;
    enum err err = read_document(text, limits, &root, msg);
    if (err != ERR_NONE)
        return err;
    if (json_duplicate_find(root, &duplicate)) {
        err = report_duplicate(text, limits, &duplicate, msg);
        json_free(root);
        return err;
    }
    *ret_value = root;
    return ERR_NONE;
}

enum err json_parse_last_wins(struct str text, const struct json_limits *limits,
                              struct json **ret_value, struct json **ret_duplicates,
                              struct errmsg *msg)
{
    struct json *root;
    enum err err = read_document(text, limits, &root, msg);
    if (err != ERR_NONE)
        return err;
    struct json *duplicates = json_duplicates_drop(root);
    if (ret_duplicates != NULL)
        *ret_duplicates = duplicates;
    else
        json_free(duplicates);
    *ret_value = root;
    return ERR_NONE;
}

void json_free(struct json *value)
{
    if (value == NULL)
        return;
    use_our_memory();
    cJSON_Delete(node_of(value));
}

void json_free_pointer(struct json **value)
{
    json_free(*value);
}

static cJSON *node_create(int type)
{
    cJSON *node = mem_alloc(sizeof(*node));
    node->type = type;
    return node;
}

struct json *json_object(void)
{
    return json_of(node_create(cJSON_Object));
}

struct json *json_array(void)
{
    return json_of(node_create(cJSON_Array));
}

struct json *json_string(struct str text)
{
    cJSON *node = node_create(cJSON_String);
    node->valuestring = str_dup(text.data != NULL ? text : STR(""));
    return json_of(node);
}

struct json *json_text(const char *text)
{
    return json_string(str_from(text));
}

struct json *json_int(int64_t value)
{
    ASSERT(value >= -JSON_INT_MAX && value <= JSON_INT_MAX);
    cJSON *node = node_create(cJSON_Number);
    node->valuedouble = (double)value;
    return json_of(node);
}

struct json *json_double(double value)
{
    ASSERT(__builtin_isfinite(value));
    cJSON *node = node_create(cJSON_Number);
    node->valuedouble = value;
    return json_of(node);
}

struct json *json_bool(bool value)
{
    return json_of(node_create(value ? cJSON_True : cJSON_False));
}

struct json *json_null(void)
{
    return json_of(node_create(cJSON_NULL));
}

/* Links `node` as the last child of `parent`. */
static void link_last(cJSON *parent, cJSON *node)
{
    node->next = NULL;
    if (parent->child == NULL) {
        parent->child = node;
        node->prev = node;
        return;
    }
    cJSON *last = parent->child->prev;
    last->next = node;
    node->prev = last;
    parent->child->prev = node;
}

static void link_before(cJSON *parent, cJSON *node, cJSON *behind)
{
    node->next = behind;
    node->prev = behind->prev;
    behind->prev = node;
    if (behind == parent->child)
        parent->child = node;
    else
        node->prev->next = node;
}

static void unlink_child(cJSON *parent, cJSON *node)
{
    if (node == parent->child)
        parent->child = node->next;
    else
        node->prev->next = node->next;
    if (node->next != NULL)
        node->next->prev = node->prev;
    else if (parent->child != NULL)
        parent->child->prev = node->prev;
    node->next = NULL;
    node->prev = NULL;
}

static char *copy_text(const char *text)
{
    return str_dup(str_from(text));
}

static cJSON *clone_node(const cJSON *node)
{
    cJSON *copy = node_create(node->type & 0xff);
    copy->valuedouble = node->valuedouble;
    copy->valueint = node->valueint;
    copy->valuestring = copy_text(node->valuestring);
    for (const cJSON *child = node->child; child != NULL; child = child->next) {
        cJSON *child_copy = clone_node(child);
        child_copy->string = copy_text(child->string);
        link_last(copy, child_copy);
    }
    return copy;
}

struct json *json_clone(const struct json *value)
{
    return value != NULL ? json_of(clone_node(const_node_of(value))) : NULL;
}

enum json_type json_type(const struct json *value)
{
    if (value == NULL)
        return JSON_NULL;
    switch (const_node_of(value)->type & 0xff) {
    case cJSON_False:
    case cJSON_True: return JSON_BOOL;
    case cJSON_Number: return JSON_NUMBER;
    case cJSON_String: return JSON_STRING;
    case cJSON_Array: return JSON_ARRAY;
    case cJSON_Object: return JSON_OBJECT;
    default: return JSON_NULL;
    }
}

bool json_is(const struct json *value, enum json_type type)
{
    return value != NULL && json_type(value) == type;
}

size_t json_count(const struct json *value)
{
    size_t count = 0;
    JSON_EACH (item, value)
        count++;
    return count;
}

struct json *json_first(const struct json *value)
{
    return value != NULL ? json_of(const_node_of(value)->child) : NULL;
}

struct json *json_next(const struct json *item)
{
    return item != NULL ? json_of(const_node_of(item)->next) : NULL;
}

struct str json_key(const struct json *item)
{
    return item != NULL ? str_from(const_node_of(item)->string) : STR_NONE;
}

struct json *json_get(const struct json *object, const char *key)
{
    if (!json_is(object, JSON_OBJECT) || key == NULL)
        return NULL;
    for (cJSON *node = const_node_of(object)->child; node != NULL; node = node->next) {
        if (strcmp(node->string, key) == 0)
            return json_of(node);
    }
    return NULL;
}

struct json *json_get_str(const struct json *object, struct str key)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    JSON_EACH (item, object) {
        if (str_equal(json_key(item), key))
            return item;
    }
    return NULL;
}

struct json *json_item(const struct json *array, size_t index)
{
    if (!json_is(array, JSON_ARRAY))
        return NULL;
    struct json *item = json_first(array);
    while (index-- > 0 && item != NULL)
        item = json_next(item);
    return item;
}

struct json *json_at(const struct json *value, const char *path)
{
    struct str rest = str_from(path);
    struct json *found = NULL;
    while (rest.data != NULL) {
        found = json_get_str(value, str_split_next(&rest, '.'));
        if (found == NULL)
            return NULL;
        value = found;
    }
    return found;
}

struct str json_string_of(const struct json *value)
{
    return json_is(value, JSON_STRING) ? str_from(const_node_of(value)->valuestring) : STR_NONE;
}

bool json_bool_of(const struct json *value)
{
    return value != NULL && (const_node_of(value)->type & 0xff) == cJSON_True;
}

bool json_int_of(const struct json *value, int64_t *ret_value)
{
    if (!json_is(value, JSON_NUMBER))
        return false;
    double number = const_node_of(value)->valuedouble;
    if (!(number >= -(double)JSON_INT_MAX && number <= (double)JSON_INT_MAX))
        return false;
    int64_t integer = (int64_t)number;
    if ((double)integer < number || (double)integer > number)
        return false;
    *ret_value = integer;
    return true;
}

double json_double_of(const struct json *value)
{
    return json_is(value, JSON_NUMBER) ? const_node_of(value)->valuedouble : 0;
}

struct str json_text_at(const struct json *value, const char *path)
{
    return json_string_of(json_at(value, path));
}

static void key_assign(cJSON *node, struct str key)
{
    ASSERT(key.len == 0 || memchr(key.data, '\0', key.len) == NULL);
    char *copy = str_dup(key.data != NULL ? key : STR(""));
    mem_free(node->string);
    node->string = copy;
}

void json_add_member(struct json *object, struct str key, struct json *child)
{
    ASSERT(json_is(object, JSON_OBJECT) && child != NULL);
    key_assign(node_of(child), key);
    link_last(node_of(object), node_of(child));
}

void json_set(struct json *object, const char *key, struct json *child)
{
    json_set_str(object, str_from(key), child);
}

void json_set_str(struct json *object, struct str key, struct json *child)
{
    struct json *present = json_get_str(object, key);
    if (present != NULL)
        json_replace(object, present, child);
    else
        json_add_member(object, key, child);
}

/* Items of arrays have no name. */
static void key_drop(cJSON *node)
{
    mem_free(node->string);
    node->string = NULL;
}

void json_append(struct json *array, struct json *child)
{
    ASSERT(json_is(array, JSON_ARRAY) && child != NULL);
    key_drop(node_of(child));
    link_last(node_of(array), node_of(child));
}

void json_insert(struct json *array, size_t index, struct json *child)
{
    ASSERT(json_is(array, JSON_ARRAY) && child != NULL);
    struct json *behind = json_item(array, index);
    key_drop(node_of(child));
    if (behind != NULL)
        link_before(node_of(array), node_of(child), node_of(behind));
    else
        link_last(node_of(array), node_of(child));
}

void json_remove(struct json *object, const char *key)
{
    json_remove_str(object, str_from(key));
}

void json_remove_str(struct json *object, struct str key)
{
    struct json *present = json_get_str(object, key);
    if (present != NULL)
        json_free(json_detach(object, present));
}

struct json *json_detach(struct json *parent, struct json *item)
{
    unlink_child(node_of(parent), node_of(item));
    return item;
}

void json_replace(struct json *parent, struct json *item, struct json *with)
{
    cJSON *old = node_of(item);
    cJSON *node = node_of(with);
    ASSERT(with != NULL && with != item);
    key_drop(node);
    node->string = old->string;
    old->string = NULL;
    link_before(node_of(parent), node, old);
    unlink_child(node_of(parent), old);
    json_free(item);
}

/* Merges two sorted lists (linked by next); of equal keys, a's come first. */
static cJSON *merge_sorted(cJSON *a, cJSON *b)
{
    cJSON *head = NULL;
    cJSON **tail = &head;
    while (a != NULL && b != NULL) {
        cJSON **smaller = strcmp(a->string, b->string) <= 0 ? &a : &b;
        *tail = *smaller;
        tail = &(*smaller)->next;
        *smaller = (*smaller)->next;
    }
    *tail = a != NULL ? a : b;
    return head;
}

/* Sorts by runs[i] holding nothing or a sorted list of 2^i nodes. */
static cJSON *sort_list(cJSON *list)
{
    cJSON *runs[64] = {NULL};
    while (list != NULL) {
        cJSON *carry = list;
        list = list->next;
        carry->next = NULL;
        size_t i = 0;
        for (; runs[i] != NULL; i++) {
            carry = merge_sorted(runs[i], carry);
            runs[i] = NULL;
        }
        runs[i] = carry;
    }
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++)
        list = merge_sorted(runs[i], list);
    return list;
}

static bool members_sorted(const cJSON *object)
{
    for (const cJSON *node = object->child; node != NULL && node->next != NULL; node = node->next) {
        if (strcmp(node->string, node->next->string) > 0)
            return false;
    }
    return true;
}

void json_sort(struct json *value)
{
    cJSON *parent = node_of(value);
    if (json_is(value, JSON_OBJECT) && !members_sorted(parent)) {
        parent->child = sort_list(parent->child);
        cJSON *last = parent->child;
        for (; last->next != NULL; last = last->next)
            last->next->prev = last;
        parent->child->prev = last;
    }
    JSON_EACH (item, value)
        json_sort(item);
}
