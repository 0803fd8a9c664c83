/* Listening sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fakeapi/http/http_state.h"

static bool parse_address(const char *address, uint16_t port, struct sockaddr_storage *ret_address,
                          socklen_t *ret_len)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    *ret_address = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
        memcpy(ret_address, &v4, sizeof(v4));
        *ret_len = sizeof(v4);
        return true;
    }
    if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1) {
        memcpy(ret_address, &v6, sizeof(v6));
        *ret_len = sizeof(v6);
        return true;
    }
    return false;
}

bool http_peer_is_loopback(const struct sockaddr *peer)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (peer->sa_family == AF_INET) {
        memcpy(&v4, peer, sizeof(v4));
        return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
    }
    if (peer->sa_family != AF_INET6)
        return false;
    memcpy(&v6, peer, sizeof(v6));
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127);
}

bool http_address_is_loopback(const char *address)
{
    struct sockaddr_storage at;
    socklen_t len;
    return parse_address(address, 0, &at, &len) &&
           http_peer_is_loopback((struct sockaddr *)&at);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage bound = {0};
    socklen_t len = sizeof(bound);
    struct sockaddr_in v4;
    if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0)
        return 0;
    memcpy(&v4, &bound, sizeof(v4)); /* the port stands at the same place in both families */
    return ntohs(v4.sin_port);
}

enum err http_listen(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port,
                     struct errmsg *msg)
{
    struct sockaddr_storage at;
    socklen_t len;
    int on = 1;
    if (!parse_address(address, port, &at, &len))
        return err_set(msg, ERR_INVALID, "found \"%s\", expected an address such as 127.0.0.1",
                       address);
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set(msg, ERR_UNREACHABLE, "cannot make a socket: %s", strerror(errno));
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, SOMAXCONN) != 0) {
        int problem = errno;
        (void)close(fd);
        return err_set(msg, ERR_UNREACHABLE, "cannot listen on %s port %u: %s", address, port,
                       strerror(problem));
    }
    *ret_fd = fd;
    *ret_port = port_of(fd);
    return ERR_NONE;
}
