/* SPDX-License-Identifier: MIT */
/* System exclusives: spec/dls.md 4.5, 5.5, 5.6, 5.7. Numbers are worked out here from the formulas given there. */
#include "../tap.h"
#include "fixture.h"
#include "synth/midi.h"

static struct fixture f;

static struct part *part(uint32_t channel) { return fixture_part(&f, 1, channel); }
static struct group *group(void) { return part(0)->group; }

/* GS data set with its checksum. */
static void gs(uint8_t a, uint8_t b, uint8_t c, const uint8_t *data, size_t size)
{
    uint8_t message[64] = {0xF0, 0x41, 0x10, 0x42, 0x12, a, b, c};
    unsigned sum = 0;
    memcpy(message + 8, data, size);
    for (size_t i = 5; i < 8 + size; i++)
        sum += message[i];
    message[8 + size] = (uint8_t)((128 - sum % 128) % 128);
    message[9 + size] = 0xF7;
    CHECK_EQ(fixture_play(&f, 1, message, 10 + size), SYNTH_OK);
}
#define GS(a, b, c, ...) gs(a, b, c, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void test_resets(void)
{
    static const struct {
        uint8_t bytes[12], size;
        enum midi_mode mode;
    } resets[] = {
        {{0xF0, 0x7E, 0x7F, 9, 1, 0xF7}, 6, MODE_GM1},
        {{0xF0, 0x7E, 0x10, 9, 2, 0xF7}, 6, MODE_GS},
        {{0xF0, 0x7E, 0x00, 9, 3, 0xF7}, 6, MODE_GM2},
        {{0xF0, 0x7E, 0x7F, 0x0A, 1, 0xF7}, 6, MODE_DLS},
        {{0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41, 0xF7}, 11, MODE_GS},
        {{0xF0, 0x43, 0x10, 0x4C, 0x00, 0x00, 0x7E, 0x00, 0xF7}, 9, MODE_XG},
    };
    fixture_plain(&f, 0);
    for (size_t i = 0; i < sizeof resets / sizeof resets[0]; i++) {
        PLAY(&f, 0xB0, 7, 1);
        PLAY(&f, 0xB0, 0, 0);
        PLAY(&f, 0xC0, 0);
        PLAY(&f, 0x90, 60, 100);
        fixture_play(&f, 2, (const uint8_t[]){0xB0, 7, 1}, 3);
        CHECK(fake_count(f.mixer, FAKE_PLAYING) == 1);
        fixture_play(&f, 1, resets[i].bytes, resets[i].size);
        CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 0);
        CHECK_EQ(part(0)->channel.cc[7], 100);
        CHECK_EQ(group()->mode, resets[i].mode);
        CHECK(part(9)->channel.drums);
        CHECK_EQ(part(0)->choice.msb, resets[i].mode == MODE_GM2 ? 0x79 : 0);
        CHECK_EQ(fixture_part(&f, 2, 0)->channel.cc[7], 1); /* the other group has a life of its own */
        fake_finish_all(f.mixer, FAKE_STOLEN);
        fixture_render(&f, 1);
    }
}

static void test_damaged_messages_do_nothing(void)
{
    static const uint8_t bad[][12] = {
        {11, 0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x40, 0xF7}, /* checksum */
        {10, 0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x41, 0xF7},       /* no data */
        {5, 0xF0, 0x7E, 0x7F, 9, 0xF7},
        {7, 0xF0, 0x7F, 0x7F, 4, 1, 0x7F, 0xF7},
        {6, 0xF0, 0x7E, 0x7F, 9, 0x81, 0xF7}, /* a status byte inside */
        {8, 0xF0, 0x43, 0x10, 0x4C, 0, 0, 0x7E, 0xF7},
        {6, 0xF0, 0x7E, 0x7F, 8, 8, 0xF7},
        {7, 0xF0, 0x7F, 0x7F, 9, 1, 0, 0xF7},
    };
    PLAY(&f, 0xB0, 7, 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fixture_play(&f, 1, bad[i] + 1, bad[i][0]);
        CHECK_EQ(part(0)->channel.cc[7], 1);
        CHECK_NEAR(group()->master.gain_db, 0, 0);
    }
}

