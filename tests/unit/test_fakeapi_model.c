/*
 * Random operations against the store beside a model that knows nothing of it: an array of
 * objects, and for each selection a sum over what it holds, at every resourceVersion. Clients list
 * and watch with selectors, page by page, while the store is written to, compacted and its clock
 * moved; they are cut off and come back. What a client has been told must add up to the model's
 * sum at the very version that it was told of: before an event to the version before it.
 *
 *   test_fakeapi_model [OPERATIONS [SEED]]
 */
#include "controller/base/rng.h"
#include "tests/testlib/server.h"

#define OPERATIONS_DEFAULT 40000u
#define NAMES 20u
#define SPACES 3u
#define CLIENTS 24u
#define SUMS 4096u    /* versions that the model remembers; more than the history of the server */
#define HISTORY 600u
#define CORE "/api/v1"

static const char *const spaces[SPACES] = {"default", "kube-public", "kube-system"};

struct thing {
    bool exists;
    uint64_t version;
    int label; /* l=0 to l=3; -1: none */
    unsigned data;
};

/* What a client asks for; the same in the model's words. */
struct selection {
    const char *path;
    const char *query;
    int space;   /* -1: all */
    int name;    /* -1: all */
    bool (*takes)(int label);
};

static bool takes_all(int label)
{
    return label >= -1;
}

static bool takes_one(int label)
{
    return label == 1;
}

static bool takes_one_or_two(int label)
{
    return label == 1 || label == 2;
}

static bool takes_not_zero(int label)
{
    return label != 0;
}

static bool takes_none(int label)
{
    return label == -1;
}

static const struct selection selections[] = {
    {CORE "/configmaps", "", -1, -1, takes_all},
    {CORE "/namespaces/default/configmaps", "", 0, -1, takes_all},
    {CORE "/configmaps", "&labelSelector=l%3D1", -1, -1, takes_one},
    {CORE "/configmaps", "&labelSelector=l%20in%20(1,2)", -1, -1, takes_one_or_two},
    {CORE "/namespaces/kube-public/configmaps", "&labelSelector=l!%3D0", 1, -1, takes_not_zero},
    {CORE "/configmaps", "&labelSelector=!l", -1, -1, takes_none},
    {CORE "/configmaps", "&fieldSelector=metadata.name%3Dn3", -1, 3, takes_all},
    {CORE "/configmaps", "&fieldSelector=metadata.namespace%3Dkube-system", 2, -1, takes_all},
    {CORE "/namespaces/default/configmaps", "&fieldSelector=metadata.name%3Dn5&labelSelector=l", 0,
     5, takes_all},
};
#define SELECTIONS ARRAY_COUNT(selections)
#define LABELLED_SELECTION (SELECTIONS - 1) /* takes what has any label */

struct things {
    struct thing at[SPACES][NAMES];
};

struct client {
    size_t selection;
    enum { CLIENT_LOST, CLIENT_PAGING, CLIENT_STARTING, CLIENT_WATCHING } phase;
    struct things known;
    uint64_t sum;      /* over what is known */
    uint64_t version;  /* what the client was told of last */
    char *next_page;   /* owned; the continue token */
    size_t expected;   /* items and what remained of them, of the first page; 0: not told */
    size_t item_count;
    struct fakeapi_watch *watch;
};

struct play {
    struct server server;
    struct rng rng;
    struct things model;
    uint64_t version;
    uint64_t sums[SELECTIONS][SUMS]; /* by version */
    struct client clients[CLIENTS];
    struct {
        size_t events, bookmarks, lists, pages, expired, initial, cuts, ends;
    } seen;
};

static bool selection_takes(size_t selection, unsigned space, unsigned name, int label)
{
    const struct selection *wanted = &selections[selection];
    if (selection == LABELLED_SELECTION && label == -1)
        return false;
    return (wanted->space < 0 || (unsigned)wanted->space == space) &&
           (wanted->name < 0 || (unsigned)wanted->name == name) && wanted->takes(label);
}

