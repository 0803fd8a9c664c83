/* The server on sockets, by bare clients in the same thread: the slow, silent, one too many. */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controller/base/mem.h"
#include "fakeapi/http/http.h"
#include "tests/testlib/test.h"

#define START_MS INT64_C(1767225600000)
#define IDLE_S 1u /* the least that there is */
#define PATIENT_S 600u
#define TURN_MS 10
#define TURNS_MAX 3000 /* half a minute until a test gives up */
/* Several of its answers are more than the sockets' buffers hold. */
#define LARGE_GET \
    "GET " CONFIG_MAPS "/large HTTP/1.1\r\nHost: a\r\n\r\n"
#define CONFIG_MAPS "/api/v1/namespaces/default/configmaps"
#define WATCH_HEAD "GET " CONFIG_MAPS "?watch=1 "
#define NAMESPACE_PATH "/api/v1/namespaces/default"

struct bed {
    struct timers timers;
    struct fakeapi *api;
    struct http_server *server;
    uint16_t port;
    struct buf text; /* what was received */
    size_t blocks;   /* before */
    int64_t now_us;
    int64_t round_us; /* what each look at the clock takes */
};

static int64_t look_at_clock(void *ctx)
{
    struct bed *bed = ctx;
    bed->now_us += bed->round_us;
    return bed->now_us;
}

static void bed_init_with(struct bed *bed, unsigned connections_max, unsigned idle_s)
{
    int fd = -1;
    bed->blocks = mem_live_blocks();
    bed->now_us = 0;
    bed->round_us = 0;
    buf_init(&bed->text, 1u << 20);
    timers_init(&bed->timers, START_MS);
    bed->api = fakeapi_create(&(struct fakeapi_config){.timers = &bed->timers, .seed = 1});
    assert_err(http_listen("127.0.0.1", 0, &fd, &bed->port, NULL), ERR_NONE);
    assert_err(http_create(&(struct http_config){.api = bed->api,
                                                 .listen_fd = fd,
                                                 .idle_timeout_s = idle_s,
                                                 .connections_max = connections_max,
                                                 .ctx = bed,
                                                 .clock_us = look_at_clock},
                           &bed->server, NULL), ERR_NONE);
}

static void bed_init(struct bed *bed, unsigned connections_max)
{
    bed_init_with(bed, connections_max, IDLE_S);
}

static void bed_release(struct bed *bed)
{
    http_free(bed->server);
    fakeapi_free(bed->api);
    timers_release(&bed->timers);
    buf_release(&bed->text);
    assert_int_equal(mem_live_blocks(), bed->blocks);
}

static void turn(struct bed *bed)
{
    struct pollfd polled = {.fd = http_fd(bed->server), .events = POLLIN};
    (void)poll(&polled, 1, http_timeout_ms(bed->server) == 0 ? 0 : TURN_MS);
    http_run(bed->server);
}

static int dial(const struct bed *bed, const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(bed->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int bytes = 4096;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
    return fd;
}

/* Receives until `end` is in the text, or, for NULL, the peer closes; nothing else may happen. */
static void receive(struct bed *bed, int fd, const char *end)
{
    char piece[4096];
    buf_clear(&bed->text);
    for (int i = 0; i < TURNS_MAX; i++) {
        ssize_t len;
        turn(bed);
        while ((len = recv(fd, piece, sizeof(piece), MSG_DONTWAIT)) > 0)
            buf_append_bytes(&bed->text, piece, (size_t)len);
        bool closed = len == 0;
        bool found = end != NULL && bed->text.len > 0 && strstr(bed->text.data, end) != NULL;
        if (closed || found) {
            assert_int_equal(found, end != NULL);
            return;
        }
    }
    fail_msg("waited in vain");
}

static void await_close(struct bed *bed, int fd)
{
    receive(bed, fd, NULL);
    close(fd);
}

static void half_a_request_is_cut_off(void **state)
{
    static const char *const halves[] = {
        "", "GET", "GET /version HTTP/1.1\r\nHost: a\r\nX-Half: ",
        "POST /api/v1/namespaces HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"};
    struct bed bed;
    (void)state;
    bed_init(&bed, 0);
    int fds[ARRAY_COUNT(halves)];
    for (size_t i = 0; i < ARRAY_COUNT(halves); i++)
        fds[i] = dial(&bed, halves[i]);
    for (size_t i = 0; i < ARRAY_COUNT(halves); i++)
        await_close(&bed, fds[i]);
    assert_true(http_is_quiet(bed.server));
    bed_release(&bed);
}

static void put_object(const struct bed *bed, const char *name, size_t bytes)
{
    CLEANUP(buf_release) struct buf body;
    struct fakeapi_response response;
    buf_init(&body, 2u << 20);
    buf_printf(&body, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":"
                      "{\"name\":\"%s\"},\"data\":{\"a\":\"", name);
    for (size_t i = 0; i < bytes; i++)
        buf_append_char(&body, 'x');
    buf_append_text(&body, "\"}}");
    fakeapi_handle(bed->api, &(struct fakeapi_request){
        .method = "POST",
        .target = STR(CONFIG_MAPS),
        .content_type = STR("application/json"),
        .body = buf_str(&body),
    }, &response);
    assert_int_equal(response.status, 201);
    fakeapi_response_release(&response);
}

static void put_large_object(const struct bed *bed)
{
    put_object(bed, "large", 1000000);
}

static void who_does_not_read_an_answer_is_cut_off(void **state)
{
    struct bed bed;
    (void)state;
    bed_init(&bed, 0);
    put_large_object(&bed);
    int fds[8];
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++)
        fds[i] = dial(&bed, LARGE_GET LARGE_GET LARGE_GET LARGE_GET);
    for (int i = 0; i < TURNS_MAX && http_is_quiet(bed.server); i++)
        turn(&bed);
    for (int i = 0; i < TURNS_MAX && !http_is_quiet(bed.server); i++)
        turn(&bed);
    assert_true(http_is_quiet(bed.server));
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++)
        close(fds[i]);
    bed_release(&bed);
}

