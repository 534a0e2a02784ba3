/* SPDX-License-Identifier: MIT */
/* Conversion to the host's format: rounding, limits, fold to one channel, dither. */
#include "../tap.h"
#include "base/cpu.h"
#include "synth/output.h"

static struct output_meter meter;

static int16_t one(float value)
{
    struct output output = {2, false, 0};
    int16_t out[2];
    meter = (struct output_meter){0};
    output_s16(&output, &value, &value, 1, 0, out, &meter);
    CHECK_EQ(out[0], out[1]);
    return out[0];
}

static void test_every_16_bit_value_passes(void)
{
    uint32_t wrong = 0;
    for (int32_t v = -32768; v <= 32767; v++) {
        float value = (float)v / 32768.0f;
        struct output output = {2, false, 0};
        int16_t out[2];
        output_s16(&output, &value, &value, 1, 0, out, &meter);
        wrong += out[0] != v;
    }
    CHECK_EQ(wrong, 0);
}

static void test_rounding_and_limits(void)
{
    CHECK_EQ(one(0.4f / 32768), 0);
    CHECK_EQ(one(0.6f / 32768), 1);
    CHECK_EQ(one(-0.4f / 32768), 0);
    CHECK_EQ(one(-0.6f / 32768), -1);
    CHECK_EQ(one(32767.4f / 32768), 32767);
    CHECK_EQ(meter.clipped, 0);
    CHECK_EQ(one(1.0f), 32767);
    CHECK_EQ(meter.clipped, 2);
    CHECK_EQ(one(-1.0f), -32768);
    CHECK_EQ(meter.clipped, 0);
    CHECK_EQ(one(-1.1f), -32768);
    CHECK_EQ(meter.clipped, 2);
    CHECK_EQ(one(INFINITY), 32767);
    CHECK_EQ(one(-INFINITY), -32768);
    CHECK_EQ(one(1e30f), 32767);
    CHECK_EQ(one(NAN), 0);
}

static void test_float_is_untouched(void)
{
    struct output output = {2, true, 0};
    float left[3] = {2.5f, -0.25f, 0}, right[3] = {1, -3, 1e-20f}, out[6];
    meter = (struct output_meter){0};
    output_f32(&output, left, right, 3, out, &meter);
    for (int i = 0; i < 3; i++) {
        CHECK(out[2 * i] == left[i]);
        CHECK(out[2 * i + 1] == right[i]);
    }
    CHECK_NEAR(meter.peak, 3, 0);
    CHECK_EQ(meter.clipped, 0);
}

static void test_mono(void)
{
    struct output output = {1, false, 0};
    float left[2] = {0.5f, 0.5f}, right[2] = {0.25f, -0.5f}, out[2];
    int16_t out16[2];
    meter = (struct output_meter){0};
    output_f32(&output, left, right, 2, out, &meter);
    CHECK_NEAR(out[0], 0.375, 0);
    CHECK_NEAR(out[1], 0, 0);
    output_s16(&output, left, right, 2, 0, out16, &meter);
    CHECK_EQ(out16[0], 12288);
    CHECK_EQ(out16[1], 0);
    CHECK_NEAR(meter.peak, 0.375, 0);
}

/* ---- every level gives the bits of the formula in output.h ---- */

enum { LONGEST = 200, GUARD = 16 };

