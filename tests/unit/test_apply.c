/*
 * Short stories of several managers and one object. What the recordings of a real server show
 * is in test_apply_recorded.c; here are the rules by themselves, and what no recording holds.
 */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"

#include "fakeapi/apply.h"

static const char schema_text[] =
    "{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"properties\":{"
    "\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"string\"},\"n\":{\"type\":\"integer\"},"
    "\"on\":{\"type\":\"boolean\"},"
    "\"map\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
    "\"whole\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"},"
    "\"y\":{\"type\":\"string\"}},\"x-kubernetes-map-type\":\"atomic\"},"
    "\"list\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
    "\"x-kubernetes-list-type\":\"set\"},"
    "\"stages\":{\"type\":\"array\",\"x-kubernetes-list-type\":\"map\","
    "\"x-kubernetes-list-map-keys\":[\"name\"],\"items\":{\"type\":\"object\",\"properties\":{"
    "\"name\":{\"type\":\"string\"},\"v\":{\"type\":\"integer\"}}}},"
    "\"any\":{\"x-kubernetes-preserve-unknown-fields\":true}}},"
    "\"status\":{\"type\":\"object\",\"properties\":{\"s\":{\"type\":\"string\"}}}}}";

#define NOT_TYPED "failed to create typed patch object (/o; g/v1, Kind=K): "

enum action { APPLY, FORCE, UPDATE, APPLY_STATUS, UPDATE_STATUS };

/* `body` is the object's content ("spec", "status", labels and so on within metadata). An
 * update replaces the object. `expected` is what is then stored: the content without the
 * constant head, then one line per entry of managedFields; or the message of the refusal. */
struct step {
    enum action action;
    const char *manager;
    const char *body;
    const char *expected;
};

struct story {
    struct schema *schema;
    struct json *live;
    int64_t now_ms;
};

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    struct errmsg msg;
    assert_err(json_parse(str_from(text), NULL, &value, &msg), ERR_NONE);
    return value;
}

static struct json *object_of(const char *body)
{
    struct json *object = parse(body);
    if (json_get(object, "metadata") == NULL)
        json_set(object, "metadata", json_object());
    json_set(object, "apiVersion", json_text("g/v1"));
    json_set(object, "kind", json_text("K"));
    json_set(json_get(object, "metadata"), "name", json_text("o"));
    return object;
}

/* manager, operation (and subresource), T with a time or -, fields. */
static void print_entries(const struct json *entries, struct buf *out)
{
    JSON_EACH(entry, entries) {
        struct json *fields = json_clone(json_get(entry, "fieldsV1"));
        json_sort(fields);
        buf_printf(out, "\n%.*s %.*s %.*s%s ", STR_ARGS(json_text_at(entry, "manager")),
                   STR_ARGS(json_text_at(entry, "operation")),
                   STR_ARGS(json_text_at(entry, "subresource")),
                   json_get(entry, "time") != NULL ? "T" : "-");
        json_print(fields, out);
        json_free(fields);
    }
}

static char *story_text(const struct json *live)
{
    struct buf out;
    struct json *copy = json_clone(live);
    struct json *metadata = json_get(copy, "metadata");
    struct json *entries = json_detach(copy, metadata);
    struct json *managed = json_clone(json_get(entries, "managedFields"));
    json_remove(entries, "managedFields");
    json_remove(entries, "name");
    if (json_first(entries) != NULL)
        json_set(copy, "metadata", json_clone(entries));
    json_remove(copy, "apiVersion");
    json_remove(copy, "kind");
    json_sort(copy);
    buf_init(&out, 1u << 20);
    json_print(copy, &out);
    print_entries(managed, &out);
    json_free(managed);
    json_free(entries);
    json_free(copy);
    return buf_steal(&out);
}

static void keep_status(struct json *object, const struct json *live)
{
    const struct json *status = json_get(live, "status");
    if (status != NULL)
        json_set(object, "status", json_clone(status));
    else
        json_remove(object, "status");
}

