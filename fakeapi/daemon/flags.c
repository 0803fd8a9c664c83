#include "fakeapi/daemon/flags.h"

#include "fakeapi/daemon/clock.h"
#include "fakeapi/http/http.h"

#define LISTEN_DEFAULT "127.0.0.1:8001" /* as kubectl proxy */
#define FIRST_VERSION_MAX (UINT64_C(1) << 52) /* clients read versions as doubles or int64_t */

static const struct option table[] = {
    {"--listen", NULL, "ADDRESS:PORT", OPTION_TEXT, offsetof(struct flags, listen),
     LISTEN_DEFAULT "; port 0 takes a free one"},
    {"--port-file", NULL, "FILE", OPTION_TEXT, offsetof(struct flags, port_file),
     "gets the port's number once requests are answered"},
    {"--kubeconfig-out", NULL, "FILE", OPTION_TEXT, offsetof(struct flags, kubeconfig_out),
     "gets a kubeconfig for this server"},
    {"--crds", NULL, "PATH", OPTION_TEXTS, offsetof(struct flags, crds),
     "CustomResourceDefinitions, a file or folder; can be repeated"},
    {"--manifests", NULL, "PATH", OPTION_TEXTS, offsetof(struct flags, manifests),
     "objects to begin with, a file or folder; can be repeated"},
    {"--fleet", NULL, "FILE", OPTION_TEXT, offsetof(struct flags, fleet),
     "clusters, and Sveltos deploying to them"},
    {"--scenario", NULL, "FILE", OPTION_TEXT, offsetof(struct flags, scenario),
     "a scenario's clusters, manifests, world and script"},
    {"--speed", NULL, "N", OPTION_COUNT, offsetof(struct flags, speed),
     "the clock runs N times as fast; 1"},
    {"--paused", NULL, NULL, OPTION_FLAG, offsetof(struct flags, paused),
     "the clock only moves by POST /_sim/clock"},
    {"--tls-dir", NULL, "DIR", OPTION_TEXT, offsetof(struct flags, tls_dir),
     "serves HTTPS with DIR's tls.crt and tls.key, made if absent"},
    {"--token-file", NULL, "FILE", OPTION_TEXT, offsetof(struct flags, token_file),
     "clients need one of its tokens, one a line"},
    {"--history", NULL, "N", OPTION_COUNT, offsetof(struct flags, history),
     "events kept for watches, of each resource; 100000"},
    {"--first-version", NULL, "N", OPTION_SEED, offsetof(struct flags, first_version),
     "resourceVersions start behind it; the time, so that they never repeat"},
    {"--help", "-h", NULL, OPTION_FLAG, offsetof(struct flags, help), "this text"},
    {"--version", NULL, NULL, OPTION_FLAG, offsetof(struct flags, version), "the version"},
};

void flags_print_usage(struct buf *out)
{
    buf_append_text(out, "usage: fakeapi [FLAG]...\n\n"
                         "A Kubernetes API server in one process, for tests and rehearsals.\n\n");
    options_print(table, ARRAY_COUNT(table), out);
    buf_append_text(out, "\nGET /_sim/clock tells the time; POST {\"advance\": \"1h\"} or "
                         "{\"set\": \"2026-01-02T15:04:05Z\"}\nmoves it, from this machine only. "
                         "Ends with 0 on SIGTERM and SIGINT, with 2 on bad usage.\n");
}

/* "127.0.0.1:80", "localhost:80", "[::1]:80" */
static enum err read_listen(struct flags *flags, struct errmsg *msg)
{
    struct str text = str_from(flags->listen);
    size_t colon = text.len;
    uint64_t port;
    while (colon > 0 && text.data[colon - 1] != ':')
        colon--;
    struct str address = str_slice(text, 0, colon > 0 ? colon - 1 : 0);
    if (address.len > 1 && address.data[0] == '[' && address.data[address.len - 1] == ']')
        address = str_slice(address, 1, address.len - 1);
    if (str_is(address, "localhost"))
        address = STR("127.0.0.1");
    if (colon == 0 || address.len == 0 || address.len >= FLAGS_ADDRESS_BYTES ||
        !str_to_u64(str_slice(text, colon, text.len), &port) || port > UINT16_MAX)
        return err_set(msg, ERR_TYPE, "--listen: found \"%s\", expected ADDRESS:PORT such as "
                       LISTEN_DEFAULT, flags->listen);
    (void)snprintf(flags->address, sizeof(flags->address), "%.*s", STR_ARGS(address));
    flags->port = (uint16_t)port;
    return ERR_NONE;
}

static enum err check(struct flags *flags, const struct operands *operands, struct errmsg *msg)
{
    if (operands->count > 0)
        return err_set(msg, ERR_TYPE, "found \"%s\", expected only flags", operands->items[0]);
    if (flags->help || flags->version)
        return ERR_NONE;
    if (flags->speed == 0 || flags->speed > CLOCK_SPEED_MAX)
        return err_set(msg, ERR_TYPE, "--speed: found %u, expected 1 to %u", flags->speed,
                       CLOCK_SPEED_MAX);
    if (flags->paused && flags->speed != 1)
        return err_set(msg, ERR_TYPE, "found --paused and --speed, expected one of them");
    if (flags->first_version.value > FIRST_VERSION_MAX)
        return err_set(msg, ERR_TYPE, "--first-version: found more than %" PRIu64,
                       FIRST_VERSION_MAX);
    if (flags->fleet != NULL && flags->scenario != NULL)
        return err_set(msg, ERR_TYPE, "found --fleet and --scenario, expected one of them");
    enum err err = read_listen(flags, msg);
    if (err != ERR_NONE)
        return err;
    if (!http_address_is_loopback(flags->address) &&
        (flags->tls_dir == NULL || flags->token_file == NULL))
        return err_set(msg, ERR_TYPE,
                       "--listen: others can reach %s: that needs --tls-dir and --token-file",
                       flags->address);
    return ERR_NONE;
}

enum err flags_read(int argc, char **argv, struct flags *ret_flags, struct errmsg *msg)
{
    struct operands operands;
    *ret_flags = (struct flags){.listen = LISTEN_DEFAULT, .speed = 1};
    enum err err = options_parse(argc, argv, table, ARRAY_COUNT(table), ret_flags, &operands, msg);
    if (err == ERR_NONE)
        err = check(ret_flags, &operands, msg);
    operands_release(&operands);
    return err;
}
