#include "fakeapi/managed_fields.h"

#include "controller/base/json_seal.h"
#include "controller/base/ktime.h"
#include "controller/base/mem.h"

/* Of arrays of entries and of their sets; schemas' marks have the highest bit set. */
#define ENTRIES_MARK UINT64_C(1)
#define SET_MARK UINT64_C(2)

void managed_fields_init(struct managed_fields *managed, struct arena *arena)
{
    *managed = (struct managed_fields){.arena = arena};
}

static struct managed_entry *append(struct managed_fields *managed,
                                    const struct managed_entry *entry)
{
    if (managed->count == managed->capacity) {
        size_t capacity = managed->capacity > 0 ? managed->capacity * 2 : 8;
        struct managed_entry *entries = fieldset_alloc(managed->arena, capacity, sizeof(*entries));
        if (managed->count > 0)
            memcpy(entries, managed->entries, managed->count * sizeof(*entries));
        managed->entries = entries;
        managed->capacity = capacity;
    }
    managed->entries[managed->count] = *entry;
    return &managed->entries[managed->count++];
}

bool managed_fields_is_marked(const struct json *entries)
{
    return json_mark(entries) == ENTRIES_MARK;
}

void managed_fields_mark(const struct json *object)
{
    const struct json *entries = json_at(object, "metadata.managedFields");
    if (managed_fields_is_marked(entries))
        return;
    JSON_EACH(entry, entries)
        json_set_mark(json_get(entry, "fieldsV1"), SET_MARK);
    json_set_mark(entries, ENTRIES_MARK);
}

static enum err read_fields(struct arena *arena, const struct json *fields,
                            const struct fieldset **ret_set)
{
    if (json_mark(fields) != SET_MARK)
        return fieldset_read(arena, fields, ret_set);
    *ret_set = fieldset_read_own(arena, fields);
    return ERR_NONE;
}

static enum err read_entry(struct arena *arena, const struct json *json,
                           struct managed_entry *ret_entry)
{
    struct str operation = json_string_of(json_get(json, "operation"));
    struct managed_entry entry = {
        .manager = json_string_of(json_get(json, "manager")),
        .api_version = json_string_of(json_get(json, "apiVersion")),
        .subresource = json_string_of(json_get(json, "subresource")),
        .time = json_string_of(json_get(json, "time")),
        .applied = str_is(operation, "Apply"),
    };
    if ((!entry.applied && !str_is(operation, "Update")) || str_is_empty(entry.api_version) ||
        !str_is(json_string_of(json_get(json, "fieldsType")), "FieldsV1"))
        return ERR_SYNTAX;
    const struct json *fields = json_get(json, "fieldsV1");
    if (fields != NULL && json_type(fields) != JSON_NULL &&
        read_fields(arena, fields, &entry.set) != ERR_NONE)
        return ERR_SYNTAX;
    *ret_entry = entry;
    return ERR_NONE;
}

enum err managed_fields_read(struct managed_fields *managed, const struct json *entries)
{
    size_t count_before = managed->count;
    bool is_own = managed_fields_is_marked(entries);
    JSON_EACH(item, entries) {
        struct managed_entry entry;
        if (read_entry(managed->arena, item, &entry) != ERR_NONE) {
            managed->count = count_before;
            return ERR_SYNTAX;
        }
        entry.json = is_own ? item : NULL;
        *managed_fields_get(managed, &entry) = entry;
    }
    return ERR_NONE;
}

bool managed_fields_is_reset(const struct json *entries)
{
    const struct json *first = json_is(entries, JSON_ARRAY) ? json_first(entries) : NULL;
    return json_is(first, JSON_OBJECT) && json_next(first) == NULL && json_first(first) == NULL;
}

/* Appliers keep one entry whatever version they use. */
static int identity_compare(const struct managed_entry *a, const struct managed_entry *b)
{
    int order = str_compare(a->manager, b->manager);
    if (order == 0)
        order = (int)b->applied - (int)a->applied;
    if (order == 0 && !a->applied)
        order = str_compare(a->api_version, b->api_version);
    return order != 0 ? order : str_compare(a->subresource, b->subresource);
}

struct managed_entry *managed_fields_find(struct managed_fields *managed,
                                          const struct managed_entry *identity)
{
    for (size_t i = 0; i < managed->count; i++) {
        if (identity_compare(&managed->entries[i], identity) == 0)
            return &managed->entries[i];
    }
    return NULL;
}

struct managed_entry *managed_fields_get(struct managed_fields *managed,
                                         const struct managed_entry *identity)
{
    struct managed_entry *found = managed_fields_find(managed, identity);
    if (found != NULL)
        return found;
    struct managed_entry empty = {.manager = identity->manager,
                                  .api_version = identity->api_version,
                                  .subresource = identity->subresource,
                                  .applied = identity->applied};
    return append(managed, &empty);
}

void managed_fields_remove(struct managed_fields *managed, size_t index)
{
    managed->count--;
    memmove(managed->entries + index, managed->entries + index + 1,
            (managed->count - index) * sizeof(*managed->entries));
}

static int by_identity(const void *a, const void *b)
{
    return identity_compare(a, b);
}

