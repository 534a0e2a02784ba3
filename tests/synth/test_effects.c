/* SPDX-License-Identifier: MIT */
/* Reverb and chorus, measured: decay times by backward integration (Schroeder 1965), echo density (Abel and Huang
 * 2006), the chorus's delay by a pair of sines a quarter of a turn apart. */
#include <float.h>
#include <stdlib.h>

#include "synth/effects.h"
#include "synth/kernels.h"
#include "../tap.h"

static const double pi = 3.14159265358979323846;

static void *zeroed(size_t size)
{
    size = (size + 63) / 64 * 64;
    void *memory = aligned_alloc(64, size);
    memset(memory, 0, size);
    return memory;
}

static uint32_t seed = 1;
static float noise(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(int32_t)seed / 2147483648.0f;
}

/* ---- both effects behind one face ---- */

static const struct effects_kernels *kernels; /* the best that this machine has, but where levels are compared */

struct effect {
    struct reverb *reverb;
    struct chorus *chorus;
    uint32_t place; /* of the next frame, between two cuts */
};

static struct effect new_reverb(uint32_t rate)
{
    return (struct effect){.reverb = reverb_init(zeroed(reverb_size(rate)), rate)};
}
static struct effect new_chorus(uint32_t rate)
{
    return (struct effect){.chorus = chorus_init(zeroed(chorus_size(rate)), rate)};
}
static void end(struct effect *fx)
{
    free(fx->reverb);
    free(fx->chorus);
}
static void process(struct effect *fx, const float *il, const float *ir, float *ol, float *or_, uint32_t n)
{
    if (fx->reverb)
        reverb_process(fx->reverb, kernels, il, ir, ol, or_, n, fx->place);
    else
        chorus_process(fx->chorus, kernels, il, ir, ol, or_, n, fx->place);
    fx->place = (fx->place + n) % 64;
}
static bool idle(const struct effect *fx) { return fx->reverb ? reverb_idle(fx->reverb) : chorus_idle(fx->chorus); }

/* Response of one output to an impulse into one input. Caller frees. */
static float *response(struct effect *fx, int input, int output, uint32_t frames)
{
    float *in[2], *out[2], *keep;
    for (int i = 0; i < 2; i++) {
        in[i] = calloc(frames, sizeof(float));
        out[i] = calloc(frames, sizeof(float));
    }
    in[input][0] = 1;
    process(fx, in[0], in[1], out[0], out[1], frames);
    keep = out[output];
    free(out[1 - output]);
    free(in[0]);
    free(in[1]);
    return keep;
}

/* ---- decay times ---- */

/* Two constant-peak band-passes one after the other (RBJ), Q for the width. */
static void band_pass(double *x, uint32_t frames, double centre, double rate, double q)
{
    double w = 2 * pi * centre / rate, alpha = sin(w) / (2 * q), a0 = 1 + alpha;
    for (int pass = 0; pass < 2; pass++) {
        double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
        for (uint32_t k = 0; k < frames; k++) {
            double y = (alpha * x[k] - alpha * x2 + 2 * cos(w) * y1 - (1 - alpha) * y2) / a0;
            x2 = x1;
            x1 = x[k];
            y2 = y1;
            y1 = y;
            x[k] = y;
        }
    }
}

/* Decay time to -60 dB from the line through -5 and -30 dB of the backward-integrated energy of all four responses. */
static double decay_time(uint32_t rate, float time, float ratio, float size, double centre, double q)
{
    uint32_t frames = (uint32_t)((0.3 + 0.9 * (double)time) * rate);
    double *energy = calloc(frames, sizeof *energy), *x = malloc(frames * sizeof *x);
    for (int i = 0; i < 4; i++) {
        struct effect fx = new_reverb(rate);
        reverb_set(fx.reverb, time, ratio, 1, size);
        float *h = response(&fx, i & 1, i >> 1, frames);
        for (uint32_t k = 0; k < frames; k++)
            x[k] = (double)h[k];
        band_pass(x, frames, centre, rate, q);
        for (uint32_t k = 0; k < frames; k++)
            energy[k] += x[k] * x[k];
        free(h);
        end(&fx);
    }
    for (uint32_t k = frames - 1; k > 0; k--)
        energy[k - 1] += energy[k];
    double n = 0, st = 0, sl = 0, stt = 0, stl = 0;
    for (uint32_t k = 0; k < frames; k++) {
        double level = 10 * log10(energy[k] / energy[0]), t = (double)k / rate;
        if (level > -5 || level < -30)
            continue;
        n++;
        st += t;
        sl += level;
        stt += t * t;
        stl += t * level;
    }
    free(energy);
    free(x);
    return -60 * (n * stt - st * st) / (n * stl - st * sl);
}

