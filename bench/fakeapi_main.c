/*
 * What the API server in this process costs: writes with full semantics, reads, deliveries to
 * watches, memory and the start. bench/fakeapi.py makes a report of it.
 *
 *   bench_fakeapi COUNT            processor time of each operation on COUNT objects, a line each,
 *                                  and of the unit: cJSON parses, prints and frees such an object
 *   bench_fakeapi COUNT OPERATION  does what leads up to the operation, then the operation within
 *                                  measure(), for valgrind to count
 */
#include <cjson/cJSON.h>
#include <time.h>
#include <unistd.h>

#include "controller/base/mem.h"
#include "fakeapi/fakeapi.h"

#define START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define PROMOTIONS "/apis/config.projectsveltos.io/v1beta1/clusterpromotions"
#define OBJECTS_MAX 1000000u
#define WATCHERS 1000u
#define WATCHED_WRITES 100u

struct bench {
    struct timers timers;
    struct fakeapi *api;
    size_t count; /* objects */
    char **bodies; /* one for each object, made before the clock runs; owned */
    char *stored; /* an object as the server has it; owned */
};

static char *promotion_body(struct bench *bench, size_t index)
{
    (void)bench;
    return str_format(
        "{\"apiVersion\":\"config.projectsveltos.io/v1beta1\",\"kind\":\"ClusterPromotion\","
        "\"metadata\":{\"name\":\"promotion-%zu\",\"labels\":{\"team\":\"t%zu\","
        "\"app\":\"kyverno\"}},\"spec\":{\"profileSpec\":{"
        "\"syncMode\":\"ContinuousWithDriftDetection\",\"helmCharts\":[{"
        "\"repositoryURL\":\"https://kyverno.github.io/kyverno/\","
        "\"repositoryName\":\"kyverno\",\"chartName\":\"kyverno/kyverno\","
        "\"chartVersion\":\"v3.3.%zu\",\"releaseName\":\"kyverno-latest\","
        "\"releaseNamespace\":\"kyverno\",\"helmChartAction\":\"Install\"}],"
        "\"policyRefs\":[{\"kind\":\"ConfigMap\",\"name\":\"disallow-latest-tag\","
        "\"namespace\":\"default\"}]},\"stages\":["
        "{\"name\":\"staging\",\"clusterSelector\":{\"matchLabels\":{\"env\":\"staging\"}},"
        "\"trigger\":{\"auto\":{\"delay\":\"5m0s\"}}},"
        "{\"name\":\"canary\",\"clusterSelector\":{\"matchLabels\":{\"env\":\"canary\"}},"
        "\"trigger\":{\"auto\":{\"delay\":\"1h0m0s\"}}},"
        "{\"name\":\"production\",\"clusterSelector\":{\"matchLabels\":{\"env\":\"prod\"}},"
        "\"trigger\":{\"manual\":{\"approved\":false}}}]}}",
        index, index % 10, index % 7);
}

static char *annotation_body(struct bench *bench, size_t index)
{
    (void)bench;
    return str_format("{\"metadata\":{\"annotations\":{\"example.org/n\":\"%zu\"}}}", index);
}

static char *status_body(struct bench *bench, size_t index)
{
    (void)bench;
    return str_format("{\"status\":{\"currentStageName\":\"stage-%zu\"}}", index);
}

static void handle(struct bench *bench, const char *method, size_t index, const char *suffix,
                   const char *content_type, const char *body,
                   struct fakeapi_response *ret_response)
{
    char target[128];
    if (suffix == NULL)
        snprintf(target, sizeof(target), PROMOTIONS);
    else
        snprintf(target, sizeof(target), PROMOTIONS "/promotion-%zu%s", index, suffix);
    struct fakeapi_request request = {
        .method = method,
        .target = str_from(target),
        .content_type = str_from(content_type),
        .user_agent = STR("bench/1.0"),
        .body = str_from(body),
    };
    fakeapi_handle(bench->api, &request, ret_response);
}

