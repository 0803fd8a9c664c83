/* `promosim explain` at its command line: what it reads, what it refuses, and that a cluster's
 * dumped objects tell the same as the scenario that they were dumped from. */
#include "tests/testlib/command.h"

#include <unistd.h>

#include "controller/k8s/resource.h"
#include "scenarios/engine/explain.h"
#include "scenarios/engine/promosim.h"
#include "scenarios/engine/run.h"

static void explain(const char *const *words, struct said *ret_said)
{
    say(promosim_explain, words, ret_said);
}

/* A file that is there until file_remove. */
struct file {
    char path[40];
};

static void file_write(struct file *file, struct str text)
{
    snprintf(file->path, sizeof(file->path), "/tmp/promosim-explain-XXXXXX");
    int descriptor = mkstemp(file->path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text.data, text.len), text.len);
    close(descriptor);
}

static void file_remove(const struct file *file)
{
    unlink(file->path);
}

#define SCENARIO \
    "scenario: web\nwhy: w\nfleet:\n" \
    "  - {count: 12, name: \"qa-{i}\", namespace: qa, labels: {env: qa}}\n" \
    "  - {count: 2, name: \"prod-{i}\", namespace: prod, labels: {env: prod}}\n" \
    "given:\n" \
    "  - apiVersion: config.projectsveltos.io/v1beta1\n" \
    "    kind: ClusterPromotion\n" \
    "    metadata: {name: web}\n" \
    "    spec:\n" \
    "      profileSpec: {policyRefs: [{kind: ConfigMap, namespace: default, name: web}]}\n" \
    "      stages:\n" \
    "        - name: qa\n" \
    "          clusterSelector: {matchLabels: {env: qa}}\n" \
    "          trigger: {manual: {delay: 10m}}\n" \
    "        - {name: prod, clusterSelector: {matchLabels: {env: prod}}}\n" \
    "world:\n" \
    "  - {on: ClusterSummary, takes: 20s}\n" \
    "  - {on: ClusterSummary, cluster: qa-3, fails-for: 10m, message: \"no\\nroom\"}\n" \
    "expect: {quiesce: 1h}\n"

/* `kubectl get ... -o json` of a simulated server. */
static void dump(struct sim *sim, struct buf *out)
{
    struct json *list = json_object();
    struct json *items = json_array();
    for (unsigned i = 0; i < KUBE_RESOURCE_COUNT; i++) {
        struct fakeapi_response response;
        struct json *part = NULL;
        struct buf path;
        buf_init(&path, 1024);
        kube_resource_path(&path, (enum kube_resource)i, STR_NONE, STR_NONE, STR_NONE);
        int status = sim_user_request(sim, "GET", buf_str(&path), NULL, STR_NONE, &response);
        assert_int_equal(status, 200);
        assert_int_equal(json_parse(buf_str(&response.body), NULL, &part, NULL), ERR_NONE);
        JSON_EACH(item, json_get(part, "items"))
        json_append(items, json_clone(item));
        json_free(part);
        fakeapi_response_release(&response);
        buf_release(&path);
    }
    json_set(list, "apiVersion", json_text("v1"));
    json_set(list, "kind", json_text("List"));
    json_set(list, "items", items);
    json_print_pretty(list, out);
    json_free(list);
}

/* Plays the scenario for so long, and writes what the server holds then. Returns what the
 * controller decided last, as a static text. */
static const char *dump_write(const struct file *scenario_file, int64_t offset_ms,
                              struct file *ret_file)
{
    struct scenario *scenario = NULL;
    struct sim *sim = NULL;
    struct buf text;
    struct run_options options = {.seed = 1, .stops = true, .stop_ms = offset_ms};
    buf_init(&text, 16u << 20);
    assert_int_equal(scenario_load(scenario_file->path, &scenario, NULL), ERR_NONE);
    assert_int_equal(scenario_play(scenario, &options, &sim, NULL), ERR_NONE);
    struct controller_explanation last = {.reason = "Started"}; /* it lists, and decides then */
    (void)controller_explain(sim_controller(sim), STR("web"), &last);
    dump(sim, &text);
    file_write(ret_file, buf_str(&text));
    sim_free(sim);
    scenario_free(scenario);
    buf_release(&text);
    return last.reason;
}

