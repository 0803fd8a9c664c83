/*
 * The CRDs that the fake API brings along: well formed, and the same in every respect that
 * an object can notice as the ones of the real project ($PROMOTER_SHARED/crds).
 */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "controller/base/yaml.h"
#include "fakeapi/builtin_crds.h"
#include "fakeapi/schema.h"

static struct json *read_yaml(struct str text)
{
    struct yaml_file file;
    struct errmsg msg = {""};
    if (yaml_parse(text, &file, &msg) != ERR_NONE)
        fail_msg("%s", msg.text);
    assert_int_equal(file.document_count, 1);
    struct json *root = json_clone(file.documents[0].root);
    yaml_file_release(&file);
    return root;
}

static const struct json *version_of(const struct json *crd)
{
    const struct json *version = json_item(json_at(crd, "spec.versions"), 0);
    assert_non_null(version);
    return version;
}

static void each_has_one_served_version_with_a_schema(void **state)
{
    (void)state;
    assert_int_equal(builtin_crd_count, 8);
    for (size_t i = 0; i < builtin_crd_count; i++) {
        struct json *crd = read_yaml(builtin_crds[i].text);
        struct schema *schema = NULL;
        struct errmsg msg = {""};
        char *name = str_format("%.*s.%.*s", STR_ARGS(json_text_at(crd, "spec.names.plural")),
                                STR_ARGS(json_text_at(crd, "spec.group")));
        assert_str(json_text_at(crd, "metadata.name"), name);
        assert_int_equal(json_count(json_at(crd, "spec.versions")), 1);
        assert_true(json_bool_of(json_get(version_of(crd), "served")));
        assert_non_null(json_at(version_of(crd), "subresources.status"));
        if (schema_create(json_at(version_of(crd), "schema.openAPIV3Schema"), &schema, &msg) !=
            ERR_NONE)
            fail_msg("%s: %s", builtin_crds[i].file_name, msg.text);
        assert_int_equal(schema_type(schema_property(schema, STR("status"))), SCHEMA_OBJECT);
        schema_free(schema);
        mem_free(name);
        json_free(crd);
    }
}

static struct json *read_shared(const char *directory, const char *file_name)
{
    char *path = str_format("%s/crds/%s", directory, file_name);
    FILE *file = fopen(path, "rb");
    mem_free(path);
    if (file == NULL)
        return NULL;
    static char text[1u << 20];
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    return read_yaml(str_from_bytes(text, len));
}

static void drop_descriptions(struct json *value)
{
    if (json_is(value, JSON_OBJECT) && json_is(json_get(value, "description"), JSON_STRING))
        json_remove(value, "description");
    JSON_EACH(item, value)
        drop_descriptions(item);
}

/* Says where two trees differ: member order is free, the order of lists is not. */
static bool same(const struct json *ours, const struct json *theirs, const char *path)
{
    bool equal = true;
    if (json_equal(ours, theirs))
        return true;
    if (!json_is(ours, JSON_OBJECT) || !json_is(theirs, JSON_OBJECT)) {
        print_error("%s differs\n", path);
        return false;
    }
    JSON_EACH(member, ours) {
        char *at = str_format("%s.%.*s", path, STR_ARGS(json_key(member)));
        equal = same(member, json_get_str(theirs, json_key(member)), at) && equal;
        mem_free(at);
    }
    JSON_EACH(member, theirs) {
        if (json_get_str(ours, json_key(member)) != NULL)
            continue;
        print_error("%s.%.*s is missing\n", path, STR_ARGS(json_key(member)));
        equal = false;
    }
    return equal;
}

static void they_are_the_same_as_those_of_the_real_project(void **state)
{
    (void)state;
    const char *directory = getenv("PROMOTER_SHARED");
    size_t compared_count = 0;
    for (size_t i = 0; directory != NULL && i < builtin_crd_count; i++) {
        struct json *theirs = read_shared(directory, builtin_crds[i].file_name);
        if (theirs == NULL)
            continue; /* Cluster is Cluster API's, cut down */
        struct json *ours = read_yaml(builtin_crds[i].text);
        drop_descriptions(ours);
        drop_descriptions(theirs);
        assert_true(same(ours, theirs, builtin_crds[i].file_name));
        compared_count++;
        json_free(ours);
        json_free(theirs);
    }
    if (compared_count == 0)
        skip();
    assert_int_equal(compared_count, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_one_served_version_with_a_schema),
        cmocka_unit_test(they_are_the_same_as_those_of_the_real_project),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
