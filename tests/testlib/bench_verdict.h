/*
 * What the judge finds in a cluster that was driven by hand.
 */
#ifndef PROMOTER_TESTS_TESTLIB_BENCH_VERDICT_H
#define PROMOTER_TESTS_TESTLIB_BENCH_VERDICT_H

#include "tests/testlib/bench.h"

/* The one violation of `invariant` says `fragment`; all found are printed when it does not. */
static inline void expect_found(struct bench *bench, const char *invariant, const char *fragment)
{
    struct evidence evidence;
    struct verdict verdict = {0};
    struct buf text;
    bench_evidence(bench, &evidence);
    assert_true(checkers_run_one(str_from(invariant), &evidence, &verdict));
    buf_init(&text, 1u << 20);
    verdict_print(&verdict, BENCH_START_MS, &text);
    if (!str_contains(buf_str(&text), str_from(fragment))) {
        print_error("expected %s to find: %s\n  found: %s\n", invariant, fragment, text.data);
        fail();
    }
    buf_release(&text);
    verdict_release(&verdict);
}

static inline void expect_clean(struct bench *bench, const char *invariant)
{
    struct evidence evidence;
    struct verdict verdict = {0};
    bench_evidence(bench, &evidence);
    if (invariant == NULL)
        checkers_run(&evidence, &verdict);
    else
        assert_true(checkers_run_one(str_from(invariant), &evidence, &verdict));
    if (verdict.total > 0) {
        struct buf text;
        buf_init(&text, 1u << 20);
        verdict_print(&verdict, BENCH_START_MS, &text);
        print_error("expected nothing, found: %s\n", text.data);
        buf_release(&text);
        fail();
    }
    verdict_release(&verdict);
}

#endif