static void test_decay_time_in_octaves(void)
{
    static const float times[] = {0.3f, 1, 2.5f, 8};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        for (double centre = 125; centre <= 8000; centre *= 2) {
            double want = (double)times[i];
            CHECK_NEAR(decay_time(48000, times[i], 1, i & 1 ? 1.0f : 0.4f, centre, 1.0), want, 0.1 * want);
        }
    CHECK_NEAR(decay_time(22050, 1.5f, 1, 0.5f, 500, 1.0), 1.5, 0.15);
    CHECK_NEAR(decay_time(96000, 1.5f, 1, 0.5f, 500, 1.0), 1.5, 0.15);
}

static void test_shortest_decay(void)
{
    CHECK_NEAR(decay_time(48000, 0.1f, 1, 0, 1000, 1.0), 0.1, 0.04); /* a few passes only: no smooth decay to measure */
}

static void test_high_frequency_ratio(void)
{
    static const float ratios[] = {0.8f, 0.5f, 0.3f};
    for (size_t i = 0; i < 3; i++) {
        double ratio = (double)ratios[i];
        CHECK_NEAR(decay_time(48000, 2, ratios[i], 0.5f, 5000, 6.0), 2 * ratio, 0.2 * ratio);
        CHECK_NEAR(decay_time(44100, 2, ratios[i], 0.5f, 125, 1.0), 2, 0.2);
        CHECK_NEAR(decay_time(22050, 2, ratios[i], 0.5f, 250, 1.0), 2, 0.2);
    }
    CHECK(decay_time(48000, 1, 0.001f, 0.5f, 125, 1.0) > 0.85); /* the lows survive any ratio */
    CHECK(decay_time(48000, 1, 0.001f, 0.5f, 5000, 6.0) < 0.35);
}

/* ---- texture ---- */

/* Share of samples beyond one standard deviation in 20 ms, against a Gaussian's: 1 is as dense as noise. */
static double echo_density(const float *h, uint32_t from, uint32_t width)
{
    double power = 0, beyond = 0;
    for (uint32_t k = from; k < from + width; k++)
        power += (double)h[k] * (double)h[k];
    double sigma = sqrt(power / width);
    for (uint32_t k = from; k < from + width; k++)
        beyond += fabs((double)h[k]) > sigma;
    return beyond / width / 0.31731050786291415; /* erfc(1/sqrt 2) */
}

static void test_echo_density(void)
{
    for (int size = 0; size <= 2; size++) {
        struct effect fx = new_reverb(48000);
        reverb_set(fx.reverb, 2, 1, 1, (float)size / 2);
        float *h = response(&fx, 0, 0, 48000);
        uint32_t dense = 0;
        double sum = 0, least = 9, most = 0;
        for (uint32_t at = 0; at + 960 < 48000 && dense == 0; at += 240)
            if (echo_density(h, at, 960) > 0.9)
                dense = at;
        int count = 0;
        for (uint32_t at = dense + 4800; at + 960 < 48000; at += 480, count++) {
            double density = echo_density(h, at, 960);
            sum += density;
            least = fmin(least, density);
            most = fmax(most, density);
        }
        printf("# size %.1f: density 0.9 at %.0f ms, later %.2f..%.2f\n", size / 2.0, dense / 48.0, least, most);
        CHECK(dense > 0 && dense < 48000 * (60 + 60 * (uint32_t)size) / 1000);
        CHECK_NEAR(sum / count, 1, 0.05);
        CHECK(least > 0.75 && most < 1.25);
        free(h);
        end(&fx);
    }
}