static void test_master(void)
{
    uint32_t version = part(3)->channel.version;
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 1, 0x00, 0x40, 0xF7);
    CHECK_NEAR(group()->master.gain_db, 40 * log10(64.0 / 127), 1e-5);
    CHECK(part(3)->channel.version != version);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 1, 0x7F, 0x7F, 0xF7);
    CHECK_NEAR(group()->master.gain_db, 0, 1e-6);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 1, 0, 0, 0xF7);
    CHECK(group()->master.gain_db <= -96);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 2, 0, 0, 0xF7);
    CHECK_NEAR(group()->master.balance, -1, 0);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 2, 0x7F, 0x7F, 0xF7);
    CHECK_NEAR(group()->master.balance, 1, 0);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 2, 0, 0x40, 0xF7);
    CHECK_NEAR(group()->master.balance, 0, 0);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 3, 0x7F, 0x7F, 0xF7);
    CHECK_NEAR(group()->master.tune_cents, 8191 * 100.0 / 8192, 1e-4);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 4, 0, 0x40 - 12, 0xF7);
    CHECK_NEAR(group()->master.tune_cents, -1200 + 8191 * 100.0 / 8192, 1e-3);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 3, 0, 0x40, 0xF7);
    CHECK_NEAR(group()->master.tune_cents, -1200, 0);
    CHECK_NEAR(fixture_part(&f, 2, 0)->group->master.tune_cents, 0, 0);
}

static void test_scale_tuning(void)
{
    /* channels 1 and 9 and 16 by the mask bytes ff gg hh */
    PLAY(&f, 0xF0, 0x7E, 0x7F, 8, 8, 0x02, 0x02, 0x01, 64, 0, 127, 65, 63, 64, 64, 64, 64, 64, 64, 74, 0xF7);
    static const double cents[12] = {0, -64, 63, 1, -1, 0, 0, 0, 0, 0, 0, 10};
    for (uint32_t channel = 0; channel < 16; channel++)
        for (uint8_t note = 0; note < 128; note++) {
            bool tuned = channel == 0 || channel == 8 || channel == 15;
            double want = tuned ? cents[note % 12] : 0;
            if (fabs(channel_key_tuning(&part(channel)->channel, note) - want) > 0.007)
                CHECK_NEAR(channel_key_tuning(&part(channel)->channel, note), want, 0.007);
        }
    CHECK(part(0)->channel.has_key_tuning && !part(1)->channel.has_key_tuning);
    uint8_t two[8 + 24 + 1] = {0xF0, 0x7F, 0x7F, 8, 9, 0, 0, 2};
    for (int i = 0; i < 12; i++)
        two[8 + 2 * i] = 0x40;
    two[8 + 2 * 9] = 0x7F; /* A: almost +100 cents */
    two[9 + 2 * 9] = 0x7F;
    two[32] = 0xF7;
    fixture_play(&f, 1, two, sizeof two);
    CHECK_NEAR(channel_key_tuning(&part(1)->channel, 69), 8191 * 100.0 / 8192, 1e-4);
    CHECK_NEAR(channel_key_tuning(&part(1)->channel, 60), 0, 0);
    PLAY(&f, 0xF0, 0x7E, 0x7F, 8, 8, 3, 127, 127, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 0xF7);
    CHECK(!part(0)->channel.has_key_tuning);
    /* drums are left alone (GM 2) */
    PLAY(&f, 0xF0, 0x7E, 0x7F, 8, 8, 3, 127, 127, 74, 74, 74, 74, 74, 74, 74, 74, 74, 74, 74, 74, 0xF7);
    CHECK_NEAR(channel_key_tuning(&part(9)->channel, 60), 0, 0);
    CHECK_NEAR(channel_key_tuning(&part(10)->channel, 60), 10, 0.007);
}

static void test_single_note_tuning(void)
{
    /* program 3: key 60 to 61 + 0.5 semitone, key 62 unchanged, key 64 an octave down */
    PLAY(&f, 0xF0, 0x7F, 0x7F, 8, 2, 3, 3, 60, 61, 0x40, 0, 62, 127, 127, 127, 64, 52, 0, 0, 0xF7);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 60), 0, 0); /* no part has chosen it */
    PLAY(&f, 0xB0, 101, 0);
    PLAY(&f, 0xB0, 100, 3);
    PLAY(&f, 0xB0, 6, 3);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 60), 150, 1e-4);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 62), 0, 0);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 64), -1200, 0);
    CHECK_NEAR(channel_key_tuning(&part(1)->channel, 60), 0, 0);
    /* program 0 of bank 0 is what every part begins with */
    PLAY(&f, 0xF0, 0x7F, 0x7F, 8, 2, 0, 1, 60, 60, 0x10, 0, 0xF7);
    CHECK_NEAR(channel_key_tuning(&part(1)->channel, 60), 12.5, 1e-4);
    CHECK_NEAR(channel_key_tuning(&fixture_part(&f, 2, 1)->channel, 60), 0, 0);
    /* bank 5, program 3 */
    PLAY(&f, 0xF0, 0x7E, 0x7F, 8, 7, 5, 3, 1, 60, 59, 0, 0, 0xF7);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 60), 150, 1e-4);
    PLAY(&f, 0xB0, 100, 4);
    PLAY(&f, 0xB0, 6, 5);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 60), -100, 0);
    PLAY(&f, 0xF0, 0x7E, 0x7F, 9, 1, 0xF7); /* a reset forgets all of it */
    CHECK(!part(0)->channel.has_key_tuning && !part(1)->channel.has_key_tuning);
}

