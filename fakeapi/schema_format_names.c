/*
 * Formats of addresses and names: patterns, and a few rules that no pattern says well.
 * Source: recorded answers, schema/03-formats.
 */
#include "fakeapi/schema_node.h"

struct name_format {
    const char *name;
    const char *pattern; /* Go's syntax */
};

/* Pieces of patterns. */
#define LABEL "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
#define HEX3 "[0-9a-fA-F]{3}"
#define HEX4 "[0-9a-fA-F]{4}"

static const struct name_format name_formats[] = {
    {"uuid", "^[0-9a-fA-F]{8}-?" HEX4 "-?" HEX4 "-?" HEX4 "-?[0-9a-fA-F]{12}$"},
    {"uuid3", "^[0-9a-fA-F]{8}-?" HEX4 "-?3" HEX3 "-?" HEX4 "-?[0-9a-fA-F]{12}$"},
    {"uuid4", "^[0-9a-fA-F]{8}-?" HEX4 "-?4" HEX3 "-?[89abAB]" HEX3 "-?[0-9a-fA-F]{12}$"},
    {"uuid5", "^[0-9a-fA-F]{8}-?" HEX4 "-?5" HEX3 "-?[89abAB]" HEX3 "-?[0-9a-fA-F]{12}$"},
    {"hexcolor", "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"},
    {"rgbcolor", "^rgb\\(\\s*[0-9]{1,3}\\s*,\\s*[0-9]{1,3}\\s*,\\s*[0-9]{1,3}\\s*\\)$"},
    {"mac", "^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}(([:-][0-9a-fA-F]{2}){2})?$|"
            "^" HEX4 "\\." HEX4 "\\." HEX4 "$"},
    {"bsonobjectid", "^[0-9a-fA-F]{24}$"},
    {"ssn", "^\\d{3}[- ]?\\d{2}[- ]?\\d{4}$"},
    {"creditcard", "^[0-9][0-9 -]{11,22}[0-9]$"},
    {"isbn", "^([0-9]-?){9}[0-9Xx]$|^([0-9]-?){12}[0-9]$"},
    {"isbn10", "^([0-9]-?){9}[0-9Xx]$"},
    {"isbn13", "^([0-9]-?){12}[0-9]$"},
    {"hostname", "^([a-zA-Z0-9](-?[a-zA-Z0-9])*|([a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?\\.)+"
                 "[a-zA-Z]{2,63})$"},
    {"email", "^([^<>@]*<[^ <>@]+@[^ <>@]+>|[^ <>@]+@[^ <>@]+)$"},
    {"uri", "^(/[^ ]*|[a-zA-Z][-+.a-zA-Z0-9]*:[^ ]+)$"},
    {"k8s-short-name", "^" LABEL "$"},
    {"k8s-long-name", "^" LABEL "(\\." LABEL ")*$"},
};

static bool is_byte_number(struct str text)
{
    uint64_t value;
    bool padded = text.len > 1 && text.data[0] == '0';
    return text.len <= 3 && !padded && str_to_u64(text, &value) && value <= 255;
}

static bool is_ipv4(struct str text)
{
    unsigned count = 0;
    struct str rest = text;
    while (rest.data != NULL) {
        if (!is_byte_number(str_split_next(&rest, '.')))
            return false;
        count++;
    }
    return count == 4;
}

static bool is_hex_group(struct str text)
{
    if (text.len < 1 || text.len > 4)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("0123456789abcdefABCDEF", text.data[i]) == NULL || text.data[i] == '\0')
            return false;
    }
    return true;
}

/* Counts 16-bit groups in one half of an address; false when one is malformed. */
static bool count_groups(struct str half, unsigned *count)
{
    struct str rest = half;
    while (half.len > 0 && rest.data != NULL) {
        struct str group = str_split_next(&rest, ':');
        if (rest.data == NULL && str_contains(group, STR("."))) {
            *count += 2;
            return is_ipv4(group);
        }
        if (!is_hex_group(group))
            return false;
        (*count)++;
    }
    return true;
}

static bool is_ipv6(struct str text)
{
    unsigned count = 0;
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.data[i] == ':' && text.data[i + 1] == ':')
            return count_groups(str_slice(text, 0, i), &count) &&
                   count_groups(str_slice(text, i + 2, text.len), &count) && count <= 7;
    }
    return text.len > 0 && count_groups(text, &count) && count == 8;
}

static bool is_cidr(struct str text)
{
    uint64_t bits;
    size_t slash = str_find(text, '/', 0);
    struct str address = str_slice(text, 0, slash);
    struct str mask = str_slice(text, slash + 1, text.len);
    if (slash >= text.len || !str_to_u64(mask, &bits))
        return false;
    return (is_ipv4(address) && bits <= 32) || (is_ipv6(address) && bits <= 128);
}

static bool matches(const char *source, struct str text)
{
    struct schema_pattern *pattern = NULL;
    enum err err = schema_pattern_create(str_from(source), &pattern, NULL);
    ASSERT(err == ERR_NONE);
    bool holds = schema_pattern_matches(pattern, text);
    schema_pattern_free(pattern);
    return holds;
}

static bool is_short_enough(struct str format, struct str text)
{
    if (str_is(format, "k8s-short-name"))
        return text.len <= 63;
    return text.len <= (str_is(format, "k8s-long-name") || str_is(format, "hostname") ? 253 : 4096);
}

bool schema_format_holds_names(struct str format, struct str text, bool *ret_known)
{
    static const struct {
        const char *name;
        bool (*holds)(struct str text);
    } checks[] = {{"ipv4", is_ipv4}, {"ipv6", is_ipv6}, {"cidr", is_cidr}};
    *ret_known = true;
    for (size_t i = 0; i < ARRAY_COUNT(checks); i++) {
        if (str_is(format, checks[i].name))
            return checks[i].holds(text);
    }
    for (size_t i = 0; i < ARRAY_COUNT(name_formats); i++) {
        if (str_is(format, name_formats[i].name))
            return is_short_enough(format, text) && matches(name_formats[i].pattern, text);
    }
    *ret_known = false;
    return false;
}
