/*
 * "PATH == NAME": how a value of an answer stands to a captured one, where the values themselves
 * vary from run to run.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_RELATION_H
#define PROMOTER_TESTS_CONFORMANCE_RELATION_H

#include "controller/base/json.h"

/* `relation` is "PATH OPERATOR NAME" with == != > < and a captured name or a number. == and !=
 * compare texts, > and < whole numbers. True, false or "<no numbers>"; owned. */
struct json *relation_judge(struct str relation, struct json *value, struct json *captured);

#endif
