/* How a live ClusterProfile stands to the one that is wanted (P2, P10), row by row. */
#include "controller/core/profile_wanted.h"

#include "controller/base/mem.h"
#include "controller/core/names.h"
#include "controller/core/redeploys.h"
#include "controller/core/store.h"
#include "tests/testlib/object.h"

#define HEX_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SPEC                                                                                     \
    "\"tier\":50,\"templateResourceRefs\":[{\"identifier\":\"ca\",\"resource\":{\"kind\":"        \
    "\"Secret\"}}],\"policyRefs\":[{\"kind\":\"ConfigMap\",\"name\":\"a\"}]"
#define CHECKS "{\"name\":\"up\",\"featureID\":\"Resources\"}"

static struct promotion *promotion_of(const char *spec_beside)
{
    char *text = str_format(
        "{\"metadata\":{\"name\":\"web\",\"uid\":\"u\",\"resourceVersion\":\"1\"},\"spec\":{%s"
        "\"profileSpec\":{\"maxUpdate\":null," SPEC "},\"stages\":[{\"name\":\"qa\","
        "\"clusterSelector\":{\"matchLabels\":{\"env\":\"qa\"}},\"trigger\":{\"auto\":{"
        "\"postDelayHealthChecks\":[" CHECKS "]}}}]}}",
        spec_beside);
    struct object *object = object_of(KUBE_CLUSTER_PROMOTIONS, text);
    mem_free(text);
    return (struct promotion *)object;
}

/* What of a profile a row has in another way than the wanted one; NULL: as wanted. */
struct live {
    const char *labels, *configuration, *stage, *owner_uid, *owners, *metadata;
    const char *fields;        /* FieldsV1 of our Apply entry */
    const char *redeploys;     /* escaped; beside the other annotations */
    const char *spec;          /* beside the selector */
    enum profile_standing as_stage;
};

static const char *or_else(const char *given, const char *wanted)
{
    return given != NULL ? given : wanted;
}

static struct profile *profile_of(const struct promotion *promotion, const struct live *live)
{
    char *text = str_format(
        "{\"metadata\":{\"name\":\"web-qa\",\"uid\":\"p\",\"resourceVersion\":\"1\"%s,\"labels\":"
        "{%s},\"ownerReferences\":[%s],\"annotations\":{\"" ANNOTATION_STAGE_NAME "\":\"%s\",\""
        ANNOTATION_OWNER_UID "\":\"%s\",\"" ANNOTATION_CONFIGURATION "\":\"%s\",\""
        ANNOTATION_REDEPLOYS "\":\"%s\"},"
        "\"managedFields\":[{\"manager\":\"application/apply-patch\",\"operation\":\"%s\","
        "\"time\":\"2026-01-01T00:00:00Z\",\"fieldsV1\":{%s}}]},\"spec\":{%s,"
        "\"clusterSelector\":{\"matchLabels\":{\"env\":\"qa\"}}}}",
        or_else(live->metadata, ""),
        or_else(live->labels, "\"" LABEL_PROMOTION_NAME "\":\"web\""),
        or_else(live->owners, "{\"uid\":\"u\"}"), or_else(live->stage, "qa"),
        or_else(live->owner_uid, "u"),
        or_else(live->configuration, promotion->stages[0].wanted[ROLE_STAGE].configuration),
        or_else(live->redeploys, "{}"),
        live->fields != NULL && *live->fields == '-' ? "Update" : "Apply",
        live->fields != NULL && *live->fields == '-' ? "" : or_else(live->fields, ""),
        or_else(live->spec, SPEC));
    struct object *object = object_of(KUBE_CLUSTER_PROFILES, text);
    mem_free(text);
    return (struct profile *)object;
}

#define OWNS(owned) .fields = "\"f:spec\":{" owned "}"
#define LISTED(keys) OWNS("\"f:templateResourceRefs\":{\".\":{}," keys "}")
#define CA "\"k:{\\\"identifier\\\":\\\"ca\\\"}\":"

