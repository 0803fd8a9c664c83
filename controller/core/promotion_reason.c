#include "controller/core/promotion_reason.h"

struct reason_row {
    const char *name;
    const char *text;
};

static const struct reason_row rows[PROMOTION_REASON_COUNT] = {
    [REASON_NONE] = {"None", NULL},
    [REASON_STARTED] = {"Started", NULL},
    [REASON_STAGES_CHANGED] = {"StagesChanged", NULL},
    [REASON_DEPLOYING] = {"Deploying", NULL},
    [REASON_REPAIRING] = {"Repairing", NULL},
    [REASON_PROMOTED] = {"Promoted", "Successfully provisioned"},
    [REASON_APPROVAL_USED] = {"ApprovalUsed", NULL},
    [REASON_APPROVAL_STALE] = {"ApprovalStale", NULL},
    [REASON_COMPLETE] = {"PromotionComplete", "Successfully provisioned"},
    [REASON_WITHDRAWING] = {"Withdrawing", NULL},
    [REASON_DELETING] = {"Deleting", NULL},
    [REASON_PRESERVING] = {"Preserving", NULL},
    [REASON_PROVISIONING] = {"Provisioning", "Clusters are being provisioned"},
    [REASON_FAILING] = {"Failing", "Deployment is failing on "},
    [REASON_CLUSTER_PAUSED] = {"ClusterPaused", "Waiting for paused clusters: "},
    [REASON_CLUSTER_NOT_READY] = {"ClusterNotReady", "No matching cluster is ready: "},
    [REASON_STAGE_EMPTY] = {"StageEmpty", "No cluster matches the stage's selector"},
    [REASON_DRY_RUN] = {"DryRun", "Dry run: nothing is promoted"},
    [REASON_DELAYED] = {"Delayed", "Delayed: Waiting for Time Window: "},
    [REASON_CHECKS_DEPLOYING] = {"ChecksDeploying", "Pre-check deployment is being provisioned"},
    [REASON_CHECKING] = {"Checking", "Running Post-Promotion Health Checks"},
    [REASON_CHECKS_FAILING] = {"ChecksFailing", "Awaiting Health Checks to Pass"},
    [REASON_WINDOW_CLOSED] = {"WindowClosed", "Window Closed: Waiting for Next Schedule ("},
    [REASON_AWAITING_APPROVAL] = {"AwaitingApproval", "Paused: Awaiting Manual Approval"},
    [REASON_PROFILE_TERMINATING] = {"ProfileTerminating", NULL},
    [REASON_HANDING_OVER] = {"HandingOver", NULL},
    [REASON_NAME_TAKEN] = {"NameTaken", "A ClusterProfile that is not ours has the name "},
    [REASON_MALFORMED] = {"Malformed", "Malformed: "},
    [REASON_CHECK_IDLE] = {"CheckIdle", "No deployment would run the health check "},
    [REASON_WINDOW_INVALID] = {"WindowInvalid", "Promotion window: "},
    [REASON_REFUSED] = {"Refused", "The API server refused: "},
};

const char *promotion_reason_name(enum promotion_reason reason)
{
    return rows[reason].name;
}

const char *promotion_reason_text(enum promotion_reason reason)
{
    return rows[reason].text;
}

enum promotion_reason promotion_reason_of_text(struct str text)
{
    for (unsigned i = 0; i < PROMOTION_REASON_COUNT; i++) {
        if (rows[i].text != NULL && str_starts_with(text, str_from(rows[i].text)))
            return (enum promotion_reason)i;
    }
    return REASON_NONE;
}