static char *play_step(struct story *story, const struct step *step)
{
    bool status = step->action == APPLY_STATUS || step->action == UPDATE_STATUS;
    struct apply_writer writer = {.manager = str_from(step->manager),
                                  .api_version = STR("g/v1"),
                                  .subresource = status ? STR("status") : STR(""),
                                  .now_ms = story->now_ms += 1000};
    struct json *object = object_of(step->body);
    if (step->action == UPDATE || step->action == UPDATE_STATUS) {
        apply_track_update(story->schema, story->live, object, &writer);
    } else {
        struct apply_result result;
        apply_merge(story->schema, story->live, object, &writer, step->action == FORCE, &result);
        json_free(object);
        object = result.object;
        char *message = result.message;
        json_free(result.causes);
        if (message != NULL)
            return message;
        if (!status)
            keep_status(object, story->live);
        apply_finish(story->schema, story->live, object, &writer);
    }
    json_free(story->live);
    story->live = object;
    return story_text(object);
}

static void play(const struct step *steps, size_t count)
{
    struct story story = {.now_ms = 1700000000000};
    struct errmsg msg;
    struct json *text = parse(schema_text);
    assert_err(schema_create(text, &story.schema, &msg), ERR_NONE);
    json_free(text);
    for (size_t i = 0; i < count; i++) {
        char *actual = play_step(&story, &steps[i]);
        if (steps[i].expected != NULL)
            assert_str(str_from(actual), steps[i].expected);
        mem_free(actual);
    }
    json_free(story.live);
    schema_free(story.schema);
}

#define PLAY(steps) play(steps, ARRAY_COUNT(steps))

static void applying_again_without_a_field_removes_it(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {APPLY, "x", "{\"spec\":{\"a\":\"1\",\"map\":{\"k\":\"1\",\"l\":\"1\"}}}",
         "{\"spec\":{\"a\":\"1\",\"map\":{\"k\":\"1\",\"l\":\"1\"}}}"
         "\nx Apply T {\"f:spec\":{\"f:a\":{},\"f:map\":{\"f:k\":{},\"f:l\":{}}}}"},
        {APPLY, "x", "{\"spec\":{\"map\":{\"l\":\"1\"}}}",
         "{\"spec\":{\"map\":{\"l\":\"1\"}}}\nx Apply T {\"f:spec\":{\"f:map\":{\"f:l\":{}}}}"},
        {APPLY, "x", "{}", "{}"},
    };
    PLAY(steps);
}

static void a_shared_field_stays_until_the_last_owner_leaves(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {APPLY, "x", "{\"spec\":{\"a\":\"1\"}}", NULL},
        {APPLY, "y", "{\"spec\":{\"a\":\"1\",\"b\":\"2\"}}", NULL},
        {APPLY, "x", "{\"spec\":{}}",
         "{\"spec\":{\"a\":\"1\",\"b\":\"2\"}}\nx Apply T {\"f:spec\":{}}"
         "\ny Apply T {\"f:spec\":{\"f:a\":{},\"f:b\":{}}}"},
        {APPLY, "y", "{\"spec\":{\"b\":\"2\"}}",
         "{\"spec\":{\"b\":\"2\"}}\nx Apply T {\"f:spec\":{}}"
         "\ny Apply T {\"f:spec\":{\"f:b\":{}}}"},
    };
    PLAY(steps);
}

static void another_value_is_a_conflict_unless_forced(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {APPLY, "x", "{\"spec\":{\"a\":\"1\",\"map\":{\"k\":\"1\"}}}", NULL},
        {UPDATE, "u", "{\"spec\":{\"a\":\"1\",\"b\":\"1\",\"map\":{\"k\":\"1\"}}}", NULL},
        {APPLY, "y", "{\"spec\":{\"map\":{\"k\":\"2\"}}}",
         "Apply failed with 1 conflict: conflict with \"x\": .spec.map.k"},
        {APPLY, "y", "{\"spec\":{\"a\":\"2\",\"b\":\"2\",\"map\":{\"k\":\"2\"}}}",
         "Apply failed with 3 conflicts: conflicts with \"u\" using g/v1:\n- .spec.b\n"
         "conflicts with \"x\":\n- .spec.a\n- .spec.map.k"},
        {FORCE, "y", "{\"spec\":{\"a\":\"2\",\"b\":\"2\",\"map\":{\"k\":\"2\"}}}",
         "{\"spec\":{\"a\":\"2\",\"b\":\"2\",\"map\":{\"k\":\"2\"}}}"
         "\ny Apply T {\"f:spec\":{\"f:a\":{},\"f:b\":{},\"f:map\":{\"f:k\":{}}}}"},
    };
    PLAY(steps);
}

