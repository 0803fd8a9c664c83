/* status.stages as it is meant, whatever Sveltos v1.13 wrote: a row of damages. */
#include "controller/core/stage_entries.h"

#include "controller/base/mem.h"
#include "tests/testlib/test.h"

#define ENTERED_A "\"lastUpdateReconciledTime\":\"2026-01-01T00:00:00Z\""
#define ENTERED_B "\"lastUpdateReconciledTime\":\"2026-01-01T00:06:00Z\""
#define DONE_A "\"lastSuccessfulAppliedTime\":\"2026-01-01T00:06:00Z\""
#define DONE_B "\"lastSuccessfulAppliedTime\":\"2026-01-01T00:10:00Z\""

static struct promotion *project(const char *status)
{
    struct json *json = NULL;
    struct errmsg msg;
    char *text = str_format("{\"metadata\":{\"name\":\"web\",\"uid\":\"u\","
                            "\"resourceVersion\":\"1\"},"
                            "\"spec\":{\"stages\":[{\"name\":\"a\"},{\"name\":\"b\"},"
                            "{\"name\":\"c\"}]},\"status\":%s}",
                            status);
    if (json_parse(str_from(text), NULL, &json, &msg) != ERR_NONE)
        fail_msg("%s", msg.text);
    mem_free(text);
    return (struct promotion *)object_create(KUBE_CLUSTER_PROMOTIONS, json);
}

/* What a patch of status would write. */
static char *entries_text(const struct promotion *promotion)
{
    struct buf text;
    CLEANUP(json_free_pointer) struct json *entries = json_array();
    for (size_t i = 0; i < promotion->entry_count; i++)
        json_append(entries, stage_entry_json(&promotion->entries[i]));
    buf_init(&text, 4096);
    json_print(entries, &text);
    return buf_steal(&text);
}

static const struct {
    const char *status;
    bool damaged;
    const char *entries;
} cases[] = {
    {"{}", false, "[]"},
    {"{\"currentStageName\":\"a\",\"stages\":[{\"name\":\"a\"," ENTERED_A "}]}", false,
     "[{\"name\":\"a\"," ENTERED_A "}]"},
    {"{\"currentStageName\":\"b\",\"stages\":[{\"name\":\"a\"," ENTERED_A "," DONE_A
     "},{\"name\":\"b\"," ENTERED_B "}]}",
     false, "[{\"name\":\"a\"," ENTERED_A "," DONE_A "},{\"name\":\"b\"," ENTERED_B "}]"},
    /* B43: twice; the one that was provisioned counts, wherever it stands */
    {"{\"currentStageName\":\"a\",\"stages\":[{\"name\":\"a\"},{\"name\":\"a\"," ENTERED_A
     "," DONE_A "},{\"name\":\"a\",\"failureMessage\":\"x\"}]}",
     true, "[{\"name\":\"a\"," ENTERED_A "," DONE_A "}]"},
    {"{\"currentStageName\":\"a\",\"stages\":[{\"name\":\"a\"," DONE_A "},{\"name\":\"a\"," DONE_B
     "}]}",
     true, "[{\"name\":\"a\"," DONE_A "}]"}, /* the first success counts */
    /* B13: the entry of the current stage was lost */
    {"{\"currentStageName\":\"b\",\"lastPromotionTime\":\"2026-01-01T00:06:00Z\",\"stages\":["
     "{\"name\":\"a\"," ENTERED_A "," DONE_A "}]}",
     true, "[{\"name\":\"a\"," ENTERED_A "," DONE_A "},{\"name\":\"b\"," ENTERED_B "}]"},
    /* ... and all entries */
    {"{\"currentStageName\":\"a\"}", true, "[{\"name\":\"a\"}]"},
    /* a current stage that cannot be next is none */
    {"{\"currentStageName\":\"c\",\"stages\":[{\"name\":\"a\"," ENTERED_A "}]}", false,
     "[{\"name\":\"a\"," ENTERED_A "}]"},
    {"{\"currentStageName\":\"x\",\"stages\":[]}", false, "[]"},
    /* nor is one that was entered, in whatever order */
    {"{\"currentStageName\":\"b\",\"stages\":[{\"name\":\"b\"," ENTERED_B "}]}", false,
     "[{\"name\":\"b\"," ENTERED_B "}]"},
    /* the next stage was entered, so this one was taken for provisioned by then */
    {"{\"currentStageName\":\"b\",\"stages\":[{\"name\":\"a\"," ENTERED_A "},{\"name\":\"b\","
     ENTERED_B "," DONE_B "}]}",
     true, "[{\"name\":\"a\"," ENTERED_A "," DONE_A "},{\"name\":\"b\"," ENTERED_B "," DONE_B "}]"},
    /* ... but nobody knows when */
    {"{\"currentStageName\":\"b\",\"stages\":[{\"name\":\"a\"," ENTERED_A "},{\"name\":\"b\"}]}",
     false, "[{\"name\":\"a\"," ENTERED_A "},{\"name\":\"b\"}]"},
    {"{\"currentStageName\":\"a\",\"stages\":[7,{\"name\":\"a\"},null]}", false,
     "[{\"name\":\"a\"}]"},
};

static void damaged_entries_are_read_as_they_were_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct promotion *promotion = project(cases[i].status);
        char *text = entries_text(promotion);
        if (promotion->entries_damaged != cases[i].damaged)
            fail_msg("%s: damaged is %d", cases[i].status, promotion->entries_damaged);
        assert_string_equal(text, cases[i].entries);
        mem_free(text);
        object_free(&promotion->object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_entries_are_read_as_they_were_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
