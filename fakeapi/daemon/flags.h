/*
 * The command line of `fakeapi`.
 */
#ifndef PROMOTER_FAKEAPI_DAEMON_FLAGS_H
#define PROMOTER_FAKEAPI_DAEMON_FLAGS_H

#include "scenarios/engine/options.h"

#define FLAGS_ADDRESS_BYTES 64

struct flags {
    const char *listen;
    const char *port_file, *kubeconfig_out;
    struct option_texts crds, manifests;
    const char *fleet, *scenario;
    unsigned speed;
    bool paused;
    const char *tls_dir, *token_file;
    unsigned history;
    struct option_seed first_version;
    bool help, version;
    /* From `listen`. */
    char address[FLAGS_ADDRESS_BYTES];
    uint16_t port;
};

/* argv without the program's name. ERR_TYPE, with one line of words. */
NODISCARD enum err flags_read(int argc, char **argv, struct flags *ret_flags, struct errmsg *msg);
void flags_print_usage(struct buf *out);

#endif
