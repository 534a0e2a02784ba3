/* SPDX-License-Identifier: MIT */
/* Decoding of wave data: integers of all widths, float, G.711 against published code points, MS-ADPCM against an encoder
 * of the test's own. */
#include "formats/dls.h"

#include "dls_bank.h"
#include "tap.h"

static uint8_t fmt_bytes[64];
static size_t fmt_size;
static const uint8_t *data_bytes;
static size_t data_size;
static uint32_t fact_frames;

static void put_raw_format(struct rb *b)
{
    rb_begin(b, "fmt ", NULL);
    rb_bytes(b, fmt_bytes, fmt_size);
    rb_end(b);
    if (fact_frames) {
        rb_begin(b, "fact", NULL);
        rb_u32(b, fact_frames);
        rb_end(b);
    }
}
static void put_raw_data(struct rb *b)
{
    rb_begin(b, "data", NULL);
    rb_bytes(b, data_bytes, data_size);
    rb_end(b);
}

static void set_format(unsigned tag, unsigned channels, unsigned align, unsigned bits)
{
    static struct rb b;
    b.size = 0;
    put_format(&b, tag, channels, 22050, align, bits);
    fmt_size = 16;
    memcpy(fmt_bytes, b.bytes + 8, 16);
    fact_frames = 0;
}

/* A bank with that wave, read; the decoded frames go to OUT. Returns the number of frames, or -1. */
static int decode(const void *data, size_t size, int16_t *out, enum dls_codec *codec)
{
    static struct rb b;
    struct dls_bank bank = {.format = put_raw_format, .data = put_raw_data};
    struct dls_collection *c;
    struct dm_error err = {0};
    data_bytes = data;
    data_size = size;
    b.size = 0;
    dls_bank_build(&b, &bank);
    if (dls_read(rb_span(&b), 48000, NULL, &c, &err) != DM_OK) {
        printf("# %s\n", err.text);
        return -1;
    }
    const struct dls_wave *wave = &c->waves[0];
    int frames = (int)wave->frames;
    *codec = wave->codec;
    dls_wave_decode(wave, 0, wave->frames, out);
    for (uint32_t first = 0; first < wave->frames; first++) { /* any part gives the same as the whole */
        int16_t part[3];
        uint32_t count = wave->frames - first < 3 ? wave->frames - first : 3;
        dls_wave_decode(wave, first, count, part);
        if (memcmp(part, out + first, count * sizeof *part) != 0)
            frames = -2;
    }
    dls_free(c);
    return frames;
}

static int16_t out[40000];
static enum dls_codec codec;

static void test_integers(void)
{
    set_format(1, 1, 1, 8);
    CHECK_EQ(decode("\x80\x00\xFF\x81", 4, out, &codec), 4);
    CHECK_EQ(codec, DLS_PCM_U8);
    CHECK_EQ(out[0], 0);
    CHECK_EQ(out[1], -32768);
    CHECK_EQ(out[2], 32512);
    CHECK_EQ(out[3], 256);

    set_format(1, 1, 2, 16);
    CHECK_EQ(decode("\x34\x12\x00\x80\xFF", 5, out, &codec), 2); /* the odd byte is no frame */
    CHECK_EQ(out[0], 0x1234);
    CHECK_EQ(out[1], -32768);

    set_format(1, 1, 3, 24);
    CHECK_EQ(decode("\x7F\x34\x12\x80\x34\x12\xFF\xFF\x7F\x00\x00\x80\x80\xFF\xFF\x7F\xFF\xFF", 18, out, &codec), 6);
    CHECK_EQ(codec, DLS_PCM_S24);
    CHECK_EQ(out[0], 0x1234); /* below the half: down */
    CHECK_EQ(out[1], 0x1235); /* the half: up */
    CHECK_EQ(out[2], 32767);  /* saturated */
    CHECK_EQ(out[3], -32768);
    CHECK_EQ(out[4], 0);  /* -0.5: up */
    CHECK_EQ(out[5], -1); /* -129/256 */

    set_format(1, 1, 4, 32);
    CHECK_EQ(decode("\xFF\x7F\x34\x12\x00\x80\x34\x12\xFF\xFF\xFF\x7F", 12, out, &codec), 3);
    CHECK_EQ(codec, DLS_PCM_S32);
    CHECK_EQ(out[0], 0x1234);
    CHECK_EQ(out[1], 0x1235);
    CHECK_EQ(out[2], 32767);

    set_format(1, 1, 4, 24); /* 24 bits in 32, left-justified */
    CHECK_EQ(decode("\x00\x00\x34\x12", 4, out, &codec), 1);
    CHECK_EQ(out[0], 0x1234);
}

