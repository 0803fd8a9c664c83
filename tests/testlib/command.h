/*
 * A subcommand of promosim as a person at a terminal sees it: words in, an exit code and two texts
 * out.
 */
#ifndef PROMOTER_TESTS_TESTLIB_COMMAND_H
#define PROMOTER_TESTS_TESTLIB_COMMAND_H

#include "tests/testlib/test.h"

#include "controller/base/mem.h"

#define WORDS_MAX 12

typedef int command_fn(int argc, char **argv, FILE *out, FILE *errors);

/* Terminated; what does not fit is cut. */
struct said {
    int code;
    char out[6144];
    char errors[1536];
};

static inline void read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

/* The words end with a NULL, or fill WORDS_MAX. */
static inline void say(command_fn *command, const char *const *words, struct said *ret_said)
{
    char *argv[WORDS_MAX + 1] = {NULL};
    int argc = 0;
    FILE *out = tmpfile();
    FILE *errors = tmpfile();
    for (; argc < WORDS_MAX && words[argc] != NULL; argc++)
        argv[argc] = str_dup(str_from(words[argc]));
    ret_said->code = command(argc, argv, out, errors);
    read_back(out, ret_said->out, sizeof(ret_said->out));
    read_back(errors, ret_said->errors, sizeof(ret_said->errors));
    for (int i = 0; i < argc; i++)
        mem_free(argv[i]);
}

#endif
