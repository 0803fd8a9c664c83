#include "controller/core/window.h"

static enum err read_end(struct str text, const struct zone_source *source, struct cron *ret_cron,
                         struct errmsg *msg)
{
    struct errmsg why = {{0}};
    struct cron cron;
    enum err err = cron_parse(text, source, &cron, &why);
    if (err != ERR_NONE)
        return err_set(msg, err, "unparseable schedule \"%.*s\": %s", STR_ARGS(text), why.text);
    if (cron.every_ms > 0)
        err = err_set(msg, ERR_INVALID, "schedule \"%.*s\" has no fixed times", STR_ARGS(text));
    else if (!cron_fires(&cron))
        err = err_set(msg, ERR_INVALID, "schedule \"%.*s\" never fires", STR_ARGS(text));
    if (err != ERR_NONE) {
        cron_release(&cron);
        return err;
    }
    *ret_cron = cron;
    return ERR_NONE;
}

enum err window_parse(struct str from, struct str to, const struct zone_source *source,
                      struct window *ret_window, struct errmsg *msg)
{
    struct window window;
    enum err err = read_end(from, source, &window.from, msg);
    if (err != ERR_NONE)
        return err;
    err = read_end(to, source, &window.to, msg);
    if (err != ERR_NONE) {
        cron_release(&window.from);
        return err;
    }
    *ret_window = window;
    return ERR_NONE;
}

void window_release(struct window *window)
{
    cron_release(&window->from);
    cron_release(&window->to);
}

enum err window_at(const struct window *window, int64_t now_ms, struct window_state *ret_state,
                   struct errmsg *msg)
{
    int64_t opened_ms;
    int64_t closes_ms;
    struct window_state state = {false, KTIME_NEVER};
    bool has_opened = cron_previous(&window->from, now_ms, &opened_ms);
    if (!cron_next(&window->to, has_opened ? opened_ms : now_ms, &closes_ms))
        return err_set(msg, ERR_INVALID, "the schedule of the window's end does not fire within "
                       "%d years", CRON_SEARCH_YEARS);
    if (has_opened && closes_ms > now_ms) {
        *ret_state = (struct window_state){true, closes_ms};
        return ERR_NONE;
    }
    if (!cron_next(&window->from, now_ms, &state.until_ms) && !has_opened)
        return err_set(msg, ERR_INVALID, "the schedule of the window's beginning does not fire "
                       "within %d years", CRON_SEARCH_YEARS);
    *ret_state = state;
    return ERR_NONE;
}
