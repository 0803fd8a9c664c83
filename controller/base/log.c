#include "controller/base/log.h"
#include "controller/base/escape.h"

void log_printf(struct log *log, enum log_level level, const char *format, ...)
{
    char text[LOG_LINE_BYTES_MAX];
    char line[LOG_LINE_BYTES_MAX];
    if (log == NULL || log->write == NULL || level < log->level_min)
        return;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0)
        text[0] = '\0';
    escape_line(str_from(text), line, sizeof(line));
    log->write(log->ctx, level, line);
}