/* What a get answers, with another label. */
static char *update_body(struct bench *bench, size_t index)
{
    struct fakeapi_response response;
    struct json *object CLEANUP(json_free_pointer) = NULL;
    handle(bench, "GET", index, "", NULL, NULL, &response);
    enum err err = json_parse(buf_str(&response.body), NULL, &object, NULL);
    ASSERT(err == ERR_NONE);
    if (bench->stored == NULL)
        bench->stored = str_dup(buf_str(&response.body));
    fakeapi_response_release(&response);
    json_set(json_at(object, "metadata.labels"), "updated", json_text("yes"));
    return json_print_text(object);
}

struct operation {
    const char *name;
    const char *method;
    const char *content_type;
    const char *suffix; /* behind the object's path; NULL: the collection's path */
    char *(*body)(struct bench *bench, size_t index);
    int status;
};

static const struct operation operations[] = {
    {"create", "POST", "application/json", NULL, promotion_body, 201},
    {"merge patch", "PATCH", "application/merge-patch+json", "", annotation_body, 200},
    {"merge patch of status", "PATCH", "application/merge-patch+json", "/status", status_body,
     200},
    {"apply", "PATCH", "application/apply-patch+yaml", "?fieldManager=b&force=true",
     promotion_body, 200},
    {"update", "PUT", "application/json", "", update_body, 200},
    {"get", "GET", NULL, "", NULL, 200},
};

static void expect_status(const struct operation *operation,
                          const struct fakeapi_response *response)
{
    if (response->status == operation->status)
        return;
    fprintf(stderr, "%s: %d %s\n", operation->name, response->status, response->body.data);
    exit(1);
}

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* The operation once on each object. */
static void perform(struct bench *bench, const struct operation *operation)
{
    for (size_t i = 0; i < bench->count; i++) {
        struct fakeapi_response response;
        handle(bench, operation->method, i, operation->suffix, operation->content_type,
               bench->bodies[i], &response);
        expect_status(operation, &response);
        fakeapi_response_release(&response);
    }
}

/* The name that valgrind is told to count within. */
__attribute__((noinline)) static void measure(struct bench *bench,
                                              const struct operation *operation)
{
    perform(bench, operation);
}

/* Microseconds of this process for one object. */
static double run_operation(struct bench *bench, const struct operation *operation,
                            bool is_measured)
{
    for (size_t i = 0; i < bench->count; i++)
        bench->bodies[i] = operation->body != NULL ? operation->body(bench, i) : NULL;
    double begin = now_us();
    if (is_measured)
        measure(bench, operation);
    else
        perform(bench, operation);
    double us = (now_us() - begin) / (double)bench->count;
    for (size_t i = 0; i < bench->count; i++)
        mem_free(bench->bodies[i]);
    return us;
}

static double measure_unit(const char *text)
{
    const size_t count = 5000;
    double begin = now_us();
    for (size_t i = 0; i < count; i++) {
        cJSON *tree = cJSON_Parse(text);
        char *printed = cJSON_PrintUnformatted(tree);
        cJSON_Delete(tree);
        cJSON_free(printed);
    }
    return (now_us() - begin) / (double)count;
}

/* Up to the operation of that name, or all. */
static void bench_operations(struct bench *bench, const char *last)
{
    for (size_t i = 0; i < ARRAY_COUNT(operations); i++) {
        bool is_last = last != NULL && strcmp(operations[i].name, last) == 0;
        printf("%s\t%.2f\n", operations[i].name,
               run_operation(bench, &operations[i], last == NULL || is_last));
        if (is_last)
            return;
    }
    printf("unit\t%.2f\n", measure_unit(bench->stored));
}

static size_t read_all(struct fakeapi_watch **watches, struct buf *out)
{
    size_t delivered = 0;
    for (size_t i = 0; i < WATCHERS; i++) {
        buf_clear(out);
        while (fakeapi_watch_read(watches[i], out))
            delivered++;
    }
    return delivered;
}

