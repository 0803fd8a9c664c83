#include "controller/base/mem.h"
#include "scenarios/engine/explore_shrink.h"
#include "scenarios/engine/options.h"
#include "scenarios/engine/promosim.h"
#include "scenarios/engine/sweep_jobs.h"

#define TRACE_BYTES_MAX (1u << 30)
#define USAGE_BYTES_MAX (1u << 16)
#define SEEDS_DEFAULT 100u
#define COMMIT_DIGITS_USED 12u /* that make a seed, which people can still read */
#define HASH_DIGITS 16u     /* of a trace, in a report */
#define SEED_MAX ((uint64_t)INT64_MAX) /* a story tells its seed: an int64 in YAML */
#define COMMIT_DIGITS 40u
#define BATCH_SEEDS 32u     /* between two looks at what failed and at the budget */

struct explore_flags {
    struct option_seed seed;
    unsigned seeds, jobs;
    const char *from, *shard, *budget, *trace, *save, *shrink;
    bool twice, timeline, hashes, help;
    /* read out of the texts above: */
    uint64_t first;
    unsigned shard_index, shard_count;
    int64_t budget_ns; /* 0: none */
};

static const struct option explore_flags_table[] = {
    {"--seeds", "-n", "N", OPTION_COUNT, offsetof(struct explore_flags, seeds),
     "how many stories; 100"},
    {"--from", NULL, "S", OPTION_TEXT, offsetof(struct explore_flags, from),
     "the first seed, or the hash of a commit that picks it; 1"},
    {"--shard", NULL, "I/N", OPTION_TEXT, offsetof(struct explore_flags, shard),
     "only every N-th seed, beginning with the I-th"},
    {"--budget", NULL, "TIME", OPTION_TEXT, offsetof(struct explore_flags, budget),
     "begin no more stories after so long, such as 10m"},
    {"--seed", NULL, "S", OPTION_SEED, offsetof(struct explore_flags, seed), "only this one"},
    {"--jobs", "-j", "N", OPTION_COUNT, offsetof(struct explore_flags, jobs), "processes; 2"},
    {"--twice", NULL, NULL, OPTION_FLAG, offsetof(struct explore_flags, twice),
     "play each twice and compare the traces"},
    {"--hashes", NULL, NULL, OPTION_FLAG, offsetof(struct explore_flags, hashes),
     "print each seed's trace hash, to compare builds"},
    {"--trace", NULL, "FILE", OPTION_TEXT, offsetof(struct explore_flags, trace),
     "with --seed: write every request, delivery and deployment there"},
    {"--timeline", NULL, NULL, OPTION_FLAG, offsetof(struct explore_flags, timeline),
     "with --seed: print what happened to the promotions"},
    {"--save", NULL, "FILE", OPTION_TEXT, offsetof(struct explore_flags, save),
     "with --seed: write the story there, as a scenario"},
    {"--shrink", NULL, "FILE", OPTION_TEXT, offsetof(struct explore_flags, shrink),
     "with --seed: write the smallest part of the story there that still fails"},
    {"--help", "-h", NULL, OPTION_FLAG, offsetof(struct explore_flags, help), "this text"},
};

static void print_usage(FILE *out)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, USAGE_BYTES_MAX);
    buf_append_text(&text,
                    "usage: promosim explore [FLAG]...\n\n"
                    "Draws fleets, promotions, users and faults from seeds, plays each story, "
                    "heals the\nworld, and judges it by every invariant.\n\n");
    options_print(explore_flags_table, ARRAY_COUNT(explore_flags_table), &text);
    fwrite(text.data, 1, text.len, out);
}

static bool read_hex(struct str text, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
        value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret_value = value;
    return true;
}

static bool read_from(struct str text, uint64_t *ret_first)
{
    uint64_t ignored = 0;
    if (text.len != COMMIT_DIGITS)
        return str_to_u64(text, ret_first);
    return read_hex(text, &ignored) && read_hex(str_slice(text, 0, COMMIT_DIGITS_USED), ret_first);
}

/* "1/4": the first of four. */
static bool read_shard(struct str text, unsigned *ret_index, unsigned *ret_count)
{
    uint64_t index = 0;
    uint64_t count = 0;
    struct str rest = text;
    struct str first = str_split_next(&rest, '/');
    if (!str_to_u64(first, &index) || !str_to_u64(rest, &count) || index == 0 || index > count ||
        count > UINT_MAX)
        return false;
    *ret_index = (unsigned)index - 1;
    *ret_count = (unsigned)count;
    return true;
}

static enum err read_budget(const char *text, int64_t *ret_ns, struct errmsg *msg)
{
    int64_t ns = 0;
    struct errmsg why;
    if (duration_parse(str_from(text), &ns, &why) != ERR_NONE)
        return err_set(msg, ERR_TYPE, "--budget: %s", why.text);
    if (ns <= 0)
        return err_set(msg, ERR_TYPE, "--budget: found \"%s\", expected more than nothing", text);
    *ret_ns = ns;
    return ERR_NONE;
}

