/*
 * The CRDs of Sveltos that the fake API serves from the start: the YAML files in fakeapi/crds,
 * built into the library.
 */
#ifndef PROMOTER_FAKEAPI_BUILTIN_CRDS_H
#define PROMOTER_FAKEAPI_BUILTIN_CRDS_H

#include "controller/base/str.h"

struct builtin_crd {
    const char *file_name;
    struct str text; /* JSON, members sorted; so it is YAML, too */
};
extern const struct builtin_crd builtin_crds[];
extern const size_t builtin_crd_count;

#endif
