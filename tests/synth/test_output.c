/* SPDX-License-Identifier: MIT */
/* Conversion to the host's format: rounding, limits, fold to one channel, dither. */
#include "../tap.h"
#include "synth/output.h"

static struct output_meter meter;

static int16_t one(float value)
{
    struct output output = {2, false};
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
        struct output output = {2, false};
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
    struct output output = {2, true};
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
    struct output output = {1, false};
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

enum { N = 1 << 18 };
static float level[N];
static int16_t dithered[2 * N];

/* TPDF of two steps: the error is uncorrelated with the signal, mean 0, variance 1/12 + 2/12 = 1/4 step squared for any
 * constant input (Lipshitz, Wannamaker, Vanderkooy, 1992). */
static void test_dither_statistics(void)
{
    struct output output = {2, true};
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
    struct output output = {2, true};
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
    struct output output = {2, true};
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
    RUN(test_dither_statistics);
    RUN(test_dither_does_not_depend_on_the_cut);
    RUN(test_silence_stays_silent);
    return tap_done();
}
