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
#define TURN_MS 10
#define TURNS_MAX 3000 /* half a minute until a test gives up */
/* Several of its answers are more than the sockets' buffers hold. */
#define LARGE_GET \
    "GET /api/v1/namespaces/default/configmaps/large HTTP/1.1\r\nHost: a\r\n\r\n"
#define NAMESPACE_PATH "/api/v1/namespaces/default"

struct bed {
    struct timers timers;
    struct fakeapi *api;
    struct http_server *server;
    uint16_t port;
    struct buf text; /* what was received */
    size_t blocks;   /* before */
};

static void bed_init(struct bed *bed, unsigned connections_max)
{
    int fd = -1;
    bed->blocks = mem_live_blocks();
    buf_init(&bed->text, 1u << 20);
    timers_init(&bed->timers, START_MS);
    bed->api = fakeapi_create(&(struct fakeapi_config){.timers = &bed->timers, .seed = 1});
    assert_err(http_listen("127.0.0.1", 0, &fd, &bed->port, NULL), ERR_NONE);
    assert_err(http_create(&(struct http_config){.api = bed->api,
                                                 .listen_fd = fd,
                                                 .idle_timeout_s = IDLE_S,
                                                 .connections_max = connections_max},
                           &bed->server, NULL), ERR_NONE);
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

static void put_large_object(const struct bed *bed)
{
    CLEANUP(buf_release) struct buf body;
    struct fakeapi_response response;
    buf_init(&body, 2u << 20);
    buf_append_text(&body, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":"
                           "{\"name\":\"large\"},\"data\":{\"a\":\"");
    for (size_t i = 0; i < 1000000; i++)
        buf_append_char(&body, 'x');
    buf_append_text(&body, "\"}}");
    fakeapi_handle(bed->api, &(struct fakeapi_request){
        .method = "POST",
        .target = STR("/api/v1/namespaces/default/configmaps"),
        .content_type = STR("application/json"),
        .body = buf_str(&body),
    }, &response);
    assert_int_equal(response.status, 201);
    fakeapi_response_release(&response);
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
    int watch = dial(&bed, "GET /api/v1/namespaces/default/configmaps?watch=1 HTTP/1.1\r\n"
                           "Host: a\r\n\r\n");
    receive(&bed, watch, "\r\n\r\n");
    await_close(&bed, dial(&bed, "")); /* a second and more has passed */
    await_close(&bed, dial(&bed, ""));
    put_large_object(&bed);
    receive(&bed, watch, "\"ADDED\"");
    close(watch);
    bed_release(&bed);
}

static void one_connection_too_many_waits_for_another_to_go(void **state)
{
    struct bed bed;
    int fds[4];
    (void)state;
    bed_init(&bed, ARRAY_COUNT(fds));
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++) {
        fds[i] = dial(&bed, "GET " NAMESPACE_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
        receive(&bed, fds[i], "200 OK");
    }
    int one_more = dial(&bed, "GET " NAMESPACE_PATH " HTTP/1.1\r\nHost: a\r\n\r\n");
    for (size_t i = 0; i < ARRAY_COUNT(fds); i++)
        await_close(&bed, fds[i]);
    receive(&bed, one_more, "200 OK");
    close(one_more);
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
        cmocka_unit_test(one_connection_too_many_waits_for_another_to_go),
        cmocka_unit_test(a_server_that_goes_lets_nothing_behind),
        cmocka_unit_test(addresses_tell_whether_others_reach_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
