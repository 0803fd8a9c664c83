/* Compressed answers. */
#include <zlib.h>

#include "controller/base/mem.h"
#include "fakeapi/http/http_state.h"

#define GZIP_LEVEL 1         /* a real server's: time counts for more than bytes */
#define GZIP_WINDOW (15 + 16) /* zlib's largest window, and a gzip header */
#define GZIP_MEMORY 8        /* zlib's default */

bool http_gzip(struct buf *body)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t bound = deflateBound(&stream, body->len);
    unsigned char *space = mem_alloc(bound);
    stream.next_in = (unsigned char *)body->data;
    stream.avail_in = (unsigned)body->len; /* an answer is below 4 GiB */
    stream.next_out = space;
    stream.avail_out = (unsigned)bound;
    bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    if (whole) {
        buf_clear(body);
        buf_append_bytes(body, space, stream.total_out);
    }
    (void)deflateEnd(&stream);
    mem_free(space);
    return whole;
}
