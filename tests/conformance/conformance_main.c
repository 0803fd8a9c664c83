/*
 * conformance [--http | --https FOLDER] ...   over a socket; FOLDER has tls.crt and tls.key
 * conformance FILE...                      every step must hold
 * conformance --fidelity FIDELITY FILE...  all but those that have a row there, which must not
 * conformance --rows FIDELITY FILE...      prints the rows that are needed now
 * conformance --verbose ...                every difference of a step, not just six
 *
 * Replays recorded conversations and compares the answers. Exit 0, or 1 on a difference, 2 on
 * wrong usage or a file that cannot be read.
 */
#include "controller/base/mem.h"
#include "tests/conformance/conversation.h"
#include "tests/conformance/fidelity.h"
#include "tests/conformance/numbers.h"

#define FILE_BYTES_MAX (64u << 20)
#define LINES_SHOWN 6u

struct run {
    struct normaliser normaliser;
    struct conversation_config conversation;
    struct fidelity fidelity;
    const char *fidelity_path; /* NULL: none */
    bool prints_rows, verbose;
    struct buf found; /* problems, or rows */
    unsigned held, compared, unreadable, problems;
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
    run->held += result->held;
    run->compared += result->compared;
    if (run->prints_rows) {
        fidelity_print(&run->fidelity, name, result, &run->found);
        return;
    }
    printf("%.*s: %u of %u\n", STR_ARGS(name), result->held, result->compared);
    if (run->fidelity_path != NULL)
        run->problems += fidelity_judge(&run->fidelity, name, result,
                                        run->conversation.way == CONVERSATION_BY_CALL,
                                        &run->found);
    else
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

static bool load_fidelity(struct run *run)
{
    struct errmsg msg = {""};
    CLEANUP(buf_release) struct buf text = {0};

    buf_init(&text, FILE_BYTES_MAX);
    if (!read_file(run->fidelity_path, &text)) {
        printf("%s: cannot be opened\n", run->fidelity_path);
        return false;
    }
    if (fidelity_read(buf_str(&text), &run->fidelity, &msg) == ERR_NONE)
        return true;
    printf("%s: %s\n", run->fidelity_path, msg.text);
    return false;
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
        run->prints_rows = strcmp(argv[at], "--rows") == 0;
        if (!run->prints_rows && strcmp(argv[at], "--fidelity") != 0)
            return 0;
        run->fidelity_path = argv[at + 1];
        at += 2;
    }
    return at < argc ? at : 0;
}

static int finish(struct run *run)
{
    unsigned failed = run->compared - run->held + run->unreadable;

    if (run->fidelity_path != NULL && !run->prints_rows)
        run->problems += fidelity_judge_rest(&run->fidelity, &run->found);
    printf("%.*s", STR_ARGS(buf_str(&run->found)));
    if (run->prints_rows)
        return 0;
    printf("%u passed, %u failed\n", run->held, failed);
    if (run->unreadable > 0)
        return 2;
    if (run->fidelity_path == NULL)
        return failed > 0;
    printf("%u problems with the rows of %s\n", run->problems, run->fidelity_path);
    return run->problems > 0;
}

int main(int argc, char **argv)
{
    struct run run = {.verbose = false};
    int first = read_options(&run, argc, argv);
    int code;

    if (first == 0) {
        fprintf(stderr, "usage: conformance [--http|--https FOLDER] [--verbose] "
                        "[--fidelity|--rows FIDELITY] FILE...\n");
        return 2;
    }
    if (run.fidelity_path != NULL && !load_fidelity(&run))
        return 2;
    normaliser_init(&run.normaliser);
    run.conversation.normaliser = &run.normaliser;
    buf_init(&run.found, FILE_BYTES_MAX);
    for (int i = first; i < argc; i++)
        replay_file(&run, argv[i]);
    code = finish(&run);
    buf_release(&run.found);
    normaliser_release(&run.normaliser);
    fidelity_release(&run.fidelity);
    return code;
}
