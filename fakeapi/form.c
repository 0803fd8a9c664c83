#include "fakeapi/form.h"

#include "fakeapi/kind_rules.h"

static struct json *take_out(struct json *object, const char *name)
{
    struct json *member = json_get(object, name);
    return member != NULL ? json_detach(object, member) : NULL;
}

/* Sets a member that was taken out aside again. */
static void put_back(struct json *object, const char *name, struct json *member)
{
    if (member != NULL)
        json_set(object, name, member);
}

/* The schema speaks of everything but these. */
static const char *const heads[] = {"apiVersion", "kind", "metadata"};

static void take_heads(struct json *object, struct json *taken[3])
{
    for (size_t i = 0; i < ARRAY_COUNT(heads); i++)
        taken[i] = take_out(object, heads[i]);
}

static void put_heads_back(struct json *object, struct json *taken[3])
{
    for (size_t i = 0; i < ARRAY_COUNT(heads); i++)
        put_back(object, heads[i], taken[i]);
}

void form_settle(const struct resource *resource, struct json *object, bool keep_nulls,
                 struct json *unknown)
{
    struct json *taken[ARRAY_COUNT(heads)];
    if (!resource->custom && resource->rules->type == NULL)
        return;
    if (schema_is_settled(resource->schema, object))
        return;
    take_heads(object, taken);
    schema_fill_defaults(resource->schema, object);
    /* Most objects lack nothing but defaults. */
    if (!schema_is_settled(resource->schema, object)) {
        if (!keep_nulls)
            schema_drop_nulls(resource->schema, object);
        schema_prune(resource->schema, object, unknown);
    }
    put_heads_back(object, taken);
}

/* What was stored gets the defaults of the version that it was stored as, and loses what the
 * version that shows it does not know. */
static void convert_custom(const struct resource *resource, struct json *object)
{
    const struct resource *source =
        family_version(resource->family, json_text_at(object, "apiVersion"));
    struct json *taken[ARRAY_COUNT(heads)];
    take_heads(object, taken);
    if (source != NULL) {
        schema_fill_defaults(source->schema, object);
        schema_drop_nulls(source->schema, object);
    }
    schema_prune(resource->schema, object, NULL);
    put_heads_back(object, taken);
}

void form_convert(const struct resource *resource, struct json *object)
{
    if (resource->custom)
        convert_custom(resource, object);
    else if (resource->rules->convert != NULL)
        resource->rules->convert(resource, object);
    json_set(object, "apiVersion", json_text(resource->api_version));
    json_sort(object);
}

struct record *form_record(const struct resource *resource, struct record *record)
{
    if (record == NULL || record->form == resource->form)
        return record_ref(record);
    struct json *object = json_clone(record->object);
    form_convert(resource, object);
    struct record *shown = record_create(object, record->resource_version, 0);
    shown->form = resource->form;
    return shown;
}
