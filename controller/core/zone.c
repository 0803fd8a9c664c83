#include "controller/core/zone.h"

#include "controller/base/mem.h"
#include "controller/base/civil.h"

#define HEADER_BYTES 44u
#define LOCAL_TYPE_BYTES 6u
#define LEAP_CORRECTION_BYTES 4u
#define LEAP_DISTANCE_MIN_S 2419199 /* RFC 8536 section 3.2: 28 days but for a second */
#define TYPES_MAX 256u /* their index is one byte */
/* RFC 9636 section 3.2: no time should be before this, about the Big Bang. */
#define TIME_MAX_S (INT64_C(1) << 59)

const struct zone zone_utc = {0};

/* The counts of one block, and where its parts lie. */
struct block {
    unsigned char version;
    size_t time_bytes; /* of one transition time: 4 in a version 1 block, else 8 */
    uint64_t utc_flags, standard_flags, leaps, times, types, name_bytes;
    uint64_t bytes; /* without the header */
};

static enum err fail(struct errmsg *msg, const char *what)
{
    return err_set(msg, ERR_SYNTAX, "malformed time zone information: %s", what);
}

static uint64_t read_big_endian(const char *data, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)data[i];
    return value;
}

static int64_t read_signed(const char *data, size_t bytes)
{
    uint64_t value = read_big_endian(data, bytes);
    uint64_t sign = UINT64_C(1) << (bytes * 8 - 1);
    return (int64_t)((value ^ sign) - sign);
}

/* The header at the front of `data`, and that its block is all there. The counts have 32 bits
 * each, so that no sum here overflows. */
static enum err read_header(struct str data, size_t time_bytes, struct block *ret_block,
                            struct errmsg *msg)
{
    if (data.len < HEADER_BYTES || memcmp(data.data, "TZif", 4) != 0)
        return fail(msg, "found no TZif header");
    struct block block = {.version = (unsigned char)data.data[4], .time_bytes = time_bytes};
    uint64_t *const counts[] = {&block.utc_flags, &block.standard_flags, &block.leaps,
                                &block.times,     &block.types,          &block.name_bytes};
    for (size_t i = 0; i < ARRAY_COUNT(counts); i++)
        *counts[i] = read_big_endian(data.data + 20 + 4 * i, 4);
    block.bytes = block.times * (time_bytes + 1) + block.types * LOCAL_TYPE_BYTES +
                  block.name_bytes + block.leaps * (time_bytes + LEAP_CORRECTION_BYTES) +
                  block.standard_flags + block.utc_flags;
    if (block.bytes > data.len - HEADER_BYTES)
        return fail(msg, "found less data than its header tells");
    *ret_block = block;
    return ERR_NONE;
}

static enum err check_counts(const struct block *block, struct errmsg *msg)
{
    if (block->types == 0 || block->types > TYPES_MAX || block->name_bytes == 0)
        return fail(msg, "found no types of local time, or too many");
    if ((block->utc_flags != 0 && block->utc_flags != block->types) ||
        (block->standard_flags != 0 && block->standard_flags != block->types))
        return fail(msg, "found flags for another number of types");
    return ERR_NONE;
}

/* One type of local time: offset, whether it is daylight time, where its name begins. */
static enum err read_type(const struct block *block, const char *types, uint64_t index,
                          int32_t *ret_offset_s, struct errmsg *msg)
{
    const char *type = types + index * LOCAL_TYPE_BYTES;
    const char *names = types + block->types * LOCAL_TYPE_BYTES;
    uint64_t name = (unsigned char)type[5];
    int64_t offset_s = read_signed(type, 4);
    if (offset_s < ZONE_OFFSET_MIN_S || offset_s > ZONE_OFFSET_MAX_S)
        return fail(msg, "found an offset of more than a day");
    if ((unsigned char)type[4] > 1)
        return fail(msg, "found a daylight flag that is neither 0 nor 1");
    if (name >= block->name_bytes || memchr(names + name, 0, block->name_bytes - name) == NULL)
        return fail(msg, "found a name that does not end");
    *ret_offset_s = (int32_t)offset_s;
    return ERR_NONE;
}

/* A leap second: from when on it is counted, and how many are counted since. */
struct leap {
    int64_t at_s;
    int64_t correction_s;
};

static struct leap leap_at(const struct block *block, const char *leaps, uint64_t index)
{
    const char *record = leaps + index * (block->time_bytes + LEAP_CORRECTION_BYTES);
    return (struct leap){read_signed(record, block->time_bytes),
                         read_signed(record + block->time_bytes, LEAP_CORRECTION_BYTES)};
}

/* Version 4 may cut the table's beginning off, so that it begins with any correction, and may
 * end it with a record that changes none and tells when the table expires. */
