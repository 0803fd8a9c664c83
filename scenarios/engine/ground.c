#include "scenarios/engine/ground.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "controller/base/yaml.h"
#include "fakeapi/builtin_crds.h"
#include "fakeapi/schema.h"
#include "fakeapi/sveltos/spec_render.h"
#include "scenarios/engine/checkers_rooms.h"

#define DEPLOYMENTS_MAX (64u << 20) /* more than any run makes */

/* What became of one feature of a profile on one cluster, in order. */
struct ground_cell {
    const struct world_deployment **items; /* owned array */
    size_t count;
    size_t capacity;
};

struct ground_spec {
    const struct json *spec;
};

/* `type`: "Sveltos" or "Capi". */
static char *cell_key(struct str profile, struct str type, struct str name_space,
                      struct str cluster, struct str feature)
{
    return str_format("%.*s %.*s %.*s/%.*s %.*s", STR_ARGS(profile), STR_ARGS(type),
                      STR_ARGS(name_space), STR_ARGS(cluster), STR_ARGS(feature));
}

static void learn_deployment(struct ground *ground, const struct world_deployment *deployment)
{
    char *key = cell_key(deployment->profile, deployment->cluster_type,
                         deployment->cluster_namespace, deployment->cluster,
                         deployment->feature);
    struct ground_cell *cell = map_get(&ground->deployed, str_from(key));
    if (cell == NULL) {
        cell = mem_alloc(sizeof(*cell));
        (void)map_put(&ground->deployed, str_from(key), cell);
    }
    cell->items = mem_grow_array(cell->items, cell->count, &cell->capacity, sizeof(*cell->items),
                                 DEPLOYMENTS_MAX);
    cell->items[cell->count++] = deployment;
    mem_free(key);
}

static bool is_told(const struct ground *ground, const struct world_deployment *deployment)
{
    bool is_loss = deployment->failed || deployment->withdrawn;
    int64_t until_ms = ground->log.deployed_until_ms;
    return deployment->at_ms <= until_ms - (is_loss && !ground->log.losses_by_then ? 1 : 0);
}

/* NULL when nothing had happened there yet. */
static const struct world_deployment *cell_newest(const struct ground *ground,
                                                  const struct ground_cell *cell)
{
    size_t low = 0;
    size_t high = cell->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cell->items[middle]->at_ms <= ground->log.deployed_until_ms)
            low = middle + 1;
        else
            high = middle;
    }
    while (low > 0 && !is_told(ground, cell->items[low - 1]))
        low--;
    return low > 0 ? cell->items[low - 1] : NULL;
}

static struct schema *summary_schema_load(void)
{
    struct schema *schema = NULL;
    for (size_t i = 0; i < builtin_crd_count && schema == NULL; i++) {
        struct yaml_file file = {0};
        if (!str_contains(str_from(builtin_crds[i].file_name), STR("clustersummaries")) ||
            yaml_parse(builtin_crds[i].text, &file, NULL) != ERR_NONE)
            continue;
        const struct json *version = json_first(json_at(file.documents[0].root, "spec.versions"));
        if (schema_create(json_at(version, "schema.openAPIV3Schema"), &schema, NULL) != ERR_NONE)
            schema = NULL;
        yaml_file_release(&file);
    }
    ASSERT(schema != NULL);
    return schema;
}

/* Rendering makes empty objects within these, in which the server then fills defaults: all
 * else comes out of a summary as it went in. */
static bool has_helm_options(const struct json *rendered)
{
    JSON_EACH(chart, json_get(rendered, "helmCharts"))
    {
        if (json_get(chart, "options") != NULL)
            return true;
    }
    return false;
}

/* A profile's spec as it reaches a cluster: Sveltos renders it into the ClusterSummary, the
 * server fills defaults in, Sveltos renders it again for the deployment. Owned; NULL when it
 * cannot be rendered, and so is never deployed (B40). */
static struct json *spec_as_deployed(struct ground *ground, const struct json *spec)
{
    struct json *once = NULL;
    struct json *twice = NULL;
    if (!profile_spec_render(spec, &once))
        return NULL;
    if (!has_helm_options(once))
        return once;
    if (ground->summary_schema == NULL)
        ground->summary_schema = summary_schema_load();
    const struct schema *schema = schema_property(ground->summary_schema, STR("spec"));
    schema_fill_defaults(schema_property(schema, STR("clusterProfileSpec")), once);
    bool rendered = profile_spec_render(once, &twice);
    json_free(once);
    return rendered ? twice : NULL;
}

