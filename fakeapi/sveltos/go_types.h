/*
 * Sveltos' Go types of a profile's spec, as data: what survives decoding and encoding by them.
 * Source: facts, section 2.4 (field table), 1.2.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_GO_TYPES_H
#define PROMOTER_FAKEAPI_SVELTOS_GO_TYPES_H

#include "controller/base/base.h"

enum go_kind {
    GO_STRING,
    GO_BOOL,
    GO_INT,
    GO_UINT,
    GO_INT_OR_STRING,
    GO_DURATION,
    GO_STRINGS,    /* []string */
    GO_STRING_MAP, /* map[string]string */
    GO_STRUCT,
    GO_STRUCTS, /* []struct */
};

enum go_presence {
    GO_OMITEMPTY, /* left out when zero */
    GO_POINTER,   /* left out when nil: a pointer to zero stays */
    GO_ALWAYS,    /* never left out */
};

struct go_field {
    const char *name; /* NULL ends a struct */
    enum go_kind kind;
    enum go_presence presence;
    const struct go_field *fields; /* of GO_STRUCT and GO_STRUCTS */
};

/* ClusterProfile's spec. */
extern const struct go_field go_cluster_profile_spec[];

#endif
