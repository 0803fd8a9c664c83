/* From a request's target to the resource, the names and the verb. */
#include "controller/base/mem.h"

#include "fakeapi/status.h"

#define SEGMENTS_MAX 16u /* the longest path that means something has nine */

struct segments {
    struct str items[SEGMENTS_MAX];
    size_t count;
    size_t at;
};

/* Cuts the decoded path. False for what a mux redirects or refuses: empty segments in the
 * middle, dots, too many. One slash at the end is fine. */
static bool cut_path(struct str path, struct segments *ret_segments)
{
    *ret_segments = (struct segments){0};
    if (path.len == 0 || path.data[0] != '/')
        return false;
    struct str rest = str_slice(path, 1, path.len);
    while (rest.data != NULL) {
        struct str segment = str_split_next(&rest, '/');
        if (segment.len == 0 && rest.data == NULL)
            return true;
        if (segment.len == 0 || str_is(segment, ".") || str_is(segment, "..") ||
            ret_segments->count == SEGMENTS_MAX)
            return false;
        ret_segments->items[ret_segments->count++] = segment;
    }
    return true;
}

static struct str next_segment(struct segments *segments)
{
    if (segments->at == segments->count)
        return STR("");
    return segments->items[segments->at++];
}

static struct str peek_segment(const struct segments *segments)
{
    return segments->at < segments->count ? segments->items[segments->at] : STR("");
}

static size_t segments_left(const struct segments *segments)
{
    return segments->count - segments->at;
}

/* "namespaces/NS" is a prefix only when something follows it, or else the core group's own
 * resource. */
static bool takes_namespace(const struct segments *segments, struct str group)
{
    if (!str_is(peek_segment(segments), "namespaces"))
        return false;
    size_t left = segments_left(segments);
    if (group.len > 0)
        return left >= 3;
    return left >= 3 && !str_is(segments->items[segments->at + 2], "status") &&
           !str_is(segments->items[segments->at + 2], "finalize");
}

struct route {
    struct str group;
    struct str version;
    bool legacy_watch; /* /apis/G/V/watch/... */
    bool has_namespace;
};

/* The group and version of /api/v1 or /apis/G/V. */
static bool route_group(struct segments *segments, struct route *route)
{
    struct str root = next_segment(segments);
    if (str_is(root, "api"))
        route->group = STR("");
    else if (str_is(root, "apis"))
        route->group = next_segment(segments);
    else
        return false;
    if (str_is(root, "apis") && route->group.len == 0)
        return false;
    route->version = next_segment(segments);
    return route->version.len > 0;
}

/* Resource, namespace, name and subresource; false: nothing is served there. */
static bool route_resource(struct call *call, struct segments *segments, struct route *route)
{
    if (str_is(peek_segment(segments), "watch") && segments_left(segments) > 1) {
        route->legacy_watch = true;
        (void)next_segment(segments);
    }
    call->name_space = STR("");
    if (takes_namespace(segments, route->group)) {
        (void)next_segment(segments);
        call->name_space = next_segment(segments);
        route->has_namespace = true;
    }
    struct str plural = next_segment(segments);
    if (plural.len == 0)
        return false;
    call->resource = resource_find(&call->api->resources, route->group, route->version, plural);
    if (call->resource == NULL)
        return false;
    call->name = next_segment(segments);
    call->subresource = next_segment(segments);
    return call->resource->namespaced || !route->has_namespace;
}

struct method {
    const char *name;
    enum verb on_object;
    enum verb on_collection;
};

static const struct method methods[] = {
    {"GET", VERB_GET, VERB_LIST},          {"HEAD", VERB_GET, VERB_LIST},
    {"POST", VERB_CREATE, VERB_CREATE},    {"PUT", VERB_UPDATE, VERB_UPDATE},
    {"PATCH", VERB_PATCH, VERB_PATCH},     {"DELETE", VERB_DELETE, VERB_DELETE_COLLECTION},
};

static enum verb verb_of(struct call *call)
{
    for (size_t i = 0; i < ARRAY_COUNT(methods); i++) {
        if (strcmp(methods[i].name, call->request->method) != 0)
            continue;
        call->method = methods[i].name;
        return call->name.len > 0 ? methods[i].on_object : methods[i].on_collection;
    }
    call->method = "OTHER";
    return VERB_NONE;
}

