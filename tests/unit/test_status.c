/* What an API server's answer means: the rows of P12. */
#include "controller/k8s/status.h"

#include "tests/testlib/test.h"

struct row {
    int http_status;
    const char *body;
    enum err err;
    enum err_class class;
};

static const struct row rows[] = {
    {200, "{}", ERR_NONE, ERR_CLASS_NONE},
    {201, "", ERR_NONE, ERR_CLASS_NONE},
    {400, "{\"reason\":\"BadRequest\"}", ERR_INVALID, ERR_CLASS_STOP},
    {401, "", ERR_UNAUTHORIZED, ERR_CLASS_STOP},
    {403, "{\"reason\":\"Forbidden\"}", ERR_FORBIDDEN, ERR_CLASS_STOP},
    {404, "404 page not found\n", ERR_NOT_FOUND, ERR_CLASS_LOOK_AGAIN},
    {409, "{\"reason\":\"Conflict\"}", ERR_CONFLICT, ERR_CLASS_LOOK_AGAIN},
    {409, "{\"reason\":\"AlreadyExists\"}", ERR_ALREADY_EXISTS, ERR_CLASS_LOOK_AGAIN},
    {410, "{\"reason\":\"Expired\"}", ERR_GONE, ERR_CLASS_LOOK_AGAIN},
    {413, "", ERR_INVALID, ERR_CLASS_STOP},
    {422, "{\"reason\":\"Invalid\",\"details\":{}}", ERR_CONFLICT, ERR_CLASS_LOOK_AGAIN},
    {422, "{\"details\":{\"causes\":[{\"field\":\"metadata.uid\"}]}}", ERR_CONFLICT,
     ERR_CLASS_LOOK_AGAIN},
    {422, "{\"details\":{\"causes\":[{\"field\":\"metadata.resourceVersion\"}]}}", ERR_CONFLICT,
     ERR_CLASS_LOOK_AGAIN},
    {422, "{\"details\":{\"causes\":[{\"field\":\"spec.tier\"}]}}", ERR_INVALID, ERR_CLASS_STOP},
    {429, "", ERR_THROTTLED, ERR_CLASS_LATER},
    {500, "{\"message\":\"failed to create typed patch object (/x; g/v, Kind=K): .spec.y\"}",
     ERR_INVALID, ERR_CLASS_STOP},
    {500, "", ERR_SERVER, ERR_CLASS_LATER},
    {503, "", ERR_SERVER, ERR_CLASS_LATER},
    {504, "{\"reason\":\"Timeout\"}", ERR_OUTCOME_UNKNOWN, ERR_CLASS_LOOK_AGAIN},
};

static void an_answer_means_what_the_protocol_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        enum err err = kube_status_err(rows[i].http_status, str_from(rows[i].body), NULL);
        if (err != rows[i].err || err_class(err) != rows[i].class)
            fail_msg("row %zu: %s", i, err_name(err));
    }
}

static void the_servers_own_words_are_told(void **state)
{
    struct errmsg msg = {""};
    (void)state;
    assert_err(kube_status_err(409, STR("{\"message\":\"the object has been modified\"}"), &msg),
               ERR_CONFLICT);
    assert_str(str_from(msg.text), "the object has been modified");
    assert_err(kube_status_err(503, STR("upstream down"), &msg), ERR_SERVER);
    assert_str(str_from(msg.text), "HTTP status 503");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_means_what_the_protocol_says),
        cmocka_unit_test(the_servers_own_words_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
