#include "fakeapi/apply_owners.h"

#include "controller/base/mem.h"

static const struct fieldset *names(struct arena *arena, const char *const *texts, size_t count)
{
    struct fieldset_builder level;
    fieldset_builder_init(&level, arena);
    for (size_t i = 0; i < count; i++)
        fieldset_builder_add(&level,
                             (struct fieldset_element){FIELDSET_FIELD, str_from(texts[i])}, true,
                             NULL);
    return fieldset_builder_finish(&level);
}

const struct fieldset *apply_ignored_fields(struct arena *arena,
                                            const struct apply_writer *writer)
{
    static const char *const all_but_status[] = {"metadata", "spec"};
    static const char *const status[] = {"status"};
    if (str_is(writer->subresource, "status"))
        return names(arena, all_but_status, ARRAY_COUNT(all_but_status));
    return writer->status_is_plain ? NULL : names(arena, status, ARRAY_COUNT(status));
}

const struct fieldset *apply_ownable(struct arena *arena, const struct fieldset *set)
{
    static const char *const metadata[] = {
        "clusterName", "creationTimestamp", "generation", "managedFields", "name",
        "namespace",   "resourceVersion",   "selfLink",   "uid"};
    struct fieldset_builder level;
    fieldset_builder_init(&level, arena);
    fieldset_builder_add(&level, (struct fieldset_element){FIELDSET_FIELD, STR("apiVersion")},
                         true, NULL);
    fieldset_builder_add(&level, (struct fieldset_element){FIELDSET_FIELD, STR("kind")}, true,
                         NULL);
    fieldset_builder_add(&level, (struct fieldset_element){FIELDSET_FIELD, STR("metadata")}, true,
                         names(arena, metadata, ARRAY_COUNT(metadata)));
    return fieldset_difference(arena, set, fieldset_builder_finish(&level));
}

/* managedFields are not compared: they are what is being computed. */
static const struct fieldset *managed_fields_path(struct arena *arena)
{
    static const char *const path[] = {"managedFields"};
    struct fieldset_builder level;
    fieldset_builder_init(&level, arena);
    fieldset_builder_add(&level, (struct fieldset_element){FIELDSET_FIELD, STR("metadata")},
                         false, names(arena, path, ARRAY_COUNT(path)));
    return fieldset_builder_finish(&level);
}

struct apply_delta apply_write_delta(const struct apply_write *write)
{
    const struct fieldset *skip = managed_fields_path(write->arena);
    struct apply_delta delta =
        apply_compare(write->arena, write->type, write->old_object, write->new_object);
    delta.added.children = fieldset_outside(write->arena, delta.added.children, skip);
    delta.modified.children = fieldset_outside(write->arena, delta.modified.children, skip);
    delta.removed.children = fieldset_outside(write->arena, delta.removed.children, skip);
    return delta;
}

static const struct schema *schema_of_version(const struct apply_writer *writer,
                                              struct str api_version)
{
    return writer->schema_of != NULL ? writer->schema_of(writer->ctx, api_version) : NULL;
}

static bool version_exists(const struct apply_write *write, struct str api_version)
{
    return str_equal(api_version, write->writer->api_version) ||
           schema_of_version(write->writer, api_version) != NULL;
}

bool apply_fits_version(const struct apply_write *write, struct str api_version,
                        const struct json *object, const char *what)
{
    struct buf problems CLEANUP(buf_release) = {0};
    const struct schema *schema = schema_of_version(write->writer, api_version);
    if (str_equal(api_version, write->writer->api_version) || schema == NULL)
        return true;
    buf_init(&problems, APPLY_TEXT_BYTES_MAX);
    if (apply_validate(write->arena, apply_type_of_object(schema), object, &problems))
        return true;
    buf_printf(write->failure, "%s: %.*s", what, STR_ARGS(buf_str(&problems)));
    return false;
}

static void drop_unknown_versions(const struct apply_write *write,
                                  const struct managed_entry *self)
{
    struct managed_fields *managed = write->managed;
    const struct managed_entry *kept =
        self != NULL ? managed_fields_find(managed, self) : NULL;
    for (size_t i = managed->count; i-- > 0;) {
        if (&managed->entries[i] == kept ||
            version_exists(write, managed->entries[i].api_version))
            continue;
        managed_fields_remove(managed, i);
        kept = self != NULL ? managed_fields_find(managed, self) : NULL;
    }
}

/* What an entry may lose: all that changed, and what is gone. */
struct losses {
    const struct fieldset *changed;
    const struct fieldset *gone;
};

static struct losses losses_of(const struct apply_write *write, const struct apply_delta *delta)
{
    struct arena *arena = write->arena;
    struct losses losses;
    losses.changed = fieldset_outside(
        arena, fieldset_union(arena, delta->modified.children, delta->added.children),
        write->ignored);
    losses.gone = fieldset_union(
        arena, losses.changed,
        fieldset_outside(arena, delta->removed.children, write->ignored));
    return losses;
}

/* Both objects must make sense in every version that somebody wrote in. */
static bool fit_all_versions(const struct apply_write *write, const struct managed_entry *own)
{
    for (size_t i = 0; i < write->managed->count; i++) {
        const struct managed_entry *entry = &write->managed->entries[i];
        if (entry != own &&
            (!apply_fits_version(write, entry->api_version, write->old_object,
                                 "failed to convert old object") ||
             !apply_fits_version(write, entry->api_version, write->new_object,
                                 "failed to convert new object")))
            return false;
    }
    return true;
}

