/* SPDX-License-Identifier: MIT */
/*
 * The mixer as a whole: loops without a seam, the same bits for any cut of the
 * stream, nothing but numbers for any articulation, lanes and slots.
 */
#include "synth/connection.h"

#include "../tap.h"
#include "kit.h"

#define RATE 48000u

static uint64_t state;
static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static int32_t time_cents(double seconds)
{
    return (int32_t)lrint(1200 * log2(seconds) * 65536);
}

/* ---- loops ------------------------------------------------------------------ */

static void test_short_loop_period(void)
{
    /* section 9 item 8: 4 samples, a million frames, at a step of 1: the same four values for ever */
    struct kit kit;
    kit_open(&kit, RATE, SYNTH_CUBIC, SYNTH_STUDIO, 1, 10);
    static const int16_t values[10] = {9000, -9000, 4000, 1000, 2000, 12000, -7000, 3000, 5000, 5000};
    memcpy(kit.samples, values, sizeof values);
    kit_loop(&kit, 3, 4);
    kit_start(&kit, 0, 60, 127);
    static float left[1000], right[1000];
    long wrong = 0;
    double gain = sqrt(0.5) / 32768;
    for (uint32_t at = 0; at < 1000000; at += 1000) {
        mixer_render(kit.mixer, 1000, left, right);
        for (uint32_t i = 0; i < 1000; i++) {
            uint32_t n = at + i < 7 ? at + i : 3 + (at + i - 3) % 4;
            wrong += fabs((double)left[i] - values[n] * gain) > 1e-6;
        }
    }
    CHECK_EQ(wrong, 0);
    kit_close(&kit);
}

static void test_loop_against_unrolled(void)
{
    /* Loops of many lengths, in 16 and in 8 bits, sound like the same wave unrolled by hand; so does what comes before them. */
    static const uint32_t lengths[] = {1, 2, 3, 7, 15, 16, 17, 31, 64, 100, 255, 256, 257, 500, 1000, 1024, 1025, 3000};
    enum { FRAMES = 9000, WAVE = 3300, START = 300 };
    static float left[FRAMES], right[FRAMES], want[FRAMES];
    static uint8_t bytes[WAVE];
    for (unsigned mode = SYNTH_NEAREST; mode <= SYNTH_SINC32; mode++)
        for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++) {
            struct kit kit, unrolled;
            uint8_t key = (uint8_t)(48 + 7 * n % 30);
            kit_open(&kit, RATE, mode, SYNTH_STUDIO, 1, WAVE);
            kit_open(&unrolled, RATE, mode, SYNTH_STUDIO, 1, 60000);
            state = n + 1;
            for (uint32_t i = 0; i < WAVE; i++) {
                bytes[i] = (uint8_t)draw(256);
                kit.samples[i] = (int16_t)((bytes[i] - 128) * 256);
            }
            kit_loop(&kit, START, lengths[n]);
            for (uint32_t i = 0; i < 60000; i++)
                unrolled.samples[i] = kit.samples[i < START ? i : START + (i - START) % lengths[n]];
            kit_start(&unrolled, 0, key, 127);
            mixer_render(unrolled.mixer, FRAMES, want, right);
            kit_start(&kit, 0, key, 127);
            mixer_render(kit.mixer, FRAMES, left, right);
            CHECK(memcmp(left, want, sizeof want) == 0);
            mixer_reset(kit.mixer);
            kit.wave.samples = bytes;
            kit.wave.eight_bit = true;
            kit_start(&kit, 0, key, 127);
            mixer_render(kit.mixer, FRAMES, left, right);
            CHECK(memcmp(left, want, sizeof want) == 0);
            kit_close(&kit);
            kit_close(&unrolled);
        }
}

