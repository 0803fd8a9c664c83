#include "fakeapi/sveltos/promotion_stub.h"

#include "controller/base/mem.h"

#define USER_AGENT "manager/v1.14.0 (linux/amd64) addon-controller"

/* A patch that is decided and not yet sent. */
struct stub_write {
    struct promotion_stub *stub;
    char *key;
    struct json *promotion;  /* its name alone; owned */
    struct json *finalizers; /* owned */
    uint64_t timer;
};

static void write_free(struct stub_write *write)
{
    timers_cancel(write->stub->timers, write->timer);
    mem_free(write->key);
    json_free(write->promotion);
    json_free(write->finalizers);
    mem_free(write);
}

static struct json *named(const struct json *promotion)
{
    struct json *object = json_object();
    struct json *metadata = json_object();
    json_set(metadata, "name", json_string(object_name(promotion)));
    json_set(object, "metadata", metadata);
    return object;
}

/* A refused patch is tried again; after any other it is time for the next look. */
static void on_sent(void *ctx)
{
    struct stub_write *write = ctx;
    struct promotion_stub *stub = write->stub;
    struct json *finalizers = write->finalizers;
    write->timer = 0;
    write->finalizers = NULL;
    int status = client_set_finalizers(&stub->client, &kind_cluster_promotion, write->promotion,
                                       finalizers);
    queue_add_after(&stub->queue, str_from(write->key),
                    status == 200 ? STUB_LOOKS_EVERY_MS : STUB_RETRY_MS);
    map_remove(&stub->writes, str_from(write->key));
    write_free(write);
}

/* `finalizers` is taken over. */
static void write_later(struct promotion_stub *stub, const struct json *promotion,
                        struct json *finalizers)
{
    struct stub_write *write = mem_alloc(sizeof(*write));
    struct site site = {.profile = object_name(promotion)};
    struct world_range range = {STUB_WRITE_MIN_MS, STUB_WRITE_MAX_MS};
    int64_t takes_ms = weather_draw(stub->weather, "stub", &site, object_generation(promotion),
                                    &range);
    write->stub = stub;
    write->key = object_key(promotion);
    write->promotion = named(promotion);
    write->finalizers = finalizers;
    write->timer = timers_add(stub->timers, stub->timers->now_ms + takes_ms, on_sent, write);
    map_put(&stub->writes, str_from(write->key), write);
}

/* Whoever owns them; a refusal is not even noticed. True while any is left. */
static bool delete_profiles(struct promotion_stub *stub, struct str promotion)
{
    struct json *list = NULL;
    bool any_left = false;
    if (client_list(&stub->client, &kind_cluster_profile, &list) != 200) {
        json_free(list);
        return true;
    }
    JSON_EACH(profile, json_get(list, "items")) {
        if (!str_equal(object_label(profile, STUB_PROMOTION_LABEL), promotion))
            continue;
        any_left = true;
        if (!object_is_deleting(profile))
            client_delete(&stub->client, &kind_cluster_profile, profile, NULL);
    }
    json_free(list);
    return any_left;
}

static void reconcile_deletion(struct promotion_stub *stub, const struct json *promotion,
                               struct str key)
{
    if (!object_has_finalizer(promotion, STUB_FINALIZER))
        return;
    if (!json_bool_of(json_at(promotion, "spec.preserveClusterProfilesOnDelete")) &&
        delete_profiles(stub, object_name(promotion)))
        queue_add_after(&stub->queue, key, STUB_RETRY_MS);
    else
        write_later(stub, promotion, object_finalizers_without(promotion, STUB_FINALIZER));
}

/* The look asks the cache alone, so that one every 60 s costs nearly nothing. */
static void reconcile(void *ctx, struct str key)
{
    struct promotion_stub *stub = ctx;
    const struct json *promotion = informer_get_key(&stub->promotions, key);
    if (promotion == NULL)
        return;
    if (map_get(&stub->writes, key) != NULL)
        queue_add_after(&stub->queue, key, STUB_WRITE_MAX_MS);
    else if (object_is_deleting(promotion))
        reconcile_deletion(stub, promotion, key);
    else if (!object_has_finalizer(promotion, STUB_FINALIZER))
        write_later(stub, promotion, object_finalizers_with(promotion, STUB_FINALIZER));
    else
        queue_add_after(&stub->queue, key, STUB_LOOKS_EVERY_MS);
}

static bool differs(const struct json *before, const struct json *after, const char *path)
{
    return !json_equal(json_at(before, path), json_at(after, path));
}

/* Source: facts, 2.3 ("Triggers"): neither status nor finalizers wake it. */
static void on_change(void *ctx, const struct json *before, const struct json *after)
{
    struct promotion_stub *stub = ctx;
    if (after == NULL)
        return;
    if (before != NULL && !differs(before, after, "metadata.generation") &&
        object_is_deleting(before) == object_is_deleting(after) &&
        !differs(before, after, "metadata.labels") &&
        !differs(before, after, "metadata.annotations"))
        return;
    char *key CLEANUP(mem_free_pointer) = object_key(after);
    queue_add_after(&stub->queue, str_from(key), 0);
}

void promotion_stub_init(struct promotion_stub *stub, struct fakeapi *api, struct timers *timers,
                         const struct weather *weather)
{
    *stub = (struct promotion_stub){
        .client = {api, USER_AGENT}, .timers = timers, .weather = weather};
    struct informer_config informer = {
        .client = &stub->client,
        .timers = timers,
        .kind = &kind_cluster_promotion,
        .on_change = on_change,
        .ctx = stub,
    };
    informer_init(&stub->promotions, &informer);
    queue_init(&stub->queue, timers, reconcile, stub);
    map_init(&stub->writes);
}

void promotion_stub_start(struct promotion_stub *stub)
{
    informer_start(&stub->promotions);
}

void promotion_stub_stop(struct promotion_stub *stub)
{
    informer_stop(&stub->promotions);
    queue_clear(&stub->queue);
    MAP_EACH(entry, &stub->writes)
        write_free(map_entry_value(entry));
    map_release(&stub->writes);
    map_init(&stub->writes);
}

void promotion_stub_release(struct promotion_stub *stub)
{
    promotion_stub_stop(stub);
    informer_release(&stub->promotions);
    queue_release(&stub->queue);
    map_release(&stub->writes);
}
