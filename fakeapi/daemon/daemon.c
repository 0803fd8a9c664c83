#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "controller/base/mem.h"
#include "fakeapi/daemon/certificate.h"
#include "fakeapi/daemon/daemon.h"
#include "fakeapi/daemon/files.h"
#include "fakeapi/daemon/kubeconfig.h"

#define SECRETS_BYTES_MAX (1u << 20) /* of a certificate, a key, a file of tokens */
#define TOKENS_MAX 10000u
#define FILES_BESIDE_CONNECTIONS (64u + HTTP_CONNECTIONS_REFUSED_MAX)

/* Everything of one run. */
struct run {
    const struct flags *flags;
    FILE *errors;
    struct setting setting;
    struct clock clock;
    struct buf tls_key, tls_cert, tls_authority, token_text;
    struct str *tokens; /* owned array; texts borrowed from token_text */
    size_t token_count;
    char *server;       /* owned; its address for clients */
    uint16_t port;
    struct http_server *http;
    int signal_fd;
};

static void run_init(struct run *run, const struct flags *flags, FILE *errors)
{
    *run = (struct run){.flags = flags, .errors = errors, .signal_fd = -1};
    buf_init(&run->tls_key, SECRETS_BYTES_MAX);
    buf_init(&run->tls_cert, SECRETS_BYTES_MAX);
    buf_init(&run->tls_authority, SECRETS_BYTES_MAX);
    buf_init(&run->token_text, SECRETS_BYTES_MAX);
}

static void run_release(struct run *run)
{
    http_free(run->http);
    setting_release(&run->setting);
    if (run->signal_fd >= 0)
        (void)close(run->signal_fd);
    buf_release(&run->tls_key);
    buf_release(&run->tls_cert);
    buf_release(&run->tls_authority);
    buf_release(&run->token_text);
    mem_free(run->tokens);
    mem_free(run->server);
}

static enum err load_beside(const char *folder, const char *name, struct buf *out,
                            struct errmsg *msg)
{
    CLEANUP(mem_free_pointer) char *path = str_format("%s/%s", folder, name);
    return file_load(path, out, msg);
}

