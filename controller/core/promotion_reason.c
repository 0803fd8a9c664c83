#include "controller/core/promotion_reason.h"

struct reason_row {
    const char *name;
    const char *text;
    bool failure; /* somebody has to do something */
};

static const struct reason_row rows[PROMOTION_REASON_COUNT] = {
    [REASON_NONE] = {"None", NULL, false},
    [REASON_STARTED] = {"Started", NULL, false},
    [REASON_STAGES_CHANGED] = {"StagesChanged", NULL, false},
    [REASON_DEPLOYING] = {"Deploying", NULL, false},
    [REASON_REPAIRING] = {"Repairing", NULL, false},
    [REASON_PROMOTED] = {"Promoted", "Successfully provisioned", false},
    [REASON_APPROVAL_USED] = {"ApprovalUsed", NULL, false},
    [REASON_APPROVAL_STALE] = {"ApprovalStale", NULL, false},
    [REASON_COMPLETE] = {"PromotionComplete", "Successfully provisioned", false},
    [REASON_WITHDRAWING] = {"Withdrawing", NULL, false},
    [REASON_DELETING] = {"Deleting", NULL, false},
    [REASON_PRESERVING] = {"Preserving", NULL, false},
    [REASON_PROVISIONING] = {"Provisioning", "Clusters are being provisioned", false},
    [REASON_FAILING] = {"Failing", "Deployment is failing on ", true},
    [REASON_CLUSTER_PAUSED] = {"ClusterPaused", "Waiting for paused clusters: ", false},
    [REASON_CLUSTER_NOT_READY] = {"ClusterNotReady", "No matching cluster is ready: ", false},
    [REASON_STAGE_EMPTY] = {"StageEmpty", "No cluster matches the stage's selector", false},
    [REASON_DRY_RUN] = {"DryRun", "Dry run: nothing is promoted", false},
    [REASON_DELAYED] = {"Delayed", "Delayed: Waiting for Time Window: ", false},
    [REASON_CHECKS_DEPLOYING] = {"ChecksDeploying", "Pre-check deployment is being provisioned",
                                 false},
    [REASON_CHECKING] = {"Checking", "Running Post-Promotion Health Checks", false},
    [REASON_CHECKS_FAILING] = {"ChecksFailing", "Awaiting Health Checks to Pass", true},
    [REASON_WINDOW_CLOSED] = {"WindowClosed", "Window Closed: Waiting for Next Schedule (", false},
    [REASON_AWAITING_APPROVAL] = {"AwaitingApproval", "Paused: Awaiting Manual Approval", false},
    [REASON_PROFILE_TERMINATING] = {"ProfileTerminating", NULL, false},
    [REASON_HANDING_OVER] = {"HandingOver", NULL, false},
    [REASON_NAME_TAKEN] = {"NameTaken", "A ClusterProfile that is not ours has the name ", true},
    [REASON_MALFORMED] = {"Malformed", "Malformed: ", true},
    [REASON_CHECK_IDLE] = {"CheckIdle", "No deployment would run the health check ", true},
    [REASON_WINDOW_INVALID] = {"WindowInvalid", "Promotion window: ", true},
    [REASON_REFUSED] = {"Refused", "The API server refused: ", true},
};

const char *promotion_reason_name(enum promotion_reason reason)
{
    return rows[reason].name;
}

const char *promotion_reason_text(enum promotion_reason reason)
{
    return rows[reason].text;
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
