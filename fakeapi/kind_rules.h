/*
 * What the server itself makes of the kinds that it brings along: fields that it fills or
 * keeps, what it refuses, and what its own controllers do when such an object is stored or
 * goes. These controllers work within the request, after its answer.
 * Source: Kubernetes API reference of each kind; recorded answers in topic schema.
 */
#ifndef PROMOTER_FAKEAPI_KIND_RULES_H
#define PROMOTER_FAKEAPI_KIND_RULES_H

#include "fakeapi/schema.h"
#include "fakeapi/server.h"

struct kind_rules {
    /* Each may be NULL. */
    const char *type; /* the OpenAPI schema of what stands beside metadata; NULL: anything */
    void (*prepare_create)(struct json *object);
    void (*prepare_update)(struct json *object, const struct json *live);
    void (*validate)(const struct json *object, const struct json *live,
                     struct schema_errors *errors); /* live NULL: a create */
    /* Marks an object that cannot go at once; NULL: it can. */
    struct json *(*mark_deleted)(const struct fakeapi *api, const struct json *live);
    /* Whether more than finalizers of metadata holds an object that is being deleted. */
    bool (*is_held)(const struct json *object);
    /* False: it may not be deleted, and 403 has been answered. */
    bool (*check_delete)(struct call *call);
    void (*stored)(struct fakeapi *api, struct slot *slot);
    /* Brings an object of another of the kind's versions into this one. */
    void (*convert)(const struct resource *to, struct json *object);
};

extern const struct kind_rules kind_rules_definition;
extern const struct kind_rules kind_rules_namespace;
extern const struct kind_rules kind_rules_config_map;
extern const struct kind_rules kind_rules_secret;
extern const struct kind_rules kind_rules_service_account;
extern const struct kind_rules kind_rules_lease;
extern const struct kind_rules kind_rules_event;      /* events.k8s.io */
extern const struct kind_rules kind_rules_core_event; /* v1 */

/* Whether an object of a built-in kind has its types; if not, Go's decoder says why. */
bool kind_check_types(const struct resource *resource, const struct json *object,
                      struct buf *message);
/* What a path of an event is called where events are stored. */
struct str event_stored_path(const struct resource *resource, struct str path, char space[256]);

/* A definition as it is stored once the server has accepted its names. */
void definition_accept(const struct fakeapi *api, struct json *definition);
/* Whether new objects may come to be there: 403, 404 otherwise. */
bool namespace_takes_objects(struct call *call, struct str name);
bool definition_takes_objects(struct call *call, struct str name);
/* An object has left the store: a namespace or definition that waited for it may go now, and of
 * a definition nothing is served any more. */
void kinds_note_removal(struct fakeapi *api, struct resource *resource, const struct slot *slot,
                        const struct json *gone);

void namespace_note_removal(struct fakeapi *api, struct str name);

/* Deletes as a request without options would. */
void server_delete(struct fakeapi *api, struct resource *resource, struct slot *slot);

#endif