static enum err check_leaps(const struct block *block, const char *leaps, struct errmsg *msg)
{
    struct leap before = {-LEAP_DISTANCE_MIN_S, 0};
    for (uint64_t i = 0; i < block->leaps; i++) {
        struct leap leap = leap_at(block, leaps, i);
        int64_t step_s = leap.correction_s - before.correction_s;
        bool begins = i == 0 && block->version >= '4';
        bool expires = i > 0 && i + 1 == block->leaps && block->version >= '4' && step_s == 0;
        if (leap.at_s < 0 || leap.at_s > TIME_MAX_S ||
            leap.at_s - before.at_s < (expires ? 0 : LEAP_DISTANCE_MIN_S))
            return fail(msg, "found leap seconds that do not ascend month by month");
        if (step_s != 1 && step_s != -1 && !begins && !expires)
            return fail(msg, "found a leap second that is not one second");
        before = leap;
    }
    return ERR_NONE;
}

/* A walk over a block's transitions, and the leap seconds passed on the way. */
struct walk {
    const struct block *block;
    const char *times;
    const char *leaps;
    int32_t offsets_s[TYPES_MAX];
    uint64_t passed;
    int64_t correction_s;
};

/* Times in a file with leap seconds count them; the wall clock does not. */
static int64_t wall_second(struct walk *walk, int64_t at_s)
{
    while (walk->passed < walk->block->leaps) {
        struct leap leap = leap_at(walk->block, walk->leaps, walk->passed);
        if (leap.at_s > at_s)
            break;
        walk->correction_s = leap.correction_s;
        walk->passed++;
    }
    return at_s - walk->correction_s;
}

static enum err read_transition(struct walk *walk, uint64_t index, struct zone *zone,
                                struct errmsg *msg)
{
    const struct block *block = walk->block;
    const char *indices = walk->times + block->times * block->time_bytes;
    const char *time = walk->times + index * block->time_bytes;
    int64_t at_s = read_signed(time, block->time_bytes);
    unsigned char type = (unsigned char)indices[index];
    if (at_s < -TIME_MAX_S || at_s > TIME_MAX_S)
        return fail(msg, "found a transition before or after all time");
    if (index > 0 && at_s <= read_signed(time - block->time_bytes, block->time_bytes))
        return fail(msg, "found transitions that do not ascend");
    if (type >= block->types)
        return fail(msg, "found a transition to a type that is not there");
    zone->transitions[index] =
        (struct zone_transition){wall_second(walk, at_s), walk->offsets_s[type]};
    zone->transition_count = index + 1;
    return ERR_NONE;
}

/* `data` begins behind the block's header; its length was checked there. */
static enum err read_block(const struct block *block, const char *data, struct zone *zone,
                           struct errmsg *msg)
{
    const char *types = data + block->times * (block->time_bytes + 1);
    struct walk walk = {
        .block = block,
        .times = data,
        .leaps = types + block->types * LOCAL_TYPE_BYTES + block->name_bytes,
    };
    enum err err = check_counts(block, msg);
    for (uint64_t i = 0; err == ERR_NONE && i < block->types; i++)
        err = read_type(block, types, i, &walk.offsets_s[i], msg);
    if (err == ERR_NONE)
        err = check_leaps(block, walk.leaps, msg);
    if (err != ERR_NONE)
        return err;
    zone->first_offset_s = walk.offsets_s[0];
    zone->transitions = mem_alloc_array(block->times + 1, sizeof(*zone->transitions));
    for (uint64_t i = 0; err == ERR_NONE && i < block->times; i++)
        err = read_transition(&walk, i, zone, msg);
    return err;
}

/* "\nRULE\n" to the very end; an empty rule says nothing. */
static enum err read_footer(struct str footer, struct zone *zone, struct errmsg *msg)
{
    if (footer.len < 2 || footer.data[0] != '\n' || footer.data[footer.len - 1] != '\n')
        return fail(msg, "found no footer between two line ends");
    struct str rule = str_slice(footer, 1, footer.len - 1);
    zone->has_rule = rule.len > 0;
    if (zone->has_rule && !zone_rule_parse(rule, &zone->rule))
        return fail(msg, "the footer's rule cannot be read");
    return ERR_NONE;
}

/* From version 2 on, a block with 32-bit times for old readers comes first. */
static enum err read_wide(struct str data, unsigned char version, struct zone *zone,
                          struct errmsg *msg)
{
    struct block block;
    enum err err = read_header(data, 8, &block, msg);
    if (err == ERR_NONE && block.version != version)
        err = fail(msg, "its two headers have different versions");
    if (err == ERR_NONE)
        err = read_block(&block, data.data + HEADER_BYTES, zone, msg);
    if (err != ERR_NONE)
        return err;
    err = read_footer(str_slice(data, HEADER_BYTES + block.bytes, data.len), zone, msg);
    if (err == ERR_NONE && block.leaps > 0 && !zone->has_rule)
        err = fail(msg, "it counts leap seconds and does not tell what follows the last one");
    return err;
}

