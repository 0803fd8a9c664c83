/* Which Events a process still has to tell, and under which names. */
#include "controller/core/told.h"

#include "controller/base/mem.h"
#include "controller/core/limits.h"
#include "tests/testlib/test.h"

static const struct promotion web = {
    .object = {.meta = {.name = STR_INIT("web"), .uid = STR_INIT("u-1")}}};

static struct promotion_event failing(void)
{
    return (struct promotion_event){.reason = REASON_FAILING, .stage = STR("qa"),
                                    .run = STR("hash 1000"), .note = STR("it fails")};
}

/* One Event that may be due, and the book of what was told. */
struct desk {
    struct promotion_event event;
    struct map book;
    struct told *told; /* what the last look wants to tell */
};

/* A look of the controller in which the Event is due, or none is: true, it wants to be told. */
static bool look(struct desk *desk, bool due, int64_t at_ms)
{
    struct promotion_events events = {&desk->event, due ? 1 : 0};
    told_update(&desk->book, &web, &events, true, (struct ktime){at_ms, at_ms});
    return told_next(&desk->book, false, &desk->told).data != NULL;
}

static void settle(struct desk *desk, int64_t at_ms)
{
    told_settle(desk->told, (struct ktime){at_ms, 0});
}

/* The Event is due, at 0. */
static void desk_init(struct desk *desk)
{
    *desk = (struct desk){.event = failing()};
    map_init(&desk->book);
    assert_true(look(desk, true, 0));
    assert_int_equal(desk->told->state, TOLD_NEWS);
}

static void what_stands_is_told_once(void **state)
{
    struct desk desk;
    (void)state;
    desk_init(&desk);
    settle(&desk, 0);
    for (int64_t at_ms = 1; at_ms < 3 * EVENT_LIFE_MS; at_ms += EVENT_REPEAT_MS)
        assert_false(look(&desk, true, at_ms));
    told_release(&desk.book);
}

static void what_comes_back_is_counted_at_most_every_ten_minutes(void **state)
{
    struct desk desk;
    (void)state;
    desk_init(&desk);
    settle(&desk, 0);
    for (int64_t at_ms = 1000; at_ms < EVENT_REPEAT_MS; at_ms += 100000) {
        assert_false(look(&desk, false, at_ms));
        assert_false(look(&desk, true, at_ms + 1));
    }
    (void)look(&desk, false, EVENT_REPEAT_MS);
    assert_true(look(&desk, true, EVENT_REPEAT_MS + 1));
    assert_int_equal(desk.told->state, TOLD_REPEATED);
    assert_int_equal(desk.told->repeats, 7);
    settle(&desk, EVENT_REPEAT_MS + 1);
    assert_false(look(&desk, true, EVENT_REPEAT_MS + 2));
    told_release(&desk.book);
}

static void between_two_writes_nothing_has_gone(void **state)
{
    struct desk desk;
    (void)state;
    desk_init(&desk);
    struct promotion_events none = {&desk.event, 0};
    settle(&desk, 0);
    told_update(&desk.book, &web, &none, false, (struct ktime){EVENT_REPEAT_MS, 0});
    assert_false(look(&desk, true, EVENT_REPEAT_MS + 1));
    told_release(&desk.book);
}

/* What rises while it is news, or waits to be counted, is one repeat more and no other news. */
static void what_is_still_to_be_told_stays_so(void **state)
{
    struct desk desk;
    (void)state;
    desk_init(&desk);
    desk.told->tried = true;
    (void)look(&desk, false, 1);
    assert_true(look(&desk, true, EVENT_REPEAT_MS + 1));
    assert_int_equal(desk.told->state, TOLD_NEWS);
    assert_int_equal(desk.told->repeats, 1);
    settle(&desk, EVENT_REPEAT_MS + 1);
    for (unsigned i = 1; i <= 2; i++) {
        int64_t at_ms = (2 + i) * INT64_C(600000);
        (void)look(&desk, false, at_ms);
        assert_true(look(&desk, true, at_ms + 1));
        assert_int_equal(desk.told->state, TOLD_REPEATED);
        assert_int_equal(desk.told->repeats, i);
    }
    told_release(&desk.book);
}

/* Nothing is kept of news that were never told, nor of what the server has forgotten. */
static void the_book_does_not_grow(void **state)
{
    struct desk desk;
    (void)state;
    desk_init(&desk);
    (void)look(&desk, false, 1);
    assert_int_equal(map_count(&desk.book), 0);
    (void)look(&desk, true, 2);
    settle(&desk, 2);
    (void)look(&desk, false, 3);
    assert_int_equal(map_count(&desk.book), 1);
    (void)look(&desk, false, 2 + EVENT_LIFE_MS);
    assert_int_equal(map_count(&desk.book), 0);
    map_release(&desk.book);
}

/* Else what an approval's consumption is known by would be gone with the consumption. */
static void what_was_tried_in_vain_is_kept(void **state)
{
    struct desk desk;
    (void)state;
    desk_init(&desk);
    desk.told->tried = true;
    assert_true(look(&desk, false, EVENT_REPEAT_MS));
    assert_non_null(strstr(desk.told->text, "it fails"));
    assert_false(look(&desk, false, EVENT_LIFE_MS));
    told_release(&desk.book);
}

