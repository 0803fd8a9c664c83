#include "controller/base/mem.h"
#include "fakeapi/sveltos/profile.h"
#include "fakeapi/sveltos/spec_render.h"

/* A summary that is to be written once the world's delay is over. */
struct awaited {
    uint64_t subject; /* the form of the profile that is waiting */
    int64_t due_ms;
};

char *cluster_summary_name(struct str profile, struct str cluster_kind, struct str cluster)
{
    return str_format("%.*s-%s-%.*s", STR_ARGS(profile), cluster_type_in_names(cluster_kind),
                      STR_ARGS(cluster));
}

static char *name_of(const struct profile_pass *pass, const struct json *reference)
{
    return cluster_summary_name(object_name(pass->profile), json_text_at(reference, "kind"),
                                json_text_at(reference, "name"));
}

const struct json *cluster_summary_get(const struct profile_pass *pass,
                                       const struct json *reference)
{
    char *name CLEANUP(mem_free_pointer) = name_of(pass, reference);
    return informer_get(&pass->addon->summaries, json_text_at(reference, "namespace"),
                        str_from(name));
}

/* `type`: "Sveltos" or "Capi". */
static void set_specific_labels(struct json *labels, struct str profile, struct str cluster,
                                struct str type)
{
    json_set(labels, LABEL_PROFILE_NAME, json_string(profile));
    json_set(labels, LABEL_CLUSTER_NAME, json_string(cluster));
    json_set(labels, LABEL_CLUSTER_TYPE, json_string(type));
}

static void set_labels_of(struct json *labels, const struct profile_pass *pass,
                          const struct json *reference)
{
    set_specific_labels(labels, object_name(pass->profile), json_text_at(reference, "name"),
                        str_from(cluster_type(json_text_at(reference, "kind"))));
}

static struct json *owner_references(const struct json *profile)
{
    struct json *owners = json_array();
    json_append(owners, object_owner_reference(&kind_cluster_profile, profile));
    return owners;
}

static struct json *new_metadata(const struct profile_pass *pass, const struct json *reference,
                                 const char *name)
{
    struct json *metadata = json_object();
    struct json *labels = json_clone(pass->labels);
    const struct json *annotations = json_at(pass->profile, "metadata.annotations");
    set_labels_of(labels, pass, reference);
    json_set(metadata, "namespace", json_clone(json_get(reference, "namespace")));
    json_set(metadata, "name", json_text(name));
    json_set(metadata, "labels", labels);
    if (annotations != NULL)
        json_set(metadata, "annotations", json_clone(annotations));
    json_set(metadata, "ownerReferences", owner_references(pass->profile));
    return metadata;
}

static struct json *new_summary(const struct profile_pass *pass, const struct json *reference,
                                const char *name)
{
    struct json *summary = json_object();
    struct json *spec = json_object();
    json_set(spec, "clusterNamespace", json_clone(json_get(reference, "namespace")));
    json_set(spec, "clusterName", json_clone(json_get(reference, "name")));
    json_set(spec, "clusterType", json_text(cluster_type(json_text_at(reference, "kind"))));
    json_set(spec, "clusterProfileSpec", json_clone(pass->spec));
    json_set(summary, "apiVersion", json_text(kind_cluster_summary.api_version));
    json_set(summary, "kind", json_text(kind_cluster_summary.name));
    json_set(summary, "metadata", new_metadata(pass, reference, name));
    json_set(summary, "spec", spec);
    return summary;
}

static struct summary_attempt refused(int status, const struct json *answer)
{
    struct summary_attempt attempt = {.outcome = SUMMARY_REFUSED};
    struct str message = json_text_at(answer, "message");
    if (str_is_empty(message))
        snprintf(attempt.message, sizeof(attempt.message), "status %d", status);
    else
        snprintf(attempt.message, sizeof(attempt.message), "%.*s", STR_ARGS(message));
    return attempt;
}

/* Sveltos builds the summary's labels in the profile's own map: a profile that has labels
 * gets those of its last created summary. */
static void alias_labels(struct profile_pass *pass, const struct json *reference)
{
    if (json_first(pass->labels) != NULL)
        set_labels_of(pass->labels, pass, reference);
}

static struct summary_attempt create(struct profile_pass *pass, const struct json *reference)
{
    char *name CLEANUP(mem_free_pointer) = name_of(pass, reference);
    struct json *summary = new_summary(pass, reference, name);
    struct json *answer = NULL;
    struct summary_attempt attempt = {.outcome = SUMMARY_IN_PLACE};
    alias_labels(pass, reference);
    int status = client_create(&pass->addon->client, &kind_cluster_summary, summary, &answer);
    if (status != 201)
        attempt = refused(status, answer);
    json_free(answer);
    json_free(summary);
    return attempt;
}

/* What a present summary shall look like. */
struct alignment {
    const struct json *spec; /* the profile's, or another that is wanted */
    bool mode_only;          /* OneTime: only spec.syncMode follows the profile */
};

