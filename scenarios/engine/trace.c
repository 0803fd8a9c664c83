#include "scenarios/engine/trace.h"

#define TRACE_LINE_BYTES_MAX 8192u
#define DIGEST_SHOWN_BYTES 12u /* enough to tell configurations apart by eye */

void trace_init(struct trace *trace, int64_t start_ms)
{
    *trace = (struct trace){.start_ms = start_ms, .hash = STR_HASH_INIT};
    buf_init(&trace->line, TRACE_LINE_BYTES_MAX);
}

void trace_release(struct trace *trace)
{
    buf_release(&trace->line);
}

static void line_begin(struct trace *trace, int64_t at_ms, struct str actor, const char *verb)
{
    int64_t offset_ms = at_ms - trace->start_ms;
    buf_clear(&trace->line);
    buf_printf(&trace->line, "+%6" PRId64 ".%03ds  %-23.*s %-8s ", offset_ms / 1000,
               (int)(offset_ms % 1000), STR_ARGS(actor), verb);
}

static void line_end(struct trace *trace)
{
    buf_append_char(&trace->line, '\n');
    trace->hash = str_hash(trace->hash, buf_str(&trace->line));
    if (trace->out != NULL)
        buf_append(trace->out, buf_str(&trace->line));
}

void trace_request(struct trace *trace, const struct fakeapi_audit *audit)
{
    struct str actor = str_slice(audit->user_agent, 0, str_find(audit->user_agent, '/', 0));
    line_begin(trace, audit->at_ms, actor, audit->method);
    buf_printf(&trace->line, "%3d %c rv=%-6" PRIu64 " %.*s", audit->status,
               audit->changed ? '*' : ' ', audit->resource_version, STR_ARGS(audit->target));
    line_end(trace);
}

void trace_delivery(struct trace *trace, int64_t at_ms, struct str target, size_t bytes)
{
    line_begin(trace, at_ms, STR("promoter"), "receives");
    buf_printf(&trace->line, "%zu bytes of %.*s", bytes, STR_ARGS(target));
    line_end(trace);
}

void trace_controller(struct trace *trace, int64_t at_ms, const char *what)
{
    line_begin(trace, at_ms, STR("promoter"), what);
    line_end(trace);
}

void trace_log(struct trace *trace, int64_t at_ms, const char *line)
{
    line_begin(trace, at_ms, STR("promoter"), "decides");
    buf_append_text(&trace->line, line);
    line_end(trace);
}

void trace_fault(struct trace *trace, int64_t at_ms, const char *what, const char *method,
                 struct str target)
{
    line_begin(trace, at_ms, STR("fault"), what);
    buf_printf(&trace->line, "%s %.*s", method, STR_ARGS(target));
    line_end(trace);
}

void trace_deployment(struct trace *trace, const struct world_deployment *deployment)
{
    const char *verb = deployment->withdrawn ? "withdraw" : deployment->failed ? "fail" : "deploy";
    line_begin(trace, deployment->at_ms, STR("world"), verb);
    buf_printf(&trace->line, "%.*s/%.*s %.*s of %.*s %.*s",
               STR_ARGS(deployment->cluster_namespace), STR_ARGS(deployment->cluster),
               STR_ARGS(deployment->feature), STR_ARGS(deployment->profile),
               STR_ARGS(str_slice(deployment->configuration, 0, DIGEST_SHOWN_BYTES)));
    line_end(trace);
}
