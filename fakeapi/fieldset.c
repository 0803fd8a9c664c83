#include "fakeapi/fieldset.h"

void *fieldset_alloc(struct arena *arena, size_t count, size_t size)
{
    void *memory = arena_alloc_array(arena, count > 0 ? count : 1, size);
    ASSERT(memory != NULL);
    return memory;
}

static bool starts_number(char c)
{
    return c == '-' || (c >= '0' && c <= '9');
}

static struct str number_text(struct str text, size_t begin)
{
    size_t end = begin;
    while (end < text.len && text.data[end] != ',' && text.data[end] != '}')
        end++;
    return str_slice(text, begin, end);
}

static double number_value(struct str text)
{
    struct json *number = NULL;
    if (json_parse(text, NULL, &number, NULL) != ERR_NONE)
        return 0;
    double value = json_double_of(number);
    json_free(number);
    return value;
}

static int number_compare(struct str a, struct str b)
{
    int64_t left = 0;
    int64_t right = 0;
    if (str_to_i64(a, &left) && str_to_i64(b, &right))
        return left < right ? -1 : left > right ? 1 : str_compare(a, b);
    double left_double = number_value(a);
    double right_double = number_value(b);
    return left_double < right_double ? -1 : left_double > right_double ? 1 : str_compare(a, b);
}

/* Both are compact JSON: what stands before the first difference is the same text, so one
 * state of quoting holds for both. */
static int json_text_compare(struct str a, struct str b)
{
    bool quoted = false;
    bool escaped = false;
    size_t i = 0;
    for (; i < a.len && i < b.len; i++) {
        if (!quoted && starts_number(a.data[i]) && starts_number(b.data[i])) {
            struct str number = number_text(a, i);
            int order = number_compare(number, number_text(b, i));
            if (order != 0)
                return order;
            i += number.len - 1;
            continue;
        }
        if (a.data[i] != b.data[i])
            break;
        if (a.data[i] == '"' && !escaped)
            quoted = !quoted;
        escaped = quoted && !escaped && a.data[i] == '\\';
    }
    return str_compare(str_slice(a, i, a.len), str_slice(b, i, b.len));
}

int fieldset_element_compare(struct fieldset_element a, struct fieldset_element b)
{
    if (a.kind != b.kind)
        return a.kind < b.kind ? -1 : 1;
    return a.kind == FIELDSET_FIELD ? str_compare(a.text, b.text)
                                    : json_text_compare(a.text, b.text);
}

void fieldset_builder_init(struct fieldset_builder *builder, struct arena *arena)
{
    *builder = (struct fieldset_builder){.arena = arena};
}

void fieldset_builder_add(struct fieldset_builder *builder, struct fieldset_element element,
                          bool member, const struct fieldset *children)
{
    if (!member && children == NULL)
        return;
    if (builder->count == builder->capacity) {
        size_t capacity = builder->capacity > 0 ? builder->capacity * 2 : 8;
        struct fieldset_node *nodes = fieldset_alloc(builder->arena, capacity, sizeof(*nodes));
        if (builder->count > 0)
            memcpy(nodes, builder->nodes, builder->count * sizeof(*nodes));
        builder->nodes = nodes;
        builder->capacity = capacity;
    }
    builder->nodes[builder->count++] =
        (struct fieldset_node){.element = element, .member = member, .children = children};
}

static int node_compare(const void *a, const void *b)
{
    const struct fieldset_node *left = a;
    const struct fieldset_node *right = b;
    return fieldset_element_compare(left->element, right->element);
}

static bool is_sorted(const struct fieldset_builder *builder)
{
    for (size_t i = 1; i < builder->count; i++) {
        if (node_compare(&builder->nodes[i - 1], &builder->nodes[i]) >= 0)
            return false;
    }
    return true;
}

/* Only entries that a client wrote by hand can name one key in two ways. */
static void unite_repeated(struct fieldset_builder *builder)
{
    size_t last = 0;
    for (size_t i = 1; i < builder->count; i++) {
        struct fieldset_node *kept = &builder->nodes[last];
        const struct fieldset_node *node = &builder->nodes[i];
        if (node_compare(kept, node) != 0) {
            builder->nodes[++last] = *node;
            continue;
        }
        kept->member |= node->member;
        kept->children = fieldset_union(builder->arena, kept->children, node->children);
    }
    builder->count = last + 1;
}