static void answer_not_allowed(struct call *call, const char *verb)
{
    answer_failure_details(call, 405, "MethodNotAllowed",
                           status_details(STR_NONE, str_from(call->resource->group),
                                          str_from(call->resource->plural)),
                           "%s is not supported on resources of kind \"%s\"", verb,
                           call->resource->qualified);
}

/* Recorded in topic objects, 12 and 27: an unknown subresource is a 404 that names the object. */
static bool check_subresource(struct call *call)
{
    if (call->subresource.len == 0)
        return true;
    bool served = str_is(call->subresource, "status")
                      ? call->resource->has_status
                      : str_is(call->subresource, "scale") &&
                            call->resource->scale.spec_replicas != NULL;
    if (!served) {
        answer_not_found(call);
        return false;
    }
    if (call->verb == VERB_CREATE || call->verb == VERB_DELETE) {
        answer_not_allowed(call, call->verb == VERB_CREATE ? "create" : "delete");
        return false;
    }
    return true;
}

static bool check_verb(struct call *call)
{
    if (call->verb == VERB_NONE) {
        answer_not_allowed(call, "");
        return false;
    }
    if (call->verb == VERB_DELETE_COLLECTION && call->resource == call->api->namespaces) {
        answer_not_allowed(call, "deletecollection");
        return false;
    }
    if (!check_subresource(call))
        return false;
    if (call->name.len == 0 && (call->verb == VERB_UPDATE || call->verb == VERB_PATCH)) {
        answer_failure(call, 400, "BadRequest", "name must be provided");
        return false;
    }
    return true;
}

/* Over all namespaces one can only list and watch. */
static bool reaches_object(const struct call *call, const struct route *route)
{
    if (!call->resource->namespaced || route->has_namespace)
        return true;
    return call->verb == VERB_LIST || (route->legacy_watch && call->name.len == 0);
}

/* The deprecated path with a name means a field selector on that name. */
static bool select_legacy_name(struct call *call)
{
    if (call->name.len == 0)
        return true;
    struct str fields = query_get(&call->query, "fieldSelector");
    struct str path = STR("metadata.name=");
    if (fields.len > 0 && !(str_starts_with(fields, path) &&
                            str_equal(str_slice(fields, path.len, fields.len), call->name))) {
        answer_failure(call, 400, "BadRequest",
                       "fieldSelector metadata.name doesn't match requested name");
        return false;
    }
    return true;
}

static bool is_watch(const struct call *call, const struct route *route)
{
    return route->legacy_watch ||
           (call->verb == VERB_LIST && query_is_true(&call->query, "watch"));
}

static bool decode_path(struct call *call, struct str text, struct segments *ret_segments)
{
    size_t len = 0;
    call->path = mem_alloc(text.len + 1);
    return percent_decode(text, false, call->path, &len) &&
           str_utf8_valid_prefix(str_from_bytes(call->path, len)) == len &&
           memchr(call->path, '\0', len) == NULL &&
           cut_path(str_from_bytes(call->path, len), ret_segments);
}

static bool check_limits(struct call *call)
{
    size_t len = call->request->target.len;
    if (len > FAKEAPI_TARGET_BYTES_MAX) {
        answer_failure(call, 414, "RequestURITooLong",
                       "the request's target has %zu bytes, at most %u are taken", len,
                       FAKEAPI_TARGET_BYTES_MAX);
        return false;
    }
    if (!call->query.overflowed)
        return true;
    answer_failure(call, 400, "BadRequest", "a query has at most %u parameters",
                   QUERY_PARAMETERS_MAX);
    return false;
}

bool route_call(struct call *call)
{
    struct str target = call->request->target;
    size_t question = str_find(target, '?', 0);
    struct segments segments;
    struct route route = {0};
    call->verb = verb_of(call);
    if (target.len <= FAKEAPI_TARGET_BYTES_MAX)
        query_parse(str_slice(target, question + 1, target.len), &call->query);
    if (!check_limits(call))
        return false;
    bool found = decode_path(call, str_slice(target, 0, question), &segments) &&
                 route_group(&segments, &route) && route_resource(call, &segments, &route);
    call->verb = verb_of(call);
    if (!found || !reaches_object(call, &route)) {
        call->resource = NULL;
        answer_no_page(call);
        return false;
    }
    if (call->resource->deprecation != NULL)
        warn(call, "%s", call->resource->deprecation);
    if (!check_verb(call))
        return false;
    if ((call->verb == VERB_GET || call->verb == VERB_LIST) && is_watch(call, &route)) {
        call->verb = VERB_WATCH;
        return select_legacy_name(call);
    }
    return true;
}
