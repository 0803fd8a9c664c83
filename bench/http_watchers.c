/*
 * http_watchers COUNT SECONDS PORT PATH     COUNT watches of PATH on PORT
 * http_watchers COUNT SECONDS bare BYTES    the reference: a process that does nothing but send
 *                                           lines of BYTES to COUNT sockets in turn
 *
 * Says "ready" once all are open, and after SECONDS: deliveries per second, the fewest and the
 * most that one watcher got, and how many were cut off.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h> /* before base.h forbids half of it */
#include <unistd.h>

#include "controller/base/str.h"

#define COUNT_MAX 15000
#define LINE_BYTES_MAX 65536

struct watcher {
    int fd;
    char last; /* byte that was read */
    long lines;
    bool is_over;
};

static struct watcher watchers[COUNT_MAX];

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int connect_to(unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        die("connect");
    return fd;
}

/* Asks for the watch and reads the answer's head. */
static void ask(int fd, const char *path)
{
    char text[2048];
    char head[4] = {0};
    int len = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    if (write(fd, text, (size_t)len) != len)
        die("write");
    while (memcmp(head, "\r\n\r\n", 4) != 0) {
        memmove(head, head + 1, 3);
        if (read(fd, head + 3, 1) != 1)
            die("read");
    }
}

/* A line of an event ends with "}\n", the end of a chunk with "\r\n". */
static void count_lines(struct watcher *watcher, const char *text, size_t len)
{
    const char *at = text;
    const char *end = text + len;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        char before = at > text ? at[-1] : watcher->last;
        watcher->lines += before == '}';
        at++;
    }
    watcher->last = end[-1];
}

static void read_some(struct watcher *watcher)
{
    static char space[1 << 18];
    ssize_t len = read(watcher->fd, space, sizeof(space));
    if (len > 0)
        count_lines(watcher, space, (size_t)len);
    else
        watcher->is_over = true;
    if (watcher->is_over)
        close(watcher->fd);
}

static void read_for(double seconds, int poll_fd)
{
    struct epoll_event events[256];
    double end_s = now_s() + seconds;
    while (now_s() < end_s) {
        int count = epoll_wait(poll_fd, events, 256, 100);
        for (int i = 0; i < count; i++)
            read_some(events[i].data.ptr);
    }
}

static void report(int count, double seconds)
{
    long total = 0, fewest = watchers[0].lines, most = 0;
    int over = 0;
    for (int i = 0; i < count; i++) {
        total += watchers[i].lines;
        over += watchers[i].is_over;
        if (watchers[i].lines < fewest)
            fewest = watchers[i].lines;
        if (watchers[i].lines > most)
            most = watchers[i].lines;
    }
    printf("%.0f %ld %ld %d\n", (double)total / seconds, fewest, most, over);
}

/* The bare sender, in a process of its own; the port that it listens on. */
static pid_t start_bare(int count, size_t bytes, unsigned short *port)
{
    static char line[LINE_BYTES_MAX];
    static int fds[COUNT_MAX];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 4096) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        die("listen");
    *port = ntohs(address.sin_port);
    pid_t child = fork();
    if (child != 0)
        return child;
    memset(line, 'x', bytes);
    line[bytes - 2] = '}';
    line[bytes - 1] = '\n';
    for (int i = 0; i < count; i++)
        fds[i] = accept(listener, NULL, NULL);
    for (;;)
        for (int i = 0; i < count; i++)
            if (send(fds[i], line, bytes, MSG_NOSIGNAL) < 0)
                _exit(0);
}

static void watch(int count, double seconds, unsigned short port, const char *path)
{
    int poll_fd = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        struct epoll_event readable = {.events = EPOLLIN, .data.ptr = &watchers[i]};
        watchers[i].fd = connect_to(port);
        if (path != NULL)
            ask(watchers[i].fd, path);
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, watchers[i].fd, &readable);
    }
    printf("ready\n");
    fflush(stdout);
    read_for(seconds, poll_fd);
    report(count, seconds);
}

static int number(const char *text, uint64_t most)
{
    uint64_t value;
    return str_to_u64(str_from(text), &value) && value <= most ? (int)value : 0;
}

int main(int argc, char **argv)
{
    int count = argc == 5 ? number(argv[1], COUNT_MAX) : 0;
    int seconds = argc == 5 ? number(argv[2], 3600) : 0;
    if (count < 1 || seconds < 1) {
        fprintf(stderr, "usage: http_watchers COUNT SECONDS PORT PATH | bare BYTES\n");
        return 2;
    }
    if (strcmp(argv[3], "bare") != 0) {
        watch(count, seconds, (unsigned short)number(argv[3], UINT16_MAX), argv[4]);
        return 0;
    }
    int bytes = number(argv[4], LINE_BYTES_MAX);
    unsigned short port;
    if (bytes < 2)
        return 2;
    pid_t child = start_bare(count, (size_t)bytes, &port);
    watch(count, seconds, port, NULL);
    kill(child, SIGKILL);
    return 0;
}