static void an_update_takes_only_what_it_changes(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {UPDATE, "u", "{\"spec\":{\"a\":\"1\",\"map\":{\"k\":\"1\"}}}",
         "{\"spec\":{\"a\":\"1\",\"map\":{\"k\":\"1\"}}}"
         "\nu Update T {\"f:spec\":{\".\":{},\"f:a\":{},\"f:map\":{\".\":{},\"f:k\":{}}}}"},
        {UPDATE, "w", "{\"spec\":{\"a\":\"1\",\"map\":{\"k\":\"2\",\"l\":\"1\"}}}",
         "{\"spec\":{\"a\":\"1\",\"map\":{\"k\":\"2\",\"l\":\"1\"}}}"
         "\nu Update T {\"f:spec\":{\".\":{},\"f:a\":{},\"f:map\":{}}}"
         "\nw Update T {\"f:spec\":{\"f:map\":{\"f:k\":{},\"f:l\":{}}}}"},
        {UPDATE, "w", "{\"spec\":{\"a\":\"1\"}}",
         "{\"spec\":{\"a\":\"1\"}}\nu Update T {\"f:spec\":{\".\":{},\"f:a\":{}}}"},
        {UPDATE, "w", "{\"spec\":{\"a\":\"1\"}}",
         "{\"spec\":{\"a\":\"1\"}}\nu Update T {\"f:spec\":{\".\":{},\"f:a\":{}}}"},
    };
    PLAY(steps);
}

static void atomic_values_are_owned_whole(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {APPLY, "x", "{\"spec\":{\"list\":[\"p\"],\"whole\":{\"x\":\"1\",\"y\":\"1\"}}}",
         "{\"spec\":{\"list\":[\"p\"],\"whole\":{\"x\":\"1\",\"y\":\"1\"}}}"
         "\nx Apply T {\"f:spec\":{\"f:list\":{},\"f:whole\":{}}}"},
        {APPLY, "y", "{\"spec\":{\"list\":[\"p\",\"q\"],\"whole\":{\"x\":\"1\"}}}",
         "Apply failed with 2 conflicts: conflicts with \"x\":\n- .spec.list\n- .spec.whole"},
        {APPLY, "x", "{\"spec\":{\"whole\":{\"y\":\"2\"}}}",
         "{\"spec\":{\"whole\":{\"y\":\"2\"}}}\nx Apply T {\"f:spec\":{\"f:whole\":{}}}"},
    };
    PLAY(steps);
}

static void stages_merge_by_name(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {APPLY, "x", "{\"spec\":{\"stages\":[{\"name\":\"a\",\"v\":1},{\"name\":\"b\"}]}}", NULL},
        {APPLY, "y", "{\"spec\":{\"stages\":[{\"name\":\"c\"},{\"name\":\"a\"}]}}",
         "{\"spec\":{\"stages\":[{\"name\":\"c\"},{\"name\":\"a\",\"v\":1},{\"name\":\"b\"}]}}"
         "\nx Apply T {\"f:spec\":{\"f:stages\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},"
         "\"f:name\":{},\"f:v\":{}},\"k:{\\\"name\\\":\\\"b\\\"}\":{\".\":{},\"f:name\":{}}}}}"
         "\ny Apply T {\"f:spec\":{\"f:stages\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},"
         "\"f:name\":{}},\"k:{\\\"name\\\":\\\"c\\\"}\":{\".\":{},\"f:name\":{}}}}}"},
        {APPLY, "x", "{\"spec\":{\"stages\":[]}}",
         "{\"spec\":{\"stages\":[{\"name\":\"c\"},{\"name\":\"a\"}]}}"
         "\ny Apply T {\"f:spec\":{\"f:stages\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},"
         "\"f:name\":{}},\"k:{\\\"name\\\":\\\"c\\\"}\":{\".\":{},\"f:name\":{}}}}}"},
    };
    PLAY(steps);
}

