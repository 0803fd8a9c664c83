#include "scenarios/engine/explore_shrink.h"

#include "controller/base/mem.h"

#define STORY_BYTES_MAX (1u << 20)
#define INVARIANT_BYTES 8u
#define LINES_MAX (1u << 16)

/* A story, line by line; an item of a list may have lines of its own under it. */
struct shrinking {
    struct str *lines; /* owned array, borrowed text */
    bool *dropped;     /* owned */
    size_t count;
    size_t capacity;
    uint64_t seed;
    const struct explore_options *options;
    char invariant[INVARIANT_BYTES]; /* that is to stay broken */
};

static size_t indent_of(struct str line)
{
    size_t indent = 0;
    while (indent < line.len && line.data[indent] == ' ')
        indent++;
    return indent;
}

static bool is_item(struct str line)
{
    return str_starts_with(str_trim(line), STR("- "));
}

/* Behind the line and all that stands under it. */
static size_t block_end(const struct shrinking *shrinking, size_t begin)
{
    size_t indent = indent_of(shrinking->lines[begin]);
    size_t end = begin + 1;
    while (end < shrinking->count && indent_of(shrinking->lines[end]) > indent)
        end++;
    return end;
}

static bool is_empty_block(const struct shrinking *shrinking, size_t begin)
{
    size_t end = block_end(shrinking, begin);
    bool empty = end > begin + 1;
    for (size_t i = begin + 1; i < end; i++)
        empty = empty && shrinking->dropped[i];
    return empty;
}

/* Lists of which nothing is left go, too. */
static void print_story(const struct shrinking *shrinking, struct buf *out)
{
    for (size_t i = 0; i < shrinking->count; i++) {
        if (shrinking->dropped[i] || is_empty_block(shrinking, i))
            continue;
        buf_append(out, shrinking->lines[i]);
        buf_append_char(out, '\n');
    }
}

static bool breaks_it(const struct shrinking *shrinking)
{
    CLEANUP(buf_release) struct buf story;
    char broken[INVARIANT_BYTES];
    buf_init(&story, STORY_BYTES_MAX);
    print_story(shrinking, &story);
    return explore_story_breaks(buf_str(&story), shrinking->seed, shrinking->options, broken,
                                sizeof(broken)) &&
           strcmp(broken, shrinking->invariant) == 0;
}

/* Drops the item and all under it, of which some may have gone before. */
static bool drop_item(struct shrinking *shrinking, size_t begin)
{
    bool *dropped = shrinking->dropped;
    size_t end = block_end(shrinking, begin);
    bool *before CLEANUP(mem_free_pointer) = mem_alloc_array(end - begin, sizeof(*before));
    memcpy(before, &dropped[begin], (end - begin) * sizeof(*before));
    for (size_t i = begin; i < end; i++)
        dropped[i] = true;
    bool kept = !breaks_it(shrinking);
    if (kept)
        memcpy(&dropped[begin], before, (end - begin) * sizeof(*before));
    return !kept;
}

/* Each item once, the last first: what comes late needs what comes early, seldom the other way. */
static bool drop_what_can_go(struct shrinking *shrinking)
{
    bool any = false;
    for (size_t i = shrinking->count; i-- > 0;) {
        if (!shrinking->dropped[i] && is_item(shrinking->lines[i]))
            any |= drop_item(shrinking, i);
    }
    return any;
}

static void read_lines(struct shrinking *shrinking, struct str story)
{
    for (struct str rest = str_trim(story); !str_is_empty(rest);) {
        shrinking->lines =
            mem_grow_array(shrinking->lines, shrinking->count, &shrinking->capacity,
                           sizeof(*shrinking->lines), LINES_MAX);
        shrinking->lines[shrinking->count++] = str_split_next(&rest, '\n');
    }
    shrinking->dropped = mem_alloc_array(shrinking->count + 1, sizeof(*shrinking->dropped));
}

bool explore_shrink(struct str story, uint64_t seed, const struct explore_options *options,
                    struct buf *out)
{
    struct shrinking shrinking = {.seed = seed, .options = options};
    if (!explore_story_breaks(story, seed, options, shrinking.invariant,
                              sizeof(shrinking.invariant)))
        return false;
    read_lines(&shrinking, story);
    while (drop_what_can_go(&shrinking))
        continue;
    print_story(&shrinking, out);
    mem_free(shrinking.lines);
    mem_free(shrinking.dropped);
    return true;
}
