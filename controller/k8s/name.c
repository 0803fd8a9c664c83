#include "controller/k8s/name.h"

static bool is_lower_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

static bool is_dns_part(struct str part)
{
    if (part.len == 0 || !is_lower_alnum(part.data[0]) || !is_lower_alnum(part.data[part.len - 1]))
        return false;
    for (size_t i = 0; i < part.len; i++) {
        if (!is_lower_alnum(part.data[i]) && part.data[i] != '-')
            return false;
    }
    return true;
}

bool name_is_dns_subdomain(struct str name)
{
    if (name.len == 0 || name.len > NAME_BYTES_MAX)
        return false;
    for (size_t begin = 0; begin <= name.len;) {
        size_t end = str_find(name, '.', begin);
        if (!is_dns_part(str_slice(name, begin, end)))
            return false;
        begin = end + 1;
    }
    return true;
}

bool name_is_label_value(struct str value)
{
    if (value.len == 0)
        return true;
    if (value.len > LABEL_VALUE_BYTES_MAX || !is_alnum(value.data[0]) ||
        !is_alnum(value.data[value.len - 1]))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.data[i];
        if (!is_alnum(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

bool name_is_label_key(struct str key)
{
    size_t slash = str_find(key, '/', 0);
    if (slash == key.len)
        return key.len > 0 && name_is_label_value(key);
    struct str name = str_slice(key, slash + 1, key.len);
    return name_is_dns_subdomain(str_slice(key, 0, slash)) && name.len > 0 &&
           name_is_label_value(name);
}
