/*
 * FIDELITY.md: the steps that are not answered as a real server answered them, each with its
 * reason. A row is true as long as its steps differ; a step that differs without one, and a row
 * that is no longer true, are problems.
 *
 * Rows are Markdown: | TOPIC/CONVERSATION | step, step | reason |. All other lines are prose.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_FIDELITY_H
#define PROMOTER_TESTS_CONFORMANCE_FIDELITY_H

#include "controller/base/err.h"
#include "tests/conformance/conversation.h"

struct fidelity {
    struct json *rows; /* owned: {conversation: {step: reason}} */
};

/* ERR_SYNTAX: a row without steps or reason, or a step that has two rows. */
NODISCARD enum err fidelity_read(struct str text, struct fidelity *ret_fidelity,
                                 struct errmsg *msg);
void fidelity_release(struct fidelity *fidelity);
/* Appends a line for each problem with a conversation's result, and forgets its rows; returns
 * how many there are. Unless `is_exact`, a row may be there for nothing: over a socket some steps
 * hold that cannot hold without. */
unsigned fidelity_judge(struct fidelity *fidelity, struct str conversation,
                        const struct conversation_result *result, bool is_exact,
                        struct buf *out);
/* The rows of conversations that were not judged. */
unsigned fidelity_judge_rest(const struct fidelity *fidelity, struct buf *out);
/* The rows that a result needs; "?" where there is no reason yet. */
void fidelity_print(const struct fidelity *fidelity, struct str conversation,
                    const struct conversation_result *result, struct buf *out);

#endif
