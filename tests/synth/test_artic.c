/* SPDX-License-Identifier: MIT */
/* Connections: curves, units, overlay and tolerance (spec/dls.md section 2; conformance list section 9 items 1, 2, 9). */
#include "synth/connection.h"
#include "synth/modulation.h"

#include "../tap.h"
#include "kit.h"

static float steady_sum(const struct artic_block *blocks, uint32_t count, enum artic_dest dest, uint8_t key, uint8_t velocity,
                        const struct channel *channel, enum synth_profile profile)
{
    void *mem = kit_alloc(NULL, artic_size(count));
    struct listener who = {artic_compile(mem, blocks, count, profile), channel, key, key, velocity, 0, 0};
    float note[DEST_COUNT];
    struct modulation mod;
    modulation_note(&who, note);
    modulation_channel(&who, note, &mod);
    free(mem);
    return mod.sum[dest];
}

/* 2.4: T(x) written out again, from the table */
static double curve(int code, double x, double max)
{
    double knee = pow(10, -12.0 / 5);
    switch (code) {
    case 1:
        return x > (1 - knee) * max ? 1 : -(5.0 / 12) * log10(1 - x / max);
    case 2:
        return x < knee * max ? 0 : 1 + (5.0 / 12) * log10(x / max);
    case 3:
        return x < 8192 ? 0 : 1;
    default:
        return x / 16384;
    }
}

static void test_curves(void)
{
    const double max = 16256;
    for (int code = 0; code < 4; code++)
        for (int x = 0; x < 16384; x += code ? 37 : 1) {
            double y = x > max && code == 2 ? 1 + (5.0 / 12) * log10(x / max) : curve(code, x, max);
            CHECK_NEAR(input_value((uint8_t)code, (float)x, 16384), y, 2e-6);
            double i = max - x > 0 ? max - x : 0;
            CHECK_NEAR(input_value((uint8_t)(code | INPUT_INVERT), (float)x, 16384), curve(code, i, max), 2e-6);
            double v = 2 * x - max;
            double mirrored = code == 1 || code == 2 ? copysign(curve(code, fabs(v), max), v) : 2 * curve(code, x, max) - 1;
            if (fabs(v) <= max)
                CHECK_NEAR(input_value((uint8_t)(code | INPUT_BIPOLAR), (float)x, 16384), mirrored, 3e-6);
        }
}

static void test_concave_values(void)
{
    /* dB of velocity, 3.7 and section 9 item 2 */
    static const struct {
        int value;
        double db;
    } table[] = {{127, 0},         {126, -0.137},   {100, -4.152}, {96, -4.861},  {64, -11.905}, {32, -23.946},
                 {16, -35.987},    {8, -48.029},    {2, -72.111},  {1, -84.152},  {0, -96}};
    struct kit kit;
    kit_open(&kit, 48000, SYNTH_LINEAR, SYNTH_STUDIO, 1, 64);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        float x = -96.0f * input_value(CURVE_CONCAVE | INPUT_INVERT, (float)table[i].value * 128.0f, 16384.0f);
        CHECK_NEAR(x, table[i].db, 0.0006);
        kit.channel.cc[7] = (uint8_t)table[i].value;
        CHECK_NEAR(steady_sum(NULL, 0, DEST_GAIN, 60, 127, &kit.channel, SYNTH_STUDIO), table[i].db, 0.0006);
    }
    /* 14 bits with LSB 0 equal 7 bits; an LSB refines */
    kit.channel.cc[7] = 127;
    kit.channel.cc[39] = 0;
    CHECK_NEAR(steady_sum(NULL, 0, DEST_GAIN, 60, 127, &kit.channel, SYNTH_STUDIO), 0, 1e-6);
    kit.channel.cc[7] = 64;
    kit.channel.cc[39] = 64;
    CHECK_NEAR(steady_sum(NULL, 0, DEST_GAIN, 60, 127, &kit.channel, SYNTH_STUDIO), 40 * log10((64 * 128 + 64) / 16256.0), 1e-3);
    kit_close(&kit);
}

