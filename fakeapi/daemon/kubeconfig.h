/*
 * A kubeconfig that every client accepts.
 * Source: Kubernetes documentation, "Organizing Cluster Access Using kubeconfig Files"; facts on
 * clients: JavaScript's refuses plain HTTP unless certificates are not verified.
 */
#ifndef PROMOTER_FAKEAPI_DAEMON_KUBECONFIG_H
#define PROMOTER_FAKEAPI_DAEMON_KUBECONFIG_H

#include "controller/base/buf.h"

struct kubeconfig {
    const char *server;       /* "http://127.0.0.1:8001" */
    struct str authority;     /* PEM of who signed the server's certificate; empty: plain HTTP */
    struct str token;         /* empty: none */
};

void kubeconfig_print(const struct kubeconfig *config, struct buf *out);

#endif
