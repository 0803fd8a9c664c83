/*
 * A growing text buffer that cannot grow past the limit it was made with.
 * Crossing the limit drops what was appended and sticks: look once, at the end.
 * The content is always terminated by a NUL that len does not count.
 */
#ifndef PROMOTER_BASE_BUF_H
#define PROMOTER_BASE_BUF_H

#include "controller/base/str.h"

struct buf {
    char *data;
    size_t len;
    size_t capacity;
    size_t bytes_max;
    bool overflowed;
};

void buf_init(struct buf *buf, size_t bytes_max);
void buf_release(struct buf *buf); /* frees; a zeroed buf is fine */
void buf_clear(struct buf *buf);   /* empty again, memory kept, overflow forgotten */
struct str buf_str(const struct buf *buf); /* borrowed until the next change */
void buf_append(struct buf *buf, struct str s);
void buf_append_bytes(struct buf *buf, const void *data, size_t len);
void buf_append_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *buf, const char *format, va_list arguments)
    PRINTF_LIKE(2, 0);

static inline void buf_append_char(struct buf *buf, char c)
{
    if (buf->overflowed || buf->len >= buf->bytes_max || buf->len + 1 >= buf->capacity) {
        buf_append_bytes(buf, &c, 1);
        return;
    }
    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
}

/* As buf_append, for many small pieces: a place for `size` bytes, to be filled and then counted by
 * buf_added. NULL: the limit forbids it. */
char *buf_make_room(struct buf *buf, size_t size);
static inline char *buf_room(struct buf *buf, size_t size)
{
    bool fits = !buf->overflowed && size < buf->capacity - buf->len &&
                size <= buf->bytes_max - buf->len;
    return fits ? buf->data + buf->len : buf_make_room(buf, size);
}

static inline void buf_added(struct buf *buf, size_t size)
{
    buf->len += size;
    buf->data[buf->len] = '\0';
}

/* Removes the first `count` bytes. */
void buf_consume(struct buf *buf, size_t count);
/* Removes what is behind `len`. */
void buf_truncate(struct buf *buf, size_t len);
/* Hands over the terminated text (freed by mem_free) and empties the buffer. */
char *buf_steal(struct buf *buf);

#endif