static void test_loop_of_next_voice(void)
{
    /* A lane whose last voice played another loop of the same size, or the same loop before its samples changed */
    enum { WAVE = 700, FRAMES = 4000 };
    static float left[FRAMES], right[FRAMES], want[FRAMES];
    for (uint32_t length = 20; length < 650; length += 90) {
        struct kit kit, fresh;
        kit_open(&kit, RATE, SYNTH_CUBIC, SYNTH_STUDIO, 1, WAVE);
        kit_open(&fresh, RATE, SYNTH_CUBIC, SYNTH_STUDIO, 1, WAVE);
        kit_loop(&kit, 40, length);
        kit_loop(&fresh, 40, length);
        for (int voice = 0; voice < 3; voice++) {
            for (uint32_t i = 0; i < WAVE; i++)
                kit.samples[i] = fresh.samples[i] = (int16_t)((int32_t)draw(65536) - 32768);
            kit_start(&kit, 0, (uint8_t)(50 + 9 * voice), 127);
            mixer_render(kit.mixer, FRAMES, left, right);
            mixer_steal(kit.mixer, 0);
            mixer_render(kit.mixer, 640, right, right);
        }
        kit_start(&kit, 0, 57, 127);
        mixer_render(kit.mixer, FRAMES, left, right);
        kit_start(&fresh, 0, 57, 127);
        mixer_render(fresh.mixer, FRAMES, want, right);
        CHECK(memcmp(left, want, sizeof want) == 0);
        kit_close(&kit);
        kit_close(&fresh);
    }
}

static void test_release_loop(void)
{
    /* Left at any phase, the loop plays on to the end of data: a sine goes on as if nothing had happened. */
    struct artic_block hold = {0, 0, DST_EG1_RELEASE, 0, time_cents(40)};
    static float left[24000], right[24000];
    for (uint32_t at = 500; at < 1600; at += 37) {
        struct kit kit;
        kit_open(&kit, RATE, SYNTH_SINC16, SYNTH_STUDIO, 1, 8000);
        kit_sine(&kit, 20000, 80); /* 100 samples to a cycle */
        kit_articulate(&kit, &hold, 1);
        kit.region.loop = LOOP_RELEASE;
        kit.region.loop_start = 200;
        kit.region.loop_length = 300;
        kit_start(&kit, 0, 60, 127);
        mixer_render(kit.mixer, at, left, right);
        mixer_release(kit.mixer, 0);
        mixer_render(kit.mixer, 12000, left, right);
        double worst = 0;
        for (uint32_t i = 0; i < 7000; i++) {
            double e = pow(10, -96.0 / 40 * i / RATE / 20) * sqrt(0.5) * 20000 / 32768;
            worst = fmax(worst, fabs((double)left[i] - e * sin(2 * KIT_PI * ((at + i) % 100) / 100.0)));
        }
        CHECK(worst < 1e-4);
        CHECK(left[11900] == 0.0f); /* data are over */
        voice_slot slot;
        CHECK_EQ(mixer_finished(kit.mixer, &slot, 1), 1);
        kit_close(&kit);
    }
}

static void test_release_loop_tail(void)
{
    /* At a step of 1, left in a later lap: the rest of that lap and what follows the loop, sample by sample */
    struct artic_block hold = {0, 0, DST_EG1_RELEASE, 0, time_cents(40)};
    static float left[2000], right[2000];
    for (uint32_t length = 40; length < 1500; length = length * 3 / 2) {
        struct kit kit;
        const uint32_t frames = 400 + length, at = 5 * length + 400;
        kit_open(&kit, RATE, SYNTH_CUBIC, SYNTH_STUDIO, 1, frames);
        kit_articulate(&kit, &hold, 1);
        for (uint32_t i = 0; i < frames; i++)
            kit.samples[i] = (int16_t)((int32_t)draw(65536) - 32768);
        kit_loop(&kit, 200, length);
        kit.region.loop = LOOP_RELEASE;
        kit_start(&kit, 0, 60, 127);
        for (uint32_t i = 0; i < at; i += length)
            mixer_render(kit.mixer, at - i < length ? at - i : length, left, right);
        mixer_release(kit.mixer, 0);
        const uint32_t place = 200 + (at - 200) % length;
        mixer_render(kit.mixer, frames - place, left, right);
        double worst = 0;
        for (uint32_t i = 0; place + i < frames; i++)
            worst = fmax(worst, fabs((double)left[i] - sqrt(0.5) / 32768 * kit.samples[place + i]));
        CHECK(worst < 0.01); /* the release goes 0.1 dB in that time */
        kit_close(&kit);
    }
}