static const struct {
    const char *offset;
    int64_t offset_ms;
    const char *time;
    const char *reason;
} moments[] = {
    {"0s", 0, "2026-01-01T00:00:00Z", "Started"},
    {"10s", 10000, "2026-01-01T00:00:10Z", "Provisioning"},
    {"5m", 300000, "2026-01-01T00:05:00Z", "Failing"},
    {"15m", 900000, "2026-01-01T00:15:00Z", "Delayed"},
    {"1h", 3600000, "2026-01-01T01:00:00Z", "AwaitingApproval"},
};

static void a_dump_tells_the_same_as_its_scenario(void **state)
{
    struct file scenario;
    (void)state;
    file_write(&scenario, STR(SCENARIO));
    for (size_t i = 0; i < ARRAY_COUNT(moments); i++) {
        struct file objects;
        struct said played;
        struct said read;
        assert_string_equal(dump_write(&scenario, moments[i].offset_ms, &objects),
                            moments[i].reason);
        explain((const char *[]){"--at", moments[i].offset, "-o", "json", scenario.path, NULL},
                &played);
        explain((const char *[]){"--at", moments[i].time, "-o", "json", "--objects", objects.path,
                                 NULL},
                &read);
        assert_str(str_from(read.errors), "");
        assert_int_equal(played.code, 0);
        assert_int_equal(read.code, 0);
        assert_string_equal(played.out, read.out);
        assert_non_null(strstr(read.out, moments[i].reason));
        file_remove(&objects);
    }
    file_remove(&scenario);
}

/* Which the controller remembers, and who has only its objects reads in status. */
static void a_refusal_is_read_in_status(void **state)
{
    static const struct {
        const char *offset;
        int64_t offset_ms;
        const char *time;
    } times[] = {{"5m", 300000, "2026-01-01T00:05:00Z"}, {"25m", 1500000, "2026-01-01T00:25:00Z"}};
    struct file scenario;
    (void)state;
    file_write(&scenario,
               STR(SCENARIO "faults:\n"
                            "  - {do: answer, status: 403, when: {verb: patch, kind: "
                            "ClusterProfile, nth: 1}}\n"
                            "  - {do: answer, status: 403, when: {verb: patch, kind: "
                            "ClusterProfile, nth: 2}}\n"
                            "  - {do: answer, status: 403, when: {verb: patch, kind: "
                            "ClusterProfile, nth: 3}}\n"));
    for (size_t i = 0; i < ARRAY_COUNT(times); i++) {
        struct file objects;
        struct said played;
        struct said read;
        dump_write(&scenario, times[i].offset_ms, &objects);
        explain((const char *[]){"--at", times[i].offset, scenario.path, NULL}, &played);
        explain((const char *[]){"--at", times[i].time, "-f", objects.path, NULL}, &read);
        assert_string_equal(played.out, read.out);
        assert_non_null(strstr(read.out, "(Refused)"));
        assert_non_null(strstr(read.out, "until       2026-01-01T00:"));
        file_remove(&objects);
    }
    file_remove(&scenario);
}

static void a_moment_is_a_time_or_an_offset(void **state)
{
    static const char *const same[] = {"5m", "+5m", "2026-01-01T00:05:00Z",
                                       "2026-01-01T01:05:00+01:00"};
    struct file scenario;
    struct said first;
    (void)state;
    file_write(&scenario, STR(SCENARIO));
    explain((const char *[]){"--at", same[0], scenario.path, NULL}, &first);
    assert_int_equal(first.code, 0);
    for (size_t i = 1; i < ARRAY_COUNT(same); i++) {
        struct said said;
        explain((const char *[]){"--at", same[i], scenario.path, NULL}, &said);
        assert_string_equal(said.out, first.out);
    }
    file_remove(&scenario);
}

/* Ten names and how many more there are; a message of Sveltos' is one line. */
static void ten_clusters_are_named_and_messages_are_one_line(void **state)
{
    struct file scenario;
    struct said said;
    (void)state;
    file_write(&scenario, STR(SCENARIO));
    explain((const char *[]){"--at", "10s", scenario.path, NULL}, &said);
    assert_non_null(strstr(said.out, "waits for   12 of 12 clusters "));
    assert_non_null(strstr(said.out, "              - qa/qa-1: Resources is being deployed\n"));
    assert_non_null(strstr(said.out, "              and 2 more\n"));
    explain((const char *[]){"--at", "5m", scenario.path, NULL}, &said);
    assert_non_null(strstr(said.out, "- qa/qa-3: Resources fails: no\\x0aroom\n"));
    file_remove(&scenario);
}

