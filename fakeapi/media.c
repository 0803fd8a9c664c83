/* Media types of requests and answers. Recorded answers: objects/21, patch/08. */
#include "fakeapi/options.h"
#include "fakeapi/status.h"

#define ACCEPT_ENTRIES_MAX 16u
#define QUALITY_FULL 1000

struct accept_entry {
    struct str type;
    int quality; /* of a thousand */
    bool cannot_print; /* another stream, a kind that nobody knows */
    struct str as, group, version; /* of the kind that is asked for */
};

/* "0.25" as 250; anything odd as full quality. */
static int quality_of(struct str text)
{
    if (text.len == 0 || (text.data[0] != '0' && text.data[0] != '1'))
        return QUALITY_FULL;
    int quality = (text.data[0] - '0') * QUALITY_FULL;
    int digit = QUALITY_FULL / 10;
    for (size_t i = 2; i < text.len && digit > 0; i++, digit /= 10)
        if (text.data[i] >= '0' && text.data[i] <= '9')
            quality += (text.data[i] - '0') * digit;
    return quality;
}

static struct accept_entry read_entry(struct str text)
{
    struct str rest = text;
    struct accept_entry entry = {.type = str_trim(str_split_next(&rest, ';')),
                                 .quality = QUALITY_FULL};
    while (rest.len > 0) {
        struct str value = str_split_next(&rest, ';');
        struct str key = str_trim(str_split_next(&value, '='));
        if (str_is(key, "q"))
            entry.quality = quality_of(str_trim(value));
        else if (str_is(key, "as"))
            entry.as = str_trim(value);
        else if (str_is(key, "g"))
            entry.group = str_trim(value);
        else if (str_is(key, "v"))
            entry.version = str_trim(value);
        else if (str_is(key, "stream") && !str_is(str_trim(value), "watch"))
            entry.cannot_print = true;
    }
    return entry;
}

/* False: the kind is none that objects are shown as. */
static bool read_rendition(const struct accept_entry *entry, struct rendition *ret_rendition)
{
    struct rendition rendition = {.kind = RENDITION_WHOLE};
    if (str_is(entry->as, "PartialObjectMetadata"))
        rendition.kind = RENDITION_PARTIAL;
    else if (str_is(entry->as, "PartialObjectMetadataList"))
        rendition.kind = RENDITION_PARTIAL_LIST;
    else if (str_is(entry->as, "Table"))
        rendition.kind = RENDITION_TABLE;
    else if (entry->as.len > 0)
        return false;
    rendition.is_beta = str_is(entry->version, "v1beta1");
    *ret_rendition = rendition;
    return entry->as.len == 0 || (str_is(entry->group, "meta.k8s.io") &&
                                  (rendition.is_beta || str_is(entry->version, "v1")));
}

static const char *printable_type(const struct accept_entry *entry)
{
    if (entry->cannot_print)
        return NULL;
    if (str_is(entry->type, "application/json") || str_is(entry->type, "*/*") ||
        str_is(entry->type, "application/*"))
        return "application/json";
    if (str_is(entry->type, "application/yaml"))
        return "application/yaml"; /* JSON is YAML */
    return NULL;
}

static bool read_row_object(struct call *call)
{
    struct str text = query_get(&call->query, "includeObject");
    if (str_is(text, "Object"))
        call->rendition.row_object = ROW_OBJECT_WHOLE;
    else if (str_is(text, "None"))
        call->rendition.row_object = ROW_OBJECT_NONE;
    else if (text.len > 0 && !str_is(text, "Metadata")) {
        answer_failure(call, 400, "BadRequest",
                       "Unable to convert to Table as requested: includeObject: Invalid value: "
                       "\"%.*s\": must be 'Metadata', 'Object', 'None', or empty",
                       STR_ARGS(text));
        return false;
    }
    return true;
}

bool accept_media(struct call *call)
{
    const char *best = NULL;
    int best_quality = -1;
    struct str rest = call->request->accept;
    if (rest.len == 0)
        best = "application/json";
    for (size_t i = 0; rest.len > 0 && i < ACCEPT_ENTRIES_MAX; i++) {
        struct accept_entry entry = read_entry(str_split_next(&rest, ','));
        const char *type = printable_type(&entry);
        struct rendition rendition;
        if (type == NULL || entry.quality <= best_quality || !read_rendition(&entry, &rendition))
            continue;
        best = type;
        best_quality = entry.quality;
        call->rendition = rendition;
    }
    if (best != NULL) {
        call->response->content_type = best;
        return call->rendition.kind != RENDITION_TABLE || read_row_object(call);
    }
    answer_failure(call, 406, "NotAcceptable",
                   "only the following media types are accepted: application/json, "
                   "application/yaml, application/vnd.kubernetes.protobuf");
    return false;
}

static bool equals_ignoring_case(struct str text, const char *lower)
{
    size_t len = strlen(lower);
    if (text.len != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        if (c != lower[i])
            return false;
    }
    return true;
}

/* Whether what follows the type are "key=value" parameters. */
static bool parameters_are_good(struct str rest)
{
    while (rest.len > 0) {
        struct str value = str_split_next(&rest, ';');
        bool last = rest.data == NULL;
        struct str key = str_trim(str_split_next(&value, '='));
        if (key.len == 0 && value.data == NULL && last)
            return true;
        if (key.len == 0 || str_trim(value).len == 0)
            return false;
    }
    return true;
}

bool body_format(struct call *call, enum body_format *ret_format)
{
    struct str rest = call->request->content_type;
    struct str type = str_trim(str_split_next(&rest, ';'));
    bool good = parameters_are_good(rest);
    *ret_format = BODY_JSON;
    if (call->request->content_type.len == 0 ||
        (good && equals_ignoring_case(type, "application/json")))
        return true;
    if (good && equals_ignoring_case(type, "application/yaml")) {
        *ret_format = BODY_YAML;
        return true;
    }
    answer_failure(call, 415, "UnsupportedMediaType",
                   "the body of the request was in an unknown format - accepted media types "
                   "include: application/json, application/yaml, "
                   "application/vnd.kubernetes.protobuf");
    return false;
}

bool patch_format(struct call *call, enum body_format *ret_format)
{
    struct str rest = call->request->content_type;
    struct str type = str_split_next(&rest, ';');
    if (str_is(type, "application/merge-patch+json")) {
        *ret_format = BODY_MERGE_PATCH;
    } else if (!call->resource->custom && str_is(type, "application/strategic-merge-patch+json")) {
        *ret_format = BODY_STRATEGIC_PATCH;
    } else if (str_is(type, "application/json-patch+json")) {
        *ret_format = BODY_JSON_PATCH;
    } else if (str_is(type, "application/apply-patch+yaml")) {
        *ret_format = BODY_APPLY;
    } else {
        answer_failure(call, 415, "UnsupportedMediaType",
                       "the body of the request was in an unknown format - accepted media types "
                       "include: application/json-patch+json, application/merge-patch+json, "
                       "%sapplication/apply-patch+yaml",
                       call->resource->custom ? "" : "application/strategic-merge-patch+json, ");
        return false;
    }
    return true;
}
