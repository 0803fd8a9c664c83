#include "controller/k8s/watch_decoder.h"

void watch_decoder_init(struct watch_decoder *decoder)
{
    buf_init(&decoder->pending, WATCH_LINE_BYTES_MAX * 2);
    decoder->scanned = 0;
}

void watch_decoder_release(struct watch_decoder *decoder)
{
    buf_release(&decoder->pending);
}

enum err watch_decoder_feed(struct watch_decoder *decoder, struct str bytes)
{
    buf_append(&decoder->pending, bytes);
    return decoder->pending.overflowed ? ERR_LIMIT : ERR_NONE;
}

static bool event_type_of(struct str text, enum watch_event_type *ret_type)
{
    static const char *const names[] = {
        [WATCH_ADDED] = "ADDED",       [WATCH_MODIFIED] = "MODIFIED", [WATCH_DELETED] = "DELETED",
        [WATCH_BOOKMARK] = "BOOKMARK", [WATCH_ERROR] = "ERROR",
    };
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (str_is(text, names[i])) {
            *ret_type = (enum watch_event_type)i;
            return true;
        }
    }
    return false;
}

static enum err decode_line(struct str line, struct watch_event *ret_event, struct errmsg *msg)
{
    CLEANUP(json_free_pointer) struct json *frame = NULL;
    enum watch_event_type type;
    enum err err = json_parse(line, NULL, &frame, msg);
    if (err != ERR_NONE)
        return err == ERR_TYPE ? ERR_TYPE : ERR_SYNTAX;
    struct json *object = json_get(frame, "object");
    if (!event_type_of(json_text_at(frame, "type"), &type) || !json_is(object, JSON_OBJECT))
        return err_set(msg, ERR_SYNTAX, "found no event, expected {\"type\", \"object\"}");
    ret_event->type = type;
    ret_event->object = json_detach(frame, object);
    return ERR_NONE;
}

enum err watch_decoder_next(struct watch_decoder *decoder, struct watch_event *ret_event,
                            struct errmsg *msg)
{
    struct str pending = buf_str(&decoder->pending);
    size_t newline = str_find(pending, '\n', decoder->scanned);
    decoder->scanned = newline;
    if (newline > WATCH_LINE_BYTES_MAX)
        return err_set(msg, ERR_SYNTAX, "found an event of more than %u bytes",
                       WATCH_LINE_BYTES_MAX);
    if (newline == pending.len)
        return ERR_NOT_FOUND;
    enum err err = decode_line(str_slice(pending, 0, newline), ret_event, msg);
    buf_consume(&decoder->pending, newline + 1);
    decoder->scanned = 0;
    return err;
}
