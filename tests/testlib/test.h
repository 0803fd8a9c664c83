/*
 * What every test file includes: cmocka's four headers in the order it wants,
 * and assertions that print texts rather than pointers.
 */
#ifndef PROMOTER_TESTS_TESTLIB_TEST_H
#define PROMOTER_TESTS_TESTLIB_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/base/err.h"
#include "controller/base/json.h"

/* Both texts are printed when they differ. */
#define assert_str(actual, expected) test_assert_str((actual), (expected), __FILE__, __LINE__)
#define assert_err(actual, expected) test_assert_err((actual), (expected), __FILE__, __LINE__)
/* The value prints, with sorted members, as `expected`. */
#define assert_json(actual, expected) test_assert_json((actual), (expected), __FILE__, __LINE__)

static inline void test_assert_str(struct str actual, const char *expected, const char *file,
                                   int line)
{
    if (str_is(actual, expected))
        return;
    print_error("expected: %s\n  actual: %.*s\n", expected, STR_ARGS(actual));
    _fail(file, line);
}

static inline void test_assert_err(enum err actual, enum err expected, const char *file, int line)
{
    if (actual == expected)
        return;
    print_error("expected: %s\n  actual: %s\n", err_name(expected), err_name(actual));
    _fail(file, line);
}

static inline void test_assert_json(const struct json *actual, const char *expected,
                                    const char *file, int line)
{
    struct json *sorted = json_clone(actual);
    struct buf text;
    buf_init(&text, 64u << 20);
    json_sort(sorted);
    json_print(sorted, &text);
    test_assert_str(buf_str(&text), expected, file, line);
    buf_release(&text);
    json_free(sorted);
}

#endif
