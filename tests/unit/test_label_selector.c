/* metav1.LabelSelector as Sveltos evaluates it: the fact sheet's rows (9.4). */
#include "controller/k8s/label_selector.h"

#include "tests/testlib/test.h"

struct row {
    const char *selector;
    const char *labels;
    bool matches;
};

static const struct row rows[] = {
    {"{}", "{\"env\":\"qa\"}", false}, /* an empty selector matches nothing */
    {"{\"matchLabels\":{\"env\":\"qa\"}}", "{\"env\":\"qa\",\"x\":\"1\"}", true},
    {"{\"matchLabels\":{\"env\":\"qa\"}}", "{\"env\":\"prod\"}", false},
    {"{\"matchLabels\":{\"env\":\"qa\"}}", "{}", false},
    {"{\"matchLabels\":{\"env\":\"qa\",\"tier\":\"1\"}}", "{\"env\":\"qa\"}", false},
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"In\",\"values\":[\"qa\",\"uat\"]}]}",
     "{\"env\":\"uat\"}", true},
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"In\",\"values\":[\"qa\"]}]}", "{}",
     false},
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"NotIn\",\"values\":[\"prod\"]}]}",
     "{\"env\":\"qa\"}", true},
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"NotIn\",\"values\":[\"prod\"]}]}",
     "{}", true},
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"NotIn\",\"values\":[\"prod\"]}]}",
     "{\"env\":\"prod\"}", false},
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"Exists\"}]}", "{\"env\":\"\"}", true},
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"DoesNotExist\"}]}", "{\"x\":\"1\"}",
     true},
    {"{\"matchLabels\":{\"a\":\"1\"},"
     "\"matchExpressions\":[{\"key\":\"b\",\"operator\":\"Exists\"}]}",
     "{\"a\":\"1\"}", false},
};

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    assert_err(json_parse(str_from(text), NULL, &value, NULL), ERR_NONE);
    return value;
}

static void a_selector_matches_as_the_facts_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *selector = parse(rows[i].selector);
        struct json *labels = parse(rows[i].labels);
        assert_err(label_selector_check(selector, NULL), ERR_NONE);
        if (label_selector_matches(selector, labels) != rows[i].matches)
            fail_msg("%s against %s", rows[i].selector, rows[i].labels);
        json_free(selector);
        json_free(labels);
    }
    assert_false(label_selector_matches(NULL, NULL));
}

struct fault {
    const char *selector;
    const char *message;
};

static const struct fault faults[] = {
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"in\",\"values\":[\"qa\"]}]}",
     "\"in\" is not a valid label selector operator"},
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"In\",\"values\":[]}]}",
     "operator In of key env needs values"},
    {"{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"Exists\",\"values\":[\"x\"]}]}",
     "operator Exists of key env takes no values"},
    {"{\"matchExpressions\":[{\"key\":\"-\",\"operator\":\"Exists\"}]}", "\"-\" is no label key"},
    {"{\"matchExpressions\":[{\"key\":\"e\",\"operator\":\"In\",\"values\":[\"a b\"]}]}",
     "\"a b\" is no label value"},
    {"{\"matchLabels\":{\"env\":\"a/b\"}}", "\"a/b\" is no label value"},
};

static void an_invalid_selector_is_refused_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        struct json *selector = parse(faults[i].selector);
        struct errmsg msg;
        assert_err(label_selector_check(selector, &msg), ERR_INVALID);
        assert_str(str_from(msg.text), faults[i].message);
        json_free(selector);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_selector_matches_as_the_facts_say),
        cmocka_unit_test(an_invalid_selector_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
