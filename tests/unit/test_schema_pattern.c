/*
 * Patterns: Go's syntax, matched by POSIX.
 */
#include "tests/testlib/test.h"

#include "fakeapi/schema_node.h"

static void patterns_match_as_in_go(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } rows[] = {
        {"^((100|[0-9]{1,2})%|[0-9]+)$", "100%", true},
        {"^((100|[0-9]{1,2})%|[0-9]+)$", "101%", false},
        {"^(https?|oci)://", "oci://x", true},
        {"^(https?|oci)://", "ftp://x", false},
        {"b", "abc", true}, /* unanchored */
        {"^\\d+$", "123", true},
        {"^\\d+$", "12a", false},
        {"^\\w+$", "a_9", true},
        {"^[\\w.-]+$", "a.b-c_9", true},
        {"^[\\w.-]+$", "a/b", false},
        {"^\\S+\\s\\S+$", "a\tb", true},
        {"^\\D$", "1", false},
        {"^(?:ab)+$", "abab", true},
        {"^a+?b*?c??$", "aabc", true},
        {"^a\\.b$", "a.b", true},
        {"^a\\.b$", "axb", false},
        {"^[^\\]a-c]$", "]", false},
        {"^[]a]$", "]", true},
        {"^[a^-]+$", "^-a", true},
        {"^[\\^]$", "^", true},
        {"^[\\^-]$", "-", true},
        {"^[[.]+$", "[.", true},
        {"^[\\[:]+$", ":[", true},
        {"^[[:alpha:]_]+$", "aZ_", true},
        {"^a{2}$", "aa", true},
        {"^a{,2}$", "a{,2}", true}, /* no repetition in Go */
        {"^{$", "{", true},
        {"^\\x41\\/\\n$", "A/\n", true},
        {"\\Aab\\z", "ab", true},
        {"^a$", "a\n", false},
        {"^.$", "\n", true},
        {"^$", "", true},
        {"(|a)b", "b", true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct schema_pattern *pattern = NULL;
        struct errmsg msg = {""};
        if (schema_pattern_create(str_from(rows[i].pattern), &pattern, &msg) != ERR_NONE)
            fail_msg("%s: %s", rows[i].pattern, msg.text);
        if (schema_pattern_matches(pattern, str_from(rows[i].text)) != rows[i].matches)
            fail_msg("%s on %s", rows[i].pattern, rows[i].text);
        schema_pattern_free(pattern);
    }
}

static void what_posix_cannot_say_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "(?i)a", "a\\b", "\\pL", "[\\D]", "(a)\\1", "a\\", "[a", "(a", "[z-a]", "[[:nope:]]",
        "[\xc3\xa9]", "(?P<n>a)", "\\Qa\\E", "*a(",
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct schema_pattern *pattern = NULL;
        struct errmsg msg = {""};
        if (schema_pattern_create(str_from(rows[i]), &pattern, &msg) != ERR_INVALID)
            fail_msg("%s was taken", rows[i]);
        assert_null(pattern);
        assert_true(msg.text[0] != '\0');
    }
}

static void bytes_beyond_the_text_are_not_looked_at(void **state)
{
    (void)state;
    struct schema_pattern *pattern = NULL;
    assert_err(schema_pattern_create(STR("^ab$"), &pattern, NULL), ERR_NONE);
    assert_true(schema_pattern_matches(pattern, str_from_bytes("abc", 2)));
    assert_false(schema_pattern_matches(pattern, STR_NONE));
    schema_pattern_free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_in_go),
        cmocka_unit_test(what_posix_cannot_say_is_refused),
        cmocka_unit_test(bytes_beyond_the_text_are_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