static void test_one_shot(void)
{
    struct kit kit;
    static float left[4000], right[4000];
    kit_open(&kit, RATE, SYNTH_SINC32, SYNTH_STUDIO, 1, 1000);
    kit_sine(&kit, 20000, 10);
    kit.region.loop = LOOP_NONE;
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, 4000, left, right);
    CHECK(fabs((double)left[975]) > 0.1 && left[1100] == 0.0f);
    voice_slot slot;
    CHECK_EQ(mixer_finished(kit.mixer, &slot, 1), 1);
    CHECK(mixer_silent(kit.mixer));
    kit_close(&kit);
}

/* ---- determinism ---------------------------------------------------------------- */

/* A score that touches everything: what happens is a function of the frame alone. */
static void perform(struct kit *kit, uint32_t frame, uint32_t *slot)
{
    state = frame * 2654435761u + 99;
    draw(2);
    switch (draw(4)) {
    case 0:
    case 1: {
        uint8_t key = (uint8_t)(30 + draw(70)), velocity = (uint8_t)(1 + draw(127));
        struct voice_params p = kit_note(kit, key, velocity);
        if (draw(4) == 0) {
            p.glide_cents = -700;
            p.glide_rate = 5000;
        }
        *slot = (*slot + 1) % 64;
        mixer_steal(kit->mixer, *slot);
        mixer_start(kit->mixer, 64 + *slot, &p); /* free since the last round */
        mixer_steal(kit->mixer, 64 + (*slot + 20) % 64);
        break;
    }
    case 2:
        mixer_release(kit->mixer, 64 + draw(64));
        break;
    default: {
        static const uint8_t controllers[] = {1, 7, 10, 11, 71, 74, 77, 91};
        kit->channel.cc[controllers[draw(8)]] = (uint8_t)draw(128);
        kit->channel.wheel = (uint16_t)draw(16384);
        kit->channel.version++;
        break;
    }
    }
}

static const struct artic_block rich[] = {
    {0, 0, DST_EG1_ATTACK, 0, -4000 * 65536},      {0, 0, DST_EG1_DECAY, 0, -1200 * 65536},
    {0, 0, DST_EG1_SUSTAIN, 0, 700 * 65536},       {0, 0, DST_EG1_RELEASE, 0, -2400 * 65536},
    {0, 0, DST_EG2_ATTACK, 0, -3000 * 65536},      {0, 0, DST_EG2_DECAY, 0, -1000 * 65536},
    {0, 0, DST_EG2_SUSTAIN, 0, 200 * 65536},       {SRC_EG2, 0, DST_FILTER_CUTOFF, 0, 3000 * 65536},
    {0, 0, DST_FILTER_CUTOFF, 0, 8000 * 65536},    {0, 0, DST_FILTER_Q, 0, 90 * 65536},
    {SRC_LFO, SRC_CC1, DST_GAIN, 0x4000, 60 * 65536}, {SRC_VIBRATO, 0, DST_PITCH, 0x4000, 40 * 65536},
    {SRC_LFO, 0, DST_PAN, 0x4000, 200 * 65536},
};

static void render_score(struct kit *kit, uint32_t frames, uint32_t seed, float *left, float *right)
{
    uint32_t slot = 0, next = 0, cuts = seed;
    voice_slot done[128];
    for (uint32_t at = 0; at < frames;) {
        if (at == next) {
            mixer_finished(kit->mixer, done, 128);
            perform(kit, at, &slot);
            next = at + 1 + (at * 40503u >> 4) % 300;
        }
        uint32_t n = next - at;
        if (seed) {
            cuts = cuts * 1664525u + 1013904223u;
            uint32_t cut = 1 + (cuts >> 16) % 90;
            n = cut < n ? cut : n;
        }
        n = n < frames - at ? n : frames - at;
        mixer_render(kit->mixer, n, left + at, right + at);
        at += n;
    }
}

enum { SCORE = 96000 };

static void open_score(struct kit *kit, enum synth_interpolation mode)
{
    kit_open(kit, RATE, mode, SYNTH_STUDIO, 128, 2000);
    kit_sine(kit, 20000, 20);
    kit_loop(kit, 500, 700);
    mixer_set_effects(kit->mixer, SYNTH_EFFECT_REVERB | SYNTH_EFFECT_CHORUS);
    kit->channel.cc[93] = 60;
    kit_articulate(kit, rich, sizeof rich / sizeof rich[0]);
}