static void test_bulk_tuning(void)
{
    static uint8_t dump[5 + 1 + 16 + 384 + 2] = {0xF0, 0x7E, 0x7F, 8, 1, 0};
    for (int key = 0; key < 128; key++) {
        dump[22 + 3 * key] = (uint8_t)(127 - key);
        dump[23 + 3 * key] = 0x20; /* a quarter of a semitone */
    }
    dump[sizeof dump - 1] = 0xF7;
    fixture_play(&f, 1, dump, sizeof dump);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 0), 12725, 1e-3);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 100), -7300 + 25, 1e-3);
    static uint8_t octave[5 + 2 + 16 + 12 + 2] = {0xF0, 0x7E, 0x7F, 8, 5, 1, 2};
    memset(octave + 23, 64, 12);
    octave[23 + 7] = 64 + 20;
    octave[sizeof octave - 1] = 0xF7;
    fixture_play(&f, 1, octave, sizeof octave);
    PLAY(&f, 0xB1, 101, 0);
    PLAY(&f, 0xB1, 100, 4);
    PLAY(&f, 0xB1, 6, 1);
    PLAY(&f, 0xB1, 100, 3);
    PLAY(&f, 0xB1, 6, 2);
    CHECK_NEAR(channel_key_tuning(&part(1)->channel, 67), 20, 0.007);
    CHECK_NEAR(channel_key_tuning(&part(1)->channel, 68), 0, 0.007);
}

static void test_tuning_pool_runs_out(void)
{
    for (uint8_t program = 0; program < 100; program++)
        PLAY(&f, 0xF0, 0x7F, 0x7F, 8, 2, program, 1, 60, 72, 0, 0, 0xF7);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 60), 1200, 0);
    PLAY(&f, 0xB0, 101, 0);
    PLAY(&f, 0xB0, 100, 3);
    PLAY(&f, 0xB0, 6, TUNINGS - 1);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 60), 1200, 0);
    PLAY(&f, 0xB0, 6, TUNINGS);
    CHECK_NEAR(channel_key_tuning(&part(0)->channel, 60), 0, 0);
}

static void test_poly_pressure_destination(void)
{
    PLAY(&f, 0xF0, 0x7F, 0x7F, 9, 2, 0, 0, 0x42, 5, 127, 0xF7); /* pitch +2 semitones, LFO to all of the amplitude */
    PLAY(&f, 0xA0, 61, 127);
    PLAY(&f, 0xD0, 127);
    struct channel_offsets pressed = channel_note_offsets(&part(0)->channel, 61), other = channel_note_offsets(&part(0)->channel, 60);
    CHECK_NEAR(pressed.pitch_cents, 200, 1e-3);
    CHECK_NEAR(pressed.lfo_gain, 1, 1e-6);
    CHECK_NEAR(pressed.gain_db, 0, 0);
    CHECK_NEAR(other.pitch_cents, 0, 0);
    CHECK_NEAR(other.lfo_gain, 0, 0);
}

static void test_controller_destination(void)
{
    /* pressure: pitch +2 semitones, cutoff -9600, amplitude 200 %, LFO pitch 600 cents */
    PLAY(&f, 0xF0, 0x7F, 0x7F, 9, 1, 0, 0, 0x42, 1, 0, 2, 127, 3, 127, 0xF7);
    CHECK_NEAR(part(0)->channel.offsets.pitch_cents, 0, 0);
    PLAY(&f, 0xD0, 127);
    const struct channel_offsets *offsets = &part(0)->channel.offsets;
    CHECK_NEAR(offsets->pitch_cents, 200, 1e-3);
    CHECK_NEAR(offsets->cutoff_cents, -9600, 1e-3);
    CHECK_NEAR(offsets->gain_db, 20 * log10(127.0 / 64), 1e-4);
    CHECK_NEAR(offsets->lfo_pitch_cents, 600, 1e-3);
    CHECK_NEAR(offsets->lfo_gain, 0, 0);
    PLAY(&f, 0xD0, 0);
    CHECK_NEAR(offsets->gain_db, 0, 0);
    /* CC 16 of channel 2: amplitude to nothing, tremolo */
    PLAY(&f, 0xF0, 0x7F, 0x7F, 9, 3, 1, 16, 2, 0, 5, 127, 0xF7);
    PLAY(&f, 0xB1, 16, 127);
    CHECK(part(1)->channel.offsets.gain_db <= -96);
    CHECK_NEAR(part(1)->channel.offsets.lfo_gain, 1, 1e-6);
    PLAY(&f, 0xB0, 16, 127);
    CHECK_NEAR(part(0)->channel.offsets.lfo_gain, 0, 0);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 9, 3, 1, 0, 2, 0, 0xF7); /* bank select is no controller to route */
    CHECK_NEAR(part(1)->channel.offsets.lfo_gain, 1, 1e-6);
}

