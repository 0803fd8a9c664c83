/*
 * What of a watch event an informer keeps, cut out of its text: parsing what nobody looks at
 * would be most of what a big fleet costs.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_WATCH_LINE_H
#define PROMOTER_FAKEAPI_SVELTOS_WATCH_LINE_H

#include "controller/base/buf.h"

/* Appends the event without object.metadata.managedFields and, with `metadata_only`, without
 * object.spec and object.status. A line that is no event is appended as far as it goes. */
void watch_line_thin(struct str line, bool metadata_only, struct buf *out);

#endif