/* A number for one thing; sums of these tell apart what differs. */
static uint64_t weight(unsigned space, unsigned name, const struct thing *thing)
{
    char text[96];
    int len = snprintf(text, sizeof(text), "%u/%u@%" PRIu64 " l=%d data=%u", space, name,
                       thing->version, thing->label, thing->data);
    return thing->exists ? str_hash(STR_HASH_INIT, str_from_bytes(text, (size_t)len)) : 0;
}

static uint64_t *sum_at(struct play *play, size_t selection, uint64_t version)
{
    assert_true(version <= play->version && play->version - version < SUMS);
    return &play->sums[selection][version % SUMS];
}

/* The model's side of a write: `after` is so from `version` on. */
static void model_write(struct play *play, unsigned space, unsigned name, struct thing after,
                        uint64_t version)
{
    struct thing *thing = &play->model.at[space][name];
    assert_true(version == play->version + 1);
    play->version = version;
    for (size_t i = 0; i < SELECTIONS; i++) {
        uint64_t sum = play->sums[i][(version - 1) % SUMS];
        if (thing->exists && selection_takes(i, space, name, thing->label))
            sum -= weight(space, name, thing);
        if (after.exists && selection_takes(i, space, name, after.label))
            sum += weight(space, name, &after);
        *sum_at(play, i, version) = sum;
    }
    *thing = after;
}

static char *thing_target(unsigned space, unsigned name)
{
    return str_format(CORE "/namespaces/%s/configmaps/n%u", spaces[space], name);
}

static char *thing_body(unsigned space, unsigned name, const struct thing *thing)
{
    char label[24] = "";
    if (thing->label >= 0)
        (void)snprintf(label, sizeof(label), "\"l\":\"%d\"", thing->label);
    return str_format("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":"
                      "\"n%u\",\"namespace\":\"%s\",\"labels\":{%s}},\"data\":{\"d\":\"%u\"}}",
                      name, spaces[space], label, thing->data);
}

static void create(struct play *play, unsigned space, unsigned name, struct thing wanted)
{
    char *target = str_format(CORE "/namespaces/%s/configmaps", spaces[space]);
    char *body = thing_body(space, name, &wanted);
    bool existed = play->model.at[space][name].exists;
    int status = server_send(&play->server, "POST", target, "application/json", body);
    assert_int_equal(status, existed ? 409 : 201);
    if (!existed) {
        wanted.version = server_version(&play->server);
        model_write(play, space, name, wanted, wanted.version);
    }
    mem_free(target);
    mem_free(body);
}

/* An update of all, or a patch that says the same. Without a difference nothing happens. */
static void update(struct play *play, unsigned space, unsigned name, struct thing wanted)
{
    const struct thing *present = &play->model.at[space][name];
    bool patches = rng_chance(&play->rng, 1, 2);
    char *target = thing_target(space, name);
    char *body = thing_body(space, name, &wanted);
    char *patch = wanted.label >= 0
                      ? str_format("{\"metadata\":{\"labels\":{\"l\":\"%d\"}},\"data\":{\"d\":"
                                   "\"%u\"}}", wanted.label, wanted.data)
                      : str_format("{\"metadata\":{\"labels\":{\"l\":null}},\"data\":{\"d\":"
                                   "\"%u\"}}", wanted.data);
    int status = patches ? server_send(&play->server, "PATCH", target, MERGE, patch)
                         : server_send(&play->server, "PUT", target, "application/json", body);
    if (present->exists) {
        assert_int_equal(status, 200);
        wanted.version = server_version(&play->server);
        bool same = present->label == wanted.label && present->data == wanted.data;
        assert_true(!same || wanted.version == present->version);
        if (wanted.version != present->version)
            model_write(play, space, name, wanted, wanted.version);
    } else {
        assert_int_equal(status, patches ? 404 : status);
        if (status == 201) { /* a PUT of what is absent creates it where the kind allows that */
            wanted.version = server_version(&play->server);
            model_write(play, space, name, wanted, wanted.version);
        }
    }
    mem_free(patch);
    mem_free(body);
    mem_free(target);
}

