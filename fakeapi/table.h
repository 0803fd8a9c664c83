/*
 * Objects as rows of a meta.k8s.io Table, as kubectl prints them.
 * Source: Kubernetes documentation, "Receiving resources as Tables" and "Additional printer
 * columns"; recorded answers in list/11 to list/15 and watch/15.
 */
#ifndef PROMOTER_FAKEAPI_TABLE_H
#define PROMOTER_FAKEAPI_TABLE_H

#include "fakeapi/rendition.h"

/* The members of a Table up to its rows: `"kind":"Table",...,"rows":`; `metadata` is its text. */
void table_print_head(const struct resource *resource, struct rendition rendition,
                      struct str metadata, struct buf *out);
/* One row of an object in the resource's form. */
void table_print_row(const struct resource *resource, struct rendition rendition, int64_t now_ms,
                     const struct json *object, struct buf *out);

#endif
