#include "controller/base/str.h"

/* Words longer than this get no suggestion. */
#define WORD_BYTES_MAX 64

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, swap of neighbours cost one each. */
static size_t edit_distance(struct str a, struct str b)
{
    size_t rows[3][WORD_BYTES_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replace = above[j - 1] + (a.data[i - 1] != b.data[j - 1] ? 1 : 0);
            row[j] = smaller(replace, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

struct str str_nearest(struct str word, const struct str *candidates, size_t count)
{
    struct str nearest = STR_NONE;
    size_t distance_max = word.len < 4 ? 1 : word.len < 8 ? 2 : 3;
    if (word.len == 0 || word.len > WORD_BYTES_MAX)
        return nearest;
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].len == 0 || candidates[i].len > WORD_BYTES_MAX)
            continue;
        size_t distance = edit_distance(word, candidates[i]);
        if (distance > distance_max || (nearest.data != NULL && distance == distance_max))
            continue;
        nearest = candidates[i];
        distance_max = distance;
    }
    return nearest;
}
