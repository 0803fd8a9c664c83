#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "controller/base/mem.h"
#include "fakeapi/daemon/files.h"

#define FILES_MAX 10000u

enum err file_load(const char *path, struct buf *out, struct errmsg *msg)
{
    char chunk[4096];
    size_t count;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return err_set(msg, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
    while ((count = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_append_bytes(out, chunk, count);
    bool broken = ferror(file) != 0;
    (void)fclose(file);
    if (broken)
        return err_set(msg, ERR_NOT_FOUND, "%s: cannot be read", path);
    if (out->overflowed)
        return err_set(msg, ERR_LIMIT, "%s: found more than %zu bytes", path, out->bytes_max);
    return ERR_NONE;
}

static bool write_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t count = write(fd, text.data, text.len);
        if (count <= 0)
            return false;
        text = str_slice(text, (size_t)count, text.len);
    }
    return true;
}

enum err file_replace(const char *path, struct str text, struct errmsg *msg)
{
    CLEANUP(mem_free_pointer) char *beside = str_format("%s.%d", path, (int)getpid());
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write_all(fd, text);
    good = (fd < 0 || close(fd) == 0) && good;
    good = good && rename(beside, path) == 0;
    if (good)
        return ERR_NONE;
    (void)err_set(msg, ERR_UNREACHABLE, "%s: cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        (void)unlink(beside);
    return ERR_UNREACHABLE;
}

static bool is_manifest(const char *name)
{
    struct str text = str_from(name);
    return name[0] != '.' && (str_ends_with(text, STR(".yaml")) ||
                              str_ends_with(text, STR(".yml")) ||
                              str_ends_with(text, STR(".json")));
}

static int compare_paths(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static enum err list_folder(DIR *folder, const char *path, char ***ret_paths, size_t *ret_count,
                            struct errmsg *msg)
{
    char **paths = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (!is_manifest(entry->d_name) || count == FILES_MAX)
            continue;
        paths = mem_grow_array(paths, count, &capacity, sizeof(*paths), FILES_MAX);
        paths[count++] = str_format("%s/%s", path, entry->d_name);
    }
    if (count == 0)
        return err_set(msg, ERR_NOT_FOUND, "%s: found no *.yaml, *.yml or *.json", path);
    qsort(paths, count, sizeof(*paths), compare_paths);
    *ret_paths = paths;
    *ret_count = count;
    return ERR_NONE;
}

enum err files_of(const char *path, char ***ret_paths, size_t *ret_count, struct errmsg *msg)
{
    DIR *folder = opendir(path);
    if (folder == NULL && errno != ENOTDIR)
        return err_set(msg, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
    if (folder == NULL) {
        *ret_paths = mem_alloc(sizeof(**ret_paths));
        (*ret_paths)[0] = str_dup(str_from(path));
        *ret_count = 1;
        return ERR_NONE;
    }
    enum err err = list_folder(folder, path, ret_paths, ret_count, msg);
    (void)closedir(folder);
    return err;
}

void files_free(char **paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mem_free(paths[i]);
    mem_free(paths);
}