static const struct live lives[] = {
    {.as_stage = PROFILE_AS_WANTED},
    {.metadata = ",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"",
     .as_stage = PROFILE_TERMINATING},
    /* whose it is */
    {.owners = "", .owner_uid = "x", .as_stage = PROFILE_DIFFERS}, /* left behind: taken over */
    {.owners = "{\"uid\":\"x\"}", .owner_uid = "x", .as_stage = PROFILE_FOREIGN},
    {.owners = "{\"uid\":\"x\"}", .labels = "", .as_stage = PROFILE_FOREIGN},
    {.owners = "{\"uid\":\"x\"},{\"uid\":\"u\"}", .as_stage = PROFILE_AS_WANTED},
    {.owners = "", .as_stage = PROFILE_DIFFERS}, /* it is not to be preserved */
    {.owners = "", .owner_uid = "x", .fields = "-", .as_stage = PROFILE_FOREIGN},
    {.owners = "", .owner_uid = "x", .stage = "prod", .as_stage = PROFILE_FOREIGN},
    /* metadata that is not as wanted */
    {.labels = "", .as_stage = PROFILE_DIFFERS},
    {.owner_uid = "x", .as_stage = PROFILE_DIFFERS},
    {.stage = "prod", .as_stage = PROFILE_DIFFERS},
    {.labels = "\"" LABEL_PROMOTION_NAME "\":\"web\",\"" LABEL_VERIFICATION "\":\"true\"",
     .as_stage = PROFILE_DIFFERS},
    {.configuration = "", .as_stage = PROFILE_DIFFERS},
    {.configuration = "v2:" HEX_64 ":" HEX_64, .as_stage = PROFILE_DIFFERS},
    {.configuration = "v1:short:" HEX_64, .as_stage = PROFILE_DIFFERS},
    {.configuration = "v1:" HEX_64 ":short", .as_stage = PROFILE_DIFFERS},
    {.configuration = "v1:" HEX_64 ":" HEX_64 ":short", .as_stage = PROFILE_DIFFERS},
    {.configuration = "v1:" HEX_64 ":" HEX_64, .as_stage = PROFILE_DIFFERS},
    {.redeploys = "", .as_stage = PROFILE_DIFFERS},
    {.redeploys = "[]", .as_stage = PROFILE_DIFFERS},
    {.redeploys = "{\\\"Helm\\\":\\\"unsettled\\\"}", .as_stage = PROFILE_AS_WANTED},
    /* what we own beside what we want */
    {.fields = "-", .as_stage = PROFILE_DIFFERS},
    {OWNS("\"f:tier\":{}"), .as_stage = PROFILE_AS_WANTED},
    {OWNS("\"f:reloader\":{}"), .as_stage = PROFILE_DIFFERS},
    {OWNS("\"f:maxUpdate\":{}"), .as_stage = PROFILE_DIFFERS}, /* null is nothing */
    {OWNS("\"x:tier\":{}"), .as_stage = PROFILE_DIFFERS},
    {LISTED(CA "{\".\":{},\"f:identifier\":{},\"f:resource\":{}}"),
     .as_stage = PROFILE_AS_WANTED},
    {LISTED(CA "{\"f:optional\":{}}"), .as_stage = PROFILE_DIFFERS},
    {LISTED("\"k:{\\\"identifier\\\":\\\"other\\\"}\":{}"), .as_stage = PROFILE_DIFFERS},
    {LISTED("\"k:{not a key\":{}"), .as_stage = PROFILE_DIFFERS},
    {.fields = "\"f:metadata\":{\"f:labels\":{\".\":{},\"f:" LABEL_VERIFICATION "\":{}},"
               "\"f:annotations\":{\".\":{},\"f:" ANNOTATION_OWNER_UID "\":{}}}",
     .as_stage = PROFILE_AS_WANTED},
    {.fields = "\"f:metadata\":{\"f:labels\":{\"f:team\":{}}}", .as_stage = PROFILE_DIFFERS},
    {.fields = "\"f:metadata\":{\"f:annotations\":{\"f:note\":{}}}", .as_stage = PROFILE_DIFFERS},
    /* content */
    {.spec = "\"tier\":50", .as_stage = PROFILE_DIFFERS},
    {.spec = SPEC ",\"patches\":[{\"patch\":\"x\"}]", .as_stage = PROFILE_AS_WANTED},
    {.spec = SPEC ",\"maxConsecutiveFailures\":-1", .as_stage = PROFILE_AS_WANTED},
    {.spec = "\"tier\":\"x\",\"policyRefs\":[{\"kind\":\"ConfigMap\",\"name\":\"a\"}]",
     .as_stage = PROFILE_DIFFERS},
};

static void a_profile_stands_as_its_metadata_owners_and_content_say(void **state)
{
    struct promotion *promotion = promotion_of("");
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(lives); i++) {
        struct profile *profile = profile_of(promotion, &lives[i]);
        enum profile_standing found =
            profile_standing(profile, promotion, &promotion->stages[0], ROLE_STAGE);
        if (found != lives[i].as_stage)
            fail_msg("row %zu: %d", i, (int)found);
        object_free(&profile->object);
    }
    assert_int_equal(profile_standing(NULL, promotion, &promotion->stages[0], ROLE_STAGE),
                     PROFILE_ABSENT);
    object_free(&promotion->object);
}

