#include "tests/testlib/test.h"

#include "controller/base/sha256.h"

/* FIPS 180-4's examples and the empty text. */
static void digests_match_the_published_examples(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *hex;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char hex[SHA256_HEX_BYTES];
        sha256_hex(sha256_of(str_from(rows[i].text)), hex);
        assert_string_equal(hex, rows[i].hex);
    }
    assert_true(sha256_equal(sha256_of(STR("")), sha256_of(STR_NONE)));
    assert_false(sha256_equal(sha256_of(STR("a")), sha256_of(STR("b"))));
}

static void base64_is_standard_and_padded(void **state)
{
    (void)state;
    char text[SHA256_BASE64_BYTES];
    sha256_base64(sha256_of(STR("")), text);
    assert_string_equal(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    struct sha256 zero = {{0}};
    sha256_base64(zero, text);
    assert_string_equal(text, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_match_the_published_examples),
        cmocka_unit_test(base64_is_standard_and_padded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
