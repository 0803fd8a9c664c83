#include "fakeapi/sveltos/weather.h"

#include "controller/base/mem.h"
#include "controller/base/rng.h"

#define STREAM_NAME_BYTES_MAX 1024u

void weather_init(struct weather *weather, const struct world_config *config)
{
    *weather = (struct weather){
        .seed = config->seed,
        .rules = config->rules,
        .rule_count = config->rule_count,
    };
    map_init(&weather->counts);
    map_init(&weather->firsts);
}

void weather_release(struct weather *weather)
{
    MAP_EACH(entry, &weather->counts)
        mem_free(map_entry_value(entry));
    map_release(&weather->counts);
    MAP_EACH(entry, &weather->firsts)
        mem_free(map_entry_value(entry));
    map_release(&weather->firsts);
}

/* The text may go on after a star at any place: the last star is where to resume. */
bool glob_matches(struct str pattern, struct str text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX;
    size_t star_text = 0;
    if (pattern.len == 0)
        return true;
    while (t < text.len) {
        if (p < pattern.len && pattern.data[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.len && pattern.data[p] == text.data[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '*')
        p++;
    return p == pattern.len;
}

char *site_cluster_key(const struct site *site)
{
    return str_format("%.*s/%.*s/%.*s", STR_ARGS(site->cluster_type),
                      STR_ARGS(site->cluster_namespace), STR_ARGS(site->cluster));
}

struct str weather_capi_onboard_annotation(const struct weather *weather)
{
    struct str annotation = STR_NONE;
    for (size_t i = 0; i < weather->rule_count; i++) {
        if (!str_is_empty(weather->rules[i].capi_onboard_annotation))
            annotation = weather->rules[i].capi_onboard_annotation;
    }
    return annotation;
}

static bool rule_covers(const struct world_rule *rule, const struct site *site)
{
    return glob_matches(rule->cluster, site->cluster) && glob_matches(rule->profile, site->profile);
}

bool rule_covers_feature(const struct world_rule *rule, const struct site *site,
                         enum feature feature)
{
    return rule_covers(rule, site) &&
           (str_is_empty(rule->feature) || str_is(rule->feature, feature_id(feature)));
}

/* A stream of its own for what the texts and numbers name. */
static struct rng stream(const struct weather *weather, const char *subject,
                         const struct site *site, const char *detail, uint64_t number)
{
    struct buf name;
    struct rng rng;
    buf_init(&name, STREAM_NAME_BYTES_MAX);
    buf_printf(&name, "%s\n%.*s\n%.*s\n%.*s\n%s\n%" PRIu64, subject, STR_ARGS(site->profile),
               STR_ARGS(site->cluster_namespace), STR_ARGS(site->cluster), detail, number);
    if (str_is(site->cluster_type, "Capi"))
        buf_append_text(&name, "\nCapi");
    rng_init_stream(&rng, weather->seed, buf_str(&name));
    buf_release(&name);
    return rng;
}

/* Owned. */
static char *matter_of(const char *subject, const struct site *site, enum feature feature,
                       struct str detail)
{
    return str_format("%s/%.*s/%.*s/%.*s/%.*s/%s/%.*s", subject, STR_ARGS(site->profile),
                      STR_ARGS(site->cluster_type), STR_ARGS(site->cluster_namespace),
                      STR_ARGS(site->cluster), feature_id(feature), STR_ARGS(detail));
}

static unsigned *counter_named(struct weather *weather, const char *name)
{
    unsigned *count = map_get(&weather->counts, str_from(name));
    if (count == NULL) {
        count = mem_alloc(sizeof(*count));
        map_put(&weather->counts, str_from(name), count);
    }
    return count;
}

static unsigned *counter(struct weather *weather, const char *subject, const struct site *site,
                         enum feature feature, struct str detail)
{
    char *name CLEANUP(mem_free_pointer) = matter_of(subject, site, feature, detail);
    return counter_named(weather, name);
}

static int64_t draw(struct rng rng, const struct world_range *range)
{
    if (range->max_ms <= range->min_ms)
        return range->min_ms;
    return rng_between(&rng, range->min_ms, range->max_ms);
}

static struct world_range takes_of(const struct weather *weather, const struct site *site,
                                   enum feature feature)
{
    struct world_range takes = {WEATHER_TAKES_MS, WEATHER_TAKES_MS};
    for (size_t i = 0; i < weather->rule_count; i++) {
        const struct world_rule *rule = &weather->rules[i];
        if (rule->has_takes && rule_covers_feature(rule, site, feature))
            takes = rule->takes;
    }
    return takes;
}

static void decide_failure(struct weather *weather, const struct site *site, enum feature feature,
                           struct str hash, struct job_fate *fate)
{
    unsigned fails = 0;
    struct str message = STR(WEATHER_MESSAGE);
    for (size_t i = 0; i < weather->rule_count; i++) {
        const struct world_rule *rule = &weather->rules[i];
        if (!rule_covers_feature(rule, site, feature))
            continue;
        if (rule->fails > 0) {
            fails = rule->fails;
            fate->for_good = rule->fails_for_good;
        }
        if (!str_is_empty(rule->message))
            message = rule->message;
    }
    unsigned *failed = counter(weather, "failed", site, feature, hash);
    fate->fails = *failed < fails;
    if (!fate->fails)
        return;
    if (fails != UINT_MAX)
        ++*failed;
    snprintf(fate->message, sizeof(fate->message), "%.*s", STR_ARGS(message));
}

struct job_fate weather_of_job(struct weather *weather, const struct site *site,
                               enum feature feature, struct str hash, bool withdraw)
{
    struct job_fate fate = {0};
    const char *subject = withdraw ? "withdraw" : "deploy";
    unsigned *times = counter(weather, subject, site, feature, STR_NONE);
    struct world_range takes = takes_of(weather, site, feature);
    fate.takes_ms = draw(stream(weather, subject, site, feature_id(feature), ++*times), &takes);
    if (!withdraw)
        decide_failure(weather, site, feature, hash, &fate);
    return fate;
}

int64_t weather_created_after_ms(const struct weather *weather, const struct site *site,
                                 int64_t generation)
{
    struct world_range range = {WEATHER_CREATED_AFTER_MS, WEATHER_CREATED_AFTER_MS};
    for (size_t i = 0; i < weather->rule_count; i++) {
        const struct world_rule *rule = &weather->rules[i];
        if (rule->has_created_after && rule_covers(rule, site))
            range = rule->created_after;
    }
    return draw(stream(weather, "created after", site, "", (uint64_t)generation), &range);
}

int64_t weather_stale_for_ms(const struct weather *weather, const struct site *site,
                             int64_t generation)
{
    struct world_range range = {WEATHER_STALE_FOR_MS, WEATHER_STALE_FOR_MS};
    for (size_t i = 0; i < weather->rule_count; i++) {
        const struct world_rule *rule = &weather->rules[i];
        if (rule->has_stale_for && rule_covers(rule, site))
            range = rule->stale_for;
    }
    return draw(stream(weather, "stale for", site, "", (uint64_t)generation), &range);
}

int64_t weather_retry_factor(const struct weather *weather, const struct site *site,
                             enum feature feature, int64_t failures)
{
    struct rng rng = stream(weather, "retry", site, feature_id(feature), (uint64_t)failures);
    return rng_between(&rng, 2, failures < 6 ? failures : 6);
}

unsigned weather_next_pass(struct weather *weather, struct str profile)
{
    char *name CLEANUP(mem_free_pointer) = str_format("pass/%.*s", STR_ARGS(profile));
    return ++*counter_named(weather, name);
}

uint64_t weather_rank(const struct weather *weather, const struct site *site, unsigned pass)
{
    struct rng rng = stream(weather, "rank", site, "", pass);
    return rng_next(&rng);
}

int64_t weather_first_ms(struct weather *weather, const char *subject, const struct site *site,
                         enum feature feature, struct str hash, int64_t now_ms)
{
    char *name CLEANUP(mem_free_pointer) = matter_of(subject, site, feature, hash);
    int64_t *first_ms = map_get(&weather->firsts, str_from(name));
    if (first_ms == NULL) {
        first_ms = mem_alloc(sizeof(*first_ms));
        *first_ms = now_ms;
        map_put(&weather->firsts, str_from(name), first_ms);
    }
    return *first_ms;
}

int64_t weather_draw(const struct weather *weather, const char *subject, const struct site *site,
                     int64_t number, const struct world_range *range)
{
    return draw(stream(weather, subject, site, "", (uint64_t)number), range);
}
