#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "controller/base/rng.h"

/* A value and its text, as a cache keeps them. */
struct printed {
    struct json *value;
    struct buf text;
    struct json_spans spans;
};

static void print_after(struct printed *printed, const struct printed *before)
{
    buf_init(&printed->text, 1u << 20);
    if (before != NULL)
        json_print_after(printed->value, buf_str(&before->text), &before->spans, &printed->text,
                         &printed->spans);
    else
        json_print_after(printed->value, STR_NONE, NULL, &printed->text, &printed->spans);
}

static void printed_release(struct printed *printed)
{
    json_free(printed->value);
    buf_release(&printed->text);
    json_spans_release(&printed->spans);
}

static void assert_printed(const struct printed *printed)
{
    char *text = json_print_text(printed->value);
    assert_str(buf_str(&printed->text), text);
    for (size_t i = 0; i < printed->spans.count; i++) {
        const struct json_span *span = &printed->spans.items[i];
        assert_true(span->begin < span->end && span->end <= printed->text.len);
        assert_true(i == 0 || span->begin > printed->spans.items[i - 1].begin);
    }
    mem_free(text);
}

static struct json *word(struct rng *rng)
{
    char text[32];
    snprintf(text, sizeof(text), "%s-%u", rng_below(rng, 9) == 0 ? "<\\\">" : "word",
             (unsigned)rng_below(rng, 1000000000));
    return json_text(text);
}

static struct json *random_value(struct rng *rng, unsigned depth)
{
    if (depth == 0)
        return word(rng);
    bool is_object = rng_below(rng, 2) == 0;
    struct json *value = is_object ? json_object() : json_array();
    size_t count = rng_below(rng, 5);
    for (size_t i = 0; i < count; i++) {
        char key[24];
        snprintf(key, sizeof(key), "k%zu", i);
        struct json *child = random_value(rng, depth - 1);
        if (is_object)
            json_set(value, key, child);
        else
            json_append(value, child);
    }
    return value;
}

/* Changes something somewhere below; what is beside the path stays shared. */
static void change(struct rng *rng, struct json *value)
{
    size_t count = json_count(value);
    bool is_object = json_is(value, JSON_OBJECT);
    struct json *child = json_first(value);
    for (size_t skip = count > 0 ? rng_below(rng, (uint32_t)count) : 0; skip > 0; skip--)
        child = json_next(child);
    if (json_count(child) > 0 && rng_below(rng, 4) != 0)
        change(rng, child);
    else if (child != NULL && rng_below(rng, 3) == 0)
        json_free(json_detach(value, child));
    else if (child != NULL && rng_below(rng, 2) == 0)
        json_replace(value, child, random_value(rng, 2));
    else if (is_object)
        json_set(value, "new", random_value(rng, 2));
    else if (json_is(value, JSON_ARRAY))
        json_insert(value, 0, random_value(rng, 2));
}

static void what_is_shared_is_copied_and_the_text_is_the_same(void **state)
{
    struct rng rng;
    (void)state;
    rng_init_stream(&rng, 1, STR("splice"));
    for (size_t i = 0; i < 200; i++) {
        struct printed before = {.value = json_object()};
        json_set(before.value, "a", random_value(&rng, 5));
        print_after(&before, NULL);
        assert_printed(&before);
        for (size_t k = 0; k < 10; k++) {
            struct printed after = {.value = json_clone(before.value)};
            change(&rng, after.value);
            print_after(&after, &before);
            assert_printed(&after);
            printed_release(&before);
            before = after;
        }
        printed_release(&before);
    }
}

static void a_part_that_goes_and_one_that_grows_leave_the_others(void **state)
{
    struct printed before = {.value = json_object()};
    struct printed after = {0};
    (void)state;
    for (char c = 'a'; c < 'g'; c++) {
        char key[] = {c, '\0'};
        struct json *list = json_array();
        for (size_t i = 0; i < 20; i++)
            json_append(list, json_text("some text that takes room"));
        json_set(before.value, key, list);
    }
    print_after(&before, NULL);
    assert_int_equal(before.spans.count, 7);
    after.value = json_clone(before.value);
    json_remove(after.value, "b");
    json_append(json_get(after.value, "d"), json_int(1));
    print_after(&after, &before);
    assert_printed(&after);
    assert_int_equal(after.spans.count, 6);
    for (size_t i = 1; i < 6; i++) /* a, c, d, e, f: all but d are the same parts */
        assert_int_equal(after.spans.items[i].part == before.spans.items[i == 1 ? 1 : i + 1].part,
                         i != 3);
    printed_release(&before);
    printed_release(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shared_is_copied_and_the_text_is_the_same),
        cmocka_unit_test(a_part_that_goes_and_one_that_grows_leave_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
