#include "controller/core/promotion_reason.h"

struct reason_row {
    const char *name;
    const char *text;
    bool failure; /* somebody has to do something */
    enum reason_event event;
};

#define QUIET REASON_EVENT_NONE
#define NORMAL REASON_EVENT_NORMAL
#define WARNING REASON_EVENT_WARNING

static const struct reason_row rows[PROMOTION_REASON_COUNT] = {
    [REASON_NONE] = {"None", NULL, false, QUIET},
    [REASON_STARTED] = {"Started", NULL, false, NORMAL},
    [REASON_STAGES_CHANGED] = {"StagesChanged", NULL, false, QUIET},
    [REASON_ADOPTED] = {"Adopted", NULL, false, QUIET},
    [REASON_DEPLOYING] = {"Deploying", NULL, false, QUIET},
    [REASON_REPAIRING] = {"Repairing", NULL, false, QUIET},
    [REASON_PROMOTED] = {"Promoted", "Successfully provisioned", false, QUIET},
    [REASON_APPROVAL_USED] = {"ApprovalUsed", NULL, false, NORMAL},
    [REASON_APPROVAL_STALE] = {"ApprovalStale", NULL, false, WARNING},
    [REASON_PROVISIONED] = {"Provisioned", NULL, false, NORMAL},
    [REASON_COMPLETE] = {"PromotionComplete", "Successfully provisioned", false, NORMAL},
    [REASON_WITHDRAWING] = {"Withdrawing", NULL, false, QUIET},
    [REASON_DELETING] = {"Deleting", "Waits until its ClusterProfiles are gone", false, QUIET},
    [REASON_PRESERVING] = {"Preserving", "Waits until its pre-check deployment is gone", false,
                           QUIET},
    /* its event is told of the stage's entry, in Sveltos' words */
    [REASON_PROVISIONING] = {"Provisioning", "Clusters are being provisioned", false, NORMAL},
    [REASON_FAILING] = {"Failing", "Deployment is failing on ", true, WARNING},
    [REASON_CLUSTER_PAUSED] = {"ClusterPaused", "Waiting for paused clusters: ", false, NORMAL},
    [REASON_CLUSTER_NOT_READY] = {"ClusterNotReady", "No matching cluster is ready: ", false,
                                  WARNING},
    [REASON_STAGE_EMPTY] = {"StageEmpty", "No cluster matches the stage's selector", false,
                            WARNING},
    [REASON_DRY_RUN] = {"DryRun", "Dry run: nothing is promoted", false, NORMAL},
    [REASON_DELAYED] = {"Delayed", "Delayed: Waiting for Time Window: ", false, QUIET},
    [REASON_CHECKS_DEPLOYING] = {"ChecksDeploying", "Pre-check deployment is being provisioned",
                                 false, QUIET},
    [REASON_CHECKING] = {"Checking", "Running Post-Promotion Health Checks", false, QUIET},
    [REASON_CHECKS_FAILING] = {"ChecksFailing", "Awaiting Health Checks to Pass", true, WARNING},
    [REASON_WINDOW_CLOSED] = {"WindowClosed", "Window Closed: Waiting for Next Schedule (", false,
                              NORMAL},
    [REASON_AWAITING_APPROVAL] = {"AwaitingApproval", "Paused: Awaiting Manual Approval", false,
                                  NORMAL},
    [REASON_PROFILE_TERMINATING] = {"ProfileTerminating",
                                    "Waiting for the end of a ClusterProfile that is being "
                                    "deleted: ",
                                    false, QUIET},
    [REASON_HANDING_OVER] = {"HandingOver",
                             "Waiting for clusters that another stage's ClusterProfile holds: ",
                             false, QUIET},
    [REASON_NAME_TAKEN] = {"NameTaken", "A ClusterProfile that is not ours has the name ", true,
                           WARNING},
    [REASON_MALFORMED] = {"Malformed", "Malformed: ", true, WARNING},
    [REASON_CHECK_IDLE] = {"CheckIdle", "No deployment would run the health check ", true,
                           WARNING},
    [REASON_WINDOW_INVALID] = {"WindowInvalid", "Promotion window: ", true, WARNING},
    [REASON_REFUSED] = {"Refused", "The API server refused: ", true, WARNING},
    [REASON_OTHER_CONTROLLER] = {"AnotherControllerActive",
                                 "Stands back while another controller is active: ",
                                 false, WARNING},
    [REASON_CLUSTER_IN_TWO_STAGES] = {"ClusterInTwoStages", NULL, false, WARNING},
    [REASON_WOULD_WITHDRAW] = {"WouldWithdraw", NULL, false, WARNING},
    [REASON_STAGE_REGRESSED] = {"StageRegressed", NULL, false, WARNING},
    [REASON_FOREIGN_FIELDS] = {"ForeignFields", NULL, false, WARNING},
};

const char *promotion_reason_name(enum promotion_reason reason)
{
    return rows[reason].name;
}

const char *promotion_reason_text(enum promotion_reason reason)
{
    return rows[reason].text;
}

enum reason_event promotion_reason_event(enum promotion_reason reason)
{
    return rows[reason].event;
}

bool promotion_reason_is_failure(enum promotion_reason reason)
{
    return rows[reason].failure;
}

enum promotion_reason promotion_reason_of_text(struct str text)
{
    for (unsigned i = 0; i < PROMOTION_REASON_COUNT; i++) {
        if (rows[i].text != NULL && str_starts_with(text, str_from(rows[i].text)))
            return (enum promotion_reason)i;
    }
    return REASON_NONE;
}
