/*
 * Who knew what: the objects of the audit log as they were at a moment, or as the sender of one
 * request knew them then: what was handed over to that process before it sent the request, and
 * nothing that came later. Moving from one moment to another costs nothing, forth or back.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_TOLD_H
#define PROMOTER_SCENARIOS_ENGINE_TOLD_H

#include "scenarios/engine/checkers.h"
#include "scenarios/engine/history.h"

/* Who sent what each record of the audit log executed, by its index; NULL: the evidence does not
 * tell. The array is owned by the caller. */
const struct transport_record **senders_create(const struct evidence *evidence);

/* The indices of all changes of one kind. */
struct told_changes {
    size_t *indices; /* owned */
    size_t count;
    size_t capacity;
};

struct told_log {
    const struct evidence *evidence; /* borrowed */
    const struct transport_record **senders;
    struct histories objects; /* of the kinds that controllers watch, but ClusterSummary */
    struct told_changes changes[TOLD_KIND_COUNT];
    /* The moment: */
    struct told told;
    int64_t deployed_until_ms; /* what is deployed is told by summaries: up to then */
    bool losses_by_then;       /* a failure or a withdrawal at that very time is told, too */
};

/* At its end, when all is known. */
void told_log_init(struct told_log *log, const struct evidence *evidence);
void told_log_release(struct told_log *log);
/* All that had happened before record `index`, up to its time. */
void told_log_move(struct told_log *log, size_t index);
/* What the sender of record `index` knew; all of it, when the evidence does not tell. */
void told_log_move_to_sender(struct told_log *log, size_t index);

/* The last change of an object; NULL when there never was one. */
const struct fakeapi_audit *told_log_change(const struct told_log *log, struct str kind,
                                            struct str name_space, struct str name);
/* NULL when it does not exist. */
const struct json *told_log_object(const struct told_log *log, struct str kind,
                                   struct str name_space, struct str name);
/* The next object that exists, of any kind, by its last change; NULL at the end. *cursor is NULL
 * at the beginning. */
const struct fakeapi_audit *told_log_next(const struct told_log *log, struct map_entry **cursor);

#endif