static void test_float(void)
{
    static const float values[] = {0.0f,         1.0f,          -1.0f,        0.5f, 2.0f,     -7.0f,
                                   1.5f / 32768, -1.5f / 32768, 0.4f / 32768, NAN,  INFINITY, -INFINITY};
    static const int want[] = {0, 32767, -32768, 16384, 32767, -32768, 2, -1, 0, 0, 32767, -32768};
    uint8_t bytes[sizeof values];
    for (size_t i = 0; i < 12; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], 4);
        store_le32(bytes + 4 * i, bits);
    }
    set_format(3, 1, 4, 32);
    CHECK_EQ(decode(bytes, sizeof bytes, out, &codec), 12);
    CHECK_EQ(codec, DLS_FLOAT32);
    for (int i = 0; i < 12; i++)
        CHECK_EQ(out[i], want[i]);
}

static void test_g711(void)
{
    /* ITU-T G.711 tables 1 and 2 scaled to 16 bit: ends and middle of the curves, both signs. */
    set_format(6, 1, 1, 8);
    CHECK_EQ(decode("\xD5\x55\xAA\x2A\x80\x00", 6, out, &codec), 6);
    CHECK_EQ(codec, DLS_ALAW);
    CHECK_EQ(out[0], 8);
    CHECK_EQ(out[1], -8);
    CHECK_EQ(out[2], 32256);
    CHECK_EQ(out[3], -32256);
    CHECK_EQ(out[4], 5504);
    CHECK_EQ(out[5], -5504);
    set_format(7, 1, 1, 8);
    CHECK_EQ(decode("\xFF\x7F\x80\x00\xEF\x6F", 6, out, &codec), 6);
    CHECK_EQ(codec, DLS_MULAW);
    CHECK_EQ(out[0], 0);
    CHECK_EQ(out[1], 0);
    CHECK_EQ(out[2], 32124);
    CHECK_EQ(out[3], -32124);
    CHECK_EQ(out[4], 132);
    CHECK_EQ(out[5], -132);
}

static void test_channel_0(void)
{
    set_format(1, 2, 4, 16);
    CHECK_EQ(decode("\x01\x00\xFF\x7F\x02\x00\xFF\x7F\x03\x00", 10, out, &codec), 2);
    CHECK_EQ(out[0], 1);
    CHECK_EQ(out[1], 2);
    set_format(1, 2, 9, 16); /* a block align that is wrong is computed anew */
    CHECK_EQ(decode("\x01\x00\xFF\x7F\x02\x00\xFF\x7F", 8, out, &codec), 2);
    CHECK_EQ(out[1], 2);
}

static void test_extensible(void)
{
    static const uint8_t tail[12] = {0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};
    set_format(0xFFFE, 1, 4, 32);
    memset(fmt_bytes + 16, 0, 8);
    fmt_bytes[16] = 22;
    fmt_bytes[18] = 32;
    store_le32(fmt_bytes + 24, 3);
    memcpy(fmt_bytes + 28, tail, 12);
    fmt_size = 40;
    CHECK_EQ(decode("\x00\x00\x00\x3F", 4, out, &codec), 1); /* 0.5f */
    CHECK_EQ(codec, DLS_FLOAT32);
    CHECK_EQ(out[0], 16384);
    fmt_bytes[39] ^= 1; /* a sub-format of somebody else's */
    CHECK_EQ(decode("\x00\x00\x00\x3F", 4, out, &codec), -1);
    fmt_size = 18; /* extension cut off: as PCM */
    CHECK_EQ(decode("\x00\x00\x00\x3F", 4, out, &codec), 1);
    CHECK_EQ(codec, DLS_PCM_S32);
}

