#include "fakeapi/sveltos/client.h"

struct call {
    const char *method;
    const char *content_type; /* NULL: none */
    const struct json *body;  /* NULL: none */
};

static void exchange(const struct client *client, const struct call *call, struct str target,
                     struct fakeapi_response *ret_response)
{
    struct buf body;
    buf_init(&body, FAKEAPI_BODY_BYTES_MAX);
    if (call->body != NULL)
        json_print(call->body, &body);
    struct fakeapi_request request = {
        .method = call->method,
        .target = target,
        .content_type = str_from(call->content_type),
        .accept = STR("application/json"),
        .user_agent = str_from(client->user_agent),
        .body = buf_str(&body),
    };
    fakeapi_handle(client->api, &request, ret_response);
    buf_release(&body);
}

static struct json *parse_answer(const struct fakeapi_response *response)
{
    struct json *answer = NULL;
    if (json_parse(buf_str(&response->body), NULL, &answer, NULL) != ERR_NONE)
        return NULL;
    return answer;
}

static int send(const struct client *client, const struct call *call, const struct buf *target,
                struct json **ret_answer)
{
    struct fakeapi_response response;
    exchange(client, call, buf_str(target), &response);
    if (ret_answer != NULL)
        *ret_answer = parse_answer(&response);
    int status = response.status;
    fakeapi_response_release(&response);
    return status;
}

int client_list(const struct client *client, const struct kind *kind, struct json **ret_answer)
{
    struct buf target CLEANUP(buf_release);
    buf_init(&target, KIND_PATH_BYTES_MAX);
    kind_path(kind, STR_NONE, STR_NONE, NULL, &target);
    return send(client, &(struct call){.method = "GET"}, &target, ret_answer);
}

int client_create(const struct client *client, const struct kind *kind, const struct json *object,
                  struct json **ret_answer)
{
    struct buf target CLEANUP(buf_release);
    buf_init(&target, KIND_PATH_BYTES_MAX);
    kind_path(kind, object_namespace(object), STR_NONE, NULL, &target);
    struct call call = {"POST", "application/json", object};
    return send(client, &call, &target, ret_answer);
}

int client_update(const struct client *client, const struct kind *kind, const struct json *object)
{
    struct buf target CLEANUP(buf_release);
    buf_init(&target, KIND_PATH_BYTES_MAX);
    kind_path(kind, object_namespace(object), object_name(object), NULL, &target);
    struct call call = {"PUT", "application/json", object};
    return send(client, &call, &target, NULL);
}

int client_patch(const struct client *client, const struct kind *kind, const struct json *object,
                 const char *subresource, const struct json *patch)
{
    struct buf target CLEANUP(buf_release);
    buf_init(&target, KIND_PATH_BYTES_MAX);
    kind_path(kind, object_namespace(object), object_name(object), subresource, &target);
    struct call call = {"PATCH", "application/merge-patch+json", patch};
    return send(client, &call, &target, NULL);
}

void client_patch_status(const struct client *client, const struct kind *kind,
                         const struct json *object, const struct json *status)
{
    struct json *diff = object_diff(json_get(object, "status"), status);
    if (diff == NULL)
        return;
    struct json *patch = json_object();
    json_set(patch, "status", diff);
    client_patch(client, kind, object, "status", patch);
    json_free(patch);
}

int client_delete(const struct client *client, const struct kind *kind, const struct json *object,
                  const char *propagation)
{
    struct buf target CLEANUP(buf_release);
    buf_init(&target, KIND_PATH_BYTES_MAX);
    kind_path(kind, object_namespace(object), object_name(object), NULL, &target);
    struct json *options = json_object();
    struct json *preconditions = json_object();
    json_set(options, "apiVersion", json_text("v1"));
    json_set(options, "kind", json_text("DeleteOptions"));
    json_set(preconditions, "uid", json_string(object_uid(object)));
    json_set(options, "preconditions", preconditions);
    if (propagation != NULL)
        json_set(options, "propagationPolicy", json_text(propagation));
    struct call call = {"DELETE", "application/json", options};
    int status = send(client, &call, &target, NULL);
    json_free(options);
    return status;
}

int client_set_finalizers(const struct client *client, const struct kind *kind,
                          const struct json *object, struct json *finalizers)
{
    struct json *patch = json_object();
    struct json *metadata = json_object();
    json_set(metadata, "finalizers", finalizers);
    json_set(patch, "metadata", metadata);
    int status = client_patch(client, kind, object, NULL, patch);
    json_free(patch);
    return status;
}

struct fakeapi_watch *client_watch(const struct client *client, const struct kind *kind,
                                   struct str resource_version)
{
    struct buf target CLEANUP(buf_release);
    buf_init(&target, KIND_PATH_BYTES_MAX);
    kind_path(kind, STR_NONE, STR_NONE, NULL, &target);
    /* A stream that never times out: an idle day must not cost an event. */
    buf_printf(&target, "?watch=true&resourceVersion=%.*s&timeoutSeconds=2147483647",
               STR_ARGS(resource_version));
    struct fakeapi_response response;
    exchange(client, &(struct call){.method = "GET"}, buf_str(&target), &response);
    struct fakeapi_watch *watch = response.watch;
    response.watch = NULL;
    fakeapi_response_release(&response);
    return watch;
}
