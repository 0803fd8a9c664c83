/*
 * The run as text: one aligned line per event, and a hash over all lines that
 * identifies the run [D1]. Lines are kept only when somebody wants them.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_TRACE_H
#define PROMOTER_SCENARIOS_ENGINE_TRACE_H

#include "fakeapi/sveltos/world.h"

struct trace {
    int64_t start_ms;
    uint64_t hash;   /* FNV-1a 64 of all lines with their newlines */
    struct buf *out; /* borrowed; NULL: only hash */
    struct buf line;
};

void trace_init(struct trace *trace, int64_t start_ms);
void trace_release(struct trace *trace);
/* Time offset, actor, method, status, resourceVersion, target. */
void trace_request(struct trace *trace, const struct fakeapi_audit *audit);
/* Watch bytes that reached the controller. */
void trace_delivery(struct trace *trace, int64_t at_ms, struct str target, size_t bytes);
/* `what`: "start", "restart", "crash before-send:3". */
void trace_controller(struct trace *trace, int64_t at_ms, const char *what);
/* A line of the controller's log: what it decided, under the reason's name. */
void trace_log(struct trace *trace, int64_t at_ms, const char *line);
/* `what` strikes a request, or the events of a watch. */
void trace_fault(struct trace *trace, int64_t at_ms, const char *what, const char *method,
                 struct str target);
void trace_deployment(struct trace *trace, const struct world_deployment *deployment);

#endif
