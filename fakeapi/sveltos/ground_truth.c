#include "fakeapi/sveltos/ground_truth.h"

#include "controller/base/mem.h"

#define RECORDS_MAX (64u << 20) /* more than any simulated fleet deploys */

/* Copies the text to *end and moves *end behind it. */
static struct str copy_text(char **end, struct str text)
{
    char *start = *end;
    if (text.len > 0)
        memcpy(start, text.data, text.len);
    start[text.len] = '\0';
    *end = start + text.len + 1;
    return str_from_bytes(start, text.len);
}

void ground_truth_add(struct ground_truth *truth, const struct world_deployment *deployment)
{
    size_t text_bytes = deployment->cluster_namespace.len + deployment->cluster.len +
                        deployment->profile.len + deployment->feature.len +
                        deployment->configuration.len + deployment->cluster_type.len + 6;
    struct world_deployment *record = mem_alloc(sizeof(*record) + text_bytes);
    char *end = (char *)(record + 1);
    *record = *deployment;
    record->cluster_namespace = copy_text(&end, deployment->cluster_namespace);
    record->cluster = copy_text(&end, deployment->cluster);
    record->cluster_type = copy_text(&end, deployment->cluster_type);
    record->profile = copy_text(&end, deployment->profile);
    record->feature = copy_text(&end, deployment->feature);
    record->configuration = copy_text(&end, deployment->configuration);
    truth->records = mem_grow_array(truth->records, truth->count, &truth->capacity,
                                    sizeof(struct world_deployment *), RECORDS_MAX);
    truth->records[truth->count++] = record;
}

void ground_truth_release(struct ground_truth *truth)
{
    for (size_t i = 0; i < truth->count; i++)
        mem_free(truth->records[i]);
    mem_free(truth->records);
    items_release(&truth->items);
    *truth = (struct ground_truth){0};
}
