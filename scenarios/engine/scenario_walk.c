#include "scenarios/engine/scenario_walk.h"

#include <dirent.h>
#include <sys/stat.h>

#include "controller/base/mem.h"

/* Paths still to be looked at; the last one is next. */
struct walk_entry {
    char *path; /* owned */
    unsigned depth;
};

struct walk {
    struct walk_entry *items;
    size_t count;
    size_t capacity;
};

static void walk_push(struct walk *walk, char *path, unsigned depth)
{
    walk->items = mem_grow_array(walk->items, walk->count, &walk->capacity, sizeof(*walk->items),
                                 SIZE_MAX / sizeof(*walk->items));
    walk->items[walk->count++] = (struct walk_entry){path, depth};
}

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int compare_entries_backwards(const void *a, const void *b)
{
    const struct walk_entry *left = a;
    const struct walk_entry *right = b;
    return strcmp(right->path, left->path);
}

/* Pushes what is in a directory, the bytewise first one last. */
static bool walk_push_directory(struct walk *walk, const char *path, unsigned depth)
{
    size_t from = walk->count;
    size_t len = strlen(path);
    const char *slash = len > 0 && path[len - 1] == '/' ? "" : "/";
    DIR *directory = opendir(path);
    if (directory == NULL)
        return false;
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        if (entry->d_name[0] == '.' || walk->count - from >= WALK_FILES_MAX)
            continue;
        walk_push(walk, str_format("%s%s%s", path, slash, entry->d_name), depth);
    }
    closedir(directory);
    qsort(walk->items + from, walk->count - from, sizeof(*walk->items), compare_entries_backwards);
    return true;
}

static void list_add(struct scenario_list *list, struct scenario *scenario)
{
    list->items = mem_grow_array(list->items, list->count, &list->capacity, sizeof(*list->items),
                                 WALK_FILES_MAX);
    scenario->catalogue = list->catalogue;
    list->items[list->count++] = scenario;
}

static void list_error(struct scenario_list *list, struct buf *errors, const char *text)
{
    list->invalid++;
    buf_printf(errors, "%s\n", text);
}

/* True when the file is a manifest or a fleet that lies beside scenarios. */
static bool is_beside_the_point(const char *path)
{
    struct source source;
    if (source_load(path, &source, NULL) != ERR_NONE)
        return false;
    bool claims = scenario_claims(&source);
    source_release(&source);
    return !claims;
}

static void load_file(const char *path, struct scenario_list *list, struct buf *errors)
{
    struct scenario *scenario = NULL;
    struct errmsg msg = {{0}};
    if (list->count == WALK_FILES_MAX)
        list_error(list, errors, "found too many files");
    else if (scenario_load(path, &scenario, &msg) == ERR_NONE)
        list_add(list, scenario);
    else
        list_error(list, errors, msg.text);
}

static bool is_canary(const char *path)
{
    return str_ends_with(str_from(path), STR("/canary"));
}

/* One path that was found within a directory. */
static void visit(struct walk *walk, const struct walk_entry *entry, struct scenario_list *list,
                  struct buf *errors)
{
    if (is_directory(entry->path)) {
        if (entry->depth < WALK_DEPTH_MAX && !is_canary(entry->path))
            (void)walk_push_directory(walk, entry->path, entry->depth + 1);
        return;
    }
    if (str_ends_with(str_from(entry->path), STR(".yaml")) && !is_beside_the_point(entry->path))
        load_file(entry->path, list, errors);
}

static void load_directory(const char *path, struct scenario_list *list, struct buf *errors)
{
    struct walk walk = {NULL, 0, 0};
    size_t before = list->count + list->invalid;
    if (!walk_push_directory(&walk, path, 1)) {
        CLEANUP(mem_free_pointer) char *text = str_format("%s: cannot be read", path);
        list_error(list, errors, text);
    }
    while (walk.count > 0) {
        struct walk_entry entry = walk.items[--walk.count];
        visit(&walk, &entry, list, errors);
        mem_free(entry.path);
    }
    mem_free(walk.items);
    if (list->count + list->invalid == before) {
        CLEANUP(mem_free_pointer) char *text =
            str_format("%s: found no scenario, expected *.yaml with the key \"scenario\"", path);
        list_error(list, errors, text);
    }
}

void scenario_list_load(const char *const *paths, size_t path_count,
                        struct scenario_list *ret_list, struct buf *errors)
{
    *ret_list = (struct scenario_list){.catalogue = fakeapi_catalogue_create()};
    for (size_t i = 0; i < path_count; i++) {
        if (is_directory(paths[i]))
            load_directory(paths[i], ret_list, errors);
        else
            load_file(paths[i], ret_list, errors);
    }
}

void scenario_list_release(struct scenario_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        scenario_free(list->items[i]);
    mem_free(list->items);
    fakeapi_catalogue_free(list->catalogue);
    *list = (struct scenario_list){0};
}