static void one_that_is_to_be_preserved_has_no_owner(void **state)
{
    struct promotion *promotion = promotion_of("\"preserveClusterProfilesOnDelete\":true,");
    struct profile *owned = profile_of(promotion, &(struct live){0});
    struct profile *free_standing = profile_of(promotion, &(struct live){.owners = ""});
    const struct stage_spec *stage = &promotion->stages[0];
    (void)state;
    assert_int_equal(profile_standing(owned, promotion, stage, ROLE_STAGE), PROFILE_DIFFERS);
    assert_int_equal(profile_standing(free_standing, promotion, stage, ROLE_STAGE),
                     PROFILE_AS_WANTED);
    object_free(&owned->object);
    object_free(&free_standing->object);
    object_free(&promotion->object);
}

static void what_go_cannot_decode_is_named_and_counts_as_edited(void **state)
{
    struct promotion *promotion = promotion_of("");
    struct profile *sound = profile_of(promotion, &(struct live){0});
    struct profile *broken =
        profile_of(promotion, &(struct live){.spec = SPEC ",\"maxConsecutiveFailures\":-1"});
    (void)state;
    assert_json(broken->undecodable, "[\"maxConsecutiveFailures\"]");
    assert_json(sound->undecodable, "[]");
    assert_true(json_equal(sound->rendered, broken->rendered));
    assert_false(sha256_equal(sound->digest, broken->digest));
    assert_true(profile_was_edited(broken));
    assert_false(profile_was_edited(sound));
    object_free(&sound->object);
    object_free(&broken->object);
    object_free(&promotion->object);
}

/* Another promotion's selector and profileSpec, in turn. */
static void what_was_applied_is_told_by_both_digests(void **state)
{
    struct promotion *promotion = promotion_of("");
    const char *wanted = promotion->stages[0].wanted[ROLE_STAGE].configuration;
    char *selector = str_format("v1:%.64s:" HEX_64, wanted + 3);
    char *profile_spec = str_format("v1:" HEX_64 ":%s", wanted + 3 + 65);
    const char *const configurations[] = {wanted, selector, profile_spec, "none"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(configurations); i++) {
        struct profile *profile =
            profile_of(promotion, &(struct live){.configuration = configurations[i]});
        assert_int_equal(profile_holds_applied(profile, &promotion->stages[0]), i == 0);
        object_free(&profile->object);
    }
    mem_free(selector);
    mem_free(profile_spec);
    object_free(&promotion->object);
}

static void ignore_change(void *ctx, const struct object *before, const struct object *after)
{
    (void)ctx;
    assert_true(before != NULL || after != NULL);
}

#define LISTED_THEN "{\\\"Resources\\\":\\\"2026-01-01T00:00:00Z\\\"}"