static enum err flags_check(struct explore_flags *flags, const struct operands *operands,
                            struct errmsg *msg)
{
    bool wants_one = flags->trace != NULL || flags->timeline || flags->save != NULL ||
                     flags->shrink != NULL;
    if (operands->count > 0)
        return err_set(msg, ERR_TYPE, "found \"%s\", expected only flags", operands->items[0]);
    if (flags->seeds == 0)
        return err_set(msg, ERR_TYPE, "--seeds: found 0, expected a count from 1");
    if (flags->from != NULL && !read_from(str_from(flags->from), &flags->first))
        return err_set(msg, ERR_TYPE,
                       "--from: found \"%s\", expected a number or a commit's 40 hex digits",
                       flags->from);
    if (flags->shard != NULL &&
        !read_shard(str_from(flags->shard), &flags->shard_index, &flags->shard_count))
        return err_set(msg, ERR_TYPE, "--shard: found \"%s\", expected I/N such as 1/4",
                       flags->shard);
    if (flags->seed.given && (flags->from != NULL || flags->shard != NULL))
        return err_set(msg, ERR_TYPE, "found --seed with --from or --shard, expected one seed");
    if (flags->seed.given) {
        flags->first = flags->seed.value;
        flags->seeds = 1;
    }
    if (flags->first > SEED_MAX - flags->seeds)
        return err_set(msg, ERR_LIMIT, "found a seed of %" PRIu64 ", expected less than 2^63",
                       flags->first);
    if (wants_one && flags->seeds != 1)
        return err_set(msg, ERR_TYPE,
                       "found --trace, --timeline, --save or --shrink, expected them with --seed");
    return flags->budget != NULL ? read_budget(flags->budget, &flags->budget_ns, msg) : ERR_NONE;
}

/* What all processes share. */
struct session {
    const struct explore_flags *flags;
    struct fakeapi_catalogue *catalogue;
    size_t count;      /* of stories */
    size_t begun;      /* in the batches before this one */
    size_t batch;      /* stories of this one */
};

static uint64_t seed_of_story(const struct session *session, size_t n)
{
    const struct explore_flags *flags = session->flags;
    return flags->first + flags->shard_index + (uint64_t)n * flags->shard_count;
}

/* The seed of the batch's n-th story. */
static uint64_t session_seed(const struct session *session, size_t n)
{
    return seed_of_story(session, session->begun + n);
}

/* The report's first byte is the verdict, then comes the hash. */
static void walk(void *ctx, struct sweep_worker *worker)
{
    const struct session *session = ctx;
    struct explore_options options = {.catalogue = session->catalogue,
                                      .twice = session->flags->twice,
                                      .timeline = session->flags->timeline};
    for (size_t i = 0; i < session->batch; i++) {
        if (!sweep_branch(worker, i))
            continue;
        struct buf text;
        struct buf report;
        uint64_t hash = 0;
        buf_init(&text, SWEEP_REPORT_BYTES_MAX / 2);
        buf_init(&report, SWEEP_REPORT_BYTES_MAX);
        enum report_verdict verdict =
            explore_seed(session_seed(session, i), &options, &hash, &text);
        buf_printf(&report, "%c%016" PRIx64, (char)('0' + (int)verdict), hash);
        buf_append(&report, buf_str(&text));
        sweep_branch_end(worker, &report);
    }
}

static enum report_verdict print_story(const struct session *session, size_t n, const char *text,
                                       FILE *out)
{
    uint64_t seed = session_seed(session, n);
    bool is_verdict = text[0] >= '0' + REPORT_PASSED && text[0] < '0' + REPORT_DIED;
    if (!is_verdict) {
        fprintf(out, "FAIL seed %" PRIu64 ": its process ended without a word\n%s", seed, text);
        fprintf(out, "  replay: promosim explore --seed %" PRIu64 "\n", seed);
        return REPORT_DIED;
    }
    if (session->flags->hashes)
        fprintf(out, "seed %" PRIu64 " trace %.16s\n", seed, text + 1);
    fputs(text + 1 + HASH_DIGITS, out);
    return (enum report_verdict)(text[0] - '0');
}

static void print_sum(const struct session *session, const struct report *report,
                      int64_t wall_us, FILE *out)
{
    double seconds = (double)wall_us / 1e6;
    fprintf(out, "%zu seeds from %" PRIu64 ", %u failed, %.1f seeds/s\n", session->begun,
            seed_of_story(session, 0), report->failed,
            seconds > 0 ? (double)session->begun / seconds : 0.0);
    if (session->begun < session->count)
        fprintf(out, "the budget is spent; %zu seeds from %" PRIu64 " were not begun\n",
                session->count - session->begun, session_seed(session, 0));
}

