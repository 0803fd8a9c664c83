#include "fakeapi/rendition.h"

#include "fakeapi/form.h"
#include "fakeapi/scale.h"
#include "fakeapi/status.h"
#include "fakeapi/table.h"

const char *rendition_of_version(struct rendition rendition, const char *api_version)
{
    if (rendition.kind == RENDITION_WHOLE)
        return api_version;
    return rendition.is_beta ? "meta.k8s.io/v1beta1" : "meta.k8s.io/v1";
}

const char *rendition_of_kind(struct rendition rendition, const char *kind)
{
    switch (rendition.kind) {
    case RENDITION_WHOLE:
        return kind;
    case RENDITION_PARTIAL:
        return "PartialObjectMetadata";
    case RENDITION_PARTIAL_LIST:
        return "PartialObjectMetadataList";
    case RENDITION_TABLE:
        return "Table";
    }
    return kind;
}

void rendition_print_partial(struct rendition rendition, const struct json *object,
                             struct buf *out)
{
    buf_printf(out, "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"%s\",\"metadata\":",
               rendition_of_version(rendition, ""));
    json_print(json_get(object, "metadata"), out);
    buf_append_char(out, '}');
}

/* A Table of one row, which has the object's version. */
static void print_table(struct rendition rendition, const struct resource *resource,
                        int64_t now_ms, const struct json *object, struct buf *out)
{
    struct buf metadata;
    buf_init(&metadata, 1024);
    buf_append_text(&metadata, "{\"resourceVersion\":");
    json_print_string(json_text_at(object, "metadata.resourceVersion"), &metadata);
    buf_append_char(&metadata, '}');
    buf_append_char(out, '{');
    table_print_head(resource, rendition, buf_str(&metadata), out);
    buf_append_char(out, '[');
    table_print_row(resource, rendition, now_ms, object, out);
    buf_append_text(out, "]}");
    buf_release(&metadata);
}

void rendition_print(struct rendition rendition, const struct resource *resource, int64_t now_ms,
                     const struct json *object, struct buf *out)
{
    if (rendition.kind == RENDITION_WHOLE)
        json_print(object, out);
    else if (rendition.kind == RENDITION_TABLE)
        print_table(rendition, resource, now_ms, object, out);
    else
        rendition_print_partial(rendition, object, out);
}

void rendition_print_record(struct fakeapi *api, struct rendition rendition,
                            const struct resource *resource, struct record *record,
                            struct buf *out)
{
    struct record *shown = form_record(resource, record);
    if (rendition.kind == RENDITION_WHOLE)
        buf_append(out, record_text(&api->texts, shown));
    else
        rendition_print(rendition, resource, api->timers->now_ms, shown->object, out);
    record_unref(shown);
}

static bool check_single(struct call *call)
{
    if (call->rendition.kind != RENDITION_PARTIAL_LIST)
        return true;
    answer_failure(call, 500, NULL, "content is not a list");
    return false;
}

/* Answers with the Scale of the object. */
static void answer_scale(struct call *call, int code, const struct json *object)
{
    struct json *scale = scale_of(call, object);
    if (scale == NULL)
        return;
    call->response->status = code;
    buf_clear(&call->response->body);
    json_print(scale, &call->response->body);
    buf_append_char(&call->response->body, '\n');
    json_free(scale);
}

void answer_record(struct call *call, int code, struct record *record)
{
    struct buf *body = &call->response->body;
    if (!check_single(call))
        return;
    if (call_is_scale(call)) {
        struct record *shown = form_record(call->resource, record);
        answer_scale(call, code, shown->object);
        record_unref(shown);
        return;
    }
    call->response->status = code;
    buf_clear(body);
    rendition_print_record(call->api, call->rendition, call->resource, record, body);
    buf_append_char(body, '\n');
}

void answer_shown(struct call *call, int code, const struct json *object)
{
    struct buf *body = &call->response->body;
    if (!check_single(call))
        return;
    if (call_is_scale(call)) {
        answer_scale(call, code, object);
        return;
    }
    call->response->status = code;
    buf_clear(body);
    rendition_print(call->rendition, call->resource, call->api->timers->now_ms, object, body);
    buf_append_char(body, '\n');
}
