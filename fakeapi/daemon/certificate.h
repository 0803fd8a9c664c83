/*
 * A certificate for a server that was given none: it signs itself, for this machine's loopback
 * addresses and the address that the server listens on.
 */
#ifndef PROMOTER_FAKEAPI_DAEMON_CERTIFICATE_H
#define PROMOTER_FAKEAPI_DAEMON_CERTIFICATE_H

#include "controller/base/buf.h"
#include "controller/base/err.h"

/* Appends PEM texts of a new key (P-256) and a certificate that holds for a year from a day ago.
 * ERR_UNREACHABLE: libcrypto refused. */
NODISCARD enum err certificate_make(const char *address, struct buf *out_key, struct buf *out_cert,
                                    struct errmsg *msg);

#endif
