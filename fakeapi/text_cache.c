#include "fakeapi/text_cache.h"

#include "controller/base/mem.h"

#define TEXT_BYTES_GUESSED 2000u

struct cached_text {
    struct text_cache *cache;
    struct cached_text **holder; /* the owner's pointer to this */
    struct cached_text *newer;
    struct cached_text *older;
    char *text; /* owned */
    size_t len;
    struct json_spans spans;
};

static size_t bytes_of(const struct cached_text *text)
{
    return sizeof(*text) + text->len + 1 + text->spans.capacity * sizeof(struct json_span);
}

static void unlink_text(struct cached_text *text)
{
    struct text_cache *cache = text->cache;
    if (text->newer != NULL)
        text->newer->older = text->older;
    else
        cache->newest = text->older;
    if (text->older != NULL)
        text->older->newer = text->newer;
    else
        cache->oldest = text->newer;
    cache->bytes -= bytes_of(text);
}

static void link_newest(struct text_cache *cache, struct cached_text *text)
{
    text->newer = NULL;
    text->older = cache->newest;
    if (cache->newest != NULL)
        cache->newest->newer = text;
    else
        cache->oldest = text;
    cache->newest = text;
    cache->bytes += bytes_of(text);
}

void cached_text_free(struct cached_text *text)
{
    if (text == NULL)
        return;
    unlink_text(text);
    *text->holder = NULL;
    mem_free(text->text);
    json_spans_release(&text->spans);
    mem_free(text);
}

void text_cache_clear(struct text_cache *cache)
{
    while (cache->oldest != NULL)
        cached_text_free(cache->oldest);
}

static struct cached_text *print_text(struct text_cache *cache, const struct json *object,
                                      const struct cached_text *before,
                                      struct cached_text **holder)
{
    struct cached_text *text = mem_alloc(sizeof(*text));
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    (void)buf_make_room(&out, before != NULL ? before->len : TEXT_BYTES_GUESSED);
    json_print_after(object,
                     before != NULL ? str_from_bytes(before->text, before->len) : STR_NONE,
                     before != NULL ? &before->spans : NULL, &out, &text->spans);
    text->cache = cache;
    text->holder = holder;
    text->len = out.len;
    text->text = mem_resize(buf_steal(&out), text->len + 1);
    return text;
}

struct str text_cache_get(struct text_cache *cache, const struct json *object,
                          const struct cached_text *before, struct cached_text **holder)
{
    if (*holder != NULL)
        unlink_text(*holder);
    else
        *holder = print_text(cache, object, before, holder);
    link_newest(cache, *holder);
    while (cache->bytes > TEXT_CACHE_BYTES_MAX && cache->oldest != *holder)
        cached_text_free(cache->oldest);
    return str_from_bytes((*holder)->text, (*holder)->len);
}
