#include "fakeapi/write.h"

#include "controller/base/mem.h"

#include "fakeapi/apply.h"
#include "fakeapi/definition.h"
#include "fakeapi/form.h"
#include "fakeapi/kind_rules.h"
#include "fakeapi/managed_fields.h"
#include "fakeapi/meta.h"
#include "fakeapi/ratchet.h"
#include "fakeapi/rendition.h"
#include "fakeapi/scale.h"
#include "fakeapi/status.h"

void write_release(struct write *write)
{
    json_free(write->object);
    write->object = NULL;
}

/* Whether a plain write leaves status alone. */
static bool isolates_status(const struct call *call)
{
    return call->resource->has_status;
}

bool check_given_namespace(struct call *call, const struct json *object)
{
    struct str given = json_text_at(object, "metadata.namespace");
    if (!call->resource->namespaced || given.len == 0 || str_equal(given, call->name_space))
        return true;
    answer_failure(call, 400, "BadRequest",
                   "the namespace of the provided object does not match the namespace sent on the "
                   "request");
    return false;
}

bool check_namespace(struct call *call, struct json *object)
{
    struct json *metadata = json_get(object, "metadata");
    if (!check_given_namespace(call, object))
        return false;
    if (call->resource->namespaced)
        json_set(metadata, "namespace", json_string(call->name_space));
    else
        json_remove(metadata, "namespace");
    return true;
}

bool check_name(struct call *call, const struct json *object)
{
    struct str given = json_text_at(object, "metadata.name");
    if (given.len == 0) {
        answer_failure(call, 400, "BadRequest",
                       "the name of the object (%.*s based on URL) was undeterminable: name must "
                       "be provided", STR_ARGS(call->name));
        return false;
    }
    if (str_equal(given, call->name))
        return true;
    answer_failure(call, 400, "BadRequest",
                   "the name of the object (%.*s) does not match the name on the URL (%.*s)",
                   STR_ARGS(given), STR_ARGS(call->name));
    return false;
}

static bool refuse_unversioned(struct call *call)
{
    struct schema_errors errors = {0};
    schema_errors_add(&errors, "FieldValueInvalid", STR("metadata.resourceVersion"),
                      "Invalid value: 0: must be specified for an update");
    answer_invalid(call, str_from(call->resource->plural), str_from(call->resource->group),
                   call->name, &errors);
    schema_errors_release(&errors);
    return false;
}

static void set_version(struct json *metadata, uint64_t resource_version)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, resource_version);
    json_set(metadata, "resourceVersion", json_text(text));
}

bool check_version(struct call *call, struct json *object, const struct record *live)
{
    struct json *metadata = json_get(object, "metadata");
    struct str given = json_text_at(metadata, "resourceVersion");
    uint64_t version = 0;
    if (given.len > 0 && !str_to_u64(given, &version)) {
        answer_failure(call, 500, NULL, "strconv.ParseUint: parsing \"%.*s\": invalid syntax",
                       STR_ARGS(given));
        return false;
    }
    if (version == 0 && !call->resource->updates_blindly)
        return refuse_unversioned(call);
    if (version != 0 && version != live->resource_version) {
        answer_stale(call);
        return false;
    }
    set_version(metadata, live->resource_version);
    return true;
}

/* A wrong kind or version hides all other complaints. */
static bool validate_type(struct call *call, const struct json *object)
{
    static const char *const names[] = {"kind", "apiVersion"};
    const char *const expected[] = {call->resource->kind, call->resource->api_version};
    struct schema_errors errors = {0};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (!str_is(json_text_at(object, names[i]), expected[i]))
            schema_errors_add(&errors, "FieldValueInvalid", str_from(names[i]),
                              "Invalid value: \"%.*s\": must be %s",
                              STR_ARGS(json_text_at(object, names[i])), expected[i]);
    bool ok = errors.count == 0;
    if (!ok)
        answer_invalid(call, json_text_at(object, "kind"), str_from(call->resource->group),
                       json_text_at(object, "metadata.name"), &errors);
    schema_errors_release(&errors);
    return ok;
}