static void delete_one(struct play *play, unsigned space, unsigned name)
{
    bool existed = play->model.at[space][name].exists;
    char *target = thing_target(space, name);
    int status = server_send(&play->server, "DELETE", target, NULL, NULL);
    assert_int_equal(status, existed ? 200 : 404);
    if (existed)
        model_write(play, space, name, (struct thing){0},
                    fakeapi_resource_version(play->server.api));
    mem_free(target);
}

static void write_something(struct play *play)
{
    unsigned space = (unsigned)rng_below(&play->rng, SPACES);
    unsigned name = (unsigned)rng_below(&play->rng, NAMES);
    struct thing wanted = {.exists = true,
                           .label = (int)rng_below(&play->rng, 5) - 1,
                           .data = (unsigned)rng_below(&play->rng, 8)};
    switch (rng_below(&play->rng, 5)) {
    case 0: create(play, space, name, wanted); break;
    case 1: delete_one(play, space, name); break;
    default: update(play, space, name, wanted); break;
    }
}

/* What the object says about itself. */
static struct thing read_thing(const struct json *object, unsigned *ret_space, unsigned *ret_name)
{
    uint64_t label = 0;
    uint64_t data = 0;
    uint64_t name = 0;
    struct thing thing = {.exists = true, .label = -1};
    struct str space = json_text_at(object, "metadata.namespace");
    *ret_space = 0;
    while (*ret_space + 1 < SPACES && !str_is(space, spaces[*ret_space]))
        ++*ret_space;
    assert_true(str_is(space, spaces[*ret_space]));
    struct str text = json_text_at(object, "metadata.name");
    assert_true(str_to_u64(str_slice(text, 1, text.len), &name) && name < NAMES);
    *ret_name = (unsigned)name;
    assert_true(str_to_u64(json_text_at(object, "metadata.resourceVersion"), &thing.version));
    if (str_to_u64(json_text_at(object, "metadata.labels.l"), &label))
        thing.label = (int)label;
    assert_true(str_to_u64(json_text_at(object, "data.d"), &data));
    thing.data = (unsigned)data;
    return thing;
}

static void client_forget(struct client *client)
{
    fakeapi_watch_close(client->watch);
    mem_free(client->next_page);
    *client = (struct client){.selection = client->selection};
}

static void client_learn(struct client *client, const struct json *object, const char *type)
{
    unsigned space;
    unsigned name;
    struct thing thing = read_thing(object, &space, &name);
    struct thing *known = &client->known.at[space][name];
    bool leaves = strcmp(type, "DELETED") == 0;
    assert_int_equal(known->exists, strcmp(type, "ADDED") != 0);
    client->sum -= weight(space, name, known);
    if (leaves)
        thing = (struct thing){0};
    else
        client->sum += weight(space, name, &thing);
    *known = thing;
}

static void assert_cache(struct play *play, const struct client *client, uint64_t version)
{
    assert_true(client->sum == *sum_at(play, client->selection, version));
}

/* A page of a list; the last one is followed by a watch from the list's version. */
static void client_list(struct play *play, struct client *client)
{
    const struct selection *wanted = &selections[client->selection];
    static const char *const starts[] = {"", "&resourceVersion=0", "&resourceVersion=0"};
    const char *start = client->phase == CLIENT_PAGING
                            ? "" : starts[rng_below(&play->rng, ARRAY_COUNT(starts))];
    uint64_t limit = rng_below(&play->rng, 3) == 0 ? 0 : 1 + rng_below(&play->rng, 9);
    char *target = str_format("%s?limit=%" PRIu64 "%s%s%s%s", wanted->path, limit, wanted->query,
                              start, client->next_page != NULL ? "&continue=" : "",
                              client->next_page != NULL ? client->next_page : "");
    int status = server_get(&play->server, target);
    mem_free(target);
    if (status == 410) {
        assert_true(client->phase == CLIENT_PAGING);
        play->seen.expired++;
        client_forget(client);
        return;
    }
    assert_int_equal(status, 200);
    play->seen.pages++;
    JSON_EACH(item, json_get(play->server.body, "items")) {
        client_learn(client, item, "ADDED");
        client->item_count++;
    }
    uint64_t version = server_version(&play->server);
    assert_true(client->phase != CLIENT_PAGING || version == client->version);
    client->version = version;
    int64_t remaining = 0;
    if (json_int_of(json_at(play->server.body, "metadata.remainingItemCount"), &remaining) &&
        client->expected == 0)
        client->expected = client->item_count + (size_t)remaining;
    mem_free(client->next_page);
    client->next_page = NULL;
    client->phase = CLIENT_PAGING;
    struct str token = server_text(&play->server, "metadata.continue");
    if (token.len > 0) {
        client->next_page = str_dup(token);
        return;
    }
    assert_cache(play, client, version);
    assert_true(client->expected == 0 || client->expected == client->item_count);
    play->seen.lists++;
    client->phase = CLIENT_WATCHING; /* without a watch: it is opened next */
}