void managed_fields_sort_by_identity(struct managed_fields *managed)
{
    if (managed->count > 1)
        qsort(managed->entries, managed->count, sizeof(*managed->entries), by_identity);
}

/* Most entries of an object are of few moments. */
static bool is_same_time(const struct managed_entry *a, const struct managed_entry *b)
{
    return str_equal(a->time, b->time);
}

static int64_t time_s(const struct managed_entry *entry)
{
    int64_t wall_ms = 0;
    if (!ktime_parse_rfc3339(entry->time, &wall_ms))
        return INT64_MIN;
    return ktime_floor_second(wall_ms) / 1000;
}

static int by_age(const void *a, const void *b)
{
    int64_t left = time_s(a);
    int64_t right = time_s(b);
    return left != right ? (left < right ? -1 : 1) : identity_compare(a, b);
}

static int in_order(const void *a, const void *b)
{
    const struct managed_entry *left = a;
    const struct managed_entry *right = b;
    if (left->applied != right->applied)
        return left->applied ? -1 : 1;
    int64_t left_s = is_same_time(left, right) ? 0 : time_s(left);
    int64_t right_s = is_same_time(left, right) ? 0 : time_s(right);
    if (left_s != right_s)
        return left_s < right_s ? -1 : 1;
    int order = str_compare(left->manager, right->manager);
    if (order == 0)
        order = str_compare(left->api_version, right->api_version);
    return order != 0 ? order : str_compare(left->subresource, right->subresource);
}

static size_t update_count(const struct managed_fields *managed)
{
    size_t count = 0;
    for (size_t i = 0; i < managed->count; i++)
        count += !managed->entries[i].applied;
    return count;
}

/* The first update entry of the version before `end`; it gathers the younger ones. */
static struct managed_entry *bucket_before(struct managed_fields *managed, size_t end,
                                           struct str api_version)
{
    for (size_t i = 0; i < end; i++) {
        struct managed_entry *entry = &managed->entries[i];
        if (!entry->applied && str_equal(entry->api_version, api_version))
            return entry;
    }
    return NULL;
}

void managed_fields_limit_updates(struct managed_fields *managed)
{
    size_t updates = update_count(managed);
    if (updates <= MANAGED_FIELDS_UPDATES_MAX)
        return;
    qsort(managed->entries, managed->count, sizeof(*managed->entries), by_age);
    for (size_t i = 0; i < managed->count && updates > MANAGED_FIELDS_UPDATES_MAX;) {
        struct managed_entry *entry = &managed->entries[i];
        struct managed_entry *bucket =
            entry->applied ? NULL : bucket_before(managed, i, entry->api_version);
        if (bucket == NULL) {
            i++;
            continue;
        }
        bucket->manager = STR("ancient-changes");
        bucket->subresource = STR_NONE;
        bucket->time = entry->time;
        bucket->set = fieldset_union(managed->arena, bucket->set, entry->set);
        managed_fields_remove(managed, i);
        updates--;
    }
}

/* Whether an entry that this server has written stays as it is, all of it. */
static bool is_as_read(const struct managed_entry *entry)
{
    const struct json *json = entry->json;
    return json != NULL && entry->set->source != NULL &&
           json_is_same(entry->set->source, json_get(json, "fieldsV1")) &&
           str_equal(entry->manager, json_string_of(json_get(json, "manager"))) &&
           str_equal(entry->api_version, json_string_of(json_get(json, "apiVersion"))) &&
           str_equal(entry->subresource, json_string_of(json_get(json, "subresource"))) &&
           str_equal(entry->time, json_string_of(json_get(json, "time")));
}

static struct json *write_entry(const struct managed_entry *entry)
{
    if (is_as_read(entry))
        return json_clone(entry->json);
    struct json *json = json_object();
    json_set(json, "apiVersion", json_string(entry->api_version));
    json_set(json, "fieldsType", json_text("FieldsV1"));
    json_set(json, "fieldsV1", fieldset_write(entry->set));
    if (!str_is_empty(entry->manager))
        json_set(json, "manager", json_string(entry->manager));
    json_set(json, "operation", json_text(entry->applied ? "Apply" : "Update"));
    if (!str_is_empty(entry->subresource))
        json_set(json, "subresource", json_string(entry->subresource));
    if (!str_is_empty(entry->time))
        json_set(json, "time", json_string(entry->time));
    return json;
}

void managed_fields_write(struct managed_fields *managed, struct json *object)
{
    struct json *out = json_array();
    if (managed->count > 1)
        qsort(managed->entries, managed->count, sizeof(*managed->entries), in_order);
    for (size_t i = 0; i < managed->count; i++) {
        if (managed->entries[i].set != NULL)
            json_append(out, write_entry(&managed->entries[i]));
    }
    struct json *metadata = json_get(object, "metadata");
    if (json_first(out) == NULL) {
        json_free(out);
        if (json_is(metadata, JSON_OBJECT))
            json_remove(metadata, "managedFields");
        return;
    }
    if (!json_is(metadata, JSON_OBJECT)) {
        json_set(object, "metadata", json_object());
        metadata = json_get(object, "metadata");
    }
    json_set(metadata, "managedFields", out);
}
