#include "tests/testlib/test.h"

#include "controller/core/window.h"
#include "scenarios/engine/zoneinfo.h"

static int64_t wall_ms(const char *text)
{
    int64_t ms = 0;
    if (!ktime_parse_rfc3339(str_from(text), &ms))
        fail_msg("no time: %s", text);
    return ms;
}

/* "open until TIME", "closed until TIME", "closed forever", or the error's words. */
static void judge(const char *from, const char *to, const char *at, struct buf *out)
{
    struct zone_source source = zoneinfo_source();
    struct window window = {0};
    struct window_state state;
    struct errmsg msg = {{0}};
    char text[KTIME_TEXT_BYTES] = "forever";
    buf_clear(out);
    if (window_parse(str_from(from), str_from(to), &source, &window, &msg) != ERR_NONE ||
        window_at(&window, wall_ms(at), &state, &msg) != ERR_NONE) {
        buf_append_text(out, msg.text);
        window_release(&window);
        return;
    }
    if (state.until_ms != KTIME_NEVER)
        ktime_format_rfc3339(state.until_ms, text);
    buf_printf(out, "%s %s%s", state.is_open ? "open" : "closed",
               state.until_ms != KTIME_NEVER ? "until " : "", text);
    window_release(&window);
}

#define TEN "0 10 * * *"
#define ELEVEN "0 11 * * *"
#define SATURDAY "0 10 * * 6"
#define SUNDAY "0 22 * * 0"
#define OFFICE "* 9-16 * * 1-5"
#define OFFICE_ENDS "0 17 * * 1-5"
#define LEAP_DAY "0 0 29 2 *"
#define MARCH "0 0 1 3 *"
#define NEW_YORK "TZ=America/New_York "

