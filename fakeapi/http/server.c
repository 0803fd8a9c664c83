/* The socket library's daemon, and the two sets of sockets that are waited for. */
#include <sys/epoll.h>
#include <unistd.h>

#include "controller/base/mem.h"
#include "fakeapi/http/stream.h"

#define EVENTS_PER_RUN 256

static void say_nothing(void *ctx, const char *format, va_list arguments) PRINTF_LIKE(2, 0);
static void say_nothing(void *ctx, const char *format, va_list arguments)
{
    (void)ctx; /* what peers do wrong is told to them */
    (void)format;
    (void)arguments;
}

/* Targets go to the API as they came. */
static size_t keep_escapes(void *ctx, struct MHD_Connection *connection, char *text)
{
    (void)ctx;
    (void)connection;
    return strlen(text);
}

/* For the library's options, which take addresses of what it only reads. */
static void *unconst(const void *text)
{
    return (void *)(uintptr_t)text;
}

static struct MHD_Daemon *start_daemon(struct http_server *server)
{
    const struct http_config *config = &server->config;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    const struct MHD_OptionItem plain[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)say_nothing, NULL},
        {MHD_OPTION_LISTEN_SOCKET, config->listen_fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT,
         (intptr_t)config->connections_max + HTTP_CONNECTIONS_REFUSED_MAX, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)config->idle_timeout_s, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)http_request_begin, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)http_request_end, server},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)http_connection_note, server},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_escapes, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, unconst(config->tls_key)},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, unconst(config->tls_cert)},
        {MHD_OPTION_END, 0, NULL},
    };
    bool is_tls = config->tls_key != NULL;
    return MHD_start_daemon(is_tls ? flags | MHD_USE_TLS : flags, 0, NULL, NULL,
                            http_request_go_on, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)HTTP_CONNECTION_BYTES, MHD_OPTION_ARRAY, plain,
                            MHD_OPTION_ARRAY, is_tls ? tls : &plain[ARRAY_COUNT(plain) - 1],
                            MHD_OPTION_END);
}

static void watch_daemon(struct http_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct epoll_event readable = {.events = EPOLLIN, .data.ptr = NULL};
    (void)epoll_ctl(server->poll_fd, EPOLL_CTL_ADD, info->epoll_fd, &readable);
}

enum err http_create(const struct http_config *config, struct http_server **ret_server,
                     struct errmsg *msg)
{
    struct http_server *server = mem_alloc(sizeof(*server));
    server->config = *config;
    if (config->idle_timeout_s == 0)
        server->config.idle_timeout_s = HTTP_IDLE_TIMEOUT_S;
    if (config->connections_max == 0)
        server->config.connections_max = HTTP_CONNECTIONS_MAX;
    rng_init_stream(&server->rng, config->seed, STR("http/audit-id"));
    server->daemon = start_daemon(server);
    if (server->daemon == NULL) {
        (void)close(config->listen_fd);
        mem_free(server);
        return err_set(msg, ERR_INVALID, "%s", config->tls_key != NULL
                                                   ? "the certificate or its key is unusable"
                                                   : "the socket is unusable");
    }
    server->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    ASSERT(server->poll_fd >= 0);
    watch_daemon(server);
    buf_init(&server->piece, STREAM_PIECE_BYTES + STREAM_EVENT_BYTES_MAX);
    *ret_server = server;
    return ERR_NONE;
}

int http_fd(const struct http_server *server)
{
    return server->poll_fd;
}

int http_timeout_ms(const struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    int wait_ms = http_streams_wait_ms(server);
    if (server->must_run || server->later != NULL)
        return 0;
    if (MHD_get_timeout(server->daemon, &timeout_ms) != MHD_YES ||
        (wait_ms >= 0 && timeout_ms > (unsigned)wait_ms))
        return wait_ms;
    return timeout_ms < INT_MAX ? (int)timeout_ms : INT_MAX;
}

static void poll_connections(struct http_server *server)
{
    struct epoll_event events[EVENTS_PER_RUN];
    int count = epoll_wait(server->poll_fd, events, EVENTS_PER_RUN, 0);
    for (int i = 0; i < count; i++)
        if (events[i].data.ptr != NULL)
            http_connection_poll(events[i].data.ptr, events[i].events);
}

/* Requests go first: they are what streams tell of. */
void http_run(struct http_server *server)
{
    poll_connections(server);
    http_later_resume(server);
    server->must_run = false;
    (void)MHD_run(server->daemon);
    http_streams_run(server);
}

void http_shut_down(struct http_server *server)
{
    if (server->stopping)
        return;
    server->stopping = true;
    int fd = MHD_quiesce_daemon(server->daemon);
    if (fd >= 0)
        (void)close(fd);
    http_streams_end(server);
}

bool http_is_quiet(const struct http_server *server)
{
    return server->request_count == 0;
}

void http_free(struct http_server *server)
{
    if (server == NULL)
        return;
    http_shut_down(server);
    http_later_resume(server);
    http_streams_drop(server);
    MHD_stop_daemon(server->daemon);
    buf_release(&server->piece);
    (void)close(server->poll_fd);
    mem_free(server);
}
