#include "tests/testlib/test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "controller/base/mem.h"
#include "scenarios/engine/scenario_walk.h"

#define SCENARIO(name) "scenario: " name "\nwhy: w\nexpect: {}\n"

static const struct {
    const char *path; /* ends with "/": a folder */
    const char *text;
} tree[] = {
    {"b.yaml", SCENARIO("b")},
    {"a/", NULL},
    {"a/z.yaml", SCENARIO("z")},
    {"a/B.yaml", SCENARIO("B")},
    {"a.yaml", SCENARIO("a")},
    {"canary/", NULL},
    {"canary/c.yaml", SCENARIO("c")},
    {"fleet.yaml", "fleet: []\n"}, /* no scenario, and does not claim to be one */
    {"notes.txt", "scenario: text\n"},
    {".hidden.yaml", SCENARIO("hidden")},
};

static char *path_in(const char *folder, const char *name)
{
    return str_format("%s/%s", folder, name);
}

static void tree_make(char *folder)
{
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < ARRAY_COUNT(tree); i++) {
        char *path = path_in(folder, tree[i].path);
        if (tree[i].text == NULL) {
            assert_int_equal(mkdir(path, 0700), 0);
        } else {
            FILE *file = fopen(path, "wb");
            assert_non_null(file);
            fputs(tree[i].text, file);
            fclose(file);
        }
        mem_free(path);
    }
}

static void tree_remove(const char *folder)
{
    for (size_t i = ARRAY_COUNT(tree); i-- > 0;) {
        char *path = path_in(folder, tree[i].path);
        if (tree[i].text == NULL)
            rmdir(path);
        else
            unlink(path);
        mem_free(path);
    }
    rmdir(folder);
}

/* The names that loading `paths` gives, each followed by a space. */
static void check_names(const char *const *paths, size_t count, const char *names)
{
    struct scenario_list list;
    struct buf errors;
    struct buf found;
    buf_init(&errors, 4096);
    buf_init(&found, 4096);
    scenario_list_load(paths, count, &list, &errors);
    for (size_t i = 0; i < list.count; i++)
        buf_printf(&found, "%.*s ", STR_ARGS(list.items[i]->name));
    assert_str(buf_str(&errors), "");
    assert_int_equal(list.invalid, 0);
    assert_str(buf_str(&found), names);
    scenario_list_release(&list);
    buf_release(&errors);
    buf_release(&found);
}

static void a_folder_means_its_scenarios_in_bytewise_order_without_canaries(void **state)
{
    char folder[] = "/tmp/promosim-walk-XXXXXX";
    (void)state;
    tree_make(folder);
    const char *path = folder;
    check_names(&path, 1, "B z a b ");
    tree_remove(folder);
}

static void what_is_named_is_loaded_in_the_order_of_naming(void **state)
{
    char folder[] = "/tmp/promosim-walk-XXXXXX";
    (void)state;
    tree_make(folder);
    char *canary = path_in(folder, "canary");
    char *file = path_in(folder, "b.yaml");
    char *hidden = path_in(folder, ".hidden.yaml");
    check_names((const char *[]){file, canary, hidden}, 3, "b c hidden ");
    mem_free(canary);
    mem_free(file);
    mem_free(hidden);
    tree_remove(folder);
}

static void every_wrong_file_is_told(void **state)
{
    char folder[] = "/tmp/promosim-walk-XXXXXX";
    struct scenario_list list;
    struct buf errors;
    (void)state;
    tree_make(folder);
    char *fleet = path_in(folder, "fleet.yaml");
    char *text = path_in(folder, "notes.txt");
    buf_init(&errors, 65536);
    scenario_list_load((const char *[]){fleet, text, "/nowhere"}, 3, &list, &errors);
    assert_int_equal(list.count, 0);
    assert_int_equal(list.invalid, 3);
    if (!str_contains(buf_str(&errors), STR("/notes.txt:1:1: found no key \"why\"")) ||
        !str_contains(buf_str(&errors), STR("/nowhere: there is no such file\n")))
        fail_msg("%s", errors.data);
    scenario_list_release(&list);
    buf_release(&errors);
    mem_free(fleet);
    mem_free(text);
    tree_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_means_its_scenarios_in_bytewise_order_without_canaries),
        cmocka_unit_test(what_is_named_is_loaded_in_the_order_of_naming),
        cmocka_unit_test(every_wrong_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