static const struct {
    const char *from, *to, *at, *expected;
} rows[] = {
    /* Facts 2.6, with D9: the opening instant is open. */
    {TEN, ELEVEN, "2025-10-07T10:05:00Z", "open until 2025-10-07T11:00:00Z"},
    {TEN, ELEVEN, "2025-10-07T09:59:59.999Z", "closed until 2025-10-07T10:00:00Z"},
    {TEN, ELEVEN, "2025-10-07T10:00:00Z", "open until 2025-10-07T11:00:00Z"},
    {TEN, ELEVEN, "2025-10-07T10:00:00.000000001Z", "open until 2025-10-07T11:00:00Z"},
    {TEN, ELEVEN, "2025-10-07T10:59:59.999999999Z", "open until 2025-10-07T11:00:00Z"},
    {TEN, ELEVEN, "2025-10-07T11:00:00Z", "closed until 2025-10-08T10:00:00Z"},
    {SATURDAY, SUNDAY, "2025-10-07T17:30:00Z", "closed until 2025-10-11T10:00:00Z"},
    {SATURDAY, SUNDAY, "2025-10-11T17:30:00Z", "open until 2025-10-12T22:00:00Z"},
    {SATURDAY, SUNDAY, "2025-10-12T21:59:59Z", "open until 2025-10-12T22:00:00Z"},
    {"0 22 * * *", "0 6 * * *", "2025-10-07T23:30:00Z", "open until 2025-10-08T06:00:00Z"},
    {"0 22 * * *", "0 6 * * *", "2025-10-08T05:59:00Z", "open until 2025-10-08T06:00:00Z"},
    {"0 22 * * *", "0 6 * * *", "2025-10-08T06:00:00Z", "closed until 2025-10-08T22:00:00Z"},
    {"0 8 * * *", "0 8 * * *", "2025-10-07T12:00:00Z", "open until 2025-10-08T08:00:00Z"},
    {"0 8 * * *", "0 8 * * *", "2025-10-07T08:00:00Z", "open until 2025-10-08T08:00:00Z"},
    {"0 8 * * *", "0 12,17 * * *", "2025-10-07T13:00:00Z", "closed until 2025-10-08T08:00:00Z"},
    {"0 8 * * *", "0 12,17 * * *", "2025-10-07T16:00:00Z", "closed until 2025-10-08T08:00:00Z"},
    {OFFICE, OFFICE_ENDS, "2025-10-07T12:00:30Z", "open until 2025-10-07T17:00:00Z"},
    {OFFICE, OFFICE_ENDS, "2025-10-07T12:00:00Z", "open until 2025-10-07T17:00:00Z"},
    {OFFICE, OFFICE_ENDS, "2025-10-10T17:00:00Z", "closed until 2025-10-13T09:00:00Z"},
    {LEAP_DAY, MARCH, "2025-10-07T00:00:00Z", "closed until 2028-02-29T00:00:00Z"},
    {LEAP_DAY, MARCH, "2024-02-29T12:00:00Z", "open until 2024-03-01T00:00:00Z"},
    {"@daily", "@hourly", "2025-10-07T00:30:00Z", "open until 2025-10-07T01:00:00Z"},
    {"@daily", "@hourly", "2025-10-07T12:30:00Z", "closed until 2025-10-08T00:00:00Z"},
    {"bad", ELEVEN, "2025-10-07T10:00:00Z",
     "unparseable schedule \"bad\": Expected exactly 5 fields, found 1: bad"},
    {NEW_YORK "30 2 * * *", NEW_YORK "30 3 * * *", "2025-03-09T07:10:00Z",
     "closed until 2025-03-10T06:30:00Z"},
    /* Facts 3. */
    {"0 20 * * *", "0 22 * * *", "2025-10-07T19:30:00Z", "closed until 2025-10-07T20:00:00Z"},
    /* B19: what never fires is an error. */
    {"0 0 30 2 *", ELEVEN, "2025-10-07T10:00:00Z", "schedule \"0 0 30 2 *\" never fires"},
    {TEN, ", * * * *", "2025-10-07T10:00:00Z", "schedule \", * * * *\" never fires"},
    /* D9, B21: @every has no anchor. */
    {"@every 1h", ELEVEN, "2025-10-07T10:00:00Z", "schedule \"@every 1h\" has no fixed times"},
    {TEN, "@every 2h", "2025-10-07T10:00:00Z", "schedule \"@every 2h\" has no fixed times"},
    {TEN, "0 24 * * *", "2025-10-07T10:00:00Z",
     "unparseable schedule \"0 24 * * *\": End of range (24) above maximum (23): 24"},
    {"TZ=Mars/Phobos " TEN, ELEVEN, "2025-10-07T10:00:00Z",
     "unparseable schedule \"TZ=Mars/Phobos 0 10 * * *\": provided bad location Mars/Phobos: "
     "unknown time zone Mars/Phobos"},
    /* B21: opened more than 366 days ago. */
    {LEAP_DAY, "0 0 31 12 *", "2024-12-30T23:59:59Z", "open until 2024-12-31T00:00:00Z"},
    {"0 0 29 2 *", "0 0 28 2 *", "2025-02-27T00:00:00Z", "open until 2025-02-28T00:00:00Z"},
    {"0 0 29 2 *", "0 0 29 2 *", "2027-06-01T00:00:00Z", "open until 2028-02-29T00:00:00Z"},
    /* Each end in a zone of its own: 22:00 in Berlin to 18:00 in New York. */
    {"CRON_TZ=Europe/Berlin 0 22 * * *", NEW_YORK "0 18 * * *", "2025-07-01T20:00:00Z",
     "open until 2025-07-01T22:00:00Z"},
    {"CRON_TZ=Europe/Berlin 0 22 * * *", NEW_YORK "0 18 * * *", "2025-07-01T22:00:00Z",
     "closed until 2025-07-02T20:00:00Z"},
    /* The closing hour falls into the gap: the window stays open until it is shown again. */
    {NEW_YORK "0 1 * * *", NEW_YORK "30 2 * * *", "2025-03-09T12:00:00Z",
     "open until 2025-03-10T06:30:00Z"},
    /* The closing hour is shown twice: the first one closes. */
    {NEW_YORK "0 0 * * *", NEW_YORK "30 1 * * *", "2025-11-02T05:29:59Z",
     "open until 2025-11-02T05:30:00Z"},
    {NEW_YORK "0 0 * * *", NEW_YORK "30 1 * * *", "2025-11-02T05:30:00Z",
     "closed until 2025-11-03T05:00:00Z"},
    /* The opening hour is shown twice: the second one opens again. */
    {NEW_YORK "15 1 * * *", NEW_YORK "30 1 * * *", "2025-11-02T06:20:00Z",
     "open until 2025-11-02T06:30:00Z"},
    /* No leap day between 2096 and 2104. */
    {LEAP_DAY, MARCH, "2097-06-01T00:00:00Z", "closed forever"},
    /* 29 February on a Sunday: 2032, then 2060. */
    {"0 0 29 2 */7", MARCH, "2040-01-01T00:00:00Z",
     "the schedule of the window's beginning does not fire within 5 years"},
    {TEN, "0 0 29 2 */7", "2040-01-01T00:00:00Z",
     "the schedule of the window's end does not fire within 5 years"},
    {"0 0 29 2 */7", "0 0 29 2 */7", "2031-01-01T00:00:00Z", "closed until 2032-02-29T00:00:00Z"},
};

static void windows_are_half_open(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 4096);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        judge(rows[i].from, rows[i].to, rows[i].at, &out);
        print_message("%s to %s at %s\n", rows[i].from, rows[i].to, rows[i].at);
        assert_str(buf_str(&out), rows[i].expected);
    }
    buf_release(&out);
}

/* Whoever wakes at `until` finds the other state, or the same one prolonged. */
static void the_state_changes_when_it_says(void **state)
{
    struct zone_source source = zoneinfo_source();
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct window window;
        struct window_state now = {0};
        if (window_parse(str_from(rows[i].from), str_from(rows[i].to), &source, &window, NULL) !=
            ERR_NONE)
            continue;
        int64_t time_ms = wall_ms(rows[i].at);
        for (unsigned step = 0; step < 10; step++) {
            struct window_state before = now;
            if (window_at(&window, time_ms, &now, NULL) != ERR_NONE ||
                now.until_ms == KTIME_NEVER)
                break;
            assert_true(now.until_ms > time_ms);
            assert_false(step > 0 && !before.is_open && !now.is_open);
            struct window_state last;
            assert_err(window_at(&window, now.until_ms - 1, &last, NULL), ERR_NONE);
            assert_int_equal(last.is_open, now.is_open);
            assert_int_equal(last.until_ms, now.until_ms);
            time_ms = now.until_ms;
        }
        window_release(&window);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_half_open),
        cmocka_unit_test(the_state_changes_when_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
