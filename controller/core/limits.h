/*
 * Every limit of the controller, with its unit and where the number comes from.
 */
#ifndef PROMOTER_CORE_LIMITS_H
#define PROMOTER_CORE_LIMITS_H

#define STAGES_MAX 64u                 /* design: a longer pipeline is a mistake, not a rollout */
#define LIST_CHUNK_ITEMS 500           /* client-go's page size */
#define LIST_BODY_BYTES_MAX (64u << 20) /* 500 objects of 130 kB; real ones have 3 kB */
#define ANSWER_BYTES_MAX (4u << 20)    /* one object: etcd's 1.5 MiB and room for escapes */
#define REQUESTS_IN_FLIGHT_MAX 64u     /* client-go's default burst */
#define VIEW_BYTES_MAX (64u << 20)     /* a view of 100,000 clusters needs about 5 MiB */
#define TELL_WAITED_FOR_MS (10 * 60 * 1000) /* a stage that takes longer names what it waits for */
#define NAMED_CLUSTERS_MAX 10u         /* how many clusters a sentence names before "and N more" */
#define NAMED_BYTES_MAX 450u           /* of such names; a sentence may have two lists of them */

#define WRITE_TIMEOUT_MS 5000          /* P8: `?timeout=5s`: then the server gives a write up */
#define ANSWER_TIMEOUT_MS 10000        /* of a write: the server's 5 s and as much for the way */
#define LIST_TIMEOUT_MS 60000          /* a real server's --request-timeout */
#define WATCH_TIMEOUT_S_MIN 1800       /* a real server's --min-request-timeout ... */
#define WATCH_TIMEOUT_S_MAX 3600       /* ... and up to twice that */
#define WATCH_MARGIN_MS 30000          /* a watch that has not ended by then is dead */

#define WATCH_HEAD_MS 30000            /* client-go's HTTP/2 health check: silent so long is dead */
#define WATCH_LIFE_MS_MIN 1000         /* client-go: a shorter one is "very short" */

#define ABSENT_RESOURCE_RETRY_MS (10 * 60 * 1000) /* installing an operator takes minutes */

#define RELIST_BACKOFF_MS_MIN 800      /* client-go's reflector */
#define RELIST_BACKOFF_MS_MAX 30000
#define RETRY_BACKOFF_MS_MIN 1000      /* P2: a fight over a field backs off up to 60 s */
#define RETRY_BACKOFF_MS_MAX 60000
#define REFUSED_RETRY_MS (10 * 60 * 1000) /* P12: policies get repaired */
#define OTHER_QUIET_MS (10 * 60 * 1000) /* P15: then another controller has gone */
#define SETTLE_MS 60000                /* P7: in sync and quiet that long */

/* S8 allows 6 + 3 * stages writes of a promotion within a minute, besides those of checks and
 * approvals. One stage's are kept for what is done: so many may go before one that only says
 * something. */
#define SENTENCE_AFTER_WRITES(stages) (3u + 3u * (stages))

#define EVENT_NOTE_BYTES_MAX 1024u     /* events.k8s.io/v1: a longer note is refused */
#define EVENT_LIFE_MS (60 * 60 * 1000) /* a real server's --event-ttl: older news is no news */
#define EVENT_REPEAT_MS (10 * 60 * 1000) /* a series is counted up at most that often */
#define EVENT_TIMEOUT_MS 5000          /* nobody waits longer for an Event */
#define EVENT_TRIES_MAX 5u             /* in a row; then it is lost */

#endif