static bool answer_errors(struct call *call, const struct json *object,
                          struct schema_errors *errors)
{
    bool ok = errors->count == 0;
    if (!ok)
        answer_invalid_object(call, json_text_at(object, "metadata.name"), errors);
    schema_errors_release(errors);
    return ok;
}

static void validate_kind(const struct call *call, const struct json *object,
                          const struct json *live, struct schema_errors *errors)
{
    const struct kind_rules *rules = call->resource->rules;
    if (rules != NULL && rules->validate != NULL)
        rules->validate(object, live, errors);
}

static bool validate_create(struct write *write)
{
    struct call *call = write->call;
    const struct json *object = write->object;
    struct schema_errors errors = {0};
    if (!validate_type(call, object))
        return false;
    meta_validate(json_get(object, "metadata"), true, &errors);
    write->fits = call->resource->custom; /* what does not is not stored */
    if (call->resource->custom) {
        schema_validate(call->resource->schema, object, STR(""), 0, &errors);
        scale_validate(call->resource, object, &errors);
    }
    validate_kind(call, object, NULL, &errors);
    return answer_errors(call, object, &errors);
}

/* Whether all but metadata is what it was in a stored object that is known to fit: then there is
 * nothing to look at, and nothing that a rule could forbid to change. */
static bool has_known_content(const struct schema *schema, const struct json *object,
                              const struct json *live)
{
    if (!schema_has_marked(schema, live) || json_count(object) != json_count(live))
        return false;
    JSON_EACH(member, object)
        if (!str_is(json_key(member), "metadata") &&
            !json_is_same(member, json_get_str(live, json_key(member))))
            return false;
    return true;
}

static void validate_content(struct call *call, const struct json *object,
                             const struct json *live, struct schema_errors *errors)
{
    if (!call->resource->custom)
        return;
    if (!call_is_status(call)) {
        /* Errors of metadata bring a note that rules were not checked. */
        if (errors->count == 0 && has_known_content(call->resource->schema, object, live))
            return;
        schema_validate(call->resource->schema, object, STR(""), 0, errors);
        schema_validate_change(call->resource->schema, object, live, STR(""), errors);
        return;
    }
    const struct json *status = json_get(object, "status");
    if (status != NULL)
        schema_validate(schema_property(call->resource->schema, STR("status")), status,
                        STR("status"), strlen("status."), errors);
}

/* A real server checks the metadata of an update once as for a create, but for the name, and
 * twice against what is stored; the causes show it. */
static bool validate_update(struct write *write, const struct json *live)
{
    struct call *call = write->call;
    const struct json *object = write->object;
    struct schema_errors errors = {0};
    const struct json *metadata = json_get(object, "metadata");
    const struct json *old = json_get(live, "metadata");
    if (!validate_type(call, object))
        return false;
    meta_validate(metadata, false, &errors);
    meta_validate_update(metadata, old, &errors);
    meta_validate_update(metadata, old, &errors);
    size_t first = errors.count;
    validate_content(call, object, live, &errors);
    write->fits = call->resource->custom && errors.count == first;
    scale_validate(call->resource, object, &errors);
    ratchet_errors(call->resource->schema, object, live, first, &errors);
    validate_kind(call, object, live, &errors);
    return answer_errors(call, object, &errors);
}

static const struct schema *schema_of_version(const void *ctx, struct str api_version)
{
    const struct resource *version = family_version(ctx, api_version);
    return version != NULL ? version->schema : NULL;
}

struct apply_writer write_writer(const struct write *write)
{
    const struct call *call = write->call;
    return (struct apply_writer){
        .manager = write->options->manager,
        .api_version = str_from(call->resource->api_version),
        .subresource = call->subresource,
        .now_ms = call->api->timers->now_ms,
        .status_is_plain = !isolates_status(call),
        .schema_of = schema_of_version,
        .ctx = call->resource->family,
    };
}

