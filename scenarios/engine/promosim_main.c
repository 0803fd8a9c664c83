/*
 * promosim: rehearses rollouts on virtual time.
 */
#include "controller/base/str.h"
#include "scenarios/engine/promosim.h"

static const char usage[] =
    "usage: promosim COMMAND [FLAG]... [PATH]...\n"
    "\n"
    "  preview -f FILE --fleet FILE   what a ClusterPromotion will do to a fleet, and when\n"
    "  run PATH...                    plays scenario files and judges them\n"
    "  sweep PATH...                  restarts the controller at every point of scenarios\n"
    "  explore --seeds N              draws stories from seeds and judges them\n"
    "  explain SCENARIO|--objects FILE\n"
    "                                 why promotions stand where they stand\n"
    "  eval PART ...                  evaluates a schedule, window, duration, hash or selector\n"
    "\n"
    "promosim COMMAND --help tells its flags. --version tells the version.\n"
    "\n"
    "exit codes: 0 all is well, 1 an expectation failed, 2 usage or an invalid file,\n"
    "3 two runs of the same seed differed, 64 and above internal\n";

typedef int command_fn(int argc, char **argv, FILE *out, FILE *errors);

static const struct {
    const char *name;
    command_fn *run;
} commands[] = {
    {"preview", promosim_preview},
    {"run", promosim_run},
    {"sweep", promosim_sweep},
    {"explore", promosim_explore},
    {"explain", promosim_explain},
    {"eval", promosim_eval},
};

static int unknown_command(const char *word)
{
    static const struct str names[] = {
        STR_INIT("preview"), STR_INIT("run"),  STR_INIT("sweep"),     STR_INIT("explore"),
        STR_INIT("explain"), STR_INIT("eval"), STR_INIT("--help"), STR_INIT("--version")};
    struct str nearest = str_nearest(str_from(word), names, ARRAY_COUNT(names));
    fprintf(stderr,
            "promosim: found \"%s\", expected one of preview, run, sweep, explore, explain, "
            "eval",
            word);
    if (!str_is_empty(nearest))
        fprintf(stderr, "; did you mean \"%.*s\"?", STR_ARGS(nearest));
    fputs("\n", stderr);
    return PROMOSIM_INVALID;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs(usage, stderr);
        return PROMOSIM_INVALID;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        fputs(usage, stdout);
        return PROMOSIM_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("promosim " PROMOSIM_VERSION);
        return PROMOSIM_OK;
    }
    for (size_t i = 0; i < ARRAY_COUNT(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2, stdout, stderr);
    }
    return unknown_command(argv[1]);
}
