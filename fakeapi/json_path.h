/*
 * Kubernetes' JSONPath, as far as printer columns and scripts use it: .name, ['name'], [n],
 * [a:b:c], [*], ..name and filters [?(@.path OP literal)] with == != < <= > >=, or a path alone
 * for "is there". A backslash takes the meaning from a dot in a name.
 * Source: Kubernetes documentation, "JSONPath Support".
 */
#ifndef PROMOTER_FAKEAPI_JSON_PATH_H
#define PROMOTER_FAKEAPI_JSON_PATH_H

#include "controller/base/json.h"

/* The first value at the path; NULL: there is none, or the path cannot be read. */
const struct json *json_path_first(const struct json *value, struct str path);

#endif
