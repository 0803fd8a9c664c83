#include "scenarios/engine/sweep_outcome.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"
#include "scenarios/engine/checkers_rooms.h"
#include "scenarios/engine/event_list.h"
#include "scenarios/engine/fold.h"
#include "scenarios/engine/sweep.h"

#define OBJECT_TEXT_BYTES_MAX (8u << 20)
#define DIFF_LINES_MAX 12u /* of each object */

/* What Sveltos writes down for people: Events are named after the instant, and lists are in
 * the order in which it came to its profiles, both of which a wait of five seconds moves. Our
 * own Events are compared by what they say. */
static bool is_book_keeping(struct str kind)
{
    return str_is(kind, "Event") || str_is(kind, "ClusterConfiguration") ||
           str_is(kind, "ClusterReport");
}

/* Named after times that a crash may move (P15). How often one was told again is counted by a
 * process that may die. */
static void collect_event(const struct mask_uids *uids, const struct json *event,
                          struct outcome *outcome)
{
    static const char *const PARTS[] = {"type", "reason", "action", "note", "metadata.namespace"};
    struct json *rest = json_object();
    char *note = mask_text(uids, json_text_at(event, "note"), true);
    char *key = str_format("Event/%.*s/%.*s: %s", STR_ARGS(json_text_at(event, "regarding.name")),
                           STR_ARGS(json_text_at(event, "reason")), note);
    for (size_t i = 0; i < ARRAY_COUNT(PARTS); i++)
        json_set(rest, PARTS[i], json_string(json_text_at(event, PARTS[i])));
    json_set(rest, "note", json_text(note));
    json_free(map_put(&outcome->events, str_from(key), rest));
    mem_free(key);
    mem_free(note);
}

static void collect_objects(const struct mask *mask, const struct mask_uids *uids,
                            const struct fold *fold, struct outcome *outcome)
{
    MAP_EACH(entry, &fold->objects)
    {
        const struct folded *folded = map_entry_value(entry);
        if (event_is_ours(folded->object))
            collect_event(uids, folded->object, outcome);
        if (folded->object == NULL || is_book_keeping(folded->kind))
            continue;
        char *key = mask_text(uids, map_entry_key(entry), false);
        (void)map_put(&outcome->objects, str_from(key),
                      mask_object(mask, uids, folded->kind, folded->object));
        mem_free(key);
    }
}

static void count_write(const struct mask_uids *uids, struct outcome *outcome,
                        const struct fakeapi_audit *audit)
{
    char *raw = str_format("%.*s/%.*s/%.*s", STR_ARGS(audit->kind), STR_ARGS(audit->name_space),
                           STR_ARGS(audit->name));
    char *key = mask_text(uids, str_from(raw), false);
    struct outcome_writes *writes = map_get(&outcome->writes, str_from(key));
    if (writes == NULL) {
        writes = mem_alloc(sizeof(*writes));
        (void)map_put(&outcome->writes, str_from(key), writes);
    }
    if (audit->created)
        writes->creates++;
    else if (audit->deleted)
        writes->deletes++;
    else
        writes->updates++;
    mem_free(key);
    mem_free(raw);
}

