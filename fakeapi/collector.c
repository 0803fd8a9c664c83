#include "fakeapi/collector.h"

#include "controller/base/mem.h"

#include "fakeapi/form.h"
#include "fakeapi/kind_rules.h"
#include "fakeapi/meta.h"
#include "fakeapi/write.h"

#define FOREGROUND "foregroundDeletion"
#define ORPHAN "orphan"

struct place {
    struct resource *resource;
    struct slot *slot;
};

/* What is known of one uid. */
struct known {
    bool living;
    struct place place;   /* of the living */
    struct place *owned;  /* what names it as owner */
    size_t count;
    size_t capacity;
};

struct collector {
    struct map known; /* by uid: the living, and those that something names as owner */
    struct json *causes; /* array: uids that something has happened to */
};

struct collector *collector_create(void)
{
    struct collector *collector = mem_alloc(sizeof(*collector));
    map_init(&collector->known);
    collector->causes = json_array();
    return collector;
}

static void known_free(struct known *known)
{
    mem_free(known->owned);
    mem_free(known);
}

void collector_free(struct collector *collector)
{
    if (collector == NULL)
        return;
    MAP_EACH(entry, &collector->known)
        known_free(map_entry_value(entry));
    map_release(&collector->known);
    json_free(collector->causes);
    mem_free(collector);
}

static struct known *know(struct collector *collector, struct str uid)
{
    struct known *known = map_get(&collector->known, uid);
    if (known != NULL)
        return known;
    known = mem_alloc(sizeof(*known));
    (void)map_put(&collector->known, uid, known);
    return known;
}

/* What is gone and owns nothing need not be remembered. */
static void forget_unused(struct collector *collector, struct str uid)
{
    struct known *known = map_get(&collector->known, uid);
    if (known == NULL || known->living || known->count > 0)
        return;
    map_remove(&collector->known, uid);
    known_free(known);
}

static void add_owned(struct known *owner, struct place place)
{
    owner->owned = mem_grow_array(owner->owned, owner->count, &owner->capacity,
                                  sizeof(*owner->owned), SIZE_MAX);
    owner->owned[owner->count++] = place;
}

static void remove_owned(struct known *owner, const struct slot *slot)
{
    for (size_t i = owner->count; i-- > 0;)
        if (owner->owned[i].slot == slot) {
            owner->owned[i] = owner->owned[--owner->count];
            return;
        }
}

static const struct json *owners_of(const struct record *record)
{
    return record != NULL ? json_at(record->object, "metadata.ownerReferences") : NULL;
}

static struct str uid_of(const struct record *record)
{
    return record != NULL ? json_text_at(record->object, "metadata.uid") : STR("");
}

static bool has_finalizer(const struct json *object, const char *name)
{
    JSON_EACH(finalizer, json_at(object, "metadata.finalizers"))
        if (str_is(json_string_of(finalizer), name))
            return true;
    return false;
}

static bool is_waiting(const struct json *object)
{
    return meta_is_terminating(object) && has_finalizer(object, FOREGROUND);
}

static void add_cause(struct collector *collector, struct str uid)
{
    json_append(collector->causes, json_string(uid));
}

void collector_note(struct collector *collector, struct resource *resource, struct slot *slot,
                    const struct record *before, const struct record *after)
{
    struct place place = {resource, slot};
    JSON_EACH(owner, owners_of(before)) {
        struct str uid = json_text_at(owner, "uid");
        struct known *known = know(collector, uid);
        remove_owned(known, slot);
        if (known->living)
            add_cause(collector, uid); /* it may have waited for this one */
    }
    JSON_EACH(owner, owners_of(after))
        add_owned(know(collector, json_text_at(owner, "uid")), place);
    if (before != NULL && after == NULL) {
        know(collector, uid_of(before))->living = false;
        add_cause(collector, uid_of(before));
    } else if (after != NULL) {
        struct known *known = know(collector, uid_of(after));
        known->living = true;
        known->place = place;
        if (meta_is_terminating(after->object))
            add_cause(collector, uid_of(after));
    }
}

/* Stores the object, or lets it go when nothing holds it any more. */
static void store(struct fakeapi *api, struct place place, struct json *object)
{
    if (object_is_over(place.resource, object)) {
        json_free(object);
        server_remove(api, place.resource, place.slot);
        return;
    }
    json_sort(object);
    server_put(api, place.resource, place.slot, object);
}

