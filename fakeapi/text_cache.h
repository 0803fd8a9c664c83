/*
 * Printed texts of records: kept for the answers and watches that ask for them again, the ones
 * used last up to 16 MiB. (A text of 2 kB costs 12,000 instructions, as much as all else of a
 * get.) The newest is kept whatever its size.
 */
#ifndef PROMOTER_FAKEAPI_TEXT_CACHE_H
#define PROMOTER_FAKEAPI_TEXT_CACHE_H

#include "controller/base/json.h"

#define TEXT_CACHE_BYTES_MAX (16u << 20)

struct cached_text;

struct text_cache {
    struct cached_text *newest;
    struct cached_text *oldest;
    size_t bytes;
};

/* The compact text of `object`. *holder: where its owner keeps it, NULL at first; it becomes NULL
 * again when the text has to give way. `before`: of an object that is still there, and shares most
 * with this one, so that only the difference is printed; NULL: none. Borrowed until the next
 * call. */
struct str text_cache_get(struct text_cache *cache, const struct json *object,
                          const struct cached_text *before, struct cached_text **holder);
/* Frees all texts; their owners live on. */
void text_cache_clear(struct text_cache *cache);
/* The owner goes. NULL is fine. */
void cached_text_free(struct cached_text *text);

#endif