/* An updater may store what an applier must not send: the items with one name are one field. */
static void items_that_an_update_repeats_are_one_field(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {UPDATE, "u", "{\"spec\":{\"tags\":[\"p\",\"q\",\"p\"]}}",
         "{\"spec\":{\"tags\":[\"p\",\"q\",\"p\"]}}"
         "\nu Update T {\"f:spec\":{\".\":{},\"f:tags\":{\".\":{},\"v:\\\"p\\\"\":{},"
         "\"v:\\\"q\\\"\":{}}}}"},
        {APPLY, "x", "{\"spec\":{\"tags\":[\"p\"]}}",
         "Apply failed with 1 conflict: conflict with \"u\" using g/v1: .spec.tags[=\"p\"]"},
        {FORCE, "x", "{\"spec\":{\"tags\":[\"p\"]}}",
         "{\"spec\":{\"tags\":[\"p\",\"q\"]}}"
         "\nx Apply T {\"f:spec\":{\"f:tags\":{\"v:\\\"p\\\"\":{}}}}"
         "\nu Update T {\"f:spec\":{\".\":{},\"f:tags\":{\".\":{},\"v:\\\"q\\\"\":{}}}}"},
    };
    PLAY(steps);
}

static void status_has_owners_of_its_own(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {APPLY, "x", "{\"spec\":{\"a\":\"1\"},\"status\":{\"s\":\"ignored\"}}",
         "{\"spec\":{\"a\":\"1\"}}\nx Apply T {\"f:spec\":{\"f:a\":{}}}"},
        {APPLY_STATUS, "x", "{\"status\":{\"s\":\"1\"}}",
         "{\"spec\":{\"a\":\"1\"},\"status\":{\"s\":\"1\"}}"
         "\nx Apply T {\"f:spec\":{\"f:a\":{}}}\nx Apply statusT {\"f:status\":{\"f:s\":{}}}"},
        {UPDATE_STATUS, "u", "{\"spec\":{\"a\":\"1\"},\"status\":{\"s\":\"2\"}}",
         "{\"spec\":{\"a\":\"1\"},\"status\":{\"s\":\"2\"}}"
         "\nx Apply T {\"f:spec\":{\"f:a\":{}}}\nu Update statusT {\"f:status\":{\"f:s\":{}}}"},
        {APPLY_STATUS, "x", "{\"status\":{\"s\":\"1\"}}",
         "Apply failed with 1 conflict: conflict with \"u\" with subresource \"status\" using "
         "g/v1: .status.s"},
    };
    PLAY(steps);
}

static void metadata_has_structure_whatever_the_schema_says(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {APPLY, "x",
         "{\"metadata\":{\"labels\":{\"l\":\"1\"},\"finalizers\":[\"f/x\"],"
         "\"ownerReferences\":[{\"uid\":\"u1\",\"name\":\"n\"}]}}",
         NULL},
        {APPLY, "y",
         "{\"metadata\":{\"labels\":{\"m\":null},\"finalizers\":[\"f/y\"],"
         "\"ownerReferences\":[{\"uid\":\"u2\",\"name\":\"n\"}]}}",
         "{\"metadata\":{\"finalizers\":[\"f/x\",\"f/y\"],\"labels\":{\"l\":\"1\",\"m\":\"\"},"
         "\"ownerReferences\":[{\"name\":\"n\",\"uid\":\"u1\"},{\"name\":\"n\",\"uid\":\"u2\"}]}}"
         "\nx Apply T {\"f:metadata\":{\"f:finalizers\":{\"v:\\\"f/x\\\"\":{}},"
         "\"f:labels\":{\"f:l\":{}},\"f:ownerReferences\":{\"k:{\\\"uid\\\":\\\"u1\\\"}\":{}}}}"
         "\ny Apply T {\"f:metadata\":{\"f:finalizers\":{\"v:\\\"f/y\\\"\":{}},"
         "\"f:labels\":{\"f:m\":{}},\"f:ownerReferences\":{\"k:{\\\"uid\\\":\\\"u2\\\"}\":{}}}}"},
        {APPLY, "y",
         "{\"metadata\":{\"ownerReferences\":[{\"uid\":\"u1\",\"name\":\"other\"}]}}",
         "Apply failed with 1 conflict: conflict with \"x\": "
         ".metadata.ownerReferences[uid=\"u1\"]"},
    };
    PLAY(steps);
}