/* What a change of the profile lists as redeployed, by what its one summary says. */
static const struct {
    const char *summary; /* spec and status; NULL: there is none */
    const char *tier;    /* of the wanted spec */
    const char *redeploys;
    struct live live;
    bool shown; /* the summary has the profile's list already */
} changes[] = {
    {NULL, "50", "{}", {0}, false},
    /* listed before: met by nobody, by a summary that was made later, not yet */
    {NULL, "50", "{}", {.redeploys = "{\\\"Resources\\\":\\\"unsettled\\\"}"}, false},
    {"\"spec\":{\"clusterProfileSpec\":{}}", "50", "{\"Resources\":\"unsettled\"}",
     {.redeploys = LISTED_THEN}, false},
    {"\"status\":{\"featureSummaries\":[{\"featureID\":\"Resources\",\"status\":"
     "\"Provisioning\",\"lastAppliedTime\":\"2026-01-01T00:01:00Z\"}]}",
     "50", "{\"Resources\":\"unsettled\"}", {.redeploys = LISTED_THEN}, true},
    {"\"status\":{\"featureSummaries\":[{\"featureID\":\"Resources\",\"status\":"
     "\"Provisioned\",\"lastAppliedTime\":\"2026-01-01T00:00:00Z\"}]}",
     "50", "{\"Resources\":\"unsettled\"}", {.redeploys = LISTED_THEN}, true},
    {"\"status\":{\"featureSummaries\":[{\"featureID\":\"Resources\",\"status\":"
     "\"Provisioned\",\"lastAppliedTime\":\"2026-01-01T00:01:00Z\"}]}",
     "50", "{}", {.redeploys = LISTED_THEN}, true}, /* met */
    /* what Sveltos v1.13 applied last, nobody wrote down; a summary of generation 2 was changed */
    {NULL, "50", "{}", {.configuration = ""}, false},
    {"\"spec\":{\"clusterProfileSpec\":{}}", "50", "{\"Resources\":\"unsettled\"}",
     {.configuration = ""}, false},
    /* somebody removed what we wrote down */
    {NULL, "50", "{}", {.redeploys = ""}, false},
    {"\"spec\":{\"clusterProfileSpec\":{}}", "50", "{\"Resources\":\"unsettled\"}",
     {.redeploys = ""}, false},
    {NULL, "60", "{\"Resources\":\"unsettled\"}", {0}, false}, /* nobody says that it was there */
    {"\"spec\":{\"clusterProfileSpec\":{\"tier\":\"x\"}}", "60",
     "{\"Resources\":\"unsettled\"}", {0}, false},
    {"\"spec\":{\"clusterProfileSpec\":{}}", "60", "{\"Resources\":\"unsettled\"}", {0}, false},
    {"\"spec\":{\"clusterProfileSpec\":{" SPEC ",\"clusterSelector\":{\"matchLabels\":"
     "{\"env\":\"qa\"}}}}",
     "60", "{\"Resources\":\"unsettled\"}", {0}, false},
    {"\"spec\":{\"clusterProfileSpec\":{" SPEC ",\"clusterSelector\":{\"matchLabels\":"
     "{\"env\":\"qa\"}}}},\"status\":{\"featureSummaries\":[{\"featureID\":\"Resources\","
     "\"status\":\"Provisioning\"}]}",
     "60", "{\"Resources\":\"unsettled\"}", {0}, false},
    {"\"spec\":{\"clusterProfileSpec\":{" SPEC ",\"clusterSelector\":{\"matchLabels\":"
     "{\"env\":\"qa\"}}}},\"status\":{\"featureSummaries\":[{\"featureID\":\"Resources\","
     "\"status\":\"Provisioned\",\"lastAppliedTime\":\"2026-01-01T00:01:00Z\"}]}",
     "60", "{\"Resources\":\"2026-01-01T00:01:00Z\"}", {0}, false},
};

static void a_change_lists_what_it_redeploys_and_since_when_it_was_there(void **state)
{
    struct promotion *promotion = promotion_of("");
    const char *wanted = promotion->stages[0].wanted[ROLE_STAGE].configuration;
    const struct store_listener listener = {NULL, ignore_change};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
        struct profile *profile = profile_of(promotion, &changes[i].live);
        struct store store;
        CLEANUP(json_free_pointer)
        struct json *spec = wanted_spec(promotion, &promotion->stages[0], ROLE_STAGE);
        json_set(spec, "tier", json_int(changes[i].tier[0] == '5' ? 50 : 60));
        store_init(&store);
        if (changes[i].summary != NULL) {
            char *text = str_format(
                "{\"metadata\":{\"name\":\"s\",\"namespace\":\"n\",\"uid\":\"s\",\"generation\":2,"
                "\"resourceVersion\":\"1\",\"labels\":{\"" LABEL_PROFILE_NAME "\":\"web-qa\"},"
                "\"annotations\":{\"" ANNOTATION_CONFIGURATION "\":\"%s\",\""
                ANNOTATION_REDEPLOYS "\":\"%s\"}},%s}",
                wanted, changes[i].shown ? changes[i].live.redeploys : "{}", changes[i].summary);
            store_put(&store, object_of(KUBE_CLUSTER_SUMMARIES, text), 1, &listener);
            mem_free(text);
        }
        CLEANUP(json_free_pointer)
        struct json *redeploys =
            redeploys_of_change(&store, profile, spec, (struct ktime){0, 0});
        print_message("row %zu\n", i);
        assert_json(redeploys, changes[i].redeploys);
        store_release(&store);
        object_free(&profile->object);
    }
    object_free(&promotion->object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_stands_as_its_metadata_owners_and_content_say),
        cmocka_unit_test(one_that_is_to_be_preserved_has_no_owner),
        cmocka_unit_test(what_go_cannot_decode_is_named_and_counts_as_edited),
        cmocka_unit_test(what_was_applied_is_told_by_both_digests),
        cmocka_unit_test(a_change_lists_what_it_redeploys_and_since_when_it_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