/* Deployments name their configuration by digest: remember what each digest stands for. */
static void learn_spec(struct ground *ground, const struct json *spec)
{
    char digest[SHA256_HEX_BYTES];
    struct json *rendered = spec_as_deployed(ground, spec);
    if (rendered == NULL)
        return;
    profile_spec_digest(rendered, digest);
    if (map_get(&ground->specs, str_from(digest)) != NULL) {
        json_free(rendered);
        return;
    }
    struct ground_spec *known = mem_alloc(sizeof(*known));
    known->spec = rendered;
    (void)map_put(&ground->specs, str_from(digest), known);
}

static void learn_profile(struct ground *ground, const struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct fakeapi_audit *audit = history->records[i];
        const struct json *spec = json_get(audit->after, "spec");
        if (spec != NULL &&
            (audit->before == NULL || !json_equal(json_get(audit->before, "spec"), spec)))
            learn_spec(ground, spec);
    }
}

void ground_init(struct ground *ground, const struct evidence *evidence)
{
    *ground = (struct ground){.summary_schema = NULL};
    told_log_init(&ground->log, evidence);
    map_init(&ground->deployed);
    map_init(&ground->specs);
    MAP_EACH(entry, &ground->log.objects.objects)
    {
        const struct history *history = map_entry_value(entry);
        if (audit_is_kind(history->records[0], "ClusterProfile"))
            learn_profile(ground, history);
    }
    size_t count = evidence->world != NULL ? world_deployment_count(evidence->world) : 0;
    for (size_t i = 0; i < count; i++)
        learn_deployment(ground, world_deployment_at(evidence->world, i));
}

void ground_release(struct ground *ground)
{
    MAP_EACH(entry, &ground->deployed)
    {
        struct ground_cell *cell = map_entry_value(entry);
        mem_free(cell->items);
        mem_free(cell);
    }
    map_release(&ground->deployed);
    MAP_EACH(entry, &ground->specs)
    {
        struct ground_spec *known = map_entry_value(entry);
        json_free(known->spec);
        mem_free(known);
    }
    map_release(&ground->specs);
    schema_free(ground->summary_schema);
    told_log_release(&ground->log);
}

const struct json *ground_profile(const struct ground *ground, struct str name)
{
    return told_log_object(&ground->log, STR("ClusterProfile"), STR_NONE, name);
}

const struct fakeapi_audit *ground_next_cluster(const struct ground *ground,
                                                struct map_entry **cursor)
{
    const struct fakeapi_audit *audit = told_log_next(&ground->log, cursor);
    while (audit != NULL && !audit_is_kind(audit, "SveltosCluster") &&
           !audit_is_kind(audit, "Cluster"))
        audit = told_log_next(&ground->log, cursor);
    return audit;
}

static bool values_contain(const struct json *values, struct str text)
{
    JSON_EACH(value, values)
    {
        if (str_equal(json_string_of(value), text))
            return true;
    }
    return false;
}

static bool requirement_holds(const struct json *requirement, const struct json *labels)
{
    const struct json *label = json_get_str(labels, json_text_at(requirement, "key"));
    const struct json *values = json_get(requirement, "values");
    struct str operator = json_text_at(requirement, "operator");
    if (str_is(operator, "Exists"))
        return label != NULL;
    if (str_is(operator, "DoesNotExist"))
        return label == NULL;
    bool among = label != NULL && values_contain(values, json_string_of(label));
    if (str_is(operator, "In"))
        return among;
    return str_is(operator, "NotIn") && !among;
}

bool ground_selector_matches(const struct json *selector, const struct json *labels)
{
    size_t rules = 0;
    JSON_EACH(wanted, json_get(selector, "matchLabels"))
    {
        const struct json *label = json_get_str(labels, json_key(wanted));
        if (label == NULL || !str_equal(json_string_of(label), json_string_of(wanted)))
            return false;
        rules++;
    }
    JSON_EACH(requirement, json_get(selector, "matchExpressions"))
    {
        if (!requirement_holds(requirement, labels))
            return false;
        rules++;
    }
    return rules > 0;
}