static struct alignment alignment_of(const struct profile_pass *pass)
{
    return (struct alignment){.spec = pass->spec, .mode_only = profile_mode_is(pass, "OneTime")};
}

/* Equal after a trip through the Go types; most are equal before it: the profile's own spec,
 * as the server stores it, is tried first. */
static bool spec_is_aligned(const struct profile_pass *pass, const struct json *present,
                            const struct alignment *alignment)
{
    struct json *rendered = NULL;
    if (alignment->mode_only)
        return str_is(json_text_at(present, "syncMode"), "OneTime");
    if (alignment->spec == pass->spec && json_equal(present, json_get(pass->profile, "spec")))
        return true;
    if (!profile_spec_render(present, &rendered))
        return false;
    bool equal = json_equal(rendered, alignment->spec);
    json_free(rendered);
    return equal;
}

static bool metadata_is_aligned(const struct profile_pass *pass, const struct json *summary)
{
    const struct json *annotations = json_at(pass->profile, "metadata.annotations");
    const struct json *present = json_at(summary, "metadata.annotations");
    bool same_annotations = json_first(annotations) == NULL ? json_first(present) == NULL
                                                            : json_equal(annotations, present);
    return same_annotations &&
           str_equal(object_label(summary, LABEL_PROFILE_NAME), object_name(pass->profile)) &&
           str_equal(object_label(summary, LABEL_CLUSTER_NAME),
                     json_text_at(summary, "spec.clusterName")) &&
           str_equal(object_label(summary, LABEL_CLUSTER_TYPE),
                     json_text_at(summary, "spec.clusterType"));
}

static bool is_aligned(const struct profile_pass *pass, const struct json *summary,
                       const struct alignment *alignment)
{
    return (alignment->mode_only || metadata_is_aligned(pass, summary)) &&
           spec_is_aligned(pass, json_at(summary, "spec.clusterProfileSpec"), alignment);
}

static void align_metadata(const struct profile_pass *pass, const struct json *summary,
                           struct json *metadata)
{
    const struct json *annotations = json_at(pass->profile, "metadata.annotations");
    if (json_get(metadata, "labels") == NULL)
        json_set(metadata, "labels", json_object());
    set_specific_labels(json_get(metadata, "labels"), object_name(pass->profile),
                        json_text_at(summary, "spec.clusterName"),
                        json_text_at(summary, "spec.clusterType"));
    if (annotations != NULL)
        json_set(metadata, "annotations", json_clone(annotations));
    else
        json_remove(metadata, "annotations");
}

/* Writes the summary as the profile wants it; the status that the server answered. */
static int align(const struct profile_pass *pass, const struct json *summary,
                 const struct alignment *alignment)
{
    struct json *aligned = json_clone(summary);
    struct json *spec = json_get(aligned, "spec");
    if (alignment->mode_only) {
        json_set(json_get(spec, "clusterProfileSpec"), "syncMode", json_text("OneTime"));
    } else {
        align_metadata(pass, summary, json_get(aligned, "metadata"));
        json_set(spec, "clusterProfileSpec", json_clone(alignment->spec));
    }
    int status = client_update(&pass->addon->client, &kind_cluster_summary, aligned);
    json_free(aligned);
    return status;
}

uint64_t cluster_summary_subject(const struct json *profile)
{
    uint64_t hash = str_hash(STR_HASH_INIT, object_uid(profile));
    char *text CLEANUP(mem_free_pointer) =
        str_format("%" PRId64 "/%" PRIu64, object_generation(profile),
                   (uint64_t)json_count(json_at(profile, "metadata.annotations")));
    hash = str_hash(hash, str_from(text));
    JSON_EACH(annotation, json_at(profile, "metadata.annotations"))
        hash = str_hash(str_hash(hash, json_key(annotation)), json_string_of(annotation));
    return hash;
}

static char *awaited_key(const struct profile_pass *pass, const struct json *reference)
{
    char *cluster CLEANUP(mem_free_pointer) = cluster_reference_key(reference);
    return str_format("%.*s/%s", STR_ARGS(object_name(pass->profile)), cluster);
}

/* Is this key one of the profile's, for a cluster that is not in the set? */
static bool is_awaited_in_vain(struct str key, struct str profile,
                               const struct reference_set *matching)
{
    struct str cluster = key;
    return str_equal(str_split_next(&cluster, '/'), profile) &&
           map_get(&matching->keys, cluster) == NULL;
}

void cluster_summary_forget_delays(struct addon *addon, struct str profile,
                                   const struct reference_set *matching)
{
    struct map_entry *entry = map_next(&addon->awaited, NULL);
    while (entry != NULL) {
        struct map_entry *next = map_next(&addon->awaited, entry);
        char *key CLEANUP(mem_free_pointer) = str_dup(map_entry_key(entry));
        if (is_awaited_in_vain(str_from(key), profile, matching))
            mem_free(map_remove(&addon->awaited, str_from(key)));
        entry = next;
    }
}

