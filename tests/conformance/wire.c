#include <curl/curl.h> /* before base.h forbids some of what it declares */

#include "controller/base/mem.h"
#include "fakeapi/http/http.h"
#include "tests/conformance/wire.h"

#define LINE_BYTES_MAX (64u << 10)
#define SECRET_BYTES_MAX (64u << 10)
#define TURN_MS 1 /* how long one turn waits for sockets; nothing is measured by it */
#define QUIET_TURNS 2u

struct wire {
    struct http_server *server;
    CURLM *client;
    char *origin;    /* owned; "http://127.0.0.1:PORT" */
    char *authority; /* owned: the path of the certificate; NULL: plain HTTP */
};

/* One request and its answer as far as it has come. */
struct wire_stream {
    struct wire *wire;
    CURL *easy;
    struct curl_slist *sent_headers;
    struct buf body;
    struct json *headers;
    bool has_head;
    bool is_done;
};

static void load_file(const char *folder, const char *name, struct buf *out)
{
    CLEANUP(mem_free_pointer) char *path = str_format("%s/%s", folder, name);
    char chunk[4096];
    size_t count;
    FILE *file = fopen(path, "rb");
    buf_init(out, SECRET_BYTES_MAX);
    ASSERT(file != NULL);
    while ((count = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_append_bytes(out, chunk, count);
    fclose(file);
}

struct wire *wire_create(struct fakeapi *api, const char *tls_folder)
{
    struct wire *wire = mem_alloc(sizeof(*wire));
    CLEANUP(buf_release) struct buf key = {0};
    CLEANUP(buf_release) struct buf cert = {0};
    struct errmsg msg = {{0}};
    uint16_t port = 0;
    int fd = -1;
    enum err err = http_listen("127.0.0.1", 0, &fd, &port, &msg);
    ASSERT(err == ERR_NONE);
    if (tls_folder != NULL) {
        load_file(tls_folder, "tls.key", &key);
        load_file(tls_folder, "tls.crt", &cert);
        wire->authority = str_format("%s/tls.crt", tls_folder);
    }
    err = http_create(&(struct http_config){
        .api = api, .listen_fd = fd, .tls_key = key.data, .tls_cert = cert.data}, &wire->server,
        &msg);
    ASSERT(err == ERR_NONE);
    wire->client = curl_multi_init();
    wire->origin = str_format("%s://127.0.0.1:%u", tls_folder != NULL ? "https" : "http", port);
    return wire;
}

void wire_free(struct wire *wire)
{
    if (wire == NULL)
        return;
    (void)curl_multi_cleanup(wire->client);
    http_free(wire->server);
    mem_free(wire->origin);
    mem_free(wire->authority);
    mem_free(wire);
}

static void note_ends(struct wire *wire)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(wire->client, &left)) != NULL) {
        struct wire_stream *stream = NULL;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &stream);
        if (message->msg == CURLMSG_DONE)
            stream->is_done = true;
    }
}

/* Both ends do what they can; true when one had something to do. */
static bool take_turns(struct wire *wire)
{
    struct curl_waitfd server = {.fd = http_fd(wire->server), .events = CURL_WAIT_POLLIN};
    int ready = 0;
    int running;
    (void)curl_multi_perform(wire->client, &running);
    http_run(wire->server);
    (void)curl_multi_perform(wire->client, &running);
    note_ends(wire);
    bool has_work = http_timeout_ms(wire->server) == 0;
    (void)curl_multi_wait(wire->client, &server, 1, has_work ? 0 : TURN_MS, &ready);
    return has_work || ready > 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct wire_stream *stream = ctx;
    stream->has_head = true;
    buf_append_bytes(&stream->body, data, size * count);
    return size * count;
}

static char *lower(struct str text)
{
    char *copy = str_dup(text);
    for (size_t i = 0; i < text.len; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] + ('a' - 'A'));
    return copy;
}

static void note_header(struct wire_stream *stream, struct str line)
{
    struct str value = line;
    struct str name = str_trim(str_split_next(&value, ':'));
    if (value.data == NULL)
        return;
    CLEANUP(mem_free_pointer) char *key = lower(name);
    struct str old = json_text_at(stream->headers, key);
    CLEANUP(mem_free_pointer) char *joined =
        old.data != NULL ? str_format("%.*s, %.*s", STR_ARGS(old), STR_ARGS(str_trim(value)))
                         : str_dup(str_trim(value));
    json_set(stream->headers, key, json_text(joined));
}

/* An empty line ends the head, but for the one of "100 Continue". */
static size_t on_header(char *data, size_t size, size_t count, void *ctx)
{
    struct wire_stream *stream = ctx;
    struct str line = str_trim(str_from_bytes(data, size * count));
    long status = 0;
    (void)curl_easy_getinfo(stream->easy, CURLINFO_RESPONSE_CODE, &status);
    if (line.len > 0)
        note_header(stream, line);
    else if (status >= 200)
        stream->has_head = true;
    return size * count;
}