static void client_open(struct play *play, struct client *client, bool with_initial)
{
    const struct selection *wanted = &selections[client->selection];
    uint64_t timeout_s = 30 + rng_below(&play->rng, 600);
    char *target =
        with_initial
            ? str_format("%s?watch=1%s&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
                         "allowWatchBookmarks=true&timeoutSeconds=%" PRIu64, wanted->path,
                         wanted->query, timeout_s)
            : str_format("%s?watch=1%s&resourceVersion=%" PRIu64 "&timeoutSeconds=%" PRIu64 "%s",
                         wanted->path, wanted->query, client->version, timeout_s,
                         rng_chance(&play->rng, 1, 2) ? "&allowWatchBookmarks=true" : "");
    fakeapi_watch_close(client->watch); /* one that has ended */
    client->watch = server_watch(&play->server, target);
    client->phase = with_initial ? CLIENT_STARTING : CLIENT_WATCHING;
    mem_free(target);
}

static void client_on_bookmark(struct play *play, struct client *client, const struct json *object)
{
    uint64_t version = 0;
    assert_true(str_to_u64(json_text_at(object, "metadata.resourceVersion"), &version));
    assert_true(version >= client->version);
    assert_cache(play, client, version);
    client->version = version;
    if (client->phase == CLIENT_STARTING)
        play->seen.initial++;
    else
        play->seen.bookmarks++;
    client->phase = CLIENT_WATCHING;
}

static void client_on_change(struct play *play, struct client *client, const char *type,
                             const struct json *object)
{
    uint64_t version = 0;
    if (client->phase == CLIENT_STARTING) {
        assert_string_equal(type, "ADDED");
        client_learn(client, object, type);
        return;
    }
    assert_true(str_to_u64(json_text_at(object, "metadata.resourceVersion"), &version));
    assert_true(version > client->version);
    assert_cache(play, client, version - 1);
    client_learn(client, object, type);
    assert_cache(play, client, version);
    client->version = version;
    play->seen.events++;
}

/* Reads one event. False: none is there. */
static bool client_read(struct play *play, struct client *client)
{
    char type[16];
    struct json *event CLEANUP(json_free_pointer) = NULL;
    struct buf *line = &play->server.line;
    buf_clear(line);
    if (!fakeapi_watch_read(client->watch, line))
        return false;
    assert_err(json_parse(buf_str(line), NULL, &event, NULL), ERR_NONE);
    const struct json *object = json_get((const struct json *)event, "object");
    (void)snprintf(type, sizeof(type), "%.*s", STR_ARGS(json_text_at(event, "type")));
    if (strcmp(type, "ERROR") == 0) {
        int64_t code = 0;
        assert_true(json_int_of(json_get(object, "code"), &code) && code == 410);
        play->seen.expired++;
        client_forget(client);
        return false;
    }
    if (strcmp(type, "BOOKMARK") == 0)
        client_on_bookmark(play, client, object);
    else
        client_on_change(play, client, type, object);
    return true;
}

/* Reads some events, or all; whoever has read all knows all. */
static void client_follow(struct play *play, struct client *client)
{
    size_t most = rng_chance(&play->rng, 1, 4) ? SIZE_MAX : rng_below(&play->rng, 6);
    for (size_t i = 0; i < most; i++) {
        if (client_read(play, client))
            continue;
        if (client->phase == CLIENT_LOST)
            return;
        if (!fakeapi_watch_ended(client->watch)) {
            assert_cache(play, client, play->version);
            return;
        }
        play->seen.ends++;
        if (client->phase == CLIENT_STARTING)
            client_forget(client);
        else
            client_open(play, client, false);
        return;
    }
}