static void only_urgent_news_precede_a_write(void **state)
{
    struct promotion_event items[] = {failing(), failing()};
    struct promotion_events events = {items, 2};
    struct told *told = NULL;
    struct map book;
    char names[2][EVENT_NAME_BYTES];
    (void)state;
    items[1].reason = REASON_APPROVAL_USED;
    items[1].urgent = true;
    map_init(&book);
    told_update(&book, &web, &events, false, (struct ktime){0, 0});
    for (size_t i = 0; i < 2; i++)
        event_name(&web, &items[i], names[i]);
    assert_str(told_next(&book, true, &told), names[1]);
    assert_str(told_next(&book, false, &told), names[0]);
    told_release(&book);
}

static void a_name_is_what_an_event_is_about(void **state)
{
    struct promotion_event event = failing();
    char first[EVENT_NAME_BYTES];
    char other[EVENT_NAME_BYTES];
    (void)state;
    event_name(&web, &event, first);
    assert_true(str_starts_with(str_from(first), STR("web.")));
    event.note = STR("it fails elsewhere");
    event.at_ms = 5000;
    event_name(&web, &event, other);
    assert_string_equal(first, other);
    struct promotion_event changed[] = {failing(), failing(), failing(), failing()};
    changed[0].run = STR("hash 2000");
    changed[1].stage = STR("prod");
    changed[2].reason = REASON_CLUSTER_PAUSED;
    changed[3].detail = STR("x");
    for (size_t i = 0; i < ARRAY_COUNT(changed); i++) {
        event_name(&web, &changed[i], other);
        assert_string_not_equal(first, other);
    }
}

/* A promotion's name may have all 253 bytes; what is left of it must not end in a dot. */
static void the_name_of_a_long_name_is_valid(void **state)
{
    struct promotion_event event = failing();
    struct promotion promotion = web;
    char text[254];
    char name[EVENT_NAME_BYTES];
    (void)state;
    memset(text, 'a', 253);
    memcpy(text + 230, ".-.-.-", 6);
    promotion.object.meta.name = str_from_bytes(text, 253);
    event_name(&promotion, &event, name);
    assert_int_equal(strlen(name), 230 + 1 + 16);
    assert_int_equal(name[229], 'a');
    assert_int_equal(name[230], '.');
}

/* A real server refuses a note beyond 1 kB. */
static void a_note_is_cut_between_characters(void **state)
{
    struct promotion_event event = failing();
    struct event_request request;
    struct json *body = NULL;
    struct buf note;
    (void)state;
    buf_init(&note, 1u << 16);
    buf_append_char(&note, 'x');
    for (int i = 0; i < 600; i++)
        buf_append_text(&note, "é");
    event.note = buf_str(&note);
    char *text = event_text(&web, &event);
    event_create_build(str_from(text), &request);
    mem_free(text);
    assert_err(json_parse(request.request.body, NULL, &body, NULL), ERR_NONE);
    assert_int_equal(json_text_at(body, "note").len, 1023);
    assert_str(json_text_at(body, "type"), "Warning");
    assert_str(json_text_at(body, "regarding.uid"), "u-1");
    json_free(body);
    event_request_release(&request);
    buf_release(&note);
}

static void a_series_goes_on_from_what_the_server_has(void **state)
{
    static const struct {
        const char *event;
        int64_t count;
    } rows[] = {
        {"{\"metadata\":{\"name\":\"web.1\",\"resourceVersion\":\"7\"}}", 4},
        {"{\"metadata\":{\"name\":\"web.1\",\"resourceVersion\":\"7\"},\"series\":{\"count\":5}}",
         8},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct event_request request;
        struct json *event = NULL;
        struct json *body = NULL;
        int64_t count = 0;
        assert_err(json_parse(str_from(rows[i].event), NULL, &event, NULL), ERR_NONE);
        event_count_build(event, 3, (struct ktime){0, 1767225600000}, &request);
        assert_err(json_parse(request.request.body, NULL, &body, NULL), ERR_NONE);
        assert_true(json_int_of(json_at(body, "series.count"), &count));
        assert_int_equal(count, rows[i].count);
        assert_str(json_text_at(body, "series.lastObservedTime"), "2026-01-01T00:00:00.000000Z");
        assert_str(json_text_at(body, "metadata.resourceVersion"), "7");
        json_free(event);
        json_free(body);
        event_request_release(&request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_is_told_once),
        cmocka_unit_test(what_comes_back_is_counted_at_most_every_ten_minutes),
        cmocka_unit_test(between_two_writes_nothing_has_gone),
        cmocka_unit_test(what_is_still_to_be_told_stays_so),
        cmocka_unit_test(the_book_does_not_grow),
        cmocka_unit_test(what_was_tried_in_vain_is_kept),
        cmocka_unit_test(only_urgent_news_precede_a_write),
        cmocka_unit_test(a_name_is_what_an_event_is_about),
        cmocka_unit_test(the_name_of_a_long_name_is_valid),
        cmocka_unit_test(a_note_is_cut_between_characters),
        cmocka_unit_test(a_series_goes_on_from_what_the_server_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