const struct fieldset *fieldset_builder_finish(struct fieldset_builder *builder)
{
    if (builder->count == 0)
        return NULL;
    if (!is_sorted(builder)) {
        qsort(builder->nodes, builder->count, sizeof(*builder->nodes), node_compare);
        unite_repeated(builder);
    }
    struct fieldset *set = fieldset_alloc(builder->arena, 1, sizeof(*set));
    *set = (struct fieldset){.nodes = builder->nodes, .count = builder->count};
    return set;
}

/* What becomes of one element that stands in `a`, in `b` or in both: its node in one of them
 * may be all zero. */
typedef void combine_fn(struct fieldset_builder *out, const struct fieldset_node *a,
                        const struct fieldset_node *b);

static const struct fieldset *combine(struct arena *arena, const struct fieldset *a,
                                      const struct fieldset *b, combine_fn *combine_nodes)
{
    static const struct fieldset_node absent;
    struct fieldset_builder out;
    fieldset_builder_init(&out, arena);
    size_t i = 0;
    size_t j = 0;
    while (i < a->count || j < b->count) {
        int order = i == a->count   ? 1
                    : j == b->count ? -1
                                    : node_compare(&a->nodes[i], &b->nodes[j]);
        combine_nodes(&out, order <= 0 ? &a->nodes[i] : &absent,
                      order >= 0 ? &b->nodes[j] : &absent);
        i += order <= 0;
        j += order >= 0;
    }
    return fieldset_builder_finish(&out);
}

static bool is_absent(const struct fieldset_node *node)
{
    return !node->member && node->children == NULL;
}

static void unite(struct fieldset_builder *out, const struct fieldset_node *a,
                  const struct fieldset_node *b)
{
    fieldset_builder_add(out, is_absent(a) ? b->element : a->element, a->member || b->member,
                         fieldset_union(out->arena, a->children, b->children));
}

const struct fieldset *fieldset_union(struct arena *arena, const struct fieldset *a,
                                      const struct fieldset *b)
{
    if (a == NULL || b == NULL || a == b)
        return a != NULL ? a : b;
    return combine(arena, a, b, unite);
}

static void intersect(struct fieldset_builder *out, const struct fieldset_node *a,
                      const struct fieldset_node *b)
{
    fieldset_builder_add(out, a->element, a->member && b->member,
                         fieldset_intersection(out->arena, a->children, b->children));
}

const struct fieldset *fieldset_intersection(struct arena *arena, const struct fieldset *a,
                                             const struct fieldset *b)
{
    if (a == NULL || b == NULL)
        return NULL;
    return a == b ? a : combine(arena, a, b, intersect);
}

static void subtract(struct fieldset_builder *out, const struct fieldset_node *a,
                     const struct fieldset_node *b)
{
    fieldset_builder_add(out, a->element, a->member && !b->member,
                         fieldset_difference(out->arena, a->children, b->children));
}

const struct fieldset *fieldset_difference(struct arena *arena, const struct fieldset *a,
                                           const struct fieldset *b)
{
    if (a == NULL || b == NULL)
        return a;
    return combine(arena, a, b, subtract);
}

static void subtract_below(struct fieldset_builder *out, const struct fieldset_node *a,
                           const struct fieldset_node *b)
{
    if (!b->member)
        fieldset_builder_add(out, a->element, a->member,
                             fieldset_outside(out->arena, a->children, b->children));
}

const struct fieldset *fieldset_outside(struct arena *arena, const struct fieldset *a,
                                        const struct fieldset *b)
{
    if (a == NULL || b == NULL)
        return a;
    return combine(arena, a, b, subtract_below);
}

bool fieldset_equal(const struct fieldset *a, const struct fieldset *b)
{
    if (a == b)
        return true;
    if (a == NULL || b == NULL || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (node_compare(&a->nodes[i], &b->nodes[i]) != 0 ||
            a->nodes[i].member != b->nodes[i].member ||
            !fieldset_equal(a->nodes[i].children, b->nodes[i].children))
            return false;
    }
    return true;
}

const struct fieldset_node *fieldset_find(const struct fieldset *set,
                                          struct fieldset_element element)
{
    size_t begin = 0;
    size_t end = set != NULL ? set->count : 0;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        int order = fieldset_element_compare(set->nodes[middle].element, element);
        if (order == 0)
            return &set->nodes[middle];
        if (order < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    return NULL;
}