static void test_units(void)
{
    /* the constants of 2.5 */
    static const struct {
        uint32_t scale;
        uint16_t dest;
        enum artic_dest to;
        double value, tolerance;
    } table[] = {
        {0xFCACAE9B, DST_LFO_FREQUENCY, DEST_LFO_FREQUENCY, -851.318, 1e-3},
        {0x060CAE9B, DST_VIB_FREQUENCY, DEST_VIB_FREQUENCY, 1548.682, 1e-3},
        {0xE0DB5F61, DST_LFO_DELAY, DEST_LFO_DELAY, -7972.627, 1e-3},
        {0x0F925050, DST_EG1_DECAY, DEST_EG1_DECAY, 3986.314, 1e-3},
        {0x18F25050, DST_EG2_RELEASE, DEST_EG2_RELEASE, 6386.314, 1e-3},
        {0x159F0000, DST_FILTER_CUTOFF, DEST_FILTER_CUTOFF, 5535, 0},
        {0x00E10000, DST_FILTER_Q, DEST_FILTER_Q, 22.5, 1e-5},
        {0x00780000, DST_GAIN, DEST_GAIN, 12, 1e-5},
        {0x01FC0000, DST_PAN, DEST_PAN, 508, 0},
        {0x03E80000, DST_EG1_SUSTAIN, DEST_EG1_SUSTAIN, 1000, 0},
        {0x04B00000, DST_PITCH, DEST_PITCH, 1200, 0},
    };
    struct kit kit;
    kit_open(&kit, 48000, SYNTH_LINEAR, SYNTH_STUDIO, 1, 64);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct artic_block b = {0, 0, table[i].dest, 0, (int32_t)table[i].scale};
        CHECK_NEAR(steady_sum(&b, 1, table[i].to, 60, 127, &kit.channel, SYNTH_STUDIO), table[i].value, table[i].tolerance);
    }
    kit_close(&kit);
}

static void test_linear_sources(void)
{
    struct kit kit;
    kit_open(&kit, 48000, SYNTH_LINEAR, SYNTH_STUDIO, 1, 64);
    struct channel *c = &kit.channel;
    struct artic_block velocity = {SRC_VELOCITY, 0, DST_FILTER_CUTOFF, 0, -2400 * 65536};
    struct artic_block base = {0, 0, DST_FILTER_CUTOFF, 0, 9000 * 65536};
    struct artic_block both[2] = {velocity, base};
    CHECK_NEAR(steady_sum(both, 2, DEST_FILTER_CUTOFF, 60, 100, c, SYNTH_STUDIO), 9000 - 2400 * 100 / 128.0, 1e-2);
    CHECK_NEAR(steady_sum(both, 2, DEST_FILTER_CUTOFF, 60, 100, c, SYNTH_NATIVE), 9000 - 2400 * 100 / 127.0, 1e-2);
    struct artic_block key = {SRC_KEY, SRC_NONE, DST_EG1_DECAY, 0, -1200 * 65536};
    CHECK_NEAR(steady_sum(&key, 1, DEST_EG1_DECAY, 96, 100, c, SYNTH_STUDIO), -1200 * 96 / 128.0, 1e-3);
    c->wheel = 16383;
    CHECK_NEAR(steady_sum(NULL, 0, DEST_PITCH, 60, 100, c, SYNTH_STUDIO), 200 * 8191 / 8192.0, 1e-3);
    c->bend_range = 1225; /* 12 semitones and 25 cents */
    c->wheel = 0;
    CHECK_NEAR(steady_sum(NULL, 0, DEST_PITCH, 60, 100, c, SYNTH_STUDIO), -1225, 1e-3);
    c->wheel = 8192;
    c->rpn1 = 0;
    CHECK_NEAR(steady_sum(NULL, 0, DEST_PITCH, 60, 100, c, SYNTH_STUDIO), -100, 1e-3);
    c->rpn1 = 8192;
    c->pressure = 64;
    c->poly_pressure[60] = 32;
    struct artic_block pressures[2] = {{SRC_CHANNEL_PRESSURE, 0, DST_PITCH, 0, 128 * 65536},
                                       {SRC_POLY_PRESSURE, SRC_CHANNEL_PRESSURE, DST_PAN, 0, 128 * 65536}};
    CHECK_NEAR(steady_sum(pressures, 2, DEST_PITCH, 60, 100, c, SYNTH_STUDIO), 64, 1e-4);
    CHECK_NEAR(steady_sum(pressures, 2, DEST_PAN, 60, 100, c, SYNTH_STUDIO), 16, 1e-4);
    c->cc[91] = 127;
    c->cc[93] = 64;
    CHECK_NEAR(steady_sum(NULL, 0, DEST_REVERB, 60, 100, c, SYNTH_STUDIO), 1000, 1e-3);
    CHECK_NEAR(steady_sum(NULL, 0, DEST_CHORUS, 60, 100, c, SYNTH_STUDIO), 1000 * 64 / 127.0, 1e-3);
    c->cc[20] = 64; /* a generic controller, switched */
    struct artic_block generic = {SRC_CC + 20, 0, DST_GAIN, CURVE_SWITCH << 10, -60 * 65536};
    CHECK_NEAR(steady_sum(&generic, 1, DEST_GAIN, 60, 127, c, SYNTH_STUDIO), -6, 1e-4);
    c->cc[20] = 63;
    CHECK_NEAR(steady_sum(&generic, 1, DEST_GAIN, 60, 127, c, SYNTH_STUDIO), 0, 1e-4);
    kit_close(&kit);
}

