/*
 * Creates of recorded conversations, taken through the schema alone: prune, default, drop
 * nulls, validate. What a server answered is the truth: the causes of a 422, the spec of a
 * 201. Steps that test other parts are named below. Conversations
 * with integers beyond 2^53 cannot be read here: test_schema_validate.c has their rows.
 */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "controller/base/yaml.h"
#include "fakeapi/builtin_crds.h"
#include "fakeapi/schema.h"

#define KINDS_MAX 64

/* Checks of metadata within embedded resources. */
static const char *const left_out[] = {"embedded-bad-names"};

struct kind {
    char *name;
    struct schema *schema;
};

struct replay {
    const char *file;
    struct kind kinds[KINDS_MAX]; /* later ones hide earlier ones */
    size_t kind_count;
    size_t compared_count;
    size_t failed_count;
};

static void add_kind(struct replay *replay, const struct json *crd)
{
    struct errmsg msg = {""};
    const struct json *version = json_item(json_at(crd, "spec.versions"), 0);
    assert_true(replay->kind_count < KINDS_MAX);
    struct kind *kind = &replay->kinds[replay->kind_count];
    if (schema_create(json_at(version, "schema.openAPIV3Schema"), &kind->schema, &msg) != ERR_NONE)
        return; /* some CRDs are there to be refused */
    kind->name = str_dup(json_text_at(crd, "spec.names.kind"));
    replay->kind_count++;
}

static void add_builtin_kinds(struct replay *replay)
{
    for (size_t i = 0; i < builtin_crd_count; i++) {
        struct yaml_file file;
        assert_err(yaml_parse(builtin_crds[i].text, &file, NULL), ERR_NONE);
        add_kind(replay, file.documents[0].root);
        yaml_file_release(&file);
    }
}

static const struct schema *find_kind(const struct replay *replay, struct str name)
{
    for (size_t i = replay->kind_count; i > 0; i--) {
        if (str_is(name, replay->kinds[i - 1].name))
            return replay->kinds[i - 1].schema;
    }
    return NULL;
}