static uint64_t splitmix64(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static float expected_noise(uint64_t frame, uint32_t channel)
{
    uint64_t x = splitmix64((frame * 2 + channel + 1) * UINT64_C(0x9E3779B97F4A7C15));
    return (float)((int64_t)(x >> 48) + (int64_t)(x >> 32 & 0xFFFF) - 65535) / 65536.0f;
}

static int16_t expected_s16(float value, float noise, uint64_t *clipped)
{
    if (isnan(value))
        return 0;
    float scaled = value * 32768.0f + noise;
    if (scaled >= 32767.5f || scaled < -32768.5f) {
        *clipped += 1;
        return scaled > 0 ? 32767 : -32768;
    }
    return (int16_t)(floor((double)(scaled + 40000.5f)) - 40000); /* the sum is rounded to float: halves go up, and what is next to one */
}

static uint32_t random_state = 1;

static float draw(void)
{
    static const float odd[] = {0, -0.0f, 1, -1, 1.5f, -70000, INFINITY, -INFINITY, NAN, 1e-42f, 0.9999847f, 0.99998474f, -1.0000153f};
    random_state = random_state * 1664525u + 1013904223u;
    if (random_state >> 28 == 0)
        return odd[(random_state >> 8 & 0xFFFF) % (sizeof odd / sizeof *odd)];
    return random_state >> 28 < 3 ? 0.0f : (float)(int32_t)random_state / 2147483648.0f * 1.02f;
}

struct expected {
    int16_t s16[2 * LONGEST];
    float f32[2 * LONGEST], peak;
    uint64_t clipped;
};

static void expect(const struct output *output, const float *left, const float *right, uint32_t frames, uint64_t frame,
                   struct expected *e)
{
    *e = (struct expected){0};
    for (uint32_t i = 0; i < frames; i++)
        for (uint32_t c = 0; c < output->channels; c++) {
            float own = output->channels == 1 ? (left[i] + right[i]) * 0.5f : c ? right[i] : left[i];
            bool silent = output->channels == 1 ? own == 0 : left[i] == 0 && right[i] == 0;
            e->f32[i * output->channels + c] = own;
            e->s16[i * output->channels + c] =
                expected_s16(own, output->dither && !silent ? expected_noise(frame + i, c) : 0, &e->clipped);
            e->peak = fabsf(own) > e->peak ? fabsf(own) : e->peak;
        }
}

static bool guards_kept(const uint8_t *bytes, size_t used, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((i < GUARD || i >= GUARD + used) && bytes[i] != 0xA5)
            return false;
    return true;
}

static bool as_expected(const struct output *output, uint32_t frames, uint64_t frame)
{
    float left[LONGEST + 3], right[LONGEST + 3];
    uint8_t bytes[GUARD + sizeof(float) * 2 * LONGEST + GUARD];
    struct expected e;
    const float *from = left + frames % 3, *other = right + frames % 2; /* aligned and not */
    for (uint32_t i = 0; i < LONGEST + 3; i++) {
        left[i] = draw();
        right[i] = draw();
    }
    expect(output, from, other, frames, frame, &e);
    size_t values = (size_t)frames * output->channels;

    struct output_meter seen = {0};
    memset(bytes, 0xA5, sizeof bytes);
    output_s16(output, from, other, frames, frame, (int16_t *)(void *)(bytes + GUARD), &seen);
    bool ok = memcmp(bytes + GUARD, e.s16, values * sizeof *e.s16) == 0 && guards_kept(bytes, values * sizeof *e.s16, sizeof bytes);
    ok = ok && seen.peak == e.peak && seen.clipped == e.clipped;

    seen = (struct output_meter){0};
    memset(bytes, 0xA5, sizeof bytes);
    output_f32(output, from, other, frames, (float *)(void *)(bytes + GUARD), &seen);
    ok = ok && memcmp(bytes + GUARD, e.f32, values * sizeof *e.f32) == 0 && guards_kept(bytes, values * sizeof *e.f32, sizeof bytes);
    return ok && seen.peak == e.peak && seen.clipped == 0;
}

static void test_every_level(void)
{
    const char *name;
    uint32_t features;
    for (unsigned level = 0; (name = cpu_level(level, &features)) != NULL; level++) {
        uint32_t wrong = 0;
        if (features & ~cpu_features())
            continue;
        for (uint32_t turn = 0; turn < 4 * LONGEST; turn++) {
            struct output output = {turn % 4 < 2 ? 2 : 1, turn % 2 == 0, features};
            wrong += !as_expected(&output, turn / 4, UINT64_C(1) << turn % 64);
        }
        CHECK_EQ(wrong, 0);
        printf("# %s\n", name);
    }
}

enum { N = 1 << 18 };
static float level[N];
static int16_t dithered[2 * N];

/* TPDF of two steps: the error is uncorrelated with the signal, mean 0, variance 1/12 + 2/12 = 1/4 step squared for any
 * constant input (Lipshitz, Wannamaker, Vanderkooy, 1992). */
static void test_dither_statistics(void)
{
    struct output output = {2, true, 0};
    static const float inputs[] = {0.5f, 0.25f, 0.1f, -7.3f, 1000.9f};
    for (size_t k = 0; k < sizeof inputs / sizeof inputs[0]; k++) {
        for (int i = 0; i < N; i++)
            level[i] = inputs[k] / 32768.0f;
        output_s16(&output, level, level, N, 0, dithered, &meter);
        double sum[2] = {0}, square[2] = {0}, cross = 0, lag = 0;
        for (int i = 0; i < N; i++) {
            double e[2] = {dithered[2 * i] - (double)inputs[k], dithered[2 * i + 1] - (double)inputs[k]};
            for (int c = 0; c < 2; c++) {
                sum[c] += e[c];
                square[c] += e[c] * e[c];
            }
            cross += e[0] * e[1];
            if (i > 0)
                lag += e[0] * (dithered[2 * i - 2] - (double)inputs[k]);
        }
        for (int c = 0; c < 2; c++) {
            CHECK_NEAR(sum[c] / N, 0, 0.005); /* 5 sigma */
            CHECK_NEAR(square[c] / N, 0.25, 0.006);
        }
        CHECK_NEAR(cross / N, 0, 0.003);
        CHECK_NEAR(lag / N, 0, 0.003);
    }
}

static void test_dither_does_not_depend_on_the_cut(void)
{
    struct output output = {2, true, 0};
    static int16_t cut[2 * 1000];
    for (int i = 0; i < 1000; i++)
        level[i] = (float)i / 100000.0f;
    output_s16(&output, level, level, 1000, 12345, dithered, &meter);
    for (uint32_t at = 0, n; at < 1000; at += n) {
        n = at % 7 + 1 > 1000 - at ? 1000 - at : at % 7 + 1;
        output_s16(&output, level + at, level + at, n, 12345 + at, cut + 2 * at, &meter);
    }
    CHECK(memcmp(cut, dithered, sizeof cut) == 0);
}

static void test_silence_stays_silent(void)
{
    struct output output = {2, true, 0};
    uint32_t noise = 0;
    memset(level, 0, sizeof level);
    output_s16(&output, level, level, N, 0, dithered, &meter);
    for (int i = 0; i < 2 * N; i++)
        noise += dithered[i] != 0;
    CHECK_EQ(noise, 0);
}

int main(void)
{
    RUN(test_every_16_bit_value_passes);
    RUN(test_rounding_and_limits);
    RUN(test_float_is_untouched);
    RUN(test_mono);
    RUN(test_every_level);
    RUN(test_dither_statistics);
    RUN(test_dither_does_not_depend_on_the_cut);
    RUN(test_silence_stays_silent);
    return tap_done();
}
