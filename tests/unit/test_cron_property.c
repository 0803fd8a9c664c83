/*
 * Next and previous times against a second opinion that shares nothing with cron.c, zone.c
 * or civil.c: the C library tells what the clock shows at each minute, a process per zone; an
 * expression is drawn as sets of values, of which its text is made; each minute is asked
 * whether it is in all of them.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h> /* before base.h forbids half of it */
#include <unistd.h>

#include "tests/testlib/test.h"

#include "controller/base/rng.h"
#include "controller/core/cron.h"
#include "scenarios/engine/zoneinfo.h"

#define DAYS_AROUND 60 /* on each side of a change */
#define MINUTES (2 * DAYS_AROUND * 1440)
#define EXPRESSIONS 64
#define INSTANTS 1000
#define SEED 20260301
#define NONE (-1)

/* Around changes of the clock: of an hour, half an hour, two hours, a quarter, a day; at
 * midnight, at a minute past it; backwards in summer; listed and by rule. */
static const struct {
    const char *zone;
    const char *change;
} places[] = {
    {"America/New_York", "2025-03-09T07:00:00Z"},
    {"America/New_York", "2025-11-02T06:00:00Z"},
    {"Europe/Berlin", "2099-10-25T01:00:00Z"},
    {"Australia/Lord_Howe", "2025-04-05T15:00:00Z"},
    {"Australia/Lord_Howe", "2025-10-04T15:30:00Z"},
    {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
    {"America/Sao_Paulo", "2018-02-18T02:00:00Z"},
    {"Asia/Kathmandu", "1985-12-31T18:30:00Z"},
    {"Pacific/Kiritimati", "1994-12-31T10:00:00Z"},
    {"Pacific/Apia", "2011-12-30T10:00:00Z"},
    {"Africa/Casablanca", "2026-02-15T02:00:00Z"},
    {"Europe/Dublin", "2025-10-26T01:00:00Z"},
    {"America/St_Johns", "2006-04-02T03:31:00Z"},
    {"America/Havana", "2025-11-02T05:00:00Z"},
    {"Antarctica/Troll", "2025-03-30T01:00:00Z"},
    {"Africa/Cairo", "2024-04-25T22:00:00Z"},
    {"America/Caracas", "2016-05-01T07:00:00Z"},
    {"Asia/Gaza", "2090-04-08T00:00:00Z"},
    {"Australia/Sydney", "2200-04-05T16:00:00Z"},
};

#define FIELDS 5
static const int field_min[FIELDS] = {0, 0, 1, 1, 0};
static const int field_max[FIELDS] = {59, 23, 31, 12, 6};
static const char *const names[FIELDS][13] = {
    [3] = {"", "JAN", "feb", "Mar", "APR", "may", "Jun", "JUL", "aug", "Sep", "OCT", "nov", "Dec"},
    [4] = {"sun", "MON", "Tue", "wed", "THU", "Fri", "sat"},
};

/* What the clock shows in one minute. */
struct minute {
    signed char value[FIELDS];
    signed char second;
    int32_t offset_s;
};

/* Values and whether the field counts as a star. */
struct drawn {
    bool has[FIELDS][60];
    bool star[FIELDS];
    char text[CRON_BYTES_MAX + 64];
};

struct place {
    struct minute *minutes; /* shared with the process that fills it */
    int64_t begin_s;
    struct zone zone;
};

static void fill_minutes(struct place *place, const char *zone)
{
    char path[128];
    snprintf(path, sizeof(path), ":%s/%s", ZONEINFO_DIRECTORY, zone);
    setenv("TZ", path, 1);
    tzset();
    for (int i = 0; i < MINUTES; i++) {
        time_t instant = place->begin_s + i * 60;
        struct tm shown;
        localtime_r(&instant, &shown);
        place->minutes[i] = (struct minute){
            {(signed char)shown.tm_min, (signed char)shown.tm_hour, (signed char)shown.tm_mday,
             (signed char)(shown.tm_mon + 1), (signed char)shown.tm_wday},
            (signed char)shown.tm_sec,
            (int32_t)shown.tm_gmtoff,
        };
    }
}

/* The zone stays in the child: this process keeps its own. */
static void place_init(struct place *place, size_t index)
{
    struct zone_source source = zoneinfo_source();
    int64_t change_ms = 0;
    int status = -1;
    assert_true(ktime_parse_rfc3339(str_from(places[index].change), &change_ms));
    place->begin_s = change_ms / 1000 - DAYS_AROUND * 86400;
    place->minutes = mmap(NULL, MINUTES * sizeof(*place->minutes), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(place->minutes != MAP_FAILED);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fill_minutes(place, places[index].zone);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_err(zone_load(&source, str_from(places[index].zone), &place->zone, NULL), ERR_NONE);
}

static void place_release(struct place *place)
{
    munmap(place->minutes, MINUTES * sizeof(*place->minutes));
    zone_release(&place->zone);
}

static int draw_value(struct rng *rng, int field)
{
    return (int)rng_between(rng, field_min[field], field_max[field]);
}

static void print_value(int field, int value, bool by_name, struct buf *out)
{
    if (by_name && field >= 3)
        buf_append_text(out, names[field][value]);
    else
        buf_printf(out, "%d", value);
}

/* "*", "5", "5-9", "5-9/2", "5/2", "?/3" */
static void draw_item(struct rng *rng, int field, struct drawn *drawn, struct buf *out)
{
    int begin = draw_value(rng, field);
    int end = begin;
    int step = 1;
    bool has_step = rng_chance(rng, 1, 4);
    bool by_name = rng_chance(rng, 1, 3);
    if (rng_chance(rng, 1, 4)) {
        begin = field_min[field];
        end = field_max[field];
        drawn->star[field] = true;
        buf_append_char(out, rng_chance(rng, 1, 2) ? '*' : '?');
    } else if (rng_chance(rng, 1, 2)) {
        end = (int)rng_between(rng, begin, field_max[field]);
        print_value(field, begin, by_name, out);
        buf_append_char(out, '-');
        print_value(field, end, by_name, out);
    } else {
        print_value(field, begin, by_name, out);
        if (has_step)
            end = field_max[field];
    }
    if (has_step) {
        step = (int)rng_between(rng, 1, 20);
        buf_printf(out, "/%d", step);
    }
    for (int value = begin; value <= end; value += step)
        drawn->has[field][value] = true;
}

static void draw_field(struct rng *rng, int field, struct drawn *drawn, struct buf *out)
{
    unsigned items = rng_chance(rng, 1, 3) ? (unsigned)rng_between(rng, 2, 3) : 1;
    bool any = rng_chance(rng, field >= 2 ? 2 : 1, 3);
    if (field > 0)
        buf_append_char(out, ' ');
    for (int value = field_min[field]; any && value <= field_max[field]; value++)
        drawn->has[field][value] = true;
    drawn->star[field] = any;
    if (any)
        buf_append_char(out, '*');
    for (unsigned i = 0; !any && i < items; i++) {
        if (i > 0)
            buf_append_char(out, ',');
        draw_item(rng, field, drawn, out);
    }
}

static void draw(struct rng *rng, struct drawn *ret_drawn)
{
    struct drawn drawn = {0};
    struct buf text;
    buf_init(&text, sizeof(drawn.text) - 1);
    for (int field = 0; field < FIELDS; field++)
        draw_field(rng, field, &drawn, &text);
    assert_true(text.len <= CRON_BYTES_MAX);
    memcpy(drawn.text, text.data, text.len + 1);
    buf_release(&text);
    *ret_drawn = drawn;
}

static bool names_minute(const struct drawn *drawn, const struct minute *minute)
{
    bool in[FIELDS];
    for (int field = 0; field < FIELDS; field++)
        in[field] = drawn->has[field][minute->value[field]];
    bool day = drawn->star[2] || drawn->star[4] ? in[2] && in[4] : in[2] || in[4];
    return minute->second == 0 && in[0] && in[1] && day && in[3];
}

/* Counts what was compared, and how much of it had an answer within the minutes looked at. */
struct tally {
    unsigned compared;
    unsigned next_found;
    unsigned previous_found;
};

/* Instants crowd around the change, which lies in the middle. */
static int64_t draw_instant_ms(struct rng *rng, const struct place *place)
{
    static const int64_t spans_s[] = {3600, 10800, 172800, INT64_C(86400) * (DAYS_AROUND - 1)};
    int64_t middle_s = place->begin_s + INT64_C(86400) * DAYS_AROUND;
    int64_t span_s = spans_s[rng_below(rng, ARRAY_COUNT(spans_s))];
    int64_t instant_s = middle_s + rng_between(rng, -span_s, span_s);
    if (rng_chance(rng, 1, 2))
        instant_s -= instant_s % 60;
    return instant_s * 1000 + (rng_chance(rng, 1, 3) ? rng_between(rng, 0, 999) : 0);
}

/* The minute's number, or NONE when the time lies outside the minutes that were looked at. */
static int index_of(const struct place *place, bool found, int64_t time_ms)
{
    int64_t index = (time_ms / 1000 - place->begin_s) / 60;
    if (!found || time_ms / 1000 < place->begin_s || index >= MINUTES)
        return NONE;
    assert_int_equal(time_ms % 60000, 0);
    return (int)index;
}

static void compare(const struct place *place, const struct cron *cron, const char *text,
                    const int *next_of, const int *previous_of, int64_t instant_ms,
                    struct tally *tally)
{
    int64_t found_ms = 0;
    int minute = (int)((instant_ms / 1000 - place->begin_s) / 60);
    bool found = cron_next(cron, instant_ms, &found_ms);
    int expected = minute + 1 < MINUTES ? next_of[minute + 1] : NONE;
    if (index_of(place, found, found_ms) != expected)
        fail_msg("next of \"%s\" after %" PRId64 " ms: found minute %d, expected %d", text,
                 instant_ms, index_of(place, found, found_ms), expected);
    tally->next_found += expected != NONE;
    found = cron_previous(cron, instant_ms, &found_ms);
    if (index_of(place, found, found_ms) != previous_of[minute])
        fail_msg("previous of \"%s\" until %" PRId64 " ms: found minute %d, expected %d", text,
                 instant_ms, index_of(place, found, found_ms), previous_of[minute]);
    tally->previous_found += previous_of[minute] != NONE;
    tally->compared++;
}

static void compare_expression(struct place *place, struct rng *rng, struct tally *tally)
{
    static int next_of[MINUTES];
    static int previous_of[MINUTES];
    struct drawn drawn;
    struct cron cron;
    struct errmsg msg = {{0}};
    int last = NONE;
    draw(rng, &drawn);
    for (int i = 0; i < MINUTES; i++) {
        next_of[i] = names_minute(&drawn, &place->minutes[i]) ? i : NONE;
        last = next_of[i] != NONE ? i : last;
        previous_of[i] = last;
    }
    for (int i = MINUTES - 2; i >= 0; i--)
        next_of[i] = next_of[i] != NONE ? i : next_of[i + 1];
    if (cron_parse(str_from(drawn.text), NULL, &cron, &msg) != ERR_NONE)
        fail_msg("\"%s\": %s", drawn.text, msg.text);
    cron.zone = place->zone; /* lent */
    for (int i = 0; i < INSTANTS; i++)
        compare(place, &cron, drawn.text, next_of, previous_of, draw_instant_ms(rng, place),
                tally);
}

static void offsets_are_those_of_the_c_library(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        struct place place;
        int changes = 0;
        place_init(&place, i);
        for (int at = 0; at < MINUTES; at++) {
            assert_int_equal(zone_offset_at(&place.zone, place.begin_s + at * 60),
                             place.minutes[at].offset_s);
            changes += at > 0 && place.minutes[at].offset_s != place.minutes[at - 1].offset_s;
        }
        print_message("%s: %d changes\n", places[i].zone, changes);
        assert_true(changes > 0); /* else the place proves nothing */
        place_release(&place);
    }
}

static void next_and_previous_agree_with_looking_at_each_minute(void **state)
{
    struct tally tally = {0};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        struct place place;
        struct rng rng;
        rng_init_stream(&rng, SEED + i, str_from(places[i].zone));
        place_init(&place, i);
        for (int expression = 0; expression < EXPRESSIONS; expression++)
            compare_expression(&place, &rng, &tally);
        place_release(&place);
    }
    print_message("%u triples of expression, zone and instant; next time within the minutes "
                  "looked at: %u, previous: %u\n",
                  tally.compared, tally.next_found, tally.previous_found);
    assert_true(tally.compared >= 1000000);
    assert_true(tally.next_found > tally.compared / 2);
    assert_true(tally.previous_found > tally.compared / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_those_of_the_c_library),
        cmocka_unit_test(next_and_previous_agree_with_looking_at_each_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
