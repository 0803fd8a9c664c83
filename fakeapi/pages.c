#include "fakeapi/pages.h"

#include "controller/base/mem.h"

#include "fakeapi/base64.h"
#include "fakeapi/form.h"
#include "fakeapi/status.h"
#include "fakeapi/table.h"

void page_release(struct page *page)
{
    for (size_t i = 0; i < page->count; i++)
        record_unref(page->records[i]);
    mem_free(page->records);
    mem_free(page->last_key);
    *page = (struct page){0};
}

/* The page is full: remember what was last on it, and count what is left. */
static void page_note_rest(const struct call *call, const struct slot *last, struct page *page)
{
    bool spans = call->resource->namespaced && call->name_space.len == 0;
    if (page->last_key == NULL)
        page->last_key = spans ? str_format("%s/%s", last->name_space, last->name)
                               : str_format("%s", last->name);
    page->remaining++;
}

struct page_walk {
    struct call *call;
    const struct page_query *query;
    struct map undone;
    bool is_past; /* undone is filled */
    const struct slot *last;
};

static void page_take(struct page_walk *walk, const struct slot *slot, struct page *page)
{
    struct record *record = walk->is_past ? collection_record_at(slot, &walk->undone)
                                          : slot->current;
    if (record == NULL || !selector_matches(walk->query->selector, record->object))
        return;
    if (walk->query->limit > 0 && page->count == walk->query->limit) {
        page_note_rest(walk->call, walk->last, page);
        return;
    }
    page->records = mem_grow_array(page->records, page->count, &page->capacity,
                                   sizeof(struct record *), SIZE_MAX);
    page->records[page->count++] = record_ref(record);
    walk->last = slot;
}

/* The first slot that the page may hold. */
static size_t first_slot(struct call *call, struct str start, struct slot **slots, size_t count)
{
    struct str name_space = call->name_space;
    struct str name = start;
    if (call->resource->namespaced && call->name_space.len == 0)
        name_space = str_split_next(&name, '/');
    return collection_lower_bound(slots, count, name_space, name);
}

void page_read(struct call *call, const struct page_query *query, struct page *ret_page)
{
    struct collection *collection = call->resource->collection;
    struct page_walk walk = {.call = call, .query = query};
    size_t count;
    struct slot **slots = collection_sorted(collection, &count);
    *ret_page = (struct page){0};
    map_init(&walk.undone);
    walk.is_past = query->exact && query->version < call->api->resource_version;
    if (walk.is_past)
        collection_undo(collection, query->version, &walk.undone);
    for (size_t i = first_slot(call, query->start, slots, count); i < count; i++) {
        if (call->name_space.len > 0 && !str_is(call->name_space, slots[i]->name_space))
            break;
        page_take(&walk, slots[i], ret_page);
    }
    map_release(&walk.undone);
}

static void print_token(const struct page_query *query, const struct page *page, struct buf *out)
{
    struct buf text;
    buf_init(&text, 4096);
    buf_printf(&text, "{\"v\":\"meta.k8s.io/v1\",\"rv\":%" PRIu64 ",\"start\":", query->version);
    /* The real key ends in a NUL, which JSON of ours cannot hold: the blank that follows a
     * name sorts before every character that a name can have. */
    char *start = str_format("%s ", page->last_key);
    json_print_string(str_from(start), &text);
    mem_free(start);
    buf_append_char(&text, '}');
    base64url_encode(buf_str(&text), out);
    buf_release(&text);
}

static void print_list_meta(const struct call *call, const struct page_query *query,
                            const struct page *page, struct buf *out)
{
    bool more = page->last_key != NULL;
    buf_append_char(out, '{');
    if (more || (call->resource->custom && call->rendition.kind == RENDITION_WHOLE)) {
        buf_append_text(out, "\"continue\":\"");
        if (more)
            print_token(query, page, out);
        buf_append_text(out, "\",");
    }
    if (more && selector_is_empty(query->selector))
        buf_printf(out, "\"remainingItemCount\":%zu,", page->remaining);
    buf_printf(out, "\"resourceVersion\":\"%" PRIu64 "\"}", query->version);
}

static void print_items(struct call *call, const struct page *page, struct buf *out)
{
    buf_append_char(out, '[');
    for (size_t i = 0; i < page->count; i++) {
        if (i > 0)
            buf_append_char(out, ',');
        rendition_print_record(call->api, call->rendition, call->resource,
                               page->records[i], out);
    }
    buf_append_char(out, ']');
}

static void print_rows(struct call *call, const struct page *page, struct buf *out)
{
    buf_append_char(out, '[');
    for (size_t i = 0; i < page->count; i++) {
        struct record *shown = form_record(call->resource, page->records[i]);
        if (i > 0)
            buf_append_char(out, ',');
        table_print_row(call->resource, call->rendition, call->api->timers->now_ms,
                        shown->object, out);
        record_unref(shown);
    }
    buf_append_char(out, ']');
}

static void print_list(struct call *call, struct str metadata, const struct page *page,
                       struct buf *out)
{
    /* An empty list of metadata is null: Go's slice of them was never made. */
    bool is_null = page->count == 0 && call->rendition.kind == RENDITION_PARTIAL_LIST;
    buf_printf(out, "\"apiVersion\":\"%s\",\"items\":",
               rendition_of_version(call->rendition, call->resource->api_version));
    if (is_null)
        buf_append_text(out, "null");
    else
        print_items(call, page, out);
    buf_printf(out, ",\"kind\":\"%s\",\"metadata\":%.*s",
               rendition_of_kind(call->rendition, call->resource->list_kind),
               STR_ARGS(metadata));
}

static bool check_list_rendition(struct call *call)
{
    if (call->rendition.kind != RENDITION_PARTIAL)
        return true;
    answer_failure(call, 406, "NotAcceptable",
                   "you requested PartialObjectMetadata, but the requested object is a list "
                   "(*unstructured.UnstructuredList)");
    return false;
}

void answer_page_of(struct call *call, const struct page_query *query, const struct page *page)
{
    struct buf *body = &call->response->body;
    struct buf metadata;
    if (!check_list_rendition(call))
        return;
    call->response->status = 200;
    buf_init(&metadata, 65536);
    print_list_meta(call, query, page, &metadata);
    buf_clear(body);
    buf_append_char(body, '{');
    if (call->rendition.kind == RENDITION_TABLE) {
        table_print_head(call->resource, call->rendition, buf_str(&metadata), body);
        print_rows(call, page, body);
    } else {
        print_list(call, buf_str(&metadata), page, body);
    }
    buf_append_text(body, "}\n");
    buf_release(&metadata);
}

void answer_page(struct call *call, const struct page_query *query)
{
    struct page page;
    page_read(call, query, &page);
    answer_page_of(call, query, &page);
    page_release(&page);
}
