/* A watch's bytes, split anywhere. */
#include "controller/k8s/watch_decoder.h"

#include "controller/base/mem.h"
#include "tests/testlib/test.h"

static const char stream[] =
    "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n"
    "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"7\"}}}\n"
    "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"b\"}}}\n";

static void count_events(struct watch_decoder *decoder, unsigned *count)
{
    static const enum watch_event_type types[] = {WATCH_ADDED, WATCH_BOOKMARK, WATCH_DELETED};
    struct watch_event event;
    while (watch_decoder_next(decoder, &event, NULL) == ERR_NONE) {
        assert_int_equal(event.type, types[*count]);
        json_free(event.object);
        (*count)++;
    }
}

static void events_come_whole_wherever_the_bytes_are_split(void **state)
{
    size_t before = mem_live_blocks();
    (void)state;
    for (size_t split = 0; split < sizeof(stream); split++) {
        struct watch_decoder decoder;
        unsigned count = 0;
        watch_decoder_init(&decoder);
        assert_err(watch_decoder_feed(&decoder, str_from_bytes(stream, split)), ERR_NONE);
        count_events(&decoder, &count);
        assert_err(watch_decoder_feed(
                       &decoder, str_from_bytes(stream + split, sizeof(stream) - 1 - split)),
                   ERR_NONE);
        count_events(&decoder, &count);
        assert_int_equal(count, 3);
        watch_decoder_release(&decoder);
    }
    assert_int_equal(mem_live_blocks(), before); /* [H1] */
}

static void a_value_fault_condemns_one_event_only(void **state)
{
    struct watch_decoder decoder;
    struct watch_event event;
    struct errmsg msg;
    (void)state;
    watch_decoder_init(&decoder);
    struct str bytes = STR("{\"type\":\"ADDED\",\"object\":{\"a\":1,\"a\":2}}\n"
                           "{\"type\":\"ADDED\",\"object\":{\"a\":1}}\n");
    assert_err(watch_decoder_feed(&decoder, bytes), ERR_NONE);
    assert_err(watch_decoder_next(&decoder, &event, &msg), ERR_TYPE);
    assert_err(watch_decoder_next(&decoder, &event, &msg), ERR_NONE);
    json_free(event.object);
    watch_decoder_release(&decoder);
}

static void a_broken_stream_is_unusable(void **state)
{
    static const char *const broken[] = {"{\"type\":\"ADDED\",\"object\":{}\n", "[]\n",
                                         "{\"type\":\"NOVEL\",\"object\":{}}\n", "\n",
                                         "{\"type\":\"ADDED\",\"object\":1}\n"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(broken); i++) {
        struct watch_decoder decoder;
        struct watch_event event;
        watch_decoder_init(&decoder);
        assert_err(watch_decoder_feed(&decoder, str_from(broken[i])), ERR_NONE);
        assert_err(watch_decoder_next(&decoder, &event, NULL), ERR_SYNTAX);
        watch_decoder_release(&decoder);
    }
}

static void a_line_without_end_is_a_limit(void **state)
{
    struct watch_decoder decoder;
    struct watch_event event;
    enum err err = ERR_NONE;
    char *chunk = mem_alloc(1u << 20);
    (void)state;
    memset(chunk, ' ', 1u << 20);
    watch_decoder_init(&decoder);
    for (unsigned i = 0; i < 3 && err == ERR_NONE; i++)
        err = watch_decoder_feed(&decoder, str_from_bytes(chunk, 1u << 20));
    if (err == ERR_NONE)
        err = watch_decoder_next(&decoder, &event, NULL);
    assert_true(err == ERR_LIMIT || err == ERR_SYNTAX);
    watch_decoder_release(&decoder);
    mem_free(chunk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_whole_wherever_the_bytes_are_split),
        cmocka_unit_test(a_value_fault_condemns_one_event_only),
        cmocka_unit_test(a_broken_stream_is_unusable),
        cmocka_unit_test(a_line_without_end_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