static void track_fields(struct write *write, const struct json *live)
{
    struct apply_writer writer = write_writer(write);
    const struct schema *schema = write->call->resource->schema;
    if (write->applied)
        apply_finish(schema, live, write->object, &writer);
    else
        apply_track_update(schema, live, write->object, &writer);
}

/* etcd's limit; only a large body can cross it. */
static bool check_stored_size(struct call *call, const struct json *object)
{
    if (call->request->body.len < OBJECT_BYTES_MAX / 2)
        return true;
    char *text = json_print_text(object);
    bool fits = strlen(text) <= OBJECT_BYTES_MAX;
    mem_free(text);
    if (!fits)
        answer_failure(call, 500, NULL, "etcdserver: request is too large");
    return fits;
}

static struct str generated_name(struct call *call, struct str prefix, char space[64])
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    struct str base = str_slice(prefix, 0, 58);
    char *key = str_format("%.*s/%.*s", STR_ARGS(call->name_space), STR_ARGS(prefix));
    size_t count = collection_count_generated(call->resource->collection, str_from(key));
    char *stream = str_format("name/%s/%s/%zu", call->resource->qualified, key, count);
    struct rng rng;
    rng_init_stream(&rng, call->api->seed, str_from(stream));
    int len = snprintf(space, 64, "%.*s", STR_ARGS(base));
    for (int i = 0; i < 5; i++)
        space[len++] = letters[rng_below(&rng, sizeof(letters) - 1)];
    mem_free(stream);
    mem_free(key);
    return str_from_bytes(space, (size_t)len);
}

/* What a client cannot say about an object that is new. */
static void prepare_create(struct write *write)
{
    static const char *const dropped[] = {"uid", "generation", "deletionTimestamp",
                                          "deletionGracePeriodSeconds"};
    /* Apply stores a deletion that the configuration names: recorded in apply/25. */
    size_t dropped_count = write->applied ? 2 : ARRAY_COUNT(dropped);
    struct call *call = write->call;
    struct json *metadata = json_get(write->object, "metadata");
    char space[64];
    for (size_t i = 0; i < dropped_count; i++)
        json_remove(metadata, dropped[i]);
    if (!write->applied)
        json_remove(metadata, "managedFields");
    if (isolates_status(call))
        json_remove(write->object, "status");
    if (call->resource->tracks_generation)
        meta_set_generation(metadata, 1);
    json_set(metadata, "creationTimestamp", server_time(call->api));
    struct str prefix = json_text_at(metadata, "generateName");
    if (json_text_at(metadata, "name").len == 0 && prefix.len > 0)
        json_set(metadata, "name", json_string(generated_name(call, prefix, space)));
    if (call->resource->rules != NULL && call->resource->rules->prepare_create != NULL)
        call->resource->rules->prepare_create(write->object);
}

static void answer_exists(struct call *call, const struct json *object,
                          const struct record *existing)
{
    struct str name = json_text_at(object, "metadata.name");
    bool generates = json_text_at(object, "metadata.generateName").len > 0;
    answer_failure_details(call, 409, "AlreadyExists",
                           status_details(name, str_from(call->resource->group),
                                          str_from(call->resource->plural)),
                           "%s%s \"%.*s\" already exists%s",
                           meta_is_terminating(existing->object) ? "object is being deleted: "
                                                                 : "",
                           call->resource->qualified, STR_ARGS(name),
                           generates ? ", the server was not able to generate a unique name for "
                                       "the object" : "");
}

/* A create may not name a version; text that is no number passes. */
static bool check_unversioned(struct write *write)
{
    struct json *metadata = json_get(write->object, "metadata");
    uint64_t version = 0;
    if (str_to_u64(json_text_at(metadata, "resourceVersion"), &version) && version != 0 &&
        !write->applied) {
        answer_failure(write->call, 500, NULL,
                       "resourceVersion should not be set on objects to be created");
        return false;
    }
    json_remove(metadata, "resourceVersion");
    return true;
}

