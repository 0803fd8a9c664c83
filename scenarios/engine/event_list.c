#include "scenarios/engine/event_list.h"

#include "controller/base/ktime.h"
#include "scenarios/engine/fold.h"

#define GROUP "events.k8s.io/v1"
#define REPORTER "promoter"

bool event_is_ours(const struct json *event)
{
    return str_is(json_text_at(event, "apiVersion"), GROUP) &&
           str_is(json_text_at(event, "reportingController"), REPORTER);
}

static void print_count(const struct json *last, struct buf *out)
{
    int64_t count;
    if (json_int_of(json_at(last, "series.count"), &count))
        buf_printf(out, " x%" PRId64, count);
}

static void print_event(const struct fakeapi_audit *told, const struct json *last,
                        int64_t start_ms, struct buf *out)
{
    const struct json *event = told->after;
    buf_append_char(out, '+');
    duration_print((told->at_ms - start_ms) * 1000000, out);
    buf_printf(out, " %.*s %.*s %.*s %.*s", STR_ARGS(json_text_at(event, "regarding.name")),
               STR_ARGS(json_text_at(event, "type")), STR_ARGS(json_text_at(event, "reason")),
               STR_ARGS(json_text_at(event, "note")));
    print_count(last, out);
    buf_append_char(out, '\n');
}

void event_list_print(const struct fakeapi *api, int64_t start_ms, struct buf *out)
{
    struct fold fold;
    fold_init(&fold);
    for (size_t i = 0; i < fakeapi_audit_count(api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        if (event_is_ours(audit->after))
            fold_add(&fold, audit);
    }
    for (size_t i = 0; i < fakeapi_audit_count(api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        if (audit->created && event_is_ours(audit->after))
            print_event(audit, fold_get(&fold, audit->kind, audit->name_space, audit->name),
                        start_ms, out);
    }
    fold_release(&fold);
}