static void what_does_not_fit_is_said_as_a_real_server_does(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {APPLY, "x", "{\"spec\":{\"nope\":1}}",
         NOT_TYPED ".spec.nope: field not declared in schema"},
        {APPLY, "x", "{\"nope\":1}", NOT_TYPED ".nope: field not declared in schema"},
        {APPLY, "x", "{\"metadata\":{\"nope\":1}}",
         NOT_TYPED ".metadata.nope: field not declared in schema"},
        {APPLY, "x", "{\"spec\":{\"a\":1}}",
         NOT_TYPED ".spec.a: expected string, got &value.valueUnstructured{Value:1}"},
        {APPLY, "x", "{\"spec\":{\"a\":{\"z\":[null,\"q\"],\"y\":true}}}",
         NOT_TYPED ".spec.a: expected string, got &value.valueUnstructured{Value:"
                   "map[string]interface {}{\"y\":true, "
                   "\"z\":[]interface {}{interface {}(nil), \"q\"}}}"},
        {APPLY, "x", "{\"spec\":{\"on\":{\"z\":[null,\"q\"],\"y\":1}}}",
         NOT_TYPED ".spec.on: expected boolean, got &{map[y:1 z:[<nil> q]]}"},
        {APPLY, "x", "{\"spec\":{\"n\":\"1\"}}",
         NOT_TYPED ".spec.n: expected numeric (int or float), got string"},
        {APPLY, "x", "{\"spec\":{\"stages\":[{\"name\":\"a\"},{\"name\":\"a\"},{\"name\":\"a\"}]}}",
         NOT_TYPED "errors:\n  .spec.stages: duplicate entries for key [name=\"a\"]\n"
                   "  .spec.stages: duplicate entries for key [name=\"a\"]"},
        {APPLY, "x", "{\"spec\":{\"stages\":[{\"v\":1}]}}",
         NOT_TYPED ".spec.stages: element 0: associative list with keys has an element that omits "
                   "all key fields [\"name\"] (and doesn't have default values for any key "
                   "fields)"},
        {APPLY, "x", "{\"spec\":{\"list\":[\"a\",2]}}",
         NOT_TYPED ".spec.list[1]: expected string, got &value.valueUnstructured{Value:2}"},
        {APPLY, "x", "{\"spec\":{\"any\":{\"x\":[1,{}]},\"a\":null,\"stages\":null}}",
         "{\"spec\":{\"a\":null,\"any\":{\"x\":[1,{}]},\"stages\":null}}"
         "\nx Apply T {\"f:spec\":{\"f:a\":{},\"f:any\":{\"f:x\":{}},\"f:stages\":{}}}"},
    };
    PLAY(steps);
}

/* A time is set by a change of a value, not by a change of owners; nothing moves it back. */
static void only_changes_of_values_have_a_time(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {APPLY, "x", "{\"spec\":{\"a\":\"1\"}}", NULL},
        {APPLY, "y", "{\"spec\":{\"a\":\"1\"}}",
         "{\"spec\":{\"a\":\"1\"}}\ny Apply - {\"f:spec\":{\"f:a\":{}}}"
         "\nx Apply T {\"f:spec\":{\"f:a\":{}}}"},
        {APPLY, "y", "{\"spec\":{\"a\":\"1\",\"b\":\"1\"}}",
         "{\"spec\":{\"a\":\"1\",\"b\":\"1\"}}\nx Apply T {\"f:spec\":{\"f:a\":{}}}"
         "\ny Apply T {\"f:spec\":{\"f:a\":{},\"f:b\":{}}}"},
    };
    PLAY(steps);
}

static void cleared_owners_come_back_as_before_first_apply(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {UPDATE, "u", "{\"spec\":{\"a\":\"1\"}}", NULL},
        {UPDATE, "u", "{\"metadata\":{\"managedFields\":[{}]},\"spec\":{\"a\":\"1\"}}",
         "{\"spec\":{\"a\":\"1\"}}"},
        {UPDATE, "u", "{\"spec\":{\"a\":\"2\"}}", "{\"spec\":{\"a\":\"2\"}}"},
        {APPLY, "x", "{\"spec\":{\"a\":\"1\"}}",
         "Apply failed with 1 conflict: conflict with \"before-first-apply\" using g/v1: .spec.a"},
        {APPLY, "x", "{\"spec\":{\"b\":\"1\"}}",
         "{\"spec\":{\"a\":\"2\",\"b\":\"1\"}}\nx Apply T {\"f:spec\":{\"f:b\":{}}}"
         "\nbefore-first-apply Update T {\"f:spec\":{\".\":{},\"f:a\":{}}}"},
    };
    PLAY(steps);
}