static enum err read_file(struct str data, struct zone *zone, struct errmsg *msg)
{
    struct block block;
    enum err err = read_header(data, 4, &block, msg);
    if (err != ERR_NONE)
        return err;
    struct str behind = str_slice(data, HEADER_BYTES + block.bytes, data.len);
    if (block.version >= '2' && block.version <= '4')
        return read_wide(behind, block.version, zone, msg);
    if (block.version != 0)
        return fail(msg, "its version is not 1, 2, 3 or 4");
    if (behind.len > 0)
        return fail(msg, "found more data than its header tells");
    return read_block(&block, data.data + HEADER_BYTES, zone, msg);
}

enum err zone_parse(struct str data, struct zone *ret_zone, struct errmsg *msg)
{
    struct zone zone = {0};
    if (data.len > ZONE_BYTES_MAX)
        return err_set(msg, ERR_LIMIT, "time zone information: found %zu bytes, expected at most "
                       "%u", data.len, ZONE_BYTES_MAX);
    enum err err = read_file(data, &zone, msg);
    if (err != ERR_NONE) {
        zone_release(&zone);
        return err;
    }
    *ret_zone = zone;
    return ERR_NONE;
}

enum err zone_load(const struct zone_source *source, struct str name, struct zone *ret_zone,
                   struct errmsg *msg)
{
    CLEANUP(buf_release) struct buf data;
    buf_init(&data, ZONE_BYTES_MAX);
    if (str_is(name, "UTC")) {
        *ret_zone = zone_utc;
        return ERR_NONE;
    }
    if (source == NULL || name.len > ZONE_NAME_BYTES_MAX ||
        !source->load(source->ctx, name, &data))
        return err_set(msg, ERR_NOT_FOUND, "unknown time zone %.*s", STR_ARGS(name));
    if (data.overflowed)
        return err_set(msg, ERR_LIMIT, "time zone information: found more than %u bytes",
                       ZONE_BYTES_MAX);
    return zone_parse(buf_str(&data), ret_zone, msg);
}

void zone_release(struct zone *zone)
{
    mem_free(zone->transitions);
    *zone = zone_utc;
}

/* How many transitions are at or before the instant. */
static size_t transitions_until(const struct zone *zone, int64_t instant_s)
{
    size_t low = 0;
    size_t high = zone->transition_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->transitions[middle].at_s <= instant_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct zone_segment zone_segment_at(const struct zone *zone, int64_t instant_s)
{
    struct zone_segment segment = {INT64_MIN, INT64_MAX, zone->first_offset_s};
    size_t passed = transitions_until(zone, instant_s);
    if (passed == zone->transition_count && zone->has_rule)
        segment = zone_rule_segment(&zone->rule, instant_s);
    else if (passed > 0)
        segment.offset_s = zone->transitions[passed - 1].offset_s;
    if (passed > 0 && zone->transitions[passed - 1].at_s > segment.begin_s)
        segment.begin_s = zone->transitions[passed - 1].at_s;
    if (passed < zone->transition_count)
        segment.end_s = zone->transitions[passed].at_s;
    return segment;
}

int32_t zone_offset_at(const struct zone *zone, int64_t instant_s)
{
    return zone_segment_at(zone, instant_s).offset_s;
}

unsigned zone_instants_of(const struct zone *zone, int64_t civil_s, int64_t ret_instants_s[2])
{
    unsigned count = 0;
    if (civil_s > ZONE_SECONDS_MAX || civil_s < -ZONE_SECONDS_MAX)
        return 0;
    int64_t instant_s = civil_s - ZONE_OFFSET_MAX_S;
    while (count < 2 && instant_s <= civil_s - ZONE_OFFSET_MIN_S) {
        struct zone_segment segment = zone_segment_at(zone, instant_s);
        int64_t shown_s = civil_s - segment.offset_s;
        if (shown_s >= segment.begin_s && shown_s < segment.end_s)
            ret_instants_s[count++] = shown_s;
        instant_s = segment.end_s;
    }
    return count;
}

void zone_format_rfc3339(const struct zone *zone, int64_t wall_ms, char ret_text[KTIME_TEXT_BYTES])
{
    int64_t offset_s = zone_offset_at(zone, ktime_floor_second(wall_ms) / 1000);
    unsigned minutes = (unsigned)(offset_s < 0 ? -offset_s : offset_s) / CIVIL_MINUTE_S;
    ktime_format_rfc3339(wall_ms + offset_s * 1000, ret_text);
    if (offset_s == 0)
        return;
    size_t len = strlen(ret_text) - strlen("Z");
    snprintf(ret_text + len, KTIME_TEXT_BYTES - len, "%c%02u:%02u", offset_s < 0 ? '-' : '+',
             minutes / 60 % 100, minutes % 60);
}
