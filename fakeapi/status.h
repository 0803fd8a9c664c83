/*
 * Answers: metav1.Status bodies in a real server's words, and objects.
 */
#ifndef PROMOTER_FAKEAPI_STATUS_H
#define PROMOTER_FAKEAPI_STATUS_H

#include "fakeapi/schema.h"
#include "fakeapi/server.h"

/* A failure Status without details. `reason` NULL leaves it out. */
void answer_failure(struct call *call, int code, const char *reason, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* With details (owned; NULL: none). */
void answer_failure_details(struct call *call, int code, const char *reason,
                            struct json *details, const char *format, ...) PRINTF_LIKE(5, 6);
/* The text/plain answer of paths that nothing is served at. */
void answer_no_page(struct call *call);
/* 404 with the object's name in details. */
void answer_not_found(struct call *call);
void answer_not_found_named(struct call *call, const char *qualified, struct str name,
                            struct json *details);
/* 403 with the object's name; causes (owned; NULL: none). */
void answer_forbidden(struct call *call, struct str name, struct json *causes, const char *format,
                      ...) PRINTF_LIKE(4, 5);
/* 409: "Operation cannot be fulfilled on PLURAL.GROUP "NAME": TEXT". */
void answer_conflict(struct call *call, const char *format, ...) PRINTF_LIKE(2, 3);
/* 409 with the Kind in the place of the plural, as failed preconditions of a delete. */
void answer_conflict_kind(struct call *call, struct str name, const char *format, ...)
    PRINTF_LIKE(3, 4);
void answer_stale(struct call *call);
/* 422 with one cause per error: `KIND.GROUP "NAME" is invalid: ...`. An empty kind gives the
 * head of errors in patches (` "" is invalid`). */
void answer_invalid(struct call *call, struct str kind, struct str group, struct str name,
                    const struct schema_errors *errors);
/* 422 of the call's own kind. */
void answer_invalid_object(struct call *call, struct str name, const struct schema_errors *errors);

/* details: {name, group, kind}; empty ones are left out. */
struct json *status_details(struct str name, struct str group, struct str kind);
/* {"kind": "Status", ... } in the server's order of members; details is owned. */
struct json *status_object(int code, const char *reason, struct str message,
                           struct json *details);

/* Status "Success" with details (owned). */
void answer_success(struct call *call, struct json *details);
void answer_object(struct call *call, int code, const struct json *object);
/* A text for a Warning header. */
void warn(struct call *call, const char *format, ...) PRINTF_LIKE(2, 3);

/* Go's %q. */
void quote_go(struct str text, struct buf *out);

#endif
