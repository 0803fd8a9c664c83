#include "fakeapi/daemon/load.h"

#include "controller/base/mem.h"
#include "fakeapi/daemon/files.h"
#include "scenarios/engine/manifest.h"

#define TARGET_BYTES_MAX 8192u

static int send(struct fakeapi *api, const char *method, struct str target, const char *type,
                const struct json *object, struct buf *ret_body)
{
    CLEANUP(mem_free_pointer) char *text = json_print_text(object);
    struct fakeapi_response response;
    fakeapi_handle(api, &(struct fakeapi_request){
        .method = method,
        .target = target,
        .content_type = str_from(type),
        .user_agent = STR("fakeapi"),
        .body = str_from(text),
    }, &response);
    int status = response.status;
    buf_clear(ret_body);
    buf_append(ret_body, buf_str(&response.body));
    fakeapi_response_release(&response);
    return status;
}

/* Creates it, or patches what is there; the body is the last answer's. */
static int create_or_patch(struct fakeapi *api, struct str collection, const struct json *object,
                           struct buf *ret_body)
{
    static const char *const query = "?fieldManager=fakeapi&fieldValidation=Strict";
    struct str name = json_text_at(object, "metadata.name");
    CLEANUP(mem_free_pointer) char *all = str_format("%.*s%s", STR_ARGS(collection), query);
    CLEANUP(mem_free_pointer) char *one =
        str_format("%.*s/%.*s%s", STR_ARGS(collection), STR_ARGS(name), query);
    int status = send(api, "POST", str_from(all), "application/json", object, ret_body);
    if (status == 409)
        status = send(api, "PATCH", str_from(one), "application/merge-patch+json", object,
                      ret_body);
    return status;
}

static enum err load_object(struct fakeapi *api, const struct reader *reader,
                            const struct json *node)
{
    struct str kind = json_text_at(node, "kind");
    struct str api_version = json_text_at(node, "apiVersion");
    CLEANUP(buf_release) struct buf path;
    CLEANUP(buf_release) struct buf answer;
    CLEANUP(buf_release) struct buf why;
    buf_init(&path, TARGET_BYTES_MAX);
    buf_init(&answer, FAKEAPI_ANSWER_BYTES_MAX);
    buf_init(&why, FAKEAPI_ANSWER_BYTES_MAX);
    if (!json_is(node, JSON_OBJECT) || kind.len == 0 || api_version.len == 0)
        return reader_fail(reader, node, ERR_TYPE, "expected an object with apiVersion and kind");
    if (!fakeapi_collection_path(api, api_version, kind, json_text_at(node, "metadata.namespace"),
                                 &path))
        return reader_fail(reader, node, ERR_INVALID, "%.*s of %.*s is not served: is its "
                           "CustomResourceDefinition missing?", STR_ARGS(kind),
                           STR_ARGS(api_version));
    struct json *wish = manifest_wish(node);
    int status = create_or_patch(api, buf_str(&path), wish, &answer);
    json_free(wish);
    if (status >= 200 && status <= 299)
        return ERR_NONE;
    manifest_refusal(status, buf_str(&answer), &why);
    return reader_fail(reader, node, ERR_INVALID, "%.*s/%.*s is refused by the API: %.*s",
                       STR_ARGS(kind), STR_ARGS(json_text_at(node, "metadata.name")),
                       STR_ARGS(buf_str(&why)));
}

static enum err load_document(struct fakeapi *api, const struct reader *reader)
{
    const struct json *root = reader->document->root;
    const struct json *items = json_get(root, "items");
    enum err err = ERR_NONE;
    if (!str_ends_with(json_text_at(root, "kind"), STR("List")) || !json_is(items, JSON_ARRAY))
        return load_object(api, reader, root);
    JSON_EACH(item, items)
        if (err == ERR_NONE)
            err = load_object(api, reader, item);
    return err;
}

static enum err load_file(struct fakeapi *api, const char *path, struct errmsg *msg)
{
    struct source source;
    enum err err = source_load(path, &source, msg);
    if (err != ERR_NONE)
        return err;
    for (size_t i = 0; i < source.yaml.document_count && err == ERR_NONE; i++)
        err = load_document(api, &(struct reader){&source, &source.yaml.documents[i], msg});
    source_release(&source);
    return err;
}

enum err load_path(struct fakeapi *api, const char *path, struct errmsg *msg)
{
    char **files;
    size_t count;
    enum err err = files_of(path, &files, &count, msg);
    if (err != ERR_NONE)
        return err;
    for (size_t i = 0; i < count && err == ERR_NONE; i++)
        err = load_file(api, files[i], msg);
    files_free(files, count);
    return err;
}
