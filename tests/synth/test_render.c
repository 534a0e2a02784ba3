/* SPDX-License-Identifier: MIT */
/* The render loop: events at their frame, cuts into blocks, late events, settings, statistics, life. */
#include "../tap.h"
#include "fixture.h"

static struct fixture f;

static struct synth_stats stats(void)
{
    struct synth_stats s;
    synth_get_stats(f.synth, &s);
    return s;
}

static void play(int64_t sample, uint8_t status, uint8_t a, uint8_t b)
{
    uint8_t bytes[3] = {status, a, b};
    CHECK_EQ(synth_play(f.synth, sample, 1, bytes, 3), SYNTH_OK);
}

/* The fake mixer's left output counts playing voices: an onset at frame n shows at frame n. */
static void test_events_act_at_their_frame(void)
{
    static const uint32_t frames[] = {0, 1, 63, 64, 65, 255, 256, 257, 400, 700, 999};
    static float out[2 * 1000];
    static const struct build_region overlap = {.options = 1};
    fixture_instrument(&f, 0, &overlap, 1);
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++)
        play(1000 + frames[i], 0x90, 60, 100);
    synth_render_f32(f.synth, 1000, 1000, out);
    uint32_t at = 0, wrong = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        while (at < sizeof frames / sizeof frames[0] && frames[at] <= i)
            at++;
        wrong += out[2 * i] != (float)at / 1024.0f;
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(stats().events_late, 0);
    CHECK_EQ(stats().frames, 1000);
}

static void random_song(void)
{
    uint32_t random = 7;
    for (int i = 0; i < 400; i++) {
        random = random * 1664525u + 1013904223u;
        int64_t sample = random >> 8 & 2047;
        play(sample, (random >> 20 & 3) ? 0x90 : 0x80, 40 + (random >> 22 & 31), random >> 27 & 3 ? 100 : 0);
    }
}

/* The same stream in blocks of any size; levels and endings of the fake voices move by frame count. */
static void render_cut(uint32_t block, int16_t *out)
{
    static const struct build_region overlap = {.options = 1};
    fixture_instrument(&f, 0, &overlap, 1);
    random_song();
    uint32_t random = 3;
    for (uint32_t at = 0, n; at < 2048; at += n) {
        random = random * 1664525u + 1013904223u;
        n = block ? block : 1 + (random >> 16) % 300;
        if (n > 2048 - at)
            n = 2048 - at;
        synth_render_s16(f.synth, at, n, out + 2 * at);
    }
}

static void test_cuts_do_not_matter(void)
{
    static int16_t whole[2 * 2048], cut[2 * 2048];
    static const uint32_t blocks[] = {2048, 1, 7, 64, 100, 441, 0};
    struct synth_config config = fixture_config(SYNTH_STUDIO);
    uint32_t lost = 0;
    config.dither = true;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        CHECK(fixture_close(&f));
        CHECK(fixture_open_config(&f, config));
        render_cut(blocks[i], i ? cut : whole);
        lost = i ? lost : stats().notes_lost;
        CHECK(lost > 0);
        CHECK_EQ(stats().notes_lost, lost);
        CHECK_EQ(stats().events_late, 0);
        CHECK(i == 0 || memcmp(whole, cut, sizeof whole) == 0);
    }
}

static void test_late_events(void)
{
    float out[20];
    fixture_plain(&f, 0);
    play(-5, 0x90, 60, 100);
    play(3, 0x80, 60, 0);
    play(-7, 0xB0, 7, 1);
    play(-6, 0xB0, 7, 2);
    synth_render_f32(f.synth, 0, 0, out); /* no frame: nothing happens yet */
    CHECK_EQ(stats().events_late, 0);
    CHECK_EQ(stats().queued_events, 4);
    synth_render_f32(f.synth, 0, 10, out);
    CHECK_EQ(stats().events_late, 3);
    CHECK_EQ(stats().queued_events, 0);
    CHECK_EQ(fixture_part(&f, 1, 0)->channel.cc[7], 2); /* in order of time */
    CHECK(out[0] > 0 && out[4] > 0 && out[6] == 0); /* at the start of the block; the other at its frame */
}

static void test_equal_times_keep_their_order(void)
{
    float out[4];
    fixture_plain(&f, 0x00010000);
    play(1, 0xB0, 0, 1); /* bank, program, note */
    play(1, 0xC0, 0, 0);
    play(1, 0x90, 60, 100);
    synth_render_f32(f.synth, 0, 2, out);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 1);
}

