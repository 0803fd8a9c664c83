/* The grammar of label selectors: a scanner and a parser of one token's look-ahead, so that
 * refusals name the same token as a real server's. */
#include "controller/base/mem.h"

#include "fakeapi/meta.h"
#include "fakeapi/selector.h"
#include "fakeapi/status.h"

enum token { TOKEN_END, TOKEN_WORD, TOKEN_COMMA, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_BANG, TOKEN_EQUAL,
             TOKEN_DOUBLE_EQUAL, TOKEN_NOT_EQUAL, TOKEN_GREATER, TOKEN_LESS, TOKEN_IN,
             TOKEN_NOT_IN, TOKEN_ERROR };

struct lexeme {
    enum token token;
    struct str text;
};

struct label_parser {
    struct str text;
    size_t at;
    struct lexeme next; /* looked at, not consumed */
    struct buf *message;
};

static bool is_special(char c)
{
    return strchr("=!(),><", c) != NULL && c != '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct lexeme scan_symbol(struct label_parser *parser)
{
    static const struct {
        const char *text;
        enum token token;
    } symbols[] = {
        {"==", TOKEN_DOUBLE_EQUAL}, {"!=", TOKEN_NOT_EQUAL}, {"=", TOKEN_EQUAL},
        {"!", TOKEN_BANG},          {"(", TOKEN_OPEN},       {")", TOKEN_CLOSE},
        {",", TOKEN_COMMA},         {">", TOKEN_GREATER},    {"<", TOKEN_LESS},
    };
    struct str rest = str_slice(parser->text, parser->at, parser->text.len);
    for (size_t i = 0; i < ARRAY_COUNT(symbols); i++) {
        struct str symbol = str_from(symbols[i].text);
        if (!str_starts_with(rest, symbol))
            continue;
        parser->at += symbol.len;
        return (struct lexeme){symbols[i].token, str_slice(rest, 0, symbol.len)};
    }
    return (struct lexeme){TOKEN_ERROR, STR("")};
}

static void scan(struct label_parser *parser)
{
    struct str text = parser->text;
    while (parser->at < text.len && is_blank(text.data[parser->at]))
        parser->at++;
    if (parser->at == text.len) {
        parser->next = (struct lexeme){TOKEN_END, STR("")};
        return;
    }
    if (is_special(text.data[parser->at])) {
        parser->next = scan_symbol(parser);
        return;
    }
    size_t begin = parser->at;
    while (parser->at < text.len && !is_special(text.data[parser->at]) &&
           !is_blank(text.data[parser->at]))
        parser->at++;
    struct str word = str_slice(text, begin, parser->at);
    enum token token = str_is(word, "in") ? TOKEN_IN
                                          : (str_is(word, "notin") ? TOKEN_NOT_IN : TOKEN_WORD);
    parser->next = (struct lexeme){token, word};
}

/* Where values may stand, "in" and "notin" are words like others. */
static enum token look(const struct label_parser *parser)
{
    enum token token = parser->next.token;
    return token == TOKEN_IN || token == TOKEN_NOT_IN ? TOKEN_WORD : token;
}

static struct lexeme consume(struct label_parser *parser)
{
    struct lexeme lexeme = parser->next;
    scan(parser);
    return lexeme;
}

static bool refuse(struct label_parser *parser, struct str found, const char *expected)
{
    buf_printf(parser->message, "found '%.*s'%s", STR_ARGS(found), expected);
    return false;
}

static bool refuse_text(struct label_parser *parser, const char *where, struct str value,
                        const struct json *complaints)
{
    struct buf quoted;
    buf_init(&quoted, FAKEAPI_ANSWER_BYTES_MAX);
    quote_go(value, &quoted);
    JSON_EACH(complaint, complaints)
        buf_printf(parser->message, "%s%s: Invalid value: %.*s: %.*s",
                   complaint == json_first(complaints) ? "" : ", ", where,
                   STR_ARGS(buf_str(&quoted)), STR_ARGS(json_string_of(complaint)));
    buf_release(&quoted);
    return json_first(complaints) == NULL;
}

static bool check_key(struct label_parser *parser, struct str key)
{
    struct json *complaints = json_array();
    name_check_qualified(key, complaints);
    bool ok = refuse_text(parser, "<nil>", key, complaints);
    json_free(complaints);
    return ok;
}

/* Values are a set, in order. */
static void add_value(struct json *values, struct str text)
{
    size_t index = 0;
    JSON_EACH(value, values) {
        int order = str_compare(json_string_of(value), text);
        if (order == 0)
            return;
        if (order > 0)
            break;
        index++;
    }
    json_insert(values, index, json_string(text));
}

static bool parse_listed(struct label_parser *parser, struct json *values)
{
    for (;;) {
        struct lexeme lexeme = parser->next;
        enum token token = look(parser);
        scan(parser);
        if (token == TOKEN_WORD) {
            add_value(values, lexeme.text);
            if (look(parser) == TOKEN_CLOSE)
                return true;
            if (look(parser) != TOKEN_COMMA)
                return refuse(parser, parser->next.text, ", expected: ',' or ')'");
        } else if (token == TOKEN_COMMA) {
            if (json_first(values) == NULL)
                add_value(values, STR(""));
            if (look(parser) == TOKEN_CLOSE) {
                add_value(values, STR(""));
                return true;
            }
            if (look(parser) == TOKEN_COMMA) {
                scan(parser);
                add_value(values, STR(""));
            }
        } else {
            return refuse(parser, lexeme.text, ", expected: ',', or identifier");
        }
    }
}

static bool parse_set(struct label_parser *parser, struct json *values)
{
    struct lexeme open = consume(parser);
    if (open.token != TOKEN_OPEN)
        return refuse(parser, open.text, " expected: '('");
    if (look(parser) == TOKEN_CLOSE) {
        scan(parser);
        add_value(values, STR(""));
        return true;
    }
    if (look(parser) != TOKEN_WORD && look(parser) != TOKEN_COMMA)
        return refuse(parser, parser->next.text, ", expected: ',', ')' or identifier");
    if (!parse_listed(parser, values))
        return false;
    scan(parser); /* the closing parenthesis */
    return true;
}

static bool parse_exact(struct label_parser *parser, struct json *values)
{
    if (look(parser) == TOKEN_END || look(parser) == TOKEN_COMMA) {
        add_value(values, STR(""));
        return true;
    }
    enum token token = look(parser);
    struct lexeme lexeme = consume(parser);
    if (token != TOKEN_WORD)
        return refuse(parser, lexeme.text, ", expected: identifier");
    add_value(values, lexeme.text);
    return true;
}

static bool parse_operator(struct label_parser *parser, enum label_operator *ret_operator,
                           bool *ret_is_set)
{
    struct lexeme lexeme = consume(parser);
    *ret_is_set = lexeme.token == TOKEN_IN || lexeme.token == TOKEN_NOT_IN;
    if (lexeme.token == TOKEN_IN || lexeme.token == TOKEN_EQUAL ||
        lexeme.token == TOKEN_DOUBLE_EQUAL)
        *ret_operator = LABEL_IN;
    else if (lexeme.token == TOKEN_NOT_IN || lexeme.token == TOKEN_NOT_EQUAL)
        *ret_operator = LABEL_NOT_IN;
    else if (lexeme.token == TOKEN_GREATER)
        *ret_operator = LABEL_GREATER;
    else if (lexeme.token == TOKEN_LESS)
        *ret_operator = LABEL_LESS;
    else
        return refuse(parser, lexeme.text, ", expected: in, notin, =, ==, !=, gt, lt");
    return true;
}

static bool check_values(struct label_parser *parser, const struct label_requirement *label)
{
    size_t index = 0;
    bool ok = true;
    int64_t number;
    bool ordered = label->operator == LABEL_GREATER || label->operator == LABEL_LESS;
    JSON_EACH(value, label->values) {
        struct str text = json_string_of(value);
        char *where = str_format("values[%zu][%s]", index, label->key);
        struct json *complaints = json_array();
        if (ordered && !str_to_i64(text, &number))
            buf_printf(parser->message, "values[%zu]: Invalid value: \"%.*s\": for 'Gt', 'Lt' "
                                        "operators, the value must be an integer", index,
                       STR_ARGS(text));
        else
            name_check_label_value(text, complaints);
        ok = refuse_text(parser, where, text, complaints) && parser->message->len == 0 && ok;
        json_free(complaints);
        mem_free(where);
        index++;
    }
    return ok;
}

static bool parse_comparison(struct label_parser *parser, struct label_requirement *label)
{
    bool is_set;
    if (!parse_operator(parser, &label->operator, &is_set))
        return false;
    bool parsed = is_set ? parse_set(parser, label->values) : parse_exact(parser, label->values);
    return parsed && check_values(parser, label);
}

static bool parse_requirement(struct label_parser *parser, struct label_requirement *label)
{
    bool absent = look(parser) == TOKEN_BANG;
    if (absent)
        scan(parser);
    enum token token = look(parser);
    struct lexeme key = consume(parser);
    if (token != TOKEN_WORD)
        return refuse(parser, key.text, ", expected: identifier");
    if (!check_key(parser, key.text))
        return false;
    label->key = str_dup(key.text);
    label->operator = absent ? LABEL_ABSENT : LABEL_EXISTS;
    if (absent || look(parser) == TOKEN_END || look(parser) == TOKEN_COMMA)
        return true;
    return parse_comparison(parser, label);
}

static bool add_requirement(struct label_parser *parser, struct selector *selector)
{
    selector->labels = mem_grow_array(selector->labels, selector->label_count,
                                      &selector->label_capacity, sizeof(*selector->labels),
                                      SELECTOR_TERMS_MAX);
    struct label_requirement *label = &selector->labels[selector->label_count++];
    *label = (struct label_requirement){.values = json_array()};
    struct buf *message = parser->message;
    struct buf detail;
    buf_init(&detail, FAKEAPI_ANSWER_BYTES_MAX);
    parser->message = &detail;
    bool ok = parse_requirement(parser, label);
    parser->message = message;
    if (!ok)
        buf_printf(message, "unable to parse requirement: %.*s", STR_ARGS(buf_str(&detail)));
    buf_release(&detail);
    return ok;
}

bool selector_parse_labels(struct str text, struct selector *selector, struct buf *message)
{
    struct label_parser parser = {.text = text, .message = message};
    scan(&parser);
    if (look(&parser) != TOKEN_END && look(&parser) != TOKEN_WORD && look(&parser) != TOKEN_BANG)
        return refuse(&parser, parser.next.text, ", expected: !, identifier, or 'end of string'");
    while (look(&parser) != TOKEN_END) {
        if (selector->label_count >= SELECTOR_TERMS_MAX - 1) {
            buf_append_text(message, "too many requirements");
            return false;
        }
        if (!add_requirement(&parser, selector))
            return false;
        if (look(&parser) == TOKEN_END)
            return true;
        struct lexeme comma = consume(&parser);
        if (comma.token != TOKEN_COMMA)
            return refuse(&parser, comma.text, ", expected: ',' or 'end of string'");
        if (look(&parser) != TOKEN_WORD && look(&parser) != TOKEN_BANG)
            return refuse(&parser, parser.next.text, ", expected: identifier after ','");
    }
    return true;
}