static void a_watch_at_rest_is_no_idle_peer(void **state)
{
    struct bed bed;
    (void)state;
    bed_init(&bed, 0);
    int watch = dial(&bed, WATCH_HEAD "HTTP/1.1\r\nHost: a\r\n\r\n");
    receive(&bed, watch, "\r\n\r\n");
    await_close(&bed, dial(&bed, "")); /* a second and more has passed */
    await_close(&bed, dial(&bed, ""));
    put_large_object(&bed);
    receive(&bed, watch, "\"ADDED\"");
    close(watch);
    bed_release(&bed);
}

/* More than the sockets' buffers hold, in events that it never takes. */
static void a_watcher_that_takes_nothing_is_cut_off(void **state)
{
    struct bed bed;
    char name[16];
    (void)state;
    bed_init(&bed, 0);
    int watch = dial(&bed, WATCH_HEAD "HTTP/1.1\r\nHost: a\r\n\r\n");
    receive(&bed, watch, "\r\n\r\n");
    assert_false(http_is_quiet(bed.server));
    for (int i = 0; i < 12; i++) {
        (void)snprintf(name, sizeof(name), "large-%d", i);
        put_object(&bed, name, 1000000);
        turn(&bed);
    }
    for (int i = 0; i < TURNS_MAX && !http_is_quiet(bed.server); i++)
        turn(&bed);
    assert_true(http_is_quiet(bed.server));
    close(watch);
    bed_release(&bed);
}

static void a_watcher_without_chunks_gets_lines(void **state)
{
    struct bed bed;
    (void)state;
    bed_init(&bed, 0);
    int watch = dial(&bed, WATCH_HEAD "HTTP/1.0\r\n\r\n");
    receive(&bed, watch, "\r\n\r\n");
    put_object(&bed, "a", 1);
    receive(&bed, watch, "}\n");
    assert_memory_equal(bed.text.data, "{\"type\":\"ADDED\"", 15);
    http_shut_down(bed.server);
    await_close(&bed, watch);
    bed_release(&bed);
}

