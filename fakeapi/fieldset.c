#include "fakeapi/fieldset.h"

void *fieldset_alloc(struct arena *arena, size_t count, size_t size)
{
    void *memory = arena_alloc_array(arena, count > 0 ? count : 1, size);
    ASSERT(memory != NULL);
    return memory;
}

const struct fieldset_node *fieldset_nodes(const struct fieldset *set, size_t *ret_count)
{
    /* What the set is does not change, only how it is held. */
    if (set->nodes == NULL)
        fieldset_read_level((struct fieldset *)(uintptr_t)set);
    *ret_count = set->count;
    return set->nodes;
}

/* Whether the two are known to be one set without a look at them. */
static bool is_one(const struct fieldset *a, const struct fieldset *b)
{
    return a == b || json_is_same(a->source, b->source);
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

void fieldset_builder_init_room(struct fieldset_builder *builder, struct arena *arena,
                                size_t capacity)
{
    fieldset_builder_init(builder, arena);
    if (capacity == 0)
        return;
    builder->nodes = fieldset_alloc(arena, capacity, sizeof(*builder->nodes));
    builder->capacity = capacity;
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

/* Whether what came out is `a`, node for node. */
static bool is_unchanged(const struct fieldset_builder *out, const struct fieldset_node *nodes,
                         size_t count)
{
    bool same = out->count == count;
    for (size_t i = 0; same && i < count; i++)
        same = out->nodes[i].element.text.data == nodes[i].element.text.data &&
               out->nodes[i].member == nodes[i].member &&
               out->nodes[i].children == nodes[i].children;
    return same;
}

/* The result is `a` itself where nothing changes. */
static const struct fieldset *combine(struct arena *arena, const struct fieldset *a,
                                      const struct fieldset *b, combine_fn *combine_nodes)
{
    static const struct fieldset_node absent;
    struct fieldset_builder out;
    size_t a_count;
    size_t b_count;
    const struct fieldset_node *a_nodes = fieldset_nodes(a, &a_count);
    const struct fieldset_node *b_nodes = fieldset_nodes(b, &b_count);
    fieldset_builder_init_room(&out, arena, a_count + b_count);
    size_t i = 0;
    size_t j = 0;
    while (i < a_count || j < b_count) {
        int order = i == a_count   ? 1
                    : j == b_count ? -1
                                   : node_compare(&a_nodes[i], &b_nodes[j]);
        combine_nodes(&out, order <= 0 ? &a_nodes[i] : &absent,
                      order >= 0 ? &b_nodes[j] : &absent);
        i += order <= 0;
        j += order >= 0;
    }
    return is_unchanged(&out, a_nodes, a_count) ? a : fieldset_builder_finish(&out);
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
    if (a == NULL || b == NULL || is_one(a, b))
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
    return is_one(a, b) ? a : combine(arena, a, b, intersect);
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
    return is_one(a, b) ? NULL : combine(arena, a, b, subtract);
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
    if (a == NULL || b == NULL || is_one(a, b))
        return a == b || (a != NULL && b != NULL);
    size_t a_count;
    size_t b_count;
    const struct fieldset_node *a_nodes = fieldset_nodes(a, &a_count);
    const struct fieldset_node *b_nodes = fieldset_nodes(b, &b_count);
    bool equal = a_count == b_count;
    for (size_t i = 0; equal && i < a_count; i++)
        equal = node_compare(&a_nodes[i], &b_nodes[i]) == 0 &&
                a_nodes[i].member == b_nodes[i].member &&
                fieldset_equal(a_nodes[i].children, b_nodes[i].children);
    return equal;
}

const struct fieldset_node *fieldset_find(const struct fieldset *set,
                                          struct fieldset_element element)
{
    size_t begin = 0;
    size_t end = 0;
    const struct fieldset_node *nodes = set != NULL ? fieldset_nodes(set, &end) : NULL;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        int order = fieldset_element_compare(nodes[middle].element, element);
        if (order == 0)
            return &nodes[middle];
        if (order < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    return NULL;
}
