/* What a write holds that no scenario shows: the requests' forms are in decisions, and most of
 * them in all scenarios. */
#include "controller/core/promotion_write.h"

#include "controller/core/status_patch.h"
#include "tests/testlib/scene.h"

#define SPEC(members) "{" members "'profileSpec':{},'stages':[{'name':'qa','clusterSelector':{}}]}"

static struct json *body_of(struct scene *scene, const struct decision *decision)
{
    struct promotion_sight sight = scene_look(scene);
    struct write_request write;
    struct json *body = NULL;
    promotion_write_build(&sight, decision, scene->now, &write);
    assert_err(json_parse(buf_str(&write.body), NULL, &body, NULL), ERR_NONE);
    write_request_release(&write);
    return body;
}

/* D16: an owner that is gone takes along what names it alone. */
static void a_profile_that_is_preserved_loses_us_and_keeps_other_owners(void **state)
{
    static const struct {
        const char *owners, *kept;
    } rows[] = {
        {"{'ownerReferences':[]}", "[]"},
        {"{'ownerReferences':[{'uid':'u'}]}", "[]"},
        {"{'ownerReferences':[{'uid':'x'},{'uid':'u'},{'uid':'y'}]}",
         "[{\"uid\":\"x\"},{\"uid\":\"y\"}]"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct scene_profile qa = {.metadata = rows[i].owners};
        struct decision decision;
        struct scene scene;
        scene_init(&scene);
        scene_promote(&scene,
                      "'finalizers':" SCENE_FINALIZERS ","
                      "'deletionTimestamp':'2026-01-01T00:59:00Z',",
                      SPEC("'preserveClusterProfilesOnDelete':true,"), "{}");
        (void)scene_put_profile(&scene, &qa);
        struct promotion_view view = scene_look(&scene).view;
        promotion_decide(&view, scene.now, &decision);
        assert_int_equal(decision.write, WRITE_STRIP_PROFILE);
        CLEANUP(json_free_pointer) struct json *body = body_of(&scene, &decision);
        assert_json(json_at(body, "metadata.ownerReferences"), rows[i].kept);
        scene_release(&scene);
    }
}

/* A reason holds since it was first told, or since now, where nobody wrote down when. */
static void a_sentence_keeps_its_time_with_its_reason(void **state)
{
    static const struct {
        const char *before, *after;
    } rows[] = {
        {"Deployment is failing on ns/a (2026-01-01T00:59:00Z)",
         "Deployment is failing on ns/b (2026-01-01T00:59:00Z)"},
        {"Deployment is failing on ns/a", "Deployment is failing on ns/b (2026-01-01T01:00:00Z)"},
        {"Clusters are being provisioned (2026-01-01T00:59:00Z)",
         "Deployment is failing on ns/b (2026-01-01T01:00:00Z)"},
    };
    const struct decision say = {.kind = DECISION_WRITE, .write = WRITE_SAY,
                                 .reason = REASON_FAILING,
                                 .text = "Deployment is failing on ns/b"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *status = str_format("{'profileSpecHash':'@P','stagesHash':'@S','currentStageName':"
                                  "'qa','stages':[{'name':'qa','currentStatusDescription':'%s'}]}",
                                  rows[i].before);
        struct scene scene;
        scene_init(&scene);
        scene_promote(&scene, "'finalizers':" SCENE_FINALIZERS ",", SPEC(""), status);
        CLEANUP(json_free_pointer) struct json *body = body_of(&scene, &say);
        const struct json *entry = json_first(json_at(body, "status.stages"));
        assert_str(json_text_at(entry, "currentStatusDescription"), rows[i].after);
        assert_str(json_text_at(entry, "failureMessage"), "Deployment is failing on ns/b");
        scene_release(&scene);
        mem_free(status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_that_is_preserved_loses_us_and_keeps_other_owners),
        cmocka_unit_test(a_sentence_keeps_its_time_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