static void test_key_based_controllers(void)
{
    fixture_plain(&f, DRUMS);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 0x0A, 1, 9, 38, 7, 32, 0x0A, 0, 0x5B, 20, 0x5D, 30, 0x78, 96, 0x79, 66, 0xF7);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 0x0A, 1, 0, 38, 7, 32, 0xF7); /* not a rhythm part */
    CHECK(part(0)->keys == NULL);
    PLAY(&f, 0x99, 38, 100);
    const struct voice_params *p = &f.mixer->voice[fake_find(f.mixer, FAKE_PLAYING, 38)].params;
    CHECK_NEAR(p->gain_db, 20 * log10(0.5), 1e-5);
    CHECK_NEAR(p->pan, -500 * 64.0 / 63, 1e-3);
    CHECK_EQ(p->key_reverb, 21);
    CHECK_EQ(p->key_chorus, 31);
    CHECK_NEAR(p->tune_cents, 200 + 50, 1e-4);
    PLAY(&f, 0xC9, 0); /* a program change brings the kit's own settings back */
    CHECK(part(9)->keys == NULL);
    for (int i = 0; i < 3 * KEY_CONTROLS; i++) { /* and the pool its place */
        PLAY(&f, 0xF0, 0x7F, 0x7F, 0x0A, 1, 9, 38, 7, 32, 0xF7);
        CHECK(part(9)->keys != NULL);
        PLAY(&f, 0xC9, 0);
    }
}

static void test_global_parameters(void)
{
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 5, 1, 1, 1, 1, 1, 0, 8, 1, 77, 0xF7);
    CHECK_EQ(f.mixer->gm2_reverb[0], 8);
    CHECK_EQ(f.mixer->gm2_reverb[1], 77);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 5, 1, 1, 1, 1, 2, 2, 19, 0xF7);
    CHECK_EQ(f.mixer->gm2_chorus[2], 19);
    CHECK_EQ(f.mixer->gm2_calls, 3);
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 5, 1, 1, 1, 2, 1, 0, 1, 0xF7); /* another slot path */
    PLAY(&f, 0xF0, 0x7F, 0x7F, 4, 5, 1, 1, 0, 1, 1, 0, 0xF7);    /* values without width */
    CHECK_EQ(f.mixer->gm2_calls, 3);
    GS(0x40, 0x01, 0x30, 5);
    CHECK_EQ(f.mixer->gm2_reverb[0], 8);
    GS(0x40, 0x01, 0x38, 2);
    CHECK_EQ(f.mixer->gm2_chorus[0], 2);
}

static void test_gs_parts(void)
{
    static const uint8_t block_of[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 10, 11, 12, 13, 14, 15};
    for (uint32_t i = 0; i < 16; i++) {
        GS(0x40, (uint8_t)(0x10 | block_of[i]), 0x19, (uint8_t)(10 + i)); /* part level */
        CHECK_EQ(part(i)->channel.cc[7], 10 + (int)i);
    }
    GS(0x40, 0x11, 0x15, 1); /* use for rhythm */
    CHECK(part(0)->channel.drums);
    CHECK_EQ(patch_number(part(0)->choice) >> 31, 1);
    GS(0x40, 0x11, 0x15, 0);
    CHECK(!part(0)->channel.drums);
    GS(0x40, 0x12, 0x1C, 100);
    CHECK_EQ(part(1)->channel.cc[10], 100);
    GS(0x40, 0x12, 0x40, 64, 74, 54);
    CHECK_NEAR(channel_key_tuning(&part(1)->channel, 61), 10, 0.013);
    CHECK_NEAR(channel_key_tuning(&part(1)->channel, 62), -10, 0.013);
    GS(0x40, 0x12, 0x13, 0);
    CHECK(part(1)->mono);
    GS(0x40, 0x00, 0x04, 64);
    CHECK_NEAR(group()->master.gain_db, 40 * log10(64.0 / 127), 1e-5);
    GS(0x40, 0x00, 0x00, 0, 4, 0xB, 0xC); /* 1212 - 1024 = 18.8 cents */
    CHECK_NEAR(group()->master.tune_cents, 18.8, 1e-3);
}

