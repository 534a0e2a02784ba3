/* SPDX-License-Identifier: MIT */
/* UTF-8 validity against an independent decoder; foreign names to clean UTF-8. */
#include "base/alloc.h"
#include "base/arena.h"
#include "base/text.h"
#include "tap.h"

/* The definition turned round: decode loosely, then ask whether encoding gives the same bytes. */
static bool reference_valid(const uint8_t *p, size_t size)
{
    for (size_t i = 0; i < size;) {
        uint32_t code;
        size_t length = p[i] < 0x80 ? 1 : p[i] < 0xC0 ? 0 : p[i] < 0xE0 ? 2 : p[i] < 0xF0 ? 3 : p[i] < 0xF8 ? 4 : 0;
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (length == 0 || length > size - i)
            return false;
        code = length == 1 ? p[i] : p[i] & (0x7Fu >> length);
        for (size_t k = 1; k < length; k++) {
            if (p[i + k] >> 6 != 2)
                return false;
            code = code << 6 | (p[i + k] & 0x3F);
        }
        if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
            return false;
        i += length;
    }
    return true;
}

static void test_validity_of_all_short_texts(void)
{
    long differing = 0;
    uint8_t p[4];
    for (uint32_t i = 0; i < 1u << 16; i++) {
        p[0] = (uint8_t)(i >> 8);
        p[1] = (uint8_t)i;
        static const uint8_t more[] = {0x00, 0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};
        differing += text_valid_utf8(p, 2) != reference_valid(p, 2);
        for (size_t a = 0; a < sizeof more; a++)
            for (size_t b = 0; b < sizeof more; b++) {
                p[2] = more[a];
                p[3] = more[b];
                differing += text_valid_utf8(p, 3) != reference_valid(p, 3);
                differing += text_valid_utf8(p, 4) != reference_valid(p, 4);
            }
    }
    CHECK_EQ(differing, 0);
    CHECK(text_valid_utf8("", 0));
    CHECK(text_valid_utf8("\xF4\x8F\xBF\xBF", 4));
    CHECK(!text_valid_utf8("\xF4\x90\x80\x80", 4));
    CHECK(!text_valid_utf8("\xED\xA0\x80", 3));
}

static void check_clean(const char *bytes, size_t size, const char *want)
{
    char out[64];
    size_t length = text_clean(out, sizeof out, bytes, size);
    CHECK_STR(out, want);
    CHECK_EQ(length, strlen(want));
}
#define CHECK_CLEAN(literal, want) check_clean(literal, sizeof(literal) - 1, want)

static void test_clean(void)
{
    CHECK_CLEAN("", "");
    CHECK_CLEAN("Piano 1", "Piano 1");
    CHECK_CLEAN("Fl\xC3\xB6te", "Fl\xC3\xB6te");       /* UTF-8 kept */
    CHECK_CLEAN("Fl\xF6te", "Fl\xC3\xB6te");           /* Latin-1 */
    CHECK_CLEAN("\xC3\xB6\xF6", "\xC3\x83\xC2\xB6\xC3\xB6"); /* one bad byte: all of it is Latin-1 */
    CHECK_CLEAN("Drums  \0\0garbage", "Drums");
    CHECK_CLEAN("a\tb\x7F\x1B[31mc\r\n", "a b  [31mc");
    CHECK_CLEAN("a\xC2\x85\x62", "a b"); /* C1 as UTF-8 */
    CHECK_CLEAN("a\x85\xF6", "a \xC3\xB6"); /* C1 as Latin-1 */
    CHECK_CLEAN(" \t\n", "");
    CHECK_CLEAN("  x", "  x");
}

static void test_clean_capacity(void)
{
    char out[8];
    memset(out, '#', sizeof out);
    CHECK_EQ(text_clean(out, 4, "a\xC3\xA9\xC3\xA9z", 6), 6);
    CHECK_STR(out, "a\xC3\xA9"); /* the second one does not fit whole; nothing smaller slips in after it */
    CHECK_EQ(out[4], '#');
    CHECK_EQ(text_clean(out, 1, "abc", 3), 3);
    CHECK_STR(out, "");
    CHECK_EQ(text_clean(NULL, 0, "abc", 3), 3);
}

static void test_every_clean_text_is_valid(void)
{
    uint32_t seed = 7;
    long bad = 0;
    for (int run = 0; run < 20000; run++) {
        uint8_t bytes[24];
        char out[40];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (uint8_t)(seed >> 24);
        }
        text_clean(out, 1 + seed % 40, bytes, sizeof bytes);
        bad += !text_valid_utf8(out, strlen(out));
        for (const char *p = out; *p; p++)
            bad += (uint8_t)*p < 0x20 || *p == 0x7F;
    }
    CHECK_EQ(bad, 0);
}

static void test_cut(void)
{
    const char *text = "a\xE2\x82\xAC\xF0\x9F\x8E\xB5z"; /* a, euro, note, z: 1 + 3 + 4 + 1 */
    static const size_t want[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 9, 9};
    for (size_t limit = 0; limit < sizeof want / sizeof *want; limit++)
        CHECK_EQ(text_cut(text, 9, limit), want[limit]);
    CHECK_EQ(text_cut("\x80\x80\x80\x80\x80\x80", 6, 5), 5);
}

static void test_clean_in_an_arena(void)
{
    struct arena arena = {0};
    CHECK_STR(text_clean_arena(&arena, "Gro\xDF\0x", 6), "Gro\xC3\x9F");
    dm_alloc_fail_at(1, true);
    char big[5000];
    memset(big, 'b', sizeof big);
    CHECK(text_clean_arena(&arena, big, sizeof big) == NULL);
    dm_alloc_fail_at(0, false);
    arena_clear(&arena);
}

int main(void)
{
    RUN(test_validity_of_all_short_texts);
    RUN(test_clean);
    RUN(test_clean_capacity);
    RUN(test_every_clean_text_is_valid);
    RUN(test_cut);
    RUN(test_clean_in_an_arena);
    return tap_done();
}
