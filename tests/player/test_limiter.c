/* SPDX-License-Identifier: MIT */
/* test_limiter.c - the ceiling holds, quiet sound passes untouched, nothing depends on how the frames are cut. */
#include <stdlib.h>

#include "base/alloc.h"
#include "player/limiter.h"
#include "tap.h"

#define RATE 48000
#define FRAMES 96000

static float in[2 * FRAMES], out[2 * FRAMES], again[2 * FRAMES];

/* Bursts of a loud sine over a quiet one; the right channel is the left at a half. */
static void make_bursts(double loud)
{
    for (int i = 0; i < FRAMES; i++) {
        double burst = i / 4800 % 5 == 2 ? loud : 0.2;
        in[2 * i] = (float)(burst * sin(i * 0.13));
        in[2 * i + 1] = in[2 * i] * 0.5f;
    }
}

static size_t run(const size_t *cuts, size_t cut_count, float *to)
{
    struct limiter *l = limiter_create(2, RATE);
    size_t done = 0, given = 0, n;
    CHECK(l != NULL);
    for (size_t k = 0; l && done < FRAMES; k++) {
        n = cuts[k % cut_count] < FRAMES - done ? cuts[k % cut_count] : FRAMES - done;
        given += limiter_process(l, in + 2 * done, n, to + 2 * given);
        done += n;
    }
    while (l && (n = limiter_drain(l, to + 2 * given, 100)) > 0)
        given += n;
    limiter_free(l);
    return given;
}

static void test_ceiling(void)
{
    size_t whole = FRAMES;
    float peak = 0;
    make_bursts(4.0);
    CHECK_EQ(run(&whole, 1, out), FRAMES);
    for (int i = 0; i < 2 * FRAMES; i++)
        peak = fabsf(out[i]) > peak ? fabsf(out[i]) : peak;
    CHECK(peak <= LIMITER_CEILING + 1e-6f);
    CHECK(peak > 0.95f); /* and no more than needed */
}

static void test_quiet_passes(void)
{
    size_t whole = FRAMES;
    make_bursts(0.98);
    CHECK_EQ(run(&whole, 1, out), FRAMES);
    CHECK(memcmp(in, out, sizeof in) == 0); /* in place, too: the look-ahead is made good */
}

static void test_channels_share_the_gain(void)
{
    size_t whole = FRAMES;
    int wrong = 0;
    make_bursts(4.0);
    run(&whole, 1, out);
    for (int i = 0; i < FRAMES; i++)
        wrong += fabsf(out[2 * i + 1] - 0.5f * out[2 * i]) > 1e-6f;
    CHECK_EQ(wrong, 0);
}

/* The gain moves by at most what a ramp over the look-ahead asks for: from 1 to 0.988/4 in 241 frames. */
static void test_gain_is_smooth(void)
{
    size_t whole = FRAMES;
    double steepest = 0, before = 1;
    make_bursts(4.0);
    run(&whole, 1, out);
    for (int i = 0; i < FRAMES; i++)
        if (fabsf(in[2 * i]) > 0.05f) {
            double gain = out[2 * i] / in[2 * i];
            steepest = fmax(steepest, fabs(gain - before));
            before = gain;
        } else {
            before = in[2 * i] != 0 ? (double)(out[2 * i] / in[2 * i]) : before;
        }
    CHECK(steepest < 1.5 * (1 - 0.988 / 4) / 241);
}

static void test_release(void)
{
    size_t whole = FRAMES;
    make_bursts(4.0);
    run(&whole, 1, out);
    int end = 3 * 4800, later = end + 9600; /* of the first burst, and two time constants on */
    int at = later;
    while (fabsf(in[2 * at]) < 0.1f)
        at++;
    double gain = out[2 * at] / in[2 * at], start = 0.988 / 4;
    CHECK_NEAR(gain, 1 - (1 - start) * exp(-(at - end) / (LIMITER_RELEASE * RATE)), 0.05);
}

static void test_cuts(void)
{
    static const size_t cuts[][3] = {{1, 1, 1}, {7, 64, 441}, {4096, 3, 100}};
    size_t whole = FRAMES;
    make_bursts(4.0);
    run(&whole, 1, out);
    for (int k = 0; k < 3; k++) {
        CHECK_EQ(run(cuts[k], 3, again), FRAMES);
        CHECK(memcmp(out, again, sizeof out) == 0);
    }
}

static void test_short_sound(void)
{
    struct limiter *l = limiter_create(1, RATE);
    float three[3] = {2, -2, 0.5f}, got[8];
    CHECK_EQ(limiter_process(l, three, 3, got), 0);
    CHECK_EQ(limiter_drain(l, got, 8), 3);
    CHECK(fabsf(got[0]) <= LIMITER_CEILING && fabsf(got[1]) <= LIMITER_CEILING);
    CHECK_EQ(limiter_drain(l, got, 8), 0);
    limiter_free(l);
    limiter_free(NULL);
}

static void test_no_memory(void)
{
    for (long n = 1; n <= 4; n++) {
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        CHECK(limiter_create(2, RATE) == NULL);
        dm_alloc_fail_at(0, false);
        CHECK_EQ(dm_alloc_live(), live);
    }
}

int main(void)
{
    RUN(test_ceiling);
    RUN(test_quiet_passes);
    RUN(test_channels_share_the_gain);
    RUN(test_gain_is_smooth);
    RUN(test_release);
    RUN(test_cuts);
    RUN(test_short_sound);
    RUN(test_no_memory);
    return tap_done();
}
