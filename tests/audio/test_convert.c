/* SPDX-License-Identifier: MIT */
/* Sample conversion against libm's rounding; the head of a WAV stream; Ogg pages. */
#include "audio/convert.h"
#include "audio/ogg_pages.h"
#include "audio/wav_stream.h"
#include "base/bytes.h"
#include "tap.h"

/* Nearest, ties to even, then limited: from the definition. */
static double wanted(float in, double scale, bool *clipped)
{
    if (isnan(in)) {
        *clipped = true;
        return 0;
    }
    double whole = nearbyint((double)in * scale), kept = fmin(fmax(whole, -scale), scale - 1);
    *clipped = kept != whole;
    return kept;
}

static float random_float(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    uint32_t bits = *seed ^ *seed >> 15;
    float value = (float)(int32_t)bits / 2147483648.0f;
    return bits % 5 == 0 ? value * 3 : bits % 5 == 1 ? (float)(int32_t)(bits >> 13) / 65536.0f : value;
}

static void test_float_to_integer(void)
{
    static const float edges[] = {0, -0.0f, 1, -1, 32767.0f / 32768, 32767.4f / 32768, 32767.5f / 32768, -32768.5f / 32768,
                                  -32769.0f / 32768, 0.5f / 32768, 1.5f / 32768, 2.5f / 32768, -0.5f / 32768, 1e30f,
                                  -1e30f, INFINITY, -INFINITY, NAN, 1e-40f, 8388607.0f / 8388608};
    uint32_t seed = 3;
    long wrong = 0;
    size_t clipped16 = 0, clipped24 = 0, want16 = 0, want24 = 0;
    for (int i = 0; i < 200000; i++) {
        float in = i < (int)(sizeof edges / sizeof *edges) ? edges[i] : random_float(&seed);
        bool c16, c24;
        int16_t s16;
        int32_t s24;
        clipped16 += convert_f32_s16(&s16, &in, 1);
        clipped24 += convert_f32_s24(&s24, &in, 1);
        wrong += s16 != wanted(in, 32768, &c16);
        wrong += s24 / 256 != wanted(in, 8388608, &c24) || s24 % 256 != 0;
        want16 += c16;
        want24 += c24;
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(clipped16, want16);
    CHECK_EQ(clipped24, want24);
    CHECK(want16 > 1000);
}

static void test_integer_widening(void)
{
    long wrong = 0;
    for (int value = -32768; value <= 32767; value++) {
        int16_t in = (int16_t)value, back;
        int32_t s24;
        float f32;
        convert_s16_s24(&s24, &in, 1);
        convert_s16_f32(&f32, &in, 1);
        wrong += s24 / 65536 != value || s24 % 65536 != 0;
        wrong += (double)f32 != value / 32768.0;
        wrong += convert_f32_s16(&back, &f32, 1) != 0 || back != value;
    }
    CHECK_EQ(wrong, 0);
}

static void test_wav_packing(void)
{
    int16_t s16[2] = {0x1234, -2};
    int32_t s24[2] = {0x12345600, -256};
    float f32 = 1.0f;
    CHECK_EQ(wav_stream_pack(SAMPLE_S16, s16, 2), 4);
    CHECK(memcmp(s16, "\x34\x12\xFE\xFF", 4) == 0);
    CHECK_EQ(wav_stream_pack(SAMPLE_S24, s24, 2), 6);
    CHECK(memcmp(s24, "\x56\x34\x12\xFF\xFF\xFF", 6) == 0);
    CHECK_EQ(wav_stream_pack(SAMPLE_F32, &f32, 1), 4);
    CHECK(memcmp(&f32, "\x00\x00\x80\x3F", 4) == 0);
}

static void test_wav_head(void)
{
    uint8_t head[WAV_STREAM_HEAD];
    struct audio_config config = {.sample_rate = 44100, .channels = 2, .format = SAMPLE_S16};
    CHECK_EQ(wav_stream_head(&config, head), 44);
    CHECK(memcmp(head, "RIFF\xFF\xFF\xFF\xFFWAVEfmt \x10\0\0\0\1\0\2\0\x44\xAC\0\0\x10\xB1\2\0\4\0\x10\0data\xFF\xFF\xFF\xFF",
                 44) == 0);
    char long_text[3000];
    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    config.title = config.software = config.comment = long_text;
    config.format = SAMPLE_F32;
    size_t size = wav_stream_head(&config, head);
    CHECK(size <= sizeof head && size % 2 == 0);
    CHECK(memcmp(head + size - 8, "data", 4) == 0);
}

/* ---- Ogg pages ---- */

struct bytes {
    uint8_t data[200000];
    size_t size;
    int calls;
    bool fail;
};

static bool collect(void *ctx, const void *data, size_t size)
{
    struct bytes *out = ctx;
    if (out->fail || size > sizeof out->data - out->size)
        return false;
    memcpy(out->data + out->size, data, size);
    out->size += size;
    out->calls++;
    return true;
}

/* RFC 3533 section 6 bit by bit. */
static uint32_t slow_crc(const uint8_t *page, size_t size)
{
    uint32_t crc = 0;
    for (size_t i = 0; i < size; i++)
        for (int bit = 7; bit >= 0; bit--) {
            uint32_t in = i >= 22 && i < 26 ? 0 : page[i] >> bit & 1u;
            uint32_t top = crc >> 31 ^ in;
            crc = crc << 1 ^ (top ? 0x04C11DB7u : 0);
        }
    return crc;
}

static size_t make_page(uint8_t *page, int segments, uint8_t fill)
{
    size_t size = 27 + (size_t)segments;
    memset(page, 0, 27);
    memcpy(page, "OggS", 4);
    store_le32(page + 14, 0xDEADBEEF);
    page[26] = (uint8_t)segments;
    for (int i = 0; i < segments; i++) {
        page[27 + i] = i + 1 < segments ? 255 : 10;
        size += page[27 + i];
    }
    memset(page + 27 + segments, fill, size - 27 - (size_t)segments);
    return size;
}

static void test_ogg_serial(void)
{
    static struct bytes in, out;
    static struct ogg_pages pages;
    static const int counts[] = {1, 0, 255, 3};
    size_t sizes[4];
    for (int i = 0; i < 4; i++) {
        sizes[i] = make_page(in.data + in.size, counts[i], (uint8_t)(i + 1));
        in.size += sizes[i];
    }
    for (size_t step = 1; step < 100000; step = step * 3 + 1) {
        out.size = 0;
        out.calls = 0;
        ogg_pages_init(&pages, 0x01020304, collect, &out);
        for (size_t at = 0; at < in.size; at += step)
            CHECK(ogg_pages_add(&pages, in.data + at, in.size - at < step ? in.size - at : step));
        CHECK(ogg_pages_complete(&pages));
        CHECK_EQ(out.calls, 4);
        CHECK_EQ(out.size, in.size);
    }
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(load_le32(out.data + at + 14), 0x01020304);
        CHECK_EQ(load_le32(out.data + at + 22), slow_crc(out.data + at, sizes[i]));
        CHECK(memcmp(out.data + at + 26, in.data + at + 26, sizes[i] - 26) == 0);
        at += sizes[i];
    }
    CHECK(ogg_pages_add(&pages, in.data, 100));
    CHECK(!ogg_pages_complete(&pages));
    out.fail = true;
    CHECK(!ogg_pages_add(&pages, in.data + 100, in.size - 100));
    ogg_pages_init(&pages, 1, collect, &out);
    CHECK(!ogg_pages_add(&pages, "this is no page, 27 bytes and more", 34));
}

int main(void)
{
    RUN(test_float_to_integer);
    RUN(test_integer_widening);
    RUN(test_wav_packing);
    RUN(test_wav_head);
    RUN(test_ogg_serial);
    return tap_done();
}
