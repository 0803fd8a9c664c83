#include "tests/testlib/test.h"

#include "controller/base/log.h"
#include "controller/base/mem.h"

static void a_fresh_buffer_is_an_empty_terminated_text(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    assert_string_equal(buf_str(&buf).data, "");
    char *text = buf_steal(&buf);
    assert_string_equal(text, "");
    mem_free(text);
    buf_release(&buf);
    struct buf zeroed = {0};
    buf_release(&zeroed);
}

static void appended_pieces_follow_each_other_terminated(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    buf_append(&buf, STR("ab"));
    buf_append(&buf, STR_NONE);
    buf_append_char(&buf, 'c');
    buf_append_text(&buf, "de");
    buf_append_bytes(&buf, "f\0g", 3);
    buf_printf(&buf, "%d%s", 12, "x");
    assert_int_equal(buf.len, 11);
    assert_memory_equal(buf.data, "abcdef\0g12x", 12);
    buf_release(&buf);
}

static void crossing_the_limit_drops_the_piece_and_sticks(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 4);
    buf_append_text(&buf, "abc");
    buf_append_text(&buf, "de");
    assert_true(buf.overflowed);
    buf_append_text(&buf, "f");
    buf_printf(&buf, "%s", "");
    assert_str(buf_str(&buf), "abc");
    buf_clear(&buf);
    assert_false(buf.overflowed);
    buf_printf(&buf, "%s", "wxyz");
    assert_false(buf.overflowed);
    buf_printf(&buf, "%s", "!");
    assert_true(buf.overflowed);
    assert_str(buf_str(&buf), "wxyz");
    buf_release(&buf);
}

static void pieces_written_in_place_obey_the_limit(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    for (size_t i = 0; i < 10; i++) {
        char *room = i % 2 == 0 ? buf_make_room(&buf, 10) : buf_room(&buf, 10);
        memcpy(room, "0123456789", 10);
        buf_added(&buf, 10);
    }
    assert_int_equal(buf.len, 100);
    assert_string_equal(buf_str(&buf).data + 90, "0123456789");
    assert_non_null(buf_room(&buf, 0));
    assert_null(buf_room(&buf, 1));
    assert_true(buf.overflowed);
    assert_null(buf_room(&buf, 0)); /* it sticks */
    buf_release(&buf);
}

static void the_front_is_consumed_and_the_end_truncated(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    buf_append_text(&buf, "abcdef");
    buf_consume(&buf, 2);
    buf_truncate(&buf, 3);
    assert_string_equal(buf.data, "cde");
    buf_consume(&buf, 3);
    assert_string_equal(buf.data, "");
    buf_append_text(&buf, "x");
    assert_str(buf_str(&buf), "x");
    buf_release(&buf);
}

static void a_stolen_text_leaves_the_buffer_usable(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    struct buf buf;
    buf_init(&buf, 100);
    buf_append_text(&buf, "abc");
    char *text = buf_steal(&buf);
    buf_append_text(&buf, "d");
    assert_string_equal(text, "abc");
    assert_str(buf_str(&buf), "d");
    mem_free(text);
    buf_release(&buf);
    assert_int_equal(mem_live_blocks(), blocks);
}

static void growth_keeps_every_byte(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, SIZE_MAX / 2);
    for (unsigned i = 0; i < 100000; i++)
        buf_append_char(&buf, (char)('a' + i % 26));
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(buf.data[i], 'a' + i % 26);
    buf_release(&buf);
}

static void arrays_grow_by_doubling_up_to_their_limit(void **state)
{
    (void)state;
    size_t capacity = 0;
    int *numbers = NULL;
    for (size_t count = 0; count < 20; count++) {
        numbers = mem_grow_array(numbers, count, &capacity, sizeof(*numbers), 20);
        numbers[count] = (int)count;
    }
    assert_int_equal(capacity, 20);
    assert_int_equal(numbers[19], 19);
    mem_free(numbers);
}

static void keep_line(void *ctx, enum log_level level, const char *line)
{
    buf_printf(ctx, "%d:%s|", (int)level, line);
}

static void log_lines_are_filtered_escaped_and_cut(void **state)
{
    (void)state;
    struct buf lines;
    buf_init(&lines, 10000);
    struct log log = {&lines, keep_line, LOG_INFO};
    log_printf(&log, LOG_DEBUG, "hidden");
    log_printf(&log, LOG_ERROR, "a\n%s", "b\x01");
    assert_str(buf_str(&lines), "3:a\\x0ab\\x01|");
    buf_clear(&lines);
    log_printf(&log, LOG_INFO, "%05000d", 0);
    assert_true(lines.len <= LOG_LINE_BYTES_MAX + 3);
    log_printf(NULL, LOG_ERROR, "nobody listens");
    buf_release(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_buffer_is_an_empty_terminated_text),
        cmocka_unit_test(appended_pieces_follow_each_other_terminated),
        cmocka_unit_test(crossing_the_limit_drops_the_piece_and_sticks),
        cmocka_unit_test(pieces_written_in_place_obey_the_limit),
        cmocka_unit_test(the_front_is_consumed_and_the_end_truncated),
        cmocka_unit_test(a_stolen_text_leaves_the_buffer_usable),
        cmocka_unit_test(growth_keeps_every_byte),
        cmocka_unit_test(arrays_grow_by_doubling_up_to_their_limit),
        cmocka_unit_test(log_lines_are_filtered_escaped_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
