#include "fakeapi/apply.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

#include "fakeapi/apply_owners.h"

static const struct json *managed_of(const struct json *object)
{
    return json_get(json_get(object, "metadata"), "managedFields");
}

static void drop_managed(struct json *object)
{
    struct json *metadata = json_get(object, "metadata");
    if (json_is(metadata, JSON_OBJECT))
        json_remove(metadata, "managedFields");
}

/* The field sets of one write are all freed at its end. */
static void write_init(struct apply_write *write, struct arena *arena,
                       struct managed_fields *managed, const struct schema *schema,
                       const struct apply_writer *writer, struct buf *failure)
{
    char time[KTIME_TEXT_BYTES];
    arena_init(arena, SIZE_MAX / 2);
    managed_fields_init(managed, arena);
    ktime_format_rfc3339(writer->now_ms, time);
    *write = (struct apply_write){
        .arena = arena,
        .type = apply_type_of_object(schema),
        .writer = writer,
        .ignored = apply_ignored_fields(arena, writer),
        .managed = managed,
        .time = arena_str(arena, str_from(time)),
        .failure = failure,
    };
    buf_init(failure, APPLY_TEXT_BYTES_MAX);
}

/* "failed to create typed patch object (NAMESPACE/NAME; GROUP/VERSION, Kind=KIND): ..." */
static bool config_fits(const struct apply_write *write, const struct json *config,
                        struct apply_result *result)
{
    struct buf problems CLEANUP(buf_release) = {0};
    buf_init(&problems, APPLY_TEXT_BYTES_MAX);
    if (apply_validate(write->arena, write->type, config, &problems))
        return true;
    const struct json *metadata = json_get(config, "metadata");
    result->failure = APPLY_NOT_TYPED;
    result->message = str_format(
        "failed to create typed patch object (%.*s/%.*s; %.*s, Kind=%.*s): %.*s",
        STR_ARGS(json_string_of(json_get(metadata, "namespace"))),
        STR_ARGS(json_string_of(json_get(metadata, "name"))),
        STR_ARGS(json_string_of(json_get(config, "apiVersion"))),
        STR_ARGS(json_string_of(json_get(config, "kind"))), STR_ARGS(buf_str(&problems)));
    return false;
}

/* Everything that is there before the first apply belongs to somebody: to that entry. */
static void own_before_first_apply(const struct apply_write *write, const struct json *live)
{
    struct json *nothing CLEANUP(json_free_pointer) = json_object();
    struct apply_write before = *write;
    before.old_object = nothing;
    before.new_object = live;
    apply_own_changes(&before, STR("before-first-apply"));
}

static const struct fieldset *all_owned(const struct apply_write *write)
{
    const struct fieldset *owned = NULL;
    for (size_t i = 0; i < write->managed->count; i++)
        owned = fieldset_union(write->arena, owned, write->managed->entries[i].set);
    return owned;
}

/* The object's fields, with all members above them that are declared by name. */
static const struct fieldset *fields_with_named(const struct apply_write *write,
                                                const struct json *object)
{
    struct apply_claim claim = apply_fields_of(write->arena, write->type, object);
    return apply_with_named(write->arena, write->type, claim.children);
}

/* Takes `set` away from `object`; returns the fields that are left. */
static const struct fieldset *fields_left(const struct apply_write *write, struct json *object,
                                          const struct fieldset *set)
{
    apply_remove(write->arena, write->type, object, set);
    return fields_with_named(write, object);
}

/* Removes what the manager applied last time (`last`), does not apply now, and nobody
 * owns. Three steps as the rules have it: take away all of `last`; give back what is owned,
 * which frees what hangs below nothing owned; of that, remove only what was in `last`. */
static void prune(const struct apply_write *write, struct json *merged,
                  const struct fieldset *last, const struct fieldset *now)
{
    struct arena *arena = write->arena;
    last = apply_with_named(arena, write->type, last);
    now = apply_with_named(arena, write->type, now);
    if (fieldset_difference(arena, last, now) == NULL)
        return;
    /* The copies live as long as the sets that borrow names from them. */
    struct json *without_last CLEANUP(json_free_pointer) = json_clone(merged);
    struct json *given_back CLEANUP(json_free_pointer) = json_clone(merged);
    const struct fieldset *owned = apply_with_named(arena, write->type, all_owned(write));
    const struct fieldset *all = fields_with_named(write, merged);
    const struct fieldset *kept =
        fieldset_union(arena, fields_left(write, without_last, last), owned);
    kept = fields_left(write, given_back, fieldset_difference(arena, all, kept));
    const struct fieldset *dangling = fieldset_difference(arena, all, kept);
    apply_remove(arena, write->type, merged, fieldset_intersection(arena, last, dangling));
}

