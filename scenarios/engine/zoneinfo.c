#include "scenarios/engine/zoneinfo.h"

#include "controller/base/mem.h"

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-' || c == '+' || c == '.';
}

static bool part_is_valid(struct str part)
{
    if (part.len == 0 || part.data[0] == '.')
        return false;
    for (size_t i = 0; i < part.len; i++) {
        if (!is_name_character(part.data[i]))
            return false;
    }
    return true;
}

bool zoneinfo_name_is_valid(struct str name)
{
    if (name.len == 0 || name.len > ZONE_NAME_BYTES_MAX || str_is(name, "localtime"))
        return false;
    while (name.data != NULL) {
        if (!part_is_valid(str_split_next(&name, '/')))
            return false;
    }
    return true;
}

/* Up to the buffer's limit, which tells when there was more. */
static bool read_all(FILE *file, struct buf *out)
{
    char chunk[4096];
    size_t got;
    while (!out->overflowed && (got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_append_bytes(out, chunk, got);
    return ferror(file) == 0;
}

static bool load(void *ctx, struct str name, struct buf *out)
{
    (void)ctx;
    if (!zoneinfo_name_is_valid(name))
        return false;
    CLEANUP(mem_free_pointer) char *path =
        str_format("%s/%.*s", ZONEINFO_DIRECTORY, STR_ARGS(name));
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    bool read = read_all(file, out);
    fclose(file);
    return read;
}

struct zone_source zoneinfo_source(void)
{
    return (struct zone_source){NULL, load};
}