static bool check_storable(struct write *write, const struct record *existing)
{
    if (existing != NULL) {
        answer_exists(write->call, write->object, existing);
        return false;
    }
    return check_unversioned(write) && check_stored_size(write->call, write->object);
}

static void set_uid(struct write *write, unsigned created_count)
{
    struct call *call = write->call;
    struct json *metadata = json_get(write->object, "metadata");
    json_set(metadata, "uid",
             server_uid(call->api, call->resource, call->name_space,
                        json_text_at(metadata, "name"), created_count));
}

/* A definition takes effect with its write. */
static bool serve_definition(struct write *write, bool is_new)
{
    struct call *call = write->call;
    struct resource_table *table = &call->api->resources;
    struct errmsg msg;
    struct schema_errors errors = {0};
    if (call->resource != call->api->definitions || write->options->dry_run)
        return true;
    struct resource_family *family = definition_family(table, write->object);
    enum err err = ERR_NONE;
    if (is_new)
        err = definition_serve(table, write->object, NULL, call->api->resource_version, &msg);
    else if (family != NULL)
        err = definition_change(table, family, call_record(call)->object, write->object, &msg);
    if (err == ERR_NONE)
        return true;
    schema_errors_add(&errors, "FieldValueInvalid", STR("spec.versions"), "Invalid value: %s",
                      msg.text);
    return answer_errors(call, write->object, &errors);
}

/* Brings the object into the form that is stored. */
static void settle_stored(struct write *write)
{
    const struct resource *resource = write->call->resource;
    if (resource != resource->family->storage)
        form_convert(resource->family->storage, write->object);
}

/* The next write need not look again at what it leaves alone. */
static void note_fitting(const struct write *write, const struct json *stored)
{
    const struct resource *resource = write->call->resource;
    managed_fields_mark(stored);
    if (!write->fits || resource != resource->family->storage)
        return;
    if (call_is_status(write->call))
        schema_mark_valid(schema_property(resource->schema, STR("status")),
                          json_get(stored, "status"));
    else
        schema_mark_valid(resource->schema, stored);
}

static void store(struct write *write, struct slot *slot, int code)
{
    struct call *call = write->call;
    settle_stored(write);
    struct record *record = server_put(call->api, call->resource, slot, write->object);
    write->object = NULL;
    note_fitting(write, record->object);
    call_left(call, record);
    answer_record(call, code, record);
    if (call->resource->rules != NULL && call->resource->rules->stored != NULL)
        call->resource->rules->stored(call->api, slot);
}

void write_create(struct write *write)
{
    struct call *call = write->call;
    struct str given = json_text_at(write->object, "metadata.name");
    if (!namespace_takes_objects(call, given) || !definition_takes_objects(call, given))
        return;
    prepare_create(write);
    share_object(call, write->object);
    if (!validate_create(write))
        return;
    struct str name = json_text_at(write->object, "metadata.name");
    struct slot *slot = collection_find(call->resource->collection, call->name_space, name);
    if (!check_storable(write, slot != NULL ? slot->current : NULL))
        return;
    track_fields(write, NULL);
    meta_warn_finalizers(call, json_get(write->object, "metadata"), NULL);
    set_uid(write, collection_next_life(call->resource->collection, slot));
    json_sort(write->object);
    if (write->options->dry_run) {
        answer_shown(call, 201, write->object);
        return;
    }
    if (!serve_definition(write, true))
        return;
    if (slot == NULL)
        slot = collection_slot(call->resource->collection, call->name_space, name);
    store(write, slot, 201);
}

