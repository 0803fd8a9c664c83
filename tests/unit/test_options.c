#include "tests/testlib/test.h"

#include "scenarios/engine/options.h"

struct flags {
    bool loud;
    const char *file;
    struct option_seed seed;
    unsigned jobs;
    int64_t start_ms, until_ms;
};

static const struct option table[] = {
    {"--loud", "-l", NULL, OPTION_FLAG, offsetof(struct flags, loud), "speak up"},
    {"--file", "-f", "FILE", OPTION_TEXT, offsetof(struct flags, file), "what to read"},
    {"--seed", NULL, "N", OPTION_SEED, offsetof(struct flags, seed), "of the weather"},
    {"--jobs", NULL, "N", OPTION_COUNT, offsetof(struct flags, jobs), "processes"},
    {"--start", NULL, "TIME", OPTION_TIME, offsetof(struct flags, start_ms), "from"},
    {"--until", NULL, "DURATION", OPTION_DURATION, offsetof(struct flags, until_ms), "to"},
};

/* At most eight words, separated by single spaces. */
static enum err parse(const char *line, struct flags *flags, struct operands *operands,
                      char *storage, struct errmsg *msg)
{
    char *words[8] = {NULL};
    int count = 0;
    size_t len = strlen(line);
    memcpy(storage, line, len + 1);
    for (size_t i = 0; i < len; i++) {
        if (i == 0 || storage[i - 1] == '\0')
            words[count++] = storage + i;
        if (storage[i] == ' ')
            storage[i] = '\0';
    }
    *flags = (struct flags){0};
    return options_parse(count, words, table, ARRAY_COUNT(table), flags, operands, msg);
}

static void flags_and_operands_may_be_mixed(void **state)
{
    struct flags flags;
    struct operands operands;
    char storage[256];
    (void)state;
    assert_err(parse("a --seed 7 -l -f x b --until=1h30m", &flags, &operands, storage, NULL),
               ERR_NONE);
    assert_int_equal(operands.count, 2);
    assert_str(str_from(operands.items[0]), "a");
    assert_str(str_from(operands.items[1]), "b");
    assert_true(flags.loud && flags.seed.given);
    assert_int_equal(flags.seed.value, 7);
    assert_str(str_from(flags.file), "x");
    assert_int_equal(flags.until_ms, 5400000);
    operands_release(&operands);
}

static void two_dashes_end_the_flags(void **state)
{
    struct flags flags;
    struct operands operands;
    char storage[256];
    (void)state;
    assert_err(parse("-- --loud -", &flags, &operands, storage, NULL), ERR_NONE);
    assert_int_equal(operands.count, 2);
    assert_str(str_from(operands.items[0]), "--loud");
    assert_false(flags.loud);
    operands_release(&operands);
}

static const struct {
    const char *line;
    const char *message;
} refused[] = {
    {"--sed 7", "unknown flag \"--sed\"; did you mean \"--seed\"?"},
    {"--sead=7", "unknown flag \"--sead\"; did you mean \"--seed\"?"},
    {"-x", "unknown flag \"-x\""},
    {"--seed", "--seed needs an argument: N"},
    {"--seed x", "--seed: found \"x\", expected a whole number that is not negative"},
    {"--seed -1", "--seed: found \"-1\", expected a whole number that is not negative"},
    {"--jobs 4294967296", "--jobs: found \"4294967296\", expected a whole number that is not "
                          "negative"},
    {"--loud=yes", "--loud takes no argument"},
    {"--start now", "--start: found \"now\", expected a time such as 2026-01-02T15:04:05Z"},
    {"--until 5", "--until: found \"5\", expected a duration such as 1h30m"},
    {"--until -5s", "--until: found \"-5s\", expected a duration such as 1h30m"},
};

static void what_is_wrong_is_named_with_the_nearest_flag(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        struct flags flags;
        struct operands operands;
        struct errmsg msg = {{0}};
        char storage[256];
        assert_err(parse(refused[i].line, &flags, &operands, storage, &msg), ERR_TYPE);
        assert_str(str_from(msg.text), refused[i].message);
        assert_null(operands.items);
    }
}

static void a_usage_has_a_line_for_each_flag(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 4096);
    options_print(table, 2, &out);
    assert_str(buf_str(&out), "  -l, --loud               speak up\n"
                              "  -f, --file FILE          what to read\n");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_and_operands_may_be_mixed),
        cmocka_unit_test(two_dashes_end_the_flags),
        cmocka_unit_test(what_is_wrong_is_named_with_the_nearest_flag),
        cmocka_unit_test(a_usage_has_a_line_for_each_flag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
