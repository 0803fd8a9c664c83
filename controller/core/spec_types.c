#include "controller/core/spec_types.h"

#define TYPE_OF(fields_array) {(fields_array), ARRAY_COUNT(fields_array)}

static const struct go_field object_reference_fields[] = {
    {.name = "kind"},
    {.name = "namespace"},
    {.name = "name"},
    {.name = "uid"},
    {.name = "apiVersion"},
    {.name = "resourceVersion"},
    {.name = "fieldPath"},
};
static const struct go_type object_reference = TYPE_OF(object_reference_fields);

static const struct go_field secret_reference_fields[] = {{.name = "name"}, {.name = "namespace"}};
static const struct go_type secret_reference = TYPE_OF(secret_reference_fields);

static const struct go_field value_from_fields[] = {
    {.name = "namespace"},
    {.name = "name", .always = true},
    {.name = "kind", .always = true},
    {.name = "optional", .kind = GO_BOOL},
};
static const struct go_type value_from = TYPE_OF(value_from_fields);

static const struct go_field template_resource_ref_fields[] = {
    {.name = "resource", .kind = GO_STRUCT, .type = &object_reference, .always = true},
    {.name = "identifier", .always = true},
    {.name = "optional", .kind = GO_BOOL},
    {.name = "ignoreStatusChanges", .kind = GO_BOOL},
    {.name = "watchFields", .kind = GO_STRING_LIST},
};
static const struct go_type template_resource_ref = TYPE_OF(template_resource_ref_fields);

static const struct go_field remote_url_fields[] = {
    {.name = "url", .always = true},
    {.name = "interval", .kind = GO_DURATION, .pointer = true},
    {.name = "secretRef", .kind = GO_STRUCT, .type = &secret_reference, .pointer = true},
    {.name = "template", .kind = GO_BOOL},
    {.name = "insecureSkipTLSVerify", .kind = GO_BOOL},
    {.name = "plainHTTP", .kind = GO_BOOL},
};
static const struct go_type remote_url = TYPE_OF(remote_url_fields);

static const struct go_field policy_ref_fields[] = {
    {.name = "namespace"},
    {.name = "name"},
    {.name = "kind"},
    {.name = "path"},
    {.name = "deploymentType", .default_json = "\"Remote\""},
    {.name = "optional", .kind = GO_BOOL},
    {.name = "tier", .kind = GO_INT, .default_json = "100"},
    {.name = "skipNamespaceCreation", .kind = GO_BOOL},
    {.name = "force", .kind = GO_BOOL},
    {.name = "remoteURL", .kind = GO_STRUCT, .type = &remote_url, .pointer = true},
};
static const struct go_type policy_ref = TYPE_OF(policy_ref_fields);

static const struct go_field remote_kustomize_url_fields[] = {
    {.name = "url", .always = true},
    {.name = "interval", .kind = GO_DURATION, .pointer = true},
    {.name = "secretRef", .kind = GO_STRUCT, .type = &secret_reference, .pointer = true},
    {.name = "insecureSkipTLSVerify", .kind = GO_BOOL},
    {.name = "plainHTTP", .kind = GO_BOOL},
};
static const struct go_type remote_kustomize_url = TYPE_OF(remote_kustomize_url_fields);

static const struct go_field kustomization_ref_fields[] = {
    {.name = "namespace"},
    {.name = "name"},
    {.name = "kind"},
    {.name = "path"},
    {.name = "components", .kind = GO_STRING_LIST},
    {.name = "optional", .kind = GO_BOOL},
    {.name = "targetNamespace"},
    {.name = "deploymentType", .default_json = "\"Remote\""},
    {.name = "values", .kind = GO_STRING_MAP},
    {.name = "valuesFrom", .kind = GO_STRUCT_LIST, .type = &value_from},
    {.name = "tier", .kind = GO_INT, .default_json = "100"},
    {.name = "skipNamespaceCreation", .kind = GO_BOOL},
    {.name = "force", .kind = GO_BOOL},
    {.name = "remoteURL", .kind = GO_STRUCT, .type = &remote_kustomize_url, .pointer = true},
};
static const struct go_type kustomization_ref = TYPE_OF(kustomization_ref_fields);