void outcome_collect(const struct mask *mask, const struct sim *sim, struct outcome *ret_outcome)
{
    struct evidence evidence;
    struct mask_uids uids;
    struct fold fold;
    *ret_outcome = (struct outcome){.start_ms = sim_start_ms(sim)};
    map_init(&ret_outcome->objects);
    map_init(&ret_outcome->events);
    map_init(&ret_outcome->writes);
    sim_evidence(sim, &evidence);
    mask_uids_init(&uids, evidence.api);
    fold_init(&fold);
    for (size_t i = 0; i < fakeapi_audit_count(evidence.api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(evidence.api, i);
        bool ours = audit_is_controllers(&evidence, audit);
        fold_add(&fold, audit);
        if (ours && audit->changed && !str_is(audit->kind, "Event"))
            count_write(&uids, ret_outcome, audit);
    }
    collect_objects(mask, &uids, &fold, ret_outcome);
    transitions_collect(evidence.api, &ret_outcome->transitions);
    for (size_t i = 0; i < ret_outcome->transitions.count; i++) {
        struct transition *transition = &ret_outcome->transitions.items[i];
        char *text = transition->text;
        if (text == NULL)
            continue;
        transition->text = mask_text(&uids, str_from(text), true);
        mem_free(text);
    }
    checkers_run(&evidence, &ret_outcome->verdict);
    fold_release(&fold);
    mask_uids_release(&uids);
}

void outcome_release(struct outcome *outcome)
{
    MAP_EACH(object, &outcome->objects)
        json_free(map_entry_value(object));
    map_release(&outcome->objects);
    MAP_EACH(event, &outcome->events)
        json_free(map_entry_value(event));
    map_release(&outcome->events);
    MAP_EACH(writes, &outcome->writes)
        mem_free(map_entry_value(writes));
    map_release(&outcome->writes);
    transitions_release(&outcome->transitions);
    verdict_release(&outcome->verdict);
}

/* Lines of one side with a sign, at most DIFF_LINES_MAX. */
static void print_lines(struct str text, char sign, struct buf *out)
{
    unsigned lines = 0;
    while (text.data != NULL && text.len > 0) {
        struct str line = str_split_next(&text, '\n');
        if (lines++ == DIFF_LINES_MAX) {
            buf_printf(out, "    %c ...\n", sign);
            return;
        }
        buf_printf(out, "    %c %.*s\n", sign, STR_ARGS(line));
    }
}

/* Whole lines only: what both begin and end with is left out. */
static void print_difference(struct str a, struct str b, struct buf *out)
{
    size_t least = a.len < b.len ? a.len : b.len;
    size_t head = 0;
    size_t tail = 0;
    size_t line = 0;
    for (; head < least && a.data[head] == b.data[head]; head++)
        line = a.data[head] == '\n' ? head + 1 : line;
    head = line;
    while (tail < least - head && a.data[a.len - 1 - tail] == b.data[b.len - 1 - tail])
        tail++;
    while (tail > 0 && a.len > tail && a.data[a.len - tail - 1] != '\n')
        tail--;
    print_lines(str_slice(a, head, a.len - tail), '-', out);
    print_lines(str_slice(b, head, b.len - tail), '+', out);
}

static void object_text(const struct json *object, struct buf *text)
{
    struct json *sorted = json_clone(object);
    buf_init(text, OBJECT_TEXT_BYTES_MAX);
    if (sorted != NULL)
        json_sort(sorted);
    if (sorted != NULL)
        json_print_pretty(sorted, text);
    json_free(sorted);
}

static void compare_object(struct str key, const struct json *a, const struct json *b,
                           struct buf *out)
{
    struct buf text_a;
    struct buf text_b;
    if (a != NULL && b != NULL && json_equal(a, b))
        return;
    object_text(a, &text_a);
    object_text(b, &text_b);
    buf_printf(out, "  at the end, %.*s %s:\n", STR_ARGS(key),
               a == NULL ? "exists" : b == NULL ? "is absent" : "differs");
    print_difference(buf_str(&text_a), buf_str(&text_b), out);
    buf_release(&text_a);
    buf_release(&text_b);
}

static void compare_objects(const struct map *expected, const struct map *actual, struct buf *out)
{
    MAP_EACH(entry, expected)
        compare_object(map_entry_key(entry), map_entry_value(entry),
                       map_get(actual, map_entry_key(entry)), out);
    MAP_EACH(entry, actual)
    {
        if (map_get(expected, map_entry_key(entry)) == NULL)
            compare_object(map_entry_key(entry), NULL, map_entry_value(entry), out);
    }
}

static void print_writes(const struct outcome_writes *writes, char sign, struct buf *out)
{
    buf_printf(out, "    %c %u creates, %u updates, %u deletes\n", sign, writes->creates,
               writes->updates, writes->deletes);
}

static void compare_writes_of(struct str key, const struct outcome_writes *a,
                              const struct outcome_writes *b, struct buf *out)
{
    static const struct outcome_writes NONE = {0, 0, 0};
    a = a != NULL ? a : &NONE;
    b = b != NULL ? b : &NONE;
    if (a->creates == b->creates && a->updates == b->updates && a->deletes == b->deletes)
        return;
    buf_printf(out, "  effective writes to %.*s:\n", STR_ARGS(key));
    print_writes(a, '-', out);
    print_writes(b, '+', out);
}

static void compare_writes(const struct outcome *expected, const struct outcome *actual,
                           struct buf *out)
{
    MAP_EACH(entry, &expected->writes)
        compare_writes_of(map_entry_key(entry), map_entry_value(entry),
                          map_get(&actual->writes, map_entry_key(entry)), out);
    MAP_EACH(entry, &actual->writes)
    {
        if (map_get(&expected->writes, map_entry_key(entry)) == NULL)
            compare_writes_of(map_entry_key(entry), NULL, map_entry_value(entry), out);
    }
}

static bool same_transition(const struct transition *a, const struct transition *b)
{
    return a->kind == b->kind && str_equal(str_from(a->promotion), str_from(b->promotion)) &&
           str_equal(str_from(a->stage), str_from(b->stage)) &&
           str_equal(str_from(a->text), str_from(b->text));
}

static void print_transition(const struct outcome *outcome, size_t index, char sign,
                             struct buf *out)
{
    const struct transition *transition = &outcome->transitions.items[index];
    int64_t offset_ms = transition->at_ms - outcome->start_ms;
    buf_printf(out, "    %c +%" PRId64 ".%03ds %s %s: ", sign, offset_ms / 1000,
               (int)(offset_ms % 1000), transition->promotion,
               transition->stage != NULL ? transition->stage : "");
    transition_describe(transition, out);
    buf_append_char(out, '\n');
}

static bool shift_is_fine(enum transition_kind kind, int64_t shift_ms)
{
    bool withdrawal = kind == TRANSITION_PROFILE_DELETED || kind == TRANSITION_PROMOTION_DELETED;
    int64_t beat_ms = withdrawal ? SWEEP_WITHDRAWAL_BEAT_MS : 0;
    return shift_ms >= -beat_ms && shift_ms <= SWEEP_SHIFT_MAX_MS + beat_ms;
}

/* Steps of people keep their time while those of the controller move, so that the order
 * between them may change: each is looked up by what it says. */
static void compare_transitions(const struct outcome *expected, const struct outcome *actual,
                                struct buf *out)
{
    const struct transitions *a = &expected->transitions;
    const struct transitions *b = &actual->transitions;
    bool *taken = mem_alloc_array(b->count + 1, sizeof(*taken));
    for (size_t i = 0; i < a->count; i++) {
        size_t j = 0;
        while (j < b->count && (taken[j] || !same_transition(&a->items[i], &b->items[j])))
            j++;
        int64_t shift_ms = j < b->count ? b->items[j].at_ms - a->items[i].at_ms : 0;
        if (j < b->count)
            taken[j] = true;
        if (j < b->count && shift_is_fine(a->items[i].kind, shift_ms))
            continue;
        buf_printf(out, "  a transition %s:\n", j < b->count ? "at another time" : "is missing");
        print_transition(expected, i, '-', out);
        if (j < b->count)
            print_transition(actual, j, '+', out);
    }
    for (size_t j = 0; j < b->count; j++) {
        if (taken[j])
            continue;
        buf_append_text(out, "  a transition is new:\n");
        print_transition(actual, j, '+', out);
    }
    mem_free(taken);
}

void outcome_compare_end(const struct outcome *expected, const struct outcome *actual,
                         struct buf *out)
{
    compare_objects(&expected->objects, &actual->objects, out);
    if (actual->verdict.total == 0)
        return;
    buf_append_text(out, "  broken invariants:\n");
    verdict_print(&actual->verdict, actual->start_ms, out);
}

void outcome_compare(const struct outcome *expected, const struct outcome *actual,
                     struct buf *out)
{
    compare_transitions(expected, actual, out);
    compare_writes(expected, actual, out);
    compare_objects(&expected->events, &actual->events, out);
    outcome_compare_end(expected, actual, out);
}
