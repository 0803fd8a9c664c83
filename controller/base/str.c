#include "controller/base/str.h"
#include "controller/base/mem.h"

struct str str_from_bytes(const char *data, size_t len)
{
    return (struct str){data, len};
}

bool str_is_empty(struct str s)
{
    return s.len == 0;
}

int str_compare(struct str a, struct str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;
    if (order != 0)
        return order < 0 ? -1 : 1;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts_with(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_equal(str_slice(s, 0, prefix.len), prefix);
}

bool str_ends_with(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_equal(str_slice(s, s.len - suffix.len, s.len), suffix);
}

size_t str_find(struct str s, char byte, size_t from)
{
    if (from >= s.len)
        return s.len;
    const char *found = memchr(s.data + from, byte, s.len - from);
    return found != NULL ? (size_t)(found - s.data) : s.len;
}

bool str_contains(struct str s, struct str needle)
{
    if (needle.len == 0)
        return true;
    for (size_t at = str_find(s, needle.data[0], 0); at + needle.len <= s.len;
         at = str_find(s, needle.data[0], at + 1)) {
        if (memcmp(s.data + at, needle.data, needle.len) == 0)
            return true;
    }
    return false;
}

struct str str_slice(struct str s, size_t begin, size_t end)
{
    if (s.data == NULL)
        return STR_NONE;
    if (end > s.len)
        end = s.len;
    if (begin > end)
        begin = end;
    return (struct str){s.data + begin, end - begin};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    size_t begin = 0;
    size_t end = s.len;
    while (begin < end && is_space(s.data[begin]))
        begin++;
    while (end > begin && is_space(s.data[end - 1]))
        end--;
    return str_slice(s, begin, end);
}

struct str str_split_next(struct str *rest, char separator)
{
    struct str whole = *rest;
    size_t at = str_find(whole, separator, 0);
    *rest = at < whole.len ? str_slice(whole, at + 1, whole.len) : STR_NONE;
    return str_slice(whole, 0, at);
}

bool str_to_u64(struct str s, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.data[i] - '0'), &value))
            return false;
    }
    if (s.len == 0)
        return false;
    *ret_value = value;
    return true;
}

bool str_to_i64(struct str s, int64_t *ret_value)
{
    bool negative = s.len > 0 && s.data[0] == '-';
    uint64_t magnitude;
    if (!str_to_u64(negative ? str_slice(s, 1, s.len) : s, &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *ret_value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

char *str_dup(struct str s)
{
    if (s.data == NULL)
        return NULL;
    char *copy = mem_resize(NULL, s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.data, s.len);
    copy[s.len] = '\0';
    return copy;
}

char *str_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    ASSERT(length >= 0);
    char *text = mem_alloc((size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

uint64_t str_hash(uint64_t hash, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        hash ^= (unsigned char)s.data[i];
        hash *= UINT64_C(1099511628211);
    }
    return hash;
}

/* Length of the valid sequence at `bytes`, or 0. The ranges of the second byte are
 * those of table 3-7 of the Unicode standard. */
static size_t utf8_sequence(const unsigned char *bytes, size_t left)
{
    unsigned char lead = bytes[0];
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || left < length)
        return 0;
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

size_t str_utf8_valid_prefix(struct str s)
{
    const unsigned char *bytes = (const unsigned char *)s.data;
    size_t at = 0;
    while (at < s.len) {
        size_t length = utf8_sequence(bytes + at, s.len - at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}