/* Equal but for apiVersion (of the request), managedFields and resourceVersion. */
static bool metadata_covers(const struct json *a, const struct json *b)
{
    JSON_EACH(member, a) {
        struct str key = json_key(member);
        if (str_is(key, "managedFields") || str_is(key, "resourceVersion"))
            continue;
        const struct json *other = json_get_str(b, key);
        if (other == NULL || !json_equal(member, other))
            return false;
    }
    return true;
}

static bool covers(const struct json *a, const struct json *b)
{
    JSON_EACH(member, a) {
        struct str key = json_key(member);
        if (str_is(key, "apiVersion") || str_is(key, "metadata"))
            continue;
        const struct json *other = json_get_str(b, key);
        if (other == NULL || !json_equal(member, other))
            return false;
    }
    return metadata_covers(json_get(a, "metadata"), json_get(b, "metadata"));
}

static bool is_same_object(const struct json *a, const struct json *b)
{
    return covers(a, b) && covers(b, a);
}

/* What becomes of null when metadata passes through the API's own types: an empty text in
 * labels and annotations, nothing elsewhere. */
static void settle_metadata(struct json *metadata)
{
    static const char *const maps[] = {"labels", "annotations"};
    for (size_t i = 0; i < ARRAY_COUNT(maps); i++) {
        struct json *map = json_get(metadata, maps[i]);
        struct json *next = NULL;
        for (struct json *item = json_first(map); item != NULL; item = next) {
            next = json_next(item);
            if (json_type(item) == JSON_NULL)
                json_replace(map, item, json_text(""));
        }
    }
    struct json *next = NULL;
    for (struct json *item = json_first(metadata); item != NULL; item = next) {
        next = json_next(item);
        if (json_type(item) == JSON_NULL)
            json_free(json_detach(metadata, item));
    }
}

/* The entry of the applier gets its new fields; what it was is returned. */
static struct managed_entry set_applied(const struct apply_write *write,
                                        const struct managed_entry *self,
                                        const struct fieldset *now)
{
    struct managed_entry *entry = managed_fields_get(write->managed, self);
    struct managed_entry last = *entry;
    entry->set = now;
    entry->api_version = self->api_version;
    return last;
}

/* Pruning looks at the object in the version of the last apply, then in all others. */
static bool can_prune(const struct apply_write *write, const struct managed_entry *last,
                      const struct json *merged)
{
    if (!apply_fits_version(write, last->api_version, merged,
                            "failed to prune fields: failed to convert merged object to last "
                            "applied version"))
        return false;
    for (size_t i = 0; i < write->managed->count; i++) {
        struct str version = write->managed->entries[i].api_version;
        char *what = str_format("failed to prune fields: failed to convert merged object at "
                                "version %.*s", STR_ARGS(version));
        bool fits = apply_fits_version(write, version, merged, what);
        mem_free(what);
        if (!fits)
            return false;
    }
    return true;
}

static void finish_merge(const struct apply_write *write, const struct managed_entry *self,
                         struct json *merged, struct apply_result *result)
{
    struct managed_entry *entry = managed_fields_find(write->managed, self);
    entry->set = apply_ownable(write->arena, entry->set);
    /* managedFields: null in a configuration counts as a change, though it changes nothing. */
    bool nulled = managed_of(merged) != NULL;
    if (nulled || !is_same_object(write->old_object, merged))
        entry->time = write->time;
    if (json_is(json_get(merged, "metadata"), JSON_OBJECT))
        settle_metadata(json_get(merged, "metadata"));
    managed_fields_write(write->managed, merged);
    result->object = merged;
}

/* False: the write has failed, or there are conflicts. */
static bool merge_and_own(struct apply_write *write, const struct json *config,
                          const struct managed_entry *self, bool force, struct json *merged,
                          struct managed_fields *conflicts)
{
    struct arena *arena = write->arena;
    apply_merge_into(arena, write->type, merged, config);
    const struct fieldset *now = apply_fields_of(arena, write->type, config).children;
    now = fieldset_outside(arena, now, write->ignored);
    struct managed_entry last = set_applied(write, self, now);
    if (last.set != NULL && !can_prune(write, &last, merged))
        return false;
    if (last.set != NULL)
        prune(write, merged, last.set, now);
    write->new_object = merged;
    struct apply_delta delta = apply_write_delta(write);
    return apply_take_over(write, &delta, self, force, conflicts);
}

