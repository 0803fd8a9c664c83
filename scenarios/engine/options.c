#include "scenarios/engine/options.h"

#include "controller/base/ktime.h"
#include "controller/base/mem.h"

#define OPTIONS_MAX 32u
#define PURPOSE_COLUMN 24

static enum err argument_fail(const struct option *option, const char *text, const char *expected,
                              struct errmsg *msg)
{
    return err_set(msg, ERR_TYPE, "%s: found \"%s\", expected %s", option->name, text, expected);
}

static enum err read_seed(const struct option *option, const char *text, struct option_seed *field,
                          struct errmsg *msg)
{
    if (!str_to_u64(str_from(text), &field->value))
        return argument_fail(option, text, "a whole number that is not negative", msg);
    field->given = true;
    return ERR_NONE;
}

static enum err read_count(const struct option *option, const char *text, unsigned *field,
                           struct errmsg *msg)
{
    uint64_t value;
    if (!str_to_u64(str_from(text), &value) || value > UINT_MAX)
        return argument_fail(option, text, "a whole number that is not negative", msg);
    *field = (unsigned)value;
    return ERR_NONE;
}

static enum err read_time(const struct option *option, const char *text, int64_t *field,
                          struct errmsg *msg)
{
    if (!ktime_parse_rfc3339(str_from(text), field))
        return argument_fail(option, text, "a time such as 2026-01-02T15:04:05Z", msg);
    return ERR_NONE;
}

static enum err read_duration(const struct option *option, const char *text, int64_t *field,
                              struct errmsg *msg)
{
    int64_t ns;
    if (duration_parse(str_from(text), &ns, NULL) != ERR_NONE || ns < 0)
        return argument_fail(option, text, "a duration such as 1h30m", msg);
    *field = duration_ns_to_ms(ns);
    return ERR_NONE;
}

static enum err read_texts(const struct option *option, const char *text,
                           struct option_texts *field, struct errmsg *msg)
{
    if (field->count == OPTION_TEXTS_MAX)
        return err_set(msg, ERR_LIMIT, "%s: found more than %u of them", option->name,
                       OPTION_TEXTS_MAX);
    field->items[field->count++] = text;
    return ERR_NONE;
}

static enum err read_argument(const struct option *option, const char *text, void *field,
                              struct errmsg *msg)
{
    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return ERR_NONE;
    case OPTION_TEXT:
        *(const char **)field = text;
        return ERR_NONE;
    case OPTION_TEXTS:
        return read_texts(option, text, field, msg);
    case OPTION_SEED:
        return read_seed(option, text, field, msg);
    case OPTION_COUNT:
        return read_count(option, text, field, msg);
    case OPTION_TIME:
        return read_time(option, text, field, msg);
    case OPTION_DURATION:
        return read_duration(option, text, field, msg);
    }
    return ERR_TYPE;
}

static enum err unknown_flag(struct str flag, const struct option *options, size_t option_count,
                             struct errmsg *msg)
{
    struct str names[OPTIONS_MAX];
    for (size_t i = 0; i < option_count; i++)
        names[i] = str_from(options[i].name);
    struct str nearest = str_nearest(flag, names, option_count);
    if (str_is_empty(nearest))
        return err_set(msg, ERR_TYPE, "unknown flag \"%.*s\"", STR_ARGS(flag));
    return err_set(msg, ERR_TYPE, "unknown flag \"%.*s\"; did you mean \"%.*s\"?", STR_ARGS(flag),
                   STR_ARGS(nearest));
}

static const struct option *option_find(struct str flag, const struct option *options,
                                        size_t option_count)
{
    for (size_t i = 0; i < option_count; i++) {
        if (str_is(flag, options[i].name) ||
            (options[i].brief != NULL && str_is(flag, options[i].brief)))
            return &options[i];
    }
    return NULL;
}

/* Reads the flag at argv[*at] and its argument; *at stays on the last word that was used. */
static enum err read_flag(int argc, char **argv, int *at, const struct option *options,
                          size_t option_count, void *target, struct errmsg *msg)
{
    struct str rest = str_from(argv[*at]);
    struct str flag = str_split_next(&rest, '=');
    const struct option *option = option_find(flag, options, option_count);
    const char *text = rest.data;
    if (option == NULL)
        return unknown_flag(flag, options, option_count, msg);
    if (option->type == OPTION_FLAG && text != NULL)
        return err_set(msg, ERR_TYPE, "%s takes no argument", option->name);
    if (option->type != OPTION_FLAG && text == NULL) {
        if (*at + 1 >= argc)
            return err_set(msg, ERR_TYPE, "%s needs an argument: %s", option->name,
                           option->argument);
        text = argv[++*at];
    }
    return read_argument(option, text, (char *)target + option->offset, msg);
}

enum err options_parse(int argc, char **argv, const struct option *options, size_t option_count,
                       void *target, struct operands *ret_operands, struct errmsg *msg)
{
    struct operands operands = {mem_alloc_array((size_t)argc + 1, sizeof(char *)), 0};
    bool flags_end = false;
    ASSERT(option_count <= OPTIONS_MAX);
    for (int i = 0; i < argc; i++) {
        enum err err = ERR_NONE;
        if (!flags_end && strcmp(argv[i], "--") == 0)
            flags_end = true;
        else if (!flags_end && argv[i][0] == '-' && argv[i][1] != '\0')
            err = read_flag(argc, argv, &i, options, option_count, target, msg);
        else
            operands.items[operands.count++] = argv[i];
        if (err != ERR_NONE) {
            operands_release(&operands);
            *ret_operands = operands;
            return err;
        }
    }
    *ret_operands = operands;
    return ERR_NONE;
}

void operands_release(struct operands *operands)
{
    mem_free(operands->items);
    *operands = (struct operands){NULL, 0};
}

void options_print(const struct option *options, size_t option_count, struct buf *out)
{
    for (size_t i = 0; i < option_count; i++) {
        CLEANUP(mem_free_pointer) char *words = str_format(
            "%s%s%s%s%s", options[i].brief != NULL ? options[i].brief : "",
            options[i].brief != NULL ? ", " : "", options[i].name,
            options[i].argument != NULL ? " " : "",
            options[i].argument != NULL ? options[i].argument : "");
        buf_printf(out, "  %-*s %s\n", PURPOSE_COLUMN, words, options[i].purpose);
    }
}