static void without_a_time_the_end_of_a_scenario_is_explained(void **state)
{
    struct file scenario;
    struct said said;
    (void)state;
    file_write(&scenario, STR(SCENARIO));
    explain((const char *[]){"--promotion", "web", scenario.path, NULL}, &said);
    assert_int_equal(said.code, 0);
    assert_true(str_starts_with(str_from(said.out), STR("web at ")));
    assert_non_null(strstr(said.out, "(AwaitingApproval)"));
    explain((const char *[]){"--promotion", "wep", scenario.path, NULL}, &said);
    assert_int_equal(said.code, 2);
    assert_string_equal(said.errors,
                        "promosim explain: found no ClusterPromotion wep, expected one\n");
    file_remove(&scenario);
}

static void wrong_usage_is_told_and_ends_with_2(void **state)
{
    static const struct {
        const char *words[WORDS_MAX];
        const char *errors;
    } lines[] = {
        {{NULL}, "found 0 scenarios, expected one, or --objects FILE\n"},
        {{"--objects", "x", "y", NULL},
         "found 1 scenarios and --objects, expected one of the two\n"},
        {{"-o", "yaml", "x", NULL}, "--output: found \"yaml\", expected text, json or metrics\n"},
        {{"--empty-stage", "hold", "-f", "x", NULL},
         "--empty-stage: found \"hold\", expected skip\n"},
        {{"--empty-stage", "skip", "x", NULL},
         "found --empty-stage, expected it with --objects only\n"},
        {{"--objects", "/nowhere", NULL}, "/nowhere: there is no such file\n"},
        {{"--objects", "/nowhere", "--at", "2h", NULL},
         "--at: found \"2h\", expected a time such as 2026-01-02T15:04:05Z\n"},
        {{"--ad", "2h", NULL}, "unknown flag \"--ad\"; did you mean \"--at\"?\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
        struct said said;
        explain(lines[i].words, &said);
        assert_int_equal(said.code, 2);
        assert_true(str_starts_with(str_from(said.errors), STR("promosim explain: ")));
        assert_string_equal(said.errors + strlen("promosim explain: "), lines[i].errors);
        assert_string_equal(said.out, "");
    }
}

static void a_moment_that_is_none_is_refused(void **state)
{
    static const char *const moments_refused[] = {"soon", "-5m", "2025-12-31T23:59:59Z",
                                                  "100000h"};
    struct file scenario;
    (void)state;
    file_write(&scenario, STR(SCENARIO));
    for (size_t i = 0; i < ARRAY_COUNT(moments_refused); i++) {
        struct said said;
        explain((const char *[]){"--at", moments_refused[i], scenario.path, NULL}, &said);
        assert_int_equal(said.code, 2);
        assert_true(str_starts_with(str_from(said.errors),
                                    STR("promosim explain: --at: found \"")));
    }
    file_remove(&scenario);
}

#define OBJECT(kind, metadata) \
    "apiVersion: config.projectsveltos.io/v1beta1\nkind: " kind "\nmetadata: {" metadata "}\n"
#define SERVED "uid: u, resourceVersion: \"1\""
#define MANAGED ", managedFields: [{manager: m, operation: Update}]"

/* What explanations rest on has to be there, or else would be guessed. */
static void objects_that_no_server_sent_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *text;
        const char *errors;
    } rows[] = {
        {"- 1\n", ":1:1: found a list, expected a Kubernetes object\n"},
        {"5\n", ":1:1: found the number 5, expected a Kubernetes object\n"},
        {"kind: List\nitems: [5]\n", ":2:9: found the number 5, expected a Kubernetes object\n"},
        {OBJECT("ClusterPromotion", "name: web"),
         ":1:1: found a ClusterPromotion without metadata.uid, expected one as a server holds it: "
         "kubectl get -o yaml\n"},
        {OBJECT("ClusterPromotion", "name: web, " SERVED),
         ":1:1: found ClusterPromotion/web without metadata.managedFields, expected them: kubectl "
         "get --show-managed-fields -o yaml\n"},
        {"kind: ClusterPromotion\napiVersion: config.projectsveltos.io/v1alpha1\n",
         ":2:1: found ClusterPromotion of version \"v1alpha1\", expected "
         "config.projectsveltos.io/v1beta1\n"},
        {OBJECT("ClusterProfile", "name: web, " SERVED MANAGED), NULL},
        {"kind: Deployment\napiVersion: apps/v1\n", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct file objects;
        struct said said;
        file_write(&objects, str_from(rows[i].text));
        const char *wanted = rows[i].errors;
        explain((const char *[]){"--objects", objects.path, NULL}, &said);
        char *errors = wanted != NULL
                           ? str_format("promosim explain: %s%s", objects.path, wanted)
                           : str_format("promosim explain: found no ClusterPromotion, expected "
                                        "one\n");
        assert_string_equal(said.errors, errors);
        assert_int_equal(said.code, 2);
        mem_free(errors);
        file_remove(&objects);
    }
}