/* One line per error: in the order found, or sorted when the order means nothing. */
static int compare_lines(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static void join(char **lines, size_t count, bool any_order, struct buf *out)
{
    if (any_order)
        qsort(lines, count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s\n", lines[i]);
        mem_free(lines[i]);
    }
}

static void print_causes(const struct json *causes, bool any_order, struct buf *out)
{
    char *lines[64];
    size_t count = 0;
    JSON_EACH(cause, causes) {
        if (!str_starts_with(json_text_at(cause, "field"), STR("metadata")))
            lines[count++] = str_format("%.*s|%.*s|%.*s", STR_ARGS(json_text_at(cause, "reason")),
                                        STR_ARGS(json_text_at(cause, "field")),
                                        STR_ARGS(json_text_at(cause, "message")));
    }
    join(lines, count, any_order, out);
}

static void print_found(const struct schema_errors *errors, bool any_order, struct buf *out)
{
    char *lines[64];
    size_t count = 0;
    for (; count < errors->count; count++)
        lines[count] = str_format("%s|%s|%s", errors->items[count].reason,
                                  errors->items[count].field, errors->items[count].message);
    join(lines, count, any_order, out);
}

static void expect_text(struct replay *replay, const struct json *step, struct str expected,
                        struct str actual)
{
    replay->compared_count++;
    if (str_equal(expected, actual))
        return;
    replay->failed_count++;
    print_error("%s %.*s\nexpected: %.*s\n  actual: %.*s\n", replay->file,
                STR_ARGS(json_text_at(step, "id")), STR_ARGS(expected), STR_ARGS(actual));
}

static void compare_causes(struct replay *replay, const struct json *step,
                           const struct schema_errors *errors)
{
    struct buf expected, actual;
    bool any_order = json_bool_of(json_get(step, "any_order"));
    const struct json *causes = json_at(step, "expect.body.details.causes");
    if (json_count(causes) == 0)
        return;
    buf_init(&expected, 1u << 20);
    buf_init(&actual, 1u << 20);
    print_causes(causes, any_order, &expected);
    print_found(errors, any_order, &actual);
    expect_text(replay, step, buf_str(&expected), buf_str(&actual));
    buf_release(&expected);
    buf_release(&actual);
}

static void compare_spec(struct replay *replay, const struct json *step,
                         const struct schema_errors *errors, struct json *object)
{
    struct buf expected, actual;
    struct json *spec = json_clone(json_at(step, "expect.body.spec"));
    buf_init(&expected, 1u << 20);
    buf_init(&actual, 1u << 20);
    print_found(errors, false, &actual);
    if (json_is(spec, JSON_OBJECT)) {
        json_sort(spec);
        json_sort(object);
        json_print(spec, &expected);
        json_print(json_get(object, "spec"), &actual);
    }
    expect_text(replay, step, buf_str(&expected), buf_str(&actual));
    buf_release(&expected);
    buf_release(&actual);
    json_free(spec);
}

/* As on a create: the status goes before anything looks at it. */
static void create(struct replay *replay, const struct json *step, struct json *object)
{
    const struct schema *schema = find_kind(replay, json_text_at(object, "kind"));
    struct schema_errors errors = {0};
    int64_t status = 0;
    if (schema == NULL || !json_int_of(json_at(step, "expect.status"), &status))
        return;
    json_remove(object, "status");
    schema_prune(schema, object, NULL);
    schema_fill_defaults(schema, object);
    schema_drop_nulls(schema, object);
    schema_validate(schema, object, STR(""), 0, &errors);
    if (status == 422)
        compare_causes(replay, step, &errors);
    else if (status == 201)
        compare_spec(replay, step, &errors, object);
    schema_errors_release(&errors);
}

static bool is_left_out(const struct json *step)
{
    for (size_t i = 0; i < ARRAY_COUNT(left_out); i++) {
        if (str_is(json_text_at(step, "id"), left_out[i]))
            return true;
    }
    return json_is(json_get(step, "compare"), JSON_BOOL) || json_get(step, "expect") == NULL;
}

static void replay_step(struct replay *replay, const struct json *step)
{
    struct json *body = json_clone(json_get(step, "body"));
    if (!str_is(json_text_at(step, "method"), "POST")) {
        json_free(body);
        return;
    }
    if (body != NULL && str_is(json_text_at(body, "kind"), "CustomResourceDefinition")) {
        add_kind(replay, body);
    } else if (!is_left_out(step)) {
        struct str raw = json_text_at(step, "raw");
        if (body == NULL && raw.data != NULL && json_parse(raw, NULL, &body, NULL) != ERR_NONE)
            body = NULL;
        if (json_is(body, JSON_OBJECT))
            create(replay, step, body);
    }
    json_free(body);
}

static struct json *read_conversation(const char *directory, const char *file_name)
{
    struct json *conversation = NULL;
    struct errmsg msg = {""};
    char *path = str_format("%s/conformance/%s", directory, file_name);
    FILE *file = fopen(path, "rb");
    mem_free(path);
    if (file == NULL)
        return NULL;
    static char text[1u << 20];
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    if (json_parse(str_from_bytes(text, len), NULL, &conversation, &msg) != ERR_NONE)
        fail_msg("%s: %s", file_name, msg.text);
    return conversation;
}

static void release_kinds(struct replay *replay)
{
    for (size_t i = 0; i < replay->kind_count; i++) {
        mem_free(replay->kinds[i].name);
        schema_free(replay->kinds[i].schema);
    }
}

static void creates_are_answered_as_recorded(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        size_t compared_count; /* as many steps as the file has for this; never less */
    } rows[] = {
        {"schema/01-types.json", 23},
        {"schema/02-required-enum-pattern.json", 14},
        {"schema/05-length-limits.json", 10},
        {"schema/06-list-types.json", 10},
        {"schema/07-null-and-defaults.json", 12},
        {"schema/08-pruning.json", 9},
        {"schema/09-combined-validations.json", 17},
        {"schema/11-several-errors.json", 3},
        {"schema/28-sveltos.json", 12},
        {"objects/13-status-validation.json", 1},
        {"objects/29-validate-promotions.json", 17},
        {"objects/30-validate-profiles.json", 20},
        {"objects/31-validate-clusters-and-summaries.json", 12},
        {"objects/32-defaulting.json", 11},
        {"objects/37-summaries.json", 1},
        {"cel/16-promotion-triggers.json", 8},
        {"cel/17-sveltos-rules.json", 10},
    };
    const char *directory = getenv("PROMOTER_SHARED");
    size_t file_count = 0;
    size_t failed_count = 0;
    for (size_t i = 0; directory != NULL && i < ARRAY_COUNT(rows); i++) {
        struct replay replay = {.file = rows[i].file};
        struct json *conversation = read_conversation(directory, rows[i].file);
        if (conversation == NULL)
            continue;
        add_builtin_kinds(&replay);
        JSON_EACH(step, json_get(conversation, "steps"))
            replay_step(&replay, step);
        if (replay.compared_count < rows[i].compared_count)
            print_error("%s: only %zu steps compared\n", rows[i].file, replay.compared_count);
        failed_count += replay.failed_count + (replay.compared_count < rows[i].compared_count);
        file_count++;
        release_kinds(&replay);
        json_free(conversation);
    }
    if (file_count == 0)
        skip();
    assert_int_equal(failed_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creates_are_answered_as_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