bool apply_take_over(const struct apply_write *write, const struct apply_delta *delta,
                     const struct managed_entry *self, bool force,
                     struct managed_fields *conflicts)
{
    struct arena *arena = write->arena;
    drop_unknown_versions(write, self);
    struct losses losses = losses_of(write, delta);
    const struct managed_entry *own =
        self != NULL ? managed_fields_find(write->managed, self) : NULL;
    if (!fit_all_versions(write, own))
        return false;
    for (size_t i = 0; i < write->managed->count; i++) {
        const struct managed_entry *entry = &write->managed->entries[i];
        const struct fieldset *disputed =
            fieldset_intersection(arena, entry->set, losses.changed);
        if (entry != own && disputed != NULL)
            managed_fields_get(conflicts, entry)->set = disputed;
    }
    if (conflicts->count > 0 && !force)
        return false;
    for (size_t i = 0; i < write->managed->count; i++) {
        struct managed_entry *entry = &write->managed->entries[i];
        if (entry != own)
            entry->set = fieldset_difference(arena, entry->set, losses.gone);
    }
    return true;
}

void apply_own_changes(const struct apply_write *write, struct str manager)
{
    struct arena *arena = write->arena;
    struct managed_fields ignored_conflicts;
    managed_fields_init(&ignored_conflicts, arena);
    struct apply_delta delta = apply_write_delta(write);
    if (!apply_take_over(write, &delta, NULL, true, &ignored_conflicts))
        return;
    const struct fieldset *taken =
        fieldset_union(arena, delta.modified.children, delta.added.children);
    taken = apply_ownable(arena, fieldset_outside(arena, taken, write->ignored));
    if (taken == NULL)
        return;
    struct managed_entry identity = {.manager = manager,
                                     .api_version = write->writer->api_version,
                                     .subresource = write->writer->subresource};
    struct managed_entry *entry = managed_fields_get(write->managed, &identity);
    entry->set = fieldset_union(arena, entry->set, taken);
    /* A real server loses the time of entries that come through scale. */
    entry->time = str_is(write->writer->subresource, "scale") ? STR_NONE : write->time;
}

static void print_owner(const struct managed_entry *entry, struct buf *out)
{
    fieldset_print_quoted(entry->manager, out);
    if (!str_is_empty(entry->subresource)) {
        buf_append_text(out, " with subresource ");
        fieldset_print_quoted(entry->subresource, out);
    }
    if (!entry->applied) {
        buf_append_text(out, " using ");
        buf_append(out, entry->api_version);
    }
}

struct description {
    struct json *causes;
    struct buf owner;
    struct buf paths;  /* of the owner at hand, one a line */
    struct buf last_path;
    size_t count;
};

static void describe_path(void *ctx, struct str path)
{
    struct description *description = ctx;
    struct buf message CLEANUP(buf_release) = {0};
    buf_init(&message, APPLY_TEXT_BYTES_MAX);
    buf_append_text(&message, "conflict with ");
    buf_append(&message, buf_str(&description->owner));
    struct json *cause = json_object();
    json_set(cause, "reason", json_text("FieldManagerConflict"));
    json_set(cause, "message", json_string(buf_str(&message)));
    json_set(cause, "field", json_string(path));
    json_append(description->causes, cause);
    buf_printf(&description->paths, "\n- %.*s", STR_ARGS(path));
    buf_clear(&description->last_path);
    buf_append(&description->last_path, path);
    description->count++;
}

static void describe_all(struct managed_fields *conflicts, struct description *description,
                         struct buf *text)
{
    managed_fields_sort_by_identity(conflicts);
    for (size_t i = 0; i < conflicts->count; i++) {
        buf_clear(&description->owner);
        buf_clear(&description->paths);
        print_owner(&conflicts->entries[i], &description->owner);
        fieldset_each_path(conflicts->entries[i].set, describe_path, description);
        if (i > 0)
            buf_append_char(text, '\n');
        buf_append_text(text, "conflicts with ");
        buf_append(text, buf_str(&description->owner));
        buf_append_char(text, ':');
        buf_append(text, buf_str(&description->paths));
    }
}

void apply_describe_conflicts(struct managed_fields *conflicts, char **ret_message,
                              struct json **ret_causes)
{
    struct description description = {.causes = json_array()};
    struct buf text CLEANUP(buf_release) = {0};
    buf_init(&text, APPLY_TEXT_BYTES_MAX);
    buf_init(&description.owner, APPLY_TEXT_BYTES_MAX);
    buf_init(&description.paths, APPLY_TEXT_BYTES_MAX);
    buf_init(&description.last_path, APPLY_TEXT_BYTES_MAX);
    describe_all(conflicts, &description, &text);
    if (description.count == 1)
        *ret_message = str_format("Apply failed with 1 conflict: conflict with %.*s: %.*s",
                                  STR_ARGS(buf_str(&description.owner)),
                                  STR_ARGS(buf_str(&description.last_path)));
    else
        *ret_message = str_format("Apply failed with %zu conflicts: %.*s", description.count,
                                  STR_ARGS(buf_str(&text)));
    *ret_causes = description.causes;
    buf_release(&description.owner);
    buf_release(&description.paths);
    buf_release(&description.last_path);
}
