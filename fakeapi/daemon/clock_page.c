/* GET /_sim/clock; POST {"advance": "1h30m"} or {"set": "2026-01-02T15:04:05Z"}. */
#include "controller/base/ktime.h"
#include "fakeapi/daemon/daemon.h"

static enum http_page_result refuse(struct http_page *page, int code, const char *reason,
                                    const char *message)
{
    struct json *status = json_object();
    json_set(status, "kind", json_text("Status"));
    json_set(status, "apiVersion", json_text("v1"));
    json_set(status, "metadata", json_object());
    json_set(status, "status", json_text("Failure"));
    json_set(status, "message", json_text(message));
    json_set(status, "reason", json_text(reason));
    json_set(status, "code", json_int(code));
    json_print(status, &page->body);
    buf_append_char(&page->body, '\n');
    json_free(status);
    page->status = code;
    return HTTP_PAGE_DONE;
}

static enum http_page_result show(const struct clock *clock, struct http_page *page)
{
    char now[KTIME_TEXT_BYTES];
    ktime_format_micro(clock->timers->now_ms, now);
    buf_printf(&page->body, "{\"now\":\"%s\",\"paused\":%s,\"speed\":%u}\n", now,
               clock->is_paused ? "true" : "false", clock->speed);
    return HTTP_PAGE_DONE;
}

/* The instant that a body asks for. */
static bool read_target(const struct clock *clock, const struct json *asked, int64_t *ret_at_ms,
                        struct errmsg *msg)
{
    int64_t ns;
    struct str advance = json_text_at(asked, "advance");
    struct str set = json_text_at(asked, "set");
    if (json_count(asked) != 1 || (advance.data == NULL && set.data == NULL)) {
        (void)err_set(msg, ERR_TYPE, "expected {\"advance\": DURATION} or {\"set\": TIME}");
        return false;
    }
    if (set.data != NULL) {
        if (ktime_parse_rfc3339(set, ret_at_ms))
            return true;
        (void)err_set(msg, ERR_TYPE, "set: expected a time such as 2026-01-02T15:04:05Z");
        return false;
    }
    if (duration_parse(advance, &ns, msg) != ERR_NONE)
        return false;
    *ret_at_ms = clock_due_ms(clock) + duration_ns_to_ms(ns);
    return true;
}

static enum http_page_result move(struct clock *clock, struct http_visit *visit,
                                  struct http_page *page)
{
    struct json *asked = NULL;
    struct errmsg msg = {{0}};
    int64_t at_ms = 0;
    if (json_parse(visit->body, NULL, &asked, &msg) != ERR_NONE)
        return refuse(page, 400, "BadRequest", msg.text);
    bool good = read_target(clock, asked, &at_ms, &msg);
    json_free(asked);
    if (!good)
        return refuse(page, 400, "BadRequest", msg.text);
    if (at_ms < clock_due_ms(clock) || at_ms > CLOCK_LAST_MS)
        return refuse(page, 400, "BadRequest",
                      "the clock goes forward, to the end of the year 9999 at most");
    clock_jump(clock, at_ms);
    visit->note = at_ms;
    return HTTP_PAGE_LATER;
}

enum http_page_result clock_page(void *ctx, struct http_visit *visit, struct http_page *ret_page)
{
    struct clock *clock = ctx;
    if (!str_is(visit->path, "/_sim/clock"))
        return HTTP_PAGE_NONE;
    if (!visit->from_loopback)
        return refuse(ret_page, 403, "Forbidden", "the clock is moved from this machine only");
    if (visit->note != 0) /* moved already; the world may still have to catch up */
        return clock->timers->now_ms < visit->note ? HTTP_PAGE_LATER : show(clock, ret_page);
    if (strcmp(visit->method, "GET") == 0 || strcmp(visit->method, "HEAD") == 0)
        return show(clock, ret_page);
    if (strcmp(visit->method, "POST") == 0)
        return move(clock, visit, ret_page);
    return refuse(ret_page, 405, "MethodNotAllowed", "the clock knows GET and POST");
}
