/* Paths of printer columns: which value is the first, and where there is none. */
#include "controller/base/mem.h"
#include "fakeapi/json_path.h"
#include "tests/testlib/test.h"

static const char document[] =
    "{\"spec\":{\"l\":[{\"k\":\"a\",\"v\":\"1\",\"n\":1},{\"k\":\"b\",\"v\":\"2\",\"n\":2},"
    "{\"k\":\"c\",\"v\":3,\"n\":3}],\"t\":[\"x\",\"y\",\"z\"],\"m\":{\"a.b\":\"dot\"},"
    "\"ok\":true},\"metadata\":{\"annotations\":{\"x.org/key\":\"shard\"}}}";

static void a_path_leads_to_its_first_value(void **state)
{
    static const struct {
        const char *path;
        const char *value; /* compact JSON; NULL: none */
    } rows[] = {
        {".spec.l[*].k", "\"a\""},
        {".spec.l[0].k", "\"a\""},
        {".spec.l[-1:].k", "\"c\""},
        {".spec.l[1:2].k", "\"b\""},
        {".spec.l[?(@.k==\"b\")].v", "\"2\""},
        {".spec.l[?(@.k=='c')].v", "3"},
        {".spec.l[?(@.n>1)].k", "\"b\""},
        {".spec.l[?(@.n>=1)].k", "\"a\""},
        {".spec.l[?(@.n!=1)].k", "\"b\""},
        {".spec.l[?(@.z)].k", NULL},
        {".spec[?(@==true)]", "true"},
        {".spec.t", "[\"x\",\"y\",\"z\"]"},
        {".spec['ok']", "true"},
        {".spec.m.a\\.b", "\"dot\""},
        {".metadata.annotations['x\\.org/key']", "\"shard\""},
        {"..v", "\"1\""},
        {".spec.t[9]", NULL},
        {".spec.t[-9]", NULL},
        {".spec.t[0:4:2]", NULL},
        {".spec.t[x]", NULL},
        {".spec.t[", NULL},
        {".spec.t[?(@", NULL},
        {".spec.t[']", NULL},
        {".spec.absent", NULL},
        {"", NULL},
    };
    struct json *value;
    (void)state;
    assert_err(json_parse(str_from(document), NULL, &value, NULL), ERR_NONE);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct json *found = json_path_first(value, str_from(rows[i].path));
        char *text = found != NULL ? json_print_text(found) : NULL;
        if (text == NULL || rows[i].value == NULL || strcmp(text, rows[i].value) != 0) {
            if (text != NULL || rows[i].value != NULL)
                fail_msg("%s gives %s, not %s", rows[i].path, text, rows[i].value);
        }
        mem_free(text);
    }
    json_free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_leads_to_its_first_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
