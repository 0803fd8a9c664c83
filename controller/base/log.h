/*
 * Where lines for the operator go. Library code below core/controller.c and
 * shell/ logs nothing above LOG_DEBUG: one failure, one line.
 */
#ifndef PROMOTER_BASE_LOG_H
#define PROMOTER_BASE_LOG_H

#include "controller/base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

#define LOG_LINE_BYTES_MAX 1024

struct log {
    void *ctx;
    /* `line` is terminated, without newline, foreign bytes escaped, at most LOG_LINE_BYTES_MAX. */
    void (*write)(void *ctx, enum log_level level, const char *line);
    enum log_level level_min;
};

/* NULL log: nothing. */
void log_printf(struct log *log, enum log_level level, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
