/*
 * Label and field selectors, parsed and refused as a real server does.
 * Source: Kubernetes documentation, "Labels and Selectors", "Field Selectors";
 * recorded answers in list/07, list/08, list/09.
 */
#ifndef PROMOTER_FAKEAPI_SELECTOR_H
#define PROMOTER_FAKEAPI_SELECTOR_H

#include "fakeapi/resource.h"

enum label_operator { LABEL_EXISTS, LABEL_ABSENT, LABEL_IN, LABEL_NOT_IN, LABEL_GREATER,
                      LABEL_LESS };

struct label_requirement {
    enum label_operator operator;
    char *key;           /* owned */
    struct json *values; /* owned array of strings, sorted, each once */
};

struct field_requirement {
    char *path;  /* owned: "metadata.name" */
    char *value; /* owned */
    bool equal;  /* else: differs */
};

#define SELECTOR_TERMS_MAX 64u /* further terms are an error */

struct selector {
    struct label_requirement *labels;
    size_t label_count;
    size_t label_capacity;
    struct field_requirement *fields;
    size_t field_count;
    size_t field_capacity;
};

void selector_release(struct selector *selector);
/* Each appends to `selector`; false: the message holds the reason. */
bool selector_parse_labels(struct str text, struct selector *selector, struct buf *message);
bool selector_parse_fields(struct str text, const struct resource *resource,
                           struct selector *selector, struct buf *message);
void selector_add_field(struct selector *selector, struct str path, struct str value, bool equal);
bool selector_is_empty(const struct selector *selector);
bool selector_matches(const struct selector *selector, const struct json *object);

#endif