/* A flutter or a ring would show as likeness of the tail to itself some milliseconds later. */
static void test_tail_has_no_pattern(void)
{
    struct effect fx = new_reverb(48000);
    reverb_set(fx.reverb, 4, 1, 1, 0.5f);
    float *h = response(&fx, 0, 0, 96000);
    double power = 0, worst = 0;
    uint32_t where = 0;
    for (uint32_t k = 24000; k < 72000; k++)
        power += (double)h[k] * (double)h[k];
    for (uint32_t lag = 48; lag < 9600; lag++) {
        double sum = 0;
        for (uint32_t k = 24000; k < 72000; k++)
            sum += (double)h[k] * (double)h[k + lag];
        if (fabs(sum) > worst) {
            worst = fabs(sum);
            where = lag;
        }
    }
    printf("# strongest likeness %.3f after %.2f ms\n", worst / power, where / 48.0);
    CHECK(worst / power < 0.2);
    free(h);
    end(&fx);
}

static void test_sides_differ(void)
{
    struct effect a = new_reverb(48000), b = new_reverb(48000);
    float *left = response(&a, 0, 0, 96000), *right = response(&b, 0, 1, 96000);
    double ll = 0, rr = 0, lr = 0;
    for (int k = 0; k < 96000; k++) {
        ll += (double)left[k] * (double)left[k];
        rr += (double)right[k] * (double)right[k];
        lr += (double)left[k] * (double)right[k];
    }
    CHECK(fabs(lr) / sqrt(ll * rr) < 0.2);
    CHECK_NEAR(10 * log10(ll / rr), 0, 1);
    free(left);
    free(right);
    end(&a);
    end(&b);
}

static void test_energy_at_gain_1(void)
{
    static const float times[] = {0.3f, 1, 3, 10};
    for (size_t i = 0; i < 4; i++) {
        uint32_t frames = (uint32_t)(times[i] * 48000) + 9600;
        struct effect fx = new_reverb(48000);
        reverb_set(fx.reverb, times[i], 1, 1, 0.5f);
        float *h = response(&fx, (int)i & 1, 0, frames);
        double energy = 0;
        for (uint32_t k = 0; k < frames; k++)
            energy += (double)h[k] * (double)h[k];
        CHECK_NEAR(10 * log10(energy), 0, 1);
        free(h);
        end(&fx);
    }
}

/* ---- safety ---- */

static double peak(const float *x, uint32_t n)
{
    double most = 0;
    for (uint32_t k = 0; k < n; k++)
        most = x[k] == x[k] ? fmax(most, fabs((double)x[k])) : INFINITY;
    return most;
}

/* A minute of full-scale noise with offset, at the longest time: the level stays where the gain puts it. */
static void check_minute(struct effect fx, double limit)
{
    static float in[2][480], out[2][480];
    double most = 0;
    for (int n = 0; n < 6000; n++) {
        for (int k = 0; k < 480; k++) {
            in[0][k] = 0.5f + 0.5f * noise();
            in[1][k] = noise();
            out[0][k] = out[1][k] = 0;
        }
        process(&fx, in[0], in[1], out[0], out[1], 480);
        most = fmax(most, fmax(peak(out[0], 480), peak(out[1], 480)));
    }
    CHECK(most > 0.3 && most < limit);
    end(&fx);
}

static void test_a_minute_of_noise(void)
{
    struct effect reverb = new_reverb(48000), chorus = new_chorus(48000);
    reverb_set(reverb.reverb, 10, 1, 1, 0.5f);
    chorus_set(chorus.chorus, 0.5f, 5, 0.95f, 1);
    check_minute(reverb, 20);
    check_minute(chorus, 40); /* 1 / (1 - 0.95), and the interpolation's overshoot */
}

static void test_numbers_that_are_none(void)
{
    for (int i = 0; i < 2; i++) {
        struct effect fx = i ? new_chorus(48000) : new_reverb(48000);
        float in[4][1000] = {{0}}, out[2][1000] = {{0}};
        if (i)
            chorus_set(fx.chorus, NAN, NAN, NAN, 1);
        else
            reverb_set(fx.reverb, NAN, NAN, 1, NAN);
        in[0][0] = 1;
        in[0][10] = NAN;
        in[1][11] = INFINITY;
        in[1][12] = -FLT_MAX;
        in[0][13] = FLT_MIN / 4;
        process(&fx, in[0], in[1], out[0], out[1], 1000);
        for (int n = 0; n < 50; n++)
            process(&fx, in[2], in[3], out[0], out[1], 1000);
        CHECK(peak(out[0], 1000) < 100 && peak(out[1], 1000) < 100);
        end(&fx);
    }
}

