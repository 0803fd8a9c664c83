#include "controller/core/spec_render.h"
#include "controller/core/window.h"
#include "controller/k8s/label_selector.h"
#include "scenarios/engine/options.h"
#include "scenarios/engine/promosim.h"
#include "scenarios/engine/scenario_read.h"
#include "scenarios/engine/zoneinfo.h"

#define USAGE_BYTES_MAX (64u << 10)
#define TEXT_BYTES_MAX (32u << 20) /* canonical texts escape some bytes of a manifest sixfold */
#define NO_TIME INT64_MIN

struct eval_flags {
    const char *from, *to, *labels;
    int64_t after_ms, at_ms;
    unsigned count;
    bool text, help;
};

#define FLAG(name, argument, type, field, purpose) \
    {name, NULL, argument, type, offsetof(struct eval_flags, field), purpose}
#define HELP {"--help", "-h", NULL, OPTION_FLAG, offsetof(struct eval_flags, help), "this text"}

static const struct option cron_flags[] = {
    FLAG("--after", "TIME", OPTION_TIME, after_ms, "times later than this; required"),
    FLAG("--count", "N", OPTION_COUNT, count, "how many; 1"),
    HELP,
};
static const struct option window_flags[] = {
    FLAG("--from", "EXPR", OPTION_TEXT, from, "opens the window; required"),
    FLAG("--to", "EXPR", OPTION_TEXT, to, "closes it; required"),
    FLAG("--at", "TIME", OPTION_TIME, at_ms, "the instant to judge; required"),
    HELP,
};
static const struct option hash_flags[] = {
    FLAG("--text", NULL, OPTION_FLAG, text, "print the texts that are hashed, too"),
    HELP,
};
static const struct option selector_flags[] = {
    FLAG("--labels", "K=V,...", OPTION_TEXT, labels, "of the object to match; none"),
    HELP,
};
static const struct option plain_flags[] = {HELP};

/* What one evaluation is given, and where its answer goes. */
struct eval {
    struct eval_flags flags;
    struct str operand; /* STR_NONE when it takes none */
    struct buf out;
};

typedef enum err eval_fn(struct eval *eval, struct errmsg *msg);

struct eval_kind {
    const char *name;
    const char *operand; /* NULL: it takes none */
    const char *purpose;
    const struct option *options;
    size_t option_count;
    eval_fn *run;
};

static enum err need(bool given, const char *flag, struct errmsg *msg)
{
    return given ? ERR_NONE : err_set(msg, ERR_TYPE, "found no %s, expected one", flag);
}

static void print_time(struct eval *eval, const struct cron *cron, int64_t wall_ms)
{
    char text[KTIME_TEXT_BYTES];
    zone_format_rfc3339(&cron->zone, wall_ms, text);
    buf_append_text(&eval->out, text);
}

static enum err eval_cron(struct eval *eval, struct errmsg *msg)
{
    struct zone_source source = zoneinfo_source();
    CLEANUP(cron_release) struct cron cron = {0};
    int64_t time_ms = eval->flags.after_ms;
    enum err err = need(time_ms != NO_TIME, "--after TIME", msg);
    if (err == ERR_NONE)
        err = cron_parse(eval->operand, &source, &cron, msg);
    for (unsigned i = 0; err == ERR_NONE && i < eval->flags.count; i++) {
        if (!cron_next(&cron, time_ms, &time_ms)) {
            buf_append_text(&eval->out, "never\n");
            break;
        }
        print_time(eval, &cron, time_ms);
        buf_append_char(&eval->out, '\n');
    }
    return err;
}

/* A window's end is told in the zone of the expression that brings it. */
static void print_window(struct eval *eval, const struct window *window,
                         struct window_state state)
{
    buf_append_text(&eval->out, state.is_open ? "open until " : "closed ");
    if (state.until_ms == KTIME_NEVER) {
        buf_append_text(&eval->out, "forever\n");
        return;
    }
    if (!state.is_open)
        buf_append_text(&eval->out, "until ");
    print_time(eval, state.is_open ? &window->to : &window->from, state.until_ms);
    buf_append_char(&eval->out, '\n');
}

static enum err eval_window(struct eval *eval, struct errmsg *msg)
{
    const struct eval_flags *flags = &eval->flags;
    struct zone_source source = zoneinfo_source();
    CLEANUP(window_release) struct window window = {0};
    struct window_state state = {0};
    enum err err = need(flags->from != NULL, "--from EXPR", msg);
    if (err == ERR_NONE)
        err = need(flags->to != NULL, "--to EXPR", msg);
    if (err == ERR_NONE)
        err = need(flags->at_ms != NO_TIME, "--at TIME", msg);
    if (err == ERR_NONE)
        err = window_parse(str_from(flags->from), str_from(flags->to), &source, &window, msg);
    if (err == ERR_NONE)
        err = window_at(&window, flags->at_ms, &state, msg);
    if (err == ERR_NONE)
        print_window(eval, &window, state);
    return err;
}

