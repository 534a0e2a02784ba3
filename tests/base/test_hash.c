/* SPDX-License-Identifier: MIT */
/* SHA-256 against the examples of FIPS 180-4 and of NIST's CAVP SHA256ShortMsg; reading of foreign numbers. */
#include "base/bytes.h"
#include "base/checked.h"
#include "base/hash.h"
#include "tap.h"

static void check_digest(const void *bytes, size_t size, size_t step, const char *want)
{
    struct sha256 hash;
    uint8_t digest[SHA256_BYTES];
    char text[SHA256_TEXT_SIZE];
    sha256_init(&hash);
    for (size_t at = 0; at < size; at += step)
        sha256_add(&hash, (const uint8_t *)bytes + at, size - at < step ? size - at : step);
    sha256_end(&hash, digest);
    sha256_text(digest, text);
    CHECK_STR(text, want);
}

static void test_published_vectors(void)
{
    static char million[1000000];
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    const char *abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    memset(million, 'a', sizeof million);
    check_digest("", 0, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_digest("\xd3", 1, 1, "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
    check_digest("abc", 3, 3, abc);
    check_digest(two_blocks, 56, 56, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check_digest(million, sizeof million, sizeof million,
                 "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* However the input is cut, and around every length at which the padding changes shape. */
static void test_pieces(void)
{
    uint8_t bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37);
    for (size_t size = 0; size < sizeof bytes; size++) {
        struct sha256 hash;
        uint8_t digest[SHA256_BYTES];
        char whole[SHA256_TEXT_SIZE];
        sha256_init(&hash);
        sha256_add(&hash, bytes, size);
        sha256_end(&hash, digest);
        sha256_text(digest, whole);
        check_digest(bytes, size, 1, whole);
        check_digest(bytes, size, 63, whole);
        check_digest(bytes, size, 65, whole);
    }
}

static void test_loads_and_ranges(void)
{
    const uint8_t p[] = {0x81, 0x92, 0xA3, 0xB4, 0xC5, 0xD6, 0xE7, 0xF8};
    uint8_t out[4];
    CHECK_EQ(load_le16(p), 0x9281);
    CHECK_EQ(load_be16(p), 0x8192);
    CHECK_EQ(load_le32(p), 0xB4A39281);
    CHECK_EQ(load_be32(p), 0x8192A3B4);
    CHECK(load_le64(p) == UINT64_C(0xF8E7D6C5B4A39281));
    store_le32(out, 0xB4A39281);
    CHECK(memcmp(out, p, 4) == 0);
    store_le16(out, 0x1234);
    CHECK_EQ(out[0], 0x34);
    CHECK_EQ(FOURCC_LE('R', 'I', 'F', 'F'), load_le32((const uint8_t *)"RIFF"));
    CHECK(range_within(0, 0, 0) && range_within(4, 4, 8) && range_within(8, 0, 8));
    CHECK(!range_within(5, 4, 8) && !range_within(9, 0, 8) && !range_within(UINT64_MAX, 2, 8));
    CHECK(!range_within(2, UINT64_MAX, 8));
    size_t n = 77;
    CHECK(!mul_size(SIZE_MAX / 2 + 1, 2, &n) && n == 77);
    CHECK(!add_size(SIZE_MAX, 1, &n) && n == 77);
    CHECK(mul_size(SIZE_MAX, 1, &n) && n == SIZE_MAX);
    CHECK(mul_size(SIZE_MAX, 0, &n) && n == 0);
    CHECK(add_size(SIZE_MAX - 1, 1, &n) && n == SIZE_MAX);
}

int main(void)
{
    RUN(test_published_vectors);
    RUN(test_pieces);
    RUN(test_loads_and_ranges);
    return tap_done();
}