static void explore_batch(struct session *session, struct report *report, FILE *out)
{
    char **texts = mem_alloc_array(session->batch, sizeof(*texts));
    sweep_jobs_run(session->flags->jobs, session->batch, walk, session, texts);
    for (size_t i = 0; i < session->batch; i++) {
        report_count(report, print_story(session, i, texts[i] != NULL ? texts[i] : "", out));
        mem_free(texts[i]);
    }
    (void)fflush(out);
    mem_free(texts);
}

static int explore_apart(struct session *session, FILE *out)
{
    struct report report = {0};
    int64_t budget_ns = session->flags->budget_ns;
    int64_t started_us = report_wall_us();
    int64_t gone_us = 0;
    while (session->begun < session->count && (budget_ns == 0 || gone_us * 1000 < budget_ns)) {
        size_t left = session->count - session->begun;
        session->batch = left < BATCH_SEEDS ? left : BATCH_SEEDS;
        explore_batch(session, &report, out);
        session->begun += session->batch;
        gone_us = report_wall_us() - started_us;
    }
    print_sum(session, &report, gone_us, out);
    return report_exit_code(&report);
}

static bool write_file(const char *path, struct str text, FILE *errors)
{
    FILE *file = fopen(path, "wb");
    bool written = file != NULL && fwrite(text.data, 1, text.len, file) == text.len;
    if (file != NULL)
        written = fclose(file) == 0 && written;
    if (!written)
        fprintf(errors, "promosim explore: %s cannot be written\n", path);
    return written;
}

static bool save_story(const struct session *session, FILE *errors)
{
    struct exploration exploration;
    explore_draw(seed_of_story(session, 0), &exploration);
    bool written = write_file(session->flags->save, buf_str(&exploration.story), errors);
    exploration_release(&exploration);
    return written;
}

static bool save_shrunk(const struct session *session, FILE *out, FILE *errors)
{
    struct exploration exploration;
    CLEANUP(buf_release) struct buf shrunk;
    struct explore_options options = {.catalogue = session->catalogue};
    buf_init(&shrunk, SWEEP_REPORT_BYTES_MAX);
    explore_draw(seed_of_story(session, 0), &exploration);
    bool shrinks = explore_shrink(buf_str(&exploration.story), exploration.seed, &options, &shrunk);
    exploration_release(&exploration);
    if (!shrinks)
        fprintf(out, "nothing fails that could be made smaller\n");
    return !shrinks || write_file(session->flags->shrink, buf_str(&shrunk), errors);
}

/* In this process, as a trace is too long to send from another. */
static bool save_trace(const struct session *session, FILE *errors)
{
    CLEANUP(buf_release) struct buf trace;
    CLEANUP(buf_release) struct buf ignored;
    uint64_t hash = 0;
    buf_init(&trace, TRACE_BYTES_MAX);
    buf_init(&ignored, SWEEP_REPORT_BYTES_MAX);
    struct explore_options options = {.catalogue = session->catalogue, .trace = &trace};
    (void)explore_seed(seed_of_story(session, 0), &options, &hash, &ignored);
    return write_file(session->flags->trace, buf_str(&trace), errors);
}

static int explore_session(const struct explore_flags *flags, FILE *out, FILE *errors)
{
    struct session session = {.flags = flags, .catalogue = fakeapi_catalogue_create()};
    session.count = ((size_t)flags->seeds + flags->shard_count - 1 - flags->shard_index) /
                    flags->shard_count;
    bool saved = flags->save == NULL || save_story(&session, errors);
    int code = saved ? explore_apart(&session, out) : PROMOSIM_IO;
    if (flags->trace != NULL && !save_trace(&session, errors))
        code = PROMOSIM_IO;
    if (flags->shrink != NULL && !save_shrunk(&session, out, errors))
        code = PROMOSIM_IO;
    fakeapi_catalogue_free(session.catalogue);
    return code;
}

int promosim_explore(int argc, char **argv, FILE *out, FILE *errors)
{
    struct explore_flags flags = {.seeds = SEEDS_DEFAULT, .first = 1, .shard_count = 1};
    struct operands operands;
    struct errmsg msg = {{0}};
    enum err err = options_parse(argc, argv, explore_flags_table,
                                 ARRAY_COUNT(explore_flags_table), &flags, &operands, &msg);
    if (err == ERR_NONE && !flags.help)
        err = flags_check(&flags, &operands, &msg);
    operands_release(&operands);
    if (err != ERR_NONE) {
        fprintf(errors, "promosim explore: %s\n", msg.text);
        return PROMOSIM_INVALID;
    }
    if (flags.help) {
        print_usage(out);
        return PROMOSIM_OK;
    }
    return explore_session(&flags, out, errors);
}
