/* The projection of a ClusterPromotion: what is read, and which faults harm only it. */
#include "controller/core/promotion.h"

#include "controller/base/mem.h"
#include "tests/testlib/test.h"

static struct promotion *project(const char *spec, const char *status)
{
    struct json *json = NULL;
    struct errmsg msg;
    char *text = str_format("{\"metadata\":{\"name\":\"web\",\"uid\":\"u\","
                            "\"resourceVersion\":\"1\","
                            "\"generation\":1},\"spec\":%s,\"status\":%s}",
                            spec, status);
    if (json_parse(str_from(text), NULL, &json, &msg) != ERR_NONE)
        fail_msg("%s", msg.text);
    mem_free(text);
    return (struct promotion *)object_create(KUBE_CLUSTER_PROMOTIONS, json);
}

struct fault {
    const char *spec;
    const char *fault; /* NULL: none */
};

static const struct fault faults[] = {
    {"{\"stages\":[{\"name\":\"a\",\"trigger\":{\"auto\":{\"delay\":\"1h\"}}}]}", NULL},
    {"{\"stages\":[{\"name\":\"b\"},{\"name\":\"a\",\"trigger\":{\"auto\":{\"delay\":\"1d\"}}}]}",
     "spec.stages[1].trigger.auto.delay: \"1d\": time: unknown unit \"d\" in duration \"1d\""},
    {"{\"stages\":[{\"name\":\"a\",\"trigger\":{\"manual\":{\"delay\":\"-1s\"}}}]}",
     "spec.stages[0].trigger.manual.delay: \"-1s\": a delay cannot be negative"}, /* B49 */
    {"{\"stages\":[{\"name\":\"QA\"}]}",
     "spec.stages[0].name: \"QA\": the profile's name \"web-QA\" would be no valid object name"},
    {"{\"stages\":[{\"name\":\"\"}]}",
     "spec.stages[0].name: \"\": the profile's name \"web-\" would be no valid object name"},
    {"{\"stages\":[{\"name\":\"a\",\"clusterSelector\":{\"matchExpressions\":[{\"key\":\"e\","
     "\"operator\":\"in\",\"values\":[\"x\"]}]}}]}",
     "spec.stages[0].clusterSelector: \"in\" is not a valid label selector operator"},
    {"{\"profileSpec\":{\"helmCharts\":[{\"options\":{\"timeout\":\"x\"}}]},\"stages\":["
     "{\"name\":\"a\"}]}",
     "spec.profileSpec.helmCharts[0].options.timeout: time: invalid duration \"x\""}, /* B40 */
};

static void a_fault_is_told_by_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        struct promotion *promotion = project(faults[i].spec, "{}");
        assert_str(str_from(promotion->fault), faults[i].fault != NULL ? faults[i].fault : "");
        object_free(&promotion->object);
    }
}

static void a_name_too_long_for_a_label_is_a_fault(void **state)
{
    struct promotion *promotion =
        project("{\"stages\":[{\"name\":\"a23456789012345678901234567890123456789012345678901234"
                "567890\"}]}",
                "{}");
    (void)state;
    assert_true(str_contains(str_from(promotion->fault), STR("has 64 bytes")));
    object_free(&promotion->object);
}

static void more_than_64_stages_are_a_fault(void **state)
{
    struct buf spec;
    (void)state;
    buf_init(&spec, 1u << 16);
    buf_append_text(&spec, "{\"stages\":[");
    for (unsigned i = 0; i < 65; i++)
        buf_printf(&spec, "%s{\"name\":\"s%u\"}", i > 0 ? "," : "", i);
    buf_append_text(&spec, "]}");
    struct promotion *promotion = project(spec.data, "{}");
    assert_str(str_from(promotion->fault), "spec.stages: found 65 stages, expected at most 64");
    object_free(&promotion->object);
    buf_release(&spec);
}

static void a_description_is_divided_from_its_time(void **state)
{
    struct promotion *promotion = project(
        "{\"stages\":[{\"name\":\"a\"}]}",
        "{\"stages\":[{\"name\":\"a\",\"lastSuccessfulAppliedTime\":\"2026-01-02T00:00:00Z\","
        "\"currentStatusDescription\":\"Window Closed (x). (2026-01-02T00:00:01Z)\"}]}");
    (void)state;
    assert_int_equal(promotion->entry_count, 1);
    assert_true(promotion->entries[0].provisioned);
    assert_int_equal(promotion->entries[0].provisioned_ms, INT64_C(1767312000000));
    assert_str(promotion->entries[0].text, "Window Closed (x).");
    assert_int_equal(promotion->entries[0].text_ms, INT64_C(1767312001000));
    object_free(&promotion->object);
}

/* Whatever others wrote there. */
static void a_description_without_a_time_is_all_text(void **state)
{
    static const char *const texts[] = {"", "done", "done (2026-01-02T00:00:01Z", "done (soon)",
                                        "(2026-01-02T00:00:01Z)"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        char *status = str_format("{\"stages\":[{\"name\":\"a\","
                                  "\"currentStatusDescription\":\"%s\"}]}", texts[i]);
        struct promotion *promotion = project("{\"stages\":[{\"name\":\"a\"}]}", status);
        assert_str(promotion->entries[0].text, texts[i]);
        assert_int_equal(promotion->entries[0].text_ms, 0);
        object_free(&promotion->object);
        mem_free(status);
    }
}

static void an_approval_and_its_reset_are_read(void **state)
{
    struct promotion *promotion =
        project("{\"stages\":[{\"name\":\"a\",\"trigger\":{\"manual\":{\"approved\":true,"
                "\"automaticReset\":true,\"delay\":\"1.5s\"}}}]}",
                "{}");
    (void)state;
    assert_int_equal(promotion->stages[0].trigger, TRIGGER_MANUAL);
    assert_true(promotion->stages[0].approved && promotion->stages[0].automatic_reset);
    assert_int_equal(promotion->stages[0].delay_ms, 1500);
    object_free(&promotion->object);
}

