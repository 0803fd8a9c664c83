#include "controller/base/json_internal.h"
#include "controller/base/json_scan.h"
#include "controller/base/mem.h"

/* An item may break any limit but these without condemning the list: it is judged when
 * it is parsed itself. */
static const struct json_limits list_limits = {
    .bytes_max = 64u << 20, .depth_max = JSON_SCAN_DEPTH_MAX, .members_max = UINT_MAX};

/* The walk over the top-level object. */
struct splitter {
    struct json_scan scan;
    struct str *items;
    size_t item_count;
    size_t item_capacity;
    size_t item_count_max;
    bool has_items;
    size_t items_begin; /* the bytes of the value of "items" */
    size_t items_end;
};

static bool split_item(struct splitter *splitter)
{
    struct json_scan *scan = &splitter->scan;
    json_scan_space(scan);
    size_t begin = scan->at;
    if (splitter->item_count >= splitter->item_count_max)
        return json_scan_fail(scan, ERR_LIMIT, "at most the items allowed");
    if (!json_scan_value(scan))
        return false;
    splitter->items =
        mem_grow_array(splitter->items, splitter->item_count, &splitter->item_capacity,
                       sizeof(*splitter->items), splitter->item_count_max);
    splitter->items[splitter->item_count++] = str_slice(scan->text, begin, scan->at);
    return true;
}

static bool split_items(struct splitter *splitter)
{
    struct json_scan *scan = &splitter->scan;
    scan->at++;
    json_scan_space(scan);
    if (json_scan_peek(scan) == ']') {
        scan->at++;
        return true;
    }
    for (;;) {
        if (!split_item(splitter))
            return false;
        json_scan_space(scan);
        if (json_scan_peek(scan) != ',')
            return json_scan_expect(scan, ']', "',' or ']'");
        scan->at++;
    }
}

static bool split_null(struct splitter *splitter)
{
    struct json_scan *scan = &splitter->scan;
    return json_scan_peek(scan) == 'n' ? json_scan_value(scan)
                                       : json_scan_fail(scan, ERR_SYNTAX, "an array of items");
}

/* Value faults within the items are the items' own. */
static bool split_items_member(struct splitter *splitter)
{
    struct json_scan *scan = &splitter->scan;
    bool had_fault = scan->value_fault;
    if (splitter->has_items)
        return json_scan_fail(scan, ERR_SYNTAX, "\"items\" once");
    splitter->has_items = true;
    splitter->items_begin = scan->at;
    bool fine = json_scan_peek(scan) == '[' ? split_items(splitter) : split_null(splitter);
    splitter->items_end = scan->at;
    scan->value_fault = had_fault;
    return fine;
}

static bool split_member(struct splitter *splitter)
{
    struct json_scan *scan = &splitter->scan;
    json_scan_space(scan);
    size_t begin = scan->at;
    if (!json_scan_string(scan))
        return false;
    struct str key = str_slice(scan->text, begin, scan->at);
    json_scan_space(scan);
    if (!json_scan_expect(scan, ':', "':'"))
        return false;
    json_scan_space(scan);
    return str_equal(key, STR("\"items\"")) ? split_items_member(splitter)
                                            : json_scan_value(scan);
}

static bool split_object(struct splitter *splitter)
{
    struct json_scan *scan = &splitter->scan;
    json_scan_space(scan);
    if (!json_scan_expect(scan, '{', "a list object"))
        return false;
    for (;;) {
        if (!split_member(splitter))
            return false;
        json_scan_space(scan);
        if (json_scan_peek(scan) != ',')
            break;
        scan->at++;
    }
    if (!json_scan_expect(scan, '}', "',' or '}'") || !json_scan_end(scan))
        return false;
    return splitter->has_items || json_scan_fail(scan, ERR_SYNTAX, "\"items\" in the list");
}

/* Parses the text with null in the place of the items. */
static enum err split_head(const struct splitter *splitter, struct json **ret_head,
                           struct errmsg *msg)
{
    struct str text = splitter->scan.text;
    struct buf head_text CLEANUP(buf_release) = {0};
    struct json *head;
    buf_init(&head_text, text.len + 4);
    buf_append(&head_text, str_slice(text, 0, splitter->items_begin));
    buf_append_text(&head_text, "null");
    buf_append(&head_text, str_slice(text, splitter->items_end, text.len));
    enum err err = json_parse(buf_str(&head_text), NULL, &head, msg);
    if (err != ERR_NONE)
        return err;
    json_remove(head, "items");
    *ret_head = head;
    return ERR_NONE;
}

enum err json_list_split(struct str text, size_t item_count_max, struct json_list *ret_list,
                         struct errmsg *msg)
{
    struct splitter splitter = {.item_count_max = item_count_max};
    struct json_list list = {0};
    if (text.len > list_limits.bytes_max)
        return err_set(msg, ERR_LIMIT, "line 1 column 1: found %zu bytes, expected at most %zu",
                       text.len, list_limits.bytes_max);
    json_scan_init(&splitter.scan, text, &list_limits, msg);
    enum err err = split_object(&splitter) ? split_head(&splitter, &list.head, msg)
                                           : splitter.scan.err;
    list.items = splitter.items;
    list.item_count = splitter.item_count;
    if (err != ERR_NONE)
        json_list_release(&list);
    else
        *ret_list = list;
    return err;
}

void json_list_release(struct json_list *list)
{
    json_free(list->head);
    mem_free(list->items);
    *list = (struct json_list){0};
}