/* Through a sparse attack and a fast tail no number in the lines becomes denormal, whatever the processor's flags. */
static void test_no_denormals(void)
{
    size_t size = reverb_size(48000);
    struct effect fx = new_reverb(48000);
    float in[2][480] = {{0}}, out[2][480];
    long denormal = 0;
    reverb_set(fx.reverb, 0.1f, 0.1f, 1, 0.5f);
    in[0][5] = 1e-3f;
    for (int n = 0; n < 100 && (n == 0 || !idle(&fx)); n++) {
        process(&fx, in[0], in[1], out[0], out[1], 480);
        in[0][5] = 0;
        const float *memory = (const float *)fx.reverb;
        for (size_t k = 4096 / sizeof *memory; k < size / sizeof *memory; k++) /* behind the struct: the lines */
            denormal += memory[k] != 0 && fabs((double)memory[k]) < (double)FLT_MIN;
    }
    CHECK_EQ(denormal, 0);
    CHECK(idle(&fx));
    end(&fx);
}

/* ---- sleep ---- */

static void check_sleep(struct effect fx, double soonest_s, double latest_s)
{
    static float in[2][480], out[2][480];
    CHECK(idle(&fx));
    memset(in, 0, sizeof in);
    process(&fx, in[0], in[1], out[0], out[1], 480);
    CHECK(idle(&fx));
    in[1][100] = 0.5f;
    double asleep = -1, last = 1;
    for (int n = 0; n < (int)(latest_s * 100) + 100; n++) {
        memset(out, 0, sizeof out);
        process(&fx, in[0], in[1], out[0], out[1], 480);
        in[1][100] = 0;
        if (asleep < 0 && idle(&fx))
            asleep = (n + 1) * 0.01;
        else if (asleep < 0)
            last = fmax(peak(out[0], 480), peak(out[1], 480));
        else
            CHECK(peak(out[0], 480) == 0 && peak(out[1], 480) == 0);
    }
    CHECK(asleep > soonest_s && asleep < latest_s);
    CHECK(last < 1e-5);
    end(&fx);
}

static void test_sleeps_after_the_tail(void)
{
    struct effect reverb = new_reverb(48000), chorus = new_chorus(48000);
    reverb_set(reverb.reverb, 1, 1, 1, 0.5f);
    chorus_set(chorus.chorus, 1, 10, 0.5f, 1);
    check_sleep(reverb, 1.0, 2.5);
    check_sleep(chorus, 0.02, 1.0);
}

static void test_clear_ends_the_tail(void)
{
    for (int i = 0; i < 2; i++) {
        struct effect fx = i ? new_chorus(48000) : new_reverb(48000);
        struct effect fresh = i ? new_chorus(48000) : new_reverb(48000);
        static float in[2][5000], a[2][5000], b[2][5000];
        memset(a, 0, sizeof a);
        memset(b, 0, sizeof b);
        for (int k = 0; k < 5000; k++)
            in[0][k] = in[1][k] = noise();
        process(&fx, in[0], in[1], a[0], a[1], 5000);
        if (i)
            chorus_clear(fx.chorus);
        else
            reverb_clear(fx.reverb);
        CHECK(idle(&fx));
        memset(a, 0, sizeof a);
        process(&fx, in[0], in[1], a[0], a[1], 5000);
        process(&fresh, in[0], in[1], b[0], b[1], 5000);
        CHECK(memcmp(a, b, sizeof a) == 0); /* nothing is left of what was before */
        end(&fx);
        end(&fresh);
    }
}

/* ---- cuts ---- */

enum { CUT_FRAMES = 150000 };

/* Sound, silence long enough to sleep, sound again; settings change on the way. SKIP: process is not called while idle
 * and nothing comes in. The caller's places are another number of frames away from the effect's blocks with every cut. */