/* curl adds headers of its own unless each is set, emptied ("Name;") or taken away ("Name:"). */
static void add_header(struct wire_stream *stream, const char *name, struct str value)
{
    CLEANUP(mem_free_pointer) char *line =
        value.data == NULL ? str_format("%s:", name)
        : value.len == 0   ? str_format("%s;", name)
                           : str_format("%s: %.*s", name, STR_ARGS(value));
    stream->sent_headers = curl_slist_append(stream->sent_headers, line);
}

static void add_headers(struct wire_stream *stream, const struct fakeapi_request *request,
                        const struct json *headers)
{
    add_header(stream, "Content-Type", request->content_type);
    add_header(stream, "Accept", request->accept);
    add_header(stream, "User-Agent", request->user_agent);
    add_header(stream, "Expect", STR_NONE);
    JSON_EACH(header, headers) {
        CLEANUP(mem_free_pointer) char *name = str_dup(json_key(header));
        if (strcmp(name, "Content-Type") == 0 || strcmp(name, "Accept") == 0 ||
            strcmp(name, "User-Agent") == 0)
            continue;
        if (strcmp(name, "Accept-Encoding") == 0) { /* set as an option, curl unpacks */
            CLEANUP(mem_free_pointer) char *value = str_dup(json_string_of(header));
            (void)curl_easy_setopt(stream->easy, CURLOPT_ACCEPT_ENCODING, value);
            continue;
        }
        add_header(stream, name, json_string_of(header));
    }
    (void)curl_easy_setopt(stream->easy, CURLOPT_HTTPHEADER, stream->sent_headers);
}

static struct wire_stream *stream_create(struct wire *wire, const struct fakeapi_request *request,
                                         const struct json *headers)
{
    struct wire_stream *stream = mem_alloc(sizeof(*stream));
    CLEANUP(mem_free_pointer) char *url =
        str_format("%s%.*s", wire->origin, STR_ARGS(request->target));
    stream->wire = wire;
    stream->easy = curl_easy_init();
    stream->headers = json_object();
    buf_init(&stream->body, FAKEAPI_ANSWER_BYTES_MAX);
    (void)curl_easy_setopt(stream->easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(stream->easy, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(stream->easy, CURLOPT_PRIVATE, stream);
    (void)curl_easy_setopt(stream->easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(stream->easy, CURLOPT_WRITEDATA, stream);
    (void)curl_easy_setopt(stream->easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(stream->easy, CURLOPT_HEADERDATA, stream);
    if (wire->authority != NULL)
        (void)curl_easy_setopt(stream->easy, CURLOPT_CAINFO, wire->authority);
    if (strcmp(request->method, "HEAD") == 0)
        (void)curl_easy_setopt(stream->easy, CURLOPT_NOBODY, 1L);
    if (request->body.len > 0 || strcmp(request->method, "POST") == 0) {
        (void)curl_easy_setopt(stream->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)request->body.len);
        (void)curl_easy_setopt(stream->easy, CURLOPT_COPYPOSTFIELDS, request->body.data);
    }
    (void)curl_easy_setopt(stream->easy, CURLOPT_CUSTOMREQUEST, request->method);
    add_headers(stream, request, headers);
    (void)curl_multi_add_handle(wire->client, stream->easy);
    return stream;
}

void wire_send(struct wire *wire, const struct fakeapi_request *request,
               const struct json *headers, struct wire_answer *ret_answer)
{
    struct wire_stream *stream = stream_create(wire, request, headers);
    long status = 0;
    while (!stream->is_done &&
           !(stream->has_head && json_get(stream->headers, "transfer-encoding") != NULL))
        (void)take_turns(wire);
    (void)curl_easy_getinfo(stream->easy, CURLINFO_RESPONSE_CODE, &status);
    *ret_answer = (struct wire_answer){.status = (int)status};
    ret_answer->content_type = str_dup(json_text_at(stream->headers, "content-type"));
    ret_answer->headers = json_clone(stream->headers);
    if (json_get(stream->headers, "transfer-encoding") != NULL) {
        buf_init(&ret_answer->body, 1);
        ret_answer->stream = stream;
        return;
    }
    ret_answer->body = stream->body;
    stream->body = (struct buf){0};
    wire_stream_close(stream);
}

void wire_answer_release(struct wire_answer *answer)
{
    mem_free(answer->content_type);
    buf_release(&answer->body);
    json_free(answer->headers);
    wire_stream_close(answer->stream);
    *answer = (struct wire_answer){0};
}

void wire_stream_read(struct wire_stream *stream, struct buf *out)
{
    for (unsigned quiet = 0; quiet < QUIET_TURNS && !stream->is_done;)
        quiet = take_turns(stream->wire) ? 0 : quiet + 1;
    buf_append(out, buf_str(&stream->body));
    buf_clear(&stream->body);
}

bool wire_stream_ended(const struct wire_stream *stream)
{
    return stream->is_done && stream->body.len == 0;
}

void wire_stream_close(struct wire_stream *stream)
{
    if (stream == NULL)
        return;
    (void)curl_multi_remove_handle(stream->wire->client, stream->easy);
    curl_easy_cleanup(stream->easy);
    curl_slist_free_all(stream->sent_headers);
    json_free(stream->headers);
    buf_release(&stream->body);
    mem_free(stream);
}