static void test_far_positions(void)
{
    float out[2 * 64];
    fixture_plain(&f, 0);
    play(INT64_MAX, 0x90, 60, 100);
    play(INT64_MIN, 0x90, 61, 100);
    synth_render_f32(f.synth, INT64_MIN, 64, out);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 1);
    CHECK_EQ(stats().queued_events, 1);
    synth_render_f32(f.synth, INT64_MAX - 10, 64, out);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 2);
}

static void test_position_jump(void)
{
    float out[2 * 10];
    fixture_plain(&f, 0);
    play(50, 0x90, 60, 100);
    synth_render_f32(f.synth, 0, 10, out);
    synth_render_f32(f.synth, 100, 10, out); /* the host skipped: what lay between plays late */
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 1);
    CHECK_EQ(stats().events_late, 1);
    CHECK_EQ(f.mixer->frames, 20);
}

static void test_volume_property(void)
{
    uint32_t version = fixture_part(&f, 1, 0)->channel.version;
    synth_set_volume(f.synth, 0, -600);
    CHECK_NEAR(fixture_part(&f, 1, 0)->group->master.volume_db, 0, 0); /* from the next render on */
    fixture_render(&f, 1);
    CHECK_NEAR(fixture_part(&f, 1, 0)->group->master.volume_db, -6, 1e-6);
    CHECK_NEAR(fixture_part(&f, 2, 0)->group->master.volume_db, -6, 1e-6);
    CHECK(fixture_part(&f, 1, 0)->channel.version != version);
    synth_set_volume(f.synth, 1, 99999); /* clamped to 2000 */
    fixture_render(&f, 1);
    CHECK_NEAR(fixture_part(&f, 1, 0)->group->master.volume_db, 14, 1e-6);
    synth_set_volume(f.synth, 2, 5); /* no such item */
    CHECK_EQ(synth_set_groups(f.synth, 3), SYNTH_OK);
    fixture_render(&f, 1);
    CHECK_NEAR(fixture_part(&f, 3, 0)->group->master.volume_db, 14, 1e-6);
}

static void test_native_volume_default(void)
{
    CHECK_NEAR(fixture_part(&f, 1, 0)->group->master.volume_db, 6, 1e-6); /* native 9: 0 and +600 */
}

static void test_effects_and_reverb(void)
{
    struct synth_reverb reverb = {0};
    synth_get_reverb(f.synth, &reverb);
    CHECK_NEAR(reverb.mix_db, -10, 0); /* ddi-user.md 5.7 */
    CHECK_NEAR(reverb.time_ms, 1000, 0);
    CHECK_NEAR(f.mixer->reverb.time_ms, 1000, 0);
    synth_set_reverb(f.synth, &(struct synth_reverb){5, -200, 1e9f, NAN});
    synth_get_reverb(f.synth, &reverb);
    CHECK_NEAR(reverb.in_gain_db, 0, 0);
    CHECK_NEAR(reverb.mix_db, -96, 0);
    CHECK_NEAR(reverb.time_ms, 3000, 0);
    CHECK_NEAR(reverb.hf_ratio, 0.001, 1e-9);
    CHECK_NEAR(f.mixer->reverb.time_ms, 1000, 0);
    fixture_render(&f, 1);
    CHECK_NEAR(f.mixer->reverb.time_ms, 3000, 0);
    synth_set_effects(f.synth, 0xFF);
    CHECK_EQ(synth_effects(f.synth), 3);
    fixture_render(&f, 1);
    CHECK_EQ(f.mixer->effects, 3);
}

static void test_statistics(void)
{
    static float out[2 * 100];
    fixture_plain(&f, 0);
    for (uint8_t i = 0; i < 20; i++)
        play(0, 0x90, 40 + i, 100);
    for (uint8_t i = 0; i < 15; i++)
        play(1, 0x80, 40 + i, 0);
    synth_render_f32(f.synth, 0, 1, out);
    CHECK_EQ(stats().voices, 20);
    CHECK_NEAR(stats().peak, 20.0 / 1024, 1e-9);
    CHECK_EQ(stats().wave_bytes, 200);
    synth_render_f32(f.synth, 1, 1, out);
    fake_finish_all(f.mixer, FAKE_RELEASED);
    synth_render_f32(f.synth, 2, 1, out);
    CHECK_EQ(stats().voices, 5);
    CHECK_EQ(stats().voices_peak, 20);
    synth_reset_stats(f.synth);
    CHECK_EQ(stats().voices_peak, 5);
    CHECK_NEAR(stats().peak, 0, 0);
    synth_render_f32(f.synth, 3, 1, out);
    CHECK_EQ(stats().voices_peak, 5);
    CHECK_EQ(stats().frames, 4);
}

