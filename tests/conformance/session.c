#include "tests/conformance/session.h"

#include "controller/base/mem.h"
#include "tests/conformance/numbers.h"

#define LINE_BYTES_MAX (16u << 20)
#define START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

void session_init(struct session *session)
{
    timers_init(&session->timers, START_MS);
    session->api = fakeapi_create(&(struct fakeapi_config){.timers = &session->timers, .seed = 1});
    session->captured = json_object();
    map_init(&session->streams);
}

void session_use_wire(struct session *session, const char *tls_folder)
{
    session->wire = wire_create(session->api, tls_folder);
}

static void stream_free(struct stream *stream)
{
    fakeapi_watch_close(stream->watch);
    wire_stream_close(stream->far_watch);
    buf_release(&stream->rest);
    json_free(stream->events);
    mem_free(stream);
}

void session_release(struct session *session)
{
    MAP_EACH(entry, &session->streams)
        stream_free(map_entry_value(entry));
    map_release(&session->streams);
    wire_answer_release(&session->answer);
    wire_free(session->wire);
    json_free(session->captured);
    fakeapi_free(session->api);
    timers_release(&session->timers);
}

static void set_flag(void *ctx)
{
    *(bool *)ctx = true;
}

void session_wait(struct session *session, int64_t wait_ms)
{
    bool over = false;

    timers_add(&session->timers, session->timers.now_ms + wait_ms, set_flag, &over);
    while (!over)
        timers_run_next(&session->timers);
}

static void stream_add_line(struct stream *stream, struct str line)
{
    struct json *event;

    if (str_is_empty(str_trim(line)))
        return;
    if (numbers_parse(line, &event, NULL) == ERR_NONE)
        json_append(stream->events, event);
}

static bool stream_is_open(const struct stream *stream)
{
    return stream->watch != NULL || stream->far_watch != NULL;
}

static void stream_read_near(struct stream *stream)
{
    CLEANUP(buf_release) struct buf line = {0};

    buf_init(&line, LINE_BYTES_MAX);
    while (fakeapi_watch_read(stream->watch, &line)) {
        stream_add_line(stream, buf_str(&line));
        buf_clear(&line);
    }
    if (fakeapi_watch_ended(stream->watch)) {
        fakeapi_watch_close(stream->watch);
        stream->watch = NULL;
    }
}

static void stream_read_far(struct stream *stream)
{
    size_t end;

    wire_stream_read(stream->far_watch, &stream->rest);
    while ((end = str_find(buf_str(&stream->rest), '\n', 0)) < stream->rest.len) {
        stream_add_line(stream, str_slice(buf_str(&stream->rest), 0, end));
        buf_consume(&stream->rest, end + 1);
    }
    if (wire_stream_ended(stream->far_watch)) {
        wire_stream_close(stream->far_watch);
        stream->far_watch = NULL;
    }
}

/* Reads what is there now. */
static void stream_read(struct stream *stream)
{
    if (stream->watch != NULL)
        stream_read_near(stream);
    if (stream->far_watch != NULL)
        stream_read_far(stream);
}

void session_open(struct session *session, struct str name, struct fakeapi_response *response)
{
    struct stream *stream = mem_alloc(sizeof(*stream));
    struct str rest = buf_str(&response->body);
    struct stream *old;

    stream->watch = response->watch;
    stream->far_watch = session->answer.stream;
    stream->events = json_array();
    buf_init(&stream->rest, LINE_BYTES_MAX);
    response->watch = NULL;
    session->answer.stream = NULL;
    while (!stream_is_open(stream) && rest.data != NULL)
        stream_add_line(stream, str_split_next(&rest, '\n'));
    old = map_put(&session->streams, name, stream);
    if (old != NULL)
        stream_free(old);
}

static bool is_ignored(const struct json *event, const struct json *ignore)
{
    JSON_EACH(type, ignore) {
        if (str_equal(json_string_of(type), json_text_at(event, "type")))
            return true;
    }
    return false;
}

static int64_t wanted_count(const struct stream *stream, const struct json *ignore)
{
    int64_t count = 0;

    JSON_EACH(event, stream->events)
        count += is_ignored(event, ignore) ? 0 : 1;
    return count;
}

static void stream_await(struct session *session, struct stream *stream, int64_t count,
                         int64_t seconds, const struct json *ignore)
{
    int64_t deadline_ms = session->timers.now_ms + seconds * 1000;

    stream_read(stream);
    while (stream_is_open(stream) && session->timers.now_ms < deadline_ms &&
           (count < 0 || wanted_count(stream, ignore) < count)) {
        session_wait(session, 10);
        stream_read(stream);
    }
}

struct json *session_take(struct session *session, struct str name, int64_t count,
                          int64_t seconds, const struct json *ignore)
{
    struct stream *stream = map_get(&session->streams, name);
    struct json *taken;
    struct json *event;

    if (stream == NULL)
        return NULL;
    stream_await(session, stream, count, seconds, ignore);
    taken = json_array();
    while ((event = json_first(stream->events)) != NULL && count != 0) {
        event = json_detach(stream->events, event);
        if (is_ignored(event, ignore)) {
            json_free(event);
            continue;
        }
        json_append(taken, event);
        count -= count > 0 ? 1 : 0;
    }
    return taken;
}