/* MS-ADPCM. The encoder follows Microsoft's published description of the format: predictor of two past samples, the
 * error divided by an adaptive step. Only what the description fixes is shared with the decoder. */
enum { ALIGN = 256, FRAMES = 3000 };
static const int pairs[7][2] = {{256, 0}, {512, -256}, {0, 0}, {192, 64}, {240, 0}, {460, -208}, {392, -232}};
static const int adapt[16] = {230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230};

static size_t encode(const int16_t *in, int frames, int channels, int pair, uint8_t *to)
{
    int per_block = 2 + (ALIGN - 7 * channels) * 2 / channels;
    uint8_t *start = to;
    for (int first = 0; first + 2 <= frames; first += per_block, to += ALIGN) {
        int s1[2], s2[2], step[2];
        memset(to, 0, ALIGN);
        for (int ch = 0; ch < channels; ch++) {
            int sign = ch ? -1 : 1; /* channel 1 is the inverse */
            s2[ch] = sign * in[first];
            s1[ch] = sign * in[first + 1];
            step[ch] = 64;
            to[ch] = (uint8_t)pair;
            store_le16(to + channels + 2 * ch, (uint16_t)step[ch]);
            store_le16(to + 3 * channels + 2 * ch, (uint16_t)s1[ch]);
            store_le16(to + 5 * channels + 2 * ch, (uint16_t)s2[ch]);
        }
        for (int i = 2; i < per_block && first + i < frames; i++)
            for (int ch = 0; ch < channels; ch++) {
                int predicted = (s1[ch] * pairs[pair][0] + s2[ch] * pairs[pair][1]) / 256;
                int code = (int)lrint((double)((ch ? -1 : 1) * in[first + i] - predicted) / step[ch]);
                code = code > 7 ? 7 : code < -8 ? -8 : code;
                int value = predicted + code * step[ch];
                value = value > 32767 ? 32767 : value < -32768 ? -32768 : value;
                s2[ch] = s1[ch];
                s1[ch] = value;
                step[ch] = adapt[code & 15] * step[ch] / 256;
                step[ch] = step[ch] < 16 ? 16 : step[ch];
                int nibble = (i - 2) * channels + ch;
                to[7 * channels + nibble / 2] |= (uint8_t)((code & 15) << (nibble & 1 ? 0 : 4));
            }
    }
    return (size_t)(to - start);
}

static void adpcm_format(int channels, int declared_frames)
{
    set_format(2, (unsigned)channels, ALIGN, 4);
    store_le16(fmt_bytes + 16, 32);
    store_le16(fmt_bytes + 18, (uint16_t)declared_frames);
    store_le16(fmt_bytes + 20, 7);
    for (int i = 0; i < 7; i++) {
        store_le16(fmt_bytes + 22 + 4 * i, (uint16_t)pairs[i][0]);
        store_le16(fmt_bytes + 24 + 4 * i, (uint16_t)pairs[i][1]);
    }
    fmt_size = 50;
}

