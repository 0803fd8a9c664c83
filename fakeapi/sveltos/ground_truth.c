#include "fakeapi/sveltos/ground_truth.h"

#include "controller/base/mem.h"

#define RECORDS_MAX (64u << 20) /* more than any simulated fleet deploys */

void ground_truth_add(struct ground_truth *truth, const struct world_deployment *deployment)
{
    size_t text_bytes = deployment->cluster_namespace.len + deployment->cluster.len +
                        deployment->profile.len + deployment->feature.len +
                        deployment->configuration.len + deployment->cluster_type.len + 6;
    struct world_deployment *record = mem_alloc(sizeof(*record) + text_bytes);
    char *end = (char *)(record + 1);
    *record = *deployment;
    record->cluster_namespace = item_text_copy(&end, deployment->cluster_namespace);
    record->cluster = item_text_copy(&end, deployment->cluster);
    record->cluster_type = item_text_copy(&end, deployment->cluster_type);
    record->profile = item_text_copy(&end, deployment->profile);
    record->feature = item_text_copy(&end, deployment->feature);
    record->configuration = item_text_copy(&end, deployment->configuration);
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
