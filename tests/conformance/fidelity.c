#include "tests/conformance/fidelity.h"

#include "controller/base/mem.h"

/* The text of a cell; absent behind the last one. */
static struct str next_cell(struct str *line)
{
    return str_trim(str_split_next(line, '|'));
}

static enum err add_row(struct json *rows, struct str conversation, struct str steps,
                        struct str reason, struct errmsg *msg)
{
    struct json *row = json_get_str(rows, conversation);

    if (steps.len == 0 || reason.len == 0)
        return err_set(msg, ERR_SYNTAX, "%.*s: found a row without steps or reason, expected "
                                        "| TOPIC/CONVERSATION | step, step | reason |",
                       STR_ARGS(conversation));
    if (row == NULL) {
        json_set_str(rows, conversation, json_object());
        row = json_get_str(rows, conversation);
    }
    while (steps.data != NULL) {
        struct str step = str_trim(str_split_next(&steps, ','));
        if (json_get_str(row, step) != NULL)
            return err_set(msg, ERR_SYNTAX, "%.*s: found step %.*s twice, expected it once",
                           STR_ARGS(conversation), STR_ARGS(step));
        json_set_str(row, step, json_string(reason));
    }
    return ERR_NONE;
}

/* A row names a conversation in its first cell. */
static enum err read_line(struct str line, struct json *rows, struct errmsg *msg)
{
    struct str rest = line;
    struct str conversation;
    struct str steps;

    if (!str_starts_with(line, STR("|")))
        return ERR_NONE;
    (void)next_cell(&rest);
    conversation = next_cell(&rest);
    if (str_find(conversation, '/', 0) == conversation.len ||
        str_find(conversation, ' ', 0) < conversation.len)
        return ERR_NONE;
    steps = next_cell(&rest);
    return add_row(rows, conversation, steps, next_cell(&rest), msg);
}

enum err fidelity_read(struct str text, struct fidelity *ret_fidelity, struct errmsg *msg)
{
    struct json *rows = json_object();
    enum err err = ERR_NONE;

    while (text.data != NULL && err == ERR_NONE)
        err = read_line(str_trim(str_split_next(&text, '\n')), rows, msg);
    if (err == ERR_NONE)
        ret_fidelity->rows = rows;
    else
        json_free(rows);
    return err;
}

void fidelity_release(struct fidelity *fidelity)
{
    json_free(fidelity->rows);
    fidelity->rows = NULL;
}

unsigned fidelity_judge(struct fidelity *fidelity, struct str conversation,
                        const struct conversation_result *result, bool is_exact,
                        struct buf *out)
{
    struct json *row = json_get_str(fidelity->rows, conversation);
    unsigned problems = 0;

    JSON_EACH(difference, result->differences) {
        struct str step = json_text_at(difference, "id");
        if (json_get_str(row, step) != NULL) {
            json_remove_str(row, step);
            continue;
        }
        problems++;
        buf_printf(out, "%.*s: step %.*s differs, and has no row\n", STR_ARGS(conversation),
                   STR_ARGS(step));
        JSON_EACH(line, json_get(difference, "lines"))
            buf_printf(out, "    %.*s\n", STR_ARGS(json_string_of(line)));
    }
    JSON_EACH(step, is_exact ? row : NULL) {
        problems++;
        buf_printf(out, "%.*s: step %.*s does not differ, but has a row\n",
                   STR_ARGS(conversation), STR_ARGS(json_key(step)));
    }
    json_remove_str(fidelity->rows, conversation);
    return problems;
}

unsigned fidelity_judge_rest(const struct fidelity *fidelity, struct buf *out)
{
    unsigned problems = 0;

    JSON_EACH(row, fidelity->rows) {
        problems++;
        buf_printf(out, "%.*s: has a row, but was not replayed\n", STR_ARGS(json_key(row)));
    }
    return problems;
}

/* The steps of one reason, in one row. */
static void print_row(struct str conversation, struct str reason, const struct json *reasons,
                      struct buf *out)
{
    const char *separator = "";

    buf_printf(out, "| %.*s | ", STR_ARGS(conversation));
    JSON_EACH(other, reasons) {
        if (!str_equal(json_string_of(other), reason))
            continue;
        buf_printf(out, "%s%.*s", separator, STR_ARGS(json_key(other)));
        separator = ", ";
    }
    buf_printf(out, " | %.*s |\n", STR_ARGS(reason));
}

/* Whether no step before this one has its reason. */
static bool is_first_of_reason(const struct json *reasons, const struct json *step)
{
    JSON_EACH(other, reasons) {
        if (other == step)
            return true;
        if (json_equal(other, step))
            return false;
    }
    return true;
}

void fidelity_print(const struct fidelity *fidelity, struct str conversation,
                    const struct conversation_result *result, struct buf *out)
{
    struct json *row = json_get_str(fidelity->rows, conversation);
    struct json *reasons = json_object();

    JSON_EACH(difference, result->differences) {
        struct str step = json_text_at(difference, "id");
        const struct json *reason = json_get_str(row, step);
        json_set_str(reasons, step, reason != NULL ? json_clone(reason) : json_text("?"));
    }
    JSON_EACH(step, reasons)
        if (is_first_of_reason(reasons, step))
            print_row(conversation, json_string_of(step), reasons, out);
    json_free(reasons);
}