static void test_cuts(void)
{
    static float want[2][SCORE], got[2][SCORE];
    for (unsigned mode = SYNTH_LINEAR; mode <= SYNTH_SINC16; mode++) {
        struct kit kit;
        open_score(&kit, mode);
        render_score(&kit, SCORE, 0, want[0], want[1]);
        kit_close(&kit);
        double peak = 0;
        for (uint32_t i = 0; i < SCORE; i++)
            peak = fmax(peak, fabs((double)want[0][i]));
        CHECK(peak > 0.1 && peak < 100);
        for (uint32_t seed = 1; seed <= 3; seed++) {
            open_score(&kit, mode);
            render_score(&kit, SCORE, seed, got[0], got[1]);
            kit_close(&kit);
            CHECK(memcmp(want, got, sizeof want) == 0);
        }
    }
}

static void test_effect_tails(void)
{
    /* Effects stop when their tails are over and start again with the next note: at the same frames for any cut. */
    enum { FRAMES = 4 * 48000 };
    static float out[2][2][FRAMES];
    for (int cut = 0; cut < 2; cut++) {
        struct kit kit;
        open_score(&kit, SYNTH_LINEAR);
        for (uint32_t at = 0; at < FRAMES;) {
            if (at == 0 || at == 3 * RATE + 5)
                kit_start(&kit, at != 0, 60, 127);
            if (at == 5000)
                mixer_steal(kit.mixer, 0);
            uint32_t event = at < 5000 ? 5000 : at < 3 * RATE + 5 ? 3 * RATE + 5 : FRAMES, n = event - at;
            n = cut && n > 37 ? 37 : n;
            mixer_render(kit.mixer, n, out[cut][0] + at, out[cut][1] + at);
            at += n;
        }
        kit_close(&kit);
    }
    CHECK(out[0][0][5300] != 0.0f && out[0][0][3 * RATE] == 0.0f);
    CHECK(memcmp(out[0], out[1], sizeof out[0]) == 0);
}

/* Bits that every compiler and optimisation level has to give: tests/synth/check_bits.py compares builds of this. */
static void print_hash(void)
{
    static float out[2][SCORE];
    struct kit kit;
    for (unsigned mode = SYNTH_NEAREST; mode <= SYNTH_SINC32; mode++) {
        open_score(&kit, mode);
        render_score(&kit, SCORE, 0, out[0], out[1]);
        kit_close(&kit);
        uint64_t hash = 14695981039346656037u;
        for (uint32_t i = 0; i < 2 * SCORE; i++) {
            uint32_t bits;
            memcpy(&bits, &out[0][0] + i, 4);
            hash = (hash ^ bits) * 1099511628211u;
        }
        printf("hash %u %016" PRIx64 "\n", mode, hash);
    }
}

/* ---- robustness ------------------------------------------------------------------- */

static int32_t wild_scale(void)
{
    switch (draw(4)) {
    case 0:
        return (int32_t)(draw(65536) * 65537u);
    case 1:
        return draw(2) ? INT32_MIN : INT32_MAX;
    default:
        return ((int32_t)draw(24000) - 12000) * 65536;
    }
}

static uint16_t wild_source(void)
{
    static const uint16_t odd[] = {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x81, 0x87, 0x8A, 0x8B, 0xDB, 0xDD, 0x100, 0x101, 0x102};
    return draw(10) ? odd[draw(21)] : (uint16_t)draw(65536);
}