static void test_gs_receive_channel(void)
{
    fixture_plain(&f, 0);
    GS(0x40, 0x12, 0x02, 0); /* part 2 listens to channel 1 as well */
    PLAY(&f, 0x90, 60, 100);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 2);
    PLAY(&f, 0x91, 60, 100);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 2);
    PLAY(&f, 0x80, 60, 0);
    CHECK_EQ(fake_count(f.mixer, FAKE_RELEASED), 2);
    GS(0x40, 0x12, 0x02, 16); /* off */
    PLAY(&f, 0x90, 60, 100);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 1);
}

static void test_gs_key_shift_and_range(void)
{
    fixture_plain(&f, 0);
    GS(0x40, 0x11, 0x16, 64 + 7);
    GS(0x40, 0x11, 0x1D, 50);
    GS(0x40, 0x11, 0x1E, 70);
    PLAY(&f, 0x90, 49, 100);
    PLAY(&f, 0x90, 71, 100);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 0);
    PLAY(&f, 0x90, 50, 100);
    CHECK_EQ(f.mixer->voice[0].params.key, 57);
    PLAY(&f, 0x80, 50, 0);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 0);
}

static void test_xg(void)
{
    PLAY(&f, 0xF0, 0x43, 0x10, 0x4C, 0, 0, 0x7E, 0, 0xF7);
    PLAY(&f, 0xF0, 0x43, 0x10, 0x4C, 8, 3, 0x0B, 55, 0xF7);
    CHECK_EQ(part(3)->channel.cc[7], 55);
    PLAY(&f, 0xF0, 0x43, 0x10, 0x4C, 8, 3, 0x07, 1, 0xF7);
    CHECK(part(3)->channel.drums);
    PLAY(&f, 0xF0, 0x43, 0x10, 0x4C, 0, 0, 0x04, 64, 0xF7);
    CHECK_NEAR(group()->master.gain_db, 40 * log10(64.0 / 127), 1e-5);
    PLAY(&f, 0xB4, 0, 127); /* bank 127 makes a rhythm part in XG */
    PLAY(&f, 0xC4, 0);
    CHECK(part(4)->channel.drums);
    PLAY(&f, 0xB4, 0, 0);
    PLAY(&f, 0xC4, 0);
    CHECK(!part(4)->channel.drums);
}

/* GM 2: rhythm channels ignore bend, pressure, modulation, pedals. */
static void test_gm2_rhythm(void)
{
    PLAY(&f, 0xF0, 0x7E, 0x7F, 9, 3, 0xF7);
    PLAY(&f, 0xE9, 0, 0);
    PLAY(&f, 0xD9, 5);
    PLAY(&f, 0xB9, 1, 5);
    PLAY(&f, 0xB9, 64, 127);
    PLAY(&f, 0xB9, 7, 5);
    CHECK_EQ(part(9)->channel.wheel, 8192);
    CHECK_EQ(part(9)->channel.pressure, 0);
    CHECK_EQ(part(9)->channel.cc[1], 0);
    CHECK_EQ(part(9)->channel.cc[64], 0);
    CHECK_EQ(part(9)->channel.cc[7], 5);
}

#define RUN_FRESH(test)                         \
    do {                                        \
        if (!fixture_open(&f, SYNTH_STUDIO))    \
            return 1;                           \
        RUN(test);                              \
        if (!fixture_close(&f)) {               \
            printf("Bail out! " #test "\n");    \
            return 1;                           \
        }                                       \
    } while (0)

int main(void)
{
    RUN_FRESH(test_resets);
    RUN_FRESH(test_damaged_messages_do_nothing);
    RUN_FRESH(test_master);
    RUN_FRESH(test_scale_tuning);
    RUN_FRESH(test_single_note_tuning);
    RUN_FRESH(test_bulk_tuning);
    RUN_FRESH(test_tuning_pool_runs_out);
    RUN_FRESH(test_controller_destination);
    RUN_FRESH(test_poly_pressure_destination);
    RUN_FRESH(test_key_based_controllers);
    RUN_FRESH(test_global_parameters);
    RUN_FRESH(test_gs_parts);
    RUN_FRESH(test_gs_receive_channel);
    RUN_FRESH(test_gs_key_shift_and_range);
    RUN_FRESH(test_xg);
    RUN_FRESH(test_gm2_rhythm);
    return tap_done();
}