static void who_asks_for_the_head_of_a_watch_gets_no_more(void **state)
{
    struct bed bed;
    (void)state;
    bed_init(&bed, 0);
    int fd = dial(&bed, "HEAD /api/v1/namespaces?watch=1 HTTP/1.1\r\nHost: a\r\n\r\n"
                        "HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    receive(&bed, fd, NULL);
    const char *second = strstr(bed.text.data + 1, "HTTP/1.1 200");
    assert_non_null(second);
    assert_memory_equal(second - 4, "\r\n\r\n", 4);
    close(fd);
    bed_release(&bed);
}

static size_t count_texts(const struct buf *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text->data, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

/* The clock says that a round takes two milliseconds, so writers have as long after it. */
static void events_after_a_long_round_share_the_next(void **state)
{
    struct bed bed;
    (void)state;
    bed_init(&bed, 0);
    int watch = dial(&bed, WATCH_HEAD "HTTP/1.1\r\nHost: a\r\n\r\n");
    receive(&bed, watch, "\r\n\r\n");
    turn(&bed);
    put_object(&bed, "a", 1);
    bed.round_us = 2000;
    receive(&bed, watch, "}\n\r\n");
    bed.round_us = 0;
    put_object(&bed, "b", 1);
    http_run(bed.server);
    assert_int_equal(http_timeout_ms(bed.server), 2);
    put_object(&bed, "c", 1);
    bed.now_us += 2000;
    assert_int_equal(http_timeout_ms(bed.server), 0);
    receive(&bed, watch, "}\n\r\n");
    assert_int_equal(count_texts(&bed.text, "\"ADDED\""), 2);
    close(watch);
    bed_release(&bed);
}

static void one_connection_too_many_is_told_to_come_again(void **state)
{
    struct bed bed;
    int fds[4];
    (void)state;
    bed_init_with(&bed, ARRAY_COUNT(fds), PATIENT_S);
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++) {
        fds[i] = dial(&bed, "GET " NAMESPACE_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
        receive(&bed, fds[i], "200 OK");
    }
    int one_more = dial(&bed, "GET " NAMESPACE_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    receive(&bed, one_more, NULL);
    assert_non_null(strstr(bed.text.data, "HTTP/1.1 429 "));
    assert_non_null(strstr(bed.text.data, "Retry-After: 1\r\n"));
    close(one_more);
    assert_int_equal(send(fds[0], "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 34, 0), 34);
    receive(&bed, fds[0], "200 OK");
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++)
        close(fds[i]);
    turn(&bed);
    one_more = dial(&bed, "GET " NAMESPACE_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    receive(&bed, one_more, "200 OK");
    close(one_more);
    bed_release(&bed);
}

/* Beyond those that are told, they wait with the kernel. */
static void a_crowd_of_connections_is_served_in_the_end(void **state)
{
    struct bed bed;
    int fds[HTTP_CONNECTIONS_REFUSED_MAX + 2];
    (void)state;
    bed_init(&bed, 1);
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++)
        fds[i] = dial(&bed, "");
    turn(&bed);
    assert_int_equal(send(fds[ARRAY_COUNT(fds) - 1], "GET /healthz HTTP/1.0\r\n\r\n", 25, 0), 25);
    receive(&bed, fds[ARRAY_COUNT(fds) - 1], "HTTP/1.1 ");
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++)
        close(fds[i]);
    bed_release(&bed);
}

/* 40 MB in the list of 40 objects, more than the sockets' buffers hold. */
static void answers_that_nobody_reads_have_a_limit_together(void **state)
{
    struct bed bed;
    int fds[8];
    char name[16];
    (void)state;
    bed_init_with(&bed, 0, PATIENT_S);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(name, sizeof(name), "large-%d", i);
        put_object(&bed, name, 1000000);
    }
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++) {
        fds[i] = dial(&bed, "GET " CONFIG_MAPS " HTTP/1.1\r\nHost: a\r\n\r\n");
        turn(&bed);
        turn(&bed);
    }
    receive(&bed, fds[7], "please try again later");
    assert_non_null(strstr(bed.text.data, "HTTP/1.1 429 "));
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++)
        close(fds[i]);
    for (int i = 0; i < TURNS_MAX && !http_is_quiet(bed.server); i++)
        turn(&bed);
    fds[0] = dial(&bed, "GET " NAMESPACE_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    receive(&bed, fds[0], "200 OK");
    close(fds[0]);
    bed_release(&bed);
}

static void a_server_that_goes_lets_nothing_behind(void **state)
{
    struct bed bed;
    (void)state;
    bed_init(&bed, 0);
    int watch = dial(&bed, "GET /api/v1/namespaces?watch=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    int half = dial(&bed, "POST /api/v1/namespaces HTTP/1.1\r\nHost: a\r\n"
                          "Content-Length: 10\r\n\r\n{");
    receive(&bed, watch, "kube-system");
    bed_release(&bed);
    close(watch);
    close(half);
}

static void addresses_tell_whether_others_reach_them(void **state)
{
    (void)state;
    assert_true(http_address_is_loopback("127.0.0.1"));
    assert_true(http_address_is_loopback("127.8.9.10"));
    assert_true(http_address_is_loopback("::1"));
    assert_true(http_address_is_loopback("::ffff:127.0.0.1"));
    assert_false(http_address_is_loopback("0.0.0.0"));
    assert_false(http_address_is_loopback("::"));
    assert_false(http_address_is_loopback("10.0.0.1"));
    assert_false(http_address_is_loopback("::ffff:10.0.0.1"));
    assert_false(http_address_is_loopback("localhost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_a_request_is_cut_off),
        cmocka_unit_test(who_does_not_read_an_answer_is_cut_off),
        cmocka_unit_test(a_watch_at_rest_is_no_idle_peer),
        cmocka_unit_test(a_watcher_that_takes_nothing_is_cut_off),
        cmocka_unit_test(a_watcher_without_chunks_gets_lines),
        cmocka_unit_test(who_asks_for_the_head_of_a_watch_gets_no_more),
        cmocka_unit_test(events_after_a_long_round_share_the_next),
        cmocka_unit_test(one_connection_too_many_is_told_to_come_again),
        cmocka_unit_test(a_crowd_of_connections_is_served_in_the_end),
        cmocka_unit_test(answers_that_nobody_reads_have_a_limit_together),
        cmocka_unit_test(a_server_that_goes_lets_nothing_behind),
        cmocka_unit_test(addresses_tell_whether_others_reach_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
