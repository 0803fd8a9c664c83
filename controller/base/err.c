#include "controller/base/err.h"
#include "controller/base/escape.h"

const char *err_name(enum err err)
{
    switch (err) {
    case ERR_NONE: return "no error";
    case ERR_SYNTAX: return "bad syntax";
    case ERR_TYPE: return "bad value";
    case ERR_LIMIT: return "limit exceeded";
    case ERR_NOT_FOUND: return "not found";
    case ERR_ALREADY_EXISTS: return "already exists";
    case ERR_CONFLICT: return "conflict";
    case ERR_GONE: return "gone";
    case ERR_INVALID: return "invalid";
    case ERR_FORBIDDEN: return "forbidden";
    case ERR_UNAUTHORIZED: return "unauthorized";
    case ERR_THROTTLED: return "throttled";
    case ERR_SERVER: return "server error";
    case ERR_UNREACHABLE: return "unreachable";
    case ERR_OUTCOME_UNKNOWN: return "outcome unknown";
    }
    return "unknown error";
}

enum err err_set(struct errmsg *msg, enum err err, const char *format, ...)
{
    if (msg == NULL)
        return err;
    /* Formatted aside, because an argument may be the message that is being wrapped. */
    char text[sizeof(msg->text)];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0)
        text[0] = '\0';
    escape_line(str_from(text), msg->text, sizeof(msg->text));
    return err;
}
