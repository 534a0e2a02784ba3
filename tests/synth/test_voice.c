/* SPDX-License-Identifier: MIT */
/*
 * One voice, measured at the mixer's output: gain, pan, envelopes, LFOs and
 * pitch against the formulas of spec/dls.md 3.3-3.9 and native-behaviour I, J.
 */
#include "synth/connection.h"

#include "../tap.h"
#include "kit.h"

#define RATE 48000u
#define HALF 16384 /* 0.5 of full scale */

static float left[RATE * 8], right[RATE * 8];

static int32_t time_cents(double seconds)
{
    return (int32_t)lrint(1200 * log2(seconds) * 65536);
}

static int32_t hertz(double f)
{
    return (int32_t)lrint((1200 * log2(f / 440) + 6900) * 65536);
}

/* dB of the gain of a constant wave at FRAME */
static double gain_db(const float *x, uint32_t frame)
{
    return kit_db((double)x[frame] * 2);
}

/* Centre pan takes 3.01 dB off each channel. */
#define CENTRE (-3.0103)

static void open_constant(struct kit *kit, enum synth_profile profile, const struct artic_block *blocks, uint32_t count)
{
    kit_open(kit, RATE, SYNTH_LINEAR, profile, 8, 64);
    kit_constant(kit, HALF);
    kit_articulate(kit, blocks, count);
}

static void test_gain(void)
{
    struct kit kit;
    open_constant(&kit, SYNTH_STUDIO, NULL, 0);
    kit.region.gain = -120 * 65536; /* -12 dB */
    kit.channel.cc[7] = 100;
    kit.channel.cc[11] = 120;
    kit.master.gain_db = -1.5f;
    kit.master.volume_db = 0.5f;
    kit_start(&kit, 0, 60, 110);
    mixer_render(kit.mixer, 4, left, right);
    double want = CENTRE - 12 - 1 + 40 * log10(100 / 127.0) + 40 * log10(120 / 127.0) + 40 * log10(110 / 127.0);
    CHECK_NEAR(gain_db(left, 0), want, 0.002); /* at once, from the first frame */
    CHECK_NEAR(gain_db(right, 3), want, 0.002);
    kit.channel.cc[11] = 60; /* moves within some milliseconds, without a step */
    kit.channel.version++;
    mixer_render(kit.mixer, 4800, left, right);
    want += 40 * log10(60 / 120.0);
    CHECK_NEAR(gain_db(left, 2400), want, 0.002);
    double step = 0;
    for (int i = 1; i < 4800; i++)
        step = fmax(step, fabs(gain_db(left, i) - gain_db(left, i - 1)));
    CHECK(step < 0.2);
    kit.channel.cc[7] = 0;
    kit.channel.version++;
    mixer_render(kit.mixer, 4800, left, right);
    CHECK(left[4799] == 0.0f);
    kit_close(&kit);
}

static void test_gain_ceiling(void)
{
    struct kit kit;
    struct artic_block loud = {0, 0, DST_GAIN, 0, 200 * 65536};
    open_constant(&kit, SYNTH_STUDIO, &loud, 1);
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, 1, left, right);
    CHECK_NEAR(gain_db(left, 0), CENTRE + 12, 0.002); /* 3.7: clip at +12 dB */
    kit_close(&kit);
    open_constant(&kit, SYNTH_NATIVE, &loud, 1);
    kit.channel.cc[10] = 51;
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, 1, left, right);
    CHECK_NEAR(gain_db(left, 0), 0, 0.002); /* native 48: per output channel, after pan */
    CHECK_NEAR(gain_db(right, 0), 0, 0.002);
    kit_close(&kit);
}

static void test_pan_studio(void)
{
    /* RP-036 and section 9 item 4 */
    struct kit kit;
    open_constant(&kit, SYNTH_STUDIO, NULL, 0);
    for (int cc = 0; cc < 128; cc++) {
        mixer_reset(kit.mixer);
        kit.channel.cc[10] = (uint8_t)cc;
        kit.channel.version++;
        kit_start(&kit, 0, 60, 127);
        mixer_render(kit.mixer, 1, left, right);
        double p = fmin(fmax((2 * cc / 128.0 - 1) * 0.508, -0.5), 0.5) + 0.5;
        CHECK_NEAR(left[0], 0.5 * cos(KIT_PI / 2 * p), 1e-6);
        CHECK_NEAR(right[0], 0.5 * sin(KIT_PI / 2 * p), 1e-6);
        if (cc == 0 || cc == 1)
            CHECK(left[0] == 0.5f && right[0] == 0.0f);
        if (cc == 127)
            CHECK(left[0] == 0.0f && right[0] == 0.5f);
        if (cc == 64)
            CHECK_NEAR(gain_db(left, 0), gain_db(right, 0), 1e-5);
    }
    kit_close(&kit);
}

