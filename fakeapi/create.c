/* POST and PUT. */
#include "controller/base/mem.h"

#include "fakeapi/meta.h"
#include "fakeapi/scale.h"
#include "fakeapi/status.h"
#include "fakeapi/write.h"

/* Media types, options, body and its normal form, in the server's order of checks. */
static bool read_object(struct call *call, const char *options_kind,
                        struct write_options *ret_options, struct json **ret_object)
{
    enum body_format format = BODY_JSON;
    struct json *object = NULL;
    struct json *duplicates = NULL;
    if (!accept_media(call) || !body_format(call, &format) ||
        !read_write_options(call, options_kind, format, ret_options) ||
        !read_body(call, format, &object, &duplicates))
        return false;
    struct reading reading = {.validation = ret_options->validation, .duplicates = duplicates};
    bool ok = normalise_object(call, object, &reading) && check_namespace(call, object);
    json_free(duplicates);
    if (ok)
        *ret_object = object;
    else
        json_free(object);
    return ok;
}

void verb_create(struct call *call)
{
    struct write_options options;
    struct write write = {.call = call, .options = &options};
    if (!read_object(call, "CreateOptions", &options, &write.object))
        return;
    write_create(&write);
    write_release(&write);
}

/* A uid in a PUT is a precondition. */
static bool check_uid(struct call *call, const struct json *object, const struct json *live)
{
    const struct resource *resource = call->resource;
    struct str given = json_text_at(object, "metadata.uid");
    struct str uid = json_text_at(live, "metadata.uid");
    if (given.len == 0 || str_equal(given, uid))
        return true;
    answer_conflict(call,
                    "StorageError: invalid object, Code: 4, Key: /registry/%s%s%s/%.*s%s%.*s, "
                    "ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
                    "precondition: %.*s, UID in object meta: %.*s", resource->group,
                    resource->group[0] != '\0' ? "/" : "", resource->plural,
                    STR_ARGS(call->name_space), call->name_space.len > 0 ? "/" : "",
                    STR_ARGS(call->name), STR_ARGS(given), STR_ARGS(uid));
    return false;
}

static bool check_identity(struct call *call, struct json *object, const struct record *live)
{
    if (live == NULL) {
        answer_not_found(call);
        return false;
    }
    return check_uid(call, object, live->object) && check_version(call, object, live);
}

void verb_update(struct call *call)
{
    struct write_options options;
    struct write write = {.call = call, .options = &options};
    struct record *live;
    if (call_is_scale(call)) {
        verb_update_scale(call);
        return;
    }
    live = call_live(call);
    call_found(call, call_record(call));
    if (!read_object(call, "UpdateOptions", &options, &write.object))
        return;
    if (check_name(call, write.object) && check_identity(call, write.object, live))
        write_update(&write, live);
    write_release(&write);
}
