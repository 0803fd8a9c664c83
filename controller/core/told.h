/*
 * Which Events this process has told of one promotion, so that each look tells what is new.
 *
 *              due                    created, or existed                 not due
 *   (unknown) -----> NEWS, standing -----------------------> TOLD -------------------> TOLD,
 *       ^                 | not due: forgotten                 ^                        not
 *       |                 v                                    | counted                standing
 *       +-----------------+------ EVENT_LIFE_MS later ---------+--- REPEATED <----- due again
 *
 * Standing is what was due in the last look: while it stands it is one transition. Due again, it
 * is a repeat; repeats are written to the Event's series at most every EVENT_REPEAT_MS, with the
 * first one that comes after that time. There is no timer for the last count of a series: an
 * idle controller wakes for nothing (D19). After EVENT_LIFE_MS the server has forgotten the
 * Event, and so does this.
 *
 * News that were tried and did not get through are kept, due or not: what they are known by may
 * be gone with the next write. Lost is lost: an Event that the server refuses for good counts as
 * told.
 */
#ifndef PROMOTER_CORE_TOLD_H
#define PROMOTER_CORE_TOLD_H

#include "controller/core/event_write.h"

enum told_state { TOLD_NEWS, TOLD_KNOWN, TOLD_REPEATED };

struct told {
    enum told_state state;
    bool standing;
    bool urgent;             /* see promotion_event.h */
    bool tried;
    char *text;              /* owned; while news: the Event's JSON */
    unsigned repeats;        /* not yet in the series */
    int64_t written_mono_ms; /* the last create or count, also one that failed */
};

/* Takes over what is due now; `book` maps an Event's name to its struct told. Only a look that
 * is at rest, and not between two writes, shows what is not due any more. */
void told_update(struct map *book, const struct promotion *promotion,
                 const struct promotion_events *events, bool at_rest, struct ktime now);
/* The first Event, by name, that wants a request; STR_NONE: none does. */
struct str told_next(const struct map *book, bool urgent_only, struct told **ret_told);
/* The Event is on the server, with all repeats, or lost for good. */
void told_settle(struct told *told, struct ktime now);
/* As if it had never been told. */
void told_forget(struct map *book, struct str name);
void told_release(struct map *book);

#endif