static void test_wild_articulations(void)
{
    static const uint16_t dests[] = {1, 3, 4, 0x80, 0x81, 0x104, 0x105, 0x114, 0x115, 0x206, 0x207, 0x209, 0x20A, 0x20B,
                                     0x20C, 0x20D, 0x30A, 0x30B, 0x30D, 0x30E, 0x30F, 0x310, 0x500, 0x500, 0x501, 0x501};
    static float left[700], right[700];
    long bad = 0;
    for (uint32_t round = 0; round < 1500; round++) {
        struct kit kit;
        state = round;
        kit_open(&kit, round % 2 ? 22050 : 48000, round % 5 ? SYNTH_LINEAR : SYNTH_SINC16, round % 3 ? SYNTH_STUDIO : SYNTH_NATIVE, 8, 300);
        mixer_set_effects(kit.mixer, draw(4));
        for (uint32_t i = 0; i < 300; i++)
            kit.samples[i] = (int16_t)(draw(65536) - 32768);
        kit.wave.sample_rate = draw(2) ? 44100 : 1 + draw(400000);
        kit_loop(&kit, draw(299), 1);
        kit.region.loop_length = 1 + draw(300 - kit.region.loop_start);
        kit.region.gain = wild_scale();
        kit.region.fine_tune = (int16_t)(draw(65536) - 32768);
        struct artic_block blocks[24];
        for (int i = 0; i < 24; i++)
            blocks[i] = (struct artic_block){wild_source(), draw(2) ? 0 : wild_source(), dests[draw(26)],
                                             (uint16_t)(draw(3) ? 0x4000 : draw(65536)), wild_scale()};
        kit_articulate(&kit, blocks, 24);
        for (uint32_t slot = 0; slot < 8; slot++) {
            for (int i = 0; i < 128; i++)
                kit.channel.cc[i] = (uint8_t)draw(128);
            kit.channel.version++;
            uint8_t key = (uint8_t)draw(128), velocity = (uint8_t)(1 + draw(127));
            kit_start(&kit, slot, key, velocity);
            if (draw(2))
                mixer_release(kit.mixer, draw(slot + 1));
            mixer_render(kit.mixer, 1 + draw(700), left, right);
            for (uint32_t i = 0; i < 700; i++)
                bad += !(fabs((double)left[i]) < 1e6) || !(fabs((double)right[i]) < 1e6);
        }
        kit_close(&kit);
    }
    CHECK_EQ(bad, 0);
}

static void test_filter_sweep(void)
{
    /* 3.6: 0.1 semitone per 2 ms from 200 to 1200 Hz with a 100 Hz square at full resonance, and back faster than that */
    struct artic_block b[] = {{0, 0, DST_FILTER_CUTOFF, 0, 5535 * 65536}, {0, 0, DST_FILTER_Q, 0, 225 * 65536},
                              {SRC_LFO, 0, DST_FILTER_CUTOFF, 0x4000, 3102 * 65536}, {0, 0, DST_LFO_FREQUENCY, 0, 1548 * 65536}};
    struct kit kit;
    static float left[RATE], right[RATE];
    kit_open(&kit, RATE, SYNTH_LINEAR, SYNTH_STUDIO, 1, 480);
    for (uint32_t i = 0; i < 480; i++)
        kit.samples[i] = i < 240 ? 8000 : -8000;
    kit_loop(&kit, 0, 480);
    kit_articulate(&kit, b, 4);
    kit_start(&kit, 0, 60, 127);
    double peak = 0;
    for (int second = 0; second < 3; second++) {
        mixer_render(kit.mixer, RATE, left, right);
        for (uint32_t i = 0; i < RATE; i++)
            peak = fmax(peak, fabs((double)left[i]));
    }
    CHECK(peak > 0.1 && peak < 0.17 * 13.4);
    kit_close(&kit);
}

static void test_plain_beside_filtered(void)
{
    /* A voice without filter gives the same bits whether filtered ones share its lanes or not. */
    static float alone[2][2000], both[2][2000], filtered[2][2000];
    struct artic_block b = {0, 0, DST_FILTER_CUTOFF, 0, 6000 * 65536};
    struct kit kit;
    kit_open(&kit, RATE, SYNTH_SINC16, SYNTH_STUDIO, 2, 480);
    kit_sine(&kit, 20000, 3);
    void *memory = kit_alloc(NULL, artic_size(1));
    struct region other = kit.region;
    other.artic = artic_compile(memory, &b, 1, SYNTH_STUDIO);
    struct voice_params p = kit_note(&kit, 60, 127);
    p.region = &other;
    mixer_start(kit.mixer, 0, &p);
    mixer_render(kit.mixer, 2000, filtered[0], filtered[1]);
    mixer_reset(kit.mixer);
    kit_start(&kit, 1, 64, 100);
    mixer_render(kit.mixer, 2000, alone[0], alone[1]);
    mixer_reset(kit.mixer);
    mixer_start(kit.mixer, 0, &p);
    kit_start(&kit, 1, 64, 100);
    mixer_render(kit.mixer, 2000, both[0], both[1]);
    long wrong = 0;
    for (uint32_t i = 0; i < 2000; i++)
        wrong += both[0][i] != alone[0][i] + filtered[0][i];
    CHECK_EQ(wrong, 0);
    CHECK(fabs((double)filtered[0][1000]) > 1e-4);
    free(memory);
    kit_close(&kit);
}

