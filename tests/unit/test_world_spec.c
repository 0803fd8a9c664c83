/*
 * A spec's way through Go types, and what makes a feature redeploy.
 * Rows: facts 2.4 (canonical texts P2, P3, P5), B40, B41, 6.3 (feature hash inputs).
 */
#include "tests/testlib/world.h"

#include "controller/base/yaml.h"
#include "fakeapi/builtin_crds.h"
#include "fakeapi/sveltos/features.h"
#include "fakeapi/sveltos/go_types.h"
#include "fakeapi/sveltos/spec_render.h"

static void specs_are_rendered_as_go_types_do(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        const char *rendered;
    } rows[] = {
        {"{}", "{'clusterSelector':{}}"}, /* an inline struct is never left out */
        /* P2: false and empty values vanish, defaults stay. */
        {"{'syncMode':'Continuous','tier':100,'reloader':false,'policyRefs':[{'kind':'ConfigMap',"
         "'name':'b','optional':false,'tier':100,'deploymentType':'Remote'}],'helmCharts':[]}",
         "{'clusterSelector':{},'policyRefs':[{'deploymentType':'Remote','kind':'ConfigMap',"
         "'name':'b','tier':100}],'syncMode':'Continuous','tier':100}"},
        /* P3: an integer or a text, and a map of texts. */
        {"{'maxUpdate':5}", "{'clusterSelector':{},'maxUpdate':5}"},
        {"{'maxUpdate':'30%'}", "{'clusterSelector':{},'maxUpdate':'30%'}"},
        {"{'kustomizationRefs':[{'values':{'b':'2'},'components':['c']}]}",
         "{'clusterSelector':{},'kustomizationRefs':[{'components':['c'],'values':{'b':'2'}}]}"},
        /* P5: durations in one form; a pointer to zero stays. */
        {"{'helmCharts':[{'options':{'timeout':'120s'}}],'maxConsecutiveFailures':0}",
         "{'clusterSelector':{},'helmCharts':[{'options':{'installOptions':{},'timeout':'2m0s',"
         "'uninstallOptions':{},'upgradeOptions':{}},'releaseName':'','releaseNamespace':'',"
         "'repositoryURL':''}],'maxConsecutiveFailures':0}"},
        {"{'helmCharts':[{'options':{'timeout':'0','installOptions':{'replace':false}}}]}",
         "{'clusterSelector':{},'helmCharts':[{'options':{'installOptions':{'replace':false},"
         "'timeout':'0s','uninstallOptions':{},'upgradeOptions':{}},'releaseName':'',"
         "'releaseNamespace':'','repositoryURL':''}]}"},
        /* B41: zero values are lost. */
        {"{'helmCharts':[{'options':{'upgradeOptions':{'maxHistory':0}}}]}",
         "{'clusterSelector':{},'helmCharts':[{'options':{'installOptions':{},"
         "'uninstallOptions':{},'upgradeOptions':{}},'releaseName':'','releaseNamespace':'',"
         "'repositoryURL':''}]}"},
        {"{'clusterSelector':{'matchLabels':{},'matchExpressions':[{'key':'a',"
         "'operator':'Exists','values':[]}]},'unknown':1}",
         "{'clusterSelector':{'matchExpressions':[{'key':'a','operator':'Exists'}]}}"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *spec = json_of(rows[i].spec);
        struct json *rendered = NULL;
        char *expected = unquoted(rows[i].rendered);
        assert_true(profile_spec_render(spec, &rendered));
        assert_json(rendered, expected);
        json_free(spec);
        json_free(rendered);
        mem_free(expected);
    }
}

static void what_go_cannot_decode_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{'helmCharts':[{'options':{'timeout':'1d'}}]}",               /* B40 */
        "{'policyRefs':[{'remoteURL':{'url':'http://a','interval':'x'}}]}", /* B40 */
        "{'maxConsecutiveFailures':-1}",                               /* B40 */
        "{'tier':'100'}",
        "{'dependsOn':[1]}",
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *spec = json_of(rows[i]);
        struct json *rendered = NULL;
        assert_false(profile_spec_render(spec, &rendered));
        json_free(spec);
    }
}

static void digests_ignore_order_of_members_and_forms_of_durations(void **state)
{
    (void)state;
    static const char *const same[] = {
        "{'tier':100,'helmCharts':[{'options':{'timeout':'10m'}}]}",
        "{'helmCharts':[{'options':{'timeout':'10m0s'}}],'tier':100,'reloader':false}",
        "{'tier':100,'helmCharts':[{'options':{'timeout':'600s'}}]}",
    };
    char first[SHA256_HEX_BYTES] = "";
    for (size_t i = 0; i < ARRAY_COUNT(same); i++) {
        char digest[SHA256_HEX_BYTES];
        struct json *spec = json_of(same[i]);
        struct json *rendered = NULL;
        assert_true(profile_spec_render(spec, &rendered));
        profile_spec_digest(rendered, digest);
        if (i == 0)
            memcpy(first, digest, sizeof(first));
        assert_string_equal(digest, first);
        json_free(spec);
        json_free(rendered);
    }
}

static const struct go_field *find_field(const struct go_field *fields, struct str name)
{
    for (const struct go_field *field = fields; field != NULL && field->name != NULL; field++) {
        if (str_is(name, field->name))
            return field;
    }
    return NULL;
}

static size_t field_count(const struct go_field *fields)
{
    size_t count = 0;
    while (fields[count].name != NULL)
        count++;
    return count;
}

