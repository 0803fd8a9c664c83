/*
 * The rest of Sveltos and the fleet around a promotion, as actors that use the
 * fake API as clients do (list, watch, own writes, own virtual timers), never
 * the store's insides: SveltosClusters, clusters of Cluster API, ClusterSets;
 * ClusterProfile -> ClusterSummary -> deployments that take time, may be
 * unhealthy, and are told as Events; the garbage collector; if wanted, the keeper
 * of active windows and the stub of Sveltos' own promotion controller.
 *
 * What happens to a deployment is drawn from a stream of random numbers named
 * after (seed, profile, cluster, feature, how often it was deployed), so that a
 * controller that restarts does not change the weather.
 *
 * Idealised on purpose: Sveltos has as many workers as it has jobs, and sees a job's result at
 * once rather than at its next 10 s look (what failed is looked at again when Sveltos would).
 * What a ConfigMap or a repository holds is not modelled: each reference to one stands for a
 * resource of its own (items.h). Not there: what deploymentType Local means, Profiles and Sets,
 * pull mode. Source: facts, sections 5, 6 and 11.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_WORLD_H
#define PROMOTER_FAKEAPI_SVELTOS_WORLD_H

#include "fakeapi/fakeapi.h"

struct world;

/* Inclusive range of milliseconds. */
struct world_range {
    int64_t min_ms;
    int64_t max_ms;
};

/* What the checks of a feature find, by the time since its configuration was first deployed at a
 * site (validateHealths), first tried there (preDeployChecks), or first taken away from there
 * (preDeleteChecks). */
struct world_health {
    int64_t healthy_after_ms; /* KTIME_NEVER: not healthy ever */
    int64_t flaps_at_ms;      /* not healthy again from here on ... */
    int64_t flaps_for_ms;     /* ... for so long; 0: it does not flap */
    bool finds_nothing;       /* unhealthy because the check fetches no resource: no fault before
                               * a deletion */
};

/* How deployments behave; the last rule that matches applies, field by field. Without any: takes
 * 10 s, created_after and stale_for 0.3 s (facts 6.4; baseline), nothing fails. What was deployed
 * before takes 1 s at least when it is deployed again (facts 6.3). */
struct world_rule {
    struct str cluster;        /* a name or a glob with '*'; empty: all */
    struct str profile;        /* as above */
    struct str feature;        /* "Helm", "Resources", "Kustomize"; empty: all */
    bool has_takes;
    struct world_range takes;  /* from the job's start to its result */
    bool has_created_after;
    /* From the profile's change to the ClusterSummary, created or updated; any feature. */
    struct world_range created_after;
    bool has_stale_for;
    struct world_range stale_for;     /* status stays old after a spec change; any feature */
    /* The first N jobs of each configuration of a feature fail; UINT_MAX: all. */
    unsigned fails;
    bool fails_for_good;       /* a failure is FailedNonRetriable */
    int64_t fails_for_ms;      /* jobs that start within this time of the first fail; 0: none */
    struct str message;        /* of failures, and what a check says; empty: a default */
    struct str check;          /* of `health`: the check's name, or a glob; empty: all */
    bool has_health;
    struct world_health health;
    /* The world's clusters of this rule are paused but from `active.min_ms` to `active.max_ms`
     * after its start, and again every `active_every_ms` (0: once). */
    bool has_active;
    struct world_range active;
    int64_t active_every_ms;
    bool promotion_stub;       /* as world_config.promotion_stub */
    struct str capi_onboard_annotation; /* --capi-onboard-annotation; empty: not said */
};

struct world_config {
    struct fakeapi *api;         /* borrowed */
    struct timers *timers;       /* borrowed */
    uint64_t seed;
    const struct world_rule *rules; /* borrowed for the world's life */
    size_t rule_count;
    bool promotion_stub; /* v1.14's promotion controller is there: it looks every 60 s, always */
};

/* One real deployment to (or withdrawal from) a cluster: the ground truth that
 * checkers judge by, since statuses may lag. */
struct world_deployment {
    int64_t at_ms;
    struct str cluster_namespace, cluster, profile, feature;
    struct str cluster_type;   /* "Sveltos" or "Capi" */
    /* Hex SHA-256 of the whole profile spec that was deployed, as the summary showed it, in the
     * canonical form of profile_spec_digest (spec_render.h). */
    struct str configuration;
    bool withdrawn;            /* taken away rather than deployed */
    bool failed;               /* tried and failed, or a check did not pass */
    bool unhealthy;            /* failed: it is there, but a health check did not pass */
};

/* What became of one thing on a cluster: a Helm release, or the resource that a reference of
 * policyRefs or kustomizationRefs stands for. */
enum world_item_event {
    WORLD_ITEM_DEPLOYED,
    WORLD_ITEM_TAKEN_OVER, /* deployed over what was another profile's, or had been left */
    WORLD_ITEM_WITHDRAWN,
    WORLD_ITEM_LEFT,       /* its profile went and did not take it away */
    WORLD_ITEM_EDITED,     /* by somebody, on the cluster */
};

struct world_item_change {
    int64_t at_ms;
    enum world_item_event event;
    struct str cluster_namespace, cluster, cluster_type;
    struct str profile;        /* that deployed it, or had it until now */
    struct str feature;
    struct str item;           /* "ConfigMap:default/a", "Release:NAMESPACE/NAME" */
    struct str configuration;  /* as in a deployment */
};

struct world *world_create(const struct world_config *config);
void world_free(struct world *world);
/* Starts the actors' watches. Objects are added through the API, before or after. */
void world_start(struct world *world);
/* The annotation without which Clusters of Cluster API do not count, as the last of the rules
 * that speak of it says; STR_NONE: they all count. */
struct str world_capi_onboard_annotation(const struct world *world);
/* Fails or lasts: true while no controller of Sveltos runs. */
void world_set_down(struct world *world, bool down);

/* Somebody changes a deployed thing on its cluster. All borrowed. */
struct world_edit {
    struct str cluster_namespace, cluster, cluster_type;
    struct str item; /* as in world_item_change */
    struct str path; /* where in it, "/spec/replicas"; empty: not said */
};
/* What Sveltos does about it: drift.h. False: there is no such thing. */
bool world_edit(struct world *world, const struct world_edit *edit);

size_t world_deployment_count(const struct world *world);
const struct world_deployment *world_deployment_at(const struct world *world, size_t index);
size_t world_item_change_count(const struct world *world);
const struct world_item_change *world_item_change_at(const struct world *world, size_t index);

#endif
