/*
 * Connections, from the socket's first day to its last.
 *
 * The library looks at a socket when something new happens to it. A peer that sends some bytes and
 * goes away before they are read is one event only: its bytes are read, its end is not, and the
 * connection stays for the length of the idle timeout. So ends are watched here, too, and who
 * sends no more has GONE_TIMEOUT_S to take what is on its way.
 */
#include <sys/epoll.h>

#include "controller/base/mem.h"
#include "fakeapi/http/stream.h"

#define GONE_TIMEOUT_S 5u

static void poll_for(const struct http_connection *connection, int how, uint32_t events)
{
    struct epoll_event asked = {.events = events | EPOLLRDHUP | EPOLLET,
                                .data.ptr = (void *)(uintptr_t)connection};
    (void)epoll_ctl(connection->server->poll_fd, how, connection->fd, &asked);
}

static struct http_connection *connection_create(struct http_server *server,
                                                 struct MHD_Connection *library)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(library, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct http_connection *connection = mem_alloc(sizeof(*connection));
    connection->server = server;
    connection->library = library;
    connection->fd = info->connect_fd;
    connection->is_one_too_many = ++server->connection_count > server->config.connections_max;
    poll_for(connection, EPOLL_CTL_ADD, 0);
    return connection;
}

static void connection_free(struct http_connection *connection)
{
    poll_for(connection, EPOLL_CTL_DEL, 0);
    if (connection->stream != NULL)
        connection->stream->connection = NULL;
    connection->server->connection_count--;
    mem_free(connection);
}

void http_connection_note(void *ctx, struct MHD_Connection *library, void **context_at,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *context_at = connection_create(ctx, library);
        return;
    }
    connection_free(*context_at);
    *context_at = NULL;
}

struct http_connection *http_connection_of(struct MHD_Connection *library)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(library, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info->socket_context;
}

void http_connection_poll(struct http_connection *connection, uint32_t events)
{
    bool ends_sooner = connection->server->config.idle_timeout_s <= GONE_TIMEOUT_S;
    if (connection->stream != NULL)
        http_stream_poll(connection->stream, events);
    else if ((events & EPOLLRDHUP) != 0 && !ends_sooner)
        (void)MHD_set_connection_option(connection->library, MHD_CONNECTION_OPTION_TIMEOUT,
                                        GONE_TIMEOUT_S);
}

void http_connection_give(struct http_connection *connection, struct http_stream *stream)
{
    connection->stream = stream;
    poll_for(connection, EPOLL_CTL_MOD, stream != NULL && stream->is_direct ? EPOLLOUT : 0);
}
