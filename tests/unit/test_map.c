#include "tests/testlib/test.h"

#include "controller/base/map.h"
#include "controller/base/mem.h"

static int values[3000];

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    struct map map;
    map_init(&map);
    assert_int_equal(map_count(&map), 0);
    assert_null(map_get(&map, STR("a")));
    assert_null(map_remove(&map, STR("a")));
    assert_null(map_next(&map, NULL));
    map_release(&map);
}

static void keys_are_copied_and_compared_whole(void **state)
{
    (void)state;
    struct map map;
    char key[] = "key";
    map_init(&map);
    assert_null(map_put(&map, str_from(key), &values[0]));
    assert_null(map_put(&map, STR("ke"), &values[1]));
    assert_null(map_put(&map, STR_NONE, &values[2])); /* the empty key */
    assert_null(map_put(&map, (struct str){"a\0b", 3}, &values[3]));
    key[0] = 'x';
    assert_ptr_equal(map_get(&map, STR("key")), &values[0]);
    assert_ptr_equal(map_get(&map, STR("ke")), &values[1]);
    assert_ptr_equal(map_get(&map, STR("")), &values[2]);
    assert_ptr_equal(map_get(&map, (struct str){"a\0b", 3}), &values[3]);
    assert_null(map_get(&map, STR("a")));
    assert_null(map_get(&map, STR("xey")));
    map_release(&map);
}

static void putting_again_replaces_and_keeps_the_place(void **state)
{
    (void)state;
    struct map map;
    struct buf order;
    map_init(&map);
    buf_init(&order, 100);
    map_put(&map, STR("b"), &values[0]);
    map_put(&map, STR("a"), &values[1]);
    assert_ptr_equal(map_put(&map, STR("b"), &values[2]), &values[0]);
    map_put(&map, STR("c"), &values[3]);
    assert_ptr_equal(map_remove(&map, STR("a")), &values[1]);
    map_put(&map, STR("a"), &values[4]);
    MAP_EACH (entry, &map)
        buf_append(&order, map_entry_key(entry));
    assert_str(buf_str(&order), "bca");
    assert_int_equal(map_count(&map), 3);
    assert_ptr_equal(map_entry_value(map_next(&map, NULL)), &values[2]);
    buf_release(&order);
    map_release(&map);
}

static void many_entries_are_found_and_walked_in_order_of_insertion(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    struct map map;
    map_init(&map);
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        char *key = str_format("key-%zu", i * 7919 % ARRAY_COUNT(values));
        assert_null(map_put(&map, str_from(key), &values[i]));
        mem_free(key);
    }
    size_t index = 0;
    MAP_EACH (entry, &map)
        assert_ptr_equal(map_entry_value(entry), &values[index++]);
    assert_int_equal(index, ARRAY_COUNT(values));
    /* Taking the successor first, the current entry may go. */
    struct map_entry *entry = map_next(&map, NULL);
    for (index = 0; entry != NULL; index++) {
        struct map_entry *next = map_next(&map, entry);
        if (index % 2 == 0)
            assert_ptr_equal(map_remove(&map, map_entry_key(entry)), &values[index]);
        entry = next;
    }
    assert_int_equal(map_count(&map), ARRAY_COUNT(values) / 2);
    map_release(&map);
    assert_int_equal(mem_live_blocks(), blocks);
    assert_int_equal(map_count(&map), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(keys_are_copied_and_compared_whole),
        cmocka_unit_test(putting_again_replaces_and_keeps_the_place),
        cmocka_unit_test(many_entries_are_found_and_walked_in_order_of_insertion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