/* Every property of the schema is a field and the other way round, at every depth. */
static void check_parity(const struct go_field *fields, const struct json *schema)
{
    const struct json *properties = json_get(schema, "properties");
    JSON_EACH(property, properties) {
        const struct go_field *field = find_field(fields, json_key(property));
        if (field == NULL)
            print_error("no field: %.*s\n", STR_ARGS(json_key(property)));
        ASSERT(field != NULL);
        if (field->kind == GO_STRUCT)
            check_parity(field->fields, property);
        if (field->kind == GO_STRUCTS)
            check_parity(field->fields, json_get(property, "items"));
    }
    assert_int_equal(json_count(properties), field_count(fields));
}

static void the_type_table_has_the_fields_of_the_schema(void **state)
{
    (void)state;
    bool found = false;
    for (size_t i = 0; i < builtin_crd_count; i++) {
        if (!str_is(str_from(builtin_crds[i].file_name),
                    "config.projectsveltos.io_clusterprofiles.yaml"))
            continue;
        struct yaml_file file;
        assert_err(yaml_parse(builtin_crds[i].text, &file, NULL), ERR_NONE);
        const struct json *version =
            json_item(json_at(file.documents[0].root, "spec.versions"), 0);
        check_parity(go_cluster_profile_spec,
                     json_at(version, "schema.openAPIV3Schema.properties.spec"));
        yaml_file_release(&file);
        found = true;
    }
    assert_true(found);
}

#define BASE_SPEC "'policyRefs':[{'name':'a'},{'name':'b'}],'helmCharts':[{'chartName':'c'}]"

/* Which hashes a change moves: R, H, K. Facts 6.3, "Feature hash inputs". */
static void hashes_move_with_their_inputs_only(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        const char *moved;
    } rows[] = {
        {"{" BASE_SPEC "}", ""},
        {"{" BASE_SPEC ",'syncMode':'DryRun'}", "RHK"},
        {"{" BASE_SPEC ",'reloader':true}", "RHK"},
        {"{" BASE_SPEC ",'tier':50}", "RHK"},
        {"{" BASE_SPEC ",'continueOnConflict':true}", "RHK"},
        {"{" BASE_SPEC ",'patches':[{'patch':'x'}]}", "RHK"},
        {"{" BASE_SPEC ",'patchesFrom':[{'name':'x'}]}", "RHK"},
        {"{" BASE_SPEC ",'driftExclusions':[{'paths':['x']}]}", "RHK"},
        {"{'policyRefs':[{'name':'b'},{'name':'a'}],'helmCharts':[{'chartName':'c'}]}", ""},
        {"{'policyRefs':[{'name':'a'}],'helmCharts':[{'chartName':'c'}]}", "R"},
        {"{'policyRefs':[{'name':'a'},{'name':'b'}],'helmCharts':[{'chartName':'d'}]}", "H"},
        {"{" BASE_SPEC ",'kustomizationRefs':[{'name':'k'}]}", "K"},
        {"{" BASE_SPEC ",'validateHealths':[{'name':'v','featureID':'Helm'}]}", "H"},
        {"{" BASE_SPEC ",'validateHealths':[{'name':'v','featureID':'Resources'}]}", "R"},
        {"{" BASE_SPEC ",'maxUpdate':5}", ""},
        {"{" BASE_SPEC ",'stopMatchingBehavior':'LeavePolicies'}", ""},
        {"{" BASE_SPEC ",'dependsOn':['x']}", ""},
        {"{" BASE_SPEC ",'continueOnError':true}", ""},
        {"{" BASE_SPEC ",'maxConsecutiveFailures':3}", ""},
        {"{" BASE_SPEC ",'preDeployChecks':[{'name':'v','featureID':'Helm'}]}", ""},
        {"{" BASE_SPEC ",'preDeleteChecks':[{'name':'v','featureID':'Helm'}]}", ""},
        {"{" BASE_SPEC ",'postDeleteChecks':[{'name':'v','featureID':'Helm'}]}", ""},
    };
    char first[FEATURE_COUNT][SHA256_BASE64_BYTES] = {""};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char moved[FEATURE_COUNT + 1] = "";
        struct json *spec = json_of(rows[i].spec);
        for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
            char hash[SHA256_BASE64_BYTES];
            feature_hash(spec, feature, hash);
            if (i == 0)
                memcpy(first[feature], hash, sizeof(hash));
            if (strcmp(first[feature], hash) != 0)
                memcpy(moved + strlen(moved), &"RHK"[feature], 1);
        }
        if (strcmp(moved, rows[i].moved) != 0)
            print_error("%s\n", rows[i].spec);
        assert_string_equal(moved, rows[i].moved);
        json_free(spec);
    }
}

static void without_charts_the_hash_of_helm_is_constant(void **state)
{
    (void)state;
    char plain[SHA256_BASE64_BYTES];
    char tiered[SHA256_BASE64_BYTES];
    struct json *spec = json_of("{'policyRefs':[{'name':'a'}]}");
    feature_hash(spec, FEATURE_HELM, plain);
    json_set(spec, "tier", json_int(50));
    feature_hash(spec, FEATURE_HELM, tiered);
    assert_string_equal(plain, tiered);
    json_free(spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specs_are_rendered_as_go_types_do),
        cmocka_unit_test(what_go_cannot_decode_is_refused),
        cmocka_unit_test(digests_ignore_order_of_members_and_forms_of_durations),
        cmocka_unit_test(the_type_table_has_the_fields_of_the_schema),
        cmocka_unit_test(hashes_move_with_their_inputs_only),
        cmocka_unit_test(without_charts_the_hash_of_helm_is_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
