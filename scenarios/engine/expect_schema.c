#include "scenarios/engine/expect.h"

#include "controller/base/mem.h"
#include "fakeapi/builtin_crds.h"

#define MEMBERS_MAX 64u /* that are compared for a suggestion */

/* A field of no object can never be as expected: what matches must be in the kind's schema. */

static enum err check(const struct reader *reader, const struct json *expected,
                      const struct json *schema);

static enum err check_member(const struct reader *reader, const struct json *member,
                             const struct json *schema)
{
    const struct json *properties = json_get(schema, "properties");
    const struct json *additional = json_get(schema, "additionalProperties");
    const struct json *property = json_get_str(properties, json_key(member));
    struct str names[MEMBERS_MAX];
    size_t count = 0;
    if (property != NULL)
        return check(reader, member, property);
    if (additional != NULL)
        return check(reader, member, additional);
    if (properties == NULL)
        return ERR_NONE;
    JSON_EACH (known, properties) {
        if (count < MEMBERS_MAX)
            names[count++] = json_key(known);
    }
    return reader_mismatch(reader, member, json_key(member), "a field of this object", names,
                           count);
}

static const char *type_name(const struct json *expected)
{
    switch (json_type(expected)) {
    case JSON_BOOL:
        return "boolean";
    case JSON_NUMBER:
        return "number";
    case JSON_STRING:
        return "string";
    case JSON_ARRAY:
        return "array";
    case JSON_OBJECT:
        return "object";
    case JSON_NULL:
        break;
    }
    return "";
}

static enum err check_type(const struct reader *reader, const struct json *expected,
                           const struct json *schema)
{
    struct str type = json_text_at(schema, "type");
    bool is_whole = str_is(type, "integer");
    if (type.data == NULL || str_is(is_whole ? STR("number") : type, type_name(expected)))
        return ERR_NONE;
    CLEANUP(mem_free_pointer) char *wanted =
        str_format("a value of the type %.*s", STR_ARGS(type));
    return reader_mismatch(reader, expected, STR_NONE, wanted, NULL, 0);
}

static enum err check_enum(const struct reader *reader, const struct json *expected,
                           const struct json *schema)
{
    struct str words[MEMBERS_MAX];
    size_t count = 0;
    size_t index;
    struct str text = json_string_of(expected);
    const struct json *values = json_get(schema, "enum");
    if (values == NULL || text.data == NULL || str_find(text, '*', 0) < text.len)
        return ERR_NONE;
    JSON_EACH (value, values) {
        if (count < MEMBERS_MAX)
            words[count++] = json_string_of(value);
    }
    return reader_word(reader, expected, words, count, &index);
}

static enum err check_children(const struct reader *reader, const struct json *expected,
                               const struct json *schema)
{
    const struct json *items = json_get(schema, "items");
    JSON_EACH (child, expected) {
        enum err err = ERR_NONE;
        if (json_is(expected, JSON_OBJECT))
            err = check_member(reader, child, schema);
        else if (items != NULL)
            err = check(reader, child, items);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

/* As deep as YAML may be. */
static enum err check(const struct reader *reader, const struct json *expected,
                      const struct json *schema)
{
    if (json_is(expected, JSON_NULL) ||
        json_bool_of(json_get(schema, "x-kubernetes-preserve-unknown-fields")) ||
        json_bool_of(json_get(schema, "x-kubernetes-int-or-string")))
        return ERR_NONE;
    enum err err = check_type(reader, expected, schema);
    if (err == ERR_NONE)
        err = check_enum(reader, expected, schema);
    if (err == ERR_NONE)
        err = check_children(reader, expected, schema);
    return err;
}

static enum err check_metadata(const struct reader *reader, const struct json *metadata)
{
    static const struct str fields[] = {
        {"name", 4},           {"namespace", 9},          {"labels", 6},
        {"annotations", 11},   {"finalizers", 10},        {"ownerReferences", 15},
        {"generation", 10},    {"resourceVersion", 15},   {"uid", 3},
        {"generateName", 12},  {"creationTimestamp", 17}, {"deletionTimestamp", 17},
        {"managedFields", 13}, {"deletionGracePeriodSeconds", 26}};
    JSON_EACH (member, metadata) {
        bool known = false;
        for (size_t i = 0; i < ARRAY_COUNT(fields) && !known; i++)
            known = str_equal(json_key(member), fields[i]);
        if (!known)
            return reader_mismatch(reader, member, json_key(member), "a field of metadata", fields,
                                   ARRAY_COUNT(fields));
    }
    return ERR_NONE;
}

static enum err check_match(const struct reader *reader, const struct json *match,
                            const struct json *schema)
{
    enum err err = check(reader, match, schema);
    return err != ERR_NONE ? err : check_metadata(reader, json_get(match, "metadata"));
}

/* The definition of a kind, among those that are built in; NULL: it has none. */
static const struct builtin_crd *definition_of(const struct manifest_kind *kind)
{
    struct str rest = str_from(kind->api_version);
    struct str group = str_split_next(&rest, '/');
    CLEANUP(mem_free_pointer) char *name =
        str_format("%.*s_%s.yaml", STR_ARGS(group), kind->plural);
    for (size_t i = 0; i < builtin_crd_count; i++) {
        if (strcmp(builtin_crds[i].file_name, name) == 0)
            return &builtin_crds[i];
    }
    return NULL;
}

/* All clauses about one kind. */
static enum err check_kind(const struct reader *reader, const struct expect *expect,
                           const struct manifest_kind *kind)
{
    struct yaml_file file;
    enum err err = ERR_NONE;
    const struct builtin_crd *definition = definition_of(kind);
    if (definition == NULL || yaml_parse(definition->text, &file, NULL) != ERR_NONE)
        return ERR_NONE;
    const struct json *version = json_first(json_at(file.documents[0].root, "spec.versions"));
    const struct json *schema = json_at(version, "schema.openAPIV3Schema");
    for (size_t i = 0; i < expect->clause_count && err == ERR_NONE; i++) {
        const struct clause *clause = &expect->clauses[i];
        if (clause->object.kind == kind && clause->match != NULL)
            err = check_match(reader, clause->match, schema);
    }
    yaml_file_release(&file);
    return err;
}

static bool kind_is_first_at(const struct expect *expect, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (expect->clauses[i].match != NULL &&
            expect->clauses[i].object.kind == expect->clauses[index].object.kind)
            return false;
    }
    return true;
}

enum err expect_check_fields(const struct reader *reader, const struct expect *expect)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; i < expect->clause_count && err == ERR_NONE; i++) {
        if (expect->clauses[i].match != NULL && kind_is_first_at(expect, i))
            err = check_kind(reader, expect, expect->clauses[i].object.kind);
    }
    return err;
}
