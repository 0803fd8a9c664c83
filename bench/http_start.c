/*
 * http_start COUNT PORT PATH PROGRAM [ARGUMENT]...
 *
 * Starts the program COUNT times, asks for PATH on PORT until the answer is 200, and ends it by
 * SIGTERM. Prints the least, the median and the greatest time from before fork to the answer, in
 * milliseconds.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h> /* before base.h forbids half of it */
#include <unistd.h>

#include "controller/base/str.h"

#define COUNT_MAX 1000
#define PATIENCE_MS 10000.0

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* One request on a connection of its own; true when it is answered with 200. */
static bool is_served(unsigned short port, const char *path)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char text[1024];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = false;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        int len = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
        good = write(fd, text, (size_t)len) == len && read(fd, text, 16) >= 12 &&
               memcmp(text + 8, " 200", 4) == 0;
    }
    close(fd);
    return good;
}

static double measure(unsigned short port, const char *path, char **command)
{
    double begin_ms = now_ms();
    pid_t child = fork();
    if (child == 0) {
        int nothing = open("/dev/null", O_WRONLY);
        dup2(nothing, STDOUT_FILENO);
        execv(command[0], command);
        _exit(127);
    }
    while (!is_served(port, path))
        if (waitpid(child, NULL, WNOHANG) == child || now_ms() - begin_ms > PATIENCE_MS)
            return -1;
    double taken_ms = now_ms() - begin_ms;
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    return taken_ms;
}

static int compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

int main(int argc, char **argv)
{
    double taken_ms[COUNT_MAX];
    uint64_t count = 0;
    uint64_t port = 0;
    if (argc < 5 || !str_to_u64(str_from(argv[1]), &count) || count < 1 || count > COUNT_MAX ||
        !str_to_u64(str_from(argv[2]), &port) || port > UINT16_MAX) {
        fprintf(stderr, "usage: http_start COUNT PORT PATH PROGRAM [ARGUMENT]...\n");
        return 2;
    }
    for (uint64_t i = 0; i < count; i++) {
        taken_ms[i] = measure((unsigned short)port, argv[3], argv + 4);
        if (taken_ms[i] < 0) {
            fprintf(stderr, "http_start: %s does not serve\n", argv[4]);
            return 1;
        }
    }
    qsort(taken_ms, count, sizeof(taken_ms[0]), compare);
    printf("%.2f %.2f %.2f\n", taken_ms[0], taken_ms[count / 2], taken_ms[count - 1]);
    return 0;
}