static void run_cut(bool chorus, uint32_t cut, bool skip, float out[2][CUT_FRAMES])
{
    static float in[2][CUT_FRAMES];
    struct effect fx = chorus ? new_chorus(44100) : new_reverb(44100);
    fx.place = cut % 64;
    seed = 99;
    for (int k = 0; k < CUT_FRAMES; k++) {
        bool sound = k < 30000 || (k > 120011 && k < 125000);
        in[0][k] = sound ? noise() : 0;
        in[1][k] = sound ? 0.3f * noise() : 0;
    }
    memset(out, 0, sizeof(float[2][CUT_FRAMES]));
    if (chorus)
        chorus_set(fx.chorus, 3, 5, 0.4f, 1);
    else
        reverb_set(fx.reverb, 0.2f, 0.7f, 1, 0.5f);
    for (uint32_t at = 0; at < CUT_FRAMES;) {
        uint32_t next = at < 10007 ? 10007 : at < 12345 ? 12345 : at < 120500 ? 120500 : CUT_FRAMES;
        uint32_t n = next - at < cut ? next - at : cut;
        if (at == 10007 || at == 120500) {
            if (chorus)
                chorus_set(fx.chorus, 7, 15, -0.3f, 0.7f);
            else
                reverb_set(fx.reverb, 0.3f, 0.3f, 0.5f, 0.9f);
        }
        if (at == 12345 && !chorus)
            reverb_set(fx.reverb, 0.2f, 1, 1, 0.1f);
        bool quiet = at > 30000 && at + n <= 120011;
        if (!(skip && quiet && idle(&fx)))
            process(&fx, in[0] + at, in[1] + at, out[0] + at, out[1] + at, n);
        else
            fx.place = (fx.place + n) % 64;
        at += n;
    }
    end(&fx);
}

static void test_cuts_do_not_matter(void)
{
    static float whole[2][CUT_FRAMES], other[2][CUT_FRAMES];
    static const uint32_t cuts[] = {1, 7, 64, 441, 4096};
    for (int chorus = 0; chorus < 2; chorus++) {
        run_cut(chorus, CUT_FRAMES, false, whole);
        CHECK(peak(whole[0] + 120000, 30000) > 0.01);
        CHECK(peak(whole[0] + 115000, 5000) == 0);
        for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
            run_cut(chorus, cuts[i], i & 1, other);
            CHECK(memcmp(whole, other, sizeof whole) == 0);
        }
    }
}

/* ---- levels ---- */

enum { FAST_FRAMES = 20000 };

/* The delay passes several frames within a frame; and input that the gate has to tell apart. At PLACE 0, the effect's blocks are
 * the caller's. */
static void run_fast(bool chorus, uint32_t rate, uint32_t cut, uint32_t place, float out[2][FAST_FRAMES])
{
    static const float odd[] = {NAN, INFINITY, -INFINITY, 1e-7f, 9.9e-8f, -1.1e-7f, 1e6f, 1.1e6f, -0.0f, FLT_MIN / 2, FLT_MAX};
    static float in[2][FAST_FRAMES];
    struct effect fx = chorus ? new_chorus(rate) : new_reverb(rate);
    fx.place = place;
    seed = 7;
    for (int k = 0; k < FAST_FRAMES; k++) {
        in[0][k] = k % 13 ? noise() : odd[(size_t)k / 13 % (sizeof odd / sizeof *odd)];
        in[1][k] = k % 1000 < 100 ? noise() : 0;
    }
    memset(out, 0, sizeof(float[2][FAST_FRAMES]));
    if (chorus)
        chorus_set(fx.chorus, 20, 40, 0.9f, 1);
    else
        reverb_set(fx.reverb, 2, 0.5f, 1, 0.5f);
    for (uint32_t at = 0; at < FAST_FRAMES; at += cut)
        process(&fx, in[0] + at, in[1] + at, out[0] + at, out[1] + at, FAST_FRAMES - at < cut ? FAST_FRAMES - at : cut);
    end(&fx);
}

static void compare_level(bool chorus, const struct effects_kernels *level)
{
    static float c_cut[2][CUT_FRAMES], cut[2][CUT_FRAMES], c_fast[2][FAST_FRAMES], fast[2][FAST_FRAMES];
    static const uint32_t cuts[] = {CUT_FRAMES, 1, 13, 64, 97}, rates[] = {4000, 44100, 192000};
    kernels = &effects_c;
    run_cut(chorus, CUT_FRAMES, false, c_cut);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        kernels = level;
        run_cut(chorus, cuts[i], i & 1, cut);
        CHECK(memcmp(c_cut, cut, sizeof cut) == 0);
    }
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        kernels = &effects_c;
        run_fast(chorus, rates[i], 64, 0, c_fast);
        kernels = level;
        run_fast(chorus, rates[i], i ? 64 : 29, 21 * (uint32_t)i, fast);
        CHECK(memcmp(c_fast, fast, sizeof fast) == 0);
        CHECK(peak(fast[0], FAST_FRAMES) > 0.05 && peak(fast[0], FAST_FRAMES) < 100);
    }
}