static const struct go_field helm_install_fields[] = {
    {.name = "createNamespace", .kind = GO_BOOL, .pointer = true, .default_json = "true"},
    {.name = "replace", .kind = GO_BOOL, .pointer = true, .default_json = "true"},
    {.name = "disableHooks", .kind = GO_BOOL},
    {.name = "takeOwnership", .kind = GO_BOOL},
    {.name = "recoverAfterConsecutiveFailures", .kind = GO_INT, .default_json = "5"},
};
static const struct go_type helm_install = TYPE_OF(helm_install_fields);

static const struct go_field helm_upgrade_fields[] = {
    {.name = "force", .kind = GO_BOOL},
    {.name = "resetValues", .kind = GO_BOOL},
    {.name = "reuseValues", .kind = GO_BOOL},
    {.name = "resetThenReuseValues", .kind = GO_BOOL},
    {.name = "recreate", .kind = GO_BOOL},
    {.name = "maxHistory", .kind = GO_INT, .default_json = "2"},
    {.name = "cleanupOnFail", .kind = GO_BOOL},
    {.name = "subNotes", .kind = GO_BOOL},
    {.name = "upgradeCRDs", .kind = GO_BOOL},
    {.name = "disableHooks", .kind = GO_BOOL},
    {.name = "takeOwnership", .kind = GO_BOOL},
};
static const struct go_type helm_upgrade = TYPE_OF(helm_upgrade_fields);

static const struct go_field helm_uninstall_fields[] = {
    {.name = "keepHistory", .kind = GO_BOOL},
    {.name = "deletionPropagation"},
    {.name = "disableHooks", .kind = GO_BOOL},
};
static const struct go_type helm_uninstall = TYPE_OF(helm_uninstall_fields);

static const struct go_field helm_options_fields[] = {
    {.name = "skipCRDs", .kind = GO_BOOL},
    {.name = "skipSchemaValidation", .kind = GO_BOOL},
    {.name = "wait", .kind = GO_BOOL},
    {.name = "waitForJobs", .kind = GO_BOOL},
    {.name = "timeout", .kind = GO_DURATION, .pointer = true},
    {.name = "disableHooks", .kind = GO_BOOL},
    {.name = "disableOpenAPIValidation", .kind = GO_BOOL},
    {.name = "atomic", .kind = GO_BOOL},
    {.name = "dependencyUpdate", .kind = GO_BOOL},
    {.name = "labels", .kind = GO_STRING_MAP},
    {.name = "enableClientCache", .kind = GO_BOOL},
    {.name = "description"},
    {.name = "passCredentialsAll", .kind = GO_BOOL},
    {.name = "runTests", .kind = GO_BOOL},
    {.name = "postRenderStrategy"},
    {.name = "installOptions", .kind = GO_STRUCT, .type = &helm_install, .always = true},
    {.name = "upgradeOptions", .kind = GO_STRUCT, .type = &helm_upgrade, .always = true},
    {.name = "uninstallOptions", .kind = GO_STRUCT, .type = &helm_uninstall, .always = true},
};
static const struct go_type helm_options = TYPE_OF(helm_options_fields);

static const struct go_field registry_credentials_fields[] = {
    {.name = "credentials", .kind = GO_STRUCT, .type = &secret_reference, .pointer = true},
    {.name = "key"},
    {.name = "ca", .kind = GO_STRUCT, .type = &secret_reference, .pointer = true},
    {.name = "insecureSkipTLSVerify", .kind = GO_BOOL},
    {.name = "plainHTTP", .kind = GO_BOOL},
};
static const struct go_type registry_credentials = TYPE_OF(registry_credentials_fields);

static const struct go_field oidc_identity_fields[] = {
    {.name = "issuer", .always = true},
    {.name = "subject", .always = true},
};
static const struct go_type oidc_identity = TYPE_OF(oidc_identity_fields);