/* Writes, each read by every watcher before the next; half of them select by a label. */
static void bench_watches(struct bench *bench)
{
    struct fakeapi_watch **watches = mem_alloc_array(WATCHERS, sizeof(struct fakeapi_watch *));
    struct buf line;
    size_t delivered = 0;
    buf_init(&line, 64u << 20);
    for (size_t i = 0; i < WATCHERS; i++) {
        struct fakeapi_response response;
        struct fakeapi_request request = {
            .method = "GET",
            .target = i % 2 == 0 ? STR(PROMOTIONS "?watch=1&resourceVersion=0&sendInitialEvents="
                                                  "false&resourceVersionMatch=NotOlderThan")
                                 : STR(PROMOTIONS "?watch=1&labelSelector=app%3Dkyverno&"
                                                  "sendInitialEvents=false&"
                                                  "resourceVersionMatch=NotOlderThan")};
        fakeapi_handle(bench->api, &request, &response);
        ASSERT(response.watch != NULL);
        watches[i] = response.watch;
        response.watch = NULL;
        fakeapi_response_release(&response);
    }
    (void)read_all(watches, &line);
    double begin = now_us();
    for (size_t i = 0; i < WATCHED_WRITES; i++) {
        struct fakeapi_response response;
        char *body = str_format("{\"metadata\":{\"annotations\":{\"w\":\"%zu\"}}}", i);
        handle(bench, "PATCH", i % bench->count, "", "application/merge-patch+json", body,
               &response);
        ASSERT(response.status == 200);
        fakeapi_response_release(&response);
        mem_free(body);
        delivered += read_all(watches, &line);
    }
    double us = now_us() - begin;
    ASSERT(delivered == WATCHED_WRITES * WATCHERS);
    printf("delivery to one of 1,000 watchers\t%.2f\n", us / (double)delivered);
    for (size_t i = 0; i < WATCHERS; i++)
        fakeapi_watch_close(watches[i]);
    mem_free(watches);
    buf_release(&line);
}

static double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long total = 0;
    long resident = 0;
    if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2)
        resident = 0;
    if (file != NULL)
        fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static void start(struct bench *bench)
{
    bench->api = fakeapi_create(&(struct fakeapi_config){
        .timers = &bench->timers, .seed = 1, .history_max = 1000, .audit_max = 1000});
}

static void stop(struct bench *bench)
{
    fakeapi_free(bench->api);
    bench->api = NULL;
}

static void bench_start(struct bench *bench)
{
    double begin = now_us();
    start(bench);
    double us = now_us() - begin;
    stop(bench);
    printf("start\t%.0f\n", us);
}

/* What objects take that are stored and were answered once; history and audit log are short. */
static void bench_memory(struct bench *bench)
{
    start(bench);
    double before = resident_bytes();
    (void)run_operation(bench, &operations[0], true);
    double each = (resident_bytes() - before) / (double)bench->count;
    char *stored = update_body(bench, 0);
    printf("object bytes\t%zu\nmemory bytes\t%.0f\n", strlen(stored), each);
    mem_free(stored);
    stop(bench);
}

int main(int argc, char **argv)
{
    struct bench bench = {.stored = NULL};
    uint64_t count;
    if (argc < 2 || argc > 3 || !str_to_u64(str_from(argv[1]), &count) || count == 0 ||
        count > OBJECTS_MAX) {
        fprintf(stderr, "usage: bench_fakeapi COUNT [OPERATION]\n");
        return 2;
    }
    bench.count = count;
    timers_init(&bench.timers, START_MS);
    bench.bodies = mem_alloc_array(bench.count, sizeof(char *));
    if (argc == 2) {
        bench_memory(&bench);
        bench_start(&bench);
    }
    start(&bench);
    bench_operations(&bench, argc > 2 ? argv[2] : NULL);
    if (argc == 2)
        bench_watches(&bench);
    stop(&bench);
    mem_free(bench.bodies);
    mem_free(bench.stored);
    timers_release(&bench.timers);
    return 0;
}
