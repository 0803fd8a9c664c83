/*
 * Names, labels, annotations and field managers that Sveltos and other tools
 * read: the contract, byte for byte. Those with the prefix promoter.dev/ are ours.
 * Source: Project Sveltos v1.13; decisions P4, P7, P10, D16.
 */
#ifndef PROMOTER_CORE_NAMES_H
#define PROMOTER_CORE_NAMES_H

#define API_VERSION_CONFIG "config.projectsveltos.io/v1beta1"
#define KIND_CLUSTER_PROMOTION "ClusterPromotion"
#define KIND_CLUSTER_PROFILE "ClusterProfile"

#define LABEL_PROMOTION_NAME "config.projectsveltos.io/promotionname"
#define LABEL_VERIFICATION "config.projectsveltos.io/promotion-verification"
#define ANNOTATION_STAGE_NAME "config.projectsveltos.io/stagename"
#define LABEL_PROFILE_NAME "projectsveltos.io/cluster-profile-name"
#define LABEL_CLUSTER_NAME "projectsveltos.io/cluster-name"
#define LABEL_CLUSTER_TYPE "projectsveltos.io/cluster-type"

#define CHECK_PROFILE_PREFIX "preverification-"

#define FINALIZER_SHARED "config.projectsveltos.io/clusterpromotion"
#define FINALIZER_OWN "promoter.dev/clusterpromotion"

/* "v1:" and hex SHA-256 of profileSpec and of the selector, divided by ':'; where something else
 * was applied (gate checks are in, lists keep the order that they had), a third one, of that. */
#define ANNOTATION_CONFIGURATION "promoter.dev/configuration"
/* JSON object: feature to the newest lastAppliedTime before the change, or "unsettled". */
#define ANNOTATION_REDEPLOYS "promoter.dev/redeploys"
#define ANNOTATION_OWNER_UID "promoter.dev/owner-uid"

/* Sveltos' own: a take-over keeps field ownership. */
#define FIELD_MANAGER_APPLY "application/apply-patch"
#define FIELD_MANAGER_OTHER "promoter"
/* Of whatever Sveltos writes otherwise. */
#define FIELD_MANAGER_SVELTOS "manager"

#define EVENT_ACTION "ClusterPromotion"    /* Sveltos' own */
#define EVENT_NAMESPACE "default"          /* of what is regarding a cluster-scoped object */
#define EVENT_REPORTER FIELD_MANAGER_OTHER /* P15 */

#endif