static bool exists_beside(const char *folder, const char *name)
{
    CLEANUP(mem_free_pointer) char *path = str_format("%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static enum err replace_beside(const char *folder, const char *name, const struct buf *text,
                               struct errmsg *msg)
{
    CLEANUP(mem_free_pointer) char *path = str_format("%s/%s", folder, name);
    return file_replace(path, buf_str(text), msg);
}

/* As a real server does with --cert-dir: a folder without both files gets them. */
static enum err provide_tls(const struct flags *flags, struct errmsg *msg)
{
    const char *folder = flags->tls_dir;
    CLEANUP(buf_release) struct buf key;
    CLEANUP(buf_release) struct buf cert;
    buf_init(&key, SECRETS_BYTES_MAX);
    buf_init(&cert, SECRETS_BYTES_MAX);
    if (exists_beside(folder, "tls.crt") || exists_beside(folder, "tls.key"))
        return ERR_NONE;
    enum err err = certificate_make(flags->address, &key, &cert, msg);
    if (err == ERR_NONE)
        err = replace_beside(folder, "tls.key", &key, msg);
    return err == ERR_NONE ? replace_beside(folder, "tls.crt", &cert, msg) : err;
}

/* A certificate without an authority beside it signed itself. */
static enum err load_tls(struct run *run, struct errmsg *msg)
{
    const char *folder = run->flags->tls_dir;
    if (folder == NULL)
        return ERR_NONE;
    enum err err = provide_tls(run->flags, msg);
    if (err == ERR_NONE)
        err = load_beside(folder, "tls.crt", &run->tls_cert, msg);
    if (err == ERR_NONE)
        err = load_beside(folder, "tls.key", &run->tls_key, msg);
    if (err == ERR_NONE && load_beside(folder, "ca.crt", &run->tls_authority, NULL) != ERR_NONE)
        buf_append(&run->tls_authority, buf_str(&run->tls_cert));
    return err;
}

/* One token a line, up to a comma, as in a real server's token file; "#" begins a comment. */
static enum err load_tokens(struct run *run, struct errmsg *msg)
{
    size_t capacity = 0;
    if (run->flags->token_file == NULL)
        return ERR_NONE;
    enum err err = file_load(run->flags->token_file, &run->token_text, msg);
    struct str rest = buf_str(&run->token_text);
    while (err == ERR_NONE && rest.data != NULL) {
        struct str line = str_split_next(&rest, '\n');
        struct str token = str_trim(str_split_next(&line, ','));
        if (token.len == 0 || token.data[0] == '#' || run->token_count == TOKENS_MAX)
            continue;
        run->tokens = mem_grow_array(run->tokens, run->token_count, &capacity,
                                     sizeof(*run->tokens), TOKENS_MAX);
        run->tokens[run->token_count++] = token;
    }
    if (err == ERR_NONE && run->token_count == 0)
        return err_set(msg, ERR_TYPE, "%s: found no token", run->flags->token_file);
    return err;
}

/* As many connections as the system gives us files for. */
static unsigned raise_connection_limit(void)
{
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t files = limit.rlim_cur > 2 * FILES_BESIDE_CONNECTIONS
                       ? limit.rlim_cur - FILES_BESIDE_CONNECTIONS
                       : FILES_BESIDE_CONNECTIONS;
    return files < HTTP_CONNECTIONS_MAX ? (unsigned)files : HTTP_CONNECTIONS_MAX;
}

static int64_t clock_for_http(void *ctx)
{
    (void)ctx;
    return clock_monotonic_us();
}

/* Where clients of this machine find it: nobody can dial the address that means all of them. */
static const char *address_to_dial(const char *address)
{
    if (strcmp(address, "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(address, "::") == 0 ? "::1" : address;
}

static enum err start_http(struct run *run, struct errmsg *msg)
{
    const struct flags *flags = run->flags;
    uint16_t port;
    int fd;
    enum err err = http_listen(flags->address, flags->port, &fd, &port, msg);
    if (err != ERR_NONE)
        return err;
    const char *address = address_to_dial(flags->address);
    bool is_v6 = strchr(address, ':') != NULL;
    run->server = str_format("%s://%s%s%s:%u", flags->tls_dir != NULL ? "https" : "http",
                             is_v6 ? "[" : "", address, is_v6 ? "]" : "", port);
    run->port = port;
    return http_create(&(struct http_config){
        .api = setting_api(&run->setting),
        .listen_fd = fd,
        .tls_key = flags->tls_dir != NULL ? run->tls_key.data : NULL,
        .tls_cert = run->tls_cert.data,
        .tokens = run->tokens,
        .token_count = run->token_count,
        .connections_max = raise_connection_limit(),
        .seed = (uint64_t)clock_of_machine_ms(),
        .ctx = &run->clock,
        .clock_us = clock_for_http,
        .page = clock_page,
    }, &run->http, msg);
}

static enum err write_files(const struct run *run, struct errmsg *msg)
{
    const struct flags *flags = run->flags;
    CLEANUP(buf_release) struct buf text;
    enum err err = ERR_NONE;
    buf_init(&text, 4 * SECRETS_BYTES_MAX);
    kubeconfig_print(&(struct kubeconfig){
        .server = run->server,
        .authority = buf_str(&run->tls_authority),
        .token = run->token_count > 0 ? run->tokens[0] : STR_NONE,
    }, &text);
    if (flags->kubeconfig_out != NULL)
        err = file_replace(flags->kubeconfig_out, buf_str(&text), msg);
    if (err != ERR_NONE || flags->port_file == NULL)
        return err;
    buf_clear(&text);
    buf_printf(&text, "%u\n", run->port);
    return file_replace(flags->port_file, buf_str(&text), msg);
}

static enum err catch_signals(struct run *run, struct errmsg *msg)
{
    sigset_t ends;
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGINT);
    run->signal_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    return run->signal_fd >= 0 ? ERR_NONE
                               : err_set(msg, ERR_UNREACHABLE, "signals cannot be waited for");
}

static int sooner(int a, int b)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a < b ? a : b;
}

/* One turn: waits for something to happen, and lets it. True: a signal asks for the end. */
static bool turn(struct run *run, int wait_max_ms)
{
    struct errmsg msg;
    struct pollfd polled[] = {{.fd = run->signal_fd, .events = POLLIN},
                              {.fd = http_fd(run->http), .events = POLLIN}};
    int wait_ms = sooner(http_timeout_ms(run->http), clock_wait_ms(&run->clock));
    (void)poll(polled, ARRAY_COUNT(polled), sooner(wait_ms, wait_max_ms));
    (void)clock_run(&run->clock);
    http_run(run->http);
    if (setting_failed(&run->setting, &msg))
        (void)fprintf(run->errors, "fakeapi: %s\n", msg.text);
    return (polled[0].revents & POLLIN) != 0;
}

/* A server that starts in the place of this one must not give its versions again: a client that
 * watches on would see nothing wrong. One that wrote more than a version a millisecond for long
 * cannot wait for that. */
static void linger(struct setting *setting)
{
    int64_t ahead_ms = setting_versions_ahead_ms(setting);
    if (ahead_ms >= 0 && ahead_ms < DAEMON_LINGER_MS)
        (void)poll(NULL, 0, (int)ahead_ms + 1);
}

static void serve(struct run *run)
{
    while (!turn(run, -1))
        continue;
    http_shut_down(run->http);
    int64_t end_ms = clock_of_machine_ms() + DAEMON_GRACE_MS;
    while (!http_is_quiet(run->http) && clock_of_machine_ms() < end_ms)
        (void)turn(run, DAEMON_GRACE_MS);
    linger(&run->setting);
}

static enum err run_start(struct run *run, struct errmsg *msg)
{
    enum err err = load_tls(run, msg);
    if (err == ERR_NONE)
        err = load_tokens(run, msg);
    if (err == ERR_NONE)
        err = setting_create(run->flags, &run->setting, msg);
    if (err != ERR_NONE)
        return err;
    clock_init(&run->clock, setting_timers(&run->setting), run->flags->speed, run->flags->paused);
    err = catch_signals(run, msg);
    if (err == ERR_NONE)
        err = start_http(run, msg);
    return err == ERR_NONE ? write_files(run, msg) : err;
}

enum err daemon_run(const struct flags *flags, FILE *out, FILE *errors, struct errmsg *msg)
{
    struct run run;
    run_init(&run, flags, errors);
    enum err err = run_start(&run, msg);
    if (err == ERR_NONE) {
        (void)fprintf(out, "fakeapi: serving on %s\n", run.server);
        (void)fflush(out);
        serve(&run);
    }
    run_release(&run);
    return err;
}