static void test_reset(void)
{
    float out[2];
    fixture_plain(&f, 0);
    PLAY(&f, 0x90, 60, 100);
    PLAY(&f, 0x95, 60, 100);
    PLAY(&f, 0xB0, 7, 5);
    PLAY(&f, 0x90, 127, 0);
    play(100000, 0x90, 60, 100);
    CHECK(!synth_silent(f.synth));
    synth_reset(f.synth);
    CHECK(synth_silent(f.synth));
    CHECK_EQ(stats().queued_events, 0);
    CHECK_EQ(stats().voices, 0);
    CHECK_EQ(stats().frames, 0);
    CHECK_EQ(fixture_part(&f, 1, 0)->channel.cc[7], 100);
    synth_render_f32(f.synth, 100000, 1, out);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 0);
    f.position = 200000;
    PLAY(&f, 0x90, 60, 100); /* downloads are still there */
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 1);
}

static void test_unload_after_reset(void)
{
    struct synth_download *download = fixture_plain(&f, 0);
    void *tag;
    PLAY(&f, 0x90, 60, 100);
    synth_unload(f.synth, download, NULL);
    CHECK(!synth_collect(f.synth, &download, &tag));
    synth_reset(f.synth);
    CHECK(synth_collect(f.synth, &download, &tag));
}

static void test_configurations(void)
{
    static const struct synth_config good = {.sample_rate = 44100, .channels = 2, .voices = 32, .groups = 2};
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct synth *synth;
    struct synth_config bad[12];
    for (int i = 0; i < 12; i++)
        bad[i] = good;
    bad[0].sample_rate = 7999;
    bad[1].sample_rate = 192001;
    bad[2].channels = 0;
    bad[3].channels = 3;
    bad[4].voices = 0;
    bad[5].voices = 16385;
    bad[6].groups = 0;
    bad[7].groups = 1001;
    bad[8].effects = 4;
    bad[9].profile = (enum synth_profile)2;
    bad[10].interpolation = (enum synth_interpolation)5;
    bad[11].sample_rate = 0;
    for (int i = 0; i < 12; i++) {
        CHECK_EQ(synth_create(&bad[i], &mem, &synth), SYNTH_BAD_ARGUMENT);
        CHECK(synth == NULL);
    }
    CHECK_EQ(memory.live, 0);
    enum synth_status status;
    long fail = 0;
    do {
        mem = test_memory(&memory);
        memory.fail_at = ++fail;
        status = synth_create(&good, &mem, &synth);
        if (status != SYNTH_OK) {
            CHECK_EQ(status, SYNTH_NOMEM);
            CHECK(synth == NULL);
            CHECK_EQ(memory.live, 0);
        }
    } while (status != SYNTH_OK && fail < 100);
    CHECK(fail > 5);
    synth_destroy(synth);
    CHECK_EQ(memory.live, 0);
    synth_destroy(NULL);
}

#define RUN_IN(profile, test)                \
    do {                                     \
        if (!fixture_open(&f, profile))      \
            return 1;                        \
        RUN(test);                           \
        if (!fixture_close(&f)) {            \
            printf("Bail out! " #test "\n"); \
            return 1;                        \
        }                                    \
    } while (0)

int main(void)
{
    RUN_IN(SYNTH_STUDIO, test_events_act_at_their_frame);
    RUN_IN(SYNTH_STUDIO, test_cuts_do_not_matter);
    RUN_IN(SYNTH_STUDIO, test_late_events);
    RUN_IN(SYNTH_STUDIO, test_equal_times_keep_their_order);
    RUN_IN(SYNTH_STUDIO, test_far_positions);
    RUN_IN(SYNTH_STUDIO, test_position_jump);
    RUN_IN(SYNTH_STUDIO, test_volume_property);
    RUN_IN(SYNTH_NATIVE, test_native_volume_default);
    RUN_IN(SYNTH_STUDIO, test_effects_and_reverb);
    RUN_IN(SYNTH_STUDIO, test_statistics);
    RUN_IN(SYNTH_STUDIO, test_reset);
    RUN_IN(SYNTH_STUDIO, test_unload_after_reset);
    RUN(test_configurations);
    return tap_done();
}