static void merge_config(struct apply_write *write, const struct json *config, bool force,
                         struct apply_result *result)
{
    struct managed_entry self = {.manager = write->writer->manager,
                                 .api_version = write->writer->api_version,
                                 .subresource = write->writer->subresource,
                                 .applied = true};
    struct managed_fields conflicts;
    struct json *merged = json_clone(write->old_object);
    managed_fields_init(&conflicts, write->arena);
    drop_managed(merged);
    if (merge_and_own(write, config, &self, force, merged, &conflicts)) {
        finish_merge(write, &self, merged, result);
        return;
    }
    json_free(merged);
    if (write->failure->len > 0) {
        result->failure = APPLY_NOT_TYPED;
        result->message = str_dup(buf_str(write->failure));
        return;
    }
    result->failure = APPLY_CONFLICT;
    apply_describe_conflicts(&conflicts, &result->message, &result->causes);
}

/* What a create starts from. */
static struct json *empty_object(const struct json *config)
{
    struct json *object = json_object();
    json_set(object, "apiVersion", json_string(json_string_of(json_get(config, "apiVersion"))));
    json_set(object, "kind", json_string(json_string_of(json_get(config, "kind"))));
    return object;
}

void apply_merge(const struct schema *schema, const struct json *live, const struct json *config,
                 const struct apply_writer *writer, bool force, struct apply_result *ret_result)
{
    struct arena arena;
    struct managed_fields managed;
    struct apply_write write;
    struct buf failure CLEANUP(buf_release) = {0};
    struct apply_result result = {.failure = APPLY_OK};
    write_init(&write, &arena, &managed, schema, writer, &failure);
    if (config_fits(&write, config, &result)) {
        struct json *empty CLEANUP(json_free_pointer) =
            live == NULL ? empty_object(config) : NULL;
        if (managed_fields_read(&managed, managed_of(live)) != ERR_NONE)
            managed.count = 0;
        if (managed.count == 0 && live != NULL)
            own_before_first_apply(&write, live);
        write.old_object = live != NULL ? live : empty;
        merge_config(&write, config, force, &result);
    }
    arena_release(&arena);
    *ret_result = result;
}

void apply_result_release(struct apply_result *result)
{
    json_free(result->object);
    json_free(result->causes);
    mem_free(result->message);
    *result = (struct apply_result){.failure = APPLY_OK};
}

static bool is_same_entry_but_time(const struct json *a, const struct json *b)
{
    JSON_EACH(member, a) {
        if (!str_is(json_key(member), "time") &&
            !json_equal(member, json_get_str(b, json_key(member))))
            return false;
    }
    bool a_has_time = json_get(a, "time") != NULL;
    bool b_has_time = json_get(b, "time") != NULL;
    return json_count(a) - a_has_time == json_count(b) - b_has_time;
}

/* Entry by entry, in order: one that moved is a difference. */
static bool is_same_managed_but_times(const struct json *a, const struct json *b)
{
    const struct json *left = json_first(a);
    const struct json *right = json_first(b);
    while (left != NULL && right != NULL) {
        if (!is_same_entry_but_time(left, right))
            return false;
        left = json_next(left);
        right = json_next(right);
    }
    return left == NULL && right == NULL;
}

void apply_finish(const struct schema *schema, const struct json *live, struct json *object,
                  const struct apply_writer *writer)
{
    (void)schema;
    (void)writer;
    const struct json *before = managed_of(live);
    if (before == NULL || !is_same_managed_but_times(before, managed_of(object)) ||
        !is_same_object(live, object))
        return;
    json_set(json_get(object, "metadata"), "managedFields", json_clone(before));
}

/* The entries that an update starts from: the client's own, if it sent good ones. */
static void read_for_update(struct managed_fields *managed, const struct json *live,
                            const struct json *object, const struct apply_writer *writer)
{
    const struct json *sent = managed_of(object);
    if (live != NULL && str_is_empty(writer->subresource)) {
        if (managed_fields_is_reset(sent))
            return;
        if (managed_fields_read(managed, sent) == ERR_NONE && managed->count > 0)
            return;
    }
    if (managed_fields_read(managed, managed_of(live)) != ERR_NONE)
        managed->count = 0;
}

void apply_track_update(const struct schema *schema, const struct json *live, struct json *object,
                        const struct apply_writer *writer)
{
    struct arena arena;
    struct managed_fields managed;
    struct apply_write write;
    struct buf failure CLEANUP(buf_release) = {0};
    struct json *nothing CLEANUP(json_free_pointer) = json_object();
    write_init(&write, &arena, &managed, schema, writer, &failure);
    read_for_update(&managed, live, object, writer);
    /* Objects that nobody has ever tracked stay so; see own_before_first_apply. */
    if (managed.count > 0 || live == NULL) {
        write.old_object = live != NULL ? live : nothing;
        write.new_object = object;
        apply_own_changes(&write, writer->manager);
        managed_fields_limit_updates(&managed);
    }
    if (failure.len > 0)
        managed.count = 0;
    managed_fields_write(&managed, object);
    arena_release(&arena);
    apply_finish(schema, live, object, writer);
}
