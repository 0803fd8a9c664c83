/*
 * What simulated clusters have: the Helm releases and resources that deployments left there and
 * whose they are. It is part of the ground truth: a restart of Sveltos loses nothing of it, as
 * the owner of a real resource is written on the resource.
 *
 * What a ConfigMap or a repository contains is not modelled: each reference of policyRefs and
 * kustomizationRefs stands for one resource of its own name. Source: facts, 5.10.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_ITEMS_H
#define PROMOTER_FAKEAPI_SVELTOS_ITEMS_H

#include "fakeapi/sveltos/weather.h"

#define ITEM_TIER_DEFAULT 100

/* One entry of a feature's content, read. */
struct item_wish {
    char *name;             /* "ConfigMap:default/a", "Release:NAMESPACE/NAME"; owned */
    const struct json *reference; /* resource: {kind, namespace, name, group, version,
                             * deploymentType}; release: {repoURL, releaseName, namespace,
                             * chartVersion}; owned */
    uint64_t content;       /* a hash of the whole entry */
    bool uninstall;         /* a chart that shall not be there */
};
void item_wish_read(enum feature feature, const struct json *entry, const struct site *site,
                    struct item_wish *ret_wish);
void item_wish_release(struct item_wish *wish);

/* One thing that a cluster has. */
struct item {
    enum feature feature;
    char *name;
    char *profile; /* whose it is; "" when it was left behind */
    int64_t tier;  /* of the profile when it was deployed */
    const struct json *reference;
    uint64_t content;
    char *edited_path; /* what of it somebody edited since, maybe ""; NULL: nothing; owned */
    int64_t at_ms;     /* when it was deployed last */
    char configuration[SHA256_HEX_BYTES];
};

/* The histories and what stands at their end. */
struct items {
    bool ever_edited;
    struct map clusters;               /* by type and name of the cluster: struct map of items */
    struct world_item_change **changes; /* each with its texts behind it */
    size_t change_count;
    size_t change_capacity;
};

/* Copies a text of a record to *end, which is behind the record, and moves *end behind it. */
struct str item_text_copy(char **end, struct str text);

void items_release(struct items *items);
/* The tier in a profile's spec. */
int64_t item_tier(const struct json *profile_spec);

/* NULL when the cluster does not have it. */
struct item *item_find(const struct items *items, const struct site *site, enum feature feature,
                       const char *name);
/* All that a cluster has, by "FEATURE NAME"; never NULL. */
const struct map *items_of(const struct items *items, const struct site *site);

/* Who deploys or takes away, and when. */
struct item_act {
    const struct site *site;
    enum feature feature;
    int64_t at_ms;
    int64_t tier;
    const char *configuration;
};
void item_deploy(struct items *items, const struct item_act *act, const struct item_wish *wish);
/* Somebody changes `path` of it on the cluster; a deployment puts it right. */
void item_edit(struct items *items, const struct site *site, int64_t at_ms, struct item *item,
               struct str path);
/* WORLD_ITEM_WITHDRAWN or WORLD_ITEM_LEFT. `item` is gone or nobody's. */
void item_give_up(struct items *items, const struct item_act *act, struct item *item,
                  enum world_item_event event);

#endif
