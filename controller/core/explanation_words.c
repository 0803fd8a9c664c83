#include "controller/core/explanation_words.h"

static const struct explanation_words words[PROMOTION_REASON_COUNT] = {
    [REASON_DELETING] = {"its ClusterProfiles to be gone", NULL},
    [REASON_PRESERVING] = {"its pre-check deployment to be gone", NULL},
    [REASON_PROVISIONING] = {"{left} of {total} clusters to have the stage's configuration", NULL},
    [REASON_FAILING] = {"{left} of {total} clusters to have the stage's configuration",
                        "mend what fails; Sveltos tries again, but for what it calls "
                        "non-retriable, which needs a change of spec.profileSpec"},
    [REASON_CLUSTER_PAUSED] = {"clusters that are paused", "set their spec.paused to false"},
    [REASON_CLUSTER_NOT_READY] = {"one cluster that {stage}.clusterSelector selects to be ready",
                                  "see the clusters' own status"},
    [REASON_STAGE_EMPTY] = {"a cluster that {stage}.clusterSelector selects: {selector}",
                            "label a cluster so, or change {stage}.clusterSelector"},
    [REASON_DRY_RUN] = {"another spec.profileSpec.syncMode than DryRun",
                        "set spec.profileSpec.syncMode to Continuous once the dry run's "
                        "ClusterReports are as wanted"},
    [REASON_DELAYED] = {"the end of {trigger}.delay: {delay}", NULL},
    [REASON_CHECKS_DEPLOYING] = {"ClusterProfile {check}, of {trigger}.preHealthCheckDeployment, "
                                 "on the stage's clusters",
                                 NULL},
    [REASON_CHECKING] = {"{trigger}.postDelayHealthChecks to pass: {checks}", NULL},
    [REASON_CHECKS_FAILING] = {"{trigger}.postDelayHealthChecks to pass: {checks}",
                               "mend what the checks look at, or the checks"},
    [REASON_WINDOW_CLOSED] = {"{trigger}.promotionWindow, which opens at \"{from}\" and closes at "
                              "\"{to}\"",
                              NULL},
    [REASON_AWAITING_APPROVAL] =
        {"{trigger}.approved: true",
         "kubectl patch clusterpromotion {promotion} --type=json -p '[{\"op\": \"test\", "
         "\"path\": \"/spec/stages/{index}/name\", \"value\": \"{name}\"}, {\"op\": \"add\", "
         "\"path\": \"/spec/stages/{index}/trigger/manual/approved\", \"value\": true}]'"},
    [REASON_PROFILE_TERMINATING] = {"ClusterProfile {detail} to be gone",
                                    "see its finalizers and ClusterSummaries if it stays"},
    [REASON_HANDING_OVER] = {"clusters to leave ClusterProfile {detail}", NULL},
    [REASON_NAME_TAKEN] = {"ClusterProfile {detail} to be gone: it is not this promotion's",
                           "delete that ClusterProfile, or name the stage differently"},
    [REASON_MALFORMED] = {"a change of {field}", "change it: it is refused as it stands"},
    [REASON_CHECK_IDLE] = {"a change of {trigger}.postDelayHealthChecks: no deployment runs "
                           "{detail}",
                           "give it the featureID of something that spec.profileSpec deploys; a "
                           "syncMode of OneTime deploys nothing again"},
    [REASON_WINDOW_INVALID] = {"a change of {trigger}.promotionWindow",
                               "change it: `promosim eval window` tells when it opens"},
    [REASON_REFUSED] = {"the API server to take the write",
                        "mend what it complains of: access rights, an admission policy, a quota"},
    [REASON_OTHER_CONTROLLER] = {"field manager {manager} to leave the promotion alone for ten "
                                 "minutes",
                                 "stop the other controller"},
};

static const char *const writes[] = {
    [WRITE_NONE] = NULL,
    [WRITE_STRIP_PROFILE] = "lets go of ClusterProfile {object}, which is preserved",
    [WRITE_DELETE_PROFILE] = "deletes ClusterProfile {object}",
    [WRITE_REMOVE_FINALIZERS] = "removes its finalizers",
    [WRITE_ADD_FINALIZERS] = "adds its finalizers",
    [WRITE_RESET_APPROVAL] = "removes {trigger}.approved, given for another configuration",
    [WRITE_START] = "starts at the first stage: the configuration or that stage is new",
    [WRITE_CONSUME_APPROVAL] = "removes {trigger}.approved, which was used",
    [WRITE_CUT_STAGES] = "goes back to the last stage that is unchanged",
    [WRITE_RECORD_STAGES] = "records the stages and the configuration in status",
    [WRITE_RELEASE_HOLDER] = "tells ClusterProfile {object} to leave in place what it deployed",
    [WRITE_DELETE_HOLDER] = "deletes ClusterProfile {object}, whose clusters change hands",
    [WRITE_NARROW_HOLDER] = "narrows ClusterProfile {object} to the clusters that stay with it",
    [WRITE_RESTORE_HOLDER] = "gives ClusterProfile {object} its stopMatchingBehavior back",
    [WRITE_WITHDRAW_KEPT] = "withdraws ClusterProfile {object} from what no stage selects",
    [WRITE_CREATE_PROFILE] = "creates ClusterProfile {object}",
    [WRITE_APPLY_PROFILE] = "applies ClusterProfile {object}, which is not as wanted",
    [WRITE_DELETE_CHECK] = "deletes ClusterProfile {object}, a pre-check deployment",
    [WRITE_CREATE_CHECK] = "creates ClusterProfile {object}, the pre-check deployment",
    [WRITE_APPLY_CHECK] = "applies ClusterProfile {object}, the pre-check deployment",
    [WRITE_ADD_CHECKS] = "adds the health checks to ClusterProfile {object}",
    [WRITE_SAY] = "says so in status",
    [WRITE_ADVANCE] = "enters stage {next}",
    [WRITE_COMPLETE] = "completes the promotion",
};

struct explanation_words promotion_reason_words(enum promotion_reason reason)
{
    return words[reason];
}

const char *promotion_write_words(enum promotion_write write)
{
    return writes[write];
}