static void set_status_fields(struct json *entry, struct str names)
{
    struct json *status = json_object();
    struct json *fields = json_object();
    while (!str_is_empty(names)) {
        struct str field = str_split_next(&names, ' ');
        char *name = str_format("f:%.*s", STR_ARGS(field));
        json_set(status, name, json_object());
        mem_free(name);
    }
    json_set(fields, "f:status", status);
    json_set(entry, "fieldsV1", fields);
}

/* A promotion that these wrote, as "manager[/subresource] seconds[ field of status]..." divided
 * by commas. */
static struct promotion *written_by(const char *entries)
{
    struct json *json = NULL;
    struct json *managers = json_array();
    struct errmsg msg;
    for (struct str rest = str_from(entries); !str_is_empty(rest);) {
        struct str who = str_split_next(&rest, ',');
        struct str name = str_split_next(&who, ' ');
        struct str second = str_split_next(&who, ' ');
        struct json *entry = json_object();
        char *time = str_format("2026-01-01T00:00:%.*sZ", STR_ARGS(second));
        json_set(entry, "manager", json_string(str_split_next(&name, '/')));
        if (!str_is_empty(name))
            json_set(entry, "subresource", json_string(name));
        json_set(entry, "time", json_text(time));
        set_status_fields(entry, who);
        json_append(managers, entry);
        mem_free(time);
    }
    if (json_parse(STR("{\"metadata\":{\"name\":\"web\",\"uid\":\"u\","
                       "\"resourceVersion\":\"1\"},\"spec\":{\"stages\":[{\"name\":\"a\"}]}}"),
                   NULL, &json, &msg) != ERR_NONE)
        fail_msg("%s", msg.text);
    json_set(json_get(json, "metadata"), "managedFields", managers);
    return (struct promotion *)object_create(KUBE_CLUSTER_PROMOTIONS, json);
}

static void both_finalizers_are_wanted_and_any_one_is_known(void **state)
{
    static const struct {
        const char *finalizers;
        bool both, any;
    } rows[] = {
        {"", false, false},
        {"\"example.com/x\"", false, false},
        {"\"promoter.dev/clusterpromotion\"", false, true},
        {"\"config.projectsveltos.io/clusterpromotion\"", false, true},
        {"\"config.projectsveltos.io/clusterpromotion\",\"promoter.dev/clusterpromotion\"", true,
         true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *json = NULL;
        char *text = str_format("{\"metadata\":{\"name\":\"web\",\"uid\":\"u\",\"resourceVersion\":"
                                "\"1\",\"finalizers\":[%s]},\"spec\":{\"stages\":[]}}",
                                rows[i].finalizers);
        assert_err(json_parse(str_from(text), NULL, &json, NULL), ERR_NONE);
        struct promotion *promotion =
            (struct promotion *)object_create(KUBE_CLUSTER_PROMOTIONS, json);
        assert_int_equal(promotion->has_finalizers, rows[i].both);
        assert_int_equal(promotion->has_a_finalizer, rows[i].any);
        object_free(&promotion->object);
        mem_free(text);
    }
}

/* D26, P15. */
static void another_controller_is_who_wrote_status_after_us(void **state)
{
    static const struct {
        const char *entries;
        const char *other; /* "": none */
    } rows[] = {
        {"", ""},
        {"promoter 10,manager/status x", ""}, /* at no time */
        {"manager/status 30", ""}, /* a take-over: we never wrote */
        {"promoter 10,manager/status 30", "manager"},
        {"promoter/status 10,manager/status 30", "manager"},
        {"promoter/status 40,manager/status 30", ""},
        {"promoter/status 30 currentStageName,manager/status 30 stages", "manager"},
        {"promoter/status 30 currentStageName stages,manager/status 30 lastPromotionTime", ""},
        {"promoter/status 30 stagesHash,manager/status 30 stages", ""}, /* a take-over */
        {"promoter/status 30 currentStageName,a/status 30 stages,b/status 30", "a"},
        {"promoter/status 30,manager/status 30", ""}, /* who came first is unknown */
        {"promoter 40,promoter/status 10,manager/status 30", ""},
        {"promoter/status 10,kubectl-edit 30", ""}, /* a user's edit of the spec */
        {"promoter/status 10,manager 30", ""},      /* the stub's finalizer */
        {"promoter/status 10,a/status 20,b/status 30", "b"},
        {"promoter/status 10,a/status 30,b/status 20 stages", "a"},
        {"promoter/status 10,a/status 30,b/status 30 stages", "b"}, /* who has the stages */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct promotion *promotion = written_by(rows[i].entries);
        if (!str_is(str_from(promotion->other_manager), rows[i].other))
            fail_msg("%s: expected \"%s\", found \"%s\"", rows[i].entries, rows[i].other,
                     promotion->other_manager);
        assert_int_equal(promotion->other_wrote_ms > 0, *rows[i].other != '\0');
        object_free(&promotion->object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_is_told_by_path),
        cmocka_unit_test(a_name_too_long_for_a_label_is_a_fault),
        cmocka_unit_test(more_than_64_stages_are_a_fault),
        cmocka_unit_test(a_description_is_divided_from_its_time),
        cmocka_unit_test(a_description_without_a_time_is_all_text),
        cmocka_unit_test(an_approval_and_its_reset_are_read),
        cmocka_unit_test(both_finalizers_are_wanted_and_any_one_is_known),
        cmocka_unit_test(another_controller_is_who_wrote_status_after_us),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