static void test_every_level(void)
{
    const struct effects_kernels *best = kernels;
    const struct kernels *k;
    for (unsigned i = 0; (k = kernels_at(i)) != NULL; i++) {
        if (k->cpu & ~cpu_features()) {
            printf("# %s: not on this machine\n", k->name);
            continue;
        }
        compare_level(false, k->effects);
        compare_level(true, k->effects);
    }
    kernels = best;
}

/* New settings while a low tone sounds: what comes out above 4 kHz is what a click would be. */
static void check_no_click(bool chorus)
{
    static float in[48000], out[2][48000];
    static double high[48000];
    struct effect fx = chorus ? new_chorus(48000) : new_reverb(48000);
    if (chorus)
        chorus_set(fx.chorus, 0.5f, 2, 0.5f, 1);
    else
        reverb_set(fx.reverb, 2, 1, 1, 0.2f);
    memset(out, 0, sizeof out);
    for (int k = 0; k < 48000; k++)
        in[k] = (float)(fmin(1, k / 4800.0) * sin(2 * pi * 100 * k / 48000.0));
    for (uint32_t at = 0; at < 48000; at += 480) {
        if (at == 24000 && chorus)
            chorus_set(fx.chorus, 2, 6, -0.5f, 0.3f);
        else if (at == 24000)
            reverb_set(fx.reverb, 0.5f, 0.3f, 0.3f, 0.9f);
        process(&fx, in + at, in + at, out[0] + at, out[1] + at, 480);
    }
    for (int k = 0; k < 48000; k++)
        high[k] = (double)out[0][k];
    band_pass(high, 48000, 6000, 48000, 0.7);
    double click = 0;
    for (int k = 24000; k < 48000; k++)
        click = fmax(click, fabs(high[k]));
    printf("# %s: click %.1f dB\n", chorus ? "chorus" : "reverb", 20 * log10(click / peak(out[0], 48000)));
    CHECK(click < 1e-3 * peak(out[0], 48000));
    end(&fx);
}

static void test_settings_glide(void)
{
    check_no_click(false);
    check_no_click(true);
}

/* ---- chorus ---- */

enum { TRACK = 96000 };

/* The delay over time: the effect is linear, so a cosine and a sine through two equal instances give the rotating
 * vector e^(i w (t - d(t))). */
static void delay_track(float rate_hz, float depth_ms, int side, double delay_ms[TRACK], double level[TRACK])
{
    static float in[2][TRACK], out[2][2][TRACK];
    const double tone = 250;
    memset(out, 0, sizeof out);
    for (int i = 0; i < 2; i++) {
        struct effect fx = new_chorus(48000);
        chorus_set(fx.chorus, rate_hz, depth_ms, 0, 1);
        for (int k = 0; k < TRACK; k++)
            in[i][k] = (float)cos(2 * pi * (tone * k / 48000.0 - 0.25 * i));
        process(&fx, in[i], in[i], out[i][0], out[i][1], TRACK);
        end(&fx);
    }
    double turns = 0, before = 0;
    for (int k = 0; k < TRACK; k++) {
        double re = (double)out[0][side][k], im = (double)out[1][side][k];
        double now = k / 48000.0 * tone - atan2(im, re) / (2 * pi);
        now -= floor(now);
        if (k > 0)
            turns += now - before > 0.5 ? -1 : now - before < -0.5 ? 1 : 0;
        before = now;
        delay_ms[k] = (now + turns) / tone * 1000;
        level[k] = hypot(re, im);
    }
}

/* Offset, amplitude and phase of the sine of RATE in the track, by projection over whole periods. */
static void sine_fit(const double *x, int from, int count, double rate, double *offset, double *amplitude, double *phase)
{
    double mean = 0, re = 0, im = 0;
    for (int k = from; k < from + count; k++) {
        double angle = 2 * pi * rate * k / 48000.0;
        mean += x[k];
        re += x[k] * cos(angle);
        im += x[k] * sin(angle);
    }
    *offset = mean / count;
    *amplitude = 2 * hypot(re, im) / count;
    *phase = atan2(re, im) / (2 * pi);
}