/* When the summary that is not as wanted may be written: drawn once for each form. */
static int64_t due_of(struct profile_pass *pass, const struct json *reference)
{
    struct addon *addon = pass->addon;
    char *key CLEANUP(mem_free_pointer) = awaited_key(pass, reference);
    struct awaited *awaited = map_get(&addon->awaited, str_from(key));
    if (awaited != NULL && awaited->subject == pass->subject)
        return awaited->due_ms;
    if (awaited == NULL) {
        awaited = mem_alloc(sizeof(*awaited));
        map_put(&addon->awaited, str_from(key), awaited);
    }
    struct site site = {object_name(pass->profile), json_text_at(reference, "namespace"),
                        json_text_at(reference, "name"),
                        str_from(cluster_type(json_text_at(reference, "kind")))};
    awaited->subject = pass->subject;
    awaited->due_ms =
        addon->timers->now_ms +
        weather_created_after_ms(addon->weather, &site, object_generation(pass->profile));
    return awaited->due_ms;
}

static void stop_awaiting(struct profile_pass *pass, const struct json *reference)
{
    char *key CLEANUP(mem_free_pointer) = awaited_key(pass, reference);
    mem_free(map_remove(&pass->addon->awaited, str_from(key)));
}

void cluster_summary_forget_all_delays(struct addon *addon)
{
    MAP_EACH(entry, &addon->awaited)
        mem_free(map_entry_value(entry));
    map_release(&addon->awaited);
    map_init(&addon->awaited);
}

static struct summary_attempt write_summary(struct profile_pass *pass,
                                            const struct json *reference,
                                            const struct json *summary)
{
    struct alignment alignment = alignment_of(pass);
    struct summary_attempt attempt = {.outcome = SUMMARY_IN_PLACE};
    if (summary == NULL)
        return create(pass, reference);
    int status = align(pass, summary, &alignment);
    if (status != 200)
        attempt = refused(status, NULL);
    return attempt;
}

struct summary_attempt cluster_summary_ensure(struct profile_pass *pass,
                                              const struct json *reference)
{
    const struct json *summary = cluster_summary_get(pass, reference);
    struct alignment alignment = alignment_of(pass);
    struct summary_attempt attempt = {.outcome = SUMMARY_IN_PLACE};
    if (summary != NULL && object_is_deleting(summary)) {
        attempt.outcome = SUMMARY_DELETING;
        return attempt;
    }
    if (summary == NULL || !is_aligned(pass, summary, &alignment)) {
        attempt.due_ms = due_of(pass, reference);
        if (attempt.due_ms > pass->addon->timers->now_ms) {
            attempt.outcome = SUMMARY_DELAYED;
            return attempt;
        }
        attempt = write_summary(pass, reference, summary);
        /* Some can never be aligned, as the server fills in what the types leave empty: their
         * next pass must not be put off again, or passes would follow each other for ever. */
        if (summary != NULL)
            return attempt;
    }
    stop_awaiting(pass, reference);
    return attempt;
}

static struct json *emptied_spec(const struct profile_pass *pass)
{
    struct json *spec = json_clone(pass->spec);
    json_remove(spec, "policyRefs");
    json_remove(spec, "helmCharts");
    json_remove(spec, "kustomizationRefs");
    return spec;
}

/* One summary that shall go. True when it stays for now. */
static bool withdraw(struct profile_pass *pass, const struct json *summary)
{
    bool only_emptied = profile_mode_is(pass, "DryRun") && !object_is_deleting(pass->profile);
    struct json *spec = only_emptied ? emptied_spec(pass) : json_clone(pass->spec);
    struct alignment alignment = {.spec = spec};
    if (!is_aligned(pass, summary, &alignment))
        align(pass, summary, &alignment);
    json_free(spec);
    if (only_emptied)
        return false;
    if (!object_is_deleting(summary))
        client_delete(&pass->addon->client, &kind_cluster_summary, summary, NULL);
    return true;
}

static bool is_matched(const struct json *summary, const struct reference_set *matching)
{
    struct json *reference =
        cluster_reference(cluster_kind(json_text_at(summary, "spec.clusterType")),
                          json_text_at(summary, "spec.clusterNamespace"),
                          json_text_at(summary, "spec.clusterName"));
    bool matched = reference_set_has(matching, reference);
    json_free(reference);
    return matched;
}

bool cluster_summary_withdraw(struct profile_pass *pass, const struct reference_set *matching)
{
    bool any_left = false;
    MAP_EACH(entry, &pass->addon->summaries.objects) {
        const struct json *summary = map_entry_value(entry);
        if (str_equal(object_label(summary, LABEL_PROFILE_NAME), object_name(pass->profile)) &&
            !is_matched(summary, matching) && withdraw(pass, summary))
            any_left = true;
    }
    return any_left;
}
