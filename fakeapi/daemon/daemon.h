/*
 * `fakeapi`, the program: an API server on a socket, with the world behind it if there is one,
 * from its flags to its end.
 */
#ifndef PROMOTER_FAKEAPI_DAEMON_DAEMON_H
#define PROMOTER_FAKEAPI_DAEMON_DAEMON_H

#include "fakeapi/daemon/clock.h"
#include "fakeapi/daemon/flags.h"
#include "fakeapi/http/http.h"
#include "scenarios/engine/scenario.h"

#define DAEMON_AUDIT_MAX 1024u /* requests that are remembered */
#define DAEMON_GRACE_MS 5000   /* for requests that are under way at the end */
#define DAEMON_LINGER_MS 2000  /* at most, until the next server's versions are new */

/* The API server and the clock of its world. */
struct setting {
    struct scenario *scenario; /* owned; NULL: no world */
    struct fakeapi_catalogue *catalogue; /* owned */
    struct sim *sim;           /* owned; NULL: no world */
    struct timers own_timers;  /* when there is no world */
    struct fakeapi *own_api;   /* owned; the same */
    struct script_run script;
    bool counts_from_time;     /* its versions begin with the time of its start */
};

struct fakeapi *setting_api(struct setting *setting);
struct timers *setting_timers(struct setting *setting);
/* Everything that is there from the start. Release in either case. The messages are those of
 * the readers. */
NODISCARD enum err setting_create(const struct flags *flags, struct setting *ret_setting,
                                  struct errmsg *msg);
/* How long from now a server would begin with versions that this one has given: 0 or less: none. */
int64_t setting_versions_ahead_ms(struct setting *setting);
/* A step of the script went wrong: says so once. */
bool setting_failed(struct setting *setting, struct errmsg *msg);
void setting_release(struct setting *setting);

/* Runs until SIGTERM or SIGINT, which the caller has blocked. Says on `out` when it is ready. */
NODISCARD enum err daemon_run(const struct flags *flags, FILE *out, FILE *errors,
                              struct errmsg *msg);

/* The page /_sim/clock; `ctx` is the struct clock. */
enum http_page_result clock_page(void *ctx, struct http_visit *visit, struct http_page *ret_page);

#endif