static void test_overlay(void)
{
    struct kit kit;
    kit_open(&kit, 48000, SYNTH_LINEAR, SYNTH_STUDIO, 1, 64);
    const struct channel *c = &kit.channel;
    struct artic_block organ = {SRC_VELOCITY, 0, DST_GAIN, 0x8400, 0}; /* scale 0: no velocity response */
    CHECK_NEAR(steady_sum(&organ, 1, DEST_GAIN, 60, 1, c, SYNTH_STUDIO), 0, 0);
    CHECK_NEAR(steady_sum(&organ, 1, DEST_GAIN, 60, 1, c, SYNTH_NATIVE), -84.152, 1e-3); /* native 62 */
    struct artic_block twice[2] = {{0, 0, DST_PAN, 0, 100 * 65536}, {0, 0, DST_PAN, 0, -200 * 65536}};
    CHECK_NEAR(steady_sum(twice, 2, DEST_PAN, 60, 100, c, SYNTH_STUDIO), -200, 0);
    struct artic_block unknown[4] = {{0, 0, 0x0002, 0, 65536},  {0x55, 0, DST_GAIN, 0, 65536},
                                     {0, 0, 0x0208, 0, 65536},  {0, 0, DST_GAIN, 0, INT32_MIN}};
    CHECK_NEAR(steady_sum(unknown, 4, DEST_GAIN, 60, 127, c, SYNTH_STUDIO), 0, 0);
    struct artic_block tuning = {0, 0, DST_PITCH, 0, 1200 * 65536};
    CHECK_NEAR(steady_sum(&tuning, 1, DEST_PITCH, 60, 127, c, SYNTH_STUDIO), 1200, 0);
    CHECK_NEAR(steady_sum(&tuning, 1, DEST_PITCH, 60, 127, c, SYNTH_NATIVE), 0, 0); /* native 63 */
    kit_close(&kit);
}

static void test_tolerance(void)
{
    struct kit kit;
    kit_open(&kit, 48000, SYNTH_LINEAR, SYNTH_STUDIO, 1, 64);
    const struct channel *c = &kit.channel;
    /* rule 2 and quirk 9: concave without invert; rules 1 and 3: DLS 1 wrote it as output transform */
    struct artic_block plain = {SRC_VELOCITY, 0, DST_GAIN, 0x0400, -960 * 65536};
    struct artic_block level1 = {SRC_VELOCITY, 0, DST_GAIN, 0x0001, -960 * 65536};
    CHECK_NEAR(steady_sum(&plain, 1, DEST_GAIN, 60, 64, c, SYNTH_STUDIO), -11.905, 1e-3);
    CHECK_NEAR(steady_sum(&level1, 1, DEST_GAIN, 60, 64, c, SYNTH_STUDIO), -11.905, 1e-3);
    /* fix-up: the source stands in the control's place */
    struct artic_block moved = {0, SRC_KEY, DST_PAN, 0, 128 * 65536};
    CHECK_NEAR(steady_sum(&moved, 1, DEST_PAN, 30, 100, c, SYNTH_STUDIO), 30, 1e-4);
    /* a great many blocks do no harm */
    enum { MANY = 5000 };
    struct artic_block *many = calloc(MANY, sizeof *many);
    for (int i = 0; i < MANY; i++)
        many[i] = (struct artic_block){(uint16_t)(SRC_CC + i % 128), (uint16_t)(SRC_CC + i / 128), DST_PAN, 0, 1};
    CHECK(isfinite(steady_sum(many, MANY, DEST_PAN, 60, 100, c, SYNTH_STUDIO)));
    free(many);
    kit_close(&kit);
}

static void test_key_number(void)
{
    void *mem = kit_alloc(NULL, artic_size(1));
    const struct artic *a = artic_compile(mem, NULL, 0, SYNTH_STUDIO);
    CHECK_NEAR(artic_key_offset(a, 8192), 0, 0);
    CHECK_NEAR(artic_key_offset(a, 76 * 128), 1200, 1e-3);
    CHECK_NEAR(artic_key_offset(a, 0), -6400, 1e-3);
    struct artic_block fixed = {SRC_RPN2, 0, DST_KEYNUMBER, 0x4000, 0};
    a = artic_compile(mem, &fixed, 1, SYNTH_STUDIO);
    CHECK_NEAR(artic_key_offset(a, 76 * 128), 0, 0);
    a = artic_compile(mem, &fixed, 1, SYNTH_NATIVE);
    CHECK_NEAR(artic_key_offset(a, 76 * 128), 1200, 1e-3); /* native 60 */
    free(mem);
}

int main(void)
{
    RUN(test_curves);
    RUN(test_concave_values);
    RUN(test_units);
    RUN(test_linear_sources);
    RUN(test_overlay);
    RUN(test_tolerance);
    RUN(test_key_number);
    return tap_done();
}
