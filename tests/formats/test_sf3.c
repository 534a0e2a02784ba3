/* SPDX-License-Identifier: MIT */
/* SF3: samples that are Ogg Vorbis streams, made here with libvorbisenc. */
#include <vorbis/vorbisenc.h>

#include "base/alloc.h"
#include "sf2_builder.h"

enum { RATE = 44100 };

static const double tau = 6.283185307179586;
static struct sf2_builder s;

static double wave_at(int channel, int frame) { return 0.5 * sin(tau * (441 + 220 * channel) * frame / RATE); }

static void put_pages(struct builder *out, ogg_stream_state *stream)
{
    ogg_page page;
    while (ogg_stream_flush(stream, &page)) {
        put(out, page.header, (size_t)page.header_len);
        put(out, page.body, (size_t)page.body_len);
    }
}

/* FRAMES frames of the sines as a stream behind what OUT holds. */
static void encode(struct builder *out, int channels, int frames)
{
    vorbis_info info;
    vorbis_comment comment;
    vorbis_dsp_state dsp;
    vorbis_block block;
    ogg_stream_state stream;
    ogg_packet packets[3], packet;
    vorbis_info_init(&info);
    if (vorbis_encode_init_vbr(&info, channels, RATE, 0.8f))
        exit(2);
    vorbis_comment_init(&comment);
    vorbis_analysis_init(&dsp, &info);
    vorbis_block_init(&dsp, &block);
    ogg_stream_init(&stream, 1);
    vorbis_analysis_headerout(&dsp, &comment, &packets[0], &packets[1], &packets[2]);
    for (int i = 0; i < 3; i++)
        ogg_stream_packetin(&stream, &packets[i]);
    put_pages(out, &stream);
    for (int done = 0; done <= frames;) {
        int part = frames - done < 1024 ? frames - done : 1024;
        float **in = vorbis_analysis_buffer(&dsp, 1024);
        for (int c = 0; c < channels; c++)
            for (int i = 0; i < part; i++)
                in[c][i] = (float)wave_at(c, done + i);
        vorbis_analysis_wrote(&dsp, part); /* 0 ends the stream */
        while (vorbis_analysis_blockout(&dsp, &block) == 1) {
            vorbis_analysis(&block, NULL);
            vorbis_bitrate_addblock(&block);
            while (vorbis_bitrate_flushpacket(&dsp, &packet))
                ogg_stream_packetin(&stream, &packet);
            put_pages(out, &stream); /* short pages: many places to break */
        }
        done = part > 0 ? done + part : frames + 1;
    }
    put_pages(out, &stream);
    ogg_stream_clear(&stream);
    vorbis_block_clear(&block);
    vorbis_dsp_clear(&dsp);
    vorbis_comment_clear(&comment);
    vorbis_info_clear(&info);
}

/* A bank whose sample 0 is the stream of the given kind, and 1 a plain one. */
static void put_bank(int channels, int frames, uint32_t loop_start, uint32_t loop_end)
{
    sf2_version(&s, 3, 0);
    sf2_preset(&s, "Preset", 5, 0);
    sf2_zone(&s, PRESET);
    sf2_gen(&s, PRESET, 41, 0);
    sf2_instrument(&s, "Instrument");
    sf2_zone(&s, INSTRUMENT);
    sf2_gen(&s, INSTRUMENT, 53, 0);
    sf2_ramp(&s, 50);
    uint32_t start = (uint32_t)s.pool.size;
    encode(&s.pool, channels, frames);
    uint32_t end = (uint32_t)s.pool.size;
    put_le32(&s.pool, 0xDEADBEEF);
    sf2_sample(&s, "Ogg", start, end, loop_start, loop_end, 0x11);
    sf2_sample(&s, "Plain", 10, 20, 0, 0, 1);
    sf2_close(&s);
}

static double rms_error(const int16_t *frames, int first, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++) {
        double d = frames[i] / 32768.0 - wave_at(0, first + i);
        sum += d * d;
    }
    return sqrt(sum / count);
}

static void test_decode(void)
{
    static int16_t frames[20000], part[5000];
    for (int channels = 1; channels <= 2; channels++) {
        put_bank(channels, 20000, 441, 18081);
        struct opened_bank o = bank_of(&s);
        const struct sf2_sample *sample = &o.bank->samples[0];
        CHECK(sample->vorbis && sample->usable);
        CHECK_EQ(sample->start, 100); /* bytes */
        CHECK_EQ(sample->loop_start, 441); /* SF3: from the beginning of the sample */
        CHECK_EQ(sample->loop_end, 18081);
        CHECK_EQ(sf2_sample_frames(o.bank, 0), 20000);
        CHECK_EQ(sf2_sample_decode(o.bank, 0, 0, 20000, frames, NULL), DM_OK);
        /* A shift by one frame alone would make 0.5 / sqrt(2) * tau * 441 / 44100 = 0.022. */
        double error = rms_error(frames, 0, 20000);
        printf("# %d channels: rms error %.6f\n", channels, error);
        CHECK(error < 0.006);
        CHECK_EQ(sf2_sample_decode(o.bank, 0, 7777, 5000, part, NULL), DM_OK);
        CHECK(memcmp(part, frames + 7777, sizeof part) == 0);
        CHECK_EQ(sf2_sample_decode(o.bank, 0, 20000, 0, part, NULL), DM_OK);
        struct dm_error err = {DM_OK, ""};
        CHECK_EQ(sf2_sample_decode(o.bank, 0, 19999, 2, part, &err), DM_ERR_ARGUMENT);
        CHECK_EQ(sf2_sample_decode(o.bank, 0, 1, UINT32_MAX, part, &err), DM_ERR_ARGUMENT);
        CHECK_EQ(sf2_sample_decode(o.bank, 1, 0, 10, part, NULL), DM_OK);
        CHECK_EQ(part[3], 13);
        CHECK_EQ(heard.count, 0);
        close_bank(&o);
        sf2_clear(&s);
    }
}

