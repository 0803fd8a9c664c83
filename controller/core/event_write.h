/*
 * The requests that tell an Event of group events.k8s.io/v1: create it, look at it, count it up.
 *
 * Creating needs no other precondition than its name (P15): "already exists" means that it was
 * told, by us or before a crash. Counting up carries the resourceVersion of what was looked at.
 * Source: Kubernetes API Reference, Event v1 events.k8s.io; KEP-383 (series).
 */
#ifndef PROMOTER_CORE_EVENT_WRITE_H
#define PROMOTER_CORE_EVENT_WRITE_H

#include "controller/core/promotion_event.h"
#include "controller/k8s/transport.h"

#define EVENT_NAME_BYTES 254u /* of an object's name, and NUL */

/* "<promotion>.<16 hex digits of the identity's digest>" */
void event_name(const struct promotion *promotion, const struct promotion_event *event,
                char ret_name[EVENT_NAME_BYTES]);

struct event_request {
    struct buf target;
    struct buf body;
    struct kube_request request; /* points into the buffers */
};

/* The Event's JSON; owned. */
char *event_text(const struct promotion *promotion, const struct promotion_event *event);
void event_create_build(struct str text, struct event_request *ret_request);
void event_look_build(struct str name, struct event_request *ret_request);
/* `looked_at` is the server's Event; `repeats` is how often it was told since it was counted. */
void event_count_build(const struct json *looked_at, unsigned repeats, struct ktime now,
                       struct event_request *ret_request);
void event_request_release(struct event_request *request);

#endif