/* Replaces a member by a copy of the stored one. */
static void take_over(struct json *object, const struct json *live, const char *name)
{
    const struct json *old = json_get(live, name);
    if (old == NULL)
        json_remove(object, name);
    else
        json_set(object, name, json_clone(old));
}

/* A write to /status changes status and managedFields, nothing else. */
static void isolate_status(struct write *write, const struct json *live)
{
    struct json *object = json_clone(live);
    struct json *given = write->object;
    struct json *entries = json_at(given, "metadata.managedFields");
    struct json *status = json_get(given, "status");
    struct json *metadata = json_get(object, "metadata");
    json_set(object, "apiVersion", json_clone(json_get(given, "apiVersion")));
    json_set(object, "kind", json_clone(json_get(given, "kind")));
    if (entries != NULL)
        json_set(metadata, "managedFields",
                 json_detach(json_get(given, "metadata"), entries));
    else
        json_remove(metadata, "managedFields");
    if (status != NULL)
        json_set(object, "status", json_detach(given, status));
    else
        json_remove(object, "status");
    json_free(given);
    write->object = object;
}

/* What the rules of a built-in kind keep or fill in. */
static void prepare_kind(struct write *write, const struct json *live)
{
    const struct kind_rules *rules = write->call->resource->rules;
    if (rules != NULL && rules->prepare_update != NULL)
        rules->prepare_update(write->object, live);
}

static void prepare_update(struct write *write, const struct json *live)
{
    struct call *call = write->call;
    if (call_is_status(call)) {
        isolate_status(write, live);
        prepare_kind(write, live);
        return;
    }
    struct json *metadata = json_get(write->object, "metadata");
    bool has_status = isolates_status(call);
    if (has_status)
        take_over(write->object, live, "status");
    meta_inherit(metadata, json_get(live, "metadata"));
    prepare_kind(write, live);
    if (call->resource->tracks_generation &&
        meta_content_differs(write->object, live, has_status))
        meta_set_generation(metadata, meta_generation(live) + 1);
}

bool object_is_over(const struct resource *resource, const struct json *object)
{
    const struct kind_rules *rules = resource->rules;
    bool is_held = rules != NULL && rules->is_held != NULL && rules->is_held(object);
    return meta_is_terminating(object) && !meta_has_finalizers(object) && !is_held;
}

/* Stores what changed, or takes the object out when nothing holds it any more. */
static void finish_update(struct write *write, struct record *live)
{
    struct call *call = write->call;
    struct slot *slot = call_slot(call);
    if (object_is_over(call->resource, write->object)) {
        answer_shown(call, 200, write->object);
        server_remove(call->api, call->resource, slot);
        call_left(call, NULL);
        return;
    }
    if (json_equal(write->object, live->object)) {
        answer_record(call, 200, live);
        return;
    }
    if (meta_generation(write->object) != meta_generation(live->object) &&
        !serve_definition(write, false))
        return;
    store(write, slot, 200);
}

/* Tracking may drop or refuse what a client wrote there: only what is left is judged. */
static bool edits_managed_fields(const struct json *object, const struct json *live)
{
    const struct json *entries = json_at(object, "metadata.managedFields");
    return entries != NULL && !json_equal(entries, json_at(live, "metadata.managedFields"));
}

void write_update(struct write *write, struct record *live)
{
    struct call *call = write->call;
    prepare_update(write, live->object);
    if (write->applied)
        share_object(call, write->object); /* with its defaults it is most often as before */
    bool edited = edits_managed_fields(write->object, live->object);
    if (edited)
        track_fields(write, live->object);
    if (!validate_update(write, live->object))
        return;
    if (!edited)
        track_fields(write, live->object);
    if (!check_stored_size(call, write->object))
        return;
    if (!call_is_status(call))
        meta_warn_finalizers(call, json_get(write->object, "metadata"),
                             json_get(live->object, "metadata"));
    json_sort(write->object);
    if (write->options->dry_run)
        answer_shown(call, 200, write->object);
    else
        finish_update(write, live);
}
