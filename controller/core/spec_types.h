/*
 * The Go types behind spec.profileSpec and ClusterProfile.spec as data: fields in
 * Go's order with what encoding/json does to each. Sveltos reads and writes these
 * objects through such types, so whoever compares specs must see them as it does.
 * Source: Project Sveltos API v1beta1 (field order, omitempty, CRD defaults).
 */
#ifndef PROMOTER_CORE_SPEC_TYPES_H
#define PROMOTER_CORE_SPEC_TYPES_H

#include "controller/base/base.h"

enum go_kind {
    GO_STRING,
    GO_BOOL,
    GO_INT,
    GO_UINT, /* not negative */
    GO_INT_OR_STRING,
    GO_DURATION,    /* metav1.Duration: rendered as Go prints it */
    GO_STRING_LIST,
    GO_STRING_MAP,
    GO_STRUCT,
    GO_STRUCT_LIST,
};

struct go_type;

struct go_field {
    const char *name;
    enum go_kind kind;
    const struct go_type *type; /* of GO_STRUCT and GO_STRUCT_LIST */
    bool always;                /* no omitempty: rendered even when zero */
    bool pointer;               /* rendered whenever present, zero or not */
    const char *default_json;   /* the CRD's default, when it is not the zero value */
};

struct go_type {
    const struct go_field *fields;
    size_t field_count;
};

extern const struct go_type spec_type_profile_spec;         /* ClusterPromotion spec.profileSpec */
extern const struct go_type spec_type_cluster_profile; /* ClusterProfile spec */
extern const struct go_type spec_type_label_selector;

#endif