static const struct go_field cosign_fields[] = {
    {.name = "provider", .always = true},
    {.name = "secretRef", .kind = GO_STRUCT, .type = &secret_reference, .pointer = true},
    {.name = "matchOIDCIdentity", .kind = GO_STRUCT_LIST, .type = &oidc_identity},
};
static const struct go_type cosign = TYPE_OF(cosign_fields);

static const struct go_field provenance_fields[] = {
    {.name = "keyringSecretRef", .kind = GO_STRUCT, .type = &secret_reference, .always = true},
};
static const struct go_type provenance = TYPE_OF(provenance_fields);

static const struct go_field helm_chart_fields[] = {
    {.name = "repositoryURL", .always = true},
    {.name = "repositoryName"},
    {.name = "chartName"},
    {.name = "chartVersion"},
    {.name = "releaseName", .always = true},
    {.name = "releaseNamespace", .always = true},
    {.name = "values"},
    {.name = "valuesFrom", .kind = GO_STRUCT_LIST, .type = &value_from},
    {.name = "helmChartAction", .default_json = "\"Install\""},
    {.name = "options", .kind = GO_STRUCT, .type = &helm_options, .pointer = true},
    {.name = "registryCredentialsConfig", .kind = GO_STRUCT, .type = &registry_credentials,
     .pointer = true},
    {.name = "signatureVerification", .kind = GO_STRUCT, .type = &cosign, .pointer = true},
    {.name = "provenanceVerification", .kind = GO_STRUCT, .type = &provenance, .pointer = true},
};
static const struct go_type helm_chart = TYPE_OF(helm_chart_fields);

static const struct go_field label_filter_fields[] = {
    {.name = "key", .always = true},
    {.name = "operation", .always = true},
    {.name = "value", .always = true},
};
static const struct go_type label_filter = TYPE_OF(label_filter_fields);

static const struct go_field metric_source_fields[] = {
    {.name = "url", .always = true},
    {.name = "path"},
    {.name = "secretRef", .kind = GO_STRUCT, .type = &secret_reference, .pointer = true},
};
static const struct go_type metric_source = TYPE_OF(metric_source_fields);

static const struct go_field metric_query_fields[] = {
    {.name = "name", .always = true},
    {.name = "query", .always = true},
};
static const struct go_type metric_query = TYPE_OF(metric_query_fields);

static const struct go_field cel_rule_fields[] = {
    {.name = "name", .always = true},
    {.name = "rule", .always = true},
};
static const struct go_type cel_rule = TYPE_OF(cel_rule_fields);

static const struct go_field job_ref_fields[] = {
    {.name = "namespace", .always = true},
    {.name = "name", .always = true},
    {.name = "kind", .always = true},
};
static const struct go_type job_ref = TYPE_OF(job_ref_fields);

static const struct go_field job_check_fields[] = {
    {.name = "jobRef", .kind = GO_STRUCT, .type = &job_ref, .always = true},
    {.name = "timeout", .kind = GO_DURATION, .pointer = true},
};
static const struct go_type job_check = TYPE_OF(job_check_fields);

static const struct go_field validate_health_fields[] = {
    {.name = "name", .always = true},
    {.name = "featureID", .always = true},
    {.name = "group"},
    {.name = "version"},
    {.name = "kind"},
    {.name = "labelFilters", .kind = GO_STRUCT_LIST, .type = &label_filter},
    {.name = "namespace"},
    {.name = "metricSource", .kind = GO_STRUCT, .type = &metric_source, .pointer = true},
    {.name = "metricQueries", .kind = GO_STRUCT_LIST, .type = &metric_query},
    {.name = "script"},
    {.name = "evaluateCEL", .kind = GO_STRUCT_LIST, .type = &cel_rule},
    {.name = "jobCheck", .kind = GO_STRUCT, .type = &job_check, .pointer = true},
};
static const struct go_type validate_health = TYPE_OF(validate_health_fields);

static const struct go_field patch_selector_fields[] = {
    {.name = "version"},
    {.name = "group"},
    {.name = "kind"},
    {.name = "namespace"},
    {.name = "name"},
    {.name = "annotationSelector"},
    {.name = "labelSelector"},
};
static const struct go_type patch_selector = TYPE_OF(patch_selector_fields);

