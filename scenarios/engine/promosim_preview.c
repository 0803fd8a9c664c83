#include "scenarios/engine/options.h"
#include "scenarios/engine/preview.h"
#include "scenarios/engine/promosim.h"

#define OUTPUT_BYTES_MAX (256u << 20)

struct preview_flags {
    struct preview preview;
    struct option_seed seed;
    bool help;
};

static const struct option preview_flags_table[] = {
    {"--file", "-f", "FILE", OPTION_TEXT, offsetof(struct preview_flags, preview.manifest_path),
     "the ClusterPromotion"},
    {"--fleet", NULL, "FILE", OPTION_TEXT, offsetof(struct preview_flags, preview.fleet_path),
     "the clusters: [{count: 20, name: \"staging-{i}\", labels: {env: staging}}]"},
    {"--start", NULL, "TIME", OPTION_TIME, offsetof(struct preview_flags, preview.start_ms),
     "when the manifest is applied; 2026-01-01T00:00:00Z"},
    {"--until", NULL, "DURATION", OPTION_DURATION,
     offsetof(struct preview_flags, preview.until_ms), "how long to look ahead; 720h"},
    {"--seed", NULL, "N", OPTION_SEED, offsetof(struct preview_flags, seed),
     "of how long deployments take; 1"},
    {"--help", "-h", NULL, OPTION_FLAG, offsetof(struct preview_flags, help), "this text"},
};

static void print_usage(FILE *out)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, OUTPUT_BYTES_MAX);
    buf_append_text(&text, "usage: promosim preview -f FILE --fleet FILE [FLAG]...\n\n"
                           "Tells what a ClusterPromotion will do to a fleet, and when.\n\n");
    options_print(preview_flags_table, ARRAY_COUNT(preview_flags_table), &text);
    fwrite(text.data, 1, text.len, out);
}

static enum err flags_check(const struct preview_flags *flags, const struct operands *operands,
                            struct errmsg *msg)
{
    if (operands->count > 0)
        return err_set(msg, ERR_TYPE, "found \"%s\", expected only flags", operands->items[0]);
    if (flags->preview.manifest_path == NULL)
        return err_set(msg, ERR_TYPE, "found no -f FILE, expected the ClusterPromotion's");
    if (flags->preview.fleet_path == NULL)
        return err_set(msg, ERR_TYPE, "found no --fleet FILE, expected the clusters'");
    if (flags->preview.until_ms > SCRIPT_OFFSET_MAX_MS)
        return err_set(msg, ERR_TYPE, "--until: found more than ten years");
    return ERR_NONE;
}

static int fail(enum err err, const struct errmsg *msg, FILE *errors)
{
    fprintf(errors, "promosim preview: %s\n", msg->text[0] != '\0' ? msg->text : err_name(err));
    return PROMOSIM_INVALID;
}

static int preview_print(const struct preview_flags *flags, FILE *out, FILE *errors)
{
    struct errmsg msg = {{0}};
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, OUTPUT_BYTES_MAX);
    enum err err = preview_run(&flags->preview, &text, &msg);
    if (err != ERR_NONE)
        return fail(err, &msg, errors);
    return fwrite(text.data, 1, text.len, out) == text.len ? PROMOSIM_OK : PROMOSIM_IO;
}

int promosim_preview(int argc, char **argv, FILE *out, FILE *errors)
{
    struct preview_flags flags = {
        .preview = {.start_ms = SCENARIO_START_MS, .until_ms = PREVIEW_UNTIL_MS, .seed = 1}};
    struct operands operands;
    struct errmsg msg = {{0}};
    enum err err = options_parse(argc, argv, preview_flags_table,
                                 ARRAY_COUNT(preview_flags_table), &flags, &operands, &msg);
    if (err == ERR_NONE && !flags.help)
        err = flags_check(&flags, &operands, &msg);
    operands_release(&operands);
    if (err != ERR_NONE)
        return fail(err, &msg, errors);
    if (flags.help) {
        print_usage(out);
        return PROMOSIM_OK;
    }
    if (flags.seed.given)
        flags.preview.seed = flags.seed.value;
    return preview_print(&flags, out, errors);
}