static enum err eval_duration(struct eval *eval, struct errmsg *msg)
{
    int64_t ns;
    enum err err = duration_parse(eval->operand, &ns, msg);
    if (err != ERR_NONE)
        return err;
    buf_printf(&eval->out, "%" PRId64 " ", ns);
    duration_print(ns, &eval->out);
    buf_append_char(&eval->out, '\n');
    return ERR_NONE;
}

static void print_hash(struct eval *eval, const char *name, struct sha256 hash,
                       const struct json *text)
{
    char base64[SHA256_BASE64_BYTES];
    sha256_base64(hash, base64);
    buf_printf(&eval->out, "%s: %s\n", name, base64);
    if (!eval->flags.text)
        return;
    json_print(text, &eval->out);
    buf_append_char(&eval->out, '\n');
}

/* The tree whose text spec_stages_hash digests. */
static enum err render_stages(const struct json *stages, struct json *list, struct errmsg *msg)
{
    size_t index = 0;
    JSON_EACH(stage, stages)
    {
        struct json *selector = NULL;
        struct json *item;
        struct errmsg why = {{0}};
        enum err err = spec_render(json_get(stage, "clusterSelector"), &spec_type_label_selector,
                                   false, &selector, &why);
        if (err != ERR_NONE)
            return err_set(msg, err, "spec.stages[%zu].clusterSelector.%s", index, why.text);
        index++;
        item = json_object();
        json_set(item, "name", json_string(json_text_at(stage, "name")));
        json_set(item, "clusterSelector", selector);
        json_append(list, item);
    }
    return ERR_NONE;
}

static enum err print_hashes(struct eval *eval, const struct json *spec, struct errmsg *msg)
{
    CLEANUP(json_free_pointer) struct json *profile_spec = NULL;
    CLEANUP(json_free_pointer) struct json *stages = json_array();
    struct errmsg why = {{0}};
    enum err err = spec_render(json_get(spec, "profileSpec"), &spec_type_profile_spec, false,
                               &profile_spec, &why);
    if (err != ERR_NONE)
        return err_set(msg, err, "spec.profileSpec.%s", why.text);
    err = render_stages(json_get(spec, "stages"), stages, msg);
    if (err != ERR_NONE)
        return err;
    struct sha256 stages_hash = spec_stages_hash(json_get(spec, "stages"));
    ASSERT(sha256_equal(stages_hash, spec_digest(stages)));
    struct sha256 profile_hash = spec_profile_hash(profile_spec); /* sorts the lists */
    print_hash(eval, "profileSpecHash", profile_hash, profile_spec);
    print_hash(eval, "stagesHash", stages_hash, stages);
    return ERR_NONE;
}

/* The file's only ClusterPromotion, or NULL. */
static const struct json *find_promotion(const struct source *source)
{
    const struct json *found = NULL;
    for (size_t i = 0; i < source->yaml.document_count; i++) {
        const struct json *root = source->yaml.documents[i].root;
        if (!str_is(json_text_at(root, "kind"), "ClusterPromotion"))
            continue;
        if (found != NULL)
            return NULL;
        found = root;
    }
    return found;
}

static enum err eval_hash(struct eval *eval, struct errmsg *msg)
{
    struct source source;
    enum err err = source_load(eval->operand.data, &source, msg);
    if (err != ERR_NONE)
        return err;
    const struct json *promotion = find_promotion(&source);
    if (promotion == NULL)
        err = err_set(msg, ERR_TYPE, "%s: expected one ClusterPromotion", source.path);
    else
        err = print_hashes(eval, json_get(promotion, "spec"), msg);
    source_release(&source);
    return err;
}

static enum err read_labels(struct str text, struct json *labels, struct errmsg *msg)
{
    while (text.len > 0) {
        struct str rest = str_split_next(&text, ',');
        struct str key = str_split_next(&rest, '=');
        if (key.len == 0 || rest.data == NULL)
            return err_set(msg, ERR_TYPE, "--labels: found \"%.*s\", expected KEY=VALUE",
                           STR_ARGS(key));
        if (str_utf8_valid_prefix(rest) != rest.len || str_utf8_valid_prefix(key) != key.len)
            return err_set(msg, ERR_TYPE, "--labels: found bytes that are not UTF-8");
        json_set_str(labels, key, json_string(rest));
    }
    return ERR_NONE;
}

static enum err eval_selector(struct eval *eval, struct errmsg *msg)
{
    CLEANUP(json_free_pointer) struct json *selector = NULL;
    CLEANUP(json_free_pointer) struct json *rendered = NULL;
    CLEANUP(json_free_pointer) struct json *labels = json_object();
    enum err err = json_parse(eval->operand, NULL, &selector, msg);
    if (err == ERR_NONE) /* checks its types */
        err = spec_render(selector, &spec_type_label_selector, false, &rendered, msg);
    if (err == ERR_NONE)
        err = label_selector_check(selector, msg);
    if (err == ERR_NONE)
        err = read_labels(str_from(eval->flags.labels), labels, msg);
    if (err == ERR_NONE)
        buf_append_text(&eval->out, label_selector_matches(selector, labels) ? "match\n"
                                                                             : "no match\n");
    return err;
}