/* The manager of an eleventh update entry makes the two oldest one: "ancient-changes". */
static void old_update_entries_are_merged(void **state)
{
    (void)state;
    struct story story = {.now_ms = 1700000000000};
    struct errmsg msg;
    struct json *text = parse(schema_text);
    struct json *spec = json_object();
    assert_err(schema_create(text, &story.schema, &msg), ERR_NONE);
    for (int i = 0; i < 12; i++) {
        char name[8];
        snprintf(name, sizeof(name), "m%02d", i);
        json_set(spec, name, json_text("1"));
        char *map = json_print_text(spec);
        char *body = str_format("{\"spec\":{\"map\":%s}}", map);
        mem_free(play_step(&story, &(struct step){UPDATE, name, body, NULL}));
        mem_free(map);
        mem_free(body);
    }
    const struct json *entries = json_at(story.live, "metadata.managedFields");
    assert_int_equal(json_count(entries), 10);
    assert_str(json_text_at(json_item(entries, 0), "manager"), "ancient-changes");
    assert_json(json_get(json_item(entries, 0), "fieldsV1"),
                "{\"f:spec\":{\".\":{},\"f:map\":{\".\":{},\"f:m00\":{},\"f:m01\":{},"
                "\"f:m02\":{}}}}");
    assert_str(json_text_at(json_item(entries, 0), "time"), "2023-11-14T22:13:23Z");
    assert_str(json_text_at(json_item(entries, 9), "manager"), "m11");
    json_free(spec);
    json_free(text);
    json_free(story.live);
    schema_free(story.schema);
}

static void causes_name_each_field(void **state)
{
    (void)state;
    struct errmsg msg;
    struct schema *schema = NULL;
    struct json *text = parse(schema_text);
    assert_err(schema_create(text, &schema, &msg), ERR_NONE);
    struct json *first = object_of("{\"spec\":{\"a\":\"1\",\"b\":\"1\"}}");
    struct json *second = object_of("{\"spec\":{\"a\":\"2\",\"b\":\"2\"}}");
    struct apply_writer writer = {.manager = STR("x"), .api_version = STR("g/v1")};
    struct apply_result made;
    struct apply_result refused;
    apply_merge(schema, NULL, first, &writer, false, &made);
    writer.manager = STR("y");
    apply_merge(schema, made.object, second, &writer, false, &refused);
    assert_int_equal(refused.failure, APPLY_CONFLICT);
    assert_null(refused.object);
    assert_json(refused.causes,
                "[{\"field\":\".spec.a\",\"message\":\"conflict with \\\"x\\\"\","
                "\"reason\":\"FieldManagerConflict\"},"
                "{\"field\":\".spec.b\",\"message\":\"conflict with \\\"x\\\"\","
                "\"reason\":\"FieldManagerConflict\"}]");
    apply_result_release(&refused);
    apply_result_release(&made);
    json_free(first);
    json_free(second);
    json_free(text);
    schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applying_again_without_a_field_removes_it),
        cmocka_unit_test(a_shared_field_stays_until_the_last_owner_leaves),
        cmocka_unit_test(another_value_is_a_conflict_unless_forced),
        cmocka_unit_test(an_update_takes_only_what_it_changes),
        cmocka_unit_test(atomic_values_are_owned_whole),
        cmocka_unit_test(stages_merge_by_name),
        cmocka_unit_test(items_that_an_update_repeats_are_one_field),
        cmocka_unit_test(status_has_owners_of_its_own),
        cmocka_unit_test(metadata_has_structure_whatever_the_schema_says),
        cmocka_unit_test(what_does_not_fit_is_said_as_a_real_server_does),
        cmocka_unit_test(only_changes_of_values_have_a_time),
        cmocka_unit_test(cleared_owners_come_back_as_before_first_apply),
        cmocka_unit_test(old_update_entries_are_merged),
        cmocka_unit_test(causes_name_each_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
