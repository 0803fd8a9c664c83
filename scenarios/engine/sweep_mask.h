/*
 * What two runs may differ in without being different: versions, times and random
 * identities. Which fields are times is read from the CRDs' schemas; the object's own
 * metadata and the few texts that carry times are listed here.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SWEEP_MASK_H
#define PROMOTER_SCENARIOS_ENGINE_SWEEP_MASK_H

#include "controller/base/map.h"
#include "fakeapi/fakeapi.h"

struct mask {
    struct map schemas; /* openAPIV3Schema by kind */
    struct json **documents; /* owned */
    size_t document_count;
};

void mask_init(struct mask *mask); /* reads the built-in CRDs */
void mask_release(struct mask *mask);

/* Names for uids: "uid of ClusterProfile//x", each time the object was made anew another. */
struct mask_uids {
    struct map names; /* char * by uid */
};

void mask_uids_init(struct mask_uids *uids, const struct fakeapi *api);
void mask_uids_release(struct mask_uids *uids);

/* A copy without what may differ; owned. */
struct json *mask_object(const struct mask *mask, const struct mask_uids *uids, struct str kind,
                         const struct json *object);
/* `text` with every RFC 3339 time written as <time> and every known uid as its name; owned. */
char *mask_text(const struct mask_uids *uids, struct str text, bool times);

#endif