static void test_loops(void)
{
    put_bank(1, 3000, 2000, 1000);
    struct opened_bank o = bank_of(&s);
    CHECK_EQ(o.bank->samples[0].loop_start, 1000);
    CHECK_EQ(o.bank->samples[0].loop_end, 2000);
    CHECK_EQ(heard.count, 1);
    close_bank(&o);
    sf2_clear(&s);
}

static void check_broken(struct opened_bank *o)
{
    int16_t frame;
    struct dm_error err = {DM_OK, ""};
    CHECK_EQ(sf2_sample_frames(o->bank, 0), 0);
    CHECK_EQ(sf2_sample_decode(o->bank, 0, 0, 1, &frame, &err), DM_ERR_FORMAT);
    CHECK(strstr(err.text, "sample 0 'Ogg': broken") != NULL);
}

static void test_broken_streams(void)
{
    put_bank(1, 3000, 0, 0);
    memset(s.pool.data + 100, 0, 4); /* OggS */
    struct opened_bank o = bank_of(&s);
    check_broken(&o);
    close_bank(&o);
    sf2_clear(&s);

    put_bank(1, 3000, 0, 0);
    s.table[SHDR].data[24] = 101; /* one byte */
    s.table[SHDR].data[25] = s.table[SHDR].data[26] = 0;
    o = bank_of(&s);
    check_broken(&o);
    close_bank(&o);
    sf2_clear(&s);
}

/* Two streams in a row are no sample (libvorbisfile would play both). */
static void test_chained_streams(void)
{
    put_bank(1, 3000, 0, 0);
    s.pool.size -= 4;
    encode(&s.pool, 1, 3000);
    for (int i = 0; i < 4; i++)
        s.table[SHDR].data[24 + i] = (uint8_t)(s.pool.size >> 8 * i);
    struct opened_bank o = bank_of(&s);
    check_broken(&o);
    close_bank(&o);
    sf2_clear(&s);
}

static uint32_t page_crc(const uint8_t *page, size_t size)
{
    uint32_t crc = 0;
    for (size_t i = 0; i < size; i++) {
        crc ^= (uint32_t)page[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x80000000u ? crc << 1 ^ 0x04C11DB7u : crc << 1;
    }
    return crc;
}

/* The last page claims 2^31 frames and has a right checksum: more than its bytes can hold is not believed. */
static void test_lie_about_the_length(void)
{
    put_bank(1, 60000, 0, 0); /* several pages: the first one sets the zero of the count */
    uint8_t *last = NULL;
    size_t end = s.pool.size - 4;
    for (size_t i = 100; i + 4 < end; i++)
        if (memcmp(s.pool.data + i, "OggS", 4) == 0)
            last = s.pool.data + i;
    CHECK(last != NULL);
    memset(last + 6, 0, 8);
    last[9] = 0x80;
    memset(last + 22, 0, 4);
    uint32_t crc = page_crc(last, (size_t)(s.pool.data + end - last));
    for (int i = 0; i < 4; i++)
        last[22 + i] = (uint8_t)(crc >> 8 * i);
    struct opened_bank o = bank_of(&s);
    check_broken(&o);
    close_bank(&o);
    sf2_clear(&s);
}

/* Every stream that is cut, at steps: refused, or shorter, but never read beyond its end. */
static void test_cut_streams(void)
{
    enum { FRAMES = 40000 };
    static int16_t frames[FRAMES];
    encode(&s.pool, 1, FRAMES);
    size_t whole = s.pool.size;
    sf2_clear(&s);
    int whole_seen = 0, shorter = 0, refused = 0;
    for (size_t cut = 1; cut <= whole; cut += cut + 499 < whole || cut == whole ? 499 : whole - cut) {
        struct sf2_builder *b = &s;
        put_bank(1, FRAMES, 0, 0);
        b->pool.size = 100 + cut;
        struct opened_bank o = bank_of(b);
        uint32_t count = sf2_sample_frames(o.bank, 0);
        CHECK(count <= FRAMES);
        if (count == 0) {
            refused++;
        } else {
            enum dm_status status = sf2_sample_decode(o.bank, 0, 0, count, frames, NULL);
            CHECK(status == DM_OK || status == DM_ERR_FORMAT);
            if (status == DM_OK)
                CHECK(rms_error(frames, 0, (int)count) < 0.05);
            *(count == FRAMES ? &whole_seen : &shorter) += 1;
        }
        close_bank(&o);
        sf2_clear(b);
    }
    printf("# %d whole, %d shorter, %d refused\n", whole_seen, shorter, refused);
    CHECK(whole_seen >= 1 && shorter >= 2 && refused > 5);
}

int main(int argc, char **argv)
{
    if (argc == 2) { /* write a small bank there: how the fuzzer's seed was made */
        put_bank(1, 200, 20, 180);
        sf2_assemble(&s);
        FILE *f = fopen(argv[1], "wb");
        return f && fwrite(s.file.data, 1, s.file.size, f) == s.file.size && fclose(f) == 0 ? 0 : 2;
    }
    RUN(test_decode);
    RUN(test_loops);
    RUN(test_broken_streams);
    RUN(test_chained_streams);
    RUN(test_lie_about_the_length);
    RUN(test_cut_streams);
    return tap_done();
}
