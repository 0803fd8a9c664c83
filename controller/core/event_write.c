#include "controller/core/event_write.h"

#include "controller/core/limits.h"
#include "controller/core/names.h"

#define IDENTITY_BYTES_MAX 8192u
#define IDENTITY_HEX 16u
#define PATH "/apis/events.k8s.io/v1/namespaces/" EVENT_NAMESPACE "/events"
#define QUERY "?fieldManager=" FIELD_MANAGER_OTHER "&timeout=5s"
#define TARGET_BYTES_MAX 2048u

static struct sha256 identity_of(const struct promotion *promotion,
                                 const struct promotion_event *event)
{
    struct buf text;
    buf_init(&text, IDENTITY_BYTES_MAX);
    buf_printf(&text, "%.*s\n%.*s\n%.*s\n%s\n%.*s", STR_ARGS(promotion->object.meta.uid),
               STR_ARGS(event->run), STR_ARGS(event->stage),
               promotion_reason_name(event->reason), STR_ARGS(event->detail));
    struct sha256 digest = sha256_of(buf_str(&text));
    buf_release(&text);
    return digest;
}

void event_name(const struct promotion *promotion, const struct promotion_event *event,
                char ret_name[EVENT_NAME_BYTES])
{
    char hex[SHA256_HEX_BYTES];
    struct str owner = promotion->object.meta.name;
    size_t room = EVENT_NAME_BYTES - 1 - 1 - IDENTITY_HEX;
    owner = str_slice(owner, 0, owner.len < room ? owner.len : room);
    while (str_ends_with(owner, STR("-")) || str_ends_with(owner, STR(".")))
        owner = str_slice(owner, 0, owner.len - 1);
    sha256_hex(identity_of(promotion, event), hex);
    snprintf(ret_name, EVENT_NAME_BYTES, "%.*s.%.*s", STR_ARGS(owner), (int)IDENTITY_HEX, hex);
}

static struct json *micro_time(int64_t wall_ms)
{
    char text[KTIME_TEXT_BYTES];
    ktime_format_micro(wall_ms, text);
    return json_text(text);
}

static struct json *reference_to(const struct promotion *promotion)
{
    struct json *reference = json_object();
    json_set(reference, "apiVersion", json_text(API_VERSION_CONFIG));
    json_set(reference, "kind", json_text(KIND_CLUSTER_PROMOTION));
    json_set(reference, "name", json_string(promotion->object.meta.name));
    json_set(reference, "uid", json_string(promotion->object.meta.uid));
    json_set(reference, "resourceVersion",
             json_string(promotion->object.meta.resource_version));
    return reference;
}

/* Cut at a character's end where the server would refuse it. */
static struct json *note_of(struct str note)
{
    struct str cut = str_slice(note, 0, EVENT_NOTE_BYTES_MAX);
    return json_string(str_slice(cut, 0, str_utf8_valid_prefix(cut)));
}

static struct json *event_new(const struct promotion *promotion,
                              const struct promotion_event *event)
{
    char name[EVENT_NAME_BYTES];
    struct json *json = json_object();
    struct json *metadata = json_object();
    bool warns = promotion_reason_event(event->reason) == REASON_EVENT_WARNING;
    event_name(promotion, event, name);
    json_set(metadata, "name", json_text(name));
    json_set(metadata, "namespace", json_text(EVENT_NAMESPACE));
    json_set(json, "apiVersion", json_text("events.k8s.io/v1"));
    json_set(json, "kind", json_text("Event"));
    json_set(json, "metadata", metadata);
    json_set(json, "eventTime", micro_time(event->at_ms));
    json_set(json, "type", json_text(warns ? "Warning" : "Normal"));
    json_set(json, "reason", json_text(promotion_reason_name(event->reason)));
    json_set(json, "action", json_text(EVENT_ACTION));
    json_set(json, "reportingController", json_text(EVENT_REPORTER));
    json_set(json, "reportingInstance", json_text(EVENT_REPORTER));
    json_set(json, "regarding", reference_to(promotion));
    json_set(json, "note", note_of(event->note));
    return json;
}

char *event_text(const struct promotion *promotion, const struct promotion_event *event)
{
    struct json *json = event_new(promotion, event);
    char *text = json_print_text(json);
    json_free(json);
    return text;
}

static void finish(struct event_request *request, const char *method, const char *content_type)
{
    request->request = (struct kube_request){
        .method = method,
        .target = buf_str(&request->target),
        .content_type = content_type,
        .body = buf_str(&request->body),
        .timeout_ms = EVENT_TIMEOUT_MS,
    };
}

static void begin(struct event_request *request, struct str name, const char *query)
{
    buf_init(&request->target, TARGET_BYTES_MAX);
    buf_init(&request->body, ANSWER_BYTES_MAX);
    buf_append_text(&request->target, PATH);
    if (!str_is_empty(name)) {
        buf_append_char(&request->target, '/');
        kube_append_escaped(&request->target, name);
    }
    buf_append_text(&request->target, query);
}

void event_create_build(struct str text, struct event_request *ret_request)
{
    begin(ret_request, STR_NONE, QUERY);
    buf_append(&ret_request->body, text);
    finish(ret_request, "POST", "application/json");
}

void event_look_build(struct str name, struct event_request *ret_request)
{
    begin(ret_request, name, "");
    finish(ret_request, "GET", NULL);
}

void event_count_build(const struct json *looked_at, unsigned repeats, struct ktime now,
                       struct event_request *ret_request)
{
    struct json *body = json_object();
    struct json *metadata = json_object();
    struct json *series = json_object();
    int64_t count;
    if (!json_int_of(json_at(looked_at, "series.count"), &count))
        count = 1;
    json_set(metadata, "resourceVersion",
             json_string(json_text_at(looked_at, "metadata.resourceVersion")));
    json_set(series, "count", json_int(count + (int64_t)repeats));
    json_set(series, "lastObservedTime", micro_time(now.wall_ms));
    json_set(body, "metadata", metadata);
    json_set(body, "series", series);
    begin(ret_request, json_text_at(looked_at, "metadata.name"), QUERY);
    json_print(body, &ret_request->body);
    json_free(body);
    finish(ret_request, "PATCH", "application/merge-patch+json");
}

void event_request_release(struct event_request *request)
{
    buf_release(&request->target);
    buf_release(&request->body);
}
