/*
 * What a delete asks for, in its body or its parameters.
 */
#ifndef PROMOTER_FAKEAPI_DELETE_OPTIONS_H
#define PROMOTER_FAKEAPI_DELETE_OPTIONS_H

#include "fakeapi/options.h"

enum propagation { PROPAGATION_DEFAULT, PROPAGATION_BACKGROUND, PROPAGATION_FOREGROUND,
                   PROPAGATION_ORPHAN };

struct delete_options {
    struct json *values; /* owned: the body, or the parameters in its form */
    bool dry_run;
    enum propagation propagation;
    const struct json *uid;              /* a precondition; NULL: none */
    const struct json *resource_version; /* the same */
};

/* False: it has answered (400, 413, 415, 422). Release in either case. */
bool delete_options_read(struct call *call, struct delete_options *ret_options);
void delete_options_release(struct delete_options *options);

#endif
