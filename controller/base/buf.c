#include "controller/base/buf.h"
#include "controller/base/mem.h"

#define BUF_BYTES_MIN 64

void buf_init(struct buf *buf, size_t bytes_max)
{
    *buf = (struct buf){.bytes_max = bytes_max};
}

void buf_release(struct buf *buf)
{
    mem_free(buf->data);
    *buf = (struct buf){.bytes_max = buf->bytes_max};
}

void buf_clear(struct buf *buf)
{
    buf->overflowed = false;
    buf_truncate(buf, 0);
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->data != NULL ? buf->data : "", buf->len};
}

/* Makes room for `extra` bytes and the NUL; false, and stuck, when the limit forbids it. */
static bool buf_reserve(struct buf *buf, size_t extra)
{
    if (buf->overflowed || extra > buf->bytes_max - buf->len) {
        buf->overflowed = true;
        return false;
    }
    size_t needed = buf->len + extra + 1;
    if (needed <= buf->capacity)
        return true;
    size_t capacity = buf->capacity < BUF_BYTES_MIN ? BUF_BYTES_MIN : buf->capacity;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    buf->data = mem_resize(buf->data, capacity);
    buf->capacity = capacity;
    return true;
}

char *buf_make_room(struct buf *buf, size_t size)
{
    return buf_reserve(buf, size) ? buf->data + buf->len : NULL;
}

void buf_append_bytes(struct buf *buf, const void *data, size_t len)
{
    if (!buf_reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_append(struct buf *buf, struct str s)
{
    buf_append_bytes(buf, s.data, s.len);
}

void buf_append_text(struct buf *buf, const char *text)
{
    buf_append_bytes(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(buf, format, arguments);
    va_end(arguments);
}

void buf_vprintf(struct buf *buf, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    ASSERT(length >= 0);
    if (buf_reserve(buf, (size_t)length)) {
        vsnprintf(buf->data + buf->len, (size_t)length + 1, format, again);
        buf->len += (size_t)length;
    }
    va_end(again);
}

void buf_consume(struct buf *buf, size_t count)
{
    ASSERT(count <= buf->len);
    if (count == 0)
        return;
    memmove(buf->data, buf->data + count, buf->len - count + 1);
    buf->len -= count;
}

void buf_truncate(struct buf *buf, size_t len)
{
    ASSERT(len <= buf->len);
    buf->len = len;
    if (buf->data != NULL)
        buf->data[len] = '\0';
}

char *buf_steal(struct buf *buf)
{
    char *text = buf->data != NULL ? buf->data : str_dup(STR(""));
    *buf = (struct buf){.bytes_max = buf->bytes_max};
    return text;
}
