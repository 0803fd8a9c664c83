#include "scenarios/engine/explore_rooms.h"

#define FAULTS_MAX 7u

/* Requests that matter, by what can be said about them in `when`. */
static const char *const REQUESTS[] = {
    "verb: patch, kind: ClusterPromotion/status",
    "verb: patch, kind: ClusterPromotion/status",
    "verb: patch, kind: ClusterPromotion",
    "verb: patch, kind: ClusterProfile",
    "verb: patch, kind: ClusterProfile",
    "verb: delete, kind: ClusterProfile",
    "verb: get",
    "verb: list",
    "verb: watch",
    "verb: patch",
};
static const char *const WATCHED[] = {"ClusterPromotion", "ClusterProfile", "ClusterSummary",
                                      "ClusterSummary", "SveltosCluster"};

/* What goes wrong: `when` is of a request or of a delivery. */
static const struct {
    const char *name;
    const char *text; /* all but `when` */
    const char *point; /* in `when`; NULL: none */
    bool of_watch;
} FAULTS[] = {
    {"crash before sending", "do: crash-controller", "before-send", false},
    {"crash after the commit", "do: crash-controller", "committed-before-answer", false},
    {"crash after the answer", "do: crash-controller", "after-answer", false},
    {"crash, commit late", "do: crash-controller", "committed-late", false},
    {"answer lost", "do: lose-answer", NULL, false},
    {"request lost", "do: lose-request", NULL, false},
    {"time-out", "do: time-out", "before-send", false},
    {"time-out, committed", "do: time-out", "committed-before-answer", false},
    {"time-out, committed late", "do: time-out", "committed-late", false},
    {"403", "do: answer, status: 403", NULL, false},
    {"409", "do: answer, status: 409", NULL, false},
    {"429", "do: answer, status: 429, retry-after: 7s", NULL, false},
    {"500", "do: answer, status: 500", NULL, false},
    {"503", "do: answer, status: 503", NULL, false},
    {"504", "do: answer, status: 504", NULL, false},
    {"read 1 event old", "do: stale-read, events: 1", NULL, false},
    {"read 5 events old", "do: stale-read, events: 5", NULL, false},
    {"a second controller, which dies", "do: second-controller, for: 40s, survivor: first", NULL,
     false},
    {"a second controller, which stays", "do: second-controller, for: 5m, survivor: second", NULL,
     false},
    {"410 on a watch", "do: gone", NULL, true},
    {"watch cut", "do: cut-watch", NULL, true},
    {"watch torn", "do: cut-watch", "within-events", true},
    {"watch delayed", "do: stale-watch, for: 30s", NULL, true},
    {"watch delayed long", "do: stale-watch, for: 20m", NULL, true},
    {"watch 1 event behind", "do: lag-watch, events: 1, for: 5m", NULL, true},
    {"watch 4 events behind", "do: lag-watch, events: 4, for: 5m", NULL, true},
};

static void draw_fault(struct draw *draw, unsigned kind)
{
    buf_printf(draw->out, "  - {%s, when: {", FAULTS[kind].text);
    if (FAULTS[kind].of_watch)
        buf_printf(draw->out, "kind: %s, nth: %u", DRAW(draw, WATCHED), 1 + draw_below(draw, 30));
    else
        buf_printf(draw->out, "%s, nth: %u", DRAW(draw, REQUESTS), 1 + draw_below(draw, 6));
    if (FAULTS[kind].point != NULL)
        buf_printf(draw->out, ", point: %s", FAULTS[kind].point);
    buf_append_text(draw->out, "}}\n");
}

void draw_faults(struct draw *draw)
{
    uint64_t on = draw_swarm(draw, ARRAY_COUNT(FAULTS));
    unsigned count = draw_below(draw, FAULTS_MAX + 1);
    buf_append_text(draw->options, "  faults:");
    for (unsigned i = 0; i < ARRAY_COUNT(FAULTS); i++) {
        if (count > 0 && (on >> i & 1) != 0)
            buf_printf(draw->options, " [%s]", FAULTS[i].name);
    }
    buf_printf(draw->options, ", %u of them\n", count);
    if (count > 0)
        buf_append_text(draw->out, "faults:\n");
    for (unsigned i = 0; i < count; i++)
        draw_fault(draw, draw_kind(draw, on, ARRAY_COUNT(FAULTS)));
}