static void test_pan_native(void)
{
    static const struct {
        int cc, artic;
        double left, right;
    } table[] = {{51, 0, -2.23, -3.96}, {76, 0, -3.96, -2.23}, {64, -100, -2.22, -3.98}, {64, 100, -3.98, -2.22}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct kit kit;
        struct artic_block pan = {0, 0, DST_PAN, 0, table[i].artic * 65536};
        open_constant(&kit, SYNTH_NATIVE, &pan, 1);
        kit.channel.cc[10] = (uint8_t)table[i].cc;
        kit_start(&kit, 0, 60, 127);
        mixer_render(kit.mixer, 1, left, right);
        CHECK_NEAR(gain_db(left, 0), table[i].left, 0.045); /* native 50; CC10 = 64 is 0.5/127 off the centre */
        CHECK_NEAR(gain_db(right, 0), table[i].right, 0.045);
        kit_close(&kit);
    }
}

static void test_attack(void)
{
    struct kit kit;
    struct artic_block b = {0, 0, DST_EG1_ATTACK, 0, time_cents(1)};
    open_constant(&kit, SYNTH_STUDIO, &b, 1);
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, RATE + 10, left, right);
    double full = 0.5 * sqrt(0.5), worst = 0;
    for (uint32_t i = 0; i < RATE; i++)
        worst = fmax(worst, fabs((double)left[i] - full * i / RATE));
    CHECK(worst < full * 1e-5); /* straight in amplitude */
    CHECK_NEAR(gain_db(left, RATE / 2), CENTRE - 6.0206, 1e-3);
    CHECK_NEAR(left[RATE], full, 1e-6);
    CHECK_NEAR(left[RATE + 9], full, 1e-6);
    kit_close(&kit);
}

static void test_decay_and_release(void)
{
    struct kit kit;
    struct artic_block b[] = {{0, 0, DST_EG1_DECAY, 0, time_cents(10)},
                              {0, 0, DST_EG1_SUSTAIN, 0, 500 * 65536},
                              {0, 0, DST_EG1_RELEASE, 0, time_cents(2)},
                              {0, 0, DST_EG1_DELAY, 0, time_cents(0.1)},
                              {0, 0, DST_EG1_HOLD, 0, time_cents(0.2)}};
    open_constant(&kit, SYNTH_STUDIO, b, 5);
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, 6 * RATE, left, right);
    CHECK(left[4799] == 0.0f);
    CHECK_NEAR(gain_db(left, 4800), CENTRE, 1e-3);
    CHECK_NEAR(gain_db(left, 14399), CENTRE, 1e-3);
    double worst = 0, step = 0;
    for (uint32_t i = 0; i < 5 * RATE; i++) { /* 96 dB in 10 s, straight in dB */
        worst = fmax(worst, fabs(gain_db(left, 14400 + i) - (CENTRE - 9.6 * i / RATE)));
        step = fmax(step, fabs(gain_db(left, 14401 + i) - gain_db(left, 14400 + i)));
    }
    printf("# decay: off by %.2g dB at most, largest step %.2g dB\n", worst, step);
    CHECK(worst < 1e-3);
    CHECK(step < 9.6 / RATE + 1e-4);
    CHECK_NEAR(gain_db(left, 14400 + 5 * RATE), CENTRE - 48, 1e-3); /* item 5: -48 dB after 5 s */
    CHECK_NEAR(gain_db(left, 6 * RATE - 1), CENTRE - 48, 1e-3);

    mixer_render(kit.mixer, 13, left, right); /* off the grid */
    mixer_release(kit.mixer, 0);
    mixer_render(kit.mixer, RATE + 64, left, right);
    worst = 0;
    for (uint32_t i = 0; i + 4000 < RATE; i++)
        worst = fmax(worst, fabs(gain_db(left, i) - (CENTRE - 48 - 48.0 * i / RATE)));
    CHECK(worst < 2e-3);
    voice_slot slot;
    CHECK_EQ(mixer_finished(kit.mixer, &slot, 1), 1); /* inaudible: over within the second that 48 dB take */
    CHECK_EQ(slot, 0);
    CHECK(left[RATE] == 0.0f);
    kit_close(&kit);
}

