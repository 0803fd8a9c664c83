#include "fakeapi/sveltos/recorder.h"

#include "controller/base/mem.h"

#define USER_AGENT "manager/v1.13.0 (linux/amd64) addon-controller"
#define REPORTING_CONTROLLER "event-recorder"
#define REPORTING_INSTANCE "event-recorder-addon-controller"
#define NANOSECONDS_PER_MS 1000000u
#define KEY_BYTES_MAX 4096u
#define COUNT_OF_A_NEW_SERIES 2

static const struct kind kind_event = {"events.k8s.io/v1", "Event", "events", true};

struct recorded {
    struct json *event;    /* its name and namespace; owned */
    int64_t told_ms;       /* the last time */
    unsigned count;        /* 0: no series */
    unsigned written;      /* the count that the server knows */
};

static void recorded_free(struct recorded *recorded)
{
    json_free(recorded->event);
    mem_free(recorded);
}

void recorder_init(struct recorder *recorder, struct fakeapi *api, struct timers *timers)
{
    *recorder = (struct recorder){.client = {api, USER_AGENT}, .timers = timers};
    map_init(&recorder->recorded);
}

void recorder_start(struct recorder *recorder)
{
    recorder->started_ms = recorder->timers->now_ms;
    recorder->swept_ms = recorder->started_ms;
}

void recorder_stop(struct recorder *recorder)
{
    timers_cancel(recorder->timers, recorder->timer);
    recorder->timer = 0;
    MAP_EACH(entry, &recorder->recorded)
        recorded_free(map_entry_value(entry));
    map_release(&recorder->recorded);
    map_init(&recorder->recorded);
}

void recorder_release(struct recorder *recorder)
{
    recorder_stop(recorder);
    map_release(&recorder->recorded);
}

/* "2006-01-02T15:04:05.000000Z" */
static struct json *micro_time(int64_t at_ms)
{
    char seconds[KTIME_TEXT_BYTES];
    ktime_format_rfc3339(at_ms, seconds);
    int len = (int)strlen(seconds) - 1;
    char *text CLEANUP(mem_free_pointer) =
        str_format("%.*s.%03u000Z", len, seconds, (unsigned)(at_ms % 1000));
    return json_text(text);
}

static struct json *reference_to(const struct json *object)
{
    struct json *reference = json_object();
    json_set(reference, "kind", json_clone(json_get(object, "kind")));
    if (!str_is_empty(object_namespace(object)))
        json_set(reference, "namespace", json_string(object_namespace(object)));
    json_set(reference, "name", json_string(object_name(object)));
    json_set(reference, "uid", json_string(object_uid(object)));
    json_set(reference, "apiVersion", json_clone(json_get(object, "apiVersion")));
    json_set(reference, "resourceVersion",
             json_string(json_text_at(object, "metadata.resourceVersion")));
    return reference;
}

static struct json *event_new(const struct recorder *recorder, const struct recording *recording,
                              const struct json *metadata)
{
    struct json *event = json_object();
    json_set(event, "apiVersion", json_text(kind_event.api_version));
    json_set(event, "kind", json_text(kind_event.name));
    json_set(event, "metadata", json_clone(metadata));
    json_set(event, "eventTime", micro_time(recorder->timers->now_ms));
    json_set(event, "type", json_text(recording->type));
    json_set(event, "reason", json_text(recording->reason));
    json_set(event, "action", json_text(recording->action));
    json_set(event, "reportingController", json_text(REPORTING_CONTROLLER));
    json_set(event, "reportingInstance", json_text(REPORTING_INSTANCE));
    json_set(event, "regarding", reference_to(recording->regarding));
    json_set(event, "note", json_text(recording->note));
    return event;
}

/* Named after the object and the time in nanoseconds. */
static struct json *metadata_new(struct recorder *recorder, const struct json *object)
{
    struct json *metadata = json_object();
    uint64_t time_ns = (uint64_t)recorder->timers->now_ms * NANOSECONDS_PER_MS +
                       recorder->serial++ % NANOSECONDS_PER_MS;
    char *name CLEANUP(mem_free_pointer) =
        str_format("%.*s.%" PRIx64, STR_ARGS(object_name(object)), time_ns);
    struct str name_space = object_namespace(object);
    json_set(metadata, "name", json_text(name));
    json_set(metadata, "namespace",
             str_is_empty(name_space) ? json_text("default") : json_string(name_space));
    return metadata;
}

