#include "fakeapi/sveltos/go_types.h"

static const struct go_field object_reference[] = {
    {"kind", GO_STRING, GO_OMITEMPTY, NULL},
    {"namespace", GO_STRING, GO_OMITEMPTY, NULL},
    {"name", GO_STRING, GO_OMITEMPTY, NULL},
    {"uid", GO_STRING, GO_OMITEMPTY, NULL},
    {"apiVersion", GO_STRING, GO_OMITEMPTY, NULL},
    {"resourceVersion", GO_STRING, GO_OMITEMPTY, NULL},
    {"fieldPath", GO_STRING, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field secret_reference[] = {
    {"name", GO_STRING, GO_OMITEMPTY, NULL},
    {"namespace", GO_STRING, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field remote_url[] = {
    {"url", GO_STRING, GO_ALWAYS, NULL},
    {"interval", GO_DURATION, GO_POINTER, NULL},
    {"secretRef", GO_STRUCT, GO_POINTER, secret_reference},
    {"template", GO_BOOL, GO_OMITEMPTY, NULL},
    {"insecureSkipTLSVerify", GO_BOOL, GO_OMITEMPTY, NULL},
    {"plainHTTP", GO_BOOL, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field remote_kustomize_url[] = {
    {"url", GO_STRING, GO_ALWAYS, NULL},
    {"interval", GO_DURATION, GO_POINTER, NULL},
    {"secretRef", GO_STRUCT, GO_POINTER, secret_reference},
    {"insecureSkipTLSVerify", GO_BOOL, GO_OMITEMPTY, NULL},
    {"plainHTTP", GO_BOOL, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field policy_ref[] = {
    {"namespace", GO_STRING, GO_OMITEMPTY, NULL},
    {"name", GO_STRING, GO_OMITEMPTY, NULL},
    {"kind", GO_STRING, GO_OMITEMPTY, NULL},
    {"path", GO_STRING, GO_OMITEMPTY, NULL},
    {"deploymentType", GO_STRING, GO_OMITEMPTY, NULL},
    {"optional", GO_BOOL, GO_OMITEMPTY, NULL},
    {"tier", GO_INT, GO_OMITEMPTY, NULL},
    {"skipNamespaceCreation", GO_BOOL, GO_OMITEMPTY, NULL},
    {"force", GO_BOOL, GO_OMITEMPTY, NULL},
    {"remoteURL", GO_STRUCT, GO_POINTER, remote_url},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field value_from[] = {
    {"namespace", GO_STRING, GO_OMITEMPTY, NULL},
    {"name", GO_STRING, GO_ALWAYS, NULL},
    {"kind", GO_STRING, GO_ALWAYS, NULL},
    {"optional", GO_BOOL, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field install_options[] = {
    {"createNamespace", GO_BOOL, GO_POINTER, NULL},
    {"replace", GO_BOOL, GO_POINTER, NULL},
    {"disableHooks", GO_BOOL, GO_OMITEMPTY, NULL},
    {"takeOwnership", GO_BOOL, GO_OMITEMPTY, NULL},
    {"recoverAfterConsecutiveFailures", GO_INT, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field upgrade_options[] = {
    {"force", GO_BOOL, GO_OMITEMPTY, NULL},
    {"resetValues", GO_BOOL, GO_OMITEMPTY, NULL},
    {"reuseValues", GO_BOOL, GO_OMITEMPTY, NULL},
    {"resetThenReuseValues", GO_BOOL, GO_OMITEMPTY, NULL},
    {"recreate", GO_BOOL, GO_OMITEMPTY, NULL},
    {"maxHistory", GO_INT, GO_OMITEMPTY, NULL},
    {"cleanupOnFail", GO_BOOL, GO_OMITEMPTY, NULL},
    {"subNotes", GO_BOOL, GO_OMITEMPTY, NULL},
    {"upgradeCRDs", GO_BOOL, GO_OMITEMPTY, NULL},
    {"disableHooks", GO_BOOL, GO_OMITEMPTY, NULL},
    {"takeOwnership", GO_BOOL, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field uninstall_options[] = {
    {"keepHistory", GO_BOOL, GO_OMITEMPTY, NULL},
    {"deletionPropagation", GO_STRING, GO_OMITEMPTY, NULL},
    {"disableHooks", GO_BOOL, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field helm_options[] = {
    {"skipCRDs", GO_BOOL, GO_OMITEMPTY, NULL},
    {"skipSchemaValidation", GO_BOOL, GO_OMITEMPTY, NULL},
    {"wait", GO_BOOL, GO_OMITEMPTY, NULL},
    {"waitForJobs", GO_BOOL, GO_OMITEMPTY, NULL},
    {"timeout", GO_DURATION, GO_POINTER, NULL},
    {"disableHooks", GO_BOOL, GO_OMITEMPTY, NULL},
    {"disableOpenAPIValidation", GO_BOOL, GO_OMITEMPTY, NULL},
    {"atomic", GO_BOOL, GO_OMITEMPTY, NULL},
    {"dependencyUpdate", GO_BOOL, GO_OMITEMPTY, NULL},
    {"labels", GO_STRING_MAP, GO_OMITEMPTY, NULL},
    {"enableClientCache", GO_BOOL, GO_OMITEMPTY, NULL},
    {"description", GO_STRING, GO_OMITEMPTY, NULL},
    {"passCredentialsAll", GO_BOOL, GO_OMITEMPTY, NULL},
    {"runTests", GO_BOOL, GO_OMITEMPTY, NULL},
    {"postRenderStrategy", GO_STRING, GO_OMITEMPTY, NULL},
    {"installOptions", GO_STRUCT, GO_ALWAYS, install_options},
    {"upgradeOptions", GO_STRUCT, GO_ALWAYS, upgrade_options},
    {"uninstallOptions", GO_STRUCT, GO_ALWAYS, uninstall_options},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field registry_credentials[] = {
    {"credentials", GO_STRUCT, GO_POINTER, secret_reference},
    {"key", GO_STRING, GO_OMITEMPTY, NULL},
    {"ca", GO_STRUCT, GO_POINTER, secret_reference},
    {"insecureSkipTLSVerify", GO_BOOL, GO_OMITEMPTY, NULL},
    {"plainHTTP", GO_BOOL, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field identity_matcher[] = {
    {"issuer", GO_STRING, GO_ALWAYS, NULL},
    {"subject", GO_STRING, GO_ALWAYS, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field signature_verification[] = {
    {"provider", GO_STRING, GO_ALWAYS, NULL},
    {"secretRef", GO_STRUCT, GO_POINTER, secret_reference},
    {"matchOIDCIdentity", GO_STRUCTS, GO_OMITEMPTY, identity_matcher},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field provenance_verification[] = {
    {"keyringSecretRef", GO_STRUCT, GO_ALWAYS, secret_reference},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field helm_chart[] = {
    {"repositoryURL", GO_STRING, GO_ALWAYS, NULL},
    {"repositoryName", GO_STRING, GO_OMITEMPTY, NULL},
    {"chartName", GO_STRING, GO_OMITEMPTY, NULL},
    {"chartVersion", GO_STRING, GO_OMITEMPTY, NULL},
    {"releaseName", GO_STRING, GO_ALWAYS, NULL},
    {"releaseNamespace", GO_STRING, GO_ALWAYS, NULL},
    {"values", GO_STRING, GO_OMITEMPTY, NULL},
    {"valuesFrom", GO_STRUCTS, GO_OMITEMPTY, value_from},
    {"helmChartAction", GO_STRING, GO_OMITEMPTY, NULL},
    {"options", GO_STRUCT, GO_POINTER, helm_options},
    {"registryCredentialsConfig", GO_STRUCT, GO_POINTER, registry_credentials},
    {"signatureVerification", GO_STRUCT, GO_POINTER, signature_verification},
    {"provenanceVerification", GO_STRUCT, GO_POINTER, provenance_verification},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field kustomization_ref[] = {
    {"namespace", GO_STRING, GO_OMITEMPTY, NULL},
    {"name", GO_STRING, GO_OMITEMPTY, NULL},
    {"kind", GO_STRING, GO_OMITEMPTY, NULL},
    {"path", GO_STRING, GO_OMITEMPTY, NULL},
    {"components", GO_STRINGS, GO_OMITEMPTY, NULL},
    {"optional", GO_BOOL, GO_OMITEMPTY, NULL},
    {"targetNamespace", GO_STRING, GO_OMITEMPTY, NULL},
    {"deploymentType", GO_STRING, GO_OMITEMPTY, NULL},
    {"values", GO_STRING_MAP, GO_OMITEMPTY, NULL},
    {"valuesFrom", GO_STRUCTS, GO_OMITEMPTY, value_from},
    {"tier", GO_INT, GO_OMITEMPTY, NULL},
    {"skipNamespaceCreation", GO_BOOL, GO_OMITEMPTY, NULL},
    {"force", GO_BOOL, GO_OMITEMPTY, NULL},
    {"remoteURL", GO_STRUCT, GO_POINTER, remote_kustomize_url},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field label_filter[] = {
    {"key", GO_STRING, GO_ALWAYS, NULL},
    {"operation", GO_STRING, GO_ALWAYS, NULL},
    {"value", GO_STRING, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field cel_rule[] = {
    {"name", GO_STRING, GO_ALWAYS, NULL},
    {"rule", GO_STRING, GO_ALWAYS, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field metric_source[] = {
    {"url", GO_STRING, GO_ALWAYS, NULL},
    {"path", GO_STRING, GO_OMITEMPTY, NULL},
    {"secretRef", GO_STRUCT, GO_POINTER, secret_reference},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field metric_query[] = {
    {"name", GO_STRING, GO_ALWAYS, NULL},
    {"query", GO_STRING, GO_ALWAYS, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field job_ref[] = {
    {"namespace", GO_STRING, GO_ALWAYS, NULL},
    {"name", GO_STRING, GO_ALWAYS, NULL},
    {"kind", GO_STRING, GO_ALWAYS, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field job_check[] = {
    {"jobRef", GO_STRUCT, GO_ALWAYS, job_ref},
    {"timeout", GO_DURATION, GO_POINTER, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field validate_health[] = {
    {"name", GO_STRING, GO_ALWAYS, NULL},
    {"featureID", GO_STRING, GO_ALWAYS, NULL},
    {"group", GO_STRING, GO_OMITEMPTY, NULL},
    {"version", GO_STRING, GO_OMITEMPTY, NULL},
    {"kind", GO_STRING, GO_OMITEMPTY, NULL},
    {"labelFilters", GO_STRUCTS, GO_OMITEMPTY, label_filter},
    {"namespace", GO_STRING, GO_OMITEMPTY, NULL},
    {"metricSource", GO_STRUCT, GO_POINTER, metric_source},
    {"metricQueries", GO_STRUCTS, GO_OMITEMPTY, metric_query},
    {"script", GO_STRING, GO_OMITEMPTY, NULL},
    {"evaluateCEL", GO_STRUCTS, GO_OMITEMPTY, cel_rule},
    {"jobCheck", GO_STRUCT, GO_POINTER, job_check},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field patch_selector[] = {
    {"version", GO_STRING, GO_OMITEMPTY, NULL},
    {"group", GO_STRING, GO_OMITEMPTY, NULL},
    {"kind", GO_STRING, GO_OMITEMPTY, NULL},
    {"namespace", GO_STRING, GO_OMITEMPTY, NULL},
    {"name", GO_STRING, GO_OMITEMPTY, NULL},
    {"annotationSelector", GO_STRING, GO_OMITEMPTY, NULL},
    {"labelSelector", GO_STRING, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field patch[] = {
    {"patch", GO_STRING, GO_ALWAYS, NULL},
    {"target", GO_STRUCT, GO_POINTER, patch_selector},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field drift_exclusion[] = {
    {"paths", GO_STRINGS, GO_ALWAYS, NULL},
    {"target", GO_STRUCT, GO_POINTER, patch_selector},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field requirement[] = {
    {"key", GO_STRING, GO_ALWAYS, NULL},
    {"operator", GO_STRING, GO_ALWAYS, NULL},
    {"values", GO_STRINGS, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field label_selector[] = {
    {"matchLabels", GO_STRING_MAP, GO_OMITEMPTY, NULL},
    {"matchExpressions", GO_STRUCTS, GO_OMITEMPTY, requirement},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

static const struct go_field template_resource_ref[] = {
    {"resource", GO_STRUCT, GO_ALWAYS, object_reference},
    {"identifier", GO_STRING, GO_ALWAYS, NULL},
    {"optional", GO_BOOL, GO_OMITEMPTY, NULL},
    {"ignoreStatusChanges", GO_BOOL, GO_OMITEMPTY, NULL},
    {"watchFields", GO_STRINGS, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};

const struct go_field go_cluster_profile_spec[] = {
    {"clusterSelector", GO_STRUCT, GO_ALWAYS, label_selector},
    {"clusterRefs", GO_STRUCTS, GO_OMITEMPTY, object_reference},
    {"setRefs", GO_STRINGS, GO_OMITEMPTY, NULL},
    {"syncMode", GO_STRING, GO_OMITEMPTY, NULL},
    {"tier", GO_INT, GO_OMITEMPTY, NULL},
    {"continueOnConflict", GO_BOOL, GO_OMITEMPTY, NULL},
    {"continueOnError", GO_BOOL, GO_OMITEMPTY, NULL},
    {"maxUpdate", GO_INT_OR_STRING, GO_POINTER, NULL},
    {"stopMatchingBehavior", GO_STRING, GO_OMITEMPTY, NULL},
    {"reloader", GO_BOOL, GO_OMITEMPTY, NULL},
    {"templateResourceRefs", GO_STRUCTS, GO_OMITEMPTY, template_resource_ref},
    {"dependsOn", GO_STRINGS, GO_OMITEMPTY, NULL},
    {"policyRefs", GO_STRUCTS, GO_OMITEMPTY, policy_ref},
    {"helmCharts", GO_STRUCTS, GO_OMITEMPTY, helm_chart},
    {"kustomizationRefs", GO_STRUCTS, GO_OMITEMPTY, kustomization_ref},
    {"preDeployChecks", GO_STRUCTS, GO_OMITEMPTY, validate_health},
    {"validateHealths", GO_STRUCTS, GO_OMITEMPTY, validate_health},
    {"patches", GO_STRUCTS, GO_OMITEMPTY, patch},
    {"patchesFrom", GO_STRUCTS, GO_OMITEMPTY, value_from},
    {"driftExclusions", GO_STRUCTS, GO_OMITEMPTY, drift_exclusion},
    {"maxConsecutiveFailures", GO_UINT, GO_POINTER, NULL},
    {"preDeleteChecks", GO_STRUCTS, GO_OMITEMPTY, validate_health},
    {"postDeleteChecks", GO_STRUCTS, GO_OMITEMPTY, validate_health},
    {"extraLabels", GO_STRING_MAP, GO_OMITEMPTY, NULL},
    {"extraAnnotations", GO_STRING_MAP, GO_OMITEMPTY, NULL},
    {NULL, GO_STRING, GO_OMITEMPTY, NULL},
};