static const struct go_field patch_fields[] = {
    {.name = "patch", .always = true},
    {.name = "target", .kind = GO_STRUCT, .type = &patch_selector, .pointer = true},
};
static const struct go_type patch = TYPE_OF(patch_fields);

static const struct go_field drift_exclusion_fields[] = {
    {.name = "paths", .kind = GO_STRING_LIST, .always = true},
    {.name = "target", .kind = GO_STRUCT, .type = &patch_selector, .pointer = true},
};
static const struct go_type drift_exclusion = TYPE_OF(drift_exclusion_fields);

static const struct go_field requirement_fields[] = {
    {.name = "key", .always = true},
    {.name = "operator", .always = true},
    {.name = "values", .kind = GO_STRING_LIST},
};
static const struct go_type requirement = TYPE_OF(requirement_fields);

static const struct go_field label_selector_fields[] = {
    {.name = "matchLabels", .kind = GO_STRING_MAP},
    {.name = "matchExpressions", .kind = GO_STRUCT_LIST, .type = &requirement},
};
const struct go_type spec_type_label_selector = TYPE_OF(label_selector_fields);

/* The fields that a promotion's profileSpec and a profile's spec have in common. */
#define PROFILE_SPEC_FIELDS                                                                   \
    {.name = "syncMode", .default_json = "\"Continuous\""},                                   \
        {.name = "tier", .kind = GO_INT, .default_json = "100"},                              \
        {.name = "continueOnConflict", .kind = GO_BOOL},                                      \
        {.name = "continueOnError", .kind = GO_BOOL},                                         \
        {.name = "maxUpdate", .kind = GO_INT_OR_STRING, .pointer = true},                     \
        {.name = "stopMatchingBehavior", .default_json = "\"WithdrawPolicies\""},             \
        {.name = "reloader", .kind = GO_BOOL},                                                \
        {.name = "templateResourceRefs",                                                      \
         .kind = GO_STRUCT_LIST,                                                              \
         .type = &template_resource_ref},                                                     \
        {.name = "dependsOn", .kind = GO_STRING_LIST},                                        \
        {.name = "policyRefs", .kind = GO_STRUCT_LIST, .type = &policy_ref},                  \
        {.name = "helmCharts", .kind = GO_STRUCT_LIST, .type = &helm_chart},                  \
        {.name = "kustomizationRefs", .kind = GO_STRUCT_LIST, .type = &kustomization_ref},    \
        {.name = "preDeployChecks", .kind = GO_STRUCT_LIST, .type = &validate_health},        \
        {.name = "validateHealths", .kind = GO_STRUCT_LIST, .type = &validate_health},        \
        {.name = "patches", .kind = GO_STRUCT_LIST, .type = &patch},                          \
        {.name = "patchesFrom", .kind = GO_STRUCT_LIST, .type = &value_from},                 \
        {.name = "driftExclusions", .kind = GO_STRUCT_LIST, .type = &drift_exclusion},        \
        {.name = "maxConsecutiveFailures", .kind = GO_UINT, .pointer = true},                 \
        {.name = "preDeleteChecks", .kind = GO_STRUCT_LIST, .type = &validate_health},        \
        {.name = "postDeleteChecks", .kind = GO_STRUCT_LIST, .type = &validate_health}

static const struct go_field profile_spec_fields[] = {PROFILE_SPEC_FIELDS};
const struct go_type spec_type_profile_spec = TYPE_OF(profile_spec_fields);

static const struct go_field cluster_profile_spec_fields[] = {
    {.name = "clusterSelector", .kind = GO_STRUCT, .type = &spec_type_label_selector,
     .always = true},
    {.name = "clusterRefs", .kind = GO_STRUCT_LIST, .type = &object_reference},
    {.name = "setRefs", .kind = GO_STRING_LIST},
    {.name = "extraLabels", .kind = GO_STRING_MAP},
    {.name = "extraAnnotations", .kind = GO_STRING_MAP},
    PROFILE_SPEC_FIELDS,
};
const struct go_type spec_type_cluster_profile = TYPE_OF(cluster_profile_spec_fields);
