/*
 * What each reason waits for and what people can do about it, and what each write does: the words
 * of an explanation, as data. In braces stands what depends on the promotion (see
 * explanation.c): {trigger} is a path in its spec.
 */
#ifndef PROMOTER_CORE_EXPLANATION_WORDS_H
#define PROMOTER_CORE_EXPLANATION_WORDS_H

#include "controller/core/promotion_decide.h"

struct explanation_words {
    const char *waits_for; /* follows "waits for"; NULL: nobody waits for this reason */
    const char *remedy;    /* what a person can do; NULL: time or Sveltos will do */
};

struct explanation_words promotion_reason_words(enum promotion_reason reason);

/* "creates ClusterProfile {object}"; NULL for WRITE_NONE. */
const char *promotion_write_words(enum promotion_write write);

#endif