static void client_step(struct play *play, struct client *client)
{
    if (client->watch != NULL && rng_chance(&play->rng, 1, 60)) {
        fakeapi_watch_close(client->watch);
        client->watch = NULL;
        play->seen.cuts++;
        if (client->phase == CLIENT_STARTING)
            client_forget(client);
    }
    if (client->phase == CLIENT_LOST && rng_chance(&play->rng, 1, 3))
        client_open(play, client, true);
    else if (client->phase == CLIENT_LOST || client->phase == CLIENT_PAGING)
        client_list(play, client);
    else if (client->watch == NULL)
        client_open(play, client, false);
    else
        client_follow(play, client);
}

static void pass_time(struct play *play)
{
    struct timers *timers = &play->server.timers;
    int64_t until_ms = timers->now_ms + (int64_t)rng_below(&play->rng, 20000);
    while (timers_next_ms(timers) <= until_ms)
        (void)timers_run_next(timers);
    timers_move(timers, until_ms);
}

static void step(struct play *play)
{
    uint64_t draw = rng_below(&play->rng, 1000);
    if (draw < 3)
        fakeapi_compact(play->server.api);
    else if (draw < 20)
        pass_time(play);
    else if (draw < 500)
        write_something(play);
    else /* the later ones come by seldom, and fall behind */
        client_step(play, &play->clients[rng_below(&play->rng,
                                                   1 + rng_below(&play->rng, CLIENTS))]);
}

static struct play *play_start(uint64_t seed)
{
    struct play *play = mem_alloc(sizeof(*play));
    timers_init(&play->server.timers, SERVER_START_MS);
    buf_init(&play->server.line, 1u << 20);
    play->server.api = fakeapi_create(&(struct fakeapi_config){
        .timers = &play->server.timers, .seed = seed, .history_max = HISTORY, .audit_max = 1000});
    rng_init(&play->rng, seed);
    play->version = fakeapi_resource_version(play->server.api);
    for (size_t i = 0; i < CLIENTS; i++)
        play->clients[i].selection = i % SELECTIONS;
    return play;
}

static void play_stop(struct play *play)
{
    for (size_t i = 0; i < CLIENTS; i++)
        client_forget(&play->clients[i]);
    server_stop(&play->server);
    mem_free(play);
}

struct options {
    uint64_t operations;
    uint64_t seed;
};

static void every_cache_equals_the_store_at_every_version(void **state)
{
    const struct options *options = *state;
    struct play *play = play_start(options->seed);
    for (uint64_t i = 0; i < options->operations; i++)
        step(play);
    printf("%" PRIu64 " operations, seed %" PRIu64 ": version %" PRIu64 "; %zu events, "
           "%zu bookmarks, %zu lists of %zu pages, %zu streams of initial events, %zu ends, "
           "%zu cuts, %zu times too old\n",
           options->operations, options->seed, play->version, play->seen.events,
           play->seen.bookmarks, play->seen.lists, play->seen.pages, play->seen.initial,
           play->seen.ends, play->seen.cuts, play->seen.expired);
    /* A play that reaches none of these proves nothing. */
    assert_true(options->operations < OPERATIONS_DEFAULT ||
                (play->seen.events > 0 && play->seen.bookmarks > 0 && play->seen.ends > 0 &&
                 play->seen.initial > 0 && play->seen.expired > 0 && play->seen.cuts > 0 &&
                 play->seen.pages > play->seen.lists));
    play_stop(play);
}

int main(int argc, char **argv)
{
    struct options options = {OPERATIONS_DEFAULT, 1};
    if (argc > 1)
        ASSERT(str_to_u64(str_from(argv[1]), &options.operations));
    if (argc > 2)
        ASSERT(str_to_u64(str_from(argv[2]), &options.seed));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_cache_equals_the_store_at_every_version, &options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