static void create(struct recorder *recorder, const struct recording *recording,
                   const struct json *metadata)
{
    struct json *event = event_new(recorder, recording, metadata);
    client_create(&recorder->client, &kind_event, event, NULL);
    json_free(event);
}

static void write_series(struct recorder *recorder, struct recorded *recorded)
{
    struct json *patch = json_object();
    struct json *series = json_object();
    json_set(series, "count", json_int(recorded->count));
    json_set(series, "lastObservedTime", micro_time(recorded->told_ms));
    json_set(patch, "series", series);
    client_patch(&recorder->client, &kind_event, recorded->event, NULL, patch);
    json_free(patch);
    recorded->written = recorded->count;
}

/* The last round of the loop up to now. */
static int64_t last_round_ms(const struct recorder *recorder)
{
    int64_t since_ms = recorder->timers->now_ms - recorder->started_ms;
    return recorder->started_ms +
           since_ms / RECORDER_FINISHES_EVERY_MS * RECORDER_FINISHES_EVERY_MS;
}

static bool is_over(const struct recorded *recorded, int64_t round_ms)
{
    return recorded->told_ms < round_ms - RECORDER_FINISHES_EVERY_MS;
}

static bool is_refreshing(const struct recorder *recorder, int64_t round_ms)
{
    return (round_ms - recorder->started_ms) % RECORDER_REFRESHES_EVERY_MS == 0;
}

/* Writes the counts that are due and forgets what was not told again. */
static bool sweep(struct recorder *recorder)
{
    int64_t round_ms = last_round_ms(recorder);
    bool any_unwritten = false;
    struct map_entry *entry = map_next(&recorder->recorded, NULL);
    while (entry != NULL) {
        struct map_entry *next = map_next(&recorder->recorded, entry);
        struct recorded *recorded = map_entry_value(entry);
        bool over = is_over(recorded, round_ms);
        if (recorded->count > recorded->written && (over || is_refreshing(recorder, round_ms)))
            write_series(recorder, recorded);
        any_unwritten = any_unwritten || recorded->count > recorded->written;
        if (over) {
            map_remove(&recorder->recorded, map_entry_key(entry));
            recorded_free(recorded);
        }
        entry = next;
    }
    recorder->swept_ms = round_ms;
    return any_unwritten;
}

static void on_round(void *ctx);

/* Rounds that would find nothing to write do not take place. */
static void await_round(struct recorder *recorder)
{
    if (recorder->timer == 0)
        recorder->timer = timers_add(recorder->timers,
                                     last_round_ms(recorder) + RECORDER_FINISHES_EVERY_MS,
                                     on_round, recorder);
}

static void on_round(void *ctx)
{
    struct recorder *recorder = ctx;
    recorder->timer = 0;
    if (sweep(recorder))
        await_round(recorder);
}

/* Not the note: of two that differ in nothing else, the first one's stands. */
static void print_key(const struct recording *recording, struct buf *key)
{
    const struct json *object = recording->regarding;
    buf_printf(key, "%s\n%s\n%s\n%.*s\n%.*s\n%.*s", recording->type, recording->reason,
               recording->action, STR_ARGS(json_text_at(object, "kind")),
               STR_ARGS(object_uid(object)),
               STR_ARGS(json_text_at(object, "metadata.resourceVersion")));
}

static void tell_again(struct recorder *recorder, struct recorded *recorded)
{
    recorded->told_ms = recorder->timers->now_ms;
    if (recorded->count > 0) {
        recorded->count++;
        await_round(recorder);
        return;
    }
    recorded->count = COUNT_OF_A_NEW_SERIES;
    write_series(recorder, recorded);
}

static void tell_new(struct recorder *recorder, const struct recording *recording, struct str key)
{
    struct recorded *recorded = mem_alloc(sizeof(*recorded));
    struct json *metadata = metadata_new(recorder, recording->regarding);
    create(recorder, recording, metadata);
    recorded->event = json_object();
    recorded->told_ms = recorder->timers->now_ms;
    json_set(recorded->event, "metadata", metadata);
    map_put(&recorder->recorded, key, recorded);
}

void recorder_tell(struct recorder *recorder, const struct recording *recording)
{
    struct buf key;
    if (last_round_ms(recorder) > recorder->swept_ms)
        sweep(recorder);
    buf_init(&key, KEY_BYTES_MAX);
    print_key(recording, &key);
    struct recorded *recorded = map_get(&recorder->recorded, buf_str(&key));
    if (recorded != NULL)
        tell_again(recorder, recorded);
    else
        tell_new(recorder, recording, buf_str(&key));
    buf_release(&key);
}
