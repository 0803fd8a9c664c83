/*
 * Objects of the cache from the JSON that a test writes down. What is no JSON fails the test.
 */
#ifndef PROMOTER_TESTS_TESTLIB_OBJECT_H
#define PROMOTER_TESTS_TESTLIB_OBJECT_H

#include "tests/testlib/test.h"

#include "controller/core/object.h"

/* Owned by the caller. */
static inline struct object *object_of(enum kube_resource resource, const char *text)
{
    struct json *json = NULL;
    struct errmsg msg;
    if (json_parse(str_from(text), NULL, &json, &msg) != ERR_NONE)
        fail_msg("%s: %s", msg.text, text);
    return object_create(resource, json);
}

#endif
