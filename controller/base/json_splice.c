/*
 * Printing a value of which much was printed before: a small change of a large object costs what
 * it changes, and the copy of the rest.
 */
#include "controller/base/json_tree.h"

#define SPAN_BYTES_MIN 64u /* smaller parts are printed as soon as they are found */
#define SPANS_SOUGHT_MAX 32u /* what moved farther is printed again */

/* One value being printed. */
struct splice {
    struct str text_before;
    const struct json_spans *before;
    size_t at; /* behind the span that was copied last: mostly the order is the same */
    struct json_spans *spans;
    struct buf *out;
};

void json_spans_release(struct json_spans *spans)
{
    mem_free(spans->items);
    *spans = (struct json_spans){0};
}

static struct json_span *add_span(struct json_spans *spans)
{
    spans->items = mem_grow_array(spans->items, spans->count, &spans->capacity,
                                  sizeof(*spans->items), SIZE_MAX);
    return &spans->items[spans->count++];
}

/* Goes to the span of the part. */
static bool find_span(struct splice *splice, const void *part)
{
    for (size_t i = splice->at;
         i < splice->before->count && i < splice->at + SPANS_SOUGHT_MAX; i++) {
        if (splice->before->items[i].part == part) {
            splice->at = i;
            return true;
        }
    }
    return false;
}

/* Copies the text of the span; the spans within it move along. */
static void copy_span(struct splice *splice)
{
    const struct json_spans *before = splice->before;
    struct json_span found = before->items[splice->at];
    size_t begin = splice->out->len;
    for (; splice->at < before->count && before->items[splice->at].begin < found.end;
         splice->at++) {
        const struct json_span *span = &before->items[splice->at];
        *add_span(splice->spans) = (struct json_span){
            span->part, begin + span->begin - found.begin, begin + span->end - found.begin};
    }
    buf_append(splice->out, str_slice(splice->text_before, found.begin, found.end));
}

static void print_part(struct splice *splice, const struct json *value);

static void print_items(struct splice *splice, const struct json *value)
{
    bool is_object = json_kind_of(value) == JSON_KIND_OBJECT;
    const struct json *first = json_first(value);
    buf_append_char(splice->out, is_object ? '{' : '[');
    for (const struct json *item = first; item != NULL; item = item->next) {
        if (item != first)
            buf_append_char(splice->out, ',');
        if (is_object)
            json_print_key(item, splice->out);
        print_part(splice, item);
    }
    buf_append_char(splice->out, is_object ? '}' : ']');
}

/* The place of a span is taken before those within it. */
static void print_part(struct splice *splice, const struct json *value)
{
    const struct json_children *part = json_children_of(value);
    size_t place = splice->spans->count;
    size_t begin = splice->out->len;
    if (part == NULL) {
        json_print(value, splice->out);
        return;
    }
    if (find_span(splice, part)) {
        copy_span(splice);
        return;
    }
    add_span(splice->spans)->part = part;
    print_items(splice, value);
    if (splice->out->len - begin < SPAN_BYTES_MIN) {
        splice->spans->count = place;
        return;
    }
    splice->spans->items[place].begin = begin;
    splice->spans->items[place].end = splice->out->len;
}

void json_print_after(const struct json *value, struct str text_before,
                      const struct json_spans *spans_before, struct buf *out,
                      struct json_spans *ret_spans)
{
    static const struct json_spans none;
    *ret_spans = (struct json_spans){0};
    struct splice splice = {.text_before = text_before,
                            .before = spans_before != NULL ? spans_before : &none,
                            .spans = ret_spans,
                            .out = out};
    print_part(&splice, value);
    ret_spans->items = mem_resize(ret_spans->items, ret_spans->count * sizeof(struct json_span));
    ret_spans->capacity = ret_spans->count;
}
