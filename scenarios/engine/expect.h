/*
 * What a scenario promises, judged by the audit log of the fake API alone.
 *
 *   always      names of invariants (checkers.h); all of them are checked anyway
 *   never       {object, after, before, match}: at no time in [after, before) did it exist so
 *   eventually  {within, object, match | absent}: at some time up to then it was so
 *   at          {at, object, match | absent}: it was so at that time; `at: end` is the last moment
 *   budget      {writes, requests}: of the controller, at most; writes without Events;
 *               {deployments, withdrawals}: what happens to features on clusters, by the ground
 *               truth, failures included
 *   quiesce     how long the controller must be at rest at the end; 24h
 *   timeline    the whole list of transitions, as `promosim run --timeline` prints it
 *   events      the whole list of Events that the controller told, as in event_list.h
 *
 * An object is `kind: KIND/NAME`, or `kind:` with `name:` and `namespace:`. A match names
 * the fields that matter; a list matches item by item; null means absent; `*` in a text
 * stands for any characters.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_EXPECT_H
#define PROMOTER_SCENARIOS_ENGINE_EXPECT_H

#include "scenarios/engine/checkers.h"
#include "scenarios/engine/script.h"

#define EXPECT_QUIESCE_MS (INT64_C(24) * 3600 * 1000)

enum clause_kind { CLAUSE_NEVER, CLAUSE_EVENTUALLY, CLAUSE_AT };

struct clause {
    enum clause_kind kind;
    const struct json *node;
    struct object_ref object;
    int64_t after_ms;  /* never; 0: from the start */
    /* never: the end, KTIME_NEVER is that of the run; eventually: the last moment that will do;
     * at: the moment, KTIME_NEVER is the last one of the run. */
    int64_t before_ms;
    const struct json *match; /* NULL: that it exists */
    bool absent;
};

struct expect {
    struct clause *clauses;
    size_t clause_count;
    unsigned writes_max; /* UINT_MAX: no budget */
    unsigned requests_max;
    unsigned deployments_max;
    unsigned withdrawals_max;
    int64_t quiesce_ms;
    struct str timeline; /* STR_NONE: not compared */
    struct str events;   /* the same */
    const struct json *budget_node, *timeline_node, *events_node;
    const struct source *source;
    const struct yaml_document *document;
};

void expect_init(struct expect *expect); /* what holds without `expect:` */
NODISCARD enum err expect_read(const struct reader *reader, const struct json *node,
                               struct expect *ret_expect);
/* ERR_TYPE: a match speaks of a field that the kind does not have, or of a value that it cannot
 * have. expect_read does this too. */
NODISCARD enum err expect_check_fields(const struct reader *reader, const struct expect *expect);
void expect_release(struct expect *expect);

/* Something that was not as promised. */
struct failure {
    struct yaml_mark mark; /* {0, 0}: no single line promised it */
    char *title;    /* owned; one line */
    char *expected; /* owned; to be compared line by line */
    char *actual;   /* owned */
    char *object;   /* owned; "ClusterProfile/x", of an invariant that was broken; NULL: none */
    int64_t at_ms;  /* since the start, of the same */
};

#define FAILURES_MAX 20u /* per scenario; further ones are counted */

struct failures {
    struct failure *items;
    size_t count;
    size_t capacity;
    size_t total;
};

/* Takes the texts over. */
void failures_add(struct failures *failures, struct yaml_mark mark, char *title, char *expected,
                  char *actual);
void failures_release(struct failures *failures);

/* What a finished (or running) simulation is judged by. Borrowed. */
struct trial {
    const struct fakeapi *api;
    int64_t start_ms;
    int64_t end_ms;
    unsigned writes, requests; /* of the controller */
    unsigned deployments, withdrawals; /* of the world */
};

/* True when the clause's promise of EVENTUALLY was kept by an entry of the audit log at or
 * after *cursor, which moves on. */
bool clause_is_met(const struct clause *clause, const struct trial *trial, size_t *cursor);
/* Appends what was not kept. ERR_INVALID: a clause is about an object that there never was,
 * and so says nothing; told with its line. */
NODISCARD enum err expect_judge(const struct expect *expect, const struct trial *trial,
                                struct failures *failures, struct errmsg *msg);

/* True when `actual` (NULL: absent) is as `expected` says. */
bool match_object(const struct json *expected, const struct json *actual);
/* The part of `actual` that `expected` speaks of, in its order; owned. */
struct json *match_projection(const struct json *expected, const struct json *actual);

#endif
