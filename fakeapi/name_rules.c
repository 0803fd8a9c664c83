/* The grammar of names, label keys and label values, in a real server's words.
 * Source: Kubernetes documentation, "Object Names and IDs", "Labels and Selectors". */
#include "fakeapi/meta.h"

#define SUBDOMAIN_BYTES_MAX 253u
#define NAME_PART_BYTES_MAX 63u

static const char subdomain_complaint[] =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
static const char name_part_rule[] =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
static const char label_value_complaint[] =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
    "or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

static void complain(struct json *complaints, const char *format, ...) PRINTF_LIKE(2, 3);

static void complain(struct json *complaints, const char *format, ...)
{
    struct buf text;
    buf_init(&text, 4096);
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    json_append(complaints, json_string(buf_str(&text)));
    buf_release(&text);
}

static bool is_lower_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alphanumeric(char c)
{
    return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z');
}

/* One piece between dots: [a-z0-9]([-a-z0-9]*[a-z0-9])? */
static bool is_dns_label(struct str piece)
{
    if (piece.len == 0 || piece.data[0] == '-' || piece.data[piece.len - 1] == '-')
        return false;
    for (size_t i = 0; i < piece.len; i++)
        if (!is_lower_alphanumeric(piece.data[i]) && piece.data[i] != '-')
            return false;
    return true;
}

static bool is_subdomain(struct str text)
{
    if (text.len == 0)
        return false;
    struct str rest = text;
    while (rest.data != NULL)
        if (!is_dns_label(str_split_next(&rest, '.')))
            return false;
    return true;
}

/* ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9] */
static bool is_name_part(struct str text)
{
    if (text.len == 0 || !is_alphanumeric(text.data[0]) ||
        !is_alphanumeric(text.data[text.len - 1]))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!is_alphanumeric(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

static void check_subdomain(struct str text, const char *prefix, struct json *complaints)
{
    if (text.len > SUBDOMAIN_BYTES_MAX)
        complain(complaints, "%smust be no more than %u bytes", prefix, SUBDOMAIN_BYTES_MAX);
    if (!is_subdomain(text))
        complain(complaints, "%s%s", prefix, subdomain_complaint);
}

void name_check_subdomain(struct str text, struct json *complaints)
{
    check_subdomain(text, "", complaints);
}

void name_check_qualified(struct str text, struct json *complaints)
{
    struct str name = text;
    size_t slash = str_find(text, '/', 0);
    if (slash < text.len) {
        struct str prefix = str_slice(text, 0, slash);
        name = str_slice(text, slash + 1, text.len);
        if (str_find(name, '/', 0) < name.len) {
            complain(complaints,
                     "a valid label key %s with an optional DNS subdomain prefix and '/' (e.g. "
                     "'example.com/MyName')", name_part_rule);
            return;
        }
        if (prefix.len == 0)
            complain(complaints, "prefix part must be non-empty");
        else
            check_subdomain(prefix, "prefix part ", complaints);
    }
    if (name.len == 0)
        complain(complaints, "name part must be non-empty");
    else if (name.len > NAME_PART_BYTES_MAX)
        complain(complaints, "name part must be no more than %u bytes", NAME_PART_BYTES_MAX);
    if (!is_name_part(name))
        complain(complaints, "name part %s", name_part_rule);
}

void name_check_label_value(struct str text, struct json *complaints)
{
    if (text.len > NAME_PART_BYTES_MAX)
        complain(complaints, "must be no more than %u bytes", NAME_PART_BYTES_MAX);
    if (text.len > 0 && !is_name_part(text))
        complain(complaints, "%s", label_value_complaint);
}