static void test_chorus_rate_and_depth(void)
{
    static const struct {
        float rate, depth;
    } runs[] = {{1, 1.9f}, {2, 6.3f}, {5, 3}};
    static double delay[2][TRACK], level[TRACK];
    for (size_t i = 0; i < 3; i++) {
        double offset, amplitude, phase[2];
        for (int side = 0; side < 2; side++) {
            delay_track(runs[i].rate, runs[i].depth, side, delay[side], level);
            sine_fit(delay[side], 24000, 48000, (double)runs[i].rate, &offset, &amplitude, &phase[side]);
            CHECK_NEAR(amplitude * 2, (double)runs[i].depth, 0.01 * (double)runs[i].depth);
            double phase_less = offset - floor((offset - 1) / 4) * 4; /* a tone of 250 Hz cannot tell 4 ms apart */
            double want = 1.5 + (double)runs[i].depth / 2;
            CHECK_NEAR(phase_less, want - floor((want - 1) / 4) * 4, 0.02);
            double rest = 0;
            for (int k = 24000; k < 72000; k++) {
                double model = offset + amplitude * sin(2 * pi * ((double)runs[i].rate * k / 48000.0 + phase[side]));
                rest = fmax(rest, fabs(delay[side][k] - model));
            }
            CHECK(rest < 0.01 * (double)runs[i].depth); /* that rate, and nothing but a sine */
            CHECK_NEAR(level[40000], 1, 1e-3);
        }
        double ahead = phase[1] - phase[0];
        CHECK_NEAR(ahead - floor(ahead), 0.25, 0.002);
    }
}

static void test_chorus_feedback(void)
{
    struct effect fx = new_chorus(48000);
    chorus_set(fx.chorus, 0, 2, -0.6f, 0.5f);
    float *h = response(&fx, 0, 0, 4800); /* still: 1.5 ms + 1 ms = 120 frames */
    CHECK_NEAR(h[120], 0.5, 1e-6);
    CHECK_NEAR(h[240], 0.5 * -0.6, 1e-6);
    CHECK_NEAR(h[360], 0.5 * 0.36, 1e-6);
    CHECK_NEAR(h[119] + h[121] + h[0], 0, 1e-6);
    free(h);
    end(&fx);
}

/* The guard behind the memory, at rates where every rounding is another: for the address sanitizer above all. */
static void test_every_rate(void)
{
    static const uint32_t rates[] = {4000, 8000, 11025, 22050, 32000, 44100, 48000, 88200, 96000, 192000};
    static float in[2][30000], out[2][30000];
    for (int k = 0; k < 30000; k++)
        in[0][k] = in[1][k] = noise();
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
        for (int i = 0; i < 2; i++) {
            size_t size = i ? chorus_size(rates[r]) : reverb_size(rates[r]), room = (size + 64 + 63) / 64 * 64;
            unsigned char *memory = aligned_alloc(64, room);
            memset(memory, 0, size);
            memset(memory + size, 0x5A, room - size);
            struct effect fx = {0};
            if (i) {
                fx.chorus = chorus_init(memory, rates[r]);
                chorus_set(fx.chorus, 20, 40, 0.9f, 1);
            } else {
                fx.reverb = reverb_init(memory, rates[r]);
                reverb_set(fx.reverb, 3, 0.5f, 1, 1);
            }
            memset(out, 0, sizeof out);
            process(&fx, in[0], in[1], out[0], out[1], 30000);
            CHECK(peak(out[0], 30000) > 0.1 && peak(out[0], 30000) < 40);
            int touched = 0;
            for (size_t k = size; k < room; k++)
                touched += memory[k] != 0x5A;
            CHECK_EQ(touched, 0);
            end(&fx);
        }
}

int main(void)
{
    kernels = kernels_for(cpu_features())->effects;
    RUN(test_decay_time_in_octaves);
    RUN(test_shortest_decay);
    RUN(test_high_frequency_ratio);
    RUN(test_echo_density);
    RUN(test_tail_has_no_pattern);
    RUN(test_sides_differ);
    RUN(test_energy_at_gain_1);
    RUN(test_a_minute_of_noise);
    RUN(test_numbers_that_are_none);
    RUN(test_no_denormals);
    RUN(test_sleeps_after_the_tail);
    RUN(test_clear_ends_the_tail);
    RUN(test_cuts_do_not_matter);
    RUN(test_every_level);
    RUN(test_settings_glide);
    RUN(test_chorus_rate_and_depth);
    RUN(test_chorus_feedback);
    RUN(test_every_rate);
    return tap_done();
}