/* As anybody may cut or edit a dump: explained or refused, never worse. */
static void any_part_of_a_dump_is_explained_or_refused(void **state)
{
    struct file scenario;
    struct file whole;
    static char text[1u << 20];
    (void)state;
    file_write(&scenario, STR(SCENARIO));
    dump_write(&scenario, 300000, &whole);
    FILE *file = fopen(whole.path, "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    assert_true(len < sizeof(text));
    for (size_t cut = 0; cut < len; cut += len / 40) {
        struct file part;
        struct said said;
        file_write(&part, str_from_bytes(text, cut));
        explain((const char *[]){"--objects", part.path, "--at", "2026-01-01T00:05:00Z", NULL},
                &said);
        assert_int_equal(said.code, 2);
        file_remove(&part);
    }
    file_remove(&whole);
    file_remove(&scenario);
}

/* A promotion whose fields are all of the wrong kind: no server would hold it. */
static void fields_of_the_wrong_kind_do_no_harm(void **state)
{
    static const char *const rows[] = {
        "spec: 5\nstatus: 7\n",
        "spec: {stages: 5, profileSpec: []}\nstatus: {stages: {}}\n",
        "spec: {stages: [1, {name: 5, clusterSelector: 5, trigger: 5}]}\nstatus: {stages: [2]}\n",
        "spec: {stages: [{name: a, trigger: {manual: [], auto: 5}}]}\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct file objects;
        struct said said;
        char *text = str_format("%s%s", OBJECT("ClusterPromotion", "name: web, " SERVED MANAGED),
                                rows[i]);
        file_write(&objects, str_from(text));
        explain((const char *[]){"--objects", objects.path, "--at", "2026-01-01T00:00:00Z", NULL},
                &said);
        assert_int_equal(said.code, 0);
        assert_true(str_starts_with(str_from(said.out), STR("web at 2026-01-01T00:00:00Z: ")));
        mem_free(text);
        file_remove(&objects);
    }
}

/* One stage with every gate, and one behind it; a cluster each. */
#define GATED \
    "scenario: web\nwhy: w\nfleet:\n" \
    "  - {name: qa-1, namespace: qa, labels: {env: qa}}\n" \
    "  - {name: prod-1, namespace: prod, labels: {env: prod}}\n" \
    "given:\n" \
    "  - apiVersion: config.projectsveltos.io/v1beta1\n" \
    "    kind: ClusterPromotion\n" \
    "    metadata: {name: web}\n" \
    "    spec:\n" \
    "      profileSpec: {policyRefs: [{kind: ConfigMap, namespace: default, name: web}]}\n" \
    "      stages:\n" \
    "        - name: qa\n" \
    "          clusterSelector: {matchLabels: {env: qa}}\n" \
    "          trigger:\n" \
    "            auto:\n" \
    "              delay: 10m\n" \
    "              preHealthCheckDeployment: [{kind: ConfigMap, namespace: default, name: x}]\n" \
    "              postDelayHealthChecks: [{name: up, featureID: Resources, group: \"\", " \
    "version: v1, kind: ConfigMap}]\n" \
    "              promotionWindow: {from: \"0 2 * * *\", to: \"0 4 * * *\"}\n" \
    "        - name: prod\n" \
    "          clusterSelector: {matchLabels: {env: prod}}\n" \
    "          trigger: {manual: {preHealthCheckDeployment: [{kind: ConfigMap, namespace: " \
    "default, name: x}]}}\n" \
    "        - {name: dr, clusterSelector: {matchLabels: {env: prod}}}\n" \
    "world:\n  - {on: ClusterSummary, takes: 20s}\n" \
    "expect: {quiesce: 1h}\n"

static struct json *find(struct json *items, const char *kind)
{
    JSON_EACH(item, items)
    {
        if (str_is(json_text_at(item, "kind"), kind))
            return item;
    }
    fail_msg("no %s", kind);
    return NULL;
}

static void drop_profiles(struct json *items)
{
    json_free(json_detach(items, find(items, "ClusterProfile")));
}

static void delete_object(struct json *items, const char *kind)
{
    json_set(json_get(find(items, kind), "metadata"), "deletionTimestamp",
             json_text("2026-01-01T00:00:07Z"));
}

static void delete_promotion(struct json *items)
{
    delete_object(items, "ClusterPromotion");
}

static void delete_preserving(struct json *items)
{
    delete_promotion(items);
    json_set(json_get(find(items, "ClusterPromotion"), "spec"),
             "preserveClusterProfilesOnDelete", json_bool(true));
}

static void delete_without_profiles(struct json *items)
{
    delete_promotion(items);
    drop_profiles(items);
}

static void delete_without_finalizers(struct json *items)
{
    delete_promotion(items);
    json_remove(json_get(find(items, "ClusterPromotion"), "metadata"), "finalizers");
}

static void delete_profile(struct json *items)
{
    delete_object(items, "ClusterProfile");
}

static void pause_cluster(struct json *items)
{
    JSON_EACH(item, items)
    {
        if (str_is(json_text_at(item, "metadata.name"), "qa-1"))
            json_set(json_get(item, "spec"), "paused", json_bool(true));
    }
}

static void change_configuration(struct json *items)
{
    struct json *spec = json_get(find(items, "ClusterPromotion"), "spec");
    json_set(json_get(spec, "profileSpec"), "tier", json_int(50));
}

/* As if the controller had died before it said that the soak begins. */
static void forget_the_soak(struct json *items)
{
    struct json *status = json_get(find(items, "ClusterPromotion"), "status");
    struct json *entry = json_first(json_get(status, "stages"));
    json_remove(entry, "lastSuccessfulAppliedTime");
    json_set(entry, "currentStatusDescription",
             json_text("Clusters are being provisioned (2026-01-01T00:00:00Z)"));
}

/* Sveltos' label says whose it is, but no uid. */
static void disown_profile(struct json *items)
{
    struct json *metadata = json_get(find(items, "ClusterProfile"), "metadata");
    json_remove(metadata, "ownerReferences");
    json_remove(metadata, "annotations");
}

static void drop_window(struct json *items)
{
    struct json *spec = json_get(find(items, "ClusterPromotion"), "spec");
    json_remove(json_get(json_get(json_first(json_get(spec, "stages")), "trigger"), "auto"),
                "promotionWindow");
}

static void change_nothing(struct json *items)
{
    (void)items;
}

/* A cluster's objects at a moment, edited, and what is said of them. */
static const struct {
    int64_t offset_ms;
    void (*edit)(struct json *items);
    const char *said;
} edits[] = {
    {10000, change_nothing,
     "next        10m0s of soak, its pre-check deployment, its health checks, its promotion "
     "window, then stage prod is entered\n"},
    {10000, drop_profiles, "(Deploying)\n  does        creates ClusterProfile web-qa\n"},
    {10000, delete_promotion, "(Deleting)\n  does        deletes ClusterProfile web-qa\n"},
    {10000, delete_preserving,
     "(Preserving)\n  does        lets go of ClusterProfile web-qa, which is preserved\n"},
    {10000, delete_without_profiles,
     "(Deleting)\n  does        looks whether any ClusterProfile of its is left\n"},
    {10000, delete_without_finalizers, ": leaving (Deleting)\n"},
    {10000, delete_profile,
     "(ProfileTerminating)\n  says        Waiting for the end of a ClusterProfile that is being "
     "deleted: web-qa\n  since       2026-01-01T00:00:07Z, 59m53s ago\n"},
    {10000, pause_cluster,
     "(ClusterPaused)\n  says        Waiting for paused clusters: qa/qa-1\n  since       "
     "2026-01-01T01:00:00Z, now\n"},
    {10000, change_configuration,
     "(Started)\n  does        starts at the first stage: the configuration or that stage is "
     "new\n"},
    {10000, disown_profile,
     "(NameTaken)\n  says        A ClusterProfile that is not ours has the name web-qa\n"},
    {630000, change_nothing,
     "(ChecksDeploying)\n  says        Pre-check deployment is being provisioned: qa/qa-1\n"},
    {10000, drop_window,
     "next        10m0s of soak, its pre-check deployment, its health checks, then stage prod is "
     "entered\n"},
    /* 02:00 has come; 20 s for each of the pre-check deployment, the checks, and stage prod */
    {7210000, change_nothing,
     "next        its pre-check deployment, an approval, then stage dr is entered\n"},
    {7230000, drop_profiles,
     "  does        creates ClusterProfile preverification-web-prod, the pre-check deployment\n"
     "  next        an approval, then stage dr is entered\n"
     "  also        Two stages select the same cluster: "},
    {60000, forget_the_soak,
     "(Delayed)\n  says        Delayed: Waiting for Time Window: 2026-01-01T01:10:00Z\n  since  "
     "     2026-01-01T01:00:00Z, now\n  until       2026-01-01T01:10:00Z, in 10m0s\n"},
};

static void what_follows_is_told_of_objects_as_they_stand(void **state)
{
    struct file scenario;
    (void)state;
    file_write(&scenario, STR(GATED));
    for (size_t i = 0; i < ARRAY_COUNT(edits); i++) {
        struct file dumped;
        struct file edited;
        struct source source;
        struct said said;
        struct buf text;
        buf_init(&text, 16u << 20);
        (void)dump_write(&scenario, edits[i].offset_ms, &dumped);
        assert_err(source_load(dumped.path, &source, NULL), ERR_NONE);
        struct json *list = json_clone(source.yaml.documents[0].root);
        edits[i].edit(json_get(list, "items"));
        json_print(list, &text);
        file_write(&edited, buf_str(&text));
        explain((const char *[]){"-f", edited.path, "--at", "2026-01-01T01:00:00Z", NULL}, &said);
        assert_int_equal(said.code, 0);
        if (strstr(said.out, edits[i].said) == NULL)
            fail_msg("expected: %sactual: %s", edits[i].said, said.out);
        json_free(list);
        source_release(&source);
        buf_release(&text);
        file_remove(&edited);
        file_remove(&dumped);
    }
    file_remove(&scenario);
}

/* Crossing the limit is an answer, wherever it happens. */
static void an_arena_that_is_too_small_is_told(void **state)
{
    struct file scenario;
    struct file dumped;
    struct explain_objects objects;
    struct promotion_memory memory = {.zones = NULL};
    const struct ktime now = {0, INT64_C(1767225605000)};
    size_t bytes = 0;
    bool explained = false;
    (void)state;
    file_write(&scenario, STR(GATED));
    (void)dump_write(&scenario, 10000, &dumped);
    explain_objects_init(&objects);
    assert_err(explain_objects_load(&objects, dumped.path, NULL), ERR_NONE);
    const struct promotion *promotion = (const struct promotion *)store_get(
        &objects.store, KUBE_CLUSTER_PROMOTIONS, STR("web"));
    for (; !explained && bytes < VIEW_BYTES_MAX; bytes += 16) {
        struct explanation explanation;
        struct arena arena;
        arena_init(&arena, bytes);
        explained = promotion_explain(&objects.store, promotion, &memory, now, &arena,
                                      &explanation);
        arena_release(&arena);
    }
    assert_true(explained && bytes > 1024);
    explain_objects_release(&objects);
    file_remove(&dumped);
    file_remove(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dump_tells_the_same_as_its_scenario),
        cmocka_unit_test(a_refusal_is_read_in_status),
        cmocka_unit_test(a_moment_is_a_time_or_an_offset),
        cmocka_unit_test(ten_clusters_are_named_and_messages_are_one_line),
        cmocka_unit_test(without_a_time_the_end_of_a_scenario_is_explained),
        cmocka_unit_test(wrong_usage_is_told_and_ends_with_2),
        cmocka_unit_test(a_moment_that_is_none_is_refused),
        cmocka_unit_test(objects_that_no_server_sent_are_refused_with_their_place),
        cmocka_unit_test(any_part_of_a_dump_is_explained_or_refused),
        cmocka_unit_test(fields_of_the_wrong_kind_do_no_harm),
        cmocka_unit_test(what_follows_is_told_of_objects_as_they_stand),
        cmocka_unit_test(an_arena_that_is_too_small_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
