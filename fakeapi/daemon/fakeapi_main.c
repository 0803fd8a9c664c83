/*
 * fakeapi: a Kubernetes API server in one process.
 */
#include <signal.h>

#include "fakeapi/daemon/daemon.h"

#define FAKEAPI_VERSION "0.1.0"
#define EXIT_INVALID 2 /* usage, or a file that is no good */
#define USAGE_BYTES_MAX 65536u

/* Signals come by the daemon's loop; a peer that is gone is no reason to die. */
static void block_signals(void)
{
    sigset_t blocked;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    (void)sigaddset(&blocked, SIGINT);
    (void)sigaddset(&blocked, SIGPIPE);
    (void)sigprocmask(SIG_BLOCK, &blocked, NULL);
}

static int print_usage(void)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, USAGE_BYTES_MAX);
    flags_print_usage(&text);
    return fwrite(text.data, 1, text.len, stdout) == text.len ? 0 : EXIT_INVALID;
}

int main(int argc, char **argv)
{
    struct flags flags;
    struct errmsg msg = {{0}};
    enum err err = flags_read(argc - 1, argv + 1, &flags, &msg);
    if (err == ERR_NONE && flags.help)
        return print_usage();
    if (err == ERR_NONE && flags.version)
        return fputs("fakeapi " FAKEAPI_VERSION "\n", stdout) >= 0 ? 0 : EXIT_INVALID;
    block_signals();
    if (err == ERR_NONE)
        err = daemon_run(&flags, stdout, stderr, &msg);
    if (err == ERR_NONE)
        return 0;
    (void)fprintf(stderr, "fakeapi: %s\n", msg.text[0] != '\0' ? msg.text : err_name(err));
    return EXIT_INVALID;
}
