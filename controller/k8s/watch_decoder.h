/*
 * A watch's bytes cut into events: one JSON object per line, split anywhere by
 * the network. Lines are bounded; nothing is parsed twice.
 * Source: Kubernetes API Concepts, "Efficient detection of changes".
 */
#ifndef PROMOTER_K8S_WATCH_DECODER_H
#define PROMOTER_K8S_WATCH_DECODER_H

#include "controller/base/json.h"

/* etcd refuses objects beyond 1.5 MiB; the event's frame and escapes fit in the rest. */
#define WATCH_LINE_BYTES_MAX (2u << 20)

enum watch_event_type { WATCH_ADDED, WATCH_MODIFIED, WATCH_DELETED, WATCH_BOOKMARK, WATCH_ERROR };

struct watch_event {
    enum watch_event_type type;
    struct json *object; /* owned by the receiver of the event */
};

struct watch_decoder {
    struct buf pending; /* the bytes behind the last newline */
    size_t scanned;     /* how much of it holds no newline */
};

void watch_decoder_init(struct watch_decoder *decoder);
void watch_decoder_release(struct watch_decoder *decoder);

/* Takes bytes in. ERR_LIMIT: a line is too long, the stream is unusable. */
NODISCARD enum err watch_decoder_feed(struct watch_decoder *decoder, struct str bytes);

/* Gives the next whole event. ERR_NOT_FOUND: none yet. ERR_TYPE: this event's object
 * cannot be read but the stream goes on (call again). ERR_SYNTAX: the stream is unusable. */
NODISCARD enum err watch_decoder_next(struct watch_decoder *decoder,
                                      struct watch_event *ret_event, struct errmsg *msg);

#endif
