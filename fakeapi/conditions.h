/*
 * status.conditions of the kinds that the server's own controllers look after.
 * Source: Kubernetes API conventions, "Typical status properties".
 */
#ifndef PROMOTER_FAKEAPI_CONDITIONS_H
#define PROMOTER_FAKEAPI_CONDITIONS_H

#include "controller/base/json.h"

/* Sets the condition of that type, which keeps its time unless its truth changes. */
void condition_set(struct json *status, int64_t now_ms, const char *type, bool is_true,
                   const char *reason, const char *message);

#endif
