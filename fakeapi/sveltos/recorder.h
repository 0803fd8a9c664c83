/*
 * Events as Sveltos' recorder writes them, of group events.k8s.io, with the aggregation of
 * client-go's recorder: an event that is told again of the same object in the same state becomes
 * a series, whose count is written when it begins, every 30 min, and when it has ended.
 *
 * A real server keeps one object and shows it in two groups; the fake keeps both forms apart, so
 * the recorder writes the other group's form (core/v1) itself. Source: facts, 2.8, 6.3;
 * client-go's tools/events.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_RECORDER_H
#define PROMOTER_FAKEAPI_SVELTOS_RECORDER_H

#include "controller/base/map.h"
#include "controller/base/timers.h"
#include "fakeapi/sveltos/client.h"

#define RECORDER_FINISHES_EVERY_MS INT64_C(360000)
#define RECORDER_REFRESHES_EVERY_MS INT64_C(1800000) /* a multiple of the above */

/* All borrowed. The namespace of the event is the object's, or "default". */
struct recording {
    const struct json *regarding;
    const char *type; /* "Normal", "Warning" */
    const char *reason;
    const char *action;
    const char *note;
};

struct recorder {
    struct client client;
    struct timers *timers; /* borrowed */
    int64_t started_ms;    /* both loops' phase */
    int64_t swept_ms;      /* the loop's last round that has forgotten what is over */
    uint64_t serial;       /* makes names unique within a millisecond */
    struct map recorded;   /* struct recorded by what makes events the same */
    uint64_t timer;        /* of the next round that has something to write; 0: none */
};

void recorder_init(struct recorder *recorder, struct fakeapi *api, struct timers *timers);
void recorder_release(struct recorder *recorder);
void recorder_start(struct recorder *recorder);
/* As if killed: counts that were not written are lost. */
void recorder_stop(struct recorder *recorder);
void recorder_tell(struct recorder *recorder, const struct recording *recording);

#endif