#define OPTIONS(table) table, ARRAY_COUNT(table)

static const struct eval_kind kinds[] = {
    {"cron", "EXPR", "Tells when a cron expression fires, in its own time zone.",
     OPTIONS(cron_flags), eval_cron},
    {"window", NULL, "Tells whether a promotion window is open, and until when.",
     OPTIONS(window_flags), eval_window},
    {"duration", "TEXT", "Tells a duration's nanoseconds and how Go prints it.",
     OPTIONS(plain_flags), eval_duration},
    {"hash", "FILE", "Tells the two hashes that the status of a ClusterPromotion carries. The "
     "file's\nobject counts as it stands: defaults that a server would add are not added.",
     OPTIONS(hash_flags), eval_hash},
    {"selector", "JSON", "Tells whether a label selector matches labels, as Sveltos sees it: an "
     "empty\nselector matches nothing.",
     OPTIONS(selector_flags), eval_selector},
};

static const char usage[] =
    "usage: promosim eval cron EXPR --after TIME [--count N]\n"
    "       promosim eval window --from EXPR --to EXPR --at TIME\n"
    "       promosim eval duration TEXT\n"
    "       promosim eval hash FILE [--text]\n"
    "       promosim eval selector JSON --labels K=V,...\n"
    "\n"
    "Evaluates one part of a ClusterPromotion by itself.\n";

static void print_usage(const struct eval_kind *kind, FILE *out)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, USAGE_BYTES_MAX);
    buf_printf(&text, "usage: promosim eval %s%s%s [FLAG]...\n\n%s\n\n", kind->name,
               kind->operand != NULL ? " " : "", kind->operand != NULL ? kind->operand : "",
               kind->purpose);
    options_print(kind->options, kind->option_count, &text);
    fwrite(text.data, 1, text.len, out);
}

/* A first word that is the operand though it begins as a flag does: "-1 * * * *", "-1.5h". */
static bool is_signed_operand(const struct eval_kind *kind, const char *word)
{
    static const struct str flags[] = {STR_INIT("--help"), STR_INIT("-h"), STR_INIT("--")};
    struct str text = str_from(word);
    if (kind->operand == NULL || !str_starts_with(text, STR("-")))
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(flags); i++) {
        if (str_equal(text, flags[i]))
            return false;
    }
    for (size_t i = 0; i < kind->option_count; i++) {
        if (str_starts_with(text, str_from(kind->options[i].name)))
            return false;
    }
    return true;
}

static enum err read_words(const struct eval_kind *kind, int argc, char **argv, struct eval *eval,
                           struct errmsg *msg)
{
    struct operands operands;
    int skipped = argc > 0 && is_signed_operand(kind, argv[0]) ? 1 : 0;
    enum err err = options_parse(argc - skipped, argv + skipped, kind->options,
                                 kind->option_count, &eval->flags, &operands, msg);
    if (err != ERR_NONE)
        return err;
    size_t count = operands.count + (size_t)skipped;
    if (skipped > 0)
        eval->operand = str_from(argv[0]);
    else if (count > 0)
        eval->operand = str_from(operands.items[0]);
    if (!eval->flags.help && count != (kind->operand != NULL ? 1 : 0))
        err = err_set(msg, ERR_TYPE, "found %zu arguments, expected %s", count,
                      kind->operand != NULL ? kind->operand : "only flags");
    operands_release(&operands);
    return err;
}

static int evaluate(const struct eval_kind *kind, int argc, char **argv, FILE *out, FILE *errors)
{
    struct eval eval = {.flags = {.after_ms = NO_TIME, .at_ms = NO_TIME, .count = 1}};
    struct errmsg msg = {{0}};
    int code = PROMOSIM_OK;
    buf_init(&eval.out, TEXT_BYTES_MAX);
    enum err err = read_words(kind, argc, argv, &eval, &msg);
    if (err != ERR_NONE)
        fprintf(errors, "promosim eval %s: ", kind->name);
    else if (eval.flags.help)
        print_usage(kind, out);
    else
        err = kind->run(&eval, &msg); /* its words stand alone: they are Sveltos' */
    if (err != ERR_NONE) {
        fprintf(errors, "%s\n", msg.text[0] != '\0' ? msg.text : err_name(err));
        code = PROMOSIM_INVALID;
    } else if (eval.out.overflowed ||
               (eval.out.len > 0 &&
                fwrite(eval.out.data, 1, eval.out.len, out) != eval.out.len)) {
        code = PROMOSIM_IO;
    }
    buf_release(&eval.out);
    return code;
}

int promosim_eval(int argc, char **argv, FILE *out, FILE *errors)
{
    const char *word = argc > 0 ? argv[0] : "";
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        if (strcmp(word, kinds[i].name) == 0)
            return evaluate(&kinds[i], argc - 1, argv + 1, out, errors);
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        fputs(usage, out);
        return PROMOSIM_OK;
    }
    fprintf(errors, "promosim eval: found \"%s\", expected one of cron, window, duration, hash, "
            "selector\n", word);
    return PROMOSIM_INVALID;
}
