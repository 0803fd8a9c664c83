/*
 * Watches: cursors into a collection's history.
 */
#ifndef PROMOTER_FAKEAPI_WATCH_H
#define PROMOTER_FAKEAPI_WATCH_H

#include "fakeapi/selector.h"
#include "fakeapi/server.h"

#define WATCH_BOOKMARK_MS 60000
#define WATCH_BOOKMARK_BEFORE_END_MS 2000 /* a last one, so that a client can go on from it */
/* Of a watch that names none: a real server's --min-request-timeout and twice that. */
#define WATCH_TIMEOUT_MIN_S 1800
#define WATCH_TIMEOUT_MAX_S 3600

struct fakeapi_watch {
    struct fakeapi *api; /* NULL: the server is gone */
    struct resource *resource;
    struct fakeapi_watch *next, *previous; /* of the collection */
    struct fakeapi_watch *next_unmarked, *previous_unmarked;
    bool is_unmarked; /* the next write starts its bookmark timer */
    char *name_space; /* owned; "" means all */
    struct selector selector;
    bool is_selective;
    struct rendition rendition;

    /* What was there at the start. */
    struct record **initial; /* counted */
    size_t initial_count;
    size_t initial_at;
    uint64_t initial_version;
    bool initial_mark_due; /* the bookmark that ends the initial events */

    uint64_t sequence;      /* of the next event to look at */
    uint64_t stop_sequence; /* when it is over: nothing from here on */
    uint64_t after_version; /* only newer events */
    uint64_t told_version;  /* the newest version that the client knows of */
    uint64_t marked_version; /* of the last bookmark, or of the start: none is repeated */

    bool bookmarks;
    bool bookmark_due;
    uint64_t bookmark_timer; /* 0: none */
    int64_t deadline_ms;
    uint64_t timeout_timer;
    bool over;
    char *error_text; /* owned: a Status to be sent as ERROR before the end */

    bool is_waiting; /* a read found nothing: the next event is told */
    void (*on_ready)(void *ctx);
    void *ctx;
};

/* Starts the clock of a watch whose fields are set; an error_text ends it at once. */
void watch_start(struct fakeapi_watch *watch, int64_t timeout_s);
/* Tells the collection's watches of its newest event. */
void watches_tell(struct fakeapi *api, struct resource *resource, struct event *event);
/* A write has happened somewhere: watches may owe a bookmark. */
void watches_note_write(struct fakeapi *api);
/* Ends all watches of a resource that is served no more. */
void watches_end(struct resource *resource);
/* The server goes: what is left can only be closed. */
void watches_abandon(struct fakeapi *api);

#endif