static void test_release_in_attack(void)
{
    struct kit kit;
    struct artic_block b[] = {{0, 0, DST_EG1_ATTACK, 0, time_cents(1)}, {0, 0, DST_EG1_RELEASE, 0, time_cents(2)}};
    open_constant(&kit, SYNTH_STUDIO, b, 2);
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, RATE / 4 + 7, left, right);
    mixer_release(kit.mixer, 0);
    mixer_render(kit.mixer, RATE, left, right);
    double from = CENTRE + kit_db((RATE / 4 + 7) / (double)RATE);
    CHECK_NEAR(gain_db(left, 0), from, 1e-3);
    CHECK_NEAR(gain_db(left, RATE / 2), from - 24, 2e-3);
    kit_close(&kit);
}

static void test_shutdown_and_steal(void)
{
    struct kit kit;
    struct artic_block release = {0, 0, DST_EG1_RELEASE, 0, time_cents(5)};
    open_constant(&kit, SYNTH_STUDIO, &release, 1);
    voice_slot slots[4];
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, 100, left, right);
    mixer_release(kit.mixer, 0);
    mixer_render(kit.mixer, 100, left, right);
    mixer_shutdown(kit.mixer, 0); /* 15 ms for 96 dB by default, also out of a release */
    mixer_render(kit.mixer, 1000, left, right);
    CHECK_NEAR(gain_db(left, 360) - gain_db(left, 0), -48, 0.01);
    CHECK(left[721] == 0.0f);
    CHECK_EQ(mixer_finished(kit.mixer, slots, 4), 1);

    kit_start(&kit, 3, 60, 127);
    mixer_render(kit.mixer, 77, left, right);
    double full = left[76];
    mixer_steal(kit.mixer, 3);
    mixer_render(kit.mixer, 1000, left, right);
    double bend = 0;
    for (int i = 1; i < 999; i++) /* no step: the ramp's corners are what a second difference sees */
        bend = fmax(bend, fabs((double)left[i + 1] - 2 * (double)left[i] + (double)left[i - 1]) / full);
    printf("# steal: second difference %.1f dB\n", kit_db(bend));
    CHECK(kit_db(bend) < -60);
    CHECK_NEAR(left[0], full, 1e-6);
    CHECK(left[242] == 0.0f); /* 5 ms */
    CHECK_EQ(mixer_finished(kit.mixer, slots, 4), 1);
    CHECK_EQ(slots[0], 3);

    kit_articulate(&kit, NULL, 0); /* release 0 s: as a steal */
    kit_start(&kit, 1, 60, 127);
    mixer_render(kit.mixer, 64, left, right);
    mixer_release(kit.mixer, 1);
    mixer_render(kit.mixer, 1000, left, right);
    CHECK(left[100] > 0.1f * (float)full && left[242] == 0.0f);
    kit_close(&kit);
}

static void test_key_and_velocity_times(void)
{
    struct kit kit;
    /* DLS 1 worked example: attack 400 ms, velocity -1200 tc, at velocity 110; with /128 */
    struct artic_block b[] = {{0, 0, DST_EG1_ATTACK, 0, time_cents(0.4)}, {SRC_VELOCITY, 0, DST_EG1_ATTACK, 0, -1200 * 65536}};
    open_constant(&kit, SYNTH_STUDIO, b, 2);
    kit_start(&kit, 0, 60, 110);
    mixer_render(kit.mixer, RATE, left, right);
    double attack = 0.4 * pow(2, -110 / 128.0);
    CHECK_NEAR(attack, 0.2205, 5e-5);
    CHECK_NEAR(gain_db(left, 7200), CENTRE + 40 * log10(110 / 127.0) + kit_db(0.15 / attack), 1e-3);
    kit_close(&kit);
    /* native 57: 2400 cents make 100 ms 400 at velocity 127 */
    b[0].scale = time_cents(0.1);
    b[1].scale = 2400 * 65536;
    open_constant(&kit, SYNTH_NATIVE, b, 2);
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, RATE, left, right);
    CHECK_NEAR(left[RATE / 5] / left[RATE - 1], 0.5, 1e-4);
    kit_close(&kit);
}

