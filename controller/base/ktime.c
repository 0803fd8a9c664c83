#include "controller/base/ktime.h"

#include "controller/base/civil.h"

#define MS_PER_SECOND 1000
/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z, the years that have four digits. */
#define WALL_MS_MIN INT64_C(-62167219200000)
#define WALL_MS_MAX INT64_C(253402300799999)

static int64_t floor_div(int64_t value, int64_t divisor)
{
    int64_t quotient = value / divisor;
    return value % divisor < 0 ? quotient - 1 : quotient;
}

/* A cursor over the text; `fine` turns false at the first byte that does not fit. */
struct reader {
    struct str rest;
    bool fine;
};

static bool next_is(const struct reader *reader, char c)
{
    return reader->rest.len > 0 && reader->rest.data[0] == c;
}

static bool digit_at(const struct reader *reader, size_t index)
{
    return index < reader->rest.len && reader->rest.data[index] >= '0' &&
           reader->rest.data[index] <= '9';
}

static void skip(struct reader *reader, size_t count)
{
    reader->rest = str_slice(reader->rest, count, reader->rest.len);
}

static void read_char(struct reader *reader, char c)
{
    reader->fine = reader->fine && next_is(reader, c);
    skip(reader, 1);
}

/* Exactly `digits` digits, with a value in [min, max]. */
static unsigned read_number(struct reader *reader, size_t digits, unsigned min, unsigned max)
{
    unsigned value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (!digit_at(reader, i)) {
            reader->fine = false;
            return min;
        }
        value = value * 10 + (unsigned)(reader->rest.data[i] - '0');
    }
    skip(reader, digits);
    reader->fine = reader->fine && value >= min && value <= max;
    return value;
}

/* Any number of digits after a point or comma; without digits nothing is read. */
static unsigned read_fraction_ms(struct reader *reader)
{
    unsigned fraction_ms = 0;
    unsigned place_ms = 100;
    if ((!next_is(reader, '.') && !next_is(reader, ',')) || !digit_at(reader, 1))
        return 0;
    skip(reader, 1);
    while (digit_at(reader, 0)) {
        fraction_ms += place_ms * (unsigned)(reader->rest.data[0] - '0');
        place_ms /= 10;
        skip(reader, 1);
    }
    return fraction_ms;
}

/* "Z" or "+hh:mm"; Go allows 24 hours and 60 minutes here. */
static int64_t read_offset_seconds(struct reader *reader)
{
    if (next_is(reader, 'Z')) {
        skip(reader, 1);
        return 0;
    }
    bool west = next_is(reader, '-');
    read_char(reader, west ? '-' : '+');
    int64_t hours = read_number(reader, 2, 0, 24);
    read_char(reader, ':');
    int64_t minutes = read_number(reader, 2, 0, 60);
    int64_t seconds = hours * 3600 + minutes * 60;
    return west ? -seconds : seconds;
}

static struct civil_date read_date(struct reader *reader)
{
    struct civil_date date = {.year = read_number(reader, 4, 0, 9999)};
    read_char(reader, '-');
    date.month = read_number(reader, 2, 1, 12);
    read_char(reader, '-');
    date.day = read_number(reader, 2, 1, 31);
    if (reader->fine && date.day > civil_days_in_month(date.year, date.month))
        reader->fine = false;
    return date;
}

bool ktime_parse_rfc3339(struct str text, int64_t *ret_wall_ms)
{
    struct reader reader = {text, true};
    struct civil_date date = read_date(&reader);
    read_char(&reader, 'T');
    int64_t seconds = INT64_C(3600) * read_number(&reader, digit_at(&reader, 1) ? 2 : 1, 0, 23);
    read_char(&reader, ':');
    seconds += INT64_C(60) * read_number(&reader, 2, 0, 59);
    read_char(&reader, ':');
    seconds += read_number(&reader, 2, 0, 59);
    int64_t fraction_ms = read_fraction_ms(&reader);
    seconds -= read_offset_seconds(&reader);
    if (!reader.fine || reader.rest.len > 0)
        return false;
    *ret_wall_ms =
        (civil_days(date.year, date.month, date.day) * CIVIL_DAY_S + seconds) * MS_PER_SECOND +
        fraction_ms;
    return true;
}

/* The last digits of a number, with zeros before it; snprintf takes ten times as long. */
static void put_digits(char *text, size_t count, unsigned number)
{
    for (size_t i = count; i-- > 0; number /= 10)
        text[i] = (char)('0' + number % 10);
}

/* Writes "2006-01-02T15:04:05" and returns the milliseconds that are left. */
static int format_seconds(int64_t wall_ms, char ret_text[KTIME_TEXT_BYTES])
{
    if (wall_ms < WALL_MS_MIN)
        wall_ms = WALL_MS_MIN;
    if (wall_ms > WALL_MS_MAX)
        wall_ms = WALL_MS_MAX;
    int64_t seconds = floor_div(wall_ms, MS_PER_SECOND);
    int64_t days = floor_div(seconds, CIVIL_DAY_S);
    unsigned second = (unsigned)(seconds - days * CIVIL_DAY_S);
    struct civil_date date = civil_date_of(days);
    memcpy(ret_text, "0000-00-00T00:00:00", sizeof("0000-00-00T00:00:00"));
    put_digits(ret_text, 4, (unsigned)date.year);
    put_digits(ret_text + 5, 2, date.month);
    put_digits(ret_text + 8, 2, date.day);
    put_digits(ret_text + 11, 2, second / 3600);
    put_digits(ret_text + 14, 2, second / 60 % 60);
    put_digits(ret_text + 17, 2, second % 60);
    return (int)(wall_ms - seconds * MS_PER_SECOND);
}

void ktime_format_rfc3339(int64_t wall_ms, char ret_text[KTIME_TEXT_BYTES])
{
    format_seconds(wall_ms, ret_text);
    memcpy(ret_text + strlen("2006-01-02T15:04:05"), "Z", sizeof("Z"));
}

void ktime_format_micro(int64_t wall_ms, char ret_text[KTIME_TEXT_BYTES])
{
    unsigned ms = (unsigned)format_seconds(wall_ms, ret_text);
    size_t len = strlen("2006-01-02T15:04:05");
    snprintf(ret_text + len, KTIME_TEXT_BYTES - len, ".%03u000Z", ms % 1000);
}

int64_t ktime_ceil_second(int64_t wall_ms)
{
    int64_t floor_ms = ktime_floor_second(wall_ms);
    /* KTIME_NEVER stays what it is. */
    if (floor_ms == wall_ms || floor_ms > INT64_MAX - MS_PER_SECOND)
        return wall_ms;
    return floor_ms + MS_PER_SECOND;
}

int64_t ktime_floor_second(int64_t wall_ms)
{
    int64_t rest_ms = wall_ms % MS_PER_SECOND;
    if (rest_ms < 0)
        rest_ms += MS_PER_SECOND;
    return wall_ms < INT64_MIN + MS_PER_SECOND ? wall_ms : wall_ms - rest_ms;
}
