/*
 * What a lagging server would have said: a fresh answer with the newest changes taken back.
 */
#include "scenarios/engine/transport_rooms.h"

#include "controller/base/mem.h"

size_t stale_index(const struct fakeapi *api, unsigned events, struct str target)
{
    unsigned kind = told_index_of_target(target);
    size_t index = fakeapi_audit_count(api);
    for (size_t i = index; i-- > 0 && events > 0 && kind < TOLD_KIND_COUNT;) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        if (!audit->changed || told_index_of_kind(audit->kind) != kind)
            continue;
        index = i;
        events--;
    }
    return index;
}

static struct json *item_find(struct json *items, const struct fakeapi_audit *audit)
{
    struct json *item = json_first(items);
    while (item != NULL &&
           (!str_equal(json_text_at(item, "metadata.name"), audit->name) ||
            !str_equal(json_text_at(item, "metadata.namespace"), audit->name_space)))
        item = json_next(item);
    return item;
}

static void list_take_back(struct json *items, const struct fakeapi_audit *audit)
{
    struct json *item = item_find(items, audit);
    if (item != NULL)
        json_free(json_detach(items, item));
    if (audit->before != NULL)
        json_append(items, json_clone(audit->before));
}

/* The newest change first. */
static void take_back(const struct fakeapi *api, size_t from, unsigned kind, struct json *list)
{
    for (size_t i = fakeapi_audit_count(api); i-- > from;) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        if (audit->changed && told_index_of_kind(audit->kind) == kind)
            list_take_back(json_get(list, "items"), audit);
    }
}

/* Of all that is in the list: a chunk of a longer one is left as it is. */
static bool list_is_whole(const struct json *list)
{
    return json_is(json_get(list, "items"), JSON_ARRAY) &&
           str_is_empty(json_text_at(list, "metadata.continue"));
}

static void list_make_stale(const struct fakeapi *api, size_t index, struct str target,
                            struct json *list)
{
    char *version = str_format("%" PRIu64, fakeapi_audit_at(api, index)->resource_version - 1);
    take_back(api, index, told_index_of_target(target), list);
    json_set(json_get(list, "metadata"), "resourceVersion", json_text(version));
    mem_free(version);
}

/* As it was before its oldest change since; NULL: it was not there, or has not changed. */
static const struct json *object_before(const struct fakeapi *api, size_t index, unsigned kind,
                                        const struct json *object)
{
    for (size_t i = index; i < fakeapi_audit_count(api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        if (audit->changed && told_index_of_kind(audit->kind) == kind &&
            str_equal(audit->name, json_text_at(object, "metadata.name")) &&
            str_equal(audit->name_space, json_text_at(object, "metadata.namespace")))
            return audit->before;
    }
    return NULL;
}

static void body_replace(struct fakeapi_response *response, const struct json *body)
{
    buf_clear(&response->body);
    json_print(body, &response->body);
}

size_t stale_read(const struct fakeapi *api, unsigned events, struct str target,
                  struct fakeapi_response *response)
{
    size_t fresh = fakeapi_audit_count(api);
    size_t index = stale_index(api, events, target);
    struct json *body = NULL;
    if (index == fresh || response->status != 200 || response->watch != NULL ||
        json_parse(buf_str(&response->body), NULL, &body, NULL) != ERR_NONE)
        return fresh;
    const struct json *stale = NULL;
    if (json_get(body, "items") == NULL) {
        stale = object_before(api, index, told_index_of_target(target), body);
    } else if (list_is_whole(body)) {
        list_make_stale(api, index, target, body);
        stale = body;
    }
    if (stale != NULL)
        body_replace(response, stale);
    json_free(body);
    return stale != NULL ? index : fresh;
}