/* A CAPI cluster says so in its conditions or, newer, in status.initialization. */
static bool capi_is_ready(const struct json *status)
{
    if (json_bool_of(json_at(status, "initialization.controlPlaneInitialized")))
        return true;
    JSON_EACH(condition, json_get(status, "conditions"))
    {
        if (str_is(json_text_at(condition, "type"), "ControlPlaneInitialized") &&
            str_is(json_text_at(condition, "status"), "True"))
            return true;
    }
    return false;
}

static bool capi_is_onboarded(const struct world *world, const struct json *cluster)
{
    struct str annotation = world != NULL ? world_capi_onboard_annotation(world) : STR_NONE;
    return str_is_empty(annotation) ||
           json_get_str(json_at(cluster, "metadata.annotations"), annotation) != NULL;
}

bool ground_cluster_counts(const struct world *world, struct str kind, const struct json *cluster)
{
    const struct json *status = json_get(cluster, "status");
    if (json_at(cluster, "metadata.deletionTimestamp") != NULL)
        return false;
    if (str_is(kind, "SveltosCluster"))
        return json_bool_of(json_get(status, "ready"));
    return capi_is_ready(status) && capi_is_onboarded(world, cluster);
}

/* Both sides are rendered, so that zero values are absent. */
static bool same_field(const struct json *a, const struct json *b, const char *field)
{
    const struct json *in_a = json_get(a, field);
    const struct json *in_b = json_get(b, field);
    return in_a == in_b || (in_a != NULL && in_b != NULL && json_equal(in_a, in_b));
}

/* In any order: Sveltos sorts policyRefs before it hashes them. */
static bool same_set(const struct json *a, const struct json *b)
{
    bool same = json_count(a) == json_count(b);
    struct json *left = json_clone(b);
    JSON_EACH(item, a)
    {
        struct json *twin = json_first(left);
        while (twin != NULL && !json_equal(item, twin))
            twin = json_next(twin);
        same = same && twin != NULL;
        if (twin != NULL)
            json_free(json_detach(left, twin));
    }
    json_free(left);
    return same;
}

static struct json *checks_of(const struct json *spec, struct str feature)
{
    struct json *checks = json_array();
    JSON_EACH(check, json_get(spec, "validateHealths"))
    {
        if (str_equal(json_text_at(check, "featureID"), feature))
            json_append(checks, json_clone(check));
    }
    return checks;
}

/* What Sveltos hashes to decide whether a feature is deployed again (facts 6.3). */
static bool same_feature_input(const struct json *a, const struct json *b, const char *list,
                               struct str feature)
{
    static const char *const always[] = {"syncMode",   "reloader", "tier",
                                         "continueOnConflict", "templateResourceRefs",
                                         "patches",    "patchesFrom", "driftExclusions"};
    for (size_t i = 0; i < ARRAY_COUNT(always); i++) {
        if (!same_field(a, b, always[i]))
            return false;
    }
    struct json *checks_a = checks_of(a, feature);
    struct json *checks_b = checks_of(b, feature);
    bool same = json_equal(checks_a, checks_b);
    if (str_is(feature, "Resources"))
        same = same && same_set(json_get(a, list), json_get(b, list));
    else
        same = same && same_field(a, b, list);
    json_free(checks_a);
    json_free(checks_b);
    return same;
}

static const struct {
    const char *list;
    struct str feature;
} CONTENT[] = {
    {"helmCharts", {"Helm", 4}},
    {"policyRefs", {"Resources", 9}},
    {"kustomizationRefs", {"Kustomize", 9}},
};

static const struct ground_cell *find_cell(const struct ground *ground, struct str profile,
                                           const struct fakeapi_audit *cluster,
                                           struct str feature)
{
    struct str type = str_is(cluster->kind, "Cluster") ? STR("Capi") : STR("Sveltos");
    char *key = cell_key(profile, type, cluster->name_space, cluster->name, feature);
    const struct ground_cell *cell = map_get(&ground->deployed, str_from(key));
    mem_free(key);
    return cell;
}

