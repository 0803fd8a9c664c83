/*
 * Pages of a collection, as it is or as it was.
 */
#ifndef PROMOTER_FAKEAPI_PAGES_H
#define PROMOTER_FAKEAPI_PAGES_H

#include "fakeapi/selector.h"
#include "fakeapi/server.h"

struct page_query {
    const struct selector *selector;
    size_t limit;      /* 0: none */
    struct str start;  /* the key of the first object or before it; "" for the beginning */
    bool exact;        /* as it was at `version`; else as it is */
    uint64_t version;  /* what the list says about itself */
};

struct page {
    struct record **records; /* counted; the array is owned */
    size_t count;
    size_t capacity;
    size_t remaining; /* objects behind the page */
    char *last_key;   /* owned; of the last object when there are more, else NULL */
};

/* Fills one page from the call's resource and namespace. */
void page_read(struct call *call, const struct page_query *query, struct page *ret_page);
void page_release(struct page *page);
/* Whether a continue token (may be "") can be read; false: it has answered 400. */
bool page_token_is_good(struct call *call, struct str token);
/* 200 with a List. */
void answer_page(struct call *call, const struct page_query *query);
void answer_page_of(struct call *call, const struct page_query *query, const struct page *page);

#endif
