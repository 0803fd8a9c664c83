#include "fakeapi/query.h"

#include "controller/base/mem.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool percent_decode(struct str text, bool plus_is_space, char *out, size_t *ret_len)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = text.len - i > 2 ? hex_digit(text.data[i + 1]) : -1;
            int low = text.len - i > 2 ? hex_digit(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[len++] = c;
    }
    *ret_len = len;
    return true;
}

void utf8_repair(struct str text, struct buf *out)
{
    struct str rest = text;
    while (rest.len > 0) {
        size_t good = str_utf8_valid_prefix(rest);
        size_t nul = str_find(rest, '\0', 0);
        good = nul < good ? nul : good;
        buf_append(out, str_slice(rest, 0, good));
        if (good < rest.len)
            buf_append_text(out, "\xef\xbf\xbd");
        rest = str_slice(rest, good + 1, rest.len);
    }
}

/* Decodes one side of a pair to the end of `text`, which has room: slices into it stay. */
static bool decode_piece(struct str piece, struct buf *text, struct str *ret_piece)
{
    size_t len = 0;
    size_t begin = text->len;
    char *decoded = mem_alloc(piece.len + 1);
    bool good = percent_decode(piece, true, decoded, &len);
    if (good) {
        utf8_repair(str_from_bytes(decoded, len), text);
        *ret_piece = str_from_bytes(text->data + begin, text->len - begin);
    }
    mem_free(decoded);
    return good;
}

/* Makes room for the longest that the text can become, so that nothing moves later. */
static void reserve_text(struct buf *buf, struct str text)
{
    buf_init(buf, 3 * text.len + 1);
    for (size_t i = 0; i < 3; i++)
        buf_append(buf, text);
    buf_truncate(buf, 0);
}

void query_parse(struct str text, struct query *ret_query)
{
    ret_query->count = 0;
    ret_query->overflowed = false;
    ret_query->text = (struct buf){0};
    if (text.len == 0)
        return;
    reserve_text(&ret_query->text, text);
    struct str rest = text;
    while (rest.len > 0 && ret_query->count < QUERY_PARAMETERS_MAX) {
        struct str pair = str_split_next(&rest, '&');
        if (pair.len == 0 || str_find(pair, ';', 0) < pair.len)
            continue;
        struct str value = pair;
        struct str key = str_split_next(&value, '=');
        struct query_parameter *item = &ret_query->items[ret_query->count];
        if (decode_piece(key, &ret_query->text, &item->key) &&
            decode_piece(value, &ret_query->text, &item->value))
            ret_query->count++;
    }
    ret_query->overflowed = rest.len > 0;
}

void query_release(struct query *query)
{
    buf_release(&query->text);
    query->count = 0;
}

static const struct query_parameter *query_find(const struct query *query, const char *key)
{
    for (size_t i = 0; i < query->count; i++)
        if (str_is(query->items[i].key, key))
            return &query->items[i];
    return NULL;
}

struct str query_get(const struct query *query, const char *key)
{
    const struct query_parameter *found = query_find(query, key);
    return found != NULL ? found->value : STR_NONE;
}

bool query_has(const struct query *query, const char *key)
{
    return query_find(query, key) != NULL;
}

bool query_is_true(const struct query *query, const char *key)
{
    const struct query_parameter *found = query_find(query, key);
    if (found == NULL)
        return false;
    struct str value = found->value;
    if (str_is(value, "0"))
        return false;
    static const char word[] = "false";
    if (value.len != sizeof(word) - 1)
        return true;
    for (size_t i = 0; i < value.len; i++)
        if ((value.data[i] | 0x20) != word[i])
            return true;
    return false;
}
