/*
 * The Events that the controller told, as `kubectl get events` would list them: derived from
 * the audit log alone. One a line, in the order in which they were told:
 *
 *   +1m30s web Normal Provisioned Stage qa provisioned
 *   +2h web Warning StageEmpty Stage prod: No cluster ... x3       the series' last count
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_EVENT_LIST_H
#define PROMOTER_SCENARIOS_ENGINE_EVENT_LIST_H

#include "fakeapi/fakeapi.h"

/* True for an Event that our controller reports, and not Sveltos. */
bool event_is_ours(const struct json *event);
void event_list_print(const struct fakeapi *api, int64_t start_ms, struct buf *out);

#endif
