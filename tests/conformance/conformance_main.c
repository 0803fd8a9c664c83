/*
 * conformance [--http | --https FOLDER] ...   over a socket; FOLDER has tls.crt and tls.key
 * conformance FILE...                    every step must hold
 * conformance --ratchet PASSING FILE...  each file must hold as many steps as PASSING says
 * conformance --update PASSING FILE...   writes what holds now
 * conformance --verbose ...              every difference of a step, not just six
 *
 * Replays recorded conversations and compares the answers. Exit 0, or 1 on a difference, 2 on
 * wrong usage or a file that cannot be read.
 */
#include "controller/base/mem.h"
#include "tests/conformance/conversation.h"
#include "tests/conformance/numbers.h"
#include "tests/conformance/passing.h"

#define FILE_BYTES_MAX (64u << 20)
#define LINES_SHOWN 6u

struct run {
    struct normaliser normaliser;
    struct conversation_config conversation;
    struct passing passing;
    struct buf update; /* the new file of counts */
    bool ratchets, verbose;
    const char *passing_path; /* of --ratchet or --update */
    unsigned held, compared, unreadable, fallen;
};

static bool read_file(const char *path, struct buf *out)
{
    char chunk[1 << 12];
    FILE *file = fopen(path, "rb");
    size_t count;

    if (file == NULL)
        return false;
    while ((count = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_append_bytes(out, chunk, count);
    fclose(file);
    return !out->overflowed;
}

/* "conformance/apply/02-conflicts.json" is apply/02-conflicts. */
static struct str name_of(const char *path)
{
    struct str name = str_from(path);
    size_t begin = name.len;
    unsigned slashes = 0;

    while (begin > 0 && slashes < 2) {
        begin--;
        slashes += name.data[begin] == '/' ? 1 : 0;
    }
    begin += slashes == 2 ? 1 : 0;
    return str_slice(name, begin, str_ends_with(name, STR(".json")) ? name.len - 5 : name.len);
}

static void print_differences(const struct json *differences, bool verbose)
{
    JSON_EACH(entry, differences) {
        unsigned shown = 0;
        printf("  %.*s\n", STR_ARGS(json_text_at(entry, "id")));
        JSON_EACH(line, json_get(entry, "lines")) {
            if (shown++ < LINES_SHOWN || verbose)
                printf("      %.*s\n", STR_ARGS(json_string_of(line)));
        }
    }
}

static void report(struct run *run, struct str name, const struct conversation_result *result)
{
    unsigned required = run->ratchets ? passing_required(&run->passing, name) : result->compared;
    bool fell = result->held < required;

    run->held += result->held;
    run->compared += result->compared;
    run->fallen += fell && run->ratchets ? 1 : 0;
    passing_print(name, result->held, result->compared, &run->update);
    printf("%.*s: %u of %u", STR_ARGS(name), result->held, result->compared);
    if (run->ratchets && fell)
        printf(", %u held before", required);
    else if (run->ratchets && result->held > required)
        printf(", more than the %u of before: --update them", required);
    printf("\n");
    if (fell || run->verbose)
        print_differences(result->differences, run->verbose);
}

static void replay_file(struct run *run, const char *path)
{
    struct conversation_result result;
    struct json *conversation;
    struct errmsg msg = {""};
    CLEANUP(buf_release) struct buf text = {0};

    buf_init(&text, FILE_BYTES_MAX);
    if (!read_file(path, &text))
        (void)err_set(&msg, ERR_NOT_FOUND, "cannot be opened");
    else if (numbers_parse(buf_str(&text), &conversation, &msg) == ERR_NONE) {
        conversation_replay(conversation, &run->conversation, &result);
        report(run, name_of(path), &result);
        conversation_result_release(&result);
        json_free(conversation);
        return;
    }
    run->unreadable++;
    printf("%s: %s\n", path, msg.text);
}

static bool load_passing(struct run *run)
{
    struct errmsg msg = {""};
    CLEANUP(buf_release) struct buf text = {0};

    buf_init(&text, FILE_BYTES_MAX);
    if (!read_file(run->passing_path, &text)) {
        printf("%s: cannot be opened\n", run->passing_path);
        return false;
    }
    if (passing_read(buf_str(&text), &run->passing, &msg) == ERR_NONE)
        return true;
    printf("%s: %s\n", run->passing_path, msg.text);
    return false;
}

static bool write_update(const struct run *run)
{
    FILE *file = fopen(run->passing_path, "wb");
    bool written;

    if (file == NULL)
        return false;
    written = fwrite(run->update.data, 1, run->update.len, file) == run->update.len;
    return fclose(file) == 0 && written;
}

/* The index of the first file, 0 for wrong usage. */
static int read_options(struct run *run, int argc, char **argv)
{
    int at = 1;

    if (at < argc && strcmp(argv[at], "--http") == 0) {
        run->conversation.way = CONVERSATION_BY_HTTP;
        at++;
    }
    if (at + 1 < argc && strcmp(argv[at], "--https") == 0) {
        run->conversation.way = CONVERSATION_BY_HTTPS;
        run->conversation.tls_folder = argv[at + 1];
        at += 2;
    }
    if (at < argc && strcmp(argv[at], "--verbose") == 0) {
        run->verbose = true;
        at++;
    }
    if (at + 1 < argc && strncmp(argv[at], "--", 2) == 0) {
        run->ratchets = strcmp(argv[at], "--ratchet") == 0;
        if (!run->ratchets && strcmp(argv[at], "--update") != 0)
            return 0;
        run->passing_path = argv[at + 1];
        at += 2;
    }
    return at < argc ? at : 0;
}

static int finish(const struct run *run)
{
    if (run->passing_path == NULL) {
        printf("%u passed, %u failed\n", run->held, run->compared - run->held + run->unreadable);
        return run->unreadable > 0 ? 2 : run->held != run->compared;
    }
    printf("%u of %u steps of the other conversations pass, %u files cannot be read\n", run->held,
           run->compared, run->unreadable);
    if (!run->ratchets)
        return write_update(run) ? 0 : 2;
    if (run->fallen > 0)
        printf("%u files hold fewer steps than before\n", run->fallen);
    return run->fallen > 0;
}

int main(int argc, char **argv)
{
    struct run run = {.ratchets = false};
    int first = read_options(&run, argc, argv);
    int code;

    if (first == 0) {
        fprintf(stderr, "usage: conformance [--http|--https FOLDER] [--verbose] "
                        "[--ratchet|--update PASSING] FILE...\n");
        return 2;
    }
    map_init(&run.passing.counts);
    if (run.ratchets && !load_passing(&run))
        return 2;
    normaliser_init(&run.normaliser);
    run.conversation.normaliser = &run.normaliser;
    buf_init(&run.update, FILE_BYTES_MAX);
    passing_print_head(&run.update);
    for (int i = first; i < argc; i++)
        replay_file(&run, argv[i]);
    code = finish(&run);
    buf_release(&run.update);
    normaliser_release(&run.normaliser);
    passing_release(&run.passing);
    return code;
}
