/*
 * What every file of the project includes first: the C library, the compiler's
 * attributes that we use by name, assertions that stay on, and the calls that
 * nobody may use.
 *
 * Layer: base knows nothing of Kubernetes.
 */
#ifndef PROMOTER_BASE_BASE_H
#define PROMOTER_BASE_BASE_H

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODISCARD __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define PRINTF_LIKE(format_index, first_argument) \
    __attribute__((format(printf, format_index, first_argument)))

/* Runs `function(&variable)` when the variable goes out of scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Aborts with file and line when our own code is wrong; on in every build.
 * Never used for input: bad input is an error, see err.h. */
#define ASSERT(condition) \
    ((condition) ? (void)0 : base_assert_failed(#condition, __FILE__, __LINE__))

NORETURN void base_assert_failed(const char *condition, const char *file, int line);

/* For what is handled though we know that it always or never is so: where the knowledge lies
 * far away, or a later change may undo it. Builds with sanitizers assert it; where coverage is
 * measured it is a constant, so that what cannot be reached counts neither as tested nor as
 * untested. The condition has no side effect; the reason, a literal, is what
 * reports/coverage.md lists. */
#if defined(PROMOTER_COVERED)
#define ALWAYS(condition, reason) ((void)sizeof(condition), (void)("" reason), true)
#define NEVER(condition, reason) ((void)sizeof(condition), (void)("" reason), false)
#elif defined(PROMOTER_SANITIZED)
static inline bool base_known(bool found, bool known, const char *reason, const char *file,
                              int line)
{
    if (found != known)
        base_assert_failed(reason, file, line);
    return found;
}
#define ALWAYS(condition, reason) base_known((condition), true, "" reason, __FILE__, __LINE__)
#define NEVER(condition, reason) base_known((condition), false, "" reason, __FILE__, __LINE__)
#else
#define ALWAYS(condition, reason) (condition)
#define NEVER(condition, reason) (condition)
#endif

/* Calls that are unbounded, locale dependent, nondeterministic or read the
 * clock: each has a replacement in base. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat strtok sprintf vsprintf gets
#pragma GCC poison atoi atol atof strtod strtof rand srand random drand48
#pragma GCC poison gmtime localtime mktime asctime ctime strftime setlocale

#endif
