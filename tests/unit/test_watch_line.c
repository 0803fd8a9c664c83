/*
 * What an informer of the world keeps of a watch event.
 */
#include "tests/testlib/test.h"

#include "controller/base/json.h"
#include "controller/base/mem.h"
#include "fakeapi/sveltos/watch_line.h"

static void events_lose_what_nobody_looks_at(void **state)
{
    (void)state;
    static const struct {
        const char *line, *full, *metadata;
    } rows[] = {
        {"{\"type\":\"ADDED\",\"object\":{\"kind\":\"K\",\"metadata\":{\"managedFields\":[{\"f\":"
         "{}}],\"name\":\"n\"},\"spec\":{\"a\":[1,2]},\"status\":{}}}",
         "{\"type\":\"ADDED\",\"object\":{\"kind\":\"K\",\"metadata\":{\"name\":\"n\"},\"spec\":"
         "{\"a\":[1,2]},\"status\":{}}}",
         "{\"type\":\"ADDED\",\"object\":{\"kind\":\"K\",\"metadata\":{\"name\":\"n\"}}}"},
        /* at the end, in the middle, alone; texts with brackets and quotes; a name elsewhere */
        {"{\"object\":{\"status\":1,\"metadata\":{\"name\":\"n\",\"managedFields\":[]}},\"type\":"
         "\"X\"}",
         "{\"object\":{\"status\":1,\"metadata\":{\"name\":\"n\"}},\"type\":\"X\"}",
         "{\"object\":{\"metadata\":{\"name\":\"n\"}},\"type\":\"X\"}"},
        {"{\"object\":{\"metadata\":{\"managedFields\":[\"]}\\\"\"]},\"data\":{\"spec\":{"
         "\"status\":\"},{\\\\\"}}}}",
         "{\"object\":{\"metadata\":{},\"data\":{\"spec\":{\"status\":\"},{\\\\\"}}}}",
         "{\"object\":{\"metadata\":{},\"data\":{\"spec\":{\"status\":\"},{\\\\\"}}}}"},
        {"{\"object\":{\"spec\":{},\"metadata\":null}}",
         "{\"object\":{\"spec\":{},\"metadata\":null}}",
         "{\"object\":{\"metadata\":null}}"},
        {"{}", "{}", "{}"},
        {"", "", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        for (unsigned metadata_only = 0; metadata_only < 2; metadata_only++) {
            struct buf out;
            buf_init(&out, 4096);
            watch_line_thin(str_from(rows[i].line), metadata_only, &out);
            assert_str(buf_str(&out), metadata_only ? rows[i].metadata : rows[i].full);
            buf_release(&out);
        }
    }
}

/* Cut anywhere: no read beyond the text, and never valid JSON of half an event. */
static void a_line_that_is_cut_stays_broken(void **state)
{
    (void)state;
    const char *line = "{\"type\":\"A\",\"object\":{\"metadata\":{\"managedFields\":[{\"a\":"
                       "\"\\\\\"}],\"name\":\"n\"},\"spec\":{\"a\":1}}}";
    for (size_t len = 1; len < strlen(line); len++) {
        char *cut = mem_alloc(len);
        struct json *value = NULL;
        struct buf out;
        memcpy(cut, line, len);
        buf_init(&out, 4096);
        watch_line_thin(str_from_bytes(cut, len), false, &out);
        assert_true(json_parse(buf_str(&out), NULL, &value, NULL) != ERR_NONE);
        buf_release(&out);
        mem_free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_lose_what_nobody_looks_at),
        cmocka_unit_test(a_line_that_is_cut_stays_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
