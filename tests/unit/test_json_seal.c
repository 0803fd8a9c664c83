#include "tests/testlib/test.h"

#include "controller/base/json_seal.h"
#include "controller/base/mem.h"

static struct json *read(const char *text)
{
    struct json *value = NULL;
    assert_int_equal(json_parse(str_from(text), NULL, &value, NULL), ERR_NONE);
    return value;
}

static struct json *read_sealed(struct json_pool *pool, const char *text)
{
    struct json *value = read(text);
    json_seal(pool, value, NULL);
    return value;
}

static void assert_prints(const struct json *value, const char *text)
{
    char *printed = json_print_text(value);
    assert_string_equal(printed, text);
    mem_free(printed);
}

#define STAGES "{\"stages\":[{\"env\":\"a\",\"n\":1},{\"env\":\"prod\",\"n\":2.5}],\"t\":true}"

static void equal_parts_become_one(void **state)
{
    (void)state;
    struct json_pool *pool = json_pool_create();
    struct json *a = read_sealed(pool, STAGES);
    struct json *b = read_sealed(pool, "{\"other\":" STAGES "}");
    struct json *c = read_sealed(pool, "{\"other\":{\"stages\":[{\"env\":\"prod\",\"n\":2}]}}");
    assert_true(json_is_same(a, json_get((const struct json *)b, "other")));
    assert_false(json_is_same(a, json_get((const struct json *)c, "other")));
    assert_prints(a, STAGES);
    assert_prints(b, "{\"other\":" STAGES "}");
    json_free(a);
    assert_prints(b, "{\"other\":" STAGES "}");
    json_pool_free(pool);
    assert_prints(b, "{\"other\":" STAGES "}");
    json_free(b);
    json_free(c);
}

static void order_and_kind_tell_values_apart(void **state)
{
    static const char *const texts[] = {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "{\"a\":1}",
                                        "[1,2]", "[2,1]", "{\"a\":\"1\"}", "{\"a\":1.5}",
                                        "{\"a\":null}", "{\"a\":false}", "{\"a\":{}}",
                                        "{\"a\":[]}", "[\"1\"]"};
    struct json *values[ARRAY_COUNT(texts)];
    struct json_pool *pool = json_pool_create();
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        values[i] = read_sealed(pool, texts[i]);
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        for (size_t j = 0; j < ARRAY_COUNT(texts); j++)
            assert_int_equal(json_is_same(values[i], values[j]), i == j);
        assert_prints(values[i], texts[i]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        json_free(values[i]);
    json_pool_free(pool);
}

static void what_stays_is_shared_with_the_one_before(void **state)
{
    (void)state;
    /* Larger than what a pool takes. */
    char text[256] = "{\"a\":{\"x\":\"";
    memset(text + strlen(text), 'y', 100);
    memcpy(text + strlen(text), "\"},\"b\":[1,2,3]}", sizeof("\"},\"b\":[1,2,3]}"));
    struct json_pool *pool = json_pool_create();
    struct json_pool *empty = json_pool_create();
    struct json *before = read_sealed(pool, text);
    struct json *after = read(text);
    json_set(after, "c", json_int(1));
    json_seal(empty, after, before);
    assert_true(json_is_same(json_get((const struct json *)after, "a"),
                             json_get((const struct json *)before, "a")));
    assert_true(json_is_same(json_get((const struct json *)after, "b"),
                             json_get((const struct json *)before, "b")));
    size_t own = json_bytes_beyond(after, before); /* the object's list and a key */
    size_t all = json_bytes_beyond(after, NULL);
    assert_true(own > 3 * 24 && own < 200);
    assert_true(all > own + 100 + 5 * 24);
    assert_int_equal(json_bytes_beyond(before, before), 0);
    json_free(before);
    json_free(after);
    json_pool_free(pool);
    json_pool_free(empty);
}

static void a_change_parts_from_all_others_and_takes_marks_away(void **state)
{
    (void)state;
    struct json_pool *pool = json_pool_create();
    struct json *a = read_sealed(pool, STAGES);
    struct json *b = json_clone(a);
    const struct json *stages = json_get((const struct json *)a, "stages");
    json_set_mark(stages, 7);
    json_set_mark(a, 8);
    assert_int_equal(json_mark(json_get((const struct json *)b, "stages")), 7);
    json_set(json_item(json_get(b, "stages"), 0), "env", json_text("test"));
    assert_int_equal(json_mark(json_get((const struct json *)b, "stages")), 0);
    assert_int_equal(json_mark(b), 0);
    assert_int_equal(json_mark(stages), 7);
    assert_int_equal(json_mark(a), 8);
    assert_prints(a, STAGES);
    json_set_mark(b, 9); /* not sealed: nobody would take it away */
    assert_int_equal(json_mark(b), 0);
    json_free(a);
    json_free(b);
    json_pool_free(pool);
}

static void the_only_owner_changes_in_place_and_loses_the_mark(void **state)
{
    (void)state;
    struct json_pool *pool = json_pool_create();
    struct json *a = read_sealed(pool, "{\"a\":{\"b\":1}}");
    json_set_mark(json_get((const struct json *)a, "a"), 7);
    json_pool_free(pool);
    json_set(json_get(a, "a"), "b", json_int(2));
    assert_int_equal(json_mark(json_get((const struct json *)a, "a")), 0);
    assert_prints(a, "{\"a\":{\"b\":2}}");
    json_free(a);
}

static void sealed_objects_know_whether_they_are_sorted(void **state)
{
    (void)state;
    struct json_pool *pool = json_pool_create();
    struct json *a = read_sealed(pool, "{\"a\":[{\"d\":1,\"c\":2}]}");
    struct json *b = json_clone(a);
    json_sort(a);
    assert_prints(a, "{\"a\":[{\"c\":2,\"d\":1}]}");
    assert_prints(b, "{\"a\":[{\"d\":1,\"c\":2}]}");
    json_seal(pool, a, NULL);
    json_set_mark(a, 7);
    json_sort(a);
    assert_int_equal(json_mark(a), 7); /* nothing was touched */
    json_set(json_item(json_get(a, "a"), 0), "b", json_int(3));
    json_sort(a);
    assert_prints(a, "{\"a\":[{\"b\":3,\"c\":2,\"d\":1}]}");
    json_free(a);
    json_free(b);
    json_pool_free(pool);
}

static void pools_stay_small_whatever_passes_through(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    struct json_pool *pool = json_pool_create();
    size_t most = 0;
    for (size_t i = 0; i < 60000; i++) {
        char text[64];
        snprintf(text, sizeof(text), "{\"k%zu\":{\"n\":\"v%zu\"},\"l\":[%zu]}", i, i, i);
        json_free(read_sealed(pool, text));
        size_t kept = mem_live_blocks() - blocks;
        most = kept > most ? kept : most;
    }
    /* 4,096 texts; 2,048 lists with at most two children here, their keys and texts. */
    assert_true(most < 4096 + 2048 * (1 + 2 * 3) + 2);
    json_pool_free(pool);
    assert_int_equal(mem_live_blocks(), blocks); /* [H1] */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_parts_become_one),
        cmocka_unit_test(order_and_kind_tell_values_apart),
        cmocka_unit_test(what_stays_is_shared_with_the_one_before),
        cmocka_unit_test(a_change_parts_from_all_others_and_takes_marks_away),
        cmocka_unit_test(the_only_owner_changes_in_place_and_loses_the_mark),
        cmocka_unit_test(sealed_objects_know_whether_they_are_sorted),
        cmocka_unit_test(pools_stay_small_whatever_passes_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
