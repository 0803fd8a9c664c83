#include "tests/conformance/passing.h"

#include "controller/base/mem.h"

static enum err read_line(struct str line, struct passing *passing, struct errmsg *msg)
{
    struct str rest = line;
    uint64_t held;
    uint64_t *count;

    if (!str_to_u64(str_split_next(&rest, ' '), &held))
        return err_set(msg, ERR_SYNTAX, "%.*s: expected HELD COMPARED NAME", STR_ARGS(line));
    (void)str_split_next(&rest, ' ');
    count = mem_alloc(sizeof(*count));
    *count = held;
    mem_free(map_put(&passing->counts, rest, count));
    return ERR_NONE;
}

enum err passing_read(struct str text, struct passing *ret_passing, struct errmsg *msg)
{
    struct passing passing;
    enum err err = ERR_NONE;

    map_init(&passing.counts);
    while (text.data != NULL && err == ERR_NONE) {
        struct str line = str_trim(str_split_next(&text, '\n'));
        if (line.len > 0 && line.data[0] != '#')
            err = read_line(line, &passing, msg);
    }
    if (err == ERR_NONE)
        *ret_passing = passing;
    else
        passing_release(&passing);
    return err;
}

void passing_release(struct passing *passing)
{
    MAP_EACH(entry, &passing->counts)
        mem_free(map_entry_value(entry));
    map_release(&passing->counts);
}

unsigned passing_required(const struct passing *passing, struct str name)
{
    const uint64_t *count = map_get(&passing->counts, name);

    return count != NULL ? (unsigned)*count : 0;
}

void passing_print_head(struct buf *out)
{
    buf_append_text(out, "# Steps answered right, steps compared, conversation. Written by\n"
                         "# `conformance --update passing.txt FILE...`; a number may not fall.\n");
}

void passing_print(struct str name, unsigned held, unsigned compared, struct buf *out)
{
    buf_printf(out, "%u %u %.*s\n", held, compared, STR_ARGS(name));
}