static bool feature_is_deployed(const struct ground *ground, struct str profile,
                                const struct fakeapi_audit *cluster, const struct json *spec,
                                const char *list, struct str feature)
{
    const struct ground_cell *cell = find_cell(ground, profile, cluster, feature);
    const struct world_deployment *newest = cell != NULL ? cell_newest(ground, cell) : NULL;
    if (newest == NULL || newest->failed || newest->withdrawn)
        return false;
    if (str_is(json_text_at(spec, "syncMode"), "OneTime"))
        return true; /* deployed once, whatever came later (D23) */
    const struct ground_spec *known = map_get(&ground->specs, newest->configuration);
    return known != NULL && same_feature_input(known->spec, spec, list, feature);
}

/* D23: Sveltos does not write what a cluster was given once again, whatever else is wanted, but
 * for its mode: that makes a spec that no profile ever had. */
static bool was_given_once(const struct ground *ground, struct str profile,
                           const struct fakeapi_audit *cluster, const struct json *spec)
{
    bool given = false;
    for (size_t i = 0; i < ARRAY_COUNT(CONTENT); i++) {
        const struct ground_cell *cell = find_cell(ground, profile, cluster, CONTENT[i].feature);
        const struct world_deployment *newest = cell != NULL ? cell_newest(ground, cell) : NULL;
        if (newest != NULL && newest->failed)
            return false;
        if (newest == NULL || newest->withdrawn)
            continue;
        const struct ground_spec *known = map_get(&ground->specs, newest->configuration);
        given |= known == NULL || !json_equal(known->spec, spec);
    }
    return given;
}

static char *cluster_missing(const struct ground *ground, struct str profile,
                             const struct fakeapi_audit *cluster, const struct json *spec)
{
    bool once = str_is(json_text_at(spec, "syncMode"), "OneTime");
    if (once && was_given_once(ground, profile, cluster, spec))
        return NULL;
    for (size_t i = 0; i < ARRAY_COUNT(CONTENT); i++) {
        if (json_count(json_get(spec, CONTENT[i].list)) == 0 ||
            feature_is_deployed(ground, profile, cluster, spec, CONTENT[i].list,
                                CONTENT[i].feature))
            continue;
        return str_format("%.*s of %.*s is not deployed to %.*s/%.*s",
                          STR_ARGS(CONTENT[i].feature), STR_ARGS(profile),
                          STR_ARGS(cluster->name_space), STR_ARGS(cluster->name));
    }
    return NULL;
}

static char *rendered_missing(const struct ground *ground, struct str profile,
                              const struct json *spec, int64_t at_ms)
{
    unsigned reached = 0;
    const struct fakeapi_audit *cluster;
    for (struct map_entry *cursor = NULL; (cluster = ground_next_cluster(ground, &cursor));) {
        if (!ground_cluster_counts(ground->log.evidence->world, cluster->kind, cluster->after) ||
            !ground_selector_matches(json_get(spec, "clusterSelector"),
                                     json_at(cluster->after, "metadata.labels")))
            continue;
        reached++;
        if (at_ms - cluster->at_ms < TOLD_MS)
            continue;
        char *missing = cluster_missing(ground, profile, cluster, spec);
        if (missing != NULL)
            return missing;
    }
    if (reached == 0)
        return str_format("no ready cluster matches the selector of %.*s", STR_ARGS(profile));
    return NULL;
}

int64_t ground_last_deployed_ms(const struct ground *ground, struct str profile)
{
    int64_t last_ms = 0;
    MAP_EACH(entry, &ground->deployed)
    {
        const struct ground_cell *cell = map_entry_value(entry);
        const struct world_deployment *newest =
            str_equal(cell->items[0]->profile, profile) ? cell_newest(ground, cell) : NULL;
        if (newest != NULL && !newest->withdrawn && newest->at_ms > last_ms)
            last_ms = newest->at_ms;
    }
    return last_ms;
}

char *ground_missing(struct ground *ground, struct str profile, const struct json *spec,
                     int64_t at_ms)
{
    struct json *rendered = spec_as_deployed(ground, spec);
    if (rendered == NULL)
        return str_format("the spec of %.*s cannot be deployed", STR_ARGS(profile));
    char *missing = rendered_missing(ground, profile, rendered, at_ms);
    json_free(rendered);
    return missing;
}
