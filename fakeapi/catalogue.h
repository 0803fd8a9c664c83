/*
 * The definitions that every server starts with, read once.
 */
#ifndef PROMOTER_FAKEAPI_CATALOGUE_H
#define PROMOTER_FAKEAPI_CATALOGUE_H

#include "fakeapi/fakeapi.h"
#include "fakeapi/schema.h"

struct catalogue_entry {
    const struct json *definition; /* owned; a CustomResourceDefinition */
    struct schema *schema;   /* owned; of its storage version */
};

struct fakeapi_catalogue {
    struct catalogue_entry *entries;
    size_t count;
    size_t capacity;
};

#endif
