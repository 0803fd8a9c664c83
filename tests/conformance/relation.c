#include "tests/conformance/relation.h"

#include "tests/conformance/path.h"

#define TEXT_BYTES_MAX (1u << 20)

/* The captured value of that name; the name itself when it is a number. */
static void print_right(struct str name, const struct json *captured, struct buf *out)
{
    const struct json *value = json_get_str(captured, name);
    uint64_t number;

    if (value != NULL)
        path_print_value(value, out);
    else
        buf_append(out, str_to_u64(name, &number) ? name : STR("<nothing captured>"));
}

static struct json *judge_numbers(struct str left, struct str operator, struct str right)
{
    int64_t a;
    int64_t b;

    if (!str_to_i64(left, &a) || !str_to_i64(right, &b))
        return json_text("<no numbers>");
    return json_bool(str_is(operator, ">") ? a > b : a < b);
}

struct json *relation_judge(struct str relation, struct json *value, struct json *captured)
{
    struct str rest = relation;
    struct str path = str_split_next(&rest, ' ');
    struct str operator = str_split_next(&rest, ' ');
    struct json *found = path_copy(value, path);
    struct json *holds;
    CLEANUP(buf_release) struct buf left = {0};
    CLEANUP(buf_release) struct buf right = {0};

    buf_init(&left, TEXT_BYTES_MAX);
    buf_init(&right, TEXT_BYTES_MAX);
    path_print_value(found, &left);
    print_right(rest, captured, &right);
    json_free(found);
    if (str_is(operator, "==") || str_is(operator, "!="))
        holds = json_bool(str_equal(buf_str(&left), buf_str(&right)) == str_is(operator, "=="));
    else
        holds = judge_numbers(buf_str(&left), operator, buf_str(&right));
    return holds;
}