static void test_adpcm(void)
{
    static int16_t in[FRAMES];
    static uint8_t bytes[FRAMES * 3];
    for (int i = 0; i < FRAMES; i++)
        in[i] = (int16_t)lrint(12000 * sin(i * 0.05) + 3000 * sin(i * 0.31));
    for (int channels = 1; channels <= 2; channels++)
        for (int pair = 0; pair < 7; pair++) {
            int per_block = 2 + (ALIGN - 7 * channels) * 2 / channels;
            memset(bytes, 0, sizeof bytes);
            size_t size = encode(in, FRAMES, channels, pair, bytes);
            adpcm_format(channels, per_block);
            fact_frames = FRAMES;
            CHECK_EQ(decode(bytes, size, out, &codec), FRAMES);
            CHECK_EQ(codec, DLS_MSADPCM);
            double error = 0, signal = 0;
            for (int i = 0; i < FRAMES; i++) {
                error += (double)(out[i] - in[i]) * (out[i] - in[i]);
                signal += (double)in[i] * in[i];
            }
            /* Without a predictor (pair 2) the 4 bits carry the whole signal; a wrong decoder is at 0 dB. */
            double snr = 10 * log10(signal / (error + 1));
            if (!CHECK(snr > (pair == 2 ? 12 : 20)))
                printf("#   %d channels, pair %d: %.1f dB\n", channels, pair, snr);
        }
}

static void test_adpcm_lengths(void)
{
    static uint8_t bytes[4 * ALIGN];
    int per_block = 2 + (ALIGN - 7) * 2;
    adpcm_format(1, per_block);
    CHECK_EQ(decode(bytes, 2 * ALIGN, out, &codec), 2 * per_block);
    CHECK_EQ(decode(bytes, ALIGN + 6, out, &codec), per_block); /* no whole header */
    CHECK_EQ(decode(bytes, ALIGN + 7, out, &codec), per_block + 2);
    CHECK_EQ(decode(bytes, ALIGN + 9, out, &codec), per_block + 6);
    CHECK_EQ(decode(bytes, 6, out, &codec), -1); /* nothing at all */
    fact_frames = 5;
    CHECK_EQ(decode(bytes, ALIGN, out, &codec), 5);
    fact_frames = 0xFFFFFFFF;
    CHECK_EQ(decode(bytes, ALIGN, out, &codec), per_block);
    adpcm_format(1, 100); /* a block may hold less than it could */
    CHECK_EQ(decode(bytes, 2 * ALIGN, out, &codec), 200);
    adpcm_format(1, 60000);
    CHECK_EQ(decode(bytes, ALIGN, out, &codec), per_block);
    fmt_size = 16; /* no extension: the standard coefficients */
    CHECK_EQ(decode(bytes, ALIGN, out, &codec), per_block);
    adpcm_format(2, per_block);
    store_le16(fmt_bytes + 12, 13); /* smaller than the header of two channels */
    CHECK_EQ(decode(bytes, ALIGN, out, &codec), -1);
}

static void test_adpcm_hostile(void)
{
    static uint8_t bytes[4 * ALIGN];
    memset(bytes, 0x88, sizeof bytes); /* the largest step upwards, over and over */
    adpcm_format(1, 500);
    CHECK_EQ(decode(bytes, sizeof bytes, out, &codec), 2000);
    for (int i = 0; i < 4; i++)
        store_le16(bytes + i * ALIGN + 1, 0x8000); /* negative step */
    CHECK_EQ(decode(bytes, sizeof bytes, out, &codec), 2000);
}

static void test_not_played(void)
{
    set_format(1, 1, 8, 64);
    CHECK_EQ(decode("12345678", 8, out, &codec), -1);
    set_format(3, 1, 8, 64);
    CHECK_EQ(decode("12345678", 8, out, &codec), -1);
    set_format(1, 1, 0, 0);
    CHECK_EQ(decode("12345678", 8, out, &codec), -1);
    set_format(0x11, 1, 4, 4); /* IMA ADPCM */
    CHECK_EQ(decode("12345678", 8, out, &codec), -1);
    set_format(1, 1, 2, 16);
    CHECK_EQ(decode("1", 1, out, &codec), -1); /* no whole frame */
}

int main(void)
{
    RUN(test_integers);
    RUN(test_float);
    RUN(test_g711);
    RUN(test_channel_0);
    RUN(test_extensible);
    RUN(test_adpcm);
    RUN(test_adpcm_lengths);
    RUN(test_adpcm_hostile);
    RUN(test_not_played);
    return tap_done();
}