static void test_slots(void)
{
    /* Many voices in slots of any order; finished ones are told once, in order. */
    enum { SLOTS = 1000 };
    struct kit kit;
    static float left[512], right[512];
    static voice_slot done[SLOTS];
    kit_open(&kit, RATE, SYNTH_LINEAR, SYNTH_STUDIO, SLOTS, 480);
    kit_constant(&kit, 30);
    for (uint32_t i = 0; i < SLOTS; i++)
        kit_start(&kit, i * 7 % SLOTS, 60, 127);
    mixer_render(kit.mixer, 256, left, right);
    CHECK_NEAR(left[255], SLOTS * 30 * sqrt(0.5) / 32768, 1e-4);
    CHECK_NEAR(20 * log10(mixer_level(kit.mixer, 500)), -3.01, 0.01);
    for (uint32_t i = 0; i < SLOTS; i += 2)
        mixer_steal(kit.mixer, i);
    mixer_render(kit.mixer, 512, left, right);
    CHECK_EQ(mixer_finished(kit.mixer, done, 100), 100);
    CHECK_EQ(mixer_finished(kit.mixer, done + 100, SLOTS), 400);
    for (uint32_t i = 0; i < 500; i++)
        CHECK_EQ(done[i], 2 * i);
    CHECK_EQ(mixer_finished(kit.mixer, done, SLOTS), 0);
    CHECK_NEAR(left[511], SLOTS / 2 * 30 * sqrt(0.5) / 32768, 1e-4);
    for (uint32_t i = 0; i < SLOTS; i += 2)
        kit_start(&kit, i, 60, 127);
    mixer_render(kit.mixer, 64, left, right);
    CHECK_NEAR(left[63], SLOTS * 30 * sqrt(0.5) / 32768, 1e-4);
    kit_close(&kit);
}

static int failing_blocks, failing_left;

static void *failing_alloc(void *ctx, size_t size)
{
    if (failing_left-- <= 0)
        return NULL;
    failing_blocks++;
    return kit_alloc(ctx, size);
}

static void failing_free(void *ctx, void *block)
{
    failing_blocks -= block != NULL;
    kit_free(ctx, block);
}

static void test_out_of_memory(void)
{
    const struct synth_memory memory = {failing_alloc, failing_free, NULL};
    struct synth_config config = {.sample_rate = 48000, .channels = 2, .voices = 64, .groups = 1, .effects = 3,
                                  .profile = SYNTH_STUDIO, .interpolation = SYNTH_SINC16};
    struct mixer *mixer = NULL;
    int allowed = 0;
    for (; !mixer && allowed < 40; allowed++) {
        failing_left = allowed;
        mixer = mixer_create(&config, 64, &memory);
        if (!mixer)
            CHECK_EQ(failing_blocks, 0);
    }
    CHECK(mixer && allowed > 5);
    mixer_destroy(mixer, &memory);
    CHECK_EQ(failing_blocks, 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--hash") == 0) {
        print_hash();
        return 0;
    }
    RUN(test_short_loop_period);
    RUN(test_loop_against_unrolled);
    RUN(test_loop_of_next_voice);
    RUN(test_release_loop);
    RUN(test_release_loop_tail);
    RUN(test_one_shot);
    RUN(test_cuts);
    RUN(test_effect_tails);
    RUN(test_wild_articulations);
    RUN(test_filter_sweep);
    RUN(test_plain_beside_filtered);
    RUN(test_slots);
    RUN(test_out_of_memory);
    return tap_done();
}