/* A copy in the form that is stored. */
static struct json *copy_of(struct place place)
{
    struct record *stored = form_record(place.resource->family->storage, place.slot->current);
    struct json *copy = json_clone(stored->object);
    record_unref(stored);
    return copy;
}

static void drop_from(struct json *metadata, const char *list_name, const char *member,
                      struct str value)
{
    struct json *list = json_get(metadata, list_name);
    struct json *next;
    for (struct json *item = json_first(list); item != NULL; item = next) {
        struct str text = member != NULL ? json_text_at(item, member) : json_string_of(item);
        next = json_next(item);
        if (str_equal(text, value))
            json_free(json_detach(list, item));
    }
    if (list != NULL && json_first(list) == NULL)
        json_remove(metadata, list_name);
}

static void drop_finalizer(struct fakeapi *api, struct place place, const char *name)
{
    struct json *object = copy_of(place);
    drop_from(json_get(object, "metadata"), "finalizers", NULL, str_from(name));
    store(api, place, object);
}

static void drop_owner(struct fakeapi *api, struct place place, struct str uid)
{
    struct json *object = copy_of(place);
    drop_from(json_get(object, "metadata"), "ownerReferences", "uid", uid);
    store(api, place, object);
}

struct owner_count {
    size_t solid, waiting;
};

static struct owner_count count_owners(struct collector *collector, const struct json *object)
{
    struct owner_count count = {0, 0};
    JSON_EACH(owner, json_at(object, "metadata.ownerReferences")) {
        const struct known *known = map_get(&collector->known, json_text_at(owner, "uid"));
        if (known == NULL || !known->living)
            continue;
        if (is_waiting(known->place.slot->current->object))
            count.waiting++;
        else
            count.solid++;
    }
    return count;
}

/* One of the object's owners is gone, or waits for it to go. */
static void judge(struct fakeapi *api, struct place place, struct str owner_uid, bool owner_gone)
{
    const struct json *object = place.slot->current->object;
    struct owner_count count;
    if (meta_is_terminating(object))
        return;
    count = count_owners(api->collector, object);
    if (count.solid == 0 && (count.waiting > 0 || owner_gone))
        server_delete(api, place.resource->family->storage, place.slot);
    else if (owner_gone)
        drop_owner(api, place, owner_uid);
}

static void judge_all(struct fakeapi *api, struct str uid, bool owner_gone)
{
    const struct known *known = map_get(&api->collector->known, uid);
    size_t count = known != NULL ? known->count : 0;
    struct place *owned;
    if (count == 0)
        return;
    owned = mem_alloc_array(count, sizeof(*owned)); /* the list changes on the way */
    memcpy(owned, known->owned, count * sizeof(*owned));
    for (size_t i = 0; i < count; i++)
        if (owned[i].slot->current != NULL)
            judge(api, owned[i], uid, owner_gone);
    mem_free(owned);
}

static bool is_blocked(const struct known *known, struct str uid)
{
    for (size_t i = 0; i < known->count; i++) {
        const struct record *record = known->owned[i].slot->current;
        JSON_EACH(owner, owners_of(record))
            if (str_equal(json_text_at(owner, "uid"), uid) &&
                json_bool_of(json_get(owner, "blockOwnerDeletion")))
                return true;
    }
    return false;
}

static void orphan_all(struct fakeapi *api, struct str uid)
{
    const struct known *known = map_get(&api->collector->known, uid);
    while (known != NULL && known->count > 0)
        drop_owner(api, known->owned[known->count - 1], uid);
}

/* The finalizers of a terminating object that are the collector's. */
static void serve_finalizers(struct fakeapi *api, struct str uid, struct place place)
{
    const struct json *object = place.slot->current->object;
    if (!meta_is_terminating(object))
        return;
    if (has_finalizer(object, ORPHAN)) {
        orphan_all(api, uid);
        drop_finalizer(api, place, ORPHAN);
    } else if (has_finalizer(object, FOREGROUND)) {
        judge_all(api, uid, false);
        if (!is_blocked(map_get(&api->collector->known, uid), uid))
            drop_finalizer(api, place, FOREGROUND);
    }
}

void collector_run(struct fakeapi *api)
{
    struct collector *collector = api->collector;
    struct json *cause;
    while (collector != NULL && (cause = json_first(collector->causes)) != NULL) {
        struct str uid = json_string_of(json_detach(collector->causes, cause));
        const struct known *known = map_get(&collector->known, uid);
        if (known != NULL && known->living)
            serve_finalizers(api, uid, known->place);
        else
            judge_all(api, uid, true);
        forget_unused(collector, uid);
        json_free(cause);
    }
}