static void test_tremolo(void)
{
    struct kit kit;
    /* DLS 1 worked example: 3 dB, 1 dB more by the wheel at 25 */
    struct artic_block b[] = {{SRC_LFO, 0, DST_GAIN, 0x4000, 30 * 65536},
                              {SRC_LFO, SRC_CC1, DST_GAIN, 0x4000, 10 * 65536},
                              {0, 0, DST_LFO_FREQUENCY, 0, hertz(2)},
                              {0, 0, DST_LFO_DELAY, 0, time_cents(0.1)}};
    open_constant(&kit, SYNTH_STUDIO, b, 4);
    kit.channel.cc[1] = 25;
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, 2 * RATE, left, right);
    double depth = 3 + 25 / 128.0, worst = 0;
    for (uint32_t i = 0; i < 2 * RATE; i++) {
        double t = i / (double)RATE - 0.1;
        double lfo = t > 0 ? sin(2 * KIT_PI * 2 * t) : 0;
        worst = fmax(worst, fabs(gain_db(left, i) - CENTRE - depth * lfo));
    }
    CHECK(worst < 0.02);
    CHECK_NEAR(gain_db(left, (uint32_t)(0.475 * RATE)), CENTRE - 3.195, 2e-3); /* trough at 3/4 of a turn */
    kit_close(&kit);
    /* native 61: a tenth through channel pressure */
    struct artic_block p[] = {{SRC_LFO, SRC_CHANNEL_PRESSURE, DST_GAIN, 0x4000, 100 * 65536}};
    open_constant(&kit, SYNTH_NATIVE, p, 1);
    kit.channel.pressure = 127;
    kit.region.gain = -120 * 65536;
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, RATE, left, right);
    double high = -100;
    for (uint32_t i = 0; i < RATE; i++)
        high = fmax(high, gain_db(left, i));
    CHECK_NEAR(high, CENTRE - 12 + 1, 0.05);
    kit_close(&kit);
}

/* Cents between what sounds and FREQUENCY (cycles per frame), from the phase drift of a sine over COUNT frames */
static double cents_off(const float *x, uint32_t count, double frequency)
{
    double phase[2];
    for (int part = 0; part < 2; part++) {
        double s = 0, c = 0;
        uint32_t n = count / 4, first = part ? count - n : 0;
        for (uint32_t i = first; i < first + n; i++) {
            double w = 0.5 - 0.5 * cos(2 * KIT_PI * (i - first) / n);
            s += (double)x[i] * w * sin(2 * KIT_PI * frequency * i);
            c += (double)x[i] * w * cos(2 * KIT_PI * frequency * i);
        }
        phase[part] = atan2(c, s) / (2 * KIT_PI);
    }
    double turns = phase[1] - phase[0];
    turns -= floor(turns + 0.5);
    return 1200 * log2(1 + turns / (frequency * (count - count / 4)));
}

static void test_pitch(void)
{
    struct kit kit;
    kit_open(&kit, RATE, SYNTH_SINC16, SYNTH_STUDIO, 1, 44100);
    kit_sine(&kit, 20000, 441);
    kit.wave.sample_rate = 44100; /* 441 Hz */
    for (int key = 60 - 48; key <= 60 + 48; key++) {
        mixer_reset(kit.mixer);
        kit_start(&kit, 0, (uint8_t)key, 127);
        mixer_render(kit.mixer, RATE, left, right);
        CHECK_NEAR(cents_off(left, RATE, 441.0 / RATE * pow(2, (key - 60) / 12.0)), 0, 0.003);
    }
    /* DLS 1 worked example, the steady parts: key 60, unity 54, fine 1, wheel +365 of 8192 at 200 cents */
    kit.region.unity_note = 54;
    kit.region.fine_tune = 1;
    kit.channel.wheel = 8192 + 365;
    kit.channel.version++;
    mixer_reset(kit.mixer);
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, RATE, left, right);
    CHECK_NEAR(cents_off(left, RATE, 441.0 / RATE * pow(2, (600 + 1 + 8.911) / 1200.0)), 0, 0.002);
    kit_close(&kit);
}

static void test_pitch_envelope(void)
{
    /* the moving part of the example: EG2, 30 cents, 150 ms into a decay of 10 s stands at 29.55 */
    struct kit kit;
    struct artic_block b[] = {{SRC_EG2, 0, DST_PITCH, 0, 30 * 65536}, {0, 0, DST_EG2_DECAY, 0, time_cents(10)},
                              {0, 0, DST_EG2_SUSTAIN, 0, 0}};
    kit_open(&kit, RATE, SYNTH_SINC16, SYNTH_STUDIO, 1, 4800);
    kit_sine(&kit, 20000, 441);
    kit_articulate(&kit, b, 3);
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, 14400, left, right); /* centred on 150 ms */
    CHECK_NEAR(cents_off(left, 14400, 4410.0 / RATE * pow(2, 29.55 / 1200)), 0, 0.01);
    mixer_render(kit.mixer, RATE * 5, left, right);
    CHECK_NEAR(cents_off(left + RATE * 4, 4800, 4410.0 / RATE * pow(2, 30 * (1 - 0.435) / 1200)), 0, 0.03);
    kit_close(&kit);
}

