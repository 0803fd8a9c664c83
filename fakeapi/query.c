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

/* Decodes one side of a pair into *space and moves it on. */
static bool decode_piece(struct str piece, char **space, struct str *ret_piece)
{
    size_t len = 0;
    if (!percent_decode(piece, true, *space, &len))
        return false;
    *ret_piece = str_from_bytes(*space, len);
    *space += len;
    return true;
}

void query_parse(struct str text, struct query *ret_query)
{
    ret_query->count = 0;
    ret_query->text = text.len > 0 ? mem_alloc(text.len) : NULL;
    char *space = ret_query->text;
    struct str rest = text;
    while (rest.len > 0 && ret_query->count < QUERY_PARAMETERS_MAX) {
        struct str pair = str_split_next(&rest, '&');
        if (pair.len == 0 || str_find(pair, ';', 0) < pair.len)
            continue;
        struct str value = pair;
        struct str key = str_split_next(&value, '=');
        struct query_parameter *item = &ret_query->items[ret_query->count];
        if (decode_piece(key, &space, &item->key) && decode_piece(value, &space, &item->value))
            ret_query->count++;
    }
}

void query_release(struct query *query)
{
    mem_free(query->text);
    query->text = NULL;
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
