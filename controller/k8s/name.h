/*
 * Which texts may name things.
 * Source: Kubernetes documentation, "Object Names and IDs", "Labels and Selectors".
 */
#ifndef PROMOTER_K8S_NAME_H
#define PROMOTER_K8S_NAME_H

#include "controller/base/str.h"

#define NAME_BYTES_MAX 253u        /* RFC 1123 subdomain */
#define LABEL_VALUE_BYTES_MAX 63u

/* Lower-case letters, digits, '-' and '.', each part starting and ending with a
 * letter or digit, at most 253 bytes. */
bool name_is_dns_subdomain(struct str name);
/* Empty, or letters, digits, '-', '_', '.', starting and ending with a letter or
 * digit, at most 63 bytes. */
bool name_is_label_value(struct str value);
/* A label value that is not empty, after an optional DNS subdomain and '/'. */
bool name_is_label_key(struct str key);

#endif
