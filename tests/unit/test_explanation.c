/* The words of explanations: each reason to wait says what for, each write what it does, and what
 * stands in braces is known. What they say of real promotions is in tests/explain. */
#include "controller/core/explanation_words.h"

#include "tests/testlib/test.h"

/* As explanation.c replaces them. */
static const char *const tokens[] = {"index", "name", "stage", "trigger", "delay", "from", "to",
                                     "selector", "checks", "check", "next", "detail", "field",
                                     "promotion", "manager", "object", "left", "total"};

static bool is_known(struct str token)
{
    for (size_t i = 0; i < ARRAY_COUNT(tokens); i++) {
        if (str_is(token, tokens[i]))
            return true;
    }
    return false;
}

/* Braces with letters alone between them. */
static void check_tokens(const char *words)
{
    struct str text = str_from(words);
    for (size_t at = str_find(text, '{', 0); at < text.len; at = str_find(text, '{', at + 1)) {
        struct str token = str_slice(text, at + 1, str_find(text, '}', at));
        if (token.len > 0 && token.data[0] >= 'a' && token.data[0] <= 'z' && !is_known(token))
            fail_msg("%s: {%.*s} is no token", words, STR_ARGS(token));
    }
}

static bool is_a_wait(enum promotion_reason reason)
{
    return (reason >= REASON_PROVISIONING && reason <= REASON_OTHER_CONTROLLER) ||
           reason == REASON_DELETING || reason == REASON_PRESERVING;
}

static void every_wait_says_what_for(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PROMOTION_REASON_COUNT; i++) {
        enum promotion_reason reason = (enum promotion_reason)i;
        struct explanation_words words = promotion_reason_words(reason);
        assert_int_equal(words.waits_for != NULL, is_a_wait(reason));
        check_tokens(words.waits_for);
        check_tokens(words.remedy);
    }
}

/* Where Sveltos, time or the controller itself end a wait, people need do nothing. */
static void what_waits_for_people_says_what_to_do(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PROMOTION_REASON_COUNT; i++) {
        enum promotion_reason reason = (enum promotion_reason)i;
        bool for_people = (reason >= REASON_NAME_TAKEN && reason <= REASON_OTHER_CONTROLLER) ||
                          promotion_reason_is_failure(reason) ||
                          reason == REASON_AWAITING_APPROVAL || reason == REASON_STAGE_EMPTY;
        if (for_people)
            assert_non_null(promotion_reason_words(reason).remedy);
    }
}

static void every_write_says_what_it_does(void **state)
{
    (void)state;
    assert_null(promotion_write_words(WRITE_NONE));
    for (unsigned i = WRITE_NONE + 1; i <= WRITE_COMPLETE; i++) {
        assert_non_null(promotion_write_words((enum promotion_write)i));
        check_tokens(promotion_write_words((enum promotion_write)i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wait_says_what_for),
        cmocka_unit_test(what_waits_for_people_says_what_to_do),
        cmocka_unit_test(every_write_says_what_it_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
