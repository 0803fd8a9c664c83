#include "fakeapi/sveltos/groups.h"
#include "tests/testlib/test.h"

static void a_key_is_found_in_each_of_its_groups(void **state)
{
    (void)state;
    struct groups groups;
    int a = 0;
    int b = 0;
    groups_init(&groups);
    groups_add(&groups, STR("red"), STR("a"), &a);
    groups_add(&groups, STR("red"), STR("b"), &b);
    groups_add(&groups, STR("blue"), STR("a"), &a);
    assert_int_equal(map_count(groups_of(&groups, STR("red"))), 2);
    assert_ptr_equal(map_get(groups_of(&groups, STR("blue")), STR("a")), &a);
    assert_null(map_get(groups_of(&groups, STR("blue")), STR("b")));
    groups_release(&groups);
}

static void a_group_without_keys_is_as_one_that_never_was(void **state)
{
    (void)state;
    struct groups groups;
    int a = 0;
    groups_init(&groups);
    groups_remove(&groups, STR("red"), STR("a"));
    groups_add(&groups, STR("red"), STR("a"), &a);
    groups_remove(&groups, STR("red"), STR("b"));
    assert_int_equal(map_count(groups_of(&groups, STR("red"))), 1);
    groups_remove(&groups, STR("red"), STR("a"));
    assert_int_equal(map_count(groups_of(&groups, STR("red"))), 0);
    assert_int_equal(map_count(&groups.by_name), 0);
    groups_release(&groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_found_in_each_of_its_groups),
        cmocka_unit_test(a_group_without_keys_is_as_one_that_never_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
