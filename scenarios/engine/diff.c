#include "scenarios/engine/diff.h"

#include "controller/base/mem.h"

struct lines {
    struct str *items;
    size_t count;
};

/* One line of the whole comparison: ' ' in both, '-' only expected, '+' only actual. */
struct edit {
    char mark;
    struct str line;
};

struct edits {
    struct edit *items;
    size_t count;
};

static struct lines lines_of(struct str text)
{
    struct lines lines = {NULL, 0};
    size_t line_count = 1;
    if (str_ends_with(text, STR("\n")))
        text = str_slice(text, 0, text.len - 1);
    for (size_t i = 0; i < text.len; i++)
        line_count += text.data[i] == '\n';
    lines.items = mem_alloc_array(line_count, sizeof(*lines.items));
    for (struct str rest = text; rest.data != NULL && text.len > 0;)
        lines.items[lines.count++] = str_split_next(&rest, '\n');
    return lines;
}

static void edits_add(struct edits *edits, char mark, struct str line)
{
    edits->items[edits->count++] = (struct edit){mark, line};
}

/* length[i][j]: of the longest common subsequence of a from i on and b from j on. */
static uint32_t *common_lengths(struct lines a, struct lines b)
{
    size_t width = b.count + 1;
    uint32_t *length = mem_alloc_array((a.count + 1) * width, sizeof(*length));
    for (size_t i = a.count; i-- > 0;) {
        for (size_t j = b.count; j-- > 0;) {
            uint32_t down = length[(i + 1) * width + j];
            uint32_t right = length[i * width + j + 1];
            if (str_equal(a.items[i], b.items[j]))
                length[i * width + j] = length[(i + 1) * width + j + 1] + 1;
            else
                length[i * width + j] = down >= right ? down : right;
        }
    }
    return length;
}

static void edits_add_all(struct edits *edits, char mark, struct lines lines)
{
    for (size_t i = 0; i < lines.count; i++)
        edits_add(edits, mark, lines.items[i]);
}

static void edits_add_middle(struct edits *edits, struct lines a, struct lines b)
{
    size_t i = 0;
    size_t j = 0;
    size_t width = b.count + 1;
    if (a.count != 0 && b.count > DIFF_PAIRS_MAX / a.count) {
        edits_add_all(edits, '-', a);
        edits_add_all(edits, '+', b);
        return;
    }
    uint32_t *length = common_lengths(a, b);
    while (i < a.count && j < b.count) {
        if (str_equal(a.items[i], b.items[j])) {
            edits_add(edits, ' ', a.items[i++]);
            j++;
        } else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) {
            edits_add(edits, '-', a.items[i++]);
        } else {
            edits_add(edits, '+', b.items[j++]);
        }
    }
    edits_add_all(edits, '-', (struct lines){a.items + i, a.count - i});
    edits_add_all(edits, '+', (struct lines){b.items + j, b.count - j});
    mem_free(length);
}

static struct edits edits_of(struct lines a, struct lines b)
{
    struct edits edits = {mem_alloc_array(a.count + b.count + 1, sizeof(struct edit)), 0};
    size_t head = 0;
    size_t tail = 0;
    while (head < a.count && head < b.count && str_equal(a.items[head], b.items[head]))
        head++;
    while (tail < a.count - head && tail < b.count - head &&
           str_equal(a.items[a.count - 1 - tail], b.items[b.count - 1 - tail]))
        tail++;
    edits_add_all(&edits, ' ', (struct lines){a.items, head});
    edits_add_middle(&edits, (struct lines){a.items + head, a.count - head - tail},
                     (struct lines){b.items + head, b.count - head - tail});
    edits_add_all(&edits, ' ', (struct lines){a.items + a.count - tail, tail});
    return edits;
}

/* The end of the hunk whose first change is at `from`: behind it come more unchanged lines than
 * the context of two hunks. */
static size_t hunk_end(const struct edits *edits, size_t from)
{
    size_t last_change = from;
    for (size_t i = from; i < edits->count && i - last_change <= 2 * DIFF_CONTEXT_LINES + 1; i++) {
        if (edits->items[i].mark != ' ')
            last_change = i;
    }
    size_t end = last_change + 1 + DIFF_CONTEXT_LINES;
    return end < edits->count ? end : edits->count;
}

static size_t count_side(const struct edits *edits, size_t from, size_t to, char other)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++)
        count += edits->items[i].mark != other;
    return count;
}

/* An empty side is numbered by the line before it, as diff does. */
static void print_range(const struct edits *edits, size_t from, size_t to, char other,
                        struct buf *out)
{
    size_t before = count_side(edits, 0, from, other);
    size_t count = count_side(edits, from, to, other);
    buf_printf(out, "%zu", count == 0 ? before : before + 1);
    if (count != 1)
        buf_printf(out, ",%zu", count);
}

static void print_hunk(const struct edits *edits, size_t from, size_t to, struct buf *out)
{
    buf_append_text(out, "@@ -");
    print_range(edits, from, to, '+', out);
    buf_append_text(out, " +");
    print_range(edits, from, to, '-', out);
    buf_append_text(out, " @@\n");
    for (size_t i = from; i < to; i++)
        buf_printf(out, "%c%.*s\n", edits->items[i].mark, STR_ARGS(edits->items[i].line));
}

static void print_hunks(const struct edits *edits, struct buf *out)
{
    bool headed = false;
    for (size_t i = 0; i < edits->count; i++) {
        if (edits->items[i].mark == ' ')
            continue;
        if (!headed)
            buf_append_text(out, "--- expected\n+++ actual\n");
        headed = true;
        size_t end = hunk_end(edits, i);
        print_hunk(edits, i > DIFF_CONTEXT_LINES ? i - DIFF_CONTEXT_LINES : 0, end, out);
        i = end - 1;
    }
}

void diff_unified(struct str expected, struct str actual, struct buf *out)
{
    struct lines a = lines_of(expected);
    struct lines b = lines_of(actual);
    struct edits edits = edits_of(a, b);
    print_hunks(&edits, out);
    mem_free(edits.items);
    mem_free(a.items);
    mem_free(b.items);
}
