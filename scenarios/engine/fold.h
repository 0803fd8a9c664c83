/*
 * The cluster's objects as they were at one moment of the audit log: the log is fed
 * record by record, and the newest state of each object is kept.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_FOLD_H
#define PROMOTER_SCENARIOS_ENGINE_FOLD_H

#include "controller/base/map.h"
#include "fakeapi/fakeapi.h"

struct folded {
    struct str kind, name_space, name; /* of the audit log */
    const struct json *object;         /* NULL: deleted */
};

struct fold {
    struct map objects; /* of struct folded, in order of first appearance */
};

void fold_init(struct fold *fold);
void fold_release(struct fold *fold);
/* Takes the record's `after` over as the present state, when it changed something. */
void fold_add(struct fold *fold, const struct fakeapi_audit *audit);
/* NULL when it does not exist now. */
const struct json *fold_get(const struct fold *fold, struct str kind, struct str name_space,
                            struct str name);

#endif