static void test_glide(void)
{
    struct kit kit;
    kit_open(&kit, RATE, SYNTH_SINC16, SYNTH_STUDIO, 1, 4800);
    kit_sine(&kit, 20000, 441);
    struct voice_params p = kit_note(&kit, 60, 127);
    p.glide_cents = -1200;
    p.glide_rate = 2400; /* half a second */
    mixer_start(kit.mixer, 0, &p);
    mixer_render(kit.mixer, 2 * RATE, left, right);
    CHECK_NEAR(cents_off(left, 2400, 4410.0 / RATE * pow(2, (-1200 + 2400 * 0.025) / 1200)), 0, 0.5);
    CHECK_NEAR(cents_off(left + RATE, RATE, 4410.0 / RATE), 0, 0.001);
    mixer_retune(kit.mixer, 0, 67, 67, 0);
    mixer_render(kit.mixer, RATE, left, right);
    CHECK_NEAR(cents_off(left + 100, RATE - 100, 4410.0 / RATE * pow(2, 7 / 12.0)), 0, 0.001);
    kit_close(&kit);
}

static void test_key_scale(void)
{
    struct kit kit;
    struct artic_block b = {SRC_KEY, 0, DST_PITCH, 0, 0};
    kit_open(&kit, RATE, SYNTH_SINC16, SYNTH_STUDIO, 1, 4800);
    kit_sine(&kit, 20000, 441);
    kit_articulate(&kit, &b, 1);
    kit.region.key_low = 35; /* a drum whose author left out the compensation: original pitch on every key */
    kit.region.key_high = 36;
    kit_start(&kit, 0, 36, 127);
    mixer_render(kit.mixer, RATE, left, right);
    CHECK_NEAR(cents_off(left, RATE, 4410.0 / RATE), 0, 0.001);
    kit.region.unity_note = 0; /* and one with it */
    kit.region.fine_tune = 100;
    mixer_reset(kit.mixer);
    kit_start(&kit, 0, 36, 127);
    mixer_render(kit.mixer, RATE, left, right);
    CHECK_NEAR(cents_off(left, RATE, 4410.0 / RATE * pow(2, 100 / 1200.0)), 0, 0.001);
    kit_close(&kit);
}

static void test_phase_lock(void)
{
    /* spec/dls.md 3.3: the slave ignores its own rate, tuning and pitch connections */
    struct kit kit;
    struct artic_block vibrato[] = {{SRC_LFO, 0, DST_PITCH, 0x4000, 100 * 65536}, {0, 0, DST_PAN, 0, -500 * 65536}};
    struct artic_block other[] = {{0, 0, DST_PITCH, 0, 333 * 65536}, {0, 0, DST_PAN, 0, 500 * 65536}};
    kit_open(&kit, RATE, SYNTH_SINC16, SYNTH_STUDIO, 32, 4800);
    kit_sine(&kit, 20000, 441);
    void *memory = kit_alloc(NULL, artic_size(2));
    struct region slave = kit.region;
    struct wave wave = kit.wave;
    wave.sample_rate = 11025;
    slave.wave = &wave;
    slave.fine_tune = 50;
    slave.artic = artic_compile(memory, other, 2, SYNTH_STUDIO);
    kit_articulate(&kit, vibrato, 2);
    mixer_render(kit.mixer, 21, left, right);
    kit_start(&kit, 5, 64, 127);
    struct voice_params p = kit_note(&kit, 64, 127);
    p.region = &slave;
    p.phase_master = 5;
    mixer_start(kit.mixer, 2, &p);
    mixer_render(kit.mixer, RATE, left, right);
    double difference = 0;
    for (uint32_t i = 0; i < RATE; i++)
        difference = fmax(difference, fabs((double)left[i] - (double)right[i]));
    CHECK(difference == 0.0);
    CHECK(left[1000] != 0.0f);
    free(memory);
    kit_close(&kit);
}

int main(void)
{
    RUN(test_gain);
    RUN(test_gain_ceiling);
    RUN(test_pan_studio);
    RUN(test_pan_native);
    RUN(test_attack);
    RUN(test_decay_and_release);
    RUN(test_release_in_attack);
    RUN(test_shutdown_and_steal);
    RUN(test_key_and_velocity_times);
    RUN(test_tremolo);
    RUN(test_pitch);
    RUN(test_pitch_envelope);
    RUN(test_glide);
    RUN(test_key_scale);
    RUN(test_phase_lock);
    return tap_done();
}
